/* SPDX-License-Identifier: Apache-2.0
 *
 * What the audit trail says that happened, into the model: in which order, and whether anybody had decided it. What it comes to is the
 * model's own arithmetic.
 */
#include "office/sim/internal.h"

#include <stdlib.h>
#include <string.h>

enum { BLOCKS = 3000 };

struct rows {
        struct event *list;
        int count, room;
};

static int rows_read(struct tx *tx, struct reading *r, struct error *err)
{
        struct rows *rows = r->ctx;
        struct stmt *q;
        /* Ids come in blocks, so that a later row may have a lower one: but not by much. */
        int rc = tx_query(&q, tx, err,
                          "SELECT verb, subject_kind, subject, actor, at, body, id FROM audit_row WHERE home = ?1@int AND id > "
                          "?2@int AND at > ?3@int ORDER BY at, id",
                          "iii", (int64_t)r->w->house.home, r->w->seen_id - BLOCKS, r->w->seen_at);

        rows->count = 0;
        while (rc == 0 && rows->count < rows->room && (rc = stmt_step(q, err)) == 1) {
                struct event *e = &rows->list[rows->count++];
                text_copy(e->verb, sizeof e->verb, stmt_text(q, 0));
                text_copy(e->kind, sizeof e->kind, stmt_text(q, 1));
                e->subject = stmt_int(q, 2);
                e->actor = stmt_int(q, 3);
                e->at = stmt_int(q, 4);
                text_copy(e->body, sizeof e->body, stmt_text(q, 5));
                e->id = stmt_int(q, 6);
                rc = 0;
        }
        return rc < 0 ? rc : 0;
}

/* --- declarations ---------------------------------------------------------------------------------------------------------- */

/* The case that decides about a thing: the last one of the process for that subject. */
static struct m_case *case_of(struct world *w, const char *process, int64_t subject)
{
        for (int i = w->m->case_count - 1; i >= 0; i--)
                if (w->m->cases[i].subject == subject && strcmp(w->m->cases[i].process, process) == 0)
                        return &w->m->cases[i];
        return NULL;
}

struct opened {
        const char *process;
        int64_t subject, id;
};

static int opened_read(struct tx *tx, struct reading *r, struct error *err)
{
        struct opened *o = r->ctx;
        struct stmt *q;
        int rc = tx_one(&q, tx, err,
                        "SELECT MAX(id) FROM process_instance WHERE home = ?1@int AND process = ?2@text AND subject = ?3@int",
                        "iti", (int64_t)r->w->house.home, o->process, o->subject);

        o->id = rc == 1 ? stmt_int(q, 0) : 0;
        return rc < 0 ? rc : 0;
}

/* A case that another one began: P07 of a declaration, P08 of a receipt from a statement, P21 of a run. */
struct m_case *case_learn(struct world *w, const char *process, int64_t subject)
{
        struct opened o = {process, subject, 0};

        look(w, opened_read, &o);
        if (o.id == 0) {
                sim_fail(w, "no case %s of %lld", process, (long long)subject);
                return NULL;
        }
        struct m_case *c = m_case(w->m, o.id);
        return c != NULL ? c : m_case_add(w, o.id, process, subject);
}

static bool approved(const struct m_case *c, const char *node, int64_t not_by)
{
        const struct m_done *d = m_decided(c, node);

        return d != NULL && strcmp(d->decision, "approve") == 0 && d->staff != not_by;
}

