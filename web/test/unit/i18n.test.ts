// SPDX-License-Identifier: Apache-2.0
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { age, both, lang, span, t, word } from '@/i18n'
import en from '@/i18n/en'
import zh from '@/i18n/zh-CN'

function flatten(node: object, path = ''): Map<string, string> {
  const found = new Map<string, string>()
  for (const [name, value] of Object.entries(node))
    if (typeof value === 'string') found.set(path + name, value)
    else for (const [inner, text] of flatten(value as object, `${path}${name}\u0001`)) found.set(inner, text)
  return found
}
const words = { zh: flatten(zh), en: flatten(en) }
const blanks = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1]).sort()

describe('the two languages', () => {
  it('have exactly the same keys, none empty', () => {
    expect([...words.en.keys()].sort()).toEqual([...words.zh.keys()].sort())
    for (const one of [words.zh, words.en]) for (const [key, text] of one) expect(text.trim(), key).not.toBe('')
  })
  it('leave the same blanks to fill', () => {
    for (const [key, text] of words.zh) expect(blanks(words.en.get(key)!), key).toEqual(blanks(text))
  })
  it('do not leak into each other', () => {
    for (const [key, text] of words.en) expect(/[\u4e00-\u9fff]/.test(text), `${key}: ${text}`).toBe(false)
    const latin = /^(evidence|importColumns|unit)$/
    for (const [key, text] of words.zh) if (!latin.test(key.split('\u0001')[1] ?? '')) expect(/[\u4e00-\u9fff%{]|^，$/.test(text), `${key}: ${text}`).toBe(true)
  })
  it('know every key that a page asks for, and pages hold no text of their own', () => {
    const src = fileURLToPath(new URL('../../src/', import.meta.url))
    const known = new Set([...words.zh.keys()].map((key) => key.replaceAll('\u0001', '.')))
    for (const name of readdirSync(src, { recursive: true }) as string[]) {
      if (!/\.(vue|ts)$/.test(name) || name.startsWith('i18n')) continue
      const text = readFileSync(join(src, name), 'utf8')
      for (const match of text.matchAll(/\bt\('([\w.]+)'/g)) expect(known.has(match[1]!), `${name}: ${match[1]}`).toBe(true)
      const template = /<template>([\s\S]*)<\/template>/.exec(text)?.[1] ?? ''
      const bare = template.replaceAll('中文', '')
      expect(/[\u4e00-\u9fff]/.test(bare), `${name} holds Chinese text in its template`).toBe(false)
    }
  })
})

describe('words', () => {
  it('name every kind of subject that the trail knows', () => {
    const src = fileURLToPath(new URL('../../../src/', import.meta.url))
    const kinds = new Set<string>()
    for (const name of readdirSync(src, { recursive: true }) as string[])
      if (name.endsWith('.c')) for (const match of readFileSync(join(src, name), 'utf8').matchAll(/subject_kind = "([a-z_]+)"|audit_add\(.*?"[a-z_.]+", "([a-z_]+)"/g)) kinds.add((match[1] ?? match[2])!)
    expect(kinds.size).toBeGreaterThan(20)
    for (const kind of kinds) expect(Object.keys(zh.code.kind), kind).toContain(kind)
  })
  it('are chosen by language, and unknown codes show themselves', () => {
    lang.value = 'zh-CN'
    expect(t('clock.left', { n: 3 })).toBe('剩余 3 个工作日')
    expect(word('scheme', 'EP')).toBe('职工基本养老')
    expect(word('transaction', 'contribution.assess')).toBe('缴费核定')
    expect(word('scheme', 'XX')).toBe('XX')
    expect(both({ name_zh: '甲', name_en: 'A' }, 'name')).toBe('甲')
    expect(span(37)).toBe('3年1个月')
    expect(age(725)).toBe('60岁5个月')
    lang.value = 'en'
    expect(t('clock.left', { n: 3 })).toBe('3 working days left')
    expect(both({ name_zh: '甲', name_en: 'A' }, 'name')).toBe('A')
    expect(both({ name_zh: '甲' }, 'name')).toBe('甲')
    expect(span(7)).toBe('7 months')
    lang.value = 'zh-CN'
  })
})
