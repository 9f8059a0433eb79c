import { useSyncExternalStore } from 'react'
import { applyTheme, markedTheme, STORED, type Theme } from './readersTheme'

const listeners = new Set<() => void>()
const systemDark = () => window.matchMedia('(prefers-color-scheme: dark)')

const systemTheme = (): Theme => (systemDark().matches ? 'dark' : 'light')

/** What is on the screen, whether or not storage could keep it. */
export function currentTheme(): Theme {
  return markedTheme() ?? systemTheme()
}

/** Keeps the choice; choosing what the system says anyway follows the system from then on. */
export function chooseTheme(theme: Theme): void {
  const choice = theme === systemTheme() ? null : theme
  try {
    if (choice === null) localStorage.removeItem(STORED)
    else localStorage.setItem(STORED, choice)
  } catch {
    // The choice then lasts as long as the page.
  }
  applyTheme(choice)
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
