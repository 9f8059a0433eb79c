import { whenIdle } from '@/lib/whenIdle'

type Fetch = () => Promise<unknown>

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
