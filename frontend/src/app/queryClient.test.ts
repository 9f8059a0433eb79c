import { onlineManager } from '@tanstack/react-query'
import { afterEach, describe, expect, it } from 'vitest'
import { dashboardQuery, driversQuery, kpiQuery, rowsQuery } from '@/api/queries'
import type { Dashboard } from '@/api/types'
import { DEFAULT_VIEW } from '@/lib/view'
import { serve } from '@/testing/api'
import { dashboard, drivers } from '@/testing/fixtures'
import { createQueryClient } from './queryClient'

const FIRST = dashboardQuery(DEFAULT_VIEW).queryKey
const BESIDE = [
  driversQuery('gm', DEFAULT_VIEW).queryKey,
  kpiQuery('gm', DEFAULT_VIEW).queryKey,
  rowsQuery('gm', DEFAULT_VIEW, 1, 25).queryKey,
]

function shown(freshness: Partial<Dashboard['freshness']>): Dashboard {
  return { ...dashboard, freshness: { ...dashboard.freshness, ...freshness } }
}

function filled() {
  const client = createQueryClient()
  client.setQueryData(FIRST, dashboard)
  for (const key of BESIDE) client.setQueryData(key, drivers)
  const outdated = () => BESIDE.map((key) => client.getQueryState(key)?.isInvalidated)
  return { client, outdated }
}

describe('what is beside the first screen', () => {
  it('is asked for anew after an import', () => {
    const { client, outdated } = filled()
    const sources = dashboard.freshness.sources.map((source) => ({
      ...source,
      imported_at: '2026-11-22T09:31:00Z',
    }))
    client.setQueryData(FIRST, shown({ sources }))
    expect(outdated()).toEqual([true, true, true])
  })

  it('is asked for anew on the next day', () => {
    const { client, outdated } = filled()
    client.setQueryData(FIRST, shown({ today: '2026-11-23' }))
    expect(outdated()).toEqual([true, true, true])
  })

  it('stays when the same data come again, also in another view', () => {
    const { client, outdated } = filled()
    client.setQueryData(FIRST, shown({ generated_at: '2026-11-22T09:40:00Z', stale: true }))
    client.setQueryData(dashboardQuery({ ...DEFAULT_VIEW, range: '6m' }).queryKey, dashboard)
    expect(outdated()).toEqual([false, false, false])
  })
})

describe('without a network', () => {
  afterEach(() => {
    onlineManager.setOnline(true)
  })

  it('a request fails rather than waits', async () => {
    serve({ 'GET /api/executive-dashboard': () => Promise.reject(new TypeError('offline')) })
    onlineManager.setOnline(false)
    const client = createQueryClient()
    const asked = client.query({ ...dashboardQuery(DEFAULT_VIEW), retry: false })
    await expect(asked).rejects.toThrow('The server cannot be reached.')
  })
})
