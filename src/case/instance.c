/* SPDX-License-Identifier: Apache-2.0 */
#include "case/instance.h"

#include "base/identity.h"

#include "case/clock.h"
#include "case/pack_store.h"
#include "case/past.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

uint32_t role_bit(const char *role)
{
        static const struct {
                const char *name;
                uint32_t bit;
        } roles[] = {{"clerk", ROLE_CLERK},     {"reviewer", ROLE_REVIEWER}, {"approver", ROLE_APPROVER},
                     {"finance", ROLE_FINANCE}, {"auditor", ROLE_AUDITOR},   {"admin", ROLE_ADMIN},
                     {"partner", ROLE_PARTNER}, {"insured", ROLE_INSURED},   {"employer", ROLE_EMPLOYER}};

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
        (void)hash_take(&i->pack_hash, stmt_blob(q, 10));
        i->application = stmt_int(q, 13);
        i->paused_at = stmt_int(q, 14);
        i->parent = stmt_int(q, 15);
        i->parent_token = stmt_int(q, 16);
        i->parent_sequence = stmt_int(q, 17);
        int rc = json_read(&i->state_json, stmt_text(q, 11), err);
        if (rc == 0)
                rc = json_read(&variables, stmt_text(q, 12), err);
        if (rc == 0 && json_object_set_new(i->state_json, "variables", variables) != 0)
                rc = error_raise(err, SB_BPMN_STATE, "%s", i->number);
        return rc;
}

/* The row by which it was found, with its pack and model; rc: 1 there is one, 0 none. */
static int found(struct tx *tx, struct house *h, int rc, struct stmt *q, struct instance *out, struct error *err)
{
        if (rc == 0)
                return past_raise(tx, h, out->id, err);
        if (rc == 1)
                rc = row_take(q, out, err);
        /* A case finishes on the model that it started with. */
        if (rc == 0)
                rc = pack_store_get(h->packs, &out->pack_hash, &out->pack, err);
        return rc == 0 ? pack_process(out->pack, out->process, &out->model, err) : rc;
}

/* past: where it may be, too; NULL when a case there cannot be meant. */
static int read_by(struct tx *tx, struct house *h, int64_t id, const char *sql, const char *past, struct instance *out,
                   struct error *err)
{
        struct stmt *q;

        *out = (struct instance){.home = h->home, .id = id};
        int rc = tx_one(&q, tx, err, sql, "ii", (int64_t)h->home, id);
        if (rc == 0 && past != NULL)
                rc = tx_one(&q, tx, err, past, "ii", (int64_t)h->home, id);
        return found(tx, h, rc, q, out, err);
}

#define ROW                                                                                                                    \
        "SELECT number, process, state, subject_kind, subject, office, pool, started_by, started_at, due_day, pack_hash, "     \
        "engine, variables, application, paused_at, parent, parent_token, parent_sequence FROM "
#define BY_ID " WHERE home = ?1@int AND id = ?2@int"

int instance_read(struct tx *tx, struct house *h, int64_t id, struct instance *out, struct error *err)
{
        return read_by(tx, h, id, ROW "process_instance" BY_ID, ROW "case_past" BY_ID, out, err);
}

int instance_lock(struct tx *tx, struct house *h, int64_t id, struct instance *out, struct error *err)
{
        return read_by(tx, h, id, ROW "process_instance" BY_ID " @lock", NULL, out, err);
}

int instance_of_task_ask(struct tx *tx, struct house *h, int64_t task, struct stmt **out, struct error *err)
{
        return tx_ask(out, tx, err,
                      ROW "process_instance WHERE home = ?1@int AND id = (SELECT instance FROM task WHERE home = ?1@int AND id "
                          "= ?2@int) @lock",
                      "ii", (int64_t)h->home, task);
}

int instance_take(struct tx *tx, struct house *h, int64_t id, struct stmt *q, struct instance *out, struct error *err)
{
        *out = (struct instance){.home = h->home, .id = id};
        return found(tx, h, stmt_step(q, err), q, out, err);
}

void instance_dispose(struct instance *i)
{
        json_decref(i->state_json);
        i->state_json = NULL;
}

bool instance_runs(const struct instance *i)
{
        return text_has_word("active incident", i->state);
}

const struct bpmn_process *instance_process(const struct instance *i)
{
        const struct bpmn_process *p = bpmn_process(i->model, bpmn_process_find(i->model, i->process));

        assert(p != NULL); /* pack_process gives no model without it */
        return p;
}

