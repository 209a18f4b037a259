import { resolve } from 'node:path'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

/** The server that `npm run dev` asks for data: `tradewind standalone` on its usual port, or TRADEWIND_URL. */
const server = process.env.TRADEWIND_URL ?? 'http://127.0.0.1:8080'
const proxied = { target: server, changeOrigin: false }

export default defineConfig({
  plugins: [react()],
  // Relative: the server writes <base href> from [webserver] base_url when it serves index.html.
  base: './',
  build: {
    assetsDir: 'static',
    outDir: resolve(import.meta.dirname, '../src/tradewind/web/dist'),
    emptyOutDir: true,
    // light-dark() and nesting stay as written.
    target: ['chrome123', 'firefox128', 'safari17.5'],
    // One style sheet: a page then costs one request less, and the whole is small.
    cssCodeSplit: false,
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    rollupOptions: {
      input: {
        index: resolve(import.meta.dirname, 'index.html'),
        embed: resolve(import.meta.dirname, 'embed.html'),
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
} as Parameters<typeof defineConfig>[0])
