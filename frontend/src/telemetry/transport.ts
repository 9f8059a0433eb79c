import type { RumEvent } from './event'
import type { EventStore } from './eventStore'

const GATHER_MS = 5_000
const BATCH = 50
const QUEUE = 300
const FIRST_PAUSE_MS = 5_000
const LONGEST_PAUSE_MS = 5 * 60_000
const LONGEST_WAIT_MS = 24 * 60 * 60_000
/** Browsers let all keepalive requests in flight share 64 KiB; headers need some of it. */
const KEEPALIVE_BYTES = 60 * 1024

/** An answer to a batch; status 0 means that none came. */
export interface Answer {
  status: number
  retryAfter: string | null
}

export interface TransportParts {
  /** Never rejects: a network failure is an answer with status 0. */
  post: (body: string, keepalive: boolean) => Promise<Answer>
  store: EventStore
  /** Milliseconds since 1970. */
  wall: () => number
  random: () => number
  setTimer: (work: () => void, ms: number) => void
}

/**
 * `Retry-After` in milliseconds from now: seconds or a date; 0 when absent or not understood.
 * At most a day: the date may be by another clock, and a timer ends at once when it is over 24.
 */
export function retryAfterMs(header: string | null, wall: number): number {
  if (header === null || header.trim() === '') return 0
  const seconds = Number(header)
  const wanted = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - wall
  return Number.isFinite(wanted) ? Math.min(Math.max(0, wanted), LONGEST_WAIT_MS) : 0
}

function isTemporary(status: number): boolean {
  return status === 0 || status === 408 || status === 429 || status >= 500
}

/** The one place that buffers, sends, waits and sends again. */
export class Transport {
  readonly #parts: TransportParts
  #queue: RumEvent[]
  #inFlight = new Set<string>()
  #keepaliveBytes = 0
  #batch = BATCH
  #failures = 0
  #notBefore = 0
  #timer = 0 // the latest; those before it do nothing any more
  #dueAt = Infinity

  constructor(parts: TransportParts) {
    this.#parts = parts
    this.#queue = parts.store.load()
    if (this.#queue.length > 0) this.#schedule(GATHER_MS)
  }

  add(event: RumEvent): void {
    this.#queue.push(event)
    if (this.#queue.length > QUEUE) this.#queue = this.#queue.slice(-QUEUE)
    this.#schedule(GATHER_MS)
  }

  /** The page may be gone any moment: keep everything, and send what fits. */
  async leave(): Promise<void> {
    if (this.#queue.length === 0) return
    this.#parts.store.add(this.#queue)
    if (this.#parts.wall() < this.#notBefore) return
    const sent: Promise<void>[] = []
    let batch = this.#nextBatch(true)
    while (batch.length > 0) {
      sent.push(this.#send(batch, true))
      batch = this.#nextBatch(true)
    }
    await Promise.all(sent)
  }

  /** Sends in so many milliseconds, or when the server wants to be asked again. */
  #schedule(ms: number): void {
    if (this.#dueAt !== Infinity && this.#dueAt >= this.#notBefore) return
    const wall = this.#parts.wall()
    this.#dueAt = Math.max(wall + ms, this.#notBefore)
    this.#timer += 1
    const timer = this.#timer
    this.#parts.setTimer(() => {
      if (timer !== this.#timer) return
      this.#dueAt = Infinity
      const batch = this.#nextBatch(false)
      if (batch.length > 0) void this.#send(batch, false)
    }, this.#dueAt - wall)
  }

  #nextBatch(keepalive: boolean): RumEvent[] {
    const waiting = this.#queue.filter((event) => !this.#inFlight.has(event.event_id))
    const batch = waiting.slice(0, this.#batch)
    if (!keepalive) return batch
    const room = KEEPALIVE_BYTES - this.#keepaliveBytes
    while (batch.length > 0 && sizeOf(this.#body(batch)) > room) {
      batch.splice(Math.floor(batch.length / 2))
    }
    return batch
  }

  #body(batch: readonly RumEvent[]): string {
    return JSON.stringify({ sent_at: new Date(this.#parts.wall()).toISOString(), events: batch })
  }

  async #send(batch: readonly RumEvent[], keepalive: boolean): Promise<void> {
    const ids = new Set(batch.map((event) => event.event_id))
    const body = this.#body(batch)
    const bytes = keepalive ? sizeOf(body) : 0
    for (const id of ids) this.#inFlight.add(id)
    this.#keepaliveBytes += bytes
    const answer = await this.#parts.post(body, keepalive)
    this.#keepaliveBytes -= bytes
    for (const id of ids) this.#inFlight.delete(id)
    this.#settle(ids, answer)
    if (this.#queue.length > 0) this.#schedule(GATHER_MS)
  }

  #settle(ids: ReadonlySet<string>, { status, retryAfter }: Answer): void {
    if (isTemporary(status)) {
      this.#parts.store.add(this.#queue.filter((event) => ids.has(event.event_id)))
      this.#pause(retryAfter)
      return
    }
    if (status === 413 && ids.size > 1) {
      this.#batch = Math.ceil(ids.size / 2)
      return
    }
    // Stored, or refused for good: sending it again would change nothing.
    this.#failures = 0
    this.#queue = this.#queue.filter((event) => !ids.has(event.event_id))
    this.#parts.store.remove(ids)
  }

  #pause(retryAfter: string | null): void {
    const doubled = Math.min(FIRST_PAUSE_MS * 2 ** this.#failures, LONGEST_PAUSE_MS)
    const jittered = doubled * (0.5 + this.#parts.random() / 2)
    const wall = this.#parts.wall()
    this.#failures += 1
    this.#notBefore = wall + Math.max(jittered, retryAfterMs(retryAfter, wall))
  }
}

function sizeOf(body: string): number {
  return new TextEncoder().encode(body).length
}
