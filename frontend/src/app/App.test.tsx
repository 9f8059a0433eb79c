import { cleanup, render, screen, waitFor, within } from '@testing-library/preact'
import userEvent from '@testing-library/user-event'
import { afterEach, describe, expect, it } from 'vitest'
import { adoptFirstData, readFirstData } from '@/api/firstData'
import type { Alert, Dashboard } from '@/api/types'
import { problem, serve } from '@/testing/api'
import { alerts, dashboard, drivers } from '@/testing/fixtures'
import { App } from './App'
import { createQueryClient } from './queryClient'

const user = userEvent.setup()

/** The window that was asked for, with numbers of its own. */
function answer(request: Request): Dashboard {
  const { searchParams } = new URL(request.url)
  const range = searchParams.get('range') === '6m' ? '6m' : '12m'
  const granularity = searchParams.get('granularity') === 'quarter' ? 'quarter' : 'month'
  return {
    ...dashboard,
    timeframe: { ...dashboard.timeframe, range, granularity },
    executiveKpis: dashboard.executiveKpis.map((kpi) =>
      kpi.key === 'revenue' && range === '6m' ? { ...kpi, value: 21_000_000 } : kpi,
    ),
  }
}

function server() {
  return serve({
    'GET /api/executive-dashboard': answer,
    'GET /api/alerts': () => ({ alerts, generated_at: dashboard.freshness.generated_at }),
    'GET /api/drivers/backlog': () => drivers,
    'GET /api/drivers/gm': () => ({ ...drivers, metric: 'gm', sentence: 'EMEA lost margin.' }),
  })
}

function open(path: string, first?: { path: string; body: Dashboard }) {
  history.replaceState(null, '', path)
  const client = createQueryClient()
  client.setDefaultOptions({ queries: { ...client.getDefaultOptions().queries, retryDelay: 0 } })
  if (first !== undefined) {
    const block = document.createElement('script')
    block.type = 'application/json'
    block.id = 'first-data'
    block.textContent = JSON.stringify(first)
    document.body.append(block)
    const carried = readFirstData(document)
    if (carried !== null) adoptFirstData(client, carried)
  }
  return render(<App queryClient={client} />)
}

function session(pages: string[]) {
  return { accounts: true, person: { name: 'Ada', roles: ['sre'], pages }, sign_in: null }
}

const card = async (name: string) => {
  const heading = await screen.findByRole('link', { name })
  const found = heading.closest('article')
  if (found === null) throw new Error(`${name} has no card`)
  return within(found)
}

afterEach(() => {
  cleanup()
  document.getElementById('first-data')?.remove()
})

