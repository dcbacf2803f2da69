// SPDX-License-Identifier: Apache-2.0
// Signing in as people do: a second factor that the pack demands is set up before anything else, one-time codes and security keys
// (Chromium's virtual authenticator) are asked for, a release asks again, an administrator resets, sessions are seen and ended.
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { after, before, describe, it } from 'node:test'
import { axeFaults, deskOpen, lacking, PASSWORD, read, worldStart } from './world.mjs'

const packs = fileURLToPath(new URL('../../../packs', import.meta.url))
const POLICY = `role,second_factor,idle_minutes,max_hours,step_up_minutes
clerk,optional,30,12,30
reviewer,optional,30,12,30
approver,required,20,10,15
finance,optional,20,10,15
auditor,optional,20,10,30
admin,optional,15,8,10
`

function codeOf(secret, at = Date.now()) {
  const bits = [...secret.replaceAll(' ', '')].map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('')
  const key = Buffer.from(bits.match(/.{8}/g).map((b) => parseInt(b, 2)))
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(at / 30_000)))
  const mac = createHmac('sha1', key).update(counter).digest()
  return String((mac.readUInt32BE(mac[19] & 15) & 0x7fffffff) % 1_000_000).padStart(6, '0')
}
/** A code is taken once: the next one is waited for, a little into its time. */
async function nextCode(page, secret, last) {
  for (;;) {
    const code = codeOf(secret)
    if (code !== last) return code
    await page.waitForTimeout(500)
  }
}
async function password(page, world, login, text = PASSWORD) {
  await page.goto(`${world.url}/sign-in`)
  await page.locator('#f-login').fill(login)
  await page.locator('#f-password').fill(text)
  await page.keyboard.press('Enter')
}
const signedIn = (page) => page.waitForURL((url) => !url.pathname.includes('sign-in'))
async function signOut(page) {
  await page.getByRole('button', { name: /退出|Sign out/ }).first().click()
  await page.locator('#f-login').waitFor()
}

