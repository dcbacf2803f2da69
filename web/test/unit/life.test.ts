// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from 'vitest'
import type { Timeline } from '@/api/model'
import { lastMonth, lifeLayout, tickYears } from '@/life/layout'

const life: Timeline = {
  birth: '1967-03-14', today: '2026-11-24', retirement: { month: '2027-08', delay_months: 5 },
  bars: [
    { lane: 'contribution', from: '1998-01', to: '2010-07', label: 'EP', base: '1000.00', kind: 'paid' },
    { lane: 'employment', from: '1998-01', to: '2010-07', label: 'A' },
    { lane: 'contribution', from: '2011-02', to: null, label: 'EP', base: '4000.00', kind: 'paid' },
    { lane: 'award', from: '2026-12', to: null, label: 'P' },
  ],
  gaps: [{ from: '2010-07', to: '2011-02', months: 7 }],
}

describe('the life line', () => {
  for (const width of [280, 390, 1100]) {
    it(`keeps everything inside ${width} pixels, in order of time`, () => {
      const l = lifeLayout(life, width)
      expect(l.x('1967-03')).toBeLessThan(l.x('1998-01'))
      expect(l.x('1998-01')).toBeLessThan(l.today)
      expect(l.today).toBeLessThan(l.retirement!)
      for (const box of l.boxes) {
        expect(box.x).toBeGreaterThanOrEqual(l.left)
        expect(box.x + box.w).toBeLessThanOrEqual(width)
        expect(box.w).toBeGreaterThanOrEqual(2)
        expect(box.y + box.h).toBeLessThan(l.axis)
      }
      for (const tick of l.ticks) expect(tick.x).toBeLessThanOrEqual(width)
    })
  }
  it('draws a gap exactly between its neighbours', () => {
    const l = lifeLayout(life, 1000)
    const [first, second] = l.boxes.filter((b) => b.lane === 'contribution')
    expect(l.gaps[0]!.x).toBeCloseTo(first!.x + first!.w, 5)
    expect(l.gaps[0]!.x + l.gaps[0]!.w).toBeCloseTo(second!.x, 5)
  })
  it('lets contributions rise with the square root of their base', () => {
    const [low, high] = lifeLayout(life, 1000).boxes.filter((b) => b.lane === 'contribution')
    expect(low!.h / high!.h).toBeCloseTo(0.5, 1)
    expect(low!.y + low!.h).toBe(high!.y + high!.h)
  })
  it('lets what is open reach today, and puts awards among the benefits', () => {
    const l = lifeLayout(life, 1000)
    const open = l.boxes.find((b) => b.bar.base === '4000.00')!
    expect(open.x + open.w).toBeCloseTo(l.today, 5)
    expect(l.boxes.map((b) => b.lane)).toEqual(['employment', 'contribution', 'contribution', 'benefit'])
  })
  it('marks fewer years where there is less room, and ages beside them', () => {
    expect(tickYears(1967, 2029, 1000)).toContain(1970)
    expect(tickYears(1967, 2029, 250).length).toBeLessThan(tickYears(1967, 2029, 1000).length)
    expect(lifeLayout(life, 1000).ticks.find((x) => x.year === 2000)!.age).toBe(32)
  })
  it('survives a life without facts or law', () => {
    const l = lifeLayout({ birth: '2026-11-01', today: '2026-11-24', retirement: null, bars: [], gaps: [] }, 300)
    expect(l.retirement).toBeNull()
    expect(Number.isFinite(l.today)).toBe(true)
    expect(lastMonth('2010-01')).toBe('2009-12')
  })
})
