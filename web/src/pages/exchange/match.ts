// SPDX-License-Identifier: Apache-2.0
// Matches of persons, as the API tells them.
import { t, type Key } from '@/i18n'

export const STATES = ['look', 'tell', 'hearing', 'stopped', 'kept', 'other', 'noted'] as const
export interface Match { match: number; feed: string; content: 'deaths' | 'prisoners'; person: number; number: string; name: string; id_number: string; confidence: number; agrees: string; event: string; state: (typeof STATES)[number]; hear_until: string | null; heard: boolean | string }
export interface MatchFile extends Match { birth: string; until: string | null; hearing_days: number; told: { name?: string; id_number?: string; birth?: string; reference?: string }; awards: { id: number; scheme: string; total: string; month_from: string }[]; looked_by: string; told_by: string; told_day: string | null; told_means: string; told_reference: string; heard_by: string; decided_by: string; stop_month: string | null; note: string; own: boolean }

export function agreesText(agrees: string): string {
  return agrees.trim().split(/\s+/).filter(Boolean).map((word) => t(`match.fields.${word}` as Key)).join(' · ')
}
