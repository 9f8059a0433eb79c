import { useEffect } from 'react'
import { useLocation } from 'wouter'
import { useKiosk } from '@/lib/kiosk'
import { useParam, useView } from '@/lib/useView'
import { viewSearch } from '@/lib/view'
import { reportUse } from '@/telemetry'
import styles from './Kiosk.module.css'

const RELEASE_CHECK_MS = 5 * 60_000
const FASTEST_ROTATION_S = 10
const ROTATION = ['/dashboard', '/supply', '/operations/uptime', '/reliability']

/** Keeps the screen awake; a browser forgets it each time the page is hidden. */
function useWakeLock(): void {
  useEffect(() => {
    const request = () => {
      if (document.visibilityState !== 'visible') return
      // Refused without a screen or on low battery: the wall then sleeps as it was set up to.
      navigator.wakeLock.request('screen').catch(() => undefined)
    }
    if (!('wakeLock' in navigator)) return undefined
    request()
    document.addEventListener('visibilitychange', request)
    return () => {
      document.removeEventListener('visibilitychange', request)
    }
  }, [])
}

function scriptOf(html: string): string | undefined {
  return /<script type="module"[^>]* src="([^"]+)"/.exec(html)?.[1]
}

/** True when the server answers with a document that starts another script than this page's. */
async function isNewRelease(): Promise<boolean> {
  const answer = await fetch(location.href, { headers: { accept: 'text/html' } })
  const theirs = answer.ok ? scriptOf(await answer.text()) : undefined
  const ours = document.querySelector<HTMLScriptElement>('script[type="module"][src]')
  return theirs !== undefined && ours !== null && ours.getAttribute('src') !== theirs
}

/** Nobody presses reload on a wall: a new release is taken up by itself. */
function useNewRelease(): void {
  useEffect(() => {
    const timer = setInterval(() => {
      isNewRelease().then(
        (isNew) => {
          if (isNew) location.reload()
        },
        () => undefined, // away; asked again in a while
      )
    }, RELEASE_CHECK_MS)
    return () => {
      clearInterval(timer)
    }
  }, [])
}

/** `rotate=60`: a minute a page. Without it nothing moves. */
function useRotation(): void {
  const [path, navigate] = useLocation()
  const [view] = useView()
  const [seconds] = useParam('rotate')
  const every = Number(seconds)
  useEffect(() => {
    if (seconds === null || !Number.isFinite(every) || every < FASTEST_ROTATION_S) return undefined
    const timer = setTimeout(() => {
      const next = ROTATION[(ROTATION.indexOf(path) + 1) % ROTATION.length] ?? '/dashboard'
      navigate(`${next}?${viewSearch(view, `kiosk=1&rotate=${every}`)}`, { replace: true })
    }, every * 1000)
    return () => {
      clearTimeout(timer)
    }
  }, [every, navigate, path, seconds, view])
}

/** What a wall needs beyond the page: it stays awake, up to date, and can be left. */
export function Kiosk() {
  const [, setKiosk] = useKiosk()
  useWakeLock()
  useNewRelease()
  useRotation()
  useEffect(() => {
    reportUse('kiosk')
    document.documentElement.dataset['kiosk'] = ''
    return () => {
      delete document.documentElement.dataset['kiosk']
    }
  }, [])
  return (
    <button type="button" className={styles.leave} onClick={() => setKiosk(false)}>
      Leave kiosk mode
    </button>
  )
}
