import { CORE_RULES, type EventRule } from '~/api/rules'
import type { House } from '~/kit/house'
import type { ModuleMore, ModuleUi } from '~/kit/module'
import type { Strings } from '~/kit/strings'
import { strings as shell } from './strings'

const files = import.meta.glob<{ module?: ModuleUi }>('../*/index.ts', { eager: true })

/** Every folder beside this one whose `index.ts` exports a `module`. Nobody keeps a list. */
export const MODULES: readonly ModuleUi[] = Object.values(files).flatMap((file) => (file.module ? [file.module] : []))

/** The words that are there from the start: the shell's and the rail's. */
export const firstWords = (modules: readonly ModuleUi[]): Strings => Object.assign({}, shell, ...modules.map((one) => one.words))

export const railOf = (modules: readonly ModuleUi[], may: (scope?: string) => boolean) =>
  modules
    .flatMap((one) => one.rail)
    .filter((entry) => may(entry.scope))
    .sort((a, b) => a.order - b.order)

const AGAIN_MS = 10_000

export interface OpenHouse extends House {
  rules: () => readonly EventRule[] // of the shell and of what is loaded so far
}

/** Loads what modules bring, each once; a failed load is tried anew the next time. */
export function openHouse(modules: readonly ModuleUi[], learn: (strings: Strings) => void): OpenHouse {
  const asked = new Map<string, Promise<ModuleMore>>()
  let rules: readonly EventRule[] = CORE_RULES
  let whole: Promise<readonly ModuleMore[]> | undefined
  const fetchOne = async (module: ModuleUi) => {
    const { more } = await module.more()
    learn(more.strings)
    rules = [...rules, ...(more.events ?? [])]
    return more
  }
  const load = (name: string) => {
    const module = modules.find((one) => one.name === name)
    if (!module) return Promise.reject(new Error(`no module ${name}`))
    const known = asked.get(name) ?? fetchOne(module)
    asked.set(name, known)
    known.catch(() => asked.delete(name))
    return known
  }
  const all = () => {
    whole ??= Promise.allSettled(modules.map((one) => load(one.name))).then((ends) => {
      // Kept for a while: a page that waits for it must not ask anew with each drawing.
      if (ends.some((end) => end.status === 'rejected')) setTimeout(() => (whole = undefined), AGAIN_MS)
      return ends.flatMap((end) => (end.status === 'fulfilled' ? [end.value] : []))
    })
    return whole
  }
  return { modules, load, all, rules: () => rules }
}
