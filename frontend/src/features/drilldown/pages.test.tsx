import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { cleanup, configure, render, screen, waitFor, within } from '@testing-library/preact'
import userEvent from '@testing-library/user-event'
import { afterEach, describe, expect, it, vi } from 'vitest'
import '@/components/chart/engine' // loaded before the clock of a test runs
import { ViewLinks } from '@/components/ViewLink'
import { compactMoney } from '@/lib/format'
import { problem, serve } from '@/testing/api'
import { kpis } from '@/testing/fixtures'
import DrilldownPage from './DrilldownPage'
import { backlog, drivers, rows, uptime } from './fixtures'
import SupplyPage from './SupplyPage'
import UptimePage from './UptimePage'

vi.setConfig({ testTimeout: 20_000 }) // several pages at work on one small machine
configure({ asyncUtilTimeout: 10_000 })
afterEach(cleanup)

function everything(detail = backlog) {
  return {
    [`GET /api/kpis/${detail.metric}`]: () => detail,
    [`GET /api/kpis/${detail.metric}/rows`]: () => rows,
    [`GET /api/drivers/${detail.metric}`]: () => ({ ...drivers, metric: detail.metric }),
  }
}

/** Parameters of each request so far, by path. */
function queries(asked: readonly string[]): Record<string, string>[] {
  return asked.map((request) => {
    const url = new URL(request.replace('GET ', ''), location.origin)
    return { path: url.pathname, ...Object.fromEntries(url.searchParams) }
  })
}

const away = () => Promise.reject(new TypeError('no route to the server'))

function open(page: React.ReactNode, url: string) {
  window.history.replaceState(null, '', url)
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } })
  const app = (
    <QueryClientProvider client={client}>
      <ViewLinks>{page}</ViewLinks>
    </QueryClientProvider>
  )
  return { client, ...render(app) }
}

const backlogPage = <DrilldownPage metric="backlog" section="supply" />

