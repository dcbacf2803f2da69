// SPDX-License-Identifier: Apache-2.0
// A case in the browser from application to archive: a form, papers asked for once, a scan, a return that is taken back, approval, service.
import assert from 'node:assert/strict'
import { appendFileSync, copyFileSync, cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { axeFaults, deskOpen, lacking, read, search, worldStart } from './world.mjs'

const here = fileURLToPath(new URL('./', import.meta.url))
const STAFF = ['clerk', 'reviewer', 'approver']

/** One row more at the end of a table of the pack: as its row of P12, with these first fields. */
function rowsAdd(folder, table, ...rows) {
  const file = join(folder, 'cn', table)
  const like = readFileSync(file, 'utf8').split('\n').find((line) => line.startsWith('P12,')).split(',')
  appendFileSync(file, rows.map((row) => [...row, ...like.slice(row.length)].join(',') + '\n').join(''))
}

/** The packs of the house, and in them one process more: the national ones change with the law, this test does not. */
function packsMake() {
  const folder = mkdtempSync(join(tmpdir(), 'shebao-packs-'))
  cpSync(join(here, '../../../packs'), folder, { recursive: true })
  copyFileSync(join(here, 'fixture/P90.bpmn'), join(folder, 'cn/processes/P90.bpmn'))
  rowsAdd(folder, 'processes.csv', ['P90', 'T-90'])
  rowsAdd(folder, 'materials.csv',
    ['P90', 'form', '变更申请表', 'Application form', 'form', 'yes', 'no', 'no', '社会保险经办条例 10'],
    ['P90', 'proof', '银行账户证明', 'Proof of the account', 'original', 'yes', 'yes', 'yes', '社会保险经办条例 10'])
  return folder
}
/** A document of one page. */
function pdfMake() {
  const body = '%PDF-1.4\n1 0 obj <</Type/Catalog/Pages 2 0 R>> endobj\n2 0 obj <</Type/Pages/Kids[3 0 R]/Count 1>> endobj\n3 0 obj <</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>> endobj\n'
  return Buffer.from(`${body}xref\n0 1\n0000000000 65535 f \ntrailer <</Root 1 0 R/Size 4>>\nstartxref\n${body.length}\n%%EOF\n`)
}

describe('a case from application to archive', { skip: lacking() || (process.env.SHEBAO_URL && 'needs a server with a process of its own') }, () => {
  let world
  let packs
  let id
  const desks = {}
  before(async () => {
    packs = packsMake()
    world = await worldStart({ pack: join(packs, 'demo') })
    for (const login of STAFF) desks[login] = await deskOpen(world, login)
  })
  after(async () => {
    await world?.stop()
    if (packs) rmSync(packs, { recursive: true, force: true })
  })
  async function caseShow(login) {
    const { page } = desks[login]
    await page.goto(`${world.url}/cases/${id}`)
    await page.locator('main h1').waitFor()
    return page
  }
  const nodeOf = async () => (await read(desks.clerk.page, `/cases/${id}`)).tasks[0]?.node
  const settled = async (node) => {
    const end = Date.now() + 15_000
    while ((await nodeOf()) !== node) {
      assert.ok(Date.now() < end, `the case is at ${await nodeOf()}, not at ${node}`)
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }

  it('is begun by searching the process; the draft keeps itself; a refused form keeps every field', async () => {
    const { page } = desks.clerk
    const { items } = await search(page, '王', 50)
    const person = items.find((one) => one.kind === 'person')
    await page.goto(`${world.url}/cases/new`)
    await page.locator('#process-search').fill('P90')
    await page.keyboard.press('Enter')
    await page.locator('h1', { hasText: '信息变更登记' }).waitFor()
    await page.locator('#f-person').fill(person.number)
    await page.getByRole('option').filter({ hasText: person.title }).first().click()
    await page.locator('#f-amount').fill('12.345')
    await page.locator('#f-account').fill('6222021234567890123')
    await page.getByText(/草稿已保存/).waitFor()
    await page.reload() // as if the machine had gone out
    await page.locator('#f-amount').waitFor()
    assert.equal(await page.locator('#f-amount').inputValue(), '12.345')
    assert.equal(await page.locator('#f-person').inputValue(), person.title)
    await page.getByRole('button', { name: '受理并开始计时' }).click()
    await page.getByText('请更正标红的 3 项').waitFor()
    assert.equal(await page.locator('#f-account').inputValue(), '6222021234567890123')
    assert.equal(await axeFaults(page), '')
    await page.locator('#f-amount').fill('12.30')
    await page.locator('#f-what').selectOption('account')
    await page.locator('#f-from').fill('2026-12-01')
    await page.getByLabel('变更申请表').selectOption('given')
    await page.getByRole('button', { name: '受理并开始计时' }).click()
    await page.waitForURL(/\/cases\/\d+$/)
    id = Number(new URL(page.url()).pathname.split('/').pop())
    assert.equal((await read(page, '/drafts')).items.length, 0)
    await page.getByText('6222***********0123').waitFor() // personal values are masked
  })

  it('asks once for what is missing; the clock stands, and goes on when the paper is there', async () => {
    const page = await caseShow('clerk')
    await page.getByRole('button', { name: '一次性告知补正' }).click()
    await page.locator('#ask-note').fill('请提供账户证明')
    await page.getByRole('button', { name: '告知并停止计时' }).click()
    await page.getByText('计时中止', { exact: true }).first().waitFor()
    assert.ok(await page.getByRole('button', { name: '受理', exact: true }).isDisabled())
    assert.equal(await axeFaults(page), '')
    // The scan is the paper: dropped for it, it is given.
    await page.getByLabel('对应材料').selectOption('proof')
    await page.locator('input[type=file]').setInputFiles({ name: '账户证明.pdf', mimeType: 'application/pdf', buffer: pdfMake() })
    await page.getByRole('button', { name: '查看 账户证明.pdf' }).waitFor()
    const file = await read(page, `/cases/${id}`)
    assert.equal(file.attachments[0].size, pdfMake().length)
    // Nothing that was asked for is missing any more: the clock went on by itself.
    await page.getByRole('button', { name: '中止计时' }).waitFor()
    assert.equal((await read(page, `/cases/${id}`)).paused, false)
    // It stands for other reasons, too, as long as somebody says which, and goes on when somebody says so.
    await page.getByRole('button', { name: '中止计时' }).click()
    await page.locator('#pause-reason').selectOption('authority')
    await page.locator('#pause-expected').fill('2027-03-01')
    await page.getByRole('button', { name: '中止', exact: true }).click()
    await page.getByText('预计 2027-03-01 恢复').first().waitFor()
    await page.getByRole('button', { name: '恢复计时' }).click()
    await page.getByRole('button', { name: '中止计时' }).waitFor()
  })

  it('refuses what is no document', async () => {
    const page = await caseShow('clerk')
    await page.locator('input[type=file]').setInputFiles({ name: 'scan.pdf', mimeType: 'application/pdf', buffer: Buffer.from('not a document') })
    await page.getByText('仅支持PDF、PNG、JPEG文件').waitFor()
  })

  it('is accepted, returned by the reviewer, and the return is taken back', async () => {
    let page = await caseShow('clerk')
    await page.getByRole('button', { name: '受理', exact: true }).click()
    await settled('review')
    page = await caseShow('reviewer')
    await page.getByLabel('意见').fill('账号与证明不符')
    await page.getByRole('button', { name: '退回' }).click()
    await settled('accept')
    await page.getByRole('button', { name: '撤销', exact: true }).click()
    await settled('review')
    page = await caseShow('reviewer')
    await page.getByRole('button', { name: '同意' }).click()
    await settled('approve')
  })

  it('is approved, served and archived; the index shows each piece', async () => {
    let page = await caseShow('approver')
    await page.getByRole('button', { name: '同意' }).click()
    await settled('serve')
    page = await caseShow('clerk')
    await page.getByLabel('送达方式').selectOption('post')
    await page.getByLabel('业务单号或凭证号').fill('EMS-1')
    await page.getByRole('button', { name: '已送达' }).click()
    await settled(undefined)
    page = await caseShow('clerk')
    await page.getByRole('button', { name: '查看归档目录' }).click()
    await page.getByText('附件 · 账户证明.pdf').waitFor()
    assert.equal(await axeFaults(page), '')
    const file = await read(page, `/cases/${id}`)
    assert.equal(file.state, 'done')
    assert.equal(`${file.variables.served_way} ${file.variables.served_reference}`, 'post EMS-1')
    assert.match(file.archive_number, /^A01-/)
    assert.equal(world.audit(), '')
    for (const login of STAFF) assert.deepEqual(desks[login].faults, [])
  })
})
