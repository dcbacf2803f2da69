// SPDX-License-Identifier: Apache-2.0
// How figures, days, months and numbers are written. Pure: knows no language but what it is told.

/** "1234567.5" → "1,234,567.50"; what is not an amount is returned as it came. */
export function money(value: string | number | null | undefined): string {
  if (value === null || value === undefined || value === '') return ''
  const text = typeof value === 'number' ? value.toFixed(2) : value.trim()
  const match = /^([+-]?)(\d+)(?:\.(\d{1,2}))?$/.exec(text)
  if (!match) return text
  const whole = match[2]!.replace(/^0+(?=\d)/, '').replace(/\B(?=(\d{3})+$)/g, ',')
  return (match[1] === '-' ? '-' : '') + whole + '.' + (match[3] ?? '').padEnd(2, '0')
}

/** Yuan as typed ("8,000", "８０００", " 8000.5 ") → "8000.50", or null when it is no amount. */
export function moneyParse(typed: string): string | null {
  const text = typed.normalize('NFKC').replace(/[\s,，元¥]/g, '')
  const match = /^(\d{1,13})(?:\.(\d{0,2}))?$/.exec(text)
  if (!match) return null
  return match[1]!.replace(/^0+(?=\d)/, '') + '.' + (match[2] ?? '').padEnd(2, '0')
}

/** Yuan text → fen, exactly; null when it is no amount. */
export function fen(value: string | null | undefined): bigint | null {
  const match = /^([+-]?)(\d+)(?:\.(\d{1,2}))?$/.exec((value ?? '').trim())
  if (!match) return null
  const size = BigInt(match[2]!) * 100n + BigInt((match[3] ?? '').padEnd(2, '0') || '0')
  return match[1] === '-' ? -size : size
}

/** Fen → yuan text of the API. */
export function yuan(amount: bigint): string {
  const size = amount < 0n ? -amount : amount
  return (amount < 0n ? '-' : '') + String(size / 100n) + '.' + String(size % 100n).padStart(2, '0')
}

/** The sum of amounts of the API; empty ones count nothing. */
export function moneySum(values: readonly (string | null | undefined)[]): string {
  let sum = 0n
  for (const value of values) sum += fen(value) ?? 0n
  return yuan(sum)
}

/** 18 characters grouped 6-8-4; masks ("4301**********123X") are grouped alike. */
export function idNumber(value: string | null | undefined): string {
  const text = (value ?? '').replace(/\s/g, '')
  return text.length === 18 ? `${text.slice(0, 6)} ${text.slice(6, 14)} ${text.slice(14)}` : text
}

/** 18 characters of a unified social credit code, grouped 2-6-9-1 as GB 32100 builds it. */
export function uscc(value: string | null | undefined): string {
  const text = value ?? ''
  return text.length === 18 ? `${text.slice(0, 2)} ${text.slice(2, 8)} ${text.slice(8, 17)} ${text.slice(17)}` : text
}

/** A bank account in groups of four. */
export function bankAccount(value: string | null | undefined): string {
  return (value ?? '').replace(/\s/g, '').replace(/(.{4})(?=.)/g, '$1 ')
}

export function count(value: number | null | undefined): string {
  return value === null || value === undefined ? '' : String(Math.trunc(value)).replace(/\B(?=(\d{3})+$)/g, ',')
}

/** "2026-11" → months since year 0; NaN when it is no month. */
export function monthNumber(month: string): number {
  const match = /^(\d{4})-(\d{2})/.exec(month)
  return match ? Number(match[1]) * 12 + Number(match[2]) - 1 : NaN
}

export function monthText(number: number): string {
  return `${String(Math.floor(number / 12)).padStart(4, '0')}-${String((number % 12) + 1).padStart(2, '0')}`
}

export function monthAdd(month: string, months: number): string {
  return monthText(monthNumber(month) + months)
}

/** Whole months → years and months. */
export function ageParts(months: number): { years: number; months: number } {
  return { years: Math.floor(months / 12), months: months % 12 }
}

/** An instant of the API in the law's zone: "2026-11-24 13:41". */
export function instant(value: string | null | undefined): string {
  if (!value) return ''
  const at = new Date(value)
  if (Number.isNaN(at.getTime())) return value
  const shifted = new Date(at.getTime() + 8 * 3600_000).toISOString()
  return `${shifted.slice(0, 10)} ${shifted.slice(11, 16)}`
}

export function bytes(size: number | null | undefined): string {
  if (size === null || size === undefined) return ''
  if (size < 1000) return `${size} B`
  if (size < 1_000_000) return `${(size / 1000).toFixed(1)} kB`
  return `${(size / 1_000_000).toFixed(1)} MB`
}

export function dayAdd(day: string, days: number): string {
  const at = Date.parse(`${day}T00:00:00Z`)
  return Number.isNaN(at) ? day : new Date(at + days * 86_400_000).toISOString().slice(0, 10)
}

/** A month or a day as people type it ("202611", "2026-1", "2026年1月", "20261124") → the form of the API, or null. */
export function timeParse(typed: string, kind: 'month' | 'day'): string | null {
  const text = typed.normalize('NFKC').trim().replace(/[日号月]$/, '').replace(/[年月./]/g, '-')
  const match = kind === 'month' ? (/^(\d{4})-(\d{1,2})$/.exec(text) ?? /^(\d{4})(\d{2})$/.exec(text)) : (/^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(text) ?? /^(\d{4})(\d{2})(\d{2})$/.exec(text))
  if (!match) return null
  const [year, month, day] = [match[1]!, match[2]!.padStart(2, '0'), (match[3] ?? '1').padStart(2, '0')]
  if (Number(month) < 1 || Number(month) > 12 || Number(year) < 1850) return null
  if (kind === 'month') return `${year}-${month}`
  const whole = `${year}-${month}-${day}`
  const at = Date.parse(`${whole}T00:00:00Z`)
  return !Number.isNaN(at) && new Date(at).toISOString().slice(0, 10) === whole ? whole : null
}
