// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest'
import { dayTidy, lineEmpty, rosterParse } from '@/pages/roster/parse'

describe('joiners and leavers from a list', () => {
  it('are read by a head in Chinese', () => {
    const { lines, unread } = rosterParse('姓名\t证件号码\t增减员类型\t入职日期\t月工资（元）\n王芳\t11010519491231002x\t增员\t2026/11/3\t6,000.5\n')
    expect(unread).toEqual([])
    expect(lines).toEqual([{ ...lineEmpty('join'), name: '王芳', id_number: '11010519491231002X', day: '2026-11-03', wage: '6000.50' }])
  })
  it('are read by a head in English, whatever the order, and keep what is wrong', () => {
    const { lines } = rosterParse('day,id_number,name,reason,act\r\n2026-02-30,123,王芳,合同期满,减员\r\n')
    expect(lines).toEqual([{ ...lineEmpty('leave'), name: '王芳', id_number: '123', day: '2026-02-30', reason: '合同期满' }])
  })
  it('are told by what stands in the columns when there is no head', () => {
    const { lines, unread } = rosterParse('11010519491231002X,王芳,20261103,6000\n440524188001010014,李四,2026年11月20日,减员,辞职,13900000000\n说明\n')
    expect(lines[0]).toEqual({ ...lineEmpty(), id_number: '11010519491231002X', name: '王芳', day: '2026-11-03', wage: '6000.00' })
    expect(lines[1]).toEqual({ ...lineEmpty('leave'), id_number: '440524188001010014', name: '李四', day: '2026-11-20', reason: '辞职', telephone: '13900000000' })
    expect(unread).toEqual(['说明'])
  })
  it('may name who is registered by the number of this system', () => {
    expect(rosterParse('P01-0000000012-3,王芳,2026-11-20,减员,辞职').lines[0]!.id_number).toBe('P01-0000000012-3')
  })
  it('a day that is none stays as it was written', () => {
    expect(dayTidy('明天')).toBe('明天')
    expect(dayTidy('２０２６-1-2')).toBe('2026-01-02')
  })
  it('nothing gives nothing', () => {
    expect(rosterParse('')).toEqual({ lines: [], unread: [] })
  })
})
