/* SPDX-License-Identifier: Apache-2.0 */
#include "office/contribution/contribution.h"

#include "office/json.h"

#include <stdlib.h>
#include <string.h>

struct view {
        struct call *call;
        int64_t id, after;
        int limit;
        const char *scheme, *state;
        month_t month; /* 0: any */
        json_t *out;
};

static int view_read(struct call *c, store_apply *fn, struct view *v, json_t **out, struct error *err)
{
        int rc = store_read(c->house->store, fn, v, err);

        if (rc == 0 && v->out == NULL)
                rc = error_raise(err, SB_MEMORY, "%s", "");
        if (rc < 0) {
                json_decref(v->out);
                return rc;
        }
        *out = v->out;
        return 0;
}

/* --- one declaration ------------------------------------------------------------------------------------------------------- */

static int assessments_json(struct tx *tx, struct view *v, json_t *items, fen_t *due, fen_t *received, struct error *err)
{
        struct stmt *q = NULL;
        int rc = tx_query(&q, tx, err,
                          "SELECT a.id, a.scheme, p.name_zh, p.name_en, a.workers, a.base_fen, a.employer_fen, a.person_fen, "
                          "a.account_fen, a.received_fen, a.state, a.pool, a.reduced_fen FROM assessment a LEFT JOIN pool p ON "
                          "p.id = a.pool WHERE "
                          "a.home = ?1@int AND a.declaration = ?2@int ORDER BY a.scheme, a.id",
                          "ii", (int64_t)v->call->house->home, v->id);

        while ((rc = row_next(rc, q, err)) == 1) {
                json_t *o = json_object();
                put_int(o, "id", stmt_int(q, 0));
                put_str(o, "scheme", stmt_text(q, 1));
                put_str(o, "pool_name", stmt_text(q, v->call->who.lang == LANG_ZH ? 2 : 3));
                put_int(o, "workers", stmt_int(q, 4));
                put_money(o, "base", stmt_int(q, 5));
                put_money(o, "employer", stmt_int(q, 6));
                put_money(o, "person", stmt_int(q, 7));
                put_money(o, "account", stmt_int(q, 8));
                put_money(o, "reduced", stmt_int(q, 12));
                put_money(o, "due", stmt_int(q, 6) + stmt_int(q, 7) - stmt_int(q, 12));
                put_money(o, "received", stmt_int(q, 9));
                put_str(o, "state", stmt_text(q, 10));
                put_int(o, "pool", stmt_int(q, 11));
                *due += stmt_int(q, 6) + stmt_int(q, 7) - stmt_int(q, 12);
                *received += stmt_int(q, 9);
                json_array_append_new(items, o);
        }
        return rc;
}

struct line_row {
        int64_t person;
        fen_t wage, employer, own, base;
};

static int line_rows(struct tx *tx, struct view *v, struct line_row *rows, int *count, struct error *err)
{
        struct stmt *q = NULL;
        int rc = tx_query(
            &q, tx, err,
            "SELECT l.person, l.wage_fen, CAST(COALESCE(SUM(s.employer_fen), 0) AS @int), "
            "CAST(COALESCE(SUM(s.person_fen), 0) AS @int), CAST(COALESCE(MAX(s.base_fen), 0) AS @int) FROM "
            "declaration_line l LEFT JOIN assessment a ON a.home = l.home AND a.declaration = l.declaration LEFT JOIN "
            "assessment_line s ON s.home = a.home AND s.assessment = a.id AND s.person_home = l.person_home AND s.person "
            "= l.person WHERE l.home = ?1@int AND l.declaration = ?2@int AND l.person > ?3@int GROUP BY l.person, "
            "l.wage_fen ORDER BY l.person LIMIT ?4@int",
            "iiii", (int64_t)v->call->house->home, v->id, v->after, (int64_t)v->limit + 1);

        *count = 0;
        while ((rc = row_next(rc, q, err)) == 1) {
                rows[(*count)++] =
                    (struct line_row){stmt_int(q, 0), stmt_int(q, 1), stmt_int(q, 2), stmt_int(q, 3), stmt_int(q, 4)};
        }
        return rc;
}

