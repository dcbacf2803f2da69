// SPDX-License-Identifier: Apache-2.0
// Two records of one person: registered twice, found, compared, proposed by one, merged by another, un-merged.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { axeFaults, deskOpen, ENGINES, idNumberMake, lacking, postgresAbsent, read, worldStart } from './world.mjs'

const shots = process.env.SHOTS

for (const engine of ENGINES)
  describe(`records of one person on ${engine}`, { skip: lacking() || (engine === 'PostgreSQL' && postgresAbsent()) }, () => {
    let world
    before(async () => { world = await worldStart({ persons: 120, engine }) })
    after(async () => { await world?.stop() })

    it('are found, merged by two and un-merged', async () => {
      const desks = {}
      for (const login of ['clerk', 'reviewer']) desks[login] = await deskOpen(world, login)
      const { page } = desks.clerk
      // The same person comes twice, with a number that differs in its sequence.
      for (const order of [801, 803]) {
        const answer = await page.evaluate(async (body) => {
          const session = await (await fetch('/api/session')).json()
          const reply = await fetch('/api/persons', { method: 'POST', headers: { 'Content-Type': 'application/json', 'X-CSRF-Token': session.csrf, 'Idempotency-Key': crypto.randomUUID() }, body: JSON.stringify(body) })
          return [reply.status, await reply.json()]
        }, { name: '欧阳思远', id_number: idNumberMake('990101', '1986-02-01', order), category: 'male' })
        assert.equal(answer[0] < 300, true, JSON.stringify(answer[1]))
      }
      await page.goto(`${world.url}/persons/duplicates`)
      await page.getByText('尚未查找').waitFor()
      assert.equal(await axeFaults(page), '')
      await page.getByRole('button', { name: '查找疑似重复' }).click()
      await page.getByText('查找完毕').waitFor()
      if (shots) await pictures(world, 'duplicates', '/persons/duplicates', '查找疑似重复|Look for duplicates')
      await page.getByText('欧阳思远').first().click()
      await page.waitForURL(/\/persons\/\d+\/merge\/\d+/)
      await page.getByText('没有障碍').waitFor()
      assert.equal(await axeFaults(page), '')
      const path = new URL(page.url()).pathname
      if (shots) await pictures(world, 'merge', path)
      await page.getByRole('button', { name: '互换' }).click()
      await page.getByText('没有障碍').waitFor()
      assert.notEqual(new URL(page.url()).pathname, path)
      await page.getByLabel('依据').fill('身份证原件一致')
      await page.getByRole('button', { name: '提出合并' }).click()
      await page.getByText('须由他人审核').waitFor()
      // Who proposed it is not offered to decide; another is.
      assert.equal(await page.getByRole('button', { name: '同意合并' }).count(), 0)
      const reviewer = desks.reviewer.page
      await reviewer.goto(page.url())
      await reviewer.getByRole('button', { name: '同意合并' }).click()
      await reviewer.getByRole('heading', { name: '已合并' }).waitFor()
      const [, kept, gone] = /\/persons\/(\d+)\/merge\/(\d+)/.exec(page.url())
      await page.goto(`${world.url}/persons/${gone}`)
      await page.getByText('本档案已并入').waitFor()
      assert.equal(await axeFaults(page), '')
      assert.equal((await read(page, `/persons/${kept}`)).registration, 'active')
      await reviewer.getByLabel('撤销理由').fill('核对后是两个人')
      await reviewer.getByRole('button', { name: '撤销', exact: true }).click()
      await reviewer.getByText('没有障碍').waitFor()
      assert.equal(world.audit?.() ?? '', '')
      for (const desk of Object.values(desks)) {
        assert.deepEqual(desk.faults, [])
        await desk.close()
      }
    })
  })

async function pictures(world, name, path, press) {
  for (const [lang, width] of [['zh-CN', 1440], ['zh-CN', 390], ['en', 1440], ['en', 390]]) {
    const seen = await deskOpen(world, 'clerk', { lang, width })
    await seen.page.goto(`${world.url}${path}`)
    if (press) await seen.page.getByRole('button', { name: new RegExp(press) }).click()
    await seen.page.locator('td').first().waitFor()
    await seen.page.screenshot({ path: `${shots}/${name}-${lang}-${width}.png`, fullPage: true })
    await seen.close()
  }
}
