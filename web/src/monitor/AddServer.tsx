import { Button, Loader, Modal, NumberInput, PasswordInput, Select, Stack, TextInput } from '@mantine/core'
import { IconRadar2 } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import { clip } from '~/kit/format'
import { ReasonText } from '~/kit/parts'
import { toast } from '~/kit/toast'
import css from './monitor.module.css'
import { OVERVIEW } from './shapes'

const KINDS = [
  { value: 'channels', label: 'Channels DVR', port: 8089 },
  { value: 'plex', label: 'Plex', port: 32400 },
  { value: 'jellyfin', label: 'Jellyfin', port: 8096 },
  { value: 'emby', label: 'Emby', port: 8096 },
  { value: 'tvheadend', label: 'Tvheadend', port: 9981 },
  { value: 'hdhomerun', label: 'HDHomeRun', port: 80 },
] as const
const EMPTY = { provider: 'channels', host: '', port: 8089 as number | '', name: '', username: '', api_key: '' }

type Draft = typeof EMPTY

/** Find a server in the network, or name it by hand. What was typed stays when it is refused. */
export function AddServer({ opened, close }: { opened: boolean; close: () => void }) {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const [draft, setDraft] = useState<Draft>(EMPTY)
  const set = (part: Partial<Draft>) => setDraft((now) => ({ ...now, ...part }))
  const scan = useMutation({
    mutationFn: () => must(api.POST('/api/v1/discovery/scan', { params: { query: { verbose: true } } })),
  })
  const add = useMutation({
    mutationFn: (body: Draft) => must(api.POST('/api/v1/dvrs', { body: { ...body, port: Number(body.port) || 0 } as never })),
    onSuccess: (_, body) => {
      toast.good(t('monitor.add.done', { name: clip(body.name || body.host, 60) }))
      void cache.invalidateQueries({ queryKey: OVERVIEW })
      setDraft(EMPTY)
      close()
    },
  })
  const choose = (provider: string | null) => {
    const kind = KINDS.find((one) => one.value === provider) ?? KINDS[0]
    set({ provider: kind.value, port: kind.port })
  }
  return (
    <Modal
      opened={opened}
      onClose={close}
      title={t('monitor.add')}
      size="lg"
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      <Stack>
        <Button
          variant="default"
          leftSection={scan.isPending ? <Loader size={16} /> : <IconRadar2 size={18} />}
          disabled={scan.isPending}
          onClick={() => scan.mutate()}
        >
          {t(scan.isPending ? 'monitor.add.searching' : 'monitor.add.search')}
        </Button>
        {scan.error && <ReasonText error={scan.error} />}
        {scan.data?.servers.map((one) => (
          <div key={`${one.host}:${one.port}`} className={css.line}>
            <span className={css.grow}>
              {clip(one.display_name_suggestion, 60)} <span className={css.dim}>{`${one.host}:${one.port}`}</span>
            </span>
            <Button
              size="xs"
              loading={add.isPending}
              onClick={() =>
                add.mutate({
                  ...EMPTY,
                  provider: one.provider || 'channels',
                  host: one.host,
                  port: one.port,
                  name: one.display_name_suggestion,
                })
              }
            >
              {t('monitor.add.take')}
            </Button>
          </div>
        ))}
        {scan.data?.message && <div className={css.dim}>{scan.data.message}</div>}
        <form
          onSubmit={(event) => {
            event.preventDefault()
            add.mutate(draft)
          }}
        >
          <Stack gap="sm">
            <Select
              label={t('monitor.add.kind')}
              data={KINDS.map(({ value, label }) => ({ value, label }))}
              value={draft.provider}
              onChange={choose}
              allowDeselect={false}
            />
            <div className={css.row}>
              <TextInput
                label={t('monitor.add.host')}
                required
                value={draft.host}
                onChange={(event) => set({ host: event.currentTarget.value })}
                style={{ flex: 2, minWidth: 160 }}
              />
              <NumberInput
                label={t('monitor.add.port')}
                min={1}
                max={65535}
                value={draft.port}
                onChange={(port) => set({ port: port === '' ? '' : Number(port) })}
                style={{ flex: 1, minWidth: 90 }}
              />
            </div>
            <TextInput
              label={t('monitor.add.name')}
              value={draft.name}
              onChange={(event) => set({ name: event.currentTarget.value })}
            />
            {draft.provider === 'tvheadend' && (
              <TextInput
                label={t('monitor.add.user')}
                value={draft.username}
                onChange={(event) => set({ username: event.currentTarget.value })}
              />
            )}
            {draft.provider !== 'hdhomerun' && (
              <PasswordInput
                label={t('monitor.add.key')}
                value={draft.api_key}
                onChange={(event) => set({ api_key: event.currentTarget.value })}
                autoComplete="off"
              />
            )}
            {add.error && <ReasonText error={add.error} />}
            <Button type="submit" loading={add.isPending}>
              {t('monitor.add.take')}
            </Button>
          </Stack>
        </form>
      </Stack>
    </Modal>
  )
}
