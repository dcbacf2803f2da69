/* SPDX-License-Identifier: Apache-2.0
 *
 * Does the office hold what the model holds; and does the auditor find nothing.
 */
#include "office/sim/internal.h"

#include "office/audit/audit.h"

#include <string.h>

/* --- the auditor ------------------------------------------------------------------------------------------------------------- */

static void finding(void *ctx, const struct audit_finding *f)
{
        struct world *w = ctx;
        char name[8];

        sim_fail(w, "the auditor: %s %s %.*s %.*s: expected %.*s, found %.*s", error_name(f->code, name), f->table,
                 (int)f->key.n, f->key.p, (int)f->field.n, f->field.p, (int)f->expected.n, f->expected.p, (int)f->found.n,
                 f->found.p);
}

void audit(struct world *w)
{
        struct audit_options options = {.keys = w->t->keys, .limit = 5};
        struct audit_result result = {0};
        struct error err = {0};
        char text[300];

        if (w->failed)
                return;
        w->out->audits++;
        if (audit_run(&result, w->house.store, &options, finding, w, &err) < 0)
                sim_fail(w, "the audit does not run: %s", error_text(&err, LANG_EN, text, sizeof text));
        else if (result.findings > 0)
                sim_fail(w, "%lld findings of the auditor", (long long)result.findings);
}

/* --- money ---------------------------------------------------------------------------------------------------------------------- */

static const char *const KIND_NAMES[KINDS] = {"",         "bank",    "receivable", "fund",     "personal",
                                              "suspense", "payable", "interest",   "transfer", "opening"};

static int books(struct tx *tx, struct reading *r, struct error *err)
{
        struct world *w = r->w;
        fen_t found[POOLS][KINDS] = {{0}};
        struct stmt *q = NULL;
        int rc = tx_query(&q, tx, err,
                          "SELECT pool, kind, CAST(SUM(amount_fen) AS @int) FROM ledger_posting GROUP BY pool, kind", "");

        while ((rc = row_next(rc, q, err)) == 1) {
                found[pool_index(w, stmt_int(q, 0))][stmt_int(q, 1)] = stmt_int(q, 2);
        }
        for (int p = 0; rc == 0 && p < POOLS; p++)
                for (int k = 1; k < KINDS; k++)
                        if (found[p][k] != w->m->book[p][k]) {
                                sim_trace(w, "book of %s, %s: model %lld, office %lld", w->t->pools[p].scheme, KIND_NAMES[k],
                                          (long long)w->m->book[p][k], (long long)found[p][k]);
                                sim_fail(w, "the book of %s, %s: the model has %lld, the office %lld", w->t->pools[p].scheme,
                                         KIND_NAMES[k], (long long)w->m->book[p][k], (long long)found[p][k]);
                        }
        return rc;
}

static int accounts(struct tx *tx, struct reading *r, struct error *err)
{
        struct world *w = r->w;
        struct stmt *q = NULL;
        int count = 0, expected = 0;
        int rc = tx_query(&q, tx, err, "SELECT person, pool, balance_fen FROM personal_account", "");

        while ((rc = row_next(rc, q, err)) == 1) {
                struct m_person *p = m_person(w->m, stmt_int(q, 0));
                int pool = pool_index(w, stmt_int(q, 1));
                if (p == NULL || p->account[pool] != stmt_int(q, 2))
                        sim_fail(w, "the account of person %lld in %s: the model has %lld, the office %lld",
                                 (long long)stmt_int(q, 0), w->t->pools[pool].scheme,
                                 p == NULL ? -1 : (long long)p->account[pool], (long long)stmt_int(q, 2));
                count++;
        }
        for (int i = 0; i < w->m->person_count; i++)
                for (int p = 0; p < POOLS; p++)
                        expected += w->m->persons[i].has_account[p];
        if (rc == 0 && count != expected)
                sim_fail(w, "%d personal accounts, the model has %d", count, expected);
        return rc;
}

