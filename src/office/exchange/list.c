/* SPDX-License-Identifier: Apache-2.0
 *
 * The register as people and partners read it.
 */
#include "office/exchange/exchange.h"

#include "office/json.h"

#include <string.h>

/* --- exchange.feeds ----------------------------------------------------------------------------------------------------------------- */

struct register_work {
        struct call *call;
        json_t *feeds, *partners, *items;
};

static void partner_put(json_t *o, const json_t *partners, const char *name)
{
        const json_t *p;
        size_t i;

        put_text(o, "partner", name);
        json_array_foreach(partners, i, p)
        {
                if (strcmp(json_text(p, "partner"), name) != 0)
                        continue;
                put_text(o, "partner_zh", json_text(p, "title_zh"));
                put_text(o, "partner_en", json_text(p, "title_en"));
        }
}

static void figure_put(json_t *o, const char *name, int64_t figure)
{
        if (figure < 0)
                put_value(o, name, json_null());
        else
                put_int(o, name, figure);
}

static int alarms_put(struct tx *tx, struct register_work *w, json_t *o, const char *feed, struct error *err)
{
        struct stmt *q = NULL;
        json_t *list = json_array();
        char name[8];
        int rc = tx_query(
            &q, tx, err,
            "SELECT id, kind, sequence, batch, code, opened_at, note FROM exchange_alarm WHERE home = ?1@int AND feed = "
            "?2@text AND closed_at = 0 ORDER BY id LIMIT 50",
            "it", (int64_t)w->call->house->home, feed);

        while ((rc = row_next(rc, q, err)) == 1) {
                json_t *a = json_object();
                put_int(a, "id", stmt_int(q, 0));
                put_str(a, "kind", stmt_text(q, 1));
                put_int(a, "sequence", stmt_int(q, 2));
                put_int(a, "batch", stmt_int(q, 3));
                put_text(a, "code", stmt_int(q, 4) == 0 ? "" : error_name((enum error_code)stmt_int(q, 4), name));
                put_instant(a, "opened_at", stmt_int(q, 5));
                put_str(a, "note", stmt_text(q, 6));
                json_array_append_new(list, a);
        }
        put_value(o, "alarms", list);
        return rc;
}

static int state_put(struct tx *tx, struct register_work *w, json_t *o, const struct feed *f, struct error *err)
{
        struct house *h = w->call->house;
        struct stmt *q;
        int rc = tx_one(
            &q, tx, err,
            "SELECT f.next, f.since, f.heard_at, (SELECT COUNT(*) FROM exchange_batch b WHERE b.home = f.home AND b.feed "
            "= f.feed AND b.state = ?3@text), (SELECT COUNT(*) FROM exchange_request r WHERE r.home = f.home AND r.feed "
            "= f.feed AND r.answered_at = 0) FROM exchange_feed f WHERE f.home = ?1@int AND f.feed = ?2@text",
            "itt", (int64_t)h->home, f->name, f->in ? "held" : "waiting");

        if (rc < 0)
                return rc;
        bool known = rc == 1;
        instant_t heard = known ? stmt_int(q, 2) : 0, since = known ? stmt_int(q, 1) : clock_now(h->clock);
        int64_t silent = clock_today(h->clock) - instant_day(heard != 0 ? heard : since);
        put_int(o, "next", known ? stmt_int(q, 0) : 1);
        if (heard == 0)
                put_value(o, "heard_at", json_null());
        else
                put_instant(o, "heard_at", heard);
        put_int(o, "silent_days", silent);
        put_bool(o, "late", known && f->in && f->silence_days >= 0 && silent > f->silence_days);
        put_int(o, f->in ? "held" : "waiting", known ? stmt_int(q, 3) : 0);
        put_int(o, "missing", known ? stmt_int(q, 4) : 0);
        return alarms_put(tx, w, o, f->name, err);
}

