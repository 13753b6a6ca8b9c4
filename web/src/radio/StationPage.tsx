import { Button, Group } from '@mantine/core'
import { IconPlayerPlay, IconPlayerSkipForward, IconPlayerStop } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import { clip } from '~/kit/format'
import { LiveCard } from '~/kit/LiveCard'
import { Card, Loaded, TimeAgo } from '~/kit/parts'
import { toast } from '~/kit/toast'
import { Djs } from './Djs'
import { Music } from './Music'
import { Playlists } from './Playlists'
import { StationTop } from './RadioPage'
import css from './radio.module.css'
import { airOf as levelOf } from './shapes'
import { type Air, airOf, keyOf, playedOf } from './station'

function useTell(pk: number) {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const params = { path: { pk } }
  const calls = {
    start: () => must(api.POST('/radio/api/v2/servers/{pk}/start/', { params })),
    stop: () => must(api.POST('/radio/api/v2/servers/{pk}/stop/', { params })),
    skip: () => must(api.POST('/radio/api/v2/servers/{pk}/skip/', { params })),
  }
  return useMutation({
    mutationFn: (verb: keyof typeof calls) => calls[verb](),
    onSuccess: () => cache.invalidateQueries({ queryKey: ['radio'] }),
    onError: (error) => toast.failed(t('common.failed'), error),
  })
}

function OnAir({ air }: { air: Air }) {
  const { t } = useTranslation()
  const { server, now, channels } = air
  const tell = useTell(server.id)
  const [heard, setHeard] = useState(false)
  const [level, word] = levelOf(server)
  const path = channels[0]?.proxy_url_path
  return (
    <LiveCard
      name={now.now_playing?.song.text || t('radio.nothing')}
      level={level}
      state={t(word)}
      figures={[
        [t('radio.use.listeners'), String(now.listeners.total)],
        [t('radio.playlists'), clip(now.now_playing?.playlist || '–', 40)],
      ]}
      note={now.live.is_live ? t('radio.live', { name: clip(now.live.streamer_name, 60) }) : ''}
    >
      <Group gap="xs">
        {path && (
          <Button size="xs" leftSection={<IconPlayerPlay size={14} />} onClick={() => setHeard(!heard)} aria-pressed={heard}>
            {t('radio.listen')}
          </Button>
        )}
        <Button
          size="xs"
          variant="default"
          leftSection={<IconPlayerSkipForward size={14} />}
          onClick={() => tell.mutate('skip')}
          loading={tell.isPending}
        >
          {t('radio.skip')}
        </Button>
        <Button
          size="xs"
          variant="default"
          leftSection={<IconPlayerStop size={14} />}
          onClick={() => tell.mutate(server.is_started ? 'stop' : 'start')}
        >
          {t(server.is_started ? 'radio.stop' : 'radio.start')}
        </Button>
      </Group>
      {heard && path && (
        // biome-ignore lint/a11y/useMediaCaption: a radio has no words to show
        <audio src={path} autoPlay controls style={{ width: '100%' }} />
      )}
    </LiveCard>
  )
}

function Channels({ air }: { air: Air }) {
  const { t } = useTranslation()
  return (
    <Card title={t('radio.channels')}>
      {air.channels.map((one) => (
        <div key={one.id} className={css.line}>
          <span className={css.grow}>
            <b>
              {one.bitrate} kbit/s {one.s_format}
            </b>
            <div className={css.dim}>{one.stream_url}</div>
          </span>
          <span className={css.dim}>{t('radio.heard', { count: one.listeners_current })}</span>
        </div>
      ))}
    </Card>
  )
}

function History({ pk }: { pk: number }) {
  const { t } = useTranslation()
  const query = useQuery({ queryKey: keyOf(pk, 'history'), queryFn: () => playedOf(pk) })
  return (
    <Card title={t('radio.history')}>
      <Loaded query={query} rows={3}>
        {(rows) => (
          <>
            {rows.map((one) => (
              <div key={one.id} className={css.line}>
                <span className={css.grow}>
                  {clip(one.metadata, 160)}
                  <div className={css.dim}>
                    {clip(one.dj_name, 60)} · {t('radio.heard', { count: one.n_listeners })}
                  </div>
                </span>
                <span className={css.dim}>
                  <TimeAgo at={one.ts / 1000} />
                </span>
              </div>
            ))}
          </>
        )}
      </Loaded>
    </Card>
  )
}

export default function StationPage() {
  const { ref = '' } = useParams({ strict: false }) as { ref?: string }
  const { t } = useTranslation()
  const pk = Number(ref)
  const query = useQuery({ queryKey: keyOf(pk, 'air'), queryFn: () => airOf(pk) })
  return (
    <StationTop pk={pk} title={query.data ? clip(query.data.server.title, 80) : t('radio.station')}>
      <Loaded query={query}>
        {(air) => (
          <div className={css.station}>
            <OnAir air={air} />
            <Channels air={air} />
            <Music pk={pk} />
            <Playlists pk={pk} />
            <Djs pk={pk} djs={air.djs} />
            <History pk={pk} />
          </div>
        )}
      </Loaded>
    </StationTop>
  )
}
