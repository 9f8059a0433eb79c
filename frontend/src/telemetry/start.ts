import type { Feature } from '@/api/types'
import { afterPaint } from '@/lib/afterPaint'
import { Attention, type Clock } from './attention'
import { mayMeasure } from './consent'
import type { Meta } from './event'
import { createEventStore } from './eventStore'
import { Recorder } from './recorder'
import { traceIdOf } from './traceId'
import { Transport, type Answer } from './transport'
import { uuid7 } from './uuid'

const BEAT_MS = 5_000
const SESSION = 'execdash.session'

const clock: Clock = { now: () => performance.now(), wall: () => Date.now() }

async function post(body: string, keepalive: boolean): Promise<Answer> {
  try {
    const headers = { 'content-type': 'application/json' }
    const answer = await fetch('/api/events', { method: 'POST', headers, body, keepalive })
    return { status: answer.status, retryAfter: answer.headers.get('retry-after') }
  } catch {
    return { status: 0, retryAfter: null }
  }
}

/** One id a tab, forgotten with it; it names no person. */
function sessionId(): string {
  try {
    const known = sessionStorage.getItem(SESSION)
    if (known !== null) return known
    const fresh = uuid7(clock.wall())
    sessionStorage.setItem(SESSION, fresh)
    return fresh
  } catch {
    return uuid7(clock.wall())
  }
}

function navigationEntry(): PerformanceNavigationTiming | undefined {
  const [entry] = performance.getEntriesByType('navigation')
  return entry
}

/** Hidden at any time so far; being prerendered is not being hidden. */
function wasHidden(): boolean {
  if (document.prerendering) return false
  const states = performance.getEntriesByType('visibility-state')
  return document.visibilityState === 'hidden' || states.some(({ name }) => name === 'hidden')
}

function watchVisibility(attention: Attention, leave: () => void): void {
  let prerendered = document.prerendering
  document.addEventListener('visibilitychange', () => {
    const hidden = document.visibilityState === 'hidden'
    // The page appearing to its reader for the first time is its start, not an interruption.
    if (!prerendered) attention.visibilityChanged(hidden)
    prerendered = false
    if (hidden) leave()
  })
  addEventListener('pagehide', leave)
  setInterval(() => {
    attention.beat()
  }, BEAT_MS)
}

function watchInput(recorder: Recorder): void {
  const onClick = (event: MouseEvent) => {
    const elsewhere = event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0
    const target = event.target instanceof Element ? event.target : null
    const leadsOn = !elsewhere && target?.closest('[data-drilldown]') !== null
    recorder.click(event, location.pathname, leadsOn && target !== null)
    const file = target?.closest<HTMLElement>('[data-export]')?.dataset['export']
    if (file !== undefined) recorder.exported(file, location.pathname)
    const used = target?.closest<HTMLElement>('[data-use]')?.dataset['use']
    if (used !== undefined) recorder.featureUsed(used as Feature, location.pathname)
  }
  document.addEventListener('click', onClick, { capture: true })
  addEventListener('beforeprint', () => {
    recorder.featureUsed('print', location.pathname)
  })
}

function originOf(filename: string, line: number, column: number): string {
  return `${filename.split('/').at(-1) ?? ''}:${line}:${column}`
}

function watchErrors(recorder: Recorder): void {
  addEventListener('error', ({ error, filename, lineno, colno }) => {
    const name = error instanceof Error ? error.name : 'Error'
    recorder.clientError(name, originOf(filename, lineno, colno), location.pathname)
  })
  addEventListener('unhandledrejection', ({ reason }) => {
    const name = reason instanceof Error ? reason.name : 'Rejection'
    recorder.clientError(name, 'promise', location.pathname)
  })
}

/** The newest measurement of a kind, for the browser's own performance tools and test drivers. */
function mark(name: string, detail: Meta): void {
  performance.clearMarks(name)
  performance.mark(name, { detail })
}

function createTransport(): Transport {
  return new Transport({
    post,
    store: createEventStore(() => localStorage),
    wall: clock.wall,
    random: Math.random,
    setTimer: (work, ms) => {
      setTimeout(work, ms)
    },
  })
}

function once<T>(make: () => T): () => T {
  let made: T | undefined
  return () => (made ??= make())
}

/**
 * Begins to measure this page; null when its reader does not want that. `firstScreenAt` is when the
 * screen that came with the document had been painted.
 */
export function startRecorder(firstScreenAt: number | null): Recorder | null {
  if (!mayMeasure(navigator)) return null
  // Both ask the browser's storage, which makes a page wait: not before it is drawn.
  const transport = once(createTransport)
  const always = once((): Meta => ({ session_id: sessionId(), release: __RELEASE__ }))
  const attention = new Attention(clock, wasHidden())
  const recorder = new Recorder({
    clock,
    attention,
    activationStart: () => navigationEntry()?.activationStart ?? 0,
    firstScreenAt,
    afterPaint,
    traceId: traceIdOf(navigationEntry()),
    emit: (type, meta) => {
      const wall = clock.wall()
      mark(`execdash:${type}`, meta)
      transport().add({
        event_type: type,
        event_time: new Date(wall).toISOString(),
        event_id: uuid7(wall),
        meta: { ...always(), ...meta },
      })
    },
    send: () => transport().leave(),
  })
  watchVisibility(attention, () => void recorder.leave())
  watchInput(recorder)
  watchErrors(recorder)
  measureTtfbLater(recorder)
  return recorder
}

/** TTFB is history by now: its library can wait until the page is loaded. */
function measureTtfbLater(recorder: Recorder): void {
  const load = () => {
    import('./ttfb').then(
      ({ measureTtfb }) => {
        measureTtfb((ttfbMs, navigationType) => {
          recorder.firstByte(wasHidden() ? null : ttfbMs, navigationType)
        })
      },
      () => {
        recorder.firstByte(null, '')
      },
    )
  }
  if (document.readyState === 'complete') load()
  else addEventListener('load', load, { once: true })
}
