import { useState, type ReactNode } from 'react'
import type { TableRows } from '@/lib/tableFile'
import { SortHeader, type Order } from './SortHeader'
import styles from './SortableTable.module.css'
import tables from './Table.module.css'

export interface Column<Item> {
  name: string
  /** What the column is sorted by, and what a file has; `null` is missing and comes last. */
  sortBy: (item: Item) => number | string | null
  cell: (item: Item) => ReactNode
  numeric?: boolean
}

interface Props<Item> {
  caption: string
  columns: readonly Column<Item>[]
  items: readonly Item[]
  keyOf: (item: Item) => string
}

function compare(one: number | string, other: number | string): number {
  if (typeof one === 'number' && typeof other === 'number') return one - other
  return String(one).localeCompare(String(other))
}

/** Sorted by one column; what is missing comes last in either order. */
export function sorted<Item>(
  items: readonly Item[],
  sortBy: (item: Item) => number | string | null,
  order: Order,
): Item[] {
  const direction = order === 'ascending' ? 1 : -1
  return items.toSorted((one, other) => {
    const [left, right] = [sortBy(one), sortBy(other)]
    if (left === null || right === null) return Number(left === null) - Number(right === null)
    return direction * compare(left, right)
  })
}

/** The table for a file, in the order in which the items come. */
export function tableRows<Item>(
  columns: readonly Column<Item>[],
  items: readonly Item[],
): TableRows {
  const rows = items.map((item) => columns.map(({ sortBy }) => sortBy(item)))
  return [columns.map(({ name }) => name), ...rows]
}

/** A table that its reader can sort; it starts in the order in which the items come. */
export function SortableTable<Item>({ caption, columns, items, keyOf }: Props<Item>) {
  const [sort, setSort] = useState<{ name: string; order: Order } | null>(null)
  const column = columns.find(({ name }) => name === sort?.name)
  const shown =
    sort === null || column === undefined ? items : sorted(items, column.sortBy, sort.order)
  return (
    <div
      className={tables.scroller}
      data-tall="true"
      role="region"
      aria-label={caption}
      tabIndex={0}
    >
      <table className={`${tables.table} ${styles.table}`}>
        <caption className="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            {columns.map((one) => (
              <SortHeader
                key={one.name}
                name={one.name}
                order={sort?.name === one.name ? sort.order : null}
                numeric={one.numeric === true}
                onOrder={(order) => {
                  setSort({ name: one.name, order })
                }}
              />
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((item) => (
            <tr key={keyOf(item)}>
              {columns.map((one, place) =>
                place === 0 ? (
                  <th key={one.name} scope="row" data-text="true">
                    {one.cell(item)}
                  </th>
                ) : (
                  <td key={one.name} data-numeric={one.numeric}>
                    {one.cell(item)}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
