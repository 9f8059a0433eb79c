function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** A UUID of version 7 (RFC 9562): milliseconds first, so that ids sort by time. */
export function uuid7(
  unixMs: number,
  random: Uint8Array = crypto.getRandomValues(new Uint8Array(10)),
): string {
  const time = Math.floor(unixMs).toString(16).padStart(12, '0')
  const rest = Uint8Array.from(random)
  rest[0] = 0x70 | ((rest[0] ?? 0) & 0x0f)
  rest[2] = 0x80 | ((rest[2] ?? 0) & 0x3f)
  const tail = hex(rest)
  return [
    time.slice(0, 8),
    time.slice(8, 12),
    tail.slice(0, 4),
    tail.slice(4, 8),
    tail.slice(8, 20),
  ].join('-')
}
