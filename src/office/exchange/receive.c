/* SPDX-License-Identifier: Apache-2.0
 *
 * A batch comes in. What is wrong with it is an answer, kept with the batch, not an error of the call: the partner reads state and code and
 * sends again under the same number. What is right is applied when its number is due, else held.
 */
#include "office/exchange/exchange.h"

#include "engine/layout/layout.h"
#include "office/json.h"

#include <string.h>

struct delivery {
        struct call *call;
        struct feed feed;
        struct batch b;
        struct layout *layout;
        json_t *values; /* NULL: the bytes cannot be read */
        bool has_lines, has_sum, has_hash;
        int64_t said_lines;
        fen_t said_sum;
        struct hash said_hash;
        int64_t applied, open;
        bool repeated;
        size_t followed; /* held ones that were applied after it */
};

/* --- reading ----------------------------------------------------------------------------------------------------------------------- */

static void refuse(struct delivery *d, enum error_code code, const char *place)
{
        d->b.code = code;
        text_copy(d->b.state, sizeof d->b.state, STR("refused"));
        text_copy(d->b.place, sizeof d->b.place, str_from(place));
}

/* Number of lines, and the sum of their amounts. */
static bool totals_of(struct delivery *d)
{
        const json_t *lines = json_object_get(d->values, "lines"), *row;
        size_t i;

        d->b.lines = (int64_t)json_array_size(lines);
        json_array_foreach(lines, i, row)
        {
                if (!money_add(d->b.sum, json_int_or(row, "amount", 0), &d->b.sum))
                        return false;
        }
        return true;
}

/* What may be wrong with it by itself. ERR only when we cannot judge. */
static int judge(struct delivery *d, struct str body, struct error *err)
{
        struct error fault = {0};

        if (d->has_hash && memcmp(d->said_hash.b, d->b.hash.b, HASH_BYTES) != 0) {
                refuse(d, SB_EXCHANGE_HASH, "");
                return 0;
        }
        if (layout_read(d->layout, body, &d->values, NULL, NULL, &fault) < 0) {
                if (fault.code == SB_MEMORY)
                        return error_hand(err, &fault);
                refuse(d, fault.code, fault.where);
                return 0;
        }
        if (!totals_of(d) || (d->has_lines && d->said_lines != d->b.lines) || (d->has_sum && d->said_sum != d->b.sum))
                refuse(d, SB_EXCHANGE_TOTAL, "");
        return 0;
}

static int delivery_read(struct delivery *d, const json_t *in, struct error *err)
{
        const char *name, *hex = NULL;
        struct str body = d->call->body;
        int rc = json_get_text(in, "feed", true, &name, err);

        rc = rc ? rc : feed_going(d->call, name, true, &d->feed, err);
        rc = rc ? rc : feed_layout(d->call, &d->feed, &d->layout, err);
        rc = rc ? rc : json_get_int(in, "sequence", true, &d->b.sequence, err);
        rc = rc ? rc : json_get_text(in, "hash", false, &hex, err);
        rc = rc ? rc : json_get_money(in, "sum", false, &d->said_sum, err);
        if (rc == 0 && hex != NULL)
                rc = hash_parse(&d->said_hash, str_from(hex), err);
        if (rc == 0 && body.n > EXCHANGE_BYTES)
                rc = error_raise(err, SB_LIMIT, "%s|%zu", ERROR_BOTH("the bytes of a batch", "批次字节数"), EXCHANGE_BYTES);
        if (rc < 0)
                return rc;
        d->has_hash = hex != NULL;
        d->has_sum = json_object_get(in, "sum") != NULL;
        d->said_lines = json_int_or(in, "lines", -1);
        d->has_lines = d->said_lines >= 0;
        d->b.hash = hash_of(body.p == NULL ? "" : body.p, body.n);
        text_copy(d->b.feed, sizeof d->b.feed, str_from(d->feed.name));
        return judge(d, body, err);
}

/* --- the number -------------------------------------------------------------------------------------------------------------------- */

/* Those before it that are not here are asked for again, once. */
static int missing_ask(struct tx *tx, struct delivery *d, int64_t next, struct error *err)
{
        struct house *h = d->call->house;
        struct batch other;
        int rc = 0;

        for (int64_t s = next; rc >= 0 && s < d->b.sequence; s++) {
                rc = batch_of(tx, h->home, d->feed.name, s, &other, err);
                if (rc == 0)
                        rc = tx_exec(
                            tx, err,
                            "INSERT INTO exchange_request (home, feed, sequence, asked_at, answered_at) VALUES (?1@int, "
                            "?2@text, ?3@int, ?4@int, 0) ON CONFLICT (home, feed, sequence) DO NOTHING",
                            "itii", (int64_t)h->home, d->feed.name, s, clock_now(h->clock));
        }
        return rc < 0 ? rc : alarm_open(tx, h, d->feed.name, "gap", next, 0, 0, err);
}

static int missing_came(struct tx *tx, struct delivery *d, int64_t sequence, struct error *err)
{
        struct house *h = d->call->house;
        int rc =
            tx_exec(tx, err,
                    "UPDATE exchange_request SET answered_at = ?4@int WHERE home = ?1@int AND feed = ?2@text AND sequence = "
                    "?3@int AND answered_at = 0",
                    "itii", (int64_t)h->home, d->feed.name, sequence, clock_now(h->clock));

        return rc ? rc : alarm_over(tx, h, d->feed.name, "gap", sequence, err);
}

