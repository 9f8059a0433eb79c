import { useQueryClient } from '@tanstack/react-query'
import { useLocation, useSearch } from 'wouter'
import { dashboardQuery } from '@/api/queries'
import { useKiosk } from '@/lib/kiosk'
import { metricAt, pageFileHref, type FileKind } from '@/lib/pageFile'
import { chooseTheme, useTheme } from '@/lib/theme'
import { useView } from '@/lib/useView'
import { rangeChange, viewSearch, withView, type View } from '@/lib/view'
import { trackExport, type InputMoment } from '@/telemetry'
import { PAGE_GROUPS } from './titles'
import { useSwitch } from './useSwitch'

export interface Command {
  readonly group: 'Window' | 'Pages' | 'Why it moved' | 'This screen'
  readonly name: string
  /** The single key that runs it. */
  readonly key?: string
  /** `input` is what the reader did. */
  readonly run: (input: InputMoment) => void
}

/** What the page shows, as a file: on a drill-down its own numbers, elsewhere the dashboard's. */
function useExportCommands(): Command[] {
  const [path] = useLocation()
  const search = useSearch()
  const [view] = useView()
  const metric = metricAt(path)
  const what = metric === null ? 'the dashboard' : 'this page'
  // An answer that is a file leaves the page where it is.
  const to = (kind: FileKind) => () => {
    trackExport(metric ?? undefined, metric === null ? kind : `${kind} page`)
    location.assign(
      metric === null
        ? `/api/export.${kind}?${viewSearch(view)}`
        : pageFileHref(metric, kind, view, search),
    )
  }
  const group = 'This screen'
  return [
    { group, name: `Export ${what} as CSV`, key: 'e', run: to('csv') },
    { group, name: `Export ${what} as Excel`, key: 'x', run: to('xlsx') },
  ]
}

function useWindowCommands(): Command[] {
  const switchTo = useSwitch()
  const [view] = useView()
  const group = 'Window'
  const to = (range: View['range']) => (input: InputMoment) =>
    switchTo(rangeChange(range, view), input)
  return [
    { group, name: '6 months', key: '6', run: to('6m') },
    { group, name: '12 months', key: 'y', run: to('12m') },
    { group, name: 'By month', key: 'm', run: (it) => switchTo({ granularity: 'month' }, it) },
    { group, name: 'By quarter', key: 'q', run: (it) => switchTo({ granularity: 'quarter' }, it) },
  ]
}

function usePageCommands(): Command[] {
  const [, navigate] = useLocation()
  const [view] = useView()
  const client = useQueryClient()
  const kpis = client.getQueryData(dashboardQuery(view).queryKey)?.executiveKpis ?? []
  const to = (path: string) => () => navigate(withView(path, view))
  const pages = PAGE_GROUPS.flatMap((group) =>
    group.pages.map(({ name, path }) => ({
      name: `${group.name}: ${name}`,
      ...(path === '/reliability' ? { key: 'r' } : {}),
      run: to(path),
    })),
  )
  const reasons = kpis.map(({ key, label }) => ({ name: label, run: to(`/dashboard?why=${key}`) }))
  return [
    { group: 'Pages', name: 'Dashboard', key: 'd', run: to('/dashboard') },
    ...pages.map((page) => ({ group: 'Pages', ...page }) as const),
    ...reasons.map((reason) => ({ group: 'Why it moved', ...reason }) as const),
  ]
}

function useScreenCommands(): Command[] {
  const exports = useExportCommands()
  const [isKiosk, setKiosk] = useKiosk()
  const other = useTheme() === 'dark' ? 'light' : 'dark'
  const group = 'This screen'
  return [
    { group, name: `Switch to the ${other} theme`, key: 't', run: () => chooseTheme(other) },
    {
      group,
      name: isKiosk ? 'Leave kiosk mode' : 'Kiosk mode, for a wall',
      key: 'k',
      run: () => setKiosk(!isKiosk),
    },
    { group, name: 'Print', key: 'p', run: () => print() },
    ...exports,
  ]
}

/** Everything that can be done from the keyboard, in the order of the palette. */
export function useCommands(): Command[] {
  return [...useWindowCommands(), ...usePageCommands(), ...useScreenCommands()]
}
