import { useMemo } from 'react'
import type { KpiDetail } from '@/api/types'
import { Card } from '@/components/Card'
import { Chart } from '@/components/chart'
import { breakdownOption, breakdownTable } from '@/components/chart/options/breakdown'
import { Notice } from '@/components/Notice'
import buttons from '@/components/SmallButton.module.css'
import TableDownload from '@/components/TableDownload'
import type { FilterName } from '@/lib/filters'
import { count, percentage } from '@/lib/format'
import { downtimeByService, type ServiceDowntime } from './downtime'
import styles from './DowntimeCard.module.css'
import { FilterButton } from './FilterButton'
import { SortableTable, tableRows, type Column } from '@/components/SortableTable'

const TITLE = 'Minutes lost by service'

function minutesText(minutes: number): string {
  return minutes > 0 && minutes < 1 ? '< 1' : count(Math.round(minutes))
}

const FIGURES: readonly Column<ServiceDowntime>[] = [
  {
    name: 'Minutes lost',
    numeric: true,
    sortBy: ({ lostMinutes }) => lostMinutes,
    cell: ({ lostMinutes }) => (lostMinutes === null ? 'no data' : minutesText(lostMinutes)),
  },
  {
    name: 'Of all lost',
    numeric: true,
    sortBy: ({ lostShare }) => lostShare,
    cell: ({ lostShare }) => (lostShare === null ? '–' : percentage(lostShare, 0)),
  },
  {
    name: 'Uptime',
    numeric: true,
    sortBy: ({ uptime }) => uptime,
    cell: ({ uptime }) => (uptime === null ? 'no data' : percentage(uptime, 3)),
  },
  {
    name: 'Weight',
    numeric: true,
    sortBy: ({ share }) => share,
    cell: ({ share }) => (share === null ? '–' : percentage(share)),
  },
]

type OnFilter = (name: FilterName, element: string) => void

interface Props {
  detail: KpiDetail
  onFilter: OnFilter
}

function serviceColumn(onFilter: OnFilter): Column<ServiceDowntime> {
  return {
    name: 'Service',
    sortBy: ({ service }) => service,
    cell: ({ service }) => <FilterButton by="service" name={service} onFilter={onFilter} />,
  }
}

function Bars({ services }: { services: readonly ServiceDowntime[] }) {
  const { option, table } = useMemo(() => {
    const input = {
      name: TITLE,
      items: services.map(({ service, lostMinutes, lostShare }) => ({
        name: service,
        value: lostMinutes,
        share: lostShare,
      })),
      formatValue: minutesText,
      formatShare: (share: number) => percentage(share, 0),
    }
    return { option: breakdownOption(input), table: breakdownTable(input) }
  }, [services])
  return (
    <div style={{ blockSize: `${Math.max(8, 3 + services.length * 2)}rem` }}>
      <Chart option={option} table={table} label={`${TITLE}; the table has the figures`} />
    </div>
  )
}

/** Minutes lost by service, each minute weighted by how much the service matters. */
export function DowntimeCard({ detail, onFilter }: Props) {
  const columns = useMemo(() => [serviceColumn(onFilter), ...FIGURES], [onFilter])
  const services = useMemo(
    () => (detail.by === 'service' ? downtimeByService(detail) : []),
    [detail],
  )
  const aside = services.length > 0 && (
    <div className={buttons.group}>
      <TableDownload title={TITLE} rows={() => tableRows(columns, services)} />
    </div>
  )
  return (
    <Card title={TITLE} headingLevel={2} aside={aside}>
      {services.length === 0 ? (
        <Notice title="No service was observed in this window" />
      ) : (
        <>
          <Bars services={services} />
          <SortableTable
            caption="Weighted minutes lost by service"
            columns={columns}
            items={services}
            keyOf={({ service }) => service}
          />
        </>
      )}
      <p className={styles.note}>
        A minute of a service counts as often as its weight says. Time that nobody observed is left
        out.
      </p>
    </Card>
  )
}
