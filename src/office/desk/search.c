/* SPDX-License-Identifier: Apache-2.0 */
#include "office/desk/desk.h"
#include "office/json.h"

#include "case/pack_store.h"

#include <ctype.h>
#include <string.h>

struct search {
        struct call *call;
        struct str text;
        int limit;
        json_t *items;
};

static void hit(struct search *s, const char *kind, int64_t id, const char *number, const char *title, const char *subtitle,
                const char *why)
{
        json_t *o = json_object();

        put_text(o, "kind", kind);
        put_int(o, "id", id);
        put_text(o, "number", number);
        put_text(o, "title", title);
        put_text(o, "subtitle", subtitle);
        put_text(o, "why", why);
        json_array_append_new(s->items, o);
}

static int person_hit(struct tx *tx, struct search *s, int64_t id, const char *why, struct error *err)
{
        struct house *h = s->call->house;
        struct person p;
        char masked[32];
        int rc = person_read(tx, h, h->home, id, &p, err);

        if (rc == 0)
                hit(s, "person", id, p.number, p.name, text_mask(masked, sizeof masked, p.id_number, 6, 4), why);
        person_dispose(&p);
        return rc;
}

static int employer_hit(struct tx *tx, struct search *s, int64_t id, const char *why, struct error *err)
{
        struct house *h = s->call->house;
        struct employer e;
        int rc = employer_read(tx, h, h->home, id, &e, err);

        if (rc == 0)
                hit(s, "employer", id, e.number, e.name, e.uscc, why);
        return rc;
}

static int case_hit(struct tx *tx, struct search *s, int64_t id, const char *where_number, struct error *err)
{
        struct stmt *q;
        char number[64], title[64];
        int rc =
            tx_one(&q, tx, err,
                   "SELECT id, number, process, state FROM case_any WHERE home = ?1@int AND id = ?2@int AND number = ?3@text",
                   "iit", (int64_t)s->call->house->home, id, where_number);

        if (rc == 1)
                hit(s, "case", stmt_int(q, 0), text_copy(number, sizeof number, stmt_text(q, 1)),
                    text_copy(title, sizeof title, stmt_text(q, 2)), "", "number");
        return rc < 0 ? rc : 0;
}

/* A number of this system, in full. 1 when the text is one, whether or not it is found. */
static int by_number(struct tx *tx, struct search *s, struct error *err)
{
        char prefix;
        int home, rc = 0;
        int64_t id;
        char text[64];

        if (readable_parse(s->text, &prefix, &home, &id, NULL) != 0 || home != s->call->house->home)
                return 0;
        struct error none = {0};
        if (prefix == 'P')
                rc = person_hit(tx, s, id, "number", &none);
        else if (prefix == 'E')
                rc = employer_hit(tx, s, id, "number", &none);
        else
                rc = case_hit(tx, s, id, text_copy(text, sizeof text, s->text), &none);
        if (rc < 0 && error_http(none.code) != 404) {
                *err = none;
                return rc;
        }
        return 1;
}

/* The number of the state for a person or an organisation. */
static int by_code(struct tx *tx, struct search *s, struct error *err)
{
        int32_t home;
        int64_t id;
        int rc;

        if (s->text.n != 18)
                return 0;
        rc = person_find(tx, s->call->house, s->text, &home, &id, err);
        if (rc == 1)
                return (rc = person_hit(tx, s, id, "id_number", err)) < 0 ? rc : 1;
        if (rc == 0)
                rc = employer_find(tx, s->text, &home, &id, err);
        if (rc == 1)
                return (rc = employer_hit(tx, s, id, "number", err)) < 0 ? rc : 1;
        return rc;
}

static int by_name(struct tx *tx, struct search *s, int kind, struct error *err)
{
        struct name_hit hits[100];
        int limit = s->limit - (int)json_array_size(s->items);

        if (limit <= 0)
                return 0;
        int n = name_search(tx, s->call->house, kind, s->text, 0, hits, limit < 100 ? limit : 100, err);
        if (n < 0)
                return n;
        for (int i = 0; i < n; i++) {
                const char *why = hits[i].pinyin ? "pinyin" : "name";
                int rc = kind == NAME_PERSON ? person_hit(tx, s, hits[i].subject, why, err)
                                             : employer_hit(tx, s, hits[i].subject, why, err);
                if (rc < 0)
                        return rc;
        }
        return 0;
}

