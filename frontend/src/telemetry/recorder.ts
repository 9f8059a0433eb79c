import type { Feature } from '@/api/types'
import type { Attention, Clock } from './attention'
import type { EventType, Meta } from './event'

const DASHBOARD = '/dashboard'
const MOST_ERRORS = 10
/** The server refuses longer timings; a worse one still counts as bad. */
const LONGEST_MS = 600_000
/** The KPI that a page tells about, where its path does not name it. */
const KPI_OF_PAGE: Readonly<Record<string, string>> = {
  '/supply': 'backlog',
  '/operations/uptime': 'uptime',
}

/** The part of a DOM event that measuring needs. Synthesized events are not measured. */
export interface InputMoment {
  readonly isTrusted: boolean
  /** On the clock of `performance.now()`: the input delay counts. */
  readonly timeStamp: number
}

export interface RecorderParts {
  clock: Clock
  attention: Attention
  /** When the page began for its reader: 0 unless it was prerendered. */
  activationStart: () => number
  /** When a first screen that came with the document was on the screen; null without one. */
  firstScreenAt: number | null
  /** Runs after the next paint, with its moment on the clock. */
  afterPaint: (work: (paintedAt: number) => void) => void
  /** Sends an event with its context. */
  emit: (type: EventType, meta: Meta) => void
  /** Sends everything now, as far as that is possible: the page may be gone any moment. */
  send: () => Promise<void>
  /** The trace of the request that brought the document. */
  traceId: string | null
}

interface Switch {
  readonly start: number
  readonly path: string
  readonly from: string
  readonly to: string
}

interface Attempt {
  readonly start: number
  readonly from: string
  readonly clicks: number
}

/** Turns what happens on the page into the measurements of its experience. */
export class Recorder {
  readonly #parts: RecorderParts
  #ttfbMs: number | null | undefined
  #renderMs: number | null | undefined
  #navigationType = ''
  #viewPath = ''
  #viewSent = false
  #switch: Switch | null = null
  #attempt: Attempt | null = null
  #lastPoll: number | null = null
  #errors = 0

  constructor(parts: RecorderParts) {
    this.#parts = parts
  }

  /** The document's own TTFB; null when it is no sample. */
  firstByte(ttfbMs: number | null, navigationType: string): void {
    this.#ttfbMs = ttfbMs
    this.#navigationType = navigationType
    this.#sendViewOnce()
  }

