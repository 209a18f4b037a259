// Fails when what is built weighs more than the budgets. Numbers in KB, gzipped unless said otherwise.
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { deflateRawSync, gzipSync } from 'node:zlib'

const dist = resolve(import.meta.dirname, '../../src/tradewind/web/dist')
const KB = 1024
const BUDGETS = { shell: 165, home: 210, embed: 110, element: 2, dist: 3 * 1024 }

const gz = (file) => gzipSync(readFileSync(file), { level: 9 }).length / KB
const sizes = new Map()
const sizeOf = (name) => {
  if (!sizes.has(name)) sizes.set(name, gz(join(dist, 'static', name)))
  return sizes.get(name)
}

const zipped = (file) => Math.min(statSync(file).size, deflateRawSync(readFileSync(file)).length)

/** The scripts that a script needs before it runs: its static imports, and theirs. */
function closure(names, seen = new Set()) {
  for (const name of names) {
    if (seen.has(name)) continue
    seen.add(name)
    const text = readFileSync(join(dist, 'static', name), 'utf8')
    const found = [...text.matchAll(/(?:import|from)\s*["']\.\/([\w.~-]+\.js)["']/g)].map((match) => match[1])
    closure(found, seen)
  }
  return seen
}

const scriptsOf = (html) =>
  [...readFileSync(join(dist, html), 'utf8').matchAll(/(?:src|href)="\.\/static\/([\w.~-]+\.js)"/g)].map((m) => m[1])

const sum = (names) => [...names].reduce((total, name) => total + sizeOf(name), 0)
const all = readdirSync(dist, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
const homePage = all.find((entry) => /^home-.*\.js$/.test(entry.name))?.name

const shell = closure(scriptsOf('index.html'))
const measured = {
  shell: sum(shell),
  home: sum(closure([...scriptsOf('index.html'), ...(homePage ? [homePage] : [])])),
  embed: sum(closure(scriptsOf('embed.html'))),
  // What a page around a frame loads.
  element: gz(join(dist, 'tradewind-dag.js')),
  // As the wheel carries it, a zip file: what is packed already stays as it is.
  dist: all.reduce((total, entry) => total + zipped(join(entry.parentPath, entry.name)), 0) / KB,
}

let failed = false
for (const [what, budget] of Object.entries(BUDGETS)) {
  const over = measured[what] > budget
  failed ||= over
  console.log(`${over ? 'OVER' : 'ok  '} ${what.padEnd(6)} ${measured[what].toFixed(1).padStart(7)} of ${budget} KB`)
}
process.exit(failed ? 1 : 0)
