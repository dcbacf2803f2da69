// SPDX-License-Identifier: Apache-2.0
// Small models for dmn-js. It reads DMN 1.3 and shows one thing at a time, while a pack's models are DMN 1.5 with tables inside
// contexts and functions: so a diagram is made from the model's elements and laid out here, and a table is lifted out of its model
// and, when it was edited, put back in its place, byte for byte the same around it (splice.ts). Pure, but for the DOM's parser.
import type { ModelElement } from '@/api/rules'
import { layout, type Box, type Edge } from './layout'

export const DMN13 = 'https://www.omg.org/spec/DMN/20191111/MODEL/'
const DMNDI13 = 'https://www.omg.org/spec/DMN/20191111/DMNDI/'
const TABLE_ID = 'table_shown'
/** Ids that were only lent to the small model, or that dmn-js made up; they are not written back. */
export const LENT = /^(lent_|InputClause_|OutputClause_|UnaryTests_|LiteralExpression_|DecisionRule_|RuleAnnotation_|input_?\d|output_?\d)/

export function escape(text: string): string {
  return text.replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]!)
}

export interface Node { id: string; element: ModelElement | null; kind: string; name: string; model: string; own: string }
export interface Drawing { xml: string; nodes: Node[]; width: number; height: number }

/** "n_day" of this model, "urn:shebao:rules:NAME#id" of another. */
export function refSplit(ref: string, model: string): { model: string; id: string } {
  const hash = ref.indexOf('#')
  return hash < 0 ? { model, id: ref } : { model: ref.slice(0, hash).split(':').pop() ?? '', id: ref.slice(hash + 1) }
}
export const nodeId = (own: string, model: string, id: string) => (model === own ? id : `other_${model.replace(/[^A-Za-z0-9_]/g, '_')}_${id}`)

/** What one decision needs, all the way down; everything when no decision is named. */
export function needed(elements: readonly ModelElement[], own: string, decision: string | null, knowledge: boolean): Node[] {
  const nodes = new Map<string, Node>()
  const byId = new Map(elements.map((one) => [one.id, one]))
  const add = (id: string, model: string, kind: string): void => {
    const key = nodeId(own, model, id)
    if (nodes.has(key) || (!knowledge && kind === 'knowledge') || kind === 'authority') return
    const element = model === own ? byId.get(id) : undefined
    if (model === own && !element) return
    // The day of law is asked by nearly everything; its lines would only hide the others.
    if (!knowledge && kind === 'input' && element?.name === 'day') return
    nodes.set(key, { id: key, element: element ?? null, kind: element?.kind ?? kind, name: element?.name ?? id.replace(/^n_/, ''), model, own: id })
    for (const need of element?.needs ?? []) {
      const to = refSplit(need.ref, own)
      add(to.id, to.model, need.kind)
    }
  }
  const from = elements.filter((one) => one.kind === 'decision' && (decision === null || one.id === decision))
  for (const one of from) add(one.id, own, 'decision')
  return [...nodes.values()]
}

const REQUIREMENT: Record<string, [string, string]> = { input: ['informationRequirement', 'requiredInput'], decision: ['informationRequirement', 'requiredDecision'], knowledge: ['knowledgeRequirement', 'requiredKnowledge'] }
const TAG: Record<string, string> = { decision: 'decision', input: 'inputData', knowledge: 'businessKnowledgeModel' }