  /** Everything of the page at `path` is in the document; it is on the screen a paint later. */
  pageDrawn(path: string): void {
    const pendingSwitch = this.#switch
    const attempt = this.#attempt
    this.#parts.afterPaint((drawnAt) => {
      this.#finishView(path, drawnAt)
      if (pendingSwitch !== null) this.#finishSwitch(pendingSwitch, path, drawnAt)
      if (attempt !== null && path !== attempt.from) this.#finishAttempt(attempt, path, drawnAt)
    })
  }

  /** A reader at `path` chose another window; a choice before it is no sample any more. */
  beginSwitch(input: InputMoment, path: string, from: string, to: string): void {
    this.#switch = input.isTrusted ? { start: input.timeStamp, path, from, to } : null
  }

  /** A click at `path`: on something that leads to a drill-down, or on anything else. */
  click(input: InputMoment, path: string, leadsOn: boolean): void {
    if (!input.isTrusted) return
    if (!leadsOn) {
      this.#attempt = null
      return
    }
    const going = this.#attempt?.from === path ? this.#attempt : null
    this.#attempt = {
      start: going?.start ?? input.timeStamp,
      from: path,
      clicks: (going?.clicks ?? 0) + 1,
    }
  }

  /** A poll of the alerts came back with an answer. */
  pollCompleted(): void {
    const { clock, attention, emit } = this.#parts
    const now = clock.now()
    const last = this.#lastPoll
    this.#lastPoll = now
    if (last === null || !attention.unbrokenSince(last)) return
    emit('alerts_poll', { alerts_poll_interval_ms: elapsed(last, now) })
  }

  /** Nothing polls any more; the next poll begins a new series. */
  pollsStopped(): void {
    this.#lastPoll = null
  }

  alertClicked(kpi: string | undefined, to: string): void {
    this.#parts.emit('alert_click', { ...(kpi === undefined ? {} : { kpi }), to })
  }

  /** A feature was used on the page at `path`: for its KPI, or for the screen. */
  featureUsed(feature: Feature, path: string, kpi = kpiOf(path)): void {
    this.#parts.emit('feature_use', { feature, ...(kpi === undefined ? {} : { kpi }), from: path })
  }

  /** A file of a kind was asked for on the page at `path`: of its KPI, or of the screen. */
  exported(kind: string, path: string, kpi = kpiOf(path)): void {
    const meta = { ...(kpi === undefined ? {} : { kpi }), from: path, to: kind }
    if (kind.startsWith('csv')) this.#parts.emit('export_csv', meta)
    else this.#parts.emit('feature_use', { feature: 'export_xlsx', ...meta })
  }

  /** Names the error and where it arose, never its message: that may hold what people typed. */
  clientError(name: string, origin: string, path: string): void {
    this.#errors += 1
    if (this.#errors > MOST_ERRORS) return
    this.#parts.emit('client_error', { error: name, at: origin, to: path })
  }

  /** The page is being left: what is known of its view is sent now or never. */
  leave(): Promise<void> {
    this.#ttfbMs ??= null
    this.#renderMs ??= null
    this.#sendViewOnce()
    this.#switch = null
    this.#attempt = null
    return this.#parts.send()
  }

  #finishView(path: string, drawnAt: number): void {
    if (this.#renderMs !== undefined) return
    const { activationStart, firstScreenAt } = this.#parts
    const start = activationStart()
    const counts = path === DASHBOARD && this.#parts.attention.unbrokenSince(start)
    this.#viewPath = path
    this.#renderMs = counts ? elapsed(start, firstScreenAt ?? drawnAt) : null
    this.#sendViewOnce()
  }

  #sendViewOnce(): void {
    if (this.#viewSent || this.#ttfbMs === undefined || this.#renderMs === undefined) return
    this.#viewSent = true
    this.#parts.emit('page_view', {
      ...(this.#ttfbMs === null ? {} : { ttfb_ms: this.#ttfbMs }),
      ...(this.#renderMs === null ? {} : { render_total_ms: this.#renderMs }),
      ...(this.#viewPath === '' ? {} : { to: this.#viewPath }),
      ...(this.#parts.traceId === null ? {} : { trace_id: this.#parts.traceId }),
      ...(this.#navigationType === '' ? {} : { navigation_type: this.#navigationType }),
    })
  }

  #finishSwitch(done: Switch, path: string, drawnAt: number): void {
    if (this.#switch !== done) return
    this.#switch = null
    const { start, from, to } = done
    if (path !== done.path) return // the reader went on before it was drawn
    if (!this.#parts.attention.unbrokenSince(start)) return
    this.#parts.emit('switch_range_or_granularity', {
      switch_latency_ms: elapsed(start, drawnAt),
      from,
      to,
    })
  }

  #finishAttempt(done: Attempt, path: string, drawnAt: number): void {
    if (this.#attempt !== done) return
    this.#attempt = null
    if (path === DASHBOARD) return
    const { start, from, clicks } = done
    const kpi = kpiOf(path)
    this.#parts.emit('drilldown', {
      ...(this.#parts.attention.unbrokenSince(start)
        ? { drilldown_duration_ms: elapsed(start, drawnAt) }
        : {}),
      ...(from === DASHBOARD ? { drilldown_clicks: clicks } : {}),
      ...(kpi === undefined ? {} : { kpi }),
      from,
      to: path,
    })
  }
}

function elapsed(start: number, end: number): number {
  return Math.min(Math.max(0, end - start), LONGEST_MS)
}

function kpiOf(path: string): string | undefined {
  return KPI_OF_PAGE[path] ?? /\/kpis\/([a-z_]+)$/.exec(path)?.[1]
}
