import { present, type Missing } from './scale'
import type { RunningRow, TrendRow } from './trendGeometry'

/** A series in one sentence, for those who cannot see its line. */
export function describeSeries(
  values: readonly Missing[],
  formatValue: (value: number) => string,
  running: number | null = null,
): string {
  const numbers = present(values)
  const first = numbers[0]
  const last = numbers.at(-1)
  const soFar = running === null ? '' : `; running month so far ${formatValue(running)}`
  if (first === undefined || last === undefined) return `no data${soFar}`
  const missing = values.length - numbers.length
  const gaps = missing === 0 ? '' : `; ${missing} of ${values.length} periods missing`
  const low = formatValue(Math.min(...numbers))
  const high = formatValue(Math.max(...numbers))
  return `from ${formatValue(first)} to ${formatValue(last)}, lowest ${low}, highest ${high}${gaps}${soFar}`
}

/** The revenue trend in three sentences, one a series. */
export function trendLabel(
  rows: readonly TrendRow[],
  running: RunningRow | null,
  formatValue: (value: number) => string,
): string {
  const sentences = (['recognized', 'booked', 'backlog'] as const).map((name) => {
    const values = rows.map((row) => row[name])
    return `${name} ${describeSeries(values, formatValue, running?.[name] ?? null)}.`
  })
  return `Revenue trend: ${sentences.join(' ')}`
}
