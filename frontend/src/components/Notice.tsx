import type { ReactNode } from 'react'
import styles from './Notice.module.css'

interface Props {
  title: string
  children?: ReactNode
  /** Offered when trying again can help. */
  onRetry?: (() => void) | undefined
  tone?: 'neutral' | 'act'
}

/** What stands where content would be: nothing there yet, or something went wrong. */
export function Notice({ title, children, onRetry, tone = 'neutral' }: Props) {
  return (
    <div className={styles.notice} data-tone={tone} role={tone === 'act' ? 'alert' : undefined}>
      <p className={styles.title}>{title}</p>
      {children}
      {onRetry !== undefined && (
        <button type="button" className={styles.retry} onClick={onRetry}>
          Try again
        </button>
      )}
    </div>
  )
}
