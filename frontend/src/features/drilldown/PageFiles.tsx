import { useSearch } from 'wouter'
import { Icon } from '@/components/Icon'
import buttons from '@/components/SmallButton.module.css'
import { pageFileHref } from '@/lib/pageFile'
import type { View } from '@/lib/view'
import { trackExport } from '@/telemetry'

const NAMES = { csv: 'CSV', xlsx: 'Excel' } as const

/** What the page shows, as files: number, periods, breakdown and drivers. */
export function PageFiles({ metric, view }: { metric: string; view: View }) {
  const search = useSearch()
  return (
    <div className={buttons.group}>
      {(['csv', 'xlsx'] as const).map((kind) => (
        <a
          key={kind}
          className={buttons.button}
          href={pageFileHref(metric, kind, view, search)}
          download
          onClick={() => {
            trackExport(metric, `${kind} page`)
          }}
        >
          <Icon name="download" /> This page as {NAMES[kind]}
        </a>
      ))}
    </div>
  )
}
