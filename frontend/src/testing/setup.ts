import { afterAll } from 'vitest'

/** What every browser has and the test environment lacks. */
class StillResizeObserver implements ResizeObserver {
  observe(): void {
    // Nothing is laid out in tests, so nothing is ever resized.
  }
  unobserve(): void {
    // See observe.
  }
  disconnect(): void {
    // See observe.
  }
}

window.ResizeObserver = StillResizeObserver
window.matchMedia = (media) =>
  Object.assign(new EventTarget(), {
    matches: false,
    media,
    onchange: null,
    addListener: () => undefined,
    removeListener: () => undefined,
  })

Element.prototype.scrollIntoView = () => undefined

HTMLDialogElement.prototype.showModal = function showModal() {
  this.open = true
}
HTMLDialogElement.prototype.close = function close() {
  this.open = false
}

const AFTER_EFFECTS_MS = 200

// Preact cleans up a moment after a component has gone, and needs the page for that.
afterAll(async () => {
  await new Promise((done) => setTimeout(done, AFTER_EFFECTS_MS))
})
