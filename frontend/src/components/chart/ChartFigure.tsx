import { lazy, Suspense, useState, type ReactNode } from 'react'
import { Card } from '@/components/Card'
import buttons from '@/components/SmallButton.module.css'
import type { TableRows } from '@/lib/tableFile'
import { Chart, type ChartProps } from './Chart'
import styles from './ChartFigure.module.css'
import { ChartTableView } from './ChartTableView'
import { Legend } from './Legend'
import type { ChartTable, LegendItem } from './spec'

const TableDownload = lazy(() => import('@/components/TableDownload'))

interface Props extends ChartProps {
  title: string
  legend?: readonly LegendItem[] | undefined
  /** A CSS length; without it the chart fills what its parent leaves. */
  height?: string | undefined
  /** Under the chart: a sentence that reads it. */
  note?: ReactNode
  /** Beside the title, before the table button. */
  controls?: ReactNode
  /** Takes what room its card has left over, beyond `height`. */
  grow?: boolean | undefined
  className?: string | undefined
  headingLevel?: 2 | 3 | undefined
}

/** The table for a file: exact numbers where it knows them. */
function fileRows({ columns, rows, exact }: ChartTable): TableRows {
  return [columns, ...(exact ?? rows)]
}

/** A chart in its card: title, legend, and the same points as a table at the press of a button. */
export function ChartFigure({
  title,
  legend = [],
  height,
  note,
  controls,
  grow = false,
  className,
  headingLevel = 2,
  ...chart
}: Props) {
  const [asTable, setAsTable] = useState(false)
  const toggle = (
    <div className={buttons.group}>
      {controls}
      <button
        type="button"
        className={buttons.button}
        aria-pressed={asTable}
        data-use="chart_table"
        aria-label={`View as table: ${title}`}
        onClick={() => {
          setAsTable(!asTable)
        }}
      >
        Table
      </button>
      {asTable && (
        <Suspense fallback={null}>
          <TableDownload title={title} rows={() => fileRows(chart.table)} />
        </Suspense>
      )}
    </div>
  )
  return (
    <Card title={title} aside={toggle} className={className} headingLevel={headingLevel}>
      {legend.length > 0 && !asTable && <Legend items={legend} />}
      <div
        className={styles.box}
        data-grow={grow}
        style={height === undefined ? undefined : { blockSize: height }}
      >
        {asTable ? <ChartTableView table={chart.table} /> : <Chart {...chart} />}
      </div>
      {note !== undefined && <div className={styles.note}>{note}</div>}
    </Card>
  )
}
