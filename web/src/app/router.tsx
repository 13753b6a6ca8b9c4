import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from '@tanstack/react-router'
import type { ComponentType } from 'react'
import { inApp } from '~/kit/go'
import type { ModuleRoute, ModuleUi } from '~/kit/module'
import { NotHere, PageFailed } from './errors'
import { Guarded } from './Guarded'
import type { OpenHouse } from './modules'
import { Root } from './Root'

/** Query values stay text: "?number=007" must not become 7. */
const searchFrom = (query: string): Record<string, string> => Object.fromEntries(new URLSearchParams(query))
const searchTo = (values: Record<string, unknown>): string => {
  const kept = Object.entries(values).filter(([, value]) => value !== undefined && value !== '')
  const text = new URLSearchParams(kept.map(([key, value]) => [key, String(value)])).toString()
  return text ? `?${text}` : ''
}

export function createAppRouter(house: OpenHouse) {
  const root = createRootRoute({
    component: () => <Root house={house} />,
    notFoundComponent: NotHere,
    errorComponent: PageFailed,
  })
  const start = createRoute({
    getParentRoute: () => root,
    path: '/',
    beforeLoad: () => {
      throw redirect({ to: '/app' })
    },
  })
  const pageOf = (module: ModuleUi, route: ModuleRoute) => {
    const open = async () => {
      const { pages } = await house.load(module.name)
      const page = pages[route.page]
      if (!page) throw new Error(`no page ${route.page} in ${module.name}`)
      const { default: Inner } = await page()
      const Page: ComponentType = () => (
        <Guarded route={route}>
          <Inner />
        </Guarded>
      )
      return { default: Page }
    }
    return createRoute({ getParentRoute: () => root, path: inApp(route.path), component: lazyRouteComponent(open) })
  }
  const pages = house.modules.flatMap((module) => module.routes.map((route) => pageOf(module, route)))
  return createRouter({
    routeTree: root.addChildren([start, ...pages]),
    defaultPreload: 'intent',
    defaultPendingMs: 300,
    scrollRestoration: true,
    parseSearch: searchFrom,
    stringifySearch: searchTo,
    defaultErrorComponent: PageFailed,
  })
}
