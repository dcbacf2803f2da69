// SPDX-License-Identifier: Apache-2.0
// A real server with a small demonstration city of its own, and a real Chromium before it. With SHEBAO_URL the tests run
// against a server that is already there (its city must be a demonstration).
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import axe from 'axe-core'
import { chromium } from 'playwright-core'

const root = fileURLToPath(new URL('../../../', import.meta.url))
export const PASSWORD = 'demonstration'
export const TODAY_MONTH = () => new Date(Date.now() + 8 * 3600_000).toISOString().slice(0, 7)

function browserPath() {
  return [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser'].find((path) => path && existsSync(path))
}
function binaryPath() {
  const named = process.env.SHEBAO_BINARY
  if (named) return existsSync(named) ? named : undefined
  return ['build-test/shebao', 'build/shebao'].map((path) => join(root, path)).find((path) => existsSync(path))
}

/** Why these tests cannot run here, or false. */
export function lacking() {
  if (!browserPath()) return 'no Chromium: install the package chromium, or name it in CHROMIUM'
  if (!process.env.SHEBAO_URL && !binaryPath()) return 'no server: build shebao, or name it in SHEBAO_BINARY'
  if (!process.env.SHEBAO_URL && !existsSync(join(root, 'web/dist/index.html'))) return 'no web/dist: run npm run build'
  return false
}

function portFree() {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.on('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address()
      probe.close(() => resolve(port))
    })
  })
}

/** The databases that a city can stand on here. */
export const ENGINES = process.env.SHEBAO_URL ? ['the server at hand'] : ['SQLite', 'PostgreSQL']

/** Run functions of test/support/pg.sh; what they print. */
function pg(line, ...values) {
  const done = spawnSync('bash', ['-c', `. test/support/pg.sh; ${line}`, 'pg', ...values], { cwd: root, encoding: 'utf8' })
  return { ok: done.status === 0, absent: done.status === 1, text: done.stdout.trim(), said: done.stderr }
}
export const postgresAbsent = () => !pg('test -n "$(pg_bin)"').ok && 'no PostgreSQL on this machine: install the package postgresql'

function databaseMake(engine, folder) {
  if (engine !== 'PostgreSQL') return `sqlite:${join(folder, 'city.db')}`
  chmodSync(folder, 0o755)
  const made = pg('pg_make "$1" && pg_url "$1" city', join(folder, 'pg'))
  if (!made.ok) throw new Error(`no private PostgreSQL: ${made.said}`)
  return made.text
}

