import type { KpiDetail } from '@/api/types'
import { Card } from '@/components/Card'
import { Icon } from '@/components/Icon'
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

function Periods({ detail, money }: { detail: KpiDetail; money: Money }) {
  const periods = detail.series.filter(({ parts }) => 'closing' in parts)
  if (periods.length === 0) return null
  const caption = 'Backlog roll-forward by period'
  return (
    <div className={styles.scroller} role="region" aria-label={caption} tabIndex={0}>
      <table className={styles.table}>
        <caption className="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            <th scope="col">Period</th>
            {TERMS.map(({ name, sign }) => (
              <th key={name} scope="col">
                {sign} {words(name)}
              </th>
            ))}
            <th scope="col">Check</th>
          </tr>
        </thead>
        <tbody>
          {periods.map(({ period, parts }) => {
            const roll = rollForwardOf(parts)
            return (
              <tr key={period}>
                <th scope="row">{formatPeriod(period)}</th>
                {TERMS.map(({ name }) => {
                  const amount = roll[name]
                  return <td key={name}>{amount === null ? '–' : money(amount)}</td>
                })}
                <td>
                  <Verdict check={checked(roll)} money={money} />
                </td>
              </tr>
            )
          })}
        </tbody>
      </table>
    </div>
  )
}

/** Opening + booked - recognized - cancelled = closing, checked before the reader's eyes. */
export function RollForwardCard({ detail }: { detail: KpiDetail }) {
  const money: Money = (value) => exactMoney(value, { currency: detail.currency })
  const roll = windowRollForward(detail)
  return (
    <Card
      title="Roll-forward"
      headingLevel={2}
      aside={<Verdict check={checked(roll)} money={money} />}
    >
      <Equation roll={roll} money={money} />
      <Periods detail={detail} money={money} />
    </Card>
  )
}
