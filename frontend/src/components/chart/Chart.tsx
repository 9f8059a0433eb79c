import { useLayoutEffect, useRef, useState, type ReactNode } from 'react'
import { useTheme } from '@/lib/theme'
import { whenIdle } from '@/lib/whenIdle'
import { readPalette } from './palette'
import type { ChartOption, ChartTable, OptionBuilder, Palette } from './spec'
import { tooltipContent } from './tooltip'
import { useEngine, type Engine } from './useEngine'
import { useSize } from './useSize'
import styles from './Chart.module.css'

export interface ChartProps {
  /** What to draw. Keep its identity while nothing changes: a new function is a new drawing. */
  option: OptionBuilder
  /** The same points as text: the tooltips read from it. */
  table: ChartTable
  /** The chart in one sentence, for people who do not see it. */
  label: string
  /**
   * The same, drawn without the library, in the same box: until the library is here, and whenever
   * there is something new to draw until the browser is idle. In between it is hidden, not gone:
   * to change it takes less than to make it. Without it the library loads at once.
   */
  fallback?: ReactNode
  /** What the fallback draws while it is hidden: what is likely to be asked for next. */
  ahead?: ReactNode
  /** Called after each drawing, the fallback's included. */
  onDrawn?: (() => void) | undefined
}

type Instance = ReturnType<Engine['init']>

function withTooltip(option: ChartOption, table: ChartTable, palette: Palette): ChartOption {
  return {
    // Nothing moves: a switch is drawn in one frame, and reduced motion is everybody's default.
    animation: false,
    ...option,
    tooltip: {
      trigger: 'axis',
      confine: true,
      transitionDuration: 0,
      padding: 0,
      borderWidth: 0,
      backgroundColor: 'transparent',
      extraCssText: 'box-shadow: none',
      axisPointer: { type: 'shadow', shadowStyle: { color: palette.grid, opacity: 0.5 } },
      formatter: (hovered) => {
        const first = Array.isArray(hovered) ? hovered[0] : hovered
        return tooltipContent(table, first?.dataIndex ?? 0, styles.tooltip ?? '')
      },
    },
  }
}

/** The only component that calls ECharts. It fills its parent's box and takes no other room. */
export function Chart({ option, table, label, fallback, ahead, onDrawn }: ChartProps) {
  const host = useRef<HTMLDivElement>(null)
  const instance = useRef<Instance | null>(null)
  const theme = useTheme()
  const hasFallback = fallback !== undefined
  const engine = useEngine(!hasFallback)
  const size = useSize(host, engine !== null)
  const lastDrawn = useRef<OptionBuilder | null>(null)
  const [drawnOption, setDrawnOption] = useState<OptionBuilder | null>(null)
  const drawn = drawnOption === option

  useLayoutEffect(() => {
    const box = host.current
    if (engine === null || engine === 'failed' || size === null || box === null) return undefined
    const draw = () => {
      const chart = instance.current ?? engine.init(box, undefined, { renderer: 'svg', ...size })
      instance.current = chart
      const palette = readPalette(box)
      // Resizing draws what was there before once more: only where the box has changed.
      if (chart.getWidth() !== size.width || chart.getHeight() !== size.height) chart.resize(size)
      chart.setOption(withTooltip(option(palette, size), table, palette), { notMerge: true })
      chart.getZr().flush() // in this frame, not the next: the fallback leaves in this one
      // On paper the box is another one, and nothing draws anew: the drawing is stretched into it.
      const drawing = box.querySelector('svg')
      drawing?.setAttribute('viewBox', `0 0 ${size.width} ${size.height}`)
      lastDrawn.current = option
      setDrawnOption(() => option)
    }
    if (hasFallback && lastDrawn.current !== option) return whenIdle(draw)
    draw()
    return undefined
  }, [engine, size, theme, option, table, hasFallback])

  useLayoutEffect(
    () => () => {
      instance.current?.dispose()
      instance.current = null
    },
    [],
  )

  const visible = drawn || hasFallback
  useLayoutEffect(() => {
    if (visible) onDrawn?.()
  }, [visible, option, onDrawn])

  if (engine === 'failed' && !hasFallback) {
    return (
      <p className={styles.failed}>The chart could not be loaded. Its numbers are in the table.</p>
    )
  }
  return (
    <div className={styles.box}>
      {hasFallback && (
        <div className={styles.fallback} data-covered={drawn} aria-hidden={drawn}>
          {drawn ? (ahead ?? fallback) : fallback}
        </div>
      )}
      <div
        ref={host}
        className={styles.host}
        data-drawn={drawn}
        {...(drawn ? { role: 'img', 'aria-label': label } : { 'aria-hidden': true })}
      />
    </div>
  )
}
