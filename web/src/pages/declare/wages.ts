// SPDX-License-Identifier: Apache-2.0
// Wages that come from a spreadsheet, matched to the workers of the grid. Pure.
import { csvRead } from '@/base/csv'
import { moneyParse } from '@/base/format'

export interface GridRow {
  person: number
  number: string
  name: string
  id_number_masked: string
}
export interface Pasted {
  /** Index of the row → wage as yuan text. */
  wages: Map<number, string>
  unknown: string[]
  faulty: string[]
}

function maskMatches(mask: string, full: string): boolean {
  if (mask.length !== full.length || mask.length === 0) return false
  for (let i = 0; i < mask.length; i++) if (mask[i] !== '*' && mask[i] !== full[i]) return false
  return true
}

function rowFind(rows: readonly GridRow[], cells: readonly string[]): number {
  for (const cell of cells) {
    const text = cell.trim().toUpperCase()
    if (text === '') continue
    let found = rows.findIndex((row) => row.number.toUpperCase() === text)
    if (found < 0 && /^\d{17}[\dX]$/.test(text)) {
      const fitting = rows.flatMap((row, i) => (maskMatches(row.id_number_masked.replace(/\s/g, '').toUpperCase(), text) ? [i] : []))
      if (fitting.length > 1) {
        const named = fitting.filter((i) => cells.some((one) => one.trim() === rows[i]!.name))
        if (named.length === 1) found = named[0]!
      } else found = fitting[0] ?? -1
    }
    if (found >= 0) return found
  }
  for (const cell of cells) {
    const same = rows.flatMap((row, i) => (row.name === cell.trim() ? [i] : []))
    if (same.length === 1) return same[0]!
  }
  return -1
}

/** One column fills downward from `from`; several columns are matched by number, identity number or unambiguous name. */
export function wagesPaste(text: string, rows: readonly GridRow[], from: number): Pasted {
  // One column of figures with thousands separated ("6,000.50") is not two columns.
  const plain = text.split(/\r?\n/).filter((line) => line.trim() !== '')
  const lines = plain.every((line) => moneyParse(line) !== null) ? plain.map((line) => [line]) : csvRead(text)
  const result: Pasted = { wages: new Map(), unknown: [], faulty: [] }
  const single = lines.every((cells) => cells.filter((one) => one.trim() !== '').length <= 1)
  lines.forEach((cells, i) => {
    if (single) {
      const wage = moneyParse(cells.find((one) => one.trim() !== '') ?? '')
      if (wage === null) {
        if (i > 0) result.faulty.push(cells.join(' '))
      } else if (from + result.wages.size < rows.length) result.wages.set(from + result.wages.size, wage)
      else result.unknown.push(cells.join(' '))
      return
    }
    const row = rowFind(rows, cells)
    const figures = cells.filter((one) => moneyParse(one) !== null && !/^\d{15,}$/.test(one.trim()))
    const wage = figures.length > 0 ? moneyParse(figures[figures.length - 1]!) : null
    if (row < 0) {
      // The head of a table names columns and holds no figure.
      if (i > 0 || wage !== null) result.unknown.push(cells.join(' '))
    } else if (wage === null) result.faulty.push(cells.join(' '))
    else result.wages.set(row, wage)
  })
  return result
}
