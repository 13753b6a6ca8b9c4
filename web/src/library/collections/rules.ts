import type { Sent } from '~/api/shapes'

export type NewCollection = Sent<'/v1/collections', 'post'>

/** How the value of a rule is typed. */
export type Typed = 'text' | 'list' | 'number' | 'between' | 'days' | 'yes'

export interface Rule {
  key: number // for the page only
  field: string
  operator: string
  value: string // as typed
}

type Kind = 'words' | 'number' | 'name' | 'choice' | 'date' | 'flag'

/** What can be asked of a title, as people would; the server knows more. */
export const FIELDS = {
  genre: 'choice',
  year: 'number',
  rating: 'number',
  runtime: 'number',
  contentRating: 'choice',
  person: 'name',
  studio: 'name',
  keywords: 'words',
  resolution: 'name',
  addedAt: 'date',
  watched: 'flag',
  inWatchlist: 'flag',
} as const satisfies Record<string, Kind>

const OPERATORS: Readonly<Record<Kind, Readonly<Record<string, Typed>>>> = {
  words: { has_any: 'list', has_all: 'list' },
  choice: { any_of: 'list', is: 'text', is_not: 'text' },
  name: { any_of: 'list', is: 'text' },
  number: { at_least: 'number', at_most: 'number', between: 'between' },
  date: { in_last: 'days', not_in_last: 'days' },
  flag: { is: 'yes' },
}
const OF_YEAR: Readonly<Record<string, Typed>> = { between: 'between', is: 'number', before: 'number', after: 'number' }

/** What a field can be asked, and how the answer is typed. */
export const operatorsOf = (field: string): Readonly<Record<string, Typed>> =>
  field === 'year' ? OF_YEAR : OPERATORS[FIELDS[field as keyof typeof FIELDS] ?? 'name']

let keys = 0

/** A rule to begin with. */
export function newRule(field = 'genre'): Rule {
  const operator = Object.keys(operatorsOf(field))[0] ?? 'is'
  keys += 1
  return { key: keys, field, operator, value: operatorsOf(field)[operator] === 'yes' ? 'yes' : '' }
}

const listOf = (text: string): string[] =>
  text
    .split(',')
    .map((one) => one.trim())
    .filter(Boolean)

/** What the server is sent for a rule; null while it cannot be read. */
export function wireOf({ field, operator, value }: Rule): { field: string; operator: string; value: unknown } | null {
  const typed = operatorsOf(field)[operator]
  const numbers = listOf(value.replaceAll('-', ',')).map(Number)
  const read = {
    text: () => value.trim() || null,
    list: () => (listOf(value).length > 0 ? listOf(value) : null),
    number: () => (value.trim() !== '' && Number.isFinite(Number(value)) ? Number(value) : null),
    days: () => (Number(value) > 0 ? Number(value) : null),
    between: () => (numbers.length === 2 && numbers.every(Number.isFinite) ? numbers : null),
    yes: () => value === 'yes',
  }
  const found = typed ? read[typed]() : null
  return found === null ? null : { field, operator, value: found }
}
