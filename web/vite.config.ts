// SPDX-License-Identifier: Apache-2.0
import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import type { Plugin } from 'vite'
import elementPlus from 'unplugin-element-plus/vite'
import { defineConfig } from 'vitest/config'

// SHEBAO_API: where the server of `npm run dev` listens.
const api = process.env.SHEBAO_API ?? 'http://127.0.0.1:8080'

/** The editor of dmn-js (CodeMirror) writes <style> elements, which the content security policy refuses. It knows a better way, but takes
 *  it only below a shadow root: a constructed style sheet. Here it takes it always. */
const constructedSheets: Plugin = {
  name: 'constructed-sheets',
  transform(code, id) {
    if (!/[\\/]style-mod[\\/]/.test(id)) return null
    const said = '!root.head && root.adoptedStyleSheets'
    if (!code.includes(said)) throw new Error(`style-mod is written otherwise: look at ${id}`)
    return { code: code.replaceAll(said, 'root.adoptedStyleSheets'), map: null }
  },
}

export default defineConfig({
  plugins: [vue(), elementPlus({}), constructedSheets],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  build: { target: 'es2022', outDir: 'dist', reportCompressedSize: false, assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  server: { proxy: { '/api': api, '/healthz': api } },
  test: { environment: 'node', include: ['test/unit/**/*.test.ts'] },
})
