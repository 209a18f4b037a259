import { resolve } from 'node:path'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'

/** The server that `npm run dev` asks for data: `tradewind standalone` on its usual port, or TRADEWIND_URL. */
const server = process.env.TRADEWIND_URL ?? 'http://127.0.0.1:8080'
const proxied = { target: server, changeOrigin: false }

const LIBRARIES = /node_modules\/(react|react-dom|scheduler|react-router|@tanstack\/[\w-]+)\//
/** Loaded when first needed, by themselves. */
const LAZY = /src\/kit\/(CodeMirror|MarkdownHtml)\.tsx/

function isShell(id: string): boolean {
  return (
    (id.includes('rolldown/runtime') || LIBRARIES.test(id) || /\/src\/((app|api|kit)\/|main\.tsx)/.test(id)) &&
    !LAZY.test(id)
  )
}

/** Two builds, so that they share no pieces: the page then needs few requests, and the embed entry carries nothing of
 * the frame. `vite build`, then `vite build --mode embed` beside it. */
export default defineConfig(({ mode }) => ({
  plugins: [react()],
  // Relative: the server writes <base href> from [webserver] base_url when it serves index.html.
  base: './',
  publicDir: mode === 'embed' ? false : 'public',
  build: {
    assetsDir: 'static',
    outDir: resolve(import.meta.dirname, '../src/tradewind/web/dist'),
    emptyOutDir: mode !== 'embed',
    // light-dark() and nesting stay as written.
    target: ['chrome123', 'firefox128', 'safari17.5'],
    // One style sheet: a page then costs one request less, and the whole is small.
    cssCodeSplit: false,
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    rollupOptions: {
      input: resolve(import.meta.dirname, mode === 'embed' ? 'embed.html' : 'index.html'),
      // What every page needs is one file, and not one for each set of pages that share something.
      output: {
        codeSplitting: {
          groups: [
            { name: 'shell', test: isShell },
            { name: 'forms', test: /\/src\/forms\// },
          ],
        },
      },
    },
  },
  worker: { format: 'es' },
  server: {
    proxy: {
      '/api': proxied,
      '/ui/v1': proxied,
      '/auth': proxied,
      '/health': proxied,
      // The boot data of the real server's page (api/boot.ts reads it out of the HTML).
      '/__boot': { ...proxied, rewrite: () => '/' },
    },
  },
  // A test that needs a document says so: // @vitest-environment happy-dom
  test: { pool: 'threads', isolate: false, include: ['src/**/*.test.ts', 'src/**/*.test.tsx'] },
}))