static int feeds_read(struct tx *tx, void *ctx, struct error *err)
{
        struct register_work *w = ctx;
        json_t *row;
        size_t i;
        int rc = 0;

        json_array_clear(w->items);
        json_array_foreach(w->feeds, i, row)
        {
                static const char *const words[] = {"feed",     "direction", "content", "title_zh",   "title_en", "basis",
                                                    "evidence", "frequency", "layout",  "match_rule", "leads_to"};
                struct feed f;
                json_t *o = json_object();
                feed_take(row, w->partners, &f);
                for (size_t k = 0; k < sizeof words / sizeof words[0]; k++)
                        put_text(o, words[k], json_text(row, words[k]));
                partner_put(o, w->partners, f.partner);
                figure_put(o, "match_least", f.match_least);
                figure_put(o, "hearing_days", f.hearing_days);
                figure_put(o, "silence_limit", f.silence_days);
                rc = rc ? rc : state_put(tx, w, o, &f, err);
                json_array_append_new(w->items, o);
        }
        return rc;
}

int exchange_feeds(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct register_work w = {.call = c, .items = json_array()};
        int rc = feed_rows(c, &w.feeds, &w.partners, err);

        (void)in;
        rc = rc ? rc : store_read(c->house->store, feeds_read, &w, err);
        json_decref(w.feeds);
        json_decref(w.partners);
        if (rc < 0) {
                json_decref(w.items);
                return rc;
        }
        return list_answer(out, w.items, NULL, err);
}

/* --- exchange.status: what a partner has to send and to fetch -------------------------------------------------------------------- */

struct status_work {
        struct call *call;
        struct feed feed;
        json_t *out;
};

static int missing_put(struct tx *tx, struct status_work *w, struct error *err)
{
        struct stmt *q = NULL;
        json_t *list = json_array();
        int rc = tx_query(
            &q, tx, err,
            "SELECT sequence FROM exchange_request WHERE home = ?1@int AND feed = ?2@text AND answered_at = 0 ORDER BY "
            "sequence LIMIT 200",
            "it", (int64_t)w->call->house->home, w->feed.name);

        while ((rc = row_next(rc, q, err)) == 1)
                json_array_append_new(list, json_integer(stmt_int(q, 0)));
        put_value(w->out, "missing", list);
        return rc;
}

static int waiting_put(struct tx *tx, struct status_work *w, struct error *err)
{
        struct stmt *q = NULL;
        json_t *list = json_array();
        int rc = tx_query(
            &q, tx, err,
            "SELECT sequence, hash, lines, sum_fen, bytes FROM exchange_batch WHERE home = ?1@int AND feed = ?2@text AND "
            "state = 'waiting' ORDER BY sequence LIMIT 200",
            "it", (int64_t)w->call->house->home, w->feed.name);

        while ((rc = row_next(rc, q, err)) == 1) {
                json_t *o = json_object();
                put_int(o, "sequence", stmt_int(q, 0));
                put_hash(o, "hash", stmt_blob(q, 1));
                put_int(o, "lines", stmt_int(q, 2));
                put_money(o, "sum", stmt_int(q, 3));
                put_int(o, "bytes", stmt_int(q, 4));
                json_array_append_new(list, o);
        }
        put_value(w->out, "waiting", list);
        return rc;
}

static int status_read(struct tx *tx, void *ctx, struct error *err)
{
        struct status_work *w = ctx;
        struct stmt *q;
        int rc = tx_one(&q, tx, err, "SELECT next FROM exchange_feed WHERE home = ?1@int AND feed = ?2@text", "it",
                        (int64_t)w->call->house->home, w->feed.name);

        if (rc < 0)
                return rc;
        json_decref(w->out);
        w->out = json_object();
        put_text(w->out, "feed", w->feed.name);
        put_text(w->out, "direction", w->feed.in ? "in" : "out");
        put_int(w->out, "next", rc == 1 ? stmt_int(q, 0) : 1);
        rc = missing_put(tx, w, err);
        return rc ? rc : waiting_put(tx, w, err);
}

int exchange_status(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct status_work w = {.call = c};
        const char *name;
        int rc = json_get_text(in, "feed", true, &name, err);

        rc = rc ? rc : feed_find(c, name, &w.feed, err);
        rc = rc ? rc : store_read(c->house->store, status_read, &w, err);
        if (rc == 0)
                *out = w.out;
        else
                json_decref(w.out);
        return rc;
}

/* --- exchange.file ------------------------------------------------------------------------------------------------------------------- */

