/* SPDX-License-Identifier: Apache-2.0
 *
 * What the process P08 (征收到账) asks of a receipt: match it three ways (what is assessed, what arrived, the lines of the assessments),
 * and let it pay. Until then it lies in suspense, state `checking`, and pays nothing.
 */
#include "office/contribution/contribution.h"

#include "office/json.h"

#include <string.h>

struct receipt {
        int64_t id, employer;
        fen_t amount, allocated, refunded;
        char state[16];
};

static int receipt_row(struct tx *tx, int32_t home, int64_t id, struct receipt *out, struct error *err)
{
        struct stmt *q;
        int rc = tx_one(
            &q, tx, err,
            "SELECT employer, amount_fen, allocated_fen, state, refunded_fen FROM receipt WHERE home = ?1@int AND id = ?2@int",
            "ii", (int64_t)home, id);

        if (rc == 0)
                return error_raise(err, SB_CONTRIBUTION_RECEIPT, "%lld", (long long)id);
        if (rc < 0)
                return rc;
        *out = (struct receipt){.id = id,
                                .employer = stmt_int(q, 0),
                                .amount = stmt_int(q, 1),
                                .allocated = stmt_int(q, 2),
                                .refunded = stmt_int(q, 4)};
        text_copy(out->state, sizeof out->state, stmt_text(q, 3));
        return 0;
}

/* --- contribution.match --------------------------------------------------------------------------------------------------------- */

struct matching {
        struct call *call;
        struct receipt r;
        json_t *inputs;
};

/* The months that are open, the oldest first, and ordered late fees behind them: does the money end where one of them ends? */
static int months_compare(struct tx *tx, struct matching *m, struct error *err)
{
        struct stmt *q = NULL;
        fen_t open = 0, fees = 0;
        bool whole = false;
        int rc = tx_query(
            &q, tx, err,
            "SELECT month, CAST(SUM(employer_fen + person_fen - reduced_fen - received_fen) AS @int) FROM assessment WHERE "
            "home = ?1@int AND employer = ?2@int AND state = 'open' GROUP BY month ORDER BY month",
            "ii", (int64_t)m->call->house->home, m->r.employer);

        while ((rc = row_next(rc, q, err)) == 1) {
                open += stmt_int(q, 1);
                whole = whole || open == m->r.amount;
        }
        if (rc == 0)
                rc = late_fee_owed(tx, m->call->house->home, m->r.employer, &fees, err);
        open += fees;
        whole = whole || open == m->r.amount;
        put_money(m->inputs, "open_amount", open);
        put_bool(m->inputs, "whole_months", whole);
        return rc;
}

/* Does any open assessment differ from the sum of its lines? */
static int lines_compare(struct tx *tx, struct matching *m, struct error *err)
{
        struct stmt *q;
        int rc = tx_one(&q, tx, err,
                        "SELECT 1 FROM assessment a WHERE a.home = ?1@int AND a.employer = ?2@int AND a.state = 'open' AND "
                        "a.employer_fen + a.person_fen <> (SELECT CAST(COALESCE(SUM(l.employer_fen + l.person_fen), 0) AS "
                        "@int) FROM assessment_line l WHERE l.home = a.home AND l.assessment = a.id) LIMIT 1",
                        "ii", (int64_t)m->call->house->home, m->r.employer);

        put_bool(m->inputs, "lines_agree", rc == 0);
        return rc < 0 ? rc : 0;
}

static int match_read(struct tx *tx, void *ctx, struct error *err)
{
        struct matching *m = ctx;
        int rc = receipt_row(tx, m->call->house->home, m->r.id, &m->r, err);

        json_object_clear(m->inputs);
        put_money(m->inputs, "amount", m->r.amount);
        if (rc == 0)
                rc = months_compare(tx, m, err);
        return rc == 0 ? lines_compare(tx, m, err) : rc;
}

int contribution_match(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct matching m = {.call = c, .inputs = json_object()};
        json_t *facts = json_object();
        struct office_check check = {
            .verb = "contribution.match", .name = "receipt", .subject_kind = "receipt", .inputs = m.inputs, .facts = facts};
        int rc = m.inputs == NULL || facts == NULL ? error_raise(err, SB_MEMORY, "%s", "")
                                                   : json_get_int(in, "receipt", true, &m.r.id, err);

        if (rc == 0)
                rc = store_read(c->house->store, match_read, &m, err);
        check.subject = m.r.id;
        if (rc == 0) {
                put_value(facts, "open_amount", json_incref(json_object_get(m.inputs, "open_amount")));
                rc = office_check(c, in, &check, out, err);
        }
        json_decref(m.inputs);
        json_decref(facts);
        return rc;
}

/* --- contribution.allocate: it pays ------------------------------------------------------------------------------------------------ */

