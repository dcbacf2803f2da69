/* SPDX-License-Identifier: Apache-2.0
 *
 * Messages and signals between cases, and what a called case tells its caller: rows that are delivered each once, in a transaction
 * with the step that they cause. A message goes to the case that has waited longest for its name and key, else it begins a process
 * that begins so, else it waits for who will ask. A signal goes to everybody who waits at the moment at which it is thrown.
 */
#include "case/instance.h"
#include "case/verbs.h"

#include "case/pack_store.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define BATCH 16
#define PLACES 5 /* receivers tried, where others took the message's place meanwhile */

/* --- sending ------------------------------------------------------------------------------------------------------------------ */

static int body_text(struct buf *out, const json_t *body, struct error *err)
{
        buf_init(out, JSON_MAX_BYTES);
        if (body == NULL) {
                buf_add_text(out, "null");
                return buf_check(out, err);
        }
        return json_canonical(out, body, err);
}

int message_insert(struct tx *tx, struct house *h, const struct sending *m, bool *fresh, int64_t *id, struct error *err)
{
        struct buf body;
        int64_t changed = 0;
        int rc = body_text(&body, m->body, err);

        if (rc == 0)
                rc = ids_next(h->ids, id, err);
        if (rc == 0)
                rc = tx_exec_changed(
                    tx, &changed, err,
                    "INSERT INTO message (home, id, kind, name, message_key, body, state, source, target, token, "
                    "sequence, office, pool, once, error, created_at, done_at) VALUES (?1@int, ?2@int, ?3@text, "
                    "?4@text, ?5@text, ?6@text, 'open', ?7@int, ?8@int, ?9@int, ?10@int, ?11@int, ?12@int, "
                    "?13@text, NULL, ?14@int, 0) ON CONFLICT (home, once) DO NOTHING",
                    "iittttiiiiiiti", (int64_t)h->home, *id, m->kind, m->name, m->key, buf_text(&body), m->source, m->target,
                    m->token, m->sequence, m->office, m->pool, m->once, clock_now(h->clock));
        buf_dispose(&body);
        *fresh = changed == 1;
        return rc;
}

/* One row for each case that waits now, and one for the processes that the signal begins. */
int signal_insert(struct tx *tx, struct house *h, const struct sending *m, struct error *err)
{
        int64_t *waiting = NULL, last = 0, id;
        size_t count = 0, room = 0;
        struct stmt *q = NULL;
        char once[140];
        bool fresh;
        int rc = tx_query(&q, tx, err,
                          "SELECT instance FROM subscription WHERE home = ?1@int AND kind = 'signal' AND name = ?2@text AND "
                          "message_key = ?3@text AND instance <> ?4@int ORDER BY instance",
                          "itti", (int64_t)h->home, m->name, m->key, m->source);

        while ((rc = row_next(rc, q, err)) == 1) {
                if (stmt_int(q, 0) == last)
                        continue;
                last = stmt_int(q, 0);
                if (count == room) {
                        room = room * 2 + 16;
                        int64_t *more = realloc(waiting, room * sizeof *more);
                        if (more == NULL) {
                                free(waiting);
                                return error_raise(err, SB_MEMORY, "%s", "");
                        }
                        waiting = more;
                }
                waiting[count++] = last;
        }
        struct sending one = *m;
        one.once = once;
        for (size_t k = 0; rc == 0 && k < count; k++) {
                one.target = waiting[k];
                text_format(once, sizeof once, "%s-%lld", m->once, (long long)waiting[k]);
                rc = message_insert(tx, h, &one, &fresh, &id, err);
        }
        free(waiting);
        return rc < 0 ? rc : message_insert(tx, h, m, &fresh, &id, err);
}

const char *answer_once(char *out, size_t size, int64_t instance, int64_t token, int64_t sequence)
{
        return text_format(out, size, "answer|%lld|%lld|%lld", (long long)instance, (long long)token, (long long)sequence);
}

/* The same words as of an answer that a clerk records (outcome.c): a place hears once. */
int case_message(struct tx *tx, struct call *c, const char *name, const char *key, const json_t *body, struct error *err)
{
        struct place {
                int64_t instance, token, sequence;
        } places[BATCH];
        struct sending m = {.kind = "message", .name = name, .key = key, .body = body};
        struct stmt *q = NULL;
        char once[120];
        int64_t id;
        bool fresh;
        size_t count = 0;
        int rc =
            tx_query(&q, tx, err,
                     "SELECT instance, token, sequence FROM subscription WHERE home = ?1@int AND kind = 'message' AND name = "
                     "?2@text AND message_key = ?3@text ORDER BY instance, token LIMIT ?4@int",
                     "itti", (int64_t)c->house->home, name, key, (int64_t)BATCH);

        while ((rc = row_next(rc, q, err)) == 1)
                places[count++] = (struct place){stmt_int(q, 0), stmt_int(q, 1), stmt_int(q, 2)};
        for (size_t i = 0; rc == 0 && i < count; i++) {
                m.target = places[i].instance;
                m.once = answer_once(once, sizeof once, places[i].instance, places[i].token, places[i].sequence);
                rc = message_insert(tx, c->house, &m, &fresh, &id, err);
        }
        return rc;
}

