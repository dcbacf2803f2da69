/* SPDX-License-Identifier: Apache-2.0
 *
 * Records that look like one person, looked for page by page: born on one day, of one sex, and of one name, or one that sounds the same.
 */
#include "office/merge/merge.h"

#include "office/json.h"
#include "office/registry/name.h"

#include <stdlib.h>
#include <string.h>

enum { PAGE = 500 /* persons looked at for a page */ };

static json_t *summary(const struct person *p)
{
        json_t *o = json_object();
        char masked[32];

        put_int(o, "id", p->id);
        put_text(o, "number", p->number);
        put_text(o, "name", p->name);
        put_text(o, "id_number", text_mask(masked, sizeof masked, p->id_number, 6, 4));
        put_day(o, "birth", p->birth);
        put_text(o, "state", p->state);
        return o;
}

static void sound(const char *name, char *out, size_t size)
{
        struct str s = str_from(name);
        size_t n = 0;

        out[0] = '\0';
        for (size_t i = 0; i < s.n && n + 8 < size;) {
                int32_t c = utf8_next(s, &i);
                text_format(out + n, size - n, "%s", c < 0 ? "" : pinyin_of(c));
                n = strlen(out);
        }
}

/* "name", "sound", NULL when they are called differently. */
static const char *alike(const char *a, const char *b)
{
        char x[512], y[512];

        if (strcmp(a, b) == 0)
                return "name";
        sound(a, x, sizeof x);
        sound(b, y, sizeof y);
        return x[0] != '\0' && strcmp(x, y) == 0 ? "sound" : NULL;
}

static int64_t digits_apart(const char *a, const char *b)
{
        size_t n = strlen(a), m = strlen(b);
        int64_t apart = n > m ? (int64_t)(n - m) : (int64_t)(m - n);

        for (size_t i = 0; i < n && i < m; i++)
                apart += a[i] != b[i];
        return apart;
}

struct finding {
        struct call *call;
        int64_t after, last;
        json_t *items;
        struct {
                int64_t a, b;
        } * pairs;
        size_t count, room;
};

static int pair_add(struct finding *f, int64_t a, int64_t b, struct error *err)
{
        if (f->count == f->room) {
                size_t room = f->room == 0 ? 256 : 2 * f->room;
                void *bigger = realloc(f->pairs, room * sizeof *f->pairs);
                if (bigger == NULL)
                        return error_raise(err, SB_MEMORY, "%s", "");
                f->pairs = bigger;
                f->room = room;
        }
        f->pairs[f->count].a = a;
        f->pairs[f->count++].b = b;
        return 0;
}

static int pairs_read(struct tx *tx, struct finding *f, struct error *err)
{
        struct stmt *q = NULL;
        int rc = tx_query(
            &q, tx, err,
            "SELECT a.person, b.person FROM person p JOIN person_fact a ON a.home = p.home AND a.person = p.id AND a.known_to "
            "= "
            "?4@int AND a.valid_to = ?5@int JOIN person_fact b ON b.home = a.home AND b.birth_day = a.birth_day AND b.sex = "
            "a.sex "
            "AND b.person > a.person AND b.known_to = ?4@int AND b.valid_to = ?5@int JOIN person o ON o.home = b.home AND o.id "
            "= "
            "b.person AND o.state = 'active' WHERE p.home = ?1@int AND p.id > ?2@int AND p.id <= ?3@int AND p.state = 'active' "
            "AND "
            "NOT EXISTS (SELECT 1 FROM person_merge m WHERE m.home = p.home AND m.state IN ('proposed', 'distinct') AND "
            "((m.kept "
            "= a.person AND m.gone = b.person) OR (m.kept = b.person AND m.gone = a.person))) ORDER BY a.person, b.person",
            "iiiii", (int64_t)f->call->house->home, f->after, f->last, (int64_t)INSTANT_END, (int64_t)DAY_END);

        f->count = 0;
        while ((rc = row_next(rc, q, err)) == 1)
                rc = pair_add(f, stmt_int(q, 0), stmt_int(q, 1), err);
        return rc;
}

