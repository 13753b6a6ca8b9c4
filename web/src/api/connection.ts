import { createStore } from '~/kit/store'

/** How we stand with the server; the banner and the sign-in dialog are drawn from it. */
export interface Connection {
  reach: 'online' | 'lost'
  since: number // ms; when `reach` last changed
  expired: boolean // the session ended: sign in in place
  stale: boolean // something delicate was asked for: show the password again
}

export const connection = createStore<Connection>({ reach: 'online', since: 0, expired: false, stale: false })

export function setReach(reach: Connection['reach']): void {
  connection.set((before) => (before.reach === reach ? before : { ...before, reach, since: Date.now() }))
}

export function setExpired(expired: boolean): void {
  connection.set((before) => (before.expired === expired ? before : { ...before, expired }))
}

/** Resolves once somebody has signed in again; at once when the session is good. */
export function signedInAgain(signal?: AbortSignal | null): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = () => {
      if (connection.get().expired) return
      stop()
      resolve()
    }
    const stop = connection.subscribe(look)
    signal?.addEventListener('abort', () => {
      stop()
      reject(signal.reason)
    })
    look()
  })
}

let answers: ((isFresh: boolean) => void)[] = []

/** Asks for the password in place; false when the person would rather not. */
export function shownAgain(): Promise<boolean> {
  connection.set((before) => ({ ...before, stale: true }))
  return new Promise((resolve) => answers.push(resolve))
}

/** What became of the asking: all who wait are told. */
export function setFresh(isFresh: boolean): void {
  const waiting = answers
  answers = []
  connection.set((before) => ({ ...before, stale: false }))
  for (const answer of waiting) answer(isFresh)
}
