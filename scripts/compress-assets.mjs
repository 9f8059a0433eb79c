// Writes FILE.br and FILE.gz beside each text file of a built folder, so that no request waits for it.
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

const SMALLEST_BYTES = 1024 // below it, headers weigh more than what is saved
const [folder] = process.argv.slice(2)

for (const name of readdirSync(folder, { recursive: true })) {
  const file = join(folder, name)
  if (!/\.(css|js|svg)$/.test(name) || statSync(file).size < SMALLEST_BYTES) continue
  const plain = readFileSync(file)
  const options = { params: { [constants.BROTLI_PARAM_SIZE_HINT]: plain.length } } // quality 11
  writeFileSync(`${file}.br`, brotliCompressSync(plain, options))
  writeFileSync(`${file}.gz`, gzipSync(plain, { level: 9 }))
}
