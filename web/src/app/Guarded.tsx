import { IconLock } from '@tabler/icons-react'
import { type ReactNode, useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import type { ModuleRoute } from '~/kit/module'
import { EmptyState } from '~/kit/parts'
import { useSession } from '~/kit/session'

/** A page for those who may see it; names the browser's tab. */
export function Guarded({ route, children }: { route: ModuleRoute; children: ReactNode }) {
  const { t } = useTranslation()
  const { may } = useSession()
  const title = t(route.title)
  useEffect(() => {
    document.title = `${title} · Polycast`
  }, [title])
  if (may(route.scope)) return children
  return (
    <EmptyState icon={IconLock} title={t('error.locked')}>
      {t('error.locked.about')}
    </EmptyState>
  )
}
