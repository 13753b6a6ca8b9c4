import { IconRadio } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { clip } from '~/kit/format'
import { LinkButton } from '~/kit/go'
import { LiveCard } from '~/kit/LiveCard'
import { EmptyState, Loaded } from '~/kit/parts'
import { RadioPage } from './RadioPage'
import css from './radio.module.css'
import { airOf, type Channel, channelsOf, type Server, STATIONS, serversOf } from './shapes'

function StationCard({ server, channels }: { server: Server; channels: readonly Channel[] }) {
  const { t } = useTranslation()
  const [level, word] = airOf(server)
  const listeners = channels.reduce((sum, one) => sum + one.listeners_current, 0)
  return (
    <LiveCard
      name={server.title}
      level={level}
      state={t(word)}
      figures={[
        [t('radio.use.listeners'), String(listeners)],
        [t('radio.channels'), channels.map((one) => `${one.bitrate} ${one.s_format}`).join(', ') || '–'],
      ]}
      actions={
        <LinkButton
          to={`/radio/stations/${server.id}`}
          size="xs"
          variant="default"
          aria-label={`${t('radio.open')}: ${clip(server.title, 60)}`}
        >
          {t('radio.open')}
        </LinkButton>
      }
    />
  )
}

export default function StationsPage() {
  const { t } = useTranslation()
  const query = useQuery({
    queryKey: STATIONS,
    queryFn: async () => {
      const [servers, channels] = await Promise.all([serversOf(), channelsOf()])
      return { servers, channels }
    },
  })
  return (
    <RadioPage title={t('radio.stations')} about={t('radio.stations.about')}>
      <Loaded query={query}>
        {({ servers, channels }) =>
          servers.length === 0 ? (
            <EmptyState icon={IconRadio} title={t('radio.nostations')}>
              {t('radio.nostations.about')}
            </EmptyState>
          ) : (
            <div className={css.cards}>
              {servers.map((one) => (
                <StationCard key={one.id} server={one} channels={channels.filter((channel) => channel.server === one.id)} />
              ))}
            </div>
          )
        }
      </Loaded>
    </RadioPage>
  )
}
