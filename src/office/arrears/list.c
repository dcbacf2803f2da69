/* SPDX-License-Identifier: Apache-2.0 */
#include "office/arrears/arrears.h"

#include "office/json.h"

/* --- arrears.list: oldest first ------------------------------------------------------------------------------------------------- */

struct listing {
        struct call *call;
        int64_t employer, pool, after;
        day_t day;
        int limit;
        json_t *out;
};

/* A row is told by employer, fund and month; the cursor is the assessment, whose month is looked up again. */
#define OVERDUE                                                                                                                \
        "SELECT a.id, a.employer, f.name, a.scheme, a.pool, p.name_zh, p.name_en, a.month, d.due_day, a.employer_fen + "       \
        "a.person_fen - a.reduced_fen, (SELECT CAST(COALESCE(SUM(l.amount_fen), 0) AS @int) FROM allocation l JOIN receipt r ON r.home = "     \
        "l.home AND r.id = l.receipt WHERE l.home = a.home AND l.assessment = a.id AND r.day <= ?3@int) FROM assessment a "    \
        "JOIN declaration d ON d.home = a.home AND d.id = a.declaration LEFT JOIN employer_fact f ON f.home = a.home AND "     \
        "f.employer = a.employer AND f.known_to = ?2@int AND f.valid_from <= ?3@int AND f.valid_to > ?3@int LEFT JOIN pool p " \
        "ON p.id = a.pool WHERE a.home = ?1@int AND a.state = 'open' AND d.due_day < ?3@int AND (?4@int = 0 OR a.employer = "  \
        "?4@int) AND (?5@int = 0 OR a.pool = ?5@int) AND (?6@int = 0 OR (a.month, a.id) > (SELECT m.month, m.id FROM "         \
        "assessment m WHERE m.home = ?1@int AND m.id = ?6@int)) AND (?8@int = 0 OR f.office IN " OFFICE_SUBTREE(               \
            "?8@int") ") ORDER BY a.month, a.id LIMIT ?7@int"

static json_t *overdue_row(const struct stmt *q, const struct listing *l)
{
        json_t *o = json_object();
        fen_t due = stmt_int(q, 9), received = stmt_int(q, 10);

        put_int(o, "assessment", stmt_int(q, 0));
        put_int(o, "employer", stmt_int(q, 1));
        put_str(o, "employer_name", stmt_text(q, 2));
        put_str(o, "scheme", stmt_text(q, 3));
        put_int(o, "pool", stmt_int(q, 4));
        put_str(o, "pool_name", stmt_text(q, l->call->who.lang == LANG_ZH ? 5 : 6));
        put_month(o, "month", (month_t)stmt_int(q, 7));
        put_day(o, "due_day", (day_t)stmt_int(q, 8));
        put_int(o, "days_late", l->day - stmt_int(q, 8));
        put_money(o, "due", due);
        put_money(o, "received", received);
        put_money(o, "open", due - received);
        return o;
}

typedef json_t *row_make(const struct stmt *q, const struct listing *l);

/* A page of rows whose first column is the cursor; one row more was asked for than the page holds. */
static int page_read(struct listing *l, struct stmt *q, int rc, row_make *make, struct error *err)
{
        json_t *items = json_array();
        int64_t last = 0;
        char next[24];
        int n = 0;

        while ((rc = row_next(rc, q, err)) == 1)
                if (++n <= l->limit) {
                        json_array_append_new(items, make(q, l));
                        last = stmt_int(q, 0);
                }
        if (rc < 0) {
                json_decref(items);
                return rc;
        }
        json_decref(l->out);
        l->out = NULL;
        text_format(next, sizeof next, "%lld", (long long)last);
        return list_answer(&l->out, items, n > l->limit ? next : NULL, err);
}

static int64_t office_of(const struct listing *l)
{
        return l->call->who.staff == 0 ? 0 : l->call->who.office;
}

static int list_read(struct tx *tx, void *ctx, struct error *err)
{
        struct listing *l = ctx;
        struct stmt *q = NULL;
        int rc = tx_query(&q, tx, err, OVERDUE, "iiiiiiii", (int64_t)l->call->house->home, (int64_t)INSTANT_END,
                          (int64_t)l->day, l->employer, l->pool, l->after, (int64_t)l->limit + 1, office_of(l));

        return page_read(l, q, rc, overdue_row, err);
}

