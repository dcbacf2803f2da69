/* SPDX-License-Identifier: Apache-2.0
 *
 * What a case is about, in a few words: for lists of tasks and cases, which know a subject only by kind and id.
 */
#include "office/desk/desk.h"
#include "office/json.h"

#include <string.h>

struct titles {
        struct call *call;
        const json_t *subjects;
        json_t *out;
};

static void person_title(struct tx *tx, struct house *h, int64_t id, struct buf *b)
{
        struct person p;
        struct error none = {0};

        if (person_read(tx, h, h->home, id, &p, &none) == 0) {
                buf_add_text(b, p.name);
                person_dispose(&p);
        }
}

static void employer_title(struct tx *tx, struct house *h, int64_t id, struct buf *b)
{
        struct employer e;
        struct error none = {0};

        if (employer_read(tx, h, h->home, id, &e, &none) == 0)
                buf_add_text(b, e.name);
}

static void pool_title(struct tx *tx, int64_t id, enum lang lang, struct buf *b)
{
        struct pool p;
        struct error none = {0};

        if (pool_read(tx, id, &p, &none) == 0)
                buf_add_text(b, lang == LANG_ZH ? p.name_zh : p.name_en);
}

/* Two integers of the row of a subject: 1 found. */
static int pair_read(struct tx *tx, const char *sql, struct house *h, int64_t id, int64_t *first, int64_t *second,
                     struct error *err)
{
        struct stmt *q;
        int rc = tx_one(&q, tx, err, sql, "ii", (int64_t)h->home, id);

        if (rc == 1) {
                *first = stmt_int(q, 0);
                *second = stmt_int(q, 1);
        }
        return rc;
}

static int title_add(struct tx *tx, struct titles *t, const char *kind, int64_t id, struct buf *b, struct error *err)
{
        struct house *h = t->call->house;
        int64_t first = 0, second = 0;
        char month[16], money[24];
        int rc = 0;

        if (strcmp(kind, "person") == 0) {
                person_title(tx, h, id, b);
        } else if (strcmp(kind, "employer") == 0) {
                employer_title(tx, h, id, b);
        } else if (strcmp(kind, "declaration") == 0) {
                rc = pair_read(tx, "SELECT employer, month FROM declaration WHERE home = ?1@int AND id = ?2@int", h, id, &first,
                               &second, err);
                if (rc == 1) {
                        employer_title(tx, h, first, b);
                        buf_add_format(b, " · %s", month_text((month_t)second, month));
                }
        } else if (strcmp(kind, "award") == 0) {
                rc = pair_read(tx, "SELECT person, month_from FROM award WHERE home = ?1@int AND id = ?2@int", h, id, &first,
                               &second, err);
                if (rc == 1)
                        person_title(tx, h, first, b);
        } else if (strcmp(kind, "receipt") == 0) {
                rc = pair_read(tx, "SELECT employer, amount_fen FROM receipt WHERE home = ?1@int AND id = ?2@int", h, id,
                               &first, &second, err);
                if (rc == 1) {
                        employer_title(tx, h, first, b);
                        buf_add_format(b, " · %s", money_text(second, money));
                }
        } else if (strcmp(kind, "payment_run") == 0) {
                rc = pair_read(tx, "SELECT pool, month FROM payment_run WHERE home = ?1@int AND id = ?2@int", h, id, &first,
                               &second, err);
                if (rc == 1) {
                        pool_title(tx, first, t->call->who.lang, b);
                        buf_add_format(b, " · %s", month_text((month_t)second, month));
                }
        }
        return rc < 0 ? rc : 0;
}

static int titles_read(struct tx *tx, void *ctx, struct error *err)
{
        struct titles *t = ctx;
        json_t *subject;
        size_t i;
        int rc = 0;

        json_array_clear(t->out);
        json_array_foreach(t->subjects, i, subject)
        {
                const char *kind = json_string_value(json_object_get(subject, "kind"));
                struct buf b;
                if (rc < 0)
                        break;
                buf_init(&b, 1024);
                rc = title_add(tx, t, kind == NULL ? "" : kind, json_integer_value(json_object_get(subject, "id")), &b, err);
                json_array_append_new(t->out, b.n == 0 || b.failed ? json_null() : json_string(buf_text(&b)));
                buf_dispose(&b);
        }
        return rc;
}

int desk_titles(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct titles t = {.call = c, .subjects = json_object_get(in, "subjects"), .out = json_array()};
        int rc = store_read(c->house->store, titles_read, &t, err);

        if (rc < 0) {
                json_decref(t.out);
                return rc;
        }
        *out = json_pack("{s:o}", "titles", t.out);
        return *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}
