import { Button, Modal, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import { clip } from '~/kit/format'
import { Loaded, ReasonText } from '~/kit/parts'
import { toast } from '~/kit/toast'
import css from '../library.module.css'
import { COLLECTIONS } from '../shapes'
import type { Subject } from './kinds'

/** Puts a title into a collection, one that is there or a new one. */
export default function Collect({ subject, onClose }: { subject: Subject; onClose: () => void }) {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const [name, setName] = useState('')
  const query = useQuery({
    queryKey: [...COLLECTIONS, 'all'],
    queryFn: ({ signal }) => must(api.GET('/v1/collections', { params: { query: { limit: 100 } }, signal })),
  })
  const add = useMutation({
    mutationFn: async (known: string | null) => {
      const id = known ?? (await must(api.POST('/v1/collections', { body: { name: name.trim() } }))).id
      await must(
        api.POST('/v1/collections/{collection_id}/items', {
          params: { path: { collection_id: id } },
          body: { mediaType: subject.kind, mediaId: subject.title.id },
        }),
      )
    },
    onSuccess: () => {
      void cache.invalidateQueries({ queryKey: COLLECTIONS })
      toast.good(t('library.collect.done'))
      onClose()
    },
  })
  return (
    <Modal opened onClose={onClose} title={t('library.collect')} closeButtonProps={{ 'aria-label': t('common.close') }}>
      <Loaded query={query} rows={3}>
        {({ items }) =>
          items
            .filter((one) => one.type === 'manual' && one.isMine)
            .map((one) => (
              <div key={one.id} className={css.line}>
                <span className={css.grow}>
                  {clip(one.name, 120)}
                  <div className={css.dim}>{t('library.items', { count: one.itemCount })}</div>
                </span>
                <Button size="xs" variant="default" onClick={() => add.mutate(one.id)}>
                  {t('library.collect.into')}
                </Button>
              </div>
            ))
        }
      </Loaded>
      <form
        className={css.row}
        onSubmit={(event) => {
          event.preventDefault()
          add.mutate(null)
        }}
      >
        <TextInput
          className={css.grow}
          label={t('library.collection.new')}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Button type="submit" style={{ alignSelf: 'end' }} disabled={!name.trim()} loading={add.isPending}>
          {t('library.collection.create')}
        </Button>
      </form>
      {add.error && <ReasonText error={add.error} />}
    </Modal>
  )
}
