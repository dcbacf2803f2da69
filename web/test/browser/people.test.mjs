// SPDX-License-Identifier: Apache-2.0
// Offices and people in the browser: leave is asked for and confirmed, the tasks go to the substitute and say for whom; a task is
// handed over with its reason; an office is opened, and on an earlier day it is not there.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { deskOpen, lacking, read, worldStart } from './world.mjs'

describe('offices and people', { skip: lacking() }, () => {
  let world
  before(async () => { world = await worldStart({ persons: 300 }) })
  after(async () => { await world?.stop() })

  it('passes the tasks of who is on leave to the substitute', async () => {
    const clerk = await deskOpen(world, 'clerk')
    const task = (await read(clerk.page, '/tasks?state=open&mine=1')).items[0]
    await clerk.page.goto(`${world.url}/cases/${task.case}`)
    await clerk.page.getByRole('button', { name: '领取', exact: true }).click()
    await clerk.page.getByText('已由您领取').waitFor()
    await clerk.page.goto(`${world.url}/leave`)
    await clerk.page.getByText('1 件在手任务').waitFor()
    await clerk.page.getByLabel('事由').fill('探亲')
    await clerk.page.keyboard.press('Enter')
    await clerk.page.getByText('已提交，等待批准。').waitFor()
    await clerk.page.getByRole('combobox', { name: '代理人', exact: true }).selectOption({ index: 1 })
    await clerk.page.getByRole('button', { name: '指定', exact: true }).click()
    await clerk.page.getByText('已指定。').waitFor()

    const head = await deskOpen(world, 'approver')
    await head.page.goto(`${world.url}/staff`)
    await head.page.getByRole('button', { name: '批准', exact: true }).click()
    await head.page.getByRole('button', { name: '批准', exact: true }).waitFor({ state: 'detached' })
    const moved = (await read(head.page, `/cases/${task.case}`)).tasks.find((one) => one.id === task.id)
    assert.equal(moved.on_behalf_of, task.assignee ?? (await read(clerk.page, '/session')).staff.id)
    assert.notEqual(moved.assignee, moved.on_behalf_of)
    await head.page.goto(`${world.url}/cases/${task.case}`)
    await head.page.getByText(/^代 .* 办理$/).first().waitFor()
    await head.page.getByText('流转记录').click()
    await head.page.getByText('请假转出').waitFor()

    // Who does not go after all gets the task back.
    await clerk.page.reload()
    await clerk.page.getByText('您正在请假').waitFor()
    await clerk.page.getByRole('button', { name: '取消', exact: true }).click()
    await clerk.page.getByText('1 件在手任务').waitFor()
    assert.deepEqual(clerk.faults, [])
    assert.deepEqual(head.faults, [])
    await clerk.close()
    await head.close()
  })

  it('hands a task over from the desk, with the reason', async () => {
    const { page, close, faults } = await deskOpen(world, 'clerk', { lang: 'en' })
    await page.getByRole('button', { name: /^Hand over C/ }).first().click()
    const to = page.getByLabel('Hand over to')
    await page.waitForFunction(() => [...document.querySelectorAll('form select option')].length > 1)
    assert.ok((await to.inputValue()) !== '0')
    await page.getByLabel('Reason').fill('away at the district')
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: /^Hand over C/ }).waitFor({ state: 'detached' })
    assert.deepEqual(faults, [])
    await close()
  })

  it('shows the tree as of a day and opens an office', async () => {
    const { page, close, faults } = await deskOpen(world, 'admin', { lang: 'en' })
    await page.goto(`${world.url}/offices`)
    await page.getByRole('link', { name: 'Donghu District' }).click()
    await page.getByRole('button', { name: 'Open an office below' }).click()
    await page.getByRole('textbox', { name: 'Code', exact: true }).fill('YS-010102')
    await page.getByLabel('Name in Chinese').fill('新街道')
    await page.getByLabel('Name in English').fill('New Subdistrict')
    await page.getByRole('button', { name: 'Save the change' }).click()
    await page.getByRole('link', { name: 'New Subdistrict' }).waitFor()
    await page.getByLabel('As of').fill('2020-01-01')
    await page.getByRole('link', { name: 'New Subdistrict' }).waitFor({ state: 'detached' })
    await page.getByRole('link', { name: 'Donghu District' }).waitFor()
    assert.deepEqual(faults, [])
    await close()
  })
})
