/**
 * The few things of a browser that the page's code asks for while it draws, for an engine without
 * a browser. Import it first: some are asked for when a module begins.
 */

const address = { origin: '', pathname: '/', search: '', href: '/' }

/** As much of the standard class as the page's addresses need: no name stands twice in them. */
class SearchParams {
  readonly #values: Map<string, string>

  constructor(given: string | Iterable<[string, string]> = '') {
    this.#values = new Map(typeof given === 'string' ? pairsOf(given) : given)
  }

  get(name: string): string | null {
    return this.#values.get(name) ?? null
  }

  delete(name: string): void {
    this.#values.delete(name)
  }

  [Symbol.iterator](): IterableIterator<[string, string]> {
    return this.#values[Symbol.iterator]()
  }

  toString(): string {
    return [...this.#values].map((pair) => pair.map(encodeURIComponent).join('=')).join('&')
  }
}

function pairsOf(query: string): [string, string][] {
  return query
    .replace(/^\?/, '')
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const [name = '', value = ''] = pair.replaceAll('+', ' ').split('=').map(decodeURIComponent)
      return [name, value]
    })
}

Object.assign(globalThis, {
  location: address,
  navigator: { language: 'en' },
  URLSearchParams: SearchParams,
  setTimeout: () => 0, // nothing happens later: the page is drawn once and forgotten
  clearTimeout: () => undefined,
})

/** Be at an address of the site; `search` without its question mark. */
export function goTo(pathname: string, search: string): void {
  address.pathname = pathname
  address.search = search === '' ? '' : `?${search}`
  address.href = pathname + address.search
}
