// SPDX-License-Identifier: Apache-2.0
// From what the pension model answered to words: which figures went in, which rule, what came out. Pure; the formulas are
// those of the pack's model, the numbers are the server's: nothing is computed here.
import type { Json } from '@/api/model'
import { money } from '@/base/format'
import type { Key, Values } from '@/i18n'

export type Facts = { [key: string]: Json }
export interface WhyStep {
  key: string
  title: Key
  formula: Key
  values: Values
  amount: string
  article: string
}

export function fact(facts: Facts | null | undefined, name: string): string {
  const value = facts?.[name]
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}

export function article(facts: Facts | null | undefined, name: string): string {
  const articles = facts?.articles
  const value = articles && typeof articles === 'object' && !Array.isArray(articles) ? articles[name] : undefined
  return typeof value === 'string' ? value : ''
}

/** A stored result keeps its parts in a context of their own; here they lie beside the rest, and each entry of the
 *  derivation gives its article to the figure of its name. */
export function flat(result: Facts | null | undefined, derivation?: Json): Facts {
  const object = (value: Json | undefined): Facts => (value && typeof value === 'object' && !Array.isArray(value) ? value : {})
  const retirement = object(result?.retirement)
  const found: Facts = { ...result, ...object(result?.parts) }
  if (found.age_months === undefined && found.age !== undefined) found.age_months = found.age
  if (found.index === undefined && found.average_index !== undefined) found.index = found.average_index
  if (found.statutory_month === undefined && retirement.month !== undefined) found.statutory_month = retirement.month
  if (found.delay_months === undefined && retirement.delay_months !== undefined) found.delay_months = retirement.delay_months
  found.articles = { ...articlesOf(derivation ?? null), ...object(result?.articles) }
  return found
}

function articlesOf(node: Json, name = '', into: Facts = {}): Facts {
  if (Array.isArray(node)) for (const one of node) articlesOf(one, '', into)
  else if (node && typeof node === 'object') {
    const own = typeof node.name === 'string' ? node.name : name
    if (own && typeof node.article === 'string' && node.article !== '') into[own] ??= node.article
    for (const [key, value] of Object.entries(node)) articlesOf(value, key, into)
  }
  return into
}

const zero = (amount: string) => amount === '' || /^0+(\.0+)?$/.test(amount)

export function whySteps(result: Facts | null | undefined): WhyStep[] {
  if (!result) return []
  const steps: WhyStep[] = []
  const step = (key: 'basic' | 'account' | 'transition' | 'extra', values: Values) => {
    const amount = fact(result, key)
    if (amount === '' || (zero(amount) && key !== 'basic' && key !== 'account')) return
    steps.push({ key, title: `why.${key}`, formula: `why.${key}Formula`, values, amount, article: article(result, key) })
  }
  step('basic', { calc: money(fact(result, 'calc_base')), indexed: money(fact(result, 'indexed_wage')), years: fact(result, 'years'), amount: money(fact(result, 'basic')) })
  step('account', { balance: money(fact(result, 'balance')), divisor: fact(result, 'divisor'), amount: money(fact(result, 'account')) })
  step('transition', { indexed: money(fact(result, 'indexed_wage')), index: fact(result, 'index'), calc: money(fact(result, 'calc_base')), years: fact(result, 'transition_years'), amount: money(fact(result, 'transition')) })
  step('extra', { amount: money(fact(result, 'extra')) })
  return steps
}