static void declaration_event(struct world *w, const struct event *e)
{
        struct m_declaration *d = m_declaration(w->m, e->subject);

        if (d == NULL) {
                sim_fail(w, "%s of a declaration %lld that nobody made", e->verb, (long long)e->subject);
                return;
        }
        struct m_case *c = case_of(w, "P06", d->id);
        if (strcmp(e->verb, "contribution.post") == 0) {
                if (d->state != M_DRAFT || !approved(c, "review", w->staff[d->clerk].id))
                        sim_fail(w, "declaration %lld was posted without a review, or twice", (long long)d->id);
                d->state = M_POSTED;
        } else if (strcmp(e->verb, "contribution.return") == 0) {
                const struct m_done *review = m_decided(c, "review"), *approval = m_decided(c, "approve");
                bool returned = (review != NULL && strcmp(review->decision, "return") == 0) ||
                                (approval != NULL && strcmp(approval->decision, "return") == 0);
                if (d->state != M_DRAFT || !returned)
                        sim_fail(w, "declaration %lld was sent back by nobody", (long long)d->id);
                d->state = M_RETURNED;
                struct m_employer *m = m_employer(w->m, d->employer);
                if (m != NULL && m->declared == d->month)
                        m->declared--;
        } else if (strcmp(e->verb, "contribution.assessment_open") == 0) {
                case_learn(w, "P07", d->id);
        } else if (strcmp(e->verb, "contribution.assess") == 0) {
                if (d->state != M_POSTED)
                        sim_fail(w, "declaration %lld was assessed in state %d", (long long)d->id, (int)d->state);
                m_assess(w, d);
        }
}

static void receipt_event(struct world *w, const struct event *e)
{
        struct m_receipt *r = m_receipt(w->m, e->subject);

        if (r == NULL || !r->checking) {
                sim_fail(w, "receipt %lld was let pay twice, or is not known", (long long)e->subject);
                return;
        }
        r->checking = false;
        m_allocate(w, r->employer, r->id);
}

/* --- people ------------------------------------------------------------------------------------------------------------------- */

struct admitted {
        int64_t person, instance, employer_id, spell;
        day_t birth, from;
        int sex;
        char category[8], uscc[24];
};

static int admitted_read(struct tx *tx, struct reading *r, struct error *err)
{
        struct admitted *a = r->ctx;
        int64_t home = r->w->house.home;
        struct stmt *q;
        int rc =
            tx_one(&q, tx, err,
                   "SELECT birth_day, sex, category FROM person_fact WHERE home = ?1@int AND person = ?2@int AND known_to = "
                   "?3@int",
                   "iii", home, a->person, (int64_t)INSTANT_END);

        if (rc == 1) {
                a->birth = (day_t)stmt_int(q, 0);
                a->sex = (int)stmt_int(q, 1);
                text_copy(a->category, sizeof a->category, stmt_text(q, 2));
                rc = tx_one(
                    &q, tx, err,
                    "SELECT id, employer, valid_from FROM employment WHERE home = ?1@int AND person = ?2@int AND known_to "
                    "= ?3@int ORDER BY id LIMIT 1",
                    "iii", home, a->person, (int64_t)INSTANT_END);
        }
        if (rc == 1) {
                a->spell = stmt_int(q, 0);
                a->employer_id = stmt_int(q, 1);
                a->from = (day_t)stmt_int(q, 2);
        }
        return rc < 0 ? rc : 0;
}

/* The body says which case it was. */
static int64_t body_number(const struct event *e, const char *name)
{
        json_t *o = NULL;
        struct error none = {0};
        int64_t n = json_read(&o, str_from(e->body), &none) == 0 ? json_integer_value(json_object_get(o, name)) : 0;

        json_decref(o);
        return n;
}

static void admit_event(struct world *w, const struct event *e)
{
        struct m_case *c = m_case(w->m, body_number(e, "case"));
        bool person = strcmp(e->verb, "registry.person_admit") == 0;

        if (c == NULL || !approved(c, "review", 0)) {
                sim_fail(w, "%s without a review", e->verb);
                return;
        }
        if (strstr(e->body, "\"known\":true") != NULL)
                return;
        if (!person) {
                struct m_employer *m = w->m->employer_count < EMPLOYERS_MAX ? &w->m->employers[w->m->employer_count++] : NULL;
                if (m == NULL) {
                        sim_fail(w, "the model has no room: EMPLOYERS_MAX");
                        return;
                }
                *m = (struct m_employer){.id = e->subject, .declared = month_of(clock_today(w->house.clock)) - 1};
                text_copy(m->uscc, sizeof m->uscc, str_from(c->uscc));
                return;
        }
        struct admitted a = {.person = e->subject};
        look(w, admitted_read, &a);
        if (m_person(w->m, a.person) != NULL || strcmp(a.category, c->category) != 0 || a.employer_id != c->employer ||
            (c->employer != 0 && a.from != c->from)) {
                sim_fail(w, "person %lld was registered otherwise than applied for", (long long)a.person);
                return;
        }
        struct m_person *p = m_person_add(w, a.person);
        if (p == NULL)
                return;
        p->birth = a.birth;
        p->sex = a.sex;
        text_copy(p->category, sizeof p->category, str_from(a.category));
        if (a.employer_id != 0)
                m_spell_add(w, a.spell, a.person, a.employer_id, a.from, DAY_END);
}