int arrears_list(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct listing l = {.call = c, .day = clock_today(c->house->clock)};
        int rc = json_get_int(in, "employer", false, &l.employer, err);

        if (rc == 0)
                rc = json_get_int(in, "pool", false, &l.pool, err);
        if (rc == 0)
                rc = json_get_day(in, "day", false, &l.day, err);
        if (rc == 0)
                rc = list_page(in, &l.limit, &l.after, err);
        if (rc == 0)
                rc = store_read(c->house->store, list_read, &l, err);
        if (rc == 0)
                *out = l.out;
        else
                json_decref(l.out);
        return rc;
}

/* --- arrears.employers: who owes, today ------------------------------------------------------------------------------------------- */

#define DEBTORS                                                                                                                \
        "WITH owed AS (SELECT a.employer AS employer, a.month AS month, d.due_day AS due_day, a.employer_fen + a.person_fen "  \
        "- a.reduced_fen - a.received_fen AS open_fen, 0 AS fee_fen FROM assessment a JOIN declaration d ON d.home = a.home AND d.id = "       \
        "a.declaration WHERE a.home = ?1@int AND a.state = 'open' AND d.due_day < ?2@int AND a.employer > ?3@int UNION ALL "   \
        "SELECT f.employer, CAST(NULL AS @int), CAST(NULL AS @int), 0, f.fee_fen - f.received_fen FROM late_fee f WHERE "      \
        "f.home = ?1@int AND f.state = 'open' AND f.employer > ?3@int) SELECT o.employer, e.name, COUNT(DISTINCT o.month), "   \
        "MIN(o.month), MAX(o.month), MIN(o.due_day), CAST(SUM(o.open_fen) AS @int), CAST(SUM(o.fee_fen) AS @int), (SELECT "    \
        "MAX(i.id) FROM process_instance i WHERE i.home = ?1@int AND i.process = 'P09' AND i.subject_kind = 'employer' AND "   \
        "i.subject = o.employer AND i.state IN ('active', 'incident')), (SELECT MAX(r.day) FROM arrears_order r WHERE r.home " \
        "= ?1@int AND r.employer = o.employer AND r.state <> 'settled') FROM owed o LEFT JOIN employer_fact e ON e.home = "    \
        "?1@int AND e.employer = o.employer AND e.known_to = ?4@int AND e.valid_from <= ?2@int AND e.valid_to > ?2@int WHERE " \
        "?6@int = 0 OR e.office IN " OFFICE_SUBTREE("?6@int") " GROUP BY o.employer, e.name ORDER BY o.employer LIMIT ?5@int"

static json_t *debtor_row(const struct stmt *q, const struct listing *l)
{
        json_t *o = json_object();

        put_int(o, "employer", stmt_int(q, 0));
        put_str(o, "employer_name", stmt_text(q, 1));
        put_int(o, "months", stmt_int(q, 2));
        if (!stmt_null(q, 3)) {
                put_month(o, "from", (month_t)stmt_int(q, 3));
                put_month(o, "to", (month_t)stmt_int(q, 4));
                put_day(o, "due_day", (day_t)stmt_int(q, 5));
                put_int(o, "days_late", l->day - stmt_int(q, 5));
        }
        put_money(o, "open", stmt_int(q, 6));
        put_money(o, "late_fee", stmt_int(q, 7));
        if (!stmt_null(q, 8))
                put_int(o, "case", stmt_int(q, 8));
        if (!stmt_null(q, 9))
                put_day(o, "ordered", (day_t)stmt_int(q, 9));
        return o;
}

static int debtors_read(struct tx *tx, void *ctx, struct error *err)
{
        struct listing *l = ctx;
        struct stmt *q = NULL;
        int rc = tx_query(&q, tx, err, DEBTORS, "iiiiii", (int64_t)l->call->house->home, (int64_t)l->day, l->after,
                          (int64_t)INSTANT_END, (int64_t)l->limit + 1, office_of(l));

        return page_read(l, q, rc, debtor_row, err);
}

int arrears_employers(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct listing l = {.call = c, .day = clock_today(c->house->clock)};
        int rc = list_page(in, &l.limit, &l.after, err);

        if (rc == 0)
                rc = store_read(c->house->store, debtors_read, &l, err);
        if (rc == 0)
                *out = l.out;
        else
                json_decref(l.out);
        return rc;
}

/* --- arrears.preview: what an order would say ------------------------------------------------------------------------------------ */

/* The case that is at work on an employer's arrears. 0: none. */
static int case_of(struct tx *tx, const struct arrears *a, int64_t *instance, struct error *err)
{
        const struct case_ref ref = {"P09", "employer", a->employer.id};

        return case_running(tx, a->call->house, &ref, instance, err);
}

struct orders {
        const struct arrears *a;
        json_t *out, *items;
};

