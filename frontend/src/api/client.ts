import createClient from 'openapi-fetch'
import { loadingTraceparent } from '@/telemetry/traceId'
import { ApiProblem, toProblem } from './problem'
import type { paths } from './schema'

export const api = createClient<paths>({
  baseUrl: location.origin,
  headers: { accept: 'application/json' },
  // Looked up at each call, so that an instrumented or replaced fetch is the one that is used.
  fetch: (request) => globalThis.fetch(request),
})

api.use({
  onRequest({ request }) {
    const [navigation] = performance.getEntriesByType('navigation')
    const traceparent = loadingTraceparent(navigation, performance.now())
    if (traceparent !== null) request.headers.set('traceparent', traceparent)
  },
})

/** Whether the person is signing out: then they are led on from there, not to where one signs in. */
export const leaving = { byChoice: false }

interface Answer<T> {
  data?: T
  error?: unknown
  response: Response
}

/** The body of a good answer; any other answer is thrown as an `ApiProblem`. */
export async function body<T>(call: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await call.catch((cause: unknown) => {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause
    throw new ApiProblem(0, 'The server cannot be reached.')
  })
  if (response.status === 401) leaveToSignIn()
  if (data === undefined) throw toProblem(response.status, error)
  return data
}

/** The session has ended: a person signs in anew and comes back to this page. */
function leaveToSignIn(): void {
  if (leaving.byChoice || location.pathname === '/sign-in') return
  const next = location.pathname + location.search
  location.assign(`/sign-in?next=${encodeURIComponent(next)}`)
}
