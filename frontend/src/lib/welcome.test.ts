import { expect, it } from 'vitest'
import { drivers } from '@/testing/fixtures'
import { welcomeEffect } from './welcome'

it.each([
  ['backlog', 'movement', null],
  ['pipeline', 'movement', null],
  ['pipeline', 'stage', 'up'],
  ['nrr', 'movement', 'up'],
] as const)('%s by %s is welcome %s', (metric, by, expected) => {
  expect(welcomeEffect({ ...drivers, metric, by }, 'up')).toBe(expected)
})

it('knows no better or worse without a window before', () => {
  expect(welcomeEffect({ ...drivers, before: null }, 'up')).toBeNull()
})
