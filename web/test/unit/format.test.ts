// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest'
import { bankAccount, count, dayAdd, fen, idNumber, instant, money, moneyParse, moneySum, monthAdd, monthNumber, timeParse, uscc, yuan } from '@/base/format'

describe('money', () => {
  it('separates thousands and always shows the fen', () => {
    expect(money('0')).toBe('0.00')
    expect(money('1234567.5')).toBe('1,234,567.50')
    expect(money('-1234.05')).toBe('-1,234.05')
    expect(money('999')).toBe('999.00')
    expect(money('1000')).toBe('1,000.00')
    expect(money('92233720368547758.07')).toBe('92,233,720,368,547,758.07')
  })
  it('shows what is no amount as it came, and nothing for nothing', () => {
    expect(money('abc')).toBe('abc')
    expect(money('1.234')).toBe('1.234')
    expect(money(null)).toBe('')
  })
  it('reads what people type', () => {
    expect(moneyParse(' 8,000 ')).toBe('8000.00')
    expect(moneyParse('８０００．５')).toBe('8000.50')
    expect(moneyParse('¥12,345.67元')).toBe('12345.67')
    expect(moneyParse('007')).toBe('7.00')
    for (const bad of ['', '-5', '1.234', '1e3', 'abc', '1.2.3', '12345678901234']) expect(moneyParse(bad)).toBeNull()
  })
  it('adds without floating point', () => {
    expect(moneySum(['0.10', '0.20', null, undefined, '-0.05'])).toBe('0.25')
    expect(moneySum(Array.from({ length: 1000 }, () => '0.01'))).toBe('10.00')
    expect(yuan(fen('-0.05')!)).toBe('-0.05')
    expect(fen('90071992547409.93')).toBe(9007199254740993n)
  })
})

describe('numbers of people and organisations', () => {
  it('groups identity numbers 6-8-4, masked ones too', () => {
    expect(idNumber('11010519491231002X')).toBe('110105 19491231 002X')
    expect(idNumber('430102********4526')).toBe('430102 ******** 4526')
    expect(idNumber('123')).toBe('123')
    expect(idNumber(undefined)).toBe('')
  })
  it('groups credit codes and bank accounts', () => {
    expect(uscc('91350100M000100Y43')).toBe('91 350100 M000100Y4 3')
    expect(bankAccount('6222021001116245')).toBe('6222 0210 0111 6245')
    expect(count(1234567)).toBe('1,234,567')
  })
})

describe('time', () => {
  it('counts months over years', () => {
    expect(monthAdd('2026-11', 2)).toBe('2027-01')
    expect(monthAdd('2026-01', -1)).toBe('2025-12')
    expect(monthNumber('2026-11-24')).toBe(2026 * 12 + 10)
    expect(monthNumber('x')).toBeNaN()
    expect(dayAdd('2026-02-28', 1)).toBe('2026-03-01')
  })
  it('reads months and days as typed, and refuses those that do not exist', () => {
    expect(timeParse('202611', 'month')).toBe('2026-11')
    expect(timeParse('2026年1月', 'month')).toBe('2026-01')
    expect(timeParse('2026/3', 'month')).toBe('2026-03')
    expect(timeParse('20240229', 'day')).toBe('2024-02-29')
    expect(timeParse('2026年11月24日', 'day')).toBe('2026-11-24')
    for (const bad of ['2026-13', '2026-00', 'x', '26-1']) expect(timeParse(bad, 'month')).toBeNull()
    for (const bad of ['1990-02-30', '2023-02-29', '2026-11']) expect(timeParse(bad, 'day')).toBeNull()
  })
  it('shows instants in the zone of the law', () => {
    expect(instant('2026-11-24T05:41:27Z')).toBe('2026-11-24 13:41')
    expect(instant('2026-11-24T18:00:00Z')).toBe('2026-11-25 02:00')
  })
})
