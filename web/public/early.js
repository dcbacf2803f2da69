// SPDX-License-Identifier: Apache-2.0
// Before the first paint: language and theme that were chosen on this machine, so that nothing flashes.
;(function () {
  var root = document.documentElement
  try {
    var theme = localStorage.getItem('shebao.theme')
    var dark = theme === 'dark' || (theme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches)
    root.classList.toggle('dark', dark)
    if (localStorage.getItem('shebao.lang') === 'en') root.lang = 'en'
  } catch {
    // Storage may be forbidden; the defaults of the page hold then.
  }
})()
