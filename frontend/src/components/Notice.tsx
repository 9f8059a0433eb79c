import type { ReactNode } from 'react'
import styles from './Notice.module.css'

interface Props {
  title: string
  children?: ReactNode
  /** Offered when trying again can help. */
  onRetry?: (() => void) | undefined
  tone?: 'neutral' | 'act'
  /** Where it is all that a page has to say, its title is the page's. */
  titleAs?: 'p' | 'h1'
}

/** What stands where content would be: nothing there yet, or something went wrong. */
export function Notice({
  title,
  children,
  onRetry,
  tone = 'neutral',
  titleAs: Title = 'p',
}: Props) {
  return (
    <div className={styles.notice} data-tone={tone} role={tone === 'act' ? 'alert' : undefined}>
      <Title className={styles.title}>{title}</Title>
      {children}
      {onRetry !== undefined && (
        <button type="button" className={styles.retry} onClick={onRetry}>
          Try again
        </button>
      )}
    </div>
  )
}
