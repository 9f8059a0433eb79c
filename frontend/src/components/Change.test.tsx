import { cleanup, render } from '@testing-library/preact'
import { afterEach, describe, expect, it } from 'vitest'
import { Change } from './Change'

afterEach(cleanup)

function read(text: string, direction: 'up' | 'down' | 'flat', goodDirection: 'up' | 'down') {
  const { container } = render(<Change {...{ text, direction, goodDirection }} />)
  return container.textContent.replaceAll(/\s+/g, ' ')
}

describe('a change', () => {
  it('says whether it is welcome in a word that everybody sees', () => {
    const { container } = render(<Change text="+£120k" direction="up" goodDirection="down" />)
    expect(container.querySelector('.visually-hidden')).toBeNull()
  })

  it('says whether it is welcome, not only by colour', () => {
    expect(read('+£120k', 'up', 'up')).toBe('+£120k better')
    expect(read('+£120k', 'up', 'down')).toBe('+£120k worse')
    expect(read('−1.8 mo', 'down', 'down')).toBe('−1.8 mo better')
  })

  it('is none when nothing of it can be seen', () => {
    expect(read('0.00 pp', 'down', 'up')).toBe('No change')
    expect(read('£0', 'flat', 'up')).toBe('No change')
  })
})