describe('the first screen', () => {
  it('shows all ten numbers, each leading to its page with the view kept', async () => {
    server()
    open('/dashboard?range=12m&granularity=quarter&as_of=2026-11-21')
    for (const kpi of dashboard.executiveKpis) {
      const link = await screen.findByRole('link', { name: new RegExp(`^${kpi.label}(:|$)`) })
      expect(link.getAttribute('href')).toBe(
        `${kpi.drilldown}?range=12m&granularity=quarter&as_of=2026-11-21`,
      )
    }
  })

  it('says whose page a number leads to that has none of its own', async () => {
    server()
    open('/dashboard')
    for (const name of [
      'Book-to-Bill: the page of Recognized Revenue',
      'Coverage Months: the page of Backlog',
      'Forecast: the page of Open Pipeline',
    ]) {
      expect(await screen.findByRole('link', { name })).toBeTruthy()
    }
  })

  it('names the windows of its reasons where the cards are held against targets', async () => {
    const { timeframe } = dashboard
    const comparison = {
      compare: 'ytd_target' as const,
      start_date: '2025-01-01',
      end_date: '2025-10-31',
    }
    serve({
      'GET /api/executive-dashboard': answer,
      'GET /api/alerts': () => ({ alerts, generated_at: dashboard.freshness.generated_at }),
      'GET /api/drivers/backlog': () => ({ ...drivers, timeframe, comparison }),
    })
    open('/dashboard?compare=ytd_target')
    const note = await screen.findByText(/not with the target/)
    expect(note.textContent).toContain('with Jan 2025 – Oct 2025, not with the target.')
  })

  it('says how much, against what, and whether that is good, in words too', async () => {
    server()
    open('/dashboard')
    const backlog = await card('Backlog')
    expect(backlog.getByText('£8.41M')).toBeDefined()
    expect(backlog.getByText('Act')).toBeDefined()
    expect(backlog.getByText('Target £6M')).toBeDefined()
    expect(backlog.getByText(/\+£1.3M/).textContent).toContain('worse')
  })

  it('shows a missing number as no data with its reason, never as 0', async () => {
    server()
    open('/dashboard')
    const payback = await card('CAC Payback')
    expect(payback.getByText('No data')).toBeDefined()
    expect(payback.getByText('The cost is not recovered')).toBeDefined()
    expect(payback.queryByText(/^0/)).toBeNull()
  })

  it('explains the KPI that most needs it, and another one on request', async () => {
    server()
    open('/dashboard')
    expect(await screen.findByText(drivers.sentence)).toBeDefined()
    await user.click(screen.getByRole('button', { name: 'Why: Gross Margin' }))
    expect(await screen.findByText('EMEA lost margin.')).toBeDefined()
    expect(location.search).toContain('why=gm')
  })

  it('tells the warnings and targets of the smaller numbers, too', async () => {
    const kpis = dashboard.executiveKpis.map((kpi) =>
      kpi.key === 'arr' ? { ...kpi, target: 27_000_000 } : kpi,
    )
    server()
    open('/dashboard', {
      path: '/api/executive-dashboard',
      body: { ...dashboard, executiveKpis: kpis },
    })
    expect(await screen.findByText('Less than six months of history')).toBeDefined()
    expect(screen.getByText('Target £27M')).toBeDefined()
  })

  it('tells how old the data are where they ended some days ago', () => {
    server()
    const freshness = { ...dashboard.freshness, data_as_of: '2026-11-08' }
    open('/dashboard', {
      path: '/api/executive-dashboard',
      body: { ...dashboard, freshness },
    })
    expect(screen.getByText('data to 8 Nov 2026, 14 days ago')).toBeDefined()
  })

  it('judges what is overdue by the day of the answer', () => {
    server()
    const freshness = { ...dashboard.freshness, today: '2026-12-13' }
    open('/dashboard', {
      path: '/api/executive-dashboard',
      body: { ...dashboard, freshness },
    })
    expect(screen.getByText('Overdue since 12 Dec 2026')).toBeDefined()
  })

  it('marks what is overdue', async () => {
    server()
    open('/dashboard')
    expect(await screen.findByText('Overdue since 15 Oct 2026')).toBeDefined()
    expect(screen.getByText('Due 12 Dec 2026')).toBeDefined()
  })

  it('asks for nothing that the document brought', () => {
    const { asked } = server()
    open('/dashboard', { path: '/api/executive-dashboard', body: dashboard })
    expect(screen.getByText('£8.41M')).toBeDefined()
    expect(screen.getByText('Backlog above its act line')).toBeDefined()
    expect(asked.filter((path) => path.includes('executive') || path.includes('alerts'))).toEqual(
      [],
    )
  })
})

describe('the view', () => {
  it('changes with the URL, and back again', async () => {
    server()
    open('/dashboard')
    await user.click(await screen.findByRole('button', { name: '6 months' }))
    expect(location.search).toBe('?range=6m&granularity=month')
    expect(await screen.findByText('£21M')).toBeDefined()
    history.back()
    expect(await screen.findByText('£41.2M')).toBeDefined()
    expect(location.search).toBe('')
  })

  it('is what the URL says on arrival', async () => {
    const { asked } = server()
    open('/dashboard?range=6m&granularity=quarter&as_of=2026-03-31')
    const quarter = await screen.findByRole('button', { name: 'Quarter' })
    expect(quarter.getAttribute('aria-pressed')).toBe('true')
    expect(asked).toContain(
      'GET /api/executive-dashboard?range=6m&granularity=quarter&as_of=2026-03-31',
    )
  })
})

