// SPDX-License-Identifier: Apache-2.0
import 'element-plus/theme-chalk/base.css'
import 'element-plus/theme-chalk/dark/css-vars.css'
import './style.css'
import { createApp } from 'vue'
import App from './App.vue'
import { themeStart } from './base/prefs'
import { lang, langSet } from './i18n'
import { router } from './router'

themeStart()
langSet(lang.value)
createApp(App).use(router).mount('#app')
