// SPDX-License-Identifier: Apache-2.0
export interface Factor {
  id: number
  kind: 'totp' | 'key'
  label: string
  created_at: string
  used_at: string | null
}
export interface OpenSession {
  id: number
  stage: string
  address: string
  agent: string
  created_at: string
  seen_at: string
  failed_before: number
}
export interface Account {
  login: string
  display: string
  factors: Factor[]
  sessions: OpenSession[]
  password_at: string | null
  must_change: boolean
  reset_at: string | null
  reset_by: string
  failures: number
  recovery_left: number
  linked: boolean
  session?: number
  required?: boolean
}

/** What people call a browser: its name and the system, out of all that it says of itself. */
export function agentName(agent: string): string {
  const browser = /(Edg|OPR|Firefox|Chrome|Safari|curl|python)[A-Za-z-]*\/([\d]+)/i.exec(agent.includes('Edg/') ? agent.slice(agent.indexOf('Edg/')) : agent)
  const system = /(Windows NT [\d.]+|Mac OS X|Android [\d.]+|iPhone|iPad|Linux|HarmonyOS)/.exec(agent)
  return [browser ? `${browser[1] === 'Edg' ? 'Edge' : browser[1]} ${browser[2]}` : '', system?.[1] ?? ''].filter(Boolean).join(' · ')
}
