import { Button, Group, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import { clip } from '~/kit/format'
import { Card, Dot } from '~/kit/parts'
import { toast } from '~/kit/toast'
import css from './radio.module.css'
import type { Dj } from './shapes'

/** Who may be on air, and what their encoders need. */
export function Djs({ pk, djs }: { pk: number; djs: readonly Dj[] }) {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const [name, setName] = useState('')
  const add = useMutation({
    mutationFn: () => must(api.POST('/radio/api/v2/djs/', { body: { server: pk, name } })),
    onSuccess: () => {
      setName('')
      return cache.invalidateQueries({ queryKey: ['radio', 'station', pk] })
    },
    onError: (error) => toast.failed(t('common.failed'), error),
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    add.mutate()
  }
  return (
    <Card title={t('radio.djs')}>
      {djs.map((one) => (
        <div key={one.id} className={css.line}>
          <Dot level={one.on_air ? 'good' : one.connected ? 'warning' : 'off'} />
          <span className={css.grow}>
            {clip(one.name, 80)}
            <div className={css.dim}>
              {one.on_air ? t('radio.dj.onair') : one.connected ? t('radio.dj.connected') : ''}
              {one.port && t('radio.dj.how', { port: one.port, password: one.password ?? '' })}
            </div>
          </span>
        </div>
      ))}
      <form onSubmit={submit}>
        <Group mt="sm" wrap="nowrap">
          <TextInput
            style={{ flex: 1 }}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            placeholder={t('radio.dj.name')}
            aria-label={t('radio.dj.name')}
            required
          />
          <Button type="submit" variant="default" loading={add.isPending}>
            {t('radio.dj.add')}
          </Button>
        </Group>
      </form>
    </Card>
  )
}
