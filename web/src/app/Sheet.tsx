import { Drawer } from '@mantine/core'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'

/** On a phone: the places that found no room in the bar. */
export default function Sheet({ close, children }: { close: () => void; children: ReactNode }) {
  const { t } = useTranslation()
  return (
    <Drawer
      opened
      onClose={close}
      position="bottom"
      size="auto"
      title={t('shell.nav')}
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      {/* biome-ignore lint/a11y/noStaticElementInteractions lint/a11y/useKeyWithClickEvents: closes after the link inside was followed */}
      <div onClick={close}>{children}</div>
    </Drawer>
  )
}
