// SPDX-License-Identifier: Apache-2.0
// What is stuck is listed with its reason and tried again; ended cases go to the past and are read there as before.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { axeFaults, deskOpen, lacking, read, worldStart } from './world.mjs'

const shots = process.env.SHOTS

describe('stuck and past', { skip: lacking() }, () => {
  let world
  before(async () => { world = await worldStart() })
  after(async () => { await world?.stop() })

  it('lists what is stuck, and tells what came of trying again', async () => {
    for (const [lang, width] of [['zh-CN', 1440], ['en', 390]]) {
      const { page, close, faults } = await deskOpen(world, 'approver', { lang, width })
      await page.goto(`${world.url}/upkeep`)
      await page.getByText(lang === 'en' ? 'Nothing is stuck' : '没有异常事项').waitFor()
      // A city of this kind has nothing stuck: the server's list is given a message that it does not know, and itself says so.
      const detail = lang === 'en' ? 'A figure is missing from the pack: interest.rate 2027. It is added to the pack in force, then this is tried again.' : '政策包缺少参数 interest.rate 2027，补充后重试。'
      await page.route(/\/api\/v1\/incidents(\?|$)|\/api\/incidents(\?|$)/, (route) => route.fulfill({ json: { items: [{ kind: 'message', id: 7, name: 'payment.done', number: '', code: 'SB-0404', detail, since: '2026-11-24T01:00:00Z' }], more: false, next: null } }))
      await page.getByRole('button', { name: lang === 'en' ? 'Look again' : '刷新' }).click()
      await page.getByText('SB-0404').waitFor()
      assert.equal(await axeFaults(page), '')
      assert.ok((await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)) <= 0, 'sticks out')
      if (shots) await page.screenshot({ path: `${shots}/upkeep-${lang}-${width}.png`, fullPage: true })
      await page.getByRole('button', { name: lang === 'en' ? 'Try again: payment.done 7' : '重试 payment.done 7' }).click()
      await page.getByText('SB-0439').first().waitFor()
      assert.deepEqual(faults.filter((one) => !/409|404|422/.test(one)), [])
      await close()
    }
  })

  it('moves ended cases to the past, where they are read as before', async () => {
    const { page, close, faults } = await deskOpen(world, 'admin')
    const auditor = await deskOpen(world, 'auditor')
    const ended = (await read(auditor.page, '/cases?state=done&limit=50')).items
    assert.ok(ended.length > 0, 'the city has ended cases')
    const told = await read(auditor.page, `/cases/${ended[0].id}`)
    await page.goto(`${world.url}/upkeep`)
    const next = new Date(Date.now() + 40 * 86400_000).toISOString().slice(0, 7)
    await page.getByLabel('转入此月之前办结的案件').fill(next)
    await page.keyboard.press('Enter')
    await page.getByText('SB-').first().waitFor() // a month that has not ended is refused
    await page.getByLabel('转入此月之前办结的案件').fill(new Date(Date.now() + 8 * 3600_000).toISOString().slice(0, 7))
    await page.getByRole('button', { name: '开始转入' }).click()
    await page.waitForURL(/\/runs\/\d+/)
    await page.getByText('办结案件转入历史库').first().waitFor()
    await page.locator('.pill-green').first().waitFor()
    const again = await read(auditor.page, `/cases/${ended[0].id}`)
    assert.equal(again.number, told.number)
    assert.equal(again.state, told.state)
    await auditor.page.goto(`${world.url}/cases/${ended[0].id}`)
    await auditor.page.getByText(told.number).first().waitFor()
    assert.deepEqual(faults.filter((one) => !/409|404|422/.test(one)), [])
    assert.deepEqual(auditor.faults, [])
    await auditor.close()
    await close()
  })
})
