import { Badge, Button, Group, Modal, Stack, Text } from '@mantine/core'
import {
  IconBell,
  IconBellOff,
  IconPlayerPlay,
  IconPlayerRecord,
  IconPlayerStop,
  IconRewindBackward10,
} from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import { serverNow } from '~/api/serverTime'
import { clip, clock, day } from '~/kit/format'
import { Loaded } from '~/kit/parts'
import { useSession } from '~/kit/session'
import { toast } from '~/kit/toast'
import { useLocale } from '~/kit/useLocale'
import { watch } from '~/player/live'
import css from './guide.module.css'
import type { Programme } from './useGuide'

/** What a programme is, and what can be done with it: watch, record, remind. */
export function ProgrammeCard({ programme, onClose }: { programme: Programme; onClose: () => void }) {
  const { t } = useTranslation()
  const locale = useLocale()
  const { may } = useSession()
  const cache = useQueryClient()
  const path = { params: { path: { id: programme.id } } }
  const query = useQuery({
    queryKey: ['live', 'programme', programme.id],
    queryFn: () => must(api.GET('/polycast/v1/live/guide/programmes/{id}', path)),
  })
  const how = {
    onSuccess: () => {
      void cache.invalidateQueries({ queryKey: ['live', 'programme', programme.id] })
      void cache.invalidateQueries({ queryKey: ['live', 'guide'] })
    },
    onError: (error: unknown) => toast.failed(t('common.failed'), error),
  }
  const record = useMutation({
    mutationFn: async (on: boolean) => {
      await (on
        ? must(api.POST('/polycast/v1/live/guide/programmes/{id}/recording', path))
        : must(api.DELETE('/polycast/v1/live/guide/programmes/{id}/recording', path)))
      if (on) toast.good(t('guide.recorded'))
    },
    ...how,
  })
  const remind = useMutation({
    mutationFn: (on: boolean) =>
      on
        ? must(api.POST('/polycast/v1/live/guide/programmes/{id}/reminder', path))
        : must(api.DELETE('/polycast/v1/live/guide/programmes/{id}/reminder', path)),
    ...how,
  })
  const now = serverNow() / 1000
  const running = programme.start <= now && now < programme.end
  const coming = programme.end > now
  const play = (programmeId?: string) => {
    if (query.data) watch(query.data.channel_id, { full: true, ...(programmeId ? { programme: programmeId } : {}) })
    onClose()
  }
  return (
    <Modal
      opened
      onClose={onClose}
      title={clip(programme.title, 160)}
      size="lg"
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      <Loaded query={query} rows={3}>
        {(detail) => {
          const taped = detail.recording === 'scheduled' || detail.recording === 'recording'
          return (
            <div className={css.detail} style={detail.poster_url ? undefined : { gridTemplateColumns: '1fr' }}>
              {detail.poster_url && <img src={detail.poster_url} alt="" className={css.poster} />}
              <Stack gap="sm">
                {detail.sub_title && <Text fw={560}>{clip(detail.sub_title)}</Text>}
                <Text size="sm" c="dimmed">
                  {clip(detail.channel_name, 80)} · {day(detail.start * 1000, locale)}, {clock(detail.start * 1000, locale)}–
                  {clock(detail.end * 1000, locale)}
                  {detail.season !== null && detail.episode !== null && ` · S${detail.season} E${detail.episode}`}
                  {detail.year && ` · ${detail.year}`}
                </Text>
                <Group gap={6}>
                  {programme.is_new && <Badge>{t('guide.new')}</Badge>}
                  {programme.is_live && <Badge color="red">{t('guide.live')}</Badge>}
                  {detail.categories.slice(0, 5).map((one) => (
                    <Badge key={one} variant="default">
                      {clip(one, 40)}
                    </Badge>
                  ))}
                  {detail.rating && <Badge variant="default">{clip(detail.rating, 20)}</Badge>}
                </Group>
                {detail.description && <Text size="sm">{clip(detail.description, 3000)}</Text>}
                {detail.people.length > 0 && (
                  <Text size="sm" c="dimmed">
                    {t('guide.people', { names: clip(detail.people.join(', '), 300) })}
                  </Text>
                )}
                <Group mt="xs">
                  {running && (
                    <Button leftSection={<IconPlayerPlay size={18} />} onClick={() => play()} data-autofocus>
                      {t('guide.watch')}
                    </Button>
                  )}
                  {detail.can_replay && (
                    <Button
                      variant={running ? 'default' : 'filled'}
                      leftSection={<IconRewindBackward10 size={18} />}
                      onClick={() => play(detail.id)}
                    >
                      {t('guide.replay')}
                    </Button>
                  )}
                  {coming && may('live:write') && (
                    <Button
                      variant="default"
                      leftSection={taped ? <IconPlayerStop size={18} /> : <IconPlayerRecord size={18} color="var(--pc-bad)" />}
                      loading={record.isPending}
                      onClick={() => record.mutate(!taped)}
                    >
                      {taped ? t('guide.unrecord') : t('guide.record')}
                    </Button>
                  )}
                  {programme.start > now && (
                    <Button
                      variant="default"
                      leftSection={detail.reminder ? <IconBellOff size={18} /> : <IconBell size={18} />}
                      loading={remind.isPending}
                      onClick={() => remind.mutate(!detail.reminder)}
                    >
                      {detail.reminder ? t('guide.unremind') : t('guide.remind')}
                    </Button>
                  )}
                </Group>
              </Stack>
            </div>
          )
        }}
      </Loaded>
    </Modal>
  )
}