int64_t instance_sequence(const struct instance *i, int64_t token)
{
        json_t *one;
        size_t k;

        for (k = 0; (one = json_array_get(json_object_get(i->state_json, "tokens"), k)) != NULL; k++) {
                if (json_integer_value(json_object_get(one, "id")) == token)
                        return json_integer_value(json_object_get(one, "sequence"));
        }
        return 0;
}

/* --- moving --------------------------------------------------------------------------------------------------------------------- */

static int row_insert(const struct stepping *s, const char *variables, const char *engine, const char *state, bool ended,
                      struct error *err)
{
        const struct instance *i = s->i;

        return tx_exec(
            s->tx, err,
            "INSERT INTO process_instance (home, id, number, process, pack_hash, model_hash, state, subject_kind, "
            "subject, office, pool, variables, engine, started_by, started_at, due_day, ended_at, incident, version, parent, "
            "parent_token, parent_sequence) "
            "VALUES (?1@int, ?2@int, ?3@text, ?4@text, ?5@blob, ?6@blob, ?7@text, ?8@text, ?9@int, ?10@int, ?11@int, "
            "?12@text, ?13@text, ?14@int, ?15@int, ?16@int, ?17@int, NULL, 1, ?18@int, ?19@int, ?20@int)",
            "iittbbttiiittiiiiiii", (int64_t)i->home, i->id, i->number, i->process, hash_str(&i->pack_hash),
            hash_str(&i->model_hash), state, i->subject_kind, i->subject, i->office, i->pool, variables, engine, i->started_by,
            i->started_at, (int64_t)i->due_day, ended ? s->now : (instant_t)0, i->parent, i->parent_token, i->parent_sequence);
}

static int row_update(const struct stepping *s, const char *variables, const char *engine, const char *state, bool ended,
                      struct error *err)
{
        return tx_exec(
            s->tx, err,
            "UPDATE process_instance SET engine = ?3@text, variables = ?4@text, state = ?5@text, ended_at = ?6@int, "
            "version = version + 1, incident = CASE WHEN ?5@text = 'incident' THEN incident ELSE NULL END WHERE home "
            "= ?1@int AND id = ?2@int",
            "iittti", (int64_t)s->i->home, s->i->id, engine, variables, state, ended ? s->now : (instant_t)0);
}

/* The engine's state without the variables, which have a column of their own. */
static int row_write(const struct stepping *s, const char *state, bool ended, struct error *err)
{
        struct buf engine, variables;
        json_t *bare = s->i->state_json == NULL ? json_object() : json_copy(s->i->state_json), *own = NULL;

        buf_init(&engine, JSON_MAX_BYTES);
        buf_init(&variables, JSON_MAX_BYTES);
        own = json_object_get(bare, "variables") == NULL ? json_object() : json_incref(json_object_get(bare, "variables"));
        int rc = bare == NULL ? error_raise(err, SB_MEMORY, "%s", "") : json_canonical(&variables, own, err);
        json_object_del(bare, "variables");
        if (rc == 0)
                rc = json_canonical(&engine, bare, err);
        if (rc == 0)
                rc = (s->i->fresh ? row_insert : row_update)(s, buf_text(&variables), buf_text(&engine), state, ended, err);
        if (rc == 0)
                s->i->fresh = false;
        buf_dispose(&engine);
        buf_dispose(&variables);
        json_decref(own);
        json_decref(bare);
        return rc;
}

/* One step of the engine with the rows that it asks for. */
static int one_step(struct stepping *s, const struct bpmn_event *e, struct error *err)
{
        struct bpmn_step step;
        int rc = bpmn_step(&step, s->i->model, s->i->state_json, e, err);

        if (rc < 0)
                return rc;
        rc = tokens_quiet(s, s->i->state_json, step.state, err);
        if (rc == 0)
                rc = effects_write(s, &step, err);
        if (rc == 0) {
                json_decref(s->i->state_json);
                s->i->state_json = json_incref(step.state);
        }
        bpmn_step_dispose(&step);
        return rc;
}

/* What was thrown is on its way: a signal is heard here at once, and then the token that threw goes on. */
static int thrown_go_on(struct stepping *s, struct error *err)
{
        int rc = 0;

        for (size_t k = 0; rc == 0 && k < s->thrown_count; k++) {
                struct thrown t = s->thrown[k];
                struct bpmn_event hear = {
                    .kind = BPMN_HEAR, .trigger = BPMN_SIGNAL, .name = t.name, .data = t.data, .now = s->now};
                struct bpmn_event done = {.kind = BPMN_COMPLETE, .token = t.token, .sequence = t.sequence, .now = s->now};
                if (t.signal)
                        rc = one_step(s, &hear, err);
                /* Who heard it may have ended the thrower. */
                if (rc == 0 && instance_sequence(s->i, t.token) == t.sequence)
                        rc = one_step(s, &done, err);
        }
        return rc;
}

