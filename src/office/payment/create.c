/* SPDX-License-Identifier: Apache-2.0
 *
 * Making a payment run: of a month's benefits, or of the one-off payments that are payable on a day.
 */
#include "office/json.h"
#include "office/payment/payment.h"

#include <string.h>

struct create {
        const char *kind; /* month, claims */
        const struct run_kind *work;
        int64_t pool;
        month_t month;
        day_t day; /* of claims */
        struct pool row;
        struct hash pack;
        struct payer payer;
        int64_t id;
};

static int create_pool(struct tx *tx, void *ctx, struct error *err)
{
        struct create *x = ctx;

        return pool_read(tx, x->pool, &x->row, err);
}

int payment_open_refuse(struct tx *tx, int32_t home, int64_t pool, const char *kind, struct error *err)
{
        struct stmt *q = NULL;
        char number[32];
        int rc = tx_one(&q, tx, err,
                        "SELECT id FROM payment_run WHERE home = ?1@int AND pool = ?2@int AND kind = ?3@text AND state IN "
                        "('freezing', 'computed', 'releasing')",
                        "iit", (int64_t)home, pool, kind);

        if (rc == 1)
                return error_raise(err, SB_PAYMENT_RUN_OPEN, "%s",
                                   readable_number(PAYMENT_RUN_PREFIX, home, stmt_int(q, 0), number));
        return rc;
}

/* A run of months may not go back before what was paid: a month left out is made good by the next run. */
static int month_check(struct tx *tx, const struct create *x, int32_t home, struct error *err)
{
        struct stmt *q = NULL;
        char text[16];
        int rc = tx_one(&q, tx, err,
                        "SELECT MAX(month), MAX(CASE WHEN state = 'takeover' THEN month ELSE -1 END) FROM payment_run WHERE "
                        "home = ?1@int AND pool = ?2@int AND kind = 'month' AND state <> 'cancelled'",
                        "ii", (int64_t)home, x->pool);

        if (rc == 1 && !stmt_null(q, 0) && (x->month < stmt_int(q, 0) || x->month <= stmt_int(q, 1)))
                return error_raise(err, SB_PAYMENT_MONTH, "%s|%s", month_text(x->month, text),
                                   ERROR_BOTH("a later month was paid already; what is due for it comes with the next run",
                                              "之后的月份已经发放，该月应发部分随下一批次补发"));
        return rc < 0 ? rc : 0;
}

static int create_rows(struct tx *tx, struct call *c, struct create *x, struct error *err)
{
        struct house *h = c->house;
        struct str none = {"", 0};
        struct stmt *q = NULL;
        char title[256], text[16];
        int64_t sequence = 1;
        json_t *inputs = json_object();
        int rc = inputs
                     ? tx_one(&q, tx, err,
                              "SELECT MAX(sequence) FROM payment_run WHERE home = ?1@int AND pool = ?2@int AND month = ?3@int",
                              "iii", (int64_t)h->home, x->pool, (int64_t)x->month)
                     : error_raise(err, SB_MEMORY, "%s", "");

        sequence += rc == 1 ? stmt_int(q, 0) : 0;
        text_format(title, sizeof(title), "%s %s", x->row.name_zh,
                    x->day ? day_text(x->day, text) : month_text(x->month, text));
        put_int(inputs, "pool", x->pool);
        if (x->day)
                put_day(inputs, "day", x->day);
        else
                put_month(inputs, "month", x->month);
        put_int(inputs, "known", clock_now(h->clock));
        if (rc >= 0)
                rc = ids_next(h->ids, &x->id, err);
        if (rc == 0)
                rc = tx_exec(
                    tx, err,
                    "INSERT INTO payment_run (home, id, pool, month, sequence, state, list_hash, due_count, due_fen, "
                    "stopped_count, account_fen, fund_fen, entered_by, released_by, released_at, pay_day, txn, file_hash, "
                    "version, kind) VALUES (?1@int, ?2@int, ?3@int, ?4@int, ?5@int, 'freezing', ?6@blob, 0, 0, 0, 0, 0, "
                    "?7@int, 0, 0, 0, 0, ?6@blob, 1, ?8@text)",
                    "iiiiibit", (int64_t)h->home, x->id, x->pool, (int64_t)x->month, sequence, none, c->who.staff, x->kind);
        if (rc == 0)
                rc = run_create(tx, c, x->work->kind, title, inputs, &x->pack, x->id, err);
        json_decref(inputs);
        return rc;
}

static int create_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct create *x = ctx;
        int rc = pool_lock(tx, x->pool, err);

        if (rc == 0)
                rc = payment_open_refuse(tx, c->house->home, x->pool, x->kind, err);
        if (rc == 0 && x->day)
                rc = claims_need(tx, c->house->home, x->pool, x->day, err);
        else if (rc == 0)
                rc = month_check(tx, x, c->house->home, err);
        if (rc == 0)
                rc = create_rows(tx, c, x, err);
        if (rc == 0 && !(*out = json_object()))
                rc = error_raise(err, SB_MEMORY, "%s", "");
        if (rc)
                return rc;
        put_int(*out, "id", x->id);
        put_int(*out, "run", x->id);
        put_text(*out, "state", "freezing");
        change->subject_kind = "payment_run";
        change->subject = x->id;
        return 0;
}

static int create(struct call *c, struct create *x, const char *verb, const json_t *in, json_t **out, struct error *err)
{
        struct pack *pack = NULL;
        instant_t now = clock_now(c->house->clock);
        int rc = json_get_int(in, "pool", true, &x->pool, err);

        if (rc == 0)
                rc = store_read(c->house->store, create_pool, x, err);
        if (rc == 0)
                rc = pack_store_for(c->house->packs, x->pool, instant_day(now), now, &pack, err);
        if (rc == 0)
                rc = payer_of(pack, &x->row, &x->payer, err);
        if (rc)
                return rc;
        x->pack = *pack_hash(pack);
        return verb_change(c, registry_find(c->house->verbs, verb), in, create_apply, x, out, err);
}

int payment_create_verb(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct create x = {.kind = "month", .work = &payment_compute_kind};
        int rc = json_get_month(in, "month", true, &x.month, err);

        return rc ? rc : create(c, &x, "payment.run_create", in, out, err);
}

int payment_claims_run_verb(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct create x = {.kind = "claims", .work = &payment_claims_kind, .day = clock_today(c->house->clock)};
        int rc = json_get_day(in, "day", false, &x.day, err);

        x.month = month_of(x.day);
        return rc ? rc : create(c, &x, "payment.claims_run", in, out, err);
}
