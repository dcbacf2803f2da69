// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest'
import { idRead, usccRead } from '@/base/identity'

const today = '2026-11-24'
describe('resident identity numbers (GB 11643)', () => {
  it('accepts the example of the standard and reads birth and sex', () => {
    expect(idRead('11010519491231002X', today)).toEqual({ fault: null, birth: '1949-12-31', sex: 'female', expected: 'X' })
    expect(idRead('440524188001010014', today)).toMatchObject({ fault: null, birth: '1880-01-01', sex: 'male' })
  })
  it('takes wide digits, spaces and a small x', () => {
    expect(idRead('１１０１０５ 19491231 002x', today).fault).toBeNull()
  })
  it('fills in birth and sex before the last character is typed, and says which one it must be', () => {
    expect(idRead('11010519491231002', today)).toEqual({ fault: 'short', birth: '1949-12-31', sex: 'female', expected: 'X' })
  })
  it('tells each fault apart', () => {
    expect(idRead('110105194912310021', today).fault).toBe('digit')
    expect(idRead('11010519900230002X', today).fault).toBe('date')
    expect(idRead('110105202612010020', today).fault).toBe('future')
    expect(idRead('1101051949123100AX', today).fault).toBe('characters')
    expect(idRead('11010519491231002X1', today).fault).toBe('long')
    expect(idRead('110', today).fault).toBe('short')
  })
  it('finds every change of one digit of the first seventeen', () => {
    const good = '11010519491231002X'
    for (let i = 0; i < 17; i++) {
      const changed = good.slice(0, i) + String((Number(good[i]) + 1) % 10) + good.slice(i + 1)
      expect(idRead(changed, today).fault).not.toBeNull()
    }
  })
})

describe('unified social credit codes (GB 32100)', () => {
  it('accepts the example of the standard and refuses a changed one', () => {
    expect(usccRead('91350100M000100Y43')).toBeNull()
    expect(usccRead('91350100m000100y43')).toBeNull()
    expect(usccRead('91350100M000100Y44')).toBe('digit')
    expect(usccRead('91350100M000100Y4')).toBe('short')
    expect(usccRead('9135010OM000100Y43')).toBe('characters')
  })
})
