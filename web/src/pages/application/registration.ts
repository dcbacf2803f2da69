// SPDX-License-Identifier: Apache-2.0
// Registration is an application like any other: the clerk at the counter opens its case and accepts it; somebody else reviews it.
import { ref, watch } from 'vue'
import { api } from '@/api/client'
import type { CaseFile, Json } from '@/api/model'
import { useLoad, useSubmit } from '@/api/use'
import { t } from '@/i18n'
import { paperList, type Form, type PaperState } from '../case/model'

export interface Sent { case: number; number: string; accepted: boolean }

export function useRegistration(process: string) {
  const form = useLoad((signal) => api.get<Form>(`/processes/${process}/form`, {}, signal))
  const papers = ref<Record<string, PaperState>>({})
  const faults = ref<Record<string, string>>({})
  const { busy, problem, submit } = useSubmit()
  // The applicant stands at the counter: what the process needs is taken as seen, and whatever is not is said.
  watch(() => form.data.value, (f) => {
    for (const p of f?.papers ?? []) if (p.required && !papers.value[p.material]) papers.value[p.material] = { state: 'given', due: '' }
  })

  /** Who has this number already, said at its field: nobody is registered twice. False when the field is wrong. */
  async function unknown(field: string, number: string): Promise<boolean> {
    const found = await submit(['known', number], () => api.search(number, 1))
    if (!found) return false
    faults.value = found.items[0] ? { [field]: t('registration.known', { name: found.items[0].title, number: found.items[0].number ?? '' }) } : {}
    return !found.items[0]
  }
  /** Open the case and accept it. Null when something is wrong: it stands in `faults` or `problem`, and what was typed stays. */
  async function send(fields: Record<string, Json>, applicant: string): Promise<Sent | null> {
    const checked = await submit(['check', fields], () => api.post<{ faults: { field: string; why: string }[] }>(`/processes/${process}/check`, { form: fields }))
    if (!checked) return null
    faults.value = Object.fromEntries(checked.faults.map((one) => [one.field, one.why]))
    if (checked.faults.length) {
      document.querySelector<HTMLElement>(`#f-${CSS.escape(checked.faults[0]!.field)}`)?.focus()
      return null
    }
    const body = { process, form: fields, applicant: { kind: applicant }, papers: paperList(papers.value) }
    const opened = await submit(body, (key) => api.post<{ case: number }>('/cases', body, key))
    if (!opened) return null
    return accept(opened.case)
  }
  async function accept(id: number): Promise<Sent | null> {
    const file = await submit(['case', id], () => api.get<CaseFile>(`/cases/${id}`))
    if (!file) return null
    const task = file.tasks.find((one) => one.node === 'accept')
    const wanting = Object.values(papers.value).some((p) => p.state === 'missing' || p.state === '')
    const body = { outcome: { decision: 'approve' } }
    const accepted = task && !wanting ? await submit({ task: task.id, ...body }, (key) => api.post(`/tasks/${task.id}/complete`, body, key)) : null
    return { case: id, number: file.number, accepted: accepted !== null }
  }
  return { form, papers, faults, busy, problem, unknown, send }
}
