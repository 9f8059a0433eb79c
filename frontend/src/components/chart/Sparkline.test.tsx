import { cleanup, render, screen } from '@testing-library/preact'
import { afterEach, describe, expect, it } from 'vitest'
import { Sparkline } from './Sparkline'

afterEach(cleanup)

function drawn(values: (number | null)[], running?: number | null) {
  const { container } = render(<Sparkline values={values} running={running} label="Backlog" />)
  const paths = [...container.querySelectorAll('path')].map((path) => path.getAttribute('d') ?? '')
  const shapes = paths.join('')
  return {
    lines: shapes.split('L').length - 1,
    dots: shapes.split('h').length - 1,
    running: container.querySelectorAll('[data-part="running"]').length,
  }
}

describe('Sparkline', () => {
  it('connects neighbours', () => {
    expect(drawn([1, 2, 3, 4]).lines).toBe(3)
  })

  it('leaves a gap where a period is missing', () => {
    expect(drawn([1, 2, null, 4, 5]).lines).toBe(2)
  })

  it('shows a lonely point as a dot', () => {
    expect(drawn([null, 2, null, null])).toMatchObject({ lines: 0, dots: 1 })
  })

  it('has no end dot when the last period is missing', () => {
    expect(drawn([1, 2, null]).dots).toBe(0)
  })

  it('draws nothing, not zeros, without data', () => {
    expect(drawn([null, null])).toEqual({ lines: 0, dots: 0, running: 0 })
  })

  it('keeps the running month apart and hatched', () => {
    expect(drawn([1, 2], 0.5)).toMatchObject({ lines: 1, running: 1 })
    expect(drawn([1, 2], null).running).toBe(0)
  })

  it('draws a flat line inside its box', () => {
    const { container } = render(<Sparkline values={[5, 5]} label="Backlog" />)
    expect(container.querySelector('path')?.getAttribute('d')).toBe('M25 50L75 50')
  })

  it('says what it shows', () => {
    render(
      <Sparkline
        values={[3, null, 1]}
        running={2}
        label="Backlog, 3 months"
        formatValue={(value) => `£${value}`}
      />,
    )
    expect(screen.getByRole('img').getAttribute('aria-label')).toBe(
      'Backlog, 3 months: from £3 to £1, lowest £1, highest £3; 1 of 3 periods missing; ' +
        'running month so far £2',
    )
  })
})