describe('a drill-down page', () => {
  it('shows the number with its change, status and target, and how it was computed', async () => {
    serve(everything())
    open(backlogPage, '/supply/kpis/backlog')
    const value = await screen.findByTestId('kpi-value')
    expect(value.textContent).toContain('£1.25M')
    expect(value.textContent).toContain('Watch')
    const headline = screen.getByRole('region', { name: '12 months to 31 Oct 2026' })
    expect(headline.textContent).toContain(compactMoney(150_000, { currency: '£', plus: true }))
    expect(screen.getByText('£1M')).toBeTruthy()
    expect(screen.getByTestId('worked-formula').textContent).toContain('= 1,250,000')
    expect(screen.getByText('Rows behind this number: orders 1,234.')).toBeTruthy()
    expect(await screen.findByText('West contributed most.')).toBeTruthy()
    expect(screen.getByText('Residual').nextSibling?.textContent).toBe(
      compactMoney(10_000, { currency: '£', plus: true }),
    )
  })

  it('asks for all it needs at once, with the view of the URL', async () => {
    const { asked } = serve(everything())
    const view = { range: '6m', granularity: 'quarter', as_of: '2026-06-30' }
    open(backlogPage, `/supply/kpis/backlog?${new URLSearchParams(view).toString()}&by=segment`)
    await screen.findByTestId('kpi-value')
    const requests = queries(asked)
    expect(requests.map(({ path }) => path).toSorted()).toEqual([
      '/api/kpis/backlog',
      '/api/kpis/backlog/rows',
    ])
    for (const request of requests) expect(request).toMatchObject(view)
    expect(requests).toContainEqual({ path: '/api/kpis/backlog', ...view, by: 'segment' })
  })

  it('fetches ahead what a switch of the window will ask for', async () => {
    const { asked } = serve(everything())
    open(backlogPage, '/supply/kpis/backlog?range=12m&granularity=month&by=segment')
    const ahead = { path: '/api/kpis/backlog', range: '6m', granularity: 'quarter', by: 'segment' }
    await waitFor(() => {
      expect(queries(asked)).toContainEqual(ahead)
    })
  })

  it('leads back to the dashboard with the same view', async () => {
    serve(everything())
    open(
      backlogPage,
      '/supply/kpis/backlog?range=6m&granularity=quarter&as_of=2026-06-30&by=region',
    )
    const back = screen.getByRole('link', { name: 'Dashboard' })
    expect(back.getAttribute('href')).toBe(
      '/dashboard?range=6m&granularity=quarter&as_of=2026-06-30',
    )
    await screen.findByTestId('kpi-value')
    const csv = screen.getByRole('link', { name: 'CSV' }).getAttribute('href')
    expect(csv).toBe('/api/kpis/backlog/rows.csv?range=6m&granularity=quarter&as_of=2026-06-30')
  })

  it('is about the element whose name is pressed, until its filter is removed', async () => {
    const { asked } = serve(everything())
    open(backlogPage, '/supply/kpis/backlog?range=6m&page=2')
    const card = await screen.findByRole('region', { name: 'Breakdown' })
    const { name } = backlog.breakdown[0] ?? { name: '' }
    within(card).getByRole('button', { name }).focus()
    await userEvent.keyboard('{Enter}')
    expect(Object.fromEntries(new URLSearchParams(window.location.search))).toEqual({
      range: '6m',
      region: name,
    })
    await waitFor(() => {
      const paths = queries(asked).filter(({ region }) => region === name)
      expect(new Set(paths.map(({ path }) => path))).toEqual(
        new Set(['/api/kpis/backlog', '/api/kpis/backlog/rows']),
      )
    })
    const csv = screen.getByRole('link', { name: 'CSV' }).getAttribute('href')
    expect(csv).toBe(`/api/kpis/backlog/rows.csv?range=6m&granularity=month&region=${name}`)
    const chips = screen.getByRole('list', { name: 'Filters' })
    await userEvent.click(
      within(chips).getByRole('button', { name: `Remove the filter region: ${name}` }),
    )
    expect(window.location.search).toBe('?range=6m')
    expect(screen.queryByRole('list', { name: 'Filters' })).toBeNull()
  })

  it('keeps the chosen dimension in the URL', async () => {
    const { asked } = serve(everything())
    open(backlogPage, '/supply/kpis/backlog?range=6m')
    const card = await screen.findByRole('region', { name: 'Breakdown' })
    await userEvent.selectOptions(within(card).getByRole('combobox'), 'segment')
    expect(new URLSearchParams(window.location.search).get('by')).toBe('segment')
    expect(new URLSearchParams(window.location.search).get('range')).toBe('6m')
    await waitFor(() => {
      expect(queries(asked).some(({ by }) => by === 'segment')).toBe(true)
    })
  })

  it('sorts its breakdown', async () => {
    serve(everything())
    open(backlogPage, '/supply/kpis/backlog')
    const table = await screen.findByRole('table', { name: 'Backlog by region' })
    const first = () => within(table).getAllByRole('rowheader')[0]?.textContent
    expect(first()).toBe('North')
    await userEvent.click(within(table).getByRole('button', { name: 'Backlog' }))
    expect(first()).toBe('West')
    const header = within(table).getByRole('columnheader', { name: 'Backlog' })
    expect(header.getAttribute('aria-sort')).toBe('descending')
    await userEvent.click(within(table).getByRole('button', { name: 'Backlog' }))
    expect(first()).toBe('North')
  })

  it('pages through its rows, the page in the URL', async () => {
    const { asked } = serve(everything())
    open(backlogPage, '/supply/kpis/backlog')
    expect(await screen.findByText('Page 1 of 3')).toBeTruthy()
    await userEvent.click(screen.getByRole('button', { name: 'Next' }))
    expect(new URLSearchParams(window.location.search).get('page')).toBe('2')
    await waitFor(() => {
      expect(queries(asked).some(({ page }) => page === '2')).toBe(true)
    })
  })

  it('sorts its rows by keyboard, the order in the URL, in the file and from the first page', async () => {
    const { asked } = serve(everything())
    open(backlogPage, '/supply/kpis/backlog?page=2')
    const table = await screen.findByRole('table', { name: 'Rows behind Backlog' })
    const heading = () => within(table).getByRole('columnheader', { name: 'Amount' })
    expect(heading().getAttribute('aria-sort')).toBe('none')
    within(heading()).getByRole('button').focus()
    await userEvent.keyboard('{Enter}')
    expect(window.location.search).toBe('?sort=-amount')
    expect(heading().getAttribute('aria-sort')).toBe('descending')
    await waitFor(() => {
      expect(queries(asked)).toContainEqual({
        path: '/api/kpis/backlog/rows',
        range: '12m',
        granularity: 'month',
        sort: '-amount',
        page: '1',
        page_size: '25',
      })
    })
    const csv = screen.getByRole('link', { name: 'CSV' }).getAttribute('href')
    expect(csv).toBe('/api/kpis/backlog/rows.csv?range=12m&granularity=month&sort=-amount')
    await userEvent.keyboard('{Enter}')
    expect(window.location.search).toBe('?sort=amount')
    expect(heading().getAttribute('aria-sort')).toBe('ascending')
    expect(document.activeElement).toBe(within(heading()).getByRole('button'))
  })

  it('leaves an order that the rows do not have', async () => {
    serve({
      ...everything(),
      'GET /api/kpis/backlog/rows': (request) =>
        request.url.includes('sort=') ? problem(400, 'sort: no such column') : rows,
    })
    open(backlogPage, '/supply/kpis/backlog?sort=win_rate')
    expect(await screen.findByText('sort: no such column')).toBeTruthy()
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }))
    expect(await screen.findByRole('table', { name: 'Rows behind Backlog' })).toBeTruthy()
    expect(window.location.search).toBe('')
  })

  it.each([
    ['region', 'The share is of the denominator', 'The share is of what was spent'],
    ['period', 'The share is of what was spent', 'The share is of the denominator'],
  ])('says what the shares by %s are of', async (by, said, unsaid) => {
    const breakdown = [{ name: by === 'period' ? '2026-10' : 'West', value: 3, share: 1 }]
    serve(everything({ ...backlog, unit: 'months', by, dimensions: [by], breakdown }))
    open(backlogPage, '/supply/kpis/backlog')
    await screen.findByTestId('kpi-value')
    expect(screen.getByText(said, { exact: false })).toBeTruthy()
    expect(screen.queryByText(unsaid, { exact: false })).toBeNull()
  })

  it('says why there is no number', async () => {
    serve(
      everything({
        ...backlog,
        value: null,
        reason: 'no_data',
        breakdown: [],
        formula: { ...backlog.formula, worked: null },
      }),
    )
    open(backlogPage, '/supply/kpis/backlog')
    const value = await screen.findByTestId('kpi-value')
    expect(value.textContent).toContain('No data')
    expect(screen.getByText('Nothing recorded for this window')).toBeTruthy()
    expect(screen.getByText('Nothing to break down')).toBeTruthy()
  })

  it('sorts periods by time and writes them for people', async () => {
    const breakdown = ['2026-02', '2026-04', '2027-01'].map((name) => ({
      name,
      value: 1,
      share: 1 / 3,
    }))
    serve(everything({ ...backlog, by: 'period', breakdown }))
    open(backlogPage, '/supply/kpis/backlog')
    const table = await screen.findByRole('table', { name: 'Backlog by period' })
    await userEvent.click(within(table).getByRole('button', { name: 'Period' }))
    const names = within(table)
      .getAllByRole('rowheader')
      .map((cell) => cell.textContent)
    expect(names).toEqual(['Feb ’26', 'Apr ’26', 'Jan ’27'])
  })

  it('tells how much a warning is about', async () => {
    const [gm] = kpis.filter(({ key }) => key === 'gm')
    const kpi = gm && { ...gm, leftOutShare: 0.042 }
    serve(everything({ ...backlog, ...(kpi && { kpi }), warnings: ['profit_missing'] }))
    open(backlogPage, '/supply/kpis/backlog')
    expect(await screen.findByText(/have no profit and are left out: 4\.2/)).toBeTruthy()
  })

  it('says once why there is no bridge', async () => {
    const sentence = 'There is no change to explain.'
    const none = { ...drivers, before: null, contributions: [], sentence, reason: sentence }
    serve(everything({ ...backlog, drivers: none }))
    open(backlogPage, '/supply/kpis/backlog')
    expect(await screen.findAllByText(sentence)).toHaveLength(1)
  })

  it('asks for another dimension of the drivers, kept in the URL', async () => {
    const { asked } = serve(everything())
    open(backlogPage, '/supply/kpis/backlog')
    const card = await screen.findByRole('region', { name: 'What moved it' })
    await userEvent.selectOptions(within(card).getByLabelText('Explained by'), 'segment')
    expect(new URLSearchParams(window.location.search).get('drivers_by')).toBe('segment')
    await waitFor(() => {
      expect(queries(asked)).toContainEqual(
        expect.objectContaining({ path: '/api/drivers/backlog', by: 'segment' }),
      )
    })
  })

  it('looks into a contribution: one level down, without its sums of the rest', async () => {
    const contributions = [
      ...drivers.contributions,
      { name: 'Other (3)', effect: 5, kind: 'additive' as const },
    ]
    const inner = {
      ...drivers,
      by: 'segment',
      contributions: [{ name: 'Retail', effect: 200_000, kind: 'additive' as const }],
      residual: 0,
      sentence: 'Within West, which contributed it all: Retail.',
    }
    const { asked } = serve({
      ...everything({ ...backlog, drivers: { ...drivers, contributions } }),
      'GET /api/drivers/backlog': () => inner,
    })
    open(backlogPage, '/supply/kpis/backlog')
    const card = within(await screen.findByRole('region', { name: 'What moved it' }))
    const choice = card.getByLabelText('Look into')
    expect(
      within(choice)
        .getAllByRole('option')
        .map(({ textContent }) => textContent),
    ).toEqual(['no contribution', 'West', 'North'])
    await userEvent.selectOptions(choice, 'West')
    expect(await card.findByText(inner.sentence)).toBeTruthy()
    expect(card.getByText(/West by segment; residual/)).toBeTruthy()
    expect(queries(asked)).toContainEqual(
      expect.objectContaining({ path: '/api/drivers/backlog', by: 'region', within: 'West' }),
    )
    await userEvent.selectOptions(choice, 'no contribution')
    expect(card.queryByText(inner.sentence)).toBeNull()
  })

  it('says that a contribution of what is filtered cannot be looked into', async () => {
    serve(everything())
    open(backlogPage, '/supply/kpis/backlog?region=West')
    expect(await screen.findByText(/Without filters each contribution/)).toBeTruthy()
    expect(screen.queryByLabelText('Look into')).toBeNull()
  })

  it('shows the number although its drivers and rows cannot be had', async () => {
    serve({ 'GET /api/kpis/backlog': () => backlog })
    open(backlogPage, '/supply/kpis/backlog?drivers_by=segment')
    await screen.findByTestId('kpi-value')
    expect(await screen.findByText('The drivers cannot be shown')).toBeTruthy()
    expect(await screen.findByText('The rows cannot be shown')).toBeTruthy()
  })

  it('explains a wrong request and does not offer to repeat it', async () => {
    serve({
      ...everything(),
      'GET /api/kpis/backlog': () => problem(400, 'by must be region or segment'),
    })
    open(backlogPage, '/supply/kpis/backlog?by=colour')
    const alert = await screen.findByRole('alert')
    expect(alert.textContent).toContain('by must be region or segment')
    expect(within(alert).queryByRole('button')).toBeNull()
  })

  it('recovers when the server comes back', async () => {
    serve({ 'GET /api/kpis/backlog': away })
    open(backlogPage, '/supply/kpis/backlog')
    const alert = await screen.findByRole('alert')
    expect(alert.textContent).toContain('The server cannot be reached')
    serve(everything())
    await userEvent.click(within(alert).getByRole('button', { name: 'Try again' }))
    await screen.findByTestId('kpi-value')
    expect(screen.queryByRole('alert')).toBeNull()
  })

  it('keeps the last numbers when a refresh fails, and says so', async () => {
    serve(everything())
    const { client } = open(backlogPage, '/supply/kpis/backlog')
    await screen.findByTestId('kpi-value')
    serve({ 'GET /api/kpis/backlog': away })
    await client.invalidateQueries({ queryKey: ['kpi'] })
    expect(await screen.findByText('These numbers could not be refreshed')).toBeTruthy()
    expect(screen.getByTestId('kpi-value').textContent).toContain('£1.25M')
  })
})