describe('honesty', () => {
  const changed = (change: Partial<Dashboard['freshness']>): Dashboard => ({
    ...dashboard,
    freshness: { ...dashboard.freshness, ...change },
  })

  it('labels demonstration data', async () => {
    server()
    open('/dashboard')
    expect(await screen.findByText('Demo data')).toBeDefined()
  })

  it('says when the numbers are the last good ones', async () => {
    server().replies['GET /api/executive-dashboard'] = () => changed({ stale: true })
    open('/dashboard')
    expect(await screen.findByText('Not current.')).toBeDefined()
  })

  it('says when the data end before the window, and leads to their last day', async () => {
    server().replies['GET /api/executive-dashboard'] = () => changed({ data_as_of: '2017-12-30' })
    open('/dashboard')
    const link = await screen.findByRole('link', { name: /as of that day/ })
    expect(link.getAttribute('href')).toBe(
      '/dashboard?range=12m&granularity=month&as_of=2017-12-30',
    )
  })

  it('says how to begin when nothing was imported', async () => {
    server().replies['GET /api/executive-dashboard'] = () =>
      changed({ data_as_of: null, demo: false, sources: [] })
    open('/dashboard')
    expect(await screen.findByText('execdash import orders orders.csv')).toBeDefined()
  })

  it('keeps its shell and gives the reason when there is no answer, then recovers', async () => {
    const { replies } = server()
    replies['GET /api/executive-dashboard'] = () => problem(503, 'The database is away.')
    open('/dashboard')
    expect(await screen.findByText('The database is away.')).toBeDefined()
    expect(screen.getByRole('navigation', { name: 'Pages' })).toBeDefined()
    expect(screen.queryByRole('heading', { name: /Now/ })).toBeNull()
    replies['GET /api/executive-dashboard'] = answer
    await user.click(screen.getByRole('button', { name: 'Try again' }))
    expect(await screen.findByText('£8.41M')).toBeDefined()
  })

  it('does not offer to repeat what can never succeed', async () => {
    server().replies['GET /api/executive-dashboard'] = () => problem(400, 'as_of: too early')
    open('/dashboard?as_of=0001-01-01')
    expect(await screen.findByText('as_of: too early')).toBeDefined()
    expect(screen.queryByRole('button', { name: 'Try again' })).toBeNull()
  })
})

describe('alerts', () => {
  const item = async (title: string) => {
    const heading = await screen.findByRole('heading', { name: title })
    const found = heading.closest('li')
    if (found === null) throw new Error(title)
    return within(found)
  }
  const acted = (change: Partial<Alert>) => async () => {
    const [first] = alerts
    return Promise.resolve({ ...first, ...change })
  }

  it('are acknowledged', async () => {
    server().replies['POST /api/alerts/3/acknowledge'] = acted({ status: 'acknowledged' })
    open('/dashboard')
    const alert = await item('Backlog above its act line')
    await user.click(alert.getByRole('button', { name: /^Acknowledge/ }))
    expect(await alert.findByText('Acknowledged')).toBeDefined()
    const done = alert.getByRole('button', { name: /^Acknowledge/ })
    expect(done.getAttribute('aria-disabled')).toBe('true')
  })

  it('are assigned to the name that was typed', async () => {
    const { replies } = server()
    let body: unknown
    replies['POST /api/alerts/3/assign'] = async (request) => {
      body = await request.json()
      return acted({ assignee: 'Ada' })()
    }
    open('/dashboard')
    const alert = await item('Backlog above its act line')
    await user.click(alert.getByRole('button', { name: /^Assign:/ }))
    await user.type(alert.getByRole('textbox'), ' Ada {Enter}')
    expect(document.activeElement).toBe(alert.getByRole('button', { name: /^Assign:/ }))
    expect(await alert.findByText('Ada')).toBeDefined()
    expect(alert.getByRole('status').textContent).toBe('It is assigned.')
    expect(document.activeElement).toBe(alert.getByRole('button', { name: /^Assign:/ }))
    expect(body).toEqual({ assignee: 'Ada' })
  })

  it('are snoozed for the time that was chosen', async () => {
    const { replies } = server()
    let until = ''
    replies['POST /api/alerts/3/snooze'] = async (request) => {
      until = ((await request.json()) as { until: string }).until
      return acted({ status: 'snoozed', snoozed_until: until })()
    }
    open('/dashboard')
    const alert = await item('Backlog above its act line')
    await user.click(alert.getByRole('button', { name: /^Snooze:/ }))
    await user.click(alert.getByRole('button', { name: 'for 4 hours' }))
    expect(await alert.findByText(/Snoozed until/)).toBeDefined()
    const hours = (Date.parse(until) - Date.now()) / 3_600_000
    expect(hours).toBeCloseTo(4, 1)
  })

  it('leave when resolved, and the reader stays in the list', async () => {
    server().replies['POST /api/alerts/3/resolve'] = acted({ status: 'resolved' })
    open('/dashboard')
    const alert = await item('Backlog above its act line')
    await user.click(alert.getByRole('button', { name: /^Resolve/ }))
    await waitFor(() => {
      expect(screen.queryByText('Backlog above its act line')).toBeNull()
    })
    expect(document.activeElement?.closest('[aria-label="Alerts"]')).not.toBeNull()
  })

  it('say why an action was refused, and stay', async () => {
    server().replies['POST /api/alerts/3/resolve'] = () => problem(409, 'It is already resolved.')
    open('/dashboard')
    const alert = await item('Backlog above its act line')
    await user.click(alert.getByRole('button', { name: /^Resolve/ }))
    expect(await alert.findByText('It is already resolved.')).toBeDefined()
  })
})

