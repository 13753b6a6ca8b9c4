// What is on now is decided by the server's clock: a television or tablet whose own is an hour wrong shows the same.

const TOLERATED_MS = 30_000 // the header has whole seconds, and an answer takes its time

let skew = 0 // ms that this device is behind the server

/** Takes the `Date` header of an answer. */
export function learnTime(date: string | null, here = Date.now()): void {
  const there = date ? Date.parse(date) : Number.NaN
  if (Number.isNaN(there)) return
  skew = Math.abs(there - here) > TOLERATED_MS ? there - here : 0
}

/** Now, in milliseconds, as the server sees it. */
export const serverNow = (): number => Date.now() + skew
