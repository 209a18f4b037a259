#!/usr/bin/env node
// Measures pages of a web UI in a real Chromium, every UI the same way.
//
//   node tools/ui_measure.mjs pages.json [--out FILE] [--shots DIR] [--only REGEX] [--runs 1] [--warm]
//                             [--width 1440] [--height 900] [--dark] [--no-axe] [--urls]
//
// pages.json:
//   { "base": "http://127.0.0.1:8080",
//     "login": { "url": "/login", "fill": {"css": "text"}, "click": "css", "ready": "css" },
//     "local_storage": {"key": "value"},                      // set before the page's own scripts
//     "quiet_ms": 1000, "idle_ms": 10000,                     // how long nothing happens before a page counts as quiet;
//                                                             // how long polling is looked for (0: not at all)
//     "trace": false,                                         // no task_max, which costs time
//     "views": ["light-1440", "dark-390"],                    // what axe-core judges; "dark-1440:RULE": by one rule,
//                                                             // "light-390:width": only that it fits
//     "pages": [ { "name": "home", "url": "/", "ready": "css", "settle": "css", "axe": ["light-1440"], "cold": true,
//                  "actions": [ {"name": "open", "click": "css"}, {"name": "hover", "hover": "css", "at": [x, y]},
//                               {"name": "scroll", "hover": "css", "wheel": [0, 3000]},
//                               {"name": "type", "type": ["css", "text"]}, {"name": "key", "key": "g"},
//                               {"name": "key of", "press": ["css", "key"]},
//                               {"name": "change", "send": [{"method", "url", "headers", "body"}],
//                                "sees": [["css", "text in lower case"]]} ] } ] }
// `axe`: other views than others; `cold`: with an empty cache, though --warm. `settle`: what must be visible too before the page can be quiet. `at`: where in the element, from its upper left.
// `send` asks the server for each change in turn and waits until the element of its `sees` says so: what comes live.
//
// One JSON line per page and run:
//   req, kb, js_kb            requests and bytes on the wire, headers included; those of scripts
//   api, api_kb, api_urls     data asked for (XHR and fetch; streams are not counted)
//   ready, fcp, lcp           ms of the wall clock from the navigation's start; ready: `ready` is visible and has a box
//   after_data                ms of the wall clock from the last data before `ready` to it
//   cpu                       main-thread CPU ms up to the quiet point (thread clock: other load moves it little)
//   task_max, task_wall       longest main-thread task: CPU ms, and ms of the wall clock
//   cls, shifts               layout shift, and what moved, with its top before and after
//   dom, heap_mb, overflow_x  elements (open shadow roots included), JS heap, px wider than the window; when quiet
//   idle_req_per_min          requests in the idle window, shared workers' included
//   h1, title, problems       headings of the first level, the title, scripts' errors and what the CSP refused
//   axe                       per view: "rule (number): first element"
//   act                       per action: {name, error} or {name, inp: longest Event Timing, cpu, task_max, req, kb, ms: of each `send`}
import { appendFileSync, mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { calm, count, quiet, WATCH } from './measure_page.mjs'
import { Meter } from './measure_meter.mjs'

const argv = process.argv.slice(2)
const has = (name) => argv.includes(`--${name}`)
const option = (name, otherwise) => (has(name) ? argv[argv.indexOf(`--${name}`) + 1] : otherwise)

const config = JSON.parse(readFileSync(argv[0], 'utf8'))
const axeSource = has('no-axe')
  ? null
  : readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const size = { width: +option('width', 1440), height: +option('height', 900) }
const theme = has('dark') ? 'dark' : 'light'
const traces = config.trace ?? true
const shots = option('shots')
if (shots) mkdirSync(shots, { recursive: true })

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--enable-precise-memory-info',
]
const AXE_TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
const round = (number) => (number == null ? null : Math.round(number * 10) / 10)

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
  headless: true,
  args: FLAGS,
})
const context = await browser.newContext({
  viewport: size,
  colorScheme: theme,
  reducedMotion: 'reduce',
  timezoneId: 'UTC',
  locale: 'en-GB',
})
context.setDefaultTimeout(60_000)
await context.addInitScript((items) => {
  if (location.protocol === 'about:') return // which has no storage
  for (const [key, value] of Object.entries(items ?? {})) localStorage.setItem(key, value)
}, config.local_storage)
const workers = await Meter.ofWorkers(browser)

