// SPDX-License-Identifier: Apache-2.0
// Find a table or an expression in the text of a model and put another in its place; all around it stays as it was, byte for byte.
// Pure.
const TOKEN = /<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<!\[CDATA\[[\s\S]*?\]\]>|<(\/?)([^\s>/!?]+)((?:\s+[^\s=>/]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*(\/?)>/g

export interface Span { start: number; end: number; indent: string; prefix: string }

export const tableSpan = (xml: string, element: string, at: number) => boxSpan(xml, element, 'decisionTable', at)

/** The FEEL text of the at-th literal expression of an element, without its tags. */
export function expressionSpan(xml: string, element: string, at: number): Span | null {
  const box = boxSpan(xml, element, 'literalExpression', at)
  if (!box) return null
  const inner = /<([\w.-]+:)?text\s*>([\s\S]*?)<\/([\w.-]+:)?text\s*>/.exec(xml.slice(box.start, box.end))
  if (!inner) return null
  const start = box.start + inner.index + inner[0].indexOf('>') + 1
  return { ...box, start, end: start + inner[2]!.length }
}

/** The at-th box of that name (from 0) inside the element of that id, an immediate child of the root. */
export function boxSpan(xml: string, element: string, box: 'decisionTable' | 'literalExpression', at: number): Span | null {
  const id = new RegExp(`\\sid\\s*=\\s*(?:"${element.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}"|'${element.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}')`)
  let depth = 0
  let inside = false
  let seen = -1
  let found: { start: number; depth: number; prefix: string } | null = null
  for (const match of xml.matchAll(TOKEN)) {
    const [, closing, name, attributes, empty] = match
    if (name === undefined) continue
    const colon = name.indexOf(':')
    const local = name.slice(colon + 1)
    if (closing) {
      depth--
      if (found && depth === found.depth) {
        const lineStart = xml.lastIndexOf('\n', found.start) + 1
        const before = xml.slice(lineStart, found.start)
        return { start: found.start, end: match.index + match[0].length, indent: /^\s*$/.test(before) ? before : '', prefix: found.prefix }
      }
      if (inside && depth === 1) inside = false
      continue
    }
    if (depth === 1) inside = id.test(attributes ?? '')
    if (inside && !found && local === box && ++seen === at && !empty) found = { start: match.index, depth, prefix: colon < 0 ? '' : name.slice(0, colon + 1) }
    if (!empty) depth++
  }
  return null
}

export function splice(xml: string, span: Span, table: string): string {
  return xml.slice(0, span.start) + table + xml.slice(span.end)
}