static int pair_look(struct tx *tx, struct finding *f, int64_t a, int64_t b, struct error *err)
{
        struct house *h = f->call->house;
        struct person x = {.id = 0}, y = {.id = 0};
        int rc = person_read(tx, h, h->home, a, &x, err);

        rc = rc ? rc : person_read(tx, h, h->home, b, &y, err);
        const char *by = rc == 0 ? alike(x.name, y.name) : NULL;
        if (by != NULL) {
                json_t *o = json_object();
                put_value(o, "first", summary(&x));
                put_value(o, "second", summary(&y));
                put_text(o, "alike", by);
                put_int(o, "digits_apart", digits_apart(x.id_number, y.id_number));
                json_array_append_new(f->items, o);
        }
        person_dispose(&x);
        person_dispose(&y);
        return rc;
}

static int page_end(struct tx *tx, struct finding *f, struct error *err)
{
        struct stmt *q;
        int rc =
            tx_one(&q, tx, err,
                   "SELECT COALESCE(MAX(id), 0) FROM (SELECT id FROM person WHERE home = ?1@int AND id > ?2@int ORDER BY id "
                   "LIMIT ?3@int) x",
                   "iii", (int64_t)f->call->house->home, f->after, (int64_t)PAGE);

        f->last = rc == 1 ? stmt_int(q, 0) : 0;
        return rc < 0 ? rc : 0;
}

static int find(struct tx *tx, void *ctx, struct error *err)
{
        struct finding *f = ctx;
        int rc = page_end(tx, f, err);

        json_array_clear(f->items);
        if (rc == 0 && f->last != 0)
                rc = pairs_read(tx, f, err);
        for (size_t i = 0; rc == 0 && i < f->count; i++)
                rc = pair_look(tx, f, f->pairs[i].a, f->pairs[i].b, err);
        return rc;
}

int merge_candidates(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct finding f = {.call = c, .items = json_array()};
        char next[24];
        int limit;
        int rc = list_page(in, &limit, &f.after, err);

        rc = rc ? rc : store_read(c->house->store, find, &f, err);
        free(f.pairs);
        if (rc < 0) {
                json_decref(f.items);
                return rc;
        }
        return list_answer(out, f.items, f.last == 0 ? NULL : text_format(next, sizeof next, "%lld", (long long)f.last), err);
}

/* --- the list of merges ------------------------------------------------------------------------------------------------------------------ */

struct listing {
        struct call *call;
        const char *state;
        int64_t person, after, next;
        int limit;
        json_t *items;
};

static int named(struct tx *tx, struct house *h, json_t *o, const char *field, int64_t person, struct error *err)
{
        struct person p = {.id = 0};
        int rc = person_read(tx, h, h->home, person, &p, err);

        if (rc == 0)
                put_value(o, field, summary(&p));
        person_dispose(&p);
        return rc;
}

static int list(struct tx *tx, void *ctx, struct error *err)
{
        struct listing *l = ctx;
        struct house *h = l->call->house;
        struct stmt *q = NULL;
        json_t *o;
        size_t i;
        int rc = tx_query(
            &q, tx, err,
            "SELECT m.id, m.kept, m.gone, m.state, m.reason, m.note, m.undo_reason, m.entered_at, m.decided_at, m.undone_at, "
            "COALESCE(e.display, ''), COALESCE(d.display, ''), COALESCE(u.display, ''), m.entered_by FROM person_merge m LEFT "
            "JOIN "
            "staff e ON e.id = m.entered_by LEFT JOIN staff d ON d.id = m.decided_by LEFT JOIN staff u ON u.id = m.undone_by "
            "WHERE "
            "m.home = ?1@int AND m.id < ?2@int AND (?3@text = '' OR m.state = ?3@text) AND (?4@int = 0 OR m.kept = ?4@int OR "
            "m.gone = ?4@int) ORDER BY m.id DESC LIMIT ?5@int",
            "iitii", (int64_t)h->home, l->after == 0 ? INT64_MAX : l->after, l->state, l->person, (int64_t)l->limit);

        json_array_clear(l->items);
        while ((rc = row_next(rc, q, err)) == 1) {
                o = json_object();
                put_int(o, "merge", stmt_int(q, 0));
                put_int(o, "kept", stmt_int(q, 1));
                put_int(o, "gone", stmt_int(q, 2));
                put_str(o, "state", stmt_text(q, 3));
                put_str(o, "reason", stmt_text(q, 4));
                put_str(o, "note", stmt_text(q, 5));
                put_str(o, "undo_reason", stmt_text(q, 6));
                put_instant(o, "entered_at", stmt_int(q, 7));
                put_value(o, "decided_at", json_null());
                put_value(o, "undone_at", json_null());
                if (stmt_int(q, 8) != 0)
                        put_instant(o, "decided_at", stmt_int(q, 8));
                if (stmt_int(q, 9) != 0)
                        put_instant(o, "undone_at", stmt_int(q, 9));
                put_str(o, "entered_by", stmt_text(q, 10));
                put_str(o, "decided_by", stmt_text(q, 11));
                put_str(o, "undone_by", stmt_text(q, 12));
                put_bool(o, "own", stmt_int(q, 13) == l->call->who.staff);
                json_array_append_new(l->items, o);
                l->next = stmt_int(q, 0);
        }
        json_array_foreach(l->items, i, o)
        {
                int64_t kept = json_integer_value(json_object_get(o, "kept")),
                        gone = json_integer_value(json_object_get(o, "gone"));
                rc = rc ? rc : named(tx, h, o, "kept", kept, err);
                rc = rc ? rc : named(tx, h, o, "gone", gone, err);
        }
        return rc;
}

