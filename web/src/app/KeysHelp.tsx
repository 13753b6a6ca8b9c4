import { Kbd, Modal, Table, Title } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { useHouse } from '~/kit/house'
import { keysOpen } from './signals'

type Line = readonly [keys: string, label: string]

const GROUPS: readonly (readonly [title: string, lines: readonly Line[]])[] = [
  [
    'keys.everywhere',
    [
      ['Ctrl K', 'keys.palette'],
      ['/', 'keys.palette'],
      ['?', 'keys.help'],
      ['Esc', 'keys.close'],
      ['↑ ↓ ← →', 'keys.arrows'],
    ],
  ],
  [
    'keys.player',
    [
      ['Space', 'keys.pause'],
      ['Page ↑ / ↓', 'keys.zap'],
      ['Backspace', 'keys.last'],
      ['0–9', 'keys.number'],
      ['F', 'keys.full'],
      ['M', 'keys.mute'],
      ['I', 'keys.stats'],
      ['P', 'keys.pip'],
    ],
  ],
  [
    'keys.guide',
    [
      ['↑ ↓ ← →', 'keys.cells'],
      ['Enter', 'keys.open'],
      ['Home', 'keys.now'],
      ['+ / −', 'keys.zoom'],
    ],
  ],
  [
    'keys.table',
    [
      ['↑ ↓', 'keys.rows'],
      ['Space', 'keys.select'],
      ['Shift ↑ ↓', 'keys.range'],
      ['Alt ↑ ↓', 'keys.move'],
      ['Enter', 'keys.edit'],
      ['Tab', 'keys.nextcell'],
    ],
  ],
]

export default function KeysHelp() {
  const { t } = useTranslation()
  const own = useHouse()
    .flatMap((one) => one.actions ?? [])
    .filter((action) => action.keys)
  return (
    <Modal
      opened
      onClose={() => keysOpen.set(false)}
      title={t('keys.title')}
      size="lg"
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      {GROUPS.map(([title, keys]) => (
        <section key={title}>
          <Title order={3} mt="sm">
            {t(title)}
          </Title>
          <Table>
            <Table.Tbody>
              {keys.map(([key, label]) => (
                <Table.Tr key={key}>
                  <Table.Td w={150}>
                    <Kbd>{key}</Kbd>
                  </Table.Td>
                  <Table.Td>{t(label)}</Table.Td>
                </Table.Tr>
              ))}
              {title === 'keys.everywhere' &&
                own.map((action) => (
                  <Table.Tr key={action.id}>
                    <Table.Td w={150}>
                      <Kbd>{action.keys}</Kbd>
                    </Table.Td>
                    <Table.Td>{t(action.label)}</Table.Td>
                  </Table.Tr>
                ))}
            </Table.Tbody>
          </Table>
        </section>
      ))}
    </Modal>
  )
}
