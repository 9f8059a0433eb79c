import { Icon } from './Icon'
import styles from './Change.module.css'

interface Props {
  /** Already formatted, sign included: `−0.5 pp`. */
  text: string
  direction: 'up' | 'down' | 'flat'
  goodDirection: 'up' | 'down'
}

const WORDS = { up: 'up', down: 'down', flat: 'unchanged' }

/** A change with its arrow; colour says whether it is welcome, and so do hidden words. */
export function Change({ text, direction, goodDirection }: Props) {
  const tone = direction === 'flat' ? 'flat' : direction === goodDirection ? 'good' : 'act'
  const verdict = { flat: '', good: ', better', act: ', worse' }[tone]
  return (
    <span className={styles.change} data-tone={tone}>
      <Icon name={direction} />
      {direction === 'flat' ? 'No change' : text}
      <span className="visually-hidden">
        {' '}
        ({WORDS[direction]}
        {verdict})
      </span>
    </span>
  )
}
