import { whenIdle } from '@/lib/whenIdle'

/**
 * Runs `fetches` when the browser is idle, one after the other: what the reader asks for
 * meanwhile does not queue behind them. Answers how to call off those not begun.
 */
export function prefetchInTurn(fetches: readonly (() => Promise<unknown>)[]): () => void {
  let wanted = true
  const run = async () => {
    for (const fetch of fetches) {
      if (!wanted) return
      // What cannot be fetched ahead is fetched, with its error shown, when it is asked for.
      await fetch().catch(() => undefined)
    }
  }
  const cancel = whenIdle(() => void run())
  return () => {
    wanted = false
    cancel()
  }
}
