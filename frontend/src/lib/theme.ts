import { useSyncExternalStore } from 'react'

export type Theme = 'light' | 'dark'

const STORED = 'execdash.theme'
const listeners = new Set<() => void>()
const systemDark = () => window.matchMedia('(prefers-color-scheme: dark)')

function stored(): Theme | null {
  try {
    const value = localStorage.getItem(STORED)
    return value === 'light' || value === 'dark' ? value : null
  } catch {
    return null // storage may be forbidden; the system's choice stands then
  }
}

export function currentTheme(): Theme {
  return stored() ?? (systemDark().matches ? 'dark' : 'light')
}

/** Marks the document with the reader's own choice, if there is one. Call before the first paint. */
export function applyTheme(): void {
  const choice = stored()
  if (choice === null) delete document.documentElement.dataset['theme']
  else document.documentElement.dataset['theme'] = choice
}

/** Keeps the choice; choosing what the system says anyway follows the system from then on. */
export function chooseTheme(theme: Theme): void {
  try {
    if (theme === (systemDark().matches ? 'dark' : 'light')) localStorage.removeItem(STORED)
    else localStorage.setItem(STORED, theme)
  } catch {
    // The choice then lasts as long as the page.
  }
  document.documentElement.dataset['theme'] = theme
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

/** The theme on the screen now; charts repaint when it changes. */
export function useTheme(): Theme {
  return useSyncExternalStore(subscribe, currentTheme)
}
