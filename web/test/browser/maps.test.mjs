// SPDX-License-Identifier: Apache-2.0
// Maps in the browser: where a case stands, by diagram and by list; a process by its figures; both languages, and a phone. SHOTS names a
// folder for screenshots.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { axeFaults, deskOpen, lacking, read, worldStart } from './world.mjs'

const shots = process.env.SHOTS

describe('maps', { skip: lacking() }, () => {
  let world
  before(async () => { world = await worldStart() })
  after(async () => { await world?.stop() })

  async function looked(page, name) {
    await page.locator('.bpmn-paper[data-ready=true]').waitFor()
    assert.equal(await page.locator('.bpmn-paper .bjs-powered-by').isVisible(), true, 'the mark of bpmn.io is seen')
    assert.equal(await axeFaults(page), '', name)
    assert.ok((await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)) <= 0, `${name} sticks out`)
    if (shots) await page.screenshot({ path: `${shots}/${name}.png`, fullPage: true })
  }
  const label = (page, id) => page.locator(`.bpmn-paper [data-element-id="${id}"]`).first()

  it('shows where a case stands, on the diagram and as a list', async () => {
    for (const [lang, width] of [['zh-CN', 1440], ['en', 390]]) {
      const { page, close, faults } = await deskOpen(world, 'auditor', { lang, width })
      const open = (await read(page, '/cases?process=P17&state=active')).items[0]
      await page.goto(`${world.url}/cases/${open.id}`)
      await page.locator('details.map > summary').click()
      await looked(page, `case-map-${lang}-${width}`)
      const map = await read(page, `/cases/${open.id}/map`)
      const at = map.tokens[0]
      assert.match(await label(page, at.node).getAttribute('class'), /is-now|is-bad/)
      assert.match(await label(page, map.start).getAttribute('class'), /is-done/)
      const said = lang === 'en' ? at.title_en : at.title_zh
      assert.ok((await page.locator('.bpmn-map figcaption').innerText()).includes(said))
      // The labels are in the language of the page.
      assert.ok((await label(page, at.node).textContent()).replace(/\s/g, '').includes(said.replace(/\s/g, '')))
      // By keys: the button of the list marks the step on the diagram.
      const step = page.locator('.way li.now .link').first()
      await step.focus()
      await page.keyboard.press('Enter')
      assert.equal(await step.getAttribute('aria-pressed'), 'true')
      assert.match(await label(page, at.node).getAttribute('class'), /is-chosen/)
      assert.deepEqual(faults, [])
      await close()
    }
  })

  it('shows a process by its figures, and refuses them to a clerk', async () => {
    for (const [lang, width] of [['zh-CN', 1440], ['en', 390]]) {
      const { page, close, faults } = await deskOpen(world, 'auditor', { lang, width })
      await page.goto(`${world.url}/processes`)
      await page.locator('main tbody tr', { hasText: 'P06' }).first().click()
      await page.waitForURL(/\/processes\/P06\/map/)
      await page.locator('select[name=metric]').selectOption('waiting')
      await looked(page, `process-map-${lang}-${width}`)
      const figures = await read(page, '/processes/P06/statistics')
      const most = Math.max(...figures.nodes.map((one) => one.waiting))
      const hot = figures.nodes.find((one) => one.waiting === most)
      assert.ok(most > 0)
      assert.match(await label(page, hot.node).getAttribute('class'), /heat-5/)
      assert.ok((await page.locator('.bpmn-paper .badge').allInnerTexts()).includes(String(most)))
      assert.deepEqual(faults, [])
      await close()
    }
    const { page, close } = await deskOpen(world, 'clerk')
    const status = await page.evaluate(async () => (await fetch('/api/processes/P06/statistics')).status)
    assert.equal(status, 403)
    await close()
  })

  it('says how many must serve, and how many are planned', async () => {
    for (const [lang, width] of [['zh-CN', 1440], ['en', 390]]) {
      const { page, close, faults } = await deskOpen(world, 'reviewer', { lang, width })
      await page.goto(`${world.url}/hall/forecast`)
      await page.locator('main .bars').waitFor()
      const told = await read(page, '/hall/forecast')
      assert.equal(told.few, false)
      assert.ok(told.groups[0].hours.some((one) => one.needed > one.planned))
      assert.equal(await page.locator('main .bars .bar').count(), told.groups[0].hours.length)
      assert.match(await page.locator('main h2').first().innerText(), lang === 'en' ? /needed/ : /需要/)
      // A shorter wait asks for no fewer.
      const sum = (f) => f.groups[0].hours.reduce((n, one) => n + one.needed, 0)
      assert.ok(sum(await read(page, '/hall/forecast?target_minutes=1')) > sum(told))
      assert.equal(await axeFaults(page), '', 'forecast')
      assert.ok((await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)) <= 0)
      if (shots) await page.screenshot({ path: `${shots}/forecast-${lang}-${width}.png`, fullPage: true })
      assert.deepEqual(faults, [])
      await close()
    }
  })
})
