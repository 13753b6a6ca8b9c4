import './layers.css'
import '@fontsource-variable/inter/wght.css'
import '@mantine/core/styles.layer.css'
import '@mantine/notifications/styles.layer.css'
import './base.css'
import { DirectionProvider, MantineProvider } from '@mantine/core'
import { ModalsProvider } from '@mantine/modals'
import { Notifications } from '@mantine/notifications'
import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { setNonce } from 'get-nonce'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { I18nextProvider } from 'react-i18next'
import { isRtl, learn, startI18n } from '~/kit/i18n'
import { useStore } from '~/kit/store'
import { accent, themeOf, variables } from '~/kit/theme'
import { createCache } from './cache'
import { firstWords, MODULES, openHouse } from './modules'
import { createAppRouter } from './router'

const nonce = document.querySelector<HTMLMetaElement>('meta[name=style-nonce]')?.content ?? ''
if (nonce) setNonce(nonce)

const i18n = startI18n(firstWords(MODULES))
const house = openHouse(MODULES, (strings) => learn(i18n, strings))
const cache = createCache()
const router = createAppRouter(house)

function App() {
  const chosen = useStore(accent)
  return (
    <DirectionProvider initialDirection={isRtl(i18n.language) ? 'rtl' : 'ltr'}>
      <MantineProvider
        theme={themeOf(chosen)}
        cssVariablesResolver={variables}
        defaultColorScheme="dark"
        getStyleNonce={() => nonce}
      >
        <I18nextProvider i18n={i18n}>
          <QueryClientProvider client={cache}>
            <ModalsProvider>
              <Notifications limit={5} position="top-right" />
              <RouterProvider router={router} />
            </ModalsProvider>
          </QueryClientProvider>
        </I18nextProvider>
      </MantineProvider>
    </DirectionProvider>
  )
}

const root = document.getElementById('root')
if (root)
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  )
