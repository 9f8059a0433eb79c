/** How the reader's locale writes numbers. The words of the page are English everywhere. */
export interface Separators {
  readonly decimal: string
  readonly group: string
}

const ENGLISH: Separators = { decimal: '.', group: ',' }

/**
 * The separators of a locale. For English they are known: making the browser's own formatter
 * loads its tables, which takes longer than all the rest of formatting the first screen.
 */
export function separatorsOf(locale: string): Separators {
  if (/^en(-(AU|CA|GB|IE|NZ|US))?$/.test(locale)) return ENGLISH
  try {
    // Digits are Latin ones, as in the words around them: so are the separators.
    const options = { useGrouping: 'always', numberingSystem: 'latn' } as const
    const parts = new Intl.NumberFormat(locale, options).formatToParts(-98765.4)
    const find = (type: string) => parts.find((part) => part.type === type)?.value
    return { decimal: find('decimal') ?? '.', group: find('group') ?? '' }
  } catch {
    return ENGLISH // a language tag that the browser itself does not understand
  }
}

/** `1234567.5` with one digit is `1,234,567.5` to an English reader; the sign is left to callers. */
export function writeNumber(value: number, digits: number, { decimal, group }: Separators): string {
  const [whole = '', part] = Math.abs(value).toFixed(digits).split('.')
  const grouped = grouping(whole, { group })
  return part === undefined ? grouped : `${grouped}${decimal}${part}`
}

/** The digits of a whole number in groups of three. */
export function grouping(whole: string, { group }: Pick<Separators, 'group'>): string {
  return whole.replaceAll(/\B(?=(\d{3})+$)/g, group)
}
