// SPDX-License-Identifier: Apache-2.0
import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import elementPlus from 'unplugin-element-plus/vite'
import { defineConfig } from 'vitest/config'

// SHEBAO_API: where the server of `npm run dev` listens.
const api = process.env.SHEBAO_API ?? 'http://127.0.0.1:8080'

export default defineConfig({
  plugins: [vue(), elementPlus({})],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  build: { target: 'es2022', outDir: 'dist', reportCompressedSize: false, assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  server: { proxy: { '/api': api, '/healthz': api } },
  test: { environment: 'node', include: ['test/unit/**/*.test.ts'] },
})
