import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { cleanup, configure, render, screen, waitFor, within } from '@testing-library/preact'
import userEvent from '@testing-library/user-event'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import '@/components/chart/engine' // loaded before the clock of a test runs
import { formatInstant } from '@/lib/format'
import { serve } from '@/testing/api'
import { detail, releases, report } from './fixtures'
import ReliabilityPage from './ReliabilityPage'

vi.setConfig({ testTimeout: 20_000 }) // several pages at work on one small machine
configure({ asyncUtilTimeout: 10_000 })
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.parse(report.generated_at) })
})
afterEach(() => {
  cleanup()
  vi.useRealTimers()
})

function open(url = '/reliability') {
  window.history.replaceState(null, '', url)
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } })
  render(
    <QueryClientProvider client={client}>
      <ReliabilityPage />
    </QueryClientProvider>,
  )
}

async function objective(name: string) {
  const heading = await screen.findByRole('heading', { level: 2, name })
  const card = heading.closest('article')
  if (card === null) throw new Error(`${name} has no card`)
  return within(card)
}

describe('the reliability page', () => {
  it('judges each objective in words, counts and budget', async () => {
    serve({ 'GET /api/slo': () => report })
    open()
    const passed = await objective('Time to first byte')
    expect(passed.getByText('Pass')).toBeTruthy()
    expect(passed.getByText(/1,960 \/ 2,000/)).toBeTruthy()
    expect(passed.getByText(/240 ms/)).toBeTruthy()
    const failed = await objective('API answers without server errors')
    expect(failed.getByText('Fail')).toBeTruthy()
    expect(failed.getByText(/Overspent by 140/)).toBeTruthy()
    expect(failed.getByText('a status has none')).toBeTruthy()
    const young = await objective('Clicks to a drill-down')
    expect(young.getByText('Insufficient data')).toBeTruthy()
    expect(young.getByText(/12 of the 1,000 events/)).toBeTruthy()
    expect(screen.getByText(/1 pass, 1 fail, 1 insufficient data/)).toBeTruthy()
  })

  it('is as of when it was asked for, also where nothing has changed', async () => {
    serve({ 'GET /api/slo': () => report })
    open()
    const asOf = (instant: string) =>
      screen.findByText(new RegExp(`As of ${formatInstant(instant)}`))
    expect(await asOf(report.generated_at)).toBeTruthy()
    vi.setSystemTime('2026-11-22T12:05:00Z')
    await userEvent.click(screen.getByRole('button', { name: '28 days' }))
    expect(await asOf('2026-11-22T12:05:00Z')).toBeTruthy()
  })

  it('looks at 7 days unless the URL says otherwise', async () => {
    const { asked } = serve({ 'GET /api/slo': () => report })
    open()
    await objective('Time to first byte')
    expect(asked).toEqual(['GET /api/slo?window=7d'])
    await userEvent.click(screen.getByRole('button', { name: '28 days' }))
    expect(window.location.search).toBe('?window=28d')
    await waitFor(() => {
      expect(asked).toContain('GET /api/slo?window=28d')
    })
  })

  it('opens the days, windows and slowest samples of one objective, kept in the URL', async () => {
    const { asked } = serve({
      'GET /api/slo': () => report,
      'GET /api/slo/ttfb': () => detail,
      'GET /api/slo/ttfb/releases': () => releases,
    })
    open('/reliability?window=28d')
    const card = await objective('Time to first byte')
    await userEvent.click(card.getByRole('button', { name: /Details/ }))
    expect(new URLSearchParams(window.location.search).get('objective')).toBe('ttfb')
    expect(await card.findByText('0af7651916cd43dd8448eb211c80319c')).toBeTruthy()
    const month = card.getByRole('rowheader', { name: '28d' }).closest('tr')
    const cells = [...(month?.cells ?? [])].map(({ textContent }) => textContent)
    expect(cells.slice(0, 4)).toEqual(['28d', 'Fail', '90', '100'])
    expect(asked).toContain('GET /api/slo/ttfb?window=28d')
    await waitFor(() => {
      expect(asked).toContain('GET /api/slo/ttfb/releases?window=28d')
    })
    expect(card.getByRole('row', { name: /^1\.4\.0 Fail 40 300 13\.33/ })).toBeTruthy()
    expect(card.getByRole('row', { name: /^none told Insufficient data 9 9 / })).toBeTruthy()
    await userEvent.click(
      card.getByRole('button', { name: 'View as table: Budget burned by day (UTC)' }),
    )
    expect(card.getByRole('row', { name: /21 Nov no events/ })).toBeTruthy()
  })

  it('has no releases where events are only counted by the hour', async () => {
    serve({
      'GET /api/slo': () => report,
      'GET /api/slo/ttfb': () => detail,
      'GET /api/slo/ttfb/releases': () => ({ ...releases, unknown: 'counted', releases: [] }),
    })
    open('/reliability?objective=ttfb')
    const card = await objective('Time to first byte')
    expect(await card.findByText('0af7651916cd43dd8448eb211c80319c')).toBeTruthy()
    await waitFor(() => {
      expect(card.queryByText('By release')).toBeNull()
    })
  })

  it('shows maintenance once, with all that it left out', async () => {
    const over = { start: '2026-11-20T22:00:00Z', end: '2026-11-21T00:00:00Z', reason: 'New disks' }
    const on = { start: '2026-11-22T09:00:00Z', end: '2026-11-22T11:00:00Z', reason: 'Move' }
    const planned = { start: '2026-12-01T00:00:00Z', end: '2026-12-01T02:00:00Z', reason: 'Patch' }
    const of = (...events: number[]) =>
      [over, on, planned].map((window, place) => ({ ...window, left_out: events[place] ?? 0 }))
    const objectives = report.objectives.map((one, place) => ({
      ...one,
      maintenance: place < 2 ? of(600 * place + 400, 1) : [],
    }))
    serve({ 'GET /api/slo': () => ({ ...report, objectives }) })
    open()
    const shown = within(await screen.findByRole('region', { name: 'Maintenance' }))
    const lines = shown.getAllByRole('listitem').map((line) => line.textContent)
    expect(lines).toHaveLength(3)
    expect(lines[0]).toMatch(/New disks \(1,400 events not counted\)/)
    expect(lines[1]).toMatch(/Move \(going on, 2 events not counted\)/)
    expect(lines[2]).toMatch(/Patch \(planned\)/)
  })

  it('says nothing of maintenance where there is none', async () => {
    serve({ 'GET /api/slo': () => report })
    open()
    await objective('Time to first byte')
    expect(screen.queryByRole('region', { name: 'Maintenance' })).toBeNull()
  })

  it('says that the objectives cannot be had', async () => {
    serve({ 'GET /api/slo': () => Promise.reject(new TypeError('no route')) })
    open()
    const alert = await screen.findByRole('alert')
    expect(alert.textContent).toContain('The server cannot be reached')
    serve({ 'GET /api/slo': () => report })
    await userEvent.click(within(alert).getByRole('button', { name: 'Try again' }))
    await objective('Time to first byte')
  })
})