async function signIn({ url, fill, click, ready }) {
  const page = await context.newPage()
  await page.goto(config.base + url)
  for (const [where, text] of Object.entries(fill ?? {})) await page.fill(where, text)
  if (click) await page.click(click)
  if (ready) await page.locator(ready).first().waitFor()
  await page.evaluate(calm, 700) // not the network's idle: of a shared worker's script no end is told
  await page.close()
}

/** What a page costs until it is quiet. */
async function load(page, wanted, meter) {
  const cpu = await meter.cpu()
  if (traces) await meter.trace()
  await page.goto(config.base + wanted.url, { waitUntil: 'commit' })
  if (wanted.ready) await page.waitForFunction(() => typeof window.__m?.ready === 'number')
  if (wanted.settle) await page.locator(wanted.settle).first().waitFor({ state: 'visible' })
  const settled = await quiet(page, meter, config.quiet_ms ?? 1000)
  const tasks = traces ? await meter.longest() : {}
  const found = await page.evaluate(count, config.base)
  return {
    settled,
    cpu: round((await meter.cpu()) - cpu),
    ...tasks,
    ...meter.figures(config.base),
    ...found,
    url: page.url().replace(config.base, ''),
  }
}

/** Rules that a page breaks, in a view: "rule (number): first element". */
async function judged(page, view) {
  const [look, rule] = view.split(':')
  const [scheme, width] = look.split('-')
  await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' })
  if (page.viewportSize().width !== +width)
    await page.setViewportSize({ width: +width, height: +width < 600 ? 844 : size.height })
  await page.evaluate(calm, 150)
  const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
  const broken = wider > 0 ? [`wider than the window by ${wider} px`] : []
  if (rule === 'width') return broken
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axeSource)
  const found = await page.evaluate(
    (runOnly) => window.axe.run(document, { resultTypes: ['violations'], runOnly }),
    rule ? { type: 'rule', values: [rule] } : { type: 'tag', values: AXE_TAGS },
  )
  return [
    ...broken,
    ...found.violations.map(({ id, nodes }) => `${id} (${nodes.length}): ${nodes[0].html.slice(0, 200)}`),
  ]
}

async function sendAll(page, action) {
  const took = []
  for (const [number, each] of action.send.entries()) {
    const began = performance.now()
    const answer = await fetch(config.base + each.url, {
      method: each.method,
      headers: { 'content-type': 'application/json', ...each.headers },
      body: JSON.stringify(each.body),
    })
    if (!answer.ok) throw new Error(`${each.url}: HTTP ${answer.status}`)
    // Looked for in each frame: what is measured ends with the pixel.
    await page.waitForFunction(
      ([css, text]) => document.querySelector(css)?.textContent.toLowerCase().includes(text),
      action.sees[number % action.sees.length],
      { polling: 'raf' },
    )
    took.push(Math.round(performance.now() - began))
  }
  return took
}

const GESTURES = {
  click: (page, { click, at }) =>
    page
      .locator(click)
      .first()
      .click({ position: place(at) }),
  hover: async (page, { hover, at, wheel }) => {
    await page
      .locator(hover)
      .first()
      .hover({ position: place(at), force: true })
    if (wheel) await page.mouse.wheel(...wheel)
  },
  type: (page, { type }) => page.locator(type[0]).first().pressSequentially(type[1]),
  key: (page, { key }) => page.keyboard.press(key),
  press: (page, { press }) => page.locator(press[0]).first().press(press[1]),
}
const place = (at) => (at ? { x: at[0], y: at[1] } : undefined)

