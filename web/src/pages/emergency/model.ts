// SPDX-License-Identifier: Apache-2.0
import { ref } from 'vue'

/** Counts the reviews made on this page: the bar above every page looks again. */
export const reviewed = ref(0)

export interface Emergency {
  id: number
  staff: number
  display: string
  office: number
  office_zh: string
  office_en: string
  reason: string
  begun_at: string
  until: string
  ended_by: string
  reviewed_by: string
  reviewed_at: string | null
  verdict: '' | 'justified' | 'unjustified'
  note: string
  uses: number
  state: 'open' | 'waits' | 'reviewed'
}
export interface EmergencyUse {
  audit: number
  at: string
  verb: string
  subject_kind: string
  subject: number
  title_zh: string
  title_en: string
}
