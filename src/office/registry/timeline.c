/* SPDX-License-Identifier: Apache-2.0 */
#include "case/pack_store.h"
#include "office/json.h"
#include "office/registry/registry.h"

#include <stdlib.h>
#include <string.h>

/* The life line: what the page of a person opens with. Bars of employment, contributions and awards from the rows believed
 * now, gaps between contributions, and the month of retirement by the law of the pack in force. */

#define LINE_SCHEME "EP" /* the scheme whose months and retirement the line shows */

struct line {
        struct call *call;
        int64_t person;
        day_t birth, death;
        char category[16];
        int64_t pool; /* of LINE_SCHEME; 0 none */
        json_t *bars, *gaps;
};

static json_t *bar(json_t *bars, const char *lane, month_t from, month_t to, instant_t known, struct str source)
{
        json_t *o = json_object();

        put_text(o, "lane", lane);
        put_month(o, "from", from);
        put_month(o, "to", to);
        put_instant(o, "known_from", known);
        put_str(o, "source", source);
        json_array_append_new(bars, o);
        return o; /* borrowed from bars */
}

static int employments(struct tx *tx, struct line *l, struct error *err)
{
        struct house *h = l->call->house;
        struct stmt *q = NULL;
        int rc =
            tx_query(&q, tx, err,
                     "SELECT m.valid_from, m.valid_to, m.known_from, m.source, m.category, f.name FROM employment m LEFT "
                     "JOIN employer_fact f ON f.home = m.employer_home AND f.employer = m.employer AND f.known_to = ?3@int "
                     "AND f.valid_from <= ?4@int AND f.valid_to > ?4@int WHERE m.home = ?1@int AND m.person = ?2@int AND "
                     "m.known_to = ?3@int ORDER BY m.valid_from, m.id",
                     "iiii", (int64_t)h->home, l->person, (int64_t)INSTANT_END, (int64_t)clock_today(h->clock));

        while ((rc = row_next(rc, q, err)) == 1) {
                day_t to = (day_t)stmt_int(q, 1);
                json_t *o = bar(l->bars, "employment", month_of((day_t)stmt_int(q, 0)),
                                to >= DAY_END ? MONTH_END : month_of(to - 1) + 1, stmt_int(q, 2), stmt_text(q, 3));
                put_str(o, "label", stmt_text(q, 5));
                put_str(o, "detail", stmt_text(q, 4));
        }
        return rc;
}

static void gap(struct line *l, month_t from, month_t to)
{
        json_t *o = json_object();

        put_month(o, "from", from);
        put_month(o, "to", to);
        put_int(o, "months", to - from);
        json_array_append_new(l->gaps, o);
}

static int contributions(struct tx *tx, struct line *l, struct error *err)
{
        struct stmt *q = NULL;
        month_t end = 0;
        int rc =
            tx_query(&q, tx, err,
                     "SELECT month_from, month_to, known_from, source, scheme, base_fen, kind FROM contribution WHERE home "
                     "= ?1@int AND person = ?2@int AND known_to = ?3@int ORDER BY scheme, month_from",
                     "iii", (int64_t)l->call->house->home, l->person, (int64_t)INSTANT_END);

        while ((rc = row_next(rc, q, err)) == 1) {
                month_t from = (month_t)stmt_int(q, 0), to = (month_t)stmt_int(q, 1);
                json_t *o = bar(l->bars, "contribution", from, to, stmt_int(q, 2), stmt_text(q, 3));
                put_str(o, "label", stmt_text(q, 4));
                put_money(o, "base", stmt_int(q, 5));
                put_str(o, "kind", stmt_text(q, 6));
                if (str_is(stmt_text(q, 4), LINE_SCHEME)) {
                        if (end != 0 && from > end)
                                gap(l, end, from);
                        end = to > end ? to : end;
                }
        }
        return rc;
}

