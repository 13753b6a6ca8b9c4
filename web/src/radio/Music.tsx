import { Button, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import { FileDrop } from '~/kit/FileDrop'
import { clip } from '~/kit/format'
import { Card, Loaded } from '~/kit/parts'
import { toast } from '~/kit/toast'
import css from './radio.module.css'
import { addMusic, KINDS, keyOf, LARGEST, musicOf } from './station'

/** The library: files dropped here are playable at once; any of them can be played next. */
export function Music({ pk }: { pk: number }) {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const [typed, setTyped] = useState('')
  const [text] = useDebouncedValue(typed, 200)
  const query = useQuery({ queryKey: [...keyOf(pk, 'music'), text], queryFn: () => musicOf(pk, text) })
  const again = () => cache.invalidateQueries({ queryKey: ['radio', 'station', pk] })
  const onError = (error: unknown) => toast.failed(t('common.failed'), error)
  const add = useMutation({ mutationFn: (files: readonly File[]) => addMusic(pk, files), onSettled: again, onError })
  const next = useMutation({
    mutationFn: (music_id: number) => must(api.POST('/radio/api/v2/queue/', { body: { server: pk, music_id } })),
    onSuccess: () => toast.good(t('radio.queued')),
    onError,
  })
  return (
    <Card title={t('radio.music')}>
      <FileDrop
        label={t('radio.upload')}
        about={t('radio.upload.about')}
        accept={KINDS}
        multiple
        mostBytes={LARGEST}
        onFiles={(files) => add.mutate(files)}
      />
      <TextInput
        my="sm"
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
        placeholder={t('common.search')}
        aria-label={t('common.search')}
      />
      <Loaded query={query} rows={3}>
        {({ results }) =>
          results.length === 0 ? (
            <span className={css.dim}>{t('radio.music.none')}</span>
          ) : (
            results.map((one) => (
              <div key={one.id} className={css.line}>
                <span className={css.grow}>
                  {clip(one.meta, 160)}
                  <div className={css.dim}>
                    {one.length_formatted} · {clip(one.path, 120)}
                  </div>
                </span>
                <Button
                  size="compact-xs"
                  variant="default"
                  onClick={() => next.mutate(one.id)}
                  aria-label={`${t('radio.queue')}: ${clip(one.meta, 60)}`}
                >
                  {t('radio.queue')}
                </Button>
              </div>
            ))
          )
        }
      </Loaded>
    </Card>
  )
}
