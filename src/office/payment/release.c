/* SPDX-License-Identifier: Apache-2.0
 *
 * The run kind `payment.release`: what a second person released is posted, block by block: each block is a ledger transaction of its
 * own with the entries of its personal accounts, so that the book balances at every instant, also after a kill in the middle. The
 * split between account and fund is settled here, on the balance that the account has now.
 */
#include "office/payment/payment.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK 2500
#define ATTEMPTS 5

struct item {
        int64_t award, account;
        fen_t amount, planned, part; /* part: what the personal account bears */
        bool repaid;
};
struct back { /* a returned payment that is paid anew: its first posting is reversed */
        int64_t run, award, account;
        month_t month;
        fen_t amount, part;
};
struct release {
        struct house *house;
        const struct run *run;
        int64_t target; /* payment_run */
        int64_t after;
        struct payment_run row;
        instant_t known; /* when its list was frozen */
        struct item *items;
        struct personal_entry *entries;
        struct back *backs;
        size_t count, entry_count, back_count;
        int64_t txn;
};

static int page_read(struct release *r, struct tx *tx, struct error *err)
{
        struct stmt *q = NULL;
        int rc = tx_query(
            &q, tx, err,
            "SELECT y.award, y.amount_fen, y.account_fen, y.reason, p.id, p.balance_fen FROM payment y "
            "JOIN award a ON a.home = y.home AND a.id = y.award LEFT JOIN personal_account p ON p.home = a.home "
            "AND p.person = a.person AND p.scheme = a.scheme AND p.pool = a.pool WHERE y.home = ?1@int AND y.month = ?2@int "
            "AND y.run = ?3@int AND y.award > ?4@int AND y.state = 'due' ORDER BY y.award LIMIT ?5@int",
            "iiiii", (int64_t)r->run->home, (int64_t)r->row.month, r->row.id, r->after, (int64_t)BLOCK);

        r->count = 0;
        while (rc == 0 && r->count < BLOCK && (rc = stmt_step(q, err)) == 1) {
                struct item *i = &r->items[r->count++];
                fen_t balance = stmt_int(q, 5);

                *i = (struct item){.award = stmt_int(q, 0),
                                   .amount = stmt_int(q, 1),
                                   .planned = stmt_int(q, 2),
                                   .repaid = str_is(stmt_text(q, 3), "repaid"),
                                   .account = stmt_int(q, 4)};
                i->part = i->planned < balance ? i->planned : balance > 0 ? balance : 0;
                rc = 0;
        }
        return rc < 0 ? rc : 0;
}

/* What came back after the list was frozen is not among what the run pays: another one makes it good. */
static int backs_of_the_list(struct release *r, struct tx *tx, size_t first, struct error *err)
{
        size_t kept = first;
        int rc = 0;

        for (size_t i = first; rc >= 0 && i < r->back_count; i++) {
                rc = payment_returned_after(tx, r->run->home, r->backs[i].run, r->backs[i].award, r->known, err);
                if (rc == 0)
                        r->backs[kept++] = r->backs[i];
        }
        r->back_count = rc < 0 ? r->back_count : kept;
        return rc < 0 ? rc : 0;
}

/* Returned payments that the new payment makes good: of the award, and of those that it replaced (paid to another account since). */
static int backs_read(struct release *r, struct tx *tx, const struct item *i, struct error *err)
{
        size_t first = r->back_count;
        struct stmt *q = NULL;
        int rc = tx_query(&q, tx, err,
                          "WITH RECURSIVE line(id, replaces) AS (SELECT id, replaces FROM award WHERE home = ?1@int AND id = "
                          "?4@int UNION SELECT "
                          "a.id, a.replaces FROM award a JOIN line l ON a.id = l.replaces WHERE a.home = ?1@int) "
                          "SELECT y.run, y.month, y.amount_fen, y.account_fen, y.award FROM line JOIN payment_run t ON t.home "
                          "= ?1@int AND t.pool "
                          "= ?2@int AND t.id <> ?3@int JOIN payment y ON y.home = t.home AND y.month = t.month AND y.run = "
                          "t.id AND y.award = "
                          "line.id WHERE y.state = 'returned' ORDER BY y.month, y.run",
                          "iiii", (int64_t)r->run->home, r->row.pool, r->row.id, i->award);

        while ((rc = row_next(rc, q, err)) == 1) {
                struct back *more = realloc(r->backs, (r->back_count + 1) * sizeof(*more));

                if (!more)
                        return error_raise(err, SB_MEMORY, "%s", "");
                r->backs = more;
                r->backs[r->back_count++] = (struct back){.award = stmt_int(q, 4),
                                                          .account = i->account,
                                                          .run = stmt_int(q, 0),
                                                          .month = (month_t)stmt_int(q, 1),
                                                          .amount = stmt_int(q, 2),
                                                          .part = stmt_int(q, 3)};
        }
        return rc < 0 ? rc : backs_of_the_list(r, tx, first, err);
}

