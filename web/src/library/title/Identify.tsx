import { Button, Modal, TextInput } from '@mantine/core'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import { clip } from '~/kit/format'
import { Loaded, Logo, ReasonText } from '~/kit/parts'
import { toast } from '~/kit/toast'
import css from '../library.module.css'
import type { Subject } from './kinds'

/** "It is this one": candidates of the provider for a name, and the one that is chosen. */
export default function Identify({ subject, onClose }: { subject: Subject; onClose: () => void }) {
  const { t } = useTranslation()
  const { kind, title } = subject
  const [name, setName] = useState(title.title)
  const [year, setYear] = useState(title.year == null ? '' : String(title.year))
  const [asked, setAsked] = useState({ q: title.title, year })
  const type = kind === 'movie' ? ('movie' as const) : ('tv' as const)
  const query = useQuery({
    queryKey: ['library', 'candidates', type, asked],
    queryFn: ({ signal }) => {
      const wanted = { type, q: asked.q, ...(Number(asked.year) ? { year: Number(asked.year) } : {}) }
      return must(api.GET('/v1/metadata/search', { params: { query: wanted }, signal }))
    },
    enabled: asked.q !== '',
  })
  const choose = useMutation({
    mutationFn: (externalId: number) =>
      must(api.POST('/v1/metadata/identify', { body: { mediaType: kind, mediaId: title.id, externalId, replaceArtwork: true } })),
    onSuccess: () => {
      toast.good(t('library.identify.begun'))
      onClose()
    },
  })
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('library.identify')}
      size="lg"
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      <form
        className={css.row}
        onSubmit={(event) => {
          event.preventDefault()
          setAsked({ q: name.trim(), year })
        }}
      >
        <TextInput
          className={css.grow}
          label={t('library.field.title')}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          data-autofocus
        />
        <TextInput
          w={90}
          label={t('library.field.year')}
          value={year}
          inputMode="numeric"
          onChange={(event) => setYear(event.currentTarget.value)}
        />
        <Button type="submit" style={{ alignSelf: 'end' }} disabled={!name.trim()}>
          {t('library.search')}
        </Button>
      </form>
      {choose.error && <ReasonText error={choose.error} />}
      <Loaded query={query} rows={4}>
        {({ items }) =>
          items.length === 0 ? (
            <p className={css.dim}>{t('library.identify.none')}</p>
          ) : (
            items.map((one) => (
              <div key={`${one.provider}${one.id}`} className={css.line}>
                <Logo url={one.poster} name={one.title} size={48} tall />
                <span className={css.grow}>
                  <b>
                    {clip(one.title, 150)} {one.year ?? ''}
                  </b>
                  <div className={css.dim}>{clip(one.overview ?? '', 200)}</div>
                </span>
                <Button size="xs" loading={choose.isPending && choose.variables === one.id} onClick={() => choose.mutate(one.id)}>
                  {t('library.identify.this')}
                </Button>
              </div>
            ))
          )
        }
      </Loaded>
    </Modal>
  )
}
