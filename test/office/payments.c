/* SPDX-License-Identifier: Apache-2.0 */
#include "office/payments.h"

#include <stdlib.h>

/* --- people with pensions ------------------------------------------------------------------------------------------------------ */

static void people(struct town *t, int count)
{
        struct buf persons, balances;

        buf_init(&persons, (size_t)8 << 20);
        buf_init(&balances, (size_t)8 << 20);
        buf_add_text(&persons, "name,id_number,category,bank_name,bank_account\n");
        buf_add_text(&balances, "id_number,scheme,balance\n");
        for (int i = 0; i < count; i++) {
                char first[24], id[24];
                text_format(first, sizeof first, "99%04d19600101%03d", i / 500, 2 * (i % 500) + 1);
                town_id(first, id);
                buf_add_format(&persons, "王小明,%s,male,云城银行,6299%08d\n", id, i);
                buf_add_format(&balances, "%s,EP," BALANCE "\n", id);
        }
        town_import(t, "persons", buf_text(&persons));
        town_import(t, "balances", buf_text(&balances));
        buf_dispose(&persons);
        buf_dispose(&balances);
}

struct granting {
        struct town *town;
        struct pool pool;
        struct award_import *rows;
        struct seal_key *keys;
        int count;
        int without_account; /* place of one who has none; −1 */
};

static int grant(struct tx *tx, void *ctx, struct error *err)
{
        struct granting *g = ctx;
        struct house *h = &g->town->house;
        struct stmt *q;
        instant_t known = clock_now(h->clock) - 1000000;
        int64_t first = 0;
        int n = 0;
        int rc = tx_query(&q, tx, err, "SELECT id, key_wrapped FROM person ORDER BY id", "");

        while (rc == 0 && n < g->count && (rc = stmt_step(q, err)) == 1) {
                g->rows[n] = (struct award_import){.person = stmt_int(q, 0),
                                                   .from = 2021 * 12,
                                                   .basic = BASIC,
                                                   .account = ACCOUNT,
                                                   .key = &g->keys[n],
                                                   .payee_name = "王小明",
                                                   .bank_name = "云城银行",
                                                   .bank_account = n == g->without_account ? "" : "62990001"};
                rc = keyring_unwrap(h->keys, stmt_blob(q, 1), &g->keys[n++], err);
        }
        stmt_reset(q);
        if (rc >= 0)
                rc = pool_read(tx, g->pool.id, &g->pool, err);
        if (rc == 0)
                rc = ids_range(h->ids, n, &first, err);
        for (int i = 0; i < n; i++)
                g->rows[i].id = first + i;
        if (rc == 0)
                rc = award_import_bulk(tx, &g->pool, g->rows, (size_t)n, 0, known, err);
        return rc == 0 ? payment_takeover(tx, h->ids, &g->pool, BEFORE, 1, known, err) : rc;
}

static int funds_put(struct tx *tx, void *ctx, struct error *err)
{
        struct granting *g = ctx;
        struct house *h = &g->town->house;
        struct posting postings[] = {{g->pool.id, LEDGER_BANK, FUNDS}, {g->pool.id, LEDGER_OPENING, -FUNDS}};
        struct ledger_transaction t = {.home = 1,
                                       .month = BEFORE,
                                       .day = clock_today(h->clock),
                                       .kind = "opening",
                                       .ref_kind = "run",
                                       .at = clock_now(h->clock),
                                       .postings = postings,
                                       .count = 2};
        int rc = ids_next(h->ids, &t.id, err);

        return rc == 0 ? ledger_post(tx, h->ids, &t, err) : rc;
}

void pensions(struct town *t, int count, int without_account, bool funds)
{
        struct granting g = {.town = t, .pool.id = town_pool(t), .count = count, .without_account = without_account};

        people(t, count);
        g.rows = calloc((size_t)count, sizeof *g.rows);
        g.keys = calloc((size_t)count, sizeof *g.keys);
        assert_true(g.rows != NULL && g.keys != NULL);
        assert_ok(store_write(t->house.store, grant, &g, &t->err), t->err);
        if (funds)
                assert_ok(store_write(t->house.store, funds_put, &g, &t->err), t->err);
        free(g.rows);
        free(g.keys);
}

