import { memo, useId } from 'react'
import { Hatch } from './Hatch'
import { trendLabel } from './describe'
import {
  FEW_PERIODS,
  linePath,
  lonely,
  narrowEvery,
  percent,
  PLOT,
  stepOf,
  type Dot,
  type Missing,
} from './scale'
import type { Format } from './spec'
import {
  heightIn,
  slotCentre,
  trendGeometry,
  type Panel,
  type RunningRow,
  type TrendGeometry,
  type TrendRow,
} from './trendGeometry'
import styles from './TrendSvg.module.css'

export interface TrendSvgProps {
  /** One row a period of the window, oldest first; `null` is missing. */
  rows: readonly TrendRow[]
  /** The running month, drawn apart and hatched; `null` at a month's end. */
  running: RunningRow | null
  /** A money axis label: "£1.2m". */
  formatValue: Format
  /** A period's axis label: "Oct 26". */
  formatPeriod?: (period: string) => string
}

function dots(geometry: TrendGeometry, panel: Panel, values: readonly Missing[]): (Dot | null)[] {
  return values.map((value, index) =>
    value === null ? null : { x: slotCentre(geometry, index), y: heightIn(panel, value) },
  )
}

function Axis({ panel, formatValue }: { panel: Panel; formatValue: Format }) {
  return panel.scale.ticks.map((tick, index) => {
    const y = percent(heightIn(panel, tick))
    return (
      <g key={index}>
        <line className={tick === 0 ? styles.zero : styles.grid} x1="0" x2="100%" y1={y} y2={y} />
        <text className={styles.tick} x="0" y={y} dx="-8" dy="0.32em" textAnchor="end">
          {formatValue(tick, stepOf(panel.scale))}
        </text>
      </g>
    )
  })
}

function Line({ points, kind }: { points: readonly (Dot | null)[]; kind: 'booked' | 'backlog' }) {
  const marked = kind === 'booked' ? points.filter((dot) => dot !== null) : lonely(points)
  return (
    <g className={styles[kind]} data-part={kind}>
      <svg className={styles.lines} viewBox={`0 0 ${PLOT} ${PLOT}`} preserveAspectRatio="none">
        <path d={linePath(points)} />
      </svg>
      {marked.map((dot, index) => (
        <circle key={index} cx={percent(dot.x)} cy={percent(dot.y)} r="3" />
      ))}
    </g>
  )
}

function Bar({
  geometry,
  index,
  value,
  fill,
}: {
  geometry: TrendGeometry
  index: number
  value: number
  fill?: string
}) {
  const zero = heightIn(geometry.flows, 0)
  const end = heightIn(geometry.flows, value)
  const width = 0.56 / geometry.slots
  return (
    <rect
      className={fill === undefined ? styles.recognized : styles.running}
      data-part={fill === undefined ? 'recognized' : 'running'}
      x={percent(slotCentre(geometry, index) - width / 2)}
      y={percent(Math.min(zero, end))}
      width={percent(width)}
      height={percent(Math.abs(zero - end))}
      fill={fill}
    />
  )
}

function RunningMonth({ geometry, running }: { geometry: TrendGeometry; running: RunningRow }) {
  const hatch = useId()
  const index = geometry.slots - 1
  const x = percent(slotCentre(geometry, index))
  const edge = percent(index / geometry.slots)
  return (
    <g className={styles.runningMonth}>
      <Hatch id={hatch} />
      <line className={styles.divider} x1={edge} x2={edge} y1="0" y2="100%" />
      {running.recognized !== null && (
        <Bar geometry={geometry} index={index} value={running.recognized} fill={`url(#${hatch})`} />
      )}
      {running.booked !== null && (
        <circle
          className={styles.bookedSoFar}
          cx={x}
          cy={percent(heightIn(geometry.flows, running.booked))}
          r="3.5"
        />
      )}
      {running.backlog !== null && (
        <circle
          className={styles.backlogSoFar}
          cx={x}
          cy={percent(heightIn(geometry.stock, running.backlog))}
          r="3.5"
        />
      )}
    </g>
  )
}

/**
 * The revenue trend drawn without a library: complete at first paint, at any box size. Its parts go
 * by their place, not by their period: another window moves what is there.
 */
export const TrendSvg = memo(function TrendSvg({
  rows,
  running,
  formatValue,
  formatPeriod = String,
}: TrendSvgProps) {
  const geometry = trendGeometry(rows, running)
  const periods = running === null ? rows : [...rows, running]
  const isNamed = (index: number, every: number) =>
    periods.length <= FEW_PERIODS || index % every === 0
  return (
    <div className={styles.frame}>
      <svg className={styles.plot} role="img" aria-label={trendLabel(rows, running, formatValue)}>
        <Axis panel={geometry.flows} formatValue={formatValue} />
        <Axis panel={geometry.stock} formatValue={formatValue} />
        {rows.map(
          (row, index) =>
            row.recognized !== null && (
              <Bar key={index} geometry={geometry} index={index} value={row.recognized} />
            ),
        )}
        {running !== null && <RunningMonth geometry={geometry} running={running} />}
        <Line
          kind="booked"
          points={dots(
            geometry,
            geometry.flows,
            rows.map((row) => row.booked),
          )}
        />
        <Line
          kind="backlog"
          points={dots(
            geometry,
            geometry.stock,
            rows.map((row) => row.backlog),
          )}
        />
        {periods.map((row, index) => (
          <text
            key={index}
            className={styles.period}
            data-narrow={isNamed(index, narrowEvery(periods.length))}
            data-half={isNamed(index, 2)}
            x={percent(slotCentre(geometry, index))}
            y="100%"
            dy="1.6em"
            textAnchor="middle"
          >
            {formatPeriod(row.period)}
          </text>
        ))}
      </svg>
    </div>
  )
})
