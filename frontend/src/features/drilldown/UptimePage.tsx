import { DowntimeCard } from './DowntimeCard'
import { KpiPage } from './KpiPage'

/** Uptime, and what it cost in minutes, service by service. */
export default function UptimePage() {
  return (
    <KpiPage
      metric="uptime"
      title="Operations: uptime"
      trail={[]}
      breakdown={(detail, onFilter) => <DowntimeCard detail={detail} onFilter={onFilter} />}
    />
  )
}