/* --- delivering --------------------------------------------------------------------------------------------------------------- */

struct delivery {
        struct house *h;
        int64_t id;
        /* of the row */
        char kind[16], name[200], key[BPMN_KEY_MAX], state[16];
        int64_t source, target, token, sequence, office, pool;
        json_t *body;
        int64_t moved; /* the case that moved or began; 0 none */
        const struct error *fault;
};

static int row_read(struct tx *tx, struct delivery *d, struct error *err)
{
        struct stmt *q;
        json_t *wrapped = NULL;
        struct buf text;
        int rc =
            tx_one(&q, tx, err,
                   "SELECT kind, name, message_key, state, source, target, token, sequence, office, pool, body FROM message "
                   "WHERE home = ?1@int AND id = ?2@int @lock",
                   "ii", (int64_t)d->h->home, d->id);

        if (rc != 1)
                return rc;
        text_copy(d->kind, sizeof d->kind, stmt_text(q, 0));
        text_copy(d->name, sizeof d->name, stmt_text(q, 1));
        text_copy(d->key, sizeof d->key, stmt_text(q, 2));
        text_copy(d->state, sizeof d->state, stmt_text(q, 3));
        d->source = stmt_int(q, 4);
        d->target = stmt_int(q, 5);
        d->token = stmt_int(q, 6);
        d->sequence = stmt_int(q, 7);
        d->office = stmt_int(q, 8);
        d->pool = stmt_int(q, 9);
        json_decref(d->body);
        d->body = NULL;
        d->moved = 0;
        /* The reader takes objects: "null" stands for none. */
        buf_init(&text, JSON_MAX_BYTES);
        buf_add_text(&text, "{\"body\":");
        buf_add_str(&text, stmt_text(q, 10));
        buf_add_text(&text, "}");
        rc = json_read(&wrapped, (struct str){text.p, text.n}, err);
        json_t *body = json_object_get(wrapped, "body");
        d->body = json_is_object(body) ? json_incref(body) : NULL;
        json_decref(wrapped);
        buf_dispose(&text);
        return rc;
}

static int row_close(struct tx *tx, const struct delivery *d, const char *state, struct error *err)
{
        return tx_exec(tx, err,
                       "UPDATE message SET state = ?3@text, done_at = ?4@int, target = CASE WHEN ?5@int <> 0 THEN ?5@int ELSE "
                       "target END, error = NULL WHERE home = ?1@int AND id = ?2@int",
                       "iitii", (int64_t)d->h->home, d->id, state, clock_now(d->h->clock), d->moved);
}

static int step_of(struct tx *tx, struct delivery *d, struct instance *i, struct bpmn_event *e, struct error *err)
{
        struct mover mover = {0, i->office, NULL};

        e->now = clock_now(d->h->clock);
        d->moved = i->id;
        return instance_step(tx, d->h, i, e, &mover, err);
}

/* A called case came to its end. A caller that does not wait any more (it was withdrawn, or interrupted the call) is not told. */
static int return_apply(struct tx *tx, struct delivery *d, struct error *err)
{
        struct instance i = {.id = 0};
        bool failed = d->name[0] != '\0';
        struct bpmn_event e = {.kind = failed ? BPMN_FAIL : BPMN_COMPLETE,
                               .token = d->token,
                               .sequence = d->sequence,
                               .name = failed ? d->name : NULL,
                               .data = d->body};
        int rc = instance_lock(tx, d->h, d->target, &i, err);
        if (rc < 0 && error_is(err, SB_CASE_PAST)) {
                error_clear(err);
                instance_dispose(&i);
                return row_close(tx, d, "late", err);
        }
        bool waits = rc == 0 && instance_runs(&i) && instance_sequence(&i, d->token) == d->sequence;

        if (waits)
                rc = step_of(tx, d, &i, &e, err);
        instance_dispose(&i);
        return rc == 0 ? row_close(tx, d, waits ? "done" : "late", err) : rc;
}

