import { useId } from 'react'
import { Select } from './Select'
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
      <Select
        id={id}
        className={styles.select}
        options={options.map((option) => ({ value: option, label: words(option) }))}
        value={value}
        onChange={onChange}
      />
    </span>
  )
}
