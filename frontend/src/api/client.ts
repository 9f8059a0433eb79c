import createClient from 'openapi-fetch'
import { ApiProblem, toProblem } from './problem'
import type { paths } from './schema'

export const api = createClient<paths>({
  baseUrl: location.origin,
  headers: { accept: 'application/json' },
  // Looked up at each call, so that an instrumented or replaced fetch is the one that is used.
  fetch: (request) => globalThis.fetch(request),
})

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
  if (data === undefined) throw toProblem(response.status, error)
  return data
}
