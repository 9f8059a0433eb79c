import type { Dashboard } from '@/api/types'

/** True when nothing has been imported at all: there is no number to miss yet. */
export function hasNoRows({ freshness }: Dashboard): boolean {
  return freshness.sources.every((source) => source.rows === 0)
}
