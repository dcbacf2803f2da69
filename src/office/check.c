/* SPDX-License-Identifier: Apache-2.0
 *
 * Checks by rule: what a person would look up and compare is looked up and compared by a model of the pack; the case goes on by
 * what it says, and the file keeps how it came to it.
 */
#include "office/json.h"
#include "office/office.h"

#define CHECKS "checks"

struct checking {
        struct case_decision decision;
        const struct office_check *check;
        json_t *result, *derivation;
};

struct pool_ask {
        struct call *call;
        int64_t pool;
};

static int pool_of_case(struct tx *tx, void *ctx, struct error *err)
{
        struct pool_ask *a = ctx;
        struct stmt *q;
        int rc = tx_one(&q, tx, err, "SELECT pool FROM process_instance WHERE home = ?1@int AND id = ?2@int", "ii",
                        (int64_t)a->call->house->home, a->call->instance);

        a->pool = rc == 1 ? stmt_int(q, 0) : 0;
        if (rc == 0)
                return error_raise(err, SB_CASE_UNKNOWN, "%lld", (long long)a->call->instance);
        return rc < 0 ? rc : 0;
}

int case_pool(struct call *c, int64_t *pool, struct error *err)
{
        struct pool_ask a = {.call = c};
        int rc = store_read(c->house->store, pool_of_case, &a, err);

        *pool = a.pool;
        return rc;
}

static int check_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct checking *k = ctx;
        int64_t id = 0;
        int rc = decision_store(tx, c, &k->decision, k->result, k->derivation, &id, err);

        if (rc < 0)
                return rc;
        json_t *o = k->check->facts == NULL ? json_object() : json_deep_copy(k->check->facts);
        put_int(o, "decision", id);
        put_value(o, "exception", json_incref(json_object_get(k->result, "exception")));
        put_value(o, "reasons", json_incref(json_object_get(k->result, "reasons")));
        change->subject_kind = "decision";
        change->subject = id;
        *out = o;
        return o == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

int office_check(struct call *c, const json_t *in, const struct office_check *k, json_t **out, struct error *err)
{
        struct checking w = {.check = k};
        int64_t pool = k->pool;
        int rc = pool == 0 ? case_pool(c, &pool, err) : 0;

        w.decision = (struct case_decision){.model = CHECKS,
                                            .name = k->name,
                                            .pool = pool,
                                            .day = clock_today(c->house->clock),
                                            .person = k->person,
                                            .subject_kind = k->subject_kind,
                                            .subject = k->subject,
                                            .inputs = k->inputs};
        if (rc == 0)
                rc = decision_compute(c, &w.decision, &w.result, &w.derivation, err);
        if (rc == 0)
                rc = verb_change(c, registry_find(c->house->verbs, k->verb), in, check_apply, &w, out, err);
        json_decref(w.result);
        json_decref(w.derivation);
        return rc;
}
