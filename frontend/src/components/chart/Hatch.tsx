/** The hatching of everything that is not complete yet: the running month. */
export function Hatch({ id }: { id: string }) {
  return (
    <defs>
      <pattern
        id={id}
        width="0.375rem"
        height="0.375rem"
        viewBox="0 0 6 6"
        patternUnits="userSpaceOnUse"
        patternTransform="rotate(45)"
      >
        <line x1="0" y1="0" x2="0" y2="6" stroke="currentColor" strokeWidth="2.5" />
      </pattern>
    </defs>
  )
}
