import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'
import { precompress } from './precompress.ts'
import manifest from './package.json' with { type: 'json' }

export default defineConfig({
  define: { __RELEASE__: JSON.stringify(process.env['EXECDASH_RELEASE'] ?? manifest.version) },
  plugins: [react(), precompress()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  build: {
    target: 'es2023',
    // The server's content security policy has no data: scripts, and small files gain nothing.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    manifest: true,
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
    restoreMocks: true,
    unstubGlobals: true,
  },
})
