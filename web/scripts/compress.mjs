// SPDX-License-Identifier: Apache-2.0
// Lay a compressed twin beside every text file of the build; the server sends it to clients that accept gzip.
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'

const dist = fileURLToPath(new URL('../dist/', import.meta.url))
let plain = 0
let packed = 0
for (const name of readdirSync(dist, { recursive: true })) {
  const path = join(dist, name)
  if (!/\.(js|css|html|svg|json)$/.test(name) || !statSync(path).isFile()) continue
  const bytes = readFileSync(path)
  const small = gzipSync(bytes, { level: 9 })
  if (small.length >= bytes.length) continue
  writeFileSync(`${path}.gz`, small)
  plain += bytes.length
  packed += small.length
}
console.log(`compressed ${(plain / 1000).toFixed(0)} kB to ${(packed / 1000).toFixed(0)} kB`)
