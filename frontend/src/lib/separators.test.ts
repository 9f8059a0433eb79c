import { describe, expect, it } from 'vitest'
import { separatorsOf, writeNumber } from './separators'

const LOCALES = [
  ...['en-GB', 'en-US', 'en-ZA', 'de-DE', 'de-CH', 'fr-FR', 'sv-SE', 'pt-BR', 'it', 'ja'],
  ...['en-IN', 'hi-IN', 'ta-IN', 'en-PK', 'es-ES', 'pl-PL', 'bg-BG'],
]

describe('numbers in the locale of the reader', () => {
  it.each(LOCALES)('read in %s as the browser itself writes them', (locale) => {
    const separators = separatorsOf(locale)
    for (const value of [0, 0.05, 1, 999.95, 1000, 12_345.678, 123_456, 98_765_432.1]) {
      for (const digits of [0, 1, 2]) {
        const options = {
          minimumFractionDigits: digits,
          maximumFractionDigits: digits,
          useGrouping: 'always',
        } as const
        const shown = new Intl.NumberFormat(locale, options).format(value)
        expect(writeNumber(value, digits, separators)).toBe(shown)
      }
    }
  })

  it.each(['ar-EG', 'fa-IR', 'my-MM'])('have one kind of digits and separators in %s', (locale) => {
    expect(writeNumber(98_765.4, 1, separatorsOf(locale))).toBe('98,765.4')
  })

  it('read as in English where the browser does not know the locale', () => {
    expect(separatorsOf('not a locale')).toEqual({ decimal: '.', group: ',', groupDigits: 3 })
  })
})
