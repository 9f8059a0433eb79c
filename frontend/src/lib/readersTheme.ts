export type Theme = 'light' | 'dark'

export const STORED = 'execdash.theme'

function themeFrom(value: string | null | undefined): Theme | null {
  return value === 'light' || value === 'dark' ? value : null
}

/** The reader's own choice as it was kept; null where the system's stands. */
function storedTheme(): Theme | null {
  try {
    return themeFrom(localStorage.getItem(STORED))
  } catch {
    return null // storage may be forbidden; the system's choice stands then
  }
}

/** The choice that the document is marked with; null where the system's stands. */
export function markedTheme(): Theme | null {
  return themeFrom(document.documentElement.dataset['theme'])
}

/** Marks the document with a choice, at first with the one that was kept: before the first paint. */
export function applyTheme(choice = storedTheme()): void {
  if (choice === null) delete document.documentElement.dataset['theme']
  else document.documentElement.dataset['theme'] = choice
}
