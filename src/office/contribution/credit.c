/* SPDX-License-Identifier: Apache-2.0 */
#include "office/contribution/contribution.h"

#include <stdlib.h>
#include <string.h>

/* When an assessment is paid in full: its month joins each worker's history, and the account part of each line is credited
 * to the personal account (fund → personal accounts, one ledger transaction with an entry a worker). */

struct worker {
        int64_t person;
        fen_t base, account;
};

static int workers_read(struct tx *tx, struct house *h, const struct paid *p, struct worker **out, size_t *count,
                        struct error *err)
{
        struct stmt *q = NULL;
        struct worker *list = NULL;
        size_t n = 0, cap = 0;
        int rc =
            tx_query(&q, tx, err,
                     "SELECT person, base_fen, account_fen FROM assessment_line WHERE home = ?1@int AND assessment = ?2@int "
                     "ORDER BY person_home, person",
                     "ii", (int64_t)h->home, p->assessment);

        while ((rc = row_next(rc, q, err)) == 1) {
                if (n == cap) {
                        cap = cap == 0 ? 64 : 2 * cap;
                        struct worker *bigger = realloc(list, cap * sizeof *list);
                        if (bigger == NULL) {
                                rc = error_raise(err, SB_MEMORY, "%s", "");
                                break;
                        }
                        list = bigger;
                }
                list[n++] = (struct worker){stmt_int(q, 0), stmt_int(q, 1), stmt_int(q, 2)};
                rc = 0;
        }
        *out = list;
        *count = n;
        return rc;
}

/* A run of the same base at the same employer that ends where this month begins is closed and stands again, a month longer, so that
 * what was known before can still be read; else a run begins. A month that is recorded already is not counted twice. */
static int history_extend(struct tx *tx, struct house *h, const struct paid *p, const struct worker *w, struct error *err)
{
        int64_t home = h->home, now = clock_now(h->clock), from = p->month, id;
        struct stmt *q;
        int rc =
            tx_one(&q, tx, err,
                   "SELECT 1 FROM contribution WHERE home = ?1@int AND person = ?2@int AND scheme = ?3@text AND employer = "
                   "?4@int AND month_from <= ?5@int AND month_to > ?5@int AND known_to = ?6@int",
                   "iitiii", home, w->person, p->scheme, p->employer, (int64_t)p->month, (int64_t)INSTANT_END);

        if (rc != 0)
                return rc < 0 ? rc : 0;
        rc = tx_one(
            &q, tx, err,
            "SELECT id, month_from FROM contribution WHERE home = ?1@int AND person = ?2@int AND scheme = ?3@text AND "
            "employer_home = ?1@int AND employer = ?4@int AND month_to = ?5@int AND base_fen = ?6@int AND kind = 'paid' AND "
            "pool = ?7@int AND known_to = ?8@int",
            "iitiiiii", home, w->person, p->scheme, p->employer, (int64_t)p->month, w->base, p->pool, (int64_t)INSTANT_END);
        if (rc == 1) {
                int64_t grown = stmt_int(q, 0);
                from = stmt_int(q, 1);
                rc = tx_exec(tx, err, "UPDATE contribution SET known_to = ?3@int WHERE home = ?1@int AND id = ?2@int", "iii",
                             home, grown, now);
        }
        if (rc == 0)
                rc = ids_next(h->ids, &id, err);
        if (rc < 0)
                return rc;
        return tx_exec(
            tx, err,
            "INSERT INTO contribution (home, id, person, employer_home, employer, scheme, pool, kind, month_from, "
            "month_to, base_fen, known_from, known_to, source) VALUES (?1@int, ?2@int, ?3@int, ?1@int, ?4@int, ?5@text, "
            "?6@int, 'paid', ?7@int, ?8@int + 1, ?9@int, ?10@int, ?11@int, 'assessment')",
            "iiiitiiiiii", home, id, w->person, p->employer, p->scheme, p->pool, from, (int64_t)p->month, w->base, now,
            (int64_t)INSTANT_END);
}

