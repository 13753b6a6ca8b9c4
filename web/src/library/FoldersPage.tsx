import { Button } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import { useConfirmDanger } from '~/kit/confirm'
import { clip } from '~/kit/format'
import { Card, Dot, Loaded, ReasonText, TimeAgo } from '~/kit/parts'
import { toast } from '~/kit/toast'
import { LibraryPage } from './LibraryPage'
import css from './library.module.css'
import { NewFolder } from './NewFolder'
import { FOLDERS, type Folder } from './shapes'

function Skipped({ id }: { id: string }) {
  const { t } = useTranslation()
  const query = useQuery({
    queryKey: [...FOLDERS, 'skipped', id],
    queryFn: ({ signal }) =>
      must(api.GET('/v1/libraries/{library_id}/skipped', { params: { path: { library_id: id } }, signal })),
  })
  return (
    <Loaded query={query}>
      {({ items }) =>
        items.length === 0 ? (
          <p className={css.dim}>{t('library.skipped.none')}</p>
        ) : (
          items.map((one) => (
            <div key={one.path} className={css.line}>
              <span className={css.grow}>
                {clip(one.path, 200)}
                <div className={css.dim}>{clip(one.reason, 200)}</div>
              </span>
            </div>
          ))
        )
      }
    </Loaded>
  )
}

function FolderCard({ folder }: { folder: Folder }) {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const confirm = useConfirmDanger()
  const [open, setOpen] = useState(false)
  const params = { path: { library_id: folder.id } }
  const again = () => void cache.invalidateQueries({ queryKey: FOLDERS })
  const failed = (error: unknown) => toast.failed(t('common.failed'), error)
  const scan = useMutation({
    mutationFn: () => must(api.POST('/v1/libraries/{library_id}/scan', { params })),
    onSettled: again,
    onError: failed,
  })
  const remove = useMutation({
    mutationFn: () => must(api.DELETE('/v1/libraries/{library_id}', { params })),
    onSettled: again,
    onError: failed,
  })
  const level = folder.scanError ? 'bad' : folder.scanStatus === 'idle' ? 'good' : 'info'
  const word = folder.scanError ? 'failed' : folder.scanStatus === 'idle' ? 'idle' : 'scanning'
  return (
    <Card title={clip(folder.name, 80)}>
      <div>
        <Dot level={level} /> {t(`library.status.${word}`)} · {t('library.items', { count: folder.itemCount })}
      </div>
      <div className={css.dim}>{folder.paths.map((path) => clip(path, 120)).join(', ')}</div>
      <div className={css.dim}>
        {folder.lastScannedAt ? <TimeAgo at={folder.lastScannedAt} prefix={t('library.scanned')} /> : t('library.never')}
      </div>
      {folder.scanError && <ReasonText>{clip(folder.scanError, 300)}</ReasonText>}
      <div className={css.row}>
        <Button size="xs" loading={scan.isPending} onClick={() => scan.mutate()}>
          {t('library.scan')}
        </Button>
        <Button size="xs" variant="default" aria-expanded={open} onClick={() => setOpen(!open)}>
          {t('library.skipped')}
        </Button>
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
      {open && <Skipped id={folder.id} />}
    </Card>
  )
}

/** Libraries with how their scans went, and the way to a new one. */
export default function FoldersPage() {
  const { t } = useTranslation()
  const query = useQuery({ queryKey: FOLDERS, queryFn: ({ signal }) => must(api.GET('/v1/libraries', { signal })) })
  return (
    <LibraryPage title={t('library.folders')}>
      <Loaded query={query}>
        {({ items }) => (
          <div className={css.cards}>
            {items.map((folder) => (
              <FolderCard key={folder.id} folder={folder} />
            ))}
          </div>
        )}
      </Loaded>
      <NewFolder />
    </LibraryPage>
  )
}
