import { formatInstant } from '@/lib/format'

/** An instant of the API on the reader's own clock, also where the server drew it. */
export function Instant({ at }: { at: string }) {
  return (
    <time dateTime={at} data-instant>
      {formatInstant(at)}
    </time>
  )
}
