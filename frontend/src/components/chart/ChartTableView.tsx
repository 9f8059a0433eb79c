import tables from '@/components/Table.module.css'
import styles from './ChartTableView.module.css'
import type { ChartTable } from './spec'

/** A chart's points as a table; the first cell of a row is its heading. */
export function ChartTableView({ table }: { table: ChartTable }) {
  return (
    <div
      className={`${tables.scroller} ${styles.filling}`}
      data-tall="true"
      role="region"
      aria-label={`Table: ${table.caption}`}
      tabIndex={0}
    >
      <table className={tables.table}>
        <caption className="visually-hidden">{table.caption}</caption>
        <thead>
          <tr>
            {table.columns.map((name, place) => (
              <th key={name} scope="col" data-numeric={place > 0}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.map(([heading, ...cells]) => (
            <tr key={heading}>
              <th scope="row" data-text="true">
                {heading}
              </th>
              {cells.map((cell, place) => (
                <td key={table.columns[place + 1]} data-numeric="true">
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
