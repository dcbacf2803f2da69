/* SPDX-License-Identifier: Apache-2.0
 *
 * Tasks: who may do them, and that each is done once. The task's row is locked, and with it the instance's, before anything is
 * decided, so that of two clerks one wins and the other is told. What decides is asked together: one round trip of PostgreSQL.
 */
#include "case/authority.h"
#include "case/map.h"
#include "case/outcome.h"
#include "case/paper.h"

#include <assert.h>
#include <string.h>

struct task {
        int64_t id, instance, token, office, assignee, on_behalf_of;
        instant_t created, taken; /* taken 0: by nobody yet */
        char node[64], role[32], state[16];
};

#define TASK_ROW                                                                                                               \
        "SELECT instance, token, office, assignee, node, role, state, on_behalf_of, created_at, CASE WHEN assignee = 0 THEN "  \
        "0 "                                                                                                                   \
        "ELSE COALESCE((SELECT MAX(m.at) FROM task_move m WHERE m.home = task.home AND m.instance = task.instance AND m.task " \
        "= task.id AND m.kind = 'take'), 0) END FROM task WHERE home = ?1@int AND id = ?2@int"

static int task_row(int rc, struct stmt *q, int64_t id, struct task *out, struct error *err)
{
        if (rc < 0)
                return rc;
        if (rc == 0)
                return error_raise(err, SB_CASE_TASK_UNKNOWN, "%lld", (long long)id);
        *out = (struct task){.id = id,
                             .instance = stmt_int(q, 0),
                             .token = stmt_int(q, 1),
                             .office = stmt_int(q, 2),
                             .assignee = stmt_int(q, 3),
                             .on_behalf_of = stmt_int(q, 7),
                             .created = stmt_int(q, 8),
                             .taken = stmt_int(q, 9)};
        text_copy(out->node, sizeof out->node, stmt_text(q, 4));
        text_copy(out->role, sizeof out->role, stmt_text(q, 5));
        text_copy(out->state, sizeof out->state, stmt_text(q, 6));
        return 0;
}

static int task_read(struct tx *tx, struct house *h, int64_t id, struct task *out, struct error *err)
{
        struct stmt *q;
        int rc = tx_one(&q, tx, err, TASK_ROW, "ii", (int64_t)h->home, id);

        return task_row(rc, q, id, out, err);
}

static int task_lock(struct tx *tx, struct house *h, int64_t id, struct task *out, struct error *err)
{
        struct stmt *q;
        int rc = tx_one(&q, tx, err, TASK_ROW " @lock", "ii", (int64_t)h->home, id);

        return task_row(rc, q, id, out, err);
}

/* Everything that must hold before a person touches the task. */
static int task_allowed(struct tx *tx, struct call *c, const struct instance *i, const struct task *t,
                        const struct authority_asked *asked, struct acting *acting, struct error *err)
{
        const char *title = node_said(i->model, t->node).title[c->who.lang];
        struct duty duty = {.office = t->office,
                            .on_behalf_of = t->on_behalf_of,
                            .node = t->node,
                            .role = t->role,
                            .title = title,
                            .asked = asked};

        if (strcmp(t->state, "open") != 0 || (t->assignee != 0 && t->assignee != c->who.staff && c->who.staff != 0))
                return error_raise(err, SB_CASE_TASK_GONE, "%s", "");
        return authority_may(tx, c, i, &duty, acting, err);
}

static int open_for(struct tx *tx, struct call *c, int64_t task, struct task *t, struct instance *i, struct acting *acting,
                    struct error *err)
{
        struct stmt *row, *instance, *chain;
        struct authority_asked asked;

        *i = (struct instance){.id = 0};
        int rc = tx_ask(&row, tx, err, TASK_ROW " @lock", "ii", (int64_t)c->house->home, task);
        rc = rc ? rc : instance_of_task_ask(tx, c->house, task, &instance, err);
        rc = rc ? rc : chain_of_task_ask(tx, c->house->home, task, &chain, err);
        rc = rc ? rc : authority_ask(tx, c, task, &asked, err);
        rc = rc ? rc : task_row(stmt_step(row, err), row, task, t, err);
        rc = rc ? rc : instance_take(tx, c->house, t->instance, instance, i, err);
        rc = rc ? rc : chain_take(chain, &i->chain, err);
        return rc == 0 ? task_allowed(tx, c, i, t, &asked, acting, err) : rc;
}

int task_may(struct tx *tx, struct call *c, int64_t task, struct instance *i, struct error *err)
{
        struct acting acting;
        struct task t;

        *i = (struct instance){.id = 0};
        int rc = task_read(tx, c->house, task, &t, err);
        if (rc == 0)
                rc = instance_read(tx, c->house, t.instance, i, err);
        return rc == 0 ? task_allowed(tx, c, i, &t, NULL, &acting, err) : rc;
}