static bool looks_like_process(struct str text)
{
        return text.n == 3 && (text.p[0] == 'P' || text.p[0] == 'p') && isdigit((unsigned char)text.p[1]) &&
               isdigit((unsigned char)text.p[2]);
}

static int search_read(struct tx *tx, void *ctx, struct error *err)
{
        struct search *s = ctx;

        json_array_clear(s->items);
        int rc = by_number(tx, s, err);
        if (rc == 0)
                rc = by_code(tx, s, err);
        if (rc == 0 && looks_like_process(s->text)) {
                char code[4] = {'P', s->text.p[1], s->text.p[2], '\0'};
                hit(s, "process", 0, code, code, "", "number");
        }
        if (rc != 0)
                return rc < 0 ? rc : 0;
        /* Persons first, but employers keep a share of the page. */
        int all = s->limit;
        s->limit = all > 4 ? all - all / 4 : all;
        rc = by_name(tx, s, NAME_PERSON, err);
        s->limit = all;
        if (rc == 0)
                rc = by_name(tx, s, NAME_EMPLOYER, err);
        return rc;
}

int desk_search(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct search s = {.call = c, .limit = 20, .items = json_array()};
        const char *q;
        int64_t limit = 20;
        int rc = json_get_text(in, "q", true, &q, err);

        if (rc == 0)
                rc = json_get_int(in, "limit", false, &limit, err);
        if (rc == 0) {
                s.text = str_trim(str_from(q));
                s.limit = limit < 1 ? 1 : limit > 100 ? 100 : (int)limit;
                rc = s.text.n == 0 ? error_raise(err, SB_OFFICE_SEARCH, "%s", "")
                                   : store_read(c->house->store, search_read, &s, err);
        }
        if (rc < 0) {
                json_decref(s.items);
                return rc;
        }
        return list_answer(out, s.items, NULL, err);
}

/* --- what waits today -------------------------------------------------------------------------------------------------------- */

struct summary {
        struct call *call;
        int64_t tasks, runs, due_soon;
};

#define SOON_DAYS 3

static int count(struct tx *tx, struct stmt *q, int64_t *out, struct error *err)
{
        int rc = stmt_step(q, err);

        (void)tx;
        if (rc == 1)
                *out = stmt_int(q, 0);
        return rc < 0 ? rc : 0;
}

static int summary_read(struct tx *tx, void *ctx, struct error *err)
{
        struct summary *s = ctx;
        struct stmt *q;
        int64_t office = s->call->who.office, soon = clock_today(s->call->house->clock) + SOON_DAYS;
        int rc =
            tx_query(&q, tx, err, "SELECT COUNT(*) FROM task WHERE office IN " OFFICE_SUBTREE("?1@int") " AND state = 'open'",
                     "i", office);

        if (rc == 0)
                rc = count(tx, q, &s->tasks, err);
        if (rc == 0)
                rc = tx_query(&q, tx, err,
                              "SELECT COUNT(*) FROM task WHERE office IN " OFFICE_SUBTREE(
                                  "?1@int") " AND state = 'open' AND due_day <= ?2@int",
                              "ii", office, soon);
        if (rc == 0)
                rc = count(tx, q, &s->due_soon, err);
        if (rc == 0)
                rc = tx_query(&q, tx, err, "SELECT COUNT(*) FROM run WHERE state IN ('queued', 'running', 'paused')", "");
        if (rc == 0)
                rc = count(tx, q, &s->runs, err);
        return rc;
}

int desk_summary(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct summary s = {.call = c};
        int rc = store_read(c->house->store, summary_read, &s, err);

        (void)in;
        if (rc < 0)
                return rc;
        *out = json_pack("{s:I,s:I,s:I}", "tasks_open", (json_int_t)s.tasks, "runs_active", (json_int_t)s.runs, "due_soon",
                         (json_int_t)s.due_soon);
        return *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}
