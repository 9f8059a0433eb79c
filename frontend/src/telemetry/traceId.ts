interface ServerTimed {
  readonly serverTiming?: readonly { readonly name: string; readonly description: string }[]
}

const TRACEPARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/
/** A page's load is one trace; what a page asks for while it stays open is not part of it. */
const LOADING_MS = 10_000

/** The request that brought the document, as its `Server-Timing` header tells. */
function traceparentOf(navigation: ServerTimed | undefined): RegExpExecArray | null {
  const entry = navigation?.serverTiming?.find(({ name }) => name === 'traceparent')
  return TRACEPARENT.exec(entry?.description ?? '')
}

/** The trace of the request that brought the document. */
export function traceIdOf(navigation: ServerTimed | undefined): string | null {
  return traceparentOf(navigation)?.[1] ?? null
}

/** What a request tells the server while the page is loading, so that both are one trace. */
export function loadingTraceparent(
  navigation: ServerTimed | undefined,
  now: number,
): string | null {
  return now < LOADING_MS ? (traceparentOf(navigation)?.[0] ?? null) : null
}