static int allocate_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        const int64_t *id = ctx;
        struct receipt r;
        int rc = receipt_row(tx, c->house->home, *id, &r, err);

        if (rc == 0 && strcmp(r.state, "checking") != 0)
                rc = error_raise(err, SB_CONTRIBUTION_RECEIPT_STATE, "%s", r.state);
        if (rc == 0)
                rc = tx_exec(tx, err,
                             "UPDATE receipt SET state = 'suspense', version = version + 1 WHERE home = ?1@int AND id = ?2@int",
                             "ii", (int64_t)c->house->home, *id);
        if (rc == 0)
                rc = suspense_use(tx, c, r.employer, *id, err);
        if (rc == 0)
                rc = receipt_row(tx, c->house->home, *id, &r, err);
        if (rc < 0)
                return rc;
        change->subject_kind = "receipt";
        change->subject = *id;
        json_t *o = json_object();
        put_int(o, "receipt", *id);
        put_text(o, "state", r.state);
        put_money(o, "allocated", r.allocated);
        put_money(o, "suspense", r.amount - r.allocated - r.refunded);
        change->audit = json_deep_copy(o);
        *out = o;
        return o == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

int contribution_allocate(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        int64_t id;
        int rc = json_get_int(in, "receipt", true, &id, err);

        return rc < 0
                   ? rc
                   : verb_change(c, registry_find(c->house->verbs, "contribution.allocate"), in, allocate_apply, &id, out, err);
}

/* --- contribution.receipt_get --------------------------------------------------------------------------------------------------- */

struct view {
        struct call *call;
        int64_t receipt;
        json_t *out;
};

static int allocations_put(struct tx *tx, struct view *v, struct error *err)
{
        struct stmt *q = NULL;
        json_t *items = json_array();
        int rc = tx_query(
            &q, tx, err,
            "SELECT l.assessment, a.scheme, a.month, l.amount_fen FROM allocation l JOIN assessment a ON a.home = l.home "
            "AND a.id = l.assessment WHERE l.home = ?1@int AND l.receipt = ?2@int ORDER BY a.month, a.id",
            "ii", (int64_t)v->call->house->home, v->receipt);

        while ((rc = row_next(rc, q, err)) == 1) {
                json_t *o = json_object();
                put_int(o, "assessment", stmt_int(q, 0));
                put_str(o, "scheme", stmt_text(q, 1));
                put_month(o, "month", (month_t)stmt_int(q, 2));
                put_money(o, "amount", stmt_int(q, 3));
                json_array_append_new(items, o);
        }
        put_value(v->out, "allocations", items);
        return rc;
}

static int case_put(struct tx *tx, struct view *v, struct error *err)
{
        struct stmt *q;
        int rc = tx_one(&q, tx, err,
                        "SELECT id, number, state FROM case_any WHERE home = ?1@int AND subject_kind = 'receipt' AND "
                        "subject = ?2@int ORDER BY id DESC LIMIT 1",
                        "ii", (int64_t)v->call->house->home, v->receipt);

        if (rc == 1) {
                put_int(v->out, "case", stmt_int(q, 0));
                put_str(v->out, "case_number", stmt_text(q, 1));
                put_str(v->out, "case_state", stmt_text(q, 2));
        }
        return rc < 0 ? rc : 0;
}

static int view_apply(struct tx *tx, void *ctx, struct error *err)
{
        struct view *v = ctx;
        struct house *h = v->call->house;
        struct stmt *q;
        struct receipt r;
        struct employer e;
        int rc = receipt_row(tx, h->home, v->receipt, &r, err);

        if (rc == 0)
                rc = employer_read(tx, h, h->home, r.employer, &e, err);
        if (rc == 0)
                rc = tx_one(&q, tx, err, "SELECT day, bank_ref FROM receipt WHERE home = ?1@int AND id = ?2@int", "ii",
                            (int64_t)h->home, v->receipt);
        if (rc < 0)
                return rc;
        json_decref(v->out);
        v->out = json_object();
        put_int(v->out, "id", r.id);
        put_text(v->out, "state", r.state);
        put_int(v->out, "employer", r.employer);
        put_text(v->out, "employer_name", e.name);
        put_day(v->out, "day", (day_t)stmt_int(q, 0));
        put_str(v->out, "bank_ref", stmt_text(q, 1));
        put_money(v->out, "amount", r.amount);
        put_money(v->out, "allocated", r.allocated);
        put_money(v->out, "refunded", r.refunded);
        put_money(v->out, "suspense", r.amount - r.allocated - r.refunded);
        rc = allocations_put(tx, v, err);
        json_t *fees = json_array();
        if (rc == 0)
                rc = late_fees_of_receipt(tx, h->home, r.id, fees, err);
        put_value(v->out, "late_fees", fees);
        return rc == 0 ? case_put(tx, v, err) : rc;
}

int receipt_read(struct call *c, int64_t receipt, json_t **out, struct error *err)
{
        struct view v = {.call = c, .receipt = receipt};
        int rc = store_read(c->house->store, view_apply, &v, err);

        if (rc == 0)
                *out = v.out;
        else
                json_decref(v.out);
        return rc;
}

int contribution_receipt_get(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        int64_t receipt;
        int rc = json_get_int(in, "receipt", true, &receipt, err);

        return rc < 0 ? rc : receipt_read(c, receipt, out, err);
}