export function drawingMake(elements: readonly ModelElement[], own: string, decision: string | null, knowledge: boolean, label: (node: Node) => string, across?: number): Drawing {
  const nodes = needed(elements, own, decision, knowledge).filter((node) => node.kind in TAG)
  const known = new Set(nodes.map((node) => node.id))
  const edges: (Edge & { id: string; kind: string })[] = []
  for (const node of nodes)
    for (const need of node.element?.needs ?? []) {
      const to = refSplit(need.ref, own)
      const from = nodeId(own, to.model, to.id)
      if (known.has(from) && need.kind in REQUIREMENT) edges.push({ id: `edge_${edges.length}`, from, to: node.id, kind: need.kind })
    }
  const boxes: Box[] = nodes.map((node) => ({ id: node.id, kind: node.kind, width: node.kind === 'input' ? 156 : 176, height: node.kind === 'input' ? 46 : 58 }))
  const placed = layout(boxes, edges, across)
  const parts = nodes.map((node) => {
    const requirements = edges.filter((edge) => edge.to === node.id).map((edge) => `<${REQUIREMENT[edge.kind]![0]} id="${edge.id}"><${REQUIREMENT[edge.kind]![1]} href="#${escape(edge.from)}"/></${REQUIREMENT[edge.kind]![0]}>`).join('')
    return `<${TAG[node.kind]} id="${escape(node.id)}" name="${escape(label(node))}">${requirements}</${TAG[node.kind]}>`
  })
  const shapes = nodes.map((node) => {
    const at = placed.boxes.get(node.id)!
    return `<dmndi:DMNShape id="shape_${escape(node.id)}" dmnElementRef="${escape(node.id)}"><dc:Bounds x="${Math.round(at.x)}" y="${Math.round(at.y)}" width="${at.width}" height="${at.height}"/></dmndi:DMNShape>`
  })
  // Lines meet a box side by side along its lower edge, in the order in which they come from below.
  const foot = new Map<string, number>()
  for (const node of nodes) {
    const coming = edges.filter((edge) => edge.to === node.id)
    coming.sort((a, b) => placed.boxes.get(a.from)!.x - placed.boxes.get(b.from)!.x)
    const at = placed.boxes.get(node.id)!
    coming.forEach((edge, i) => foot.set(edge.id, at.x + (at.width * (i + 1)) / (coming.length + 1)))
  }
  const lines = edges.map((edge) => {
    const [a, b] = [placed.boxes.get(edge.from)!, placed.boxes.get(edge.to)!]
    return `<dmndi:DMNEdge id="line_${edge.id}" dmnElementRef="${edge.id}"><di:waypoint x="${Math.round(a.x + a.width / 2)}" y="${Math.round(a.y)}"/><di:waypoint x="${Math.round(foot.get(edge.id)!)}" y="${Math.round(b.y + b.height)}"/></dmndi:DMNEdge>`
  })
  return {
    nodes,
    width: placed.width,
    height: placed.height,
    xml: `<?xml version="1.0" encoding="UTF-8"?><definitions xmlns="${DMN13}" xmlns:dmndi="${DMNDI13}" xmlns:dc="http://www.omg.org/spec/DMN/20180521/DC/" xmlns:di="http://www.omg.org/spec/DMN/20180521/DI/" id="drawing" name="${escape(own)}" namespace="urn:shebao:drawing">${parts.join('')}<dmndi:DMNDI><dmndi:DMNDiagram id="diagram">${shapes.join('')}${lines.join('')}</dmndi:DMNDiagram></dmndi:DMNDI></definitions>`,
  }
}

// --- tables ---------------------------------------------------------------------------------------------------------------

export function tableFind(xml: string, element: string, at: number): Element | null {
  const doc = new DOMParser().parseFromString(xml, 'application/xml')
  if (doc.getElementsByTagName('parsererror').length > 0) return null
  const owner = [...doc.documentElement.children].find((one) => one.getAttribute('id') === element)
  return owner ? ([...owner.getElementsByTagNameNS('*', 'decisionTable')][at] ?? null) : null
}

const child = (of: Element, name: string) => [...of.children].filter((one) => one.localName === name)
const textOf = (of: Element | undefined) => (of ? (child(of, 'text')[0]?.textContent ?? '').trim() : '')

/** The annotations of a rule as the one text that dmn-js shows, and back. */
export function notesJoin(names: readonly string[], notes: readonly string[]): string {
  if (names.length <= 1) return notes[0] ?? ''
  return names.map((name, i) => `${name}: ${notes[i] ?? ''}`).join('\n')
}
export function notesSplit(names: readonly string[], text: string): string[] {
  if (names.length <= 1) return names.map(() => text)
  const lines = text.split('\n')
  return names.map((name, i) => {
    const line = lines.find((one) => one.startsWith(`${name}: `)) ?? lines[i] ?? ''
    return line.startsWith(`${name}: `) ? line.slice(name.length + 2) : line
  })
}

