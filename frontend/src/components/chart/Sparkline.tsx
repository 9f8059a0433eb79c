import { useId } from 'react'
import { Hatch } from './Hatch'
import { describeSeries } from './describe'
import {
  dotsPath,
  fraction,
  linePath,
  lonely,
  percent,
  PLOT,
  present,
  type Dot,
  type Missing,
} from './scale'
import styles from './Sparkline.module.css'

export interface SparklineProps {
  /** One value a period, oldest first. `null` is a missing period and leaves a gap. */
  values: readonly Missing[]
  /** What the line shows, for people who do not see it: "Backlog, 12 months". */
  label: string
  /** How a value reads aloud. */
  formatValue?: (value: number) => string
  /** The running month so far: drawn apart and hatched. `null` or absent: none. */
  running?: number | null | undefined
}

const ROOM = 0.12 // keeps the line and its end dot inside the box

function positions(values: readonly Missing[], slots: number, all: number[]): (Dot | null)[] {
  const low = Math.min(...all)
  const high = Math.max(...all)
  const flat = high === low
  return values.map((value, index) => {
    if (value === null || !Number.isFinite(value)) return null
    const part = flat ? 0.5 : fraction({ min: low, max: high, ticks: [] }, value)
    return { x: (index + 0.5) / slots, y: ROOM + (1 - part) * (1 - 2 * ROOM) }
  })
}

/** A line the size of its box, drawn without a library so that it is there at first paint. */
export function Sparkline({ values, label, formatValue = String, running = null }: SparklineProps) {
  const hatch = useId()
  const withRunning = running === null ? values : [...values, running]
  const all = present(withRunning)
  const points = positions(values, withRunning.length, all)
  const apart =
    running === null ? null : (positions(withRunning, withRunning.length, all).at(-1) ?? null)
  const end = points.at(-1) ?? null
  const alone = dotsPath(lonely(points))
  const halfSlot = 0.5 / Math.max(1, withRunning.length)
  return (
    <svg
      className={styles.sparkline}
      role="img"
      aria-label={`${label}: ${describeSeries(values, formatValue, running)}`}
    >
      {apart !== null && (
        <>
          <Hatch id={hatch} />
          <rect
            data-part="running"
            x={percent(apart.x - halfSlot * 0.8)}
            y={percent(apart.y)}
            width={percent(halfSlot * 1.6)}
            height={percent(1 - apart.y)}
            fill={`url(#${hatch})`}
          />
        </>
      )}
      <svg className={styles.plot} viewBox={`0 0 ${PLOT} ${PLOT}`} preserveAspectRatio="none">
        <path className={styles.line} d={linePath(points)} />
        {alone !== '' && <path className={styles.lonely} d={alone} />}
        {end !== null && <path className={styles.end} d={dotsPath([end])} />}
      </svg>
    </svg>
  )
}
