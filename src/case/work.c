/* SPDX-License-Identifier: Apache-2.0
 *
 * Effects. An effect is done by who moved the case, right after, or leased by any worker. What its verb changes, the mark that
 * the effect is done and the step that the answer makes are one transaction (struct with_change): a worker that dies leaves all of it or
 * nothing, and of two that try one finds that it is not wanted any more. A verb that changes nothing is simply asked again. Where the
 * verb allows it (SCOPE_WITHIN), its transaction is that of the step that asks for it.
 */
#include "case/application.h"
#include "case/authority.h"
#include "case/instance.h"

#include "base/rng.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define LEASE_US ((instant_t)60 * 1000000)
#define BATCH 8
#define WITHIN_MAX 16
#define BACKOFF_MAX_S 300

struct worker {
        struct house *h;
        bool swept;       /* what the day brings is done */
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
        struct stmt *q = NULL;
        int rc = tx_query(
            &q, tx, err,
            "UPDATE effect SET lease_owner = ?3@text, lease_until = ?4@int WHERE home = ?1@int AND state = 'open' AND "
            "lease_until "
            "<= ?5@int AND id IN (SELECT id FROM effect WHERE home = ?1@int AND instance = ?2@int AND state = 'open' AND "
            "lease_until <= ?5@int ORDER BY id LIMIT 8) RETURNING id",
            "iitii", (int64_t)w->h->home, w->instance, w->owner, now + LEASE_US, now);

