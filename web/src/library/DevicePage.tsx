import { Button, TextInput } from '@mantine/core'
import { IconCircleCheck, IconDevices } from '@tabler/icons-react'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import { EmptyState, Loaded, Page } from '~/kit/parts'
import { useSearch } from '~/kit/useSearch'
import css from './library.module.css'

function Code({ onCode }: { onCode: (code: string) => void }) {
  const { t } = useTranslation()
  const [code, setCode] = useState('')
  return (
    <form
      className={css.row}
      style={{ alignItems: 'end' }}
      onSubmit={(event) => {
        event.preventDefault()
        onCode(code.trim().toUpperCase())
      }}
    >
      <TextInput
        label={t('library.device.code')}
        placeholder="XXXX-XXXX"
        autoComplete="one-time-code"
        maxLength={20}
        value={code}
        onChange={(event) => setCode(event.currentTarget.value)}
      />
      <Button type="submit" disabled={!code.trim()}>
        {t('library.device.look')}
      </Button>
    </form>
  )
}

function Answer({ code, client, onAnswered }: { code: string; client: string; onAnswered: (allowed: boolean) => void }) {
  const { t } = useTranslation()
  const answer = useMutation({
    mutationFn: async (allow: boolean) => {
      const body = { userCode: code }
      await must(allow ? api.POST('/api/auth/device/approve', { body }) : api.POST('/api/auth/device/deny', { body }))
      return allow
    },
    onSuccess: onAnswered,
  })
  return (
    <EmptyState
      icon={IconDevices}
      title={t('library.device.ask', { client })}
      action={
        <div className={css.row}>
          <Button loading={answer.isPending} onClick={() => answer.mutate(true)}>
            {t('library.device.allow')}
          </Button>
          <Button variant="default" disabled={answer.isPending} onClick={() => answer.mutate(false)}>
            {t('library.device.deny')}
          </Button>
        </div>
      }
    >
      {t('library.device.about', { code })}
    </EmptyState>
  )
}

/** Lets a television in that shows a code. The address it shows leads here, with or without the code. */
export default function DevicePage() {
  const { t } = useTranslation()
  const [{ user_code: code = '' }, change] = useSearch()
  const [allowed, setAllowed] = useState<boolean | null>(null)
  const query = useQuery({
    queryKey: ['library', 'device', code],
    queryFn: ({ signal }) => must(api.GET('/api/auth/device', { params: { query: { user_code: code } }, signal })),
    enabled: code !== '' && allowed === null,
    retry: false,
  })
  const again = (user_code: string) => {
    setAllowed(null)
    change({ user_code })
  }
  if (allowed !== null)
    return (
      <Page title={t('library.device')}>
        <EmptyState
          icon={IconCircleCheck}
          title={t(allowed ? 'library.device.allowed' : 'library.device.denied')}
          action={
            <Button variant="default" onClick={() => again('')}>
              {t('library.device.another')}
            </Button>
          }
        />
      </Page>
    )
  return (
    <Page title={t('library.device')}>
      <Code onCode={again} />
      {code && <Loaded query={query}>{({ client }) => <Answer code={code} client={client} onAnswered={setAllowed} />}</Loaded>}
    </Page>
  )
}
