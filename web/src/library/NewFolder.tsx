import { Button, Select, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import type { Sent } from '~/api/shapes'
import { Card, ReasonText } from '~/kit/parts'
import { FolderTree } from './FolderTree'
import css from './library.module.css'
import { FOLDERS } from './shapes'

const TYPES = ['movie', 'tv', 'anime', 'home_video', 'mixed'] as const satisfies readonly Sent<'/v1/libraries', 'post'>['type'][]

/** A library is a name, a kind and a folder; creating it begins the first scan. */
export function NewFolder() {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const [name, setName] = useState('')
  const [type, setType] = useState<(typeof TYPES)[number]>('movie')
  const [path, setPath] = useState('')
  const save = useMutation({
    mutationFn: async () => {
      const made = await must(
        api.POST('/v1/libraries', { body: { name: name || t(`library.type.${type}`), type, paths: [path] } }),
      )
      await must(api.POST('/v1/libraries/{library_id}/scan', { params: { path: { library_id: made.id } } }))
    },
    onSuccess: () => {
      setName('')
      setPath('')
      void cache.invalidateQueries({ queryKey: FOLDERS })
    },
  })
  return (
    <Card title={t('library.add')}>
      <form
        className={css.form}
        onSubmit={(event) => {
          event.preventDefault()
          save.mutate()
        }}
      >
        <TextInput label={t('library.name')} value={name} onChange={(event) => setName(event.currentTarget.value)} />
        <Select
          label={t('library.type')}
          data={TYPES.map((value) => ({ value, label: t(`library.type.${value}`) }))}
          value={type}
          allowDeselect={false}
          onChange={(value) => setType(TYPES.find((one) => one === value) ?? 'movie')}
        />
        <TextInput
          label={t('library.path')}
          value={path}
          onChange={(event) => setPath(event.currentTarget.value)}
          placeholder="/media/films"
        />
        <FolderTree chosen={path} onChoose={setPath} />
        {save.error && <ReasonText error={save.error} />}
        <div>
          <Button type="submit" loading={save.isPending} disabled={!path}>
            {t('library.create')}
          </Button>
        </div>
      </form>
    </Card>
  )
}
