// SPDX-License-Identifier: Apache-2.0
// The tables and expressions of a model, wherever they stand in it. Pure.
import type { Logic, ModelElement } from '@/api/rules'

export interface TablePlace { element: ModelElement; at: number; path: string[]; rules: number }

// In the order of the file.
function walk(logic: Logic | undefined, path: string[], found: (logic: Logic, path: string[]) => void): void {
  if (!logic) return
  if (logic.kind === 'table' || logic.kind === 'literal') found(logic, path)
  walk(logic.logic, path, found)
  for (const one of logic.entries ?? []) walk(one.logic, [...path, one.name], found)
  for (const one of logic.parts ?? []) walk(one.logic, [...path, one.name], found)
  for (const one of logic.items ?? []) walk(one, path, found)
  for (const row of logic.rows ?? []) for (const one of row) walk(one, path, found)
}

export interface ExpressionPlace { element: ModelElement; at: number; path: string[]; text: string }
export function expressionsOf(elements: readonly ModelElement[]): ExpressionPlace[] {
  const all: ExpressionPlace[] = []
  for (const element of elements) {
    let at = 0
    walk(element.logic, [], (logic, path) => { if (logic.kind === 'literal') all.push({ element, at: at++, path, text: logic.text ?? '' }) })
  }
  return all
}

export function tablesOf(elements: readonly ModelElement[]): TablePlace[] {
  const all: TablePlace[] = []
  for (const element of elements) walk(element.logic, [], (logic, path) => { if (logic.kind === 'table') all.push({ element, at: logic.at ?? 0, path, rules: logic.rules?.length ?? 0 }) })
  return all
}
