/** Tables as files, made by the browser. */

export type Cell = string | number | null

/** Rows of cells, the first of them the header. */
export type TableRows = readonly (readonly Cell[])[]

/** `Revenue trend, by month` as `csv` is `revenue-trend-by-month.csv`. */
export function fileName(title: string, ending: string): string {
  const words = title.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? ['table']
  return `${words.join('-')}.${ending}`
}