static int histories(struct tx *tx, struct reading *r, struct error *err)
{
        struct world *w = r->w;
        struct stmt *q = NULL;
        int64_t months = 0, expected = 0;
        int rc = tx_query(&q, tx, err,
                          "SELECT person, pool, CAST(SUM(month_to - month_from) AS @int), CAST(SUM((month_to - month_from) * "
                          "base_fen) AS @int) FROM contribution WHERE known_to = ?1@int GROUP BY person, pool",
                          "i", (int64_t)INSTANT_END);

        while ((rc = row_next(rc, q, err)) == 1) {
                struct m_person *p = m_person(w->m, stmt_int(q, 0));
                int pool = pool_index(w, stmt_int(q, 1));
                if (p == NULL || p->months[pool] != stmt_int(q, 2) || p->bases[pool] != stmt_int(q, 3))
                        sim_fail(
                            w, "the history of person %lld in %s: the model has %lld months of %lld, the office %lld of %lld",
                            (long long)stmt_int(q, 0), w->t->pools[pool].scheme, p == NULL ? -1 : (long long)p->months[pool],
                            p == NULL ? -1 : (long long)p->bases[pool], (long long)stmt_int(q, 2), (long long)stmt_int(q, 3));
                months += stmt_int(q, 2);
        }
        for (int i = 0; i < w->m->person_count; i++)
                for (int p = 0; p < POOLS; p++)
                        expected += w->m->persons[i].months[p];
        if (rc == 0 && months != expected)
                sim_fail(w, "%lld months are recorded, the model has %lld", (long long)months, (long long)expected);
        return rc;
}

static int assessments(struct tx *tx, struct reading *r, struct error *err)
{
        struct world *w = r->w;
        struct stmt *q;
        int rc = tx_query(
            &q, tx, err,
            "SELECT declaration, pool, employer_fen + person_fen, received_fen, account_fen, state FROM assessment", "");

        while (rc == 0 && !w->failed && (rc = stmt_step(q, err)) == 1) {
                struct m_declaration *d = m_declaration(w->m, stmt_int(q, 0));
                int p = pool_index(w, stmt_int(q, 1));
                if (d == NULL || d->due[p] != stmt_int(q, 2) || d->received[p] != stmt_int(q, 3) ||
                    d->account[p] != stmt_int(q, 4) || d->paid[p] != str_is(stmt_text(q, 5), "paid"))
                        sim_fail(
                            w,
                            "declaration %lld in %s: the model has due %lld, received %lld, account %lld, paid %d; the office "
                            "%lld, %lld, %lld",
                            (long long)stmt_int(q, 0), w->t->pools[p].scheme, d == NULL ? -1 : (long long)d->due[p],
                            d == NULL ? -1 : (long long)d->received[p], d == NULL ? -1 : (long long)d->account[p],
                            d != NULL && d->paid[p], (long long)stmt_int(q, 2), (long long)stmt_int(q, 3),
                            (long long)stmt_int(q, 4));
                rc = 0;
        }
        if (rc == 0)
                rc = tx_query(&q, tx, err, "SELECT id, amount_fen, allocated_fen, state FROM receipt", "");
        int count = 0;
        while (rc == 0 && !w->failed && (rc = stmt_step(q, err)) == 1) {
                struct m_receipt *m = m_receipt(w->m, stmt_int(q, 0));
                if (m == NULL || m->amount != stmt_int(q, 1) || m->allocated != stmt_int(q, 2) ||
                    m->checking != str_is(stmt_text(q, 3), "checking"))
                        sim_fail(w, "receipt %lld: the model has %lld of %lld%s, the office %lld of %lld",
                                 (long long)stmt_int(q, 0), m == NULL ? -1 : (long long)m->allocated,
                                 m == NULL ? -1 : (long long)m->amount, m != NULL && m->checking ? " (being checked)" : "",
                                 (long long)stmt_int(q, 2), (long long)stmt_int(q, 1));
                count++;
                rc = 0;
        }
        if (rc == 0 && !w->failed && count != w->m->receipt_count)
                sim_fail(w, "%d receipts, the model has %d", count, w->m->receipt_count);
        return rc;
}

/* --- people ------------------------------------------------------------------------------------------------------------------------ */

static int people(struct tx *tx, struct reading *r, struct error *err)
{
        struct world *w = r->w;
        struct stmt *q;
        int count = 0;
        int rc = tx_query(&q, tx, err, "SELECT person, MIN(death_day) FROM person_fact WHERE known_to = ?1@int GROUP BY person",
                          "i", (int64_t)INSTANT_END);

        while (rc == 0 && !w->failed && (rc = stmt_step(q, err)) == 1) {
                struct m_person *p = m_person(w->m, stmt_int(q, 0));
                if (p == NULL || p->death != stmt_int(q, 1))
                        sim_fail(w, "person %lld is not known, or their death", (long long)stmt_int(q, 0));
                count++;
                rc = 0;
        }
        if (rc == 0 && !w->failed && count != w->m->person_count)
                sim_fail(w, "%d persons, the model has %d", count, w->m->person_count);
        if (rc == 0)
                rc = tx_query(&q, tx, err,
                              "SELECT id, person, employer, valid_from, valid_to FROM employment WHERE known_to = ?1@int", "i",
                              (int64_t)INSTANT_END);
        count = 0;
        while (rc == 0 && !w->failed && (rc = stmt_step(q, err)) == 1) {
                const struct m_spell *s = NULL;
                for (int i = 0; i < w->m->spell_count && s == NULL; i++)
                        s = w->m->spells[i].id == stmt_int(q, 0) ? &w->m->spells[i] : NULL;
                if (s == NULL || s->person != stmt_int(q, 1) || s->employer != stmt_int(q, 2) || s->from != stmt_int(q, 3) ||
                    s->to != stmt_int(q, 4))
                        sim_fail(w, "the employment %lld is another", (long long)stmt_int(q, 0));
                count++;
                rc = 0;
        }
        if (rc == 0 && !w->failed && count != w->m->spell_count)
                sim_fail(w, "%d employments, the model has %d", count, w->m->spell_count);
        return rc;
}

