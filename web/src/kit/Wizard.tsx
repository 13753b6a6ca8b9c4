import { Button, Group, Stepper } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { type FormEvent, type ReactNode, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Card, ReasonText } from './parts'

export interface WizardStep {
  title: string
  body: ReactNode
  canGoOn?: boolean // false while something is missing
  optional?: boolean
  /** Runs on "Continue"; a failure stays on the step, with its reason and all that was typed. */
  leave?: () => Promise<unknown>
}

/** Some steps to one end; what was typed in a step stays while one goes back and forth (keep it above the wizard). */
export function Wizard({ steps, done, finish }: { steps: readonly WizardStep[]; done: () => void; finish: string }) {
  const { t } = useTranslation()
  const narrow = useMediaQuery('(max-width: 48em)')
  const [at, setAt] = useState(0)
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>(null)
  const step = steps[at]
  const isLast = at === steps.length - 1
  const go = (to: number) => {
    setError(null)
    setAt(to)
  }
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (busy || step?.canGoOn === false) return
    setBusy(true)
    setError(null)
    try {
      await step?.leave?.()
      if (isLast) done()
      else go(at + 1)
    } catch (failure) {
      setError(failure)
    } finally {
      setBusy(false)
    }
  }
  return (
    <form onSubmit={(event) => void submit(event)} style={{ display: 'grid', gap: 20, width: '100%', maxWidth: 860 }}>
      <Stepper active={at} onStepClick={(index) => index < at && go(index)} size="sm" iconSize={narrow ? 32 : undefined}>
        {steps.map((one, index) => (
          <Stepper.Step
            key={one.title}
            label={narrow ? undefined : one.title}
            aria-label={narrow ? `${index + 1} ${one.title}` : undefined}
            allowStepSelect={false}
          />
        ))}
      </Stepper>
      <Card title={step?.title}>
        {step?.body}
        {error !== null && (
          <div style={{ marginTop: 16 }}>
            <ReasonText error={error} />
          </div>
        )}
      </Card>
      <Group justify="space-between">
        <Button variant="default" disabled={at === 0 || busy} onClick={() => go(at - 1)}>
          {t('wizard.back')}
        </Button>
        <Group>
          {step?.optional && !isLast && (
            <Button variant="subtle" color="gray" disabled={busy} onClick={() => go(at + 1)}>
              {t('common.skip')}
            </Button>
          )}
          <Button type="submit" loading={busy} disabled={step?.canGoOn === false}>
            {isLast ? finish : t('common.continue')}
          </Button>
        </Group>
      </Group>
    </form>
  )
}
