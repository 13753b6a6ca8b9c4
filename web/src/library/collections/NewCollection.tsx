import { Button, Modal, SegmentedControl, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import { useGo } from '~/kit/go'
import { ReasonText } from '~/kit/parts'
import css from '../library.module.css'
import { COLLECTIONS } from '../shapes'
import { type Match, RulesForm } from './RulesForm'
import { newRule, type Rule, wireOf } from './rules'

/** A collection by hand, or one that fills itself by rules. */
export function NewCollection({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation()
  const cache = useQueryClient()
  const go = useGo()
  const [name, setName] = useState('')
  const [type, setType] = useState<'manual' | 'smart'>('manual')
  const [match, setMatch] = useState<Match>('all')
  const [rules, setRules] = useState<readonly Rule[]>(() => [newRule()])
  const sent = rules.flatMap((rule) => wireOf(rule) ?? [])
  const save = useMutation({
    mutationFn: () =>
      must(
        api.POST('/v1/collections', {
          body: { name: name.trim(), type, ...(type === 'smart' ? { matchMode: match, rules: sent } : {}) },
        }),
      ),
    onSuccess: (made) => {
      void cache.invalidateQueries({ queryKey: COLLECTIONS })
      go(`/library/collection/${made.id}`)
    },
  })
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('library.collection.new')}
      size="lg"
      closeButtonProps={{ 'aria-label': t('common.close') }}
    >
      <form
        className={css.form}
        onSubmit={(event) => {
          event.preventDefault()
          save.mutate()
        }}
      >
        <TextInput
          label={t('library.name')}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          data-autofocus
        />
        <SegmentedControl
          aria-label={t('library.collection.kind')}
          value={type}
          onChange={(value) => setType(value === 'smart' ? 'smart' : 'manual')}
          data={[
            { value: 'manual', label: t('library.collection.manual') },
            { value: 'smart', label: t('library.collection.smart') },
          ]}
        />
        {type === 'smart' && <RulesForm match={match} rules={rules} onMatch={setMatch} onChange={setRules} />}
        {save.error && <ReasonText error={save.error} />}
        <div>
          <Button type="submit" loading={save.isPending} disabled={!name.trim() || (type === 'smart' && sent.length === 0)}>
            {t('library.collection.create')}
          </Button>
        </div>
      </form>
    </Modal>
  )
}
