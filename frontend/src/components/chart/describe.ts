import { present, type Missing } from './scale'

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
