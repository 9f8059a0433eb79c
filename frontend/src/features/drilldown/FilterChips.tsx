import { Icon } from '@/components/Icon'
import { FILTER_NAMES, type FilterName, type Filters } from '@/lib/filters'
import { words, wordsWithin } from '@/lib/words'
import styles from './Filters.module.css'

interface Props {
  filters: Filters
  onRemove: (name: FilterName) => void
}

/** The button goes away with its chip: the focus goes on to the next one, or to the page. */
function passFocusOn(chip: Element | null): void {
  const next = chip?.nextElementSibling ?? chip?.previousElementSibling
  const heir = next?.querySelector('button') ?? document.getElementById('main')
  heir?.focus({ preventScroll: true })
}

/** What the page is about alone, each with a way out of it. */
export function FilterChips({ filters, onRemove }: Props) {
  const active = FILTER_NAMES.filter((name) => filters[name] !== undefined)
  if (active.length === 0) return null
  return (
    <ul className={styles.chips} aria-label="Filters">
      {active.map((name) => (
        <li key={name} className={styles.chip}>
          <span>
            {words(name)}: <strong>{filters[name]}</strong>
          </span>
          <button
            type="button"
            className={styles.remove}
            data-use="filter_removed"
            aria-label={`Remove the filter ${wordsWithin(name)}: ${filters[name] ?? ''}`}
            onClick={({ currentTarget }) => {
              passFocusOn(currentTarget.closest('li'))
              onRemove(name)
            }}
          >
            <Icon name="cross" />
          </button>
        </li>
      ))}
    </ul>
  )
}
