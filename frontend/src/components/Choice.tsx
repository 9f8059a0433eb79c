import { useId } from 'react'
import styles from './Choice.module.css'
import { words } from '@/lib/words'

interface Props {
  label: string
  options: readonly string[]
  value: string
  onChange: (value: string) => void
}

/** A choice of a dimension; with nothing to choose it is not there. */
export function Choice({ label, options, value, onChange }: Props) {
  const id = useId()
  if (options.length < 2) return null
  return (
    <span className={styles.choice}>
      <label htmlFor={id}>{label}</label>
      <select
        id={id}
        value={value}
        onChange={(event) => {
          onChange(event.target.value)
        }}
      >
        {options.map((option) => (
          <option key={option} value={option}>
            {words(option)}
          </option>
        ))}
      </select>
    </span>
  )
}