        w->count = 0;
        while ((rc = row_next(rc, q, err)) == 1) {
                assert(w->count < BATCH);
                w->keys[w->count++] = (struct store_key){w->h->home, stmt_int(q, 0)};
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

/* For whom it is done: who moved the case there. */
static struct actor effect_actor(const struct effect *e)
{
        return (struct actor){.staff = json_integer_value(json_object_get(e->payload, "staff")),
                              .office = json_integer_value(json_object_get(e->payload, "office"))};
}

static int effect_call(struct house *h, const struct effect *e, struct tx *within, struct with_change *with, json_t **answer,
                       struct error *err)
{
        const struct verb *v = registry_find(h->verbs, e->verb);
        char key[100];
        struct call c = {.house = h, .instance = e->instance, .with = with, .within = within, .who = effect_actor(e)};

        if (v == NULL)
                return error_raise(err, SB_CASE_VERB_UNKNOWN, "%s", e->verb);
        c.key = text_format(key, sizeof key, "case-%d-%lld-%lld-%lld", h->home, (long long)e->instance, (long long)e->token,
                            (long long)e->sequence);
        return verb_call(&c, v, json_object_get(e->payload, "input"), answer, err);
}

/* --- deciding ------------------------------------------------------------------------------------------------------------------- */

/* A rule task: the pack decides, outside of any transaction; what it rests on is stored with the step that follows. */
struct deciding {
        struct house *h;
        const struct effect *e;
        struct instance i;
        struct case_decision d;
        struct call c;
        json_t *inputs, *result, *derivation;
};

static int deciding_read(struct tx *tx, void *ctx, struct error *err)
{
        struct deciding *d = ctx;

        instance_dispose(&d->i);
        return instance_read(tx, d->h, d->e->instance, &d->i, err);
}

/* The input law_day, where there is one, says of which day the law is asked for. */
static int deciding_prepare(struct deciding *d, struct error *err)
{
        const struct bpmn_node *n = bpmn_node_find(d->i.model, json_string_value(json_object_get(d->e->payload, "node")));
        const json_t *person = json_object_get(json_object_get(d->i.state_json, "variables"), "person");
        day_t day = clock_today(d->h->clock);
        const char *law_day = NULL;

        d->inputs = json_copy(json_object_get(d->e->payload, "input"));
        if (n == NULL || d->inputs == NULL)
                return error_raise(err, SB_BPMN_STATE, "%s", d->i.number);
        int rc = json_get_text(d->inputs, "law_day", false, &law_day, err);
        if (rc == 0 && law_day != NULL)
                rc = day_parse(&day, str_from(law_day), err);
        json_object_del(d->inputs, "law_day");
        d->d = (struct case_decision){.model = n->model,
                                      .name = n->decision,
                                      .pool = d->i.pool,
                                      .day = day,
                                      .person =
                                          strcmp(d->i.subject_kind, "person") == 0 ? d->i.subject : json_integer_value(person),
                                      .subject_kind = d->i.subject_kind,
                                      .subject = d->i.subject,
                                      .inputs = d->inputs};
        d->c = (struct call){.house = d->h, .instance = d->e->instance, .who = effect_actor(d->e)};
        return rc;
}

static int decide(struct deciding *d, json_t **answer, struct error *err)
{
        int rc = store_read(d->h->store, deciding_read, d, err);

        if (rc == 0)
                rc = deciding_prepare(d, err);
        if (rc == 0)
                rc = decision_compute(&d->c, &d->d, &d->result, &d->derivation, err);
        if (rc == 0) /* the model takes result.NAME of a context, result.value of anything else */
                *answer = json_is_object(d->result) ? json_copy(d->result) : json_pack("{s:O}", "value", d->result);
        return rc == 0 && *answer == NULL ? error_raise(err, SB_MEMORY, "%s", "") : rc;
}

static void deciding_dispose(struct deciding *d)
{
        json_decref(d->inputs);
        json_decref(d->result);
        json_decref(d->derivation);
        instance_dispose(&d->i);
}

/* --- what came of it ------------------------------------------------------------------------------------------------------------ */

struct outcome {
        struct house *h;
        const struct effect *e;
        const json_t *answer; /* NULL: it failed */
        const struct error *fault;
        struct instance i;              /* locked */
        bool current;                   /* by this transaction, and as its last step left it */
        struct followup *follow;        /* takes what the step asks for next; NULL: any worker */
        const struct deciding *decided; /* NULL: no rule task */
        bool caught;
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
        int rc = 0;

        if (!o->current) {
                instance_dispose(&o->i);
                rc = instance_lock(tx, o->h, o->e->instance, &o->i, err);
        }
        if (rc < 0)
                return rc;
        if (instance_runs(&o->i) && instance_sequence(&o->i, o->e->token) == o->e->sequence)
                return 0;
        rc = tx_exec(tx, err, "UPDATE effect SET state = 'cancelled' WHERE home = ?1@int AND id = ?2@int AND state = 'open'",
                     "ii", (int64_t)o->h->home, o->e->id);
        return rc < 0 ? rc : 1;
}

/* The decision is stored once, in the transaction that takes it; its id stands beside the result. */
static int decision_take(struct tx *tx, const struct outcome *o, const json_t *result, json_t **answer, struct error *err)
{
        const struct deciding *d = o->decided;
        struct call c = d->c;
        int64_t id;
        int rc = decision_store(tx, &c, &d->d, d->result, d->derivation, &id, err);

        *answer = json_copy((json_t *)(uintptr_t)result);
        if (rc == 0 && (*answer == NULL || json_object_set_new(*answer, "decision_id", json_integer(id)) != 0))
                rc = error_raise(err, SB_MEMORY, "%s", "");
        return rc;
}

static int done_after(struct tx *tx, void *ctx, const json_t *answer, struct error *err)
{
        struct outcome *o = ctx;
        struct bpmn_event done = {.kind = BPMN_COMPLETE,
                                  .token = o->e->token,
                                  .sequence = o->e->sequence,
                                  .data = answer,
                                  .now = clock_now(o->h->clock)};
        struct actor who = effect_actor(o->e);
        struct mover mover = {who.staff, who.office, o->follow};
        json_t *decided = NULL;
        int rc;

        followup_clear(o->follow);
        rc = o->decided == NULL ? 0 : decision_take(tx, o, answer, &decided, err);
        if (decided != NULL)
                done.data = decided;
        if (rc == 0)
                rc = effect_mark(tx, o, "done", done.data, NULL, err);
        if (rc == 0)
                rc = instance_step(tx, o->h, &o->i, &done, &mover, err);
        json_decref(decided);
        return rc;
}

/* For a verb that changed nothing. */
static int done_apply(struct tx *tx, void *ctx, struct error *err)
{
        struct outcome *o = ctx;
        int rc = done_before(tx, o, err);

        return rc == 0 ? done_after(tx, o, o->answer, err) : rc < 0 ? rc : 0;
}

/* A call: the case that it begins, and the row is done; its token waits for that case's end. */
static int call_apply(struct tx *tx, void *ctx, struct error *err)
{
        struct outcome *o = ctx;
        struct call c = {.house = o->h, .follow = o->follow, .who = effect_actor(o->e)};
        int64_t child = 0;
        int rc = done_before(tx, o, err);

        followup_clear(o->follow);
        if (rc != 0)
                return rc < 0 ? rc : 0;
        rc = still_open(tx, o, err); /* its token waits on when the case has begun */
        if (rc != 1)
                return rc;
        rc = call_begin(tx, &c, &o->i, o->e->payload, o->e->token, o->e->sequence, &child, err);
        json_t *result = rc == 0 ? json_pack("{s:I}", "case", (json_int_t)child) : NULL;
        if (rc == 0)
                rc = effect_mark(tx, o, "done", result, NULL, err);
        json_decref(result);
        return rc;
}

/* What the model catches is no incident: an error boundary event with the code of the fault takes it. */
static int caught_apply(struct tx *tx, void *ctx, struct error *err)
{
        struct outcome *o = ctx;
        char code[8];
        json_t *fault = fault_json("", o->fault);
        struct bpmn_event fail = {.kind = BPMN_FAIL,
                                  .token = o->e->token,
                                  .sequence = o->e->sequence,
                                  .name = error_name(o->fault->code, code),
                                  .data = fault,
                                  .now = clock_now(o->h->clock)};
        struct actor who = effect_actor(o->e);
        struct mover mover = {who.staff, who.office, o->follow};
        int rc = done_before(tx, o, err);

        followup_clear(o->follow);
        o->caught = rc == 0 && bpmn_catches(o->i.model, o->i.state_json, o->e->token, fail.name);
        if (o->caught)
                rc = effect_mark(tx, o, "caught", NULL, fault, err);
        if (rc == 0 && o->caught)
                rc = instance_step(tx, o->h, &o->i, &fail, &mover, err);
        json_decref(fault);
        return rc < 0 ? rc : 0;
}

static int failed_apply(struct tx *tx, void *ctx, struct error *err)
{
        const struct outcome *o = ctx;
        const char *node = json_text(o->e->payload, "node");
        /* Locked without its model: it may be the model that is missing. */
        int rc = tx_exec(tx, err, "UPDATE process_instance SET version = version + 1 WHERE home = ?1@int AND id = ?2@int", "ii",
                         (int64_t)o->h->home, o->e->instance);

        if (rc == 0)
                rc = still_open(tx, o, err);

        if (rc == 1) {
                json_t *fault = fault_json(node, o->fault);
                rc = fault == NULL ? error_raise(err, SB_MEMORY, "%s", "") : effect_mark(tx, o, "failed", NULL, fault, err);
                json_decref(fault);
                if (rc == 0)
                        rc = instance_incident(tx, o->h, o->e->instance, node, o->fault, err);
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

/* What the effect asks for, and the step that follows. *asked: it was refused itself, not the step. */
static int effect_carry(struct outcome *o, bool *asked, struct error *err)
{
        struct with_change with = {.before = done_before, .after = done_after, .ctx = o};
        struct deciding d = {.h = o->h, .e = o->e};
        struct error step = {0};
        json_t *answer = NULL;
        int rc;

        if (strcmp(o->e->verb, EFFECT_CALL) == 0)
                return store_write(o->h->store, call_apply, o, err);
        bool rule = strcmp(o->e->verb, EFFECT_DECISION) == 0;
        rc = rule ? decide(&d, &answer, err) : effect_call(o->h, o->e, NULL, &with, &answer, err);
        *asked = rc < 0;
        o->answer = answer;
        o->decided = rule ? &d : NULL;
        if (rc == 0 && !with.happened && (rc = store_write(o->h->store, done_apply, o, &step)) < 0)
                *err = step;
        json_decref(answer);
        deciding_dispose(&d);
        o->answer = NULL;
        o->decided = NULL;
        return rc;
}

static int effect_fail(struct outcome *o, bool asked, struct error *err)
{
        struct error spare = {0};

        /* Only what the verb itself refuses can be caught, not a model that cannot go on. */
        if (asked && store_write(o->h->store, caught_apply, o, &spare) == 0 && o->caught)
                return 0;
        followup_clear(o->follow);
        log_error(o->h->log, "case.effect.incident", o->fault);
        return store_write(o->h->store, failed_apply, o, err);
}

bool tried_later(int rc, const struct error *fault)
{
        return rc == ERR_SOFT || (rc < 0 && store_passes(fault));
}

/* One effect to its end: done, failed, or put off. An error of this function is one of the store. */
static int effect_do(struct house *h, const struct effect *e, struct followup *follow, struct error *err)
{
        struct error fault = {0};
        struct outcome o = {.h = h, .e = e, .fault = &fault, .follow = follow};
        bool asked = false;
        int rc = 0, called = effect_carry(&o, &asked, &fault);

        if (called < 0)
                followup_clear(follow); /* of what was rolled back */
        if (tried_later(called, &fault)) {
                log_error(h->log, "case.effect.later", &fault);
                rc = store_write(h->store, later_apply, &o, err);
        } else if (called < 0) {
                rc = effect_fail(&o, asked, err);
        }
        instance_dispose(&o.i);
        return rc;
}

/* One that this worker has leased. */
static int leased_do(struct house *h, int64_t id, struct followup *follow, struct error *err)
{
        struct effect e = {.id = id};
        struct reading r = {.h = h, .id = id, .e = &e};
        int rc = store_read(h->store, reading_apply, &r, err);

        if (rc == 0 && strcmp(e.state, "open") == 0)
                rc = effect_do(h, &e, follow, err);
        json_decref(e.payload);
        return rc;
}

/* --- work ------------------------------------------------------------------------------------------------------------------------- */

static int effects_do(struct worker *w, int limit, int *done, struct error *err)
{
        int rc = 0;

        do {
                rc = store_write(w->h->store, claim_apply, w, err);
                for (int k = 0; rc == 0 && k < w->count; k++) {
                        rc = leased_do(w->h, w->keys[k].id, NULL, err);
                        (*done)++;
                }
        } while (rc == 0 && w->count > 0 && *done < limit);
        return rc;
}

/* Once a day: is it done for today already? */
static int day_known(struct tx *tx, void *ctx, struct error *err)
{
        struct worker *w = ctx;
        struct stmt *q;
        int rc = tx_one(&q, tx, err, "SELECT 1 FROM staffing_day WHERE home = ?1@int AND day = ?2@int", "ii",
                        (int64_t)w->h->home, (int64_t)clock_today(w->h->clock));

        w->swept = rc == 1;
        return rc < 0 ? rc : 0;
}

static int day_apply(struct tx *tx, void *ctx, struct error *err)
{
        struct call system = {.house = ((struct worker *)ctx)->h};
        int rc = drafts_sweep(tx, system.house, err);

        return rc < 0 ? rc : staffing_sweep(tx, &system, false, err);
}

int case_work(struct house *h, int limit, int *done, struct error *err)
{
        struct worker w = {.h = h};
        int before, rc;

        *done = 0;
        owner_new(w.owner);
        rc = store_read(h->store, day_known, &w, err);
        if (rc == 0 && !w.swept)
                rc = store_write(h->store, day_apply, &w, err);
        if (rc < 0)
                return rc;
        do {
                before = *done;
                rc = schedule_work(h, done, err);
                if (rc == 0)
                        rc = timers_fire(h, done, err);
                if (rc == 0)
                        rc = messages_deliver(h, 0, done, NULL, err);
                if (rc == 0)
                        rc = effects_do(&w, limit, done, err);
        } while (rc == 0 && *done<limit && * done> before);
        return rc;
}

static void follow_join(struct followup *f, struct followup *next)
{
        for (int n = 0; n < next->count; n++) {
                if (f->count < (int)(sizeof f->effects / sizeof f->effects[0]))
                        f->effects[f->count++] = next->effects[n];
                else
                        json_decref(next->effects[n].payload);
        }
        for (int n = 0; n < next->told; n++)
                follow_tell(f, next->telling[n]);
}

static bool allows_within(const struct house *h, const struct effect *e)
{
        const struct verb *v = registry_find(h->verbs, e->verb);

        return v != NULL && v->scope != NULL && strcmp(v->scope, SCOPE_WITHIN) == 0;
}

int followup_within(struct tx *tx, struct house *h, struct followup *f, struct error *err)
{
        struct instance last = {.id = 0};
        int rc = 0;

        for (int round = 0; rc == 0 && round < WITHIN_MAX && f->count > 0 && allows_within(h, &f->effects[0]); round++) {
                struct effect e = f->effects[0];
                struct followup next = {.count = 0};
                struct outcome o = {.h = h, .e = &e, .follow = &next, .i = last, .current = last.id == e.instance};
                struct with_change with = {.before = done_before, .after = done_after, .ctx = &o};
                json_t *answer = NULL;
                f->count--;
                memmove(f->effects, f->effects + 1, (size_t)f->count * sizeof f->effects[0]);
                f->tried = true;
                rc = effect_call(h, &e, tx, &with, &answer, err);
                if (rc == 0 && !with.happened)
                        rc = error_raise(err, SB_INTERNAL, "%s changed nothing", e.verb);
                if (rc == 0) {
                        follow_join(f, &next);
                } else {
                        followup_clear(&next);
                        rc = ERR; /* what passes is tried again by itself */
                        if (err != NULL)
                                err->soft = false;
                }
                json_decref(answer);
                json_decref(e.payload);
                last = o.i;
        }
        instance_dispose(&last);
        return rc;
}

/* Until a step asks for nothing more, or does not end: a loop of verbs is left to the workers. */
static int followup_do(struct house *h, struct followup *f, struct error *err)
{
        int rc = 0;

        for (int round = 0; rc == 0 && f->count > 0 && round < 100; round++) {
                struct followup now = *f, next = {.count = 0};
                f->count = 0;
                for (int k = 0; rc == 0 && k < now.count; k++) {
                        next.count = next.told = 0;
                        rc = effect_do(h, &now.effects[k], &next, err);
                        follow_join(f, &next);
                }
                followup_clear(&now);
        }
        return rc;
}

/* The effects of these cases, what they send, and what those do that get it, round by round. */
static int touched_work(struct house *h, struct touched *all, struct error *err)
{
        struct worker w = {.h = h};
        int rc = 0;

        owner_new(w.owner);
        for (int k = 0; rc == 0 && k < all->count; k++) {
                struct followup f = {.count = 0};
                int done = 0;
                w.instance = all->ids[k];
                rc = store_write(h->store, claim_apply, &w, err);
                for (int n = 0; rc == 0 && n < w.count; n++) {
                        struct followup one = {.count = 0};
                        rc = leased_do(h, w.keys[n].id, &one, err);
                        if (rc == 0)
                                rc = followup_do(h, &one, err);
                        for (int t = 0; t < one.told; t++)
                                follow_tell(&f, one.telling[t]);
                        followup_clear(&one);
                }
                if (rc == 0)
                        rc = messages_deliver(h, w.instance, &done, all, err);
                for (int t = 0; rc == 0 && t < f.told; t++)
                        rc = f.telling[t] == w.instance ? 0 : messages_deliver(h, f.telling[t], &done, all, err);
        }
        return rc;
}

int case_work_instance(struct house *h, int64_t instance, struct error *err)
{
        struct touched all = {.ids = {instance}, .count = 1};

        return touched_work(h, &all, err);
}

int case_change(struct call *c, const struct verb *v, const json_t *in, change_apply *apply, void *ctx, json_t **out,
                struct error *err)
{
        struct followup f = {.within = true};
        struct touched all = {.count = 0};
        struct error later = {0};
        int done = 0;

        c->follow = &f;
        int rc = verb_change(c, v, in, apply, ctx, out, err);
        c->follow = NULL;
        if (rc == 0) {
                int after = followup_do(c->house, &f, &later);
                for (int t = 0; after == 0 && t < f.told; t++)
                        after = messages_deliver(c->house, f.telling[t], &done, &all, &later);
                if (after == 0)
                        after = touched_work(c->house, &all, &later);
                if (after < 0)
                        log_error(c->house->log, "case.work", &later);
        }
        followup_clear(&f);
        return rc;
}
