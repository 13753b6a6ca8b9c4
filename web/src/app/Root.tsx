import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Outlet } from '@tanstack/react-router'
import { lazy, Suspense, useEffect } from 'react'
import { api, must, setKnown } from '~/api/client'
import { openEvents } from '~/api/events'
import { cacheSink } from '~/api/rules'
import type { Session } from '~/api/shapes'
import { HouseContext } from '~/kit/house'
import { SessionProvider } from '~/kit/session'
import type { OpenHouse } from './modules'
import { Shell } from './Shell'
import { Starting } from './Starting'

const CreateOwner = lazy(() => import('./CreateOwner'))
const SignIn = lazy(() => import('./SignIn'))

const REST_MS = 400

/** Decides what a person meets: the first run, the sign-in or the house. */
export function Root({ house }: { house: OpenHouse }) {
  const cache = useQueryClient()
  const session = useQuery({ queryKey: ['core', 'session'], queryFn: () => must(api.GET('/polycast/v1/session')), retry: true })
  const user = session.data?.user ?? null
  const userId = user?.id

  useEffect(() => {
    setKnown(userId !== undefined)
    if (userId === undefined) return
    const known = cache.getQueryData<Session>(['core', 'session'])?.event ?? 0
    return openEvents(cacheSink(cache, house.rules), known)
  }, [userId, cache, house])

  // What the modules bring is fetched while nothing else is wanted, so that the palette opens at once.
  useEffect(() => {
    if (userId === undefined) return
    const timer = setTimeout(() => void house.all(), REST_MS)
    return () => clearTimeout(timer)
  }, [userId, house])

  const enter = (made: Session) => {
    cache.removeQueries({ predicate: ({ queryKey }) => queryKey[1] !== 'session' })
    cache.setQueryData(['core', 'session'], made)
  }

  if (!session.data) return <Starting failed={session.failureCount > 0} />
  if (!user)
    return (
      <Suspense fallback={<Starting failed={false} />}>
        {session.data.first_run ? <CreateOwner onDone={enter} /> : <SignIn onDone={enter} />}
      </Suspense>
    )
  return (
    <SessionProvider session={session.data} me={user}>
      <HouseContext value={house}>
        <Shell house={house}>
          <Outlet />
        </Shell>
      </HouseContext>
    </SessionProvider>
  )
}
