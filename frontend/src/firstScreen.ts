/** The first screen that came with the document, until the page's own code takes it over. */
import { formatAge, formatInstant } from '@/lib/format'

/** What the server cannot know: the reader's clock. */
export function tellTimes(root: HTMLElement, now: Date): void {
  for (const time of root.querySelectorAll('time')) {
    time.textContent =
      'instant' in time.dataset
        ? formatInstant(time.dateTime)
        : formatAge(new Date(time.dateTime), now)
  }
}

/** When all that came with the document was painted, where it is shown as a whole: see `base.css`. */
function paintedAt(): number | null {
  if (!CSS.supports('selector(:has(a))')) return null
  return performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null
}

/**
 * Runs `work` once what is in the document has been painted, with the time of that. Where a browser
 * has not told it, that is after two frames, as a screen's completeness is measured everywhere. Who
 * else waits for those frames is let go first. In a page that nobody sees nothing is painted: then
 * at once, with null.
 */
export function afterFirstPaint(work: (seenAt: number | null) => void): void {
  let begun = false
  const begin = (seenAt: number | null) => {
    if (begun) return
    begun = true
    document.removeEventListener('visibilitychange', onVisibility)
    work(seenAt)
  }
  const onVisibility = () => {
    if (document.visibilityState === 'hidden') begin(null)
  }
  document.addEventListener('visibilitychange', onVisibility)
  onVisibility()
  requestAnimationFrame(() =>
    requestAnimationFrame(() => {
      const seenAt = paintedAt() ?? performance.now()
      requestAnimationFrame(() => {
        begin(seenAt)
      })
    }),
  )
}

/**
 * Keeps the last click on a button until somebody listens; answers how to let it go. Links and
 * popovers work by themselves. What is let go is no trusted event: it is done, but not measured.
 */
export function holdClicks(root: HTMLElement): () => void {
  let held: HTMLElement | null = null
  const onClick = (event: MouseEvent) => {
    const target = event.target instanceof Element ? event.target : null
    held = target?.closest<HTMLElement>('button:not([popovertarget])') ?? null
  }
  root.addEventListener('click', onClick)
  return () => {
    root.removeEventListener('click', onClick)
    held?.click()
  }
}
