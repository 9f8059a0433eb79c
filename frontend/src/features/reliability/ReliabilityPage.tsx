import { useQuery } from '@tanstack/react-query'
import { sloQuery } from '@/api/queries'
import type { SloReport } from './types'
import { Notice } from '@/components/Notice'
import { Segmented } from '@/components/Segmented'
import { Skeleton } from '@/components/Skeleton'
import { formatInstant } from '@/lib/format'
import { useParam } from '@/lib/useView'
import { reportUse } from '@/telemetry'
import { usePageDrawn } from '@/telemetry/usePageDrawn'
import { Maintenance, windowsOf } from './Maintenance'
import { ObjectiveCard } from './ObjectiveCard'
import { ObjectiveDetail } from './ObjectiveDetail'
import styles from './ReliabilityPage.module.css'
import { VERDICTS, windowFrom, WINDOWS, type Verdict } from './text'

const OPTIONS = WINDOWS.map((days) => ({
  value: `${days}d`,
  label: days === 1 ? '1 day' : `${days} days`,
}))

function Summary({ report }: { report: SloReport }) {
  const verdicts = (Object.keys(VERDICTS) as Verdict[])
    .map((verdict) => {
      const found = report.objectives.filter((one) => one.verdict === verdict).length
      return found === 0 ? null : `${found} ${VERDICTS[verdict].word.toLowerCase()}`
    })
    .filter((text) => text !== null)
  return (
    <p className={styles.summary} aria-live="polite">
      Last {report.window.replace('d', ' days').replace(/^1 days/, 'day')}: {verdicts.join(', ')}.
      As of {formatInstant(report.generated_at)}.
    </p>
  )
}

function Objectives({ report, days }: { report: SloReport; days: number }) {
  const [opened, setOpened] = useParam('objective')
  return (
    <div className={styles.list}>
      {report.objectives.map((objective) => {
        const open = objective.name === opened
        return (
          <ObjectiveCard
            key={objective.name}
            objective={objective}
            open={open}
            onToggle={() => {
              setOpened(open ? null : objective.name)
              if (!open) reportUse('objective_open')
            }}
          >
            <ObjectiveDetail name={objective.name} days={days} />
          </ObjectiveCard>
        )
      })}
    </div>
  )
}

/** What was promised to the people who use the product, and whether it was kept. */
export default function ReliabilityPage() {
  const [windowText, setWindow] = useParam('window')
  const days = windowFrom(windowText)
  const query = useQuery(sloQuery(days))
  const { data: report, error, refetch } = query
  usePageDrawn(report !== undefined && !query.isPlaceholderData)
  return (
    <div className={styles.page}>
      <header className={styles.header}>
        <h1 className={styles.heading}>Reliability</h1>
        <Segmented
          label="Window"
          value={`${days}d`}
          options={OPTIONS}
          onChange={(next) => {
            setWindow(next)
            reportUse('objectives_window')
          }}
        />
      </header>
      {error !== null && (
        <Notice
          title={report === undefined ? 'The objectives cannot be shown' : 'Not refreshed'}
          tone={report === undefined ? 'act' : 'neutral'}
          onRetry={() => void refetch()}
        >
          <p>
            {error.message}
            {report !== undefined && ' The last verdicts that arrived are shown.'}
          </p>
        </Notice>
      )}
      {report === undefined && error === null && <Skeleton height="40rem" />}
      {report !== undefined && (
        <div className={styles.body} aria-busy={query.isPlaceholderData}>
          <Summary report={report} />
          <Maintenance windows={windowsOf(report.objectives)} now={report.generated_at} />
          <Objectives report={report} days={days} />
        </div>
      )}
    </div>
  )
}
