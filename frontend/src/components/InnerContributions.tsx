import { useQuery } from '@tanstack/react-query'
import { innerDriversQuery } from '@/api/queries'
import type { Drivers } from '@/api/types'
import { elementsIn } from '@/lib/elements'
import { count } from '@/lib/format'
import { driversSentence } from '@/lib/sentences'
import type { View } from '@/lib/view'
import { words, wordsWithin } from '@/lib/words'
import { Contributions } from './Contributions'
import styles from './InnerContributions.module.css'
import { Notice } from './Notice'
import { Skeleton } from './Skeleton'

const SHOWN = 5

export interface InnerProps {
  drivers: Drivers
  view: View
  format: (effect: number) => string
  goodDirection: 'up' | 'down' | null
}

/** One level further down: what the contribution called `name` is made of. */
export function InnerContributions({
  drivers,
  name,
  view,
  format,
  goodDirection,
}: InnerProps & { name: string }) {
  const { metric, by } = drivers
  const { data, error, refetch } = useQuery(innerDriversQuery(metric, view, by, name))
  if (data === undefined) {
    if (error === null) return <Skeleton height="6rem" />
    return (
      <Notice title="It cannot be opened now" onRetry={() => void refetch()}>
        <p>{error.message}</p>
      </Notice>
    )
  }
  const shown = data.contributions.slice(0, SHOWN)
  const rest = data.contributions.slice(SHOWN)
  const others = rest.reduce((sum, item) => sum + item.effect, 0)
  return (
    <div className={styles.inside}>
      <p>{driversSentence(data)}</p>
      {shown.length > 0 && (
        <Contributions items={shown} format={format} goodDirection={goodDirection} />
      )}
      {data.residual !== null && (
        <p className={styles.note}>
          {words(name)} by {wordsWithin(data.by)}
          {rest.length > 0 && `; ${count(elementsIn(rest))} more: ${format(others)}`}; residual{' '}
          {format(data.residual)}
        </p>
      )}
    </div>
  )
}
