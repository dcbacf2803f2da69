/* SPDX-License-Identifier: Apache-2.0
 *
 * Personal accounts: entries that are never changed, and a balance with a version that is their
 * sum.
 */
#include "ledger/internal.h"

#include <assert.h>
#include <stdlib.h>

#define ENTRY_COLUMNS "home@int, month@int, id@int, account@int, txn@int, kind@text, amount_fen@int, at@int"

static int find_account(struct tx *tx, int32_t home, int64_t person, const char *scheme, int64_t pool, int64_t *account,
                        struct error *err)
{
        struct stmt *q = NULL;
        int rc = tx_one(&q, tx, err,
                        "SELECT id FROM personal_account WHERE home = ?1@int AND person = ?2@int "
                        "AND scheme = ?3@text "
                        "AND pool = ?4@int",
                        "iiti", (int64_t)home, person, scheme, pool);
        if (rc == 1) {
                *account = stmt_int(q, 0);
        }
        return rc;
}

int personal_account_open(struct tx *tx, struct ids *ids, int32_t home, int64_t person, const char *scheme, int64_t pool,
                          int64_t *account, struct error *err)
{
        int64_t id = 0;
        int rc = find_account(tx, home, person, scheme, pool, account, err);
        if (rc != 0) {
                return rc < 0 ? rc : 0;
        }
        rc = ids_next(ids, &id, err);
        if (rc == 0) {
                rc = tx_exec(tx, err,
                             "INSERT INTO personal_account (home, id, person, scheme, pool, balance_fen, "
                             "version) "
                             "VALUES (?1@int, ?2@int, ?3@int, ?4@text, ?5@int, 0, 0) ON CONFLICT DO NOTHING",
                             "iiiti", (int64_t)home, id, person, scheme, pool);
        }
        if (rc == 0) {
                rc = find_account(tx, home, person, scheme, pool, account, err);
                rc = rc == 0 ? error_raise_soft(err, SB_STORE_CONFLICT, "%s", "") : rc;
        }
        return rc < 0 ? rc : 0;
}

int personal_account_balance(struct tx *tx, int32_t home, int64_t account, fen_t *balance, int64_t *version, struct error *err)
{
        struct stmt *q = NULL;
        int rc = tx_one(&q, tx, err, "SELECT balance_fen, version FROM personal_account WHERE home = ?1@int AND id = ?2@int",
                        "ii", (int64_t)home, account);
        if (rc == 0) {
                return error_raise(err, SB_LEDGER_ACCOUNT, "%lld", (long long)account);
        }
        if (rc == 1) {
                *balance = stmt_int(q, 0);
                *version = stmt_int(q, 1);
        }
        return rc < 0 ? rc : 0;
}

/* Why an account did not take an amount. */
static int refused(struct tx *tx, int32_t home, int64_t account, struct error *err)
{
        fen_t balance = 0;
        int64_t version = 0;
        int rc = personal_account_balance(tx, home, account, &balance, &version, err);
        return rc == 0 ? error_raise(err, SB_LEDGER_OVERDRAWN, "%lld", (long long)account) : rc;
}

static int change_balance(struct tx *tx, int32_t home, int64_t account, fen_t amount, struct error *err)
{
        int64_t changed = 0;
        int rc = tx_exec_changed(tx, &changed, err,
                                 "UPDATE personal_account SET balance_fen = balance_fen + ?1@int, version = version + 1 "
                                 "WHERE home = ?2@int AND id = ?3@int AND balance_fen >= -?1@int",
                                 "iii", amount, (int64_t)home, account);
        return rc == 0 && changed != 1 ? refused(tx, home, account, err) : rc;
}

