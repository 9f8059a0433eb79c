/**
 * Begins the page. A first screen that came with the document is shown before the page's code,
 * which takes it over, does anything; elsewhere that code begins at once.
 */
import { afterFirstPaint, holdClicks, tellTimes } from './firstScreen'

const root = document.getElementById('root')
if (root === null) throw new Error('index.html has no #root')

const begin = async (seenAt: number | null) => {
  const { start } = await import('./start')
  start(root, seenAt)
}

if (root.firstElementChild === null) {
  void begin(null)
} else {
  tellTimes(root, new Date())
  const letGo = holdClicks(root)
  afterFirstPaint((seenAt) => void begin(seenAt).then(letGo))
}
