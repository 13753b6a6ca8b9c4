import { ActionIcon, Badge, Group, NumberInput, PasswordInput, Select, Switch, Textarea, TextInput, Tooltip } from '@mantine/core'
import { IconRestore } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import type { Setting } from '~/api/shapes'
import { type Draft, draftOf } from './settings'
import css from './settings.module.css'

interface Props {
  fields: readonly Setting[]
  drafts: Readonly<Record<string, Draft>>
  problems: Readonly<Record<string, string>>
  change: (key: string, draft: Draft) => void
  reset: (key: string) => void
  readOnly: boolean
}

const NUMBERS: ReadonlySet<Setting['kind']> = new Set(['int', 'float', 'bytes', 'duration'])

function Control({
  field,
  draft,
  problem,
  change,
  disabled,
}: {
  field: Setting
  draft: Draft
  problem?: string
  change: (draft: Draft) => void
  disabled: boolean
}) {
  const { t } = useTranslation()
  const id = `setting-${field.key}`
  const common = { id, disabled, error: problem, 'aria-describedby': `${id}-help`, w: '100%' }
  const text = String(draft)
  if (field.kind === 'bool')
    return (
      <Switch
        id={id}
        disabled={disabled}
        checked={draft === true}
        error={problem}
        onChange={(event) => change(event.currentTarget.checked)}
        aria-describedby={`${id}-help`}
      />
    )
  if (field.kind === 'choice')
    return (
      <Select
        {...common}
        value={text || null}
        onChange={(value) => change(value ?? '')}
        data={field.choices.map(({ value, label }) => ({ value, label }))}
        allowDeselect={false}
      />
    )
  if (field.kind === 'list')
    return (
      <Textarea
        {...common}
        value={text}
        onChange={(event) => change(event.currentTarget.value)}
        autosize
        minRows={2}
        maxRows={8}
        placeholder={t('settings.list')}
      />
    )
  if (field.kind === 'secret')
    return (
      <PasswordInput
        {...common}
        value={text}
        onChange={(event) => change(event.currentTarget.value)}
        placeholder={field.value ? t('settings.secret') : ''}
        autoComplete="off"
        visibilityToggleButtonProps={{ 'aria-label': t('common.showpassword') }}
      />
    )
  if (NUMBERS.has(field.kind))
    return (
      <NumberInput
        {...common}
        value={text}
        onChange={(value) => change(String(value))}
        min={field.min ?? undefined}
        max={field.max ?? undefined}
        clampBehavior="none"
        suffix={field.unit ? ` ${field.unit}` : undefined}
        allowDecimal={field.kind !== 'int'}
        hideControls
      />
    )
  return <TextInput {...common} value={text} onChange={(event) => change(event.currentTarget.value)} />
}

/** A form made from the server's typed tree: label, help, unit, default, what was changed, what needs a restart. */
export function SettingsForm({ fields, drafts, problems, change, reset, readOnly }: Props) {
  const { t } = useTranslation()
  return fields.map((field) => {
    const draft = drafts[field.key] ?? draftOf(field)
    const isDefault = draftOf({ kind: field.kind, value: field.default })
    return (
      <div key={field.key} className={css.field} data-changed={field.key in drafts}>
        <div className={css.words}>
          <Group gap={8}>
            <label htmlFor={`setting-${field.key}`}>{field.label}</label>
            {field.changed && (
              <Badge size="xs" variant="light">
                {t('settings.changed')}
              </Badge>
            )}
            {field.restart && (
              <Badge size="xs" variant="default">
                {t('settings.restart')}
              </Badge>
            )}
            {field.locked && (
              <Badge size="xs" variant="default">
                {t('settings.locked', { by: field.locked_by })}
              </Badge>
            )}
          </Group>
          <p id={`setting-${field.key}-help`}>
            {field.help}
            {!field.secret && field.kind !== 'bool' && isDefault !== '' && (
              <span>
                {' '}
                {t('settings.default', {
                  value: [String(isDefault).split('\n').join(', '), field.unit].filter(Boolean).join(' '),
                })}
              </span>
            )}
          </p>
        </div>
        <div className={css.control}>
          <Control
            field={field}
            draft={draft}
            problem={problems[field.key]}
            change={(next) => change(field.key, next)}
            disabled={readOnly || field.locked}
          />
          {field.changed && !field.locked && !readOnly && (
            <Tooltip label={t('settings.reset', { name: field.label })}>
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={t('settings.reset', { name: field.label })}
                onClick={() => reset(field.key)}
              >
                <IconRestore size={18} />
              </ActionIcon>
            </Tooltip>
          )}
        </div>
      </div>
    )
  })
}
