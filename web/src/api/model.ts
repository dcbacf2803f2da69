// SPDX-License-Identifier: Apache-2.0
// What the desk reads from the API. Money is yuan text, months "2026-11", days "2026-11-24", instants ISO.

export interface Session {
  staff: { id: number; login: string; display: string; roles: string[]; duties: string[]; office: { id: number; code: string; name_zh: string; name_en: string } }
  csrf: string
  /** How far signing in has come; only `full` may work. */
  stage: 'factor' | 'change' | 'enrol' | 'full'
  /** The duties need a second factor; one was shown in this session. */
  required: boolean
  factor: boolean
  /** Access beyond the office that is in use. */
  emergency?: { id: number; until: string }
  demonstration: boolean
  pack?: { name: string; title_zh: string; title_en: string; hash: string }
  today: string
}

export interface List<T> {
  items: T[]
  next?: string | null
  total?: number
}

export interface Hit {
  kind: string
  id: number | string
  number: string
  title: string
  title_zh?: string
  title_en?: string
  subtitle?: string
  why: string
}

/** A field that the model declares for a step or for an answer from outside. */
export interface Ask { name: string; type: string; title_zh: string; title_en: string; required: boolean; values: { value: string; title_zh: string; title_en: string }[] }
/** What a case waits for from outside. */
export interface Wait { message: string; node: string; title_zh: string; title_en: string; fields: Ask[] }
export interface Task {
  id: number
  case: number
  case_number: string
  process: string
  process_title_zh: string
  process_title_en: string
  node: string
  title_zh: string
  title_en: string
  role: string
  decisions?: string[] | null
  state?: string
  assignee?: number | null
  assignee_display?: string
  on_behalf_of?: number | null
  on_behalf_display?: string
  office?: number
  subject_kind: string
  subject: number
  subject_title?: string
  created_at: string
  due_day?: string | null
  days_left?: number | null
  warning?: string
  paused?: boolean
  risk?: string
  phase?: string
  asks?: Ask[]
  pack?: string
}

export interface Run {
  id: number
  kind: string
  title: string
  state: string
  total: number
  done: number
  failed: number
  rate?: number
  phase?: string
  created_at: string
  started_at?: string | null
  ended_at?: string | null
  result?: Record<string, unknown> | null
  error?: string | Record<string, unknown> | null
}

export interface Person {
  id: number
  number: string
  name: string
  id_number_masked: string
  sex: string
  birth: string
  age_months: number
  death?: string | null
  category: string
  telephone_masked?: string
  bank_name?: string
  bank_account_masked?: string
  state: string
  /** active, deregistered … whether alive or not. */
  registration: string
  version: number
  employments: { id: number; employer: number; employer_name: string; category?: string; from: string; to?: string | null }[]
  accounts: { id: number; scheme: string; pool: string; balance: string }[]
  awards: { id: number; number: string; scheme: string; total: string; month_from: string; month_to?: string | null; state: string }[]
}

export interface Bar {
  lane: string
  from: string
  to?: string | null
  label: string
  detail?: string
  base?: string
  kind?: string
  known_from?: string
  source?: string
  case?: number | null
  scheme?: string
}

export interface Timeline {
  birth: string
  today: string
  death?: string | null
  retirement?: { month: string; age?: number | string | { years: number; months: number }; age_months?: number; delay_months?: number | string; article?: string } | null
  bars: Bar[]
  gaps: { from: string; to: string; months: number }[]
}

export interface Contribution {
  scheme: string
  pool?: string
  from: string
  to?: string | null
  months: number
  base: string
  kind: string
  employer_name?: string
  known_from?: string
  source?: string
}

export interface Employer {
  id: number
  number: string
  name: string
  uscc: string
  kind?: string
  industry?: string
  territory?: string
  contact?: string
  state: string
  version: number
  workers: number
  declarations: DeclarationRow[]
}

export interface DeclarationRow {
  id: number
  employer?: number
  employer_name?: string
  month: string
  state: string
  workers: number
  due_total?: string
  received?: string
  due_day?: string
  case?: number
}