describe('the supply page', () => {
  it('checks the books and leads on to inventory turns', async () => {
    serve(everything())
    open(<SupplyPage />, '/supply?range=6m')
    const card = await screen.findByRole('region', { name: 'Roll-forward' })
    expect(within(card).getAllByText('Adds up')).toHaveLength(3)
    const onward = screen.getByRole('link', { name: 'Inventory turns' }).getAttribute('href')
    expect(onward).toBe('/supply/kpis/inventory_turns?range=6m&granularity=month')
  })

  it('shows by how much the books are off', async () => {
    const inputs = backlog.formula.inputs.map((input) =>
      input.name === 'closing' ? { ...input, value: 1_250_100 } : input,
    )
    serve(everything({ ...backlog, formula: { ...backlog.formula, inputs } }))
    open(<SupplyPage />, '/supply')
    expect(await screen.findByText('Off by £100.00')).toBeTruthy()
  })
})

describe('the uptime page', () => {
  it('tells which service lost the minutes', async () => {
    serve(everything(uptime))
    open(<UptimePage />, '/operations/uptime')
    const table = await screen.findByRole('table', { name: 'Weighted minutes lost by service' })
    const [, worst] = within(table).getAllByRole('row')
    expect(worst?.textContent).toMatch(/^web6/)
    expect(screen.getByTestId('kpi-value').textContent).toContain('99.95')
  })
})
