/** Sentences of the API, whose numbers are written as in English, in the reader's own writing. */
import type { Drivers } from '@/api/types'
import { exactNumber } from './format'

const NUMBER = String.raw`\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+\.\d+`

function literally(name: string): string {
  return name.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
}

/** A text with the reader's separators; names of elements in it stay as the company writes them. */
export function localised(text: string, names: readonly string[] = []): string {
  const kept = names
    .filter((name) => /\d[.,]\d/.test(name))
    .toSorted((one, other) => other.length - one.length)
  return text.replaceAll(new RegExp([...kept.map(literally), NUMBER].join('|'), 'g'), (found) =>
    kept.includes(found) ? found : exactNumber(found.replaceAll(',', '')),
  )
}

/** What a change is put down to. */
export function driversSentence({ sentence, contributions, within }: Drivers): string {
  const names = contributions.map(({ name }) => name)
  return localised(sentence, within === undefined ? names : [...names, within.name])
}
