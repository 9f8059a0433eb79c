import type { FilterName } from '@/lib/filters'
import { wordsWithin } from '@/lib/words'
import styles from './Filters.module.css'

interface Props {
  by: FilterName
  name: string
  onFilter: (by: FilterName, name: string) => void
}

/** An element's name; pressed, the page is about it alone. */
export function FilterButton({ by, name, onFilter }: Props) {
  return (
    <button
      type="button"
      className={styles.element}
      data-printed=""
      data-use="filter_set"
      title={`Only this ${wordsWithin(by)}`}
      onClick={() => {
        onFilter(by, name)
      }}
    >
      {name}
    </button>
  )
}
