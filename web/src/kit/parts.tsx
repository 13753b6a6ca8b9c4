import { Button, Text, Title, Tooltip } from '@mantine/core'
import { type Icon, IconAlertTriangle, IconCopy, IconInfoCircle, IconRefresh } from '@tabler/icons-react'
import { type ReactNode, useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { asFailure } from '~/api/failure'
import { serverNow } from '~/api/serverTime'
import { copyText } from './copy'
import { clip, exact, relative } from './format'
import css from './parts.module.css'
import { useLocale } from './useLocale'

interface PageProps {
  title: string
  about?: ReactNode
  actions?: ReactNode
  fill?: boolean // the page takes the height of the window and scrolls inside
  arrows?: boolean // a page to watch from: the four arrows go from thing to thing
  children: ReactNode
}

export function Page({ title, about, actions, fill, arrows, children }: PageProps) {
  return (
    <div className={css.page} data-fill={fill} data-arrows={arrows}>
      <header className={css.head}>
        <Title order={1}>{title}</Title>
        {about && <span className={css.about}>{about}</span>}
        {actions && <div className={css.actions}>{actions}</div>}
      </header>
      {children}
    </div>
  )
}

export function Card({ title, actions, children }: { title?: string; actions?: ReactNode; children: ReactNode }) {
  return (
    <section className={css.card} aria-label={title}>
      {title && (
        <div className={css.cardHead}>
          <Title order={2}>{title}</Title>
          {actions && <div className={css.actions}>{actions}</div>}
        </div>
      )}
      {children}
    </section>
  )
}

/** A list with nothing in it says what would be here and offers the next step. */
export function EmptyState({
  icon: Picture,
  title,
  children,
  action,
}: {
  icon: Icon
  title: string
  children?: ReactNode
  action?: ReactNode
}) {
  return (
    <div className={css.empty}>
      <span className={css.emptyIcon} aria-hidden>
        <Picture size={28} stroke={1.6} />
      </span>
      <Title order={2}>{title}</Title>
      {children && <p>{children}</p>}
      {action}
    </div>
  )
}

interface ReasonProps {
  error?: unknown
  title?: string
  children?: ReactNode
  level?: 'bad' | 'warning' | 'info'
  retry?: () => void
}

/** What happened, why, what to do; the technical part unfolds and can be copied with the request's id. */
export function ReasonText({ error, title, children, level = 'bad', retry }: ReasonProps) {
  const { t } = useTranslation()
  const [open, setOpen] = useState(false)
  const failure = error === undefined ? null : asFailure(error)
  const known = failure && t(`error.${failure.code}`, { defaultValue: '' })
  const said = failure && ((failure.status === 507 && t('error.full')) || failure.detail || known || t('error.unknown'))
  const details =
    failure &&
    [`${failure.status} ${failure.code}`, ...failure.problems.map((one) => `${one.path}: ${one.text}`), failure.requestId].join(
      '\n',
    )
  return (
    <div className={css.reason} data-level={level} role={level === 'bad' ? 'alert' : 'status'}>
      {level === 'info' ? <IconInfoCircle size={20} aria-hidden /> : <IconAlertTriangle size={20} aria-hidden />}
      <div className={css.reasonBody}>
        {(title || failure) && <Text fw={600}>{title ?? t('error.title')}</Text>}
        {said && <Text size="sm">{clip(said)}</Text>}
        {children && <Text size="sm">{children}</Text>}
        {details && open && <div className={css.details}>{clip(details, 2000)}</div>}
        {(retry || details) && (
          <div style={{ display: 'flex', gap: 8, marginTop: 8, flexWrap: 'wrap' }}>
            {retry && (
              <Button size="compact-sm" variant="default" leftSection={<IconRefresh size={14} />} onClick={retry}>
                {t('common.retry')}
              </Button>
            )}
            {details && (
              <Button size="compact-sm" variant="subtle" color="gray" onClick={() => setOpen(!open)} aria-expanded={open}>
                {t('common.details')}
              </Button>
            )}
            {details && open && (
              <Button
                size="compact-sm"
                variant="subtle"
                color="gray"
                leftSection={<IconCopy size={14} />}
                onClick={() => void copyText(details)}
              >
                {t('common.copy')}
              </Button>
            )}
          </div>
        )}
      </div>
    </div>
  )
}

/** A relative time that stays right, with the exact one on hover. */
export function TimeAgo({ at, prefix = '' }: { at: string | number; prefix?: string }) {
  const locale = useLocale()
  const when = typeof at === 'number' ? at * 1000 : Date.parse(at)
  const [now, setNow] = useState(serverNow)
  useEffect(() => {
    const timer = setInterval(() => setNow(serverNow()), 30_000)
    return () => clearInterval(timer)
  }, [])
  return (
    <Tooltip label={exact(when, locale)}>
      <time dateTime={new Date(when).toISOString()}>
        {prefix}
        {relative(when, now, locale)}
      </time>
    </Tooltip>
  )
}

export function Dot({ level, label }: { level: string; label?: string }) {
  return (
    <span className={css.dot} data-level={level} {...(label ? { role: 'img', 'aria-label': label } : { 'aria-hidden': true })} />
  )
}

/** Placeholders in the shape of what will come, so that nothing jumps. */
export function Skeletons({ rows = 6, height = 44 }: { rows?: number; height?: number }) {
  return (
    <div aria-hidden style={{ display: 'grid', gap: 8 }}>
      {Array.from({ length: rows }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: placeholders have no identity
        <div key={index} className={css.skeleton} style={{ height }} />
      ))}
    </div>
  )
}

const initials = (name: string) =>
  name
    .replace(/[^\p{L}\p{N} ]/gu, '')
    .split(' ')
    .filter(Boolean)
    .slice(0, 2)
    .map((word) => word[0])
    .join('')
    .toUpperCase()

/** A channel's picture, or its first letters (drawn by the style sheet: no words for a screen reader) when none loads. */
export function Logo({
  url,
  name,
  size = 32,
  wide = false,
  tall = false,
}: {
  url?: string | null
  name: string
  size?: number
  wide?: boolean
  tall?: boolean // a poster
}) {
  const [broken, setBroken] = useState('')
  const shown = url && url !== broken
  return (
    <span
      className={css.logo}
      data-logo
      style={{ width: wide ? size * 1.5 : size, height: tall ? size * 1.5 : size }}
      aria-hidden
      data-initials={shown ? undefined : initials(name.slice(0, 80))}
    >
      {shown && <img src={url} alt="" loading="lazy" decoding="async" onError={() => setBroken(url)} />}
    </span>
  )
}

/** A person, by the first letters of the name. */
export function Person({ name, size = 30 }: { name: string; size?: number }) {
  return (
    <span
      className={css.person}
      data-logo
      data-initials={initials(name.slice(0, 80)) || '?'}
      aria-hidden
      style={{ width: size, height: size }}
    />
  )
}

/** A query's three states, so that no page forgets one. */
export function Loaded<T>({
  query,
  children,
  rows,
}: {
  query: { data?: T; error: unknown; refetch: () => unknown }
  children: (data: T) => ReactNode
  rows?: number
}) {
  if (query.data !== undefined) return <>{children(query.data)}</>
  if (query.error) return <ReasonText error={query.error} retry={() => void query.refetch()} />
  return <Skeletons rows={rows} />
}
