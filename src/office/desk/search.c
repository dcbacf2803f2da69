/* SPDX-License-Identifier: Apache-2.0 */
#include "office/desk/desk.h"
#include "office/json.h"

#include "case/application.h"
#include "case/instance.h"
#include "case/pack_store.h"

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
        struct instance i = {.id = 0};
        struct stmt *q;
        int rc = tx_one(&q, tx, err, "SELECT id FROM case_any WHERE home = ?1@int AND id = ?2@int AND number = ?3@text", "iit",
                        (int64_t)s->call->house->home, id, where_number);

        if (rc == 1) {
                rc = instance_read(tx, s->call->house, id, &i, err);
                if (rc == 0) {
                        hit(s, "case", id, i.number, i.process, "", "number");
                        process_titles(json_array_get(s->items, json_array_size(s->items) - 1), i.model, i.process, "title_zh",
                                       "title_en");
                }
                instance_dispose(&i);
        }
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

/* Processes of the pack in force by their code, or by two characters or more of what they are called in either language. */
static int by_process(struct tx *tx, struct search *s, struct error *err)
{
        struct house *h = s->call->house;
        day_t today = clock_today(h->clock);
        struct pack *pack = NULL;
        struct error none = {0};
        char code[64], wanted[64];
        int64_t pool = 0;
        int rc = application_pool(tx, &pool, err);

        if (rc < 0 || pool == 0) /* no law yet: nothing of it is found */
                return rc;
        rc = pack_store_for_in(h->packs, tx, pool, today, clock_now(h->clock), &pack, &none);
        if (rc < 0 && none.code == SB_CASE_NO_PACK)
                return 0;
        if (rc < 0 && err != NULL)
                *err = none;
        text_copy(wanted, sizeof wanted, s->text);
        for (size_t k = 0;
             rc == 0 && json_array_size(s->items) < (size_t)s->limit && pack_process_name(pack, k, code, sizeof code); k++) {
                const struct bpmn_model *m = NULL;
                json_t *named = json_object();
                if (pack_process(pack, code, &m, &none) < 0)
                        m = NULL;
                process_titles(named, m, code, "title_zh", "title_en");
                bool by_code = strcasecmp(code, wanted) == 0;
                if (by_code || (utf8_length(s->text) >= 2 && (strstr(json_text(named, "title_zh"), wanted) != NULL ||
                                                              strcasestr(json_text(named, "title_en"), wanted) != NULL))) {
                        hit(s, "process", 0, code, code, "", by_code ? "number" : "name");
                        json_object_update(json_array_get(s->items, json_array_size(s->items) - 1), named);
                }
                json_decref(named);
        }
        return rc;
}

static int search_read(struct tx *tx, void *ctx, struct error *err)
{
        struct search *s = ctx;

        json_array_clear(s->items);
        int rc = by_number(tx, s, err);
        if (rc == 0)
                rc = by_code(tx, s, err);
        if (rc != 0)
                return rc < 0 ? rc : 0;
        /* Persons first, but employers keep a share of the page. */
        int all = s->limit;
        s->limit = all > 4 ? all - all / 4 : all;
        rc = by_name(tx, s, NAME_PERSON, err);
        s->limit = all;
        if (rc == 0)
                rc = by_name(tx, s, NAME_EMPLOYER, err);
        return rc == 0 ? by_process(tx, s, err) : rc;
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
