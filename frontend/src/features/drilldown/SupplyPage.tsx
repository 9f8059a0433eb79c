export default function SupplyPage() {
  return <h1>SupplyPage</h1>
}
