// SPDX-License-Identifier: Apache-2.0
// What a partner tells of a pensioner: looked at, told, heard by one clerk, decided by a reviewer; the benefit is held only then.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { axeFaults, deskOpen, ENGINES, lacking, postgresAbsent, read, worldStart } from './world.mjs'

const shots = process.env.SHOTS

for (const engine of ENGINES)
  describe(`matches of persons on ${engine}`, { skip: lacking() || (engine === 'PostgreSQL' && postgresAbsent()) }, () => {
    let world
    before(async () => { world = await worldStart({ persons: 120, engine }) })
    after(async () => { await world?.stop() })

    it('hold no benefit before the person was told and heard, and another decided', async () => {
      const clerk = await deskOpen(world, 'clerk')
      const reviewer = await deskOpen(world, 'reviewer')
      const { page } = clerk
      await page.goto(`${world.url}/exchange/matches`)
      await page.getByRole('cell', { name: '待核实' }).first().waitFor()
      assert.equal(await axeFaults(page), '')
      const looking = (await read(page, '/exchange/matches?state=look')).items[0]
      if (shots) await pictures(world, looking.match)
      await page.goto(`${world.url}/exchange/matches/${looking.match}`)
      await page.getByText('王建民').waitFor()
      assert.equal(await axeFaults(page), '')
      await page.getByLabel(/^核实依据/).fill('与户籍底册核对，系同一人曾用名')
      await page.getByRole('button', { name: '是同一人', exact: true }).click()
      await page.getByRole('heading', { name: '告知本人' }).waitFor()
      await page.getByLabel('凭据').fill('EA123456789CN')
      await page.getByRole('button', { name: '登记告知' }).click()
      await page.getByRole('heading', { name: '陈述申辩' }).waitFor()
      // Nothing is decided while the person may be heard.
      await reviewer.page.goto(`${world.url}/exchange/matches/${looking.match}`)
      await reviewer.page.getByText(/登记陈述后或期满后方可决定/).waitFor()
      assert.equal(await reviewer.page.getByRole('button', { name: '停发', exact: true }).count(), 0)
      await page.getByLabel(/^本人或家属的陈述/).fill('家属确认本人已去世并交回证件')
      await page.getByRole('button', { name: '登记陈述' }).click()
      await page.getByText('已陈述').first().waitFor()
      const [award] = (await read(page, `/exchange/matches/${looking.match}`)).awards
      await reviewer.page.reload()
      await reviewer.page.getByLabel(/^理由/).fill('死亡事实已核实')
      await reviewer.page.getByRole('button', { name: '停发', exact: true }).click()
      await reviewer.page.getByText('已停发').first().waitFor()
      const stops = (await read(reviewer.page, `/awards/${award.id}`)).stops ?? []
      assert.ok(JSON.stringify(stops).includes('death'), JSON.stringify(stops))
      assert.equal(world.audit?.() ?? '', '')
      for (const desk of [clerk, reviewer]) {
        assert.deepEqual(desk.faults, [])
        await desk.close()
      }
    })
  })

async function pictures(world, match) {
  for (const [lang, width] of [['zh-CN', 1440], ['zh-CN', 390], ['en', 1440], ['en', 390]]) {
    const seen = await deskOpen(world, 'clerk', { lang, width })
    for (const [name, path] of [['matches', '/exchange/matches'], ['match', `/exchange/matches/${match}`]]) {
      await seen.page.goto(`${world.url}${path}`)
      await seen.page.locator('td').first().waitFor()
      await seen.page.screenshot({ path: `${shots}/${name}-${lang}-${width}.png`, fullPage: true })
    }
    await seen.close()
  }
}
