/* SPDX-License-Identifier: Apache-2.0
 *
 * Batches as people see them: the list of an office, and one with its lines.
 */
#include "office/roster/roster.h"

#include "office/json.h"

#include <string.h>

struct view {
        struct call *call;
        int64_t id, employer, after;
        int limit;
        const char *state;
        json_t *out;
};

/* Numbers of a batch: how many join and leave, how many lines stand where, and what they come to a month. */
#define NUMBERS                                                                                                                \
        "SUM(CASE WHEN l.act = 'join' THEN 1 ELSE 0 END), SUM(CASE WHEN l.act = 'leave' THEN 1 ELSE 0 END), SUM(CASE WHEN "    \
        "l.state IN ('done', 'reversed', 'kept') THEN 1 ELSE 0 END), SUM(CASE WHEN l.state = 'failed' THEN 1 ELSE 0 END), "    \
        "SUM(CASE WHEN l.state = 'reversed' THEN 1 ELSE 0 END), SUM(CASE WHEN l.notices <> '' THEN 1 ELSE 0 END), "            \
        "CAST(COALESCE(SUM(l.employer_fen), 0) AS @int), CAST(COALESCE(SUM(l.person_fen), 0) AS @int)"
#define FIELDS                                                                                                                 \
        "r.id, r.employer, r.state, r.lines, r.billed, r.entered_by, r.entered_at, r.posted_by, r.posted_at, r.note, r.run, "  \
        "r.reversed_by, r.reversed_at, r.reason"

static json_t *row_json(struct stmt *q)
{
        json_t *o = json_object();

        put_int(o, "id", stmt_int(q, 0));
        put_int(o, "employer", stmt_int(q, 1));
        put_str(o, "state", stmt_text(q, 2));
        put_int(o, "lines_count", stmt_int(q, 3));
        put_int(o, "entered_by", stmt_int(q, 5));
        put_instant(o, "entered_at", stmt_int(q, 6));
        put_int(o, "posted_by", stmt_int(q, 7));
        if (stmt_int(q, 8) != 0)
                put_instant(o, "posted_at", stmt_int(q, 8));
        put_str(o, "note", stmt_text(q, 9));
        put_int(o, "run", stmt_int(q, 10));
        put_int(o, "reversed_by", stmt_int(q, 11));
        if (stmt_int(q, 12) != 0)
                put_instant(o, "reversed_at", stmt_int(q, 12));
        put_str(o, "reason", stmt_text(q, 13));
        put_int(o, "joining", stmt_int(q, 14));
        put_int(o, "leaving", stmt_int(q, 15));
        put_int(o, "done", stmt_int(q, 16));
        put_int(o, "failed", stmt_int(q, 17));
        put_int(o, "reversed", stmt_int(q, 18));
        put_int(o, "noticed", stmt_int(q, 19));
        if (stmt_int(q, 4) != 0) {
                put_money(o, "change_employer", stmt_int(q, 20));
                put_money(o, "change_own", stmt_int(q, 21));
                put_money(o, "change", stmt_int(q, 20) + stmt_int(q, 21));
        }
        return o;
}

/* --- roster.list -------------------------------------------------------------------------------------------------------------------------- */

#define LIST                                                                                                                   \
        "SELECT " FIELDS ", " NUMBERS ", f.name FROM roster r JOIN roster_line l ON l.home = r.home AND l.roster = r.id LEFT " \
        "JOIN employer_fact f ON f.home = r.home AND f.employer = r.employer AND f.known_to = ?2@int AND f.valid_from <= "     \
        "?3@int AND f.valid_to > ?3@int WHERE r.home = ?1@int AND r.id < ?4@int AND (?5@int = 0 OR r.employer = ?5@int) AND "  \
        "(?6@text = '' OR r.state = ?6@text) AND (?8@int = 0 OR f.office IN " OFFICE_SUBTREE(                                  \
            "?8@int") ") GROUP BY " FIELDS ", f.name ORDER BY r.id DESC LIMIT ?7@int"

