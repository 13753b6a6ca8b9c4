import { createContext, type ReactNode, useContext, useMemo } from 'react'
import type { Me, Session } from '~/api/shapes'

export interface SignedIn {
  me: Me
  server: Session['server']
  may: (scope?: string) => boolean
}

const Context = createContext<SignedIn | null>(null)

export function SessionProvider({ session, me, children }: { session: Session; me: Me; children: ReactNode }) {
  const value = useMemo(() => {
    const scopes = new Set(me.scopes)
    return { me, server: session.server, may: (scope?: string) => !scope || scopes.has(scope) }
  }, [session, me])
  return <Context value={value}>{children}</Context>
}

/** Who is signed in; only below the shell. */
export function useSession(): SignedIn {
  const found = useContext(Context)
  if (!found) throw new Error('useSession needs a SessionProvider')
  return found
}
