import type { AnchorHTMLAttributes } from 'react'
import { Link } from 'wouter'
import { useView } from '@/lib/useView'
import { withView } from '@/lib/view'

interface Props extends Omit<AnchorHTMLAttributes<HTMLAnchorElement>, 'href'> {
  /** A path of this site; range, granularity and as_of are added. */
  to: string
}

/** A link that keeps what the reader is looking at. */
export function ViewLink({ to, ...rest }: Props) {
  const [view] = useView()
  return <Link href={withView(to, view)} {...rest} />
}
