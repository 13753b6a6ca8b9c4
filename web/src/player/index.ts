import type { ModuleUi } from '~/kit/module'

export { watch } from './live'
export type { Choice, Choices, Following, Media, Report, Stretch, TextTrack, Trickplay, Way } from './media'
export { play, player, progress } from './state'

/** The player has no page of its own: it brings its words. */
export const module: ModuleUi = { name: 'player', rail: [], words: {}, routes: [], more: () => import('./more') }
