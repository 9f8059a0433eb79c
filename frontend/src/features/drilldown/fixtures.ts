/** A small company's backlog and uptime, as the API would answer; for tests only. */
import type { Drivers, KpiDetail, Rows, Timeframe } from '@/api/types'

export const timeframe: Timeframe = {
  range: '12m',
  start_date: '2025-11-01',
  end_date: '2026-10-31',
  granularity: 'month',
  as_of: '2026-11-21',
  fiscal_year_start_month: 1,
}

export const drivers: Drivers = {
  metric: 'backlog',
  by: 'region',
  dimensions: ['region', 'segment'],
  timeframe,
  unit: 'money',
  now: 1_250_000,
  before: 1_100_000,
  change: 150_000,
  contributions: [
    { name: 'West', effect: 200_000, kind: 'additive' },
    { name: 'North', effect: -60_000, kind: 'additive' },
  ],
  positive: 200_000,
  negative: -60_000,
  residual: 10_000,
  offsetting: false,
  sentence: 'West contributed most.',
}

export const backlog: KpiDetail = {
  metric: 'backlog',
  label: 'Backlog',
  unit: 'money',
  currency: '£',
  timeframe,
  value: 1_250_000,
  definition: 'Booked by the end of the window, neither recognized nor cancelled by then.',
  series: [
    {
      period: '2026-09',
      value: 1_200_000,
      parts: {
        opening: 1_100_000,
        booked: 300_000,
        recognized: 190_000,
        cancelled: 10_000,
        closing: 1_200_000,
      },
    },
    {
      period: '2026-10',
      value: 1_250_000,
      parts: {
        opening: 1_200_000,
        booked: 250_000,
        recognized: 200_000,
        cancelled: 0,
        closing: 1_250_000,
      },
    },
  ],
  by: 'region',
  dimensions: ['region', 'segment'],
  filterable: ['region', 'segment'],
  breakdown: [
    { name: 'North', value: 500_000, share: 0.4 },
    { name: 'West', value: 750_000, share: 0.6 },
  ],
  drivers,
  formula: {
    text: 'opening + booked - recognized - cancelled = closing',
    worked: '1,100,000 + 550,000 - 390,000 - 10,000 = 1,250,000',
    inputs: [
      { name: 'opening', value: 1_100_000, unit: 'money' },
      { name: 'booked', value: 550_000, unit: 'money' },
      { name: 'recognized', value: 390_000, unit: 'money' },
      { name: 'cancelled', value: 10_000, unit: 'money' },
      { name: 'closing', value: 1_250_000, unit: 'money' },
    ],
  },
  row_counts: { orders: 1234 },
  rows: '/api/kpis/backlog/rows',
  warnings: [],
  kpi: {
    key: 'backlog',
    label: 'Backlog',
    value: 1_250_000,
    unit: '£',
    delta: 0.136,
    deltaAbs: 150_000,
    deltaUnit: 'money',
    direction: 'up',
    goodDirection: 'down',
    status: 'watch',
    target: 1_000_000,
    warnings: [],
    definition: 'Booked, not delivered.',
    drilldown: '/supply',
    sparkline: [1_200_000, 1_250_000],
  },
}

export const uptime: KpiDetail = {
  ...backlog,
  metric: 'uptime',
  label: 'Uptime',
  unit: 'ratio',
  value: 0.9995,
  series: [
    { period: '2026-09', value: null, reason: 'no_data', parts: {} },
    {
      period: '2026-10',
      value: 0.9995,
      parts: { up_seconds: 1_199_400, observed_seconds: 1_200_000 },
    },
  ],
  drivers: { ...drivers, metric: 'uptime', by: 'service', dimensions: ['service'], unit: 'pp' },
  by: 'service',
  dimensions: ['service'],
  filterable: ['service'],
  breakdown: [
    { name: 'api', value: 1, share: 0.25 },
    { name: 'web', value: 0.9994, share: 0.5 },
    { name: 'mail', value: 0.9992, share: 0.25 },
  ],
  formula: {
    text: 'up / observed',
    worked: '1,199,400 / 1,200,000',
    inputs: [
      { name: 'up_seconds', value: 1_199_400, unit: 'seconds' },
      { name: 'observed_seconds', value: 1_200_000, unit: 'seconds' },
    ],
  },
}

export const rows: Rows = {
  rows: [{ order_id: 'O-1', amount: '120.50', recognized_on: null }],
  total: 60,
  page: 1,
  page_size: 25,
}
