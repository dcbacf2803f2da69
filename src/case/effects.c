/* SPDX-License-Identifier: Apache-2.0
 *
 * What a step asks of the world, as rows in the transaction of the step: tasks, effects, timers, what is waited for and what is sent.
 * A day that cannot be counted, because the holiday table ends before it, loses nothing: the row is written as held and the case stops
 * as an incident, until the table is there. Where the tokens stand is in the state of the engine alone.
 */
#include "case/authority.h"
#include "case/instance.h"

#include "case/pack_store.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* --- tokens ------------------------------------------------------------------------------------------------------------------- */

static const json_t *token_of(const json_t *state, int64_t id)
{
        json_t *one;
        size_t k;

        for (k = 0; (one = json_array_get(json_object_get(state, "tokens"), k)) != NULL; k++) {
                if (json_integer_value(json_object_get(one, "id")) == id)
                        return one;
        }
        return NULL;
}

static bool same(const json_t *a, const json_t *b, const char *name)
{
        return json_equal(json_object_get(a, name), json_object_get(b, name));
}

/* What a token that went on listened for it does not listen for any more. */
int tokens_quiet(const struct stepping *s, const json_t *before, const json_t *after, struct error *err)
{
        json_t *token;
        size_t k;
        int rc = 0;

        for (k = 0; (token = json_array_get(json_object_get(before, "tokens"), k)) != NULL; k++) {
                int64_t id = json_integer_value(json_object_get(token, "id"));
                const json_t *now = token_of(after, id);
                if (rc == 0 && strcmp(json_text(token, "wait"), "event") == 0 && (now == NULL || !same(token, now, "sequence")))
                        rc = tx_exec(s->tx, err,
                                     "DELETE FROM subscription WHERE home = ?1@int AND instance = ?2@int AND token = ?3@int",
                                     "iii", (int64_t)s->i->home, s->i->id, id);
        }
        return rc;
}

/* --- days --------------------------------------------------------------------------------------------------------------------- */

/* By the calendar of the case's own pack; by that of the pack in force where the own one ends too early: the days of a year are
 * announced late in the year before. */
static int days_add(struct tx *tx, struct house *h, const struct instance *i, day_t from, int days, bool calendar, day_t *out,
                    struct error *err)
{
        struct error first = {0};
        struct pack *now = NULL;
        int rc = calendar ? calendar_add_calendar(pack_calendar(i->pack), from, days, out, &first)
                          : calendar_add_working(pack_calendar(i->pack), from, days, out, &first);

        if (rc < 0 && first.code == SB_CALENDAR_END &&
            pack_store_for_in(h->packs, tx, i->pool, clock_today(h->clock), clock_now(h->clock), &now, NULL) == 0) {
                first = (struct error){0};
                rc = calendar ? calendar_add_calendar(pack_calendar(now), from, days, out, &first)
                              : calendar_add_working(pack_calendar(now), from, days, out, &first);
        }
        return rc < 0 ? error_hand(err, &first) : 0;
}

/* True when the fault is only that a day cannot be counted yet. */
static bool held(struct stepping *s, const char *node, const struct error *fault)
{
        if (fault->code != SB_CALENDAR_END)
                return false;
        s->held = *fault;
        text_copy(s->held_node, sizeof s->held_node, str_from(node));
        return true;
}

static int task_due(struct tx *tx, struct house *h, const struct instance *i, const struct bpmn_node *n, day_t from, day_t *due,
                    struct error *err)
{
        day_t own;
        int rc = n->limit_days == 0 ? 0 : days_add(tx, h, i, from, n->limit_days, n->limit_calendar, &own, err);

        *due = i->due_day;
        if (rc == 0 && n->limit_days > 0 && own < *due)
                *due = own;
        return rc;
}

/* Working days are over when the last of them is: a timer of five wakes in the first hour after the fifth. */
static int timer_due(struct tx *tx, struct house *h, const struct instance *i, day_t from, int working_days, instant_t *at,
                     struct error *err)
{
        day_t last;
        int rc = days_add(tx, h, i, from, working_days, false, &last, err);

