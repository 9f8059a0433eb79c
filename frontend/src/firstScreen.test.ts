import { beforeEach, describe, expect, it, vi } from 'vitest'
import { afterFirstPaint, holdClicks, tellTimes } from './firstScreen'

const NOW = new Date('2026-03-07T12:00:00Z')
let root: HTMLElement
let frames: (() => void)[]

beforeEach(() => {
  document.body.innerHTML = '<div id="root"></div>'
  root = document.body.querySelector('div') ?? document.body
  frames = []
  vi.stubGlobal('requestAnimationFrame', (work: () => void) => frames.push(work))
})

function paint(): void {
  for (const work of frames.splice(0)) work()
}

function see(state: DocumentVisibilityState): void {
  vi.spyOn(document, 'visibilityState', 'get').mockReturnValue(state)
  document.dispatchEvent(new Event('visibilitychange'))
}

describe('what came with the document', () => {
  it('gets its times in the browser', () => {
    root.innerHTML =
      '<time datetime="2026-03-07T11:30:00Z">2 d</time>' +
      '<time datetime="2026-03-07T11:30:00Z" data-instant>x</time>'
    tellTimes(root, NOW)
    const [age, instant] = [...root.querySelectorAll('time')].map((time) => time.textContent)
    expect(age).toBe('30 min')
    expect(instant).toMatch(/^[78] Mar, \d\d:\d\d$/)
  })

  it('is taken over when it has been painted', () => {
    const seen: (number | null)[] = []
    afterFirstPaint((at) => seen.push(at))
    paint()
    paint()
    const painted = performance.now()
    expect(seen).toEqual([])
    paint()
    expect(seen).toHaveLength(1)
    expect(seen[0]).toBeLessThanOrEqual(painted)
    see('hidden')
    expect(seen).toHaveLength(1)
  })

  it.each([
    ['as a whole and tells when', true, [{ startTime: 321 }], 321],
    ['as a whole and has not told it yet', true, [], 1_000],
    ['in parts', false, [{ startTime: 321 }], 1_000],
  ])('was seen when a browser painted it %s', (_, waits, entries, seenAt) => {
    vi.stubGlobal('CSS', { supports: () => waits })
    vi.spyOn(performance, 'getEntriesByName').mockReturnValue(entries as PerformanceEntry[])
    vi.spyOn(performance, 'now').mockReturnValue(1_000)
    const seen: (number | null)[] = []
    afterFirstPaint((at) => seen.push(at))
    for (let frame = 0; frame < 3; frame += 1) paint()
    expect(seen).toEqual([seenAt])
  })

  it('is taken over at once when nobody sees it', () => {
    const seen: (number | null)[] = []
    afterFirstPaint((at) => seen.push(at))
    see('hidden')
    expect(seen).toEqual([null])
  })
})

describe('a click before anybody listens', () => {
  it('is done later, the last one of several', () => {
    root.innerHTML = '<button><b>1</b></button><button>2</button>'
    const [first, second] = [...root.querySelectorAll('button')]
    const letGo = holdClicks(root)
    second?.click()
    first?.querySelector('b')?.click()
    const clicked: (EventTarget | null)[] = []
    root.addEventListener('click', (event) => clicked.push(event.target))
    letGo()
    expect(clicked).toEqual([first])
  })

  it('is left alone where the browser answers it', () => {
    root.innerHTML = '<button popovertarget="menu">Menu</button>'
    const letGo = holdClicks(root)
    root.querySelector('button')?.click()
    const onClick = vi.fn()
    root.addEventListener('click', onClick)
    letGo()
    expect(onClick).not.toHaveBeenCalled()
  })
})
