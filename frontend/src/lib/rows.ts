import type { Rows } from '@/api/types'

/** The columns of the rows in the API's order; their kind only where there are several. */
export function columnsOf(rows: Rows['rows']): string[] {
  const kinds = new Set(rows.map((row) => row['kind']))
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  return kinds.size > 1 ? columns : columns.filter((column) => column !== 'kind')
}

/** Whether a column holds numbers: money comes as decimal text, which is left as it is. */
export function isNumeric(rows: Rows['rows'], column: string): boolean {
  const cells = rows.map((row) => row[column]).filter((cell) => cell !== null && cell !== undefined)
  return cells.length > 0 && cells.every((cell) => /^-?\d+(\.\d+)?$/.test(String(cell)))
}

export function lastPage(total: number, pageSize: number): number {
  return Math.max(1, Math.ceil(total / pageSize))
}

/** A page number from the URL: 1 when it is not one. */
export function pageFrom(text: string | null): number {
  const page = Number(text)
  return Number.isInteger(page) && page >= 1 ? page : 1
}
