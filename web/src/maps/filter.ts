// SPDX-License-Identifier: Apache-2.0
import type { LocationQuery } from 'vue-router'

export interface Office { office: number; level: number }
/** What figures are asked of: an office with those below it, and a period; '' as the server takes it. */
export interface Filter { office: string; from: string; to: string }

export function asked(query: LocationQuery): Filter {
  const one = (name: string) => (typeof query[name] === 'string' ? (query[name] as string) : '')
  return { office: one('office'), from: one('from'), to: one('to') }
}
