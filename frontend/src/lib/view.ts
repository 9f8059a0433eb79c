/** What a page looks at. It lives in the URL, so that a reload and a link keep it. */
export interface View {
  readonly range: '6m' | '12m'
  readonly granularity: 'month' | 'quarter'
  /** `YYYY-MM-DD`; null is yesterday, which the server decides. */
  readonly asOf: string | null
  /** What the numbers are held against; `ytd_target` also makes the window the year to date. */
  readonly compare: Compare
}

export const COMPARES = ['previous', 'year_ago', 'ytd_target'] as const
export type Compare = (typeof COMPARES)[number]

export const RANGES = ['6m', '12m'] as const
export const GRANULARITIES = ['month', 'quarter'] as const
export const DEFAULT_VIEW: View = {
  range: '12m',
  granularity: 'month',
  asOf: null,
  compare: 'previous',
}

const DATE = /^\d{4}-\d{2}-\d{2}$/

function oneOf<T extends string>(allowed: readonly T[], given: string | null, otherwise: T): T {
  return allowed.find((value) => value === given) ?? otherwise
}

let lastRead: { readonly search: string; readonly view: View } | null = null

/**
 * Reads the view from a query string; what is not understood falls back to the default. Everything
 * on a page reads the same one: it is read once, and the same object tells that nothing changed.
 */
export function parseView(search: string): View {
  if (lastRead?.search !== search) lastRead = { search, view: readView(search) }
  return lastRead.view
}

function readView(search: string): View {
  const params = new URLSearchParams(search)
  const asOf = params.get('as_of')
  return {
    range: oneOf(RANGES, params.get('range'), DEFAULT_VIEW.range),
    granularity: oneOf(GRANULARITIES, params.get('granularity'), DEFAULT_VIEW.granularity),
    asOf: asOf !== null && DATE.test(asOf) ? asOf : null,
    compare: oneOf(COMPARES, params.get('compare'), DEFAULT_VIEW.compare),
  }
}

/** The view as the API's query parameters; what is usual is left out where it can be. */
export function viewQuery(view: View): {
  range: View['range']
  granularity: View['granularity']
  as_of?: string
  compare?: Compare
} {
  const { range, granularity, asOf, compare } = view
  return {
    range,
    granularity,
    ...(asOf === null ? {} : { as_of: asOf }),
    ...(compare === DEFAULT_VIEW.compare ? {} : { compare }),
  }
}

/** Another length of the window: choosing one leaves the year to date. */
export function rangeChange(range: View['range'], { compare }: View): Partial<View> {
  return compare === 'ytd_target' ? { range, compare: DEFAULT_VIEW.compare } : { range }
}

/**
 * The query string of a view, without the question mark. Other parameters are kept, but for the
 * page of rows: another view has other rows.
 */
export function viewSearch(view: View, otherParams = ''): string {
  const params = new URLSearchParams(otherParams)
  for (const name of ['range', 'granularity', 'as_of', 'compare', 'page']) params.delete(name)
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
    { ...view, ...rangeChange(range, view) },
    { ...view, ...rangeChange(range, view), granularity },
  ]
}