export async function worldStart({ persons = 400, seed = 7, engine = 'SQLite', pack = 'packs/demo' } = {}) {
  const world = { url: process.env.SHEBAO_URL, stop: async () => {} }
  let server
  let folder
  if (!world.url) {
    const binary = binaryPath()
    folder = mkdtempSync(join(tmpdir(), 'shebao-web-'))
    const db = databaseMake(engine, folder)
    const made = spawnSync(binary, ['demo', '--persons', String(persons), '--seed', String(seed), '--db', db], { cwd: root, encoding: 'utf8' })
    if (made.status !== 0) throw new Error(`shebao demo failed: ${made.stderr}`)
    const port = await portFree()
    server = spawn(binary, ['serve', '--db', db, '--pack', pack, '--port', String(port), '--web', join(root, 'web/dist')], { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] })
    let said = ''
    server.stderr.on('data', (text) => { said = (said + text).slice(-4000) })
    world.url = `http://127.0.0.1:${port}`
    world.said = () => said
    /** What the independent auditor finds, as text; empty when all agrees. */
    world.audit = () => {
      const done = spawnSync(binary, ['audit', '--db', db], { cwd: root, encoding: 'utf8' })
      return done.status === 0 ? '' : `${done.stdout}${done.stderr}`
    }
    for (let i = 0; ; i++) {
      if (server.exitCode !== null || i > 300) throw new Error(`the server did not start: ${said}`)
      const answer = await fetch(`${world.url}/healthz`).catch(() => null)
      if (answer?.ok) break
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
  // playwright makes a new, empty profile of its own for each launch.
  const browser = await chromium.launch({
    executablePath: browserPath(),
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  })
  world.browser = browser
  world.stop = async () => {
    await browser.close()
    if (server && server.exitCode === null) {
      const ended = new Promise((resolve) => server.once('exit', resolve))
      server.kill('SIGTERM')
      await ended
    }
    if (folder && engine === 'PostgreSQL') pg('pg_stop "$1"', join(folder, 'pg'))
    if (folder) rmSync(folder, { recursive: true, force: true })
  }
  return world
}

/** Who is asked why a record is opened takes what stands first, at once. */
function purposeGiven() {
  const seen = new WeakSet()
  new MutationObserver(() => {
    const first = document.querySelector('.choices .el-button--primary')
    if (!first || seen.has(first)) return
    seen.add(first)
    first.click()
  }).observe(document, { subtree: true, childList: true })
}

/** A page of its own for each member of staff: separate cookies, as on separate machines. Faults of the page fail the test. asked: the test
 * itself says why records are opened. */
export async function deskOpen(world, login, { lang = 'zh-CN', width = 1440, height = 900, dark = false, asked = false } = {}) {
  const context = await world.browser.newContext({ viewport: { width, height }, colorScheme: dark ? 'dark' : 'light', acceptDownloads: true })
  await context.addInitScript((chosen) => { if (!localStorage.getItem('shebao.lang')) localStorage.setItem('shebao.lang', chosen) }, lang)
  if (!asked) await context.addInitScript(purposeGiven)
  const page = await context.newPage()
  page.setDefaultTimeout(15_000)
  const faults = []
  page.on('pageerror', (fault) => faults.push(String(fault)))
  page.on('console', (message) => { if (message.type() === 'error' && !/Failed to load resource/.test(message.text())) faults.push(message.text()) })
  if (login) {
    await page.goto(`${world.url}/sign-in`)
    await page.locator('#f-login').fill(login)
    await page.keyboard.press('Enter')
    await page.keyboard.type(PASSWORD)
    await page.keyboard.press('Enter')
    await page.locator('main h1').waitFor()
    await page.waitForURL((url) => !url.pathname.includes('sign-in'))
  }
  return { page, context, faults, close: () => context.close() }
}

/** Search as the signed-in member of staff. */
export async function search(page, q, limit = 20) {
  return page.evaluate(async (asked) => {
    const { csrf } = await (await fetch('/api/session')).json()
    const answer = await fetch('/api/search', { method: 'POST', headers: { 'Content-Type': 'application/json', 'X-CSRF-Token': csrf }, body: JSON.stringify(asked) })
    if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`)
    return answer.json()
  }, { q, limit })
}

/** Read the API as the signed-in member of staff. */
export async function read(page, path) {
  return page.evaluate(async (p) => {
    let answer = await fetch(`/api${p}`)
    const said = answer.status === 403 ? await answer.clone().json() : {}
    if (said.code === 'SB-0435') {
      const person = said.where.replace('person/', '')
      const { csrf } = await (await fetch('/api/session')).json()
      const { purposes } = await (await fetch(`/api/persons/${person}/purposes`)).json()
      const purpose = purposes.find((one) => one.purpose !== 'case').purpose
      await fetch(`/api/persons/${person}/openings`, { method: 'POST', headers: { 'Content-Type': 'application/json', 'X-CSRF-Token': csrf, 'Idempotency-Key': crypto.randomUUID() }, body: JSON.stringify({ purpose }) })
      answer = await fetch(`/api${p}`)
    }
    if (!answer.ok) throw new Error(`${p}: ${answer.status} ${await answer.text()}`)
    return answer.json()
  }, path)
}

/** What axe-core calls serious or critical on the page, as text; empty when there is nothing. */
export async function axeFaults(page) {
  await page.evaluate(axe.source)
  const found = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }))
  return found.violations
    .filter((v) => v.impact === 'serious' || v.impact === 'critical')
    .map((v) => `${v.id}: ${v.help}\n    ${v.nodes.slice(0, 4).map((n) => `${n.html.slice(0, 160)} ${n.any[0]?.message ?? ''}`).join('\n    ')}`)
    .join('\n')
}

/** A valid resident identity number (GB 11643) for a birth date. */
export function idNumberMake(area, birth, order) {
  const head = `${area}${birth.replaceAll('-', '')}${String(order).padStart(3, '0')}`
  const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
  const sum = [...head].reduce((total, digit, i) => total + Number(digit) * weights[i], 0)
  return head + '10X98765432'[sum % 11]
}

export const STAFF = ['clerk', 'clerk2', 'reviewer', 'reviewer2', 'reviewer3', 'approver', 'finance']

/** Who of the demonstration's staff does a task: a second review is another's, and what is the pool's is done at the centre. */
function whoDoes(process, task) {
  const centre = process === 'P11' || process === 'P21'
  if (task.role === 'reviewer') return centre && task.node === 'review2' ? 'reviewer3' : centre || task.node === 'review2' ? 'reviewer2' : 'reviewer'
  return task.role === 'clerk' && centre ? 'clerk2' : task.role
}

/** Walk a case to its end, or to a node: each open task is done on the page by who may (`desks`: the pages by login). Closed, its file has an index. */
export async function walkCase(world, desks, id, until, node) {
  const end = Date.now() + 45_000 // letters take their time in a build with sanitizers
  while (Date.now() < end) {
    const file = await read(desks.approver.page, `/cases/${id}`) // the centre sees every case
    assert.ok(!file.incident, JSON.stringify(file.incident))
    const task = file.tasks.find((one) => !one.state || one.state === 'open' || one.state === 'taken')
    if (task && task.node === node) return
    if (!task) {
      if (file.state === 'done' && (await until(file))) {
        assert.ok(file.archive_number, 'the closed case is filed')
        return
      }
      await new Promise((resolve) => setTimeout(resolve, 400))
      continue
    }
    const { page } = desks[whoDoes(file.process, task)]
    await page.goto(`${world.url}/cases/${id}`)
    // The page may draw itself anew beneath the pointer: then the click has been taken, and there is no button any more.
    await page.getByRole('button', { name: /^(受理|同意|已送达)$/ }).click({ timeout: 6000 }).catch((fault) => { if (!/detached|Timeout/.test(String(fault))) throw fault })
    await page.waitForFunction((t) => fetch(`/api/cases/${t.id}`).then((r) => r.json()).then((c) => !c.tasks.some((one) => one.id === t.task && (!one.state || ['open', 'taken'].includes(one.state)))), { id, task: task.id })
  }
  assert.fail(`case ${id} did not come to its end`)
}
