import { notificationsStore } from '@mantine/notifications'
import { describe, expect, it } from 'vitest'
import { toast } from './toast'

describe('ten thousand toasts', () => {
  it('cost what a few do: the queue behind the shown ones is cut', () => {
    for (let index = 0; index < 10_000; index++) toast.info(`toast ${index}`)
    const { notifications, queue } = notificationsStore.getState()
    expect(notifications.length).toBeGreaterThan(0)
    expect(notifications.length + queue.length).toBeLessThanOrEqual(30)
  })
})
