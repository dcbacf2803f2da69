// SPDX-License-Identifier: Apache-2.0
// The window in the browser: tickets by keys, the screen of the hall, the applicant's query without signing in, and a bulk approval from
// its plan to its end. SHOTS names a folder for screenshots.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { axeFaults, deskOpen, lacking, read, worldStart } from './world.mjs'

const shots = process.env.SHOTS

describe('the window', { skip: lacking() }, () => {
  let world
  before(async () => { world = await worldStart() })
  after(async () => { await world?.stop() })

  async function looked(page, name) {
    await page.waitForFunction(() => !document.querySelector('main .bones'))
    assert.equal(await axeFaults(page), '', name)
    assert.ok((await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)) <= 0, `${name} sticks out`)
    if (shots) await page.screenshot({ path: `${shots}/${name}.png`, fullPage: true })
  }

  it('calls tickets by keys, and shows them on the screen of the hall', async () => {
    const { page, close, faults, context } = await deskOpen(world, 'clerk')
    await page.goto(`${world.url}/hall`)
    await page.locator('main h1').waitFor()
    const takes = page.locator('form').first()
    for (const [service, reason] of [['pension', 'none'], ['register', 'none'], ['pension', 'elderly']]) {
      await takes.locator('select').nth(0).selectOption(service)
      await takes.locator('select').nth(1).selectOption(reason)
      await takes.locator('button').click()
      await page.locator('.said').waitFor()
      await page.waitForLoadState('networkidle')
    }
    await page.locator('.pick').selectOption('3')
    await page.locator('h1').click()
    await page.keyboard.press('n')
    await page.locator('.now b', { hasText: /C\d{3}/ }).waitFor()
    const first = await page.locator('.now b').innerText()
    await looked(page, 'hall-zh-1440')
    const board = await context.newPage()
    await board.goto(`${world.url}/hall/board`)
    await board.getByText(first).first().waitFor()
    await looked(board, 'board-zh-1440')
    await board.close()
    await page.keyboard.press('s')
    await page.locator('.now', { hasText: '办理中' }).waitFor()
    await page.keyboard.press('f')
    await page.locator('.now.quiet').waitFor()
    const statistics = await read(page, '/hall/statistics')
    assert.ok(statistics.items.some((row) => row.counter === '3' && row.served === 1))
    await page.keyboard.press('n')
    await page.locator('.now b').waitFor()
    assert.notEqual(await page.locator('.now b').innerText(), first)
    assert.deepEqual(faults, [])
    await close()
  })

  it('books a slot', async () => {
    const { page, close, faults } = await deskOpen(world, 'clerk', { lang: 'en', width: 390 })
    await page.goto(`${world.url}/hall`)
    await page.locator('main h1').waitFor()
    const form = page.locator('form').nth(1)
    await form.locator('select').first().selectOption('pension')
    // Some day of the next fortnight is a working day.
    for (let ahead = 1; ahead < 14; ahead++) {
      const day = new Date(Date.now() + 8 * 3600_000 + ahead * 86_400_000).toISOString().slice(0, 10)
      await form.locator('input[type=date]').fill(day)
      await page.waitForLoadState('networkidle')
      if ((await form.locator('option[value="09:10"]').count()) > 0) break
    }
    await form.locator('select').nth(1).selectOption('09:10')
    await form.locator('button').click()
    await page.locator('.said', { hasText: /code [2-9A-Z]{8}/ }).waitFor()
    await looked(page, 'hall-en-390')
    assert.deepEqual(faults, [])
    await close()
  })

  it('shows joint services and what was accepted for others', async () => {
    for (const [lang, width] of [['zh-CN', 1440], ['en', 390]]) {
      const { page, close, faults } = await deskOpen(world, 'clerk', { lang, width })
      await page.goto(`${world.url}/joint`)
      await page.getByRole('button', { name: lang === 'en' ? 'After a death' : '身后一件事' }).click()
      await page.locator('form input[type=checkbox]').first().waitFor()
      assert.equal(await page.locator('form input[type=checkbox]').count(), 3)
      assert.equal(await page.locator('[id="f-death_day"]').count(), 1)
      await looked(page, `joint-${lang}-${width}`)
      await page.goto(`${world.url}/elsewhere`)
      await page.locator('main h1').waitFor()
      await looked(page, `elsewhere-${lang}-${width}`)
      assert.deepEqual(faults, [])
      await close()
    }
  })

  it('tells an applicant where the case stands, without signing in', async () => {
    const clerk = await deskOpen(world, 'clerk')
    const one = (await read(clerk.page, '/cases?limit=1')).items[0]
    const told = await read(clerk.page, `/cases/${one.id}/code`)
    await clerk.close()
    for (const [lang, width] of [['zh-CN', 390], ['en', 390], ['zh-CN', 1440]]) {
      const { page, close } = await deskOpen(world, null, { lang, width, height: 844 })
      await page.goto(`${world.url}/status`)
      await page.locator('#s-number').fill(told.number)
      await page.locator('#s-code').fill(told.code === '00000000' ? '00000001' : '00000000')
      await page.locator('form button').click()
      await page.locator('[role=alert]').first().waitFor()
      await looked(page, `status-ask-${lang}-${width}`)
      await page.locator('#s-code').fill(told.code)
      await page.keyboard.press('Enter')
      await page.locator('.what').waitFor()
      assert.ok((await page.innerText('main')).includes(told.number))
      await looked(page, `status-${lang}-${width}`)
      await close()
    }
  })

  it('approves many cases together once those that must be opened were opened', async () => {
    const { page, close, faults } = await deskOpen(world, 'reviewer')
    const open = await read(page, '/tasks?limit=200&mine=true')
    const node = ['review', 'approve'].find((n) => open.items.some((task) => task.node === n))
    assert.ok(node, 'the city has cases that wait for a review')
    await page.goto(`${world.url}/bulk`)
    await page.locator('main h1').waitFor()
    await looked(page, 'bulk-zh-1440')
    await page.locator('#f-step').selectOption(node)
    // The plan is still being made when the page asks for it, and its run has ended when the page asks for that.
    await page.route(/\/api\/bulk\/\d+$/, async (route) => {
      const answer = await route.fetch()
      await new Promise((resolve) => setTimeout(resolve, 1500))
      await route.fulfill({ response: answer, json: { ...await answer.json(), state: 'planning' } })
    }, { times: 1 })
    await page.locator('form button').click()
    await page.waitForURL(/\/bulk\/\d+/)
    const plan = page.url().split('/').pop()
    const start = page.locator('form button', { hasText: '审批' })
    await start.waitFor({ timeout: 30_000 })
    await looked(page, 'bulk-plan-zh-1440')
    let must = (await read(page, `/bulk/${plan}`)).unopened
    while (must > 0) {
      assert.ok(await start.isDisabled())
      await page.getByRole('button', { name: '查看' }).first().click()
      await page.waitForURL(/\/cases\/\d+/)
      await page.goto(`${world.url}/bulk/${plan}`)
      await start.waitFor()
      const left = (await read(page, `/bulk/${plan}`)).unopened
      assert.equal(left, must - 1)
      must = left
    }
    await page.waitForLoadState('networkidle')
    await start.click()
    for (let i = 0; i < 150 && (await read(page, `/bulk/${plan}`)).state !== 'done'; i++) await page.waitForTimeout(200)
    const items = (await read(page, `/bulk/${plan}/items`)).items
    assert.ok(items.some((item) => item.state === 'done'), JSON.stringify(items))
    assert.ok(items.every((item) => item.state !== 'failed'))
    await page.reload()
    await page.locator('main h1').waitFor()
    await looked(page, 'bulk-plan-done-zh-1440')
    assert.deepEqual(faults, [])
    await close()
    const narrow = await deskOpen(world, 'reviewer', { lang: 'en', width: 390 })
    await narrow.page.goto(`${world.url}/bulk/${plan}`)
    await narrow.page.locator('main h1').waitFor()
    await looked(narrow.page, 'bulk-plan-en-390')
    await narrow.close()
  })
})