struct town *town_of(void **state, int count)
{
        struct town *t = town_founded(*(enum test_engine *)*state);

        if (t == NULL)
                skip();
        pensions(t, count, -1, true);
        return t;
}

/* --- steps ------------------------------------------------------------------------------------------------------------------- */

int64_t award(struct town *t, int place)
{
        return town_ask(t, "SELECT id FROM award WHERE known_to > 9000000000000000 ORDER BY id LIMIT 1 OFFSET ?1@int", place);
}

enum error_code create(struct town *t, const char *month, const char *key, int64_t *run)
{
        json_t *out = NULL;
        enum error_code code = town_call_as(t, 1, ROLE_ANY, key, "payment.run_create",
                                            json_pack("{s:I,s:s}", "pool", (json_int_t)town_pool(t), "month", month), &out);

        if (code == SB_OK)
                *run = town_whole(out, "id");
        json_decref(out);
        return code;
}

void reviewed(struct town *t, int64_t run)
{
        int64_t instance = town_ask(t, "SELECT MAX(id) FROM process_instance WHERE process = 'P21' AND subject = ?1@int", run);

        for (int64_t staff = 11; staff <= 12; staff++)
                if (town_ask(t, "SELECT COUNT(*) FROM task WHERE instance = ?1@int AND state = 'open' AND role = 'reviewer'",
                             instance) == 1)
                        assert_int_equal(town_decide(t, instance, staff, "approve"), SB_OK);
}

int64_t computed(struct town *t, const char *month)
{
        int64_t run = 0;

        assert_int_equal(create(t, month, "", &run), SB_OK);
        town_work(t);
        assert_int_equal(town_ask(t, "SELECT COUNT(*) FROM payment_run WHERE state = 'computed' AND id = ?1@int", run), 1);
        reviewed(t, run);
        return run;
}

enum error_code release(struct town *t, int64_t staff, const char *key, int64_t run)
{
        char day[16];

        return town_call_as(
            t, staff, ROLE_ANY, key, "payment.release",
            json_pack("{s:I,s:s}", "run", (json_int_t)run, "pay_day", day_text(clock_today(t->house.clock), day)), NULL);
}

int64_t paid(struct town *t, const char *month)
{
        int64_t run = computed(t, month);

        assert_int_equal(release(t, 2, "", run), SB_OK);
        town_work(t);
        assert_int_equal(town_call(t, "payment.file", json_pack("{s:I}", "run", (json_int_t)run), NULL), SB_OK);
        town_work(t);
        assert_int_equal(town_ask(t, "SELECT COUNT(*) FROM payment_run WHERE state = 'filed' AND id = ?1@int", run), 1);
        return run;
}

json_t *statement(struct town *t, const char *id, bool in, fen_t amount, const char *details)
{
        char xml[2048], money[24];
        json_t *out = NULL;

        text_format(
            xml, sizeof xml,
            "<Document "
            "xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\"><BkToCstmrStmt><GrpHdr><MsgId>%s</MsgId></GrpHdr>"
            "<Stmt><Id>%s</Id><Acct><Id><Othr><Id>9900010000000001</Id></Othr></Id></Acct><Ntry><Amt Ccy=\"CNY\">%s</Amt>"
            "<CdtDbtInd>%s</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-11-25</Dt></BookgDt><AcctSvcrRef>%s</"
            "AcctSvcrRef>"
            "<NtryDtls>%s</NtryDtls></Ntry></Stmt></BkToCstmrStmt></Document>",
            id, id, money_text(amount, money), in ? "CRDT" : "DBIT", id, details);
        assert_int_equal(town_call_body(t, "payment.statement", json_object(), xml, &out), SB_OK);
        return out;
}

json_t *statement_of_file(struct town *t, int64_t run, const char *id)
{
        char details[256];

        text_format(details, sizeof details, "<Btch><PmtInfId>R%lldF1</PmtInfId></Btch>", (long long)run);
        return statement(t, id, false, town_ask(t, "SELECT due_fen FROM payment_run WHERE id = ?1@int", run), details);
}

fen_t book(struct town *t, enum ledger_kind kind)
{
        return town_ask(t, "SELECT CAST(COALESCE(SUM(amount_fen), 0) AS @int) FROM ledger_posting WHERE kind = ?1@int", kind);
}
