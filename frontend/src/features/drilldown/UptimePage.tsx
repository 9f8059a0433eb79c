export default function UptimePage() {
  return <h1>UptimePage</h1>
}
