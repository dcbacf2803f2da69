/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows of payment_run and what several parts of payment ask.
 */
#include "office/payment/payment.h"

#include <string.h>

static void hash_column(struct hash *out, struct str blob)
{
        memset(out, 0, sizeof(*out));
        if (blob.n == HASH_BYTES)
                memcpy(out->b, blob.p, HASH_BYTES);
}

int payment_run_read(struct tx *tx, int32_t home, int64_t id, struct payment_run *out, struct error *err)
{
        struct stmt *q = NULL;
        char number[32];
        int rc =
            tx_one(&q, tx, err,
                   "SELECT pool, month, sequence, state, list_hash, due_count, due_fen, stopped_count, account_fen, fund_fen, "
                   "entered_by, released_by, released_at, pay_day, txn, file_hash, version, kind FROM payment_run "
                   "WHERE home = ?1@int AND id = ?2@int",
                   "ii", (int64_t)home, id);

        if (rc == 0)
                return error_raise(err, SB_PAYMENT_RUN, "%s", readable_number(PAYMENT_RUN_PREFIX, home, id, number));
        if (rc < 0)
                return rc;
        *out = (struct payment_run){
            .home = home,
            .id = id,
            .pool = stmt_int(q, 0),
            .month = (month_t)stmt_int(q, 1),
            .sequence = (int)stmt_int(q, 2),
            .due_count = stmt_int(q, 5),
            .due = stmt_int(q, 6),
            .stopped_count = stmt_int(q, 7),
            .account = stmt_int(q, 8),
            .fund = stmt_int(q, 9),
            .entered_by = stmt_int(q, 10),
            .released_by = stmt_int(q, 11),
            .released_at = stmt_int(q, 12),
            .pay_day = (day_t)stmt_int(q, 13),
            .txn = stmt_int(q, 14),
            .version = stmt_int(q, 16),
        };
        text_copy(out->state, sizeof(out->state), stmt_text(q, 3));
        text_copy(out->kind, sizeof(out->kind), stmt_text(q, 17));
        hash_column(&out->list_hash, stmt_blob(q, 4));
        hash_column(&out->file_hash, stmt_blob(q, 15));
        return 0;
}

bool payment_run_claims(const struct payment_run *run)
{
        return strcmp(run->kind, "claims") == 0;
}

int payment_sums(struct tx *tx, const struct payment_run *run, struct payment_sums *out, struct error *err)
{
        struct stmt *q = NULL;
        int rc = tx_query(&q, tx, err,
                          "SELECT CASE WHEN state = 'stopped' THEN 0 ELSE 1 END, COUNT(*), CAST(SUM(amount_fen) AS @int), "
                          "CAST(SUM(account_fen) AS @int), CAST(SUM(fund_fen) AS @int) FROM payment_row WHERE home = ?1@int "
                          "AND month = ?2@int AND run = ?3@int GROUP BY CASE WHEN state = 'stopped' THEN 0 ELSE 1 END",
                          "iii", (int64_t)run->home, (int64_t)run->month, run->id);

        *out = (struct payment_sums){0};
        while ((rc = row_next(rc, q, err)) == 1) {
                if (stmt_int(q, 0) == 0) {
                        out->stopped_count = stmt_int(q, 1);
                        continue;
                }
                out->due_count = stmt_int(q, 1);
                out->due = stmt_int(q, 2);
                out->account = stmt_int(q, 3);
                out->fund = stmt_int(q, 4);
        }
        return rc;
}

int payer_of(const struct pack *pack, const struct pool *pool, struct payer *out, struct error *err)
{
        json_t *rows = NULL, *row;
        size_t i;
        int rc = pack_table(pack, "pools.csv", &rows, err);

        memset(out, 0, sizeof(*out));
        json_array_foreach(rows, i, row)
        {
                if (strcmp(json_text(row, "pool"), pool->code) != 0)
                        continue;
                text_copy(out->name, sizeof(out->name),
                          str_from(*json_text(row, "account_name") ? json_text(row, "account_name") : pool->name_zh));
                text_copy(out->bank, sizeof(out->bank), str_from(json_text(row, "bank_name")));
                text_copy(out->account, sizeof(out->account), str_from(json_text(row, "bank_account")));
                text_copy(out->layout, sizeof(out->layout), str_from(json_text(row, "payment_layout")));
                text_copy(out->return_layout, sizeof(out->return_layout), str_from(json_text(row, "return_layout")));
        }
        json_decref(rows);
        if (rc == 0 && !*out->account)
                rc = error_raise(err, SB_PAYMENT_POOL_ACCOUNT, "%s", pool->code);
        return rc;
}

