/* SPDX-License-Identifier: Apache-2.0 */
#include "case/instance.h"

#include "base/identity.h"

#include "case/clock.h"
#include "case/pack_store.h"

#include <assert.h>
#include <string.h>

static struct str hash_str(const struct hash *h)
{
        return (struct str){(const char *)h->b, HASH_BYTES};
}

uint32_t role_bit(const char *role)
{
        static const struct {
                const char *name;
                uint32_t bit;
        } roles[] = {{"clerk", ROLE_CLERK},     {"reviewer", ROLE_REVIEWER}, {"approver", ROLE_APPROVER},
                     {"finance", ROLE_FINANCE}, {"auditor", ROLE_AUDITOR},   {"admin", ROLE_ADMIN}};

        for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++)
                if (strcmp(roles[i].name, role) == 0)
                        return roles[i].bit;
        return 0;
}

int office_allowed(struct tx *tx, const struct call *c, int64_t office, const char *number, struct error *err)
{
        bool within = c->who.staff == 0 && c->instance == 0;
        int rc = within ? 0 : office_within(tx, office, c->who.office, &within, err);

        if (rc == 0 && !within)
                rc = error_raise(err, SB_CASE_OFFICE, "%s", number);
        return rc;
}

/* --- reading ------------------------------------------------------------------------------------------------------------------ */

static int row_take(struct stmt *q, struct instance *i, struct error *err)
{
        json_t *variables = NULL;

        text_copy(i->number, sizeof i->number, stmt_text(q, 0));
        text_copy(i->process, sizeof i->process, stmt_text(q, 1));
        text_copy(i->state, sizeof i->state, stmt_text(q, 2));
        text_copy(i->subject_kind, sizeof i->subject_kind, stmt_text(q, 3));
        i->subject = stmt_int(q, 4);
        i->office = stmt_int(q, 5);
        i->pool = stmt_int(q, 6);
        i->started_by = stmt_int(q, 7);
        i->started_at = stmt_int(q, 8);
        i->due_day = (day_t)stmt_int(q, 9);
        if (stmt_blob(q, 10).n == HASH_BYTES)
                memcpy(i->pack_hash.b, stmt_blob(q, 10).p, HASH_BYTES);
        i->application = stmt_int(q, 13);
        i->paused_at = stmt_int(q, 14);
        int rc = json_read(&i->state_json, stmt_text(q, 11), err);
        if (rc == 0)
                rc = json_read(&variables, stmt_text(q, 12), err);
        if (rc == 0 && json_object_set_new(i->state_json, "variables", variables) != 0)
                rc = error_raise(err, SB_BPMN_STATE, "%s", i->number);
        return rc;
}

static int read_by(struct tx *tx, struct house *h, int64_t id, const char *sql, struct instance *out, struct error *err)
{
        struct stmt *q;

        *out = (struct instance){.home = h->home, .id = id};
        int rc = tx_one(&q, tx, err, sql, "ii", (int64_t)h->home, id);
        if (rc == 0)
                return error_raise(err, SB_CASE_UNKNOWN, "%lld", (long long)id);
        if (rc == 1)
                rc = row_take(q, out, err);
        /* A case finishes on the model that it started with. */
        if (rc == 0)
                rc = pack_store_get(h->packs, &out->pack_hash, &out->pack, err);
        return rc == 0 ? pack_process(out->pack, out->process, &out->model, err) : rc;
}

#define ROW                                                                                                                    \
        "SELECT number, process, state, subject_kind, subject, office, pool, started_by, started_at, due_day, pack_hash, "     \
        "engine, variables, application, paused_at FROM process_instance WHERE home = ?1@int AND id = ?2@int"

int instance_read(struct tx *tx, struct house *h, int64_t id, struct instance *out, struct error *err)
{
        return read_by(tx, h, id, ROW, out, err);
}

int instance_lock(struct tx *tx, struct house *h, int64_t id, struct instance *out, struct error *err)
{
        return read_by(tx, h, id, ROW " @lock", out, err);
}

void instance_dispose(struct instance *i)
{
        json_decref(i->state_json);
        i->state_json = NULL;
}

int64_t instance_sequence(const struct instance *i, int64_t token)
{
        json_t *one;
        size_t k;

        json_array_foreach(json_object_get(i->state_json, "tokens"), k, one)
        {
                if (json_integer_value(json_object_get(one, "id")) == token)
                        return json_integer_value(json_object_get(one, "sequence"));
        }
        return 0;
}

/* --- writing what a step asks for ------------------------------------------------------------------------------------------------ */

struct stepping {
        struct tx *tx;
        struct house *h;
        struct instance *i;
        const struct mover *mover;
        instant_t now;
};

