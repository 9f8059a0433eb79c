import { Segmented } from '@/components/Segmented'
import type { Compare, View } from '@/lib/view'

const OPTIONS = [
  { value: 'previous', label: 'Window before' },
  { value: 'year_ago', label: 'A year ago' },
  { value: 'ytd_target', label: 'Year to date, target' },
] as const

const LENGTHS = { '6m': 'six', '12m': 'twelve' } as const

/** What the numbers of a view are held against, in words. */
export function comparisonText({ compare, range }: View): string {
  switch (compare) {
    case 'previous':
      return `against the ${LENGTHS[range]} months before`
    case 'year_ago':
      return 'against the same months a year ago'
    case 'ytd_target':
      return 'the fiscal year to date against its targets'
  }
}

interface Props {
  view: View
  onChange: (compare: Compare) => void
}

/** What the reader holds the numbers against. */
export function ComparisonChoice({ view, onChange }: Props) {
  return (
    <Segmented
      label="Compare with"
      value={view.compare}
      options={OPTIONS}
      onChange={onChange}
      dense
    />
  )
}
