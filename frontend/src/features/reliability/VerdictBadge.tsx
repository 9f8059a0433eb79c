import { Icon } from '@/components/Icon'
import { VERDICTS, type Verdict } from './text'
import styles from './VerdictBadge.module.css'

const ICONS = { good: 'good', act: 'act', none: 'clock' } as const

/** A verdict by icon, word and colour together. */
export function VerdictBadge({ verdict }: { verdict: Verdict }) {
  const { word, tone } = VERDICTS[verdict]
  return (
    <span className={styles.verdict} data-tone={tone}>
      <Icon name={ICONS[tone]} />
      {word}
    </span>
  )
}