        if (rc == 0)
                *at = day_instant(last + 1);
        return rc;
}

/* --- rows --------------------------------------------------------------------------------------------------------------------- */

static void task_told(struct followup *f, int64_t id)
{
        if (f != NULL && f->task_count < (int)(sizeof f->tasks / sizeof f->tasks[0]))
                f->tasks[f->task_count++] = id;
}

static int task_insert(struct stepping *s, const struct bpmn_effect *e, struct error *err)
{
        struct error fault = {0};
        day_t due = s->i->due_day;
        int64_t id, office = s->i->office;
        int rc = ids_next(s->h->ids, &id, err);
        const char *state = "open";

        if (rc == 0 && task_due(s->tx, s->h, s->i, e->node, instant_day(s->now), &due, &fault) < 0) {
                if (!held(s, e->node->id, &fault))
                        return error_hand(err, &fault);
                state = "held";
        }
        if (rc == 0)
                rc = routing_office(s->tx, s->i, s->i->office, e->node->role, &office, err);
        if (rc == 0)
                task_told(s->mover->follow, id);
        return rc < 0 ? rc
                      : tx_exec(s->tx, err,
                                "INSERT INTO task (home, id, instance, token, process, node, role, office, assignee, state, "
                                "created_at, due_day, "
                                "done_by, done_at, outcome, version) VALUES (?1@int, ?2@int, ?3@int, ?4@int, ?5@text, ?6@text, "
                                "?7@text, ?8@int, "
                                "0, ?11@text, ?9@int, ?10@int, 0, 0, NULL, 1)",
                                "iiiitttiiit", (int64_t)s->i->home, id, s->i->id, e->token, s->i->process, e->node->id,
                                e->node->role, office, s->now, (int64_t)due, state);
}

void followup_clear(struct followup *f)
{
        if (f == NULL)
                return;
        for (int k = 0; k < f->count; k++)
                json_decref(f->effects[k].payload);
        f->count = f->told = f->task_count = 0;
        f->tried = false;
}

/* The case sent something, or something waits for it: who does the rest looks. */
void follow_tell(struct followup *f, int64_t instance)
{
        if (f != NULL && f->told < (int)(sizeof f->telling / sizeof f->telling[0]) &&
            (f->told == 0 || f->telling[f->told - 1] != instance))
                f->telling[f->told++] = instance;
}

static void follow_put(struct followup *f, int64_t instance, int64_t id, const struct bpmn_effect *e, const char *verb,
                       json_t *payload)
{
        if (f == NULL || f->count == (int)(sizeof f->effects / sizeof f->effects[0]))
                return;
        struct effect *one = &f->effects[f->count++];
        *one = (struct effect){.id = id,
                               .instance = instance,
                               .token = e->token,
                               .sequence = e->sequence,
                               .state = "open",
                               .payload = json_incref(payload)};
        text_copy(one->verb, sizeof one->verb, str_from(verb));
}

static int effect_insert(const struct stepping *s, const struct bpmn_effect *e, const char *verb, struct error *err)
{
        json_t *payload = json_pack("{s:s,s:I,s:I,s:O}", "node", e->node->id, "staff", (json_int_t)s->mover->staff, "office",
                                    (json_int_t)s->mover->office, "input", e->payload);
        struct buf text;
        int64_t id;

        if (e->kind == BPMN_DO_CALL)
                json_object_set_new(payload, "process", json_string(e->name));
        buf_init(&text, JSON_MAX_BYTES);
        int rc = payload == NULL ? error_raise(err, SB_MEMORY, "%s", "") : json_canonical(&text, payload, err);
        if (rc == 0)
                rc = ids_next(s->h->ids, &id, err);
        if (rc == 0)
                rc = tx_exec(s->tx, err,
                             "INSERT INTO effect (home, id, instance, token, sequence, verb, payload, state, lease_owner, "
                             "lease_until, attempts, "
                             "result, error, created_at) VALUES (?1@int, ?2@int, ?3@int, ?4@int, ?5@int, ?6@text, ?7@text, "
                             "'open', NULL, 0, 0, "
                             "NULL, NULL, ?8@int)",
                             "iiiiitti", (int64_t)s->i->home, id, s->i->id, e->token, e->sequence, verb, buf_text(&text),
                             s->now);
        if (rc == 0)
                follow_put(s->mover->follow, s->i->id, id, e, verb, payload);
        buf_dispose(&text);
        json_decref(payload);
        return rc;
}

