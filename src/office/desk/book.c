/* SPDX-License-Identifier: Apache-2.0 */
#include "case/pack_store.h"
#include "office/desk/desk.h"
#include "office/json.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* The ledger book: balances by pool and account, transactions with their postings, a personal account's entries. */

static const struct {
        enum ledger_kind kind;
        const char *name;
        const char *zh, *en; /* where the pack's chart has no name */
} KINDS[] = {
    {LEDGER_BANK, "bank", "银行存款", "Bank"},
    {LEDGER_RECEIVABLE, "receivable", "应收社会保险费", "Contributions receivable"},
    {LEDGER_FUND, "fund", "统筹基金", "Pooled fund"},
    {LEDGER_PERSONAL, "personal", "个人账户", "Personal accounts"},
    {LEDGER_SUSPENSE, "suspense", "暂收款", "Suspense"},
    {LEDGER_PAYABLE, "payable", "应付待遇", "Benefits payable"},
    {LEDGER_INTEREST, "interest", "利息", "Interest"},
    {LEDGER_TRANSFER, "transfer", "转移", "Transfers"},
    {LEDGER_OPENING, "opening", "期初", "Opening balances"},
};
#define KIND_COUNT (sizeof KINDS / sizeof KINDS[0])

static const char *kind_name(int64_t kind)
{
        for (size_t i = 0; i < KIND_COUNT; i++)
                if ((int64_t)KINDS[i].kind == kind)
                        return KINDS[i].name;
        return "";
}

struct book {
        struct call *call;
        int64_t pool, after, id;
        day_t day;
        month_t month;
        int limit;
        const char *kind;
        json_t *out;
};

static int book_read(struct call *c, store_apply *fn, struct book *b, json_t **out, struct error *err)
{
        int rc = store_read(c->house->store, fn, b, err);

        if (rc == 0 && b->out == NULL)
                rc = error_raise(err, SB_MEMORY, "%s", "");
        if (rc < 0) {
                json_decref(b->out);
                return rc;
        }
        *out = b->out;
        return 0;
}

/* --- balances ---------------------------------------------------------------------------------------------------------------- */

#define POOLS_MAX 256

static int pools_list(struct tx *tx, struct book *b, struct pool *pools, size_t *count, struct error *err)
{
        struct stmt *q = NULL;
        int64_t ids[POOLS_MAX];
        size_t n = 0;
        int rc = tx_query(&q, tx, err,
                          "SELECT id FROM pool WHERE home = ?1@int AND (?2@int = 0 OR id = ?2@int) ORDER BY id LIMIT 256", "ii",
                          (int64_t)b->call->house->home, b->pool);

        while ((rc = row_next(rc, q, err)) == 1) {
                ids[n++] = stmt_int(q, 0);
        }
        for (size_t i = 0; rc == 0 && i < n; i++)
                rc = pool_read(tx, ids[i], &pools[i], err);
        *count = n;
        return rc;
}

/* Names of the chart of accounts of the pack that is in force for the pool; NULL when there is none. */
static json_t *chart_of(struct book *b, int64_t pool)
{
        struct house *h = b->call->house;
        struct pack *pack = NULL;
        struct error none = {0};
        json_t *table = NULL;

        if (h->packs == NULL || pack_store_for(h->packs, pool, clock_today(h->clock), clock_now(h->clock), &pack, &none) < 0 ||
            pack_table(pack, "chart.csv", &table, &none) < 0)
                return NULL;
        return table;
}

static const char *chart_name(const json_t *chart, size_t kind, const char *column)
{
        json_t *row;
        size_t i;

        json_array_foreach(chart, i, row)
        {
                const char *code = json_string_value(json_object_get(row, "kind"));
                const char *name = json_string_value(json_object_get(row, column));
                if (code != NULL && name != NULL && strcasecmp(code, KINDS[kind].name) == 0)
                        return name;
        }
        return strcmp(column, "name_zh") == 0 ? KINDS[kind].zh : KINDS[kind].en;
}

