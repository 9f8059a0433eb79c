import type { QueryClient } from '@tanstack/react-query'
import { parseView, type View } from '@/lib/view'
import { alertsOf, alertsQuery, dashboardQuery } from './queries'
import type { Dashboard } from './types'

/** What the document carries: an API path and the body the API would answer there. */
export interface FirstData {
  path: string
  body: Dashboard
}

/** The document's own data; null where it carries none. */
export function readFirstData(document: Document): FirstData | null {
  const text = document.getElementById('first-data')?.textContent
  if (text === undefined || text === '') return null
  return JSON.parse(text) as FirstData
}

/** Puts them into the cache, so that the first paint asks for nothing. Answers what they show. */
export function adoptFirstData(client: QueryClient, { path, body }: FirstData): View {
  const [, search = ''] = path.split('?')
  const view = parseView(search)
  client.setQueryData(dashboardQuery(view).queryKey, body)
  client.setQueryData(alertsQuery.queryKey, alertsOf(body))
  return view
}
