import { useParam } from './useView'

/** On a wall: nothing to press, larger type, no pointer. In the URL as `kiosk=1`. */
export function useKiosk(): [boolean, (on: boolean) => void] {
  const [value, setValue] = useParam('kiosk')
  return [
    value !== null && value !== '0',
    (on) => {
      setValue(on ? '1' : null)
    },
  ]
}
