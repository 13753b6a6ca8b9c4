import { Button, Group, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import { clip } from '~/kit/format'
import { Card, Dot, Loaded } from '~/kit/parts'
import { toast } from '~/kit/toast'
import css from './radio.module.css'
import { keyOf, playlistsOf } from './station'

/** Playlists, and the one that is on. */
export function Playlists({ pk }: { pk: number }) {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const [name, setName] = useState('')
  const query = useQuery({ queryKey: keyOf(pk, 'playlists'), queryFn: () => playlistsOf(pk) })
  const onError = (error: unknown) => toast.failed(t('common.failed'), error)
  const add = useMutation({
    mutationFn: () => must(api.POST('/radio/api/v2/playlists/', { body: { name, server: pk } })),
    onSuccess: () => {
      setName('')
      return cache.invalidateQueries({ queryKey: keyOf(pk, 'playlists') })
    },
    onError,
  })
  const start = useMutation({
    mutationFn: (id: number) =>
      must(api.POST('/radio/api/v2/playlists/{pk}/start_broadcasting/', { params: { path: { pk: id } } })),
    onSuccess: () => toast.good(t('radio.playlist.started')),
    onError,
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    add.mutate()
  }
  return (
    <Card title={t('radio.playlists')}>
      <Loaded query={query} rows={2}>
        {(rows) => (
          <>
            {rows.map((one) => (
              <div key={one.id} className={css.line}>
                {one.on_air && <Dot level="good" label={t('radio.state.onair')} />}
                <span className={css.grow}>
                  {clip(one.name, 100)}
                  <div className={css.dim}>{t('radio.playlist.tracks', { count: one.tracks_num })}</div>
                </span>
                <Button
                  size="compact-xs"
                  variant="default"
                  onClick={() => start.mutate(one.id)}
                  aria-label={`${t('radio.playlist.start')}: ${clip(one.name, 60)}`}
                >
                  {t('radio.playlist.start')}
                </Button>
              </div>
            ))}
          </>
        )}
      </Loaded>
      <form onSubmit={submit}>
        <Group mt="sm" wrap="nowrap">
          <TextInput
            style={{ flex: 1 }}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            placeholder={t('common.name')}
            aria-label={t('common.name')}
            required
          />
          <Button type="submit" variant="default" loading={add.isPending}>
            {t('common.add')}
          </Button>
        </Group>
      </form>
    </Card>
  )
}
