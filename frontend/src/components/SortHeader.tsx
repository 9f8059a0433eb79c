import { Icon } from './Icon'
import styles from './SortableTable.module.css'

export type Order = 'ascending' | 'descending'

interface Props {
  name: string
  /** How the table is sorted by this column; null where it is sorted by none or another one. */
  order: Order | null
  numeric: boolean
  /** Whether cells of the column may be broken into lines. */
  text?: boolean
  onOrder: (order: Order) => void
}

/** The next order of a column: numbers start with the largest, all else with the first. */
function next(order: Order | null, numeric: boolean): Order {
  const first: Order = numeric ? 'descending' : 'ascending'
  const second: Order = numeric ? 'ascending' : 'descending'
  return order === first ? second : first
}

/** A column's heading that sorts the table. */
export function SortHeader({ name, order, numeric, text, onOrder }: Props) {
  return (
    <th scope="col" data-numeric={numeric} data-text={text} aria-sort={order ?? 'none'}>
      <button
        type="button"
        className={styles.sort}
        data-printed=""
        data-use="table_sort"
        onClick={() => {
          onOrder(next(order, numeric))
        }}
      >
        {name}
        <span className={styles.arrow} data-shown={order !== null}>
          <Icon name={order === 'ascending' ? 'up' : 'down'} />
        </span>
      </button>
    </th>
  )
}
