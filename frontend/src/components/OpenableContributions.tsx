import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { innerDriversQuery } from '@/api/queries'
import type { Contribution, Drivers } from '@/api/types'
import { elementsIn } from '@/lib/elements'
import { count } from '@/lib/format'
import { driversSentence } from '@/lib/sentences'
import type { View } from '@/lib/view'
import { words, wordsWithin } from '@/lib/words'
import { Contributions } from './Contributions'
import styles from './OpenableContributions.module.css'
import { Notice } from './Notice'
import { Skeleton } from './Skeleton'

const SHOWN_INSIDE = 5

interface Props {
  drivers: Drivers
  items: readonly Contribution[]
  view: View
  format: (effect: number) => string
  goodDirection: 'up' | 'down' | null
  /** One is opened. */
  onOpen: () => void
}

type InsideProps = Pick<Props, 'drivers' | 'view' | 'format' | 'goodDirection'> & { name: string }

/** One level further down: what a contribution is made of. */
function Inside({ drivers, name, view, format, goodDirection }: InsideProps) {
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
  const shown = data.contributions.slice(0, SHOWN_INSIDE)
  const rest = data.contributions.slice(SHOWN_INSIDE)
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

/** Contributions of which each opens its own contributions. */
export function OpenableContributions({ drivers, items, onOpen, ...shown }: Props) {
  const [opened, setOpened] = useState<string | null>(null)
  const item = items.find(({ name, kind }) => `${name} ${kind}` === opened)
  return (
    <Contributions
      items={items}
      format={shown.format}
      goodDirection={shown.goodDirection}
      opening={{
        opened,
        toggle: (name) => {
          setOpened(name === opened ? null : name)
          if (name !== opened) onOpen()
        },
        inside: item && <Inside drivers={drivers} name={item.name} {...shown} />,
      }}
    />
  )
}
