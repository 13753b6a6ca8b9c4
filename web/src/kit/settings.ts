import type { Setting } from '~/api/shapes'

/** What is typed for a setting, as text or a switch, until it is saved. */
export type Draft = string | boolean

export const MASK = '***'

/** A stored value as it is typed; lists one a line. */
export function draftOf(field: Pick<Setting, 'kind' | 'value'>): Draft {
  const { value } = field
  if (field.kind === 'bool') return value === true
  if (field.kind === 'secret') return ''
  if (Array.isArray(value)) return value.join('\n')
  return value === null || value === undefined ? '' : String(value)
}

/** What is sent for a draft. Text that is no number goes as it is: the server says what is wrong with it. */
export function sentOf(kind: Setting['kind'], draft: Draft): unknown {
  if (typeof draft === 'boolean') return draft
  const text = draft.trim()
  if (kind === 'list')
    return text === ''
      ? []
      : text
          .split('\n')
          .map((line) => line.trim())
          .filter(Boolean)
  if (kind === 'int' || kind === 'float' || kind === 'bytes' || kind === 'duration') {
    if (text === '') return null
    const number = Number(text.replace(',', '.'))
    return Number.isNaN(number) ? text : number
  }
  if (kind === 'secret' && text === '') return MASK
  return draft
}

/** Fields whose words hold every part of the search. */
export function found(field: Pick<Setting, 'key' | 'label' | 'help'>, typed: string): boolean {
  const words = `${field.key} ${field.label} ${field.help}`.toLocaleLowerCase()
  return typed
    .toLocaleLowerCase()
    .split(/\s+/)
    .every((part) => words.includes(part))
}
