// SPDX-License-Identifier: Apache-2.0
// Every page in both languages, in light and dark, at 1440 and 390 pixels: axe-core finds nothing serious, nothing sticks
// out sideways, and the page raises no fault.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { axeFaults, deskOpen, lacking, read, search, worldStart } from './world.mjs'

describe('every page', { skip: lacking() }, () => {
  let world
  let places
  before(async () => {
    world = await worldStart()
    const { page, close } = await deskOpen(world, 'clerk')
    const first = async (path) => (await read(page, path)).items[0]
    const named = (await search(page, '公司')).items
    const employer = named.find((one) => one.kind === 'employer')
    const worker = await first(`/employers/${employer.id}/workers?limit=1`)
    const declaration = await first('/declarations?limit=1')
    const pack = await first('/packs')
    const run = await first('/runs')
    places = {
      desk: '/', search: '/search', 'register a person': '/persons/new', 'register an employer': '/employers/new',
      person: `/persons/${worker.person}`, pension: `/persons/${worker.person}/pension`, employer: `/employers/${employer.id}`,
      declarations: '/declarations', declare: `/declare?employer=${employer.id}`, payments: '/payments', ledger: '/ledger', imports: '/imports', 'begin a case': '/cases/new', offices: '/offices', staff: '/staff', leave: '/leave', runs: '/runs', packs: '/packs', security: '/security', emergency: '/emergency', manual: '/manual', 'a chapter of the manual': '/manual/P17',
    }
    if (declaration) places.declaration = `/declarations/${declaration.id}`
    if (pack) places.pack = `/packs/${pack.hash}`
    if (run) places.run = `/runs/${run.id}`
    await close()
  })
  after(async () => { await world?.stop() })

  for (const [lang, width, dark] of [['zh-CN', 1440, false], ['en', 1440, false], ['zh-CN', 390, false], ['en', 1440, true]]) {
    it(`is accessible in ${lang} at ${width} pixels${dark ? ', dark' : ''}`, async () => {
      const { page, close, faults } = await deskOpen(world, 'finance', { lang, width, dark })
      const found = []
      for (const [name, path] of Object.entries(places)) {
        await page.goto(world.url + path)
        await page.locator('main h1').first().waitFor()
        await page.waitForFunction(() => !document.querySelector('main .bones'))
        const serious = await axeFaults(page)
        if (serious) found.push(`${name}: ${serious}`)
        const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
        if (over > 0) found.push(`${name}: sticks out by ${over} pixels`)
      }
      assert.equal(found.join('\n'), '')
      assert.deepEqual(faults, [])
      await close()
    })
  }

  it('the sign-in page too, and at twice the size', async () => {
    const { page, close } = await deskOpen(world, null, { width: 720, height: 450 })
    await page.goto(`${world.url}/sign-in`)
    await page.locator('h1').waitFor()
    assert.equal(await axeFaults(page), '')
    assert.ok((await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)) <= 0)
    await close()
  })
})
