// SPDX-License-Identifier: Apache-2.0
import { t, word } from '@/i18n'

/** What a run is, in words. The server titles an import by its kind of rows, "(dry run)" added when nothing is written. */
export function runTitle(run: { title?: string; kind: string }): string {
  if (run.kind.startsWith('bulk_')) return word('runKind', run.kind)
  if (run.kind === 'case_archive' || run.kind.startsWith('roster.')) return `${word('runKind', run.kind)} ${run.title ?? ''}`.trim()
  const [, rows, dry] = /^(\w+)( \(dry run\))?$/.exec(run.title ?? '') ?? []
  const words = rows ? word('importKind', rows) : ''
  if (run.kind !== 'import' || !rows || words === rows) return run.title || word('runKind', run.kind)
  return t(dry ? 'import.dryOf' : 'import.of', { rows: words })
}
