import { useNavigate, useRouterState } from '@tanstack/react-router'
import { useCallback } from 'react'

type Values = Readonly<Record<string, string>>

/** Filters, sort and choice of view live in the URL: `const [values, change] = useSearch()`; an empty value leaves the URL. */
export function useSearch(): [Values, (changes: Record<string, string>) => void] {
  const navigate = useNavigate()
  const values = useRouterState({ select: (state) => state.location.search as Values })
  const change = useCallback(
    (changes: Record<string, string>) => {
      const merge = (before: Values) =>
        Object.fromEntries(Object.entries({ ...before, ...changes }).filter(([, value]) => value !== ''))
      void navigate({ to: '.', search: merge as never, replace: true })
    },
    [navigate],
  )
  return [values, change]
}
