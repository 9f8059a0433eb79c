import { cleanup, render, screen } from '@testing-library/preact'
import { afterEach, expect, it } from 'vitest'
import { Contributions } from './Contributions'

afterEach(cleanup)

it('tells the minutes lost beside an effect, once a service', () => {
  const effects = [
    { name: 'web', effect: -0.002, kind: 'rate' as const, minutes_lost: 86.4 },
    { name: 'web', effect: 0.001, kind: 'mix' as const, minutes_lost: 86.4 },
    { name: 'North', effect: 0.001, kind: 'rate' as const },
  ]
  render(<Contributions items={effects} format={String} goodDirection="up" />)
  expect(screen.getAllByText('86 min lost')).toHaveLength(1)
})
