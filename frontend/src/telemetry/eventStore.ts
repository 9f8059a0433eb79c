import type { RumEvent } from './event'

const KEY = 'execdash.events'
const MOST = 100

/** Unsent events that outlive the page. Shared by tabs: ids make a second sending harmless. */
export interface EventStore {
  load: () => RumEvent[]
  add: (events: readonly RumEvent[]) => void
  remove: (ids: ReadonlySet<string>) => void
}

function isEvent(value: unknown): value is RumEvent {
  return typeof value === 'object' && value !== null && 'event_id' in value && 'meta' in value
}

/** Keeps the newest hundred in `storage`; when storage refuses, events live as long as the page. */
export function createEventStore(storage: () => Storage): EventStore {
  const load = (): RumEvent[] => {
    try {
      const stored: unknown = JSON.parse(storage().getItem(KEY) ?? '[]')
      return Array.isArray(stored) ? stored.filter(isEvent) : []
    } catch {
      return []
    }
  }
  const save = (events: readonly RumEvent[]): void => {
    try {
      if (events.length === 0) storage().removeItem(KEY)
      else storage().setItem(KEY, JSON.stringify(events.slice(-MOST)))
    } catch {
      // Storage is full or forbidden: nothing is lost but the second chance.
    }
  }
  return {
    load,
    add: (events) => {
      const merged = new Map([...load(), ...events].map((event) => [event.event_id, event]))
      save([...merged.values()])
    },
    remove: (ids) => {
      const stored = load()
      const kept = stored.filter((event) => !ids.has(event.event_id))
      if (kept.length < stored.length) save(kept)
    },
  }
}
