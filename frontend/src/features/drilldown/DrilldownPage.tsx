export default function DrilldownPage({ metric, section }: { metric: string; section: string }) {
  return (
    <h1>
      {section} {metric}
    </h1>
  )
}
