// SPDX-License-Identifier: Apache-2.0
// What this browser remembers: theme, columns, drafts. Storage may be full or forbidden; then nothing is remembered.
import { ref, watch, type Ref } from 'vue'

export function remember<T>(name: string, value: T): void {
  try {
    localStorage.setItem(`shebao.${name}`, JSON.stringify(value))
  } catch {
    // A full or forbidden storage must not stop the work.
  }
}

export function recall<T>(name: string): T | null {
  try {
    const text = localStorage.getItem(`shebao.${name}`)
    return text === null ? null : (JSON.parse(text) as T)
  } catch {
    return null
  }
}

export function forget(name: string): void {
  try {
    localStorage.removeItem(`shebao.${name}`)
  } catch {
    // As above.
  }
}

/** Forget all that begins so. */
export function forgetAll(beginning: string): void {
  try {
    for (const name of Object.keys(localStorage)) if (name.startsWith(`shebao.${beginning}`)) localStorage.removeItem(name)
  } catch {
    // As above.
  }
}

export type Theme = 'light' | 'dark' | 'system'
const system = typeof matchMedia === 'function' ? matchMedia('(prefers-color-scheme: dark)') : null

function themeStored(): Theme {
  try {
    const text = localStorage.getItem('shebao.theme')
    return text === 'light' || text === 'dark' ? text : 'system'
  } catch {
    return 'system'
  }
}

export const theme: Ref<Theme> = ref(themeStored())
export const dark = ref(false)

function themeApply(): void {
  dark.value = theme.value === 'dark' || (theme.value === 'system' && (system?.matches ?? false))
  document.documentElement.classList.toggle('dark', dark.value)
}

export function themeStart(): void {
  themeApply()
  system?.addEventListener('change', themeApply)
  watch(theme, (value) => {
    try {
      localStorage.setItem('shebao.theme', value)
    } catch {
      // As above.
    }
    themeApply()
  })
}