describe('signing in', { skip: lacking() || (process.env.SHEBAO_URL ? 'the server at hand has its own pack' : false) }, () => {
  let world
  let folder
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'shebao-packs-'))
    for (const name of ['cn', 'demo']) cpSync(join(packs, name), join(folder, name), { recursive: true })
    writeFileSync(join(folder, 'demo', 'sign_in.csv'), POLICY)
    world = await worldStart({ persons: 60, pack: join(folder, 'demo') })
    // Security keys belong to a name, not to a number.
    world.url = world.url.replace('127.0.0.1', 'localhost')
  })
  after(async () => {
    await world?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  it('makes an approver set up one-time codes first, and asks for one from then on', async () => {
    const { page, close, faults } = await deskOpen(world, null, { lang: 'zh-CN' })
    await password(page, world, 'approver')
    await page.getByRole('heading', { name: '设置第二步验证' }).waitFor()
    assert.equal(await axeFaults(page), '')
    await page.goto(`${world.url}/payments`)
    await page.getByRole('heading', { name: '设置第二步验证' }).waitFor()
    assert.equal(await page.evaluate(() => fetch('/api/offices').then((r) => r.status)), 403)
    await page.getByLabel('名称').fill('办公手机')
    await page.getByRole('button', { name: '设置: 验证器应用' }).click()
    await page.locator('svg.qr path').waitFor()
    const secret = await page.locator('.secret').innerText()
    assert.equal(await axeFaults(page), '')
    await page.getByLabel('验证器显示的6位数字').fill('000000')
    await page.keyboard.press('Enter')
    await page.getByText('验证码错误或已使用').waitFor()
    const used = codeOf(secret)
    await page.getByLabel('验证器显示的6位数字').fill(used)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: '恢复码' }).waitFor()
    const codes = await page.locator('.codes li').allInnerTexts()
    assert.equal(codes.length, 10)
    await page.getByRole('button', { name: '已妥善保存，继续' }).click()
    await signedIn(page)
    await page.locator('main h1').waitFor()

    await signOut(page)
    await password(page, world, 'approver')
    await page.getByLabel('动态验证码').fill(used)
    await page.keyboard.press('Enter')
    await page.getByText('验证码错误或已使用').waitFor()
    await page.getByLabel('动态验证码').fill(await nextCode(page, secret, used))
    await page.keyboard.press('Enter')
    await signedIn(page)
    assert.equal((await read(page, '/session')).stage, 'full')

    await signOut(page)
    await password(page, world, 'approver')
    await page.getByRole('button', { name: '使用恢复码' }).click()
    await page.getByLabel('恢复码').fill(codes[0].toLowerCase())
    await page.keyboard.press('Enter')
    await signedIn(page)
    assert.equal((await read(page, '/security')).recovery_left, 9)
    assert.deepEqual(faults, [])
    await close()
  })

  it('takes a security key, and asks for it again before what is signed', async () => {
    const { page, context, close, faults } = await deskOpen(world, null, { lang: 'en' })
    const devtools = await context.newCDPSession(page)
    await devtools.send('WebAuthn.enable')
    const { authenticatorId } = await devtools.send('WebAuthn.addVirtualAuthenticator', {
      options: { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
    })
    await password(page, world, 'finance')
    await signedIn(page)
    await page.goto(`${world.url}/security`)
    await page.getByText('None yet').waitFor()
    assert.equal(await axeFaults(page), '')
    await page.getByLabel('Name').fill('desk key')
    await page.getByRole('button', { name: 'Set up: Security key or passkey' }).click()
    await page.getByRole('heading', { name: 'Recovery codes' }).waitFor()
    await page.getByRole('button', { name: 'I keep them; go on' }).click()
    await page.getByText('desk key').waitFor()

    await signOut(page)
    await password(page, world, 'finance')
    await page.getByRole('heading', { name: 'Second step' }).waitFor()
    await devtools.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false })
    await page.getByRole('button', { name: 'Use a security key' }).click()
    await page.getByText('The browser gave no answer of a key').waitFor()
    await devtools.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: true })
    await page.getByRole('button', { name: 'Use a security key' }).click()
    await signedIn(page)

    // Twenty minutes later new recovery codes ask for the key again; the page stays and the work is done.
    await page.goto(`${world.url}/security`)
    await page.getByText('desk key').waitFor()
    let asked = 0
    await page.route('**/api/security/recovery', async (route) => {
      asked += 1
      if (asked > 1) return route.continue()
      return route.fulfill({ status: 403, contentType: 'application/problem+json', body: JSON.stringify({ code: 'SB-0863', detail: 'again', title: 'again', status: 403 }) })
    })
    await page.getByRole('button', { name: 'New recovery codes' }).click()
    await page.getByRole('dialog', { name: 'Once more, please' }).waitFor()
    await page.getByRole('dialog').getByRole('button', { name: 'Use a security key' }).click()
    await page.getByRole('heading', { name: 'Recovery codes' }).waitFor()
    assert.equal(asked, 2)
    assert.deepEqual(faults, [])
    await close()
  })

  it('lets an administrator reset a password with the reason; its owner chooses a new one and sees who did it', async () => {
    const admin = await deskOpen(world, 'admin')
    const clerk = await deskOpen(world, 'clerk')
    const id = (await read(clerk.page, '/session')).staff.id
    await admin.page.goto(`${world.url}/staff/${id}/security`)
    await admin.page.getByRole('heading', { name: '登录会话' }).waitFor()
    assert.equal(await axeFaults(admin.page), '')
    await admin.page.getByLabel('原因').fill('忘记密码，本人到场申请')
    await admin.page.getByRole('button', { name: '重置密码', exact: true }).click()
    const once = await admin.page.locator('.once b').innerText()
    await clerk.page.goto(`${world.url}/security`)
    await clerk.page.locator('#f-login').waitFor()
    await password(clerk.page, world, 'clerk', once)
    await clerk.page.getByRole('heading', { name: '设置新密码' }).waitFor()
    await clerk.page.getByLabel('一次性密码').fill(once)
    await clerk.page.getByLabel('新密码', { exact: true }).fill('demonstration')
    await clerk.page.getByLabel('再输一次新密码').fill('demonstration')
    await clerk.page.getByRole('button', { name: '修改密码' }).click()
    await clerk.page.getByText('过于常见').waitFor()
    await clerk.page.getByLabel('新密码', { exact: true }).fill('三只灰鹭站在水边看夕阳落下')
    await clerk.page.getByLabel('再输一次新密码').fill('三只灰鹭站在水边看夕阳落下')
    await clerk.page.getByRole('button', { name: '修改密码' }).click()
    await signedIn(clerk.page)
    await clerk.page.goto(`${world.url}/security`)
    await clerk.page.getByText('重置了您的登录凭据').waitFor()
    assert.deepEqual(clerk.faults, [])
    assert.deepEqual(admin.faults, [])
    await clerk.close()
    await admin.close()
  })

  it('shows the own sessions and ends another', async () => {
    const here = await deskOpen(world, 'reviewer', { lang: 'en' })
    const there = await deskOpen(world, 'reviewer', { lang: 'en' })
    await here.page.goto(`${world.url}/security`)
    await here.page.getByText('this one').waitFor()
    await here.page.getByRole('button', { name: /^End the session of/ }).click()
    await here.page.getByText('Ended.').waitFor()
    assert.equal(await there.page.evaluate(() => fetch('/api/session').then((r) => r.status)), 401)
    assert.equal(await here.page.evaluate(() => fetch('/api/session').then((r) => r.status)), 200)
    assert.deepEqual(here.faults, [])
    await here.close()
    await there.close()
  })
})
