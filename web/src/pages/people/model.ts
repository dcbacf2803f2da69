// SPDX-License-Identifier: Apache-2.0
import type { List } from '@/api/model'
import { t, type Key } from '@/i18n'

export interface Office { id: number; code: string; parent: number | null; level: number; body_kind: string; body: string; name_zh: string; name_en: string; territory: string; valid_from: string; last_day: string | null; staff: number }
export interface Post { staff: number; display: string; login: string; role: string; valid_from: string; last_day: string | null; appointed_by: string; on_leave: boolean; substitute: string }
export interface OfficeChange { id: number; kind: 'open' | 'rename' | 'move' | 'close'; day: string; parent: number; name_zh: string; name_en: string; note: string; actor: string; applied: boolean }
export interface OfficeFile extends Office { posts: Post[]; changes: OfficeChange[] }
export interface Member { staff: number; display: string; login: string; role: string; office: number; office_zh: string; office_en: string; level: number; on_leave: boolean; leave_last_day: string | null; substitute: string; valid_from: string; last_day: string | null; open_tasks: number }
export interface LeaveSpell { id: number; staff: number; display: string; valid_from: string; last_day: string | null; reason: string; state: 'asked' | 'confirmed' | 'cancelled'; decided_by: string }
export interface Substitution { id: number; absent: number; absent_display: string; substitute: number; substitute_display: string; role: string; valid_from: string; last_day: string | null }
export interface LeaveSheet { leave: LeaveSpell[]; substitutions: Substitution[] }
export interface Powers { signing: Record<string, string>[]; routing: Record<string, string>[]; risk: Record<string, string>[] }
export type Members = List<Member>
export const ROLES = ['clerk', 'reviewer', 'approver', 'finance', 'auditor', 'admin', 'partner'] as const

export function levelText(level: number | string): string {
  const n = Number(level)
  return t(`people.level.${n >= 1 && n <= 5 ? `l${n}` : 'none'}` as Key)
}
export function bodyText(kind: string): string {
  return t(`people.body.${kind}` as Key)
}

/** The offices in the order of the tree, each with its depth; what has no office above it among them comes first. */
export function treeOrder(offices: readonly Office[]): (Office & { depth: number })[] {
  const known = new Set(offices.map((o) => o.id))
  const below = new Map<number, Office[]>()
  for (const o of offices) {
    const above = o.parent !== null && known.has(o.parent) ? o.parent : 0
    below.set(above, [...(below.get(above) ?? []), o])
  }
  const out: (Office & { depth: number })[] = []
  const walk = (above: number, depth: number) => {
    for (const o of below.get(above) ?? []) {
      out.push({ ...o, depth })
      walk(o.id, depth + 1)
    }
  }
  walk(0, 0)
  return out
}
