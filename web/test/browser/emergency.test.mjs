// SPDX-License-Identifier: Apache-2.0
// Access beyond one's office: taken with a reason, seen by the auditor at once, marked, ended, reviewed; without it the same question is refused.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { axeFaults, deskOpen, lacking, read, worldStart } from './world.mjs'

describe('emergency access', { skip: lacking() }, () => {
  let world
  before(async () => { world = await worldStart({ persons: 120 }) })
  after(async () => { await world?.stop() })

  it('is taken, told, marked, ended and reviewed', async () => {
    const auditor = await deskOpen(world, 'auditor')
    const centre = await deskOpen(world, 'approver')
    const { page, faults, close } = await deskOpen(world, 'reviewer')
    // A payment run of the province: its pool is not the counter's.
    const far = (await read(centre.page, '/payment-runs')).items[0].id
    const status = (id) => page.evaluate((run) => fetch(`/api/payment-runs/${run}`).then((r) => r.status), id)
    assert.equal(await status(far), 403)

    await page.goto(`${world.url}/emergency`)
    await page.getByLabel('事由').fill('外地参保人突发工伤，须核对其待遇发放')
    assert.equal(await axeFaults(page), '')
    await page.getByRole('button', { name: '启用并告知稽核' }).click()
    await page.getByText('稽核和系统管理人员已收到告警').waitFor()
    await page.getByText('您正在使用紧急授权').waitFor()
    assert.equal(await status(far), 200)

    await auditor.page.goto(`${world.url}/`)
    await auditor.page.getByText('正在使用紧急授权').waitFor()
    const metrics = await auditor.page.evaluate(() => fetch('/metrics').then((r) => r.text()))
    assert.match(metrics, /^shebao_emergency_total 1$/m)
    assert.match(metrics, /^shebao_emergency_open 1$/m)

    await page.getByRole('button', { name: '立即结束' }).first().click()
    await page.getByText('您正在使用紧急授权').waitFor({ state: 'detached' })
    assert.equal(await status(far), 403)

    await auditor.page.goto(`${world.url}/emergency`)
    await auditor.page.getByText('1 次紧急授权等待复核').waitFor()
    const access = (await read(auditor.page, '/emergency?open=true')).items[0]
    assert.equal(access.state, 'waits')
    await auditor.page.goto(`${world.url}/emergency/${access.id}`)
    await auditor.page.getByLabel('复核意见').fill('事由属实，只核对了一批发放')
    assert.equal(await axeFaults(auditor.page), '')
    const done = (await read(auditor.page, `/emergency/${access.id}`)).done
    assert.ok(done.some((one) => one.verb === 'payment.get' && one.subject === far), JSON.stringify(done))
    await auditor.page.getByRole('button', { name: '提交复核' }).click()
    await auditor.page.getByText('复核：理由成立').waitFor()
    await auditor.page.getByText('1 次紧急授权等待复核').waitFor({ state: 'detached' }) // at once, not at the next look
    await page.goto(`${world.url}/emergency/${access.id}`)
    await page.getByText('复核：理由成立').waitFor()
    assert.equal(world.audit?.() ?? '', '')
    assert.deepEqual(faults, [])
    assert.deepEqual(auditor.faults, [])
    await close()
    await auditor.close()
    await centre.close()
  })
})
