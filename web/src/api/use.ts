// SPDX-License-Identifier: Apache-2.0
// Loading, submitting, drafting and leaving, the same way on every page.
import { getCurrentInstance, onBeforeUnmount, onMounted, ref, shallowRef, toValue, watch, type MaybeRefOrGetter, type Ref } from 'vue'
import { onBeforeRouteLeave } from 'vue-router'
import { ElMessageBox } from 'element-plus'
import { forget, recall, remember } from '@/base/prefs'
import { lang, t } from '@/i18n'
import { keyNew, Problem, session } from './client'

export interface Loaded<T> {
  data: Ref<T | null>
  problem: Ref<Problem | null>
  busy: Ref<boolean>
  reload: () => Promise<void>
}

function problemFrom(fault: unknown): Problem {
  return fault instanceof Problem ? fault : new Problem(0, '', '', String(fault))
}

/** Load now and again whenever `depends` changes (or the language, since texts come from the server). */
export function useLoad<T>(load: (signal: AbortSignal) => Promise<T>, depends?: MaybeRefOrGetter<unknown>): Loaded<T> {
  const data = shallowRef<T | null>(null) as Ref<T | null>
  const problem = shallowRef<Problem | null>(null)
  const busy = ref(false)
  let running: AbortController | null = null

  async function reload(): Promise<void> {
    running?.abort()
    const mine = (running = new AbortController())
    busy.value = true
    try {
      const loaded = await load(mine.signal)
      if (mine.signal.aborted) return
      data.value = loaded
      problem.value = null
    } catch (fault) {
      if (mine.signal.aborted) return
      problem.value = problemFrom(fault)
    } finally {
      if (running === mine) busy.value = false
    }
  }
  watch([() => toValue(depends), lang], () => void reload())
  watch(() => session.stale, (stale, before) => { if (before && !stale && problem.value) void reload() })
  if (getCurrentInstance()) onBeforeUnmount(() => running?.abort())
  void reload()
  return { data, problem, busy, reload }
}

/** Submit once: the same content keeps its idempotency key until the server has answered it. */
export function useSubmit() {
  const busy = ref(false)
  const problem = shallowRef<Problem | null>(null)
  let key = ''
  let content = ''

  async function submit<T>(body: unknown, send: (key: string) => Promise<T>): Promise<T | null> {
    if (busy.value) return null
    const text = JSON.stringify(body ?? null)
    if (key === '' || text !== content) {
      key = keyNew()
      content = text
    }
    busy.value = true
    problem.value = null
    try {
      const answer = await send(key)
      key = ''
      return answer
    } catch (fault) {
      problem.value = problemFrom(fault)
      // Only a request that may have been lost is repeated under the same key.
      if (problem.value.status !== 0 && problem.value.status < 500) key = ''
      return null
    } finally {
      busy.value = false
    }
  }
  return { busy, problem, submit }
}

/** A draft that saves itself in this browser, per member of staff. */
export function useDraft<T>(name: () => string, read: () => T, write: (draft: T) => void) {
  const place = () => `draft.${session.value?.staff.login ?? ''}.${name()}`
  const restored = ref(false)
  let timer = 0
  function restore(): boolean {
    const draft = recall<T>(place())
    if (draft !== null) write(draft)
    restored.value = draft !== null
    return restored.value
  }
  function save(): void {
    clearTimeout(timer)
    timer = window.setTimeout(() => remember(place(), read()), 300)
  }
  function clear(): void {
    clearTimeout(timer)
    forget(place())
    restored.value = false
  }
  return { restore, save, clear, restored }
}

/** Ask before changes are lost. */
export function useLeave(dirty: () => boolean): void {
  const unload = (event: BeforeUnloadEvent) => { if (dirty()) event.preventDefault() }
  onMounted(() => window.addEventListener('beforeunload', unload))
  onBeforeUnmount(() => window.removeEventListener('beforeunload', unload))
  onBeforeRouteLeave(() => leaveAsk(dirty))
}

/** May one go on? Asks when something would be lost. */
export async function leaveAsk(dirty: () => boolean): Promise<boolean> {
  if (!dirty()) return true
  try {
    await ElMessageBox.confirm(t('leave.text'), t('leave.title'), { confirmButtonText: t('leave.go'), cancelButtonText: t('leave.stay'), type: 'warning' })
    return true
  } catch {
    return false
  }
}

/** Call again and again while `active`, the page is seen and nothing failed. */
export function usePoll(active: () => boolean, again: () => Promise<void>, everyMs = 1500): void {
  let timer = 0
  const tick = async () => {
    if (active() && !document.hidden) await again()
    timer = window.setTimeout(() => void tick(), everyMs)
  }
  onMounted(() => { timer = window.setTimeout(() => void tick(), everyMs) })
  onBeforeUnmount(() => clearTimeout(timer))
}