static int law_find(struct tx *tx, void *ctx, struct error *err)
{
        struct payment_law *law = ctx;
        struct stmt *q = NULL;
        struct payment_run run;
        int rc = payment_run_read(tx, law->home, law->run, &run, err);

        rc = rc ? rc : pool_read(tx, run.pool, &law->pool, err);
        rc = rc ? rc
                : tx_one(&q, tx, err, "SELECT pack_hash FROM run WHERE home = ?1@int AND id = ?2@int", "ii", (int64_t)law->home,
                         law->run);
        if (rc == 1 && stmt_blob(q, 0).n == HASH_BYTES)
                memcpy(law->hash.b, stmt_blob(q, 0).p, HASH_BYTES);
        else if (rc >= 0) /* a month that the system before has paid */
                rc = error_raise(err, SB_PAYMENT_RUN, "%lld", (long long)law->run);
        return rc < 0 ? rc : 0;
}

int payment_law_of(struct house *h, int64_t run, struct payment_law *out, struct error *err)
{
        *out = (struct payment_law){.home = h->home, .run = run};
        int rc = store_read(h->store, law_find, out, err);

        rc = rc ? rc : pack_store_get(h->packs, &out->hash, &out->pack, err);
        return rc ? rc : payer_of(out->pack, &out->pool, &out->payer, err);
}

char *payment_reference(int64_t run, int64_t item, char out[48])
{
        return text_format(out, 48, "R%lldA%lld", (long long)run, (long long)item);
}

bool payment_reference_parse(const char *text, int64_t *run, int64_t *item)
{
        const char *a = strchr(text, 'A');

        return text[0] == 'R' && a && text_to_int((struct str){text + 1, (size_t)(a - text - 1)}, run) &&
               text_to_int(str_from(a + 1), item) && *run > 0 && *item > 0;
}

int payment_takeover(struct tx *tx, struct ids *ids, const struct pool *pool, month_t month, int64_t actor, instant_t at,
                     struct error *err)
{
        struct stmt *q = NULL;
        char text[16];
        int64_t id = 0;
        struct str none = {"", 0};
        int rc = tx_one(&q, tx, err, "SELECT id FROM payment_run WHERE home = ?1@int AND pool = ?2@int", "ii",
                        (int64_t)pool->home, pool->id);

        if (rc == 1)
                return error_raise(err, SB_PAYMENT_MONTH, "%s|%s", month_text(month, text),
                                   ERROR_BOTH("the pool has payment runs already, it cannot be taken over again",
                                              "该统筹区已有发放批次，不能再次接管"));
        if (rc == 0)
                rc = ids_next(ids, &id, err);
        if (rc == 0)
                rc = tx_exec(
                    tx, err,
                    "INSERT INTO payment_run (home, id, pool, month, sequence, state, list_hash, due_count, due_fen, "
                    "stopped_count, "
                    "account_fen, fund_fen, entered_by, released_by, released_at, pay_day, txn, file_hash, version) VALUES "
                    "(?1@int, ?2@int, ?3@int, ?4@int, 0, 'takeover', ?5@blob, 0, 0, 0, 0, 0, ?6@int, 0, ?7@int, ?8@int, 0, "
                    "?5@blob, 1)",
                    "iiiibiii", (int64_t)pool->home, id, pool->id, (int64_t)month, none, actor, (int64_t)at,
                    (int64_t)month_last(month));
        return rc;
}

int payment_run_known(struct tx *tx, int32_t home, int64_t run, instant_t *out, struct error *err)
{
        json_t *o = NULL;
        int64_t known = 0;
        struct stmt *q = NULL;
        int rc = tx_one(&q, tx, err, "SELECT inputs FROM run WHERE home = ?1@int AND id = ?2@int", "ii", (int64_t)home, run);

        if (rc == 0)
                return error_raise(err, SB_PAYMENT_RUN, "%lld", (long long)run);
        if (rc == 1)
                rc = json_read(&o, stmt_text(q, 0), err);
        if (rc == 0)
                rc = json_get_int(o, "known", true, &known, err);
        *out = known;
        json_decref(o);
        return rc;
}

int payment_returned_after(struct tx *tx, int32_t home, int64_t run, int64_t award, instant_t known, struct error *err)
{
        struct stmt *q = NULL;

        return tx_one(
            &q, tx, err,
            "SELECT 1 FROM ledger_transaction t JOIN bank_entry e ON e.home = t.home AND e.txn = t.id WHERE t.home = ?1@int "
            "AND t.ref_kind = 'payment_run' AND t.ref_id = ?2@int AND t.kind = 'payment.return' AND e.matched = ?3@int AND "
            "e.state = 'returned' AND t.at > ?4@int",
            "iiii", (int64_t)home, run, award, (int64_t)known);
}
