import { useQueryClient } from '@tanstack/react-query'
import { useLocation, useSearch } from 'wouter'
import { FIRST_SCREEN } from '@/api/queries'
import type { Dashboard } from '@/api/types'
import { useKiosk } from '@/lib/kiosk'
import { metricAt, pageFileHref, type FileKind } from '@/lib/pageFile'
import { chooseTheme, useTheme } from '@/lib/theme'
import { useView } from '@/lib/useView'
import { rangeChange, viewSearch, withView, type Compare, type View } from '@/lib/view'
import { reportUse, trackExport, type InputMoment } from '@/telemetry'
import { PAGE_GROUPS } from './titles'
import { useOwnPages } from './useSession'
import { useSwitch } from './useSwitch'

export interface Command {
  readonly group: 'Window' | 'Compare with' | 'Pages' | 'Why it moved' | 'This screen'
  readonly name: string
  /** The single key that runs it. */
  readonly key?: string
  /** `input` is what the reader did. */
  readonly run: (input: InputMoment) => void
}

/** Runs what the palette or a key asked for. A switch of the window is counted as such, and alone. */
export function runCommand(command: Command | undefined, input: InputMoment): void {
  command?.run(input)
  if (command !== undefined && command.group !== 'Window') reportUse('palette')
}

/** What the page shows, as a file: on a drill-down its own numbers, elsewhere the dashboard's. */
function useExportCommands(seesNumbers: boolean): Command[] {
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
  if (metric === null && !seesNumbers) return []
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

const COMPARISONS: readonly { name: string; compare: Compare }[] = [
  { name: 'Window before', compare: 'previous' },
  { name: 'A year ago', compare: 'year_ago' },
  { name: 'Year to date, target', compare: 'ytd_target' },
]

function useCompareCommands(): Command[] {
  const [view, change] = useView()
  return COMPARISONS.map(({ name, compare }) => ({
    group: 'Compare with',
    name,
    run: () => {
      if (compare === view.compare) return
      change({ compare })
      reportUse('compare')
    },
  }))
}

function usePageCommands(): Command[] {
  const [, navigate] = useLocation()
  const [view] = useView()
  const isOwn = useOwnPages()
  const to = (path: string) => () => navigate(withView(path, view))
  const pages = PAGE_GROUPS.flatMap((group) =>
    group.pages.map(({ name, path }) => ({
      path,
      name: `${group.name}: ${name}`,
      ...(path === '/reliability' ? { key: 'r' } : {}),
    })),
  )
  return [{ name: 'Dashboard', path: '/dashboard', key: 'd' }, ...pages]
    .filter(({ path }) => isOwn(path))
    .map(({ path, ...page }) => ({ group: 'Pages', ...page, run: to(path) }))
}

function useReasonCommands(): Command[] {
  const [, navigate] = useLocation()
  const [view] = useView()
  const client = useQueryClient()
  const screens = client.getQueriesData<Dashboard>({ queryKey: [FIRST_SCREEN] })
  // The names are the same in every window: any that has come will do.
  const kpis = screens.find(([, screen]) => screen !== undefined)?.[1]?.executiveKpis ?? []
  return kpis.map(({ key, label }) => ({
    group: 'Why it moved',
    name: label,
    run: () => {
      navigate(withView(`/dashboard?why=${key}`, view))
      reportUse('why', key)
    },
  }))
}

function useScreenCommands(): Command[] {
  const [isKiosk, setKiosk] = useKiosk()
  const other = useTheme() === 'dark' ? 'light' : 'dark'
  const group = 'This screen'
  return [
    {
      group,
      name: `Switch to the ${other} theme`,
      key: 't',
      run: () => {
        chooseTheme(other)
        reportUse('theme')
      },
    },
    {
      group,
      name: isKiosk ? 'Leave kiosk mode' : 'Kiosk mode, for a wall',
      key: 'k',
      run: () => setKiosk(!isKiosk),
    },
    { group, name: 'Print', key: 'p', run: () => print() },
  ]
}

/** Everything that can be done from the keyboard, in the order of the palette. */
export function useCommands(): Command[] {
  const seesNumbers = useOwnPages()('/dashboard')
  const windows = [...useWindowCommands(), ...useCompareCommands()]
  const exports = useExportCommands(seesNumbers)
  return [
    ...(seesNumbers ? windows : []),
    ...usePageCommands(),
    ...useReasonCommands(),
    ...useScreenCommands(),
    ...exports,
  ]
}
