/* SPDX-License-Identifier: Apache-2.0
 *
 * A message again: of one that came in, the lines that are still open are tried once more, what was applied stays as it is; one that went
 * out is offered to the partner again, byte for byte.
 */
#include "office/exchange/exchange.h"

#include "engine/layout/layout.h"
#include "office/json.h"

#include <string.h>

struct replay {
        struct call *call;
        int64_t id;
        struct batch b;
        struct feed feed;
        struct layout *layout;
};

static int replay_read(struct tx *tx, void *ctx, struct error *err)
{
        struct replay *r = ctx;

        return batch_read(tx, r->call->house->home, r->id, &r->b, err);
}

static int lines_again(struct tx *tx, struct replay *r, struct applying *a, struct error *err)
{
        struct feed_state state;
        struct buf body;
        json_t *values = NULL;
        int rc = feed_hold(tx, r->call->house, r->feed.name, &state, err);

        buf_init(&body, EXCHANGE_BYTES + 1);
        rc = rc ? rc : batch_body(tx, r->call->house, r->id, &body, err);
        rc = rc ? rc : layout_read(r->layout, (struct str){body.p, body.n}, &values, NULL, NULL, err);
        rc = rc ? rc : batch_apply(tx, a, values, err);
        json_decref(values);
        buf_wipe(&body);
        return rc;
}

static int replay_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct replay *r = ctx;
        struct applying a = {.call = c, .feed = &r->feed, .batch = r->id};
        int rc = batch_read(tx, c->house->home, r->id, &r->b, err);

        if (rc == 0 && r->feed.in && strcmp(r->b.state, "applied") != 0)
                rc = error_raise(err, SB_EXCHANGE_STATE, "%s", r->b.state);
        if (rc == 0 && r->feed.in)
                rc = lines_again(tx, r, &a, err);
        r->b.code = 0;
        if (rc == 0 && !r->feed.in)
                rc = batch_state(tx, c, &r->b, "waiting", err);
        rc = rc ? rc
                : tx_exec(tx, err, "UPDATE exchange_batch SET replayed = replayed + 1 WHERE home = ?1@int AND id = ?2@int",
                          "ii", (int64_t)c->house->home, r->id);
        if (rc < 0)
                return rc;
        change->subject_kind = "exchange_batch";
        change->subject = r->id;
        json_t *o = json_object();
        put_int(o, "id", r->id);
        put_text(o, "state", r->b.state);
        put_int(o, "applied", a.applied);
        put_int(o, "open", a.open);
        change->audit = json_deep_copy(o);
        *out = o;
        return o == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

int exchange_replay(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct replay r = {.call = c};
        int rc = json_get_int(in, "batch", true, &r.id, err);

        rc = rc ? rc : store_read(c->house->store, replay_read, &r, err);
        rc = rc ? rc : feed_find(c, r.b.feed, &r.feed, err);
        rc = rc ? rc : feed_layout(c, &r.feed, &r.layout, err);
        rc = rc ? rc : case_change(c, registry_find(c->house->verbs, "exchange.replay"), in, replay_apply, &r, out, err);
        layout_free(r.layout);
        return rc;
}