/* --- awards ---------------------------------------------------------------------------------------------------------------------- */

struct granted {
        int64_t id, person, replaces;
        month_t from;
        fen_t total, account, parts;
        bool payee;
};

static int granted_read(struct tx *tx, struct reading *r, struct error *err)
{
        struct granted *g = r->ctx;
        struct stmt *q;
        int rc =
            tx_one(&q, tx, err,
                   "SELECT person, replaces, month_from, total_fen, account_fen, CASE WHEN LENGTH(payee_sealed) > 0 THEN 1 "
                   "ELSE 0 END, basic_fen + account_fen + transition_fen + extra_fen FROM award WHERE home = ?1@int AND id = "
                   "?2@int",
                   "ii", (int64_t)r->w->house.home, g->id);

        if (rc == 1)
                *g = (struct granted){.id = g->id,
                                      .person = stmt_int(q, 0),
                                      .replaces = stmt_int(q, 1),
                                      .from = (month_t)stmt_int(q, 2),
                                      .total = stmt_int(q, 3),
                                      .account = stmt_int(q, 4),
                                      .payee = stmt_int(q, 5) == 1,
                                      .parts = stmt_int(q, 6)};
        return rc < 0 ? rc : 0;
}

static void award_event(struct world *w, const struct event *e)
{
        struct granted g = {.id = e->subject};

        look(w, granted_read, &g);
        struct m_person *p = m_person(w->m, g.person);
        struct m_case *c = case_of(w, "P17", g.person);
        const struct m_done *first = m_decided(c, "review"), *second = m_decided(c, "review2"), *last = m_decided(c, "approve");
        if (p == NULL || first == NULL || second == NULL || last == NULL || strcmp(last->decision, "approve") != 0 ||
            first->staff == second->staff || second->staff == last->staff || first->staff == last->staff) {
                sim_fail(w, "award %lld was granted without three persons", (long long)g.id);
                return;
        }
        for (int i = 0; i < w->m->award_count; i++)
                if (w->m->awards[i].person == g.person)
                        sim_fail(w, "person %lld has two awards", (long long)g.person);
        if (g.total != g.parts || w->m->award_count == AWARDS_MAX) {
                sim_fail(w, "award %lld is not the sum of its parts", (long long)g.id);
                return;
        }
        w->m->awards[w->m->award_count++] = (struct m_award){.ids = {g.id},
                                                             .chain = 1,
                                                             .person = g.person,
                                                             .from = g.from,
                                                             .total = g.total,
                                                             .account = g.account,
                                                             .payee = g.payee};
        p->busy = 0;
}

struct stops {
        int64_t award;
        struct m_stop list[STOPS];
        int count;
};

static int stops_read(struct tx *tx, struct reading *r, struct error *err)
{
        struct stops *s = r->ctx;
        struct stmt *q;
        int rc = tx_query(&q, tx, err,
                          "SELECT id, reason, month_from, month_to FROM award_stop WHERE home = ?1@int AND award = ?2@int AND "
                          "known_to = ?3@int ORDER BY id",
                          "iii", (int64_t)r->w->house.home, s->award, (int64_t)INSTANT_END);

        s->count = 0;
        while (rc == 0 && s->count < STOPS && (rc = stmt_step(q, err)) == 1) {
                struct m_stop *one = &s->list[s->count++];
                *one = (struct m_stop){.id = stmt_int(q, 0), .from = (month_t)stmt_int(q, 2), .to = (month_t)stmt_int(q, 3)};
                text_copy(one->reason, sizeof one->reason, stmt_text(q, 1));
                rc = 0;
        }
        return rc < 0 ? rc : 0;
}

