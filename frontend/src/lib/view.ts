/** What a page looks at. It lives in the URL, so that a reload and a link keep it. */
export interface View {
  readonly range: '6m' | '12m'
  readonly granularity: 'month' | 'quarter'
  /** `YYYY-MM-DD`; null is yesterday, which the server decides. */
  readonly asOf: string | null
}

export const RANGES = ['6m', '12m'] as const
export const GRANULARITIES = ['month', 'quarter'] as const
export const DEFAULT_VIEW: View = { range: '12m', granularity: 'month', asOf: null }

const DATE = /^\d{4}-\d{2}-\d{2}$/

function oneOf<T extends string>(allowed: readonly T[], given: string | null, otherwise: T): T {
  return allowed.find((value) => value === given) ?? otherwise
}

/** Reads the view from a query string; what is not understood falls back to the default. */
export function parseView(search: string): View {
  const params = new URLSearchParams(search)
  const asOf = params.get('as_of')
  return {
    range: oneOf(RANGES, params.get('range'), DEFAULT_VIEW.range),
    granularity: oneOf(GRANULARITIES, params.get('granularity'), DEFAULT_VIEW.granularity),
    asOf: asOf !== null && DATE.test(asOf) ? asOf : null,
  }
}

/** The view as the API's query parameters. */
export function viewQuery(view: View): {
  range: View['range']
  granularity: View['granularity']
  as_of?: string
} {
  const { range, granularity, asOf } = view
  return { range, granularity, ...(asOf === null ? {} : { as_of: asOf }) }
}

/** The query string of a view, without the question mark; other parameters are kept. */
export function viewSearch(view: View, otherParams = ''): string {
  const params = new URLSearchParams(otherParams)
  for (const name of ['range', 'granularity', 'as_of']) params.delete(name)
  return new URLSearchParams([...Object.entries(viewQuery(view)), ...params]).toString()
}

/** A path that keeps the view. The path may bring parameters of its own. */
export function withView(path: string, view: View): string {
  const [bare = '', own = ''] = path.split('?')
  return `${bare}?${viewSearch(view, own)}`
}

/** The three other windows; those that one click leads to come first. */
export function neighbours(view: View): View[] {
  const range = RANGES.find((other) => other !== view.range) ?? view.range
  const granularity = GRANULARITIES.find((other) => other !== view.granularity) ?? view.granularity
  return [
    { ...view, granularity },
    { ...view, range },
    { ...view, range, granularity },
  ]
}
