import { useLocation } from 'wouter'
import { useView } from '@/lib/useView'
import { viewSearch, type View } from '@/lib/view'
import { beginSwitch, type InputMoment } from '@/telemetry'

function nameOf(view: View): string {
  return `${view.range} ${view.granularity}`
}

/** Looks at another window; `input` is what the reader did, from which the switch is timed. */
export function useSwitch(): (part: Partial<View>, input: InputMoment) => void {
  const [path] = useLocation()
  const [view, change] = useView()
  return (part, input) => {
    const next = { ...view, ...part }
    if (viewSearch(next) === viewSearch(view)) return
    beginSwitch(input, path, nameOf(view), nameOf(next))
    change(part)
  }
}
