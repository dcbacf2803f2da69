/* SPDX-License-Identifier: Apache-2.0
 *
 * Pensions: applied for, stopped, resumed, paid to another account; and the monthly runs.
 */
#include "office/sim/internal.h"

#include <string.h>

static struct m_award *award_pick(struct world *w)
{
        return w->m->award_count == 0 ? NULL : &w->m->awards[pick(w, w->m->award_count)];
}

static bool has_award(const struct model *m, int64_t person)
{
        for (int i = 0; i < m->award_count; i++)
                if (m->awards[i].person == person)
                        return true;
        return false;
}

/* Of who is old enough. */
void pay_apply(struct world *w)
{
        static const enum error_code no[] = {SB_PENSION_HISTORY, SB_PENSION_NOT_DUE, SB_PENSION_EXISTS, SB_PENSION_DEAD, SB_OK};
        day_t today = clock_today(w->house.clock);
        int clerk = somebody(w, ROLE_CLERK, w->t->counter);
        json_t *answer = NULL;
        char month[16];

        for (int k = 0, from = pick(w, w->m->person_count); k < w->m->person_count; k++) {
                struct m_person *p = &w->m->persons[(from + k) % w->m->person_count];
                int age = strcmp(p->category, "male") == 0 ? 61 : strcmp(p->category, "f55") == 0 ? 56 : 51;
                if (p->busy || p->death < DAY_END || has_award(w->m, p->id) || months_between(p->birth, today) < age * 12)
                        continue;
                json_t *in = json_pack("{s:I,s:s}", "person", (json_int_t)p->id, "month", month_text(month_of(today), month));
                if (clerk >= 0 && allowed(w, ask(w, clerk, "pension.apply", in, &answer), "pension.apply", no)) {
                        case_opened(w, answer, "P17", p->id);
                        p->busy = number_of(answer, "case");
                }
                json_decref(answer);
                return;
        }
}

static struct m_stop *stop_pick(struct world *w, struct m_award *a)
{
        for (int k = 0, from = a->stop_count == 0 ? 0 : pick(w, a->stop_count); k < a->stop_count; k++)
                if (!a->stops[(from + k) % a->stop_count].lifted)
                        return &a->stops[(from + k) % a->stop_count];
        return NULL;
}

static void lift(struct world *w, struct m_award *a, struct m_stop *s, int clerk)
{
        static const enum error_code no[] = {SB_PENSION_MONTHS, SB_PENSION_STOP, SB_OK};
        month_t now = month_of(clock_today(w->house.clock)), until = chance(w, 50) ? now + pick(w, 2) : MONTH_END;
        char text[16];
        json_t *in = json_pack("{s:I,s:I}", "award", (json_int_t)a->ids[a->chain - 1], "stop", (json_int_t)s->id);

        if (until != MONTH_END)
                json_object_set_new(in, "month_to", json_string(month_text(until, text)));
        if (!allowed(w, ask(w, clerk, "pension.lift", in, NULL), "pension.lift", no))
                return;
        s->lifted = true;
        if (until != MONTH_END)
                m_stop_add(w, a, s->reason, s->from, until < s->to ? until : s->to);
        m_stops_name(w, a);
}

void pay_stop(struct world *w)
{
        static const char *const reasons[] = {"verification", "request", "prison"};
        struct m_award *a = award_pick(w);
        int clerk = somebody(w, ROLE_CLERK | ROLE_REVIEWER, 0);
        month_t now = month_of(clock_today(w->house.clock)), from = now - 1 + pick(w, 3), to = MONTH_END;
        json_t *answer = NULL;
        char text[16], end[16];

        if (a == NULL || clerk < 0)
                return;
        settle(w);
        struct m_stop *s = stop_pick(w, a);
        if (s != NULL && chance(w, 65)) {
                lift(w, a, s, clerk);
                return;
        }
        if (a->stop_count > STOPS - 6)
                return;
        const char *reason = reasons[pick(w, 3)];
        json_t *in = json_pack("{s:I,s:s,s:s}", "award", (json_int_t)a->ids[a->chain - 1], "reason", reason, "month_from",
                               month_text(from, text));
        if (chance(w, 40)) {
                to = from + 1 + pick(w, 3);
                json_object_set_new(in, "month_to", json_string(month_text(to, end)));
        }
        bool twice = false;
        for (int i = 0; i < a->stop_count; i++)
                twice = twice || (!a->stops[i].lifted && strcmp(a->stops[i].reason, reason) == 0 && a->stops[i].from < to &&
                                  a->stops[i].to > from);
        enum error_code code = ask(w, clerk, "pension.stop", in, &answer);
        if (twice && code == SB_OK)
                sim_fail(w, "award %lld is stopped twice for one reason", (long long)a->ids[a->chain - 1]);
        if (twice ? allowed(w, code, "pension.stop", (enum error_code[]){SB_PENSION_STOPPED, SB_OK})
                  : allowed(w, code, "pension.stop", NULL)) {
                m_stop_add(w, a, reason, from, to);
                m_stops_name(w, a);
        }
        json_decref(answer);
}

