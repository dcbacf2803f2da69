/* SPDX-License-Identifier: Apache-2.0
 *
 * Balances: sealed daily totals plus the tail of postings after them.
 */
#include "ledger/internal.h"

static int sealed_before(struct tx *tx, int32_t home, const char *sql, day_t *out, bool *found, struct error *err)
{
        struct stmt *q = NULL;
        int rc = tx_one(&q, tx, err, sql, "i", (int64_t)home);
        *found = rc == 1;
        if (rc == 1) {
                *out = (day_t)stmt_int(q, 0);
        }
        return rc < 0 ? rc : 0;
}

/* Where no row is, none can be kept from changing: the first transaction of a home makes it. */
static int watermark(struct tx *tx, int32_t home, const char *sql, day_t *out, struct error *err)
{
        bool found = false;
        int rc = sealed_before(tx, home, sql, out, &found, err);
        if (rc == 0 && !found) {
                rc = tx_exec(tx, err,
                             "INSERT INTO ledger_seal (home, sealed_before) VALUES (?1@int, ?2@int) "
                             "ON CONFLICT (home) DO NOTHING",
                             "ii", (int64_t)home, (int64_t)INT32_MIN);
                if (rc == 0) {
                        rc = sealed_before(tx, home, sql, out, &found, err);
                }
                if (rc == 0 && !found) {
                        rc = error_raise_soft(err, SB_STORE_CONFLICT, "%s", "");
                }
        }
        return rc;
}

int ledger_day_open(struct tx *tx, int32_t home, day_t day, struct error *err)
{
        day_t before = 0;
        char a[16], b[16];
        int rc = watermark(tx, home, "SELECT sealed_before FROM ledger_seal WHERE home = ?1@int @share", &before, err);
        if (rc == 0 && day < before) {
                rc = error_raise(err, SB_LEDGER_SEALED, "%s|%s", day_text(day, a), day_text(before, b));
        }
        return rc;
}

int ledger_balance(struct tx *tx, int32_t home, int64_t pool, enum ledger_kind kind, day_t day, fen_t *out, struct error *err)
{
        struct stmt *q = NULL;
        int64_t sealed_day = INT32_MIN;
        fen_t balance = 0, tail = 0;
        int rc = tx_one(&q, tx, err,
                        "SELECT day, balance_fen FROM ledger_sealed WHERE home = ?1@int AND pool = ?2@int AND "
                        "kind = ?3@int AND day <= ?4@int ORDER BY day DESC LIMIT 1",
                        "iiii", (int64_t)home, pool, (int64_t)kind, (int64_t)day);
        if (rc == 1) {
                sealed_day = stmt_int(q, 0);
                balance = stmt_int(q, 1);
        }
        if (rc >= 0) {
                rc = tx_one(&q, tx, err,
                            "SELECT CAST(COALESCE(SUM(amount_fen), 0) AS @int) FROM ledger_posting "
                            "WHERE home = ?1@int "
                            "AND pool = ?2@int AND kind = ?3@int AND day > ?4@int AND day <= ?5@int",
                            "iiiii", (int64_t)home, pool, (int64_t)kind, sealed_day, (int64_t)day);
        }
        if (rc == 1) {
                tail = stmt_int(q, 0);
        }
        if (rc >= 0 && !money_add(balance, tail, out)) {
                rc = error_raise(err, SB_OVERFLOW, "%lld + %lld", (long long)balance, (long long)tail);
        }
        return rc < 0 ? rc : 0;
}

struct account {
        int64_t pool, kind;
        fen_t balance;
};

static int last_sealed(struct tx *tx, int32_t home, struct account *a, struct error *err)
{
        struct stmt *q = NULL;
        int rc = tx_one(&q, tx, err,
                        "SELECT balance_fen FROM ledger_sealed WHERE home = ?1@int AND pool = "
                        "?2@int AND kind = ?3@int "
                        "ORDER BY day DESC LIMIT 1",
                        "iii", (int64_t)home, a->pool, a->kind);
        a->balance = rc == 1 ? stmt_int(q, 0) : 0;
        return rc < 0 ? rc : 0;
}

static int seal_day(struct tx *tx, int32_t home, struct account *a, const struct stmt *total, instant_t at, struct error *err)
{
        fen_t sum = stmt_int(total, 3);
        if (!money_add(a->balance, sum, &a->balance)) {
                return error_raise(err, SB_OVERFLOW, "%lld + %lld", (long long)a->balance, (long long)sum);
        }
        return tx_exec(tx, err,
                       "INSERT INTO ledger_sealed (home, pool, kind, day, total_fen, balance_fen, "
                       "postings, sealed_at) "
                       "VALUES (?1@int, ?2@int, ?3@int, ?4@int, ?5@int, ?6@int, ?7@int, ?8@int)",
                       "iiiiiiii", (int64_t)home, a->pool, a->kind, stmt_int(total, 2), sum, a->balance, stmt_int(total, 4),
                       (int64_t)at);
}

int ledger_seal(struct tx *tx, struct ids *ids, int32_t home, day_t before, instant_t at, struct error *err)
{
        struct stmt *q = NULL;
        struct account a = {0};
        day_t from = 0;
        (void)ids; /* sealed totals are keyed by their day */
        int rc = watermark(tx, home, "SELECT sealed_before FROM ledger_seal WHERE home = ?1@int @lock", &from, err);
        if (rc != 0 || before <= from) {
                return rc;
        }
        rc = tx_query(&q, tx, err,
                      "SELECT pool, kind, day, CAST(SUM(amount_fen) AS @int), COUNT(*) FROM ledger_posting "
                      "WHERE home = ?1@int AND day >= ?2@int AND day < ?3@int GROUP BY pool, kind, day "
                      "ORDER BY pool, kind, day",
                      "iii", (int64_t)home, (int64_t)from, (int64_t)before);
        while ((rc = row_next(rc, q, err)) == 1) {
                rc = 0;
                if (stmt_int(q, 0) != a.pool || stmt_int(q, 1) != a.kind) {
                        a = (struct account){.pool = stmt_int(q, 0), .kind = stmt_int(q, 1)};
                        rc = last_sealed(tx, home, &a, err);
                }
                if (rc == 0) {
                        rc = seal_day(tx, home, &a, q, at, err);
                }
                if (rc != 0) {
                        return rc;
                }
        }
        return rc < 0 ? rc
                      : tx_exec(tx, err, "UPDATE ledger_seal SET sealed_before = ?1@int WHERE home = ?2@int", "ii",
                                (int64_t)before, (int64_t)home);
}
