/** An error answer of the API (RFC 9457), or the network's failure to give one. */
export class ApiProblem extends Error {
  readonly status: number
  readonly traceId: string | null

  /** `status` is 0 when no answer came at all. */
  constructor(status: number, message: string, traceId: string | null = null) {
    super(message)
    this.name = 'ApiProblem'
    this.status = status
    this.traceId = traceId
  }

  get isOffline(): boolean {
    return this.status === 0
  }
}

function text(body: object, name: string): string | null {
  const value: unknown = Reflect.get(body, name)
  return typeof value === 'string' && value !== '' ? value : null
}

/** Reads a problem body of any shape; what is not there is said plainly. */
export function toProblem(status: number, body: unknown): ApiProblem {
  const fallback = `The server answered ${status}.`
  if (typeof body !== 'object' || body === null) return new ApiProblem(status, fallback)
  const message = text(body, 'detail') ?? text(body, 'title') ?? fallback
  return new ApiProblem(status, message, text(body, 'trace_id'))
}