static int orders_read(struct tx *tx, struct orders *s, struct error *err)
{
        struct stmt *q = NULL;
        int rc =
            tx_query(&q, tx, err,
                     "SELECT o.id, o.day, o.principal_fen, o.fee_fen, (SELECT CAST(COALESCE(SUM(f.received_fen), 0) AS @int) "
                     "FROM late_fee f WHERE f.home = o.home AND f.arrears_order = o.id), o.state, o.body, o.body_day, "
                     "o.body_reference, o.instance, (SELECT MAX(l.id) FROM letter l WHERE l.home = o.home AND l.instance = "
                     "o.instance AND l.template = 'order' AND l.lang = ?3@text) FROM arrears_order o WHERE o.home = ?1@int AND "
                     "o.employer = ?2@int ORDER BY o.id",
                     "iit", (int64_t)s->a->call->house->home, s->a->employer.id, s->a->call->who.lang == LANG_ZH ? "zh" : "en");

        json_array_clear(s->items);
        while ((rc = row_next(rc, q, err)) == 1) {
                json_t *o = json_object();
                put_int(o, "order", stmt_int(q, 0));
                put_day(o, "day", (day_t)stmt_int(q, 1));
                put_money(o, "principal", stmt_int(q, 2));
                put_money(o, "late_fee", stmt_int(q, 3));
                put_money(o, "late_fee_received", stmt_int(q, 4));
                put_str(o, "state", stmt_text(q, 5));
                if (!stmt_null(q, 6)) {
                        put_str(o, "body", stmt_text(q, 6));
                        put_day(o, "body_day", (day_t)stmt_int(q, 7));
                        put_str(o, "body_reference", stmt_text(q, 8));
                }
                put_int(o, "case", stmt_int(q, 9));
                if (!stmt_null(q, 10))
                        put_int(o, "document", stmt_int(q, 10));
                put_value(o, "fees", json_array());
                json_array_append_new(s->items, o);
        }
        return rc;
}

static json_t *order_of(const json_t *orders, int64_t id)
{
        const json_t *o;
        size_t i;

        json_array_foreach(orders, i,
                           o) if (json_integer_value(json_object_get(o, "order")) == id) return json_object_get(o, "fees");
        return NULL;
}

/* Each order's late fees, by fund and month. */
static int fees_read(struct tx *tx, const struct orders *s, struct error *err)
{
        struct stmt *q = NULL;
        int rc = tx_query(&q, tx, err,
                          "SELECT f.arrears_order, f.id, a.scheme, a.month, f.from_day, f.to_day, f.principal_fen, f.fee_fen, "
                          "f.received_fen, f.state, f.decision FROM late_fee f JOIN assessment a ON a.home = f.home AND a.id = "
                          "f.assessment WHERE f.home = ?1@int AND f.employer = ?2@int ORDER BY f.arrears_order, a.month, f.id",
                          "ii", (int64_t)s->a->call->house->home, s->a->employer.id);

        while ((rc = row_next(rc, q, err)) == 1) {
                json_t *o = json_object();
                put_int(o, "late_fee", stmt_int(q, 1));
                put_str(o, "scheme", stmt_text(q, 2));
                put_month(o, "month", (month_t)stmt_int(q, 3));
                put_day(o, "from", (day_t)stmt_int(q, 4));
                put_day(o, "to", (day_t)stmt_int(q, 5));
                put_money(o, "principal", stmt_int(q, 6));
                put_money(o, "amount", stmt_int(q, 7));
                put_money(o, "received", stmt_int(q, 8));
                put_str(o, "state", stmt_text(q, 9));
                put_int(o, "decision", stmt_int(q, 10));
                json_array_append_new(order_of(s->items, stmt_int(q, 0)), o);
        }
        return rc;
}

static int beside_read(struct tx *tx, void *ctx, struct error *err)
{
        struct orders *s = ctx;
        int64_t instance = 0;
        char number[32];
        int rc = orders_read(tx, s, err);

        if (rc == 0)
                rc = fees_read(tx, s, err);
        if (rc == 0)
                rc = case_of(tx, s->a, &instance, err);
        if (rc == 0 && instance != 0) {
                put_int(s->out, "case", instance);
                put_text(s->out, "case_number", readable_number('C', s->a->call->house->home, instance, number));
        }
        return rc;
}

