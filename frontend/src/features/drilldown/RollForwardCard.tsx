import type { KpiDetail } from '@/api/types'
import { Card } from '@/components/Card'
import { Icon } from '@/components/Icon'
import buttons from '@/components/SmallButton.module.css'
import { SortableTable, tableRows, type Column } from '@/components/SortableTable'
import TableDownload from '@/components/TableDownload'
import { exactMoney, formatPeriod } from '@/lib/format'
import {
  checked,
  rollForwardOf,
  windowRollForward,
  type Check,
  type RollForward,
} from './rollForward'
import styles from './RollForwardCard.module.css'
import { words, wordsWithin } from '@/lib/words'

type Money = (value: number) => string

function Verdict({ check, money }: { check: Check; money: Money }) {
  switch (check.verdict) {
    case 'holds':
      return (
        <span className={styles.verdict} data-tone="good">
          <Icon name="good" /> Adds up
        </span>
      )
    case 'differs':
      return (
        <span className={styles.verdict} data-tone="act">
          <Icon name="act" /> Off by {money(check.difference)}
        </span>
      )
    case 'unknown':
      return (
        <span className={styles.verdict} data-tone="none">
          <Icon name="low" /> Cannot be checked: {check.missing.map(wordsWithin).join(', ')} not
          known
        </span>
      )
  }
}

const TERMS: readonly { name: keyof RollForward; sign: string }[] = [
  { name: 'opening', sign: '' },
  { name: 'booked', sign: '+' },
  { name: 'recognized', sign: '\u2212' },
  { name: 'cancelled', sign: '\u2212' },
  { name: 'closing', sign: '=' },
]

function Equation({ roll, money }: { roll: RollForward; money: Money }) {
  return (
    <dl className={styles.equation}>
      {TERMS.map(({ name, sign }) => {
        const amount = roll[name]
        return (
          <div key={name}>
            <dt>
              <span className={styles.sign}>{sign}</span> {words(name)}
            </dt>
            <dd>{amount === null ? 'not known' : money(amount)}</dd>
          </div>
        )
      })}
    </dl>
  )
}

type Point = KpiDetail['series'][number]

function columnsOf(money: Money): Column<Point>[] {
  return [
    {
      name: 'Period',
      sortBy: ({ period }) => period,
      cell: ({ period }) => formatPeriod(period),
    },
    ...TERMS.map(({ name, sign }) => ({
      name: `${sign} ${words(name)}`.trim(),
      numeric: true,
      sortBy: ({ parts }: Point) => rollForwardOf(parts)[name],
      cell: ({ parts }: Point) => {
        const amount = rollForwardOf(parts)[name]
        return amount === null ? '–' : money(amount)
      },
    })),
    {
      name: 'Check',
      numeric: true,
      sortBy: ({ parts }) => checked(rollForwardOf(parts)).verdict,
      cell: ({ parts }) => <Verdict check={checked(rollForwardOf(parts))} money={money} />,
    },
  ]
}

const TITLE = 'Roll-forward'

/** Opening + booked - recognized - cancelled = closing, checked before the reader's eyes. */
export function RollForwardCard({ detail }: { detail: KpiDetail }) {
  const money: Money = (value) => exactMoney(value, { currency: detail.currency })
  const roll = windowRollForward(detail)
  const periods = detail.series.filter(({ parts }) => 'closing' in parts)
  const columns = columnsOf(money)
  const aside = (
    <div className={buttons.group}>
      <Verdict check={checked(roll)} money={money} />
      {periods.length > 0 && (
        <TableDownload title={TITLE} rows={() => tableRows(columns, periods)} />
      )}
    </div>
  )
  return (
    <Card title={TITLE} headingLevel={2} aside={aside}>
      <Equation roll={roll} money={money} />
      {periods.length > 0 && (
        <SortableTable
          caption="Backlog roll-forward by period"
          columns={columns}
          items={periods}
          keyOf={({ period }) => period}
        />
      )}
    </Card>
  )
}