static void entry_add(struct release *r, int64_t account, const char *kind, fen_t amount, instant_t at)
{
        if (amount == 0)
                return;
        r->entries[r->entry_count++] = (struct personal_entry){.home = r->run->home,
                                                               .month = r->row.month,
                                                               .account = account,
                                                               .transaction = r->txn,
                                                               .kind = kind,
                                                               .amount = amount,
                                                               .at = at};
}

static int post(struct release *r, struct tx *tx, struct error *err)
{
        instant_t now = clock_now(r->house->clock);
        fen_t personal[2] = {0}, fund[2] = {0}, payable[2] = {0}; /* what is paid; what is taken back */
        struct posting postings[6];
        struct ledger_transaction t = {.home = r->run->home,
                                       .month = r->row.month,
                                       .id = r->txn,
                                       .day = instant_day(now),
                                       .kind = "payment.release",
                                       .ref_kind = "payment_run",
                                       .ref_id = r->row.id,
                                       .actor = r->row.released_by,
                                       .at = now,
                                       .postings = postings};

        r->entry_count = 0;
        for (size_t i = 0; i < r->count; i++) {
                const struct item *x = &r->items[i];
                personal[0] += x->part;
                fund[0] += x->amount - x->part;
                payable[0] -= x->amount;
                entry_add(r, x->account, "pension", -x->part, now);
        }
        for (size_t i = 0; i < r->back_count; i++) {
                const struct back *x = &r->backs[i];
                personal[1] -= x->part;
                fund[1] -= x->amount - x->part;
                payable[1] += x->amount;
                entry_add(r, x->account, "reversal", x->part, now);
        }
        for (int k = 0; k < 2; k++) {
                assert(personal[k] + fund[k] + payable[k] == 0);
                if (personal[k])
                        postings[t.count++] = (struct posting){r->row.pool, LEDGER_PERSONAL, personal[k]};
                if (fund[k])
                        postings[t.count++] = (struct posting){r->row.pool, LEDGER_FUND, fund[k]};
                if (payable[k])
                        postings[t.count++] = (struct posting){r->row.pool, LEDGER_PAYABLE, payable[k]};
        }
        if (t.count == 0)
                return 0;
        if (ledger_post(tx, r->house->ids, &t, err))
                return err->soft ? ERR_SOFT : ERR;
        return personal_account_add_many(tx, r->house->ids, r->entries, r->entry_count, err);
}

/* A payment whose split differs from what was computed (the balance changed since): its row and the run's totals follow. */
static int splits_write(struct release *r, struct tx *tx, struct error *err)
{
        fen_t less = 0;
        int rc = 0;

        for (size_t i = 0; rc == 0 && i < r->count; i++) {
                const struct item *x = &r->items[i];
                if (x->part == x->planned)
                        continue;
                less += x->planned - x->part;
                rc = tx_exec(tx, err,
                             "UPDATE payment SET account_fen = ?1@int, fund_fen = amount_fen - ?1@int WHERE home = ?2@int AND "
                             "month = ?3@int "
                             "AND run = ?4@int AND award = ?5@int",
                             "iiiii", x->part, (int64_t)r->run->home, (int64_t)r->row.month, r->row.id, x->award);
        }
        if (rc == 0 && less)
                rc = tx_exec(tx, err,
                             "UPDATE payment_run SET account_fen = account_fen - ?1@int, fund_fen = fund_fen + ?1@int WHERE "
                             "home = ?2@int "
                             "AND id = ?3@int",
                             "iii", less, (int64_t)r->run->home, r->row.id);
        for (size_t i = 0; rc == 0 && i < r->back_count; i++)
                rc = tx_exec(tx, err,
                             "UPDATE payment SET state = 'repaid' WHERE home = ?1@int AND month = ?2@int AND run = ?3@int AND "
                             "award = ?4@int",
                             "iiii", (int64_t)r->run->home, (int64_t)r->backs[i].month, r->backs[i].run, r->backs[i].award);
        return rc;
}

