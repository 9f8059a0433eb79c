import { vi } from 'vitest'

type Reply = (request: Request) => unknown

/** Stands for the server: answers by method and path, and remembers what was asked. */
export function serve(replies: Record<string, Reply>) {
  const asked: string[] = []
  vi.stubGlobal('fetch', async (request: Request) => {
    const { pathname, search } = new URL(request.url)
    const name = `${request.method} ${pathname}`
    asked.push(`${name}${search}`)
    const reply = replies[name]
    if (reply === undefined) return problem(404, `There is nothing at ${pathname}.`)
    const answer = await reply(request)
    return answer instanceof Response ? answer : Response.json(answer)
  })
  return { asked, replies }
}

/** An error as the API words it. */
export function problem(status: number, detail: string): Response {
  return Response.json({ title: 'Problem', detail, status }, { status })
}
