// SPDX-License-Identifier: Apache-2.0
// Two records of one person, as the API tells them.
export interface Party { id: number; number: string; name: string; id_number: string; birth: string; state: string }
export interface Holding extends Party { months: number; employments: number; balance: string; awards: number }
export interface Candidate { first: Party; second: Party; alike: 'name' | 'sound'; digits_apart: number }
export interface Merge { merge: number; kept: Party; gone: Party; state: 'proposed' | 'merged' | 'refused' | 'undone' | 'distinct'; reason: string; note: string; undo_reason: string; entered_at: string; decided_at: string | null; undone_at: string | null; entered_by: string; decided_by: string; undone_by: string; own: boolean }
export interface Preview { kept: Holding; gone: Holding; against: { code: string; text_zh: string; text_en: string }[] }
