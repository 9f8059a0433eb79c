import { QueryClient } from '@tanstack/react-query'
import { ApiProblem } from '@/api/problem'

const RETRIES = 2

/** An answer that says the request itself is wrong stays wrong. */
function worthRetrying(failures: number, error: Error): boolean {
  const final = error instanceof ApiProblem && error.status >= 400 && error.status < 500
  return !final && failures < RETRIES
}

export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: { queries: { retry: worthRetrying, refetchOnWindowFocus: false } },
  })
}
