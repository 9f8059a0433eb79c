const HOUR_MS = 3_600_000

export const SNOOZES = [
  { value: '1h', label: 'for 1 hour' },
  { value: '4h', label: 'for 4 hours' },
  { value: 'tomorrow', label: 'until tomorrow 9:00' },
  { value: '7d', label: 'for 7 days' },
] as const
export type SnoozeChoice = (typeof SNOOZES)[number]['value']

/** When a snooze ends. Tomorrow is the reader's own. */
export function snoozeUntil(choice: SnoozeChoice, now: Date): Date {
  switch (choice) {
    case '1h':
      return new Date(now.getTime() + HOUR_MS)
    case '4h':
      return new Date(now.getTime() + 4 * HOUR_MS)
    case 'tomorrow':
      return new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1, 9)
    case '7d':
      return new Date(now.getTime() + 7 * 24 * HOUR_MS)
  }
}
