import type { Paths } from './types'

type Body<T> = T extends { content: infer C } ? C[keyof C] : never
type Good<R> = Body<R[keyof R & (200 | 201 | 202)]>

/** What a route answers; derived from the generated types, so a changed field breaks the build where it is used. */
export type Answer<P extends keyof Paths, M extends keyof Paths[P] = 'get' & keyof Paths[P]> = Paths[P][M] extends {
  responses: infer R
}
  ? Good<R>
  : never

/** What a route is sent. */
export type Sent<P extends keyof Paths, M extends keyof Paths[P]> = Paths[P][M] extends { requestBody?: infer B }
  ? Body<NonNullable<B>>
  : never

export type Session = Answer<'/polycast/v1/session'>
export type Me = NonNullable<Session['user']>
export type Job = Answer<'/polycast/v1/jobs'>['items'][number]
export type JobPage = Answer<'/polycast/v1/jobs'>
export type Activity = Answer<'/polycast/v1/activity'>['items'][number]
export type Notice = Answer<'/polycast/v1/notifications'>['items'][number]
export type NoticePage = Answer<'/polycast/v1/notifications'>
export type Hit = Answer<'/polycast/v1/search'>['items'][number]
export type Home = Answer<'/polycast/v1/home'>
export type Measures = Answer<'/polycast/v1/home/measures'>
export type SettingsTree = Answer<'/polycast/v1/settings'>
export type Setting = SettingsTree['sections'][number]['fields'][number]
