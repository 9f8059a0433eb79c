import type { Rows } from '@/api/types'

/** The columns of the rows, in the order in which the API names them. */
export function columnsOf(rows: Rows['rows']): string[] {
  return [...new Set(rows.flatMap((row) => Object.keys(row)))]
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
