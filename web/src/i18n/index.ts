// SPDX-License-Identifier: Apache-2.0
// Words in two languages: Chinese first, English in full. Keys are checked by the compiler and by a test.
import { ref } from 'vue'
import en from './en'
import zh from './zh-CN'

export type Lang = 'zh-CN' | 'en'
type Leaves<T, P extends string = ''> = { [K in keyof T & string]: T[K] extends string ? `${P}${K}` : Leaves<T[K], `${P}${K}.`> }[keyof T & string]
export type Key = Leaves<typeof zh>

function langStored(): Lang {
  try {
    return localStorage.getItem('shebao.lang') === 'en' ? 'en' : 'zh-CN'
  } catch {
    return 'zh-CN'
  }
}

export const lang = ref<Lang>(typeof localStorage === 'undefined' ? 'zh-CN' : langStored())

export function langSet(value: Lang): void {
  lang.value = value
  document.documentElement.lang = value
  try {
    localStorage.setItem('shebao.lang', value)
  } catch {
    // The choice then holds until the page is closed.
  }
}

function find(key: string): string | undefined {
  let node: unknown = lang.value === 'en' ? en : zh
  for (const part of key.split('.')) node = (node as Record<string, unknown> | undefined)?.[part]
  return typeof node === 'string' ? node : undefined
}

export type Values = Record<string, string | number>

function fill(text: string, values?: Values): string {
  return values ? text.replace(/\{(\w+)\}/g, (whole, name: string) => (name in values ? String(values[name]) : whole)) : text
}

export function t(key: Key, values?: Values): string {
  const text = fill(find(key) ?? key, values)
  return lang.value === 'en' && values ? text.replace(/\b1 ((?:working )?(?:day|month|year|gap|task|worker|row|change|step|item|value))s\b/g, '1 $1') : text
}

/** The word for a code of the API ("state", "approved"); an unknown code shows itself rather than nothing. */
export function word(group: keyof (typeof zh)['code'], code: string | null | undefined): string {
  if (!code) return ''
  const words = (lang.value === 'en' ? en : zh).code[group] as Record<string, string>
  return words[code] ?? words[code.replaceAll('-', '_')] ?? words[code.toLowerCase()] ?? code
}

/** The text of an answer that comes in both languages as name_zh and name_en. */
export function both(object: object | null | undefined, name: string): string {
  const fields = object as Record<string, unknown> | null | undefined
  const first = fields?.[`${name}_${lang.value === 'en' ? 'en' : 'zh'}`]
  const text = first || fields?.[`${name}_zh`] || fields?.[`${name}_en`] || fields?.[name]
  return typeof text === 'string' ? text : ''
}

/** Years and months of an age or a time, in words. */
export function span(months: number): string {
  const years = Math.floor(months / 12)
  const rest = months % 12
  if (rest === 0) return t('time.years', { y: years })
  return years === 0 ? t('time.months', { m: rest }) : t('time.yearsMonths', { y: years, m: rest })
}

/** An age in words. */
export function age(months: number): string {
  const years = Math.floor(months / 12)
  const rest = months % 12
  if (rest === 0) return t('time.ageYears', { y: years })
  return years === 0 ? t('time.ageMonths', { m: rest }) : t('time.ageYearsMonths', { y: years, m: rest })
}
