interface Preferences {
  readonly globalPrivacyControl?: boolean
  readonly doNotTrack?: string | null
}

/** False when the reader asked, by Global Privacy Control or Do Not Track, not to be measured. */
export function mayMeasure(preferences: Preferences): boolean {
  return preferences.globalPrivacyControl !== true && preferences.doNotTrack !== '1'
}
