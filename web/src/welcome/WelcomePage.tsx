import { Stepper } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { IconConfetti } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import { LinkButton } from '~/kit/go'
import { useHouse } from '~/kit/house'
import type { WelcomeStep } from '~/kit/module'
import { PartOf } from '~/kit/PartOf'
import { Card, EmptyState, Loaded, Page } from '~/kit/parts'
import { toast } from '~/kit/toast'

const KEY = ['core', 'first-run']

/** The first run after the owner exists: the steps that the modules bring, where the person left off. */
export default function WelcomePage() {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const narrow = useMediaQuery('(max-width: 48em)')
  const steps = useHouse()
    .flatMap((one) => one.welcome ?? [])
    .sort((a, b) => a.order - b.order)
  const [chosen, choose] = useState<number | null>(null)
  const query = useQuery({ queryKey: KEY, queryFn: () => must(api.GET('/polycast/v1/first-run')) })
  const mark = useMutation({
    mutationFn: ({ name, state }: { name: string; state: 'done' | 'skipped' }) =>
      must(api.POST('/polycast/v1/first-run/steps/{name}', { params: { path: { name } }, body: { state } })),
    onSuccess: (now) => cache.setQueryData(KEY, now),
    onError: (error) => toast.failed(t('common.failed'), error),
  })
  return (
    <Page title={t('welcome.title')} about={t('welcome.about')}>
      <Loaded query={query}>
        {(run) => {
          const isOpen = (step: WelcomeStep) => run.steps.find((one) => one.name === step.name)?.state === 'open'
          const first = steps.findIndex(isOpen)
          const at = chosen ?? (first < 0 ? steps.length : first)
          const step = steps[at]
          const next = (state: 'done' | 'skipped') => {
            if (step) mark.mutate({ name: step.name, state })
            choose(at + 1)
          }
          return (
            <div style={{ width: '100%', maxWidth: 860, marginInline: 'auto', display: 'grid', gap: 24 }}>
              <Stepper
                active={at + 1}
                onStepClick={(index) => index > 0 && choose(index - 1)}
                size="sm"
                iconSize={narrow ? 32 : undefined}
              >
                <Stepper.Step
                  label={narrow ? undefined : t('welcome.owner')}
                  aria-label={narrow ? `1 ${t('welcome.owner')}` : undefined}
                  allowStepClick={false}
                />
                {steps.map((one, index) => (
                  <Stepper.Step
                    key={one.name}
                    label={narrow ? undefined : t(one.title)}
                    aria-label={narrow ? `${index + 2} ${t(one.title)}` : undefined}
                    allowStepSelect
                  />
                ))}
              </Stepper>
              <Card>
                {step ? (
                  <PartOf key={step.name} part={step.step} props={{ next }} />
                ) : (
                  <EmptyState
                    icon={IconConfetti}
                    title={t('welcome.done')}
                    action={<LinkButton to="/">{t('welcome.home')}</LinkButton>}
                  >
                    {t('welcome.done.about')}
                  </EmptyState>
                )}
              </Card>
            </div>
          )
        }}
      </Loaded>
    </Page>
  )
}
