import type { Crumb } from './Breadcrumbs'
import { KpiPage } from './KpiPage'
import { words } from '@/lib/words'

interface Props {
  /** The metric's key, as the API names it. */
  metric: string
  /** The part of the company that it belongs to: sales, supply, finance. */
  section: string
}

const SECTION_PAGES: Readonly<Record<string, string>> = {
  supply: '/supply',
  operations: '/operations/uptime',
}

/** Any KPI in depth. */
export default function DrilldownPage({ metric, section }: Props) {
  const trail: Crumb[] = [{ name: words(section), to: SECTION_PAGES[section] }]
  return <KpiPage metric={metric} trail={trail} />
}
