import { Icon } from './Icon'
import styles from './Change.module.css'

interface Props {
  /** Already formatted, sign included: `−0.5 pp`. */
  text: string
  direction: 'up' | 'down' | 'flat'
  goodDirection: 'up' | 'down'
}

/** A change with its arrow; colour says whether it is welcome, and so do hidden words. */
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
      <span className="visually-hidden">
        {' '}
        ({direction}, {welcome ? 'better' : 'worse'})
      </span>
    </span>
  )
}
