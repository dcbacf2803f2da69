/* SPDX-License-Identifier: Apache-2.0
 *
 * What the process P09 (欠费催缴) asks: compute what is owed, order it to be paid, record that it was handed over. All are called by a
 * case alone.
 */
#include "office/arrears/arrears.h"

#include "office/json.h"

#include <string.h>

/* --- arrears.compute -------------------------------------------------------------------------------------------------------- */

static int compute_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct arrears *a = ctx;
        json_t *o, *decisions = json_array();
        int rc = arrears_decisions(tx, a, err);

        (void)c;
        for (size_t i = 0; i < a->charge_count; i++)
                json_array_append_new(decisions, json_integer(a->charges[i].decision_id));
        o = json_object();
        arrears_totals(a, o);
        put_value(o, "decisions", decisions);
        change->subject_kind = "employer";
        change->subject = a->employer.id;
        change->audit = json_deep_copy(o);
        *out = o;
        return rc == 0 && o == NULL ? error_raise(err, SB_MEMORY, "%s", "") : rc;
}

int arrears_compute(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct arrears a = {.call = c};
        int64_t employer;
        int rc = json_get_int(in, "employer", true, &employer, err);

        if (rc == 0)
                rc = arrears_open(&a, c, employer, clock_today(c->house->clock), err);
        if (rc == 0)
                rc = verb_change(c, registry_find(c->house->verbs, "arrears.compute"), in, compute_apply, &a, out, err);
        arrears_close(&a);
        return rc;
}

/* --- arrears.order: the late fee becomes receivable --------------------------------------------------------------------------- */

struct ordering {
        struct arrears a;
        int64_t order, transaction, first_fee;
};

/* Money that came since the late fee was computed would make it wrong. */
static int employer_unchanged(struct tx *tx, struct ordering *o, struct error *err)
{
        int64_t changed;
        int rc = tx_exec_changed(
            tx, &changed, err,
            "UPDATE employer SET version = version + 1 WHERE home = ?1@int AND id = ?2@int AND version = ?3@int", "iii",
            (int64_t)o->a.call->house->home, o->a.employer.id, o->a.employer.version);

        return rc == 0 && changed == 0 ? error_raise(err, SB_OFFICE_VERSION, "%s", "") : rc;
}

static int fee_insert(struct tx *tx, struct ordering *o, const struct charge *k, const struct owed *w, int64_t id,
                      struct error *err)
{
        return tx_exec(
            tx, err,
            "INSERT INTO late_fee (home, id, arrears_order, assessment, employer, pool, from_day, to_day, "
            "principal_fen, fee_fen, received_fen, state, fee_first, txn, decision, version) VALUES (?1@int, ?2@int, "
            "?3@int, ?4@int, ?5@int, ?6@int, ?7@int, ?8@int, ?9@int, ?10@int, 0, ?11@text, ?12@int, ?13@int, "
            "?14@int, 1)",
            "iiiiiiiiiitiii", (int64_t)o->a.call->house->home, id, o->order, w->assessment, o->a.employer.id, w->pool,
            (int64_t)w->from, (int64_t)o->a.day, w->open, w->fee, w->fee == 0 ? "paid" : "open", (int64_t)k->fee_first,
            w->fee == 0 ? (int64_t)0 : o->transaction, k->decision_id);
}

static int order_insert(struct tx *tx, struct ordering *o, struct error *err)
{
        struct call *c = o->a.call;

        return tx_exec(
            tx, err,
            "INSERT INTO arrears_order (home, id, employer, instance, day, principal_fen, fee_fen, state, body, body_day, "
            "body_reference, txn, actor, at, version) VALUES (?1@int, ?2@int, ?3@int, ?4@int, ?5@int, ?6@int, ?7@int, 'open', "
            "NULL, 0, NULL, ?8@int, ?9@int, ?10@int, 1)",
            "iiiiiiiiii", (int64_t)c->house->home, o->order, o->a.employer.id, c->instance, (int64_t)o->a.day, o->a.principal,
            o->a.fee, o->a.fee == 0 ? (int64_t)0 : o->transaction, c->who.staff, (int64_t)clock_now(c->house->clock));
}

