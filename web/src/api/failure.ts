/** What went wrong with one field. */
export interface FieldProblem {
  path: string
  code: string
  text: string
}

/** A refused or failed request, in words for a person. */
export class Failure extends Error {
  constructor(
    readonly status: number, // 0: the server could not be reached
    readonly code: string,
    readonly title: string,
    readonly detail: string,
    readonly problems: readonly FieldProblem[] = [],
    readonly requestId = '',
    readonly retryAfter = 0, // seconds
  ) {
    super(detail || title)
    this.name = 'Failure'
  }
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null
const text = (value: unknown): string => (typeof value === 'string' ? value : '')

/** `{"name": ["Too long."], "detail": "..."}`, as the Dispatcharr dialect words its refusals. */
function byField(body: Record<string, unknown>): FieldProblem[] {
  return Object.entries(body).flatMap(([path, said]) =>
    Array.isArray(said) ? [{ path, code: 'invalid', text: said.filter((line) => typeof line === 'string').join(' ') }] : [],
  )
}

function listed(said: unknown): FieldProblem[] {
  if (!Array.isArray(said)) return []
  return said
    .filter(isObject)
    .map((one) => ({ path: text(one.path), code: text(one.code), text: text(one.text) || text(one.message) || text(one.code) }))
}

/** Reads problem details (ours) and the bodies of the dialects; a body that is neither still names the status. */
export function failureOf(response: Response, body: unknown): Failure {
  const requestId = response.headers.get('X-Request-Id') ?? ''
  const retryAfter = Number(response.headers.get('Retry-After') ?? 0) || 0
  const said = isObject(body) ? body : {}
  const fields = said.problems ?? said.details // ours, or the library dialect's
  const problems = fields === undefined ? byField(said) : listed(fields)
  const words = problems.map((one) => one.text).join(' ')
  const detail = text(said.detail) || ('details' in said && words) || text(said.error) || text(said.message) || words
  const code = text(said.code) || `http_${response.status}`
  return new Failure(response.status, code, text(said.title), detail, problems, text(said.request_id) || requestId, retryAfter)
}

export const asFailure = (error: unknown): Failure =>
  error instanceof Failure ? error : new Failure(-1, 'client', '', error instanceof Error ? error.message : String(error))
