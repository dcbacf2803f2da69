// SPDX-License-Identifier: Apache-2.0
// What is searched for may be an identity number: it stays out of addresses, which histories and proxies keep, and out of the browser's
// storage. The address of a search has the place of its words in a list of this page load, which is forgotten when somebody signs out.
import type { RouteLocationRaw } from 'vue-router'

const words: string[] = []

export function searchRoute(q: string): RouteLocationRaw {
  const at = words.indexOf(q)
  return { name: 'search', query: { s: String(at < 0 ? words.push(q) : at + 1) } }
}

/** The words of a search by its number in the address; empty when they are not known any more. */
export function searchedFor(s: unknown): string {
  return words[Number(s) - 1] ?? ''
}

export function searchesForget(): void {
  words.length = 0
}
