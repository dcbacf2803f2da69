// SPDX-License-Identifier: Apache-2.0
// Names and values of rules as people say them: the pack's own word for a name, an amount with its separators, a list by its length.
import type { Json } from '@/api/model'
import type { Labels } from '@/api/rules'
import { money } from '@/base/format'
import { lang, t, word } from '@/i18n'

/** The pack's word for a name of its models; else the desk's; else the name itself. */
export function nameSaid(labels: Labels | undefined, name: string): string {
  const own = labels?.[name]
  if (own) return lang.value === 'en' ? own.en : own.zh
  return word('figure', name)
}
/** The title of a figure of law, where the pack declares it. */
export function keySaid(labels: Labels | undefined, key: string): string {
  const own = labels?.[`key:${key}`]
  return own ? (lang.value === 'en' ? own.en : own.zh) : nameSaid(labels, key)
}
export function modelSaid(labels: Labels | undefined, model: string): string {
  const own = labels?.[`model:${model}`]
  return own ? (lang.value === 'en' ? own.en : own.zh) : model
}

/** A value in a line. Numbers are texts of digits. */
export function valueSaid(value: Json | undefined, most = 60): string {
  if (value === null || value === undefined) return t('rules.nothing')
  if (typeof value === 'boolean') return t(value ? 'form.yes' : 'form.no')
  if (Array.isArray(value)) {
    if (value.length <= 4 && value.every((one) => typeof one !== 'object')) return value.map((one) => valueSaid(one)).join(' · ') || t('rules.emptyList')
    return t('rules.listOf', { n: value.length })
  }
  if (typeof value === 'object') return t('rules.fieldsOf', { n: Object.keys(value).length })
  const text = String(value)
  // Only what has a fraction is surely an amount; codes and numbers of months look like whole ones.
  if (/^-?\d{4,}\.\d+$/.test(text)) {
    const [whole, rest] = text.split('.')
    return whole!.replace(/\B(?=(\d{3})+$)/g, ',') + (rest ? `.${rest}` : '')
  }
  return text.length > most ? `${text.slice(0, most - 1)}…` : text
}
const MONEY = new Set(['total', 'amount', 'benefit', 'payable'])
/** A context in a word: the figure that it is about, when one of its fields is plainly that. */
export function headSaid(value: Json | undefined, labels: Labels | undefined): string {
  if (value === null || typeof value !== 'object' || Array.isArray(value) || value === undefined) return valueSaid(value, 24)
  const inner = Object.values(value).filter((one): one is { [key: string]: Json } => one !== null && typeof one === 'object' && !Array.isArray(one))
  for (const heads of [['total', 'amount', 'result', 'benefit', 'payable'], ['average_index', 'index', 'month', 'eligible']])
    for (const from of [value, ...inner])
      for (const name of heads) if (isPlain(from[name]) && from[name] !== undefined && from[name] !== null) return `${nameSaid(labels, name)} ${MONEY.has(name) ? money(String(from[name])) : valueSaid(from[name], 24)}`
  return valueSaid(value)
}
export const isPlain = (value: Json | undefined) => value === null || value === undefined || typeof value !== 'object'
