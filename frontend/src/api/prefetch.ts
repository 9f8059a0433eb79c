import type { QueryClient } from '@tanstack/react-query'
import { neighbours, type View } from '@/lib/view'
import { whenIdle } from '@/lib/whenIdle'
import { dashboardQuery } from './queries'

type Fetch = () => Promise<unknown>

/** The first screen of the three other windows, those one click away first. */
export function neighbourScreens(client: QueryClient, view: View): Fetch[] {
  return neighbours(view).map((other) => () => client.query(dashboardQuery(other)))
}

/** Runs `fetches` one after the other: what the reader asks for does not queue behind them. */
export async function fetchInTurn(fetches: readonly Fetch[], isWanted = () => true): Promise<void> {
  for (const fetch of fetches) {
    if (!isWanted()) return
    // What cannot be fetched ahead is fetched, with its error shown, when it is asked for.
    await fetch().catch(() => undefined)
  }
}

/** The same when the browser is idle. Answers how to call off those not begun. */
export function prefetchInTurn(fetches: readonly Fetch[]): () => void {
  let wanted = true
  const cancel = whenIdle(() => void fetchInTurn(fetches, () => wanted))
  return () => {
    wanted = false
    cancel()
  }
}
