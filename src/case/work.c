/* SPDX-License-Identifier: Apache-2.0
 *
 * Effects and timers. An effect is done by who moved the case, right after, or leased by any worker. What its verb changes, the mark that
 * the effect is done and the step that the answer makes are one transaction (struct with_change): a worker that dies leaves all of it or
 * nothing, and of two that try one finds that it is not wanted any more. A verb that changes nothing is simply asked again.
 */
#include "case/instance.h"

#include "base/rng.h"

#include <stdlib.h>
#include <string.h>

#define LEASE_US ((instant_t)60 * 1000000)
#define BATCH 8
#define BACKOFF_MAX_S 300

struct worker {
        struct house *h;
        int64_t instance; /* 0 any */
        char owner[40];
        struct store_key keys[BATCH];
        int count;
};

static void owner_new(char out[40])
{
        unsigned char raw[16];

        random_bytes(raw, sizeof raw);
        for (size_t i = 0; i < sizeof raw; i++)
                text_format(out + 2 * i, 3, "%02x", raw[i]);
}

/* --- taking ------------------------------------------------------------------------------------------------------------------- */

static int claim_of_instance(struct tx *tx, struct worker *w, instant_t now, struct error *err)
{
        struct stmt *q;
        int rc = tx_query(
            &q, tx, err,
            "UPDATE effect SET lease_owner = ?3@text, lease_until = ?4@int WHERE home = ?1@int AND state = 'open' AND "
            "lease_until "
            "<= ?5@int AND id IN (SELECT id FROM effect WHERE home = ?1@int AND instance = ?2@int AND state = 'open' AND "
            "lease_until <= ?5@int ORDER BY id LIMIT 8) RETURNING id",
            "iitii", (int64_t)w->h->home, w->instance, w->owner, now + LEASE_US, now);

        w->count = 0;
        while (rc == 0 && (rc = stmt_step(q, err)) == 1) {
                if (w->count < BATCH)
                        w->keys[w->count++] = (struct store_key){w->h->home, stmt_int(q, 0)};
                rc = 0;
        }
        return rc;
}

static int claim_apply(struct tx *tx, void *ctx, struct error *err)
{
        struct worker *w = ctx;
        instant_t now = clock_now(w->h->clock);

        if (w->instance != 0)
                return claim_of_instance(tx, w, now, err);
        int n = store_claim(tx, w->keys, BATCH, "effect", "open", w->owner, now, now + LEASE_US, err);
        w->count = n < 0 ? 0 : n;
        return n < 0 ? n : 0;
}

struct reading {
        struct house *h;
        int64_t id;
        struct effect *e;
};

static int effect_read(struct tx *tx, struct house *h, int64_t id, struct effect *e, struct error *err)
{
        struct stmt *q;

        json_decref(e->payload);
        *e = (struct effect){.id = id};
        int rc = tx_one(
            &q, tx, err,
            "SELECT instance, token, sequence, attempts, verb, state, payload FROM effect WHERE home = ?1@int AND id = ?2@int",
            "ii", (int64_t)h->home, id);
        if (rc <= 0)
                return rc < 0 ? rc : error_raise(err, SB_INTERNAL, "effect %lld", (long long)id);
        e->instance = stmt_int(q, 0);
        e->token = stmt_int(q, 1);
        e->sequence = stmt_int(q, 2);
        e->attempts = stmt_int(q, 3);
        text_copy(e->verb, sizeof e->verb, stmt_text(q, 4));
        text_copy(e->state, sizeof e->state, stmt_text(q, 5));
        return json_read(&e->payload, stmt_text(q, 6), err);
}

static int reading_apply(struct tx *tx, void *ctx, struct error *err)
{
        struct reading *r = ctx;

        return effect_read(tx, r->h, r->id, r->e, err);
}

/* --- calling ------------------------------------------------------------------------------------------------------------------ */

