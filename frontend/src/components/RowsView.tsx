import type { UseQueryResult } from '@tanstack/react-query'
import type { KpiDetail, Rows } from '@/api/types'
import { count } from '@/lib/format'
import { columnsOf, isNumeric, lastPage } from '@/lib/rows'
import { words, wordsWithin } from '@/lib/words'
import { Notice } from './Notice'
import styles from './RowsView.module.css'
import { Skeleton } from './Skeleton'

function RowsTable({ rows, caption }: { rows: Rows['rows']; caption: string }) {
  const columns = columnsOf(rows)
  const numeric = new Set(columns.filter((column) => isNumeric(rows, column)))
  return (
    <div className={styles.scroller} role="region" aria-label={caption} tabIndex={0}>
      <table className={styles.table}>
        <caption className="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col" data-numeric={numeric.has(column)}>
                {words(column)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, place) => (
            <tr key={place}>
              {columns.map((column) => (
                <td key={column} data-numeric={numeric.has(column)}>
                  {row[column] ?? <span className={styles.absent}>–</span>}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

interface PagerProps {
  page: number
  last: number
  onPage: (page: number) => void
}

function Pager({ page, last, onPage }: PagerProps) {
  const step = (to: number, name: string) => (
    <button
      type="button"
      className={styles.step}
      disabled={to < 1 || to > last}
      onClick={() => {
        onPage(to)
      }}
    >
      {name}
    </button>
  )
  return (
    <nav aria-label="Pages of rows" className={styles.pager}>
      {step(Math.min(page - 1, last), 'Previous')}
      <span aria-live="polite">
        Page {count(page)} of {count(last)}
      </span>
      {step(page + 1, 'Next')}
    </nav>
  )
}

/** How many rows of which kind a number was computed from. */
export function RowCounts({ counts }: { counts: KpiDetail['row_counts'] }) {
  const text = Object.entries(counts)
    .map(([kind, rows]) => `${wordsWithin(kind)} ${count(rows)}`)
    .join(', ')
  return text === '' ? null : <p className={styles.counts}>Rows behind this number: {text}.</p>
}

interface Props extends Omit<PagerProps, 'last'> {
  query: UseQueryResult<Rows>
  /** Whose rows they are. */
  label: string
}

/** The rows behind a number, a page at a time. */
export function RowsView({ query, page, onPage, label }: Props) {
  const { data: answer, error } = query
  if (answer === undefined) {
    return error === null ? (
      <Skeleton height="16rem" />
    ) : (
      <Notice title="The rows cannot be shown" onRetry={() => void query.refetch()}>
        <p>{error.message}</p>
      </Notice>
    )
  }
  if (answer.total === 0) return <Notice title="No row in this window" />
  return (
    <div aria-busy={query.isPlaceholderData}>
      {answer.rows.length === 0 ? (
        <Notice title="The rows end before this page" />
      ) : (
        <RowsTable rows={answer.rows} caption={`Rows behind ${label}`} />
      )}
      <Pager page={page} last={lastPage(answer.total, answer.page_size)} onPage={onPage} />
    </div>
  )
}
