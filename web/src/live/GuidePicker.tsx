import { Badge, Button, Modal, Stack, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconSearch } from '@tabler/icons-react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, must, rowsOf } from '~/api/client'
import { clip, percent } from '~/kit/format'
import { Logo } from '~/kit/parts'
import { useLocale } from '~/kit/useLocale'
import css from './live.module.css'
import type { Suggestion } from './shapes'

type Candidate = NonNullable<Suggestion['best']>

interface Props {
  name: string
  candidates: readonly Candidate[]
  onPick: (guideId: number | null) => void
  onClose: () => void
}

/** Chooses the guide of one channel: what the server proposes, or anything by its name. */
export function GuidePicker({ name, candidates, onPick, onClose }: Props) {
  const { t } = useTranslation()
  const locale = useLocale()
  const [typed, setTyped] = useState('')
  const [search] = useDebouncedValue(typed.trim(), 200)
  const found = useQuery({
    queryKey: ['live', 'epgdata', search],
    queryFn: ({ signal }) =>
      must(api.GET('/api/epg/epgdata/', { params: { query: { search, page: '1', page_size: '30' } }, signal })),
    enabled: search.length > 0,
    placeholderData: keepPreviousData,
    staleTime: 60_000,
  })
  const others = search
    ? rowsOf(found.data ?? []).map((one) => ({
        guide_id: one.id,
        name: one.name,
        tvg_id: one.tvg_id,
        source: '',
        icon_url: one.icon_url,
        score: 0,
        reasons: [],
      }))
    : []
  const shown: readonly Candidate[] = search ? others : candidates
  return (
    <Modal opened onClose={onClose} title={clip(name, 100)} size="lg" closeButtonProps={{ 'aria-label': t('common.close') }}>
      <Stack>
        <TextInput
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          leftSection={<IconSearch size={16} />}
          placeholder={t('matching.search')}
          aria-label={t('matching.search')}
          data-autofocus
        />
        <div className={css.list}>
          {shown.map((one) => (
            <div key={one.guide_id} className={css.line}>
              <Logo url={one.icon_url} name={one.name} size={28} />
              <span style={{ flex: 1, minWidth: 0 }}>
                {clip(one.name, 100)}
                <div className={css.dim}>{clip([one.tvg_id, one.source, ...one.reasons].filter(Boolean).join(' · '), 140)}</div>
              </span>
              {one.score > 0 && <Badge variant="light">{percent(one.score, locale)}</Badge>}
              <Button
                size="compact-sm"
                variant="default"
                onClick={() => onPick(one.guide_id)}
                aria-label={`${t('matching.take')}: ${clip(one.name, 60)}`}
              >
                {t('matching.take')}
              </Button>
            </div>
          ))}
        </div>
        <Button variant="subtle" color="gray" onClick={() => onPick(null)}>
          {t('matching.clear')}
        </Button>
      </Stack>
    </Modal>
  )
}
