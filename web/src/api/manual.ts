// SPDX-License-Identifier: Apache-2.0
// The manual as the server answers it.
export interface TextRun { t: string; to?: string; id?: string; c?: string }
export type ManualText = string | TextRun[]
export interface Block { k: 'p' | 'note' | 'h' | 'table' | 'diagram'; t?: ManualText; c?: string; w?: number[]; head?: ManualText[]; rows?: ManualText[][]; process?: string; svg?: string }
export interface Section { id: string; title: string; blocks: Block[] }
export interface ManualHead { hash: string; name: string; title_zh: string; title_en: string; edition: string; edition_in_force: string; demonstration: boolean; in_force: boolean; day: string }
export interface Chapter { of: ManualHead; chapter: { process: string; title: string; group: string; sections: Section[] } }
export interface ManualLine { process: string; title: string; group: string; article: string }
export interface ManualHit { process: string; title: string; section: string; section_title: string; anchor: string; text: string; why: 'number' | 'title' | 'article' | 'text' }
