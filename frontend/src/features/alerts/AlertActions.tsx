import { useLayoutEffect, useRef, useState, type ReactNode, type SyntheticEvent } from 'react'
import type { Alert } from '@/api/types'
import { useAlertAction, type Action } from './actions'
import { SNOOZES, snoozeUntil } from './snooze'
import styles from './AlertActions.module.css'

const MOST_CHARACTERS = 120

type Open = 'assign' | 'snooze' | null

/** What is opened takes the focus, once. */
function useFocus<Element extends HTMLElement>() {
  const element = useRef<Element>(null)
  useLayoutEffect(() => {
    element.current?.focus()
  }, [])
  return element
}

function AssignForm({ alert, onDone }: { alert: Alert; onDone: (action: Action) => void }) {
  const field = useFocus<HTMLInputElement>()
  const submit = (event: SyntheticEvent<HTMLFormElement>) => {
    event.preventDefault()
    const assignee = new FormData(event.currentTarget).get('assignee')
    if (typeof assignee === 'string') onDone({ kind: 'assign', assignee: assignee.trim() })
  }
  return (
    <form className={styles.form} onSubmit={submit}>
      <input
        ref={field}
        name="assignee"
        className={styles.input}
        aria-label={`Who handles it: ${alert.title}`}
        placeholder="Name"
        defaultValue={alert.assignee}
        required
        pattern=".*\S.*"
        maxLength={MOST_CHARACTERS}
        autoComplete="off"
      />
      <button type="submit" className={styles.action}>
        Assign
      </button>
    </form>
  )
}

function SnoozeChoices({ onDone }: { onDone: (action: Action) => void }) {
  const first = useFocus<HTMLButtonElement>()
  return (
    <div className={styles.form} role="group" aria-label="Snooze">
      {SNOOZES.map(({ value, label }, index) => (
        <button
          key={value}
          type="button"
          className={styles.action}
          ref={index === 0 ? first : undefined}
          onClick={() => {
            onDone({ kind: 'snooze', until: snoozeUntil(value, new Date()).toISOString() })
          }}
        >
          {label}
        </button>
      ))}
    </div>
  )
}

interface ButtonProps {
  alert: Alert
  disabled: boolean
  /** There is nothing left to do: it stays where it is, so that nothing moves. */
  done?: boolean
  onClick: () => void
  expanded?: boolean
  children: ReactNode
}

function ActionButton({ alert, disabled, done = false, onClick, expanded, children }: ButtonProps) {
  return (
    <button
      type="button"
      className={styles.action}
      disabled={disabled}
      aria-disabled={done || undefined}
      onClick={done ? undefined : onClick}
      {...(expanded === undefined ? {} : { 'aria-expanded': expanded })}
    >
      {children}
      <span className="visually-hidden">: {alert.title}</span>
    </button>
  )
}

/** What can be done about an alert. `onResolved` runs before the alert leaves the list. */
export function AlertActions({ alert, onResolved }: { alert: Alert; onResolved: () => void }) {
  const [open, setOpen] = useState<Open>(null)
  const mutation = useAlertAction(alert.id)
  const act = (action: Action) => {
    setOpen(null)
    mutation.mutate(action, action.kind === 'resolve' ? { onSuccess: onResolved } : {})
  }
  const toggle = (which: 'assign' | 'snooze') => () => {
    setOpen(open === which ? null : which)
  }
  const common = { alert, disabled: mutation.isPending }
  return (
    <div
      className={styles.actions}
      onKeyDown={(event) => {
        if (event.key === 'Escape') setOpen(null)
      }}
    >
      <div className={styles.buttons}>
        <ActionButton
          {...common}
          done={alert.status === 'acknowledged'}
          onClick={() => act({ kind: 'acknowledge' })}
        >
          Acknowledge
        </ActionButton>
        <ActionButton {...common} onClick={toggle('assign')} expanded={open === 'assign'}>
          Assign
        </ActionButton>
        <ActionButton {...common} onClick={toggle('snooze')} expanded={open === 'snooze'}>
          Snooze
        </ActionButton>
        <ActionButton {...common} onClick={() => act({ kind: 'resolve' })}>
          Resolve
        </ActionButton>
      </div>
      {open === 'assign' && <AssignForm alert={alert} onDone={act} />}
      {open === 'snooze' && <SnoozeChoices onDone={act} />}
      {mutation.isError && (
        <p className={styles.error} role="alert">
          {mutation.error.message}
        </p>
      )}
    </div>
  )
}
