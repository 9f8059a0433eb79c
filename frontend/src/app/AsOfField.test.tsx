import { cleanup, render, screen } from '@testing-library/preact'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { AsOfField } from './AsOfField'

afterEach(cleanup)

const A_WHILE_MS = 200 // effects that wait for a paint have run by then

describe('the field for a day', () => {
  it('keeps what is typed before the browser has painted it', async () => {
    const onChange = vi.fn()
    render(<AsOfField asOf="2026-08-15" shown={undefined} onChange={onChange} />)
    screen.getByRole('button').click() // no more than the event itself: nothing waits for effects
    const field = await vi.waitFor(() => screen.getByDisplayValue<HTMLInputElement>('2026-08-15'), {
      interval: 1,
    })
    const press = (key: string) =>
      field.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }))
    press('ArrowDown')
    field.value = '2026-08-14'
    field.dispatchEvent(new Event('input', { bubbles: true }))
    await new Promise((resolve) => setTimeout(resolve, A_WHILE_MS))
    expect(field.value).toBe('2026-08-14')
    expect(onChange).not.toHaveBeenCalled()
    press('Enter')
    expect(onChange).toHaveBeenCalledExactlyOnceWith('2026-08-14')
  })
})
