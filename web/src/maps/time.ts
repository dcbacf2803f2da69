// SPDX-License-Identifier: Apache-2.0
import { t } from '@/i18n'

/** Minutes as people say them: "12 min", "3 h 5 min", "2 d 4 h". */
export function minutesText(minutes: number | null | undefined): string {
  if (minutes === null || minutes === undefined) return ''
  const whole = Math.round(minutes)
  if (whole < 60) return t('maps.time.minutes', { m: whole })
  if (whole < 1440) return t('maps.time.hours', { h: Math.floor(whole / 60), m: whole % 60 })
  return t('maps.time.days', { d: Math.floor(whole / 1440), h: Math.floor((whole % 1440) / 60) })
}
