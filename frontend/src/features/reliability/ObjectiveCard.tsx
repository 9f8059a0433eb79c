import { useId, type ReactNode } from 'react'
import type { Objective } from './types'
import { Icon } from '@/components/Icon'
import { count } from '@/lib/format'
import { localised } from '@/lib/sentences'
import { BudgetBar } from './BudgetBar'
import { BurnRates } from './BurnRates'
import styles from './ObjectiveCard.module.css'
import {
  hasPercentile,
  limitText,
  measure,
  missingEventsText,
  promiseText,
  ratioText,
  targetText,
} from './text'
import { VerdictBadge } from './VerdictBadge'

interface Props {
  objective: Objective
  open: boolean
  onToggle: () => void
  /** Shown under the figures while open. */
  children: ReactNode
}

interface FactProps {
  name: string
  /** Takes a whole line where there is little room. */
  wide?: boolean
  children: ReactNode
}

function Fact({ name, wide = false, children }: FactProps) {
  return (
    <div className={styles.fact} data-wide={wide}>
      <span className={styles.name}>{name}</span>
      <span className={styles.number}>{children}</span>
    </div>
  )
}

function Counts({ objective }: { objective: Objective }) {
  const { good, total, target, good_ratio: ratio } = objective
  return (
    <Fact name="Good of total">
      {count(good)} / {count(total)}
      <small>
        {ratio === null ? 'no events' : ratioText(ratio, target)}, target {targetText(target)}
      </small>
    </Fact>
  )
}

function Percentiles({ objective }: { objective: Objective }) {
  if (!hasPercentile(objective)) {
    return (
      <Fact name="P95">
        –<small>a status has none</small>
      </Fact>
    )
  }
  const { p95, p99, threshold } = objective
  const text = (value: number | null) =>
    value === null ? 'no data' : measure(value, threshold.unit)
  return (
    <Fact name={p99 === undefined ? 'P95' : 'P95 · P99'}>
      {text(p95)}
      {p99 !== undefined && ` · ${text(p99)}`}
      <small>limit {limitText(threshold)}</small>
    </Fact>
  )
}

/** One objective: the promise, whether it was kept, and what is left of its budget. */
export function ObjectiveCard({ objective, open, onToggle, children }: Props) {
  const id = useId()
  const { title, description, verdict } = objective
  return (
    <article className={styles.card} data-verdict={verdict} data-objective={objective.name}>
      <div className={styles.row}>
        <div className={styles.promise}>
          <h2 className={styles.title}>{title}</h2>
          <p className={styles.target}>{promiseText(objective)}</p>
          <p className={styles.description}>{localised(description)}</p>
        </div>
        <div className={styles.verdict}>
          <VerdictBadge verdict={verdict} />
          {verdict === 'insufficient_data' && <small>{missingEventsText(objective)}</small>}
        </div>
        <Counts objective={objective} />
        <Percentiles objective={objective} />
        <Fact name="Error budget" wide>
          <BudgetBar remaining={objective.budget_remaining} />
        </Fact>
        <Fact name="Burn rate" wide>
          <BurnRates rates={objective.burn_rates} />
        </Fact>
        <button
          type="button"
          className={styles.toggle}
          aria-expanded={open}
          aria-controls={id}
          aria-label={`Details: ${title}`}
          onClick={onToggle}
        >
          Details
          <Icon name="chevron" className={styles.chevron} />
        </button>
      </div>
      <div id={id}>{open && children}</div>
    </article>
  )
}
