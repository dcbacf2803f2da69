/* SPDX-License-Identifier: Apache-2.0 */
#include "office/contribution/contribution.h"

#include <stdlib.h>
#include <string.h>

/* When an assessment is paid in full: its month joins each worker's history, and the account part of each line is credited
 * to the personal account (fund → personal accounts, one ledger transaction with an entry a worker). */

struct worker {
        int64_t person;
        fen_t base, account;
        bool taken; /* something was taken off */
};

/* What adjustments took off since it was assessed; both stand in order of person. */
static int reductions_take(struct tx *tx, struct house *h, const struct paid *p, struct worker *list, size_t count,
                           struct error *err)
{
        struct stmt *q = NULL;
        size_t i = 0;
        int rc =
            tx_query(&q, tx, err,
                     "SELECT person, CAST(SUM(base_fen) AS @int), CAST(SUM(account_fen) AS @int) FROM "
                     "adjustment_reduction WHERE home = ?1@int AND assessment = ?2@int GROUP BY person_home, person ORDER BY "
                     "person_home, person",
                     "ii", (int64_t)h->home, p->assessment);

        while ((rc = row_next(rc, q, err)) == 1) {
                while (i < count && list[i].person < stmt_int(q, 0))
                        i++;
                if (i == count || list[i].person != stmt_int(q, 0))
                        return error_raise(err, SB_INTERNAL, "%s", "adjustment_reduction");
                list[i].taken = true;
                list[i].base -= stmt_int(q, 1);
                list[i].account -= stmt_int(q, 2);
        }
        return rc;
}

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
                list[n++] = (struct worker){.person = stmt_int(q, 0), .base = stmt_int(q, 1), .account = stmt_int(q, 2)};
                rc = 0;
        }
        *out = list;
        *count = n;
        return rc < 0 ? rc : reductions_take(tx, h, p, list, n, err);
}

static int credit_post(struct tx *tx, struct call *c, const struct paid *p, fen_t account, int64_t transaction,
                       struct error *err)
{
        struct house *h = c->house;
        day_t today = clock_today(h->clock);
        struct posting postings[2] = {{p->pool, LEDGER_FUND, account}, {p->pool, LEDGER_PERSONAL, -account}};
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
                           fen_t account, struct error *err)
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
                rc = credit_post(tx, c, p, account, transaction, err);
        if (rc == 0)
                rc = personal_account_add_many(tx, h->ids, entries, n, err);
        free(entries);
        return rc;
}

int assessment_credit(struct tx *tx, struct call *c, const struct paid *p, struct error *err)
{
        struct worker *list = NULL;
        size_t count = 0;
        fen_t account = 0;
        int rc = workers_read(tx, c->house, p, &list, &count, err);

        for (size_t i = 0; rc == 0 && i < count; i++) {
                const struct history_month m = {list[i].person, p->employer, p->pool, p->scheme, p->month};
                if (list[i].base == 0 && list[i].taken)
                        continue; /* the month was taken off before it was paid */
                rc = p->supplement ? history_change(tx, c->house, &m, list[i].base, err)
                                   : history_extend(tx, c->house, &m, list[i].base, err);
        }
        for (size_t i = 0; i < count; i++)
                account += list[i].account;
        if (rc == 0 && account > 0)
                rc = accounts_credit(tx, c, p, list, count, account, err);
        free(list);
        return rc;
}