/* Whose the task is from now on, and that it is kept. */
static int task_pass(struct tx *tx, struct call *c, const struct task *t, int64_t to, int64_t on_behalf_of, const char *kind,
                     const char *note, struct error *err)
{
        struct task_change m = {.task = t->id,
                                .instance = t->instance,
                                .kind = kind,
                                .note = note,
                                .from_staff = t->assignee,
                                .to_staff = to,
                                .from_office = t->office,
                                .to_office = t->office};
        int rc = tx_exec(tx, err,
                         "UPDATE task SET assignee = ?3@int, on_behalf_of = ?4@int, version = version + 1 WHERE home = ?1@int "
                         "AND id = ?2@int",
                         "iiii", (int64_t)c->house->home, t->id, to, on_behalf_of);

        return rc == 0 ? task_move_add(tx, c, &m, err) : rc;
}

int case_task_take(struct tx *tx, struct call *c, int64_t task, struct error *err)
{
        struct acting acting;
        struct instance i;
        struct task t;
        int rc = open_for(tx, c, task, &t, &i, &acting, err);

        if (rc == 0 && t.assignee == 0)
                rc = task_pass(tx, c, &t, c->who.staff, acting.on_behalf_of, "take", "", err);
        instance_dispose(&i);
        return rc;
}

int case_task_give_back(struct tx *tx, struct call *c, int64_t task, const char *note, struct error *err)
{
        struct task t;
        int rc = task_lock(tx, c->house, task, &t, err);

        if (rc == 0 && (strcmp(t.state, "open") != 0 || (t.assignee != c->who.staff && c->who.staff != 0)))
                rc = error_raise(err, SB_CASE_TASK_GONE, "%s", "");
        return rc == 0 ? task_pass(tx, c, &t, 0, 0, "give_back", note, err) : rc;
}

/* As if the task were nobody's: may they? */
static int other_may(struct tx *tx, struct call *c, const struct instance *i, const struct task *t, int64_t staff,
                     struct acting *theirs, struct error *err)
{
        struct call other = *c;
        struct task free = *t;
        int rc = authority_actor(tx, c->house, staff, &other.who, err);

        other.who.lang = c->who.lang;
        free.assignee = 0;
        free.on_behalf_of = 0;
        return rc == 0 ? task_allowed(tx, &other, i, &free, NULL, theirs, err) : rc;
}

int case_task_may_other(struct tx *tx, struct call *c, int64_t task, int64_t staff, struct error *err)
{
        struct acting theirs;
        struct instance i = {.id = 0};
        struct task t;
        int rc = task_read(tx, c->house, task, &t, err);

        rc = rc ? rc : instance_read(tx, c->house, t.instance, &i, err);
        rc = rc ? rc : other_may(tx, c, &i, &t, staff, &theirs, err);
        instance_dispose(&i);
        return rc;
}

int case_task_hand_over(struct tx *tx, struct call *c, int64_t task, int64_t staff, const char *note, struct error *err)
{
        struct acting acting, theirs;
        struct instance i;
        struct task t;
        int rc = open_for(tx, c, task, &t, &i, &acting, err);

        rc = rc ? rc : other_may(tx, c, &i, &t, staff, &theirs, err);
        if (rc == 0)
                rc = task_pass(tx, c, &t, staff, theirs.on_behalf_of, "hand_over", note, err);
        instance_dispose(&i);
        return rc;
}

int case_task_route(struct tx *tx, struct call *c, int64_t task, int64_t *office, struct error *err)
{
        struct instance i = {.id = 0};
        struct task t;
        int rc = task_lock(tx, c->house, task, &t, err);

        *office = 0;
        if (rc == 0)
                rc = instance_lock(tx, c->house, t.instance, &i, err);
        if (rc == 0 && strcmp(t.state, "open") == 0)
                rc = routing_office(tx, &i, t.office, t.role, office, err);
        if (rc == 0 && *office != 0 && *office != t.office) {
                struct task_change m = {.task = task,
                                        .instance = t.instance,
                                        .kind = "route",
                                        .note = "",
                                        .from_staff = t.assignee,
                                        .from_office = t.office,
                                        .to_office = *office};
                rc = tx_exec(tx, err,
                             "UPDATE task SET office = ?3@int, assignee = 0, on_behalf_of = 0, version = version + 1 WHERE "
                             "home = ?1@int AND id = ?2@int",
                             "iii", (int64_t)c->house->home, task, *office);
                rc = rc ? rc : task_move_add(tx, c, &m, err);
        }
        instance_dispose(&i);
        return rc;
}

