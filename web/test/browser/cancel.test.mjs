// SPDX-License-Identifier: Apache-2.0
// A registration is cancelled: what stands against it is said on the page, a person who died goes the way of P05, a mistake is taken back
// before it is served, and the page of the person says how it stands.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { axeFaults, deskOpen, lacking, read, search, walkCase, worldStart } from './world.mjs'

const shots = process.env.SHOTS

describe('a cancelled registration', { skip: lacking() }, () => {
  let world
  const desks = {}
  before(async () => {
    world = await worldStart({ persons: 300 })
    for (const login of ['clerk', 'reviewer', 'approver']) desks[login] = await deskOpen(world, login)
  })
  after(async () => {
    for (const desk of Object.values(desks)) {
      assert.deepEqual(desk.faults, [])
      await desk.close()
    }
    assert.equal(world?.audit?.() ?? '', '')
    await world?.stop()
  })

  it('an employer with workers is told what to settle first', async () => {
    const { page } = desks.clerk
    const employer = (await search(page, '公司', 50)).items.find((one) => one.kind === 'employer')
    await page.goto(`${world.url}/employers/${employer.id}`)
    const card = page.getByRole('region', { name: '注销登记' })
    await card.getByRole('button', { name: '核验注销条件' }).click()
    await card.locator('button[type=submit]').click()
    await card.getByText('须先解决').waitFor()
    await card.getByText(/在职职工/).waitFor()
    assert.equal(await card.getByRole('button', { name: '申请注销' }).count(), 0)
    assert.equal(await axeFaults(page), '')
    if (shots) await page.screenshot({ path: `${shots}/cancel-employer.png`, fullPage: true })
  })

  it('a person who died is cancelled, a mistake taken back before it is served', async () => {
    const { page } = desks.clerk
    const people = (await search(page, '李', 50)).items.filter((one) => one.kind === 'person')
    let person
    for (const one of people) {
      const p = await read(page, `/persons/${one.id}`)
      const found = (await read(page, `/persons/${one.id}/cancellation?cause=death&event_day=2026-11-02`)).found
      if (!p.death && p.employments.some((e) => !e.to) && !found.reasons.length) { person = one; break }
    }
    assert.ok(person, 'somebody who works and has no open case')
    await page.goto(`${world.url}/persons/${person.id}`)
    const card = page.getByRole('region', { name: '注销登记' })
    await card.getByRole('button', { name: '核验注销条件' }).click()
    await card.locator('#f-event_day').fill('2026-11-02')
    await card.locator('button[type=submit]').click()
    await card.getByText('没有障碍').waitFor()
    await card.getByRole('button', { name: '申请注销' }).click()
    await page.waitForURL(/\/cases\/new/)
    await page.waitForFunction((name) => document.querySelector('#f-person')?.value.includes(name), person.title)
    assert.equal(await page.locator('#f-cause').inputValue(), 'death')
    await page.getByRole('button', { name: '受理并开始计时' }).click()
    await page.waitForURL(/\/cases\/\d+$/)
    const id = Number(new URL(page.url()).pathname.split('/').pop())
    await page.getByRole('button', { name: '全部已提交' }).click()
    await page.getByRole('button', { name: '全部已提交' }).waitFor({ state: 'detached' })
    await walkCase(world, desks, id, async () => true, 'serve')
    let now = await read(page, `/persons/${person.id}`)
    assert.equal(now.registration, 'deregistered')
    assert.equal(now.death, '2026-11-02')
    assert.ok(now.employments.every((e) => e.to))
    await page.goto(`${world.url}/cases/${id}`)
    await page.getByLabel(/意见|说明|备注/).first().fill('死者另有其人').catch(() => page.locator('textarea').first().fill('死者另有其人'))
    await page.getByRole('button', { name: /^退回/ }).click()
    await page.waitForFunction((c) => fetch(`/api/cases/${c}`).then((r) => r.json()).then((file) => file.tasks.some((one) => one.node === 'correct' && one.state === 'open')), id)
    now = await read(page, `/persons/${person.id}`)
    assert.equal(now.registration, 'active')
    assert.equal(now.death ?? null, null)
    assert.ok(now.employments.some((e) => !e.to))
    await walkCase(world, desks, id, async () => true)
    await page.goto(`${world.url}/persons/${person.id}`)
    await page.getByText('已于 2026-11-02 注销（死亡）').waitFor()
    assert.equal(await page.getByRole('button', { name: '登记用工' }).count(), 0)
    assert.equal(await axeFaults(page), '')
    if (shots)
      for (const [lang, width] of [['zh-CN', 1440], ['en', 390]]) {
        const seen = await deskOpen(world, 'clerk', { lang, width })
        await seen.page.goto(`${world.url}/persons/${person.id}`)
        await seen.page.locator('main h1').waitFor()
        await seen.page.waitForTimeout(1500)
        await seen.page.screenshot({ path: `${shots}/cancel-person-${lang}-${width}.png`, fullPage: true })
        await seen.close()
      }
  })
})