static int lines_json(struct tx *tx, struct view *v, json_t *out, struct error *err)
{
        struct house *h = v->call->house;
        struct line_row rows[201];
        struct person p;
        char masked[32], next[24];
        int n = 0;
        json_t *items = json_array();
        int rc = line_rows(tx, v, rows, &n, err);

        for (int i = 0; rc == 0 && i < n && i < v->limit; i++) {
                rc = person_read(tx, h, h->home, rows[i].person, &p, err);
                if (rc < 0)
                        break;
                json_t *o = json_object();
                put_int(o, "person", p.id);
                put_text(o, "number", p.number);
                put_text(o, "name", p.name);
                put_text(o, "id_number_masked", text_mask(masked, sizeof masked, p.id_number, 6, 4));
                put_money(o, "wage", rows[i].wage);
                put_money(o, "base", rows[i].base);
                put_money(o, "employer", rows[i].employer);
                put_money(o, "own", rows[i].own);
                person_dispose(&p);
                json_array_append_new(items, o);
        }
        put_value(out, "lines", items);
        text_format(next, sizeof next, "%lld", n > 0 ? (long long)rows[n > v->limit ? v->limit - 1 : n - 1].person : 0LL);
        put_value(out, "next", n > v->limit ? json_string(next) : json_null());
        return rc;
}

/* Its declaration (P06) as `case`, its assessment (P07) as `assessment_case`. */
static int case_of(struct tx *tx, struct view *v, json_t *out, struct error *err)
{
        struct stmt *q = NULL;
        int rc = tx_query(&q, tx, err,
                          "SELECT id, number, process FROM case_any WHERE home = ?1@int AND subject_kind = "
                          "'declaration' AND subject = ?2@int ORDER BY id",
                          "ii", (int64_t)v->call->house->home, v->id);

        while ((rc = row_next(rc, q, err)) == 1) {
                bool declared = str_is(stmt_text(q, 2), "P06");
                put_int(out, declared ? "case" : "assessment_case", stmt_int(q, 0));
                put_str(out, declared ? "case_number" : "assessment_case_number", stmt_text(q, 1));
        }
        return rc;
}

static int get_read(struct tx *tx, void *ctx, struct error *err)
{
        struct view *v = ctx;
        struct house *h = v->call->house;
        struct declaration d;
        struct employer e;
        fen_t due = 0, received = 0;
        int rc = declaration_read(tx, h->home, v->id, &d, err);

        if (rc == 0)
                rc = employer_read(tx, h, h->home, d.employer, &e, err);
        if (rc < 0)
                return rc;
        json_decref(v->out);
        json_t *o = v->out = json_object(), *assessments = json_array();
        put_int(o, "id", d.id);
        put_int(o, "employer", e.id);
        put_text(o, "employer_name", e.name);
        put_text(o, "employer_number", e.number);
        put_month(o, "month", d.month);
        put_text(o, "state", d.state);
        put_text(o, "channel", d.channel);
        put_int(o, "workers", d.workers);
        put_day(o, "due_day", d.due_day);
        put_int(o, "entered_by", d.entered_by);
        put_int(o, "approved_by", d.approved_by);
        put_int(o, "version", d.version);
        put_int(o, "adjustment", d.adjustment);
        rc = assessments_json(tx, v, assessments, &due, &received, err);
        put_value(o, "assessments", assessments);
        put_money(o, "due", due);
        put_money(o, "received", received);
        if (rc == 0)
                rc = case_of(tx, v, o, err);
        put_value(o, "decisions", json_array());
        return rc == 0 ? lines_json(tx, v, o, err) : rc;
}

