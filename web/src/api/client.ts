// SPDX-License-Identifier: Apache-2.0
// The public API as functions: cookies, the CSRF token, idempotency keys and problems are handled here and nowhere else.
import { forgetAll } from '@/base/prefs'
import { lang } from '@/i18n'
import { reactive } from 'vue'
import { searchesForget } from '@/parts/searched'
import type { Hit, List, Session } from './model'

/** A registered error of the server, or a failure to reach it (code "" then). */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly title: string,
    readonly detail: string,
    readonly where: string = '',
    readonly article: string = '',
    readonly trace: string = '',
  ) {
    super(detail || title)
  }
}

export const session = reactive<{ value: Session | null; known: boolean; stale: boolean }>({ value: null, known: false, stale: false })

/** A step that is signed for waits for a fresh second factor: the dialog settles it, and the request is sent again. */
export const stepUp = reactive<{ settle: ((shown: boolean) => void) | null }>({ settle: null })
const STEP_UP = 'SB-0863'
let stepping: Promise<boolean> | null = null
function stepUpAsk(): Promise<boolean> {
  stepping ??= new Promise<boolean>((resolve) => { stepUp.settle = resolve }).finally(() => {
    stepUp.settle = null
    stepping = null
  })
  return stepping
}

export function can(...roles: string[]): boolean {
  return roles.some((role) => session.value?.staff.roles.includes(role))
}

/** Does the pack give this duty to who is signed in? */
export function duty(name: string): boolean {
  return session.value?.staff.duties.includes(name) ?? false
}

/** Somebody is to say why a record is opened: the page asks (parts/OpenRecord.vue) and calls `answer`. Questions of one person are one. */
export const opening = reactive<{ person: string; answer: (opened: boolean) => void }>({ person: '', answer: () => {} })
let openingNow: Promise<boolean> | null = null
const NEEDS_PURPOSE = 'SB-0435'
async function recordOpened(person: string): Promise<boolean> {
  if (openingNow && opening.person !== person) await openingNow
  openingNow ??= new Promise<boolean>((resolve) => {
    opening.person = person
    opening.answer = (opened) => {
      opening.person = ''
      openingNow = null
      resolve(opened)
    }
  })
  return openingNow
}

type Query = Record<string, string | number | boolean | null | undefined>

export function url(path: string, query?: Query): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query ?? {}))
    if (value !== undefined && value !== null && value !== '') search.set(name, String(value))
  const text = search.toString()
  return `/api${path}${text ? `?${text}` : ''}`
}

export function keyNew(): string {
  if (typeof crypto.randomUUID === 'function') return crypto.randomUUID()
  const raw = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(raw, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

async function problemOf(response: Response): Promise<Problem> {
  const text = await response.text()
  try {
    const p = JSON.parse(text) as Partial<Record<'code' | 'title' | 'detail' | 'where' | 'article' | 'trace', string>>
    return new Problem(response.status, p.code ?? '', p.title ?? '', p.detail ?? p.title ?? '', p.where ?? '', p.article ?? '', p.trace ?? '')
  } catch {
    return new Problem(response.status, '', `HTTP ${response.status}`, text.slice(0, 300))
  }
}

interface Options {
  query?: Query
  json?: unknown
  raw?: { body: BodyInit; type: string }
  key?: string
  signal?: AbortSignal
  asked?: boolean
}

async function send(method: string, path: string, o: Options): Promise<Response> {
  const once = o.key || method === 'GET' ? o : { ...o, key: keyNew() }
  try {
    return await sendOnce(method, path, once)
  } catch (fault) {
    if (!(fault instanceof Problem) || fault.code !== STEP_UP || !(await stepUpAsk())) throw fault
    return sendOnce(method, path, once)
  }
}

async function sendOnce(method: string, path: string, o: Options): Promise<Response> {
  const headers: Record<string, string> = { 'Accept-Language': lang.value === 'en' ? 'en' : 'zh-CN' }
  let body: BodyInit | undefined
  if (method !== 'GET') {
    headers['Idempotency-Key'] = o.key ?? keyNew()
    headers['X-CSRF-Token'] = session.value?.csrf ?? ''
    if (o.raw) {
      headers['Content-Type'] = o.raw.type
      body = o.raw.body
    } else {
      headers['Content-Type'] = 'application/json'
      body = JSON.stringify(o.json ?? {})
    }
  }
  let response: Response
  try {
    response = await fetch(url(path, o.query), { method, headers, body, signal: o.signal, credentials: 'same-origin' })
  } catch (fault) {
    if (fault instanceof DOMException && fault.name === 'AbortError') throw fault
    throw new Problem(0, '', '', '')
  }
  if (!response.ok) {
    const problem = await problemOf(response)
    // The session ended while somebody was working: ask for the password over the page, keep what was typed.
    if (problem.status === 401 && session.value && !path.startsWith('/session')) session.stale = true
    if (problem.code === NEEDS_PURPOSE && !o.asked && (await recordOpened(problem.where.replace('person/', '')))) return send(method, path, { ...o, asked: true })
    throw problem
  }
  return response
}

async function json<T>(method: string, path: string, o: Options): Promise<T> {
  const response = await send(method, path, o)
  return (await response.json()) as T
}

export const api = {
  get: <T>(path: string, query?: Query, signal?: AbortSignal) => json<T>('GET', path, { query, signal }),
  /** What is searched for goes in the body, never in an address. */
  search: (q: string, limit: number, signal?: AbortSignal) => json<List<Hit>>('POST', '/search', { json: { q, limit }, signal }),
  post: <T>(path: string, body?: unknown, key?: string, signal?: AbortSignal) => json<T>('POST', path, { json: body, key, signal }),
  upload: <T>(path: string, query: Query, body: BodyInit, type: string, key?: string) => json<T>('POST', path, { query, raw: { body, type }, key }),
  blob: async (path: string, query?: Query) => (await send('GET', path, { query })).blob(),
  file: async (path: string, body: unknown, key: string) => (await send('POST', path, { json: body, key })).blob(),
}

export async function sessionLoad(): Promise<void> {
  try {
    session.value = await api.get<Session>('/session')
  } catch (fault) {
    session.value = null
    if (!(fault instanceof Problem) || fault.status !== 401) throw fault
  } finally {
    session.known = true
  }
}

export async function signIn(login: string, password: string): Promise<void> {
  session.value = await json<Session>('POST', '/session', { json: { login, password } })
  session.known = true
  // Over a page that stays, a second factor comes first.
  session.stale = session.stale && session.value.stage === 'factor'
}

export interface Offer {
  challenge: string
  rp: string
  origin: string
  totp: boolean
  keys: string[]
}
export const factorOffer = () => api.post<Offer>('/session/challenge')
/** Show a second factor: a code, or what a key answered. The session has another token then. */
export async function factorShow(shown: object): Promise<void> {
  session.value = await json<Session>('POST', '/session/factor', { json: shown })
  session.stale = false
}

/** A half-filled registration holds a person's data: it does not outlive the session of who typed it. */
export async function signOut(): Promise<void> {
  forgetAll(`draft.${session.value?.staff.login ?? ''}.person-new`)
  searchesForget()
  try {
    await json('DELETE', '/session', {})
  } finally {
    session.value = null
    session.stale = false
  }
}