static int credit_post(struct tx *tx, struct call *c, const struct paid *p, int64_t transaction, struct error *err)
{
        struct house *h = c->house;
        day_t today = clock_today(h->clock);
        struct posting postings[2] = {{p->pool, LEDGER_FUND, p->account}, {p->pool, LEDGER_PERSONAL, -p->account}};
        struct ledger_transaction t = {.home = h->home,
                                       .month = month_of(today),
                                       .id = transaction,
                                       .day = today,
                                       .kind = "contribution.credit",
                                       .ref_kind = "assessment",
                                       .ref_id = p->assessment,
                                       .actor = c->who.staff,
                                       .at = clock_now(h->clock),
                                       .postings = postings,
                                       .count = 2};

        return ledger_post(tx, h->ids, &t, err);
}

static int accounts_credit(struct tx *tx, struct call *c, const struct paid *p, const struct worker *list, size_t count,
                           struct error *err)
{
        struct house *h = c->house;
        struct personal_entry *entries = calloc(count + 1, sizeof *entries);
        int64_t transaction;
        size_t n = 0;
        int rc = entries == NULL ? error_raise(err, SB_MEMORY, "%s", "") : ids_next(h->ids, &transaction, err);

        for (size_t i = 0; rc == 0 && i < count; i++) {
                if (list[i].account == 0)
                        continue;
                struct personal_entry *e = &entries[n++];
                *e = (struct personal_entry){.home = h->home,
                                             .month = p->month,
                                             .transaction = transaction,
                                             .kind = "contribution",
                                             .amount = list[i].account,
                                             .at = clock_now(h->clock)};
                rc = personal_account_open(tx, h->ids, h->home, list[i].person, p->scheme, p->pool, &e->account, err);
        }
        if (rc == 0)
                rc = credit_post(tx, c, p, transaction, err);
        if (rc == 0)
                rc = personal_account_add_many(tx, h->ids, entries, n, err);
        free(entries);
        return rc;
}

int assessment_credit(struct tx *tx, struct call *c, const struct paid *p, struct error *err)
{
        struct worker *list = NULL;
        size_t count = 0;
        int rc = workers_read(tx, c->house, p, &list, &count, err);

        for (size_t i = 0; rc == 0 && i < count; i++)
                rc = history_extend(tx, c->house, p, &list[i], err);
        if (rc == 0 && p->account > 0)
                rc = accounts_credit(tx, c, p, list, count, err);
        free(list);
        return rc;
}

int contribution_history(struct tx *tx, int32_t home, int64_t person, const char *scheme, struct contribution_run **out,
                         size_t *count, struct error *err)
{
        struct stmt *q = NULL;
        struct contribution_run *list = NULL;
        size_t n = 0, cap = 0;
        int rc =
            tx_query(&q, tx, err,
                     "SELECT id, month_from, month_to, base_fen, kind, pool FROM contribution WHERE home = ?1@int AND person = "
                     "?2@int AND scheme = ?3@text AND known_to = ?4@int ORDER BY month_from, id",
                     "iiti", (int64_t)home, person, scheme, (int64_t)INSTANT_END);

        while ((rc = row_next(rc, q, err)) == 1) {
                if (n == cap) {
                        cap = cap == 0 ? 32 : 2 * cap;
                        struct contribution_run *bigger = realloc(list, cap * sizeof *list);
                        if (bigger == NULL) {
                                rc = error_raise(err, SB_MEMORY, "%s", "");
                                break;
                        }
                        list = bigger;
                }
                list[n++] = (struct contribution_run){.id = stmt_int(q, 0),
                                                      .from = (month_t)stmt_int(q, 1),
                                                      .to = (month_t)stmt_int(q, 2),
                                                      .base = stmt_int(q, 3),
                                                      .deemed = str_is(stmt_text(q, 4), "deemed"),
                                                      .pool = stmt_int(q, 5)};
                rc = 0;
        }
        if (rc < 0) {
                free(list);
                return rc;
        }
        *out = list;
        *count = n;
        return 0;
}
