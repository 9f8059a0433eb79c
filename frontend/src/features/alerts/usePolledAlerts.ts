import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { alertsQuery } from '@/api/queries'
import type { AlertList } from '@/api/types'
import { Poller } from '@/lib/poll'
import { pollCompleted, pollsStopped } from '@/telemetry'

const TIMING = { intervalMs: 30_000, jitterMs: 2_000 }

/** The current alerts, asked for every half minute while somebody can see them. */
export function usePolledAlerts(seed: AlertList) {
  const client = useQueryClient()
  const alerts = useQuery({ ...alertsQuery, initialData: seed, staleTime: Infinity })
  useEffect(() => {
    const run = async () => {
      try {
        await client.query({ ...alertsQuery, staleTime: 0, retry: false })
        pollCompleted()
      } catch {
        // The query holds the error, and the panel shows it; the next poll tries again.
      }
    }
    const poller = new Poller(
      {
        run,
        isVisible: () => document.visibilityState === 'visible',
        now: () => performance.now(),
        random: Math.random,
        setTimer: (work, ms) => window.setTimeout(work, ms),
        clearTimer: (timer) => {
          clearTimeout(timer)
        },
      },
      TIMING,
    )
    const onVisibility = () => {
      poller.visibilityChanged()
    }
    document.addEventListener('visibilitychange', onVisibility)
    return () => {
      document.removeEventListener('visibilitychange', onVisibility)
      poller.stop()
      pollsStopped()
    }
  }, [client])
  return alerts
}
