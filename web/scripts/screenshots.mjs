// SPDX-License-Identifier: Apache-2.0
// The pictures of the README: a demonstration server of its own, a real Chromium, one PNG a scene in doc/pictures.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { deskOpen, lacking, read, worldStart } from '../test/browser/world.mjs'

const MAX_BYTES = 200_000
const SIZE = { width: 1240, height: 760 }
const out = fileURLToPath(new URL('../../doc/pictures/', import.meta.url))
const reason = lacking()
if (reason) {
  console.error(`no pictures: ${reason}`)
  process.exit(1)
}
mkdirSync(out, { recursive: true })
const world = await worldStart({ persons: 4000, seed: 1 })

/** Nothing moves any more: no bones, no busy part, fonts there. */
async function settle(page) {
  await page.locator('main h1').first().waitFor()
  await page.waitForFunction(() => !document.querySelector('main [aria-busy="true"]'), undefined, { timeout: 15_000 })
  await page.evaluate(() => document.fonts.ready)
  await page.waitForTimeout(400)
}
function keep(name) {
  const { size } = statSync(join(out, name))
  console.log(`${name} ${(size / 1000).toFixed(0)} kB`)
  if (size > MAX_BYTES) throw new Error(`${name} is larger than ${MAX_BYTES / 1000} kB`)
}
async function picture(name, desk, path, before) {
  await desk.page.goto(world.url + path)
  await settle(desk.page)
  await before?.(desk.page)
  await desk.page.screenshot({ path: join(out, name) })
  if (desk.faults.length > 0) throw new Error(`${name}: ${desk.faults.join('; ')}`)
  keep(name)
}
/** The first page of a letter on paper, where poppler is at hand. */
function letter(bytes) {
  const folder = mkdtempSync(join(tmpdir(), 'shebao-letter-'))
  writeFileSync(join(folder, 'letter.pdf'), bytes)
  const done = spawnSync('pdftoppm', ['-r', '80', '-f', '1', '-l', '1', '-singlefile', '-png', join(folder, 'letter.pdf'), join(out, 'letter')])
  rmSync(folder, { recursive: true, force: true })
  if (done.status === 0) keep('letter.png')
  else console.log('letter.png not made: pdftoppm is not installed')
}

try {
  const clerk = await deskOpen(world, 'clerk', SIZE)
  const approver = await deskOpen(world, 'approver', SIZE)
  const english = await deskOpen(world, 'clerk', { lang: 'en', ...SIZE })
  const finance = await deskOpen(world, 'finance', { lang: 'en', ...SIZE })
  const phone = await deskOpen(world, 'clerk', { lang: 'en', width: 390, height: 844 })
  const { items: cases } = await read(clerk.page, '/cases?process=P17&limit=50')
  const awarded = cases.find((one) => one.state === 'done')
  const { items: tasks } = await read(approver.page, '/tasks?state=open&mine=1&limit=10')
  const waiting = tasks.find((one) => one.process === 'P17')
  if (!awarded || !waiting) throw new Error('the city has no award, or none that waits')
  const person = await read(clerk.page, `/persons/${awarded.subject}`)
  const award = await read(clerk.page, `/awards/${person.awards[0].id}`)
  const { items: declared } = await read(clerk.page, '/declarations?limit=20')
  const { items: runs } = await read(finance.page, '/payment-runs?limit=1')

  await picture('desk.png', clerk, '/')
  await picture('person.png', clerk, `/persons/${awarded.subject}`)
  await picture('declare.png', english, `/declare?employer=${declared[0].employer}`, (page) => page.locator('aside li').first().waitFor())
  await picture('award.png', clerk, `/awards/${award.id}`)
  await picture('case.png', approver, `/cases/${waiting.case}`)
  await picture('payment.png', finance, `/payments/${runs[0].id}`)
  await picture('ledger.png', approver, '/ledger')
  await picture('rules.png', english, '/rules', async (page) => {
    await page.locator('a[href*="/models/pension"]').first().click()
    await page.locator('.paper .djs-shape').first().waitFor()
    await settle(page)
  })
  await picture('map.png', approver, `/cases/${waiting.case}`, async (page) => {
    await page.locator('details.map > summary').click()
    await page.locator('.bpmn-paper[data-ready=true]').waitFor()
    await page.locator('details.map').evaluate((box) => box.scrollIntoView())
  })
  await picture('manual.png', english, '/manual/P17')
  await picture('offices.png', english, '/offices', async (page) => {
    await page.locator('main tbody tr').nth(2).click()
    await settle(page)
  })
  await picture('apply.png', clerk, '/cases/new')
  await picture('phone.png', phone, `/persons/${waiting.subject}/pension`)
  letter(Buffer.from(await clerk.page.evaluate(async (id) => {
    const asked = { headers: { 'Accept-Language': 'zh-CN' } }
    const { letter: found } = await (await fetch(`/api/awards/${id}`, asked)).json()
    return [...new Uint8Array(await (await fetch(`/api/documents/${found.document}`, asked)).arrayBuffer())]
  }, award.id)))
} finally {
  await world.stop()
}
