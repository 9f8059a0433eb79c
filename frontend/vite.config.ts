import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { precompress } from './precompress.ts'
import { preloadStart, startGroup } from './preloadStart.ts'
import manifest from './package.json' with { type: 'json' }

/** What is written for React runs on Preact, a fifth of its size: see docs/decisions/0010-preact.md. */
const PREACT = [
  { find: 'react-dom/client', replacement: 'preact/compat/client' },
  { find: 'react-dom', replacement: 'preact/compat' },
  { find: 'react/jsx-runtime', replacement: 'preact/jsx-runtime' },
  { find: 'react/jsx-dev-runtime', replacement: 'preact/jsx-runtime' },
  { find: /^react$/, replacement: 'preact/compat' },
  { find: /^use-sync-external-store\/shim.*$/, replacement: 'preact/compat' },
]

const START = 'src/start.tsx'

export default defineConfig({
  define: { __RELEASE__: JSON.stringify(process.env['EXECDASH_RELEASE'] ?? manifest.version) },
  plugins: [preloadStart(START), precompress()],
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  resolve: {
    alias: [
      ...PREACT,
      { find: '@', replacement: fileURLToPath(new URL('./src', import.meta.url)) },
    ],
  },
  build: {
    target: 'es2023',
    // The server's content security policy has no data: scripts, and small files gain nothing.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    manifest: true,
    // "use client" in a library is meant for servers that render; there is none here.
    rolldownOptions: {
      checks: { moduleLevelDirective: false },
      output: {
        codeSplitting: {
          includeDependenciesRecursively: false,
          groups: [startGroup('src/main.ts', START)],
        },
      },
    },
    // The chart library is one chunk of this size, loaded when the page is complete and idle.
    chunkSizeWarningLimit: 600,
  },
  server: {
    proxy: { '/api': process.env['EXECDASH_API'] ?? 'http://127.0.0.1:8000' },
  },
  test: {
    environment: 'jsdom',
    setupFiles: ['src/testing/setup.ts'],
    include: ['src/**/*.test.{ts,tsx}'],
    // Libraries are bundled into the tests, too, so that they run on Preact as they do in the pages.
    server: { deps: { inline: [/@tanstack/, /@testing-library/, /wouter/] } },
    restoreMocks: true,
    unstubGlobals: true,
  },
})
