import type { UseQueryResult } from '@tanstack/react-query'
import type { KpiDetail, Rows } from '@/api/types'
import { Card } from '@/components/Card'
import { RowCounts, RowsFiles, RowsView, type Sorting } from '@/components/RowsView'
import type { Filters } from '@/lib/filters'
import { withSort } from '@/lib/rows'
import { viewSearch, type View } from '@/lib/view'
import { trackExport } from '@/telemetry'

interface Props {
  detail: KpiDetail
  view: View
  filters: Filters
  query: UseQueryResult<Rows>
  sorting: Sorting
  page: number
  onPage: (page: number) => void
}

/** The rows behind the number, a page at a time, and all of them as a file. */
export function RowsCard({ detail, view, filters, query, sorting, page, onPage }: Props) {
  const files = (
    <RowsFiles
      metric={detail.metric}
      search={viewSearch(view, withSort(new URLSearchParams(filters).toString(), sorting.sort))}
      onExport={(kind) => {
        trackExport(detail.metric, kind)
      }}
    />
  )
  return (
    <Card title="Rows behind it" headingLevel={2} aside={files}>
      <RowCounts counts={detail.row_counts} />
      <RowsView query={query} sorting={sorting} page={page} onPage={onPage} label={detail.label} />
    </Card>
  )
}
