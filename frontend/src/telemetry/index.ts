import type { Feature } from '@/api/types'
import type { InputMoment, Recorder } from './recorder'

let recorder: Recorder | null = null

/** Until a recorder is given, and when the reader refused, everything below does nothing. */
export function recordWith(given: Recorder | null): void {
  recorder = given
}

export const pageDrawn = (path: string): void => recorder?.pageDrawn(path)
export const beginSwitch = (input: InputMoment, path: string, from: string, to: string): void =>
  recorder?.beginSwitch(input, path, from, to)
export const pollCompleted = (): void => recorder?.pollCompleted()
export const pollsStopped = (): void => recorder?.pollsStopped()
export const trackAlertClick = (kpi: string | undefined, to: string): void =>
  recorder?.alertClicked(kpi, to)
/**
 * Call when somebody used a feature, with the KPI that it was about where the page's path does not
 * tell. Buttons with `data-use`, the feature's name, are noticed without.
 */
export const reportUse = (feature: Feature, kpi?: string): void =>
  recorder?.featureUsed(feature, location.pathname, kpi)
/** Call when a file is asked for; links with `data-export`, its kind, are noticed without. */
export const trackExport = (kpi?: string, kind = 'csv'): void =>
  recorder?.exported(kind, location.pathname, kpi)
export const trackError = (name: string, origin: string): void =>
  recorder?.clientError(name, origin, location.pathname)

const PATIENCE_MS = 1_000

/** Sends what was measured while that is still allowed; waits for it, but not for long. */
export async function sendBeforeLeaving(): Promise<void> {
  const patience = new Promise<void>((end) => setTimeout(end, PATIENCE_MS))
  await Promise.race([recorder?.leave(), patience])
}

export type { InputMoment }
