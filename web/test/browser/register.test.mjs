// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { deskOpen, idNumberMake, lacking, read, search, walkCase, worldStart } from './world.mjs'

describe('registration', { skip: lacking() }, () => {
  let world
  before(async () => { world = await worldStart() })
  after(async () => { await world?.stop() })

  it('takes at most 12 keystrokes beyond the data, and no mouse', async () => {
    const { page, close, faults } = await deskOpen(world, 'clerk')
    const { items } = await search(page, '公司')
    const employer = items.find((one) => one.kind === 'employer')
    assert.ok(employer, 'the city has an employer')
    let keys = 0
    let data = 0
    const press = async (key) => { keys++; await page.keyboard.press(key) }
    const type = async (text) => { data += text.length; await page.keyboard.type(text) }

    const id = idNumberMake('990101', '1993-05-17', 611)
    await press('n')
    await page.locator('#f-id_number:focus').waitFor()
    await type(id)
    await page.getByText('1993-05-17').first().waitFor()
    await press('Enter')
    await type('张𬭚䶮')
    await press('Enter')
    // A man: the age class follows from the number and is passed over.
    assert.equal(await page.evaluate(() => document.activeElement.id), 'f-employer')
    await type(employer.number)
    await page.locator('[role="option"]').first().waitFor()
    await press('Enter')
    await page.locator('#f-from:focus').waitFor()
    await press('Enter')
    await type('13800005678')
    await press('Enter')
    await type('云山银行')
    await press('Enter')
    await type('6222020000000001234')
    for (let paper = 0; paper < 3; paper++) await press('Enter')
    await page.getByRole('status').getByText('张𬭚䶮 的登记申请已受理，转复审').waitFor()
    assert.ok(keys <= 12, `${keys} keystrokes beyond ${data} characters of data`)
    console.log(`registration: ${keys} keystrokes beyond ${data} characters of data`)

    // Somebody else reviews it; then the person is there.
    assert.equal((await search(page, id)).items.length, 0)
    await page.getByRole('button', { name: '查看办件' }).click()
    await page.waitForURL(/\/cases\/\d+$/)
    const desks = { clerk: { page }, reviewer: await deskOpen(world, 'reviewer'), approver: await deskOpen(world, 'approver') }
    await walkCase(world, desks, Number(new URL(page.url()).pathname.split('/').pop()), async () => true)
    const found = (await search(page, id)).items
    assert.equal(found.length, 1)
    const person = await read(page, `/persons/${found[0].id}`)
    assert.equal(person.name, '张𬭚䶮')
    assert.equal(person.sex, 'male')
    assert.equal(person.birth, '1993-05-17')
    assert.equal(person.employments.length, 1)
    assert.equal(person.employments[0].employer, employer.id)
    assert.deepEqual(faults, [])

    // The same number again is refused at its field, and nothing typed is lost.
    await page.goto(`${world.url}/persons/new`)
    await page.locator('#f-id_number').fill(id)
    await page.locator('#f-name').fill('张某')
    await page.getByRole('button', { name: '提交并受理' }).click()
    await page.getByRole('alert').getByText(/该号码已登记：张𬭚䶮/).waitFor()
    assert.equal(await page.locator('#f-name').inputValue(), '张某')
    await close()
  })

  it('checks the identity number as it is typed', async () => {
    const { page, close } = await deskOpen(world, 'clerk')
    await page.goto(`${world.url}/persons/new`)
    const id = idNumberMake('990101', '1985-02-28', 248)
    const wrong = id.slice(0, 17) + (id[17] === '5' ? '6' : '5')
    await page.locator('#f-id_number').fill(wrong)
    await page.getByText(`校验位不符：按前 17 位应为 ${id[17]}`).waitFor()
    await page.locator('#f-id_number').fill('990101198502302480')
    await page.getByText('第 7–14 位不是存在的日期').waitFor()
    await page.locator('#f-id_number').fill(id)
    await page.getByText('1985-02-28 出生，女').waitFor()
    assert.equal(await page.locator('#f-category').inputValue(), 'f50')
    await close()
  })
})
