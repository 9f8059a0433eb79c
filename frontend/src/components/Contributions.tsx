import type { Contribution } from '@/api/types'
import styles from './Contributions.module.css'

interface Props {
  items: readonly Contribution[]
  format: (effect: number) => string
  /** Which sign is welcome. */
  goodDirection: 'up' | 'down'
}

const KINDS: Partial<Record<Contribution['kind'], string>> = { rate: 'rate', mix: 'mix' }

function tone(effect: number, goodDirection: 'up' | 'down'): 'good' | 'act' {
  return effect > 0 === (goodDirection === 'up') ? 'good' : 'act'
}

/** What contributed to a change, each with a bar from a common zero line. */
export function Contributions({ items, format, goodDirection }: Props) {
  const largest = Math.max(...items.map((item) => Math.abs(item.effect)), Number.MIN_VALUE)
  return (
    <ul className={styles.list}>
      {items.map((item) => (
        <li key={`${item.name} ${item.kind}`} className={styles.row}>
          <span className={styles.name} title={item.name}>
            {item.name}
            {KINDS[item.kind] !== undefined && (
              <span className={styles.kind}> {KINDS[item.kind]}</span>
            )}
          </span>
          <span className={styles.track} aria-hidden="true">
            <span
              className={styles.bar}
              data-sign={item.effect < 0 ? 'negative' : 'positive'}
              data-tone={tone(item.effect, goodDirection)}
              style={{ inlineSize: `${(Math.abs(item.effect) / largest) * 50}%` }}
            />
          </span>
          <span className={styles.effect}>{format(item.effect)}</span>
        </li>
      ))}
    </ul>
  )
}
