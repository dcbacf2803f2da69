/* SPDX-License-Identifier: Apache-2.0
 *
 * Do the personal accounts of a pool agree with its ledger?
 */
#include "office/account/account.h"

#include "office/json.h"

#define ITEMS_MAX 100

/* Accounts whose balance is not what their entries say; transactions whose entries are not what was posted. */
#define ACCOUNTS                                                                                                               \
        "SELECT a.id, CAST(COALESCE(x.total, 0) AS @int), a.balance_fen FROM personal_account a LEFT JOIN (SELECT account, "   \
        "SUM(amount_fen) AS total FROM personal_entry WHERE home = ?1@int GROUP BY account) x ON x.account = a.id WHERE "      \
        "a.home = ?1@int AND a.pool = ?2@int AND a.balance_fen <> COALESCE(x.total, 0) ORDER BY a.id"
#define POSTED                                                                                                                 \
        "SELECT txn, CAST(-SUM(posted) AS @int), CAST(SUM(entered) AS @int) FROM (SELECT txn, amount_fen AS posted, 0 AS "     \
        "entered FROM ledger_posting WHERE home = ?1@int AND pool = ?2@int AND kind = 4 UNION ALL SELECT e.txn, 0, "           \
        "e.amount_fen FROM personal_account a JOIN personal_entry e ON e.home = a.home AND e.account = a.id WHERE a.home = "   \
        "?1@int AND a.pool = ?2@int) x GROUP BY txn HAVING SUM(posted) + SUM(entered) <> 0 ORDER BY txn"

static int differences_read(struct tx *tx, const char *sql, const char *kind, int32_t home, int64_t pool, struct trial *out,
                            struct error *err)
{
        struct stmt *q = NULL;
        int rc = tx_query(&q, tx, err, sql, "ii", (int64_t)home, pool);

        while ((rc = row_next(rc, q, err)) == 1) {
                if (out->differences++ >= ITEMS_MAX)
                        continue;
                json_t *o = json_object();
                put_text(o, "kind", kind);
                put_int(o, "id", stmt_int(q, 0));
                put_money(o, "expected", stmt_int(q, 1));
                put_money(o, "found", stmt_int(q, 2));
                json_array_append_new(out->items, o);
        }
        return rc;
}

int trial_read(struct tx *tx, int32_t home, int64_t pool, struct trial *out, struct error *err)
{
        struct stmt *q = NULL;
        int rc = tx_one(&q, tx, err,
                        "SELECT COUNT(*), CAST(COALESCE(SUM(balance_fen), 0) AS @int) FROM personal_account WHERE home = "
                        "?1@int AND pool = ?2@int",
                        "ii", (int64_t)home, pool);

        out->differences = 0;
        if (rc == 1) {
                out->accounts = stmt_int(q, 0);
                out->sum = stmt_int(q, 1);
        }
        if (rc >= 0)
                rc = ledger_balance(tx, home, pool, LEDGER_PERSONAL, DAY_END, &out->ledger, err);
        out->ledger = -out->ledger;
        json_array_clear(out->items);
        if (rc == 0)
                rc = differences_read(tx, ACCOUNTS, "account", home, pool, out, err);
        return rc == 0 ? differences_read(tx, POSTED, "transaction", home, pool, out, err) : rc;
}
