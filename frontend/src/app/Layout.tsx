import { useQueryClient } from '@tanstack/react-query'
import { lazy, Suspense, useEffect, useRef, useState, type ReactNode } from 'react'
import { useLocation } from 'wouter'
import { neighbourScreens, prefetchInTurn } from '@/api/prefetch'
import { SIGN_IN, sessionQuery } from '@/api/session'
import { useIsKiosk } from '@/lib/kiosk'
import { useIdle } from '@/lib/useIdle'
import { useView } from '@/lib/useView'
import { Banners } from './Banners'
import type { Asked } from './CommandCenter'
import { Header } from './Header'
import styles from './Layout.module.css'
import { preloadPages } from './pages'
import { hasNumbersAt, titleOf } from './titles'
import { useArrival } from './useArrival'
import { useMayOpen } from './useSession'
import { ViewBar } from './ViewBar'

/**
 * Fetches when idle who is signed in, then what the next click may ask for. It shows nothing: what
 * is around the page does not depend on the view.
 */
function Readiness() {
  const client = useQueryClient()
  const [view] = useView()
  useEffect(
    () =>
      prefetchInTurn([
        () => client.query(sessionQuery),
        ...neighbourScreens(client, view).map((fetch) => async () => {
          const person = client.getQueryData(sessionQuery.queryKey)?.person
          if (person?.pages.includes('/dashboard') ?? true) await fetch()
        }),
        preloadPages,
      ]),
    [client, view],
  )
  return null
}

function useTitle(path: string): void {
  useEffect(() => {
    document.title = titleOf(path)
  }, [path])
}

const CommandCenter = lazy(() => import('./CommandCenter'))
const Kiosk = lazy(() => import('./Kiosk').then((module) => ({ default: module.Kiosk })))

/** What is around every page but the one for signing in. */
export function Layout({ children }: { children: ReactNode }) {
  const [path] = useLocation()
  useTitle(path)
  if (path === SIGN_IN) return <main id="main">{children}</main>
  return <Surroundings path={path}>{children}</Surroundings>
}

function Surroundings({ path, children }: { path: string; children: ReactNode }) {
  const [asked, setAsked] = useState<Asked>(null)
  const isKiosk = useIsKiosk()
  const idle = useIdle()
  const hasNumbers = useMayOpen('/dashboard', path !== '/reliability')
  const main = useRef<HTMLElement>(null)
  useArrival(path, main)
  return (
    <div className={styles.layout}>
      <Readiness />
      <a className={styles.skip} href="#main">
        Skip to the content
      </a>
      {isKiosk && (
        <Suspense fallback={null}>
          <Kiosk />
        </Suspense>
      )}
      {!isKiosk && <Header onCommands={() => setAsked('palette')} />}
      {hasNumbersAt(path) && <ViewBar isDashboard={path === '/dashboard'} />}
      {hasNumbers && <Banners />}
      <main ref={main} id="main" className={styles.main} tabIndex={-1}>
        {children}
      </main>
      {(idle || asked !== null) && (
        <Suspense fallback={null}>
          <CommandCenter asked={asked} onAsk={setAsked} />
        </Suspense>
      )}
    </div>
  )
}