static int timer_insert(struct stepping *s, const struct bpmn_effect *e, struct error *err)
{
        struct error fault = {0};
        instant_t at = e->at;
        int64_t id;
        int rc = ids_next(s->h->ids, &id, err);
        const char *state = "armed";

        if (rc == 0 && e->working_days > 0 &&
            timer_due(s->tx, s->h, s->i, instant_day(s->now), e->working_days, &at, &fault) < 0) {
                if (!held(s, e->node->id, &fault))
                        return error_hand(err, &fault);
                state = "held";
                at = s->now; /* from when its days are counted */
        }
        return rc < 0
                   ? rc
                   : tx_exec(s->tx, err,
                             "INSERT INTO timer (home, id, instance, token, due_at, state, lease_owner, lease_until, sequence, "
                             "working_days) VALUES (?1@int, ?2@int, ?3@int, ?4@int, ?5@int, ?6@text, NULL, 0, ?7@int, ?8@int)",
                             "iiiiitii", (int64_t)s->i->home, id, s->i->id, e->token, at, state, e->sequence,
                             (int64_t)e->working_days);
}

/* The cases that a call began are not wanted any more either. */
static int children_end(struct tx *tx, struct house *h, int64_t parent, int64_t token, struct error *err)
{
        int64_t ids[64];
        int count;
        int rc = 0;

        do {
                struct stmt *q = NULL;
                count = 0;
                rc = tx_query(&q, tx, err,
                              "SELECT id FROM process_instance WHERE home = ?1@int AND parent = ?2@int AND parent <> 0 AND "
                              "(?3@int = 0 OR parent_token = ?3@int) AND state IN ('active', 'incident') ORDER BY id LIMIT 64",
                              "iii", (int64_t)h->home, parent, token);
                while ((rc = row_next(rc, q, err)) == 1) {
                        assert(count < 64);
                        ids[count++] = stmt_int(q, 0);
                }
                for (int k = 0; rc == 0 && k < count; k++)
                        rc = instance_end(tx, h, ids[k], "cancelled", err);
        } while (rc == 0 && count == 64);
        return rc;
}

static int cancel(const struct stepping *s, const struct bpmn_effect *e, struct error *err)
{
        int64_t home = s->i->home, id = s->i->id;
        int rc = 0;

        if (e->node->kind == BPMN_USER_TASK)
                return tx_exec(s->tx, err,
                               "UPDATE task SET state = 'cancelled', version = version + 1 WHERE home = ?1@int AND instance = "
                               "?2@int AND token = ?3@int AND state IN ('open', 'held')",
                               "iii", home, id, e->token);
        if (e->node->kind <= BPMN_BOUNDARY || e->node->kind == BPMN_RECEIVE_TASK)
                return tx_exec(s->tx, err,
                               "UPDATE timer SET state = 'cancelled' WHERE home = ?1@int AND instance = ?2@int AND token = "
                               "?3@int AND state IN ('armed', 'failed', 'held')",
                               "iii", home, id, e->token);
        rc = tx_exec(
            s->tx, err,
            "UPDATE effect SET state = 'cancelled' WHERE home = ?1@int AND instance = ?2@int AND token = ?3@int AND state "
            "IN ('open', 'failed')",
            "iii", home, id, e->token);
        return rc == 0 && e->node->kind == BPMN_CALL ? children_end(s->tx, s->h, id, e->token, err) : rc;
}

