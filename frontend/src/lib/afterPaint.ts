type Work = (paintedAt: number) => void

let waiting: Work[] = []

/**
 * Runs `work` once what is in the document now is on the screen, with the moment of that: the first
 * frame paints, the second begins when that is done. In a task of its own, so that nothing of it
 * delays what else waits for the screen; all that waits for one frame shares that task, so that
 * what it draws is drawn once.
 */
export function afterPaint(work: Work): void {
  waiting.push(work)
  if (waiting.length > 1) return
  requestAnimationFrame(() => {
    const works = waiting
    waiting = []
    requestAnimationFrame(() => {
      const paintedAt = performance.now()
      setTimeout(() => {
        for (const each of works) each(paintedAt)
      })
    })
  })
}