/* Who waits, of the cases that may get it: 1 and its place, 0 nobody. */
static int receiver_find(struct tx *tx, const struct delivery *d, int64_t *instance, int64_t *token, struct error *err)
{
        struct stmt *q;
        int rc =
            tx_one(&q, tx, err,
                   "SELECT s.instance, s.token FROM subscription s JOIN process_instance i ON i.home = s.home AND i.id = "
                   "s.instance WHERE s.home = ?1@int AND s.kind = ?2@text AND s.name = ?3@text AND s.message_key = ?4@text AND "
                   "(?5@int = 0 OR s.instance = ?5@int) AND (?6@int = 0 OR i.office IN " OFFICE_SUBTREE(
                       "?6@int") ") ORDER BY s.instance, s.token LIMIT 1",
                   "itttii", (int64_t)d->h->home, d->kind, d->name, d->key, d->target, d->office);

        if (rc == 1) {
                *instance = stmt_int(q, 0);
                *token = stmt_int(q, 1);
        }
        return rc;
}

static int still_waits(struct tx *tx, const struct delivery *d, int64_t instance, int64_t token, struct error *err)
{
        struct stmt *q;

        return tx_one(
            &q, tx, err,
            "SELECT 1 FROM subscription WHERE home = ?1@int AND instance = ?2@int AND token = ?3@int AND kind = ?4@text AND "
            "name = ?5@text AND message_key = ?6@text",
            "iiittt", (int64_t)d->h->home, instance, token, d->kind, d->name, d->key);
}

/* 1: a case got it; 0: nobody waits. */
static int receiver_tell(struct tx *tx, struct delivery *d, struct error *err)
{
        bool signal = strcmp(d->kind, "signal") == 0;
        int rc = 0;

        for (int tried = 0; tried < PLACES; tried++) {
                struct instance i = {.id = 0};
                int64_t instance, token;
                if ((rc = receiver_find(tx, d, &instance, &token, err)) != 1)
                        return rc;
                rc = instance_lock(tx, d->h, instance, &i, err);
                d->moved = instance; /* also when it cannot go on: the fault is its own */
                if (rc == 0)
                        rc = still_waits(tx, d, instance, token, err);
                if (rc == 1) {
                        struct bpmn_event e = {.kind = BPMN_HEAR,
                                               .trigger = signal ? BPMN_SIGNAL : BPMN_MESSAGE,
                                               .name = d->name,
                                               .token = signal ? 0 : token,
                                               .data = d->body};
                        rc = step_of(tx, d, &i, &e, err);
                        instance_dispose(&i);
                        return rc == 0 ? 1 : rc;
                }
                instance_dispose(&i);
                d->moved = 0;
                if (rc < 0)
                        return rc;
        }
        return error_raise_soft(err, SB_STORE_BUSY, "%s", d->name);
}

/* --- beginning ------------------------------------------------------------------------------------------------------------------ */

static int begin_one(struct tx *tx, struct delivery *d, struct pack *pack, const char *process, int node, struct error *err)
{
        const char *kind = json_string_value(json_object_get(d->body, "subject_kind"));
        struct call c = {.house = d->h, .who = {.office = d->office}};
        struct origin origin = {.start = node + 1, .pack = pack};
        struct instance from = {.id = 0};
        struct case_start start = {.process = process,
                                   .subject_kind = kind == NULL ? "message" : kind,
                                   .subject = kind == NULL ? d->id : json_integer_value(json_object_get(d->body, "subject")),
                                   .office = d->office,
                                   .pool = d->pool,
                                   .variables = d->body};
        int rc = d->source == 0 ? 0 : instance_read(tx, d->h, d->source, &from, err);

        if (rc == 0 && d->source != 0) { /* about what the case is that sent it, in the same office */
                start.subject_kind = from.subject_kind;
                start.subject = from.subject;
                start.office = from.office;
        }
        if (rc == 0)
                rc = instance_begin(tx, &c, &start, &origin, &d->moved, err);
        instance_dispose(&from);
        return rc;
}

/* The processes of the pack in force that this begins: a message one, a signal all. Answers how many. */
static int begin_all(struct tx *tx, struct delivery *d, struct error *err)
{
        enum bpmn_trigger trigger = strcmp(d->kind, "signal") == 0 ? BPMN_SIGNAL : BPMN_MESSAGE;
        const struct bpmn_model *m;
        struct pack *pack = NULL;
        char name[80];
        int count = 0;

        if (d->pool == 0 || d->target != 0)
                return 0;
        int rc = pack_store_for(d->h->packs, d->pool, clock_today(d->h->clock), clock_now(d->h->clock), &pack, err);
        for (size_t k = 0; rc == 0 && pack_process_name(pack, k, name, sizeof name); k++) {
                struct error unsound = {0}; /* the check of the pack tells it; others begin */
                if (pack_process(pack, name, &m, &unsound) < 0)
                        continue;
                int node = bpmn_start_find(m, trigger, d->name, -1);
                if (node < 0 || bpmn_node(m, node)->process != bpmn_process_find(m, name))
                        continue;
                rc = begin_one(tx, d, pack, name, node, err);
                count++;
                if (trigger == BPMN_MESSAGE)
                        break;
        }
        return rc < 0 ? rc : count;
}