/* The ids of stops are the office's: those of the model take them where reason and months agree. */
void m_stops_name(struct world *w, struct m_award *a)
{
        struct stops s = {.award = a->ids[a->chain - 1]};
        bool taken[STOPS] = {false};

        look(w, stops_read, &s);
        for (int i = 0; i < a->stop_count; i++) {
                int k = 0;
                if (a->stops[i].lifted)
                        continue;
                while (k < s.count && (taken[k] || s.list[k].from != a->stops[i].from || s.list[k].to != a->stops[i].to ||
                                       strcmp(s.list[k].reason, a->stops[i].reason) != 0))
                        k++;
                if (k == s.count) {
                        sim_fail(w, "award %lld should be stopped (%s) and is not", (long long)s.award, a->stops[i].reason);
                        return;
                }
                taken[k] = true;
                a->stops[i].id = s.list[k].id;
        }
        for (int k = 0; k < s.count; k++)
                if (!taken[k])
                        sim_fail(w, "award %lld is stopped (%s) and should not be", (long long)s.award, s.list[k].reason);
}

void m_stop_add(struct world *w, struct m_award *a, const char *reason, month_t from, month_t to)
{
        if (a->stop_count == STOPS) {
                sim_fail(w, "the model has no room: STOPS");
                return;
        }
        a->stops[a->stop_count] = (struct m_stop){.from = from, .to = to};
        text_copy(a->stops[a->stop_count++].reason, sizeof a->stops[0].reason, str_from(reason));
}

/* Stopped for good already for that reason: once is enough; what stops it for some of these months becomes part of it. */
void m_hold(struct world *w, struct m_award *a, const char *reason, month_t from)
{
        month_t first = from;

        for (int i = 0; i < a->stop_count; i++)
                if (!a->stops[i].lifted && strcmp(a->stops[i].reason, reason) == 0 && a->stops[i].from <= from &&
                    a->stops[i].to == MONTH_END)
                        return;
        for (int i = 0; i < a->stop_count; i++)
                if (!a->stops[i].lifted && strcmp(a->stops[i].reason, reason) == 0 && a->stops[i].to > from) {
                        a->stops[i].lifted = true;
                        first = a->stops[i].from < first ? a->stops[i].from : first;
                }
        m_stop_add(w, a, reason, first, MONTH_END);
}

static void state_event(struct world *w, const struct event *e)
{
        struct m_award *a = strcmp(e->kind, "award") == 0 ? m_award(w->m, e->subject) : NULL;
        struct m_case *c = a == NULL ? NULL : case_of(w, "P23", a->person);

        if (a == NULL)
                return;
        if (c == NULL || !approved(c, "approve", 0)) {
                sim_fail(w, "the state of award %lld was changed by nobody", (long long)e->subject);
                return;
        }
        if (strcmp(c->action, "resume") != 0) {
                m_hold(w, a, c->cause, c->month);
        } else {
                for (int i = 0, n = a->stop_count; i < n; i++) {
                        struct m_stop *s = &a->stops[i];
                        if (s->lifted || s->to <= c->month)
                                continue;
                        s->lifted = true;
                        if (c->month > s->from)
                                m_stop_add(w, a, s->reason, s->from, c->month);
                }
        }
        m_stops_name(w, a);
}

/* --- payment runs ------------------------------------------------------------------------------------------------------------------- */

struct seen_run {
        int64_t id;
        char state[16];
};

static int run_read(struct tx *tx, struct reading *r, struct error *err)
{
        struct seen_run *s = r->ctx;
        struct stmt *q;
        int rc = tx_one(&q, tx, err, "SELECT state FROM payment_run WHERE home = ?1@int AND id = ?2@int", "ii",
                        (int64_t)r->w->house.home, s->id);

        s->state[0] = '\0';
        if (rc == 1)
                text_copy(s->state, sizeof s->state, stmt_text(q, 0));
        return rc < 0 ? rc : 0;
}

