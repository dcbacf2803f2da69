// SPDX-License-Identifier: Apache-2.0
// The month, from the registration to the bank file, as the people who do it: clerk, reviewer, approver, finance. By their models P01,
// P02, P06, P07, P08, P17 and P21 go from the application to the archive; the last test but one looks at each.
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import { axeFaults, deskOpen, ENGINES, lacking, postgresAbsent, read, search, STAFF, TODAY_MONTH, walkCase, worldStart } from './world.mjs'

/** The bank's answer to one file of payments: all of it left the account, nothing else happened that day. */
function statementMake({ reference, amount, opening, day }) {
  const fen = (text) => BigInt(text.replace('.', ''))
  const closing = (fen(opening) - fen(amount)).toString().padStart(3, '0')
  const balance = (code, value) => `<Bal><Tp><CdOrPrtry><Cd>${code}</Cd></CdOrPrtry></Tp><Amt Ccy="CNY">${value}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>${day}</Dt></Dt></Bal>`
  return `<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><GrpHdr><MsgId>${reference}-B</MsgId><CreDtTm>${day}T20:00:00</CreDtTm></GrpHdr>
<Stmt><Id>S-${reference}</Id><Acct><Id><Othr><Id>9900010000000001</Id></Othr></Id><Ccy>CNY</Ccy></Acct>${balance('OPBD', opening)}${balance('CLBD', `${closing.slice(0, -2)}.${closing.slice(-2)}`)}
<Ntry><Amt Ccy="CNY">${amount}</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>${day}</Dt></BookgDt><AcctSvcrRef>B-${reference}</AcctSvcrRef>
<NtryDtls><Btch><MsgId>${reference}</MsgId></Btch></NtryDtls></Ntry></Stmt></BkToCstmrStmt></Document>`
}