struct file_work {
        struct call *call;
        struct feed feed;
        int64_t sequence;
        struct buf *out;
};

static int file_read_body(struct tx *tx, void *ctx, struct error *err)
{
        struct file_work *w = ctx;
        struct batch b;
        int rc = batch_of(tx, w->call->house->home, w->feed.name, w->sequence, &b, err);

        buf_clear(w->out);
        if (rc == 0)
                return error_raise(err, SB_EXCHANGE_BATCH, "%s/%lld", w->feed.name, (long long)w->sequence);
        return rc < 0 ? rc : batch_body(tx, w->call->house, b.id, w->out, err);
}

/* Only what goes out: whom a message names that came in is nobody's to fetch. */
int exchange_file(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct raw_reply local = {.file_name = ""}, *raw = c->raw != NULL ? c->raw : &local;
        struct file_work w = {.call = c, .out = &raw->bytes};
        const char *name;
        int rc = json_get_text(in, "feed", true, &name, err);

        rc = rc ? rc : feed_going(c, name, false, &w.feed, err);
        rc = rc ? rc : json_get_int(in, "sequence", true, &w.sequence, err);
        if (rc < 0)
                return rc;
        buf_dispose(&raw->bytes);
        buf_init(&raw->bytes, EXCHANGE_BYTES + 1);
        rc = store_read(c->house->store, file_read_body, &w, err);
        text_copy(raw->media_type, sizeof raw->media_type, STR("application/octet-stream"));
        text_format(raw->file_name, sizeof raw->file_name, "%s-%lld.txt", w.feed.name, (long long)w.sequence);
        if (rc == 0 && (*out = json_object()) == NULL)
                rc = error_raise(err, SB_MEMORY, "%s", "");
        if (rc == 0) {
                put_text(*out, "name", raw->file_name);
                put_int(*out, "size", (int64_t)raw->bytes.n);
        }
        if (c->raw == NULL)
                buf_dispose(&local.bytes);
        return rc;
}

/* --- exchange.batches ----------------------------------------------------------------------------------------------------------------- */

struct list_work {
        struct call *call;
        const char *feed, *state, *kind;
        int64_t before, last;
        int limit;
        day_t day;
        bool ended, more;
        json_t *items;
};

static int batches_read(struct tx *tx, void *ctx, struct error *err)
{
        struct list_work *w = ctx;
        struct stmt *q = NULL;
        char name[8];
        int n = 0;
        int rc = tx_query(
            &q, tx, err,
            "SELECT b.id, b.feed, b.sequence, b.attempt, b.state, b.lines, b.sum_fen, b.code, b.place, b.repeated, "
            "b.replayed, b.at, b.answered_at, (SELECT COUNT(*) FROM exchange_line l WHERE l.home = b.home AND l.batch = "
            "b.id AND l.state = 'open') FROM exchange_batch b WHERE b.home = ?1@int AND (?2@text = '' OR b.feed = "
            "?2@text) AND (?3@text = '' OR b.state = ?3@text) AND (?4@int = 0 OR b.id < ?4@int) ORDER BY b.id DESC LIMIT "
            "?5@int",
            "ittii", (int64_t)w->call->house->home, w->feed, w->state, w->before, (int64_t)w->limit + 1);

        json_array_clear(w->items);
        w->more = false;
        while ((rc = row_next(rc, q, err)) == 1) {
                if (n++ == w->limit) {
                        w->more = true;
                        return 0;
                }
                json_t *o = json_object();
                w->last = stmt_int(q, 0);
                put_int(o, "id", w->last);
                put_str(o, "feed", stmt_text(q, 1));
                put_int(o, "sequence", stmt_int(q, 2));
                put_int(o, "attempt", stmt_int(q, 3));
                put_str(o, "state", stmt_text(q, 4));
                put_int(o, "lines", stmt_int(q, 5));
                put_money(o, "sum", stmt_int(q, 6));
                put_text(o, "code", stmt_int(q, 7) == 0 ? "" : error_name((enum error_code)stmt_int(q, 7), name));
                put_str(o, "place", stmt_text(q, 8));
                put_int(o, "repeated", stmt_int(q, 9));
                put_int(o, "replayed", stmt_int(q, 10));
                put_instant(o, "at", stmt_int(q, 11));
                put_int(o, "open", stmt_int(q, 13));
                json_array_append_new(w->items, o);
        }
        return rc;
}

