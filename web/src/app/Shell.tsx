import { Tooltip } from '@mantine/core'
import { useDisclosure, useHotkeys, useLocalStorage } from '@mantine/hooks'
import { IconDots, IconLayoutSidebarLeftCollapse, IconLayoutSidebarLeftExpand, IconSearch } from '@tabler/icons-react'
import { lazy, type ReactNode, Suspense, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Go, useHere } from '~/kit/go'
import type { House } from '~/kit/house'
import type { RailEntry } from '~/kit/module'
import { useSession } from '~/kit/session'
import { useStore } from '~/kit/store'
import { player } from '~/player/state'
import { Banner } from './Banner'
import { railOf } from './modules'
import css from './shell.module.css'
import { keysOpen, paletteOpen } from './signals'

const Sheet = lazy(() => import('./Sheet'))
const Tools = lazy(() => import('./Tools'))
const Palette = lazy(() => import('./Palette'))
const KeysHelp = lazy(() => import('./KeysHelp'))

const isActive = (here: string, path: string) => (path === '/' ? here === '/' : here === path || here.startsWith(`${path}/`))

function RailLinks({ entries, folded }: { entries: readonly RailEntry[]; folded: boolean }) {
  const { t } = useTranslation()
  const here = useHere()
  const best = entries.filter((one) => isActive(here, one.path)).sort((a, b) => b.path.length - a.path.length)[0]
  return entries.map((entry) => (
    <Tooltip key={entry.path} label={t(entry.label)} position="right" disabled={!folded}>
      <div>
        <Go to={entry.path} className={css.link} data-active={entry === best} aria-label={t(entry.label)}>
          <entry.icon size={20} stroke={1.7} />
          <span className={css.word}>{t(entry.label)}</span>
        </Go>
      </div>
    </Tooltip>
  ))
}

function Rail({ entries }: { entries: readonly RailEntry[] }) {
  const { t } = useTranslation()
  const [folded, setFolded] = useLocalStorage({
    key: 'polycast.rail.folded',
    defaultValue: false,
    getInitialValueInEffect: false,
  })
  const Fold = folded ? IconLayoutSidebarLeftExpand : IconLayoutSidebarLeftCollapse
  return (
    <nav className={css.rail} data-folded={folded} aria-label={t('shell.nav')}>
      <Go to="/" className={css.brand} aria-label="Polycast">
        <img src="/icon.svg" alt="" />
        <span className={css.word}>Polycast</span>
      </Go>
      <RailLinks entries={entries} folded={folded} />
      <button
        type="button"
        className={`${css.link} ${css.fold}`}
        onClick={() => setFolded(!folded)}
        aria-label={t('shell.fold')}
        aria-expanded={!folded}
      >
        <Fold size={20} stroke={1.7} />
        <span className={css.word}>{t('shell.fold')}</span>
      </button>
    </nav>
  )
}

/** On a phone: the four most used places under the thumb, the rest in a sheet. */
function Tabs({ entries }: { entries: readonly RailEntry[] }) {
  const { t } = useTranslation()
  const here = useHere()
  const [open, sheet] = useDisclosure(false)
  const shown = entries.filter((one) => one.phone).slice(0, 4)
  return (
    <nav className={css.tabs} aria-label={t('shell.nav')}>
      {shown.map((entry) => (
        <Go key={entry.path} to={entry.path} className={css.tab} data-active={isActive(here, entry.path)}>
          <entry.icon size={22} stroke={1.7} />
          <span>{t(entry.label)}</span>
        </Go>
      ))}
      <button type="button" className={css.tab} onClick={sheet.open} aria-expanded={open}>
        <IconDots size={22} stroke={1.7} />
        <span>{t('shell.more')}</span>
      </button>
      <Suspense fallback={null}>
        {open && (
          <Sheet close={sheet.close}>
            <RailLinks entries={entries} folded={false} />
          </Sheet>
        )}
      </Suspense>
    </nav>
  )
}

export function Shell({ house, children }: { house: House; children: ReactNode }) {
  const { t } = useTranslation()
  const { may } = useSession()
  const here = useHere()
  const main = useRef<HTMLElement>(null)
  const playing = useStore(player, (state) => state.mode !== 'closed')
  const entries = railOf(house.modules, may)
  const [Dock] = useState(() => lazy(() => house.load('player').then(() => import('~/player/Dock'))))
  const palette = useStore(paletteOpen)
  const keys = useStore(keysOpen)
  useHotkeys([
    ['mod + K', () => paletteOpen.set(true)],
    ['/', () => paletteOpen.set(true)],
    ['shift+?', () => keysOpen.set(true)],
  ])

  const first = useRef(true)
  // After a change of page the focus goes to it, so that a screen reader and the Tab key start there.
  // biome-ignore lint/correctness/useExhaustiveDependencies: `here` is the reason to run
  useEffect(() => {
    if (!first.current && !document.activeElement?.closest('[role=dialog]')) main.current?.focus({ preventScroll: true })
    first.current = false
  }, [here])

  return (
    <div className={css.shell}>
      <a href="#main" className={css.skip}>
        {t('shell.skip')}
      </a>
      <Rail entries={entries} />
      <header className={css.top}>
        <button type="button" className={css.find} onClick={() => paletteOpen.set(true)} aria-keyshortcuts="Control+K">
          <IconSearch size={17} />
          <span>{t('palette.find')}</span>
          <kbd>Ctrl K</kbd>
        </button>
        <div className={css.tools}>
          <Suspense fallback={null}>
            <Tools />
          </Suspense>
        </div>
      </header>
      <main className={css.main} id="main" ref={main} tabIndex={-1}>
        {children}
      </main>
      <div className={css.dock}>
        <Suspense fallback={null}>{playing && <Dock />}</Suspense>
      </div>
      <Tabs entries={entries} />
      <Banner />
      <Suspense fallback={null}>
        {palette && <Palette />}
        {keys && <KeysHelp />}
      </Suspense>
    </div>
  )
}
