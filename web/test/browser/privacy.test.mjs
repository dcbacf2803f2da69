// SPDX-License-Identifier: Apache-2.0
// A record is opened for a purpose with one click; who opened it stands on its page; a copy is made; alarms are judged.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { axeFaults, deskOpen, lacking, search, worldStart } from './world.mjs'

const skip = lacking()
let world
before(async () => { if (!skip) world = await worldStart({ persons: 200 }) })
after(async () => { await world?.stop() })
const shot = async (page, name) => { if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/${name}.png`, fullPage: false }) }

async function pensioner(page) {
  const found = await search(page, '王')
  return found.items.find((one) => one.kind === 'person').id
}

for (const [lang, width] of [['zh-CN', 1440], ['en', 390]])
  test(`a record asks why it is opened, once a day (${lang}, ${width})`, { skip }, async () => {
    const { page, faults, close } = await deskOpen(world, lang === 'en' ? 'reviewer' : 'clerk', { lang, width, asked: true })
    const id = await pensioner(page)
    await page.goto(`${world.url}/persons/${id}`)
    const dialog = page.getByRole('dialog')
    await dialog.locator('.choices .el-button').first().waitFor()
    await shot(page, `why-${lang}-${width}`)
    assert.equal(await axeFaults(page), '')
    // Not to open it is an answer too, and one may ask again.
    await dialog.getByRole('button', { name: lang === 'en' ? 'Do not open' : '不查阅' }).click()
    await page.locator('main [role="alert"]').first().waitFor()
    await page.goto(`${world.url}/persons/${id}`)
    await page.getByRole('dialog').getByRole('button', { name: lang === 'en' ? /correct facts/ : /更正/ }).click()
    await page.getByRole('heading', { name: lang === 'en' ? 'Who opened the record' : '记录查阅情况' }).waitFor()
    await page.getByText(lang === 'en' ? 'Check and correct facts' : '核对和更正登记事项').first().waitFor()
    await page.getByRole('heading', { name: lang === 'en' ? 'Who opened the record' : '记录查阅情况' }).scrollIntoViewIfNeeded()
    await shot(page, `log-${lang}-${width}`)
    await page.reload()
    await page.getByRole('heading', { name: lang === 'en' ? 'Who opened the record' : '记录查阅情况' }).waitFor()
    assert.equal(await page.getByRole('dialog').count(), 0)
    assert.equal(await axeFaults(page), '')
    if (lang !== 'en') {
      const waiting = page.waitForEvent('download')
      await page.getByRole('button', { name: 'JSON' }).click()
      assert.match((await waiting).suggestedFilename(), /\.json$/)
    }
    assert.deepEqual(faults, [])
    await close()
  })

test('an auditor judges what looks like curiosity', { skip }, async () => {
  const { page, faults, close } = await deskOpen(world, 'auditor', { lang: 'en' })
  await page.goto(`${world.url}/privacy/alarms`)
  await page.locator('td').getByRole('button', { name: 'Judge' }).first().click() // a correction without any case
  await shot(page, 'alarms-en-1440')
  assert.equal(await axeFaults(page), '')
  // What a list exports is its facts, not the buttons of its rows.
  const exported = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Export' }).first().click()
  await page.getByRole('button', { name: 'CSV' }).click()
  const head = readFileSync(await (await exported).path(), 'utf8').split('\n')[0]
  assert.match(head, /When/)
  assert.doesNotMatch(head, /Judge/)
  await page.getByLabel('What was found (at least 4 characters)').fill('The person had called.')
  await page.getByRole('button', { name: 'Record the finding' }).click()
  await page.getByLabel('State').selectOption('justified')
  await page.getByText('The person had called.').waitFor()
  assert.deepEqual(faults, [])
  await close()
})
