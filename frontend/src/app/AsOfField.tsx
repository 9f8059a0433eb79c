import { useLayoutEffect, useRef, useState } from 'react'
import { formatDate } from '@/lib/format'
import styles from './AsOfField.module.css'

interface Props {
  /** The date in the URL; null is yesterday. */
  asOf: string | null
  /** The date that the shown numbers are of. */
  shown: string | undefined
  onChange: (asOf: string | null) => void
}

const EARLIEST_YEAR = 2000

function today(): string {
  const now = new Date()
  const pad = (part: number) => String(part).padStart(2, '0')
  return `${now.getFullYear()}-${pad(now.getMonth() + 1)}-${pad(now.getDate())}`
}

interface FieldProps {
  date: string
  asOf: string | null
  /** Opened by a pointer, which wants a calendar; keys want to type. */
  byPointer: boolean
  onChange: (asOf: string | null) => void
  onClose: () => void
}

function openCalendar(input: HTMLInputElement): void {
  try {
    input.showPicker()
  } catch {
    // Where a browser has none to show, or will not, the day can still be typed.
  }
}

/**
 * Emptied, it is yesterday again. What is typed counts at Enter or when the field is left, since on
 * the way every key is another day; what is picked counts at once.
 */
function DayField({ date, asOf, byPointer, onChange, onClose }: FieldProps) {
  const field = useRef<HTMLInputElement>(null)
  const typed = useRef(false)
  useLayoutEffect(() => {
    field.current?.focus()
    if (byPointer && field.current !== null) openCalendar(field.current)
  }, [byPointer])
  // Before the next key: an effect after the paint would undo what a quick typist has typed.
  useLayoutEffect(() => {
    typed.current = false
    if (field.current !== null && field.current.value !== date) field.current.value = date
  }, [date])
  const settle = (input: HTMLInputElement) => {
    typed.current = false
    const { value, validity } = input
    const isDay = Number(value.slice(0, 4)) >= EARLIEST_YEAR && validity.valid
    if (value === '' && !validity.badInput && asOf !== null) onChange(null)
    else if (isDay && value !== date) onChange(value)
    else input.value = date
  }
  return (
    <input
      ref={field}
      type="date"
      className={styles.input}
      defaultValue={date}
      max={today()}
      onKeyDown={({ key, currentTarget }) => {
        if (key === 'Enter') settle(currentTarget)
        else typed.current = true
      }}
      onPointerDown={() => {
        typed.current = false
      }}
      onChange={({ currentTarget }) => {
        if (!typed.current) settle(currentTarget)
      }}
      onBlur={({ currentTarget }) => {
        if (typed.current) settle(currentTarget)
        onClose()
      }}
    />
  )
}

/**
 * The day from which the company is looked at. It is a field for dates only once somebody wants
 * another day: to make one takes a browser as long as to draw two cards.
 */
export function AsOfField({ asOf, shown, onChange }: Props) {
  const date = asOf ?? shown ?? ''
  const label = date === '' ? '\u00a0' : formatDate(date)
  const [opened, setOpened] = useState<'pointer' | 'keys' | null>(null)
  return (
    <label className={styles.field}>
      as of
      {opened === null ? (
        <button
          type="button"
          className={styles.input}
          aria-label={`as of ${label}`}
          title="Choose another day"
          onClick={({ detail }) => setOpened(detail === 0 ? 'keys' : 'pointer')}
        >
          {label}
          <span className={styles.calendar} />
        </button>
      ) : (
        <DayField
          date={date}
          asOf={asOf}
          byPointer={opened === 'pointer'}
          onChange={onChange}
          onClose={() => setOpened(null)}
        />
      )}
    </label>
  )
}
