import { IconDeviceTvOff } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { api, must } from '~/api/client'
import { bits } from '~/kit/format'
import { LinkButton } from '~/kit/go'
import { EmptyState, Loaded } from '~/kit/parts'
import { useLocale } from '~/kit/useLocale'
import { LiveCard } from './LiveCard'
import { LivePage } from './LivePage'
import css from './live.module.css'
import { SESSIONS } from './shapes'

export default function StatusPage() {
  const { t } = useTranslation()
  const locale = useLocale()
  const query = useQuery({ queryKey: SESSIONS, queryFn: () => must(api.GET('/polycast/v1/live/sessions')) })
  const items = query.data?.items ?? []
  const clients = items.reduce((sum, one) => sum + one.clients.length, 0)
  const rate = items.reduce((sum, one) => sum + one.rate_bps, 0)
  const about =
    items.length > 0 &&
    [t('sources.channels', { count: items.length }), t('status.viewers', { count: clients }), bits(rate, locale)].join(', ')
  return (
    <LivePage title={t('live.title')} about={about}>
      <Loaded query={query}>
        {(data) =>
          data.items.length === 0 ? (
            <EmptyState
              icon={IconDeviceTvOff}
              title={t('status.none')}
              action={<LinkButton to="/guide">{t('status.guide')}</LinkButton>}
            >
              {t('status.none.about')}
            </EmptyState>
          ) : (
            <div className={css.cards}>
              {data.items.map((session) => (
                <LiveCard key={session.uuid} session={session} />
              ))}
            </div>
          )
        }
      </Loaded>
    </LivePage>
  )
}
