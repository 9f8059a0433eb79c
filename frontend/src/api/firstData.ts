import type { QueryClient } from '@tanstack/react-query'
import { parseView } from '@/lib/view'
import { alertsQuery, dashboardQuery } from './queries'
import type { Dashboard } from './types'

/** What the document carries: an API path and the body the API would answer there. */
interface FirstData {
  path: string
  body: Dashboard
}

function read(document: Document): FirstData | null {
  const text = document.getElementById('first-data')?.textContent
  if (text === undefined || text === '') return null
  return JSON.parse(text) as FirstData
}

/** Puts the document's own data into the cache, so that the first paint asks for nothing. */
export function adoptFirstData(client: QueryClient, document: Document): void {
  const first = read(document)
  if (first === null) return
  const [, search = ''] = first.path.split('?')
  client.setQueryData(dashboardQuery(parseView(search)).queryKey, first.body)
  const { alerts, freshness } = first.body
  client.setQueryData(alertsQuery.queryKey, { alerts, generated_at: freshness.generated_at })
}
