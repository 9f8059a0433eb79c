export type Theme = 'light' | 'dark'

export const STORED = 'execdash.theme'

/** The reader's own choice; null where the system's stands. */
export function storedTheme(): Theme | null {
  try {
    const value = localStorage.getItem(STORED)
    return value === 'light' || value === 'dark' ? value : null
  } catch {
    return null // storage may be forbidden; the system's choice stands then
  }
}

/** Marks the document with the reader's own choice, if there is one. Call before the first paint. */
export function applyTheme(): void {
  const choice = storedTheme()
  if (choice === null) delete document.documentElement.dataset['theme']
  else document.documentElement.dataset['theme'] = choice
}
