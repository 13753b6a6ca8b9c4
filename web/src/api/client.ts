import createClient from 'openapi-fetch'
import { setExpired, setReach, shownAgain, signedInAgain } from './connection'
import { Failure, failureOf } from './failure'
import { learnTime } from './serverTime'
import type { Paths } from './types'

const SESSION = '/polycast/v1/session'
let known = false // somebody has been signed in on this page: a 401 then means "expired"

/** Told by the shell: with a user a 401 opens the sign-in dialog, without one it is an answer like any other. */
export function setKnown(value: boolean): void {
  known = value
}

/** Whether the server wants the password once more before it does this. */
async function wantsPassword(response: Response): Promise<boolean> {
  if (response.status !== 403 || !known) return false
  const said: unknown = await response
    .clone()
    .json()
    .catch(() => null)
  return typeof said === 'object' && said !== null && 'type' in said && said.type === 'polycast:not_allowed/fresh'
}

/** Sends a request; after an expired session it waits for the sign-in in place and sends the same request again. */
async function send(request: Request): Promise<Response> {
  const spare = request.clone()
  let response: Response
  try {
    response = await fetch(request)
  } catch (error) {
    if (request.signal.aborted) throw error
    setReach('lost')
    throw new Failure(0, 'unreachable', '', '')
  }
  setReach('online')
  learnTime(response.headers.get('Date'))
  if (response.status === 401 && known && !new URL(request.url).pathname.startsWith(SESSION)) {
    setExpired(true)
    await signedInAgain(request.signal)
    return send(spare)
  }
  if ((await wantsPassword(response)) && (await shownAgain())) return send(spare)
  return response
}

export const api = createClient<Paths>({ baseUrl: location.origin, fetch: send, credentials: 'same-origin' })

interface Outcome<T> {
  data?: T
  error?: unknown
  response: Response
}

/** The answer of a call, or a `Failure` thrown: what Query functions want. */
export async function must<T>(call: Promise<Outcome<T>>): Promise<T> {
  const { data, error, response } = await call
  if (!response.ok) throw failureOf(response, error)
  return data as T
}

/** For lists that some dialects send bare and some in an envelope. */
export function rowsOf<T>(answer: readonly T[] | { results: readonly T[] }): readonly T[] {
  return 'results' in answer ? answer.results : answer
}
