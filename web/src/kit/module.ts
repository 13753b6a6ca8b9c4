import type { Icon } from '@tabler/icons-react'
import type { ComponentType } from 'react'
import type { EventRule } from '~/api/rules'
import type { Strings } from './strings'

/** An entry of the left rail (and, when `phone`, of the bar at the bottom of a phone). */
export interface RailEntry {
  path: string
  label: string // key of a string among the module's `words`
  icon: Icon
  order: number
  scope?: string
  phone?: boolean
}

export interface ModuleRoute {
  path: string // below /app, "/live/channels", "/live/sources/$ref"
  title: string // key of a string
  scope?: string
  page: string // its name among `pages` of the module's `more`
}

/** A part of a page, loaded when it is first drawn. */
export type Part<P = object> = () => Promise<{ default: ComponentType<P> }>

/** Something the palette offers: a place to go to, or a thing to do. */
export interface PaletteAction {
  id: string
  label: string
  icon: Icon
  scope?: string
  keys?: string // shown beside it, "G then L"
  path?: string
  run?: () => void
}

/** A hand-made panel of the settings page; the typed tree's own sections need none. */
export interface SettingsPanel {
  id: string
  label: string
  scope?: string
  panel: Part
}

export interface WelcomeProps {
  /** The step is done or not wanted: go on. */
  next: (state: 'done' | 'skipped') => void
}

/** A step of the first run that a module brings along; `name` is the server's word for it. */
export interface WelcomeStep {
  name: string
  title: string
  order: number
  step: Part<WelcomeProps>
}

/** A part of the home page: it asks for its own data and draws nothing (null) when there is none. */
export interface HomeRow {
  id: string
  order: number // "continue watching" 10, "on now" 20, "new in the library" 30
  scope?: string
  side?: boolean // in the narrow column of figures beside the pictures
  row: Part
}

/** What search results look like whose `ref` begins with a word ("library.movie"), and where they lead. */
export interface HitKind {
  label: string // key of a string: "Film"
  icon: Icon
  path: (id: string) => string // of the page; `id` is what follows the colon in the hit's `ref`
  poster?: boolean // its picture stands upright
}

/** What a module brings that the first sight of the house does not need; one chunk of its own. */
export interface ModuleMore {
  strings: Strings
  pages: Readonly<Record<string, Part>>
  actions?: readonly PaletteAction[]
  panels?: readonly SettingsPanel[]
  events?: readonly EventRule[]
  welcome?: readonly WelcomeStep[]
  home?: readonly HomeRow[]
  hits?: Readonly<Record<string, HitKind>>
}

/**
 * What one folder `web/src/<name>/index.ts` exports as `module`. This part is in the entry bundle, so it is small:
 * addresses and the words of the rail. All else is in `more.ts`.
 */
export interface ModuleUi {
  name: string
  rail: readonly RailEntry[]
  words: Strings
  routes: readonly ModuleRoute[]
  more: () => Promise<{ more: ModuleMore }>
}
