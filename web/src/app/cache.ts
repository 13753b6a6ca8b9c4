import { QueryClient } from '@tanstack/react-query'
import { asFailure } from '~/api/failure'

/** Nothing goes stale by itself and nothing polls: events say what is old. */
export function createCache(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: Number.POSITIVE_INFINITY,
        gcTime: 10 * 60_000,
        refetchOnWindowFocus: false,
        networkMode: 'always', // "offline" of the browser says nothing about a server on the LAN
        retry: (failures, error) => {
          const { status } = asFailure(error)
          return (status === 0 || status === 429 || status === 502 || status === 503) && failures < 4
        },
        retryDelay: (attempt, error) => Math.max(1_000 * asFailure(error).retryAfter, Math.min(500 * 2 ** attempt, 5_000)),
      },
      mutations: { networkMode: 'always' },
    },
  })
}
