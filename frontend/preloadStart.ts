import type { CodeSplittingGroup, ModuleInfo, OutputChunk } from 'rolldown'
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
 * Lets the document ask at once for what its first script starts later: styles first, since
 * nothing is painted before them, then code. The first script itself runs before the first paint.
 */
export function preloadStart(file: string): Plugin {
  return {
    name: 'preload-start',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler(html, { bundle = {} }) {
        const chunks = Object.values(bundle).filter((part) => part.type === 'chunk')
        const start = chunks.find(({ moduleIds }) => moduleIds.some((id) => id.endsWith(file)))
        if (start === undefined) throw new Error(`there is no chunk of ${file}`)
        const needed = withImports(start, chunks)
        const styles = needed.flatMap((chunk) => [...(chunk.viteMetadata?.importedCss ?? [])])
        return {
          html: html.replace('<script type="module"', '$& blocking="render"'),
          tags: [
            ...styles.map((name) => link({ rel: 'stylesheet', href: `/${name}` })),
            ...needed.map(({ fileName }) =>
              link({ rel: 'modulepreload', fetchpriority: 'low', href: `/${fileName}` }),
            ),
          ],
        }
      },
    },
  }
}

function withImports(chunk: OutputChunk, all: readonly OutputChunk[]): OutputChunk[] {
  const direct = all.filter(({ fileName, isEntry }) => !isEntry && chunk.imports.includes(fileName))
  return [...new Set([chunk, ...direct.flatMap((part) => withImports(part, all))])]
}

function link(attrs: Record<string, string>): HtmlTagDescriptor {
  return { tag: 'link', attrs: { crossorigin: true, ...attrs }, injectTo: 'head' }
}