static int order_post(struct tx *tx, struct ordering *o, struct error *err)
{
        struct house *h = o->a.call->house;
        struct posting postings[2 * ARREARS_POOLS];
        size_t n = 0;

        for (size_t i = 0; i < o->a.charge_count; i++) {
                const struct charge *k = &o->a.charges[i];
                if (k->fee == 0)
                        continue;
                postings[n++] = (struct posting){k->pool, LEDGER_RECEIVABLE, k->fee};
                postings[n++] = (struct posting){k->pool, LEDGER_FUND, -k->fee};
        }
        if (n == 0)
                return 0;
        struct ledger_transaction t = {.home = h->home,
                                       .month = month_of(o->a.day),
                                       .id = o->transaction,
                                       .day = o->a.day,
                                       .kind = "arrears.order",
                                       .ref_kind = "arrears_order",
                                       .ref_id = o->order,
                                       .actor = o->a.call->who.staff,
                                       .at = clock_now(h->clock),
                                       .postings = postings,
                                       .count = n};
        return ledger_post(tx, h->ids, &t, err);
}

static int order_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct ordering *o = ctx;
        int rc = employer_unchanged(tx, o, err);

        (void)c;
        if (rc == 0)
                rc = arrears_decisions(tx, &o->a, err);
        for (size_t i = 0; rc == 0 && i < o->a.charge_count; i++) {
                const struct charge *k = &o->a.charges[i];
                for (size_t j = k->first; rc == 0 && j < k->first + k->count; j++)
                        rc = fee_insert(tx, o, k, &o->a.rows[j], o->first_fee + (int64_t)j, err);
        }
        if (rc == 0)
                rc = order_insert(tx, o, err);
        if (rc == 0)
                rc = order_post(tx, o, err);
        if (rc < 0)
                return rc;
        change->subject_kind = "arrears_order";
        change->subject = o->order;
        json_t *answer = json_object();
        put_int(answer, "order", o->order);
        put_day(answer, "day", o->a.day);
        arrears_totals(&o->a, answer);
        change->audit = json_deep_copy(answer);
        *out = answer;
        return answer == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

int arrears_order(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct ordering o = {.a = {.call = c}};
        int64_t employer;
        int rc = json_get_int(in, "employer", true, &employer, err);

        if (rc == 0)
                rc = arrears_open(&o.a, c, employer, clock_today(c->house->clock), err);
        if (rc == 0 && o.a.principal + o.a.fee == 0)
                rc = error_raise(err, SB_ARREARS_NONE, "%s", o.a.employer.name);
        if (rc == 0)
                rc = ids_range(c->house->ids, (int)o.a.count + 2, &o.order, err);
        o.transaction = o.order + 1;
        o.first_fee = o.order + 2;
        if (rc == 0)
                rc = verb_change(c, registry_find(c->house->verbs, "arrears.order"), in, order_apply, &o, out, err);
        arrears_close(&o.a);
        return rc;
}

/* --- arrears.enforce: handed over -------------------------------------------------------------------------------------------- */

struct enforcing {
        int64_t order;
        day_t day;
        const char *body, *reference;
};

static int enforce_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        const struct enforcing *e = ctx;
        struct stmt *q;
        char state[16] = "";
        int rc = tx_one(&q, tx, err, "SELECT state FROM arrears_order WHERE home = ?1@int AND id = ?2@int", "ii",
                        (int64_t)c->house->home, e->order);

        if (rc == 0)
                return error_raise(err, SB_ARREARS_ORDER, "%lld", (long long)e->order);
        if (rc == 1)
                text_copy(state, sizeof state, stmt_text(q, 0));
        /* What was paid while the papers were on their way stays paid; that they were sent is told all the same. */
        if (rc == 1)
                rc = tx_exec(tx, err,
                             "UPDATE arrears_order SET state = ?3@text, body = ?4@text, body_day = ?5@int, body_reference = "
                             "?6@text, version = version + 1 WHERE home = ?1@int AND id = ?2@int",
                             "iittit", (int64_t)c->house->home, e->order, strcmp(state, "open") == 0 ? "enforced" : state,
                             e->body, (int64_t)e->day, e->reference);
        if (rc < 0)
                return rc;
        change->subject_kind = "arrears_order";
        change->subject = e->order;
        *out = json_pack("{s:I,s:s}", "order", (json_int_t)e->order, "state", strcmp(state, "open") == 0 ? "enforced" : state);
        return *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

int arrears_enforce(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct enforcing e = {.reference = ""};
        int rc = json_get_int(in, "order", true, &e.order, err);

        if (rc == 0)
                rc = json_get_text(in, "body", true, &e.body, err);
        if (rc == 0)
                rc = json_get_day(in, "day", true, &e.day, err);
        if (rc == 0 && !json_is_null(json_object_get(in, "reference")))
                rc = json_get_text(in, "reference", false, &e.reference, err);
        return rc < 0 ? rc : verb_change(c, registry_find(c->house->verbs, "arrears.enforce"), in, enforce_apply, &e, out, err);
}
