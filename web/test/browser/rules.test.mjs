// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { axeFaults, deskOpen, lacking, read, worldStart } from './world.mjs'

/** The lines of the later text that the earlier one does not have at that place. */
function differing(before, after) {
  const [a, b] = [before.split('\n'), after.split('\n')]
  return b.filter((line, i) => line !== a[i]).map((line) => line.trim()).slice(0, 8)
}
const paper = '.paper[data-ready=true]'

describe('rules', { skip: lacking() }, () => {
  let world
  let draft = ''
  before(async () => { world = await worldStart({ persons: 120 }) })
  after(async () => { await world?.stop() })

  it('lists the models of the pack in force and draws one, with the watermark of bpmn.io', async () => {
    const { page, close, faults } = await deskOpen(world, 'clerk')
    await page.keyboard.press('g')
    await page.keyboard.press('u')
    await page.getByRole('link', { name: '职工基本养老金' }).click()
    await page.locator(paper).first().waitFor()
    assert.ok((await page.locator('.paper .djs-shape').count()) > 10)
    await page.locator('.paper .bjs-powered-by').first().waitFor({ state: 'visible' })
    // Chosen by name, a formula shows its table.
    await page.getByRole('navigation', { name: '模型中的各项' }).getByRole('button', { name: '月数换算年限' }).click()
    await page.locator('.sheet .paper[data-ready=true] td', { hasText: 'half_up_2dp' }).first().waitFor()
    // A clerk reads and tries, and makes no draft.
    await page.goto(`${world.url}/rules`)
    await page.getByRole('heading', { name: '检查' }).waitFor()
    assert.equal(await page.getByRole('button', { name: '新建草稿' }).count(), 0)
    assert.deepEqual(faults, [])
    await close()
  })

  it('tries an example: values at the decisions, rules that matched in the tables, the articles in words', async () => {
    const { page, close, faults } = await deskOpen(world, 'clerk')
    await page.goto(`${world.url}/rules/demo/models/pension?tab=cases`)
    await page.locator('.cases li').first().waitFor()
    assert.match(await page.locator('.card header .pill').first().innerText(), /未通过 0 项/)
    await page.locator('.cases summary').first().click()
    await page.getByRole('button', { name: '试算：待遇核定' }).first().click()
    await page.locator('.paper .value').first().waitFor()
    const said = await page.locator('.paper .value').allInnerTexts()
    assert.ok(said.some((text) => /^合计 [\d,]+\.\d\d$/.test(text)), said.join(' | '))
    await page.locator('.steps li', { hasText: '待遇计算' }).getByRole('button').first().click()
    await page.locator('.rule-fired').first().waitFor()
    assert.ok((await page.locator('.rule-fired').count()) >= 2)
    assert.ok((await page.getByRole('button', { name: /国发〔2005〕38号/ }).count()) > 2)
    // What is wrong with a value is said at its field, and a figure that the pack lacks by its name.
    await page.getByLabel('出生日期').fill('')
    await page.keyboard.press('Tab')
    await page.getByText('值已更改，请重新试算').waitFor()
    assert.deepEqual(faults, [])
    await close()
  })

  it('says which figure of law is missing', async () => {
    const { page, close } = await deskOpen(world, 'clerk')
    const { items } = await read(page, '/rules/demo/cases?model=pension')
    const call = items.find((one) => one.calls.some((c) => c.decision === 'award')).calls[0]
    await page.goto(`${world.url}/rules/cn/models/pension?tab=try`)
    await page.getByRole('button', { name: '试算', exact: true }).waitFor()
    const said = await page.evaluate(async (body) => {
      const session = await (await fetch('/api/session')).json()
      const answer = await fetch('/api/rules/cn/models/pension/evaluate', { method: 'POST', headers: { 'Content-Type': 'application/json', 'Idempotency-Key': crypto.randomUUID(), 'X-CSRF-Token': session.csrf, 'Accept-Language': 'zh-CN' }, body: JSON.stringify(body) })
      return { status: answer.status, body: await answer.json() }
    }, { decision: call.decision, day: call.day, inputs: call.inputs })
    assert.equal(said.status, 422)
    assert.match(said.body.detail, /政策包cn中没有参数/)
    await close()
  })

  it('drafts: a table edited in the modeler, examples that fail first, row by row against the origin, a step taken back', async () => {
    const { page, close, faults } = await deskOpen(world, 'approver')
    await page.goto(`${world.url}/rules`)
    await page.getByRole('button', { name: '新建草稿' }).click()
    await page.locator('#f-title').fill('年限换算试改')
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/rules\/draft-\d+$/)
    draft = page.url().split('/').at(-1)
    await page.getByText('草稿不是现行规定').first().waitFor()
    await page.goto(`${world.url}/rules/${draft}/models/pension?tab=edit`)
    await page.locator('.editor[data-ready=true]').waitFor()
    await page.locator('select.pick').selectOption({ label: '月数换算年限' })
    await page.locator('.editor[data-ready=true] td', { hasText: 'round half up(months / 12, 2)' }).first().click()
    await page.keyboard.press('End')
    await page.keyboard.type(' + 1')
    await page.keyboard.press('Control+s')
    await page.getByText('已保存，共 1 步').waitFor()
    // The text of the model differs in that cell and nowhere else.
    const [before, now] = [await read(page, '/rules/demo/models/pension'), await read(page, `/rules/${draft}/models/pension`)]
    assert.deepEqual(differing(before.xml, now.xml), ['<outputEntry><text>round half up(months / 12, 2) + 1</text></outputEntry>'])
    await page.getByRole('tab', { name: '算例' }).click()
    await page.locator('.cases li').first().waitFor()
    assert.match(await page.locator('.cases li').first().innerText(), /未通过/)
    await page.getByRole('tab', { name: '比较' }).click()
    const row = page.locator('tr.changed')
    await row.waitFor()
    assert.equal(await row.locator('del').innerText(), 'round half up(months / 12, 2)')
    assert.equal(await row.locator('ins').innerText(), 'round half up(months / 12, 2) + 1')
    await page.getByRole('tab', { name: '编辑' }).click()
    await page.locator('.editor[data-ready=true]').waitFor()
    await page.getByRole('button', { name: '撤销上一步' }).click()
    await page.getByText('已撤销对 rules/pension.dmn').waitFor()
    const undone = await read(page, `/rules/${draft}/models/pension`)
    assert.deepEqual(differing(before.xml, undone.xml), [])
    assert.deepEqual(faults, [])
    await close()
  })

  it('refuses a model that does not compile, and says where', async () => {
    const { page, close } = await deskOpen(world, 'approver')
    await page.goto(`${world.url}/rules/${draft}/models/retirement?tab=edit`)
    await page.locator('select.pick').selectOption('text')
    const text = page.locator('textarea')
    await text.fill((await text.inputValue()).replace('month_number(birth)', 'month_number(birth'))
    await page.getByRole('button', { name: '保存', exact: true }).click()
    await page.getByRole('alert').filter({ hasText: 'FEEL' }).waitFor()
    await page.getByText(/位置：rules\/retirement\.dmn/).waitFor()
    await page.getByRole('button', { name: '放弃改动' }).click()
    await close()
  })

  it('edits an expression as FEEL, and only it changes', async () => {
    const { page, close, faults } = await deskOpen(world, 'approver')
    await page.goto(`${world.url}/rules/${draft}/models/retirement?tab=edit`)
    const before = await read(page, `/rules/${draft}/models/retirement`)
    await page.locator('select.pick').selectOption({ label: '法定退休时间 › 出生月' })
    const text = page.locator('textarea')
    assert.equal(await text.inputValue(), 'month_number(birth)')
    await text.fill('month_number(birth) + 0')
    await text.press('Control+s')
    await page.getByText('已保存，共 1 步').waitFor()
    const now = await read(page, `/rules/${draft}/models/retirement`)
    assert.deepEqual(differing(before.xml, now.xml), ['<literalExpression><text>month_number(birth) + 0</text></literalExpression>'])
    await page.getByRole('button', { name: '撤销上一步' }).click()
    await page.getByText('已撤销对 rules/retirement.dmn').waitFor()
    assert.deepEqual(faults, [])
    await close()
  })

  it('asks before typed work on a table is left for another tab', async () => {
    const { page, close } = await deskOpen(world, 'approver')
    await page.goto(`${world.url}/rules/${draft}/models/retirement?tab=edit`)
    await page.locator('select.pick').selectOption('text')
    await page.locator('textarea').press('x')
    await page.getByRole('tab', { name: '比较' }).click()
    await page.getByRole('dialog').getByText('有未保存的更改').waitFor()
    await page.getByRole('button', { name: '留在本页' }).click()
    assert.equal(await page.getByRole('tab', { name: '编辑' }).getAttribute('aria-selected'), 'true')
    await close()
  })

  it('draws why an award is what it is, and leads from there to the rule with the same values', async () => {
    const { page, close, faults } = await deskOpen(world, 'approver')
    const { items } = await read(page, '/cases?limit=100')
    const decided = items.find((one) => one.process === 'P17' && one.state === 'done')
    assert.ok(decided, 'the city has a case of retirement that is done')
    await page.goto(`${world.url}/cases/${decided.id}`)
    await page.locator('.decision summary').first().click()
    await page.locator('.decision .paper .value').first().waitFor()
    const file = await read(page, `/cases/${decided.id}`)
    await page.goto(`${world.url}/awards/${file.variables.award}`)
    await page.getByText('在决策图上查看').click()
    await page.locator('.why .paper .value').first().waitFor()
    const award = await read(page, `/awards/${file.variables.award}`)
    const total = award.total.replace(/\B(?=(\d{3})+\.)/g, ',')
    assert.ok((await page.locator('.why .paper .value').allInnerTexts()).includes(`合计 ${total}`), total)
    await page.getByRole('button', { name: '打开规则并试算' }).click()
    await page.locator('.answer .paper .value').first().waitFor()
    assert.ok((await page.locator('.answer .paper .value').allInnerTexts()).includes(`合计 ${total}`), 'tried again, the rule gives the same')
    await close()
    assert.deepEqual(faults, [])
  })

  it('is reached by keys, on tabs that arrows move between', async () => {
    const { page, close } = await deskOpen(world, 'clerk')
    await page.goto(`${world.url}/rules/demo/models/retirement`)
    await page.getByRole('tab', { name: '规则' }).focus()
    await page.keyboard.press('ArrowRight')
    await page.getByRole('heading', { name: '给定的值' }).waitFor()
    assert.equal(await page.getByRole('tab', { name: '试算' }).getAttribute('aria-selected'), 'true')
    await page.getByLabel('原退休年龄类别').fill('male')
    await page.getByLabel('出生日期').fill('1965-08-15')
    await page.keyboard.press('Enter')
    await page.locator('.paper .value').first().waitFor()
    await close()
  })

  for (const look of [{ lang: 'zh-CN', width: 1440 }, { lang: 'en', width: 1440, dark: true }, { lang: 'en', width: 390, height: 800 }, { lang: 'zh-CN', width: 390, height: 800, dark: true }])
    it(`shows no serious fault to axe and nothing beside the page (${look.lang}, ${look.width}${look.dark ? ', dark' : ''})`, async () => {
      const { page, close, faults } = await deskOpen(world, 'approver', look)
      for (const path of ['/rules', '/rules/demo/models/pension', '/rules/demo/models/pension?tab=try', '/rules/demo/models/contribution?tab=cases', '/rules/demo/models/pension?tab=compare', `/rules/${draft}/models/pension?tab=edit`, `/rules/${draft}/compare`]) {
        await page.goto(world.url + path)
        await page.locator('main h1').waitFor()
        await page.waitForLoadState('networkidle')
        assert.equal(await axeFaults(page), '', path)
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
        assert.ok(wide <= 0, `${path} is ${wide} px too wide`)
      }
      assert.deepEqual(faults, [])
      await close()
    })

  it('keeps dmn-js out of the first load', async () => {
    const { page, close } = await deskOpen(world, 'clerk')
    const loaded = []
    page.on('response', (response) => loaded.push(response.url()))
    await page.goto(`${world.url}/`, { waitUntil: 'networkidle' })
    assert.ok(!loaded.some((url) => /\/(load|edit)-[\w-]+\.js/.test(url)), loaded.join('\n'))
    await close()
  })
})
