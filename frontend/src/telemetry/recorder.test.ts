import { beforeEach, describe, expect, it } from 'vitest'
import { Attention } from './attention'
import type { EventType, Meta } from './event'
import { Recorder } from './recorder'

const FRAME_MS = 16

let at: number
let sent: { type: EventType; meta: Meta }[]
let timesSent: number
let paints: ((paintedAt: number) => void)[]
let attention: Attention
let recorder: Recorder

const newRecorder = (firstScreenAt: number | null) =>
  new Recorder({
    clock: { now: () => at, wall: () => at },
    attention,
    activationStart: () => 0,
    firstScreenAt,
    afterPaint: (work) => paints.push(work),
    emit: (type, meta) => sent.push({ type, meta }),
    traceId: 'abc',
    send: async () => {
      timesSent += 1
      return Promise.resolve()
    },
  })
const trusted = (timeStamp: number) => ({ isTrusted: true, timeStamp })
const paint = () => {
  at += FRAME_MS
  for (const work of paints.splice(0)) work(at)
}
const metaOf = (type: EventType) =>
  sent.filter((event) => event.type === type).map((event) => event.meta)

beforeEach(() => {
  at = 0
  sent = []
  timesSent = 0
  paints = []
  const clock = { now: () => at, wall: () => at }
  attention = new Attention(clock, false)
  recorder = newRecorder(null)
})

describe('a page view', () => {
  it('is sent once, with both of its timings', () => {
    at = 400
    recorder.pageDrawn('/dashboard')
    paint()
    expect(sent).toEqual([])
    recorder.firstByte(120, 'navigate')
    at = 900
    recorder.pageDrawn('/dashboard')
    paint()
    expect(metaOf('page_view')).toEqual([
      {
        ttfb_ms: 120,
        render_total_ms: 416,
        to: '/dashboard',
        trace_id: 'abc',
        navigation_type: 'navigate',
      },
    ])
  })

  it('was complete when the screen that came with the document was painted', () => {
    recorder = newRecorder(250)
    at = 400
    recorder.pageDrawn('/dashboard')
    paint()
    recorder.firstByte(120, 'navigate')
    expect(metaOf('page_view')[0]?.['render_total_ms']).toBe(250)
  })

  it('has no rendering time when the page was hidden before it was drawn', () => {
    recorder.firstByte(120, 'navigate')
    at = 100
    attention.visibilityChanged(true)
    at = 200
    attention.visibilityChanged(false)
    at = 300
    recorder.pageDrawn('/dashboard')
    paint()
    expect(metaOf('page_view')).toEqual([
      { ttfb_ms: 120, to: '/dashboard', trace_id: 'abc', navigation_type: 'navigate' },
    ])
  })

  it('has no rendering time when it began on another page', () => {
    recorder.firstByte(80, 'reload')
    recorder.pageDrawn('/supply')
    paint()
    recorder.pageDrawn('/dashboard')
    paint()
    expect(metaOf('page_view')).toHaveLength(1)
    expect(metaOf('page_view')[0]).not.toHaveProperty('render_total_ms')
  })

  it('is sent with what is known when the reader leaves before the end', () => {
    recorder.firstByte(80, 'navigate')
    void recorder.leave()
    void recorder.leave()
    expect(timesSent).toBe(2)
    expect(metaOf('page_view')).toEqual([
      { ttfb_ms: 80, trace_id: 'abc', navigation_type: 'navigate' },
    ])
  })
})

describe('a switch', () => {
  it('is no sample when the reader goes on to another page before it is drawn', () => {
    recorder.beginSwitch(trusted(0), '/dashboard', '12m month', '12m quarter')
    at = 1_000
    recorder.pageDrawn('/sales/kpis/revenue')
    paint()
    recorder.pageDrawn('/dashboard')
    paint()
    expect(metaOf('switch_range_or_granularity')).toEqual([])
  })

  it('lasts from the input, its delay included, to the paint', () => {
    at = 1_050
    recorder.beginSwitch(trusted(1_000), '/dashboard', '12m month', '6m month')
    at = 1_080
    recorder.pageDrawn('/dashboard')
    paint()
    expect(metaOf('switch_range_or_granularity')).toEqual([
      { switch_latency_ms: 96, from: '12m month', to: '6m month' },
    ])
  })

  it('is no sample when another one supersedes it', () => {
    recorder.beginSwitch(trusted(0), '/dashboard', '12m month', '6m month')
    recorder.pageDrawn('/dashboard')
    recorder.beginSwitch(trusted(5), '/dashboard', '6m month', '6m quarter')
    paint()
    expect(sent.filter(({ type }) => type !== 'page_view')).toEqual([])
    recorder.pageDrawn('/dashboard')
    paint()
    expect(metaOf('switch_range_or_granularity')).toHaveLength(1)
  })

  it('is no sample when a script made it, or when the page was hidden meanwhile', () => {
    recorder.beginSwitch({ isTrusted: false, timeStamp: 0 }, '/dashboard', 'a', 'b')
    recorder.pageDrawn('/dashboard')
    paint()
    recorder.beginSwitch(trusted(at), '/dashboard', 'a', 'b')
    attention.visibilityChanged(true)
    attention.visibilityChanged(false)
    recorder.pageDrawn('/dashboard')
    paint()
    expect(metaOf('switch_range_or_granularity')).toEqual([])
  })
})

