/** The product's mark; its name stands beside it. */
export function BrandMark() {
  return (
    <svg viewBox="0 0 32 32" width="1.625rem" aria-hidden="true">
      <rect width="32" height="32" rx="7" fill="var(--color-accent)" />
      <path
        d="M9 17.5v7M16 12.5v12M23 7.5v17"
        stroke="var(--color-surface)"
        strokeWidth="4.2"
        strokeLinecap="round"
      />
    </svg>
  )
}
