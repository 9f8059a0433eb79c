import { useQuery } from '@tanstack/react-query'
import { dashboardQuery } from '@/api/queries'
import type { Freshness } from '@/api/types'
import { Icon } from '@/components/Icon'
import { Segmented } from '@/components/Segmented'
import { count, daysBetween, formatDate, formatInstant, formatMonth } from '@/lib/format'
import { useIsKiosk } from '@/lib/kiosk'
import { useHydrated } from '@/lib/useHydrated'
import { useView } from '@/lib/useView'
import { rangeChange, viewSearch, type View } from '@/lib/view'
import { reportUse } from '@/telemetry'
import { AsOfField } from './AsOfField'
import { useSwitch } from './useSwitch'
import styles from './ViewBar.module.css'

const RANGES = [
  { value: '6m', label: '6 months' },
  { value: '12m', label: '12 months' },
] as const
const GRANULARITIES = [
  { value: 'month', label: 'Month' },
  { value: 'quarter', label: 'Quarter' },
] as const

/** What they take: until they are known they are not shown, and nothing moves when they come. */
const ROOM_FOR_WINDOW = 'Nov 2026 – Oct 2027'
const ROOM_FOR_DATA_END = 'data to 30 Nov 2026'

function DataEnd({ freshness }: { freshness: Freshness }) {
  const hasClock = useHydrated()
  if (freshness.data_as_of === null) return <span className={styles.age}>no data yet</span>
  const computed = hasClock ? `Computed ${formatInstant(freshness.generated_at)}` : undefined
  const days = daysBetween(freshness.data_as_of, freshness.today)
  return (
    <span className={styles.age} title={computed}>
      data to {formatDate(freshness.data_as_of)}
      {days > 1 && `, ${count(days)} days ago`}
    </span>
  )
}

function Exports({ view }: { view: View }) {
  return (
    <div className={styles.exports}>
      {(['csv', 'xlsx'] as const).map((kind) => (
        <a
          key={kind}
          className={styles.export}
          href={`/api/export.${kind}?${viewSearch(view)}`}
          download
          data-export={kind}
        >
          <Icon name="download" /> {kind === 'csv' ? 'CSV' : 'Excel'}
          <span className="visually-hidden"> of this screen</span>
        </a>
      ))}
    </div>
  )
}

/** Which window is looked at, how fresh it is, and the controls to change it. */
export function ViewBar({ isDashboard }: { isDashboard: boolean }) {
  const [view, change] = useView()
  const switchTo = useSwitch()
  const isKiosk = useIsKiosk()
  const { data, isError, isPending } = useQuery(dashboardQuery(view))
  const window =
    data && `${formatMonth(data.timeframe.start_date)} – ${formatMonth(data.timeframe.end_date)}`
  const Title = isDashboard ? 'h1' : 'p'
  return (
    <section className={styles.bar} aria-label="View">
      <div className={styles.about} data-pending={isPending || undefined}>
        <Title className={styles.title}>
          {isDashboard && data && <span className="visually-hidden">Executive Dashboard: </span>}
          {window ?? (isError ? 'Executive Dashboard' : ROOM_FOR_WINDOW)}
        </Title>
        {isKiosk ? (
          data && <span className={styles.age}>as of {formatDate(data.timeframe.as_of)}</span>
        ) : (
          <AsOfField
            asOf={view.asOf}
            shown={data?.timeframe.as_of}
            onChange={(asOf) => {
              change({ asOf })
              reportUse('as_of')
            }}
          />
        )}
        {data !== undefined && <DataEnd freshness={data.freshness} />}
        {isPending && <span className={styles.age}>{ROOM_FOR_DATA_END}</span>}
        {data?.freshness.demo === true && (
          <span
            className={styles.demo}
            title="Invented for demonstration: no real company's numbers"
          >
            Demo data
          </span>
        )}
      </div>
      {isDashboard && data && <Exports view={view} />}
      <div className={styles.controls}>
        <Segmented
          label="Range"
          value={view.compare === 'ytd_target' ? null : view.range}
          options={RANGES}
          onChange={(range, input) => switchTo(rangeChange(range, view), input)}
        />
        <Segmented
          label="Granularity"
          value={view.granularity}
          options={GRANULARITIES}
          onChange={(granularity, input) => switchTo({ granularity }, input)}
        />
      </div>
      {data !== undefined && (
        <span className="visually-hidden" role="status">
          Window {formatDate(data.timeframe.start_date)} to {formatDate(data.timeframe.end_date)}
        </span>
      )}
    </section>
  )
}
