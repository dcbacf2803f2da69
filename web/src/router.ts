// SPDX-License-Identifier: Apache-2.0
import { nextTick } from 'vue'
import { createRouter, createWebHistory } from 'vue-router'
import { session, sessionLoad } from './api/client'
import { t, type Key } from './i18n'
import Desk from './pages/Desk.vue'

declare module 'vue-router' {
  interface RouteMeta {
    title: Key
    open?: boolean
  }
}

export const router = createRouter({
  history: createWebHistory(),
  scrollBehavior: (to, from, saved) => saved ?? (to.hash || to.path === from.path ? false : { top: 0 }),
  routes: [
    { path: '/', name: 'desk', component: Desk, meta: { title: 'nav.desk' } },
    { path: '/sign-in', name: 'sign-in', component: () => import('./pages/SignIn.vue'), meta: { title: 'signin.title', open: true } },
    { path: '/search', name: 'search', component: () => import('./pages/Search.vue'), meta: { title: 'search.title' } },
    { path: '/persons/new', name: 'person-new', component: () => import('./pages/PersonNew.vue'), meta: { title: 'nav.personNew' } },
    { path: '/persons/duplicates', name: 'merges', component: () => import('./pages/Merges.vue'), meta: { title: 'merge.title' } },
    { path: '/persons/:person', name: 'person', component: () => import('./pages/Person.vue'), meta: { title: 'person.title' } },
    { path: '/persons/:person/pension', name: 'pension', component: () => import('./pages/Pension.vue'), meta: { title: 'pension.title' } },
    { path: '/persons/:person/merge/:other', name: 'merge', component: () => import('./pages/MergePair.vue'), meta: { title: 'merge.pair' } },
    { path: '/employers/new', name: 'employer-new', component: () => import('./pages/EmployerNew.vue'), meta: { title: 'nav.employerNew' } },
    { path: '/employers/:employer', name: 'employer', component: () => import('./pages/Employer.vue'), meta: { title: 'employer.title' } },
    { path: '/employers/:employer/arrears', name: 'arrears-of', component: () => import('./pages/ArrearsOf.vue'), meta: { title: 'arrears.ofEmployer' } },
    { path: '/arrears', name: 'arrears', component: () => import('./pages/Arrears.vue'), meta: { title: 'arrears.title' } },
    { path: '/declarations', name: 'declarations', component: () => import('./pages/Declarations.vue'), meta: { title: 'nav.declarations' } },
    { path: '/rosters', name: 'rosters', component: () => import('./pages/Rosters.vue'), meta: { title: 'roster.title' } },
    { path: '/rosters/new', name: 'roster-new', component: () => import('./pages/RosterNew.vue'), meta: { title: 'roster.newTitle' } },
    { path: '/rosters/:roster', name: 'roster', component: () => import('./pages/Roster.vue'), meta: { title: 'roster.title' } },
    { path: '/declare', name: 'declare', component: () => import('./pages/Declare.vue'), meta: { title: 'declare.title' } },
    { path: '/declarations/:declaration', name: 'declaration', component: () => import('./pages/Declaration.vue'), meta: { title: 'declaration.title' } },
    { path: '/cases/new', name: 'case-new', component: () => import('./pages/CaseNew.vue'), meta: { title: 'cases.new.title' } },
    { path: '/cases/:case', name: 'case', component: () => import('./pages/CasePage.vue'), meta: { title: 'case.title' } },
    { path: '/awards/:award', name: 'award', component: () => import('./pages/Award.vue'), meta: { title: 'award.title' } },
    { path: '/processes', name: 'processes', component: () => import('./pages/Processes.vue'), meta: { title: 'maps.process.title' } },
    { path: '/processes/:process/map', name: 'process-map', component: () => import('./pages/ProcessMap.vue'), meta: { title: 'maps.process.title' } },
    { path: '/bulk', name: 'bulk', component: () => import('./pages/Bulk.vue'), meta: { title: 'window.bulk.title' } },
    { path: '/bulk/:plan', name: 'bulk-plan', component: () => import('./pages/BulkPlan.vue'), meta: { title: 'window.bulk.planTitle' } },
    { path: '/joint/:joint?', name: 'joint', component: () => import('./pages/Joint.vue'), meta: { title: 'window.joint.title' } },
    { path: '/elsewhere', name: 'elsewhere', component: () => import('./pages/Elsewhere.vue'), meta: { title: 'window.elsewhere.title' } },
    { path: '/hall', name: 'hall', component: () => import('./pages/Hall.vue'), meta: { title: 'window.hall.title' } },
    { path: '/hall/forecast', name: 'hall-forecast', component: () => import('./pages/HallForecast.vue'), meta: { title: 'maps.forecast.title' } },
    { path: '/hall/board', name: 'hall-board', component: () => import('./pages/HallBoard.vue'), meta: { title: 'window.board.title', open: true } },
    { path: '/status', name: 'status', component: () => import('./pages/Status.vue'), meta: { title: 'window.status.title', open: true } },
    { path: '/payments', name: 'payments', component: () => import('./pages/Payments.vue'), meta: { title: 'nav.payments' } },
    { path: '/payments/:run', name: 'payment', component: () => import('./pages/Payment.vue'), meta: { title: 'payment.title' } },
    { path: '/claims', name: 'claims', component: () => import('./pages/Claims.vue'), meta: { title: 'claims.title' } },
    { path: '/claims/:claim', name: 'claim', component: () => import('./pages/Claim.vue'), meta: { title: 'claims.one' } },
    { path: '/verify', name: 'verify', component: () => import('./pages/Verify.vue'), meta: { title: 'letters.verify.title', open: true } },
    { path: '/seals', name: 'seals', component: () => import('./pages/Seals.vue'), meta: { title: 'letters.seals.title' } },
    { path: '/privacy/alarms', name: 'alarms', component: () => import('./pages/Alarms.vue'), meta: { title: 'privacy.alarms.title' } },
    { path: '/offices/:office?', name: 'offices', component: () => import('./pages/Offices.vue'), meta: { title: 'people.offices.title' } },
    { path: '/staff', name: 'staff', component: () => import('./pages/Staff.vue'), meta: { title: 'people.staff.title' } },
    { path: '/staff/:staff/security', name: 'staff-security', component: () => import('./pages/StaffSecurity.vue'), meta: { title: 'security.open' } },
    { path: '/emergency/:access?', name: 'emergency', component: () => import('./pages/Emergencies.vue'), meta: { title: 'emergency.title' } },
    { path: '/security', name: 'security', component: () => import('./pages/Security.vue'), meta: { title: 'security.title' } },
    { path: '/leave', name: 'leave', component: () => import('./pages/Leave.vue'), meta: { title: 'people.leave.title' } },
    { path: '/ledger', name: 'ledger', component: () => import('./pages/Ledger.vue'), meta: { title: 'nav.ledger' } },
    { path: '/ledger/accounts/:account', name: 'account', component: () => import('./pages/Account.vue'), meta: { title: 'account.title' } },
    { path: '/ledger/interest', name: 'interest', component: () => import('./pages/Interest.vue'), meta: { title: 'interest.title' } },
    { path: '/exchange/matches', name: 'matches', component: () => import('./pages/Matches.vue'), meta: { title: 'match.title' } },
    { path: '/exchange/matches/:match', name: 'match', component: () => import('./pages/MatchPage.vue'), meta: { title: 'match.one' } },
    { path: '/imports', name: 'imports', component: () => import('./pages/Imports.vue'), meta: { title: 'nav.imports' } },
    { path: '/runs', name: 'runs', component: () => import('./pages/Runs.vue'), meta: { title: 'nav.runs' } },
    { path: '/runs/:run', name: 'run', component: () => import('./pages/Run.vue'), meta: { title: 'run.title' } },
    { path: '/upkeep', name: 'upkeep', component: () => import('./pages/Upkeep.vue'), meta: { title: 'upkeep.title' } },
    { path: '/packs', name: 'packs', component: () => import('./pages/Packs.vue'), meta: { title: 'nav.packs' } },
    { path: '/packs/:pack', name: 'pack', component: () => import('./pages/Pack.vue'), meta: { title: 'pack.title' } },
    { path: '/rules/:source?', name: 'rules', component: () => import('./pages/Rules.vue'), meta: { title: 'nav.rules' } },
    { path: '/rules/:source/compare', name: 'rule-compare', component: () => import('./pages/RuleCompare.vue'), meta: { title: 'rules.compareTitle' } },
    { path: '/rules/:source/models/:model', name: 'rule', component: () => import('./pages/RuleModel.vue'), meta: { title: 'rules.models' } },
    { path: '/manual/:process?', name: 'manual', component: () => import('./pages/Manual.vue'), meta: { title: 'manual.title' } },
    { path: '/:rest(.*)*', name: 'missing', component: () => import('./pages/Missing.vue'), meta: { title: 'missing.title' } },
  ],
})

router.beforeEach(async (to) => {
  if (!session.known) {
    try {
      await sessionLoad()
    } catch {
      // The sign-in page says that the server does not answer.
    }
  }
  const full = session.value?.stage === 'full'
  if (!full && !to.meta.open) return { name: 'sign-in', query: to.fullPath === '/' ? {} : { to: to.fullPath } }
  if (full && to.name === 'sign-in') return { name: 'desk' }
  return true
})

router.afterEach((to, from) => {
  document.title = `${t(to.meta.title)} · shebao`
  // Readers of the screen hear the new page: its heading takes the focus.
  if (from.matched.length > 0 && to.path !== from.path)
    void nextTick(() => {
      const active = document.activeElement
      if (!active || active === document.body || !document.contains(active)) document.querySelector<HTMLElement>('main')?.focus({ preventScroll: true })
    })
})