static json_t *token_of(const json_t *state, json_int_t id)
{
        json_t *one;
        size_t k;

        json_array_foreach(json_object_get(state, "tokens"), k, one)
        {
                if (json_integer_value(json_object_get(one, "id")) == id)
                        return one;
        }
        return NULL;
}

static int token_write(const struct stepping *s, const char *sql, const json_t *token, struct error *err)
{
        return tx_exec(s->tx, err, sql, "iiitt", (int64_t)s->i->home, s->i->id,
                       (int64_t)json_integer_value(json_object_get(token, "id")),
                       json_string_value(json_object_get(token, "node")), json_string_value(json_object_get(token, "wait")));
}

/* The rows of the tokens that the step moved. */
static int tokens_write(const struct stepping *s, const json_t *state, struct error *err)
{
        json_t *token;
        size_t k;
        int rc = 0;

        json_array_foreach(json_object_get(s->i->state_json, "tokens"), k, token)
        {
                json_int_t id = json_integer_value(json_object_get(token, "id"));
                if (rc == 0 && token_of(state, id) == NULL)
                        rc = tx_exec(s->tx, err,
                                     "DELETE FROM token WHERE home = ?1@int AND instance = ?2@int AND token = ?3@int", "iii",
                                     (int64_t)s->i->home, s->i->id, (int64_t)id);
        }
        json_array_foreach(json_object_get(state, "tokens"), k, token)
        {
                const json_t *before = token_of(s->i->state_json, json_integer_value(json_object_get(token, "id")));
                if (rc == 0 && before == NULL)
                        rc = token_write(s,
                                         "INSERT INTO token (home, instance, token, node, state) VALUES (?1@int, ?2@int, "
                                         "?3@int, ?4@text, ?5@text)",
                                         token, err);
                else if (rc == 0 && (!json_equal(json_object_get(before, "node"), json_object_get(token, "node")) ||
                                     !json_equal(json_object_get(before, "wait"), json_object_get(token, "wait"))))
                        rc = token_write(s,
                                         "UPDATE token SET node = ?4@text, state = ?5@text WHERE home = ?1@int AND instance = "
                                         "?2@int AND token = ?3@int",
                                         token, err);
        }
        return rc;
}

static int task_insert(const struct stepping *s, const struct bpmn_effect *e, struct error *err)
{
        day_t due = s->i->due_day;
        int64_t id;
        int rc = ids_next(s->h->ids, &id, err);

        if (rc == 0 && e->node->limit_days > 0) {
                day_t own;
                rc = e->node->limit_calendar
                         ? calendar_add_calendar(pack_calendar(s->i->pack), instant_day(s->now), e->node->limit_days, &own, err)
                         : calendar_add_working(pack_calendar(s->i->pack), instant_day(s->now), e->node->limit_days, &own, err);
                if (rc == 0 && own < due)
                        due = own;
        }
        return rc < 0 ? rc
                      : tx_exec(s->tx, err,
                                "INSERT INTO task (home, id, instance, token, process, node, role, office, assignee, state, "
                                "created_at, due_day, "
                                "done_by, done_at, outcome, version) VALUES (?1@int, ?2@int, ?3@int, ?4@int, ?5@text, ?6@text, "
                                "?7@text, ?8@int, "
                                "0, 'open', ?9@int, ?10@int, 0, 0, NULL, 1)",
                                "iiiitttiii", (int64_t)s->i->home, id, s->i->id, e->token, s->i->process, e->node->id,
                                e->node->role, s->i->office, s->now, (int64_t)due);
}

void followup_clear(struct followup *f)
{
        for (int k = 0; f != NULL && k < f->count; k++)
                json_decref(f->effects[k].payload);
        if (f != NULL)
                f->count = 0;
}

static void follow_put(struct followup *f, int64_t instance, int64_t id, const struct bpmn_effect *e, json_t *payload)
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
        text_copy(one->verb, sizeof one->verb, str_from(e->node->verb));
}

static int effect_insert(const struct stepping *s, const struct bpmn_effect *e, struct error *err)
{
        json_t *payload = json_pack("{s:s,s:I,s:I,s:O}", "node", e->node->id, "staff", (json_int_t)s->mover->staff, "office",
                                    (json_int_t)s->mover->office, "input", e->payload);
        struct buf text;
        int64_t id;

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
                             "iiiiitti", (int64_t)s->i->home, id, s->i->id, e->token, e->sequence, e->node->verb,
                             buf_text(&text), s->now);
        if (rc == 0)
                follow_put(s->mover->follow, s->i->id, id, e, payload);
        buf_dispose(&text);
        json_decref(payload);
        return rc;
}