static int pool_balances(struct tx *tx, struct book *b, const struct pool *p, const json_t *chart, json_t *items,
                         struct error *err)
{
        for (size_t k = 0; k < KIND_COUNT; k++) {
                fen_t balance;
                int rc = ledger_balance(tx, p->home, p->id, KINDS[k].kind, b->day, &balance, err);
                if (rc < 0)
                        return rc;
                json_t *o = json_object();
                put_int(o, "pool", p->id);
                put_text(o, "pool_name", b->call->who.lang == LANG_ZH ? p->name_zh : p->name_en);
                put_text(o, "scheme", p->scheme);
                put_text(o, "kind", KINDS[k].name);
                put_text(o, "name_zh", chart_name(chart, k, "name_zh"));
                put_text(o, "name_en", chart_name(chart, k, "name_en"));
                put_money(o, "balance", balance);
                json_array_append_new(items, o);
        }
        return 0;
}

struct balances {
        struct book *book;
        struct pool pools[POOLS_MAX];
        json_t *charts[POOLS_MAX];
        size_t count;
};

static int balances_pools(struct tx *tx, void *ctx, struct error *err)
{
        struct balances *x = ctx;

        return pools_list(tx, x->book, x->pools, &x->count, err);
}

static int balances_read(struct tx *tx, void *ctx, struct error *err)
{
        struct balances *x = ctx;
        json_t *items = json_array();
        int rc = 0;

        for (size_t i = 0; rc == 0 && i < x->count; i++)
                rc = pool_balances(tx, x->book, &x->pools[i], x->charts[i], items, err);
        if (rc < 0) {
                json_decref(items);
                return rc;
        }
        json_decref(x->book->out);
        x->book->out = NULL;
        return list_answer(&x->book->out, items, NULL, err);
}

int ledger_balances(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct book b = {.call = c, .day = DAY_END};
        struct balances *x = calloc(1, sizeof *x);
        int rc = x == NULL ? error_raise(err, SB_MEMORY, "%s", "") : json_get_int(in, "pool", false, &b.pool, err);

        if (rc == 0)
                rc = json_get_day(in, "day", false, &b.day, err);
        if (rc == 0) {
                x->book = &b;
                rc = store_read(c->house->store, balances_pools, x, err);
        }
        for (size_t i = 0; rc == 0 && i < x->count; i++)
                x->charts[i] = chart_of(&b, x->pools[i].id);
        if (rc == 0)
                rc = store_read(c->house->store, balances_read, x, err);
        for (size_t i = 0; x != NULL && i < x->count; i++)
                json_decref(x->charts[i]);
        free(x);
        if (rc < 0) {
                json_decref(b.out);
                return rc;
        }
        *out = b.out;
        return 0;
}

/* --- transactions, newest first ---------------------------------------------------------------------------------------------------- */

static int postings_json(struct tx *tx, struct book *b, int64_t transaction, json_t *items, struct error *err)
{
        struct stmt *q = NULL;
        int rc = tx_query(
            &q, tx, err,
            "SELECT p.pool, o.name_zh, o.name_en, p.kind, p.amount_fen FROM ledger_posting p LEFT JOIN pool o ON o.id = "
            "p.pool WHERE p.home = ?1@int AND p.txn = ?2@int ORDER BY p.id",
            "ii", (int64_t)b->call->house->home, transaction);

        while ((rc = row_next(rc, q, err)) == 1) {
                json_t *o = json_object();
                put_int(o, "pool", stmt_int(q, 0));
                put_str(o, "pool_name", stmt_text(q, b->call->who.lang == LANG_ZH ? 1 : 2));
                put_text(o, "kind", kind_name(stmt_int(q, 3)));
                put_money(o, "amount", stmt_int(q, 4));
                json_array_append_new(items, o);
        }
        return rc;
}

