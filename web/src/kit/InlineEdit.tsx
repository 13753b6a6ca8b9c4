import { Loader } from '@mantine/core'
import { type KeyboardEvent, useRef, useState } from 'react'
import { asFailure } from '~/api/failure'
import css from './table.module.css'

interface Props {
  label: string
  value: string
  save: (value: string) => Promise<unknown>
  /** Where the keyboard goes afterwards. */
  leave: (to: 'stay' | 'next' | 'previous') => void
}

/** One cell as in a spreadsheet: Enter and Tab save, Esc leaves; a refused value stays, with the reason below it. */
export function InlineEdit({ label, value, save, leave }: Props) {
  const [typed, setTyped] = useState(value)
  const [reason, setReason] = useState('')
  const [busy, setBusy] = useState(false)
  const gone = useRef(false)
  const finish = async (to: 'stay' | 'next' | 'previous') => {
    if (gone.current) return
    gone.current = true
    if (typed === value) return leave(to)
    setBusy(true)
    try {
      await save(typed)
      leave(to)
    } catch (error) {
      gone.current = false
      const failure = asFailure(error)
      setReason(failure.problems[0]?.text || failure.message)
    } finally {
      setBusy(false)
    }
  }
  const onKeyDown = (event: KeyboardEvent) => {
    event.stopPropagation()
    if (event.key === 'Escape') {
      gone.current = true
      leave('stay')
    } else if (event.key === 'Enter') void finish('stay')
    else if (event.key === 'Tab') {
      event.preventDefault()
      void finish(event.shiftKey ? 'previous' : 'next')
    }
  }
  return (
    <div className={css.editor}>
      <input
        // biome-ignore lint/a11y/noAutofocus: the cell was just opened by the same key
        autoFocus
        aria-label={label}
        aria-invalid={reason !== ''}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
        onFocus={(event) => event.currentTarget.select()}
        onKeyDown={onKeyDown}
        onBlur={() => void finish('stay')}
        style={{
          width: '100%',
          height: 32,
          font: 'inherit',
          color: 'inherit',
          background: 'var(--mantine-color-body)',
          border: `1px solid var(${reason ? '--pc-bad' : '--pc-accent'})`,
          borderRadius: 6,
          padding: '0 8px',
        }}
      />
      {busy && <Loader size={14} style={{ position: 'absolute', insetInlineEnd: 8, top: 9 }} />}
      {reason && (
        <div className={css.error} role="alert">
          {reason}
        </div>
      )}
    </div>
  )
}