/* Held ones whose number is due now, in order. */
static int held_apply(struct tx *tx, struct delivery *d, int64_t *next, struct error *err)
{
        int rc;
        struct batch b;

        while ((rc = batch_of(tx, d->call->house->home, d->feed.name, *next, &b, err)) == 1 && strcmp(b.state, "held") == 0) {
                struct applying a = {.call = d->call, .feed = &d->feed, .batch = b.id};
                struct buf body;
                json_t *values = NULL;

                buf_init(&body, EXCHANGE_BYTES + 1);
                rc = batch_body(tx, d->call->house, b.id, &body, err);
                rc = rc ? rc : layout_read(d->layout, (struct str){body.p, body.n}, &values, NULL, NULL, err);
                rc = rc ? rc : batch_apply(tx, &a, values, err);
                rc = rc ? rc : batch_state(tx, d->call, &b, "applied", err);
                json_decref(values);
                buf_wipe(&body);
                if (rc < 0)
                        return rc;
                ++*next;
                d->followed++;
        }
        return rc < 0 ? rc : 0;
}

static int take(struct tx *tx, struct delivery *d, int64_t next, struct error *err)
{
        struct applying a = {.call = d->call, .feed = &d->feed};
        bool due = d->b.sequence == next;

        text_copy(d->b.state, sizeof d->b.state, due ? STR("applied") : STR("held"));
        int rc = batch_add(tx, d->call, &d->b, d->call->body, err);
        a.batch = d->b.id;
        if (rc == 0 && due)
                rc = batch_apply(tx, &a, d->values, err);
        d->applied = a.applied;
        d->open = a.open;
        if (rc == 0 && due) {
                next++;
                rc = held_apply(tx, d, &next, err);
        }
        rc = rc ? rc : missing_came(tx, d, d->b.sequence, err);
        if (rc == 0 && !due)
                rc = missing_ask(tx, d, next, err);
        rc = rc ? rc : alarm_over(tx, d->call->house, d->feed.name, "refused", d->b.sequence, err);
        return rc ? rc : feed_heard(tx, d->call->house, d->feed.name, next, err);
}

/* The same content again: acknowledged again, and counted. */
static int known_again(struct tx *tx, struct delivery *d, const struct batch *known, struct error *err)
{
        d->b = *known;
        d->repeated = true;
        return tx_exec(tx, err, "UPDATE exchange_batch SET repeated = repeated + 1 WHERE home = ?1@int AND id = ?2@int", "ii",
                       (int64_t)d->call->house->home, known->id);
}

static int refused_keep(struct tx *tx, struct delivery *d, struct error *err)
{
        int rc = batch_add(tx, d->call, &d->b, d->call->body, err);

        return rc ? rc
                  : alarm_open(tx, d->call->house, d->feed.name, d->b.code == SB_EXCHANGE_CONTENT ? "content" : "refused",
                               d->b.sequence, d->b.id, (int)d->b.code, err);
}

static int answer_make(struct delivery *d, int64_t next, json_t **out, struct error *err)
{
        struct error why = {.code = (enum error_code)d->b.code};
        char name[8], text[600];
        json_t *o = json_object();

        put_int(o, "id", d->b.id);
        put_int(o, "sequence", d->b.sequence);
        put_text(o, "state", d->b.state);
        put_bool(o, "repeated", d->repeated);
        put_int(o, "lines", d->b.lines);
        put_money(o, "sum", d->b.sum);
        put_int(o, "applied", d->applied);
        put_int(o, "open", d->open);
        put_int(o, "next", next);
        if (d->b.code != 0) {
                put_text(o, "code", error_name(why.code, name));
                put_text(o, "place", d->b.place);
                put_text(o, "text", error_text(&why, d->call->who.lang, text, sizeof text));
        }
        *out = o;
        return o == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

static int deliver_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct delivery work = *(struct delivery *)ctx, *d = &work; /* an attempt that is rolled back leaves nothing */
        struct feed_state state = {0};
        struct batch known;
        int rc = feed_hold(tx, c->house, d->feed.name, &state, err), found = 0;

        if (rc == 0 && (found = batch_of(tx, c->house->home, d->feed.name, d->b.sequence, &known, err)) < 0)
                rc = found;
        if (rc < 0)
                return rc;
        if (found == 1 && memcmp(known.hash.b, d->b.hash.b, HASH_BYTES) == 0) {
                rc = known_again(tx, d, &known, err);
        } else {
                if (found == 1 && d->b.code != SB_EXCHANGE_HASH)
                        refuse(d, SB_EXCHANGE_CONTENT, "");
                if (d->b.sequence >= state.next + EXCHANGE_AHEAD)
                        return error_raise(err, SB_EXCHANGE_AHEAD, "%d|%lld", EXCHANGE_AHEAD, (long long)state.next);
                rc = d->b.code != 0 ? refused_keep(tx, d, err) : take(tx, d, state.next, err);
        }
        rc = rc ? rc : feed_hold(tx, c->house, d->feed.name, &state, err);
        rc = rc ? rc : answer_make(d, state.next, out, err);
        if (rc < 0)
                return rc;
        change->subject_kind = "exchange_batch";
        change->subject = d->b.id;
        change->audit = json_deep_copy(*out);
        if (change->audit != NULL)
                json_object_del(change->audit, "text");
        return change->audit == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

int exchange_deliver(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct delivery d = {.call = c};
        int rc = delivery_read(&d, in, err);

        if (rc == 0)
                rc = case_change(c, registry_find(c->house->verbs, "exchange.deliver"), in, deliver_apply, &d, out, err);
        json_decref(d.values);
        layout_free(d.layout);
        return rc;
}