static int deliver_apply(struct tx *tx, void *ctx, struct error *err)
{
        struct delivery *d = ctx;
        int rc = row_read(tx, d, err);

        if (rc < 0 || strcmp(d->state, "open") != 0)
                return rc;
        if (strcmp(d->kind, "return") == 0)
                return return_apply(tx, d, err);
        bool all = strcmp(d->kind, "signal") == 0 && d->target == 0; /* the row for processes that begin */
        rc = all ? 0 : receiver_tell(tx, d, err);
        if (rc == 1)
                return row_close(tx, d, "done", err);
        if (rc == 0)
                rc = begin_all(tx, d, err);
        if (rc < 0)
                return rc;
        bool kept = rc == 0 && d->target == 0 && strcmp(d->kind, "message") == 0;
        return row_close(tx, d, kept ? "waiting" : rc == 0 ? "late" : "done", err);
}

static int failed_apply(struct tx *tx, void *ctx, struct error *err)
{
        struct delivery *d = ctx;
        struct buf text;
        int64_t changed = 0;
        int rc = fault_text(&text, "", d->fault, err);

        if (rc == 0)
                rc =
                    tx_exec_changed(tx, &changed, err,
                                    "UPDATE message SET state = 'failed', error = ?3@text, target = CASE WHEN ?4@int <> 0 THEN "
                                    "?4@int ELSE target END WHERE home = ?1@int AND id = ?2@int AND state = 'open'",
                                    "iiti", (int64_t)d->h->home, d->id, buf_text(&text), d->moved);
        if (rc == 0 && changed == 1 && (d->moved != 0 || d->target != 0))
                rc = instance_incident(tx, d->h, d->moved != 0 ? d->moved : d->target, "", d->fault, err);
        buf_dispose(&text);
        return rc;
}

int message_deliver(struct house *h, int64_t id, int64_t *instance, struct error *err)
{
        struct delivery d = {.h = h, .id = id};
        struct error fault = {0};
        int rc = store_write(h->store, deliver_apply, &d, &fault);

        *instance = rc == 0 ? d.moved : 0;
        if (tried_later(rc, &fault)) {
                error_hand(err, &fault);
        } else if (rc < 0) {
                d.fault = &fault;
                log_error(h->log, "case.message.incident", &fault);
                rc = store_write(h->store, failed_apply, &d, err);
        }
        json_decref(d.body);
        return rc;
}

struct batch {
        struct house *h;
        int64_t instance, after, ids[BATCH];
        int count;
};

static int batch_read(struct tx *tx, void *ctx, struct error *err)
{
        struct batch *b = ctx;
        struct stmt *q = NULL;
        int rc =
            b->instance == 0
                ? tx_query(&q, tx, err,
                           "SELECT id FROM message WHERE home = ?1@int AND state = 'open' AND id > ?2@int ORDER BY id LIMIT 16",
                           "ii", (int64_t)b->h->home, b->after)
                : tx_query(
                      &q, tx, err,
                      "SELECT id FROM message WHERE home = ?1@int AND state = 'open' AND id > ?2@int AND (source = ?3@int OR "
                      "target = ?3@int OR EXISTS (SELECT 1 FROM subscription s WHERE s.home = message.home AND s.instance = "
                      "?3@int AND s.name = message.name AND s.message_key = message.message_key)) ORDER BY id LIMIT 16",
                      "iii", (int64_t)b->h->home, b->after, b->instance);

        b->count = 0;
        while ((rc = row_next(rc, q, err)) == 1) {
                assert(b->count < BATCH);
                b->ids[b->count++] = stmt_int(q, 0);
        }
        return rc;
}

/* A message that found nobody while somebody began to wait for it in a transaction that had not ended: looked for again. */
static int wake_apply(struct tx *tx, void *ctx, struct error *err)
{
        struct batch *b = ctx;

        return tx_exec(
            tx, err,
            "UPDATE message SET state = 'open' WHERE home = ?1@int AND state = 'waiting' AND id IN (SELECT m.id FROM message "
            "m JOIN subscription s ON s.home = m.home AND s.kind = m.kind AND s.name = m.name AND s.message_key = "
            "m.message_key WHERE m.home = ?1@int AND m.state = 'waiting')",
            "i", (int64_t)b->h->home);
}

