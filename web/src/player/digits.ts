/** Typing a channel number on a keyboard or a remote: digits and one point, taken after a pause or with Enter. */
export const PAUSE_MS = 1_600
const MOST = 6

export function withDigit(typed: string, key: string): string {
  if (key === '.') return typed === '' || typed.includes('.') ? typed : `${typed}.`
  if (!/^\d$/.test(key)) return typed
  return typed.length >= MOST ? typed : `${typed}${key}`
}

/** "007" -> "7", "2." -> "2"; null when it is no number. */
export function numberOf(typed: string): string | null {
  const clean = typed.replace(/\.$/, '').replace(/^0+(?=\d)/, '')
  return /^\d+(\.\d+)?$/.test(clean) ? clean : null
}
