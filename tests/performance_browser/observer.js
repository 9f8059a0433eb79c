/* Runs in every page before its own scripts, and watches it from outside, frame by frame. What it
   sees it says on the console: to be asked would take the page's time just then.
   `EXPECTED` holds, for the first view and for the one after the switch, the texts that have to be
   on the page and the periods of its chart. */
;(() => {
  const EXPECTED = __EXPECTED__
  const seen = (globalThis.__seen = { shift: 0 })

  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) seen.shift += entry.value
  }).observe({ type: 'layout-shift', buffered: true })

  new PerformanceObserver((list) => {
    for (const { name, startTime } of list.getEntries()) {
      if (name === 'first-contentful-paint') seen.fcp_ms = startTime
    }
  }).observe({ type: 'paint', buffered: true })

  const texts = (words) => {
    const text = document.body.textContent
    return words.every((word) => text.includes(word))
  }

  /* Bars cross a line just above their axis: one painted run each, more where one is hatched. */
  const runs = (canvas) => {
    const height = Math.round(canvas.height * 0.57)
    const { data } = canvas.getContext('2d', { willReadFrequently: true }).getImageData(0, height, canvas.width, 1)
    let count = 0
    let painted = false
    for (let at = 3; at < data.length; at += 4) {
      if (data[at] > 200 && !painted) count += 1
      painted = data[at] > 200
    }
    return count
  }

  const drawn = ({ bars, fewerThan, label }) => {
    const canvas = document.querySelector('canvas')
    if (canvas !== null) {
      const count = runs(canvas)
      return count >= bars && count < fewerThan
    }
    return [...document.querySelectorAll('svg')].some((svg) => {
      const names = new Set([...svg.querySelectorAll('text')].map((text) => text.textContent))
      const shapes = svg.querySelectorAll('rect, path, line, circle').length
      return shapes >= 3 * bars && names.has(label)
    })
  }

  const complete = (view) => texts(view.texts) && drawn(view.chart)

  /* Two frames after everything is in the document, it is on the screen. */
  const whenComplete = (view, tell) => {
    const look = () => {
      if (document.body !== null && complete(view)) {
        requestAnimationFrame(() => requestAnimationFrame(() => tell(performance.now())))
      } else requestAnimationFrame(look)
    }
    look()
  }

  const files = (until) =>
    [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
      .filter((entry) => entry.startTime < until)
      .map(({ name, encodedBodySize }) => ({ name, bytes: encodedBodySize }))

  globalThis.__files = () => files(Infinity)

  whenComplete(EXPECTED.first, (at) => {
    const [navigation] = performance.getEntriesByType('navigation')
    seen.ttfb_ms = navigation.responseStart
    seen.render_ms = at
    seen.files = files(at)
    console.debug('complete')
  })

  let pressed = 0
  addEventListener('pointerdown', ({ timeStamp }) => (pressed = timeStamp), { capture: true })

  addEventListener(
    'click',
    (event) => {
      if (!event.isTrusted) return
      whenComplete(EXPECTED.after, (at) => {
        seen.switch_ms = at - event.timeStamp
        seen.switch_from_press_ms = at - pressed
        console.debug('switched')
      })
    },
    { capture: true },
  )
})()
