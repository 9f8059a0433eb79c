import { expect, it } from 'vitest'
import { elementsIn } from './elements'

it('counts elements, not their effects, and those that are summed up', () => {
  const names = ['North', 'North', 'South', 'Other (150)', 'Other (150)']
  expect(elementsIn(names.map((name) => ({ name })))).toBe(152)
  expect(elementsIn([])).toBe(0)
})
