// SPDX-License-Identifier: Apache-2.0
// Joiners and leavers from a spreadsheet or a file: by the words of a head, or by what stands in the columns. Pure.
import { csvRead } from '@/base/csv'
import { moneyParse } from '@/base/format'

export interface RosterInput {
  act: string
  id_number: string
  name: string
  day: string
  wage: string
  category: string
  reason: string
  telephone: string
}
export type RosterField = keyof RosterInput
export const FIELDS: readonly RosterField[] = ['act', 'id_number', 'name', 'day', 'wage', 'category', 'reason', 'telephone']

export interface RosterRead {
  lines: RosterInput[]
  unread: string[]
}

const HEADS: Record<RosterField, RegExp> = {
  act: /^(act|增减(员)?(类型|标志)?|办理(类型|事项)|业务类型)$/,
  id_number: /^(id_?number|number|identity( number)?|(个人)?编号|(居民|公民)?身份(证)?(号码?|件号码)?|证件号码?|社会保障号码?)$/,
  name: /^(name|姓名|职工姓名)$/,
  day: /^(day|date|日期|(用工|入职|增员|离职|减员|最后在职)(日期|之?日|时间)|(增减|变动)日期)$/,
  wage: /^(wage|(月)?(工资|缴费工资|申报工资|缴费基数)(（元）|\(元\))?)$/,
  category: /^(category|class|类别|人员类别|原?法定退休年龄)$/,
  reason: /^(reason|(减员|增员|离职|变动)?原因)$/,
  telephone: /^(telephone|phone|电话|(手机|联系)(号码?|电话)|手机)$/,
}
/** The number of this system for a person: it may stand for the identity number of somebody who is registered. */
export const OURS = /^P\d{2,4}-\d{10}-\d$/
const JOIN = /^(join|joins|hire|增员|增加|新增|入职|增)$/i
const LEAVE = /^(leave|leaves|减员|减少|离职|停保|减)$/i

export function lineEmpty(act = ''): RosterInput {
  return { act, id_number: '', name: '', day: '', wage: '', category: '', reason: '', telephone: '' }
}

/** "2026/11/3", "20261103", "2026年11月3日" → "2026-11-03"; what is no day stays as it is. */
export function dayTidy(text: string): string {
  const plain = text.normalize('NFKC').trim()
  const match = /^(\d{4})(?:[-/.年])(\d{1,2})(?:[-/.月])(\d{1,2})日?$/.exec(plain) ?? /^(\d{4})(\d{2})(\d{2})$/.exec(plain)
  return match ? `${match[1]}-${match[2]!.padStart(2, '0')}-${match[3]!.padStart(2, '0')}` : plain
}
function actTidy(text: string): string {
  const plain = text.normalize('NFKC').trim()
  return JOIN.test(plain) ? 'join' : LEAVE.test(plain) ? 'leave' : plain
}
function tidy(field: RosterField, text: string): string {
  const plain = text.normalize('NFKC').trim()
  switch (field) {
    case 'act': return actTidy(plain)
    case 'day': return dayTidy(plain)
    case 'id_number': return plain.replace(/[\s'’]/g, '').toUpperCase()
    case 'wage': return moneyParse(plain) ?? plain
    case 'name': return text.trim()
    default: return plain
  }
}

function headOf(cells: readonly string[]): Map<number, RosterField> | null {
  const found = new Map<number, RosterField>()
  cells.forEach((cell, i) => {
    const text = cell.normalize('NFKC').trim().toLowerCase()
    const field = FIELDS.find((one) => HEADS[one].test(text))
    if (field && ![...found.values()].includes(field)) found.set(i, field)
  })
  return found.size >= 2 && [...found.values()].some((f) => f === 'id_number' || f === 'name') ? found : null
}

/** A row without a head: each cell by what it looks like. */
function guess(cells: readonly string[]): RosterInput | null {
  const line = lineEmpty()
  for (const cell of cells) {
    const text = cell.normalize('NFKC').trim()
    const bare = text.replace(/[\s'’]/g, '')
    if (text === '') continue
    if (line.id_number === '' && (/^\d{17}[\dXx]$/.test(bare) || OURS.test(bare))) line.id_number = bare.toUpperCase()
    else if (line.day === '' && /^\d{4}-\d{2}-\d{2}$/.test(dayTidy(text))) line.day = dayTidy(text)
    else if (line.act === '' && (JOIN.test(text) || LEAVE.test(text))) line.act = actTidy(text)
    else if (line.category === '' && /^(male|f55|f50)$/i.test(text)) line.category = text.toLowerCase()
    else if (line.telephone === '' && /^1\d{10}$/.test(bare)) line.telephone = bare
    else if (line.wage === '' && moneyParse(text) !== null) line.wage = moneyParse(text)!
    else if (line.name === '') line.name = cell.trim()
    else if (line.reason === '') line.reason = text
  }
  return line.id_number === '' && (line.name === '' || line.day === '') ? null : line
}

export function rosterParse(text: string): RosterRead {
  const result: RosterRead = { lines: [], unread: [] }
  const rows = csvRead(text)
  const head = rows.length > 0 ? headOf(rows[0]!) : null
  rows.slice(head ? 1 : 0).forEach((cells) => {
    if (!head) {
      const line = guess(cells)
      if (line) result.lines.push(line)
      else result.unread.push(cells.join(' '))
      return
    }
    const line = lineEmpty()
    for (const [i, field] of head) line[field] = tidy(field, cells[i] ?? '')
    result.lines.push(line)
  })
  return result
}