/** A table as a model of its own, for dmn-js: one decision, ids lent where there are none, annotations as one column. */
export function tableModel(table: Element, name: string): string {
  const doc = document.implementation.createDocument(DMN13, 'definitions')
  const root = doc.documentElement
  root.setAttribute('id', 'shown')
  root.setAttribute('name', name)
  root.setAttribute('namespace', 'urn:shebao:shown')
  const decision = doc.createElementNS(DMN13, 'decision')
  decision.setAttribute('id', 'decision_shown')
  decision.setAttribute('name', name)
  let lent = 0
  const copy = (from: Element): Element => {
    const to = doc.createElementNS(DMN13, from.localName)
    for (const attribute of from.attributes) if (!attribute.namespaceURI && attribute.name !== 'xmlns') to.setAttribute(attribute.name, attribute.value)
    if (!to.hasAttribute('id') && /^(decisionTable|input|output|inputExpression|inputEntry|outputEntry|rule)$/.test(from.localName)) to.setAttribute('id', `lent_${from.localName}_${lent++}`)
    for (const one of from.childNodes) {
      if (one.nodeType === 1) to.appendChild(copy(one as Element))
      else if (one.nodeType === 3 && from.localName === 'text') to.appendChild(doc.createTextNode(one.textContent ?? ''))
    }
    return to
  }
  const shown = copy(table)
  shown.setAttribute('id', TABLE_ID)
  const names = child(shown, 'annotation').map((one) => one.getAttribute('name') ?? '')
  for (const one of child(shown, 'annotation')) one.remove()
  child(shown, 'rule').forEach((rule, i) => {
    rule.setAttribute('id', `lent_rule_${i + 1}`)
    const notes = child(rule, 'annotationEntry').map(textOf)
    for (const one of child(rule, 'annotationEntry')) one.remove()
    if (names.length > 0) {
      const description = doc.createElementNS(DMN13, 'description')
      description.textContent = notesJoin(names, notes)
      for (const old of child(rule, 'description')) old.remove()
      rule.insertBefore(description, rule.firstChild)
    }
  })
  decision.appendChild(shown)
  root.appendChild(decision)
  return new XMLSerializer().serializeToString(doc)
}

/** The table of a small model that dmn-js has saved, as text in the manner of the packs, for the table that it came from. */
export function tableText(saved: string, original: Element, indent: string, prefix: string): string {
  const doc = new DOMParser().parseFromString(saved, 'application/xml')
  const table = doc.getElementsByTagNameNS('*', 'decisionTable')[0]
  if (!table) throw new Error('no table')
  const names = child(original, 'annotation').map((one) => one.getAttribute('name') ?? '')
  const out: string[] = []
  const open = (of: Element, more = '') => {
    const attributes = [...of.attributes].filter((a) => !a.name.startsWith('xmlns') && !a.namespaceURI && !(a.name === 'id' && (LENT.test(a.value) || a.value === TABLE_ID)) && !(a.name === 'label' && a.value === ''))
    return `<${prefix}${of.localName}${attributes.map((a) => ` ${a.name}="${escape(a.value)}"`).join('')}${more}`
  }
  const words = (text: string) => text.replace(/[&<>]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[c]!)
  const close = (of: Element) => `</${prefix}${of.localName}>`
  // A rule has a line for each of its cells; everything else stands on one, as in the packs.
  const line = (of: Element): string | null => {
    if (of.localName === 'rule') return null
    if (of.children.length > 0) return `${open(of, '>')}${[...of.children].map(line).join('')}${close(of)}`
    const text = of.localName === 'text' ? (of.textContent ?? '') : (of.textContent ?? '').trim()
    return text === '' && of.localName !== 'text' ? open(of, '/>') : `${open(of, '>')}${words(text)}${close(of)}`
  }
  const put = (of: Element, depth: number): void => {
    const pad = indent + '  '.repeat(depth)
    const whole = line(of)
    if (whole !== null) {
      out.push(pad + whole)
      return
    }
    const noted = of.localName === 'rule' && names.length > 0
    out.push(`${pad}${open(of, '>')}`)
    for (const one of of.children) if (!(noted && one.localName === 'description')) put(one, depth + 1)
    if (noted) for (const note of notesSplit(names, child(of, 'description')[0]?.textContent ?? '')) out.push(`${pad}  <${prefix}annotationEntry><${prefix}text>${words(note)}</${prefix}text></${prefix}annotationEntry>`)
    out.push(pad + close(of))
  }
  const id = original.getAttribute('id')
  // dmn-js leaves out what is the default; what was written stays written.
  const policy = original.hasAttribute('hitPolicy') && !table.hasAttribute('hitPolicy') ? ' hitPolicy="UNIQUE"' : ''
  out.push(open(table, `${id ? ` id="${escape(id)}"` : ''}${policy}>`))
  const children = [...table.children]
  const firstRule = children.findIndex((one) => one.localName === 'rule')
  const head = firstRule < 0 ? children : children.slice(0, firstRule)
  for (const one of head) put(one, 1)
  for (const name of names) out.push(`${indent}  <${prefix}annotation name="${escape(name)}"/>`)
  if (firstRule >= 0) for (const one of children.slice(firstRule)) put(one, 1)
  out.push(`${indent}</${prefix}decisionTable>`)
  return out.join('\n')
}
