import type { Rows } from '@/api/types'
import { exactNumber, formatDate, formatPeriod } from './format'
import { words } from './words'

/** The columns of the rows in the API's order; their kind only where there are several. */
export function columnsOf(rows: Rows['rows']): string[] {
  const kinds = new Set(rows.map((row) => row['kind']))
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  return kinds.size > 1 ? columns : columns.filter((column) => column !== 'kind')
}

const NUMBER = /^-?\d+(\.\d+)?$/
/** Columns whose cells are names of the API rather than of the company. */
const CODED = new Set(['category', 'kind', 'outcome', 'type'])

function cellsOf(rows: Rows['rows'], column: string): string[] {
  return rows.flatMap((row) => row[column] ?? []).map(String)
}

/** Whether a column holds numbers. A key is a name, also where it has only digits. */
export function isNumeric(rows: Rows['rows'], column: string): boolean {
  const cells = cellsOf(rows, column)
  return !column.endsWith('_id') && cells.length > 0 && cells.every((cell) => NUMBER.test(cell))
}

/** Whether a column holds names of several words, which may be broken into lines. */
export function isText(rows: Rows['rows'], column: string): boolean {
  return cellsOf(rows, column).some((cell) => cell.includes(' '))
}

/** A cell for people, as exact as it came: money is decimal text. `null` where there is nothing. */
export function cellText(
  column: string,
  cell: Rows['rows'][number][string] | undefined,
): string | null {
  if (cell === null || cell === undefined) return null
  const text = String(cell)
  if (CODED.has(column)) return words(text)
  if (/^\d{4}-\d\d-\d\d$/.test(text)) return formatDate(text)
  if (column === 'period') return formatPeriod(text)
  return NUMBER.test(text) && !column.endsWith('_id') ? exactNumber(text) : text
}

export function lastPage(total: number, pageSize: number): number {
  return Math.max(1, Math.ceil(total / pageSize))
}

/** A page number from the URL: 1 when it is not one. */
export function pageFrom(text: string | null): number {
  const page = Number(text)
  return Number.isInteger(page) && page >= 1 ? page : 1
}

/** The same query string with the rows in another order, from their first page on. */
export function withSort(search: string, sort: string | null): string {
  const params = new URLSearchParams(search)
  params.delete('page')
  if (sort === null) params.delete('sort')
  else params.set('sort', sort)
  return params.toString()
}
