import type { UseQueryResult } from '@tanstack/react-query'
import type { KpiDetail, Rows } from '@/api/types'
import { Card } from '@/components/Card'
import { Icon } from '@/components/Icon'
import { Notice } from '@/components/Notice'
import { Skeleton } from '@/components/Skeleton'
import { count } from '@/lib/format'
import { trackExport } from '@/telemetry'
import { viewSearch, type View } from '@/lib/view'
import { columnsOf, isNumeric, lastPage } from './rows'
import styles from './RowsCard.module.css'
import { words, wordsWithin } from './text'

interface Props {
  detail: KpiDetail
  view: View
  query: UseQueryResult<Rows>
  page: number
  onPage: (page: number) => void
}

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

function RowCounts({ counts }: { counts: KpiDetail['row_counts'] }) {
  const text = Object.entries(counts)
    .map(([kind, rows]) => `${wordsWithin(kind)} ${count(rows)}`)
    .join(', ')
  return text === '' ? null : <p className={styles.counts}>Rows behind this number: {text}.</p>
}

type ContentProps = Pick<Props, 'query' | 'page' | 'onPage'> & { label: string }

function Content({ query, page, onPage, label }: ContentProps) {
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

/** The rows behind the number, a page at a time, and all of them as a file. */
export function RowsCard({ detail, view, query, page, onPage }: Props) {
  const downloads = (
    <div className={styles.downloads}>
      {(['csv', 'xlsx'] as const).map((kind) => (
        <a
          key={kind}
          className={styles.download}
          href={`/api/kpis/${detail.metric}/rows.${kind}?${viewSearch(view)}`}
          download
          onClick={() => {
            trackExport(detail.metric, kind)
          }}
        >
          <Icon name="download" /> {kind === 'csv' ? 'CSV' : 'Excel'}
        </a>
      ))}
    </div>
  )
  return (
    <Card title="Rows behind it" headingLevel={2} aside={downloads}>
      <RowCounts counts={detail.row_counts} />
      <Content query={query} page={page} onPage={onPage} label={detail.label} />
    </Card>
  )
}
