import { CatchBoundary } from '@tanstack/react-router'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import type { Part } from './module'
import { ReasonText, Skeletons } from './parts'

interface Props<P> {
  part: Part<P>
  props: P
  waiting?: ReactNode
}

/** A part that a module brings, loaded here; when it breaks, the rest of the page stays. Give it a `key` of its own. */
export function PartOf<P extends object>({ part, props, waiting = <Skeletons rows={3} /> }: Props<P>) {
  const [Body] = useState(() => lazy(part))
  return (
    <CatchBoundary getResetKey={() => 'part'} errorComponent={({ error, reset }) => <ReasonText error={error} retry={reset} />}>
      <Suspense fallback={waiting}>
        <Body {...props} />
      </Suspense>
    </CatchBoundary>
  )
}
