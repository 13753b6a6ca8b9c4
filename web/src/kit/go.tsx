import { Button, type ButtonProps } from '@mantine/core'
import { Link, useNavigate, useRouterState } from '@tanstack/react-router'
import type { ComponentPropsWithRef, ReactNode } from 'react'

export const HOME = '/app'
export const inApp = (path: string): string => (path.startsWith('/app') ? path : `${HOME}${path === '/' ? '' : path}`)

export interface GoProps extends Omit<ComponentPropsWithRef<'a'>, 'href'> {
  to: string // "/live/channels?group=3"
  'data-active'?: boolean
}

const parts = (path: string) => {
  const [pathname = '', query = ''] = inApp(path).split('?')
  return { to: pathname, search: Object.fromEntries(new URLSearchParams(query)) }
}

/** A link inside the app. */
export function Go({ to, ...rest }: GoProps) {
  return <Link {...parts(to)} {...rest} />
}

/** A link that looks like a button. */
export function LinkButton({ to, children, ...rest }: ButtonProps & { to: string; children: ReactNode }) {
  return (
    <Button {...rest} renderRoot={(props) => <Go to={to} {...props} />}>
      {children}
    </Button>
  )
}

/** `go('/live/channels')`, from a handler. */
export function useGo(): (path: string, how?: { replace?: boolean }) => void {
  const navigate = useNavigate()
  return (path, how) => void navigate({ ...parts(path), replace: how?.replace ?? false })
}

/** The path below /app: "/live/channels". */
export function useHere(): string {
  return useRouterState({ select: (state) => state.location.pathname.slice(HOME.length) || '/' })
}
