// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest'
import { csvRead, csvWrite } from '@/base/csv'
import { wagesPaste, type GridRow } from '@/pages/declare/wages'
import { whySteps } from '@/pages/award/why'
import { rowsFilter, rowsSort, type Column } from '@/parts/table'

describe('CSV', () => {
  it('comes back as it went', () => {
    const rows = [['a', 'b,c', 'd"e', 'f\ng', ''], ['张𬭚', '1', '2', '3', '4']]
    expect(csvRead(csvWrite(rows))).toEqual(rows)
  })
  it('reads what a spreadsheet puts on the clipboard', () => {
    expect(csvRead('\uFEFFx\ty\r\n1\t"2\t3"\r\n\r\n')).toEqual([['x', 'y'], ['1', '2\t3']])
  })
})

const rows: GridRow[] = [
  { person: 1, number: 'P01-0000000001-1', name: '王芳', id_number_masked: '110105********002X' },
  { person: 2, number: 'P01-0000000002-9', name: '王芳', id_number_masked: '440524********0014' },
  { person: 3, number: 'P01-0000000003-7', name: '陈䶮', id_number_masked: '440524********0014' },
]
describe('wages from a spreadsheet', () => {
  it('fill downward from the cell when there is one column', () => {
    const { wages, unknown } = wagesPaste('5000\n6,000.5\n', rows, 1)
    expect([...wages]).toEqual([[1, '5000.00'], [2, '6000.50']])
    expect(unknown).toEqual([])
    expect(wagesPaste('1\n2\n3\n', rows, 2).unknown).toHaveLength(2)
  })
  it('are matched by number, identity number or a name that only one has', () => {
    const { wages, unknown } = wagesPaste('编号\t姓名\t工资\nP01-0000000002-9\t王芳\t7000\n11010519491231002X\t王芳\t5000\n\t陈䶮\t8000\n', rows, 0)
    expect([...wages].sort()).toEqual([[0, '5000.00'], [1, '7000.00'], [2, '8000.00']])
    expect(unknown).toEqual([])
  })
  it('are never guessed: a name that two have, a mask that two have, a word for a figure', () => {
    expect(wagesPaste('王芳\t5000\n', rows, 0).unknown).toHaveLength(1)
    expect(wagesPaste('440524188001010014\t5000\n', rows, 0).unknown).toHaveLength(1)
    expect([...wagesPaste('440524188001010014\t陈䶮\t5000\n', rows, 0).wages]).toEqual([[2, '5000.00']])
    expect(wagesPaste('陈䶮\t面议\n', rows, 0).faulty).toHaveLength(1)
  })
})

describe('lists', () => {
  const columns: Column<{ name: string; amount: string | null }>[] = [{ key: 'name', title: 'N' }, { key: 'amount', title: 'A', kind: 'money' }]
  const list = [{ name: 'b', amount: '10.00' }, { name: 'a', amount: null }, { name: 'c', amount: '9.00' }]
  it('sort figures as figures, empty ones last both ways', () => {
    expect(rowsSort(list, columns[1], false).map((r) => r.name)).toEqual(['c', 'b', 'a'])
    expect(rowsSort(list, columns[1], true).map((r) => r.name)).toEqual(['b', 'c', 'a'])
    expect(rowsSort(list, columns[0], false).map((r) => r.name)).toEqual(['a', 'b', 'c'])
  })
  it('filter by what is shown as well as by what is stored', () => {
    const big = [{ name: 'x', amount: '1234.50' }]
    expect(rowsFilter(big, columns, '1,234')).toHaveLength(1)
    expect(rowsFilter(big, columns, '1234')).toHaveLength(1)
    expect(rowsFilter(big, columns, 'x 9')).toHaveLength(0)
  })
})

describe('why', () => {
  it('tells the parts that there are, with the figures of the server and the article of each', () => {
    const steps = whySteps({ basic: '3066.30', account: '0.00', transition: '0.00', extra: '50.00', calc_base: '7694.00', indexed_wage: '9498.11', years: '35.67', divisor: '139', balance: '0.00', articles: { basic: 'A6' } })
    expect(steps.map((s) => s.key)).toEqual(['basic', 'account', 'extra'])
    expect(steps[0]).toMatchObject({ amount: '3066.30', article: 'A6', values: { calc: '7,694.00', indexed: '9,498.11', years: '35.67' } })
    expect(whySteps(null)).toEqual([])
  })
})
