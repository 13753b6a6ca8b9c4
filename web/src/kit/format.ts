// Numbers and times for people. `locale` is always given: the language of the page, not of the browser.

const STEPS = ['', 'k', 'M', 'G', 'T', 'P'] as const

/** 1_530_000, "B" -> "1.53 MB": three digits that count, decimal steps. */
export function human(value: number, unit: string, locale: string): string {
  let rest = Math.abs(value)
  let step = 0
  while (rest >= 999.5 && step < STEPS.length - 1) {
    rest /= 1000
    step += 1
  }
  const digits = rest >= 100 || step === 0 ? 0 : rest >= 10 ? 1 : 2
  const number = new Intl.NumberFormat(locale, { maximumFractionDigits: digits }).format(value < 0 ? -rest : rest)
  return `${number} ${STEPS[step]}${unit}`
}

export const bytes = (value: number, locale: string): string => human(value, 'B', locale)
export const bits = (value: number, locale: string): string => human(value, 'bit/s', locale)
export const count = (value: number, locale: string): string => new Intl.NumberFormat(locale).format(value)
export const percent = (ratio: number, locale: string): string =>
  new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 }).format(ratio)

/** Seconds as "1:02:03", "2:03". */
export function clockLength(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds))
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  const shown = parts[0] === 0 ? parts.slice(1) : parts
  return shown.map((part, index) => (index === 0 ? String(part) : String(part).padStart(2, '0'))).join(':')
}

const UNITS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_557_600],
  ['month', 2_629_800],
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
]

/** "3 minutes ago", "in 2 days"; within 45 s it is "now". Both in milliseconds. */
export function relative(at: number, now: number, locale: string): string {
  const seconds = (at - now) / 1000
  const words = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' })
  if (Math.abs(seconds) < 45) return words.format(0, 'second')
  for (const [unit, size] of UNITS) if (Math.abs(seconds) >= size * 0.99) return words.format(Math.round(seconds / size), unit)
  return words.format(Math.round(seconds / 60), 'minute')
}

export const exact = (at: number, locale: string): string =>
  new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'medium' }).format(at)

export const clock = (at: number, locale: string): string =>
  new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit' }).format(at)

export const day = (at: number, locale: string): string =>
  new Intl.DateTimeFormat(locale, { weekday: 'short', day: 'numeric', month: 'short' }).format(at)

/** What is left of a job at its mean pace so far, in seconds; null while it cannot be told. */
export function remaining(done: number, total: number | null, startedAt: number, now: number): number | null {
  if (!total || done <= 0 || now <= startedAt) return null
  return Math.max(0, ((total - done) * (now - startedAt)) / done / 1000)
}

/** A name of 200 kB must not reach the layout engine: cut in the middle of nowhere, with a mark. */
export const clip = (text: string, most = 300): string => (text.length <= most ? text : `${text.slice(0, most)}…`)