int personal_account_add(struct tx *tx, struct ids *ids, const struct personal_entry *e, struct error *err)
{
        int64_t id = 0;
        if (e->amount == 0 || e->amount == INT64_MIN) {
                return error_raise(err, SB_LEDGER_ZERO, "%s", e->kind);
        }
        int rc = ids_next(ids, &id, err);
        if (rc == 0) {
                rc = tx_exec(tx, err,
                             "INSERT INTO personal_entry (home, month, id, account, txn, kind, amount_fen, "
                             "at) "
                             "VALUES (?1@int, ?2@int, ?3@int, ?4@int, ?5@int, ?6@text, ?7@int, ?8@int)",
                             "iiiiitii", (int64_t)e->home, (int64_t)e->month, id, e->account, e->transaction, e->kind,
                             e->amount, (int64_t)e->at);
        }
        return rc == 0 ? change_balance(tx, e->home, e->account, e->amount, err) : rc;
}

static void bulk_entry(struct bulk *b, const struct personal_entry *e, int64_t id)
{
        bulk_int(b, e->home);
        bulk_int(b, e->month);
        bulk_int(b, id);
        bulk_int(b, e->account);
        bulk_int(b, e->transaction);
        bulk_text(b, str_from(e->kind));
        bulk_int(b, e->amount);
        bulk_int(b, e->at);
}

static int insert_entries(struct tx *tx, struct ids *ids, const struct personal_entry *entries, size_t count, struct error *err)
{
        struct bulk *b = NULL;
        int64_t first = 0;
        int rc = ids_range(ids, (int64_t)count, &first, err);
        if (rc == 0) {
                rc = bulk_open(&b, tx, "personal_entry", ENTRY_COLUMNS, err);
        }
        for (size_t i = 0; rc == 0 && i < count; i++) {
                bulk_entry(b, &entries[i], first + (int64_t)i);
                rc = bulk_row(b, err);
        }
        int closed = b ? bulk_close(b, err) : 0;
        return rc != 0 ? rc : closed;
}

struct change {
        int64_t account;
        fen_t amount;
};

static int by_account(const void *a, const void *b)
{
        const struct change *x = a, *y = b;
        return (x->account > y->account) - (x->account < y->account);
}

/* One change an account, in the order of accounts: two transactions that lock many accounts never
 * wait for each other in a circle. */
static int sum_changes(struct change **out, size_t *distinct, const struct personal_entry *entries, size_t count,
                       struct error *err)
{
        struct change *c = malloc(count * sizeof *c);
        size_t n = 0;
        if (!c) {
                return error_raise(err, SB_MEMORY, "%s", "");
        }
        for (size_t i = 0; i < count; i++) {
                c[i] = (struct change){entries[i].account, entries[i].amount};
        }
        qsort(c, count, sizeof *c, by_account);
        for (size_t i = 0; i < count; i++) {
                if (n > 0 && c[n - 1].account == c[i].account) {
                        if (!money_add(c[n - 1].amount, c[i].amount, &c[n - 1].amount) || c[n - 1].amount == INT64_MIN) {
                                free(c);
                                return error_raise(err, SB_OVERFLOW, "%lld", (long long)entries[i].amount);
                        }
                } else {
                        c[n++] = c[i];
                }
        }
        *out = c;
        *distinct = n;
        return 0;
}

#define PAIR(a, b) ", (?" #a "@int, ?" #b "@int)"

enum { CHANGES_AT_ONCE = 32 };

