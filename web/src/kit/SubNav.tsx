import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { Go, useHere } from './go'
import css from './parts.module.css'
import { useSession } from './session'

export interface Place {
  path: string
  label: string // key of a string
  scope?: string
}

/** The pages of one module, above each of them; the first is the one whose address is the beginning of all. */
export function SubNav({ label, places }: { label: string; places: readonly Place[] }) {
  const { t } = useTranslation()
  const { may } = useSession()
  const here = useHere()
  const root = places[0]?.path
  const bar = useRef<HTMLElement>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: on a phone not all fit: the one we are at is brought into sight
  useEffect(() => {
    bar.current?.querySelector('[data-active=true]')?.scrollIntoView({ block: 'nearest', inline: 'center' })
  }, [here])
  const isHere = (path: string) => here === path || (path !== root && here.startsWith(`${path}/`))
  return (
    <nav ref={bar} className={css.tabs} aria-label={t(label)}>
      {places
        .filter((one) => may(one.scope))
        .map((one) => (
          <Go key={one.path} to={one.path} data-active={isHere(one.path)}>
            {t(one.label)}
          </Go>
        ))}
    </nav>
  )
}
