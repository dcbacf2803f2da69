// SPDX-License-Identifier: Apache-2.0
/** On a form: Enter moves to the next field; on the last one it presses the form's own button. */
export function enterMoves(event: KeyboardEvent): void {
  const from = event.target
  if (event.key !== 'Enter' || event.isComposing || event.ctrlKey || event.defaultPrevented) return
  if (!(from instanceof HTMLInputElement || from instanceof HTMLSelectElement)) return
  const form = from.form
  if (!form) return
  event.preventDefault()
  const stops = [...form.querySelectorAll<HTMLElement>('input:not([disabled]):not([type=hidden]), select:not([disabled]), textarea:not([disabled])')].filter((one) => one.tabIndex >= 0 && one.offsetParent !== null)
  const next = stops[stops.indexOf(from) + 1]
  if (next) {
    next.focus()
    if (next instanceof HTMLInputElement) next.select()
  } else form.requestSubmit()
}