static void thrown_free(struct stepping *s)
{
        for (size_t k = 0; k < s->thrown_count; k++)
                json_decref(s->thrown[k].data);
        free(s->thrown);
}

int instance_step(struct tx *tx, struct house *h, struct instance *i, const struct bpmn_event *e, const struct mover *mover,
                  struct error *err)
{
        struct stepping s = {.tx = tx, .h = h, .i = i, .mover = mover, .now = e->now};
        int rc = one_step(&s, e, err);
        bool failed = false;

        if (rc == 0)
                rc = thrown_go_on(&s, err);
        /* An error that nothing here catches goes on in the case that called this one, when that waits for it. */
        if (rc < 0 && i->parent != 0 && error_is(err, SB_BPMN_THROWN))
                rc = call_failed(&s, &failed, err);
        if (failed || s.ended)
                text_copy(i->state, sizeof i->state, str_from(failed ? "failed" : "done"));
        if (rc == 0)
                rc = row_write(&s, i->state, failed || s.ended, err);
        if (rc == 0 && s.ended && !failed && i->parent != 0)
                rc = call_return(&s, NULL, err);
        if (rc == 0 && s.held.code != SB_OK && !s.ended) {
                rc = instance_incident(tx, h, i->id, s.held_node, &s.held, err);
                text_copy(i->state, sizeof i->state, STR("incident"));
        }
        thrown_free(&s);
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

int instance_begin(struct tx *tx, struct call *c, const struct case_start *start, const struct origin *origin,
                   int64_t *instance, struct error *err)
{
        struct house *h = c->house;
        struct instance i = {.fresh = true,
                             .home = h->home,
                             .subject = start->subject,
                             .office = start->office,
                             .pool = start->pool,
                             .state = "active",
                             .started_by = c->who.staff,
                             .started_at = clock_now(h->clock),
                             .pack = origin->pack,
                             .parent = origin->parent,
                             .parent_token = origin->token,
                             .parent_sequence = origin->sequence};
        struct bpmn_event begin = {.kind = BPMN_BEGIN, .start = origin->start, .data = start->variables, .now = i.started_at};
        struct mover mover = {c->who.staff, start->office, c->follow};
        day_t today = clock_today(h->clock);
        struct limit limit;

        assert(start->process != NULL && start->subject_kind != NULL);
        text_copy(i.process, sizeof i.process, str_from(start->process));
        text_copy(i.subject_kind, sizeof i.subject_kind, str_from(start->subject_kind));
        int rc = i.pack != NULL ? 0 : pack_store_for_in(h->packs, tx, start->pool, today, i.started_at, &i.pack, err);
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
        instance_dispose(&i);
        return rc;
}

int case_start(struct tx *tx, struct call *c, const struct case_start *start, int64_t *instance, struct error *err)
{
        static const struct origin itself = {.start = 0};

        return instance_begin(tx, c, start, &itself, instance, err);
}

/* --- incidents ----------------------------------------------------------------------------------------------------------------- */

json_t *fault_json(const char *node, const struct error *why)
{
        char name[8], zh[1200], en[1200];

        return json_pack("{s:s,s:s,s:s,s:s}", "code", error_name(why->code, name), "node", node, "zh",
                         error_text(why, LANG_ZH, zh, sizeof zh), "en", error_text(why, LANG_EN, en, sizeof en));
}

int fault_text(struct buf *out, const char *node, const struct error *why, struct error *err)
{
        json_t *o = fault_json(node, why);

        buf_init(out, (size_t)1 << 16);
        int rc = o == NULL ? error_raise(err, SB_MEMORY, "%s", "") : json_canonical(out, o, err);
        json_decref(o);
        return rc;
}

int instance_incident(struct tx *tx, struct house *h, int64_t id, const char *node, const struct error *why, struct error *err)
{
        struct buf text;
        int rc = fault_text(&text, node, why, err);

        if (rc == 0)
                rc = tx_exec(tx, err,
                             "UPDATE process_instance SET state = 'incident', incident = ?3@text, version = version + 1 WHERE "
                             "home = ?1@int AND "
                             "id = ?2@int AND state IN ('active', 'incident')",
                             "iit", (int64_t)h->home, id, buf_text(&text));
        buf_dispose(&text);
        return rc;
}
