// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest'
import { flowWord, heat, pathDone, type Graph } from '@/maps/path'

// start → enter → first(service) → review → which → enter | approve → split → a, b → join → end
const flow = (line: string) => { const [id, from, to] = line.split(' '); return { id: id!, from: from!, to: to! } }
const graph: Graph = {
  flows: ['f1 start enter', 'f2 enter first', 'f3 first review', 'f4 review which', 'f5 which approve', 'f6 which enter', 'f7 approve split', 'f8 split a', 'f9 split b', 'f10 a join', 'f11 b join', 'f12 join end', 'f13 late refuse', 'f14 refuse refused'].map(flow),
  attached: { late: 'review' },
  traced: new Set(['enter', 'first', 'review', 'approve', 'a', 'b', 'refuse']),
  ends: new Set(['end', 'refused']),
}
const way = (visited: string[], standing: string[], ended = false) => [...pathDone(graph, 'start', visited, standing, ended)].sort()

describe('the way of a case', () => {
  it('leads to where it stands', () => {
    expect(way(['enter', 'first'], ['review'])).toEqual(['enter', 'f1', 'f2', 'f3', 'first', 'start'])
  })
  it('goes back over a gateway when a step was returned', () => {
    const done = way(['enter', 'first', 'review'], ['enter'])
    expect(done).toContain('review')
    expect(done).toContain('enter')
    expect(done).not.toContain('f5')
  })
  it('takes both branches, and the one end that can be reached', () => {
    const done = way(['enter', 'first', 'review', 'approve', 'a', 'b'], [], true)
    for (const one of ['f4', 'which', 'f5', 'split', 'f8', 'f9', 'join', 'f12', 'end']) expect(done).toContain(one)
    expect(done).not.toContain('refused')
  })
  it('passes a boundary event from its activity', () => {
    const done = way(['enter', 'first', 'review', 'refuse'], [], true)
    for (const one of ['late', 'f13', 'f14', 'refused']) expect(done).toContain(one)
  })
  it('marks nothing that no way leads to', () => {
    expect(way([], ['approve'])).toEqual(['start'])
  })
})
describe('colours and words', () => {
  it('divide the greatest value into five', () => {
    expect([null, 0, 1, 20, 21, 100].map((x) => heat(x, 100))).toEqual([0, 0, 1, 1, 2, 5])
    expect(heat(3, 0)).toBe(0)
  })
  it('read plain conditions only', () => {
    expect(['review = "return"', 'eligible', 'not(eligible)', 'a > 3', 'x = "not_accepted"'].map(flowWord)).toEqual(['return', 'yes', 'no', '', 'not accepted'])
  })
})