static int outcome_check(const struct instance *i, const struct task *t, const json_t *outcome, struct error *err)
{
        const char *decisions = node_said(i->model, t->node).decisions, *decision = json_text(outcome, "decision");

        if (decisions == NULL)
                return error_raise(err, SB_BPMN_STATE, "%s", t->node);
        if (decisions[0] != '\0' && !text_has_word(decisions, decision))
                return error_raise(err, SB_CASE_DECISION, "%.40s|%s", decision, decisions);
        /* Who is refused has a right to the reason. */
        if (text_has_word("return reject refuse broken", decision) && str_trim(str_from(json_text(outcome, "note"))).n == 0)
                return error_raise(err, SB_CASE_REASON, "%s", "");
        return 0;
}

/* Nothing is decided while the clock stands, and nothing accepted or approved before the papers are there. */
static int file_check(struct tx *tx, struct call *c, const struct instance *i, const struct task *t, const json_t *outcome,
                      struct error *err)
{
        const char *phase = node_said(i->model, t->node).phase;

        if (t->token == 0)
                return 0;
        if (i->paused_at != 0)
                return error_raise(err, SB_CASE_PAUSED, "%s", i->number);
        bool approval = strcmp(phase, "APR") == 0 || text_has_word("approve accept", t->node);
        return approval && strcmp(json_text(outcome, "decision"), "approve") == 0 ? papers_complete(tx, c->house, i, err) : 0;
}

/* `now` is the instant of the step that follows, too: undo tells by it what came of the task. */
static int task_done(struct tx *tx, struct call *c, const struct instance *i, const struct task *t, const struct acting *acting,
                     const json_t *outcome, instant_t now, struct error *err)
{
        struct step_time time = {.task = t->id,
                                 .office = t->office,
                                 .node = t->node,
                                 .role = t->role,
                                 .created = t->created,
                                 .taken = t->taken,
                                 .done = now};
        struct buf text, before;

        buf_init(&text, (size_t)1 << 20);
        buf_init(&before, JSON_MAX_BYTES);
        int rc = json_canonical(&text, outcome, err);
        if (rc == 0 && t->token != 0)
                rc = json_canonical(&before, i->state_json, err);
        if (rc == 0)
                rc =
                    tx_exec(tx, err,
                            "UPDATE task SET state = 'done', assignee = ?3@int, done_by = ?3@int, done_at = ?4@int, outcome = "
                            "?5@text, before_state = ?6@text, on_behalf_of = ?7@int, version = version + 1 WHERE home = ?1@int "
                            "AND id = ?2@int",
                            "iiiitti", (int64_t)c->house->home, t->id, c->who.staff, now, buf_text(&text),
                            t->token == 0 ? NULL : buf_text(&before), acting->on_behalf_of);
        if (rc == 0)
                rc = step_time_add(tx, i, &time, err);
        buf_dispose(&text);
        buf_dispose(&before);
        return rc;
}

int task_complete_told(struct tx *tx, struct call *c, int64_t task, const json_t *outcome, bool *wrote, struct error *err)
{
        instant_t now = clock_now(c->house->clock);
        struct acting acting;
        struct instance i;
        struct task t;
        json_t *taken = NULL;
        int rc = open_for(tx, c, task, &t, &i, &acting, err);

        if (rc == 0)
                rc = outcome_check(&i, &t, outcome, err);
        if (rc == 0)
                rc = outcome_take(bpmn_node_find(i.model, t.node), outcome, &taken, err);
        outcome = taken;
        if (rc == 0)
                rc = file_check(tx, c, &i, &t, outcome, err);
        *wrote = rc == 0;
        if (c->follow != NULL)
                c->follow->instance = t.instance;
        if (rc == 0)
                rc = task_done(tx, c, &i, &t, &acting, outcome, now, err);
        if (rc == 0 && t.token == 0) {
                rc = side_task_done(tx, c, &i, t.node, outcome, err);
        } else if (rc == 0) {
                struct bpmn_event done = {.kind = BPMN_COMPLETE,
                                          .token = t.token,
                                          .sequence = instance_sequence(&i, t.token),
                                          .data = outcome,
                                          .now = now};
                struct mover mover = {c->who.staff, i.office, c->follow};
                rc = instance_step(tx, c->house, &i, &done, &mover, err);
        }
        instance_dispose(&i);
        json_decref(taken);
        return rc;
}

int case_task_complete(struct tx *tx, struct call *c, int64_t task, const json_t *outcome, struct error *err)
{
        bool wrote;

        return task_complete_told(tx, c, task, outcome, &wrote, err);
}