/** What employers owe that is overdue; late_fee: ordered and not paid. */
export interface Debtor {
  employer: number
  employer_name: string
  months: number
  from?: string
  to?: string
  due_day?: string
  days_late?: number
  open: string
  late_fee: string
  ordered?: string
  case?: number
}
export interface Arrears {
  employer: number
  employer_name: string
  day: string
  principal: string
  late_fee?: string
  total?: string
  missing?: string
  case?: number
  case_number?: string
  items: { assessment: number; scheme: string; month: string; due_day: string; days_late: number; due: string; open: string; ordered: string; late_fee?: string }[]
  orders: ArrearsOrder[]
}
export interface ArrearsOrder {
  order: number
  day: string
  principal: string
  late_fee: string
  late_fee_received: string
  state: string
  body?: string
  body_day?: string
  body_reference?: string
  case: number
  document?: number
  fees: { late_fee: number; scheme: string; month: string; from: string; to: string; principal: string; amount: string; received: string; state: string; decision: number }[]
}

export interface Worker {
  person: number
  number: string
  name: string
  id_number_masked: string
  from: string
  to?: string | null
  last_wage?: string | null
}

export interface SchemeAmount {
  scheme: string
  employer: string
  person: string
  account?: string
}
export interface PreviewLine {
  person: number
  name?: string
  wage: string
  base: string
  base_reason: string
  schemes: SchemeAmount[]
}
export interface PreviewTotal {
  scheme: string
  pool?: string
  workers: number
  base: string
  employer: string
  person: string
  account?: string
  total: string
  article?: string
}
export interface DeclarationPreview {
  lines: PreviewLine[]
  totals: PreviewTotal[]
  total: string
  due_day?: string | null
  faults?: { where: string; code: string; text: string }[]
}

export interface Assessment {
  id: number
  scheme: string
  pool_name?: string
  workers: number
  base: string
  employer: string
  person: string
  account?: string
  due: string
  received: string
  state: string
}
export interface Finding { field?: string; code: string; zh: string; en: string }
export interface RosterLine {
  line: number
  act: 'join' | 'leave'
  person?: number
  new: boolean
  number: string
  name: string
  id_number_masked: string
  day?: string
  wage?: string
  base?: string
  base_reason?: string
  employer?: string
  own?: string
  reason?: string
  state?: string
  faults?: Finding[]
  fault?: Finding | null
  notices: Finding[]
}
export interface RosterPreview {
  lines: RosterLine[]
  joining: number
  leaving: number
  new: number
  faults: number
  notices: number
  totals: { scheme: string; pool: string; joining: number; leaving: number; employer: string; person: string; total: string }[]
  change?: string
  bill_missing?: string
}
export interface RosterRow {
  id: number
  employer: number
  employer_name: string
  employer_number?: string
  state: string
  lines_count: number
  joining: number
  leaving: number
  done: number
  failed: number
  reversed: number
  noticed: number
  change?: string
  change_employer?: string
  change_own?: string
  entered_by: number
  entered_at: string
  posted_by: number
  posted_at?: string
  reversed_by: number
  reversed_at?: string
  reason: string
  note: string
  run: number
}
export interface RosterBatch extends RosterRow {
  lines: RosterLine[]
  next?: string | null
}

export interface Declaration extends DeclarationRow {
  assessment_case?: number
  channel?: string
  employer_number?: string
  lines: { person: number; number?: string; name?: string; wage: string; base?: string; base_reason?: string }[] | List<{ person: number; number?: string; name?: string; wage: string; base?: string; base_reason?: string }>
  assessments: Assessment[]
  decisions?: { id: number; name?: string }[]
}

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

export interface PensionPreview {
  eligible: boolean
  month_from?: string
  reasons?: ({ text_key?: string; text_zh?: string; text_en?: string; article?: string } | string)[]
  inputs?: { [key: string]: Json }
  result?: { [key: string]: Json }
  derivation?: Json
  rule?: { source: string; model: string; decision: string; day: string } | null
  missing?: (string | { key?: string; text?: string })[]
}