#define TXN_SELECT                                                                                                             \
        "SELECT t.id, t.day, t.month, t.kind, t.ref_kind, t.ref_id, t.reverses, t.at, t.actor, (SELECT MAX(r.id) FROM "        \
        "ledger_transaction r WHERE r.home = t.home AND r.reverses = t.id) FROM ledger_transaction t WHERE t.home = ?1@int "   \
        "AND "                                                                                                                 \
        "t.id < ?2@int AND (?3@text = '' OR t.kind = ?3@text) AND (?4@int = 0 OR t.month = ?4@int) AND (?5@int = 0 OR EXISTS " \
        "(SELECT 1 FROM ledger_posting p WHERE p.home = t.home AND p.txn = t.id AND p.pool = ?5@int)) "

static json_t *transaction_row(struct stmt *q)
{
        json_t *o = json_object();

        put_int(o, "id", stmt_int(q, 0));
        put_day(o, "day", (day_t)stmt_int(q, 1));
        put_month(o, "month", (month_t)stmt_int(q, 2));
        put_str(o, "kind", stmt_text(q, 3));
        put_str(o, "ref_kind", stmt_text(q, 4));
        put_int(o, "ref_id", stmt_int(q, 5));
        put_int(o, "reverses", stmt_int(q, 6));
        put_instant(o, "at", stmt_int(q, 7));
        put_int(o, "actor", stmt_int(q, 8));
        put_value(o, "reversed_by", stmt_null(q, 9) ? json_null() : json_integer(stmt_int(q, 9)));
        return o;
}

static int transactions_read(struct tx *tx, void *ctx, struct error *err)
{
        struct book *b = ctx;
        struct stmt *q = NULL;
        char next[24];
        int64_t before = b->after == 0 ? INT64_MAX : b->after, last = 0;
        int n = 0;
        json_t *items = json_array(), *row;
        size_t i;
        int rc = tx_query(&q, tx, err, TXN_SELECT "ORDER BY t.id DESC LIMIT ?6@int", "iitiii", (int64_t)b->call->house->home,
                          before, b->kind, (int64_t)b->month, b->pool, (int64_t)b->limit + 1);

        while ((rc = row_next(rc, q, err)) == 1) {
                if (++n <= b->limit) {
                        json_array_append_new(items, transaction_row(q));
                        last = stmt_int(q, 0);
                }
        }
        json_array_foreach(items, i, row)
        {
                json_t *postings = json_array();
                if (rc == 0)
                        rc = postings_json(tx, b, json_integer_value(json_object_get(row, "id")), postings, err);
                put_value(row, "postings", postings);
        }
        if (rc < 0) {
                json_decref(items);
                return rc;
        }
        json_decref(b->out);
        b->out = NULL;
        text_format(next, sizeof next, "%lld", (long long)last);
        return list_answer(&b->out, items, n > b->limit ? next : NULL, err);
}

int ledger_transactions(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct book b = {.call = c, .kind = ""};
        int rc = json_get_int(in, "pool", false, &b.pool, err);

        if (rc == 0)
                rc = json_get_text(in, "kind", false, &b.kind, err);
        if (rc == 0)
                rc = json_get_month(in, "month", false, &b.month, err);
        if (rc == 0)
                rc = list_page(in, &b.limit, &b.after, err);
        return rc < 0 ? rc : book_read(c, transactions_read, &b, out, err);
}

/* --- a personal account -------------------------------------------------------------------------------------------------------------- */