static int ties(struct tx *tx, struct reading *r, struct error *err)
{
        struct world *w = r->w;
        struct stmt *q;
        int kin = 0;
        int rc = tx_one(&q, tx, err, "SELECT COUNT(*) FROM kinship WHERE valid_to > ?1@int", "i",
                        (int64_t)clock_today(w->house.clock));

        for (int i = 0; i < w->m->tie_count; i++)
                kin += w->m->ties[i].kin && !w->m->ties[i].ended;
        if (rc == 1 && stmt_int(q, 0) != kin)
                sim_fail(w, "%lld relations, the model has %d", (long long)stmt_int(q, 0), kin);
        return rc < 0 ? rc : 0;
}

/* --- awards and payments -------------------------------------------------------------------------------------------------------------- */

static int awards(struct tx *tx, struct reading *r, struct error *err)
{
        struct world *w = r->w;
        struct stmt *q;
        int count = 0, stops = 0, expected = 0;
        int rc = tx_query(&q, tx, err,
                          "SELECT id, person, total_fen, month_from FROM award WHERE state = 'active' AND known_to = ?1@int",
                          "i", (int64_t)INSTANT_END);

        while (rc == 0 && !w->failed && (rc = stmt_step(q, err)) == 1) {
                struct m_award *a = m_award(w->m, stmt_int(q, 0));
                if (a == NULL || a->ids[a->chain - 1] != stmt_int(q, 0) || a->person != stmt_int(q, 1) ||
                    a->total != stmt_int(q, 2) || a->from != stmt_int(q, 3))
                        sim_fail(w, "the award %lld is another", (long long)stmt_int(q, 0));
                count++;
                rc = 0;
        }
        if (rc == 0 && !w->failed && count != w->m->award_count)
                sim_fail(w, "%d awards, the model has %d", count, w->m->award_count);
        if (rc == 0 && !w->failed)
                rc = tx_one(&q, tx, err,
                            "SELECT COUNT(*) FROM award_stop s JOIN award a ON a.home = s.home AND a.id = s.award WHERE "
                            "s.known_to = ?1@int AND a.known_to = ?1@int",
                            "i", (int64_t)INSTANT_END);
        if (rc == 1) {
                stops = (int)stmt_int(q, 0);
                rc = 0;
        }
        for (int i = 0; i < w->m->award_count; i++)
                for (int k = 0; k < w->m->awards[i].stop_count; k++)
                        expected += !w->m->awards[i].stops[k].lifted;
        if (rc == 0 && !w->failed && stops != expected)
                sim_fail(w, "%d stops hold, the model has %d", stops, expected);
        return rc;
}

static const struct m_due *row_of(const struct m_run *r, int64_t award)
{
        for (int i = 0; i < r->count; i++)
                if (r->rows[i].id == award)
                        return &r->rows[i];
        return NULL;
}

static const char *state_of(struct world *w, const struct m_run *r, const struct m_due *d)
{
        const struct m_award *a = &w->m->awards[d->award];

        for (int k = 0; k < a->payment_count; k++)
                if (a->payments[k].run == r->id)
                        return a->payments[k].state;
        return d->due ? "due" : "stopped";
}

