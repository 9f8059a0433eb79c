import { describe, expect, it } from 'vitest'
import type { Rows } from '@/api/types'
import { cellText, isNumeric, isText } from './rows'

describe('cells of the rows behind a number', () => {
  it.each([
    ['amount', '-2093.540', '\u22122,093.540'],
    ['amount', '21170548.3', '21,170,548.3'],
    ['order_id', '12345', '12345'],
    ['booked_on', '2026-10-05', '5 Oct 2026'],
    ['period', '2025-11', 'Nov \u201925'],
    ['type', 'one_off', 'One-off'],
    ['category', 'cogs', 'COGS'],
    ['segment', 'one_off', 'one_off'],
    ['customer', 'Yarrow Paper GmbH', 'Yarrow Paper GmbH'],
    ['weight', 3, '3'],
    ['cancelled_on', null, null],
    ['region', undefined, null],
  ])('%s %j reads %j', (column, cell, text) => {
    expect(cellText(column, cell)).toBe(text)
  })

  it('knows numbers from keys and from names of several words', () => {
    const rows = [
      { customer_id: '7', amount: '1.50', customer: 'A B', region: 'West' },
      { customer_id: '8', amount: null, customer: 'C', region: 'East' },
    ] as unknown as Rows['rows']
    const columns = ['customer_id', 'amount', 'customer', 'region']
    expect(columns.map((column) => isNumeric(rows, column))).toEqual([false, true, false, false])
    expect(columns.map((column) => isText(rows, column))).toEqual([false, false, true, false])
  })
})
