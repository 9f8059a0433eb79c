interface ServerTimed {
  readonly serverTiming?: readonly { readonly name: string; readonly description: string }[]
}

const TRACEPARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/

/** The trace of the request that brought the document, as its `Server-Timing` header tells. */
export function traceIdOf(navigation: ServerTimed | undefined): string | null {
  const entry = navigation?.serverTiming?.find(({ name }) => name === 'traceparent')
  return TRACEPARENT.exec(entry?.description ?? '')?.[1] ?? null
}
