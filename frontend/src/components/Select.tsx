import type { ComponentProps } from 'react'
import { useHydrated } from '@/lib/useHydrated'
import styles from './Select.module.css'

interface Option {
  value: string
  label: string
}

interface Props extends Omit<ComponentProps<'select'>, 'children' | 'onChange' | 'value'> {
  options: readonly Option[]
  value: string
  onChange: (value: string) => void
}

/**
 * A choice of one. What comes with the document shows the chosen one alone, as text: at a select
 * Chromium stops reading the document and lays out what it has so far, to see who could fill it in.
 */
export function Select({ options, value, onChange, className = '', ...rest }: Props) {
  const name = `${styles.select} ${className}`
  if (!useHydrated()) {
    const chosen = options.find((option) => option.value === value)
    return <span className={name}>{chosen?.label}</span>
  }
  return (
    <select
      {...rest}
      className={name}
      value={value}
      onChange={(event) => {
        onChange(event.target.value)
      }}
    >
      {options.map((option) => (
        <option key={option.value} value={option.value}>
          {option.label}
        </option>
      ))}
    </select>
  )
}
