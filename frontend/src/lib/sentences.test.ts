import { afterEach, describe, expect, it, vi } from 'vitest'

async function readBy(language: string) {
  vi.resetModules()
  vi.stubGlobal('navigator', { language })
  return import('./sentences')
}

afterEach(() => {
  vi.unstubAllGlobals()
})

describe('localised', () => {
  it('writes numbers as the reader does, and nothing else', async () => {
    const { localised } = await readBy('de-DE')
    expect(localised('£1,234,567.50 / 12 = 102,880.63, +20.0 % since October 2025.')).toBe(
      '£1.234.567,50 / 12 = 102.880,63, +20,0 % since October 2025.',
    )
  })

  it('leaves the names of elements as they are', async () => {
    const { localised } = await readBy('de-DE')
    const names = ['Bolt 1.5 mm', 'Bolt 1.5 mm (2.0)', '12']
    expect(localised('Bolt 1.5 mm (2.0) contributed +£1.5k and Bolt 1.5 mm -£12.5k.', names)).toBe(
      'Bolt 1.5 mm (2.0) contributed +£1,5k and Bolt 1.5 mm -£12,5k.',
    )
  })

  it('changes nothing for a reader of English', async () => {
    const { localised } = await readBy('en-GB')
    expect(localised('1,234.50 / 3 = 411.50')).toBe('1,234.50 / 3 = 411.50')
  })
})
