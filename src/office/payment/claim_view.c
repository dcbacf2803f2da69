/* SPDX-License-Identifier: Apache-2.0
 *
 * What people see of one-off payments.
 */
#include "office/payment/claim.h"

#include "case/pack_store.h"
#include "office/json.h"

#include <string.h>

struct view {
        struct call *call;
        int64_t claim, pool, run, person, employer, after;
        int64_t number; /* of the one that is asked for by its readable number; 0 any, -1 none */
        const char *state, *kind;
        int limit;
        json_t *out, *items;
        char next[32];
};

/* The words of a kind, by the law of its pool today; a pack that does not know it leaves the word itself. */
static void kind_put(struct view *v, struct tx *tx, json_t *o, const struct payment_claim *k)
{
        struct house *h = v->call->house;
        struct error none = {0};
        struct pack *pack = NULL;
        char key[64];
        const char *text = NULL;
        instant_t now = clock_now(h->clock);

        text_format(key, sizeof key, "payment.%s", k->kind);
        if (pack_store_for_in(h->packs, tx, k->pool, instant_day(now), now, &pack, &none) == 0)
                text = pack_text(pack, key, v->call->who.lang);
        put_text(o, "kind", k->kind);
        put_text(o, "kind_name", text != NULL && *text ? text : k->kind);
}

static int beneficiary_put(struct view *v, struct tx *tx, json_t *o, const struct payment_claim *k, struct error *err)
{
        struct house *h = v->call->house;
        int rc;

        put_text(o, "beneficiary_kind", k->beneficiary_kind);
        put_int(o, "beneficiary", k->beneficiary);
        if (strcmp(k->beneficiary_kind, "employer") == 0) {
                struct employer e;

                rc = employer_read(tx, h, k->home, k->beneficiary, &e, err);
                put_text(o, "name", rc == 0 ? e.name : "");
                explicit_bzero(&e, sizeof e);
        } else {
                struct person p;

                rc = person_read(tx, h, k->home, k->beneficiary, &p, err);
                put_text(o, "name", rc == 0 ? p.name : "");
                person_dispose(&p);
        }
        return rc;
}

static int claim_put(struct view *v, struct tx *tx, json_t *o, const struct payment_claim *k, struct error *err)
{
        char number[32];
        struct pool pool;
        int rc = pool_read(tx, k->pool, &pool, err);

        if (rc < 0)
                return rc;
        put_int(o, "id", k->id);
        put_text(o, "number", readable_number(CLAIM_PREFIX, k->home, k->id, number));
        put_int(o, "pool", k->pool);
        put_text(o, "pool_name", v->call->who.lang == LANG_EN ? pool.name_en : pool.name_zh);
        kind_put(v, tx, o, k);
        put_text(o, "state", k->state);
        put_money(o, "amount", k->amount);
        put_money(o, "account", k->account_part);
        put_money(o, "fund", k->fund_part);
        put_day(o, "from", k->from);
        put_bool(o, "payee", k->payee != 0);
        put_text(o, "return_code", k->return_code);
        put_value(o, "run", k->run ? json_integer(k->run) : json_null());
        put_instant(o, "at", k->at);
        return beneficiary_put(v, tx, o, k, err);
}

/* --- a list ---------------------------------------------------------------------------------------------------------------------- */

#define PAGE 200

static int ids_read(struct view *v, struct tx *tx, int64_t *ids, int *n, struct error *err)
{
        struct stmt *q = NULL;
        int rc = tx_query(
            &q, tx, err,
            "SELECT id FROM payment_claim WHERE home = ?1@int AND (?2@int = 0 OR pool = ?2@int) AND (?3@text = '' OR state = "
            "?3@text) AND (?4@text = '' OR kind = ?4@text) AND (?5@int = 0 OR run = ?5@int) AND (?6@int = 0 OR "
            "(beneficiary_kind = 'person' AND beneficiary = ?6@int)) AND (?7@int = 0 OR (beneficiary_kind = 'employer' AND "
            "beneficiary = ?7@int)) AND (?8@int = 0 OR id < ?8@int) AND (?10@int = 0 OR id = ?10@int) ORDER BY id DESC LIMIT "
            "?9@int",
            "iittiiiiii", (int64_t)v->call->house->home, v->pool, v->state, v->kind, v->run, v->person, v->employer, v->after,
            (int64_t)v->limit, v->number);

        *n = 0;
        while (*n < PAGE && (rc = row_next(rc, q, err)) == 1) {
                ids[(*n)++] = stmt_int(q, 0);
                rc = 0;
        }
        return rc < 0 ? rc : 0;
}