describe('ways', () => {
  it('lead from any page to every page of the product', async () => {
    server()
    open('/dashboard')
    await screen.findByText('£8.41M')
    const hrefs = [...document.querySelectorAll('a')].map(({ pathname }) => pathname)
    for (const path of [
      '/operations/uptime',
      '/sales/kpis/pipeline',
      '/sales/kpis/revenue',
      '/supply',
      '/supply/kpis/inventory_turns',
      '/finance/kpis/revenue',
      '/finance/kpis/nrr',
      '/finance/kpis/gm',
      '/finance/kpis/payback',
      '/finance/kpis/arr',
      '/reliability',
    ]) {
      expect(hrefs).toContain(path)
    }
  })

  it('put the focus on the page that was reached', async () => {
    server()
    open('/dashboard')
    await user.click(await screen.findByRole('link', { name: 'Backlog' }))
    await waitFor(() => {
      expect(location.pathname).toBe('/supply')
      expect(document.activeElement?.id).toBe('main')
    })
  })

  it('lead from the root to the dashboard, the view kept', async () => {
    server()
    open('/?range=6m')
    await waitFor(() => {
      expect(`${location.pathname}${location.search}`).toBe('/dashboard?range=6m')
    })
  })

  it('end at a plain word when there is no such page', async () => {
    server()
    open('/nowhere')
    const heading = await screen.findByRole('heading', { level: 1 })
    expect(heading.textContent).toBe('There is no such page')
    const way = screen.getByRole('link', { name: 'Back to the dashboard' })
    expect(way.getAttribute('href')).toContain('/dashboard')
  })

  it('end at a way to a page that is open to whoever came there', async () => {
    server().replies['GET /api/session'] = () => session(['/reliability'])
    open('/nowhere')
    const way = await screen.findByRole('link', { name: 'Back to Reliability' })
    expect(way.getAttribute('href')).toContain('/reliability')
  })
})

describe('the palette', () => {
  const names = async () => {
    await user.click(screen.getByRole('button', { name: 'Commands' }))
    const found = await screen.findAllByRole('option')
    return found.map((option) => option.firstElementChild?.textContent)
  }

  it('lists only the pages and files that the reader may open', async () => {
    const { replies, asked } = server()
    replies['GET /api/session'] = () => session(['/reliability'])
    open('/reliability')
    await waitFor(() => {
      expect(asked).toContain('GET /api/session')
    })
    await screen.findByText('Ada')
    expect(await names()).toEqual([
      'Operations: Reliability',
      'Switch to the dark theme',
      'Kiosk mode, for a wall',
      'Print',
      'Keyboard shortcuts',
    ])
  })

  it('holds the numbers against something else', async () => {
    server()
    open('/dashboard')
    await screen.findByText('£8.41M')
    expect(await names()).toEqual(expect.arrayContaining(['Window before', 'Year to date, target']))
    await user.type(screen.getByRole('combobox', { name: 'Search commands' }), 'a year ago{Enter}')
    expect(location.search).toContain('compare=year_ago')
  })
})
