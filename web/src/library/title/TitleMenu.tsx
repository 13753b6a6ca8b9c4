import { ActionIcon, Menu } from '@mantine/core'
import {
  IconDots,
  IconHelpOctagon,
  IconPencil,
  IconPhoto,
  IconPlaylistAdd,
  IconRefresh,
  IconZoomQuestion,
} from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { lazy, Suspense, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import { useSession } from '~/kit/session'
import { toast } from '~/kit/toast'
import type { Subject } from './kinds'

const PARTS = {
  edit: lazy(() => import('./EditForm')),
  identify: lazy(() => import('./Identify')),
  artwork: lazy(() => import('./Artwork')),
  collect: lazy(() => import('./Collect')),
} as const
type Part = keyof typeof PARTS

/** What else can be done with a film or a show. */
export function TitleMenu({ subject }: { subject: Subject }) {
  const { t } = useTranslation()
  const { may } = useSession()
  const [part, setPart] = useState<Part | null>(null)
  const body = { mediaType: subject.kind, mediaId: subject.title.id }
  const failed = (error: unknown) => toast.failed(t('common.failed'), error)
  const refresh = useMutation({
    mutationFn: () => must(api.POST('/v1/metadata/refresh', { body })),
    onSuccess: () => toast.good(t('library.refresh.begun')),
    onError: failed,
  })
  const forget = useMutation({
    mutationFn: () => must(api.POST('/v1/metadata/unmatch', { body })),
    onSuccess: () => toast.good(t('library.unmatch.done')),
    onError: failed,
  })
  const Shown = part && PARTS[part]
  return (
    <>
      <Menu position="bottom-start" withinPortal>
        <Menu.Target>
          <ActionIcon variant="default" size={36} aria-label={t('library.more')}>
            <IconDots size={18} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconPlaylistAdd size={16} />} onClick={() => setPart('collect')}>
            {t('library.collect')}
          </Menu.Item>
          {may('library:write') && (
            <>
              <Menu.Divider />
              <Menu.Item leftSection={<IconPencil size={16} />} onClick={() => setPart('edit')}>
                {t('library.edit')}
              </Menu.Item>
              <Menu.Item leftSection={<IconPhoto size={16} />} onClick={() => setPart('artwork')}>
                {t('library.artwork')}
              </Menu.Item>
              <Menu.Item leftSection={<IconZoomQuestion size={16} />} onClick={() => setPart('identify')}>
                {t('library.identify')}
              </Menu.Item>
              <Menu.Item leftSection={<IconRefresh size={16} />} onClick={() => refresh.mutate()}>
                {t('library.refresh')}
              </Menu.Item>
              {subject.title.matchStatus === 'matched' && (
                <Menu.Item leftSection={<IconHelpOctagon size={16} />} onClick={() => forget.mutate()}>
                  {t('library.unmatch')}
                </Menu.Item>
              )}
            </>
          )}
        </Menu.Dropdown>
      </Menu>
      {Shown && (
        <Suspense>
          <Shown subject={subject} onClose={() => setPart(null)} />
        </Suspense>
      )}
    </>
  )
}