for (const engine of ENGINES) describe(`a month on ${engine}`, { skip: lacking() || (engine === 'PostgreSQL' && postgresAbsent()) }, () => {
  let world
  const desks = {}
  before(async () => {
    world = await worldStart({ engine })
    for (const login of STAFF) desks[login] = await deskOpen(world, login)
  })
  after(async () => { await world?.stop() })

  /** Cases that came to their end, by process. */
  const filed = {}
  const caseWalk = (id, until, node) => walkCase(world, desks, id, async (file) => { filed[file.process] = id; return until(file) }, node)

  it('P01 and P02: an employer and its worker are registered: accepted by the clerk, reviewed by another, served, filed', async () => {
    const { page, faults } = desks.clerk
    await page.goto(`${world.url}/employers/new`)
    await page.locator('#f-uscc').fill('91990101MA0000017J')
    await page.locator('#f-name').fill('云山茶业有限公司')
    await page.getByRole('button', { name: '提交并受理' }).click()
    const employer = await registered(page)
    assert.equal(employer.subject_kind, 'employer')
    assert.equal((await read(page, `/employers/${employer.subject}`)).name, '云山茶业有限公司')
    await page.goto(`${world.url}/persons/new`)
    await page.locator('#f-id_number').fill('990101199305170011')
    await page.locator('#f-name').fill('欧阳晓')
    await page.locator('#f-employer').fill('云山茶业')
    await page.getByRole('option').filter({ hasText: '云山茶业有限公司' }).first().click()
    await page.getByRole('button', { name: '提交并受理' }).click()
    const person = await registered(page)
    assert.equal(person.subject_kind, 'person')
    assert.equal((await read(page, `/persons/${person.subject}`)).employments[0].employer, employer.subject)
    assert.deepEqual(faults, [])
  })

  /** The case that was just sent, walked to its end. */
  async function registered(page) {
    await page.getByRole('status').getByText(/已受理，转复审/).waitFor()
    await page.getByRole('button', { name: '查看办件' }).click()
    await page.waitForURL(/\/cases\/\d+$/)
    const id = Number(new URL(page.url()).pathname.split('/').pop())
    await caseWalk(id, async (file) => file.subject_kind !== 'application')
    const file = await read(page, `/cases/${id}`)
    assert.ok(file.documents.length > 0, 'its certificate')
    return file
  }

  let employer
  let declaration
  it('the clerk declares: changes a wage by keyboard, sees what is due, submits', async () => {
    const { page, faults } = desks.clerk
    const employers = (await search(page, '公司', 100)).items.filter((one) => one.kind === 'employer')
    for (const one of employers) {
      const workers = (await read(page, `/employers/${one.id}/workers?month=${TODAY_MONTH()}&limit=200`)).items
      const declared = (await read(page, `/employers/${one.id}`)).declarations
      if (workers.length >= 2 && !declared.some((d) => d.month === TODAY_MONTH())) {
        employer = one
        break
      }
    }
    assert.ok(employer, 'an employer with workers that has not declared this month')
    await page.goto(`${world.url}/declare?employer=${employer.id}&month=${TODAY_MONTH()}`)
    await page.locator('input[data-wage="0"]:focus').waitFor()
    await page.keyboard.type('7777.5')
    await page.keyboard.press('Enter')
    await page.locator('input[data-wage="1"]:focus').waitFor()
    await page.keyboard.type('6000')
    await page.keyboard.press('Enter')
    assert.equal(await page.locator('input[data-wage="0"]').inputValue(), '7777.50')
    await page.locator('aside li').first().waitFor()
    await page.waitForFunction(() => document.querySelector('aside')?.getAttribute('aria-busy') === 'false')
    assert.equal(await axeFaults(page), '')
    // The draft keeps itself: away and back, it is there.
    await page.reload()
    await page.getByText('已恢复上次未提交的草稿').waitFor()
    assert.equal(await page.locator('input[data-wage="0"]').inputValue(), '7777.50')
    await page.waitForFunction(() => document.querySelector('aside')?.getAttribute('aria-busy') === 'false' && document.querySelector('aside li'))
    await page.getByRole('button', { name: /提交申报/ }).click()
    await page.waitForURL(/\/declarations\/\d+$/)
    declaration = Number(new URL(page.url()).pathname.split('/').pop())
    assert.deepEqual(faults, [])
  })

  it('P06 and P07: nobody confirms what they entered; the reviewer does, and it is assessed', async () => {
    const { case: id } = await read(desks.clerk.page, `/declarations/${declaration}`)
    assert.ok(id, 'the declaration has its case')
    await desks.clerk.page.goto(`${world.url}/cases/${id}`)
    await desks.clerk.page.locator('main h1').waitFor()
    assert.equal(await desks.clerk.page.getByRole('button', { name: '同意' }).count(), 0)
    await caseWalk(id, async () => true)
    const { assessment_case: assessment } = await read(desks.clerk.page, `/declarations/${declaration}`)
    await caseWalk(assessment, async () => (await read(desks.clerk.page, `/declarations/${declaration}`)).assessments.length > 0)
    const assessed = await read(desks.clerk.page, `/declarations/${declaration}`)
    const line = (Array.isArray(assessed.lines) ? assessed.lines : assessed.lines.items).find((one) => one.wage === '7777.50')
    assert.ok(line, 'the wage that was typed is the wage that was declared')
  })

  it('P08: finance books the money that arrived', async () => {
    const { page } = desks.finance
    await page.goto(`${world.url}/declarations/${declaration}`)
    await page.getByRole('button', { name: '登记到账' }).click()
    await page.locator('#f-bank_ref').fill(`TEST-${declaration}`)
    await page.getByRole('button', { name: '入账' }).click()
    // What the money pays is there at once, or when its case has matched it.
    await page.getByRole('status').getByText(/已冲抵|先列暂收/).waitFor()
    await page.getByRole('button', { name: '完成' }).click()
    const { items } = await read(page, '/cases?process=P08&limit=1') // the newest: that of this money
    await caseWalk(items[0].id, async () => true)
    const paid = await read(page, `/declarations/${declaration}`)
    for (const one of paid.assessments) assert.equal(one.received, one.due)
  })

  it('P17: a pension is previewed with its why, submitted, approved by others, and the letter is there', async () => {
    const { page, faults } = desks.clerk
    let found
    const employers = (await search(page, '公司', 100)).items.filter((one) => one.kind === 'employer')
    for (const one of employers) {
      for (const worker of (await read(page, `/employers/${one.id}/workers?limit=200`)).items) {
        const person = await read(page, `/persons/${worker.person}`)
        if (person.awards.length > 0 || person.age_months < 48 * 12) continue
        const life = await read(page, `/persons/${worker.person}/timeline`)
        if (life.retirement && life.retirement.month <= TODAY_MONTH() && (!found || life.retirement.month < found.month)) found = { id: worker.person, month: life.retirement.month }
      }
      if (found) break
    }
    assert.ok(found, 'somebody in the city has reached the retirement age and has no pension yet')
    await page.goto(`${world.url}/persons/${found.id}/pension`)
    await page.getByText('月基本养老金', { exact: true }).waitFor()
    await page.getByRole('complementary', { name: '为什么是这个金额' }).getByText('基础养老金').first().waitFor()
    assert.equal(await axeFaults(page), '')
    await page.getByRole('button', { name: '提交核定' }).click()
    await page.waitForURL(/\/cases\/\d+$/)
    const id = Number(new URL(page.url()).pathname.split('/').pop())
    let award
    await caseWalk(id, async () => { award = (await read(page, `/persons/${found.id}`)).awards[0]; return award !== undefined })
    await page.goto(`${world.url}/awards/${award.id}`)
    const letter = page.getByRole('link', { name: '决定书（PDF）' })
    await letter.waitFor()
    const bytes = await page.evaluate(async (href) => { const r = await fetch(href); return [r.headers.get('content-type'), (await r.arrayBuffer()).byteLength] }, await letter.getAttribute('href'))
    assert.equal(bytes[0], 'application/pdf')
    assert.ok(bytes[1] > 1000)
    assert.equal(await axeFaults(page), '')
    assert.deepEqual(faults, [])
  })

  it('P21: finance runs the month, another person releases it, the bank file is taken away', async () => {
    const { page } = desks.finance
    await page.goto(`${world.url}/payments`)
    await page.getByRole('button', { name: '新建发放批次' }).click()
    const pools = await page.locator('#f-pool option').allInnerTexts()
    await page.locator('#f-pool').selectOption({ label: pools.find((name) => name.includes('养老')) })
    await page.locator('#f-month').fill(TODAY_MONTH())
    await page.getByRole('button', { name: '冻结并计算' }).click()
    await page.waitForURL(/\/payments\/\d+$/)
    const id = Number(new URL(page.url()).pathname.split('/').pop())
    await page.getByText('待放行', { exact: true }).first().waitFor({ timeout: 60_000 })
    assert.equal(await page.getByRole('button', { name: '放行', exact: true }).count(), 0, 'its creator cannot release it')
    assert.equal(await axeFaults(page), '')

    await caseWalk((await read(page, `/payment-runs/${id}`)).case, async () => false, 'approve')
    const boss = desks.approver.page
    await boss.goto(`${world.url}/payments/${id}`)
    await boss.getByRole('button', { name: '放行', exact: true }).click()
    await boss.getByText('已放行', { exact: true }).or(boss.getByText('已送银行', { exact: true })).first().waitFor()

    await page.reload()
    await page.locator('main h1').waitFor()
    await page.waitForFunction(() => !document.querySelector('main .bones'))
    const make = page.getByRole('button', { name: '生成银行文件' })
    const link = page.locator('a[href*="/payment-files/"]')
    await make.or(link).first().waitFor()
    if (await make.count()) await make.click()
    await link.first().waitFor({ timeout: 60_000 })
    const [download] = await Promise.all([page.waitForEvent('download'), link.first().click()])
    const path = await download.path()
    // The form of the demonstration's bank: a header with number and sum, lines of 157 bytes, GB18030.
    const [head, ...rows] = new TextDecoder('gb18030').decode(readFileSync(path)).split('\r\n').slice(0, -2)
    assert.match(download.suggestedFilename(), /\.txt$/)
    const run = await read(page, `/payment-runs/${id}`)
    assert.equal(Number(head.slice(73, 81)), run.due_count)
    assert.equal(Number(head.slice(81, 97)), Number(run.due))
    assert.equal(rows.length, run.due_count)

    // The bank answers in its own form: one account is closed. What does not add up is refused with its place; what does, settles the run.
    const lines = rows.map((row) => [row.slice(9, 49).trim(), row.slice(-14).replace('.', '').replace(/^0+/, '')])
    const total = lines.reduce((sum, [, amount]) => sum + BigInt(amount), 0n)
    const answer = (sum) => [...lines.map(([reference, amount], i) => `${reference}|${amount}|${i === 1 ? '41' : '00'}`), `${lines.length}|${sum}`, ''].join('\n')
    writeFileSync(`${path}.wrong.txt`, answer(total + 1n))
    writeFileSync(`${path}.return.txt`, answer(total))
    await page.getByRole('button', { name: '导入回盘文件' }).click()
    await page.locator('#return').setInputFiles(`${path}.wrong.txt`)
    await page.getByRole('button', { name: '导入', exact: true }).click()
    await page.getByRole('alert').getByText('SB-0254').waitFor()
    assert.equal((await read(page, `/payment-runs/${id}`)).state, 'filed')
    await page.locator('#return').setInputFiles(`${path}.return.txt`)
    await page.getByRole('button', { name: '导入', exact: true }).click()
    await page.getByRole('status').getByText(/退回 1 笔/).waitFor()
    assert.equal(await axeFaults(page), '')
    await page.getByRole('button', { name: '导入', exact: true }).click()
    await page.getByRole('status').getByText('未重复记账').waitFor()
    const answered = await read(page, `/payment-runs/${id}`)
    assert.equal(answered.state, 'settled')
    assert.deepEqual([answered.files[0].answer.paid, answered.files[0].answer.returned], [run.due_count - 1, 1])
    await page.getByRole('combobox', { name: '状态' }).selectOption({ label: '已退回' })
    await page.getByText('账户已销户 AC04').waitFor()

    // Its statement of the same money proves it, and nothing is posted again.
    const paid = { reference: head.slice(1, 31).trim(), amount: run.due, opening: '900000000.00', day: head.slice(31, 39).replace(/(\d{4})(\d\d)(\d\d)/, '$1-$2-$3') }
    writeFileSync(`${path}.camt.xml`, statementMake(paid))
    await page.goto(`${world.url}/payments`)
    await page.getByRole('button', { name: '上传银行回单' }).click()
    await page.locator('#camt').setInputFiles(`${path}.camt.xml`)
    await page.getByRole('button', { name: '上传', exact: true }).click()
    await page.getByRole('status').getByText(/笔已对应/).waitFor()
    const settled = await read(page, `/payment-runs/${id}`)
    assert.equal(settled.ledger.bank, answered.ledger.bank)
    await caseWalk(settled.case, async () => true)
  })

  for (const process of ['P01', 'P02', 'P06', 'P07', 'P08', 'P17', 'P21']) it(`${process} went from its application to the archive: its page shows the archive number, its letter and who did what`, async () => {
    assert.ok(filed[process], `a case of ${process} came to its end`)
    const { page } = desks.approver
    const file = await read(page, `/cases/${filed[process]}`)
    const people = new Set(file.history.map((one) => one.actor_display).filter((name) => name))
    await page.goto(`${world.url}/cases/${filed[process]}`)
    await page.getByRole('region', { name: '归档目录' }).getByText(file.archive_number).waitFor()
    await page.getByRole('button', { name: '查看归档目录' }).click()
    await page.locator('main tfoot .mono').waitFor()
    const letters = file.documents.filter((one) => one.media_type === 'application/pdf')
    assert.ok(letters.length > 0, 'a letter was issued')
    for (const letter of letters) assert.equal(await page.evaluate((id) => fetch(`/api/documents/${id}`).then(async (r) => r.ok && new TextDecoder().decode((await r.arrayBuffer()).slice(0, 5))), letter.id), '%PDF-')
    await page.getByRole('link', { name: letters[0].title }).first().waitFor()
    // What P06 has confirmed is assessed by rule: a person only serves the letter.
    assert.ok(people.size > (process === 'P07' ? 0 : 1), `several people had a hand in it: ${[...people]}`)
  })

  it('and the auditor finds every fen', { skip: ENGINES.length === 1 && 'the server is not ours' }, () => {
    assert.equal(world.audit(), '')
  })
})
