/* SPDX-License-Identifier: Apache-2.0 */
#include "case/undo.h"

#include "case/map.h"
#include "case/verbs.h"

#include <string.h>

#define UNDO_US ((instant_t)UNDO_MINUTES * 60 * 1000000)

struct step {
        int64_t task, instance, done_by;
        instant_t done_at;
        char state[16];
        json_t *before; /* NULL when nothing was kept */
};

static int step_read(struct tx *tx, struct house *h, int64_t task, struct step *out, struct error *err)
{
        struct stmt *q;
        int rc = tx_one(&q, tx, err,
                        "SELECT instance, done_by, done_at, state, before_state FROM task WHERE home = ?1@int AND id = ?2@int",
                        "ii", (int64_t)h->home, task);

        *out = (struct step){.task = task};
        if (rc == 0)
                return error_raise(err, SB_CASE_TASK_UNKNOWN, "%lld", (long long)task);
        if (rc < 0)
                return rc;
        out->instance = stmt_int(q, 0);
        out->done_by = stmt_int(q, 1);
        out->done_at = stmt_int(q, 2);
        text_copy(out->state, sizeof out->state, stmt_text(q, 3));
        return stmt_null(q, 4) ? 0 : json_read(&out->before, stmt_text(q, 4), err);
}

/* A date that the case waits for can be waited for again. */
static bool waits_for_date(const struct instance *i, const json_t *token)
{
        const struct bpmn_node *n = bpmn_node_find(i->model, json_text(token, "node"));

        return strcmp(json_text(token, "wait"), "event") == 0 && n != NULL && n->trigger == BPMN_TIMER;
}

/* What listens for messages, or decides, is not set up again by hand: a state with such tokens is left alone. */
static bool restorable(const struct instance *i, const json_t *before)
{
        json_t *token;

        for (size_t k = 0; (token = json_array_get(json_object_get(before, "tokens"), k)) != NULL; k++)
                if (!text_has_word("task join scope", json_text(token, "wait")) && !waits_for_date(i, token))
                        return false;
        return true;
}

/* Why the step stays as it is, in both languages; NULL when it can be taken back. */
static int obstacle(struct tx *tx, struct call *c, const struct instance *i, const struct step *s, const char **why,
                    struct error *err)
{
        static const char *const others[] = {
            ERROR_BOTH("another step was done since", "其后已办理其他步骤"),
            ERROR_BOTH("somebody has taken the next step", "下一步骤已被他人领取"),
            ERROR_BOTH("what follows from it was done or has begun", "后续处理已执行或正在执行"),
        };
        instant_t now = clock_now(c->house->clock);
        struct stmt *q;

        *why = NULL;
        if (strcmp(s->state, "done") != 0 || s->before == NULL)
                *why = ERROR_BOTH("nothing was kept of the state before it", "未保留该步骤之前的状态");
        else if (s->done_by != c->who.staff)
                *why = ERROR_BOTH("somebody else did it", "该步骤由他人办理");
        else if (now - s->done_at > UNDO_US)
                *why = ERROR_BOTH("it was done more than 15 minutes ago", "办理已超过15分钟");
        else if (!restorable(i, s->before))
                *why = ERROR_BOTH("the case waited for messages then", "案件当时正在等待消息");
        else if (strcmp(i->state, "active") != 0)
                *why = ERROR_BOTH("the case does not run any more", "案件已不在办理中");
        if (*why != NULL)
                return 0;
        int rc = tx_one(
            &q, tx, err,
            "SELECT (SELECT COUNT(*) FROM task WHERE home = ?1@int AND instance = ?2@int AND state = 'done' AND id <> "
            "?3@int AND (done_at > ?4@int OR (done_at = ?4@int AND id > ?3@int))), (SELECT COUNT(*) FROM task WHERE home = "
            "?1@int AND instance = ?2@int AND state = 'open' AND token > 0 AND id > ?3@int AND assignee NOT IN (0, "
            "?5@int)), (SELECT COUNT(*) FROM effect WHERE home = ?1@int AND instance = ?2@int AND created_at >= ?4@int AND "
            "state <> 'cancelled' AND (state <> 'open' OR attempts > 0 OR lease_until > ?6@int)) + (SELECT COUNT(*) FROM "
            "message WHERE home = ?1@int AND source = ?2@int AND created_at >= ?4@int)",
            "iiiiii", (int64_t)i->home, i->id, s->task, s->done_at, c->who.staff, now);
        for (int k = 0; rc == 1 && k < 3 && *why == NULL; k++)
                if (stmt_int(q, k) > 0)
                        *why = others[k];
        return rc < 0 ? rc : 0;
}

