/* SPDX-License-Identifier: Apache-2.0
 *
 * A correction before it is decided (nothing is written), and those that were made.
 */
#include "office/contribution/adjust.h"

#include "office/json.h"

#include <string.h>

/* --- preview ---------------------------------------------------------------------------------------------------------------------- */

static json_t *due_json(const struct due *d)
{
        json_t *o = json_object();

        put_money(o, "base", d->base);
        put_money(o, "employer", d->employer);
        put_money(o, "person", d->person);
        put_money(o, "account", d->account);
        return o;
}

static json_t *items_json(const struct adjusting *x, const json_t *result)
{
        json_t *list = json_array();

        for (size_t i = 0; i < x->item_count; i++) {
                const struct adjust_item *m = &x->items[i];
                json_t *o = json_object();
                put_month(o, "month", m->month);
                put_text(o, "scheme", m->scheme);
                put_money(o, "old_wage", m->old_wage);
                put_money(o, "wage", m->wage);
                put_value(o, "old", due_json(&m->old));
                put_value(o, "now", due_json(&m->now));
                if (m->more.employer + m->more.person > 0)
                        put_day(o, "due_day", adjust_due(x, result, m->month));
                json_array_append_new(list, o);
        }
        return list;
}

struct fund {
        int64_t pool;
        const char *scheme;
        fen_t old, now, supplement, reduced, excess, account, account_later;
};

static struct fund *fund_of(struct fund *list, size_t *count, int64_t pool, const char *scheme)
{
        for (size_t i = 0; i < *count; i++)
                if (list[i].pool == pool && strcmp(list[i].scheme, scheme) == 0)
                        return &list[i];
        if (*count == 2 * SCHEMES_MAX)
                return &list[*count - 1];
        list[*count] = (struct fund){.pool = pool, .scheme = scheme};
        return &list[(*count)++];
}

static size_t funds_of(const struct adjusting *x, struct fund *list)
{
        size_t count = 0;

        for (size_t i = 0; i < x->item_count; i++) {
                const struct adjust_item *m = &x->items[i];
                struct fund *f = fund_of(list, &count, m->pool, m->scheme);
                f->old += m->old.employer + m->old.person;
                f->now += m->now.employer + m->now.person;
                f->supplement += m->more.employer + m->more.person;
                f->account_later += m->more.account;
        }
        for (size_t i = 0; i < x->touched_count; i++) {
                const struct adjust_touched *t = &x->touched[i];
                struct fund *f = fund_of(list, &count, t->pool, t->scheme);
                f->reduced += t->reduced;
                f->excess += t->excess;
        }
        for (size_t i = 0; i < x->take_count; i++)
                if (x->takes[i].paid)
                        fund_of(list, &count, x->items[x->takes[i].item].pool, x->items[x->takes[i].item].scheme)->account +=
                            x->takes[i].due.account;
        return count;
}

struct showing {
        struct adjusting *x;
        const struct fund *funds;
        size_t count;
        json_t *list;
};

/* By fund, with the personal account that is touched. */
static int funds_read(struct tx *tx, void *ctx, struct error *err)
{
        struct showing *s = ctx;
        enum lang lang = s->x->call->who.lang;
        int rc = 0;

        json_array_clear(s->list);
        for (size_t i = 0; rc >= 0 && i < s->count; i++) {
                const struct fund *f = &s->funds[i];
                struct pool pool;
                struct stmt *q;
                rc = pool_read(tx, f->pool, &pool, err);
                if (rc < 0)
                        return rc;
                json_t *o = json_object();
                put_int(o, "pool", f->pool);
                put_text(o, "pool_name", lang == LANG_ZH ? pool.name_zh : pool.name_en);
                put_text(o, "scheme", f->scheme);
                put_money(o, "old", f->old);
                put_money(o, "now", f->now);
                put_money(o, "supplement", f->supplement);
                put_money(o, "reduced", f->reduced);
                put_money(o, "excess", f->excess);
                put_money(o, "account_back", f->account);
                put_money(o, "account_later", f->account_later);
                rc = tx_one(&q, tx, err,
                            "SELECT balance_fen FROM personal_account WHERE home = ?1@int AND person = ?2@int AND scheme = "
                            "?3@text AND pool = ?4@int",
                            "iiti", (int64_t)s->x->call->house->home, s->x->person, f->scheme, f->pool);
                if (rc == 1)
                        put_money(o, "balance", stmt_int(q, 0));
                json_array_append_new(s->list, o);
        }
        return rc < 0 ? rc : 0;
}

