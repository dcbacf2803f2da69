/* SPDX-License-Identifier: Apache-2.0
 *
 * Timers of cases that are due: each is marked and lets its case go on in one transaction, so that of two workers one fires it.
 */
#include "case/instance.h"

#include <assert.h>

enum { TIMERS_AT_ONCE = 8 };

struct due {
        struct house *h;
        int64_t ids[TIMERS_AT_ONCE], instances[TIMERS_AT_ONCE], tokens[TIMERS_AT_ONCE], sequences[TIMERS_AT_ONCE], at;
        int count;
        bool fired;
        struct error fault; /* why the instance could not go on */
};

static int due_read(struct tx *tx, void *ctx, struct error *err)
{
        struct due *d = ctx;
        struct stmt *q = NULL;
        int rc = tx_query(
            &q, tx, err,
            "SELECT id, instance, token, sequence FROM timer WHERE home = ?1@int AND state = 'armed' AND due_at <= ?2@int "
            "ORDER BY due_at, "
            "id LIMIT 8",
            "ii", (int64_t)d->h->home, clock_now(d->h->clock));

        d->count = 0;
        while ((rc = row_next(rc, q, err)) == 1) {
                assert(d->count < TIMERS_AT_ONCE);
                d->ids[d->count] = stmt_int(q, 0);
                d->instances[d->count] = stmt_int(q, 1);
                d->tokens[d->count] = stmt_int(q, 2);
                d->sequences[d->count++] = stmt_int(q, 3);
        }
        return rc;
}

/* Mark the timer and, when it was still armed, let the instance go on; in one transaction. */
static int fire_apply(struct tx *tx, void *ctx, struct error *err)
{
        struct due *d = ctx;
        struct instance i = {.id = 0};
        int64_t changed = 0;
        int rc = tx_exec_changed(tx, &changed, err,
                                 "UPDATE timer SET state = 'done' WHERE home = ?1@int AND id = ?2@int AND state = 'armed'",
                                 "ii", (int64_t)d->h->home, d->ids[d->at]);

        d->fired = changed == 1;
        if (rc < 0 || !d->fired)
                return rc;
        rc = instance_lock(tx, d->h, d->instances[d->at], &i, err);
        /* Timers from before they knew their step wake their token wherever it is. */
        int64_t now = rc == 0 ? instance_sequence(&i, d->tokens[d->at]) : 0;
        if (now != 0 && (d->sequences[d->at] == 0 || d->sequences[d->at] == now)) {
                struct bpmn_event due = {
                    .kind = BPMN_DUE, .token = d->tokens[d->at], .sequence = now, .now = clock_now(d->h->clock)};
                struct mover mover = {0, i.office, NULL};
                rc = instance_step(tx, d->h, &i, &due, &mover, err);
        }
        instance_dispose(&i);
        return rc;
}

static int fire_failed(struct tx *tx, void *ctx, struct error *err)
{
        struct due *d = ctx;
        int64_t changed = 0;
        int rc = tx_exec_changed(tx, &changed, err,
                                 "UPDATE timer SET state = 'failed' WHERE home = ?1@int AND id = ?2@int AND state = 'armed'",
                                 "ii", (int64_t)d->h->home, d->ids[d->at]);

        return rc == 0 && changed == 1 ? instance_incident(tx, d->h, d->instances[d->at], "", &d->fault, err) : rc;
}

int timers_fire(struct house *h, int *done, struct error *err)
{
        struct due d = {.h = h};
        int rc = store_read(h->store, due_read, &d, err);

        for (d.at = 0; rc == 0 && d.at < d.count; d.at++) {
                struct error fault = {0};
                int fired = store_write(h->store, fire_apply, &d, &fault);
                if (tried_later(fired, &fault)) {
                        error_hand(err, &fault);
                        return fired;
                }
                if (fired < 0) {
                        d.fault = fault;
                        rc = store_write(h->store, fire_failed, &d, err);
                }
                *done += d.fired || fired < 0;
        }
        return rc;
}
