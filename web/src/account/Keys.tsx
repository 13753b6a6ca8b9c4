import { Button, Checkbox, Code, Modal, Stack, TextInput } from '@mantine/core'
import { IconKey, IconPlus } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import type { Sent } from '~/api/shapes'
import { useConfirmDanger } from '~/kit/confirm'
import { clip } from '~/kit/format'
import { Card, EmptyState, Loaded, ReasonText, TimeAgo } from '~/kit/parts'
import { Secret } from '~/kit/Secret'
import { useSession } from '~/kit/session'
import { toast } from '~/kit/toast'
import css from './account.module.css'

const KEY = ['core', 'me', 'keys']

function NewKey({ onMade, onClose }: { onMade: (secret: string) => void; onClose: () => void }) {
  const { t } = useTranslation()
  const { me } = useSession()
  const [name, setName] = useState('')
  const [scopes, setScopes] = useState<string[]>(me.scopes.filter((one) => one.endsWith(':read')))
  const make = useMutation({
    mutationFn: () =>
      must(
        api.POST('/polycast/v1/me/keys', {
          body: { name, scopes: scopes as Sent<'/polycast/v1/me/keys', 'post'>['scopes'], ends_at: null },
        }),
      ),
    onSuccess: (made) => onMade(made.secret),
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    make.mutate()
  }
  return (
    <Modal opened onClose={onClose} title={t('keys.new')} closeButtonProps={{ 'aria-label': t('common.close') }}>
      <form onSubmit={submit}>
        <Stack>
          <TextInput
            label={t('common.name')}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            required
            maxLength={100}
            data-autofocus
          />
          <Checkbox.Group label={t('keys.scopes')} value={scopes} onChange={setScopes}>
            <div className={css.scopes}>
              {me.scopes.map((scope) => (
                <Checkbox key={scope} value={scope} label={scope} />
              ))}
            </div>
          </Checkbox.Group>
          {make.error && <ReasonText error={make.error} />}
          <Button type="submit" loading={make.isPending} disabled={scopes.length === 0}>
            {t('keys.new')}
          </Button>
        </Stack>
      </form>
    </Modal>
  )
}

export function Keys() {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const confirm = useConfirmDanger()
  const [open, setOpen] = useState(false)
  const [secret, setSecret] = useState('')
  const query = useQuery({ queryKey: KEY, queryFn: () => must(api.GET('/polycast/v1/me/keys')) })
  const again = () => cache.invalidateQueries({ queryKey: KEY })
  const revoke = useMutation({
    mutationFn: (id: number) => must(api.DELETE('/polycast/v1/me/keys/{id}', { params: { path: { id } } })),
    onSuccess: again,
    onError: (error) => toast.failed(t('common.failed'), error),
  })
  const add = (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setOpen(true)}>
      {t('keys.new')}
    </Button>
  )
  return (
    <Card title={t('keys.api.about')} actions={query.data?.items.length ? add : undefined}>
      {open && (
        <NewKey
          onClose={() => setOpen(false)}
          onMade={(made) => {
            setOpen(false)
            setSecret(made)
            void again()
          }}
        />
      )}
      {secret && <Secret title={t('keys.made')} about={t('keys.made.about')} secret={secret} onClose={() => setSecret('')} />}
      <Loaded query={query}>
        {(data) =>
          data.items.length === 0 ? (
            <EmptyState icon={IconKey} title={t('keys.none')} action={add}>
              {t('keys.none.about')}
            </EmptyState>
          ) : (
            data.items.map((one) => (
              <div key={one.id} className={css.line}>
                <div>
                  <b>{clip(one.name, 120)}</b> <Code>{one.prefix}…</Code>
                  <div className={css.dim}>
                    {one.scopes.join(', ')} ·{' '}
                    {one.last_used_at ? <TimeAgo at={one.last_used_at} prefix={t('used.at')} /> : t('used.never')}
                  </div>
                </div>
                <Button
                  size="compact-sm"
                  variant="default"
                  aria-label={`${t('keys.revoke')}: ${one.name}`}
                  onClick={() =>
                    confirm({
                      title: t('keys.revoke'),
                      what: t('keys.revoke.what', { name: clip(one.name, 80) }),
                      action: t('keys.revoke'),
                      run: () => revoke.mutate(one.id),
                    })
                  }
                >
                  {t('keys.revoke')}
                </Button>
              </div>
            ))
          )
        }
      </Loaded>
    </Card>
  )
}