static int change_balances(struct tx *tx, int32_t home, const struct change *c, struct error *err)
{
        static const char *sql = "WITH change (account, amount) AS (VALUES (?1@int, ?2@int)" PAIR(3, 4) PAIR(5, 6) PAIR(7, 8)
            PAIR(9, 10) PAIR(11, 12) PAIR(13, 14) PAIR(15, 16) PAIR(17, 18) PAIR(19, 20) PAIR(21, 22) PAIR(23, 24) PAIR(25, 26)
                PAIR(27, 28) PAIR(29, 30) PAIR(31, 32) PAIR(33, 34) PAIR(35, 36) PAIR(37, 38) PAIR(39, 40) PAIR(41, 42)
                    PAIR(43, 44) PAIR(45, 46) PAIR(47, 48) PAIR(49, 50) PAIR(51, 52) PAIR(53, 54) PAIR(55, 56) PAIR(57, 58)
                        PAIR(59, 60) PAIR(61, 62) PAIR(63, 64) ") UPDATE personal_account SET balance_fen = balance_fen "
                                                               "+ change.amount, version = version + 1 "
                                                               "FROM change WHERE personal_account.home = ?65@int AND "
                                                               "personal_account.id = change.account "
                                                               "AND balance_fen >= -change.amount";
        struct stmt *q = NULL;
        int rc = tx_prepare(&q, tx, sql, err);
        if (rc != 0) {
                return rc;
        }
        for (int i = 0; i < CHANGES_AT_ONCE; i++) {
                stmt_bind_int(q, 2 * i + 1, c[i].account);
                stmt_bind_int(q, 2 * i + 2, c[i].amount);
        }
        stmt_bind_int(q, 2 * CHANGES_AT_ONCE + 1, home);
        rc = stmt_step(q, err);
        if (rc == 0 && stmt_changed(q) != CHANGES_AT_ONCE) {
                /* Say which: alone, the one that was refused is refused again. */
                for (int i = 0; rc == 0 && i < CHANGES_AT_ONCE; i++) {
                        fen_t balance = 0;
                        int64_t version = 0;
                        rc = personal_account_balance(tx, home, c[i].account, &balance, &version, err);
                        if (rc == 0 && c[i].amount < 0 && balance < -c[i].amount) {
                                rc = error_raise(err, SB_LEDGER_OVERDRAWN, "%lld", (long long)c[i].account);
                        }
                }
                rc = rc == 0 ? error_raise(err, SB_LEDGER_OVERDRAWN, "%lld", (long long)c[0].account) : rc;
        }
        return rc;
}

int personal_account_add_many(struct tx *tx, struct ids *ids, const struct personal_entry *entries, size_t count,
                              struct error *err)
{
        struct change *changes = NULL;
        size_t n = 0, i = 0;
        if (count == 0) {
                return 0;
        }
        for (size_t k = 0; k < count; k++) {
                assert(entries[k].home == entries[0].home);
                if (entries[k].amount == 0 || entries[k].amount == INT64_MIN) {
                        return error_raise(err, SB_LEDGER_ZERO, "%s", entries[k].kind);
                }
        }
        int rc = insert_entries(tx, ids, entries, count, err);
        if (rc == 0) {
                rc = sum_changes(&changes, &n, entries, count, err);
        }
        for (; rc == 0 && n - i >= CHANGES_AT_ONCE; i += CHANGES_AT_ONCE) {
                rc = change_balances(tx, entries[0].home, changes + i, err);
        }
        for (; rc == 0 && i < n; i++) {
                rc = change_balance(tx, entries[0].home, changes[i].account, changes[i].amount, err);
        }
        free(changes);
        return rc;
}

static int insert_accounts(struct tx *tx, int32_t home, const struct personal_opening *openings, size_t count,
                           struct error *err)
{
        struct bulk *b = NULL;
        int rc = bulk_open(&b, tx, "personal_account",
                           "home@int, id@int, person@int, scheme@text, pool@int, balance_fen@int, version@int", err);
        for (size_t i = 0; rc == 0 && i < count; i++) {
                const struct personal_opening *o = &openings[i];
                bulk_int(b, home);
                bulk_int(b, o->account);
                bulk_int(b, o->person);
                bulk_text(b, str_from(o->scheme));
                bulk_int(b, o->pool);
                bulk_int(b, o->amount);
                bulk_int(b, o->amount != 0);
                rc = bulk_row(b, err);
        }
        int closed = b ? bulk_close(b, err) : 0;
        return rc != 0 ? rc : closed;
}