static int finish(struct release *r, struct tx *tx, struct error *err)
{
        int64_t changed = 0;
        int rc = tx_exec_changed(tx, &changed, err,
                                 "UPDATE payment_run SET state = CASE WHEN due_count = 0 THEN 'settled' ELSE 'released' END, "
                                 "version = version + 1 WHERE home = ?1@int AND id = ?2@int AND state = 'releasing'",
                                 "ii", (int64_t)r->run->home, r->row.id);

        return rc == 0 && changed != 1 ? error_raise(err, SB_PAYMENT_STATE, "%s|%s", r->row.state, "releasing") : rc;
}

static int entries_reserve(struct release *r, struct error *err)
{
        free(r->entries);
        r->entries = calloc(r->count + r->back_count + 1, sizeof(*r->entries));
        return r->entries ? 0 : error_raise(err, SB_MEMORY, "%s", "");
}

static int block_apply(struct tx *tx, void *ctx, struct error *err)
{
        struct release *r = ctx;
        char cursor[32];
        int rc;

        r->back_count = r->count = 0;
        rc = payment_run_read(tx, r->run->home, r->target, &r->row, err);
        /* Killed after the last block and before the run was marked as done: nothing is left to do. */
        if (rc == 0 && (strcmp(r->row.state, "released") == 0 || strcmp(r->row.state, "settled") == 0))
                return 0;
        if (rc == 0 && strcmp(r->row.state, "releasing") != 0)
                rc = error_raise(err, SB_PAYMENT_STATE, "%s|%s", r->row.state, "releasing");
        if (rc == 0 && payment_run_claims(&r->row)) { /* the books owe it since it came to be payable */
                rc = finish(r, tx, err);
                return rc ? rc : run_progress(tx, r->run, STR("0"), r->row.due_count, r->row.due_count, 0, err);
        }
        if (rc == 0)
                rc = payment_run_known(tx, r->run->home, r->row.id, &r->known, err);
        if (rc == 0)
                rc = page_read(r, tx, err);
        for (size_t i = 0; rc == 0 && i < r->count; i++)
                if (r->items[i].repaid)
                        rc = backs_read(r, tx, &r->items[i], err);
        if (rc == 0)
                rc = entries_reserve(r, err);
        if (rc == 0)
                rc = post(r, tx, err);
        if (rc == 0)
                rc = splits_write(r, tx, err);
        if (rc == 0 && r->row.txn == 0 && r->count)
                rc = tx_exec(tx, err, "UPDATE payment_run SET txn = ?1@int WHERE home = ?2@int AND id = ?3@int", "iii", r->txn,
                             (int64_t)r->run->home, r->row.id);
        if (rc == 0 && r->count < BLOCK)
                rc = finish(r, tx, err);
        if (rc)
                return rc;
        text_format(cursor, sizeof(cursor), "%lld", (long long)(r->count ? r->items[r->count - 1].award : r->after));
        return run_progress(tx, r->run, str_from(cursor), r->row.due_count, (int64_t)r->count, 0, err);
}

static int release_block(struct house *h, const struct run *run, enum run_result *more, struct error *err)
{
        struct release r = {.house = h, .run = run};
        int rc = json_get_int(run->inputs, "payment_run", true, &r.target, err);

        if (rc == 0 && run->cursor.n && !text_to_int(run->cursor, &r.after))
                rc = error_raise(err, SB_INTERNAL, "%s", "cursor of a release");
        r.items = calloc(BLOCK, sizeof(*r.items));
        if (rc == 0 && !r.items)
                rc = error_raise(err, SB_MEMORY, "%s", "");
        if (rc == 0)
                rc = ids_next(h->ids, &r.txn, err);
        /* Somebody may draw on an account between reading and posting (PostgreSQL): look again. */
        for (int attempt = 0; rc == 0 && attempt < ATTEMPTS; attempt++) {
                struct error fault = {0};

                rc = store_write(h->store, block_apply, &r, &fault);
                if (rc == 0)
                        break;
                if (fault.code == SB_LEDGER_OVERDRAWN && attempt + 1 < ATTEMPTS)
                        rc = 0;
                else if (err)
                        *err = fault;
        }
        *more = r.count < BLOCK ? RUN_DONE : RUN_MORE;
        free(r.items);
        free(r.entries);
        free(r.backs);
        return rc;
}

const struct run_kind payment_release_kind = {"payment.release", release_block, NULL};
