import { afterEach, expect, it, vi } from 'vitest'
import { afterPaint } from './afterPaint'

const frames: (() => void)[] = []
const tasks: (() => void)[] = []

const run = (queue: (() => void)[]) => {
  for (const work of queue.splice(0)) work()
}

afterEach(() => {
  vi.unstubAllGlobals()
})

it('does all that waits for one frame in one task, and what comes later in another', () => {
  vi.stubGlobal('requestAnimationFrame', (work: () => void) => frames.push(work))
  vi.stubGlobal('setTimeout', (work: () => void) => tasks.push(work))
  const done: string[] = []
  const note = (name: string) => () => done.push(name)
  afterPaint(note('one'))
  afterPaint(note('other'))
  run(frames)
  afterPaint(note('later'))
  run(frames)
  expect(done).toEqual([])
  expect(tasks).toHaveLength(1)
  run(tasks)
  expect(done).toEqual(['one', 'other'])
  run(frames)
  run(tasks)
  expect(done).toEqual(['one', 'other', 'later'])
})