static int listen_insert(const struct stepping *s, const struct bpmn_effect *e, struct error *err)
{
        const char *kind = e->trigger == BPMN_SIGNAL ? "signal" : "message";
        int64_t home = s->i->home;
        int rc =
            tx_exec(s->tx, err,
                    "INSERT INTO subscription (home, instance, token, sequence, kind, name, message_key) VALUES (?1@int, "
                    "?2@int, ?3@int, ?4@int, ?5@text, ?6@text, ?7@text) ON CONFLICT (home, instance, token, kind, name) DO "
                    "UPDATE SET sequence = excluded.sequence, message_key = excluded.message_key",
                    "iiiittt", home, s->i->id, e->token, e->sequence, kind, e->name, e->key);

        follow_tell(s->mover->follow, s->i->id);
        /* What came before somebody waited for it is delivered now. */
        if (rc == 0 && e->trigger == BPMN_MESSAGE)
                rc = tx_exec(
                    s->tx, err,
                    "UPDATE message SET state = 'open' WHERE home = ?1@int AND name = ?2@text AND message_key = ?3@text AND "
                    "state = 'waiting'",
                    "itt", home, e->name, e->key);
        return rc;
}

static int throw_insert(struct stepping *s, const struct bpmn_effect *e, struct error *err)
{
        bool signal = e->kind == BPMN_DO_SIGNAL, fresh;
        struct thrown *more = realloc(s->thrown, (s->thrown_count + 1) * sizeof *more);
        char once[100];
        int64_t id;

        if (more == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        s->thrown = more;
        s->thrown[s->thrown_count++] = (struct thrown){e->token, e->sequence, e->name, signal, json_incref(e->payload)};
        struct sending m = {.kind = signal ? "signal" : "message",
                            .name = e->name,
                            .key = e->key,
                            .body = e->payload,
                            .source = s->i->id,
                            .pool = s->i->pool,
                            .once = text_format(once, sizeof once, "case-%lld-%lld-%lld", (long long)s->i->id,
                                                (long long)e->token, (long long)e->sequence)};
        follow_tell(s->mover->follow, s->i->id);
        return signal ? signal_insert(s->tx, s->h, &m, err) : message_insert(s->tx, s->h, &m, &fresh, &id, err);
}

int effects_write(struct stepping *s, const struct bpmn_step *step, struct error *err)
{
        int rc = 0;

        for (size_t k = 0; rc == 0 && k < step->count; k++) {
                const struct bpmn_effect *e = &step->effects[k];
                switch (e->kind) {
                case BPMN_DO_TASK:
                        rc = task_insert(s, e, err);
                        break;
                case BPMN_DO_SERVICE:
                        rc = effect_insert(s, e, e->node->verb, err);
                        break;
                case BPMN_DO_RULE:
                        rc = effect_insert(s, e, EFFECT_DECISION, err);
                        break;
                case BPMN_DO_CALL:
                        rc = effect_insert(s, e, EFFECT_CALL, err);
                        break;
                case BPMN_DO_TIMER:
                        rc = timer_insert(s, e, err);
                        break;
                case BPMN_DO_CANCEL:
                        rc = cancel(s, e, err);
                        break;
                case BPMN_DO_LISTEN:
                        rc = listen_insert(s, e, err);
                        break;
                case BPMN_DO_MESSAGE:
                case BPMN_DO_SIGNAL:
                        rc = throw_insert(s, e, err);
                        break;
                case BPMN_DO_SCRIPT: /* the check of an office's model lets none through that is not FEEL */
                        return error_raise(err, SB_BPMN_UNSUPPORTED, "%s", bpmn_kind_name(e->node->kind));
                case BPMN_DO_END:
                        s->ended = true;
                        break;
                }
        }
        return rc;
}

/* --- what was held -------------------------------------------------------------------------------------------------------------- */

struct waiting {
        int64_t id, days;
        char node[64];
        instant_t at;
};

static int held_read(struct tx *tx, const struct instance *i, const char *sql, struct waiting **out, size_t *count,
                     struct error *err)
{
        struct stmt *q = NULL;
        int rc = tx_query(&q, tx, err, sql, "ii", (int64_t)i->home, i->id);

        *out = NULL;
        *count = 0;
        while ((rc = row_next(rc, q, err)) == 1) {
                struct waiting *more = realloc(*out, (*count + 1) * sizeof *more);
                if (more == NULL)
                        return error_raise(err, SB_MEMORY, "%s", "");
                *out = more;
                struct waiting *w = &more[(*count)++];
                *w = (struct waiting){.id = stmt_int(q, 0), .days = stmt_int(q, 1), .at = stmt_int(q, 3)};
                text_copy(w->node, sizeof w->node, stmt_text(q, 2));
        }
        return rc;
}

static int tasks_release(struct tx *tx, struct house *h, struct instance *i, struct error *err)
{
        struct waiting *all;
        size_t count;
        int rc =
            held_read(tx, i,
                      "SELECT id, 0, node, created_at FROM task WHERE home = ?1@int AND instance = ?2@int AND state = 'held' "
                      "ORDER BY id",
                      &all, &count, err);

        for (size_t k = 0; rc == 0 && k < count; k++) {
                const struct bpmn_node *n = bpmn_node_find(i->model, all[k].node);
                day_t due = i->due_day;
                if (n != NULL)
                        rc = task_due(tx, h, i, n, instant_day(all[k].at), &due, err);
                if (rc == 0)
                        rc = tx_exec(
                            tx, err,
                            "UPDATE task SET state = 'open', due_day = ?3@int, version = version + 1 WHERE home = ?1@int "
                            "AND id = ?2@int",
                            "iii", (int64_t)i->home, all[k].id, (int64_t)due);
        }
        free(all);
        return rc;
}

int held_release(struct tx *tx, struct house *h, struct instance *i, struct error *err)
{
        struct waiting *all = NULL;
        size_t count = 0;
        int rc = tasks_release(tx, h, i, err);

        if (rc == 0)
                rc = held_read(
                    tx, i,
                    "SELECT id, working_days, '', due_at FROM timer WHERE home = ?1@int AND instance = ?2@int AND state = "
                    "'held' ORDER BY id",
                    &all, &count, err);
        for (size_t k = 0; rc == 0 && k < count; k++) {
                instant_t at = 0;
                rc = timer_due(tx, h, i, instant_day(all[k].at), (int)all[k].days, &at, err);
                if (rc == 0)
                        rc = tx_exec(tx, err,
                                     "UPDATE timer SET state = 'armed', due_at = ?3@int WHERE home = ?1@int AND id = ?2@int",
                                     "iii", (int64_t)i->home, all[k].id, at);
        }
        free(all);
        return rc;
}

/* --- the end ------------------------------------------------------------------------------------------------------------------- */

int instance_end(struct tx *tx, struct house *h, int64_t id, const char *state, struct error *err)
{
        int64_t home = h->home;
        int rc =
            tx_exec(tx, err,
                    "UPDATE process_instance SET state = ?4@text, incident = NULL, ended_at = ?3@int, version = version + 1 "
                    "WHERE home = ?1@int AND id = ?2@int",
                    "iiit", home, id, clock_now(h->clock), state);

        if (rc == 0)
                rc = tx_exec(tx, err,
                             "UPDATE task SET state = 'cancelled', version = version + 1 WHERE home = ?1@int AND instance = "
                             "?2@int AND state IN ('open', 'held')",
                             "ii", home, id);
        if (rc == 0)
                rc = tx_exec(tx, err,
                             "UPDATE effect SET state = 'cancelled' WHERE home = ?1@int AND instance = ?2@int AND state IN "
                             "('open', 'failed')",
                             "ii", home, id);
        if (rc == 0)
                rc = tx_exec(tx, err,
                             "UPDATE timer SET state = 'cancelled' WHERE home = ?1@int AND instance = ?2@int AND state IN "
                             "('armed', 'failed', 'held')",
                             "ii", home, id);
        if (rc == 0)
                rc = tx_exec(tx, err, "DELETE FROM subscription WHERE home = ?1@int AND instance = ?2@int", "ii", home, id);
        return rc == 0 ? children_end(tx, h, id, 0, err) : rc;
}
