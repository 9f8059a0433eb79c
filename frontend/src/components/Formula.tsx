import type { KpiDetail } from '@/api/types'
import { localised } from '@/lib/sentences'
import { inputText, reasonText, words } from '@/lib/words'
import styles from './Formula.module.css'

function notWorked({ value, reason }: KpiDetail): string {
  if (value !== null) return 'One of its inputs is not known for this window.'
  return `Not computed: ${reasonText(reason ?? 'no_data')}`
}

/** What a number means, and the arithmetic that led to it. */
export function Formula({ detail }: { detail: KpiDetail }) {
  const { formula } = detail
  return (
    <div className={styles.body}>
      <p>{detail.definition}</p>
      <p className={styles.formula}>{formula.text}</p>
      {formula.worked === null ? (
        <p className={styles.muted}>{notWorked(detail)}</p>
      ) : (
        <p className={styles.formula} data-testid="worked-formula">
          {localised(formula.worked)}
        </p>
      )}
      {formula.inputs.length > 0 && (
        <dl className={styles.inputs}>
          {formula.inputs.map(({ name, value, unit }) => (
            <div key={name}>
              <dt>{words(name.replace(/_seconds$/, '_time'))}</dt>
              <dd>{value === null ? 'no data' : inputText(value, unit, detail.currency)}</dd>
            </div>
          ))}
        </dl>
      )}
    </div>
  )
}