static int list_read(struct tx *tx, void *ctx, struct error *err)
{
        struct view *v = ctx;
        struct call *c = v->call;
        struct stmt *q = NULL;
        int64_t before = v->after == 0 ? INT64_MAX : v->after, last = 0;
        char next[24];
        int n = 0;
        int rc = tx_query(&q, tx, err, LIST, "iiiiitii", (int64_t)c->house->home, (int64_t)INSTANT_END,
                          (int64_t)clock_today(c->house->clock), before, v->employer, v->state, (int64_t)v->limit + 1,
                          c->who.staff == 0 ? (int64_t)0 : c->who.office);
        json_t *items = json_array();

        while ((rc = row_next(rc, q, err)) == 1)
                if (++n <= v->limit) {
                        json_t *o = row_json(q);
                        put_str(o, "employer_name", stmt_text(q, 22));
                        json_array_append_new(items, o);
                        last = stmt_int(q, 0);
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

static int view_read(struct view *v, store_apply *fn, json_t **out, struct error *err)
{
        int rc = store_read(v->call->house->store, fn, v, err);

        if (rc == 0)
                *out = v->out;
        else
                json_decref(v->out);
        return rc;
}

int roster_list(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct view v = {.call = c, .employer = json_int_or(in, "employer", 0), .state = json_text(in, "state")};
        int rc = list_page(in, &v.limit, &v.after, err);

        return rc < 0 ? rc : view_read(&v, list_read, out, err);
}

/* --- roster.get --------------------------------------------------------------------------------------------------------------------------- */

static void json_text_put(json_t *o, const char *name, struct str text, const char *empty)
{
        json_t *value = NULL;
        struct error none = {0};

        if (json_read(&value, text.n > 0 ? text : str_from(empty), &none) == 0)
                put_value(o, name, value);
}

static json_t *line_json(struct stmt *q, bool billed)
{
        json_t *o = json_object();
        bool joins = str_is(stmt_text(q, 1), "join");

        put_int(o, "line", stmt_int(q, 0));
        put_str(o, "act", stmt_text(q, 1));
        if (stmt_int(q, 2) != 0)
                put_int(o, "person", stmt_int(q, 2));
        put_bool(o, "new", stmt_int(q, 2) == 0);
        put_day(o, "day", (day_t)stmt_int(q, 3));
        if (joins)
                put_money(o, "wage", stmt_int(q, 4));
        put_str(o, "reason", stmt_text(q, 5));
        if (billed) {
                put_money(o, "employer", stmt_int(q, 6));
                put_money(o, "own", stmt_int(q, 7));
        }
        json_text_put(o, "notices", stmt_text(q, 8), "[]");
        put_str(o, "state", stmt_text(q, 9));
        json_text_put(o, "fault", stmt_text(q, 10), "null");
        return o;
}

/* The name and the masked number: of the registry, or what was written down of somebody who is not in it yet. */
static int who_put(struct tx *tx, struct house *h, json_t *line, const json_t *strangers, struct error *err)
{
        struct person p = {.id = 0};
        char masked[32], key[24];
        int64_t person = json_int_or(line, "person", 0);

        if (person == 0) {
                const json_t *who =
                    json_object_get(strangers, text_format(key, sizeof key, "%lld", (long long)json_int_or(line, "line", 0)));
                put_text(line, "number", "");
                put_text(line, "name", json_text(who, "name"));
                put_text(line, "id_number_masked", text_mask(masked, sizeof masked, json_text(who, "id_number"), 6, 4));
                return 0;
        }
        int rc = person_read(tx, h, h->home, person, &p, err);
        if (rc == 0) {
                put_text(line, "number", p.number);
                put_text(line, "name", p.name);
                put_text(line, "id_number_masked", text_mask(masked, sizeof masked, p.id_number, 6, 4));
        }
        person_dispose(&p);
        return rc;
}

static int lines_read(struct tx *tx, struct view *v, json_t *o, bool billed, struct error *err)
{
        struct house *h = v->call->house;
        struct stmt *q = NULL;
        json_t *items = json_array(), *strangers = NULL, *line;
        int64_t last = 0;
        char next[24];
        size_t i;
        int n = 0;
        int rc =
            tx_query(&q, tx, err,
                     "SELECT line, act, person, day, wage_fen, reason, employer_fen, person_fen, notices, state, fault FROM "
                     "roster_line WHERE home = ?1@int AND roster = ?2@int AND line > ?3@int AND (?4@text = '' OR state = "
                     "?4@text) ORDER BY line LIMIT ?5@int",
                     "iiiti", (int64_t)h->home, v->id, v->after, v->state, (int64_t)v->limit + 1);

        while ((rc = row_next(rc, q, err)) == 1)
                if (++n <= v->limit) {
                        json_array_append_new(items, line_json(q, billed));
                        last = stmt_int(q, 0);
                }
        if (rc == 0)
                rc = roster_sealed(tx, h, v->id, &strangers, err);
        json_array_foreach(items, i, line)
        {
                if (rc == 0)
                        rc = who_put(tx, h, line, strangers, err);
        }
        json_decref(strangers);
        put_value(o, "lines", items);
        text_format(next, sizeof next, "%lld", (long long)last);
        put_value(o, "next", n > v->limit ? json_string(next) : json_null());
        return rc;
}

static int get_read(struct tx *tx, void *ctx, struct error *err)
{
        struct view *v = ctx;
        struct house *h = v->call->house;
        struct stmt *q;
        struct employer e;
        bool billed = false;
        int rc =
            tx_one(&q, tx, err,
                   "SELECT " FIELDS ", " NUMBERS " FROM roster r JOIN roster_line l ON l.home = r.home AND l.roster = r.id "
                   "WHERE r.home = ?1@int AND r.id = ?2@int GROUP BY " FIELDS,
                   "ii", (int64_t)h->home, v->id);

        if (rc == 0)
                return error_raise(err, SB_ROSTER, "%lld", (long long)v->id);
        if (rc == 1) {
                json_decref(v->out);
                v->out = row_json(q);
                v->employer = stmt_int(q, 1);
                billed = stmt_int(q, 4) != 0;
                rc = employer_read(tx, h, h->home, v->employer, &e, err);
        }
        if (rc == 0) {
                put_text(v->out, "employer_name", e.name);
                put_text(v->out, "employer_number", e.number);
                rc = lines_read(tx, v, v->out, billed, err);
        }
        return rc;
}

int roster_get(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct view v = {.call = c, .id = json_int_or(in, "roster", 0), .state = json_text(in, "state")};
        int rc = list_page(in, &v.limit, &v.after, err);

        return rc < 0 ? rc : view_read(&v, get_read, out, err);
}
