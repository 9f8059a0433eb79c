import { useLocationProperty } from 'wouter/use-browser-location'
import { useParam } from './useView'

/** Whether the address is a wall's. */
export function isKiosk(): boolean {
  const value = new URLSearchParams(location.search).get('kiosk')
  return value !== null && value !== '0'
}

/** On a wall: nothing to press, larger type, no pointer. In the URL as `kiosk=1`. */
export function useIsKiosk(): boolean {
  return useLocationProperty(isKiosk, isKiosk)
}

/** The same, and a way to begin and to end it. */
export function useKiosk(): [boolean, (on: boolean) => void] {
  const [, setValue] = useParam('kiosk')
  return [
    useIsKiosk(),
    (on) => {
      setValue(on ? '1' : null)
    },
  ]
}
