import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import { Loaded } from '~/kit/parts'
import { FolderCard } from './FolderCard'
import { LibraryPage } from './LibraryPage'
import css from './library.module.css'
import { NewFolder } from './NewFolder'
import { FOLDERS } from './shapes'

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
