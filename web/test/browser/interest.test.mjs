// SPDX-License-Identifier: Apache-2.0
// The interest of a year: opened on its page, reviewed, approved, posted by the server, told, filed; not taken back by who approved it.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { axeFaults, deskOpen, ENGINES, lacking, postgresAbsent, read, TODAY_MONTH, walkCase, worldStart } from './world.mjs'

const shots = process.env.SHOTS
const YEAR = Number(TODAY_MONTH().slice(0, 4)) - 1

for (const engine of ENGINES)
  describe(`interest of a year on ${engine}`, { skip: lacking() || (engine === 'PostgreSQL' && postgresAbsent()) }, () => {
    let world
    before(async () => { world = await worldStart({ persons: 120, engine }) })
    after(async () => { await world?.stop() })

    it('goes from its page to the archive; who let it be posted is not offered to take it back', async () => {
      const desks = {}
      for (const login of ['clerk2', 'reviewer2', 'approver', 'finance']) desks[login] = await deskOpen(world, login)
      const { page } = desks.finance
      await page.goto(`${world.url}/ledger`)
      await page.getByRole('link', { name: '个人账户计息' }).click()
      await page.getByText('账账相符').waitFor()
      await page.getByText('还没有计息').waitFor()
      assert.equal(await axeFaults(page), '')
      // A year that has not ended is refused with its reason, and nothing is opened.
      await page.getByLabel('年度').fill(String(YEAR + 1))
      await page.getByRole('button', { name: '立案', exact: true }).click()
      await page.getByText('该年度尚未结束').waitFor()
      await page.getByLabel('年度').fill(String(YEAR))
      await page.getByRole('button', { name: '立案', exact: true }).click()
      await page.waitForURL(/\/cases\/\d+/)
      const id = Number(page.url().split('/').pop())
      await walkCase(world, desks, id, () => true)
      const approver = desks.approver.page
      const pool = (await read(approver, `/cases/${id}`)).pool
      await approver.goto(`${world.url}/ledger/interest`)
      await approver.getByText('已记入').first().waitFor()
      if (pool) assert.equal((await read(approver, `/pools/${pool}/interest`)).items[0].year, YEAR)
      // Who let it be posted cannot take it back: no button is offered.
      assert.equal(await approver.getByRole('button', { name: '整批冲销' }).count(), 0)
      if (shots)
        for (const [lang, width] of [['zh-CN', 1440], ['zh-CN', 390], ['en', 1440], ['en', 390]]) {
          const seen = await deskOpen(world, 'finance', { lang, width })
          await seen.page.goto(`${world.url}/ledger/interest`)
          await seen.page.locator('td').first().waitFor()
          await seen.page.screenshot({ path: `${shots}/interest-${lang}-${width}.png`, fullPage: true })
          await seen.close()
        }
      assert.equal(world.audit?.() ?? '', '')
      for (const desk of Object.values(desks)) {
        assert.deepEqual(desk.faults, [])
        await desk.close()
      }
    })
  })