static int effect_call(struct house *h, const struct effect *e, struct with_change *with, json_t **answer, struct error *err)
{
        const struct verb *v = registry_find(h->verbs, e->verb);
        char key[100];
        struct call c = {.house = h,
                         .instance = e->instance,
                         .with = with,
                         .who = {.staff = json_integer_value(json_object_get(e->payload, "staff")),
                                 .office = json_integer_value(json_object_get(e->payload, "office"))}};

        if (v == NULL)
                return error_raise(err, SB_CASE_VERB_UNKNOWN, "%s", e->verb);
        c.key = text_format(key, sizeof key, "case-%d-%lld-%lld-%lld", h->home, (long long)e->instance, (long long)e->token,
                            (long long)e->sequence);
        return verb_call(&c, v, json_object_get(e->payload, "input"), answer, err);
}

/* --- what came of it ------------------------------------------------------------------------------------------------------------ */

struct outcome {
        struct house *h;
        const struct effect *e;
        const json_t *answer; /* NULL: it failed */
        const struct error *fault;
        struct instance i;       /* locked */
        struct followup *follow; /* takes what the step asks for next; NULL: any worker */
};

static int effect_mark(struct tx *tx, const struct outcome *o, const char *state, const json_t *result, const json_t *error,
                       struct error *err)
{
        struct buf text, fault;

        buf_init(&text, JSON_MAX_BYTES);
        buf_init(&fault, (size_t)1 << 16);
        int rc = result == NULL ? 0 : json_canonical(&text, result, err);
        if (rc == 0 && error != NULL)
                rc = json_canonical(&fault, error, err);
        if (rc == 0)
                rc = tx_exec(tx, err,
                             "UPDATE effect SET state = ?3@text, result = ?4@text, error = ?5@text, attempts = attempts + 1, "
                             "lease_owner = "
                             "NULL, lease_until = 0 WHERE home = ?1@int AND id = ?2@int",
                             "iittt", (int64_t)o->h->home, o->e->id, state, result == NULL ? NULL : buf_text(&text),
                             error == NULL ? NULL : buf_text(&fault));
        buf_dispose(&text);
        buf_dispose(&fault);
        return rc;
}

/* Is the effect still to be done? 1 or 0. The instance is locked, so the answer holds. */
static int still_open(struct tx *tx, const struct outcome *o, struct error *err)
{
        struct stmt *q;

        return tx_one(&q, tx, err, "SELECT 1 FROM effect WHERE home = ?1@int AND id = ?2@int AND state = 'open'", "ii",
                      (int64_t)o->h->home, o->e->id);
}

/* Does the case still wait for it? It is locked, so the answer holds until the transaction ends. An effect that came too late is closed. */
static int done_before(struct tx *tx, void *ctx, struct error *err)
{
        struct outcome *o = ctx;
        int rc;

        instance_dispose(&o->i);
        rc = instance_lock(tx, o->h, o->e->instance, &o->i, err);
        if (rc < 0)
                return rc;
        bool runs = strcmp(o->i.state, "active") == 0 || strcmp(o->i.state, "incident") == 0;
        if (runs && instance_sequence(&o->i, o->e->token) == o->e->sequence)
                return 0;
        rc = tx_exec(tx, err, "UPDATE effect SET state = 'cancelled' WHERE home = ?1@int AND id = ?2@int AND state = 'open'",
                     "ii", (int64_t)o->h->home, o->e->id);
        return rc < 0 ? rc : 1;
}

static int done_after(struct tx *tx, void *ctx, const json_t *answer, struct error *err)
{
        struct outcome *o = ctx;
        struct bpmn_event done = {.kind = BPMN_COMPLETE,
                                  .token = o->e->token,
                                  .sequence = o->e->sequence,
                                  .data = answer,
                                  .now = clock_now(o->h->clock)};
        struct mover mover = {json_integer_value(json_object_get(o->e->payload, "staff")),
                              json_integer_value(json_object_get(o->e->payload, "office")), o->follow};
        int rc;

        followup_clear(o->follow);
        rc = effect_mark(tx, o, "done", answer, NULL, err);
        return rc == 0 ? instance_step(tx, o->h, &o->i, &done, &mover, err) : rc;
}

