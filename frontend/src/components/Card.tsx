import type { ReactNode } from 'react'
import styles from './Card.module.css'

interface Props {
  title: string
  /** Beside the title: a count, a control. */
  aside?: ReactNode
  children: ReactNode
  className?: string | undefined
  headingLevel?: 2 | 3
}

/** A titled panel; its title names the region for those who jump between regions. */
export function Card({ title, aside, children, className, headingLevel = 3 }: Props) {
  const Heading = `h${headingLevel}` as const
  return (
    <section className={[styles.card, className].filter(Boolean).join(' ')} aria-label={title}>
      <header className={styles.header}>
        <Heading className={styles.title}>{title}</Heading>
        {aside}
      </header>
      {children}
    </section>
  )
}
