import { useId } from 'react'
import { Hatch } from './Hatch'
import styles from './Legend.module.css'
import type { LegendItem } from './spec'

function Swatch({ mark }: { mark: LegendItem['mark'] }) {
  const hatch = useId()
  if (mark === 'bar' || mark === 'hatched') {
    return (
      <svg className={styles.swatch} viewBox="0 0 16 12" aria-hidden="true">
        {mark === 'hatched' && <Hatch id={hatch} />}
        <rect
          x="1"
          y="1"
          width="14"
          height="10"
          rx="1"
          fill={mark === 'hatched' ? `url(#${hatch})` : 'currentColor'}
          stroke="currentColor"
          strokeDasharray={mark === 'hatched' ? '3 2' : undefined}
        />
      </svg>
    )
  }
  return (
    <svg className={styles.swatch} viewBox="0 0 16 12" aria-hidden="true">
      <line
        x1="0"
        y1="6"
        x2="16"
        y2="6"
        stroke="currentColor"
        strokeWidth="2"
        strokeDasharray={mark === 'dashed' ? '5 3' : undefined}
      />
      {mark === 'line' && <circle cx="8" cy="6" r="3" fill="currentColor" />}
    </svg>
  )
}

/** Names the series by the shape they are drawn in, and by their colour. */
export function Legend({ items }: { items: readonly LegendItem[] }) {
  return (
    <ul className={styles.legend}>
      {items.map(({ name, colour, mark }) => (
        <li key={name} data-colour={colour}>
          <Swatch mark={mark} />
          <span>{name}</span>
        </li>
      ))}
    </ul>
  )
}
