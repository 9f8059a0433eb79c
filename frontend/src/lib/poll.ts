export interface PollParts {
  /** One poll; its outcome is the caller's business. It never rejects. */
  run: () => Promise<void>
  isVisible: () => boolean
  now: () => number
  /** 0 to 1. */
  random: () => number
  setTimer: (work: () => void, ms: number) => number
  clearTimer: (timer: number) => void
}

export interface PollTiming {
  intervalMs: number
  /** At most this much is added or taken away, so that many screens do not ask in step. */
  jitterMs: number
}

/** Polls at an even pace while the page is visible, and at once when it comes back late. */
export class Poller {
  readonly #parts: PollParts
  readonly #timing: PollTiming
  #timer: number | null = null
  #last: number
  #running = false
  #stopped = false

  /** The interval counts from now: what is on the screen is fresh. */
  constructor(parts: PollParts, timing: PollTiming) {
    this.#parts = parts
    this.#timing = timing
    this.#last = parts.now()
    this.#schedule()
  }

  /** Tell every change of visibility. */
  visibilityChanged(): void {
    this.#cancel()
    if (this.#parts.isVisible()) this.#schedule()
  }

  stop(): void {
    this.#stopped = true
    this.#cancel()
  }

  #cancel(): void {
    if (this.#timer !== null) this.#parts.clearTimer(this.#timer)
    this.#timer = null
  }

  #schedule(): void {
    if (this.#stopped || this.#running || !this.#parts.isVisible()) return
    const { intervalMs, jitterMs } = this.#timing
    const pause = intervalMs + (this.#parts.random() * 2 - 1) * jitterMs
    const wait = Math.max(0, this.#last + pause - this.#parts.now())
    this.#timer = this.#parts.setTimer(() => void this.#poll(), wait)
  }

  async #poll(): Promise<void> {
    this.#timer = null
    this.#running = true
    await this.#parts.run()
    this.#running = false
    this.#last = this.#parts.now()
    this.#schedule()
  }
}
