import { Loader } from '@mantine/core'
import { lazy, Suspense, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { connection } from '~/api/connection'
import { useStore } from '~/kit/store'
import css from './shell.module.css'

const ConfirmAgain = lazy(() => import('./ConfirmAgain'))
const SignInAgain = lazy(() => import('./SignInAgain'))
const GRACE_MS = 1_500 // a line that comes back at once needs no banner

/** The server is gone or restarting: says so, keeps the page as it is, goes away by itself. */
function Lost() {
  const { t } = useTranslation()
  const { reach, since } = useStore(connection)
  const [shown, setShown] = useState(false)
  useEffect(() => {
    setShown(false)
    if (reach === 'online') return
    const timer = setTimeout(() => setShown(true), Math.max(0, GRACE_MS - (Date.now() - since)))
    return () => clearTimeout(timer)
  }, [reach, since])
  return (
    <div aria-live="assertive">
      {shown && (
        <div className={css.banner}>
          <Loader size={16} type="dots" />
          <span>{t('banner.lost')}</span>
        </div>
      )}
    </div>
  )
}

export function Banner() {
  const expired = useStore(connection, (state) => state.expired)
  const stale = useStore(connection, (state) => state.stale)
  return (
    <>
      <Lost />
      <Suspense fallback={null}>
        {expired && <SignInAgain />}
        {stale && !expired && <ConfirmAgain />}
      </Suspense>
    </>
  )
}
