/** A ZIP archive whose files are stored as they are: what a workbook is wrapped in. */

const LOCAL_HEADER = 0x04034b50
const CENTRAL_HEADER = 0x02014b50
const END_OF_ARCHIVE = 0x06054b50
const VERSION = 20
const FIRST_DAY = 0x21 // 1 January 1980, the earliest that the format knows

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1
  return value
})

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of bytes) crc = (CRC_TABLE[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8)
  return (crc ^ 0xffffffff) >>> 0
}

/** Little-endian fields, each a value and how many bytes it takes. */
function packed(fields: readonly (readonly [value: number, bytes: 2 | 4])[]): Uint8Array {
  const found = new DataView(new ArrayBuffer(fields.reduce((sum, [, bytes]) => sum + bytes, 0)))
  let at = 0
  for (const [value, bytes] of fields) {
    if (bytes === 2) found.setUint16(at, value, true)
    else found.setUint32(at, value, true)
    at += bytes
  }
  return new Uint8Array(found.buffer)
}

/** What both headers of a file say of it. */
function described(name: Uint8Array, body: Uint8Array) {
  return [
    [VERSION, 2],
    [0, 2], // flags
    [0, 2], // stored, not compressed
    [0, 2], // midnight
    [FIRST_DAY, 2],
    [crc32(body), 4],
    [body.length, 4],
    [body.length, 4],
    [name.length, 2],
    [0, 2], // no extra field
  ] as const
}

/** An archive of texts, by their path in it. */
export function zipped(files: Readonly<Record<string, string>>): Blob {
  const encoder = new TextEncoder()
  const bodies: Uint8Array[] = []
  const directory: Uint8Array[] = []
  const length = (parts: readonly Uint8Array[]) => parts.reduce((sum, part) => sum + part.length, 0)
  for (const [path, text] of Object.entries(files)) {
    const [name, body] = [encoder.encode(path), encoder.encode(text)]
    const fields = described(name, body)
    const offset = length(bodies)
    bodies.push(packed([[LOCAL_HEADER, 4], ...fields]), name, body)
    const rest = [
      [0, 2],
      [0, 2],
      [0, 2],
      [0, 4],
      [offset, 4],
    ] as const // comment, disk, attributes
    directory.push(packed([[CENTRAL_HEADER, 4], [VERSION, 2], ...fields, ...rest]), name)
  }
  const count = Object.keys(files).length
  const end = packed([
    [END_OF_ARCHIVE, 4],
    [0, 2], // of one disk
    [0, 2],
    [count, 2],
    [count, 2],
    [length(directory), 4],
    [length(bodies), 4],
    [0, 2], // no comment
  ])
  return new Blob([...bodies, ...directory, end] as BlobPart[])
}
