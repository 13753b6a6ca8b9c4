import type { Answer } from '~/api/shapes'

export type LiveSession = Answer<'/polycast/v1/live/sessions'>['items'][number]
export type Sessions = Answer<'/polycast/v1/live/sessions'>
export type Source = Answer<'/polycast/v1/live/sources'>['items'][number]
export type Channel = Answer<'/polycast/v1/live/channels'>['items'][number]
export type ChannelWindow = Answer<'/polycast/v1/live/channels'>
export type Changed = Answer<'/polycast/v1/live/channels/move', 'post'>
export type Found = Answer<'/polycast/v1/live/sources/test', 'post'>
export type Suggestion = Answer<'/polycast/v1/live/match'>['items'][number]

export const SESSIONS = ['live', 'sessions'] as const
export const SOURCES = ['live', 'sources'] as const
