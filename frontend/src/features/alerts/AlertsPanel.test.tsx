import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { cleanup, render, screen, within } from '@testing-library/preact'
import userEvent from '@testing-library/user-event'
import { afterEach, describe, expect, it } from 'vitest'
import type { Alert } from '@/api/types'
import { formatInstant } from '@/lib/format'
import { serve } from '@/testing/api'
import { AlertsPanel } from './AlertsPanel'

const HEARD = '2026-11-22T07:10:00Z'
const burning: Alert = {
  id: 1,
  type: 'slo_burn',
  title: 'First screen drawn: the error budget burns',
  description: 'Over the last hour 31 % of page views took longer than a second.',
  severity: 'high',
  status: 'open',
  created_at: HEARD,
}

function show(alert: Alert) {
  serve({ 'GET /api/alerts/1/history': () => ({ alert_id: 1, events: [] }) })
  render(
    <QueryClientProvider client={new QueryClient()}>
      <AlertsPanel seed={{ alerts: [alert], generated_at: HEARD }} />
    </QueryClientProvider>,
  )
  return within(screen.getByRole('list', { name: 'Alerts' }))
}

afterEach(() => {
  cleanup()
})

describe('an alert that Alertmanager no longer repeats', () => {
  it('says since when, in the list and in its details', async () => {
    const list = show({ ...burning, unconfirmed_since: HEARD })
    const said = list.getByText(/Not confirmed since/)
    expect(said.textContent).toContain(`Not confirmed since ${formatInstant(HEARD)}`)
    await userEvent.click(list.getByRole('button', { name: /^Details/ }))
    expect(list.getByText(/It may still burn, or be over/)).toBeDefined()
  })

  it('says who handles it beside', () => {
    const list = show({ ...burning, assignee: 'Ada', unconfirmed_since: HEARD })
    expect(list.getByText('Ada')).toBeDefined()
    expect(list.getByText(/Not confirmed since/)).toBeDefined()
  })

  it('says nothing of the kind while it is repeated', async () => {
    const list = show(burning)
    await userEvent.click(list.getByRole('button', { name: /^Details/ }))
    expect(list.queryByText(/Not confirmed since/)).toBeNull()
  })
})
