/** `now` counts from the page's start and may stand still in sleep; `wall` is the time of day. */
export interface Clock {
  now: () => number
  wall: () => number
}

const DRIFT_MS = 2_000
const GAP_MS = 20_000

/** Knows whether the page was looked at all along: hidden or asleep, its timings mean nothing. */
export class Attention {
  readonly #clock: Clock
  #hidden: boolean
  #brokenAt: number
  #seen: { now: number; wall: number }

  constructor(clock: Clock, hidden: boolean) {
    this.#clock = clock
    this.#hidden = hidden
    this.#brokenAt = hidden ? clock.now() : -Infinity
    this.#seen = { now: clock.now(), wall: clock.wall() }
  }

  /** Tell every change of visibility. */
  visibilityChanged(hidden: boolean): void {
    this.#hidden = hidden
    this.#brokenAt = this.#clock.now()
  }

  /** Call regularly, more often than every 20 s: a longer gap was a sleep. */
  beat(): void {
    const seen = { now: this.#clock.now(), wall: this.#clock.wall() }
    const passed = seen.now - this.#seen.now
    const drift = seen.wall - this.#seen.wall - passed
    if (passed > GAP_MS || drift > DRIFT_MS) this.#brokenAt = seen.now
    this.#seen = seen
  }

  /** True when the page was visible and awake from `since` until now. */
  unbrokenSince(since: number): boolean {
    this.beat()
    return !this.#hidden && this.#brokenAt < since
  }
}