static int list_end(struct list_work *w, int rc, json_t **out, struct error *err)
{
        char next[24];

        if (rc < 0) {
                json_decref(w->items);
                return rc;
        }
        return list_answer(out, w->items, w->more ? text_format(next, sizeof next, "%lld", (long long)w->last) : NULL, err);
}

int exchange_batches(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct list_work w = {
            .call = c, .feed = json_text_or(in, "feed", ""), .state = json_text_or(in, "state", ""), .items = json_array()};
        int rc = list_page(in, &w.limit, &w.before, err);

        rc = rc ? rc : store_read(c->house->store, batches_read, &w, err);
        return list_end(&w, rc, out, err);
}

/* --- exchange.differences -------------------------------------------------------------------------------------------------------------- */

static int differences_read(struct tx *tx, void *ctx, struct error *err)
{
        struct list_work *w = ctx;
        struct house *h = w->call->house;
        struct stmt *q = NULL;
        int n = 0;
        int rc = tx_query(
            &q, tx, err,
            "SELECT d.id, d.kind, d.key, d.employer, f.name, d.month, d.scheme, d.ours_fen, d.theirs_fen, d.since, d.until "
            "FROM "
            "exchange_difference d LEFT JOIN employer_fact f ON f.home = d.home AND f.employer = d.employer AND f.known_to = "
            "?7@int AND "
            "f.valid_from <= ?2@int AND f.valid_to > ?2@int WHERE d.home = ?1@int AND d.since <= ?2@int AND (d.until > ?2@int "
            "OR "
            "(?3@int = 1 AND d.until = ?2@int)) AND (?4@text = '' OR d.kind = ?4@text) AND d.id > ?5@int AND (?8@int = 0 OR "
            "f.office IN " OFFICE_SUBTREE(
                "?8@int") " OR (d.employer = 0 AND EXISTS (SELECT 1 FROM office o WHERE o.id = ?8@int AND "
                          "o.level <= 2))) ORDER BY d.id LIMIT ?6@int",
            "iiitiiii", (int64_t)h->home, (int64_t)w->day, (int64_t)w->ended, w->kind, w->before, (int64_t)w->limit + 1,
            (int64_t)INSTANT_END, w->call->who.staff == 0 ? 0 : w->call->who.office);

        json_array_clear(w->items);
        w->more = false;
        while ((rc = row_next(rc, q, err)) == 1) {
                if (n++ == w->limit) {
                        w->more = true;
                        return 0;
                }
                json_t *o = json_object();
                w->last = stmt_int(q, 0);
                put_int(o, "id", w->last);
                put_str(o, "kind", stmt_text(q, 1));
                put_str(o, "key", stmt_text(q, 2));
                put_int(o, "employer", stmt_int(q, 3));
                put_str(o, "employer_name", stmt_text(q, 4));
                if (stmt_int(q, 5) != 0)
                        put_month(o, "month", (month_t)stmt_int(q, 5));
                put_str(o, "scheme", stmt_text(q, 6));
                put_money(o, "ours", stmt_int(q, 7));
                put_money(o, "theirs", stmt_int(q, 8));
                put_money(o, "difference", stmt_int(q, 8) - stmt_int(q, 7));
                put_day(o, "since", (day_t)stmt_int(q, 9));
                put_int(o, "days", w->day - stmt_int(q, 9));
                put_day(o, "until", (day_t)stmt_int(q, 10));
                json_array_append_new(w->items, o);
        }
        return rc;
}

int exchange_differences(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct list_work w = {.call = c,
                              .kind = json_text_or(in, "kind", ""),
                              .day = json_day_or(in, "day", clock_today(c->house->clock)),
                              .ended = json_bool_or(in, "ended", false),
                              .items = json_array()};
        int rc = list_page(in, &w.limit, &w.before, err);

        rc = rc ? rc : store_read(c->house->store, differences_read, &w, err);
        return list_end(&w, rc, out, err);
}
