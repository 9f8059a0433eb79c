import { memo } from 'react'
import styles from './Icon.module.css'

const PATHS = {
  good: 'M4.5 8.5l2.5 2.5 4.5-5.5M8 1.5a6.5 6.5 0 100 13 6.5 6.5 0 000-13z',
  watch: 'M8 2L1.5 13.5h13zM8 6.5v3.2M8 11.6v.2',
  act: 'M5.3 1.5h5.4l3.8 3.8v5.4l-3.8 3.8H5.3l-3.8-3.8V5.3zM8 4.8v3.8M8 11v.2',
  low: 'M8 1.5a6.5 6.5 0 100 13 6.5 6.5 0 000-13zM8 7.4v3.4M8 5v.2',
  up: 'M8 13V3.5M3.8 7.5L8 3.2l4.2 4.3',
  down: 'M8 3v9.5M3.8 8.5L8 12.8l4.2-4.3',
  flat: 'M2.5 8h11M9.5 4.2L13.3 8l-3.8 3.8',
  sun: 'M8 5a3 3 0 100 6 3 3 0 000-6zM8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3 3l1 1M12 12l1 1M13 3l-1 1M4 12l-1 1',
  moon: 'M13.5 9.7A6 6 0 016.3 2.5a6 6 0 107.2 7.2z',
  clock: 'M8 1.5a6.5 6.5 0 100 13 6.5 6.5 0 000-13zM8 4.5V8l2.5 1.5',
  check: 'M3 8.5l3.3 3.3L13 4.5',
  person: 'M8 8a2.8 2.8 0 100-5.6A2.8 2.8 0 008 8zM2.8 14c.4-2.8 2.5-4.2 5.2-4.2s4.8 1.4 5.2 4.2',
  search: 'M7 2.5a4.5 4.5 0 100 9 4.5 4.5 0 000-9zM10.3 10.3L14 14',
  download: 'M8 2v8M4.5 7L8 10.5 11.5 7M2.5 13.5h11',
  cross: 'M4 4l8 8M12 4l-8 8',
  chevron: 'M6 3.5L10.5 8 6 12.5',
} as const

export type IconName = keyof typeof PATHS

/** A line icon the size of its text. Decorative: the word beside it says the same. */
export const Icon = memo(function Icon({
  name,
  className,
}: {
  name: IconName
  className?: string | undefined
}) {
  return (
    <svg
      className={className === undefined ? styles.icon : `${styles.icon} ${className}`}
      viewBox="0 0 16 16"
      aria-hidden="true"
    >
      <path d={PATHS[name]} />
    </svg>
  )
})
