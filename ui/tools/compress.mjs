// Writes .br and .gz beside each file of the build that they make smaller; the server sends them as they are.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { extname, join, resolve } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

const dist = resolve(import.meta.dirname, '../../src/tradewind/web/dist')
const TEXT = new Set(['.js', '.css', '.svg', '.json'])

for (const entry of readdirSync(dist, { recursive: true, withFileTypes: true })) {
  const file = join(entry.parentPath, entry.name)
  if (!entry.isFile() || !TEXT.has(extname(file))) continue
  const content = readFileSync(file)
  const packed = {
    '.gz': gzipSync(content, { level: 9 }),
    '.br': brotliCompressSync(content, {
      params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: content.length },
    }),
  }
  for (const [ending, bytes] of Object.entries(packed)) {
    if (bytes.length < content.length * 0.9) writeFileSync(file + ending, bytes)
  }
}
