import type { UseQueryResult } from '@tanstack/react-query'
import type { KpiDetail, Rows } from '@/api/types'
import { Card } from '@/components/Card'
import { Icon } from '@/components/Icon'
import { RowCounts, RowsView } from '@/components/RowsView'
import type { Filters } from '@/lib/filters'
import { viewSearch, type View } from '@/lib/view'
import { trackExport } from '@/telemetry'
import styles from './RowsCard.module.css'

interface Props {
  detail: KpiDetail
  view: View
  filters: Filters
  query: UseQueryResult<Rows>
  page: number
  onPage: (page: number) => void
}

/** The rows behind the number, a page at a time, and all of them as a file. */
export function RowsCard({ detail, view, filters, query, page, onPage }: Props) {
  const search = viewSearch(view, new URLSearchParams(filters).toString())
  const downloads = (
    <div className={styles.downloads}>
      {(['csv', 'xlsx'] as const).map((kind) => (
        <a
          key={kind}
          className={styles.download}
          href={`/api/kpis/${detail.metric}/rows.${kind}?${search}`}
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
      <RowsView query={query} page={page} onPage={onPage} label={detail.label} />
    </Card>
  )
}
