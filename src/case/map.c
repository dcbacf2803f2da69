/* SPDX-License-Identifier: Apache-2.0
 *
 * The map of one case: the model that it follows, its tokens, and each step that left a trace. Which lines the case took between them
 * follows from the model, and is drawn by who draws it.
 */
#include "case/map.h"

#include "case/answer.h"
#include "case/paper.h"

#include <stdlib.h>
#include <string.h>

struct map {
        struct call *call;
        int64_t id;
        struct instance i;
        json_t *o, *steps, *tokens;
};

static void titles_put(const struct map *m, json_t *o, const char *node)
{
        struct node_said said = node_said(m->i.model, node);

        put_text(o, "node", node);
        put_text(o, "title_zh", said.title[LANG_ZH]);
        put_text(o, "title_en", said.title[LANG_EN]);
        put_text(o, "kind", said.kind);
        put_text(o, "phase", said.phase);
}

/* Absent instants are null. */
static void instant_or_null(json_t *o, const char *name, instant_t at)
{
        if (at == 0)
                put_value(o, name, json_null());
        else
                put_instant(o, name, at);
}

static void minutes_put(json_t *o, const char *name, instant_t from, instant_t to)
{
        put_value(o, name, to < from ? json_null() : json_integer((to - from) / 60000000));
}

/* Tasks, done and open; those that were not wanted any more left the way. */
static int tasks_read(struct tx *tx, struct map *m, struct error *err)
{
        instant_t now = clock_now(m->call->house->clock);
        char node[64];
        struct stmt *q = NULL;
        int rc = tx_query(
            &q, tx, err,
            "SELECT t.node, t.created_at, t.done_at, t.state, t.role, t.office, t.due_day, t.token, s.display, (SELECT "
            "MAX(v.at) FROM "
            "task_move v WHERE v.home = t.home AND v.instance = t.instance AND v.task = t.id AND v.kind = 'take') FROM "
            "task_any t "
            "LEFT "
            "JOIN staff s ON s.id = CASE WHEN t.state = 'done' THEN t.done_by ELSE t.assignee END WHERE t.home = ?1@int AND "
            "t.instance = ?2@int AND t.state IN ('done', 'open', 'held') ORDER BY t.created_at, t.id LIMIT 2000",
            "ii", (int64_t)m->i.home, m->id);

        while ((rc = row_next(rc, q, err)) == 1) {
                bool done = str_is(stmt_text(q, 3), "done");
                day_t due = (day_t)stmt_int(q, 6);
                json_t *o = json_object();
                text_copy(node, sizeof node, stmt_text(q, 0));
                titles_put(m, o, node);
                put_text(o, "state",
                         done                                         ? "done"
                         : str_is(stmt_text(q, 3), "held")            ? "held"
                         : m->i.paused_at != 0 && stmt_int(q, 7) != 0 ? "paused"
                                                                      : "waiting");
                put_str(o, "role", stmt_text(q, 4));
                put_instant(o, "began_at", stmt_int(q, 1));
                instant_or_null(o, "taken_at", stmt_int(q, 9));
                instant_or_null(o, "ended_at", stmt_int(q, 2));
                minutes_put(o, "minutes", stmt_int(q, 1), done ? stmt_int(q, 2) : now);
                put_day(o, "due_day", due);
                put_bool(o, "overdue", !done && due < clock_today(m->call->house->clock));
                put_value(o, "who", stmt_null(q, 8) ? json_null() : json_stringn(stmt_text(q, 8).p, stmt_text(q, 8).n));
                json_array_append_new(m->steps, o);
        }
        return rc;
}

/* What the system did or tries to do: verbs, decisions, calls. When it was done is not kept, only when it was asked for. */
static int effects_read(struct tx *tx, struct map *m, struct error *err)
{
        struct stmt *q = NULL;
        int rc = tx_query(
            &q, tx, err,
            "SELECT payload, created_at, state, attempts, verb FROM effect_any WHERE home = ?1@int AND instance = ?2@int "
            "AND state <> 'cancelled' ORDER BY id LIMIT 2000",
            "ii", (int64_t)m->i.home, m->id);

        while ((rc = row_next(rc, q, err)) == 1) {
                json_t *payload = NULL, *o = json_object();
                bool done = str_is(stmt_text(q, 2), "done");
                rc = json_read(&payload, stmt_text(q, 0), err);
                if (rc == 0) {
                        titles_put(m, o, json_text(payload, "node"));
                        put_text(o, "state", done ? "done" : str_is(stmt_text(q, 2), "failed") ? "failed" : "working");
                        put_instant(o, "began_at", stmt_int(q, 1));
                        instant_or_null(o, "ended_at", done ? stmt_int(q, 1) : 0);
                        put_str(o, "verb", stmt_text(q, 4));
                        put_int(o, "attempts", stmt_int(q, 3));
                        json_array_append(m->steps, o);
                }
                json_decref(payload);
                json_decref(o);
        }
        return rc;
}

