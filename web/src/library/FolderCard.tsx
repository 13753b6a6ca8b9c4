import { Button, Progress } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import { useConfirmDanger } from '~/kit/confirm'
import { clip, count } from '~/kit/format'
import { LinkButton } from '~/kit/go'
import { Card, Dot, ReasonText, TimeAgo } from '~/kit/parts'
import { toast } from '~/kit/toast'
import { useLocale } from '~/kit/useLocale'
import { type ScanStep, scanKey, stateOf } from './folders'
import css from './library.module.css'
import { FOLDERS, type Folder } from './shapes'

const SHOWN = 50

function ScanProgress({ id }: { id: string }) {
  const { t } = useTranslation()
  const locale = useLocale()
  const { data: step } = useQuery<ScanStep>({ queryKey: scanKey(id), enabled: false })
  const part = step?.total ? Math.min(100, (100 * step.done) / step.total) : 100
  const words = step ? t(`library.phase.${step.phase}`, { defaultValue: '' }) : ''
  const figures = step?.total ? `${count(step.done, locale)} / ${count(step.total, locale)}` : ''
  return (
    <>
      <Progress value={part} animated={!step?.total} size="sm" aria-label={t('library.status.scanning')} />
      <span className={`${css.dim} tabular`}>{[words, figures].filter(Boolean).join(' · ')}</span>
    </>
  )
}

/** What a scan has passed over, each with its reason: told without being asked when it is all there was. */
function LeftOut({ folder }: { folder: Folder }) {
  const { t } = useTranslation()
  const [open, setOpen] = useState(false)
  const { data } = useQuery({
    queryKey: [...FOLDERS, 'skipped', folder.id],
    queryFn: ({ signal }) =>
      must(api.GET('/v1/libraries/{library_id}/skipped', { params: { path: { library_id: folder.id } }, signal })),
  })
  const items = data?.items ?? []
  if (items.length === 0) return null
  const shown = open || folder.itemCount === 0
  return (
    <>
      <div>
        <Button size="compact-sm" variant="subtle" aria-expanded={shown} onClick={() => setOpen(!open)}>
          {t('library.skipped', { count: items.length })}
          {data?.hasMore ? '+' : ''}
        </Button>
      </div>
      {shown && (
        <div className={css.folders} role="group" aria-label={t('library.skipped.all')}>
          {items.slice(0, SHOWN).map((one) => (
            <div key={one.path} className={css.line}>
              <span className={css.grow}>
                {clip(one.path, 200)}
                <div className={css.dim}>{clip(one.reason, 200)}</div>
              </span>
            </div>
          ))}
        </div>
      )}
    </>
  )
}

function Acts({ folder }: { folder: Folder }) {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const confirm = useConfirmDanger()
  const params = { path: { library_id: folder.id } }
  const settled = {
    onSettled: () => void cache.invalidateQueries({ queryKey: FOLDERS }),
    onError: (error: unknown) => toast.failed(t('common.failed'), error),
  }
  const scan = useMutation({
    mutationFn: () => must(api.POST('/v1/libraries/{library_id}/scan', { params })),
    ...settled,
  })
  const stop = useMutation({
    mutationFn: () => must(api.POST('/v1/libraries/{library_id}/scan/cancel', { params })),
    ...settled,
  })
  const remove = useMutation({ mutationFn: () => must(api.DELETE('/v1/libraries/{library_id}', { params })), ...settled })
  const isScanning = folder.scanStatus === 'scanning'
  return (
    <div className={css.row}>
      {isScanning ? (
        <Button size="xs" variant="default" loading={stop.isPending} onClick={() => stop.mutate()}>
          {t('library.cancel')}
        </Button>
      ) : (
        <Button size="xs" loading={scan.isPending} onClick={() => scan.mutate()}>
          {t('library.scan')}
        </Button>
      )}
      <LinkButton size="xs" variant="default" to={`/library/folders/${folder.id}`}>
        {t('library.inside')}
      </LinkButton>
      <Button
        size="xs"
        color="red"
        variant="subtle"
        onClick={() =>
          confirm({
            title: folder.name,
            what: t('library.remove.about'),
            action: t('library.remove'),
            run: () => remove.mutate(),
          })
        }
      >
        {t('library.remove')}
      </Button>
    </div>
  )
}

/** A library: what it is doing, how much is in it, what it left out and why. */
export function FolderCard({ folder }: { folder: Folder }) {
  const { t } = useTranslation()
  const { word, level } = stateOf(folder)
  return (
    <Card title={clip(folder.name, 80)}>
      <div className={css.stack}>
        <div>
          <Dot level={level} /> {t(`library.status.${word}`)} · {t('library.items', { count: folder.itemCount })}
        </div>
        {word === 'scanning' && <ScanProgress id={folder.id} />}
        <div className={`${css.dim} ${css.grow}`}>{folder.paths.map((path) => clip(path, 120)).join(', ')}</div>
        <div className={css.dim}>
          {folder.lastScannedAt ? <TimeAgo at={folder.lastScannedAt} prefix={t('library.scanned')} /> : t('library.never')}
        </div>
        {folder.scanError && <ReasonText>{clip(folder.scanError, 300)}</ReasonText>}
        <Acts folder={folder} />
        <LeftOut folder={folder} />
      </div>
    </Card>
  )
}
