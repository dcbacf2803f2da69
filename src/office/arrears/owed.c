/* SPDX-License-Identifier: Apache-2.0 */
#include "office/arrears/arrears.h"

#include "office/json.h"
#include "pack/pack.h"

#include <stdlib.h>
#include <string.h>

/* --- what is overdue, or was when it was paid -------------------------------------------------------------------------------------------------------- */

static int parts_end(struct owed *o, day_t last, struct error *err)
{
        char money[24], from[16], to[16];

        if (last < o->cursor || o->running <= 0)
                return 0;
        json_t *part = json_pack("{s:s,s:s,s:s}", "amount", money_text(o->running, money), "from", day_text(o->cursor, from),
                                 "to", day_text(last, to));
        o->cursor = last + 1;
        return json_array_append_new(o->parts, part) < 0 ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

/* Money that came on a day: until then (that day counted) the sum before it was open. */
static int part_paid(struct owed *o, day_t day, fen_t amount, struct error *err)
{
        int rc = day >= o->cursor ? parts_end(o, day, err) : 0;

        o->running -= amount;
        o->open -= amount;
        if (day <= o->due_day)
                o->obligation -= amount;
        return rc;
}

static void rows_free(struct arrears *a)
{
        for (size_t i = 0; i < a->count; i++)
                json_decref(a->rows[i].parts);
        free(a->rows);
        a->rows = NULL;
        a->count = 0;
}

static int row_add(struct arrears *a, struct stmt *q, size_t *cap, struct error *err)
{
        if (a->count == *cap) {
                *cap = *cap == 0 ? 64 : 2 * *cap;
                struct owed *more = realloc(a->rows, *cap * sizeof *more);
                if (more == NULL)
                        return error_raise(err, SB_MEMORY, "%s", "");
                a->rows = more;
        }
        struct owed *o = &a->rows[a->count];
        day_t due = (day_t)stmt_int(q, 5), charged = (day_t)stmt_int(q, 6);
        *o = (struct owed){.assessment = stmt_int(q, 0),
                           .pool = stmt_int(q, 1),
                           .month = (month_t)stmt_int(q, 3),
                           .due_day = due,
                           .from = (charged > due ? charged : due) + 1,
                           .total = stmt_int(q, 4),
                           .ordered = stmt_int(q, 7),
                           .parts = json_array()};
        text_copy(o->scheme, sizeof o->scheme, stmt_text(q, 2));
        o->open = o->obligation = o->running = o->total;
        o->cursor = o->from;
        if (o->parts == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        a->count++;
        return 0;
}

static int rows_read(struct tx *tx, struct arrears *a, struct error *err)
{
        struct stmt *q = NULL;
        size_t cap = 0;
        int rc =
            tx_query(&q, tx, err,
                     "SELECT a.id, a.pool, a.scheme, a.month, a.employer_fen + a.person_fen - a.reduced_fen, d.due_day, (SELECT "
                     "COALESCE(MAX(f.to_day), 0) FROM late_fee f WHERE f.home = a.home AND f.assessment = a.id), (SELECT "
                     "CAST(COALESCE(SUM(f.fee_fen), 0) AS @int) FROM late_fee f WHERE f.home = a.home AND f.assessment = a.id) "
                     "FROM assessment a JOIN declaration d ON d.home = a.home AND d.id = a.declaration WHERE a.home = "
                     "?1@int AND a.employer = ?2@int AND d.due_day < ?3@int AND (a.state = 'open' OR a.state = 'paid' AND "
                     "EXISTS (SELECT 1 FROM allocation l JOIN receipt r ON r.home = l.home AND r.id = l.receipt WHERE l.home = "
                     "a.home AND l.assessment = a.id AND l.amount_fen > 0 AND r.day > d.due_day AND r.day > (SELECT COALESCE(MAX(f.to_day), 0) FROM "
                     "late_fee f WHERE f.home = a.home AND f.assessment = a.id))) ORDER BY a.pool, a.month, a.id",
                     "iii", (int64_t)a->call->house->home, a->employer.id, (int64_t)a->day);

        rows_free(a); /* of an attempt that failed softly */
        while ((rc = row_next(rc, q, err)) == 1) {
                rc = row_add(a, q, &cap, err);
                if (rc < 0)
                        return rc;
        }
        return rc;
}

static struct owed *row_of(struct arrears *a, int64_t assessment)
{
        for (size_t i = 0; i < a->count; i++)
                if (a->rows[i].assessment == assessment)
                        return &a->rows[i];
        return NULL;
}

static int paid_read(struct tx *tx, struct arrears *a, struct error *err)
{
        struct stmt *q = NULL;
        int rc =
            tx_query(&q, tx, err,
                     "SELECT l.assessment, r.day, CAST(SUM(l.amount_fen) AS @int) FROM assessment a JOIN allocation l ON "
                     "l.home = a.home AND l.assessment = a.id JOIN receipt r ON r.home = l.home AND r.id = l.receipt WHERE "
                     "a.home = ?1@int AND a.employer = ?2@int AND a.state IN ('open', 'paid') AND r.day <= ?3@int GROUP BY "
                     "l.assessment, r.day ORDER BY l.assessment, r.day",
                     "iii", (int64_t)a->call->house->home, a->employer.id, (int64_t)a->day);

        while ((rc = row_next(rc, q, err)) == 1) {
                struct owed *o = row_of(a, stmt_int(q, 0));
                rc = o == NULL ? 0 : part_paid(o, (day_t)stmt_int(q, 1), stmt_int(q, 2), err);
                if (rc < 0)
                        return rc;
        }
        return rc;
}

static int charges_make(struct arrears *a, struct error *err)
{
        int rc = 0;

        a->charge_count = 0;
        a->principal = 0;
        for (size_t i = 0; rc == 0 && i < a->count; i++) {
                struct owed *o = &a->rows[i];
                if (a->charge_count == 0 || a->charges[a->charge_count - 1].pool != o->pool) {
                        if (a->charge_count == ARREARS_POOLS)
                                return error_raise(err, SB_LIMIT, "%s|%d",
                                                   ERROR_BOTH("the pools of an order", "缴纳决定涉及的统筹区数"),
                                                   ARREARS_POOLS);
                        a->charges[a->charge_count++] = (struct charge){.pool = o->pool, .first = i};
                }
                struct charge *k = &a->charges[a->charge_count - 1];
                k->count++;
                k->principal += o->open;
                a->principal += o->open;
                rc = parts_end(o, a->day, err);
        }
        return rc;
}

static int owed_read(struct tx *tx, void *ctx, struct error *err)
{
        struct arrears *a = ctx;
        struct house *h = a->call->house;
        int rc = employer_read(tx, h, h->home, a->employer.id, &a->employer, err);

        if (rc == 0)
                rc = rows_read(tx, a, err);
        if (rc == 0)
                rc = paid_read(tx, a, err);
        return rc == 0 ? charges_make(a, err) : rc;
}

/* --- the late fee ------------------------------------------------------------------------------------------------------------ */

static json_t *charge_inputs(const struct arrears *a, const struct charge *k)
{
        char obligation[24], ordered[24], open[24];
        json_t *list = json_array();

        for (size_t i = k->first; i < k->first + k->count; i++) {
                const struct owed *o = &a->rows[i];
                json_array_append_new(list, json_pack("{s:I,s:s,s:s,s:s,s:O}", "assessment", (json_int_t)o->assessment,
                                                      "obligation", money_text(o->obligation, obligation), "ordered",
                                                      money_text(o->ordered, ordered), "open", money_text(o->open, open),
                                                      "parts", o->parts));
        }
        return json_pack("{s:o}", "owed", list);
}

static int charge_decide(struct arrears *a, struct charge *k, struct error *err)
{
        const char *settles = "";

        k->inputs = charge_inputs(a, k);
        k->decision = (struct case_decision){.model = "arrears",
                                             .name = "late_fees",
                                             .pool = k->pool,
                                             .day = a->day,
                                             .subject_kind = "employer",
                                             .subject = a->employer.id,
                                             .inputs = k->inputs};
        int rc = k->inputs == NULL ? error_raise(err, SB_MEMORY, "%s", "")
                                   : decision_compute(a->call, &k->decision, &k->result, &k->derivation, err);
        const json_t *fees = json_object_get(k->result, "fees");
        if (rc == 0 && json_array_size(fees) != k->count)
                rc = error_raise(err, SB_INTERNAL, "%s", "late_fees");
        for (size_t i = 0; rc == 0 && i < k->count; i++) {
                fen_t *fee = &a->rows[k->first + i].fee;
                rc = pack_money(json_array_get(fees, i), fee, err);
                if (rc == 0)
                        k->fee += *fee;
        }
        if (rc == 0)
                rc = json_get_text(k->result, "settles", true, &settles, err);
        k->fee_first = strcmp(settles, "late_fee_first") == 0;
        a->fee += k->fee;
        return rc;
}

int arrears_open_read(struct arrears *a, struct call *c, int64_t employer, day_t day, struct error *err)
{
        char text[16];

        *a = (struct arrears){.call = c, .day = day, .employer = {.id = employer}};
        if (day > clock_today(c->house->clock)) {
                error_raise(err, SB_ARREARS_DAY, "%s", day_text(day, text));
                return error_where(err, "day");
        }
        return store_read(c->house->store, owed_read, a, err);
}

int arrears_charge(struct arrears *a, struct error *err)
{
        int rc = 0;

        for (size_t i = 0; rc == 0 && i < a->charge_count; i++)
                rc = charge_decide(a, &a->charges[i], err);
        return rc;
}

int arrears_open(struct arrears *a, struct call *c, int64_t employer, day_t day, struct error *err)
{
        int rc = arrears_open_read(a, c, employer, day, err);

        return rc == 0 ? arrears_charge(a, err) : rc;
}

void arrears_close(struct arrears *a)
{
        rows_free(a);
        for (size_t i = 0; i < a->charge_count; i++) {
                json_decref(a->charges[i].inputs);
                json_decref(a->charges[i].result);
                json_decref(a->charges[i].derivation);
        }
        a->charge_count = 0;
}

int arrears_decisions(struct tx *tx, struct arrears *a, struct error *err)
{
        int rc = 0;

        for (size_t i = 0; rc == 0 && i < a->charge_count; i++) {
                struct charge *k = &a->charges[i];
                rc = decision_store(tx, a->call, &k->decision, k->result, k->derivation, &k->decision_id, err);
        }
        return rc;
}

void arrears_totals(const struct arrears *a, json_t *o)
{
        month_t first = 0, last = 0;
        char month[16];

        for (size_t i = 0; i < a->count; i++) {
                first = i == 0 || a->rows[i].month < first ? a->rows[i].month : first;
                last = a->rows[i].month > last ? a->rows[i].month : last;
        }
        put_bool(o, "owes", a->principal + a->fee > 0);
        put_text(o, "from", a->count == 0 ? "" : month_text(first, month));
        put_text(o, "to", a->count == 0 ? "" : month_text(last, month));
        put_money(o, "principal", a->principal);
        put_money(o, "late_fee", a->fee);
        put_money(o, "total", a->principal + a->fee);
}

int arrears_unordered(struct call *c, int64_t employer, fen_t *late_fee, struct error *err)
{
        struct arrears a;
        int rc = arrears_open(&a, c, employer, clock_today(c->house->clock), err);

        *late_fee = rc == 0 ? a.fee : 0;
        arrears_close(&a);
        return rc;
}