/* For a verb that changed nothing. */
static int done_apply(struct tx *tx, void *ctx, struct error *err)
{
        struct outcome *o = ctx;
        int rc = done_before(tx, o, err);

        return rc == 0 ? done_after(tx, o, o->answer, err) : rc < 0 ? rc : 0;
}

static int failed_apply(struct tx *tx, void *ctx, struct error *err)
{
        const struct outcome *o = ctx;
        const char *node = json_string_value(json_object_get(o->e->payload, "node"));
        /* Locked without its model: it may be the model that is missing. */
        int rc = tx_exec(tx, err, "UPDATE process_instance SET version = version + 1 WHERE home = ?1@int AND id = ?2@int", "ii",
                         (int64_t)o->h->home, o->e->instance);

        if (rc == 0)
                rc = still_open(tx, o, err);

        if (rc == 1) {
                json_t *fault = fault_json(node == NULL ? "" : node, o->fault);
                rc = fault == NULL ? error_raise(err, SB_MEMORY, "%s", "") : effect_mark(tx, o, "failed", NULL, fault, err);
                json_decref(fault);
                if (rc == 0)
                        rc = instance_incident(tx, o->h, o->e->instance, node == NULL ? "" : node, o->fault, err);
        }
        return rc;
}

/* Later, and later still when it goes on failing. */
static int later_apply(struct tx *tx, void *ctx, struct error *err)
{
        const struct outcome *o = ctx;
        int64_t attempts = o->e->attempts, wait_s = attempts > 8 ? BACKOFF_MAX_S : (int64_t)1 << attempts;

        return tx_exec(tx, err,
                       "UPDATE effect SET attempts = attempts + 1, lease_owner = NULL, lease_until = ?3@int WHERE home = "
                       "?1@int AND id = ?2@int AND "
                       "state = 'open'",
                       "iii", (int64_t)o->h->home, o->e->id,
                       clock_now(o->h->clock) + (wait_s > BACKOFF_MAX_S ? BACKOFF_MAX_S : wait_s) * 1000000);
}

/* One effect to its end: done, failed, or put off. An error of this function is one of the store. */
static int effect_do(struct house *h, const struct effect *e, struct followup *follow, struct error *err)
{
        struct error fault = {0}, step = {0};
        struct outcome o = {.h = h, .e = e, .fault = &fault, .follow = follow};
        struct with_change with = {.before = done_before, .after = done_after, .ctx = &o};
        json_t *answer = NULL;
        int rc = 0, called = effect_call(h, e, &with, &answer, &fault);

        o.answer = answer;
        if (called == 0 && !with.happened && (called = store_write(h->store, done_apply, &o, &step)) < 0)
                fault = step;
        if (called < 0)
                followup_clear(follow); /* of what was rolled back */
        if (called < 0 && (fault.soft || called == ERR_SOFT)) {
                log_error(h->log, "case.effect.later", &fault);
                rc = store_write(h->store, later_apply, &o, err);
        } else if (called < 0) {
                log_error(h->log, "case.effect.incident", &fault);
                rc = store_write(h->store, failed_apply, &o, err);
        }
        instance_dispose(&o.i);
        json_decref(answer);
        return rc;
}

/* One that this worker has leased. */
static int leased_do(struct house *h, int64_t id, struct error *err)
{
        struct effect e = {.id = id};
        struct reading r = {.h = h, .id = id, .e = &e};
        int rc = store_read(h->store, reading_apply, &r, err);

        if (rc == 0 && strcmp(e.state, "open") == 0)
                rc = effect_do(h, &e, NULL, err);
        json_decref(e.payload);
        return rc;
}

/* --- timers --------------------------------------------------------------------------------------------------------------------- */

struct due {
        struct house *h;
        int64_t ids[BATCH], instances[BATCH], tokens[BATCH], at;
        int count;
        bool fired;
        struct error fault; /* why the instance could not go on */
};