static int timer_insert(const struct stepping *s, const struct bpmn_effect *e, struct error *err)
{
        int64_t id;
        int rc = ids_next(s->h->ids, &id, err);

        /* The state carries the sequence: a timer has no column for it, and fires only for the step that set it. */
        return rc < 0 ? rc
                      : tx_exec(s->tx, err,
                                "INSERT INTO timer (home, id, instance, token, due_at, state, lease_owner, lease_until) VALUES "
                                "(?1@int, ?2@int, "
                                "?3@int, ?4@int, ?5@int, 'armed', NULL, 0)",
                                "iiiii", (int64_t)s->i->home, id, s->i->id, e->token, e->at);
}

static int cancel(const struct stepping *s, const struct bpmn_effect *e, struct error *err)
{
        int64_t home = s->i->home, id = s->i->id;
        int rc = tx_exec(
            s->tx, err,
            "UPDATE task SET state = 'cancelled', version = version + 1 WHERE home = ?1@int AND instance = ?2@int AND token = "
            "?3@int AND state = 'open'",
            "iii", home, id, e->token);

        if (rc == 0)
                rc = tx_exec(s->tx, err,
                             "UPDATE effect SET state = 'cancelled' WHERE home = ?1@int AND instance = ?2@int AND token = "
                             "?3@int AND state IN "
                             "('open', 'failed')",
                             "iii", home, id, e->token);
        if (rc == 0)
                rc = tx_exec(s->tx, err,
                             "UPDATE timer SET state = 'cancelled' WHERE home = ?1@int AND instance = ?2@int AND token = "
                             "?3@int AND state IN "
                             "('armed', 'failed')",
                             "iii", home, id, e->token);
        return rc;
}

static int effects_write(const struct stepping *s, const struct bpmn_step *step, bool *ended, struct error *err)
{
        int rc = 0;

        for (size_t k = 0; rc == 0 && k < step->count; k++) {
                const struct bpmn_effect *e = &step->effects[k];
                switch (e->kind) {
                case BPMN_DO_TASK:
                        rc = task_insert(s, e, err);
                        break;
                case BPMN_DO_SERVICE:
                        rc = effect_insert(s, e, err);
                        break;
                case BPMN_DO_TIMER:
                        rc = timer_insert(s, e, err);
                        break;
                case BPMN_DO_CANCEL:
                        rc = cancel(s, e, err);
                        break;
                case BPMN_DO_SCRIPT: /* the check of a pack's model lets none of these through */
                case BPMN_DO_RULE:
                case BPMN_DO_MESSAGE:
                case BPMN_DO_SIGNAL:
                case BPMN_DO_CALL:
                case BPMN_DO_LISTEN:
                        return error_raise(err, SB_BPMN_UNSUPPORTED, "%s", bpmn_kind_name(e->node->kind));
                case BPMN_DO_END:
                        *ended = true;
                        break;
                }
        }
        return rc;
}

static int row_insert(const struct stepping *s, const char *variables, const char *engine, bool ended, struct error *err)
{
        const struct instance *i = s->i;

        return tx_exec(
            s->tx, err,
            "INSERT INTO process_instance (home, id, number, process, pack_hash, model_hash, state, subject_kind, "
            "subject, office, pool, variables, engine, started_by, started_at, due_day, ended_at, incident, version) "
            "VALUES (?1@int, ?2@int, ?3@text, ?4@text, ?5@blob, ?6@blob, ?7@text, ?8@text, ?9@int, ?10@int, ?11@int, "
            "?12@text, ?13@text, ?14@int, ?15@int, ?16@int, ?17@int, NULL, 1)",
            "iittbbttiiittiiii", (int64_t)i->home, i->id, i->number, i->process, hash_str(&i->pack_hash),
            hash_str(&i->model_hash), ended ? "done" : i->state, i->subject_kind, i->subject, i->office, i->pool, variables,
            engine, i->started_by, i->started_at, (int64_t)i->due_day, ended ? s->now : (instant_t)0);
}

static int row_update(const struct stepping *s, const char *variables, const char *engine, bool ended, struct error *err)
{
        return tx_exec(
            s->tx, err,
            "UPDATE process_instance SET engine = ?3@text, variables = ?4@text, state = ?5@text, ended_at = ?6@int, "
            "version = version + 1, incident = CASE WHEN ?5@text = 'incident' THEN incident ELSE NULL END WHERE home "
            "= ?1@int AND id = ?2@int",
            "iittti", (int64_t)s->i->home, s->i->id, engine, variables, ended ? "done" : s->i->state,
            ended ? s->now : (instant_t)0);
}

