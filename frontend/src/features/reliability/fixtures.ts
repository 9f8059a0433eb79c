/** Objectives as the API would answer; for tests only. */
import type { Objective, ObjectiveDetail, ReleaseReport, SloReport } from './types'

export const ttfb: Objective = {
  name: 'ttfb',
  title: 'Time to first byte',
  description: "A page's first byte arrives quickly.",
  good: 1960,
  total: 2000,
  target: 0.95,
  threshold: { metric: 'ttfb_ms', unit: 'ms', op: 'lt', value: 300 },
  p95: 240.4,
  verdict: 'pass',
  minimum_events: 200,
  good_ratio: 0.98,
  interval: [0.973, 0.985],
  budget_remaining: 0.6,
  burn_rates: { '1h': 0.4, '6h': null },
  maintenance: [],
}

export const errors: Objective = {
  ...ttfb,
  name: 'api-errors',
  title: 'API answers without server errors',
  good: 9976,
  total: 10_000,
  target: 0.999,
  threshold: { metric: 'api_status_code', unit: 'status', op: 'lt', value: 500 },
  p95: 200,
  verdict: 'fail',
  good_ratio: 0.9976,
  budget_remaining: -1.4,
  burn_rates: { '1h': 14 },
}

export const clicks: Objective = {
  ...ttfb,
  name: 'drilldown-clicks',
  title: 'Clicks to a drill-down',
  good: 12,
  total: 12,
  target: 0.99,
  threshold: { metric: 'drilldown_clicks', unit: 'clicks', op: 'lte', value: 2 },
  p95: 2,
  verdict: 'insufficient_data',
  minimum_events: 1000,
  good_ratio: 1,
  budget_remaining: 1,
}

export const report: SloReport = {
  window: '7d',
  generated_at: '2026-11-22T10:00:00Z',
  objectives: [ttfb, errors, clicks],
}

export const detail: ObjectiveDetail = {
  ...ttfb,
  window: '7d',
  generated_at: report.generated_at,
  windows: [
    { window: '28d', good: 90, total: 100, p95: 410, verdict: 'fail', budget_remaining: -1 },
  ],
  daily: [
    { day: '2026-11-20', good: 95, total: 100, p95: 280 },
    { day: '2026-11-21', good: 0, total: 0, p95: null },
  ],
  slowest: [
    {
      value: 4200,
      event_time: '2026-11-20T10:00:00Z',
      event_type: 'page_view',
      trace_id: '0af7651916cd43dd8448eb211c80319c',
      release: '1.4.0',
    },
  ],
}

export const releases: ReleaseReport = {
  name: 'ttfb',
  window: '7d',
  generated_at: report.generated_at,
  not_shown: 0,
  releases: [
    {
      release: '1.4.0',
      good: 40,
      total: 300,
      good_ratio: 0.1333,
      p95: 4100,
      verdict: 'fail',
      first_seen: '2026-11-20T09:00:00Z',
      last_seen: '2026-11-22T09:30:00Z',
    },
    {
      release: null,
      good: 9,
      total: 9,
      good_ratio: 1,
      p95: 120,
      verdict: 'insufficient_data',
      first_seen: '2026-11-18T09:00:00Z',
      last_seen: '2026-11-19T10:00:00Z',
    },
  ],
}
