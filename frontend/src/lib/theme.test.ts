import { afterEach, describe, expect, it } from 'vitest'
import { chooseTheme, currentTheme } from './theme'

const marked = () => document.documentElement.dataset['theme']

afterEach(() => {
  chooseTheme('light') // the system's in these tests
})

describe('a theme that was chosen', () => {
  it('is on the screen, and kept for the next document', () => {
    chooseTheme('dark')
    expect([currentTheme(), marked(), document.cookie]).toEqual([
      'dark',
      'dark',
      'execdash-theme=dark',
    ])
  })

  it('follows the system again when it is what the system says', () => {
    chooseTheme('dark')
    chooseTheme('light')
    expect([currentTheme(), marked(), document.cookie]).toEqual(['light', undefined, ''])
  })

  it('is the one that came with the document', () => {
    document.documentElement.dataset['theme'] = 'dark'
    expect(currentTheme()).toBe('dark')
  })
})