/** What a gesture costs until the page is quiet again. */
async function acted(page, action, meter) {
  // The pointer comes before what is measured of a wheel
  if (action.wheel)
    await page
      .locator(action.hover)
      .first()
      .hover({ position: place(action.at), force: true })
  await page.evaluate(calm, 200)
  await page.evaluate(() => window.__m.reset())
  const before = { ...meter.totals(), cpu: await meter.cpu() }
  await meter.trace()
  let ms
  try {
    if (action.send) ms = await sendAll(page, action)
    const name = Object.keys(GESTURES).find((each) => each in action)
    if (name) await GESTURES[name](page, action)
    if (action.ready) await page.locator(action.ready).first().waitFor({ state: 'visible' })
    await quiet(page, meter, Math.min(config.quiet_ms ?? 1000, 400))
  } catch (problem) {
    await meter.longest()
    throw problem
  }
  const cpu = round((await meter.cpu()) - before.cpu)
  const { req, kb } = meter.totals()
  const inp = await page.evaluate(() => Math.max(0, ...window.__m.events))
  return {
    name: action.name,
    inp,
    cpu,
    ...(await meter.longest()),
    req: req - before.req,
    kb: round(kb - before.kb),
    ms,
  }
}

async function idle(page, meter, ms) {
  const before = meter.totals().req + workers.totals().req
  await page.waitForTimeout(ms)
  return Math.round(((meter.totals().req + workers.totals().req - before) * 60_000) / ms)
}

async function measured(page, wanted, run) {
  const record = { page: wanted.name, run, view: `${theme}-${size.width}`, problems: [] }
  const failed = (error) => record.problems.push(String(error))
  const said = (message) => {
    // A refused answer is the page's to show; a refused script or style is a fault.
    if (message.type() === 'error' && !message.text().includes('Failed to load resource')) failed(message.text())
  }
  page.on('pageerror', failed).on('console', said)
  await page.goto('about:blank')
  await page.setViewportSize(size)
  await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' })
  const meter = await Meter.of(page, { isWarm: has('warm') && !wanted.cold })
  try {
    Object.assign(record, await load(page, wanted, meter))
    if (shots) await page.screenshot({ path: join(shots, `${wanted.name}-${record.view}.png`) })
    const idleMs = wanted.idle_ms ?? config.idle_ms ?? 10_000
    if (idleMs) record.idle_req_per_min = await idle(page, meter, idleMs)
    record.act = []
    if (wanted.actions?.length) {
      // A hand that appears may have things fetched; that is not the gesture's.
      await page.mouse.move(4, 4)
      await quiet(page, meter, 400)
    }
    for (const action of wanted.actions ?? []) {
      const failed = (problem) => ({ name: action.name, error: String(problem).split('\n')[0].slice(0, 200) })
      record.act.push(await acted(page, action, meter).catch(failed))
    }
    if (axeSource) {
      record.axe = {}
      for (const view of wanted.axe ?? config.views ?? [record.view]) record.axe[view] = await judged(page, view)
    }
    if (has('urls')) record.urls = meter.urls(config.base)
  } catch (problem) {
    record.error = String(problem).split('\n')[0].slice(0, 300)
  }
  page.off('pageerror', failed).off('console', said)
  await meter.end()
  return record
}

if (config.login) await signIn(config.login)
const only = new RegExp(option('only', '.'))
const wanted = config.pages.filter((each) => only.test(each.name))
const readyOf = Object.fromEntries(wanted.map((each) => [new URL(each.url, config.base).href, each.ready ?? null]))
const page = await context.newPage()
await page.addInitScript(WATCH, readyOf)
for (let run = 1; run <= +option('runs', 1); run++) {
  for (const each of wanted) {
    const line = JSON.stringify(await measured(page, each, run))
    console.log(line)
    if (option('out')) appendFileSync(option('out'), `${line}\n`)
  }
}
await browser.close()
