import { createStore } from '~/kit/store'

/** What the shell can open from anywhere; the parts themselves are loaded when first wanted. */
export const paletteOpen = createStore(false)
export const keysOpen = createStore(false)
