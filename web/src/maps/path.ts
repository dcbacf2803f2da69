// SPDX-License-Identifier: Apache-2.0
// The way that a case took. Tasks and calls of verbs leave a trace; gateways and events between them leave none, so the shortest way
// through such elements from a step that was there before is taken for the way.
export interface Graph {
  flows: { id: string; from: string; to: string }[]
  /** Boundary events and the activity that they sit on. */
  attached: Record<string, string>
  /** Elements that leave a trace when a case was there. */
  traced: Set<string>
  ends: Set<string>
}

const BPMN = 'http://www.omg.org/spec/BPMN/20100524/MODEL'
const OWN = 'urn:shebao:process'
const LABEL_WIDTH = 64
const TRACED = ['userTask', 'serviceTask', 'businessRuleTask', 'callActivity']

export function graphRead(xml: string): Graph {
  const root = new DOMParser().parseFromString(xml, 'application/xml')
  const all = (name: string) => Array.from(root.getElementsByTagNameNS(BPMN, name))
  const id = (element: Element) => element.getAttribute('id') ?? ''
  return {
    flows: all('sequenceFlow').map((flow) => ({ id: id(flow), from: flow.getAttribute('sourceRef') ?? '', to: flow.getAttribute('targetRef') ?? '' })),
    attached: Object.fromEntries(all('boundaryEvent').map((event) => [id(event), event.getAttribute('attachedToRef') ?? ''])),
    traced: new Set(TRACED.flatMap((name) => all(name).map(id))),
    ends: new Set(all('endEvent').map(id)),
  }
}

/** The word of a condition: `review = "return"` → return, `eligible` → yes, `not(eligible)` → no; '' when that is not plain. */
export function flowWord(condition: string): string {
  const text = condition.trim()
  const equals = /^\w+ ?= ?"([a-z_]+)"$/.exec(text)
  if (equals) return equals[1]!.replaceAll('_', ' ')
  if (/^\w+$/.test(text)) return 'yes'
  return /^not\(\w+\)$/.test(text) ? 'no' : ''
}

/** The same model with English labels: of elements what the model gives, of flows the word of their condition. */
export function xmlEnglish(xml: string): string {
  const root = new DOMParser().parseFromString(xml, 'application/xml')
  for (const element of Array.from(root.getElementsByTagNameNS(BPMN, '*'))) {
    const title = element.getAttributeNS(OWN, 'titleEn')
    if (title) element.setAttribute('name', title)
    else if (element.localName === 'sequenceFlow' && element.hasAttribute('name')) element.setAttribute('name', flowWord(element.getElementsByTagNameNS(BPMN, 'conditionExpression')[0]?.textContent ?? ''))
  }
  // The places of labels are made for Chinese words; English ones need more room.
  for (const bounds of Array.from(root.querySelectorAll('BPMNEdge > BPMNLabel > Bounds'))) if (Number(bounds.getAttribute('width')) < LABEL_WIDTH) bounds.setAttribute('width', String(LABEL_WIDTH))
  return new XMLSerializer().serializeToString(root)
}

/** From the target back to a step that was there, through elements without a trace; [] when there is no such way. */
function wayBack(graph: Graph, target: string, before: Set<string>): string[] {
  const queue: { at: string; way: string[] }[] = [{ at: target, way: [] }]
  const seen = new Set<string>([target])
  for (let k = 0; k < queue.length; k++) {
    const { at, way } = queue[k]!
    const host = graph.attached[at]
    const steps = [...graph.flows.filter((flow) => flow.to === at).map((flow) => ({ from: flow.from, through: flow.id })), ...(host ? [{ from: host, through: '' }] : [])]
    for (const { from, through } of steps) {
      const longer = [...way, ...(through ? [through] : [])]
      if (before.has(from)) return longer
      if (seen.has(from) || graph.traced.has(from)) continue
      seen.add(from)
      queue.push({ at: from, way: [...longer, from] })
    }
  }
  return []
}

/** Elements and flows that the case passed: start first, then in order of time; standing: where it waits now. */
export function pathDone(graph: Graph, start: string, visited: string[], standing: string[], ended: boolean): Set<string> {
  const before = new Set<string>([start])
  const done = new Set<string>([start])
  for (const node of [...visited, ...standing]) {
    for (const element of wayBack(graph, node, before)) done.add(element)
    before.add(node)
    if (!standing.includes(node) || visited.includes(node)) done.add(node)
  }
  // A case that ended went to an end; which, is plain only where one alone can be reached from its last step.
  const last = visited[visited.length - 1]
  if (ended && last) {
    const ways = [...graph.ends].map((end) => ({ end, way: wayBack(graph, end, new Set([last])) })).filter((one) => one.way.length > 0)
    if (ways.length === 1) for (const element of [ways[0]!.end, ...ways[0]!.way]) done.add(element)
  }
  return done
}

/** Classes of heat from 1 to 5 by share of the greatest value; 0 of nothing. */
export function heat(value: number | null, most: number): number {
  return value === null || value <= 0 || most <= 0 ? 0 : Math.max(1, Math.ceil((value / most) * 5))
}
