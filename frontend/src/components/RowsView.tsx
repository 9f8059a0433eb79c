import type { UseQueryResult } from '@tanstack/react-query'
import type { KpiDetail, Rows } from '@/api/types'
import { count } from '@/lib/format'
import { cellText, columnsOf, isNumeric, isText, lastPage } from '@/lib/rows'
import { words, wordsWithin } from '@/lib/words'
import { Icon } from './Icon'
import { Notice } from './Notice'
import styles from './RowsView.module.css'
import { Skeleton } from './Skeleton'
import buttons from './SmallButton.module.css'
import sortable from './SortableTable.module.css'
import { SortHeader, type Order } from './SortHeader'
import tables from './Table.module.css'

/** The order that was asked for, `amount` or `-amount`, and a way to ask for another. */
export interface Sorting {
  sort: string | null
  onSort: (sort: string | null) => void
}

function orderOf({ sort }: Sorting, column: string): Order | null {
  if (sort === column) return 'ascending'
  return sort === `-${column}` ? 'descending' : null
}

interface TableProps {
  rows: Rows['rows']
  caption: string
  sorting: Sorting
}

function RowsTable({ rows, caption, sorting }: TableProps) {
  const columns = columnsOf(rows)
  const kinds = new Map(
    columns.map((column) => [
      column,
      { 'data-numeric': isNumeric(rows, column), 'data-text': isText(rows, column) },
    ]),
  )
  return (
    <div className={tables.scroller} role="region" aria-label={caption} tabIndex={0}>
      <table className={`${tables.table} ${sortable.table}`} data-dense="true">
        <caption className="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <SortHeader
                key={column}
                name={words(column)}
                order={orderOf(sorting, column)}
                numeric={isNumeric(rows, column)}
                text={isText(rows, column)}
                onOrder={(order) => {
                  sorting.onSort(order === 'ascending' ? column : `-${column}`)
                }}
              />
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, place) => (
            <tr key={place}>
              {columns.map((column) => (
                <td key={column} {...kinds.get(column)}>
                  {cellText(column, row[column]) ?? <span className={tables.absent}>–</span>}
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
  // At the end it keeps the focus: a disabled button would lose it.
  const step = (to: number, name: string) => {
    const isEnd = to < 1 || to > last
    return (
      <button
        type="button"
        className={buttons.button}
        aria-disabled={isEnd || undefined}
        onClick={() => {
          if (!isEnd) onPage(to)
        }}
      >
        {name}
      </button>
    )
  }
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

interface FilesProps {
  /** Of which number, and of which view and filters of it. */
  metric: string
  search: string
  onExport: (kind: 'csv' | 'xlsx') => void
}

/** All the rows behind a number, as files. */
export function RowsFiles({ metric, search, onExport }: FilesProps) {
  return (
    <div className={buttons.group}>
      {(['csv', 'xlsx'] as const).map((kind) => (
        <a
          key={kind}
          className={buttons.button}
          href={`/api/kpis/${metric}/rows.${kind}?${search}`}
          download
          onClick={() => {
            onExport(kind)
          }}
        >
          <Icon name="download" /> {kind === 'csv' ? 'CSV' : 'Excel'}
        </a>
      ))}
    </div>
  )
}

interface Props extends Omit<PagerProps, 'last'> {
  query: UseQueryResult<Rows>
  sorting: Sorting
  /** Whose rows they are. */
  label: string
}

/** The rows behind a number, a page at a time. */
export function RowsView({ query, sorting, page, onPage, label }: Props) {
  const { data: answer, error } = query
  if (answer === undefined) {
    // A column that these rows do not have is not there the next time either.
    const retry = () => {
      if (sorting.sort === null) void query.refetch()
      else sorting.onSort(null)
    }
    return error === null ? (
      <Skeleton height="16rem" />
    ) : (
      <Notice title="The rows cannot be shown" onRetry={retry}>
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
        <RowsTable rows={answer.rows} caption={`Rows behind ${label}`} sorting={sorting} />
      )}
      <Pager page={page} last={lastPage(answer.total, answer.page_size)} onPage={onPage} />
    </div>
  )
}
