import { useQuery } from '@tanstack/react-query'
import { sessionQuery } from '@/api/session'

/** Who is signed in, once that is known: the layout asks when the page is drawn. */
export function usePerson() {
  return useQuery({ ...sessionQuery, enabled: false }).data?.person
}

/** Whether a page is this person's; until that is known, and without accounts, `unknown`. */
export function useMayOpen(path: string, unknown: boolean): boolean {
  const person = usePerson()
  if (person === undefined) return unknown
  return person === null || person.pages.includes(path)
}

/** Tells this person's pages from others; until the person is known every page may be one. */
export function useOwnPages(): (path: string) => boolean {
  const person = usePerson()
  return (path) => person?.pages.includes(path) ?? true
}
