// What ui_measure.mjs has the page itself do: these functions run in it, so they may use nothing from around them.

/** Before the page's own scripts: notes shifts and events, and when what `ready` has for this address is visible. */
export function WATCH(readyOf) {
  const ready = readyOf[location.href] ?? null
  const noted = {
    ready: null,
    shift: 0,
    shifts: [],
    lcp: 0,
    events: [],
    reset() {
      noted.events.length = 0
    },
  }
  window.__m = noted
  const on = (type, take, more = {}) =>
    new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({ type, buffered: true, ...more })
  on('layout-shift', ({ hadRecentInput, value, sources }) => {
    if (hadRecentInput) return
    noted.shift += value
    const name = (node) => (node instanceof Element ? `${node.localName}.${node.className}` : 'text')
    const moved = sources.map((each) => `${name(each.node)} ${each.previousRect.y}->${each.currentRect.y}`)
    noted.shifts.push(`${value.toFixed(4)}: ${moved.join(', ')}`)
  })
  on('largest-contentful-paint', (entry) => (noted.lcp = entry.startTime))
  on('event', (entry) => noted.events.push(entry.duration), { durationThreshold: 16 })
  if (ready === null) return
  const look = () => {
    const box = document.querySelector(ready)?.getBoundingClientRect()
    if (box && box.width > 0 && box.height > 0) noted.ready = performance.now()
    else requestAnimationFrame(look)
  }
  requestAnimationFrame(look)
}

/** Resolves when the document did not change for so many ms. */
export function calm(ms) {
  return new Promise((resolve) => {
    let timer = setTimeout(done, ms)
    const observer = new MutationObserver(() => {
      clearTimeout(timer)
      timer = setTimeout(done, ms)
    })
    function done() {
      observer.disconnect()
      requestAnimationFrame(() => resolve())
    }
    observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true })
  })
}

/** What is there when the page is quiet. */
export function count(base) {
  const elements = (root) => {
    let number = 0
    for (const each of root.querySelectorAll('*')) number += 1 + (each.shadowRoot ? elements(each.shadowRoot) : 0)
    return number
  }
  const { ready, shift, shifts, lcp } = window.__m
  const data = performance
    .getEntriesByType('resource')
    .filter((entry) => /\/(ui|api)\/v\d/.test(entry.name.slice(base.length)))
  const last = Math.max(0, ...data.map((entry) => entry.responseEnd).filter((end) => ready !== null && end < ready))
  const ms = (number) => (number == null ? null : Math.round(number))
  return {
    ready: ms(ready),
    after_data: last && ready !== null ? ms(ready - last) : null,
    fcp: ms(performance.getEntriesByName('first-contentful-paint')[0]?.startTime),
    lcp: ms(lcp),
    cls: Math.round(shift * 10_000) / 10_000,
    shifts,
    dom: elements(document),
    grid: document.querySelectorAll('[data-matrix], [data-matrix] *').length,
    heap_mb: performance.memory ? Math.round(performance.memory.usedJSHeapSize / 1048576) : null,
    overflow_x: document.documentElement.scrollWidth - innerWidth,
    h1: document.querySelectorAll('h1').length,
    title: document.title,
  }
}

/** Until no request was under way and nothing said that it is loading for `ms`; false after half a minute. */
export async function quiet(page, meter, ms) {
  const end = Date.now() + 30_000
  while (Date.now() < end) {
    const isBusy = await page.evaluate(() => document.querySelector('[aria-busy="true"], [data-loading]') !== null)
    if (isBusy) meter.touch()
    const left = meter.quietIn(ms)
    if (left <= 0) return true
    await page.waitForTimeout(Math.max(20, Math.min(left, 100)))
  }
  return false
}
