/* SPDX-License-Identifier: Apache-2.0
 *
 * Transactions: posted once, summing to zero, corrected only by their exact opposite.
 */
#include "ledger/internal.h"

#include <assert.h>

static int check(const struct ledger_transaction *t, struct error *err)
{
        fen_t sum = 0;
        assert(t->home > 0 && t->id > 0 && t->kind && t->ref_kind);
        bool ok = t->count > 0;
        for (size_t i = 0; i < t->count; i++) {
                assert(t->postings[i].kind >= LEDGER_BANK && t->postings[i].kind <= LEDGER_OPENING);
                if (t->postings[i].amount == 0) {
                        return error_raise(err, SB_LEDGER_ZERO, "%s", t->kind);
                }
                ok = ok && t->postings[i].amount != INT64_MIN && money_add(sum, t->postings[i].amount, &sum);
        }
        return ok && sum == 0 ? 0 : error_raise(err, SB_LEDGER_UNBALANCED, "%s", t->kind);
}

static int insert_head(struct tx *tx, int64_t *changed, const struct ledger_transaction *t, struct error *err)
{
        return tx_exec_changed(tx, changed, err,
                               "INSERT INTO ledger_transaction (home, month, id, day, kind, ref_kind, ref_id, "
                               "reverses, actor, at) VALUES (?1@int, ?2@int, ?3@int, ?4@int, ?5@text, ?6@text, "
                               "?7@int, ?8@int, ?9@int, ?10@int) ON CONFLICT DO NOTHING",
                               "iiiittiiii", (int64_t)t->home, (int64_t)t->month, t->id, (int64_t)t->day, t->kind, t->ref_kind,
                               t->ref_id, t->reverses, t->actor, (int64_t)t->at);
}

static int insert_postings(struct tx *tx, struct ids *ids, const struct ledger_transaction *t, struct error *err)
{
        int64_t first = 0;
        int rc = ids_range(ids, (int64_t)t->count, &first, err);
        for (size_t i = 0; rc == 0 && i < t->count; i++) {
                const struct posting *p = &t->postings[i];
                rc = tx_exec(tx, err,
                             "INSERT INTO ledger_posting (home, month, id, txn, pool, kind, day, "
                             "amount_fen) "
                             "VALUES (?1@int, ?2@int, ?3@int, ?4@int, ?5@int, ?6@int, ?7@int, ?8@int)",
                             "iiiiiiii", (int64_t)t->home, (int64_t)t->month, first + (int64_t)i, t->id, p->pool,
                             (int64_t)p->kind, (int64_t)t->day, p->amount);
        }
        return rc;
}

int ledger_post(struct tx *tx, struct ids *ids, const struct ledger_transaction *t, struct error *err)
{
        int64_t changed = 0;
        int rc = check(t, err);
        if (rc == 0) {
                rc = ledger_day_open(tx, t->home, t->day, err);
        }
        if (rc == 0) {
                rc = insert_head(tx, &changed, t, err);
        }
        if (rc == 0 && changed == 0) {
                rc = t->reverses != 0 ? error_raise(err, SB_LEDGER_REVERSED, "%lld", (long long)t->reverses)
                                      : error_raise(err, SB_STORE_UNIQUE, "%s", "ledger_transaction");
        }
        if (rc == 0) {
                rc = insert_postings(tx, ids, t, err);
        }
        return rc;
}

/* The head of the transaction to reverse; texts borrowed from the statement. */
static int read_original(struct tx *tx, int32_t home, int64_t id, struct ledger_transaction *out, char kind[64],
                         char ref_kind[64], struct error *err)
{
        struct stmt *q = NULL;
        int rc = tx_one(&q, tx, err,
                        "SELECT kind, ref_kind, ref_id, reverses FROM ledger_transaction "
                        "WHERE home = ?1@int AND id = ?2@int",
                        "ii", (int64_t)home, id);
        if (rc == 0) {
                return error_raise(err, SB_LEDGER_UNKNOWN, "%lld", (long long)id);
        }
        if (rc < 0) {
                return rc;
        }
        if (stmt_int(q, 3) != 0) {
                return error_raise(err, SB_LEDGER_REVERSAL, "%lld", (long long)id);
        }
        out->kind = text_copy(kind, 64, stmt_text(q, 0));
        out->ref_kind = text_copy(ref_kind, 64, stmt_text(q, 1));
        out->ref_id = stmt_int(q, 2);
        return 0;
}

/* Opposite postings in the database itself: a transaction may have any number of them. */
static int reverse_postings(struct tx *tx, struct ids *ids, const struct ledger_transaction *t, struct error *err)
{
        struct stmt *q = NULL;
        int64_t first = 0, changed = 0;
        int rc = tx_one(&q, tx, err, "SELECT COUNT(*) FROM ledger_posting WHERE home = ?1@int AND txn = ?2@int", "ii",
                        (int64_t)t->home, t->reverses);
        int64_t count = rc == 1 ? stmt_int(q, 0) : 0;
        rc = rc < 0 ? rc : 0;
        if (rc == 0 && count > 0) {
                rc = ids_range(ids, count, &first, err);
        }
        if (rc == 0 && count > 0) {
                rc = tx_exec_changed(tx, &changed, err,
                                     "INSERT INTO ledger_posting (home, month, id, txn, pool, "
                                     "kind, day, amount_fen) "
                                     "SELECT home, ?1@int, ?2@int - 1 + ROW_NUMBER() OVER (ORDER "
                                     "BY month, id), ?3@int, "
                                     "pool, kind, ?4@int, -amount_fen FROM ledger_posting "
                                     "WHERE home = ?5@int AND txn = ?6@int",
                                     "iiiiii", (int64_t)t->month, first, t->id, (int64_t)t->day, (int64_t)t->home, t->reverses);
        }
        if (rc == 0 && changed != count) {
                rc = error_raise(err, SB_INTERNAL, "%s", "a transaction changed while it was reversed");
        }
        return rc;
}

int ledger_reverse(struct tx *tx, struct ids *ids, int32_t home, int64_t transaction, day_t day, int64_t actor, instant_t at,
                   int64_t *reversal, struct error *err)
{
        struct ledger_transaction t = {
            .home = home, .month = month_of(day), .day = day, .reverses = transaction, .actor = actor, .at = at};
        char kind[64], ref_kind[64];
        int64_t changed = 0;
        int rc = read_original(tx, home, transaction, &t, kind, ref_kind, err);
        if (rc == 0) {
                rc = ledger_day_open(tx, home, day, err);
        }
        if (rc == 0) {
                rc = ids_next(ids, &t.id, err);
        }
        if (rc == 0) {
                rc = insert_head(tx, &changed, &t, err);
        }
        if (rc == 0 && changed == 0) {
                rc = error_raise(err, SB_LEDGER_REVERSED, "%lld", (long long)transaction);
        }
        if (rc == 0) {
                rc = reverse_postings(tx, ids, &t, err);
        }
        if (rc == 0) {
                rc = personal_entries_reverse(tx, ids, home, transaction, t.id, at, err);
        }
        if (rc == 0) {
                *reversal = t.id;
        }
        return rc;
}
