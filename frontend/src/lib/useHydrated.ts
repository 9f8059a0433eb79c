import { useSyncExternalStore } from 'react'

const never = () => () => undefined

/** False while the server draws and while its drawing is taken over; then what only the browser knows may be shown. */
export function useHydrated(): boolean {
  return useSyncExternalStore(
    never,
    () => true,
    () => false,
  )
}