static int payments(struct tx *tx, struct reading *r, struct error *err)
{
        struct world *w = r->w;
        struct stmt *q;
        int rc = tx_query(&q, tx, err, "SELECT run, award, state, reason, amount_fen, account_fen FROM payment", "");

        while (rc == 0 && !w->failed && (rc = stmt_step(q, err)) == 1) {
                struct m_run *run = m_run(w->m, stmt_int(q, 0));
                const struct m_due *d = run == NULL ? NULL : row_of(run, stmt_int(q, 1));
                rc = 0;
                if (run != NULL && !run->counted)
                        continue;
                if (d == NULL || !str_is(stmt_text(q, 2), state_of(w, run, d)) || !str_is(stmt_text(q, 3), d->reason) ||
                    d->amount != stmt_int(q, 4) || d->part != stmt_int(q, 5))
                        sim_fail(w,
                                 "run %lld, award %lld: the model has %s (%s) %lld, of the account %lld; the office %.*s "
                                 "(%.*s) %lld, %lld",
                                 (long long)stmt_int(q, 0), (long long)stmt_int(q, 1),
                                 d == NULL ? "nothing" : state_of(w, run, d), d == NULL ? "" : d->reason,
                                 d == NULL ? 0 : (long long)d->amount, d == NULL ? 0 : (long long)d->part,
                                 (int)stmt_text(q, 2).n, stmt_text(q, 2).p, (int)stmt_text(q, 3).n, stmt_text(q, 3).p,
                                 (long long)stmt_int(q, 4), (long long)stmt_int(q, 5));
        }
        return rc;
}

/* --- cases ---------------------------------------------------------------------------------------------------------------------------- */

static int cases(struct tx *tx, struct reading *r, struct error *err)
{
        struct world *w = r->w;
        struct stmt *q = NULL;
        int64_t home = w->house.home, found = 0;
        int rc = tx_one(&q, tx, err,
                        "SELECT id, process, incident FROM process_instance WHERE home = ?1@int AND state = 'incident' AND "
                        "incident NOT LIKE '%SB-0667%' LIMIT 1",
                        "i", home);

        if (rc == 1)
                sim_fail(w, "case %lld (%.*s) has an incident: %.300s", (long long)stmt_int(q, 0), (int)stmt_text(q, 1).n,
                         stmt_text(q, 1).p, stmt_text(q, 2).p);
        rc = rc < 0 ? rc
                    : tx_one(&q, tx, err, "SELECT verb, error FROM effect WHERE home = ?1@int AND state = 'failed' LIMIT 1",
                             "i", home);
        if (rc == 1)
                sim_fail(w, "an effect failed: %.60s %.300s", stmt_text(q, 0).p, stmt_text(q, 1).p);
        rc = rc < 0 ? rc
                    : tx_one(&q, tx, err, "SELECT kind, error FROM run WHERE home = ?1@int AND state = 'failed' LIMIT 1", "i",
                             home);
        if (rc == 1)
                sim_fail(w, "a run failed: %.60s %.300s", stmt_text(q, 0).p, stmt_text(q, 1).p);
        /* Nobody has it, nothing wakes it, nothing is on its way to it: it waits for ever. */
        rc = rc < 0
                 ? rc
                 : tx_one(
                       &q, tx, err,
                       "SELECT i.id, i.process FROM process_instance i WHERE i.home = ?1@int AND i.state = 'active' AND NOT "
                       "EXISTS (SELECT 1 FROM task t WHERE t.home = i.home AND t.instance = i.id AND t.state = 'open') AND NOT "
                       "EXISTS (SELECT 1 FROM timer m WHERE m.home = i.home AND m.instance = i.id AND m.state = 'armed') AND "
                       "NOT EXISTS (SELECT 1 FROM effect e WHERE e.home = i.home AND e.instance = i.id AND e.state = 'open') "
                       "AND NOT EXISTS (SELECT 1 FROM subscription s WHERE s.home = i.home AND s.instance = i.id) LIMIT 1",
                       "i", home);
        if (rc == 1)
                sim_fail(w, "case %lld (%.*s) waits for nothing", (long long)stmt_int(q, 0), (int)stmt_text(q, 1).n,
                         stmt_text(q, 1).p);
        rc = rc < 0
                 ? rc
                 : tx_query(&q, tx, err, "SELECT id, state FROM process_instance WHERE home = ?1@int ORDER BY id", "i", home);
        while ((rc = row_next(rc, q, err)) == 1) {
                struct m_case *c = m_case(w->m, stmt_int(q, 0));
                found += c != NULL;
                if (c != NULL && !c->known_end && !str_is(stmt_text(q, 1), "active")) {
                        struct m_person *p = m_person(w->m, c->subject);
                        c->known_end = true;
                        w->out->ended++;
                        if (p != NULL && p->busy == c->id)
                                p->busy = 0;
                }
        }
        if (rc == 0 && !w->failed && found != w->m->case_count)
                sim_fail(w, "%lld of %d cases of the model are there", (long long)found, w->m->case_count);
        return rc < 0 ? rc : 0;
}

void compare(struct world *w)
{
        settle(w);
        look(w, people, NULL);
        look(w, ties, NULL);
        look(w, assessments, NULL);
        look(w, histories, NULL);
        look(w, accounts, NULL);
        look(w, awards, NULL);
        look(w, payments, NULL);
        look(w, books, NULL);
        look(w, cases, NULL);
        w->compare_due = false;
}
