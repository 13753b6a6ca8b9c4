import '@mantine/spotlight/styles.layer.css'
import { useDebouncedValue } from '@mantine/hooks'
import { Spotlight } from '@mantine/spotlight'
import { IconSearch } from '@tabler/icons-react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { use, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import type { Hit } from '~/api/shapes'
import { useGo } from '~/kit/go'
import { HouseContext, useHouse } from '~/kit/house'
import type { HitKind, ModuleMore, PaletteAction } from '~/kit/module'
import { Logo } from '~/kit/parts'
import { useSession } from '~/kit/session'
import { railOf } from './modules'
import { paletteOpen } from './signals'

const PAUSE_MS = 60

/** Places and actions whose words begin with what was typed; things come from the server. */
export function offered(all: readonly (PaletteAction & { words: string })[], typed: string): typeof all {
  const wanted = typed.toLocaleLowerCase().split(/\s+/).filter(Boolean)
  return all.filter(({ words }) => wanted.every((part) => words.split(/\s+/).some((word) => word.startsWith(part))))
}

function useActions(brought: readonly ModuleMore[]) {
  const { t } = useTranslation()
  const { may } = useSession()
  const places = railOf(use(HouseContext).modules, may).map((entry) => ({
    id: `go:${entry.path}`,
    label: entry.label,
    icon: entry.icon,
    path: entry.path,
  }))
  const own: readonly PaletteAction[] = brought.flatMap((one) => one.actions ?? []).filter((action) => may(action.scope))
  return [...places, ...own].map((action) => ({ ...action, words: t(action.label).toLocaleLowerCase() }))
}

export default function Palette() {
  const brought = useHouse()
  const { t } = useTranslation()
  const go = useGo()
  const [typed, setTyped] = useState('')
  const [asked] = useDebouncedValue(typed.trim(), PAUSE_MS)
  const found = useQuery({
    queryKey: ['core', 'search', asked],
    queryFn: ({ signal }) => must(api.GET('/polycast/v1/search', { params: { query: { q: asked, limit: 12 } }, signal })),
    enabled: asked.length > 0,
    placeholderData: keepPreviousData,
    staleTime: 30_000,
    gcTime: 60_000,
  })
  const things = typed ? (found.data?.items ?? []) : []
  const doable = offered(useActions(brought), typed).slice(0, typed ? 6 : 12)
  const kinds: Readonly<Record<string, HitKind>> = Object.assign({}, ...brought.map((one) => one.hits))
  const follow = (action: Pick<PaletteAction, 'path' | 'run'>) => {
    paletteOpen.set(false)
    if (action.path) go(action.path)
    else action.run?.()
  }
  const kindOf = (hit: Hit) => kinds[hit.ref.split(':', 1)[0] ?? '']
  const hitLine = (hit: Hit, kind: HitKind | undefined) => (
    <Spotlight.Action
      key={hit.ref}
      label={hit.title.slice(0, 200)}
      description={[kind && t(kind.label), hit.subtitle.slice(0, 200)].filter(Boolean).join(' · ')}
      leftSection={<Logo url={hit.image_url} name={hit.title} tall={kind?.poster} />}
      rightSection={kind && <kind.icon size={18} stroke={1.6} aria-hidden />}
      onClick={() => follow({ path: kind ? kind.path(hit.ref.slice(hit.ref.indexOf(':') + 1)) : hit.url })}
    />
  )
  return (
    <Spotlight.Root
      forceOpened
      onSpotlightClose={() => paletteOpen.set(false)}
      query={typed}
      onQueryChange={setTyped}
      shortcut={null}
      scrollable
      maxHeight={480}
    >
      <Spotlight.Search placeholder={t('palette.find')} aria-label={t('palette.title')} leftSection={<IconSearch size={18} />} />
      <Spotlight.ActionsList>
        {things.length > 0 && (
          <Spotlight.ActionsGroup label={t('palette.things')}>
            {things.map((hit) => hitLine(hit, kindOf(hit)))}
          </Spotlight.ActionsGroup>
        )}
        {doable.length > 0 && (
          <Spotlight.ActionsGroup label={t('palette.actions')}>
            {doable.map((action) => (
              <Spotlight.Action
                key={action.id}
                label={t(action.label)}
                leftSection={<action.icon size={20} stroke={1.6} />}
                onClick={() => follow(action)}
              />
            ))}
          </Spotlight.ActionsGroup>
        )}
        {things.length + doable.length === 0 && (
          <Spotlight.Empty>{found.isFetching ? t('common.loading') : t('palette.nothing')}</Spotlight.Empty>
        )}
      </Spotlight.ActionsList>
    </Spotlight.Root>
  )
}
