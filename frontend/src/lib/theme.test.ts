import { afterEach, describe, expect, it, vi } from 'vitest'
import { applyTheme, markedTheme } from './readersTheme'
import { chooseTheme, currentTheme } from './theme'

afterEach(() => {
  vi.unstubAllGlobals()
  localStorage.clear()
  applyTheme()
})

describe('a theme that was chosen', () => {
  it('is on the screen, and kept for the next page', () => {
    chooseTheme('dark')
    expect([currentTheme(), markedTheme()]).toEqual(['dark', 'dark'])
    applyTheme(null)
    applyTheme()
    expect(currentTheme()).toBe('dark')
  })

  it('follows the system again when it is what the system says', () => {
    chooseTheme('dark')
    chooseTheme('light')
    expect([currentTheme(), markedTheme(), localStorage.length]).toEqual(['light', null, 0])
  })

  it.each([
    ['has no storage', undefined],
    [
      'refuses every use of it',
      new Proxy(
        {},
        {
          get: () => {
            throw new DOMException('The operation is insecure.', 'SecurityError')
          },
        },
      ),
    ],
  ])('lasts as long as the page where the browser %s', (_, storage) => {
    vi.stubGlobal('localStorage', storage)
    chooseTheme('dark')
    expect([currentTheme(), markedTheme()]).toEqual(['dark', 'dark'])
    chooseTheme('light')
    expect(currentTheme()).toBe('light')
    vi.unstubAllGlobals()
  })
})
