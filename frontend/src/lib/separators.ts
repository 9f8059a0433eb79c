/** How the reader's locale writes numbers. The words of the page are English everywhere. */
export interface Separators {
  readonly decimal: string
  readonly group: string
  /** Digits of each group but the last, which has three: `1,234,567`, in India `12,34,567`. */
  readonly groupDigits: number
}

const ENGLISH: Separators = { decimal: '.', group: ',', groupDigits: 3 }

/**
 * The separators of a locale. For English they are known: making the browser's own formatter
 * loads its tables, which takes longer than all the rest of formatting the first screen.
 */
export function separatorsOf(locale: string): Separators {
  if (/^en(-(AU|CA|GB|IE|NZ|US))?$/.test(locale)) return ENGLISH
  try {
    // Digits are Latin ones, as in the words around them: so are the separators.
    const options = { useGrouping: 'always', numberingSystem: 'latn' } as const
    const parts = new Intl.NumberFormat(locale, options).formatToParts(-987_654_321.2)
    const find = (type: string) => parts.find((part) => part.type === type)?.value
    const groups = parts.filter(({ type }) => type === 'integer')
    return {
      decimal: find('decimal') ?? '.',
      group: find('group') ?? '',
      groupDigits: groups.at(-2)?.value.length ?? 3,
    }
  } catch {
    return ENGLISH // a language tag that the browser itself does not understand
  }
}

/** `1234567.5` with one digit is `1,234,567.5` to an English reader; the sign is left to callers. */
export function writeNumber(value: number, digits: number, separators: Separators): string {
  const [whole = '', part] = Math.abs(value).toFixed(digits).split('.')
  const grouped = grouping(whole, separators)
  return part === undefined ? grouped : `${grouped}${separators.decimal}${part}`
}

/** The digits of a whole number in groups. */
export function grouping(whole: string, { group, groupDigits }: Separators): string {
  const before = groupDigits === 2 ? /\B(?=(\d{2})*\d{3}$)/g : /\B(?=(\d{3})+$)/g
  return whole.replaceAll(before, group)
}
