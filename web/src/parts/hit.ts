// SPDX-License-Identifier: Apache-2.0
import type { RouteLocationRaw } from 'vue-router'

/** Where a thing of the API is shown. */
export function subjectRoute(kind: string, id: number | string): RouteLocationRaw | null {
  switch (kind) {
    case 'person': return { name: 'person', params: { person: id } }
    case 'employer': return { name: 'employer', params: { employer: id } }
    case 'case': return { name: 'case', params: { case: id } }
    case 'declaration': return { name: 'declaration', params: { declaration: id } }
    case 'award': return { name: 'award', params: { award: id } }
    case 'payment_run': return { name: 'payment', params: { run: id } }
    case 'run': return { name: 'run', params: { run: id } }
    default: return null
  }
}

export function hitRoute(hit: { kind: string; id: number | string; number: string; title: string }): RouteLocationRaw {
  return subjectRoute(hit.kind, hit.id) ?? { name: 'search', query: { q: hit.number || hit.title } }
}