describe('a drill-down', () => {
  it('lasts from the first click until its page is drawn, and counts the clicks', () => {
    at = 2_000
    recorder.click(trusted(2_000), '/dashboard', true)
    at = 2_700
    recorder.click(trusted(2_700), '/dashboard', true)
    at = 2_900
    recorder.pageDrawn('/supply/kpis/inventory_turns')
    paint()
    expect(metaOf('drilldown')).toEqual([
      {
        drilldown_duration_ms: 916,
        drilldown_clicks: 2,
        kpi: 'inventory_turns',
        from: '/dashboard',
        to: '/supply/kpis/inventory_turns',
      },
    ])
  })

  it('counts no clicks when it did not begin on the dashboard', () => {
    recorder.click(trusted(0), '/supply', true)
    recorder.pageDrawn('/operations/uptime')
    paint()
    expect(metaOf('drilldown')[0]).toMatchObject({ kpi: 'uptime', from: '/supply' })
    expect(metaOf('drilldown')[0]).not.toHaveProperty('drilldown_clicks')
  })

  it('begins anew after a click on something else', () => {
    recorder.click(trusted(0), '/dashboard', true)
    recorder.click(trusted(10), '/dashboard', false)
    recorder.click(trusted(20), '/dashboard', true)
    at = 30
    recorder.pageDrawn('/supply')
    paint()
    expect(metaOf('drilldown')[0]).toMatchObject({ drilldown_clicks: 1, drilldown_duration_ms: 26 })
  })

  it('is none when the way leads back to the dashboard', () => {
    recorder.click(trusted(0), '/supply', true)
    recorder.pageDrawn('/dashboard')
    paint()
    expect(metaOf('drilldown')).toEqual([])
  })

  it('waits for another page: a redrawn dashboard is not it', () => {
    recorder.click(trusted(0), '/dashboard', true)
    recorder.pageDrawn('/dashboard')
    paint()
    recorder.pageDrawn('/supply')
    paint()
    expect(metaOf('drilldown')).toHaveLength(1)
  })
})

describe('polls', () => {
  it('are measured from one answer to the next', () => {
    at = 1_000
    recorder.pollCompleted()
    for (let beats = 0; beats < 6; beats += 1) {
      at += 5_000
      attention.beat()
    }
    recorder.pollCompleted()
    expect(metaOf('alerts_poll')).toEqual([{ alerts_poll_interval_ms: 30_000 }])
  })

  it('are no sample across a time when nobody looked, or across a stop', () => {
    recorder.pollCompleted()
    at = 10
    attention.visibilityChanged(true)
    attention.visibilityChanged(false)
    at = 20
    recorder.pollCompleted()
    recorder.pollsStopped()
    at = 30
    recorder.pollCompleted()
    expect(metaOf('alerts_poll')).toEqual([])
  })
})

describe('the use of a feature', () => {
  it('tells what was used, where, and for which KPI where there is one', () => {
    recorder.featureUsed('theme', '/dashboard')
    recorder.featureUsed('rows', '/finance/kpis/gm')
    recorder.featureUsed('why', '/dashboard', 'arr')
    expect(metaOf('feature_use')).toEqual([
      { feature: 'theme', from: '/dashboard' },
      { feature: 'rows', kpi: 'gm', from: '/finance/kpis/gm' },
      { feature: 'why', kpi: 'arr', from: '/dashboard' },
    ])
  })

  it('is a file of Excel, too', () => {
    recorder.exported('xlsx table', '/finance/kpis/gm')
    recorder.exported('csv', '/dashboard')
    expect(sent).toEqual([
      {
        type: 'feature_use',
        meta: { feature: 'export_xlsx', kpi: 'gm', from: '/finance/kpis/gm', to: 'xlsx table' },
      },
      { type: 'export_csv', meta: { from: '/dashboard', to: 'csv' } },
    ])
  })

  it('takes nothing from what is being measured', () => {
    recorder.beginSwitch(trusted(100), '/dashboard', '12m month', '12m quarter')
    recorder.featureUsed('theme', '/dashboard')
    at = 150
    recorder.pageDrawn('/dashboard')
    paint()
    expect(metaOf('switch_range_or_granularity')[0]?.['switch_latency_ms']).toBe(66)
  })
})

describe('errors', () => {
  it('are named without their message, and no more than ten of them', () => {
    for (let index = 0; index < 20; index += 1) {
      recorder.clientError('TypeError', 'index-abc.js:1:42', '/dashboard')
    }
    expect(metaOf('client_error')).toHaveLength(10)
    expect(metaOf('client_error')[0]).toEqual({
      error: 'TypeError',
      at: 'index-abc.js:1:42',
      to: '/dashboard',
    })
  })
})