int merge_list(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct listing l = {
            .call = c, .items = json_array(), .state = json_text_or(in, "state", ""), .person = json_int_or(in, "person", 0)};
        char next[24];
        int rc = list_page(in, &l.limit, &l.after, err);

        rc = rc ? rc : store_read(c->house->store, list, &l, err);
        if (rc < 0) {
                json_decref(l.items);
                return rc;
        }
        bool more = (int)json_array_size(l.items) == l.limit;
        return list_answer(out, l.items, more ? text_format(next, sizeof next, "%lld", (long long)l.next) : NULL, err);
}

/* --- what a merge would do ---------------------------------------------------------------------------------------------------------------- */

struct looking {
        struct call *call;
        struct person_merge m;
        json_t *out;
};

/* What stands under a record: months, spells, money in accounts. */
static int holdings(struct tx *tx, const struct looking *l, const char *field, int64_t person, struct error *err)
{
        int64_t home = l->m.home;
        json_t *o = json_object_get(l->out, field);
        struct stmt *q;
        int rc = tx_one(&q, tx, err,
                        "SELECT (SELECT CAST(COALESCE(SUM(month_to - month_from), 0) AS @int) FROM contribution WHERE home = "
                        "?1@int AND person = "
                        "?2@int AND known_to = ?3@int), (SELECT COUNT(*) FROM employment WHERE home = ?1@int AND person = "
                        "?2@int AND known_to = "
                        "?3@int), (SELECT CAST(COALESCE(SUM(balance_fen), 0) AS @int) FROM personal_account WHERE home = "
                        "?1@int AND person = "
                        "?2@int), (SELECT COUNT(*) FROM award WHERE home = ?1@int AND person = ?2@int AND known_to = ?3@int "
                        "AND state = 'active')",
                        "iii", home, person, (int64_t)INSTANT_END);

        if (rc != 1)
                return rc < 0 ? rc : 0;
        put_int(o, "months", stmt_int(q, 0));
        put_int(o, "employments", stmt_int(q, 1));
        put_money(o, "balance", stmt_int(q, 2));
        put_int(o, "awards", stmt_int(q, 3));
        return 0;
}

static int look(struct tx *tx, void *ctx, struct error *err)
{
        struct looking *l = ctx;
        struct house *h = l->call->house;
        json_t *against = NULL;

        json_object_clear(l->out);
        int rc = named(tx, h, l->out, "kept", l->m.kept, err);
        rc = rc ? rc : named(tx, h, l->out, "gone", l->m.gone, err);
        rc = rc ? rc : holdings(tx, l, "kept", l->m.kept, err);
        rc = rc ? rc : holdings(tx, l, "gone", l->m.gone, err);
        rc = rc ? rc : merge_against(tx, &l->m, &against, err);
        put_value(l->out, "against", against);
        return rc;
}

int merge_preview(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct looking l = {.call = c, .m = {.home = c->house->home}, .out = json_object()};
        int rc = json_get_int(in, "person", true, &l.m.kept, err);

        rc = rc ? rc : json_get_int(in, "other", true, &l.m.gone, err);
        rc = rc ? rc : store_read(c->house->store, look, &l, err);
        if (rc == 0)
                *out = l.out;
        else
                json_decref(l.out);
        return rc;
}