/* The engine's state without the variables, which have a column of their own. */
static int row_write(const struct stepping *s, json_t *state, bool ended, struct error *err)
{
        struct buf engine, variables;

        buf_init(&engine, JSON_MAX_BYTES);
        buf_init(&variables, JSON_MAX_BYTES);
        int rc = json_canonical(&variables, json_object_get(state, "variables"), err);
        json_object_del(state, "variables");
        if (rc == 0)
                rc = json_canonical(&engine, state, err);
        if (rc == 0)
                rc = (s->i->fresh ? row_insert : row_update)(s, buf_text(&variables), buf_text(&engine), ended, err);
        buf_dispose(&engine);
        buf_dispose(&variables);
        return rc;
}

int instance_step(struct tx *tx, struct house *h, struct instance *i, const struct bpmn_event *e, const struct mover *mover,
                  struct error *err)
{
        struct stepping s = {.tx = tx, .h = h, .i = i, .mover = mover, .now = e->now};
        struct bpmn_step step;
        bool ended = false;
        int rc = bpmn_step(&step, i->model, i->state_json, e, err);

        if (rc < 0)
                return rc;
        rc = tokens_write(&s, step.state, err);
        if (rc == 0)
                rc = effects_write(&s, &step, &ended, err);
        if (rc == 0)
                rc = row_write(&s, step.state, ended, err);
        bpmn_step_dispose(&step);
        return rc;
}

/* --- starting ------------------------------------------------------------------------------------------------------------------- */

static int model_hash(struct instance *i, struct error *err)
{
        struct str xml;
        char path[80];
        int rc = pack_file(i->pack, text_format(path, sizeof path, "processes/%s.bpmn", i->process), &xml, err);

        if (rc == 0)
                i->model_hash = hash_of(xml.p, xml.n);
        return rc;
}

int case_start(struct tx *tx, struct call *c, const struct case_start *start, int64_t *instance, struct error *err)
{
        struct house *h = c->house;
        struct instance i = {.fresh = true,
                             .home = h->home,
                             .subject = start->subject,
                             .office = start->office,
                             .pool = start->pool,
                             .state = "active",
                             .started_by = c->who.staff,
                             .started_at = clock_now(h->clock)};
        struct bpmn_event begin = {.kind = BPMN_BEGIN, .data = start->variables, .now = i.started_at};
        struct mover mover = {c->who.staff, start->office, c->follow};
        day_t today = clock_today(h->clock);
        struct limit limit;

        assert(start->process != NULL && start->subject_kind != NULL);
        text_copy(i.process, sizeof i.process, str_from(start->process));
        text_copy(i.subject_kind, sizeof i.subject_kind, str_from(start->subject_kind));
        int rc = pack_store_for_in(h->packs, tx, start->pool, today, i.started_at, &i.pack, err);
        if (rc == 0)
                rc = pack_process(i.pack, start->process, &i.model, err);
        if (rc == 0)
                rc = model_hash(&i, err);
        if (rc == 0)
                rc = clock_limit(i.pack, start->process, today, &limit, err);
        if (rc == 0)
                rc = clock_due(pack_calendar(i.pack), today, limit, NULL, 0, &i.due_day, err);
        if (rc == 0)
                rc = ids_next(h->ids, &i.id, err);
        if (rc < 0)
                return rc;
        i.pack_hash = *pack_hash(i.pack);
        readable_number('C', i.home, i.id, i.number);
        begin.process = bpmn_process_find(i.model, start->process);
        rc = instance_step(tx, h, &i, &begin, &mover, err);
        if (rc == 0)
                *instance = i.id;
        return rc;
}

/* --- incidents ----------------------------------------------------------------------------------------------------------------- */

json_t *fault_json(const char *node, const struct error *why)
{
        char name[8], zh[1200], en[1200];

        return json_pack("{s:s,s:s,s:s,s:s}", "code", error_name(why->code, name), "node", node, "zh",
                         error_text(why, LANG_ZH, zh, sizeof zh), "en", error_text(why, LANG_EN, en, sizeof en));
}

int instance_incident(struct tx *tx, struct house *h, int64_t id, const char *node, const struct error *why, struct error *err)
{
        json_t *o = fault_json(node, why);
        struct buf text;

        buf_init(&text, (size_t)1 << 16);
        int rc = o == NULL ? error_raise(err, SB_MEMORY, "%s", "") : json_canonical(&text, o, err);
        if (rc == 0)
                rc = tx_exec(tx, err,
                             "UPDATE process_instance SET state = 'incident', incident = ?3@text, version = version + 1 WHERE "
                             "home = ?1@int AND "
                             "id = ?2@int AND state IN ('active', 'incident')",
                             "iit", (int64_t)h->home, id, buf_text(&text));
        buf_dispose(&text);
        json_decref(o);
        return rc;
}
