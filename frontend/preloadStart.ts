import type { CodeSplittingGroup, ModuleInfo, OutputBundle, OutputChunk } from 'rolldown'
import type { HtmlTagDescriptor, Plugin } from 'vite'

/** Everything that `start` needs at once is one file, but for what the first script, `main`, has. */
export function startGroup(main: string, start: string): CodeSplittingGroup {
  return {
    debugName: 'start',
    name: (id, context) => {
      const infoOf = (other: string) => context.getModuleInfo(other)
      const isNeededBy = (file: string) => reaches(id, file, infoOf, new Set())
      return isNeededBy(start) && !isNeededBy(main) ? 'start' : null
    },
  }
}

function reaches(
  id: string,
  file: string,
  infoOf: (id: string) => ModuleInfo | null,
  seen: Set<string>,
): boolean {
  if (id.endsWith(file)) return true
  if (seen.has(id)) return false
  seen.add(id)
  return infoOf(id)?.importers.some((importer) => reaches(importer, file, infoOf, seen)) ?? false
}

/**
 * Puts the styles of what the first script starts into the document, so that its screen is painted
 * without waiting for another file, and lets the document ask for the code at once.
 */
export function preloadStart(file: string): Plugin {
  let code: readonly string[] = []
  let styles = ''
  return {
    name: 'preload-start',
    apply: 'build',
    generateBundle: {
      order: 'pre', // before the pages' code learns which style sheets it has to load
      handler(_options, bundle) {
        const chunks = Object.values(bundle).filter((part) => part.type === 'chunk')
        const start = chunks.find(({ moduleIds }) => moduleIds.some((id) => id.endsWith(file)))
        if (start === undefined) throw new Error(`there is no chunk of ${file}`)
        const needed = withImports(start, chunks)
        code = needed.map(({ fileName }) => fileName)
        styles = needed.map((chunk) => takeStyles(chunk, bundle)).join('')
      },
    },
    transformIndexHtml: {
      order: 'post',
      handler: () => [
        { tag: 'style', children: styles, injectTo: 'head' },
        ...code.map((name) => preload(`/${name}`)),
      ],
    },
  }
}

/** The chunk's styles, which are no files any more. */
function takeStyles(chunk: OutputChunk, bundle: OutputBundle): string {
  const names = [...(chunk.viteMetadata?.importedCss ?? [])]
  chunk.viteMetadata?.importedCss.clear()
  return names
    .map((name) => {
      const sheet = bundle[name]
      Reflect.deleteProperty(bundle, name)
      if (sheet?.type !== 'asset') throw new Error(`there is no ${name}`)
      return sheet.source
    })
    .join('')
}

function withImports(chunk: OutputChunk, all: readonly OutputChunk[]): OutputChunk[] {
  const direct = all.filter(({ fileName, isEntry }) => !isEntry && chunk.imports.includes(fileName))
  return [...new Set([chunk, ...direct.flatMap((part) => withImports(part, all))])]
}

function preload(href: string): HtmlTagDescriptor {
  const attrs = { rel: 'modulepreload', fetchpriority: 'low', crossorigin: true, href }
  return { tag: 'link', attrs, injectTo: 'head' }
}