/* Suspended, resumed, ended by an application (P23). */
void pay_state(struct world *w)
{
        static const enum error_code no[] = {SB_CASE_FORM, SB_OK};
        static const char *const actions[] = {"suspend", "resume", "terminate"}, *const causes[] = {"unverified", "prison",
                                                                                                    "other"};
        struct m_award *a = award_pick(w);
        struct m_person *p = a == NULL ? NULL : m_person(w->m, a->person);
        int clerk = somebody(w, ROLE_CLERK, w->t->counter);
        day_t today = clock_today(w->house.clock);
        month_t month = month_of(today) + pick(w, 2);
        const char *action = actions[chance(w, 10) ? 2 : pick(w, 2)], *cause = causes[pick(w, 3)];
        json_t *answer = NULL;
        char day[16], text[16];

        if (p == NULL || p->busy || clerk < 0 || a->stop_count > STOPS - 6)
                return;
        json_t *form = json_pack("{s:I,s:s,s:s,s:s,s:s}", "person", (json_int_t)p->id, "action", action, "cause", cause,
                                 "event_day", day_text(today - 3, day), "month", month_text(month, text));
        json_t *in = json_pack("{s:s,s:o,s:o,s:{s:s}}", "process", "P23", "form", form, "papers", papers_of(w, "P23"),
                               "applicant", "kind", "office");
        if (allowed(w, ask(w, clerk, "cases.open", in, &answer), "cases.open P23", no)) {
                case_opened(w, answer, "P23", p->id);
                if (!w->failed) {
                        struct m_case *c = &w->m->cases[w->m->case_count - 1];
                        text_copy(c->action, sizeof c->action, str_from(action));
                        text_copy(c->cause, sizeof c->cause, str_from(cause));
                        c->month = month;
                        p->busy = number_of(answer, "case");
                }
        }
        json_decref(answer);
}

/* One enters the account, another lets the pension be paid to it. */
void pay_payee(struct world *w)
{
        static const enum error_code no[] = {SB_PENSION_OWN_ACCOUNT, SB_PENSION_PAYEE, SB_OK};
        struct m_award *a = award_pick(w);
        int reviewer = somebody(w, ROLE_REVIEWER | ROLE_APPROVER, 0);
        json_t *answer = NULL;

        if (a == NULL || reviewer < 0 || a->chain == CHAIN)
                return;
        json_t *in = json_pack("{s:I}", "award", (json_int_t)a->ids[a->chain - 1]);
        if (allowed(w, ask(w, reviewer, "pension.payee", in, &answer), "pension.payee", no)) {
                if (a->payee)
                        a->ids[a->chain++] = number_of(answer, "award");
                a->payee = true;
                m_stops_name(w, a);
        }
        json_decref(answer);
}

/* --- runs ----------------------------------------------------------------------------------------------------------------- */

static void run_create_now(struct world *w, month_t month)
{
        static const enum error_code no[] = {SB_PAYMENT_RUN_OPEN, SB_PAYMENT_MONTH, SB_OK};
        int maker = somebody(w, chance(w, 50) ? ROLE_FINANCE : ROLE_CLERK, w->t->centre);
        json_t *answer = NULL;
        char text[16];

        if (maker < 0 || w->m->run_count == RUNS)
                return;
        json_t *in = json_pack("{s:I,s:s}", "pool", (json_int_t)w->t->pools[ep(w)].id, "month", month_text(month, text));
        if (allowed(w, ask(w, maker, "payment.run_create", in, &answer), "payment.run_create", no)) {
                struct m_run *r = &w->m->runs[w->m->run_count++];
                *r = (struct m_run){.id = number_of(answer, "id"), .month = month};
                text_copy(r->state, sizeof r->state, STR("freezing"));
                m_run_freeze(w, r);
        }
        json_decref(answer);
}

void pay_run(struct world *w)
{
        static const enum error_code no[] = {SB_PAYMENT_STATE,  SB_PAYMENT_EMPTY,  SB_PAYMENT_REVIEW, SB_PAYMENT_FOUR_EYES,
                                             SB_CASE_FOUR_EYES, SB_CASE_PERSONS,   SB_CASE_SIGNING,   SB_CASE_ROLE,
                                             SB_CASE_OFFICE,    SB_CASE_TASK_GONE, SB_CASE_PAUSED,    SB_OK};
        day_t today = clock_today(w->house.clock);
        month_t now = month_of(today);
        char day[16];

        settle(w);
        struct m_run *r = w->m->run_count == 0 ? NULL : &w->m->runs[w->m->run_count - 1];
        bool over = r == NULL || strcmp(r->state, "settled") == 0 || strcmp(r->state, "cancelled") == 0 || r->settled;
        if (over) {
                if (r == NULL || r->month < now || strcmp(r->state, "cancelled") == 0 || chance(w, 10))
                        run_create_now(w, now);
                return;
        }
        json_t *in = json_pack("{s:I}", "run", (json_int_t)r->id);
        if (strcmp(r->state, "released") == 0)
                allowed(w, ask(w, somebody(w, ROLE_FINANCE, w->t->centre), "payment.file", json_incref(in), NULL),
                        "payment.file", no);
        else if (strcmp(r->state, "computed") == 0 && chance(w, 4))
                allowed(w, ask(w, somebody(w, ROLE_FINANCE, w->t->centre), "payment.cancel", json_incref(in), NULL),
                        "payment.cancel", no);
        else if (strcmp(r->state, "computed") == 0 && chance(w, 30)) {
                json_object_set_new(in, "pay_day", json_string(day_text(today, day)));
                allowed(w, ask(w, somebody(w, ROLE_APPROVER, w->t->centre), "payment.release", json_incref(in), NULL),
                        "payment.release", no);
        }
        json_decref(in);
}
