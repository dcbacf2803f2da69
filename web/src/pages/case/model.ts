// SPDX-License-Identifier: Apache-2.0
// What the API says of applications and of the file of a case.
import type { CaseFile, Json } from '@/api/model'
import { lang, t, word, type Key } from '@/i18n'
import { zh } from '@/i18n/cases'

export interface Limit { n: number; unit: keyof typeof zh.limit }
export interface ProcessRow { process: string; title_zh: string; title_en: string; article: string; risk: string; form: boolean; limit: Limit | null }
export interface Choice { value: string; title_zh: string; title_en: string }
export interface Field { name: string; type: string; title_zh: string; title_en: string; required: boolean; personal: boolean; values: Choice[]; value?: Json }
export interface Material { material: string; name_zh: string; name_en: string; kind: string; required: boolean; promise: boolean; gap: boolean; source: string }
export interface PaperState { state: string; due: string }
export interface Step { node: string; title_zh: string; title_en: string; role: string; phase: string; limit: number; unit: string }
export interface Form extends ProcessRow { fields: Field[]; papers: Material[]; steps: Step[] }
export interface Paper extends Material { state: string; due_day: string | null; overdue: boolean; attachment: number | null; asked: boolean; received_at: string | null; note: string }
export interface Pause { reason: string; reason_zh: string; reason_en: string; note: string; document: string; expected_day: string | null; paused_at: string; resumed_at: string | null; resume_note: string; by: string }
export interface Attachment { id: number; title: string; media_type: string; size: number; hash: string; at: string; by: string; mine: boolean }
export interface Note { id: number; text: string; at: string; by: string }
export interface Application { id: number; fields: Field[]; applicant: { kind: string; name?: string; document?: string; valid_to?: string } }
export interface Draft { id: number; process: string; title_zh?: string; title_en?: string; label?: string; updated_at: string; kept_until?: string; content?: Record<string, Json> }
export interface File extends CaseFile {
  warning?: string
  pack?: string
  paused?: boolean
  risk?: string
  application?: Application | null
  papers?: Paper[]
  pauses?: Pause[]
  attachments?: Attachment[]
  notes?: Note[]
  undo?: number | null
  archive_number?: string
  archived_at?: string
}

export const WARNINGS = ['none', 'half', 'late80', 'overdue', 'paused'] as const
export function warningText(warning: string | undefined): string {
  return warning && (WARNINGS as readonly string[]).includes(warning) ? t(`cases.clock.warning.${warning}` as Key) : ''
}
/** What deciding so is called on a button; a decision of a model that nobody named shows itself. */
export function actText(decision: string, node = ''): string {
  if (node === 'serve' && decision === 'approve') return t('cases.act.served')
  if (node === 'accept' && decision === 'approve') return t('cases.act.accepts')
  if (node === 'accept' && decision === 'refuse') return t('cases.act.not_accepted')
  return decision in zh.act ? t(`cases.act.${decision}` as Key) : decision
}
export function didText(decision: string, node = ''): string {
  if (node === 'serve' && decision === 'approve') return t('cases.did.served')
  if (node === 'accept' && decision === 'approve') return t('cases.did.accepts')
  if (node === 'accept' && decision === 'refuse') return t('cases.did.not_accepted')
  return decision in zh.did ? t(`cases.did.${decision}` as Key) : word('decision', decision)
}
export function limitText(limit: Limit | null | undefined): string {
  return limit ? t(`cases.limit.${limit.unit}` as Key, { n: limit.n }) : t('cases.new.limitNone')
}
export function articleOf(text: string): string[] {
  return text.split(lang.value === 'en' ? /[；;]/ : /[；;]/).map((one) => one.trim()).filter((one) => one)
}

/** The papers as the API takes them: those of which something was said. */
export function paperList(states: Record<string, PaperState>): { material: string; state: string; due?: string }[] {
  return Object.entries(states).filter(([, p]) => p.state).map(([material, p]) => ({ material, state: p.state, ...(p.due ? { due: p.due } : {}) }))
}
