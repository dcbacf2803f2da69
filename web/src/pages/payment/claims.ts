// SPDX-License-Identifier: Apache-2.0
// One-off payments as the API tells of them.
import type { RouteLocationRaw } from 'vue-router'
import { subjectRoute } from '@/parts/hit'
import { t, type Key } from '@/i18n'

export const CLAIM_STATES = ['open', 'listed', 'paid', 'returned', 'corrected', 'cancelled'] as const

export interface Claim {
  id: number
  number: string
  pool: number
  pool_name: string
  kind: string
  kind_name: string
  state: string
  amount: string
  account: string
  fund: string
  from: string
  /** Is it known where it is paid to? */
  payee: boolean
  return_code: string
  run: number | null
  at: string
  beneficiary_kind: 'person' | 'employer'
  beneficiary: number
  name: string
}
export interface ClaimPayee {
  id: number
  state: 'proposed' | 'stands' | 'refused'
  name: string
  bank: string
  account: string
  note: string
  entered_by: string | null
  entered_at: string
  /** Entered by who looks at it. */
  own: boolean
  checked_by: string | null
  checked_at: string | null
  current: boolean
}
export interface ClaimRun {
  run: number
  number: string
  run_state: string
  pay_day: string | null
  released_at: string | null
  state: string
  return_code: string
}
export interface ClaimFull extends Claim {
  ref_kind: string
  ref: number
  source_run: number | null
  case: number | null
  reason: string
  entered_by: string | null
  payees: ClaimPayee[]
  runs: ClaimRun[]
}

interface Part { count: number; sum: string }
/** What a run made now would pay of a pool. */
export interface Look {
  pool: number
  pool_name: string
  day: string
  count: number
  sum: string
  account: string
  fund: string
  largest: string
  ready: Part
  waiting: Part
  returned: Part
  unknown: Part
  later: Part
  open_run: number | null
  bank: string
  shortfall: string
}

export const stateSaid = (state: string): string => t(`claims.states.${state}` as Key)
/** The pack's words stand within letters; on a page they begin a line. */
export const kindSaid = (claim: { kind_name?: string }): string => (claim.kind_name ?? '').replace(/^[a-z]/, (first) => first.toUpperCase())
/** Green where it is done, amber where somebody has to do something, red where it is given up. */
export const stateTone = (state: string): string => ({ paid: 'pill-green', returned: 'pill-amber', cancelled: 'pill-red' })[state] ?? 'pill-accent'
/** Its account may be corrected, and it may be taken back. */
export const claimOpen = (state: string): boolean => ['open', 'returned', 'corrected'].includes(state)
export const beneficiaryRoute = (claim: Claim): RouteLocationRaw => subjectRoute(claim.beneficiary_kind, claim.beneficiary)!