int undo_offer(struct tx *tx, struct call *c, const struct instance *i, int64_t *task, struct error *err)
{
        const char *why = NULL;
        struct step s = {.task = 0};
        struct stmt *q;
        int rc =
            tx_one(&q, tx, err,
                   "SELECT id FROM task WHERE home = ?1@int AND instance = ?2@int AND state = 'done' AND done_by = ?3@int AND "
                   "before_state IS NOT NULL ORDER BY done_at DESC, id DESC LIMIT 1",
                   "iii", (int64_t)i->home, i->id, c->who.staff);

        *task = rc == 1 ? stmt_int(q, 0) : 0;
        if (rc == 1)
                rc = step_read(tx, c->house, *task, &s, err);
        if (rc == 0 && *task != 0)
                rc = obstacle(tx, c, i, &s, &why, err);
        if (why != NULL)
                *task = 0;
        json_decref(s.before);
        return rc;
}

/* --- restoring ------------------------------------------------------------------------------------------------------------------------ */

/* The date of a token that waited for it then; one that has come since cannot be waited for again. */
static int timer_restore(struct tx *tx, const struct instance *i, int64_t token, int64_t sequence, struct error *err)
{
        int64_t changed = 0;
        int rc = tx_exec_changed(
            tx, &changed, err,
            "UPDATE timer SET state = 'armed' WHERE home = ?1@int AND id = (SELECT MAX(id) FROM timer WHERE home = ?1@int AND "
            "instance = ?2@int AND token = ?3@int AND sequence = ?4@int AND state = 'cancelled')",
            "iiii", (int64_t)i->home, i->id, token, sequence);

        return rc == 0 && changed == 0
                   ? error_raise(err, SB_CASE_UNDO, "%s", ERROR_BOTH("a date has come since", "其后已有期限届至"))
                   : rc;
}

/* What the step asked for is not wanted, and what it put away is wanted again. */
static int waits_restore(struct tx *tx, const struct instance *i, const struct step *s, struct error *err)
{
        int64_t home = i->home;
        json_t *token;
        struct stmt *q;
        int rc = tx_exec(
            tx, err,
            "DELETE FROM effect WHERE home = ?1@int AND instance = ?2@int AND state = 'open' AND created_at >= ?3@int AND "
            "attempts = 0 AND lease_until = 0",
            "iii", home, i->id, s->done_at);

        /* A worker may have taken one since the obstacles were looked at. */
        if (rc == 0)
                rc = tx_one(
                    &q, tx, err,
                    "SELECT 1 FROM effect WHERE home = ?1@int AND instance = ?2@int AND created_at >= ?3@int AND state <> "
                    "'cancelled' LIMIT 1",
                    "iii", home, i->id, s->done_at);
        if (rc == 1)
                rc = error_raise(err, SB_CASE_UNDO, "%s", ERROR_BOTH("what follows from it has begun", "后续处理已开始"));

        if (rc == 0)
                rc = tx_exec(
                    tx, err,
                    "UPDATE task SET state = 'cancelled', version = version + 1 WHERE home = ?1@int AND instance = ?2@int AND "
                    "state = 'open' AND token > 0 AND id > ?3@int AND created_at >= ?4@int",
                    "iiii", home, i->id, s->task, s->done_at);
        if (rc == 0)
                rc = tx_exec(
                    tx, err,
                    "UPDATE timer SET state = 'cancelled' WHERE home = ?1@int AND instance = ?2@int AND state = 'armed'", "ii",
                    home, i->id);
        if (rc == 0)
                rc = tx_exec(tx, err, "DELETE FROM subscription WHERE home = ?1@int AND instance = ?2@int", "ii", home, i->id);
        for (size_t k = 0; rc == 0 && (token = json_array_get(json_object_get(s->before, "tokens"), k)) != NULL; k++) {
                int64_t id = json_integer_value(json_object_get(token, "id"));
                if (waits_for_date(i, token))
                        rc = timer_restore(tx, i, id, json_integer_value(json_object_get(token, "sequence")), err);
                /* The one that was open then: the last that was made for that step; earlier ones were taken back before. */
                else if (strcmp(json_text(token, "wait"), "task") == 0)
                        rc = tx_exec(
                            tx, err,
                            "UPDATE task SET state = 'open', version = version + 1 WHERE home = ?1@int AND id = (SELECT t.id "
                            "FROM "
                            "task t WHERE t.home = ?1@int AND t.instance = ?2@int AND t.token = ?3@int AND t.node = ?5@text "
                            "AND "
                            "t.created_at < ?4@int ORDER BY t.created_at DESC, t.id DESC LIMIT 1) AND state = 'cancelled'",
                            "iiiit", home, i->id, id, s->done_at, json_text(token, "node"));
        }
        return rc;
}

