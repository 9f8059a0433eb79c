import { useId, type ReactNode } from 'react'
import type { Contribution } from '@/api/types'
import { isRest } from '@/lib/elements'
import { count, formatPeriod } from '@/lib/format'
import styles from './Contributions.module.css'
import { Icon } from './Icon'

interface Props {
  items: readonly Contribution[]
  format: (effect: number) => string
  /** Which sign is welcome; null where the parts of a whole are shown, which are neither. */
  goodDirection: 'up' | 'down' | null
  /** Which element is open, and how to open or close one; absent where nothing opens. */
  opening?: { opened: string | null; toggle: (name: string) => void; inside: ReactNode }
}

const KINDS: Partial<Record<Contribution['kind'], string>> = { rate: 'rate', mix: 'mix' }
const PERIOD = /^\d{4}-(\d{2}|Q\d)$/

const VERDICTS = { good: 'better', act: 'worse' }

function tone(effect: number, goodDirection: Props['goodDirection']): 'good' | 'act' | 'neutral' {
  if (effect === 0 || goodDirection === null) return 'neutral'
  return effect > 0 === (goodDirection === 'up') ? 'good' : 'act'
}

function Name({ item }: { item: Contribution }) {
  const kind = KINDS[item.kind]
  return (
    <>
      {PERIOD.test(item.name) ? formatPeriod(item.name) : item.name}
      {kind !== undefined && <span className={styles.kind}> {kind}</span>}
    </>
  )
}

interface RowProps extends Omit<Props, 'items'> {
  item: Contribution
  largest: number
}

function Row({ item, largest, format, goodDirection, opening }: RowProps) {
  const inside = useId()
  const { name, effect, minutes_lost: minutes } = item
  const isOpen = opening?.opened === `${name} ${item.kind}`
  const shownTone = tone(effect, goodDirection)
  return (
    <li>
      <div className={styles.row}>
        {opening === undefined || isRest(name) ? (
          <span className={styles.name} title={name}>
            <Name item={item} />
          </span>
        ) : (
          <button
            type="button"
            className={styles.opener}
            data-printed=""
            title={name}
            aria-expanded={isOpen}
            aria-controls={isOpen ? inside : undefined}
            onClick={() => opening.toggle(`${name} ${item.kind}`)}
          >
            <Icon name="chevron" className={styles.chevron} />
            <span className={styles.name}>
              <Name item={item} />
            </span>
          </button>
        )}
        <span className={styles.track} aria-hidden="true">
          <span
            className={styles.bar}
            data-sign={effect < 0 ? 'negative' : 'positive'}
            data-tone={shownTone}
            style={{ inlineSize: `${(Math.abs(effect) / largest) * 50}%` }}
          />
        </span>
        <span className={styles.effect}>
          {format(effect)}
          {shownTone !== 'neutral' && (
            <span className={styles.verdict}> {VERDICTS[shownTone]}</span>
          )}
          {minutes !== undefined && item.kind !== 'mix' && (
            <span className={styles.minutes}>{count(Math.round(minutes))} min lost</span>
          )}
        </span>
      </div>
      {isOpen && (
        <div id={inside} className={styles.inside}>
          {opening.inside}
        </div>
      )}
    </li>
  )
}

/** What contributed to a change, each with a bar from a common zero line, and the word for its colour. */
export function Contributions({ items, ...row }: Props) {
  const largest = Math.max(...items.map((item) => Math.abs(item.effect)), Number.MIN_VALUE)
  return (
    <ul className={styles.list}>
      {items.map((item) => (
        <Row key={`${item.name} ${item.kind}`} item={item} largest={largest} {...row} />
      ))}
    </ul>
  )
}
