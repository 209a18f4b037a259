// <tradewind-dag src="https://tradewind.example" dag="sales_etl" [run] [task] [tag] [theme] [hide] [conf] [lock] [tz]>
// Events: tradewind:run, tradewind:triggered, tradewind:navigate. Property `token`: given to the frame when it is ready.
const PASSED = ['tag', 'theme', 'accent', 'lang', 'tz', 'hide', 'conf', 'lock', 'density']
class TradewindDag extends HTMLElement {
  static observedAttributes = ['src', 'dag', 'run', 'task', ...PASSED]
  #frame = null
  #token = null
  set token(value) {
    this.#token = value
    this.#give()
  }
  connectedCallback() {
    this.#frame = document.createElement('iframe')
    this.#frame.style.cssText = 'width:100%;border:0;min-height:120px'
    this.#frame.title = this.getAttribute('dag') ?? 'tradewind'
    this.append(this.#frame)
    addEventListener('message', this)
    this.#show()
  }
  disconnectedCallback() {
    removeEventListener('message', this)
    this.#frame?.remove()
  }
  attributeChangedCallback() {
    if (this.#frame) this.#show()
  }
  #show() {
    const part = (name, word) => (this.hasAttribute(name) ? `/${word}/${encodeURIComponent(this.getAttribute(name))}` : '')
    const path = part('dag', 'dags') + part('run', 'runs') + part('task', 'tasks')
    const query = new URLSearchParams({ embed: '1' })
    for (const name of PASSED) if (this.hasAttribute(name)) query.set(name, this.getAttribute(name))
    const url = `${(this.getAttribute('src') ?? '').replace(/\/$/, '')}${path || '/'}?${query}`
    if (this.#frame.src !== url) this.#frame.src = url
  }
  #origin() {
    return new URL(this.#frame.src).origin
  }
  #give() {
    if (this.#token && this.#frame) {
      this.#frame.contentWindow?.postMessage({ type: 'tradewind:token', token: this.#token }, this.#origin())
    }
  }
  handleEvent({ source, origin, data }) {
    if (source !== this.#frame?.contentWindow || origin !== this.#origin()) return
    if (data?.type === 'tradewind:ready') this.#give()
    if (data?.type === 'tradewind:height') this.#frame.style.height = `${Math.min(4000, data.height)}px`
    else if (/^tradewind:/.test(data?.type)) this.dispatchEvent(new CustomEvent(data.type, { detail: data, bubbles: true }))
  }
}
customElements.define('tradewind-dag', TradewindDag)
