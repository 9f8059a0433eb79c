import { describe, expect, it } from 'vitest'
import { toCsv } from './csv'
import { fileName } from './tableFile'

describe('a table as CSV', () => {
  it('keeps numbers, negative ones too, and leaves what is missing empty', () => {
    expect(toCsv([['Oct', -12.5, null, 0]])).toBe('\ufeffOct,-12.5,,0\r\n')
  })

  it.each(['=1+1', '+44', '-2+3', '@SUM(A1)', '\tx', '\uff1d1'])('does not run %j', (text) => {
    expect(toCsv([[text]])).toBe(`\ufeff'${text}\r\n`)
  })

  it('quotes what would break a line or a cell', () => {
    expect(toCsv([['a "b", c', 'd\ne']])).toBe('\ufeff"a ""b"", c","d\ne"\r\n')
  })

  it('is called after its title', () => {
    expect(fileName('Erlöse: by month!', 'csv')).toBe('erlöse-by-month.csv')
    expect(fileName('***', 'csv')).toBe('table.csv')
  })
})