int contribution_get(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct view v = {.call = c};
        int rc = json_get_int(in, "declaration", true, &v.id, err);

        if (rc == 0)
                rc = list_page(in, &v.limit, &v.after, err);
        return rc < 0 ? rc : view_read(c, get_read, &v, out, err);
}

/* --- list: newest first -------------------------------------------------------------------------------------------------------- */

#define LIST_SELECT                                                                                                            \
        "SELECT d.id, d.employer, f.name, d.month, d.state, d.workers, d.due_day, (SELECT "                                    \
        "CAST(COALESCE(SUM(a.employer_fen + a.person_fen - a.reduced_fen), 0) AS @int) FROM assessment a WHERE a.home = "      \
        "d.home AND "                                                                                                          \
        "a.declaration = d.id), (SELECT CAST(COALESCE(SUM(a.received_fen), 0) AS @int) FROM assessment a WHERE a.home = "      \
        "d.home AND a.declaration = d.id) FROM declaration d LEFT JOIN employer_fact f ON f.home = d.home AND f.employer = "   \
        "d.employer AND f.known_to = ?2@int AND f.valid_from <= ?3@int AND f.valid_to > ?3@int WHERE d.home = ?1@int AND "     \
        "d.id < "                                                                                                              \
        "?4@int AND (?5@int = 0 OR d.month = ?5@int) AND (?6@text = '' OR d.state = ?6@text) AND (?8@int = 0 OR f.office "     \
        "IN " OFFICE_SUBTREE("?8@int") ") "
#define LIST_ORDER "ORDER BY d.id DESC LIMIT ?7@int"

static json_t *list_row(struct stmt *q)
{
        json_t *o = json_object();

        put_int(o, "id", stmt_int(q, 0));
        put_int(o, "employer", stmt_int(q, 1));
        put_str(o, "employer_name", stmt_text(q, 2));
        put_month(o, "month", (month_t)stmt_int(q, 3));
        put_str(o, "state", stmt_text(q, 4));
        put_int(o, "workers", stmt_int(q, 5));
        put_day(o, "due_day", (day_t)stmt_int(q, 6));
        put_money(o, "due_total", stmt_int(q, 7));
        put_money(o, "received", stmt_int(q, 8));
        return o;
}

static int list_read(struct tx *tx, void *ctx, struct error *err)
{
        struct view *v = ctx;
        struct house *h = v->call->house;
        struct stmt *q = NULL;
        int64_t before = v->after == 0 ? INT64_MAX : v->after, home = h->home, limit = v->limit + 1, month = v->month;
        int64_t office = v->call->who.staff == 0 ? 0 : v->call->who.office;
        int64_t today = clock_today(h->clock), last = 0;
        char next[24];
        int rc, n = 0;

        if (v->id == 0)
                rc = tx_query(&q, tx, err, LIST_SELECT LIST_ORDER, "iiiiitii", home, (int64_t)INSTANT_END, today, before, month,
                              v->state, limit, office);
        else
                rc = tx_query(&q, tx, err, LIST_SELECT "AND d.employer = ?9@int " LIST_ORDER, "iiiiitiii", home,
                              (int64_t)INSTANT_END, today, before, month, v->state, limit, office, v->id);
        json_t *items = json_array();
        while ((rc = row_next(rc, q, err)) == 1) {
                if (++n <= v->limit) {
                        json_array_append_new(items, list_row(q));
                        last = stmt_int(q, 0);
                }
        }
        if (rc < 0) {
                json_decref(items);
                return rc;
        }
        json_decref(v->out);
        v->out = NULL;
        text_format(next, sizeof next, "%lld", (long long)last);
        return list_answer(&v->out, items, n > v->limit ? next : NULL, err);
}

int contribution_list(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct view v = {.call = c, .state = ""};
        int rc = json_get_int(in, "employer", false, &v.id, err);

        if (rc == 0)
                rc = json_get_month(in, "month", false, &v.month, err);
        if (rc == 0)
                rc = json_get_text(in, "state", false, &v.state, err);
        if (rc == 0)
                rc = list_page(in, &v.limit, &v.after, err);
        return rc < 0 ? rc : view_read(c, list_read, &v, out, err);
}

