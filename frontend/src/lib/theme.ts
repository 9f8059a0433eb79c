import { useSyncExternalStore } from 'react'
import { STORED, storedTheme, type Theme } from './readersTheme'

const listeners = new Set<() => void>()
const systemDark = () => window.matchMedia('(prefers-color-scheme: dark)')

export function currentTheme(): Theme {
  return storedTheme() ?? (systemDark().matches ? 'dark' : 'light')
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

/** The theme on the screen now; charts repaint when it changes. The server knows no reader's. */
export function useTheme(): Theme {
  return useSyncExternalStore(subscribe, currentTheme, () => 'light')
}
