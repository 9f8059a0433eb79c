import { Icon } from './Icon'
import styles from './Change.module.css'

interface Props {
  /** Already formatted, sign included: `−0.5 pp`. */
  text: string
  direction: 'up' | 'down' | 'flat'
  goodDirection: 'up' | 'down'
}

/** A change with its arrow, and whether it is welcome: a word says it, the colour only repeats it. */
export function Change({ text, direction, goodDirection }: Props) {
  const unchanged = direction === 'flat' || !/[1-9]/.test(text)
  if (unchanged) {
    return (
      <span className={styles.change} data-tone="flat">
        <Icon name="flat" />
        No change
      </span>
    )
  }
  const welcome = direction === goodDirection
  return (
    <span className={styles.change} data-tone={welcome ? 'good' : 'act'}>
      <Icon name={direction} />
      {text}
      <span className={styles.verdict}>{welcome ? ' better' : ' worse'}</span>
    </span>
  )
}
