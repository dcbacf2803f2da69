// SPDX-License-Identifier: Apache-2.0
import type { RouteLocationRaw } from 'vue-router'
import { searchRoute } from './searched'

/** Where a thing of the API is shown. */
export function subjectRoute(kind: string, id: number | string): RouteLocationRaw | null {
  switch (kind) {
    case 'person': return { name: 'person', params: { person: id } }
    case 'employer': return { name: 'employer', params: { employer: id } }
    case 'case': return { name: 'case', params: { case: id } }
    case 'declaration': return { name: 'declaration', params: { declaration: id } }
    case 'award': return { name: 'award', params: { award: id } }
    case 'payment_run': return { name: 'payment', params: { run: id } }
    case 'payment_claim': return { name: 'claim', params: { claim: id } }
    case 'run': return { name: 'run', params: { run: id } }
    case 'process': return { name: 'manual', params: { process: id } }
    default: return null
  }
}

export function hitRoute(hit: { kind: string; id: number | string; number: string; title: string }): RouteLocationRaw {
  return subjectRoute(hit.kind, hit.kind === 'process' ? hit.number : hit.id) ?? searchRoute(hit.number || hit.title)
}

/** A title cut where the query stands in it, so that the match can be shown. */
export function marked(title: string, query: string): { text: string; hit: boolean }[] {
  const wanted = query.normalize('NFKC').trim().toLowerCase()
  const at = wanted === '' ? -1 : title.toLowerCase().indexOf(wanted)
  if (at < 0) return [{ text: title, hit: false }]
  return [{ text: title.slice(0, at), hit: false }, { text: title.slice(at, at + wanted.length), hit: true }, { text: title.slice(at + wanted.length), hit: false }].filter((one) => one.text !== '')
}
