import { createContext, useContext, type AnchorHTMLAttributes, type ReactNode } from 'react'
import { Link } from 'wouter'
import { useSettled } from '@/lib/useSettled'
import { useView } from '@/lib/useView'
import { DEFAULT_VIEW, withView } from '@/lib/view'

const LinkedView = createContext(DEFAULT_VIEW)

/**
 * Around everything with links: they follow another window once it is on the screen. Dozens of
 * addresses that nobody reads yet would make a switch wait.
 */
export function ViewLinks({ children }: { children: ReactNode }) {
  const [view] = useView()
  return <LinkedView.Provider value={useSettled(view)}>{children}</LinkedView.Provider>
}

interface Props extends Omit<AnchorHTMLAttributes<HTMLAnchorElement>, 'href'> {
  /** A path of this site; range, granularity and as_of are added. */
  to: string
}

/** A link that keeps what the reader is looking at. */
export function ViewLink({ to, ...rest }: Props) {
  return <Link href={withView(to, useContext(LinkedView))} {...rest} />
}
