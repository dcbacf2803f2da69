/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs of one-off payments (非周期发放): which claims a run lists, and what becomes of them as the run goes on. Release, files, statements
 * and return files are those of any run; a claim is owed in the books already, so that releasing it posts nothing.
 */
#include "office/payment/claim.h"

#include <string.h>

#define RUN_CLAIMS 5000 /* in one run, the oldest first; the rest is the next one's */

/* Claims k of pool ?2 that may be paid by day ?3: somebody knows where to, and no other account waits to be checked. */
#define PAYABLE                                                                                                                \
        "FROM payment_claim k WHERE k.home = ?1@int AND k.pool = ?2@int AND k.state IN ('open', 'corrected') AND k.payee <> "  \
        "0 AND k.from_day <= ?3@int AND NOT EXISTS (SELECT 1 FROM payment_payee p WHERE p.home = k.home AND p.claim = k.id "   \
        "AND p.state = 'proposed') "

int claims_need(struct tx *tx, int32_t home, int64_t pool, day_t day, struct error *err)
{
        struct stmt *q = NULL;
        char text[16];
        int rc = tx_one(&q, tx, err, "SELECT 1 " PAYABLE "LIMIT 1", "iii", (int64_t)home, pool, (int64_t)day);

        return rc == 0 ? error_raise(err, SB_CLAIM_NONE, "%s", day_text(day, text)) : rc < 0 ? rc : 0;
}

/* --- the list ------------------------------------------------------------------------------------------------------------------- */

struct listing {
        const struct run *run;
        int64_t pool;
        day_t day;
        struct hash list;
        int64_t count;
};

/* What a second person releases is exactly what was listed. */
static int list_hash(struct tx *tx, struct listing *l, struct error *err)
{
        struct stmt *q = NULL;
        char row[160];
        struct hash h;
        int rc =
            tx_query(&q, tx, err,
                     "SELECT claim, amount_fen, account_fen, payee FROM claim_payment WHERE home = ?1@int AND run = ?2@int "
                     "ORDER BY claim",
                     "ii", (int64_t)l->run->home, l->run->id);

        l->list = hash_of("", 0);
        l->count = 0;
        while ((rc = row_next(rc, q, err)) == 1) {
                text_format(row, sizeof row, "%lld|%lld|%lld|%lld", (long long)stmt_int(q, 0), (long long)stmt_int(q, 1),
                            (long long)stmt_int(q, 2), (long long)stmt_int(q, 3));
                h = hash_of(row, strlen(row));
                l->list = hash_pair(&l->list, &h);
                l->count++;
        }
        return rc;
}

static int list_apply(struct tx *tx, void *ctx, struct error *err)
{
        struct listing *l = ctx;
        const struct run *run = l->run;
        struct payment_run row;
        char cursor[80], hex[65];
        int rc = payment_run_read(tx, run->home, run->id, &row, err);

        if (rc == 0 && strcmp(row.state, "freezing") != 0)
                rc = error_raise(err, SB_PAYMENT_STATE, "%s|%s", row.state, "freezing");
        if (rc == 0)
                rc = tx_exec(
                    tx, err,
                    "INSERT INTO claim_payment (home, month, run, claim, state, amount_fen, account_fen, fund_fen, payee, "
                    "return_code) SELECT k.home, ?4@int, ?5@int, k.id, 'due', k.amount_fen, k.account_fen, k.fund_fen, "
                    "k.payee, '' " PAYABLE "ORDER BY k.id LIMIT ?6@int",
                    "iiiiii", (int64_t)run->home, l->pool, (int64_t)l->day, (int64_t)row.month, run->id, (int64_t)RUN_CLAIMS);
        if (rc == 0)
                rc = tx_exec(
                    tx, err,
                    "UPDATE payment_claim SET state = 'listed', run = ?2@int, version = version + 1 WHERE home = ?1@int "
                    "AND id IN (SELECT claim FROM claim_payment WHERE home = ?1@int AND run = ?2@int)",
                    "ii", (int64_t)run->home, run->id);
        rc = rc ? rc : list_hash(tx, l, err);
        text_format(cursor, sizeof cursor, "end %s", hash_hex(&l->list, hex));
        return rc ? rc : run_progress(tx, run, str_from(cursor), l->count, l->count, 0, err);
}

static int claims_block(struct house *h, const struct run *run, enum run_result *more, struct error *err)
{
        struct listing l = {.run = run};
        int rc;

        *more = RUN_MORE;
        if (run->cursor.n > 4) { /* listed: only the totals are left */
                *more = RUN_DONE;
                rc = hash_parse(&l.list, (struct str){run->cursor.p + 4, run->cursor.n - 4}, err);
                return rc ? rc : payment_closing(h, run, &l.list, err);
        }
        rc = json_get_int(run->inputs, "pool", true, &l.pool, err);
        rc = rc ? rc : json_get_day(run->inputs, "day", true, &l.day, err);
        return rc ? rc : store_write(h->store, list_apply, &l, err);
}

const struct run_kind payment_claims_kind = {"payment.claims", claims_block, NULL};

/* --- what becomes of them --------------------------------------------------------------------------------------------------------- */

int claims_unlist(struct tx *tx, const struct payment_run *run, struct error *err)
{
        return tx_exec(tx, err,
                       "UPDATE payment_claim SET state = CASE WHEN return_code <> '' THEN 'corrected' ELSE 'open' END, run = "
                       "0, version = version + 1 WHERE home = ?1@int AND run = ?2@int AND state = 'listed'",
                       "ii", (int64_t)run->home, run->id);
}

int claims_paid(struct tx *tx, const struct payment_run *run, struct error *err)
{
        return tx_exec(tx, err,
                       "UPDATE payment_claim SET state = 'paid', version = version + 1 WHERE home = ?1@int AND run = ?2@int "
                       "AND state = 'listed'",
                       "ii", (int64_t)run->home, run->id);
}

int claim_returned(struct tx *tx, const struct payment_run *run, int64_t claim, const char *code, struct error *err)
{
        int64_t changed = 0;
        int rc = tx_exec(tx, err,
                         "UPDATE claim_payment SET state = 'returned', return_code = ?1@text WHERE home = ?2@int AND run = "
                         "?3@int AND claim = ?4@int",
                         "tiii", code, (int64_t)run->home, run->id, claim);

        if (rc == 0)
                rc =
                    tx_exec_changed(tx, &changed, err,
                                    "UPDATE payment_claim SET state = 'returned', return_code = ?1@text, version = version + 1 "
                                    "WHERE home = ?2@int AND id = ?3@int AND run = ?4@int AND state IN ('listed', 'paid')",
                                    "tiii", code, (int64_t)run->home, claim, run->id);
        return rc == 0 && changed != 1 ? error_raise(err, SB_STORE_CONFLICT, "%s", "") : rc;
}

int claims_owed(struct tx *tx, int32_t home, int64_t pool, fen_t *out, struct error *err)
{
        struct stmt *q = NULL;
        int rc = tx_one(&q, tx, err,
                        "SELECT CAST(COALESCE(SUM(k.amount_fen), 0) AS @int) FROM payment_claim k WHERE k.home = ?1@int AND "
                        "k.pool = ?2@int AND (k.state IN ('open', 'returned', 'corrected') OR (k.state = 'listed' AND EXISTS "
                        "(SELECT 1 FROM payment_run r WHERE r.home = k.home AND r.id = k.run AND r.state IN ('freezing', "
                        "'computed'))))",
                        "ii", (int64_t)home, pool);

        *out = rc == 1 ? stmt_int(q, 0) : 0;
        return rc < 0 ? rc : 0;
}
