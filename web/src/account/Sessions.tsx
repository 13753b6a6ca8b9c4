import { Badge, Button } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import { clip } from '~/kit/format'
import { Card, Loaded, TimeAgo } from '~/kit/parts'
import { toast } from '~/kit/toast'
import css from './account.module.css'

const KEY = ['core', 'me', 'sessions']

export function Sessions() {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const query = useQuery({ queryKey: KEY, queryFn: () => must(api.GET('/polycast/v1/me/sessions')) })
  const end = useMutation({
    mutationFn: (id: number | null) =>
      id === null
        ? must(api.DELETE('/polycast/v1/me/sessions'))
        : must(api.DELETE('/polycast/v1/me/sessions/{id}', { params: { path: { id } } })),
    onSuccess: () => cache.invalidateQueries({ queryKey: KEY }),
    onError: (error) => toast.failed(t('common.failed'), error),
  })
  const others = query.data?.items.some((one) => !one.is_current)
  return (
    <Card
      title={t('sessions.about')}
      actions={
        others && (
          <Button size="compact-md" variant="default" onClick={() => end.mutate(null)}>
            {t('sessions.endall')}
          </Button>
        )
      }
    >
      <Loaded query={query}>
        {(data) =>
          data.items.map((one) => (
            <div key={one.id} className={css.line}>
              <div>
                <b>{clip(one.device, 120)}</b>{' '}
                {one.is_current && (
                  <Badge size="sm" variant="light">
                    {t('sessions.this')}
                  </Badge>
                )}
                <div className={css.dim}>
                  {one.address} · {one.kind} · <TimeAgo at={one.last_seen_at} />
                </div>
              </div>
              {!one.is_current && (
                <Button
                  size="compact-sm"
                  variant="default"
                  onClick={() => end.mutate(one.id)}
                  aria-label={`${t('sessions.end')}: ${one.device}`}
                >
                  {t('sessions.end')}
                </Button>
              )}
            </div>
          ))
        }
      </Loaded>
    </Card>
  )
}
