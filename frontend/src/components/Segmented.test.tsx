import { cleanup, fireEvent, render, screen } from '@testing-library/preact'
import { useState } from 'react'
import { afterEach, describe, expect, it } from 'vitest'
import { Segmented } from './Segmented'

afterEach(cleanup)

const OPTIONS = [
  { value: 'month', label: 'Month' },
  { value: 'quarter', label: 'Quarter' },
] as const
type Value = (typeof OPTIONS)[number]['value']

function show(first: Value | null = 'month') {
  const chosen: string[] = []
  function Choice() {
    const [value, setValue] = useState<Value | null>(first)
    const onChange = (next: Value, { type }: Event) => {
      chosen.push(`${String(value)} to ${next} by ${type}`)
      setValue(next)
    }
    return <Segmented label="Granularity" value={value} options={OPTIONS} onChange={onChange} />
  }
  render(<Choice />)
  return chosen
}

const button = (name: string) => screen.getByRole('button', { name })
const press = (name: string, how: PointerEventInit = {}) =>
  fireEvent(
    button(name),
    new PointerEvent('pointerdown', { bubbles: true, pointerType: 'mouse', button: 0, ...how }),
  )
const BESIDE = 50 // px; in this test everything is 0 px large
const letGo = (clientX = 0, type = 'pointerup') =>
  fireEvent(document.body, new PointerEvent(type, { bubbles: true, clientX }))

describe('a choice of few', () => {
  it('is made when a mouse presses, and once', () => {
    const chosen = show()
    press('Quarter')
    expect(button('Quarter').getAttribute('aria-pressed')).toBe('true')
    letGo()
    fireEvent.click(button('Quarter'))
    expect(chosen).toEqual(['month to quarter by pointerdown'])
  })

  it.each([
    [BESIDE, 'pointerup'],
    [0, 'pointercancel'],
  ])('is taken back when the mouse lets go beside it: %s px, %s', (clientX, type) => {
    const chosen = show()
    press('Quarter')
    letGo(clientX, type)
    letGo(BESIDE) // of something else, later
    expect(chosen).toEqual(['month to quarter by pointerdown', `quarter to month by ${type}`])
    expect(button('Month').getAttribute('aria-pressed')).toBe('true')
  })

  it.each([{ pointerType: 'touch' }, { pointerType: 'pen' }, { button: 2 }, { ctrlKey: true }])(
    'waits for the click of everything else: %o',
    (how) => {
      const chosen = show()
      press('Quarter', how)
      letGo(BESIDE)
      expect(chosen).toEqual([])
      fireEvent.click(button('Quarter'))
      expect(chosen).toEqual(['month to quarter by click'])
    },
  )

  it('waits for the click where there is nothing to come back to', () => {
    const chosen = show(null)
    press('Quarter')
    expect(chosen).toEqual([])
    fireEvent.click(button('Quarter'))
    expect(chosen).toEqual(['null to quarter by click'])
  })
})
