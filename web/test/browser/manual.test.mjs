// SPDX-License-Identifier: Apache-2.0
// The manual in the browser: a process is found by its number and by its words, a chapter is read and its links lead within it, and F1
// opens the step at hand beside the page, which keeps what was typed and gets the focus back.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { axeFaults, deskOpen, lacking, read, worldStart } from './world.mjs'

describe('the manual', { skip: lacking() }, () => {
  let world
  before(async () => { world = await worldStart({ persons: 300 }) })
  after(async () => { await world?.stop() })
  const side = (page, name = '业务手册') => page.getByRole('complementary', { name, exact: true })
  /** The row that is marked as the place, once it is in sight. */
  const marked = async (page) => {
    await page.waitForFunction(() => {
      const row = document.querySelector('tr.at-place')?.getBoundingClientRect()
      return row && row.top >= 0 && row.bottom <= innerHeight
    })
    return page.locator('tr.at-place')
  }

  it('lists the 52 processes and finds one by number, by words and by an article of law', async () => {
    const { page, close, faults } = await deskOpen(world, 'clerk')
    await page.keyboard.press('g')
    await page.keyboard.press('y')
    await page.waitForURL(/\/manual$/)
    await page.getByRole('link', { name: 'P52', exact: false }).waitFor()
    assert.equal(await page.locator('main .lines a').count(), 52)
    const first = page.locator('.hits li').first()
    for (const [typed, found] of [['p17', 'P17 职工正常退休待遇核定'], ['退休待遇', 'P17 职工正常退休待遇核定'], ['工伤 登记', 'P36 工伤事故备案、认定申请与工伤登记']]) {
      await page.getByLabel('检索手册').fill(typed)
      await first.getByRole('link', { name: found }).waitFor()
    }
    await page.getByLabel('检索手册').fill('社会保险法 16')
    const article = page.locator('.hits li', { hasText: '职工正常退休待遇核定' }).first()
    await article.getByText('法条').waitFor()
    await article.getByRole('link').click()
    await page.getByRole('heading', { name: 'P17 职工正常退休待遇核定' }).waitFor()
    assert.match(await (await marked(page)).innerText(), /^社会保险法 16/)
    await page.getByLabel('检索手册').fill('龘龘')
    await page.locator('#main').getByText('没有找到').waitFor()
    assert.deepEqual(faults, [])
    await close()
  })

  it('shows a chapter whole, in English too, with links that lead to their step', async () => {
    const { page, close, faults } = await deskOpen(world, 'reviewer', { lang: 'en' })
    await page.goto(`${world.url}/manual/P17`)
    await page.getByRole('heading', { name: 'P17 Normal retirement award' }).waitFor()
    assert.equal(await page.locator('table.elements').first().locator('tbody tr').count(), 16)
    assert.equal(await page.locator('.drawn svg').count(), 1)
    for (const part of ['Papers', 'Steps', 'The rules in words', 'Letters', 'The law, by article', 'Change history'])
      await page.getByRole('heading', { name: part, exact: true }).waitFor()
    await page.locator('table.elements').getByRole('link', { name: 'Second review', exact: true }).click()
    assert.match(await (await marked(page)).innerText(), /Second review/)
    assert.match(page.url(), /#P17-step-review2$/)
    await page.locator('.drawn svg a').first().click()
    await page.waitForFunction(() => !location.hash.endsWith('review2'))
    await page.getByRole('navigation', { name: 'In this chapter' }).getByRole('link', { name: 'Change history' }).click()
    await page.waitForFunction(() => location.hash === '#P17-changes')
    assert.deepEqual(faults, [])
    await close()
  })

  it('opens at the step of the case by F1, leaves what was typed and gives the focus back', async () => {
    const { page, close, faults } = await deskOpen(world, 'clerk')
    const task = (await read(page, '/tasks?state=open&mine=1')).items[0]
    await page.goto(`${world.url}/cases/${task.case}`)
    const box = page.locator(`[data-manual-step="${task.node}"] textarea`).first()
    await box.fill('材料齐全')
    await page.keyboard.press('F1')
    const beside = side(page)
    await beside.getByRole('heading', { name: new RegExp(`^${task.process} `) }).waitFor()
    const row = await marked(page)
    assert.equal(await row.locator(`[id="${task.process}-step-${task.node}"]`).count(), 1)
    assert.equal(await page.evaluate(() => document.activeElement.closest('aside') !== null), true)
    assert.equal(await axeFaults(page), '')
    await page.keyboard.press('Escape')
    await beside.waitFor({ state: 'detached' })
    await page.waitForFunction(() => document.activeElement.tagName === 'TEXTAREA')
    assert.equal(await page.evaluate(() => document.activeElement.value), '材料齐全')
    assert.match(page.url(), new RegExp(`/cases/${task.case}$`))
    // The same key closes it, and the button does.
    await page.keyboard.press('F1')
    await beside.waitFor()
    await page.keyboard.press('F1')
    await beside.waitFor({ state: 'detached' })
    assert.deepEqual(faults, [])
    await close()
  })

  it('opens at the row chosen on the desk, for the subject of a page, and else its contents', async () => {
    const { page, close, faults } = await deskOpen(world, 'clerk', { lang: 'en' })
    await page.locator('tr [data-manual-step]').first().waitFor()
    await page.keyboard.press('j')
    await page.keyboard.press('j')
    const chosen = await page.locator('tr.at [data-manual-step]').evaluate((e) => `${e.dataset.manual}-step-${e.dataset.manualStep}`)
    await page.keyboard.press('F1')
    await side(page, 'Manual').waitFor()
    assert.equal(await (await marked(page)).locator(`[id="${chosen}"]`).count(), 1)
    await side(page, 'Manual').getByRole('button', { name: /Close the manual/ }).click()
    await page.goto(`${world.url}/persons/new`)
    await page.locator('main h1').waitFor()
    await page.keyboard.press('F1')
    await side(page, 'Manual').getByRole('heading', { name: /^P02 / }).waitFor()
    await page.goto(`${world.url}/packs`)
    await page.locator('main h1').waitFor()
    await page.keyboard.press('F1')
    await page.waitForURL(/\/manual$/)
    assert.deepEqual(faults, [])
    await close()
  })

  it('is read on a telephone', async () => {
    const { page, close, faults } = await deskOpen(world, 'clerk', { lang: 'en', width: 390, height: 844 })
    await page.goto(`${world.url}/manual/P17`)
    await page.getByRole('heading', { name: 'P17 Normal retirement award' }).waitFor()
    const cell = page.locator('table.elements td').nth(1)
    assert.ok((await cell.boundingBox()).width > 280, 'an element takes the width that there is')
    assert.ok((await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)) <= 0)
    await page.keyboard.press('F1')
    await page.waitForTimeout(300)
    assert.deepEqual(faults, [])
    await close()
  })
})