static void runs_follow(struct world *w)
{
        for (int i = 0; i < w->m->run_count && !w->failed; i++) {
                struct m_run *r = &w->m->runs[i];
                struct seen_run s = {.id = r->id};
                if (strcmp(r->state, "settled") == 0 || strcmp(r->state, "cancelled") == 0 || strcmp(r->state, "filed") == 0)
                        continue;
                look(w, run_read, &s);
                if (strcmp(s.state, r->state) == 0)
                        continue;
                text_copy(r->state, sizeof r->state, str_from(s.state));
                sim_trace(w, "    run %lld is %s", (long long)r->id, r->state);
                bool cancelled = strcmp(s.state, "cancelled") == 0;
                if (!cancelled && !r->counted) {
                        m_run_split(w, r);
                        struct m_case *c = case_learn(w, "P21", r->id);
                        r->instance = c == NULL ? 0 : c->id;
                }
                if (!r->posted && (strcmp(s.state, "released") == 0 || strcmp(s.state, "settled") == 0)) {
                        struct m_case *c = m_case(w->m, r->instance);
                        if (!approved(c, "review", 0) || !approved(c, "review2", 0))
                                sim_fail(w, "run %lld was released without its reviews", (long long)r->id);
                        m_run_post(w, r);
                }
        }
}

/* --- all of them ----------------------------------------------------------------------------------------------------------------------- */

static void tasks_undone(struct world *w, const struct event *e)
{
        struct m_case *c = m_case(w->m, body_number(e, "case"));

        for (int i = 0; c != NULL && i < c->done_count; i++)
                if (c->done[i].task == e->subject) {
                        memmove(&c->done[i], &c->done[i + 1], (size_t)(c->done_count - i - 1) * sizeof c->done[0]);
                        c->done_count--;
                        return;
                }
        sim_fail(w, "task %lld was taken back, but nobody had done it", (long long)e->subject);
}

static void one(struct world *w, const struct event *e)
{
        sim_trace(w, "    %s %s %lld", e->verb, e->kind, (long long)e->subject);
        if (strncmp(e->verb, "contribution.", 13) == 0 && strcmp(e->kind, "declaration") == 0)
                declaration_event(w, e);
        else if (strcmp(e->verb, "contribution.allocate") == 0)
                receipt_event(w, e);
        else if (strcmp(e->verb, "registry.person_admit") == 0 || strcmp(e->verb, "registry.employer_admit") == 0)
                admit_event(w, e);
        else if (strcmp(e->verb, "pension.award") == 0)
                award_event(w, e);
        else if (strcmp(e->verb, "pension.change_state") == 0)
                state_event(w, e);
        else if (strcmp(e->verb, "tasks.undo") == 0)
                tasks_undone(w, e);
}

void events(struct world *w, const char *verb, int64_t actor)
{
        struct rows rows = {.list = w->pending + w->pending_count};
        bool seen = verb == NULL;

        rows.room = EVENTS_MAX - w->pending_count;
        look(w, rows_read, &rows);
        if (rows.count == rows.room)
                sim_fail(w, "too much happened at once");
        for (int i = 0; i < rows.count && !w->failed; i++) {
                seen = seen || (rows.list[i].actor == actor && strcmp(rows.list[i].verb, verb) == 0);
                w->seen_at = rows.list[i].at;
                w->seen_id = rows.list[i].id > w->seen_id ? rows.list[i].id : w->seen_id;
        }
        w->pending_count += rows.count;
        if (!w->failed && !seen)
                sim_fail(w, "%s was acknowledged and has left no trace", verb);
}

void settle(struct world *w)
{
        for (int i = 0; i < w->pending_count && !w->failed; i++)
                one(w, &w->pending[i]);
        w->pending_count = 0;
        runs_follow(w);
}
