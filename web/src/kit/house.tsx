import { createContext, use } from 'react'
import type { ModuleMore, ModuleUi } from './module'

/** The modules that are built in, and what they bring once it is loaded. */
export interface House {
  modules: readonly ModuleUi[]
  /** What the module of that name brings; its strings and events are in use once this has resolved. */
  load: (name: string) => Promise<ModuleMore>
  /** What all of them bring; a module that cannot be loaded is left out. */
  all: () => Promise<readonly ModuleMore[]>
}

const EMPTY: House = {
  modules: [],
  load: (name) => Promise.reject(new Error(`no module ${name}`)),
  all: () => Promise.resolve([]),
}

export const HouseContext = createContext<House>(EMPTY)

/** What all modules bring, for the pages that join them: settings, palette, home, the first run. Suspends until it is there. */
export const useHouse = (): readonly ModuleMore[] => use(use(HouseContext).all())