static int list_apply(struct tx *tx, void *ctx, struct error *err)
{
        struct view *v = ctx;
        int64_t ids[PAGE];
        int n = 0, rc;

        json_decref(v->items);
        v->items = json_array();
        v->next[0] = '\0';
        rc = ids_read(v, tx, ids, &n, err);
        for (int i = 0; rc == 0 && i < n; i++) {
                struct payment_claim k;
                bool within = false;

                rc = claim_read(tx, v->call->house->home, ids[i], &k, err);
                rc = rc ? rc : pool_serves(tx, k.pool, v->call->who.office, &within, err);
                if (rc != 0 || !within)
                        continue;
                json_t *o = json_object();
                rc = claim_put(v, tx, o, &k, err);
                json_array_append_new(v->items, o);
        }
        if (n == v->limit)
                text_format(v->next, sizeof v->next, "%lld", (long long)ids[n - 1]);
        return rc;
}

/* A number that is well formed and not that of a one-off payment of this house finds nothing; one that is not is refused with its place. */
static int number_take(struct view *v, const json_t *in, struct error *err)
{
        const char *text = "";
        char prefix;
        int home;
        int rc = json_get_text(in, "number", false, &text, err);

        if (rc < 0 || *text == '\0')
                return rc;
        if (readable_parse(str_trim(str_from(text)), &prefix, &home, &v->number, err) < 0)
                return error_where(err, "number");
        if (prefix != CLAIM_PREFIX || home != v->call->house->home)
                v->number = -1;
        return 0;
}

int claim_list_verb(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct view v = {.call = c,
                         .state = "",
                         .kind = "",
                         .pool = json_int_or(in, "pool", 0),
                         .run = json_int_or(in, "run", 0),
                         .person = json_int_or(in, "person", 0),
                         .employer = json_int_or(in, "employer", 0)};
        int rc = list_page(in, &v.limit, &v.after, err);

        rc = rc ? rc : json_get_text(in, "state", false, &v.state, err);
        rc = rc ? rc : json_get_text(in, "kind", false, &v.kind, err);
        rc = rc ? rc : number_take(&v, in, err);
        rc = rc ? rc : store_read(c->house->store, list_apply, &v, err);
        if (rc == 0) {
                rc = list_answer(out, v.items, *v.next ? v.next : NULL, err);
                v.items = NULL;
        }
        json_decref(v.items);
        return rc;
}

/* --- what a run pays --------------------------------------------------------------------------------------------------------------- */

int claim_page_read(struct tx *tx, struct call *c, struct claim_page *page, struct error *err)
{
        struct view v = {.call = c};
        struct {
                int64_t claim;
                char state[16], code[8];
        } rows[PAGE];
        int n = 0;
        struct stmt *q = NULL;
        int rc =
            tx_query(&q, tx, err,
                     "SELECT claim, state, return_code FROM claim_payment WHERE home = ?1@int AND run = ?2@int AND claim > "
                     "?3@int AND (?4@text = '' OR state = ?4@text) ORDER BY claim LIMIT ?5@int",
                     "iiiti", (int64_t)c->house->home, page->run, page->after, page->state, (int64_t)page->limit);

        while (n < PAGE && (rc = row_next(rc, q, err)) == 1) {
                rows[n].claim = stmt_int(q, 0);
                text_copy(rows[n].state, sizeof rows[n].state, stmt_text(q, 1));
                text_copy(rows[n].code, sizeof rows[n].code, stmt_text(q, 2));
                n++;
                rc = 0;
        }
        for (int i = 0; rc == 0 && i < n; i++) {
                struct payment_claim k;
                json_t *o = json_object();

                rc = claim_read(tx, c->house->home, rows[i].claim, &k, err);
                rc = rc ? rc : claim_put(&v, tx, o, &k, err);
                put_int(o, "claim", rows[i].claim);
                put_text(o, "claim_state", k.state);
                put_text(o, "state", rows[i].state); /* in this run */
                put_text(o, "return_code", rows[i].code);
                json_array_append_new(page->items, o);
        }
        if (n == page->limit)
                text_format(page->next, sizeof page->next, "%lld", (long long)rows[n - 1].claim);
        return rc;
}

/* --- one of them ------------------------------------------------------------------------------------------------------------------ */

static void staff_put(struct tx *tx, json_t *o, const char *name, int64_t staff)
{
        struct error none = {0};
        struct stmt *q = NULL;

        if (staff != 0 && tx_one(&q, tx, &none, "SELECT display FROM staff WHERE id = ?1@int", "i", staff) == 1)
                put_str(o, name, stmt_text(q, 0));
        else
                put_value(o, name, json_null());
}

