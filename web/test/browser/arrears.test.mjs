// SPDX-License-Identifier: Apache-2.0
// Arrears on the desk: who owes is found in the list, the late fee is read to a day, a case is opened, and money ends it.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { axeFaults, deskOpen, lacking, read, search, STAFF, TODAY_MONTH, walkCase, worldStart } from './world.mjs'

/** Write through the API as the signed-in member of staff. */
async function write(page, path, body) {
  return page.evaluate(async ([p, b]) => {
    const { csrf } = await (await fetch('/api/session')).json()
    const answer = await fetch(`/api${p}`, { method: 'POST', headers: { 'Content-Type': 'application/json', 'X-CSRF-Token': csrf, 'Idempotency-Key': crypto.randomUUID() }, body: JSON.stringify(b) })
    if (!answer.ok) throw new Error(`${p}: ${answer.status} ${await answer.text()}`)
    return answer.json()
  }, [path, body])
}
function monthsAgo(n) {
  const [year, month] = TODAY_MONTH().split('-').map(Number)
  return new Date(Date.UTC(year, month - 1 - n, 1)).toISOString().slice(0, 7)
}
const fen = (text) => BigInt(text.replaceAll(',', '').replace('.', ''))

describe('arrears', { skip: lacking() }, () => {
  let world
  const desks = {}
  let employer
  before(async () => {
    world = await worldStart()
    for (const login of STAFF) desks[login] = await deskOpen(world, login)
  })
  after(async () => { await world?.stop() })

  it('a month that was declared and not paid is overdue', async () => {
    const { page } = desks.clerk
    const month = monthsAgo(3) // its due day is past, whatever the day is today
    for (const one of (await search(page, '公司', 100)).items.filter((hit) => hit.kind === 'employer')) {
      const workers = (await read(page, `/employers/${one.id}/workers?month=${month}&limit=200`)).items
      const { declarations } = await read(page, `/employers/${one.id}`)
      if (workers.length < 2 || declarations.some((d) => d.month === month)) continue
      employer = one
      const lines = workers.map((w) => ({ person: w.person, wage: '6000.00' }))
      const { id } = await write(page, '/declarations', { employer: one.id, month, channel: 'form', lines })
      const declared = () => read(page, `/declarations/${id}`)
      await walkCase(world, desks, (await declared()).case, async () => true)
      await walkCase(world, desks, (await declared()).assessment_case, async () => (await declared()).assessments.length > 0)
      break
    }
    assert.ok(employer, 'an employer with workers that has not declared that month')
  })

  it('the list names the employer; the page tells months, late fee and total, and the late fee of an earlier day is less', async () => {
    const { page, faults } = desks.clerk
    await page.goto(`${world.url}/arrears`)
    await page.getByRole('region', { name: '欠费追缴' }).first().waitFor()
    await page.getByRole('searchbox', { name: '筛选：欠费追缴' }).fill(employer.title)
    assert.equal(await axeFaults(page), '')
    await page.getByRole('link', { name: employer.title }).click()
    await page.waitForURL(/\/employers\/\d+\/arrears$/)
    await page.getByText('试算滞纳金').waitFor()
    const owed = await read(page, `/employers/${employer.id}/arrears`)
    assert.ok(fen(owed.principal) > 0n && fen(owed.late_fee) > 0n)
    assert.equal(await page.locator('table tbody tr').first().locator('td').count() > 4, true)
    const before = await page.locator('.figure b').nth(1).innerText()
    await page.getByLabel('滞纳金计算至').fill(`${monthsAgo(1)}-20`)
    await page.keyboard.press('Enter')
    await page.waitForFunction((text) => document.querySelectorAll('.figure b')[1].innerText !== text, before)
    assert.ok(fen((await page.locator('.figure b').nth(1).innerText()).replace(/[^\d.]/g, '')) < fen(owed.late_fee))
    assert.equal(await axeFaults(page), '')
    assert.deepEqual(faults, [])
  })

  it('the clerk opens the case once; what came after the reminder leaves the late fee of its days, which is ordered, served and paid', async () => {
    const { page, faults } = desks.clerk
    await page.goto(`${world.url}/employers/${employer.id}`)
    await page.getByRole('button', { name: '欠费与滞纳金' }).click()
    await page.getByRole('button', { name: '立案催缴' }).click()
    await page.waitForURL(/\/cases\/\d+$/)
    const id = Number(new URL(page.url()).pathname.split('/').pop())
    await page.goto(`${world.url}/employers/${employer.id}/arrears`)
    await page.getByRole('button', { name: '查看在办案件' }).waitFor()
    assert.equal(await page.getByRole('button', { name: '立案催缴' }).count(), 0)
    await walkCase(world, desks, id, async () => true, 'remind')
    await page.goto(`${world.url}/cases/${id}`)
    await page.getByRole('button', { name: '同意' }).click()
    await page.getByText('收到缴费').first().waitFor()
    const owed = await read(page, `/employers/${employer.id}/arrears`)
    const receipt = await write(desks.finance.page, '/receipts', { employer: employer.id, amount: owed.principal, bank_ref: `ARREARS-${id}` })
    await walkCase(world, desks, receipt.case, async () => true)
    await walkCase(world, desks, id, async () => true, 'serve')
    await page.goto(`${world.url}/employers/${employer.id}/arrears`)
    await page.getByText('没有逾期欠费').waitFor()
    const [order] = (await read(page, `/employers/${employer.id}/arrears`)).orders
    assert.equal(order.late_fee, owed.late_fee, 'what was paid that day grows no more')
    await page.getByText('待缴', { exact: true }).waitFor()
    const letter = await page.getByRole('link', { name: '决定书（PDF）' }).getAttribute('href')
    assert.equal(await page.evaluate((href) => fetch(href).then(async (r) => r.ok && new TextDecoder().decode((await r.arrayBuffer()).slice(0, 5))), letter), '%PDF-')
    await page.getByText(/逐笔滞纳金/).click()
    await page.locator('details.decision summary').first().click()
    await page.locator('main svg').first().waitFor()
    assert.equal(await axeFaults(page), '')
    await page.goto(`${world.url}/cases/${id}`)
    await page.getByRole('button', { name: '已送达' }).click()
    const rest = await write(desks.finance.page, '/receipts', { employer: employer.id, amount: order.late_fee, bank_ref: `LATE-${id}` })
    await walkCase(world, desks, rest.case, async () => true)
    await walkCase(world, desks, id, async () => true)
    await page.goto(`${world.url}/employers/${employer.id}/arrears`)
    await page.getByText('已缴清', { exact: true }).first().waitFor()
    assert.deepEqual(faults, [])
  })

  it('on a telephone and in English it fits', async () => {
    const desk = await deskOpen(world, 'clerk', { lang: 'en', width: 390, height: 844 })
    for (const path of ['/arrears', `/employers/${employer.id}/arrears`]) {
      await desk.page.goto(world.url + path)
      await desk.page.locator('main h1').waitFor()
      await desk.page.waitForFunction(() => !document.querySelector('main [aria-busy="true"]'))
      assert.ok(await desk.page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth), path)
      assert.equal(await axeFaults(desk.page), '')
    }
    assert.deepEqual(desk.faults, [])
    await desk.close()
  })

  it('and the auditor finds every fen', { skip: !!process.env.SHEBAO_URL && 'the server is not ours' }, () => {
    assert.equal(world.audit(), '')
  })
})
