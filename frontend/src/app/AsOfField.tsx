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

/** The day from which the company is looked at. Emptied, it is yesterday again. */
export function AsOfField({ asOf, shown, onChange }: Props) {
  const date = asOf ?? shown ?? ''
  return (
    <label className={styles.field}>
      as of
      <input
        key={date}
        type="date"
        className={styles.input}
        defaultValue={date}
        max={today()}
        onChange={({ currentTarget: { value, validity } }) => {
          // While a year is being typed it passes through 0002 and 0020.
          const complete = Number(value.slice(0, 4)) >= EARLIEST_YEAR && validity.valid
          if (complete && value !== date) onChange(value)
        }}
        onBlur={({ currentTarget: { value } }) => {
          if (value === '' && asOf !== null) onChange(null)
        }}
      />
    </label>
  )
}
