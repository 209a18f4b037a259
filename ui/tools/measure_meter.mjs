// Counts for ui_measure.mjs what Chromium says about a page: requests, bytes, CPU of its main thread, longest task.

const KB = 1024
const STREAM_MS = 3000

export class Meter {
  #session
  #last = Date.now()
  #requests = new Map()
  #events = []
  #count = 0

  constructor(session) {
    this.#session = session
  }

  /** Of a page, before it is opened. */
  static async of(page, { isWarm }) {
    const session = await page.context().newCDPSession(page)
    const meter = new Meter(session)
    await session.send('Performance.enable', { timeDomain: 'threadTicks' })
    await session.send('Network.enable')
    if (!isWarm) await session.send('Network.setCacheDisabled', { cacheDisabled: true })
    for (const name of ['requestWillBeSent', 'responseReceived', 'loadingFinished', 'loadingFailed'])
      session.on(`Network.${name}`, (event) => meter.#heard(name, event))
    session.on('Tracing.dataCollected', ({ value }) => meter.#events.push(...value))
    return meter
  }

  /** Of a browser's shared workers, whose requests belong to no page. */
  static async ofWorkers(browser) {
    const session = await browser.newBrowserCDPSession()
    const meter = new Meter(session)
    session.on('Target.targetCreated', async ({ targetInfo: { type, targetId } }) => {
      if (type !== 'shared_worker') return
      const { sessionId } = await session.send('Target.attachToTarget', { targetId, flatten: false })
      const message = JSON.stringify({ id: 1, method: 'Network.enable' })
      await session.send('Target.sendMessageToTarget', { sessionId, message })
    })
    session.on('Target.receivedMessageFromTarget', ({ message }) => {
      const { method, params } = JSON.parse(message)
      if (method?.startsWith('Network.')) meter.#heard(method.slice('Network.'.length), params)
    })
    await session.send('Target.setDiscoverTargets', { discover: true })
    return meter
  }

  #heard(name, event) {
    const known = this.#requests.get(event.requestId)
    if (name === 'requestWillBeSent') {
      const { url, method } = event.request
      if (/^(data|blob|about):/.test(url)) return
      this.#count += 1
      this.#requests.set(event.requestId, { url, method, type: event.type, isOpen: true, bytes: 0 })
    } else if (!known) return
    else if (name === 'responseReceived') known.isStream = event.response.mimeType === 'text/event-stream'
    else {
      known.isOpen = false
      known.bytes += event.encodedDataLength ?? 0
    }
    this.touch()
  }

  /** Counts no more. */
  async end() {
    await this.#session.detach()
  }

  /** Something happens: the page is not quiet. */
  touch() {
    this.#last = Date.now()
  }

  /** Ms until it may be called quiet, when nothing happens until then. */
  quietIn(ms) {
    const since = Date.now() - this.#last
    const waits = [...this.#requests.values()].some((each) => each.isOpen && !each.isStream)
    return (waits ? STREAM_MS : ms) - since
  }

  /** Main-thread CPU, ms, since the meter was made. */
  async cpu() {
    const { metrics } = await this.#session.send('Performance.getMetrics')
    return metrics.find(({ name }) => name === 'TaskDuration').value * 1000
  }

  /** Begins to note every task of the main thread. */
  async trace() {
    this.#events = []
    const traceConfig = { includedCategories: ['toplevel'], excludedCategories: ['*'] }
    await this.#session.send('Tracing.start', { transferMode: 'ReportEvents', traceConfig })
  }

  /** The longest task since `trace()`: CPU ms, and ms of the wall clock. */
  async longest() {
    const done = new Promise((resolve) => this.#session.once('Tracing.tracingComplete', resolve))
    await this.#session.send('Tracing.end')
    await done
    const thread = ({ pid, tid }) => `${pid}:${tid}`
    const isMain = ({ ph, name, args }) => ph === 'M' && name === 'thread_name' && args.name === 'CrRendererMain'
    const mains = new Set(this.#events.filter(isMain).map(thread))
    const tasks = this.#events.filter((event) => event.ph === 'X' && mains.has(thread(event)))
    const most = (field) => Math.round(Math.max(0, ...tasks.map((each) => each[field] ?? 0)) / 100) / 10
    return { task_max: most('tdur'), task_wall: most('dur') }
  }

  /** Requests and KB until now. */
  totals() {
    const bytes = [...this.#requests.values()].reduce((sum, each) => sum + each.bytes, 0)
    return { req: this.#count, kb: bytes / KB }
  }

  /** Requests and KB by kind. */
  figures(base) {
    const all = [...this.#requests.values()]
    const kb = (some) => Math.round((some.reduce((sum, each) => sum + each.bytes, 0) / KB) * 10) / 10
    const data = all.filter(({ type, isStream }) => (type === 'XHR' || type === 'Fetch') && !isStream)
    return {
      req: this.#count,
      kb: kb(all),
      js_kb: kb(all.filter(({ type }) => type === 'Script')),
      api: data.length,
      api_kb: kb(data),
      api_urls: data.map(({ method, url }) => `${method} ${url.replace(base, '')}`),
    }
  }

  /** Every request. */
  urls(base) {
    return [...this.#requests.values()].map(({ method, url }) => `${method} ${url.replace(base, '')}`)
  }
}
