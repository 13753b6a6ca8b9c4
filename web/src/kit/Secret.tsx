import { Button, Modal, Stack, Text } from '@mantine/core'
import { IconCheck, IconCopy } from '@tabler/icons-react'
import qrcode from 'qrcode-generator'
import { useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { copyText } from './copy'
import css from './parts.module.css'

/** The dark squares of a QR code as one SVG path, one unit a square. */
export function qrPath(text: string): { path: string; size: number } {
  const code = qrcode(0, 'M')
  code.addData(text)
  code.make()
  const size = code.getModuleCount()
  let path = ''
  for (let row = 0; row < size; row++)
    for (let column = 0; column < size; column++) if (code.isDark(row, column)) path += `M${column} ${row}h1v1h-1z`
  return { path, size }
}

export function QrCode({ text, label }: { text: string; label: string }) {
  const { path, size } = useMemo(() => qrPath(text), [text])
  return (
    <svg className={css.qr} viewBox={`0 0 ${size} ${size}`} role="img" shapeRendering="crispEdges">
      <title>{label}</title>
      <path d={path} />
    </svg>
  )
}

export function CopyButton({ text, label }: { text: string; label?: string }) {
  const { t } = useTranslation()
  const [done, setDone] = useState(false)
  const copy = async () => {
    setDone(await copyText(text))
    setTimeout(() => setDone(false), 2000)
  }
  return (
    <Button
      variant="default"
      size="compact-md"
      onClick={() => void copy()}
      leftSection={done ? <IconCheck size={16} /> : <IconCopy size={16} />}
      aria-label={label ? `${t('common.copy')}: ${label}` : undefined}
    >
      <span aria-live="polite">{done ? t('common.copied') : t('common.copy')}</span>
    </Button>
  )
}

/** A secret that the server will never show again. */
export function Secret({ title, about, secret, onClose }: { title: string; about: string; secret: string; onClose: () => void }) {
  const { t } = useTranslation()
  return (
    <Modal
      opened
      onClose={onClose}
      title={title}
      closeOnClickOutside={false}
      size="lg"
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      <Stack>
        <Text size="sm">{about}</Text>
        <div className={css.secret}>
          <Stack gap="xs" style={{ width: '100%' }}>
            <div className={css.secretText} data-testid="secret">
              {secret}
            </div>
            <div>
              <CopyButton text={secret} />
            </div>
          </Stack>
          <QrCode text={secret} label={t('secret.qr')} />
        </div>
        <Text size="sm" c="dimmed">
          {t('secret.once')}
        </Text>
        <Button onClick={onClose}>{t('secret.kept')}</Button>
      </Stack>
    </Modal>
  )
}
