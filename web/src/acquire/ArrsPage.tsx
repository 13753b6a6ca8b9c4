import { Button, PasswordInput, TextInput } from '@mantine/core'
import { IconPlugConnected } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import { useConfirmDanger } from '~/kit/confirm'
import { Card, Dot, EmptyState, Loaded, ReasonText } from '~/kit/parts'
import { useSession } from '~/kit/session'
import { toast } from '~/kit/toast'
import { AcquirePage } from './AcquirePage'
import css from './acquire.module.css'
import { ARRS, type ArrRow } from './shapes'

function ArrCard({ row }: { row: ArrRow }) {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const confirm = useConfirmDanger()
  const { may } = useSession()
  const params = { path: { arr_id: row.id } }
  const again = () => void cache.invalidateQueries({ queryKey: ARRS })
  const failed = (error: unknown) => toast.failed(t('common.failed'), error)
  const test = useMutation({
    mutationFn: () => must(api.POST('/polycast/v1/acquire/arrs/{arr_id}/test', { params })),
    onSettled: again,
  })
  const approve = useMutation({
    mutationFn: () => must(api.POST('/polycast/v1/acquire/arrs/{arr_id}/approve', { params })),
    onSuccess: again,
    onError: failed,
  })
  const remove = useMutation({
    mutationFn: () => must(api.DELETE('/polycast/v1/acquire/arrs/{arr_id}', { params })),
    onSuccess: again,
    onError: failed,
  })
  const pending = row.state === 'pending'
  return (
    <Card title={row.name}>
      <div>
        <Dot level={pending ? 'info' : row.problem ? 'warning' : 'good'} />{' '}
        {pending ? t('acquire.arr.pending') : `${row.kind} ${row.version}`}
      </div>
      <div className={css.dim}>{row.host}</div>
      {row.problem && <div className={css.dim}>{row.problem}</div>}
      {test.data?.items.map((check) => (
        <div key={check.step} className={css.line} aria-live="polite">
          <span className={css.grow}>
            <Dot level={check.ok ? 'good' : 'bad'} /> {t(`acquire.arr.step.${check.step}`)}
            <div className={css.dim}>
              {check.text} {check.fix}
            </div>
          </span>
        </div>
      ))}
      {test.error && <ReasonText error={test.error} />}
      {may('acquire:admin') && (
        <div className={css.row}>
          {pending ? (
            <Button size="xs" loading={approve.isPending} onClick={() => approve.mutate()}>
              {t('acquire.arr.approve')}
            </Button>
          ) : (
            <Button size="xs" variant="default" loading={test.isPending} onClick={() => test.mutate()}>
              {t('acquire.arr.test')}
            </Button>
          )}
          <Button
            size="xs"
            color="red"
            variant="subtle"
            onClick={() =>
              confirm({
                title: row.name,
                what: t('acquire.arr.remove.about'),
                action: t('acquire.arr.remove'),
                run: () => remove.mutate(),
              })
            }
          >
            {t('acquire.arr.remove')}
          </Button>
        </div>
      )}
    </Card>
  )
}

function NewArr() {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const [name, setName] = useState('sonarr')
  const [host, setHost] = useState('http://')
  const [token, setToken] = useState('')
  const save = useMutation({
    mutationFn: () => must(api.POST('/polycast/v1/acquire/arrs', { body: { name, host, token } })),
    onSuccess: () => {
      setToken('')
      void cache.invalidateQueries({ queryKey: ARRS })
    },
  })
  return (
    <Card title={t('acquire.arr.add')}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          save.mutate()
        }}
      >
        <TextInput label={t('acquire.arr.name')} value={name} onChange={(event) => setName(event.currentTarget.value)} required />
        <TextInput
          mt="sm"
          label={t('acquire.arr.host')}
          value={host}
          onChange={(event) => setHost(event.currentTarget.value)}
          required
        />
        <PasswordInput
          mt="sm"
          label={t('acquire.account.key')}
          value={token}
          onChange={(event) => setToken(event.currentTarget.value)}
          autoComplete="off"
        />
        {save.error && <ReasonText error={save.error} />}
        <Button type="submit" mt="md" loading={save.isPending}>
          {t('acquire.arr.add')}
        </Button>
      </form>
    </Card>
  )
}

export default function ArrsPage() {
  const { t } = useTranslation()
  const { may } = useSession()
  const query = useQuery({ queryKey: ARRS, queryFn: () => must(api.GET('/polycast/v1/acquire/arrs')) })
  return (
    <AcquirePage title={t('acquire.arrs')}>
      <Loaded query={query}>
        {({ items }) => (
          <>
            {items.length === 0 && (
              <EmptyState icon={IconPlugConnected} title={t('acquire.arr.none')}>
                {t('acquire.arr.none.about')}
              </EmptyState>
            )}
            <div className={css.cards}>
              {items.map((row) => (
                <ArrCard key={row.id} row={row} />
              ))}
              {may('acquire:admin') && <NewArr />}
            </div>
          </>
        )}
      </Loaded>
    </AcquirePage>
  )
}
