import styles from './ChartTableView.module.css'
import type { ChartTable } from './spec'

/** A chart's points as a table; the first cell of a row is its heading. */
export function ChartTableView({ table }: { table: ChartTable }) {
  return (
    <div
      className={styles.scroller}
      role="region"
      aria-label={`Table: ${table.caption}`}
      tabIndex={0}
    >
      <table className={styles.table}>
        <caption className="visually-hidden">{table.caption}</caption>
        <thead>
          <tr>
            {table.columns.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.map(([heading, ...cells]) => (
            <tr key={heading}>
              <th scope="row">{heading}</th>
              {cells.map((cell, place) => (
                <td key={table.columns[place + 1]}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
