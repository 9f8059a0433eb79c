import { useQuery } from '@tanstack/react-query'
import { useLayoutEffect, useId, useRef, useState } from 'react'
import { kpiQuery, rowsQuery } from '@/api/queries'
import type { Kpi, KpiDetail } from '@/api/types'
import { Formula } from '@/components/Formula'
import { Icon } from '@/components/Icon'
import { Notice } from '@/components/Notice'
import { RowCounts, RowsFiles, RowsView, type Sorting } from '@/components/RowsView'
import { Skeleton } from '@/components/Skeleton'
import { ViewLink } from '@/components/ViewLink'
import { NO_FILTERS } from '@/lib/filters'
import { formatDate } from '@/lib/format'
import { kpiText } from '@/lib/kpi'
import { warningText } from '@/lib/reasons'
import { withSort } from '@/lib/rows'
import { viewSearch, type View } from '@/lib/view'
import { reportUse, trackExport } from '@/telemetry'
import styles from './Inspector.module.css'

const PAGE_SIZE = 10

function windowText({ timeframe }: KpiDetail): string {
  const { start_date: start, end_date: end, as_of: asOf } = timeframe
  return `${formatDate(start)} to ${formatDate(end)}, as of ${formatDate(asOf)}`
}

function RowsOf({ kpi, view, sorting }: { kpi: Kpi; view: View; sorting: Sorting }) {
  const [page, setPage] = useState(1)
  const onPage = (next: number) => {
    setPage(next)
    reportUse('rows', kpi.key)
  }
  const query = useQuery(rowsQuery(kpi.key, view, page, PAGE_SIZE, NO_FILTERS, sorting.sort))
  const sortedAnew: Sorting = {
    sort: sorting.sort,
    onSort: (sort) => {
      setPage(1)
      sorting.onSort(sort)
    },
  }
  return (
    <RowsView query={query} sorting={sortedAnew} page={page} onPage={onPage} label={kpi.label} />
  )
}

function Content({ kpi, view }: { kpi: Kpi; view: View }) {
  const { data, error, isFetching, refetch } = useQuery(kpiQuery(kpi.key, view))
  const [sort, onSort] = useState<string | null>(null)
  const detail = data?.metric === kpi.key ? data : undefined
  if (detail === undefined) {
    if (error === null || isFetching) return <Skeleton height="18rem" />
    return (
      <Notice title="The definition cannot be shown" onRetry={() => void refetch()}>
        <p>{error.message}</p>
      </Notice>
    )
  }
  return (
    <>
      <p className={styles.window}>{windowText(detail)}</p>
      <Formula detail={detail} />
      {detail.warnings.map((warning) => (
        <p key={warning} className={styles.warning}>
          <Icon name="watch" /> {warningText(warning, detail.kpi.leftOutShare)}
        </p>
      ))}
      <div className={styles.head}>
        <h3 className={styles.subtitle}>Rows behind it</h3>
        <RowsFiles
          metric={kpi.key}
          search={viewSearch(view, withSort('', sort))}
          onExport={(kind) => {
            trackExport(kpi.key, kind)
          }}
        />
      </div>
      <RowCounts counts={detail.row_counts} />
      <RowsOf kpi={kpi} view={view} sorting={{ sort, onSort }} />
    </>
  )
}

interface Props {
  kpi: Kpi
  view: View
  onClose: () => void
}

/** One number's definition with its actual inputs, and the rows that it was computed from. */
export default function Inspector({ kpi, view, onClose }: Props) {
  const dialog = useRef<HTMLDialogElement>(null)
  const title = useId()
  useLayoutEffect(() => {
    dialog.current?.showModal()
  }, [])
  const close = () => dialog.current?.close()
  return (
    <dialog
      ref={dialog}
      className={styles.dialog}
      aria-labelledby={title}
      onClose={onClose}
      onClick={(event) => {
        if (event.target === dialog.current) close()
      }}
    >
      <div className={styles.content}>
        <header className={styles.header}>
          <h2 id={title} className={styles.title}>
            {kpi.label}
            {kpi.value !== null && <span className={styles.value}>{kpiText(kpi, kpi.value)}</span>}
          </h2>
          <ViewLink className={styles.open} to={kpi.drilldown} data-drilldown>
            Open the page <Icon name="chevron" />
          </ViewLink>
          <button type="button" className={styles.close} aria-label="Close" onClick={close}>
            <Icon name="cross" />
          </button>
        </header>
        <Content kpi={kpi} view={view} />
      </div>
    </dialog>
  )
}