static int awards(struct tx *tx, struct line *l, struct error *err)
{
        struct stmt *q = NULL;
        struct house *h = l->call->house;
        char number[32];
        int rc =
            tx_query(&q, tx, err,
                     "SELECT id, month_from, month_to, known_from, scheme, total_fen, state, kind, instance FROM award WHERE "
                     "home = ?1@int AND person = ?2@int AND known_to = ?3@int ORDER BY month_from, id",
                     "iii", (int64_t)h->home, l->person, (int64_t)INSTANT_END);

        while ((rc = row_next(rc, q, err)) == 1) {
                json_t *o =
                    bar(l->bars, "award", (month_t)stmt_int(q, 1), (month_t)stmt_int(q, 2), stmt_int(q, 3), stmt_text(q, 7));
                put_str(o, "label", stmt_text(q, 4));
                put_text(o, "detail", readable_number('A', h->home, stmt_int(q, 0), number));
                put_money(o, "base", stmt_int(q, 5));
                put_str(o, "kind", stmt_text(q, 6));
                if (stmt_int(q, 8) != 0)
                        put_int(o, "case", stmt_int(q, 8));
        }
        return rc;
}

static int pool_of_line(struct tx *tx, struct line *l, struct error *err)
{
        struct stmt *q;
        int64_t today = clock_today(l->call->house->clock);
        int rc =
            tx_one(&q, tx, err,
                   "SELECT p.id FROM pool p WHERE p.scheme = '" LINE_SCHEME "' AND p.valid_from <= ?1@int AND p.valid_to > "
                   "?1@int AND p.home = ?2@int ORDER BY p.id LIMIT 1",
                   "ii", today, (int64_t)l->call->house->home);

        l->pool = rc == 1 ? stmt_int(q, 0) : 0;
        return rc < 0 ? rc : 0;
}

static int line_read(struct tx *tx, void *ctx, struct error *err)
{
        struct line *l = ctx;
        struct house *h = l->call->house;
        struct person p;
        int rc = person_read(tx, h, h->home, l->person, &p, err);

        if (rc < 0)
                return rc;
        l->birth = p.birth;
        l->death = p.death;
        text_copy(l->category, sizeof l->category, str_from(p.category));
        person_dispose(&p);
        json_array_clear(l->bars);
        json_array_clear(l->gaps);
        rc = pool_of_line(tx, l, err);
        if (rc == 0)
                rc = employments(tx, l, err);
        if (rc == 0)
                rc = contributions(tx, l, err);
        if (rc == 0)
                rc = awards(tx, l, err);
        return rc;
}

/* What the law says of this birth and class; NULL when the pack has no figure for it: the line is shown without. */
static json_t *retirement(struct line *l)
{
        struct house *h = l->call->house;
        struct pack *pack = NULL;
        struct error none = {0};
        char birth[16];
        json_t *inputs = NULL, *result = NULL;
        day_t today = clock_today(h->clock);

        if (l->pool == 0 || h->packs == NULL || pack_store_for(h->packs, l->pool, today, clock_now(h->clock), &pack, &none) < 0)
                return NULL;
        inputs = json_pack("{s:s,s:s}", "birth", day_text(l->birth, birth), "category", l->category);
        if (inputs == NULL || pack_decide(pack, "retirement", "retirement", today, inputs, &result, NULL, &none) < 0)
                result = NULL;
        json_decref(inputs);
        return result;
}

int registry_person_timeline(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct line l = {.call = c, .bars = json_array(), .gaps = json_array()};
        int rc = json_get_int(in, "person", true, &l.person, err);

        if (rc == 0)
                rc = store_read(c->house->store, line_read, &l, err);
        if (rc < 0) {
                json_decref(l.bars);
                json_decref(l.gaps);
                return rc;
        }
        json_t *law = retirement(&l), *o = json_object();
        put_day(o, "birth", l.birth);
        if (l.death < DAY_END)
                put_day(o, "death", l.death);
        put_day(o, "today", clock_today(c->house->clock));
        put_value(o, "retirement", law == NULL ? json_null() : law);
        put_value(o, "bars", l.bars);
        put_value(o, "gaps", l.gaps);
        *out = o;
        return o == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}
