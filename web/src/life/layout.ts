// SPDX-License-Identifier: Apache-2.0
// The life line as geometry: where each lane, bar, gap and mark stands. Pure, so that it can be tested.
import { fen, monthNumber, monthText } from '@/base/format'
import type { Bar, Timeline } from '@/api/model'

export const LANES = ['employment', 'contribution', 'benefit'] as const
export type Lane = (typeof LANES)[number]
export interface Box {
  bar: Bar
  lane: Lane
  x: number
  y: number
  w: number
  h: number
  open: boolean
}
export interface Gap {
  x: number
  w: number
  y: number
  h: number
  months: number
  from: string
  to: string
}
export interface Tick {
  x: number
  year: number
  age: number
}
export interface LifeLayout {
  width: number
  height: number
  left: number
  x: (month: string) => number
  ticks: Tick[]
  lanes: { lane: Lane; y: number; h: number }[]
  boxes: Box[]
  gaps: Gap[]
  today: number
  retirement: number | null
  axis: number
}

const LANE_HEIGHT: Record<Lane, number> = { employment: 22, contribution: 46, benefit: 22 }
const LANE_GAP = 12
const TOP = 42

function laneOf(lane: string): Lane {
  if (lane === 'contribution' || lane === 'employment') return lane
  return 'benefit'
}

/** The years that get a mark: as dense as labels of about 46 pixels allow. */
export function tickYears(first: number, last: number, width: number): number[] {
  const fits = Math.max(2, Math.floor(width / 46))
  const step = [1, 2, 5, 10, 20, 50].find((n) => (last - first) / n <= fits) ?? 100
  const years: number[] = []
  for (let year = Math.ceil(first / step) * step; year <= last; year += step) years.push(year)
  return years
}

export function lifeLayout(life: Timeline, width: number): LifeLayout {
  const left = 4
  const right = 14
  const birth = monthNumber(life.birth)
  const today = monthNumber(life.today)
  const retirement = life.retirement ? monthNumber(life.retirement.month) : NaN
  let end = Math.max(today, Number.isNaN(retirement) ? today : retirement) + 24
  for (const bar of life.bars) if (bar.to) end = Math.max(end, Math.min(monthNumber(bar.to), today + 600))
  const room = Math.max(60, width - left - right)
  const place = (month: number) => left + (Math.max(birth, Math.min(end, month)) - birth) / (end - birth) * room

  const lanes: LifeLayout['lanes'] = []
  let y = TOP
  for (const lane of LANES) {
    lanes.push({ lane, y, h: LANE_HEIGHT[lane] })
    y += LANE_HEIGHT[lane] + LANE_GAP
  }
  const laneAt = (lane: Lane) => lanes.find((one) => one.lane === lane)!

  let most = 0
  for (const bar of life.bars) most = Math.max(most, Number(fen(bar.base) ?? 0n))
  const boxes: Box[] = life.bars.map((bar) => {
    const lane = laneOf(bar.lane)
    const { y: top, h: full } = laneAt(lane)
    const start = place(monthNumber(bar.from))
    const open = !bar.to || monthNumber(bar.to) >= end
    const stop = place(bar.to ? monthNumber(bar.to) : Math.max(today, monthNumber(bar.from) + 1))
    // Contributions rise with their base (square root, so that early years stay visible).
    const base = Number(fen(bar.base) ?? 0n)
    const rises = most > 0 ? Math.max(12, Math.round(full * Math.sqrt(base / most))) : full
    const h = lane !== 'contribution' ? full : bar.kind === 'deemed' ? 16 : rises
    return { bar, lane, x: start, y: top + full - h, w: Math.max(2, stop - start), h, open }
  })
  boxes.sort((a, b) => LANES.indexOf(a.lane) - LANES.indexOf(b.lane) || a.x - b.x)

  const contribution = laneAt('contribution')
  const gaps = life.gaps.map((gap) => {
    const start = place(monthNumber(gap.from))
    return { x: start, w: Math.max(2, place(monthNumber(gap.to)) - start), y: contribution.y + contribution.h - 20, h: 20, months: gap.months, from: gap.from, to: gap.to }
  })

  const firstYear = Math.floor(birth / 12)
  const ticks = tickYears(firstYear, Math.floor(end / 12), room)
    .filter((year) => year * 12 >= birth)
    .map((year) => ({ x: place(year * 12), year, age: Math.floor((year * 12 - birth) / 12) }))
  return {
    width, height: y + 34, left, ticks, lanes, boxes, gaps, axis: y + 2,
    x: (month) => place(monthNumber(month)), today: place(today), retirement: Number.isNaN(retirement) ? null : place(retirement),
  }
}

/** The last month that a half-open end includes: "2010-02" → "2010-01". */
export function lastMonth(end: string): string {
  return monthText(monthNumber(end) - 1)
}
