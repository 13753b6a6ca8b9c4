import { useSyncExternalStore } from 'react'

/** A value that lives outside React: the player, the connection, the list of toasts. */
export interface Store<T> {
  get(): T
  set(next: T | ((before: T) => T)): void
  subscribe(listener: () => void): () => void
}

export function createStore<T>(initial: T): Store<T> {
  let value = initial
  const listeners = new Set<() => void>()
  return {
    get: () => value,
    set(next) {
      const made = typeof next === 'function' ? (next as (before: T) => T)(value) : next
      if (Object.is(made, value)) return
      value = made
      for (const listener of listeners) listener()
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

/** Re-renders only when what `pick` returns has changed; `pick` must return a part of the value, not a new object. */
export function useStore<T, P = T>(store: Store<T>, pick: (value: T) => P = (value) => value as unknown as P): P {
  return useSyncExternalStore(store.subscribe, () => pick(store.get()))
}