export interface Award {
  id: number
  number: string
  person: number
  name: string
  scheme: string
  state: string
  total: string
  month_from: string
  month_to?: string | null
  parts: { [key: string]: Json } | { kind: string; amount: string; article?: string }[]
  derivation?: Json
  decision?: { id: number; pack?: string; semantics?: number; law_day?: string; model?: string }
  case?: number
  letter?: { document: number } | null
  stops?: { id: number; reason: string; month_from: string; month_to?: string | null; lifted?: boolean }[]
}

export interface BankAnswer {
  paid: number
  paid_sum: string
  returned: number
  returned_sum: string
}

export interface PaymentRun {
  id: number
  number: string
  /** Of a month's benefits, or of one-off payments. */
  kind: 'month' | 'claims'
  pool: number
  pool_name?: string
  month: string
  state: string
  due_count?: number
  due?: string
  stopped_count?: number
  account?: string
  fund?: string
  entered_by?: { id: number; display: string } | null
  released_by?: { id: number; display: string } | null
  pay_day?: string | null
  run?: number
  ledger?: { payable?: string; bank?: string }
  progress?: { total: number; done: number; rate?: number; state: string; error?: string }
  files?: { hash: string; name: string; size: number; answer?: BankAnswer }[]
  /** The bank's own form of its files; null: ISO 20022. */
  form?: string | null
  /** Does the bank answer its files in a form of its own? */
  answers?: boolean
  reasons?: { state: string; reason: string; count: number }[]
  previous?: { count: number; total: string } | null
  case?: number
  task?: { id: number; node: string; role: string }
}

export interface Payment {
  award: number
  /** Instead of an award, in a run of one-off payments. */
  claim?: number
  kind_name?: string
  number: string
  name: string
  amount: string
  account?: string
  fund?: string
  months?: number
  state: string
  reason?: string | null
  return_code?: string
}

export interface Balance {
  pool: number
  pool_name: string
  kind: string
  name_zh: string
  name_en: string
  balance: string
}
export interface Transaction {
  id: number
  day: string
  month: string
  kind: string
  ref_kind?: string
  ref_id?: number
  reverses?: number | null
  reversed_by?: number | null
  actor?: number
  postings: { pool?: number; pool_name?: string; kind: string; name_zh?: string; name_en?: string; amount: string }[]
}
export interface AccountEntry {
  id?: number
  month: string
  kind: string
  amount: string
  at?: string
  day?: string
  txn?: number
  transaction?: number
}

export interface CaseFile {
  id: number
  number: string
  process: string
  title?: string
  title_zh?: string
  title_en?: string
  state: string
  subject_kind?: string
  subject: number | { kind: string; id: number; title?: string }
  subject_title?: string
  variables?: { [key: string]: Json }
  due_day?: string | null
  days_left?: number | null
  tasks: Task[]
  waits?: Wait[]
  said?: Record<string, { title_zh: string; title_en: string; value: Json }>
  history: { at: string; actor_display?: string; on_behalf_display?: string; node: string; title?: string; title_zh?: string; title_en?: string; outcome?: Json }[]
  decisions?: { id: number; name?: string; model?: string; law_day?: string }[]
  documents?: { id: number; title: string; number?: string; kind?: string; media_type?: string; size?: number }[]
  incident?: string | Record<string, Json> | null
}

export interface PackRow {
  hash: string
  name: string
  title_zh?: string
  title_en?: string
  parent?: string | null
  demonstration?: boolean
  activation?: Json
  activations?: Json
}
export interface Parameter {
  key: string
  dimensions?: { [key: string]: string } | string
  value: string
  unit?: string
  valid_from?: string
  valid_to?: string | null
  source?: string
  evidence?: string
  pack?: string
}

export interface RunFault {
  line: number
  field: string
  code: string
  text?: string
}
