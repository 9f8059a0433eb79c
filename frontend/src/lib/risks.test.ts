import { describe, expect, it } from 'vitest'
import type { Risk } from '@/api/types'
import { byUrgency, isOverdue } from './risks'

const risk = (id: number, due: string, status = 'open'): Risk => ({
  id,
  title: `Risk ${id}`,
  owner: 'Mia',
  due,
  mitigation: '',
  status,
})

describe('risks', () => {
  it('are overdue the day after they were due', () => {
    expect(isOverdue(risk(1, '2026-11-21'), '2026-11-22')).toBe(true)
    expect(isOverdue(risk(1, '2026-11-22'), '2026-11-22')).toBe(false)
  })

  it('are never overdue once closed', () => {
    expect(isOverdue(risk(1, '2020-01-01', 'Closed'), '2026-11-22')).toBe(false)
  })

  it('show the overdue first, then what is due first', () => {
    const risks = [
      risk(1, '2027-01-01'),
      risk(2, '2020-01-01', 'closed'),
      risk(3, '2026-11-01'),
      risk(4, '2026-12-01'),
    ]
    expect(byUrgency(risks, '2026-11-22').map(({ id }) => id)).toEqual([3, 2, 4, 1])
  })
})
