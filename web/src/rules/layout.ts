// SPDX-License-Identifier: Apache-2.0
// Where the boxes of a decision diagram stand: what is asked at the top, what it needs in layers below it, neighbours near each
// other, so that a diagram that was never drawn (or drawn as one long row) can be read. Pure.
export interface Box { id: string; kind: string; width: number; height: number }
export interface Edge { from: string; to: string } // from: what is needed; to: what needs it
export interface Placed { boxes: Map<string, { x: number; y: number; width: number; height: number }>; width: number; height: number }

const GAP_X = 28
const GAP_Y = 58

/** The longest way from a box that nobody needs; a circle ends where it closes. */
function ranks(boxes: readonly Box[], users: Map<string, string[]>): Map<string, number> {
  const found = new Map<string, number>()
  const rank = (id: string, open: Set<string>): number => {
    const known = found.get(id)
    if (known !== undefined) return known
    if (open.has(id)) return 0
    open.add(id)
    const value = Math.max(-1, ...(users.get(id) ?? []).map((user) => rank(user, open))) + 1
    open.delete(id)
    found.set(id, value)
    return value
  }
  for (const box of boxes) rank(box.id, new Set())
  return found
}

function middle(values: number[], otherwise: number): number {
  return values.length === 0 ? otherwise : values.reduce((sum, one) => sum + one, 0) / values.length
}

/** across: how many boxes a row may hold, so that the whole can be read where it is shown. */
export function layout(boxes: readonly Box[], edges: readonly Edge[], across = 8): Placed {
  const known = new Set(boxes.map((box) => box.id))
  const users = new Map<string, string[]>()
  const needs = new Map<string, string[]>()
  for (const { from, to } of edges) {
    if (!known.has(from) || !known.has(to) || from === to) continue
    users.set(from, [...(users.get(from) ?? []), to])
    needs.set(to, [...(needs.get(to) ?? []), from])
  }
  const rank = ranks(boxes, users)
  const byRank: Box[][] = []
  for (const box of boxes) (byRank[rank.get(box.id) ?? 0] ??= []).push(box)
  const layers = byRank.filter((layer) => layer !== undefined)
  const place = new Map<string, number>()
  const settle = (layer: Box[]) => layer.forEach((box, i) => place.set(box.id, (i + 0.5) / layer.length))
  for (const layer of layers) settle(layer)
  for (let sweep = 0; sweep < 6; sweep++) {
    const down = sweep % 2 === 0
    for (const layer of down ? layers : [...layers].reverse()) {
      const beside = down ? users : needs
      const want = new Map(layer.map((box) => [box.id, middle((beside.get(box.id) ?? []).map((id) => place.get(id) ?? 0.5), place.get(box.id) ?? 0.5)]))
      layer.sort((a, b) => want.get(a.id)! - want.get(b.id)!)
      settle(layer)
    }
  }
  // A layer that is too wide is broken into rows: none may make the whole unreadably small.
  const rows = layers.flatMap((layer) => {
    const count = Math.ceil(layer.length / across)
    const size = Math.ceil(layer.length / count)
    return Array.from({ length: count }, (_, i) => ({ row: layer.slice(i * size, (i + 1) * size), first: i === 0 }))
  })
  const widths = rows.map(({ row }) => row.reduce((sum, box) => sum + box.width + GAP_X, -GAP_X))
  const width = Math.max(0, ...widths)
  const placed: Placed['boxes'] = new Map()
  let y = 0
  rows.forEach(({ row, first }, i) => {
    if (i > 0) y += first ? GAP_Y : GAP_Y / 2
    let x = (width - widths[i]!) / 2
    const height = Math.max(...row.map((box) => box.height))
    for (const box of row) {
      placed.set(box.id, { x, y: y + (height - box.height) / 2, width: box.width, height: box.height })
      x += box.width + GAP_X
    }
    y += height
  })
  return { boxes: placed, width, height: y }
}
