import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, type ReactNode } from 'react'
import { useLocation } from 'wouter'
import { prefetchInTurn } from '@/api/prefetch'
import { dashboardQuery } from '@/api/queries'
import { useView } from '@/lib/useView'
import { neighbours } from '@/lib/view'
import { Banners } from './Banners'
import { Header } from './Header'
import styles from './Layout.module.css'
import { preloadPages } from './pages'
import { titleOf } from './titles'
import { useArrival } from './useArrival'
import { ViewBar } from './ViewBar'

/** Fetches when idle what the next click may ask for: other windows, other pages' code. */
function useReadiness(): void {
  const client = useQueryClient()
  const [view] = useView()
  useEffect(
    () =>
      prefetchInTurn([
        ...neighbours(view).map((other) => () => client.query(dashboardQuery(other))),
        preloadPages,
      ]),
    [client, view],
  )
}

function useTitle(path: string): void {
  useEffect(() => {
    document.title = titleOf(path)
  }, [path])
}

/** What is around every page. */
export function Layout({ children }: { children: ReactNode }) {
  const [path] = useLocation()
  useReadiness()
  useTitle(path)
  const main = useRef<HTMLElement>(null)
  useArrival(path, main)
  return (
    <div className={styles.layout}>
      <a className={styles.skip} href="#main">
        Skip to the content
      </a>
      <Header />
      {path !== '/reliability' && <ViewBar isDashboard={path === '/dashboard'} />}
      <Banners />
      <main ref={main} id="main" className={styles.main} tabIndex={-1}>
        {children}
      </main>
    </div>
  )
}
