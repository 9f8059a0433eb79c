const STORED = 'execdash.singleKeys'

/** Single keys disturb those who speak to their computer: they can be switched off, for good. */
export function singleKeysAreOn(): boolean {
  try {
    return localStorage.getItem(STORED) !== 'off'
  } catch {
    return true
  }
}

export function switchSingleKeys(on: boolean): void {
  try {
    if (on) localStorage.removeItem(STORED)
    else localStorage.setItem(STORED, 'off')
  } catch {
    // Storage is forbidden: they stay on.
  }
}
