// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import type { Logic, ModelElement } from '@/api/rules'
import { layout } from '@/rules/layout'
import { drawingMake, needed, nodeId, notesJoin, notesSplit, refSplit } from '@/rules/mini'
import { expressionSpan, splice, tableSpan } from '@/rules/splice'
import { expressionsOf, tablesOf } from '@/rules/tables'
import { wordsDiff } from '@/rules/words-diff'

const element = (id: string, kind: ModelElement['kind'], ...needs: string[]): ModelElement => ({ id, kind, name: id, needs: needs.map((ref) => ({ kind: ref.startsWith('k') ? 'knowledge' : ref.includes('#') || ref.startsWith('d') ? 'decision' : 'input', ref })) })
const MODEL = [element('i1', 'input'), element('i2', 'input'), element('k1', 'knowledge'), element('d1', 'decision', 'i1', 'k1'), element('d2', 'decision', 'd1', 'i2', 'urn:shebao:rules:other#n_x'), element('d3', 'decision', 'i2')]

describe('the drawing of a model', () => {
  it('holds what one decision needs, all the way down, and what another model gives', () => {
    expect(needed(MODEL, 'm', 'd2', false).map((one) => one.id).sort()).toEqual(['d1', 'd2', 'i1', 'i2', 'other_other_n_x'])
    expect(needed(MODEL, 'm', 'd1', true).map((one) => one.id).sort()).toEqual(['d1', 'i1', 'k1'])
    expect(needed(MODEL, 'm', null, false).map((one) => one.id)).toContain('d3')
    expect(refSplit('urn:shebao:rules:other#n_x', 'm')).toEqual({ model: 'other', id: 'n_x' })
    expect(nodeId('m', 'm', 'd1')).toBe('d1')
  })
  it('puts every box somewhere, none on another, what is needed below what needs it', () => {
    const boxes = Array.from({ length: 30 }, (_, i) => ({ id: `b${i}`, kind: 'decision', width: 100, height: 50 }))
    const edges = boxes.slice(1).map((box, i) => ({ from: box.id, to: `b${Math.floor(i / 3)}` }))
    const placed = layout(boxes, edges)
    const all = boxes.map((box) => placed.boxes.get(box.id)!)
    all.forEach((a, i) => all.forEach((b, j) => { if (i < j) expect(a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y, `${i} ${j}`).toBe(true) }))
    for (const { from, to } of edges) expect(placed.boxes.get(from)!.y).toBeGreaterThan(placed.boxes.get(to)!.y)
  })
  it('ends on a circle', () => {
    const boxes = ['a', 'b'].map((id) => ({ id, kind: 'decision', width: 10, height: 10 }))
    expect(layout(boxes, [{ from: 'a', to: 'b' }, { from: 'b', to: 'a' }]).boxes.size).toBe(2)
  })
  it('is well formed whatever the labels are', () => {
    const { xml } = drawingMake(MODEL, 'm', null, true, (node) => `<"${node.name}" & Co>`)
    expect(xml).toContain('name="&lt;&quot;d1&quot; &amp; Co&gt;"')
    expect(xml.match(/<dmndi:DMNShape/g)).toHaveLength(7)
  })
})

describe('a table in the text of a model', () => {
  const xml = readFileSync(fileURLToPath(new URL('../../../packs/cn/rules/pension.dmn', import.meta.url)), 'utf8')
  it('is found by element and place, and everything around it stays', () => {
    const span = tableSpan(xml, 'n_years_of', 0)!
    const text = xml.slice(span.start, span.end)
    expect(text.startsWith('<decisionTable')).toBe(true)
    expect(text.endsWith('</decisionTable>')).toBe(true)
    expect(text).toContain('"half_up_2dp"')
    expect(span.indent).toMatch(/^ +$/)
    expect(splice(xml, span, text)).toBe(xml)
    expect(splice(xml, span, '<x/>').length).toBe(xml.length - text.length + 4)
    expect(tableSpan(xml, 'n_years_of', 1)).toBeNull()
    expect(tableSpan(xml, 'n_none', 0)).toBeNull()
  })
  it('is an expression too, found by the same count as in the data', () => {
    const small = '<definitions><decision id="a"><context><contextEntry><literalExpression><text>x &lt; 1</text></literalExpression></contextEntry><contextEntry><literalExpression id="l"><text>y</text></literalExpression></contextEntry></context></decision></definitions>'
    const span = expressionSpan(small, 'a', 1)!
    expect(splice(small, span, 'z')).toBe(small.replace('<text>y</text>', '<text>z</text>'))
    expect(small.slice(expressionSpan(small, 'a', 0)!.start, expressionSpan(small, 'a', 0)!.end)).toBe('x &lt; 1')
    expect(expressionSpan(small, 'a', 2)).toBeNull()
    const logic: Logic = { kind: 'context', entries: [{ name: 'a', logic: { kind: 'literal', text: 'x < 1' } }, { name: 'b', logic: { kind: 'table', at: 0, rules: [] } }, { name: '', logic: { kind: 'literal', text: 'y' } }] }
    expect(expressionsOf([{ ...element('d1', 'decision'), logic }]).map((one) => [one.at, one.path, one.text])).toEqual([[0, ['a'], 'x < 1'], [1, [''], 'y']])
  })
  it('is counted within its element, past comments, with any prefix', () => {
    const small = '<?xml version="1.0"?><d:definitions xmlns:d="x"><!-- <d:decisionTable/> --><d:decision id="a"><d:context><d:contextEntry><d:decisionTable id="1"><d:x a="b>c"/></d:decisionTable></d:contextEntry><d:contextEntry><d:decisionTable id="2"></d:decisionTable></d:contextEntry></d:context></d:decision></d:definitions>'
    const first = tableSpan(small, 'a', 0)!
    expect(small.slice(first.start, first.end)).toBe('<d:decisionTable id="1"><d:x a="b>c"/></d:decisionTable>')
    expect(first.prefix).toBe('d:')
    const second = tableSpan(small, 'a', 1)!
    expect(small.slice(second.start, second.end)).toContain('id="2"')
  })
  it('keeps its annotations through the one column that dmn-js shows', () => {
    expect(notesSplit(['article'], notesJoin(['article'], ['国发〔1997〕26号']))).toEqual(['国发〔1997〕26号'])
    expect(notesSplit(['article', 'note'], notesJoin(['article', 'note'], ['a', 'b: c']))).toEqual(['a', 'b: c'])
    expect(notesSplit(['article', 'note'], '')).toEqual(['', ''])
  })
  it('is listed wherever it stands', () => {
    const table: Logic = { kind: 'table', at: 0, rules: [] }
    const logic: Logic = { kind: 'function', parameters: ['x'], logic: { kind: 'context', entries: [{ name: 'a', logic: table }, { name: '', logic: { ...table, at: 1 } }] } }
    expect(tablesOf([{ ...element('k1', 'knowledge'), logic }]).map((one) => [one.at, one.path])).toEqual([[0, ['a']], [1, ['']]])
  })
})

describe('words that changed', () => {
  it('are told from those that stayed', () => {
    expect(wordsDiff('fen(w * n * rate)', 'fen(w * n * rate) + 1')).toEqual([{ kind: 'same', text: 'fen(w * n * rate)' }, { kind: 'new', text: ' + 1' }])
    expect(wordsDiff('a + b', 'a + c')).toEqual([{ kind: 'same', text: 'a + ' }, { kind: 'old', text: 'b' }, { kind: 'new', text: 'c' }])
    expect(wordsDiff('', 'x')).toEqual([{ kind: 'new', text: 'x' }])
  })
})
