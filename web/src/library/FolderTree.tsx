import { useQueries, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import { clip } from '~/kit/format'
import { Loaded } from '~/kit/parts'
import { Tree } from '~/kit/Tree'
import css from './library.module.css'
import { FOLDERS } from './shapes'

const ask = (path: string) => ({
  queryKey: [...FOLDERS, 'paths', path],
  queryFn: ({ signal }: { signal: AbortSignal }) =>
    must(api.GET('/v1/libraries/browse-paths', { params: { query: path ? { path } : {} }, signal })),
})

/** The folders of the server that a library may be made of, opened one after the other. */
export function FolderTree({ chosen, onChoose }: { chosen: string; onChoose: (path: string) => void }) {
  const { t } = useTranslation()
  const [open, setOpen] = useState<readonly string[]>([])
  const root = useQuery(ask(''))
  const below = useQueries({ queries: open.map(ask) })
  const childrenOf = (id: string) => below[open.indexOf(id)]?.data?.entries
  return (
    <Loaded query={root} rows={3}>
      {({ entries }) => (
        <div className={css.tree}>
          <Tree
            label={t('library.choose')}
            roots={entries}
            idOf={(one) => one.path}
            nameOf={(one) => clip(one.name, 120)}
            isFolder={(one) => one.readable}
            childrenOf={childrenOf}
            load={(id) => {
              onChoose(id)
              if (!open.includes(id)) setOpen([...open, id])
            }}
            chosen={chosen}
            onChoose={(one) => onChoose(one.path)}
          />
        </div>
      )}
    </Loaded>
  )
}