static int due_read(struct tx *tx, void *ctx, struct error *err)
{
        struct due *d = ctx;
        struct stmt *q;
        int rc = tx_query(&q, tx, err,
                          "SELECT id, instance, token FROM timer WHERE home = ?1@int AND state = 'armed' AND due_at <= ?2@int "
                          "ORDER BY due_at, "
                          "id LIMIT 8",
                          "ii", (int64_t)d->h->home, clock_now(d->h->clock));

        d->count = 0;
        while (rc == 0 && d->count < BATCH && (rc = stmt_step(q, err)) == 1) {
                d->ids[d->count] = stmt_int(q, 0);
                d->instances[d->count] = stmt_int(q, 1);
                d->tokens[d->count++] = stmt_int(q, 2);
                rc = 0;
        }
        return rc < 0 ? rc : 0;
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
        if (rc == 0 && d->fired)
                rc = instance_lock(tx, d->h, d->instances[d->at], &i, err);
        if (rc == 0 && d->fired) {
                struct bpmn_event due = {.kind = BPMN_DUE,
                                         .token = d->tokens[d->at],
                                         .sequence = instance_sequence(&i, d->tokens[d->at]),
                                         .now = clock_now(d->h->clock)};
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

static int timers_fire(struct house *h, int *done, struct error *err)
{
        struct due d = {.h = h};
        int rc = store_read(h->store, due_read, &d, err);

        for (d.at = 0; rc == 0 && d.at < d.count; d.at++) {
                struct error fault = {0};
                int fired = store_write(h->store, fire_apply, &d, &fault);
                if (fired < 0 && (fault.soft || fired == ERR_SOFT)) {
                        if (err != NULL)
                                *err = fault;
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

/* --- work ------------------------------------------------------------------------------------------------------------------------- */

static int effects_do(struct worker *w, int limit, int *done, struct error *err)
{
        int rc = 0;

        do {
                rc = store_write(w->h->store, claim_apply, w, err);
                for (int k = 0; rc == 0 && k < w->count; k++) {
                        rc = leased_do(w->h, w->keys[k].id, err);
                        (*done)++;
                }
        } while (rc == 0 && w->count > 0 && *done < limit);
        return rc;
}

int case_work(struct house *h, int limit, int *done, struct error *err)
{
        struct worker w = {.h = h};
        int before, rc;

        *done = 0;
        owner_new(w.owner);
        do {
                before = *done;
                rc = timers_fire(h, done, err);
                if (rc == 0)
                        rc = effects_do(&w, limit, done, err);
        } while (rc == 0 && *done<limit && * done> before);
        return rc;
}

int case_work_instance(struct house *h, int64_t instance, struct error *err)
{
        struct worker w = {.h = h, .instance = instance};
        int done = 0;

        owner_new(w.owner);
        return effects_do(&w, 100, &done, err);
}

/* Until a step asks for nothing more, or does not end: a loop of verbs is left to the workers. */
static int followup_do(struct house *h, struct followup *f, struct error *err)
{
        int rc = 0;

        for (int round = 0; rc == 0 && f->count > 0 && round < 100; round++) {
                struct followup now = *f, next = {.count = 0};
                f->count = 0;
                for (int k = 0; rc == 0 && k < now.count; k++) {
                        next.count = 0;
                        rc = effect_do(h, &now.effects[k], &next, err);
                        for (int n = 0; n < next.count; n++) {
                                if (f->count < (int)(sizeof f->effects / sizeof f->effects[0]))
                                        f->effects[f->count++] = next.effects[n];
                                else
                                        json_decref(next.effects[n].payload);
                        }
                }
                followup_clear(&now);
        }
        return rc;
}

int case_change(struct call *c, const struct verb *v, const json_t *in, change_apply *apply, void *ctx, json_t **out,
                struct error *err)
{
        struct followup f = {.count = 0};
        struct error later = {0};

        c->follow = &f;
        int rc = verb_change(c, v, in, apply, ctx, out, err);
        c->follow = NULL;
        if (rc == 0 && followup_do(c->house, &f, &later) < 0)
                log_error(c->house->log, "case.work", &later);
        followup_clear(&f);
        return rc;
}
