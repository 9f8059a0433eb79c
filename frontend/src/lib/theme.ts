import { useSyncExternalStore } from 'react'

export type Theme = 'light' | 'dark'

const COOKIE = 'execdash-theme'
const YEAR_SECONDS = 365 * 24 * 3600

const listeners = new Set<() => void>()
let query: MediaQueryList | undefined
const systemDark = () => (query ??= window.matchMedia('(prefers-color-scheme: dark)'))

const systemTheme = (): Theme => (systemDark().matches ? 'dark' : 'light')

/** The choice that the server marked the document with, or this page since; null follows the system. */
function markedTheme(): Theme | null {
  const { theme } = document.documentElement.dataset
  return theme === 'light' || theme === 'dark' ? theme : null
}

/** What is on the screen, whether or not the choice could be kept. */
export function currentTheme(): Theme {
  return markedTheme() ?? systemTheme()
}

/**
 * Keeps the choice where the server sees it: the next document is painted in it. Choosing what the
 * system says anyway follows the system from then on. Without cookies it lasts as long as the page.
 */
export function chooseTheme(theme: Theme): void {
  const { dataset } = document.documentElement
  const isSystems = theme === systemTheme()
  if (isSystems) delete dataset['theme']
  else dataset['theme'] = theme
  document.cookie = `${COOKIE}=${theme}; Path=/; SameSite=Lax; Max-Age=${isSystems ? 0 : YEAR_SECONDS}`
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void): () => void {
  const system = systemDark()
  listeners.add(listener)
  system.addEventListener('change', listener)
  return () => {
    listeners.delete(listener)
    system.removeEventListener('change', listener)
  }
}

/** The theme on the screen now; charts repaint when it changes. The server draws for any. */
export function useTheme(): Theme {
  return useSyncExternalStore(subscribe, currentTheme, () => 'light')
}
