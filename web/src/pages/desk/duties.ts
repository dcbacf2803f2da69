// SPDX-License-Identifier: Apache-2.0
// What each role does forty times a day, in the order in which a window meets it; the place is its key.
import type { RouteLocationRaw } from 'vue-router'
import type { Key } from '@/i18n'

export interface Duty {
  key: Key
  /** Where it goes at once, or what has to be chosen first and where that leads. */
  to?: RouteLocationRaw
  pick?: 'person' | 'employer'
  then?: (id: number | string) => RouteLocationRaw
}

const person = (query: Record<string, string> = {}) => (id: number | string): RouteLocationRaw => ({ name: 'person', params: { person: id }, query })

const byRole: { role: string; duties: Duty[] }[] = [
  {
    role: 'clerk',
    duties: [
      { key: 'duty.registerPerson', to: { name: 'person-new' } },
      { key: 'duty.declare', pick: 'employer', then: (id) => ({ name: 'declare', query: { employer: String(id) } }) },
      { key: 'duty.hire', pick: 'person', then: person({ do: 'work' }) },
      { key: 'duty.correct', pick: 'person', then: person({ do: 'correct' }) },
      { key: 'duty.pension', pick: 'person', then: (id) => ({ name: 'pension', params: { person: id } }) },
      { key: 'duty.history', pick: 'person', then: person() },
      { key: 'duty.registerEmployer', to: { name: 'employer-new' } },
      { key: 'duty.import', to: { name: 'imports' } },
    ],
  },
  {
    role: 'finance',
    duties: [
      { key: 'duty.receipt', pick: 'employer', then: (id) => ({ name: 'employer', params: { employer: id }, query: { do: 'receipt' } }) },
      { key: 'duty.payments', to: { name: 'payments' } },
      { key: 'duty.statement', to: { name: 'payments', query: { do: 'statement' } } },
      { key: 'duty.ledger', to: { name: 'ledger' } },
    ],
  },
  { role: 'approver', duties: [{ key: 'duty.release', to: { name: 'payments' } }, { key: 'duty.ledger', to: { name: 'ledger' } }, { key: 'duty.history', pick: 'person', then: person() }] },
  { role: 'reviewer', duties: [{ key: 'duty.declarations', to: { name: 'declarations' } }, { key: 'duty.history', pick: 'person', then: person() }] },
  { role: 'auditor', duties: [{ key: 'duty.ledger', to: { name: 'ledger' } }, { key: 'duty.payments', to: { name: 'payments' } }, { key: 'duty.rules', to: { name: 'rules' } }, { key: 'duty.history', pick: 'person', then: person() }] },
  { role: 'admin', duties: [{ key: 'duty.packs', to: { name: 'packs' } }, { key: 'duty.rules', to: { name: 'rules' } }, { key: 'duty.runs', to: { name: 'runs' } }] },
]

/** The duties of all roles that somebody has, each once, at most nine: the keys 1 to 9. */
export function dutiesOf(roles: readonly string[]): Duty[] {
  const found: Duty[] = []
  for (const { role, duties } of byRole)
    if (roles.includes(role)) for (const duty of duties) if (!found.some((one) => one.key === duty.key)) found.push(duty)
  return found.slice(0, 9)
}
