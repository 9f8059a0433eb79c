import { useState, type ReactNode } from 'react'
import { Card } from '@/components/Card'
import { Chart, type ChartProps } from './Chart'
import styles from './ChartFigure.module.css'
import { ChartTableView } from './ChartTableView'
import { Legend } from './Legend'
import type { LegendItem } from './spec'
import { TableDownload } from './TableDownload'

interface Props extends ChartProps {
  title: string
  legend?: readonly LegendItem[] | undefined
  /** A CSS length. `100%` fills what the parent leaves. */
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

/** A chart in its card: title, legend, and the same points as a table at the press of a button. */
export function ChartFigure({
  title,
  legend = [],
  height = '17.5rem',
  note,
  controls,
  grow = false,
  className,
  headingLevel = 2,
  ...chart
}: Props) {
  const [asTable, setAsTable] = useState(false)
  const toggle = (
    <div className={styles.controls}>
      {legend.length > 0 && <Legend items={legend} />}
      {controls}
      <button
        type="button"
        className={styles.toggle}
        aria-pressed={asTable}
        aria-label={`View as table: ${title}`}
        onClick={() => {
          setAsTable(!asTable)
        }}
      >
        Table
      </button>
      {asTable && <TableDownload table={chart.table} title={title} />}
    </div>
  )
  return (
    <Card title={title} aside={toggle} className={className} headingLevel={headingLevel}>
      <div className={styles.box} data-grow={grow} style={{ blockSize: height }}>
        {asTable ? <ChartTableView table={chart.table} /> : <Chart {...chart} />}
      </div>
      {note !== undefined && <div className={styles.note}>{note}</div>}
    </Card>
  )
}
