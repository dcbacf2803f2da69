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
