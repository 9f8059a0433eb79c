import { onTTFB } from 'web-vitals'

/** Tells the document's TTFB and how it was reached; restored pages read 0 and are no sample. */
export function measureTtfb(tell: (ttfbMs: number, navigationType: string) => void): void {
  onTTFB(({ value, navigationType }) => {
    if (navigationType === 'back-forward-cache' || navigationType === 'soft-navigation') return
    tell(value, navigationType)
  })
}
