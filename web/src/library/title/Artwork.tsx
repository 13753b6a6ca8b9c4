import { Modal, SegmentedControl } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import { FileDrop } from '~/kit/FileDrop'
import { Loaded, ReasonText } from '~/kit/parts'
import { upload } from '~/kit/upload'
import css from '../library.module.css'
import { TITLES } from '../shapes'
import type { Subject } from './kinds'

const KINDS = ['poster', 'backdrop', 'logo'] as const
const MOST_BYTES = 10 * 1024 * 1024

/** Every picture that could be shown, the one that is, and one's own. */
export default function Artwork({ subject, onClose }: { subject: Subject; onClose: () => void }) {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const [kind, setKind] = useState<(typeof KINDS)[number]>('poster')
  const path = { media_type: subject.kind, media_id: subject.title.id }
  const key = [...TITLES, 'artwork', subject.title.id, kind]
  const query = useQuery({
    queryKey: key,
    queryFn: ({ signal }) =>
      must(api.GET('/v1/metadata/{media_type}/{media_id}/images', { params: { path, query: { kind } }, signal })),
  })
  const onSuccess = () => void cache.invalidateQueries({ queryKey: TITLES })
  const choose = useMutation({
    mutationFn: (artworkId: string) =>
      must(
        api.PUT('/v1/metadata/{media_type}/{media_id}/images/{kind}', {
          params: { path: { ...path, kind } },
          body: { artworkId },
        }),
      ),
    onSuccess,
  })
  const send = useMutation({
    mutationFn: async (file: File) => {
      const form = new FormData()
      form.append('file', file)
      await upload(`/v1/metadata/${subject.kind}/${subject.title.id}/images/${kind}`, form, { method: 'PUT' })
    },
    onSuccess,
  })
  const error = choose.error ?? send.error
  return (
    <Modal opened onClose={onClose} title={t('library.artwork')} size="xl" closeButtonProps={{ 'aria-label': t('common.close') }}>
      <SegmentedControl
        aria-label={t('library.artwork')}
        value={kind}
        onChange={(value) => setKind(KINDS.find((one) => one === value) ?? 'poster')}
        data={KINDS.map((value) => ({ value, label: t(`library.artwork.${value}`) }))}
      />
      {error && <ReasonText error={error} />}
      <Loaded query={query} rows={3}>
        {({ items }) => (
          <div className={css.pictures} data-kind={kind}>
            {items.map((one, index) => (
              <button
                key={one.id}
                type="button"
                aria-pressed={one.isSelected}
                aria-label={t('library.artwork.number', { number: index + 1, source: one.source })}
                onClick={() => choose.mutate(one.id)}
              >
                <img src={one.url ?? undefined} alt="" loading="lazy" />
              </button>
            ))}
            {items.length === 0 && <p className={css.dim}>{t('library.artwork.none')}</p>}
          </div>
        )}
      </Loaded>
      <FileDrop
        label={t('library.artwork.own')}
        accept="image/*"
        mostBytes={MOST_BYTES}
        onFiles={([file]) => file && send.mutate(file)}
      />
    </Modal>
  )
}
