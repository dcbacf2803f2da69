/* SPDX-License-Identifier: Apache-2.0
 *
 * One batch with its lines. What it says is read anew from its bytes; of a message that names people only what became of each line is told.
 */
#include "office/exchange/exchange.h"

#include "engine/layout/layout.h"
#include "office/json.h"

#include <string.h>

struct view {
        struct call *call;
        int64_t id, after, last;
        int limit;
        bool more;
        struct batch b;
        struct feed feed;
        struct layout *layout;
        struct buf body;
        json_t *out, *lines;
};

static int head_read(struct tx *tx, void *ctx, struct error *err)
{
        struct view *v = ctx;

        buf_clear(&v->body);
        int rc = batch_read(tx, v->call->house->home, v->id, &v->b, err);
        return rc ? rc : batch_body(tx, v->call->house, v->id, &v->body, err);
}

static int lines_read(struct tx *tx, void *ctx, struct error *err)
{
        struct view *v = ctx;
        struct stmt *q = NULL;
        char name[8], text[600];
        int n = 0;
        int rc = tx_query(
            &q, tx, err,
            "SELECT l.line, l.state, l.reference, l.subject_kind, l.subject, l.confidence, l.amount_fen, l.result_kind, "
            "l.result, l.code, f.name FROM exchange_line l LEFT JOIN employer_fact f ON l.subject_kind = 'employer' AND "
            "f.home = l.home AND f.employer = l.subject AND f.known_to = ?5@int AND f.valid_from <= ?6@int AND f.valid_to "
            "> ?6@int WHERE l.home = ?1@int AND l.batch = ?2@int AND l.line > ?3@int ORDER BY l.line LIMIT ?4@int",
            "iiiiii", (int64_t)v->call->house->home, v->id, v->after, (int64_t)v->limit + 1, (int64_t)INSTANT_END,
            (int64_t)clock_today(v->call->house->clock));

        json_array_clear(v->lines);
        v->more = false;
        while ((rc = row_next(rc, q, err)) == 1) {
                struct error why = {.code = (enum error_code)stmt_int(q, 9)};
                if (n++ == v->limit) {
                        v->more = true;
                        return 0;
                }
                json_t *o = json_object();
                v->last = stmt_int(q, 0);
                put_int(o, "line", v->last);
                put_str(o, "state", stmt_text(q, 1));
                put_str(o, "reference", stmt_text(q, 2));
                put_str(o, "subject_kind", stmt_text(q, 3));
                put_int(o, "subject", stmt_int(q, 4));
                put_str(o, "employer_name", stmt_text(q, 10));
                put_int(o, "confidence", stmt_int(q, 5));
                put_money(o, "amount", stmt_int(q, 6));
                put_str(o, "result_kind", stmt_text(q, 7));
                put_int(o, "result", stmt_int(q, 8));
                if (why.code != SB_OK) {
                        put_text(o, "code", error_name(why.code, name));
                        put_text(o, "text", error_text(&why, v->call->who.lang, text, sizeof text));
                }
                json_array_append_new(v->lines, o);
        }
        return rc;
}

static void fault_put(void *ctx, const struct error *fault)
{
        struct view *v = ctx;
        char name[8], text[600];
        json_t *list = json_object_get(v->out, "faults"), *o = json_object();

        put_text(o, "code", error_name(fault->code, name));
        put_text(o, "place", fault->where);
        put_text(o, "text", error_text(fault, v->call->who.lang, text, sizeof text));
        json_array_append_new(list, o);
}

/* What is wrong with a refused one: its own code, and each fault of its form. */
static int faults_read(struct view *v, struct error *err)
{
        struct error why = {.code = (enum error_code)v->b.code}, none = {0};
        json_t *values = NULL;
        bool own = why.code == SB_EXCHANGE_HASH || why.code == SB_EXCHANGE_TOTAL || why.code == SB_EXCHANGE_CONTENT;

        put_value(v->out, "faults", json_array());
        if (own)
                fault_put(v, &why);
        else if (v->b.code != 0 && !content_personal(v->feed.content) && v->layout != NULL)
                (void)layout_read(v->layout, (struct str){v->body.p, v->body.n}, &values, fault_put, v, &none);
        json_decref(values);
        return v->out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

/* The fields of each line on the page, as the file has them. */
static int values_put(struct view *v, struct error *err)
{
        json_t *values = NULL, *line;
        size_t i;

        if (content_personal(v->feed.content) || v->b.code != 0 || v->layout == NULL)
                return 0;
        if (layout_read(v->layout, (struct str){v->body.p, v->body.n}, &values, NULL, NULL, err) < 0)
                return ERR;
        json_array_foreach(v->lines, i, line)
        {
                json_t *row = json_array_get(json_object_get(values, "lines"), (size_t)json_int_or(line, "line", 1) - 1);
                if (row != NULL)
                        put_value(line, "values", json_incref(row));
        }
        json_decref(values);
        return 0;
}

static int answer_make(struct view *v, struct error *err)
{
        char name[8], next[24];

        v->out = json_object();
        put_int(v->out, "id", v->b.id);
        put_text(v->out, "feed", v->feed.name);
        put_text(v->out, "direction", v->feed.in ? "in" : "out");
        put_text(v->out, "content", v->feed.content);
        put_int(v->out, "sequence", v->b.sequence);
        put_int(v->out, "attempt", v->b.attempt);
        put_text(v->out, "state", v->b.state);
        put_int(v->out, "lines", v->b.lines);
        put_money(v->out, "sum", v->b.sum);
        put_hash(v->out, "hash", hash_str(&v->b.hash));
        put_text(v->out, "code", v->b.code == 0 ? "" : error_name((enum error_code)v->b.code, name));
        put_text(v->out, "place", v->b.place);
        int rc = faults_read(v, err);
        rc = rc ? rc : store_read(v->call->house->store, lines_read, v, err);
        rc = rc ? rc : values_put(v, err);
        put_value(v->out, "items", json_incref(v->lines));
        put_value(v->out, "next",
                  v->more ? json_string(text_format(next, sizeof next, "%lld", (long long)v->last)) : json_null());
        return rc;
}

int exchange_batch_get(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct view v = {.call = c, .lines = json_array()};
        struct error none = {0};
        int rc = json_get_int(in, "batch", true, &v.id, err);

        buf_init(&v.body, EXCHANGE_BYTES + 1);
        rc = rc ? rc : list_page(in, &v.limit, &v.after, err);
        rc = rc ? rc : store_read(c->house->store, head_read, &v, err);
        rc = rc ? rc : feed_find(c, v.b.feed, &v.feed, err);
        if (rc == 0 && feed_layout(c, &v.feed, &v.layout, &none) < 0)
                v.layout = NULL; /* it has another form by now: what became of it is told all the same */
        rc = rc ? rc : answer_make(&v, err);
        if (rc == 0)
                *out = v.out;
        else
                json_decref(v.out);
        json_decref(v.lines);
        layout_free(v.layout);
        buf_wipe(&v.body);
        return rc;
}