static int account_read(struct tx *tx, void *ctx, struct error *err)
{
        struct book *b = ctx;
        struct stmt *q = NULL;
        int64_t home = b->call->house->home;
        json_t *items = json_array();
        int rc = tx_one(
            &q, tx, err,
            "SELECT person, scheme, pool, balance_fen, version FROM personal_account WHERE home = ?1@int AND id = ?2@int", "ii",
            home, b->id);

        if (rc == 0)
                rc = error_raise(err, SB_LEDGER_ACCOUNT, "%lld", (long long)b->id);
        if (rc == 1) {
                json_decref(b->out);
                b->out = json_object();
                put_int(b->out, "id", b->id);
                put_int(b->out, "person", stmt_int(q, 0));
                put_str(b->out, "scheme", stmt_text(q, 1));
                put_int(b->out, "pool", stmt_int(q, 2));
                put_money(b->out, "balance", stmt_int(q, 3));
                put_int(b->out, "version", stmt_int(q, 4));
                rc = tx_query(
                    &q, tx, err,
                    "SELECT id, month, kind, amount_fen, at, txn FROM personal_entry WHERE home = ?1@int AND account = "
                    "?2@int ORDER BY id DESC LIMIT 500",
                    "ii", home, b->id);
        }
        while ((rc = row_next(rc, q, err)) == 1) {
                json_t *o = json_object();
                put_int(o, "id", stmt_int(q, 0));
                put_month(o, "month", (month_t)stmt_int(q, 1));
                put_str(o, "kind", stmt_text(q, 2));
                put_money(o, "amount", stmt_int(q, 3));
                put_instant(o, "at", stmt_int(q, 4));
                put_int(o, "transaction", stmt_int(q, 5));
                json_array_append_new(items, o);
        }
        put_value(b->out, "items", items);
        return rc;
}

int ledger_account(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct book b = {.call = c};
        int rc = json_get_int(in, "account", true, &b.id, err);

        return rc < 0 ? rc : book_read(c, account_read, &b, out, err);
}

/* --- reversal by a second person ------------------------------------------------------------------------------------------------------- */

struct reversal {
        int64_t transaction;
        const char *reason;
};

static int reverse_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        const struct reversal *r = ctx;
        struct house *h = c->house;
        struct stmt *q;
        int64_t reversal = 0;
        int rc = tx_one(&q, tx, err, "SELECT actor, ref_kind FROM ledger_transaction WHERE home = ?1@int AND id = ?2@int", "ii",
                        (int64_t)h->home, r->transaction);

        /* Balances taken over stand by themselves. A receipt, an assessment, a payment run knows its own transaction: to take the
         * money back beneath it would leave a bill that counts as paid and a pension that counts as sent. */
        if (rc == 0)
                rc = error_raise(err, SB_DESK_TRANSACTION, "%lld", (long long)r->transaction);
        else if (rc == 1 && !str_is(stmt_text(q, 1), "run") && !str_is(stmt_text(q, 1), "pool"))
                rc = error_raise(err, SB_DESK_BOUND, "%lld|%.*s", (long long)r->transaction, (int)stmt_text(q, 1).n,
                                 stmt_text(q, 1).p);
        else if (rc == 1 && stmt_int(q, 0) == c->who.staff && c->who.staff != 0)
                rc = error_raise(err, SB_DESK_OWN, "%s", "");
        if (rc >= 0)
                rc = ledger_reverse(tx, h->ids, h->home, r->transaction, clock_today(h->clock), c->who.staff,
                                    clock_now(h->clock), &reversal, err);
        if (rc < 0)
                return rc;
        change->subject_kind = "transaction";
        change->subject = r->transaction;
        change->audit = json_pack("{s:I,s:s}", "reversal", (json_int_t)reversal, "reason", r->reason);
        *out = json_pack("{s:I,s:I}", "id", (json_int_t)reversal, "reverses", (json_int_t)r->transaction);
        return *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

int ledger_transaction_reverse(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct reversal r = {0};
        int rc = json_get_int(in, "transaction", true, &r.transaction, err);

        if (rc == 0)
                rc = json_get_text(in, "reason", true, &r.reason, err);
        if (rc == 0)
                rc = verb_change(c, registry_find(c->house->verbs, "ledger.transaction_reverse"), in, reverse_apply, &r, out,
                                 err);
        return rc;
}
