export default function ReliabilityPage() {
  return <h1>ReliabilityPage</h1>
}
