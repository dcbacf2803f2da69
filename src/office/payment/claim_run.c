/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs of one-off payments (非周期发放): which claims a run lists, and what becomes of them as the run goes on. Release, files, statements
 * and return files are those of any run; a claim is owed in the books already, so that releasing it posts nothing.
 */
#include "office/payment/claim.h"

#include "office/json.h"

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

/* --- the look before ---------------------------------------------------------------------------------------------------------------- */

struct look {
        struct call *call;
        int64_t only, pool; /* only: 0 every pool */
        day_t day;
        json_t *items, *out; /* out: of the pool at hand */
};

#define LOOK_POOLS 200

/* What a run made now would list. */
static int due_put(struct tx *tx, const struct look *l, fen_t *due, struct error *err)
{
        struct stmt *q = NULL;
        int rc =
            tx_one(&q, tx, err,
                   "SELECT COUNT(*), CAST(COALESCE(SUM(x.amount_fen), 0) AS @int), CAST(COALESCE(SUM(x.account_fen), 0) AS "
                   "@int), CAST(COALESCE(SUM(x.fund_fen), 0) AS @int), CAST(COALESCE(MAX(x.amount_fen), 0) AS @int) FROM "
                   "(SELECT k.amount_fen, k.account_fen, k.fund_fen " PAYABLE "ORDER BY k.id LIMIT ?4@int) x",
                   "iiii", (int64_t)l->call->house->home, l->pool, (int64_t)l->day, (int64_t)RUN_CLAIMS);

        if (rc < 0)
                return rc;
        *due = stmt_int(q, 1);
        put_int(l->out, "count", stmt_int(q, 0));
        put_money(l->out, "sum", *due);
        put_money(l->out, "account", stmt_int(q, 2));
        put_money(l->out, "fund", stmt_int(q, 3));
        put_money(l->out, "largest", stmt_int(q, 4));
        return 0;
}

/* What is owed and not listed yet, by what it waits for; "ready" is what this run and those after it pay. */
static int waiting_put(struct tx *tx, const struct look *l, struct error *err)
{
        static const char *const names[] = {"ready", "waiting", "returned", "unknown", "later"};
        struct stmt *q = NULL;
        size_t i;
        int rc = tx_query(
            &q, tx, err,
            "SELECT x.what, COUNT(*), CAST(SUM(x.amount_fen) AS @int) FROM (SELECT k.amount_fen, CASE WHEN EXISTS (SELECT 1 "
            "FROM "
            "payment_payee p WHERE p.home = k.home AND p.claim = k.id AND p.state = 'proposed') THEN 1 WHEN k.state = "
            "'returned' THEN 2 WHEN k.payee = 0 THEN 3 WHEN k.from_day > ?3@int THEN 4 ELSE 0 END AS what FROM payment_claim k "
            "WHERE k.home = ?1@int AND k.pool = ?2@int AND k.state IN ('open', 'returned', 'corrected')) x GROUP BY x.what",
            "iii", (int64_t)l->call->house->home, l->pool, (int64_t)l->day);
        json_t *o;

        for (i = 0; i < sizeof names / sizeof *names; i++)
                put_value(l->out, names[i], json_pack("{s:i,s:s}", "count", 0, "sum", "0.00"));
        while ((rc = row_next(rc, q, err)) == 1) {
                o = json_object_get(l->out, names[stmt_int(q, 0)]);
                put_int(o, "count", stmt_int(q, 1));
                put_money(o, "sum", stmt_int(q, 2));
        }
        return rc;
}

/* The run that must be released or cancelled first. */
static int open_put(struct tx *tx, const struct look *l, struct error *err)
{
        struct stmt *q = NULL;
        int rc = tx_one(&q, tx, err,
                        "SELECT id FROM payment_run WHERE home = ?1@int AND pool = ?2@int AND kind = 'claims' AND state IN "
                        "('freezing', 'computed', 'releasing') LIMIT 1",
                        "ii", (int64_t)l->call->house->home, l->pool);

        put_value(l->out, "open_run", rc == 1 ? json_integer(stmt_int(q, 0)) : json_null());
        return rc < 0 ? rc : 0;
}

static int funds_put(struct tx *tx, const struct look *l, fen_t due, struct error *err)
{
        int32_t home = l->call->house->home;
        fen_t bank = 0, payable = 0, claims = 0, left;
        int rc = ledger_balance(tx, home, l->pool, LEDGER_BANK, DAY_END, &bank, err);

        rc = rc ? rc : ledger_balance(tx, home, l->pool, LEDGER_PAYABLE, DAY_END, &payable, err);
        rc = rc ? rc : claims_owed(tx, home, l->pool, &claims, err);
        left = bank + payable + claims; /* as a release counts it */
        put_money(l->out, "bank", bank);
        put_money(l->out, "shortfall", left < due ? due - left : 0);
        return rc;
}

static int pool_put(struct tx *tx, struct look *l, const struct pool *pool, struct error *err)
{
        fen_t due = 0;
        int rc;

        l->pool = pool->id;
        l->out = json_object();
        json_array_append_new(l->items, l->out);
        put_int(l->out, "pool", pool->id);
        put_text(l->out, "pool_name", l->call->who.lang == LANG_EN ? pool->name_en : pool->name_zh);
        put_day(l->out, "day", l->day);
        rc = due_put(tx, l, &due, err);
        rc = rc ? rc : waiting_put(tx, l, err);
        rc = rc ? rc : open_put(tx, l, err);
        return rc ? rc : funds_put(tx, l, due, err);
}

/* Pools that the office may make runs of. */
static int look_read(struct tx *tx, void *ctx, struct error *err)
{
        struct look *l = ctx;
        int64_t ids[LOOK_POOLS];
        int n = 0;
        struct stmt *q = NULL;
        int rc = tx_query(&q, tx, err,
                          "SELECT id FROM pool WHERE home = ?1@int AND (?2@int = 0 OR id = ?2@int) AND valid_to > ?3@int ORDER "
                          "BY id LIMIT ?4@int",
                          "iiii", (int64_t)l->call->house->home, l->only, (int64_t)l->day, (int64_t)LOOK_POOLS);

        while (n < LOOK_POOLS && (rc = row_next(rc, q, err)) == 1) {
                ids[n++] = stmt_int(q, 0);
                rc = 0;
        }
        json_array_clear(l->items);
        for (int i = 0; rc == 0 && i < n; i++) {
                struct pool pool;
                bool within = false;

                rc = pool_within(tx, ids[i], l->call->who.office, &within, err);
                rc = rc ? rc : pool_read(tx, ids[i], &pool, err);
                if (rc == 0 && within)
                        rc = pool_put(tx, l, &pool, err);
        }
        return rc < 0 ? rc : 0;
}

int claims_due_verb(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct look l = {
            .call = c, .day = clock_today(c->house->clock), .only = json_int_or(in, "pool", 0), .items = json_array()};
        int rc = json_get_day(in, "day", false, &l.day, err);

        rc = rc ? rc : store_read(c->house->store, look_read, &l, err);
        if (rc == 0)
                return list_answer(out, l.items, NULL, err);
        json_decref(l.items);
        return rc;
}
