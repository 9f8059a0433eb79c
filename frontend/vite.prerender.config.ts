import { rmSync, utimesSync } from 'node:fs'
import { defineConfig, type Plugin } from 'vite'
import pages from './vite.config.ts'

/** What is loaded later is never drawn by the server: it stays outside. */
function leaveOutLater(): Plugin {
  return {
    name: 'leave-out-later',
    enforce: 'pre',
    resolveId: (_id, _importer, { kind }) =>
      kind === 'dynamic-import' ? { id: 'loaded-later', external: true } : null,
  }
}

/** This build is the last: now all is there, and a running server reads the files anew. */
function announce(): Plugin {
  return {
    name: 'announce',
    writeBundle() {
      rmSync('dist/.server/prerender.css') // the pages have the same
      const now = new Date()
      utimesSync('dist/index.html', now, now)
    },
  }
}

/** The pages' code as one script for the server's own engine; it is no file that can be asked for. */
export default defineConfig({
  define: { ...pages.define, 'process.env.NODE_ENV': '"production"' },
  plugins: [leaveOutLater(), announce()],
  oxc: pages.oxc ?? {},
  resolve: pages.resolve ?? {},
  publicDir: false,
  build: {
    target: 'es2023',
    outDir: 'dist/.server',
    reportCompressedSize: false,
    rolldownOptions: { checks: { moduleLevelDirective: false } },
    lib: {
      entry: 'src/prerender/prerender.tsx',
      formats: ['iife'],
      name: 'prerenderer',
      fileName: () => 'prerender.js',
      cssFileName: 'prerender',
    },
  },
})
