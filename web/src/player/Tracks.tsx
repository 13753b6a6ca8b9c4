import { ActionIcon, Menu } from '@mantine/core'
import { IconChartLine, IconSettings } from '@tabler/icons-react'
import { type RefObject, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { createStore, useStore } from '~/kit/store'
import type { Engine } from './engine'
import type { Choices } from './media'
import css from './player.module.css'
import { choose, chooseWay, player } from './state'

const SPEEDS = [0.75, 1, 1.25, 1.5, 2] as const
export const CUES = ['small', 'normal', 'large', 'boxed'] as const
export type Cue = (typeof CUES)[number]
const KEPT = 'polycast.subtitles'

/** How texts over the picture look; kept on this device. */
export const cue = createStore<Cue>(CUES.find((one) => one === localStorage.getItem(KEPT)) ?? 'normal')
cue.subscribe(() => localStorage.setItem(KEPT, cue.get()))

interface Option {
  id: string
  label: string
  isChosen?: boolean
}

function Options({ title, options, pick }: { title: string; options: readonly Option[]; pick: (id: string) => void }) {
  if (options.length === 0) return null
  return (
    <>
      <Menu.Label>{title}</Menu.Label>
      {options.map((one) => (
        <Menu.Item
          key={one.id}
          role="menuitemradio"
          aria-checked={one.isChosen ?? false}
          rightSection={one.isChosen ? '✓' : null}
          onClick={() => pick(one.id)}
        >
          {one.label}
        </Menu.Item>
      ))}
    </>
  )
}

/** Shows one of the media's own texts, or none; `-1` is off. */
export function showText(video: HTMLVideoElement, index: number): void {
  for (const [at, element] of [...video.querySelectorAll('track')].entries())
    element.track.mode = at === index ? 'showing' : 'disabled'
}

interface Props {
  video: RefObject<HTMLVideoElement | null>
  engine: Engine | null
  toggleStats: () => void
}

/** Quality, sound, subtitles, speed and delivery: of the server where it chooses, else of the engine. */
export function TrackMenu({ video, engine, toggleStats }: Props) {
  const { t } = useTranslation()
  const media = useStore(player, (state) => state.media)
  const way = useStore(player, (state) => state.way)
  const full = useStore(player, (state) => state.mode === 'full')
  const look = useStore(cue)
  const [, open] = useState(0) // tracks appear late: read them when the menu opens
  const again = () => open((times) => times + 1)
  const served = (what: keyof Choices) => media?.choices?.[what] ?? []
  const own = (tracks: readonly { id: number; label: string }[]) => tracks.map((one) => ({ ...one, id: String(one.id) }))
  const automatic = { id: '-1', label: t('player.auto') }
  const qualities = own(engine?.qualities() ?? [])
  const inside = own(engine?.subtitles() ?? []).map((one) => ({ ...one, id: `engine ${one.id}` }))
  const texts = (media?.subtitles ?? []).map((one, index) => ({
    id: `text ${index}`,
    label: one.label,
    isChosen: video.current?.querySelectorAll('track')[index]?.track.mode === 'showing',
  }))
  const burnt = served('subtitles').map((one) => ({ ...one, id: `served ${one.id}` }))
  const subtitles = [...texts, ...inside, ...burnt]
  const pickSubtitles = (id: string) => {
    const [where = 'off', ...rest] = id.split(' ')
    if (video.current) showText(video.current, where === 'text' ? Number(rest[0]) : -1)
    engine?.setSubtitles(where === 'engine' ? Number(rest[0]) : -1)
    if (where === 'served') choose('subtitles', rest.join(' '))
    else if (served('subtitles').some((one) => one.isChosen)) choose('subtitles', '')
  }
  const speed = video.current?.playbackRate ?? 1
  return (
    <Menu position="top-end" zIndex={320} onOpen={again}>
      <Menu.Target>
        <ActionIcon
          variant="subtle"
          color={full ? 'white' : 'gray'}
          size="lg"
          aria-label={t('player.settings')}
          className={css.wide}
        >
          <IconSettings size={20} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown className={css.choices}>
        <Options title={t('player.quality')} options={served('quality')} pick={(id) => choose('quality', id)} />
        <Options
          title={t('player.quality')}
          options={qualities.length > 1 ? [automatic, ...qualities] : []}
          pick={(id) => engine?.setQuality(Number(id))}
        />
        <Options title={t('player.audio')} options={served('audio')} pick={(id) => choose('audio', id)} />
        <Options title={t('player.audio')} options={own(engine?.audio() ?? [])} pick={(id) => engine?.setAudio(Number(id))} />
        <Options
          title={t('player.subtitles')}
          options={subtitles.length > 0 ? [{ id: 'off', label: t('player.off') }, ...subtitles] : []}
          pick={pickSubtitles}
        />
        <Options
          title={t('player.cue')}
          options={subtitles.length > 0 ? CUES.map((id) => ({ id, label: t(`player.cue.${id}`), isChosen: id === look })) : []}
          pick={(id) => cue.set(id as Cue)}
        />
        <Options
          title={t('player.speed')}
          options={media?.isLive ? [] : SPEEDS.map((one) => ({ id: String(one), label: `${one} ×`, isChosen: one === speed }))}
          pick={(id) => {
            if (video.current) video.current.playbackRate = Number(id)
          }}
        />
        <Options
          title={t('player.way')}
          options={(media?.ways ?? []).map((one, index) => ({
            id: String(index),
            label: one.label,
            isChosen: index === way,
          }))}
          pick={(id) => chooseWay(Number(id))}
        />
        {full && <Menu.Divider />}
        {full && (
          <Menu.Item leftSection={<IconChartLine size={16} />} onClick={toggleStats}>
            {t('keys.stats')}
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  )
}
