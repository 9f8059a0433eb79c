/**
 * Runs `work` once what is in the document now is on the screen, with the moment of that: the first
 * frame paints, the second begins when that is done. In a task of its own, so that nothing of it
 * delays what else waits for the screen.
 */
export function afterPaint(work: (paintedAt: number) => void): void {
  requestAnimationFrame(() =>
    requestAnimationFrame(() => {
      const paintedAt = performance.now()
      setTimeout(() => {
        work(paintedAt)
      })
    }),
  )
}
