import { QueryClient } from '@tanstack/react-query'
import { ApiProblem } from '@/api/problem'
import { BESIDE_FIRST_SCREEN, FIRST_SCREEN } from '@/api/queries'
import type { Dashboard } from '@/api/types'

const RETRIES = 2

/** An answer that says the request itself is wrong stays wrong. */
function worthRetrying(failures: number, error: Error): boolean {
  const final = error instanceof ApiProblem && error.status >= 400 && error.status < 500
  return !final && failures < RETRIES
}

/** When the first screen comes from other data, or on another day, all beside it is asked for anew. */
function keepTogether(client: QueryClient): void {
  let known: string | undefined
  client.getQueryCache().subscribe((event) => {
    if (event.type !== 'updated' || event.action.type !== 'success') return
    const [what] = event.query.queryKey as readonly unknown[]
    if (what !== FIRST_SCREEN) return
    const { sources, today } = (event.action.data as Dashboard).freshness
    const found = JSON.stringify([sources, today])
    if (known !== undefined && found !== known) {
      for (const name of BESIDE_FIRST_SCREEN) void client.invalidateQueries({ queryKey: [name] })
    }
    known = found
  })
}

/** Without a network a request fails at once and the page says so: it never waits in silence. */
export function createQueryClient(): QueryClient {
  const client = new QueryClient({
    defaultOptions: {
      queries: {
        retry: worthRetrying,
        refetchOnWindowFocus: false,
        networkMode: 'always',
        refetchOnReconnect: true,
      },
      mutations: { networkMode: 'always' },
    },
  })
  keepTogether(client)
  return client
}
