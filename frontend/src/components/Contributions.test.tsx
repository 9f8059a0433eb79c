import { cleanup, render, screen } from '@testing-library/preact'
import { afterEach, expect, it } from 'vitest'
import { Contributions } from './Contributions'

afterEach(cleanup)

function rowsOf(goodDirection: 'up' | 'down' | null) {
  const effects = [
    { name: 'North', effect: 3, kind: 'additive' as const },
    { name: 'South', effect: -2, kind: 'additive' as const },
    { name: 'West', effect: 0, kind: 'additive' as const },
  ]
  render(<Contributions items={effects} format={String} goodDirection={goodDirection} />)
  return screen.getAllByRole('listitem').map(({ textContent }) => textContent)
}

it('says in a word what the colour of a bar says', () => {
  expect(rowsOf('up')).toEqual(['North3 better', 'South-2 worse', 'West0'])
  cleanup()
  expect(rowsOf('down')).toEqual(['North3 worse', 'South-2 better', 'West0'])
})

it('judges no part of a whole', () => {
  expect(rowsOf(null)).toEqual(['North3', 'South-2', 'West0'])
})

it('tells the minutes lost beside an effect, once a service', () => {
  const effects = [
    { name: 'web', effect: -0.002, kind: 'rate' as const, minutes_lost: 86.4 },
    { name: 'web', effect: 0.001, kind: 'mix' as const, minutes_lost: 86.4 },
    { name: 'North', effect: 0.001, kind: 'rate' as const },
  ]
  render(<Contributions items={effects} format={String} goodDirection="up" />)
  expect(screen.getAllByText('86 min lost')).toHaveLength(1)
})
