import type { Answer } from '~/api/shapes'

export type Output = Answer<'/polycast/v1/live/outputs'>['items'][number]

const SLOT = '{password}'

/** An address with the password in it; without one the place is marked. */
export const filled = (url: string, password: string): string =>
  url.replaceAll(SLOT, password ? encodeURIComponent(password) : '••••••')

/** The key of an output's words: a playlist with a password is told apart from the one of the home network. */
export const wordsOf = (output: Pick<Output, 'kind' | 'needs_password'>): string =>
  output.needs_password || output.kind === 'hdhr' ? `outputs.${output.kind}` : `outputs.${output.kind}.home`
