// SPDX-License-Identifier: Apache-2.0
// What changed inside an expression, word by word. Pure.
export interface Piece { kind: 'same' | 'old' | 'new'; text: string }

export function wordsDiff(before: string, after: string): Piece[] {
  const split = (text: string) => text.match(/[A-Za-z_][\w.]*|\d+(?:\.\d+)?|"[^"]*"|\s+|[\s\S]/gu) ?? []
  const [a, b] = [split(before), split(after)]
  if (a.length * b.length > 4_000_000) return [{ kind: 'old', text: before }, { kind: 'new', text: after }]
  const width = b.length + 1
  const lengths = new Uint32Array((a.length + 1) * width)
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--) lengths[i * width + j] = a[i] === b[j] ? lengths[(i + 1) * width + j + 1]! + 1 : Math.max(lengths[(i + 1) * width + j]!, lengths[i * width + j + 1]!)
  const pieces: Piece[] = []
  const put = (kind: Piece['kind'], text: string) => {
    const last = pieces.at(-1)
    if (last?.kind === kind) last.text += text
    else pieces.push({ kind, text })
  }
  let i = 0
  let j = 0
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      put('same', a[i]!)
      i++
      j++
    } else if (j >= b.length || (i < a.length && lengths[(i + 1) * width + j]! >= lengths[i * width + j + 1]!)) put('old', a[i++]!)
    else put('new', b[j++]!)
  }
  return pieces
}
