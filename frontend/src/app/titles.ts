import { SIGN_IN } from '@/api/session'

/** Every page of the product, in the order of the menu. */
export interface PageGroup {
  readonly name: string
  readonly pages: readonly { readonly path: string; readonly name: string }[]
}

export const PAGE_GROUPS: readonly PageGroup[] = [
  {
    name: 'Sales',
    pages: [
      { path: '/sales/kpis/revenue', name: 'Recognized revenue' },
      { path: '/sales/kpis/pipeline', name: 'Pipeline' },
    ],
  },
  {
    name: 'Supply',
    pages: [
      { path: '/supply', name: 'Backlog' },
      { path: '/supply/kpis/inventory_turns', name: 'Inventory turns' },
    ],
  },
  {
    name: 'Finance',
    pages: [
      { path: '/finance/kpis/revenue', name: 'Revenue' },
      { path: '/finance/kpis/arr', name: 'ARR' },
      { path: '/finance/kpis/nrr', name: 'Net revenue retention' },
      { path: '/finance/kpis/gm', name: 'Gross margin' },
      { path: '/finance/kpis/payback', name: 'CAC payback' },
    ],
  },
  {
    name: 'Operations',
    pages: [
      { path: '/operations/uptime', name: 'Uptime' },
      { path: '/reliability', name: 'Reliability' },
    ],
  },
]

/** Whether there is a page of numbers at a path, listed or not. */
export function hasNumbersAt(path: string): boolean {
  if (path === '/' || path === '/dashboard' || path.includes('/kpis/')) return true
  return path !== '/reliability' && nameOf(path) !== undefined
}

/** What a listed page is called in the menu. */
export function nameOf(path: string): string | undefined {
  return PAGE_GROUPS.flatMap((group) => group.pages).find((page) => page.path === path)?.name
}

const PRODUCT = 'Executive Dashboard'

/** The document's title at a path. */
export function titleOf(path: string): string {
  if (path === SIGN_IN) return `Sign in · ${PRODUCT}`
  const name = nameOf(path)
  return name === undefined ? PRODUCT : `${name} · ${PRODUCT}`
}