static json_t *preview_json(const struct adjusting *x, const json_t *result, json_t *funds)
{
        json_t *o = json_object();

        put_int(o, "employer", x->employer.id);
        put_text(o, "employer_name", x->employer.name);
        put_text(o, "kind", x->kind_word);
        put_text(o, "settle", x->settle_word);
        put_value(o, "lines", items_json(x, result));
        put_value(o, "funds", json_incref(funds));
        put_money(o, "supplement", x->supplement);
        put_money(o, "reduced", x->reduced);
        put_money(o, "excess", x->kind == ADJUST_SUSPENSE ? x->suspense : x->excess);
        put_money(o, "unpaid", x->reduced - x->excess);
        put_money(o, "account_back", x->account);
        put_value(o, "found", json_deep_copy(result));
        return o;
}

int contribution_adjust_preview(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct adjusting x;
        struct case_decision d;
        struct fund funds[2 * SCHEMES_MAX];
        struct showing s = {.x = &x, .funds = funds, .list = json_array()};
        json_t *result = NULL;
        int rc = s.list == NULL ? error_raise(err, SB_MEMORY, "%s", "") : adjust_compute(&x, c, in, err);

        if (s.list == NULL)
                return rc;
        rc = rc ? rc : adjust_decide(&x, &d, &result, NULL, err);
        if (rc == 0) {
                s.count = funds_of(&x, funds);
                rc = store_read(c->house->store, funds_read, &s, err);
        }
        if (rc == 0) {
                *out = preview_json(&x, result, s.list);
                rc = *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
        }
        json_decref(s.list);
        json_decref(result);
        adjust_dispose(&x);
        return rc;
}

/* --- those that were made ------------------------------------------------------------------------------------------------------------- */

struct listing {
        struct call *call;
        int64_t employer, person, instance;
        json_t *items;
};

static int refunds_put(struct tx *tx, struct listing *l, int64_t adjustment, json_t *o, struct error *err)
{
        struct stmt *q = NULL;
        json_t *items = json_array();
        int rc =
            tx_query(&q, tx, err,
                     "SELECT k.id, k.amount_fen, k.state, k.beneficiary_kind FROM adjustment_refund f JOIN payment_claim k ON "
                     "k.home = f.home AND k.id = f.claim WHERE f.home = ?1@int AND f.adjustment = ?2@int ORDER BY k.id",
                     "ii", (int64_t)l->call->house->home, adjustment);

        while ((rc = row_next(rc, q, err)) == 1) {
                json_t *one = json_object();
                put_int(one, "claim", stmt_int(q, 0));
                put_money(one, "amount", stmt_int(q, 1));
                put_str(one, "state", stmt_text(q, 2));
                put_str(one, "to", stmt_text(q, 3));
                json_array_append_new(items, one);
        }
        put_value(o, "refunds", items);
        return rc;
}

/* What its supplements and its credits stand at now: owed yet, and waiting for the next bill. */
static int standing_put(struct tx *tx, struct listing *l, int64_t adjustment, json_t *o, struct error *err)
{
        struct stmt *q;
        int64_t home = l->call->house->home;
        int rc =
            tx_one(&q, tx, err,
                   "SELECT CAST(COALESCE(SUM(a.employer_fen + a.person_fen - a.reduced_fen - a.received_fen), 0) AS @int) FROM "
                   "declaration d JOIN assessment a ON a.home = d.home AND a.declaration = d.id WHERE d.home = ?1@int AND "
                   "d.adjustment = ?2@int",
                   "ii", home, adjustment);

        if (rc == 1) {
                put_money(o, "supplement_open", stmt_int(q, 0));
                rc = tx_one(
                    &q, tx, err,
                    "SELECT CAST(COALESCE(SUM(amount_fen - allocated_fen - refunded_fen), 0) AS @int) FROM receipt WHERE "
                    "home = ?1@int AND adjustment = ?2@int",
                    "ii", home, adjustment);
        }
        if (rc == 1)
                put_money(o, "credit_open", stmt_int(q, 0));
        return rc < 0 ? rc : 0;
}

