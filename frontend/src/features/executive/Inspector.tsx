import { useQuery } from '@tanstack/react-query'
import { useLayoutEffect, useId, useRef, useState } from 'react'
import { kpiQuery, rowsQuery } from '@/api/queries'
import type { Drivers, Kpi, KpiDetail, KpiKey } from '@/api/types'
import { Contributions } from '@/components/Contributions'
import { Formula } from '@/components/Formula'
import head from '@/components/Head.module.css'
import { Icon } from '@/components/Icon'
import { Notice } from '@/components/Notice'
import { RowCounts, RowsFiles, RowsView, type Sorting } from '@/components/RowsView'
import { Skeleton } from '@/components/Skeleton'
import buttons from '@/components/SmallButton.module.css'
import { ViewLink } from '@/components/ViewLink'
import { NO_FILTERS } from '@/lib/filters'
import { formatChange, formatDate } from '@/lib/format'
import { digitsOf, kindOf, kpiText } from '@/lib/kpi'
import { warningText } from '@/lib/reasons'
import { withSort } from '@/lib/rows'
import { driversSentence } from '@/lib/sentences'
import { viewSearch, type View } from '@/lib/view'
import { welcomeEffect } from '@/lib/welcome'
import { reportUse, trackExport } from '@/telemetry'
import styles from './Inspector.module.css'

const PAGE_SIZE = 10
const MOST_REASONS = 3

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

interface ReasonProps {
  kpi: Kpi
  drivers: Drivers
  currency: string
  onExplain: () => void
}

/** Why it moved, in short; the panel has the rest of it. */
function Reason({ kpi, drivers, currency, onExplain }: ReasonProps) {
  const shown = drivers.contributions.slice(0, MOST_REASONS)
  const format = (effect: number) =>
    formatChange(effect, kindOf(drivers.unit), { currency, digits: digitsOf(kpi.key) })
  return (
    <>
      <div className={head.head}>
        <h3 className={styles.subtitle}>What moved it</h3>
        {shown.length > 0 && (
          <button type="button" className={buttons.button} onClick={onExplain}>
            All that moved it
          </button>
        )}
      </div>
      <p className={styles.reason}>{driversSentence(drivers)}</p>
      {shown.length > 0 && (
        <Contributions
          items={shown}
          format={format}
          goodDirection={welcomeEffect(drivers, kpi.goodDirection)}
        />
      )}
    </>
  )
}

type ContentProps = Pick<Props, 'kpi' | 'view'> & { onExplain: () => void }

function Content({ kpi, view, onExplain }: ContentProps) {
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
      <Reason kpi={kpi} drivers={detail.drivers} currency={detail.currency} onExplain={onExplain} />
      <div className={head.head}>
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

/** The reader goes on where the reason is told, wherever on the screen that is. */
function goToReason(): void {
  document.querySelector<HTMLElement>('[aria-labelledby="reason"] select')?.focus()
}

interface Props {
  kpi: Kpi
  view: View
  /** Show all that moved it. */
  onExplain: (key: KpiKey) => void
  onClose: () => void
}

/** One number's definition with its actual inputs, why it moved, and the rows it was computed from. */
export default function Inspector({ kpi, view, onExplain, onClose }: Props) {
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
        <Content
          kpi={kpi}
          view={view}
          onExplain={() => {
            close()
            onExplain(kpi.key)
            reportUse('why', kpi.key)
            goToReason()
          }}
        />
      </div>
    </dialog>
  )
}
