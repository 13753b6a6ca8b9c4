import { Button, Group } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { getI18n } from 'react-i18next'
import { asFailure } from '~/api/failure'
import { clip } from './format'

// The container shows at most five at once; the queue behind it is cut, so that ten thousand toasts cost what five do.
const MOST_WAITING = 20
let waiting = 0

function show(message: React.ReactNode, how: { color?: string; title?: string; stays?: boolean; id?: string }): void {
  if (waiting >= MOST_WAITING) {
    notifications.cleanQueue()
    waiting = 5
  }
  waiting += 1
  notifications.show({
    message,
    withBorder: true,
    closeButtonProps: { 'aria-label': getI18n()?.t('common.close') ?? 'Close' },
    autoClose: how.stays ? 12_000 : 4_000,
    ...(how.id ? { id: how.id } : {}),
    ...(how.title ? { title: how.title } : {}),
    ...(how.color ? { color: how.color } : {}),
    onClose: () => {
      waiting = Math.max(0, waiting - 1)
    },
  })
}

let undos = 0

export const toast = {
  good: (message: string) => show(clip(message), { color: 'green' }),
  info: (message: string) => show(clip(message), {}),
  /** A failed action: what the server said, in its words. */
  failed: (title: string, error: unknown) => {
    const failure = asFailure(error)
    const full = failure.status === 507 ? getI18n()?.t('error.full') : ''
    show(clip(full || failure.detail || failure.problems.map((one) => one.text).join(' ') || failure.message), {
      color: 'red',
      title,
      stays: true,
    })
  },
  /** A done action that can be taken back. */
  undo: (message: string, label: string, run: () => void) => {
    undos += 1
    const id = `undo-${undos}`
    const take = () => {
      notifications.hide(id)
      run()
    }
    show(
      <Group justify="space-between" wrap="nowrap">
        <span>{clip(message)}</span>
        <Button size="compact-sm" variant="light" onClick={take}>
          {label}
        </Button>
      </Group>,
      { id, color: 'green', stays: true },
    )
  },
}
