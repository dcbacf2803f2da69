// SPDX-License-Identifier: Apache-2.0
import { count, idNumber, instant, money } from '@/base/format'

export interface Column<T> {
  key: string
  title: string
  /** `act` holds buttons: it is neither sorted nor exported. */
  kind?: 'text' | 'money' | 'count' | 'month' | 'day' | 'instant' | 'id' | 'act'
  /** The value that is sorted, filtered and exported; without it the field of that name. */
  value?: (row: T) => string | number | null | undefined
  /** Hidden until somebody chooses it. */
  folded?: boolean
  /** Left out where the page is narrow. */
  wide?: boolean
}

export function cellValue<T>(column: Column<T>, row: T): string | number | null | undefined {
  if (column.value) return column.value(row)
  const value = (row as Record<string, unknown>)[column.key]
  return typeof value === 'string' || typeof value === 'number' ? value : value === null || value === undefined ? null : String(value)
}

export function cellText<T>(column: Column<T>, row: T): string {
  const value = cellValue(column, row)
  if (value === null || value === undefined) return ''
  switch (column.kind) {
    case 'money': return money(value)
    case 'count': return typeof value === 'number' ? count(value) : value
    case 'instant': return instant(String(value))
    case 'id': return idNumber(String(value))
    default: return String(value)
  }
}

export function isFigure<T>(column: Column<T>): boolean {
  return column.kind === 'money' || column.kind === 'count'
}

export function rowsSort<T>(rows: readonly T[], column: Column<T> | undefined, down: boolean): T[] {
  if (!column) return [...rows]
  const words = new Intl.Collator('zh-CN', { numeric: true })
  const compare = (a: T, b: T): number => {
    const [x, y] = [cellValue(column, a), cellValue(column, b)]
    const [none, other] = [x === null || x === undefined || x === '', y === null || y === undefined || y === '']
    if (none || other) return Number(none) - Number(other)
    const order = isFigure(column) ? Number(x) - Number(y) : words.compare(String(x), String(y))
    return down ? -order : order
  }
  return [...rows].sort(compare)
}

export function rowsFilter<T>(rows: readonly T[], columns: readonly Column<T>[], text: string): T[] {
  const wanted = text.normalize('NFKC').toLowerCase().split(/\s+/).filter((word) => word !== '')
  if (wanted.length === 0) return [...rows]
  return rows.filter((row) => {
    const all = columns.map((column) => `${cellValue(column, row) ?? ''}\u0000${cellText(column, row)}`).join('\u0000').toLowerCase()
    return wanted.every((word) => all.includes(word))
  })
}
