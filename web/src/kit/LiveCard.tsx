import { lazy, type ReactNode, Suspense } from 'react'
import { clip } from './format'
import css from './liveCard.module.css'
import { Card, Dot, Logo, TimeAgo } from './parts'

const Chart = lazy(() => import('./Charts'))

interface Props {
  name: string
  image?: string | null
  level: 'good' | 'warning' | 'bad' | 'info'
  state: string // in words
  since?: string | number | null
  figures: readonly (readonly [label: string, value: ReactNode])[]
  curve?: { label: string; at: readonly number[]; values: readonly (number | null)[]; format: (value: number) => string }
  note?: string // what is wrong, or what it does
  actions?: ReactNode
  children?: ReactNode // who watches, what plays
}

/** Something that runs: how it is, its figures, its curve, what can be done to it. A channel, a server, a station, a transfer. */
export function LiveCard({ name, image, level, state, since, figures, curve, note, actions, children }: Props) {
  return (
    <Card>
      <div className={css.top}>
        <Logo url={image} name={name} size={40} />
        <div className={css.name}>
          <b>{clip(name, 90)}</b>
          <span className={css.dim}>
            <Dot level={level} /> {state}
            {since && (
              <>
                {' · '}
                <TimeAgo at={since} />
              </>
            )}
          </span>
        </div>
        {actions}
      </div>
      {figures.length > 0 && (
        <dl className={css.figures}>
          {figures.map(([label, value]) => (
            <div key={label}>
              <dt>{label}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      )}
      {curve && curve.at.length > 1 && (
        <Suspense fallback={<div style={{ height: 70 }} />}>
          <Chart {...curve} height={70} />
        </Suspense>
      )}
      {note && <div className={css.dim}>{clip(note)}</div>}
      {children}
    </Card>
  )
}

/** How much of a limit is used: disk, listeners, traffic. */
export function UsageBar({ label, used, limit, words }: { label: string; used: number; limit: number | null; words: string }) {
  const part = limit ? Math.min(1, used / limit) : 0
  const level = part > 0.95 ? 'bad' : part > 0.8 ? 'warning' : 'good'
  return (
    <div className={css.usage}>
      <span>{label}</span>
      <span className="tabular">{words}</span>
      {limit !== null && (
        <div
          className={css.bar}
          role="meter"
          aria-label={label}
          aria-valuemin={0}
          aria-valuemax={100}
          aria-valuenow={Math.round(part * 100)}
          aria-valuetext={words}
        >
          <i data-level={level} style={{ width: `${part * 100}%` }} />
        </div>
      )}
    </div>
  )
}
