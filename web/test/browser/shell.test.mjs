// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { deskOpen, lacking, search, worldStart } from './world.mjs'

describe('the desk', { skip: lacking() }, () => {
  let world
  before(async () => { world = await worldStart() })
  after(async () => { await world?.stop() })

  it('says kindly that a password is wrong, and keeps the name', async () => {
    const { page, close } = await deskOpen(world, null)
    await page.goto(world.url)
    await page.locator('#f-login').fill('clerk')
    await page.locator('#f-password').fill('not this one')
    await page.keyboard.press('Enter')
    await page.getByRole('alert').getByText('登录名或密码错误').waitFor()
    assert.equal(await page.locator('#f-login').inputValue(), 'clerk')
    await close()
  })

  it('goes where one wanted to go before signing in, with the demonstration ribbon on', async () => {
    const { page, close, faults } = await deskOpen(world, null)
    await page.goto(`${world.url}/declarations`)
    await page.locator('#f-login').fill('clerk')
    await page.locator('#f-password').fill('demonstration')
    await page.keyboard.press('Enter')
    await page.waitForURL('**/declarations')
    await page.getByRole('note').getByText('演示环境').waitFor()
    assert.deepEqual(faults, [])
    await close()
  })

  it('finds a person by keys alone: /, part of a name, Enter; the result says why', async () => {
    const { page, close } = await deskOpen(world, 'clerk')
    const { items } = await search(page, '王')
    const person = items.find((one) => one.kind === 'person')
    assert.ok(person, 'the city has a person called 王')
    await page.keyboard.press('/')
    await page.keyboard.type(person.number)
    await page.getByRole('option').filter({ hasText: '编号相符' }).first().waitFor()
    await page.keyboard.press('Enter')
    await page.locator('h1', { hasText: person.title }).waitFor()
    await page.getByRole('group', { name: new RegExp(person.title) }).waitFor()
    // The identity number is masked, grouped 6-8-4, until somebody gives a reason.
    const shown = await page.locator('dd.id').innerText()
    assert.match(shown, /^\d{6} \*{8} .{4}$/)
    await page.getByRole('button', { name: '查看完整信息' }).click()
    await page.getByRole('dialog').getByRole('textbox').fill('窗口核对证件')
    await page.keyboard.press('Enter')
    await page.locator('dd.id', { hasText: /^\d{6} \d{8} \d{3}[\dX]/ }).waitFor()
    await close()
  })

  it('keeps what is searched for out of addresses and of what the browser stores', async () => {
    const { page, close } = await deskOpen(world, 'clerk')
    const asked = []
    page.on('request', (request) => asked.push(request.url()))
    await page.keyboard.press('/')
    await page.keyboard.type('110101190001011009')
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/search\?s=1$/)
    await page.getByText('没有找到').waitFor()
    assert.ok((await page.innerText('main')).includes('110101190001011009'), 'the page says what it looked for')
    assert.deepEqual(asked.filter((url) => url.includes('110101190001011009')), [])
    assert.ok(!(await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, history.state]))).includes('110101190001011009'))
    await page.reload()
    await page.getByText('请在上方重新查找').waitFor()
    await close()
  })

  it('switches language and theme at once and remembers both', async () => {
    const { page, close } = await deskOpen(world, 'clerk')
    await page.getByRole('button', { name: 'English' }).click()
    await page.locator('h1', { hasText: 'My desk' }).waitFor()
    await page.getByRole('button', { name: 'Use the dark theme' }).click()
    await page.reload()
    await page.locator('h1', { hasText: 'My desk' }).waitFor()
    assert.equal(await page.evaluate(() => document.documentElement.lang), 'en')
    assert.equal(await page.evaluate(() => document.documentElement.classList.contains('dark')), true)
    await close()
  })

  it('tells that a page is missing, and asks before typed work is left', async () => {
    const { page, close } = await deskOpen(world, 'clerk')
    await page.goto(`${world.url}/no/such/page`)
    await page.getByText('没有这个页面').waitFor()
    await page.goto(`${world.url}/persons/new`)
    await page.locator('#f-name').fill('欧阳')
    await page.getByRole('link', { name: '工作台' }).first().click()
    await page.getByRole('dialog').getByText('有未保存的更改').waitFor()
    await page.getByRole('button', { name: '留在本页' }).click()
    assert.equal(await page.locator('#f-name').inputValue(), '欧阳')
    await close()
  })

  it('loads first in at most 1.5 MB, compressed', async () => {
    const { page, close } = await deskOpen(world, null)
    const sizes = []
    page.on('response', (response) => { sizes.push(response.request().sizes().then((s) => s.responseBodySize, () => 0)) })
    await page.goto(`${world.url}/sign-in`, { waitUntil: 'networkidle' })
    const total = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
    assert.ok(total > 20_000 && total < 1_500_000, `${total} bytes`)
    await close()
  })
})
