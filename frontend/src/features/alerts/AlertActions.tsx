import { useLayoutEffect, useRef, useState, type MouseEvent, type SyntheticEvent } from 'react'
import type { Alert } from '@/api/types'
import { reportUse } from '@/telemetry'
import { useAlertAction, type Action } from './actions'
import { SNOOZES, snoozeUntil } from './snooze'
import styles from './AlertActions.module.css'

const MOST_CHARACTERS = 120

const DONE: Record<Action['kind'], string> = {
  acknowledge: 'It is acknowledged.',
  assign: 'It is assigned.',
  snooze: 'It is snoozed.',
  resolve: 'It is resolved.',
}

type Opened = 'assign' | 'snooze'

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
  /** An action is under way. */
  busy: boolean
  /** There is nothing left to do: it stays where it is, so that nothing moves. */
  done?: boolean
  onClick: (event: MouseEvent<HTMLButtonElement>) => void
  expanded?: boolean
  name: string
}

/** Where it cannot be pressed it keeps the focus: a disabled button would lose it. */
function ActionButton({ alert, busy, done = false, onClick, expanded, name }: ButtonProps) {
  const rests = busy || done
  return (
    <button
      type="button"
      className={styles.action}
      aria-label={`${name}: ${alert.title}`}
      aria-disabled={rests || undefined}
      onClick={rests ? undefined : onClick}
      {...(expanded === undefined ? {} : { 'aria-expanded': expanded })}
    >
      {name}
    </button>
  )
}

/** What is open, if anything; closing it gives the focus back to the button that opened it. */
function useOpen() {
  const [opened, setOpened] = useState<{ what: Opened; by: HTMLElement } | null>(null)
  const close = () => {
    opened?.by.focus()
    setOpened(null)
  }
  const toggle = (what: Opened) => (event: MouseEvent<HTMLButtonElement>) => {
    setOpened(opened?.what === what ? null : { what, by: event.currentTarget })
  }
  return { open: opened?.what, close, toggle }
}

/** What became of the last action: told without taking the focus, an error at once. */
function Outcome({ mutation }: { mutation: ReturnType<typeof useAlertAction> }) {
  return (
    <>
      <p className="visually-hidden" role="status">
        {mutation.isSuccess && DONE[mutation.variables.kind]}
      </p>
      {mutation.isError && (
        <p className={styles.error} role="alert">
          {mutation.error.message}
        </p>
      )}
    </>
  )
}

/** What can be done about an alert. */
export function AlertActions({ alert }: { alert: Alert }) {
  const { open, close, toggle } = useOpen()
  const mutation = useAlertAction(alert.id)
  const act = (action: Action) => {
    if (mutation.isPending) return
    close()
    mutation.mutate(action)
    reportUse(`alert_${action.kind}`, alert.kpi)
  }
  const common = { alert, busy: mutation.isPending }
  return (
    <div
      className={styles.actions}
      onKeyDown={(event) => {
        if (event.key === 'Escape') close()
      }}
    >
      <div className={styles.buttons}>
        <ActionButton
          {...common}
          done={alert.status === 'acknowledged'}
          onClick={() => act({ kind: 'acknowledge' })}
          name="Acknowledge"
        />
        <ActionButton
          {...common}
          onClick={toggle('assign')}
          expanded={open === 'assign'}
          name="Assign"
        />
        <ActionButton
          {...common}
          onClick={toggle('snooze')}
          expanded={open === 'snooze'}
          name="Snooze"
        />
        <ActionButton {...common} onClick={() => act({ kind: 'resolve' })} name="Resolve" />
      </div>
      {open === 'assign' && <AssignForm alert={alert} onDone={act} />}
      {open === 'snooze' && <SnoozeChoices onDone={act} />}
      <Outcome mutation={mutation} />
    </div>
  )
}