/* All payees that it ever had, newest first; accounts masked. */
static int payees_put(struct view *v, struct tx *tx, json_t *o, const struct payment_claim *k, struct error *err)
{
        json_t *payees = json_array(), *one;
        struct stmt *q = NULL;
        size_t i;
        int rc = tx_query(
            &q, tx, err,
            "SELECT id, state, note, entered_by, entered_at, checked_by, checked_at FROM payment_payee WHERE home = ?1@int AND "
            "claim = ?2@int ORDER BY id DESC",
            "ii", (int64_t)k->home, k->id);

        while ((rc = row_next(rc, q, err)) == 1) {
                one = json_object();
                put_int(one, "id", stmt_int(q, 0));
                put_str(one, "state", stmt_text(q, 1));
                put_str(one, "note", stmt_text(q, 2));
                put_int(one, "entered_by", stmt_int(q, 3));
                put_instant(one, "entered_at", stmt_int(q, 4));
                put_bool(one, "own", stmt_int(q, 3) == v->call->who.staff);
                put_int(one, "checked_by", stmt_int(q, 5));
                if (stmt_int(q, 6) != 0)
                        put_instant(one, "checked_at", stmt_int(q, 6));
                else
                        put_value(one, "checked_at", json_null());
                put_bool(one, "current", stmt_int(q, 0) == k->payee);
                json_array_append_new(payees, one);
        }
        put_value(o, "payees", payees);
        json_array_foreach(payees, i, one)
        {
                struct payee p;
                char masked[64];

                if (rc == 0)
                        rc = payment_payee_open(tx, v->call->house, k->home, json_int_or(one, "id", 0), &p, err);
                if (rc != 0)
                        return rc;
                put_text(one, "name", p.name);
                put_text(one, "bank", p.bank);
                put_text(one, "account", text_mask(masked, sizeof masked, p.account, 4, 4));
                explicit_bzero(&p, sizeof p);
                staff_put(tx, one, "entered_by", json_int_or(one, "entered_by", 0));
                staff_put(tx, one, "checked_by", json_int_or(one, "checked_by", 0));
        }
        return rc;
}

/* The runs that listed it, newest first, and what came of it in each; cancelled ones as well. */
static int runs_put(struct tx *tx, json_t *o, const struct payment_claim *k, struct error *err)
{
        json_t *runs = json_array(), *one;
        struct stmt *q = NULL;
        char number[32];
        int rc =
            tx_query(&q, tx, err,
                     "SELECT r.id, r.state, r.pay_day, r.released_at, y.state, y.return_code, y.payee FROM claim_payment y "
                     "JOIN payment_run r ON r.home = y.home AND r.id = y.run WHERE y.home = ?1@int AND y.claim = ?2@int "
                     "ORDER BY r.id DESC",
                     "ii", (int64_t)k->home, k->id);

        while ((rc = row_next(rc, q, err)) == 1) {
                one = json_object();
                put_int(one, "run", stmt_int(q, 0));
                put_text(one, "number", readable_number(PAYMENT_RUN_PREFIX, k->home, stmt_int(q, 0), number));
                put_str(one, "run_state", stmt_text(q, 1));
                put_value(one, "pay_day", json_null());
                if (stmt_int(q, 2) != 0)
                        put_day(one, "pay_day", (day_t)stmt_int(q, 2));
                put_value(one, "released_at", json_null());
                if (stmt_int(q, 3) != 0)
                        put_instant(one, "released_at", stmt_int(q, 3));
                put_str(one, "state", stmt_text(q, 4));
                put_str(one, "return_code", stmt_text(q, 5));
                put_int(one, "payee", stmt_int(q, 6));
                json_array_append_new(runs, one);
        }
        put_value(o, "runs", runs);
        return rc;
}

static int get_apply(struct tx *tx, void *ctx, struct error *err)
{
        struct view *v = ctx;
        struct payment_claim k;
        int rc = claim_read(tx, v->call->house->home, v->claim, &k, err);

        json_decref(v->out);
        v->out = json_object();
        rc = rc ? rc : claim_put(v, tx, v->out, &k, err);
        if (rc != 0)
                return rc;
        put_text(v->out, "ref_kind", k.ref_kind);
        put_int(v->out, "ref", k.ref);
        put_value(v->out, "source_run", k.source_run ? json_integer(k.source_run) : json_null());
        put_value(v->out, "case", k.instance ? json_integer(k.instance) : json_null());
        put_value(v->out, "decision", k.decision ? json_integer(k.decision) : json_null());
        put_int(v->out, "transaction", k.txn);
        put_text(v->out, "reason", k.reason);
        put_int(v->out, "version", k.version);
        staff_put(tx, v->out, "entered_by", k.actor);
        rc = runs_put(tx, v->out, &k, err);
        return rc ? rc : payees_put(v, tx, v->out, &k, err);
}

int claim_get_verb(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct view v = {.call = c};
        int rc = json_get_int(in, "claim", true, &v.claim, err);

        rc = rc ? rc : store_read(c->house->store, get_apply, &v, err);
        if (rc == 0) {
                *out = v.out;
                v.out = NULL;
        }
        json_decref(v.out);
        return rc;
}
