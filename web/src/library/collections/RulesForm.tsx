import { ActionIcon, Button, SegmentedControl, Select, TextInput } from '@mantine/core'
import { IconPlus, IconX } from '@tabler/icons-react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import { Poster, Strip } from '~/kit/Poster'
import css from '../library.module.css'
import { COLLECTIONS, pageOf, picture } from '../shapes'
import { FIELDS, newRule, operatorsOf, type Rule, wireOf } from './rules'

export type Match = 'all' | 'any'

interface Props {
  match: Match
  rules: readonly Rule[]
  onMatch: (match: Match) => void
  onChange: (rules: readonly Rule[]) => void
}

function RuleLine({ rule, onChange, onRemove }: { rule: Rule; onChange: (rule: Rule) => void; onRemove: () => void }) {
  const { t } = useTranslation()
  const typed = operatorsOf(rule.field)[rule.operator]
  const operators = Object.keys(operatorsOf(rule.field))
  return (
    <div className={css.rule}>
      <Select
        aria-label={t('library.rule.field')}
        data={Object.keys(FIELDS).map((value) => ({ value, label: t(`library.field.${value}`) }))}
        value={rule.field}
        allowDeselect={false}
        onChange={(field) => field && onChange({ ...newRule(field), key: rule.key })}
      />
      <Select
        aria-label={t('library.rule.operator')}
        data={operators.map((value) => ({ value, label: t(`library.rule.${value}`) }))}
        value={rule.operator}
        allowDeselect={false}
        onChange={(operator) => operator && onChange({ ...rule, operator })}
      />
      {typed === 'yes' ? (
        <SegmentedControl
          aria-label={t('library.rule.value')}
          value={rule.value}
          onChange={(value) => onChange({ ...rule, value })}
          data={['yes', 'no'].map((value) => ({ value, label: t(`library.rule.${value}`) }))}
        />
      ) : (
        <TextInput
          aria-label={t('library.rule.value')}
          placeholder={t(`library.rule.typed.${typed ?? 'text'}`)}
          value={rule.value}
          onChange={(event) => onChange({ ...rule, value: event.currentTarget.value })}
        />
      )}
      <ActionIcon variant="subtle" color="gray" aria-label={t('library.rule.remove')} onClick={onRemove}>
        <IconX size={16} />
      </ActionIcon>
    </div>
  )
}

/** Rules that find titles, and what they find, as it is typed. */
export function RulesForm({ match, rules, onMatch, onChange }: Props) {
  const { t } = useTranslation()
  const sent = rules.flatMap((rule) => wireOf(rule) ?? [])
  const preview = useQuery({
    queryKey: [...COLLECTIONS, 'preview', match, sent],
    queryFn: ({ signal }) => must(api.POST('/v1/collections/preview-rules', { body: { matchMode: match, rules: sent }, signal })),
    enabled: sent.length > 0,
    placeholderData: keepPreviousData,
  })
  return (
    <>
      <SegmentedControl
        aria-label={t('library.rule.match')}
        value={match}
        onChange={(value) => onMatch(value === 'any' ? 'any' : 'all')}
        data={[
          { value: 'all', label: t('library.rule.all') },
          { value: 'any', label: t('library.rule.any') },
        ]}
      />
      {rules.map((rule) => (
        <RuleLine
          key={rule.key}
          rule={rule}
          onChange={(now) => onChange(rules.map((one) => (one.key === rule.key ? now : one)))}
          onRemove={() => onChange(rules.filter((one) => one.key !== rule.key))}
        />
      ))}
      <div>
        <Button size="xs" variant="default" leftSection={<IconPlus size={14} />} onClick={() => onChange([...rules, newRule()])}>
          {t('library.rule.add')}
        </Button>
      </div>
      {sent.length > 0 && preview.data && (
        <div role="status">
          <Strip title={t('library.rule.found', { count: preview.data.count })}>
            {preview.data.sample.map((card) => (
              <Poster key={card.id} to={pageOf(card)} title={card.title} image={picture(card, 'poster', 'still')} />
            ))}
          </Strip>
        </div>
      )}
    </>
  )
}
