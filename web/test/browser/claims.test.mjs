// SPDX-License-Identifier: Apache-2.0
// One-off payments: a benefit that the bank returned is paid again now, by an off-cycle run that is looked at before it is made; it comes
// back once more, its account is corrected by one and checked by another, and the next run pays it. One taken back is the next month's.
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import { axeFaults, deskOpen, ENGINES, lacking, postgresAbsent, read, STAFF, TODAY_MONTH, walkCase, worldStart } from './world.mjs'

const shots = process.env.SHOTS

for (const engine of ENGINES)
  describe(`one-off payments on ${engine}`, { skip: lacking() || (engine === 'PostgreSQL' && postgresAbsent()) }, () => {
    let world
    const desks = {}
    before(async () => {
      world = await worldStart({ persons: 250, engine })
      for (const login of STAFF) desks[login] = await deskOpen(world, login)
    })
    after(async () => {
      for (const desk of Object.values(desks)) {
        assert.deepEqual(desk.faults, [])
        await desk.close()
      }
      assert.equal(world?.audit?.() ?? '', '')
      await world?.stop()
    })
    const finance = () => desks.finance.page
    const runOf = (page) => Number(new URL(page.url()).pathname.split('/').pop())
    async function shot(name, path) {
      if (!shots) return
      for (const [lang, width] of [['zh-CN', 1440], ['zh-CN', 390], ['en', 1440], ['en', 390]]) {
        const seen = await deskOpen(world, 'finance', { lang, width })
        await seen.page.goto(world.url + path)
        await seen.page.locator('main h1').waitFor()
        await seen.page.waitForFunction(() => !document.querySelector('main [aria-busy="true"]'))
        await seen.page.screenshot({ path: `${shots}/claims-${name}-${lang}-${width}.png`, fullPage: true })
        assert.ok(await seen.page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), `${name} ${lang} ${width}`)
        await seen.close()
      }
    }

    /** Reviewed, released by another, filed: the lines of the bank's file as [reference, fen]. */
    async function sent(id) {
      const page = finance()
      await page.getByText('待放行', { exact: true }).first().waitFor({ timeout: 60_000 })
      await walkCase(world, desks, (await read(page, `/payment-runs/${id}`)).case, async () => false, 'approve')
      const boss = desks.approver.page
      await boss.goto(`${world.url}/payments/${id}`)
      await boss.getByRole('button', { name: '放行', exact: true }).click()
      await boss.getByText('已放行', { exact: true }).or(boss.getByText('已送银行', { exact: true })).first().waitFor()
      await page.goto(`${world.url}/payments/${id}`)
      await page.locator('main h1').waitFor()
      const make = page.getByRole('button', { name: '生成银行文件' })
      const link = page.locator('a[href*="/payment-files/"]')
      await make.or(link).first().waitFor()
      if (await make.count()) await make.click()
      await link.first().waitFor({ timeout: 60_000 })
      const [download] = await Promise.all([page.waitForEvent('download'), link.first().click()])
      const path = await download.path()
      const rows = new TextDecoder('gb18030').decode(readFileSync(path)).split('\r\n').slice(1, -2)
      return { path, lines: rows.map((row) => [row.slice(9, 49).trim(), row.slice(-14).replace('.', '').replace(/^0+/, '')]) }
    }
    /** The bank's own answer: those lines come back, the rest is paid. */
    async function answered({ path, lines }, ...back) {
      const page = finance()
      const sum = lines.reduce((total, [, amount]) => total + BigInt(amount), 0n)
      writeFileSync(`${path}.return.txt`, [...lines.map(([reference, amount], i) => `${reference}|${amount}|${back.includes(i) ? '41' : '00'}`), `${lines.length}|${sum}`, ''].join('\n'))
      await page.getByRole('button', { name: '导入回盘文件' }).click()
      await page.locator('#return').setInputFiles(`${path}.return.txt`)
      await page.getByRole('button', { name: '导入', exact: true }).click()
      await page.getByRole('status').getByText(new RegExp(`退回 ${back.length} 笔`)).waitFor()
    }
    /** An off-cycle run, looked at before it is made. */
    async function offCycle(expected) {
      const page = finance()
      await page.goto(`${world.url}/payments`)
      await page.getByRole('navigation', { name: '发放方式' }).getByRole('link', { name: '非周期发放' }).click()
      await page.getByRole('button', { name: '新建非周期批次' }).click()
      const look = page.getByRole('status', { name: '试算' })
      await look.waitFor()
      assert.match(await look.innerText(), new RegExp(`笔数\\s*${expected}\\b`))
      assert.equal(await axeFaults(page), '')
      await page.getByRole('button', { name: /^现在建立批次/ }).click()
      await page.waitForURL(/\/payments\/\d+$/)
      return runOf(page)
    }

    let month
    let returned
    it('a month is paid, and the bank returns two of it', async () => {
      const page = finance()
      await page.goto(`${world.url}/payments`)
      await page.getByRole('button', { name: '新建发放批次' }).click()
      const pools = await page.locator('#f-pool option').allInnerTexts()
      await page.locator('#f-pool').selectOption({ label: pools.find((name) => name.includes('养老')) })
      await page.locator('#f-month').fill(TODAY_MONTH())
      await page.getByRole('button', { name: '冻结并计算' }).click()
      await page.waitForURL(/\/payments\/\d+$/)
      month = runOf(page)
      await answered(await sent(month), 0, 1)
      returned = (await read(page, `/payment-runs/${month}/payments?state=returned`)).items
      assert.equal(returned.length, 2)
    })

    const claims = []
    it('pay again now makes each a one-off payment; a look says what a run would pay', async () => {
      const page = finance()
      await page.getByRole('combobox', { name: '状态' }).selectOption({ label: '已退回' })
      for (let n = 0; n < 2; n++) {
        await page.getByRole('button', { name: '立即补发' }).first().click()
        const form = page.getByRole('form', { name: '立即补发' })
        assert.equal(await form.getByRole('button', { name: '立即补发' }).isDisabled(), true) // a reason first
        await form.getByLabel('补发原因').fill('银行退票，本人急需')
        assert.equal(await axeFaults(page), '')
        await form.getByRole('button', { name: '立即补发' }).click()
        const link = page.getByRole('link', { name: '查看该笔' })
        await link.waitFor()
        claims.push(Number((await link.getAttribute('href')).split('/').pop()))
        await page.waitForFunction((left) => [...document.querySelectorAll('td button')].length === left, 1 - n)
      }
      await page.goto(`${world.url}/claims/${claims[0]}`)
      await page.getByText('由下一个非周期批次发放').waitFor()
      assert.equal(await axeFaults(page), '')
      await page.getByRole('button', { name: '去建立非周期批次' }).click()
      await page.getByRole('status', { name: '试算' }).waitFor()
      await shot('look', `/payments?kind=claims&do=create`)
    })

    it('one is taken back: no run lists it, the month has it again', async () => {
      const page = finance()
      await page.goto(`${world.url}/claims/${claims[1]}`)
      await page.getByRole('button', { name: '撤销，改由下月发放' }).click()
      await page.getByLabel('撤销原因').fill('本人同意下月再领')
      await page.getByRole('form').getByRole('button', { name: '撤销，改由下月发放' }).click()
      await page.getByText('已撤销：待遇改由下月批次补发').waitFor()
      assert.equal((await read(page, `/payment-runs/${month}/payments?state=returned`)).items.length, 1)
    })

    it('the other comes back from an off-cycle run as well', async () => {
      const page = finance()
      const id = await offCycle(1)
      await page.getByText('待放行', { exact: true }).first().waitFor({ timeout: 60_000 })
      // A second run of the pool is not begun beside it.
      await page.goto(`${world.url}/payments?kind=claims&do=create`)
      await page.getByText('有未放行的非周期批次').waitFor()
      assert.equal(await page.getByRole('button', { name: /^现在建立批次/ }).isDisabled(), true)
      await page.goto(`${world.url}/payments/${id}`)
      const file = await sent(id)
      assert.equal(file.lines.length, 1)
      await answered(file, 0)
      await page.locator('tbody').getByRole('link', { name: returned[0].name }).or(page.locator('tbody').getByRole('link', { name: returned[1].name })).click()
      await page.waitForURL(/\/claims\/\d+$/)
      assert.equal(runOf(page), claims[0])
      await page.getByText('银行退回：请更正收款账户').waitFor()
      await shot('returned', `/claims/${claims[0]}`)
    })

    it('its account is entered by one, typed twice, and checked by another', async () => {
      const page = finance()
      const card = page.getByRole('region', { name: '收款账户' })
      await card.getByRole('button', { name: '更正收款账户' }).click()
      await card.getByLabel('开户银行').fill('云城银行')
      await card.getByLabel('账号', { exact: true }).fill('6299 0000 0000 9999')
      await card.getByLabel('再次录入账号').fill('6299 0000 0000 9998')
      await card.getByLabel('依据说明').fill('本人来函更正账号')
      await card.getByText('两次录入的账号不一致').waitFor()
      assert.equal(await card.getByRole('button', { name: '提交复核' }).isDisabled(), true)
      await card.getByLabel('再次录入账号').fill('6299000000009999')
      await card.getByRole('button', { name: '提交复核' }).click()
      await card.getByText('由您登记，须由另一人复核').waitFor()
      assert.equal(await card.getByRole('button', { name: '复核通过' }).count(), 0)
      assert.equal(await axeFaults(page), '')
      const checker = desks.reviewer2.page
      await checker.goto(`${world.url}/claims/${claims[0]}`)
      await checker.getByText(/6299\*+9999/).waitFor()
      await shot('check', `/claims/${claims[0]}`)
      await checker.getByRole('button', { name: '复核通过' }).click()
      await checker.getByText('复核通过，新账户已生效').waitFor()
      await checker.getByText('账户已更正，由下一个非周期批次补发').waitFor()
    })

    it('the next run pays it; it is found by its number, by its state, and taken away as a file', async () => {
      const page = finance()
      const id = await offCycle(1)
      await answered(await sent(id))
      const claim = await read(page, `/payment-claims/${claims[0]}`)
      assert.equal(claim.state, 'paid')
      assert.equal(claim.runs.length, 2)
      await shot('run', `/payments/${id}`)
      await page.goto(`${world.url}/claims`)
      await page.getByRole('combobox', { name: '状态' }).selectOption({ label: '已支付' })
      await page.waitForURL(/state=paid/)
      await page.waitForFunction(() => document.querySelectorAll('tbody tr').length === 1)
      assert.equal(await axeFaults(page), '')
      await page.getByRole('button', { name: '导出' }).click()
      const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'CSV' }).click()])
      assert.match(readFileSync(await download.path(), 'utf8'), new RegExp(claim.number))
      await page.keyboard.press('Escape')
      const find = page.getByRole('textbox', { name: '按编号查找' })
      await find.fill('Z01-0000000001-x')
      await find.press('Enter')
      await page.getByRole('alert').waitFor() // no such number can be
      await find.fill(claim.number.toLowerCase())
      await find.press('Enter')
      await page.waitForURL(new RegExp(`/claims/${claims[0]}$`))
      await page.getByText('已支付，无需办理').waitFor()
      await shot('list', '/claims')
      await shot('paid', `/claims/${claims[0]}`)
      await shot('runs', '/payments?kind=claims')
    })

    it('who has no duty of it is offered nothing', async () => {
      const { page } = desks.reviewer
      await page.goto(`${world.url}/payments?kind=claims`)
      await page.locator('main h1').waitFor()
      assert.equal(await page.getByRole('button', { name: '新建非周期批次' }).count(), 0)
      await page.goto(`${world.url}/claims/${claims[1]}`)
      await page.getByText('已撤销：待遇改由下月批次补发').waitFor()
      assert.equal(await page.getByRole('button', { name: '更正收款账户' }).count(), 0)
    })
  })
