// SPDX-License-Identifier: Apache-2.0
// Letters in the browser: one is written and served with its proof; a stranger verifies its PDF without signing in, finds a changed
// byte and a file that is no letter; what is withdrawn is told to be so. SHOTS names a folder for screenshots.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { axeFaults, deskOpen, lacking, read, worldStart } from './world.mjs'

const shots = process.env.SHOTS

describe('letters', { skip: lacking() }, () => {
  let world
  before(async () => { world = await worldStart() })
  after(async () => { await world?.stop() })

  async function looked(page, name) {
    assert.equal(await axeFaults(page), '', name)
    assert.ok((await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)) <= 0, `${name} sticks out`)
    if (shots) await page.screenshot({ path: `${shots}/${name}.png`, fullPage: true })
  }

  it('are written, served, verified by anybody, and withdrawn', async () => {
    const clerk = await deskOpen(world, 'clerk')
    const { page } = clerk
    // A case that has no letter yet: which cases have one depends on the day on which the demonstration is made.
    let open
    for (const one of (await read(page, '/tasks?state=open&mine=1')).items)
      if (one.process !== 'P06' && (await read(page, `/cases/${one.case}/letters`)).items.length === 0) {
        open = one
        break
      }
    assert.ok(open, 'a case without a letter')
    await page.goto(`${world.url}/cases/${open.case}`)
    const card = page.getByRole('region', { name: '文书与送达' })
    await card.getByRole('button', { name: '出具受理回执' }).click()
    await card.getByText('未送达').waitFor()
    await card.getByRole('button', { name: '登记送达' }).first().click()
    await card.getByLabel('送达方式').selectOption('post')
    await card.getByLabel(/^凭据/).fill('EA123456789CN')
    await looked(page, 'letters-serve')
    await card.getByRole('button', { name: '登记', exact: true }).click()
    await card.getByText('EA123456789CN').waitFor()
    await card.getByText(/视为送达/).first().waitFor()
    const letter = (await read(page, `/cases/${open.case}/letters`)).items.find((one) => one.services.some((s) => s.reference === 'EA123456789CN'))
    const pdf = Buffer.from(await (await page.request.get(`${world.url}/api/documents/${letter.document}`)).body())
    assert.equal(pdf.subarray(0, 5).toString(), '%PDF-')

    // A stranger, who has the PDF only.
    const context = await page.context().browser().newContext({ viewport: { width: 390, height: 844 } })
    const stranger = await context.newPage()
    const verify = async (buffer, said) => {
      await stranger.goto(`${world.url}/verify`)
      await stranger.locator('input[type=file]').setInputFiles({ name: 'letter.pdf', mimeType: 'application/pdf', buffer })
      await stranger.getByText(said).first().waitFor()
    }
    await verify(pdf, '现行有效')
    await stranger.getByText(letter.number).first().waitFor()
    await looked(stranger, 'letters-verify')
    const changed = Buffer.from(pdf)
    changed[Math.floor(changed.length / 2)] ^= 1
    await verify(changed, '被改动')
    await verify(Buffer.from('not a letter at all'), 'SB-')
    await verify(pdf.subarray(0, pdf.length >> 1), /SB-|被改动/)

    const head = await deskOpen(world, 'approver')
    await head.page.goto(`${world.url}/cases/${open.case}`)
    const of = head.page.getByRole('region', { name: '文书与送达' })
    await of.getByRole('button', { name: '撤回文书' }).first().click()
    await of.getByLabel('撤回原因').fill('编号有误')
    await of.locator('form button[type=submit]').click()
    await of.getByText('已撤回').waitFor()
    await verify(pdf, '已撤回')
    await context.close()

    await head.page.goto(`${world.url}/seals`)
    await head.page.getByText('复审二号').first().waitFor() // who keeps it
    await looked(head.page, 'letters-seals')
    assert.deepEqual(clerk.faults, [])
    assert.deepEqual(head.faults, [])
    await clerk.close()
    await head.close()
  })
})
