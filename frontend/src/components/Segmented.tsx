import styles from './Segmented.module.css'

interface Props<T extends string> {
  label: string
  /** Null where none of the options is chosen. */
  value: T | null
  options: readonly { value: T; label: string }[]
  /** `input` is the event behind the choice, for measuring how long a switch takes. */
  onChange: (value: T, input: Event) => void
  /** Beside a heading: smaller than a control of the page. */
  dense?: boolean
}

/** A choice of few, all visible. */
export function Segmented<T extends string>({
  label,
  value,
  options,
  onChange,
  dense = false,
}: Props<T>) {
  return (
    <div className={styles.group} data-dense={dense} role="group" aria-label={label}>
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          className={styles.option}
          aria-pressed={option.value === value}
          onClick={(event) => {
            if (option.value !== value) onChange(option.value, event.nativeEvent)
          }}
        >
          {option.label}
        </button>
      ))}
    </div>
  )
}
