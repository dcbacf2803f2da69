// SPDX-License-Identifier: Apache-2.0
// At the counter, as people do it: a field that is half typed, the menu while a form is open, two clerks on one task, a case taken in for
// another office, who may apply for somebody and who is family; and nothing is accepted before its papers are recorded.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { axeFaults, deskOpen, lacking, read, search, worldStart } from './world.mjs'

describe('at the counter', { skip: lacking() }, () => {
  let world
  let people
  let clerk
  let id
  before(async () => {
    world = await worldStart({ persons: 300 })
    clerk = await deskOpen(world, 'clerk')
    people = (await search(clerk.page, '王', 50)).items.filter((one) => one.kind === 'person')
  })
  after(async () => {
    assert.deepEqual(clerk?.faults, [])
    await clerk?.close()
    await world?.stop()
  })
  async function pick(page, selector, person) {
    await page.locator(selector).fill(person.number)
    await page.getByRole('option').filter({ hasText: person.title }).first().click()
  }
  const P05 = async (page, person, office) => {
    await page.goto(`${world.url}/cases/new?process=P05`)
    await pick(page, '#f-person', person)
    await page.locator('#f-cause').selectOption('emigration')
    await page.locator('#f-event_day').fill('2026-11-20')
    if (office) await page.locator('#handling').selectOption({ label: (await page.locator('#handling option').allInnerTexts()).find((name) => name.includes(office)) })
    await page.getByRole('button', { name: '受理并开始计时' }).click()
  }

  it('says of each field what is wrong, also of one that was half typed', async () => {
    const { page } = clerk
    await page.goto(`${world.url}/cases/new?process=P17`)
    await page.locator('#f-person').fill('查无此人甲乙')
    await page.locator('#f-month').fill('2026-13')
    await page.getByRole('button', { name: '受理并开始计时' }).click()
    await page.getByText('请从列表中选定一人').waitFor()
    await page.getByText('填写有效月份').waitFor()
  })

  it('begins anew by the menu, and leads to the page of what has no form', async () => {
    const { page } = clerk
    await page.getByRole('navigation').getByRole('link', { name: '受理新业务' }).first().click()
    await page.getByRole('searchbox', { name: '查找事项' }).waitFor()
    await page.getByRole('link', { name: /P21/ }).click()
    await page.waitForURL(/\/payments$/)
  })

  it('finds a process by its code and by its words', async () => {
    const { page } = clerk
    await page.keyboard.press('/')
    await page.keyboard.type('正常退休')
    await page.getByRole('option').filter({ hasText: '职工正常退休待遇核定' }).click()
    await page.waitForURL(/\/manual\/P17$/)
  })

  it('accepts nothing before its papers are recorded', async () => {
    const { page } = clerk
    await P05(page, people[0])
    await page.waitForURL(/\/cases\/\d+$/)
    id = Number(new URL(page.url()).pathname.split('/').pop())
    await page.getByRole('button', { name: '受理', exact: true }).click()
    await page.getByText(/尚未登记收到/).waitFor()
    await page.getByRole('button', { name: '全部已提交' }).click()
    await page.getByRole('button', { name: '全部已提交' }).waitFor({ state: 'detached' })
    assert.equal((await read(page, `/cases/${id}`)).papers.every((p) => p.state === 'given'), true)
  })

  it('gives a task to one of two clerks, and shows the other that it is gone', async () => {
    const { page } = clerk
    const other = await deskOpen(world, 'clerk2')
    await other.page.goto(`${world.url}/cases/${id}`)
    await other.page.getByRole('button', { name: '领取', exact: true }).waitFor()
    await page.getByRole('button', { name: '领取', exact: true }).click()
    await page.getByText('已由您领取').waitFor()
    await page.getByRole('button', { name: '放回待办' }).waitFor()
    await other.page.getByRole('button', { name: '领取', exact: true }).click()
    await other.page.getByText(/该任务已由他人办理或领取/).waitFor()
    await other.page.getByText(/承办: 经办一号/).waitFor() // the page shows how it stands now
    assert.equal(await other.page.getByRole('button', { name: '受理', exact: true }).count(), 0)
    await page.getByRole('button', { name: '受理', exact: true }).click()
    // The system checks at once what stands against the cancellation, and hands the case back with what it found.
    await page.getByRole('heading', { name: /当前环节：补正/ }).waitFor()
    await other.close()
  })

  it('takes a case in for another office, follows it and receives its papers', async () => {
    const { page } = clerk
    await P05(page, people[1], '东湖')
    await page.waitForURL(/\/elsewhere$/)
    await page.getByRole('cell', { name: '社会保险注销登记' }).first().waitFor()
    await page.getByRole('button', { name: /^C01-/ }).first().click()
    await page.getByRole('button', { name: '已收到' }).click()
    await page.getByText('已提交').waitFor()
    assert.equal(await axeFaults(page), '')
    const phone = await deskOpen(world, 'clerk', { lang: 'en', width: 390 })
    await phone.page.goto(`${world.url}/elsewhere`)
    await phone.page.getByRole('button', { name: /^C01-/ }).first().click()
    await phone.page.getByText('Cancellation of registration').first().waitFor()
    assert.equal(await axeFaults(phone.page), '')
    await phone.close()
  })

  it('records who is family and who may apply, and ends it', async () => {
    const { page } = clerk
    await page.goto(`${world.url}/persons/${people[2].id}`)
    await page.getByRole('button', { name: '登记关系' }).click()
    await page.locator('#tie-kind').selectOption('parent')
    await pick(page, '#tie-other', people[3])
    await page.locator('#tie-source').fill('户口簿')
    await page.getByRole('region', { name: '近亲属与同户人员' }).getByRole('button', { name: '保存' }).click()
    await page.getByRole('region', { name: '近亲属与同户人员' }).getByRole('link', { name: people[3].title }).waitFor()
    await page.getByRole('button', { name: '登记代办人' }).click()
    await pick(page, '#power-who', people[3])
    await page.locator('#power-document').fill('公证书 12')
    await page.locator('#power-processes').fill('p17，P20')
    await page.locator('#power-until').fill('2099-12-31')
    await page.keyboard.press('Tab')
    const powers = page.getByRole('region', { name: '代办权限' })
    await powers.getByRole('button', { name: '保存' }).click()
    await powers.getByText('P17 P20').waitFor()
    assert.equal(await axeFaults(page), '')
    await powers.getByRole('button', { name: '终止' }).click()
    await powers.getByRole('button', { name: '终止' }).waitFor({ state: 'detached' })
    // Seen from the other side the relation is the other way round.
    await page.goto(`${world.url}/persons/${people[3].id}`)
    const ties = page.getByRole('region', { name: '近亲属与同户人员' })
    await ties.getByText('子女', { exact: true }).waitFor()
    await ties.getByRole('button', { name: '终止' }).click()
    await ties.getByRole('button', { name: '终止' }).waitFor({ state: 'detached' })
  })
})
