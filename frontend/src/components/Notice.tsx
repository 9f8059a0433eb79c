import type { ReactNode } from 'react'
import styles from './Notice.module.css'

interface Props {
  title: string
  children?: ReactNode
  /** Offered when trying again can help. */
  onRetry?: (() => void) | undefined
  tone?: 'neutral' | 'act'
  /** It is all that the page has: its title is the page's heading. */
  isPage?: boolean
}

/** What stands where content would be: nothing there yet, or something went wrong. */
export function Notice({ title, children, onRetry, tone = 'neutral', isPage = false }: Props) {
  const Title = isPage ? 'h1' : 'p'
  return (
    <div
      className={styles.notice}
      data-tone={tone}
      data-page={isPage}
      role={tone === 'act' ? 'alert' : undefined}
    >
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
