import { useEffect } from 'react'

type Box = Pick<DOMRect, 'left' | 'right' | 'top' | 'bottom'>

const AWAY = 2.5 // how much worse aside is than straight on

/** How far `to` lies from `from` in a direction; null when it does not lie there. */
export function distance(from: Box, to: Box, key: string): number | null {
  const along = {
    ArrowRight: to.left - from.right,
    ArrowLeft: from.left - to.right,
    ArrowDown: to.top - from.bottom,
    ArrowUp: from.top - to.bottom,
  }[key]
  if (along === undefined || along < -4) return null
  const sideways = key === 'ArrowRight' || key === 'ArrowLeft'
  const aside = sideways
    ? Math.max(0, from.top - to.bottom, to.top - from.bottom)
    : Math.max(0, from.left - to.right, to.left - from.right)
  const centre = sideways
    ? Math.abs(from.top + from.bottom - to.top - to.bottom)
    : Math.abs(from.left + from.right - to.left - to.right)
  return Math.max(0, along) + AWAY * aside + centre / 20
}

/** The index of the box that an arrow leads to; -1 when there is none that way. */
export function nearest(from: Box, boxes: readonly Box[], key: string): number {
  let best = -1
  let least = Number.POSITIVE_INFINITY
  for (const [index, box] of boxes.entries()) {
    const far = distance(from, box, key)
    if (far !== null && far < least) {
      least = far
      best = index
    }
  }
  return best
}

const OWN_KEYS =
  'input,textarea,select,[contenteditable=true],[role=grid],[role=tree],[role=slider],[role=menu],[role=listbox],[role=radiogroup]'
const REACHABLE = 'a[href],button:not(:disabled),input:not(:disabled),select:not(:disabled),[tabindex="0"]'

function reachable(): HTMLElement[] {
  const dialog = [...document.querySelectorAll<HTMLElement>('[role=dialog]')].at(-1)
  const all = [...(dialog ?? document).querySelectorAll<HTMLElement>(REACHABLE)]
  return all.filter((one) => one.tabIndex >= 0 && one.checkVisibility?.({ opacityProperty: true, visibilityProperty: true }))
}

/**
 * Four arrows are enough on the pages people watch from (`Page` with `arrows`): each leads to what lies there. Fields,
 * tables and sliders keep their own; on the other pages the arrows scroll, as everywhere.
 */
export function useArrows(): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (!event.key.startsWith('Arrow') || event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey) return
      if (!document.querySelector('[data-arrows]')) return
      const now = document.activeElement
      if (now instanceof HTMLElement && now.matches(OWN_KEYS)) return
      const all = reachable()
      const isFree = !(now instanceof HTMLElement) || now === document.body || now.id === 'main'
      const first = document.querySelector<HTMLElement>('[data-arrows]')?.querySelector<HTMLElement>(REACHABLE)
      const others = all.filter((one) => one !== now)
      const at = isFree
        ? -1
        : nearest(
            now.getBoundingClientRect(),
            others.map((one) => one.getBoundingClientRect()),
            event.key,
          )
      const next = isFree ? first : others[at]
      if (!next) return
      event.preventDefault()
      next.focus({ preventScroll: true })
      next.scrollIntoView({ block: 'nearest', inline: 'nearest' })
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [])
}