static int timer_of(struct tx *tx, const struct map *m, int64_t token, json_t *o, struct error *err)
{
        struct stmt *q;
        int rc =
            tx_one(&q, tx, err,
                   "SELECT due_at, state FROM timer WHERE home = ?1@int AND instance = ?2@int AND token = ?3@int AND state IN "
                   "('armed', 'held', 'failed') ORDER BY id LIMIT 1",
                   "iii", (int64_t)m->i.home, m->id, token);

        if (rc == 1 && str_is(stmt_text(q, 1), "armed"))
                put_instant(o, "wakes_at", stmt_int(q, 0));
        return rc < 0 ? rc : 0;
}

/* Where the case stands, as the engine keeps it. */
static int tokens_read(struct tx *tx, struct map *m, struct error *err)
{
        json_t *token;
        size_t k;
        int rc = 0;

        for (k = 0; rc == 0 && (token = json_array_get(json_object_get(m->i.state_json, "tokens"), k)) != NULL; k++) {
                json_t *o = json_object();
                titles_put(m, o, json_text(token, "node"));
                put_text(o, "waits_for", json_text(token, "wait"));
                rc = timer_of(tx, m, json_integer_value(json_object_get(token, "id")), o, err);
                json_array_append_new(m->tokens, o);
        }
        return rc;
}

static int incident_read(struct tx *tx, struct map *m, struct error *err)
{
        json_t *kept = NULL, *told = json_null();
        struct stmt *q;
        int rc = tx_one(&q, tx, err, "SELECT incident, ended_at FROM case_any WHERE home = ?1@int AND id = ?2@int", "ii",
                        (int64_t)m->i.home, m->id);

        if (rc == 1 && json_read(&kept, stmt_text(q, 0), NULL) == 0)
                told =
                    json_pack("{s:O?,s:O?,s:O?}", "code", json_object_get(kept, "code"), "node", json_object_get(kept, "node"),
                              "detail", json_object_get(kept, m->call->who.lang == LANG_ZH ? "zh" : "en"));
        put_value(m->o, "incident", told);
        instant_or_null(m->o, "ended_at", rc == 1 ? stmt_int(q, 1) : 0);
        json_decref(kept);
        return rc < 0 ? rc : 0;
}

static int head_read(struct tx *tx, struct map *m, struct error *err)
{
        const struct bpmn_process *p;
        char path[80];
        struct str xml = {0};
        int rc = instance_read(tx, m->call->house, m->id, &m->i, err);

        rc = rc ? rc : office_allowed(tx, m->call, m->i.office, m->i.number, err);
        rc = rc ? rc : pack_file(m->i.pack, text_format(path, sizeof path, "processes/%s.bpmn", m->i.process), &xml, err);
        if (rc < 0)
                return rc;
        p = instance_process(&m->i);
        put_int(m->o, "case", m->id);
        put_text(m->o, "number", m->i.number);
        put_text(m->o, "process", m->i.process);
        process_titles(m->o, m->i.model, m->i.process, "title_zh", "title_en");
        put_text(m->o, "state", m->i.state);
        put_bool(m->o, "paused", m->i.paused_at != 0);
        put_instant(m->o, "started_at", m->i.started_at);
        put_str(m->o, "xml", xml);
        if (p->start >= 0)
                put_text(m->o, "start", bpmn_node(m->i.model, p->start)->id);
        return 0;
}

static int map_read(struct tx *tx, void *ctx, struct error *err)
{
        struct map *m = ctx;

        json_object_clear(m->o);
        instance_dispose(&m->i);
        m->steps = json_array();
        m->tokens = json_array();
        put_value(m->o, "steps", m->steps);
        put_value(m->o, "tokens", m->tokens);
        int rc = head_read(tx, m, err);
        rc = rc ? rc : incident_read(tx, m, err);
        rc = rc ? rc : tasks_read(tx, m, err);
        rc = rc ? rc : effects_read(tx, m, err);
        return rc ? rc : tokens_read(tx, m, err);
}

int cases_map(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct map m = {.call = c, .id = json_int_or(in, "case", 0), .o = json_object()};
        int rc = m.o == NULL ? error_raise(err, SB_MEMORY, "%s", "") : store_read(c->house->store, map_read, &m, err);

        if (rc == 0)
                *out = json_incref(m.o);
        json_decref(m.o);
        instance_dispose(&m.i);
        return rc;
}
