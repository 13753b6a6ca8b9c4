import { Text } from '@mantine/core'
import { modals } from '@mantine/modals'
import { useTranslation } from 'react-i18next'

export interface Danger {
  title: string
  what: string // what will be gone
  action: string // the word on the button
  run: () => void
}

/** Asks once before something that cannot be undone. */
export function useConfirmDanger(): (danger: Danger) => void {
  const { t } = useTranslation()
  return ({ title, what, action, run }) =>
    modals.openConfirmModal({
      title,
      children: <Text size="sm">{what}</Text>,
      labels: { confirm: action, cancel: t('common.cancel') },
      confirmProps: { color: 'red' },
      closeButtonProps: { 'aria-label': t('common.close') },
      onConfirm: run,
    })
}