static int state_restore(struct tx *tx, const struct instance *i, json_t *before, struct error *err)
{
        struct buf engine, variables;

        buf_init(&engine, JSON_MAX_BYTES);
        buf_init(&variables, JSON_MAX_BYTES);
        int rc = json_canonical(&variables, json_object_get(before, "variables"), err);
        json_object_del(before, "variables");
        rc = rc ? rc : json_canonical(&engine, before, err);
        if (rc == 0)
                rc = tx_exec(tx, err,
                             "UPDATE process_instance SET engine = ?3@text, variables = ?4@text, version = version + 1 WHERE "
                             "home = ?1@int "
                             "AND id = ?2@int",
                             "iitt", (int64_t)i->home, i->id, buf_text(&engine), buf_text(&variables));
        buf_dispose(&engine);
        buf_dispose(&variables);
        return rc;
}

int case_task_undo(struct tx *tx, struct call *c, int64_t task, int64_t *instance, struct error *err)
{
        struct instance i = {.id = 0};
        struct step s = {.task = task};
        const char *why = NULL;
        int rc = step_read(tx, c->house, task, &s, err);

        *instance = s.instance;
        rc = rc ? rc : instance_lock(tx, c->house, s.instance, &i, err);
        if (rc == 0) { /* read again under the lock */
                json_decref(s.before);
                s.before = NULL;
                rc = step_read(tx, c->house, task, &s, err);
        }
        rc = rc ? rc : office_allowed(tx, c, i.office, i.number, err);
        rc = rc ? rc : obstacle(tx, c, &i, &s, &why, err);
        if (rc == 0 && why != NULL)
                rc = error_raise(err, SB_CASE_UNDO, "%s", why);
        rc = rc ? rc : waits_restore(tx, &i, &s, err);
        rc = rc ? rc : state_restore(tx, &i, s.before, err);
        if (rc == 0)
                rc = tx_exec(tx, err,
                             "UPDATE task SET state = 'open', assignee = ?3@int, done_by = 0, done_at = 0, outcome = NULL, "
                             "before_state = "
                             "NULL, version = version + 1 WHERE home = ?1@int AND id = ?2@int",
                             "iii", (int64_t)i.home, task, c->who.staff);
        rc = rc ? rc : step_time_drop(tx, &i, task, err);
        json_decref(s.before);
        instance_dispose(&i);
        return rc;
}

/* --- the verb -------------------------------------------------------------------------------------------------------------------------- */

static int undo_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        int64_t task = *(const int64_t *)ctx, instance = 0;
        int rc = case_task_undo(tx, c, task, &instance, err);

        if (rc < 0)
                return rc;
        change->subject_kind = "task";
        change->subject = task;
        change->audit = json_pack("{s:I}", "case", (json_int_t)instance);
        *out = json_pack("{s:I,s:I}", "task", (json_int_t)task, "case", (json_int_t)instance);
        return *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

int tasks_undo(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        int64_t task = json_int_or(in, "task", 0);

        return verb_change(c, registry_find(c->house->verbs, "tasks.undo"), in, undo_apply, &task, out, err);
}