/* --- history of a person --------------------------------------------------------------------------------------------------------- */

static json_t *history_row(struct stmt *q, const char *pool)
{
        json_t *o = json_object();
        month_t from = (month_t)stmt_int(q, 1), to = (month_t)stmt_int(q, 2);

        put_str(o, "scheme", stmt_text(q, 0));
        put_text(o, "pool", pool);
        put_month(o, "from", from);
        put_month(o, "to", to);
        put_int(o, "months", to - from);
        put_money(o, "base", stmt_int(q, 3));
        put_str(o, "kind", stmt_text(q, 4));
        put_str(o, "employer_name", stmt_text(q, 5));
        put_instant(o, "known_from", stmt_int(q, 6));
        put_str(o, "source", stmt_text(q, 7));
        return o;
}

static int history_rows(struct stmt *q, struct view *v, json_t *items, json_t *gaps, int64_t months[2], struct error *err)
{
        month_t end = 0;
        int rc;

        while ((rc = stmt_step(q, err)) == 1) {
                month_t from = (month_t)stmt_int(q, 1), to = (month_t)stmt_int(q, 2);
                char pool[96];
                json_array_append_new(
                    items, history_row(q, text_copy(pool, sizeof pool, stmt_text(q, v->call->who.lang == LANG_ZH ? 8 : 9))));
                months[str_is(stmt_text(q, 4), "deemed")] += to - from;
                if (end != 0 && from > end) {
                        json_t *gap = json_object();
                        put_month(gap, "from", end);
                        put_month(gap, "to", from);
                        put_int(gap, "months", from - end);
                        json_array_append_new(gaps, gap);
                }
                end = to > end ? to : end;
        }
        return rc;
}

static int history_read(struct tx *tx, void *ctx, struct error *err)
{
        struct view *v = ctx;
        struct house *h = v->call->house;
        struct stmt *q;
        int64_t months[2] = {0, 0};
        int rc = tx_one(&q, tx, err, "SELECT 1 FROM person WHERE home = ?1@int AND id = ?2@int", "ii", (int64_t)h->home, v->id);

        if (rc == 0)
                return error_raise(err, SB_REGISTRY_PERSON, "%lld", (long long)v->id);
        if (rc == 1)
                rc = tx_query(
                    &q, tx, err,
                    "SELECT c.scheme, c.month_from, c.month_to, c.base_fen, c.kind, f.name, c.known_from, c.source, p.name_zh, "
                    "p.name_en FROM contribution c LEFT JOIN pool p ON p.id = c.pool LEFT JOIN employer_fact f ON f.home = "
                    "c.employer_home AND f.employer = c.employer AND f.known_to = ?4@int AND f.valid_from <= ?5@int AND "
                    "f.valid_to > ?5@int WHERE c.home = ?1@int AND c.person = ?2@int AND c.scheme = ?3@text AND c.known_to = "
                    "?4@int ORDER BY c.month_from, c.id",
                    "iitii", (int64_t)h->home, v->id, v->scheme, (int64_t)INSTANT_END, (int64_t)clock_today(h->clock));
        if (rc < 0)
                return rc;
        json_t *items = json_array(), *gaps = json_array();
        rc = history_rows(q, v, items, gaps, months, err);
        json_decref(v->out);
        json_t *o = v->out = json_object();
        put_value(o, "items", items);
        put_value(o, "gaps", gaps);
        put_int(o, "months_paid", months[0]);
        put_int(o, "months_deemed", months[1]);
        return rc;
}

int contribution_history_get(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct view v = {.call = c, .scheme = "EP"};
        int rc = json_get_int(in, "person", true, &v.id, err);

        if (rc == 0)
                rc = json_get_text(in, "scheme", false, &v.scheme, err);
        return rc < 0 ? rc : view_read(c, history_read, &v, out, err);
}
