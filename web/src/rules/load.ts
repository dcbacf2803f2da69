// SPDX-License-Identifier: Apache-2.0
// dmn-js with its styles, loaded when a diagram or table is first shown: it is no part of the first load.
import 'dmn-js/dist/assets/diagram-js.css'
import 'dmn-js/dist/assets/dmn-js-shared.css'
import 'dmn-js/dist/assets/dmn-js-drd.css'
import 'dmn-js/dist/assets/dmn-js-decision-table.css'
import 'dmn-js/dist/assets/dmn-js-decision-table-controls.css'
import 'dmn-js/dist/assets/dmn-font/css/dmn.css'
import NavigatedViewer from 'dmn-js/lib/NavigatedViewer'
import { lang } from '@/i18n'
import { chinese } from './words'

/** Words of dmn-js in the language of the desk. */
export const translation = {
  translate: ['value', (text: string, values: Record<string, string> = {}) => ((lang.value === 'en' ? undefined : chinese[text]) ?? text).replace(/\{([^}]+)\}/g, (whole, name: string) => values[name] ?? whole)],
}
const each = { additionalModules: [translation] }
export const views = { drd: { ...each, textRenderer: { defaultStyle: { fontSize: 15, fontFamily: '"PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", sans-serif' } } }, decisionTable: { ...each }, literalExpression: { ...each }, boxedExpression: { ...each } }

export function viewerNew(container: HTMLElement): DmnManager {
  return new NavigatedViewer({ container, ...views })
}
