import { useEffect, useRef } from 'react'
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

/**
 * The day from which the company is looked at. Emptied, it is yesterday again. What is typed
 * counts at Enter or when the field is left, since on the way every key is another day; what is
 * picked counts at once.
 */
export function AsOfField({ asOf, shown, onChange }: Props) {
  const date = asOf ?? shown ?? ''
  const field = useRef<HTMLInputElement>(null)
  const typed = useRef(false)
  useEffect(() => {
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
    <label className={styles.field}>
      as of
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
        }}
      />
    </label>
  )
}
