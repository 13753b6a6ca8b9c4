import { IconStar } from '@tabler/icons-react'
import { describe, expect, it, vi } from 'vitest'
import type { ModuleMore, ModuleUi } from '~/kit/module'
import { pseudo, type Strings } from '~/kit/strings'
import { firstWords, MODULES, openHouse, railOf } from './modules'
import { offered } from './Palette'

const MORE: ModuleMore = {
  strings: { 'dummy.do': ['Do the dummy', 'Attrappe machen'] },
  pages: { dummy: () => Promise.resolve({ default: () => null }) },
  events: [{ on: 'dummy.*', keys: [['dummy']] }],
}
const DUMMY: ModuleUi = {
  name: 'dummy',
  rail: [{ path: '/dummy', label: 'dummy.title', icon: IconStar, order: 15, scope: 'dummy:read' }],
  words: { 'dummy.title': ['Dummy', 'Attrappe'] },
  routes: [{ path: '/dummy', title: 'dummy.title', page: 'dummy' }],
  more: () => Promise.resolve({ more: MORE }),
}

const loaded = await Promise.all(MODULES.map(async (one) => ({ ...one, ...(await one.more()).more })))
const words: Strings = Object.assign({}, firstWords(MODULES), ...loaded.map((one) => one.strings))

// Each file of a module, as text: what it asks `t` for must be its own, the shell's or the kit's.
const sources = import.meta.glob<string>('../*/*.{ts,tsx}', { query: '?raw', import: 'default', eager: true })

describe('a module', () => {
  it('is found by its folder', () => {
    expect(MODULES.map((one) => one.name).sort()).toEqual(
      expect.arrayContaining(['account', 'guide', 'home', 'live', 'player', 'settings', 'welcome']),
    )
  })
  it('brings its place in the rail and the words for it, and nobody edits a list', () => {
    const all = [...MODULES, DUMMY]
    const paths = railOf(all, () => true).map((one) => one.path)
    expect(paths.indexOf('/dummy')).toBe(paths.indexOf('/live') + 1)
    expect(firstWords(all)['dummy.title']).toEqual(['Dummy', 'Attrappe'])
  })
  it('is hidden from those without its scope', () => {
    expect(railOf([DUMMY], (scope) => scope !== 'dummy:read')).toEqual([])
  })
  it('has each of its words in both languages, with the same placeholders', () => {
    const holes = (text: string) => [...text.matchAll(/\{\{([^}]+)\}\}/g)].map((found) => found[1]).sort()
    for (const [key, [en, de]] of Object.entries(words)) {
      expect(en.length * de.length, key).toBeGreaterThan(0)
      expect(holes(de), key).toEqual(holes(en))
      expect(holes(pseudo(en)), key).toEqual(holes(en))
    }
  })
  it('has no address twice, a page for each, and words for each label', () => {
    const routes = loaded.flatMap((one) => one.routes.map((route) => ({ ...route, pages: one.pages })))
    expect(new Set(routes.map((one) => one.path)).size).toBe(routes.length)
    for (const route of routes) expect(Object.keys(route.pages), route.path).toContain(route.page)
    const kinds = loaded.flatMap((one) => Object.values(one.hits ?? {}))
    const named = loaded.flatMap((one) => [...one.rail, ...(one.actions ?? []), ...(one.panels ?? [])])
    for (const { label } of [...named, ...kinds]) expect(words, label).toHaveProperty([label])
    for (const { title } of routes) expect(words, title).toHaveProperty([title])
  })
  it('has words for its rail from the start, without a further request', () => {
    for (const entry of MODULES.flatMap((one) => one.rail)) expect(firstWords(MODULES)).toHaveProperty([entry.label])
  })
  // A page is drawn once its own module's words are there; those of another may still be under way.
  it('speaks in its own words or the shell\u2019s', () => {
    const shell = firstWords(MODULES)
    const foreign: string[] = []
    for (const [file, text] of Object.entries(sources)) {
      const own = loaded.find((one) => file.startsWith(`../${one.name}/`))
      const known = { ...shell, ...own?.strings }
      for (const [, key = ''] of text.matchAll(/\bt\('([^']+)'/g))
        if (!(key in known) && key in words) foreign.push(`${file} ${key}`)
    }
    expect(foreign).toEqual([])
  })
})

describe('the house', () => {
  it('learns words and events of a module when it is loaded, once', async () => {
    const learned: Strings[] = []
    const house = openHouse([DUMMY], (strings) => learned.push(strings))
    expect(house.rules().some((rule) => rule.on === 'dummy.*')).toBe(false)
    await Promise.all([house.load('dummy'), house.load('dummy'), house.all()])
    expect(learned).toEqual([MORE.strings])
    expect(house.rules().filter((rule) => rule.on === 'dummy.*')).toHaveLength(1)
  })
  it('goes on without a module that cannot be loaded, and tries it again after a while', async () => {
    vi.useFakeTimers()
    let broken = true
    const shaky: ModuleUi = {
      ...DUMMY,
      name: 'shaky',
      more: () => (broken ? Promise.reject(new Error('gone')) : Promise.resolve({ more: MORE })),
    }
    const house = openHouse([DUMMY, shaky], () => {})
    expect(await house.all()).toHaveLength(1)
    broken = false
    expect(house.all()).toBe(house.all())
    expect(await house.all()).toHaveLength(1)
    vi.runAllTimers()
    expect(await house.all()).toHaveLength(2)
    vi.useRealTimers()
  })
})

describe('the palette', () => {
  it('finds by the beginnings of words, in any order', () => {
    const all = [{ id: 'a', label: '', icon: IconStar, words: 'add a source' }]
    expect(offered(all, 'sou add')).toHaveLength(1)
    expect(offered(all, 'urce')).toHaveLength(0)
  })
})
