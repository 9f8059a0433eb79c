import type { Comparison, KpiDetail } from '@/api/types'
import { Card } from '@/components/Card'
import { Change } from '@/components/Change'
import { Icon } from '@/components/Icon'
import { StatusBadge } from '@/components/StatusBadge'
import { formatDate, formatPeriod } from '@/lib/format'
import { changeText, kpiText, relativeText } from '@/lib/kpi'
import { warningText } from '@/lib/reasons'
import styles from './Headline.module.css'
import { reasonText } from '@/lib/words'
import { valueText } from './text'

const COMPARED: Record<Comparison['compare'], string> = {
  previous: 'against the window before',
  year_ago: 'against the same months a year ago',
  ytd_target: 'against the target of the year to date',
}

function Delta({ kpi, compare }: { kpi: KpiDetail['kpi']; compare: Comparison['compare'] }) {
  const change = changeText(kpi)
  if (change === null || kpi.direction === null) {
    return <span>{reasonText(kpi.deltaReason ?? 'no_previous')}</span>
  }
  const relative = relativeText(kpi)
  return (
    <>
      <Change text={change} direction={kpi.direction} goodDirection={kpi.goodDirection} />{' '}
      <span>
        {relative !== null && `(${relative}) `}
        {COMPARED[compare]}
      </span>
      {kpi.delta === null && kpi.deltaReason !== undefined && (
        <span className={styles.aside}>No percentage: {reasonText(kpi.deltaReason)}</span>
      )}
    </>
  )
}

function forecastFacts(kpi: KpiDetail['kpi']): [string, string][] {
  const facts: [string, string][] = []
  if (kpi.horizon !== undefined) facts.push(['For', formatPeriod(kpi.horizon)])
  if (kpi.method !== undefined) {
    facts.push(['Method', kpi.method === 'pipeline' ? 'Deals × win rate' : 'Recent trend'])
  }
  if (kpi.interval !== undefined) {
    const { low, high, level } = kpi.interval
    const name = `${Math.round(level * 100)} % interval`
    facts.push([name, `${kpiText(kpi, low)} to ${kpiText(kpi, high)}`])
  }
  return facts
}

function facts(detail: KpiDetail): [string, string][] {
  const { start_date: start, end_date: end, as_of: asOf } = detail.timeframe
  const { kpi } = detail
  return [
    ['From', formatDate(start)],
    ['Through', formatDate(end)],
    ['As of', formatDate(asOf)],
    ...(kpi.target === undefined ? [] : [['Target', kpiText(kpi, kpi.target)] as [string, string]]),
    ...forecastFacts(kpi),
  ]
}

function windowText({ timeframe, comparison }: KpiDetail): string {
  if (comparison?.compare === 'ytd_target') {
    return `Fiscal year to ${formatDate(timeframe.end_date)}`
  }
  const window = timeframe.range === '6m' ? '6 months' : '12 months'
  return `${window} to ${formatDate(timeframe.end_date)}`
}

/** The number itself: value, change, status, target, and what to know before believing it. */
export function Headline({ detail }: { detail: KpiDetail }) {
  const { kpi, value } = detail
  return (
    <Card title={windowText(detail)} headingLevel={2} className={styles.card}>
      <p className={styles.value} data-missing={value === null} data-testid="kpi-value">
        {value === null ? 'No data' : valueText(detail)(value)}
        {kpi.status !== undefined && <StatusBadge status={kpi.status} />}
      </p>
      <p className={styles.delta}>
        {value === null ? (
          <span>{reasonText(detail.reason ?? 'no_data')}</span>
        ) : (
          <Delta kpi={kpi} compare={detail.comparison?.compare ?? 'previous'} />
        )}
        {kpi.isStatic === true && <span className={styles.aside}>A configured value</span>}
      </p>
      <dl className={styles.facts}>
        {facts(detail).map(([name, text]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
      {detail.warnings.length > 0 && (
        <ul className={styles.warnings}>
          {detail.warnings.map((warning) => (
            <li key={warning}>
              <Icon name="watch" /> {warningText(warning, kpi.leftOutShare)}
            </li>
          ))}
        </ul>
      )}
    </Card>
  )
}
