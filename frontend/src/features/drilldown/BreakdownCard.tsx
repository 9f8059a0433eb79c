import { useMemo } from 'react'
import type { KpiDetail } from '@/api/types'
import { Card } from '@/components/Card'
import { Chart } from '@/components/chart'
import { breakdownOption, breakdownTable, MOST_BARS } from '@/components/chart/options/breakdown'
import { Notice } from '@/components/Notice'
import { isElement, isFilterName, type FilterName } from '@/lib/filters'
import { formatPeriod, percentage } from '@/lib/format'
import styles from './BreakdownCard.module.css'
import { Choice } from '@/components/Choice'
import buttons from '@/components/SmallButton.module.css'
import TableDownload from '@/components/TableDownload'
import { reportUse } from '@/telemetry'
import { FilterButton } from './FilterButton'
import { SortableTable, tableRows, type Column } from '@/components/SortableTable'
import { words, wordsWithin } from '@/lib/words'
import { exactText, valueText } from './text'

type Item = KpiDetail['breakdown'][number]

interface Props {
  detail: KpiDetail
  onBy: (by: string) => void
  onFilter: (name: FilterName, element: string) => void
}

/** Movements go up and down through a level: they are no parts of it. */
function hasShares(by: string | null): boolean {
  return by !== null && by !== 'movement'
}

/** Periods are written as everywhere else. */
function named({ breakdown, by }: KpiDetail): Item[] {
  if (by !== 'period') return breakdown
  return breakdown.map((item) => ({ ...item, name: formatPeriod(item.name) }))
}

function columns(
  { detail, onFilter }: Pick<Props, 'detail' | 'onFilter'>,
  by: string,
): Column<Item>[] {
  const exact = exactText(detail)
  const elementCell = (name: string) =>
    isFilterName(by) && detail.filterable.includes(by) && isElement(name) ? (
      <FilterButton by={by} name={name} onFilter={onFilter} />
    ) : (
      name
    )
  const share: Column<Item> = {
    name: 'Share',
    numeric: true,
    sortBy: (item) => item.share,
    cell: (item) => (item.share === null ? '–' : percentage(item.share)),
  }
  return [
    {
      name: words(by),
      sortBy: ({ name }) => name,
      cell: ({ name }) => (by === 'period' ? formatPeriod(name) : elementCell(name)),
    },
    {
      name: detail.label,
      numeric: true,
      sortBy: ({ value }) => value,
      cell: ({ value }) => (value === null ? 'no data' : exact(value)),
    },
    ...(hasShares(by) ? [share] : []),
  ]
}

function Bars({ detail, by }: { detail: KpiDetail; by: string }) {
  const { option, table } = useMemo(() => {
    const input = {
      name: `${detail.label} by ${wordsWithin(by)}`,
      items: named(detail),
      keepOrder: by === 'period',
      formatValue: valueText(detail),
      formatShare: (share: number) => percentage(share),
    }
    return { option: breakdownOption(input), table: breakdownTable(input) }
  }, [detail, by])
  const bars = Math.min(MOST_BARS, detail.breakdown.length)
  return (
    <div style={{ blockSize: `${Math.max(8, 3 + bars * 2)}rem` }}>
      <Chart
        option={option}
        table={table}
        label={`${table.caption}; the table beside it has the figures`}
      />
    </div>
  )
}

/** What the number is made of, by the dimension of the reader's choice. */
export function BreakdownCard({ detail, onBy, onFilter }: Props) {
  const by = detail.by
  const items = detail.breakdown
  const shown = by === null ? [] : columns({ detail, onFilter }, by)
  const caption = `${detail.label} by ${wordsWithin(by ?? '')}`
  const aside = (
    <div className={buttons.group}>
      <Choice
        label="Broken down by"
        options={detail.dimensions}
        value={by ?? ''}
        onChange={(next) => {
          onBy(next)
          reportUse('breakdown_by')
        }}
      />
      {items.length > 0 && <TableDownload title={caption} rows={() => tableRows(shown, items)} />}
    </div>
  )
  return (
    <Card title="Breakdown" headingLevel={2} aside={aside}>
      {by === null || detail.breakdown.length === 0 ? (
        <Notice title="Nothing to break down">
          <p>
            {by === null
              ? 'The rows behind this number carry no dimension.'
              : 'No row of this window belongs to it.'}
          </p>
        </Notice>
      ) : (
        <div className={styles.split}>
          <Bars detail={detail} by={by} />
          <SortableTable
            caption={caption}
            columns={shown}
            items={items}
            keyOf={({ name }) => name}
          />
        </div>
      )}
      {detail.breakdown.length > MOST_BARS && (
        <p className={styles.note}>
          The chart shows the {MOST_BARS} largest; the table has all {detail.breakdown.length}.
        </p>
      )}
      {detail.unit !== 'money' && detail.breakdown.length > 0 && hasShares(by) && (
        <p className={styles.note}>
          {by === 'period'
            ? 'The share is of what was spent in the window: each period counts by its spending.'
            : 'The share is of the denominator: how much each element weighs.'}
        </p>
      )}
    </Card>
  )
}