static int insert_openings(struct tx *tx, struct ids *ids, int32_t home, int64_t transaction, const char *kind,
                           const struct personal_opening *openings, size_t count, instant_t at, struct error *err)
{
        struct bulk *b = NULL;
        int64_t id = 0;
        int rc = ids_range(ids, (int64_t)count, &id, err);
        if (rc == 0) {
                rc = bulk_open(&b, tx, "personal_entry", ENTRY_COLUMNS, err);
        }
        for (size_t i = 0; rc == 0 && i < count; i++) {
                const struct personal_opening *o = &openings[i];
                if (o->amount != 0) {
                        struct personal_entry e = {.home = home,
                                                   .month = o->month,
                                                   .account = o->account,
                                                   .transaction = transaction,
                                                   .kind = kind,
                                                   .amount = o->amount,
                                                   .at = at};
                        bulk_entry(b, &e, id++);
                        rc = bulk_row(b, err);
                }
        }
        int closed = b ? bulk_close(b, err) : 0;
        return rc != 0 ? rc : closed;
}

int personal_account_open_many(struct tx *tx, struct ids *ids, int32_t home, int64_t transaction, const char *kind,
                               struct personal_opening *openings, size_t count, instant_t at, struct error *err)
{
        int64_t first = 0;
        if (count == 0) {
                return 0;
        }
        int rc = ids_range(ids, (int64_t)count, &first, err);
        for (size_t i = 0; rc == 0 && i < count; i++) {
                openings[i].account = first + (int64_t)i;
                if (openings[i].amount < 0) {
                        rc = error_raise(err, SB_LEDGER_OVERDRAWN, "%lld", (long long)openings[i].account);
                }
        }
        if (rc == 0) {
                rc = insert_accounts(tx, home, openings, count, err);
        }
        return rc == 0 ? insert_openings(tx, ids, home, transaction, kind, openings, count, at, err) : rc;
}

int personal_entries_reverse(struct tx *tx, struct ids *ids, int32_t home, int64_t transaction, int64_t reversal, instant_t at,
                             struct error *err)
{
        struct stmt *q = NULL;
        int64_t first = 0;
        int rc = tx_one(&q, tx, err, "SELECT COUNT(*) FROM personal_entry WHERE home = ?1@int AND txn = ?2@int", "ii",
                        (int64_t)home, transaction);
        int64_t count = rc == 1 ? stmt_int(q, 0) : 0;
        if (rc < 0 || count == 0) {
                return rc < 0 ? rc : 0;
        }
        rc = ids_range(ids, count, &first, err);
        if (rc == 0) {
                rc = tx_exec(tx, err,
                             "INSERT INTO personal_entry (home, month, id, account, txn, kind, "
                             "amount_fen, at) "
                             "SELECT home, month, ?1@int - 1 + ROW_NUMBER() OVER (ORDER BY month, "
                             "id), account, ?2@int, "
                             "'reversal', -amount_fen, ?3@int FROM personal_entry WHERE home = "
                             "?4@int AND txn = ?5@int",
                             "iiiii", first, reversal, (int64_t)at, (int64_t)home, transaction);
        }
        if (rc == 0) {
                rc = tx_exec(tx, err,
                             "UPDATE personal_account SET balance_fen = balance_fen + (SELECT "
                             "CAST(SUM(e.amount_fen) AS @int) "
                             "FROM personal_entry e WHERE e.home = ?1@int AND e.txn = ?2@int AND e.account "
                             "= personal_account.id), "
                             "version = version + 1 WHERE home = ?1@int AND id IN "
                             "(SELECT account FROM personal_entry WHERE home = ?1@int AND txn = ?2@int)",
                             "ii", (int64_t)home, reversal);
        }
        if (rc == 0) {
                rc = tx_one(&q, tx, err,
                            "SELECT id FROM personal_account WHERE home = ?1@int AND balance_fen < "
                            "0 AND id IN "
                            "(SELECT account FROM personal_entry WHERE home = ?1@int AND txn = "
                            "?2@int) ORDER BY id LIMIT 1",
                            "ii", (int64_t)home, reversal);
        }
        return rc == 1 ? error_raise(err, SB_LEDGER_OVERDRAWN, "%lld", (long long)stmt_int(q, 0)) : rc;
}