static json_t *owed_row(const struct arrears *a, const struct owed *w)
{
        json_t *o = json_object();

        put_int(o, "assessment", w->assessment);
        put_text(o, "scheme", w->scheme);
        put_month(o, "month", w->month);
        put_day(o, "due_day", w->due_day);
        put_int(o, "days_late", (w->open > 0 ? a->day : w->cursor - 1) - w->due_day); /* until it was paid */
        put_money(o, "due", w->total);
        put_money(o, "open", w->open);
        put_money(o, "ordered", w->ordered);
        put_money(o, "late_fee", w->fee);
        return o;
}

/* A part of a late fee is none. */
static void fees_forget(json_t *o, const json_t *items)
{
        json_t *item;
        size_t i;

        json_object_del(o, "late_fee");
        json_object_del(o, "total");
        json_array_foreach(items, i, item) json_object_del(item, "late_fee");
}

int arrears_preview(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct arrears a = {.call = c};
        int64_t employer;
        day_t day = clock_today(c->house->clock);
        json_t *o = json_object(), *items = json_array();
        struct orders orders = {&a, o, json_array()};
        struct error lacking = {0};
        char text[1024];
        int rc = json_get_int(in, "employer", true, &employer, err);

        if (rc == 0)
                rc = json_get_day(in, "day", false, &day, err);
        if (rc == 0)
                rc = arrears_open_read(&a, c, employer, day, err);
        /* What is owed is told also where the pack has no figure to compute the late fee by. */
        if (rc == 0 && arrears_charge(&a, &lacking) < 0 && lacking.code != SB_PARAMETER_MISSING)
                rc = error_hand(err, &lacking);
        if (rc == 0)
                rc = store_read(c->house->store, beside_read, &orders, err);
        if (lacking.code == SB_PARAMETER_MISSING)
                put_text(o, "missing", error_text(&lacking, c->who.lang, text, sizeof text));
        put_int(o, "employer", a.employer.id);
        put_text(o, "employer_name", a.employer.name);
        put_day(o, "day", day);
        arrears_totals(&a, o);
        for (size_t i = 0; i < a.count; i++)
                json_array_append_new(items, owed_row(&a, &a.rows[i]));
        if (lacking.code == SB_PARAMETER_MISSING)
                fees_forget(o, items);
        put_value(o, "items", items);
        put_value(o, "orders", orders.items);
        arrears_close(&a);
        if (rc < 0)
                json_decref(o);
        else
                *out = o;
        return rc == 0 && o == NULL ? error_raise(err, SB_MEMORY, "%s", "") : rc;
}

/* --- arrears.open: the case P09 --------------------------------------------------------------------------------------------------- */

static int case_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        const struct arrears *a = ctx;
        json_t *totals = json_object(), *variables = json_object();
        struct case_start start = {.process = "P09",
                                   .subject_kind = "employer",
                                   .subject = a->employer.id,
                                   .office = a->employer.office,
                                   .pool = a->charges[0].pool,
                                   .variables = variables};
        int64_t instance = 0;
        char number[32];
        int rc = employer_hold(tx, c->house, a->employer.id, err); /* one after the other asks */

        if (rc == 0)
                rc = case_of(tx, a, &instance, err);
        if (rc == 0 && instance != 0)
                rc = error_raise(err, SB_ARREARS_CASE, "%s|%s", a->employer.name,
                                 readable_number('C', c->house->home, instance, number));
        arrears_totals(a, totals);
        put_int(variables, "employer", a->employer.id);
        put_value(variables, "arrears_from", json_incref(json_object_get(totals, "from")));
        put_value(variables, "arrears_to", json_incref(json_object_get(totals, "to")));
        put_money(variables, "arrears_amount", a->principal);
        if (rc == 0)
                rc = case_start(tx, c, &start, &instance, err);
        json_decref(variables);
        json_decref(totals);
        if (rc < 0)
                return rc;
        change->subject_kind = "employer";
        change->subject = a->employer.id;
        *out = json_pack("{s:I,s:s}", "case", (json_int_t)instance, "number",
                         readable_number('C', c->house->home, instance, number));
        return *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

int arrears_case_open(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct arrears a = {.call = c};
        int64_t employer;
        int rc = verb_repeated(c, registry_find(c->house->verbs, "arrears.open"), in, out, err);

        if (rc != 0)
                return rc < 0 ? rc : 0;
        rc = json_get_int(in, "employer", true, &employer, err);
        if (rc == 0)
                rc = arrears_open_read(&a, c, employer, clock_today(c->house->clock), err);
        if (rc == 0 && a.count == 0)
                rc = error_raise(err, SB_ARREARS_NONE, "%s", a.employer.name);
        if (rc == 0)
                rc = case_change(c, registry_find(c->house->verbs, "arrears.open"), in, case_apply, &a, out, err);
        arrears_close(&a);
        return rc;
}
