// SPDX-License-Identifier: Apache-2.0
// What the desk reads of rules: packs and drafts, models as data, derivations, comparisons.
import type { Json } from './model'

export interface PackHead {
  hash: string
  name: string
  title_zh: string
  title_en: string
  edition: string
  parent: string
  demonstration: boolean
  in_force?: boolean
}
export interface Draft {
  source: string
  id: number
  title: string
  state: string
  owner: number
  owner_name: string
  version: number
  steps: number
  origin: string
  origin_name?: string
  created_at: string
  changed_at: string
}
export interface Sources { packs: PackHead[]; drafts: Draft[] }
/** The head of every answer about one source: a stored pack, or a draft of one. */
export type SourceHead = PackHead & Partial<Draft> & { source: string; draft: boolean }

export interface Fault { code: string; where: string; text_zh: string; text_en: string; severity?: string }
export interface ModelLine {
  name: string
  pack: string
  own: boolean
  description?: string
  inputs?: number
  articles?: string[]
  decisions?: { id: string; name: string; description: string; article: string }[]
  fault?: Fault
}
export interface ModelList { of: SourceHead; items: ModelLine[]; labels: Labels }
export type Labels = Record<string, { zh: string; en: string }>

export interface Logic {
  kind: 'literal' | 'table' | 'context' | 'function' | 'invocation' | 'list' | 'relation' | 'conditional' | 'filter' | 'for' | 'some' | 'every'
  text?: string
  at?: number
  hit?: string
  inputs?: { label: string; text: string; type: string }[]
  outputs?: { name: string; label: string; type: string }[]
  annotations?: string[]
  rules?: { id: string; inputs: string[]; outputs: string[]; annotations: string[] }[]
  entries?: { name: string; article?: string; type?: string; logic?: Logic }[]
  parameters?: string[]
  items?: Logic[]
  columns?: string[]
  rows?: Logic[][]
  parts?: { name: string; logic: Logic }[]
  variable?: string
  logic?: Logic
}
export interface Spec { kind: 'number' | 'string' | 'boolean' | 'date' | 'time' | 'context' | 'any'; name?: string; list?: boolean; values?: string[]; fields?: Spec[] }
export interface ModelInput { name: string; id: string; model: string; type: string; description: string; spec: Spec }
export interface ModelElement {
  id: string
  kind: 'decision' | 'input' | 'knowledge' | 'service' | 'source'
  name: string
  description?: string
  article?: string
  type?: string
  needs: { kind: 'input' | 'decision' | 'knowledge' | 'authority'; ref: string }[]
  logic?: Logic
  inputs?: ModelInput[]
}
export interface Model {
  of: SourceHead
  model: string
  name: string
  namespace: string
  description: string
  path: string
  pack: string
  own: boolean
  xml: string
  elements: ModelElement[]
  labels: Labels
  fault?: Fault
}

export interface FiredRule { table: string; element: string; at: number; rule: number; article?: string }
export interface UsedFigure { key: string; dims?: string; day?: string; value?: Json; unit?: string; source?: string; evidence?: string; pack?: string }
export interface Step {
  decision: string
  id: string
  model: string
  article?: string
  result?: Json
  entries?: { name: string; value: Json; article?: string }[]
  rules?: FiredRule[]
  parameters?: UsedFigure[]
}
export interface Derivation { model?: string; decision?: string; steps: Step[] }
export interface Tried { result: Json; derivation: Derivation; diagnostic: string; day: string; pack: string; semantics: number }

export interface CaseCall { pack: string; model: string; decision: string; day: string; inputs: Record<string, Json> }
export interface CaseRow {
  id: string
  file: string
  own: boolean
  scheme: string
  source: string
  outcome: 'passed' | 'failed' | 'reproduces' | 'differs' | 'not_runnable'
  figures: { figure: string; same: boolean; expected?: Json; computed?: Json; fault_zh?: string; fault_en?: string }[]
  calls: CaseCall[]
}
export interface Cases { items: CaseRow[]; passed: number; failed: number; skipped: number; pack: string }
export interface Check { faults: Fault[]; errors: number; hash: string }

export interface TableChange {
  hit_before: string
  hit_after: string
  columns: { kind: 'inputs' | 'outputs' | 'annotations'; head: string; state: 'same' | 'added' | 'removed' }[]
  rows: { state: 'same' | 'changed' | 'moved' | 'added' | 'removed'; moved: boolean; before: number | null; after: number | null; cells: { before?: string; after?: string; changed: boolean }[] }[]
  counts: Partial<Record<'same' | 'changed' | 'moved' | 'added' | 'removed', number>>
}
export interface Change { element: string; name: string; kind: string; path: string; what: string; before?: string; after?: string; table?: TableChange }
export interface VersionHead { hash: string; name: string; title_zh: string; title_en: string; draft: string }
export interface ModelChanges { model: string; before: VersionHead; after: VersionHead; changes: Change[] }
export interface FigureChange { state: string; key: string; dimensions: string; unit: string; valid_from: string | null; source: string; before?: string; before_to?: string | null; after?: string; after_to?: string | null }
export interface PackChanges { before: VersionHead; after: VersionHead; models: { model: string; state: string; changes: number }[]; figures: FigureChange[] }