static int missed_read(struct tx *tx, void *ctx, struct error *err)
{
        struct batch *b = ctx;
        struct stmt *q;
        int rc =
            tx_one(&q, tx, err,
                   "SELECT 1 FROM message m JOIN subscription s ON s.home = m.home AND s.kind = m.kind AND s.name = m.name AND "
                   "s.message_key = m.message_key WHERE m.home = ?1@int AND m.state = 'waiting' AND m.office = 0 LIMIT 1",
                   "i", (int64_t)b->h->home);

        b->count = rc == 1;
        return rc < 0 ? rc : 0;
}

int messages_deliver(struct house *h, int64_t instance, int *done, struct touched *touched, struct error *err)
{
        struct batch b = {.h = h, .instance = instance};
        int rc = instance == 0 ? store_read(h->store, missed_read, &b, err) : 0;

        if (rc == 0 && b.count > 0)
                rc = store_write(h->store, wake_apply, &b, err);
        do {
                if (rc == 0)
                        rc = store_read(h->store, batch_read, &b, err);
                for (int k = 0; rc == 0 && k < b.count; k++) {
                        int64_t moved = 0;
                        rc = message_deliver(h, b.ids[k], &moved, err);
                        if (moved != 0 && touched != NULL && touched->count < TOUCHED_MAX)
                                touched->ids[touched->count++] = moved;
                        b.after = b.ids[k];
                        (*done)++;
                }
        } while (rc == 0 && b.count == BATCH);
        return rc;
}

/* --- from outside ------------------------------------------------------------------------------------------------------------- */

struct posting {
        const char *name, *key, *id;
        const json_t *body;
        int64_t pool, message;
        bool fresh;
};

/* The same message of the same sender is one: it is told what became of the first. */
static int post_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct posting *p = ctx;
        char once[400];
        struct stmt *q;
        struct sending m = {.kind = "message",
                            .name = p->name,
                            .key = p->key,
                            .body = p->body,
                            .office = c->who.staff == 0 ? 0 : c->who.office,
                            .pool = p->pool,
                            .once = text_format(once, sizeof once, "ext|%.60s|%.120s|%.120s", p->name, p->key, p->id)};
        int rc = message_insert(tx, c->house, &m, &p->fresh, &p->message, err);

        if (rc == 0 && !p->fresh) {
                rc = tx_one(&q, tx, err, "SELECT id FROM message WHERE home = ?1@int AND once = ?2@text", "it",
                            (int64_t)c->house->home, once);
                p->message = rc == 1 ? stmt_int(q, 0) : 0;
        }
        if (rc < 0)
                return rc;
        change->subject_kind = "message";
        change->subject = p->message;
        change->audit = json_pack("{s:s}", "name", p->name);
        *out = json_pack("{s:I,s:b}", "message", (json_int_t)p->message, "repeated", !p->fresh);
        return *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

struct telling {
        struct house *h;
        int64_t message;
        json_t *out;
};

static int became_read(struct tx *tx, void *ctx, struct error *err)
{
        struct telling *t = ctx;
        struct stmt *q;
        int rc = tx_one(&q, tx, err, "SELECT state, target FROM message WHERE home = ?1@int AND id = ?2@int", "ii",
                        (int64_t)t->h->home, t->message);

        if (rc == 1) {
                put_str(t->out, "state", stmt_text(q, 0));
                put_value(t->out, "case", stmt_int(q, 1) == 0 ? json_null() : json_integer(stmt_int(q, 1)));
        }
        return rc < 0 ? rc : 0;
}

int cases_message(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct posting p = {.name = json_text(in, "name"),
                            .key = json_text(in, "key"),
                            .id = json_text_or(in, "id", c->key),
                            .pool = json_int_or(in, "pool", 0),
                            .body = json_object_get(in, "body")};
        struct error later = {0};
        int64_t moved = 0;
        int rc = verb_change(c, registry_find(c->house->verbs, "cases.message"), in, post_apply, &p, out, err);
        if (rc < 0)
                return rc;
        struct telling t = {c->house, json_integer_value(json_object_get(*out, "message")), *out};
        if (message_deliver(c->house, t.message, &moved, &later) < 0 ||
            (moved != 0 && case_work_instance(c->house, moved, &later) < 0))
                log_error(c->house->log, "case.message.later", &later); /* any worker goes on */
        return store_read(c->house->store, became_read, &t, err);
}
