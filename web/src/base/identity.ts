// SPDX-License-Identifier: Apache-2.0
// Numbers with a check digit, checked as they are typed: GB 11643 (persons) and GB 32100 (organisations).

const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
const DIGITS = '10X98765432'
const USCC = '0123456789ABCDEFGHJKLMNPQRTUWXY'

export type IdFault = 'short' | 'long' | 'characters' | 'date' | 'future' | 'digit'
export interface IdReading {
  fault: IdFault | null
  birth: string | null
  sex: 'male' | 'female' | null
  /** What the last character should be, when the first seventeen are right. */
  expected: string | null
}

function dayExists(year: number, month: number, day: number): boolean {
  const date = new Date(Date.UTC(year, month - 1, day))
  return date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day
}

/** Wide digits and spaces as an input method leaves them → plain text. */
export function idClean(typed: string): string {
  return typed.normalize('NFKC').replace(/[\s-]/g, '').toUpperCase()
}

export function idRead(typed: string, today: string): IdReading {
  const text = idClean(typed)
  const reading: IdReading = { fault: null, birth: null, sex: null, expected: null }
  if (!/^\d{0,17}[\dX]?$/.test(text)) return { ...reading, fault: text.length > 18 && /^\d{17}/.test(text) ? 'long' : 'characters' }
  if (text.length >= 14) {
    const [year, month, day] = [Number(text.slice(6, 10)), Number(text.slice(10, 12)), Number(text.slice(12, 14))]
    if (year < 1850 || !dayExists(year, month, day)) return { ...reading, fault: 'date' }
    reading.birth = `${text.slice(6, 10)}-${text.slice(10, 12)}-${text.slice(12, 14)}`
    if (reading.birth > today) return { ...reading, fault: 'future' }
  }
  if (text.length >= 17) {
    reading.sex = Number(text[16]) % 2 === 1 ? 'male' : 'female'
    let sum = 0
    for (let i = 0; i < 17; i++) sum += Number(text[i]) * WEIGHTS[i]!
    reading.expected = DIGITS[sum % 11]!
  }
  if (text.length < 18) reading.fault = 'short'
  else if (text[17] !== reading.expected) reading.fault = 'digit'
  return reading
}

export type UsccFault = 'short' | 'characters' | 'digit'

export function usccRead(typed: string): UsccFault | null {
  const text = idClean(typed)
  let sum = 0
  for (const letter of text) if (!USCC.includes(letter)) return 'characters'
  if (text.length > 18) return 'characters'
  if (text.length < 18) return 'short'
  for (let i = 0; i < 17; i++) sum += USCC.indexOf(text[i]!) * (3 ** i % 31)
  return USCC[(31 - (sum % 31)) % 31] === text[17] ? null : 'digit'
}