static int lines_put(struct tx *tx, struct listing *l, int64_t adjustment, json_t *o, struct error *err)
{
        struct stmt *q = NULL;
        json_t *items = json_array();
        int rc = tx_query(
            &q, tx, err,
            "SELECT month, scheme, old_wage_fen, wage_fen, old_base_fen, old_employer_fen, old_person_fen, old_account_fen, "
            "base_fen, employer_fen, person_fen, account_fen FROM adjustment_line WHERE home = ?1@int AND adjustment = ?2@int "
            "ORDER "
            "BY month, scheme",
            "ii", (int64_t)l->call->house->home, adjustment);

        while ((rc = row_next(rc, q, err)) == 1) {
                const struct due old = {stmt_int(q, 4), stmt_int(q, 5), stmt_int(q, 6), stmt_int(q, 7), ""},
                                 now = {stmt_int(q, 8), stmt_int(q, 9), stmt_int(q, 10), stmt_int(q, 11), ""};
                json_t *one = json_object();
                put_month(one, "month", (month_t)stmt_int(q, 0));
                put_str(one, "scheme", stmt_text(q, 1));
                put_money(one, "old_wage", stmt_int(q, 2));
                put_money(one, "wage", stmt_int(q, 3));
                put_value(one, "old", due_json(&old));
                put_value(one, "now", due_json(&now));
                json_array_append_new(items, one);
        }
        put_value(o, "lines", items);
        return rc;
}

static json_t *head_json(const struct stmt *q, int32_t home)
{
        char number[32];
        json_t *o = json_object();

        put_int(o, "id", stmt_int(q, 0));
        put_text(o, "number", readable_number(ADJUSTMENT_PREFIX, (int)home, stmt_int(q, 0), number));
        put_str(o, "kind", stmt_text(q, 1));
        put_int(o, "employer", stmt_int(q, 2));
        put_int(o, "person", stmt_int(q, 3));
        if (stmt_int(q, 4) != 0) {
                put_month(o, "from", (month_t)stmt_int(q, 4));
                put_month(o, "to", (month_t)stmt_int(q, 5));
        }
        put_str(o, "settle", stmt_text(q, 6));
        put_int(o, "reverses", stmt_int(q, 7));
        put_int(o, "case", stmt_int(q, 8));
        put_int(o, "decision", stmt_int(q, 9));
        put_money(o, "supplement", stmt_int(q, 10));
        put_money(o, "reduced", stmt_int(q, 11));
        put_money(o, "excess", stmt_int(q, 12));
        put_money(o, "refunded", stmt_int(q, 13));
        put_money(o, "account_back", stmt_int(q, 14));
        put_str(o, "state", stmt_text(q, 15));
        put_instant(o, "at", stmt_int(q, 16));
        return o;
}

#define HEADS                                                                                                                  \
        "SELECT id, kind, employer, person, month_from, month_to, settle, reverses, instance, decision, supplement_fen, "      \
        "reduced_fen, excess_fen, refunded_fen, account_fen, state, at FROM adjustment WHERE home = ?1@int AND "
#define HEADS_ORDER " AND (?3@int = 0 OR instance = ?3@int) ORDER BY id DESC LIMIT 100"

static int list_read(struct tx *tx, void *ctx, struct error *err)
{
        struct listing *l = ctx;
        int64_t home = l->call->house->home;
        struct stmt *q = NULL;
        json_t *one;
        size_t i;
        int rc = l->employer != 0
                     ? tx_query(&q, tx, err, HEADS "employer = ?2@int" HEADS_ORDER, "iii", home, l->employer, l->instance)
                     : tx_query(&q, tx, err, HEADS "person = ?2@int" HEADS_ORDER, "iii", home, l->person, l->instance);

        json_array_clear(l->items);
        while ((rc = row_next(rc, q, err)) == 1)
                json_array_append_new(l->items, head_json(q, l->call->house->home));
        json_array_foreach(l->items, i, one)
        {
                int64_t id = json_int_or(one, "id", 0);
                rc = rc ? rc : refunds_put(tx, l, id, one, err);
                rc = rc ? rc : standing_put(tx, l, id, one, err);
                rc = rc ? rc : lines_put(tx, l, id, one, err);
        }
        return rc;
}

static int list(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct listing l = {.call = c,
                            .employer = json_int_or(in, "employer", 0),
                            .person = json_int_or(in, "person", 0),
                            .instance = json_int_or(in, "case", 0),
                            .items = json_array()};
        int rc = l.items == NULL ? error_raise(err, SB_MEMORY, "%s", "") : store_read(c->house->store, list_read, &l, err);

        if (rc < 0) {
                json_decref(l.items);
                return rc;
        }
        return list_answer(out, l.items, NULL, err);
}

int contribution_employer_adjustments(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        return list(c, in, out, err);
}

int contribution_person_adjustments(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        return list(c, in, out, err);
}
