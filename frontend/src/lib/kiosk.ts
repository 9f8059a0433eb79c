import { useLocationProperty } from 'wouter/use-browser-location'
import { useParam } from './useView'

const ON = /[?&]kiosk=(?!0?(?:&|$))/

function isKiosk(): boolean {
  return ON.test(location.search)
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
