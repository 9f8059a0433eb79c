import { useQuery } from '@tanstack/react-query'
import { releasesQuery } from '@/api/queries'
import { Skeleton } from '@/components/Skeleton'
import type { Column } from '@/components/SortableTable'
import { count, formatInstant } from '@/lib/format'
import { countColumns } from './columns'
import styles from './ObjectiveDetail.module.css'
import { TitledTable } from './TitledTable'
import type { Objective, ReleaseReport } from './types'

interface Props {
  objective: Objective
  days: number
}

type Release = ReleaseReport['releases'][number]

function columnsOf(objective: Objective): Column<Release>[] {
  return [
    {
      name: 'Release',
      sortBy: ({ release }) => release,
      cell: ({ release }) => release ?? 'none told',
    },
    ...countColumns<Release>(objective),
    {
      name: 'First seen',
      sortBy: (one) => one.first_seen,
      cell: (one) => formatInstant(one.first_seen),
    },
    {
      name: 'Last seen',
      sortBy: (one) => one.last_seen,
      cell: (one) => formatInstant(one.last_seen),
    },
  ]
}

/** The objective release by release: a bad one stands out, and since when. */
export function Releases({ objective, days }: Props) {
  const { data, error } = useQuery(releasesQuery(objective.name, days))
  const found = data?.name === objective.name ? data : undefined
  if (found?.unknown !== undefined) return null // there is no release to tell apart
  return (
    <section aria-label="Releases">
      <TitledTable
        title="By release"
        of={objective.title}
        columns={columnsOf(objective)}
        items={found?.releases ?? []}
        keyOf={({ release }) => release ?? ''}
      />
      {found === undefined && error === null && <Skeleton height="5rem" />}
      {error !== null && <p className={styles.muted}>{error.message}</p>}
      {found?.releases.length === 0 && <p className={styles.muted}>No events in this window.</p>}
      {found !== undefined && found.not_shown > 0 && (
        <p className={styles.muted}>{count(found.not_shown)} releases were seen earlier.</p>
      )}
    </section>
  )
}
