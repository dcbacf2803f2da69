/* SPDX-License-Identifier: Apache-2.0
 *
 * The run that moves finished cases to the past. A block looks at a page of ids, makes room for the months that it met, and moves a hundred
 * cases with all their rows in one transaction, together with its cursor: killed anywhere, each case is whole in one of the places.
 */
#include "case/past.h"

#include "case/case.h"

#include <string.h>

enum { PAGE = 2000, BLOCK = 100 };

int past_raise(struct tx *tx, struct house *h, int64_t id, struct error *err)
{
        struct stmt *q;
        char number[32];
        int rc =
            tx_one(&q, tx, err, "SELECT number FROM case_past WHERE home = ?1@int AND id = ?2@int", "ii", (int64_t)h->home, id);

        if (rc == 1)
                return error_raise(err, SB_CASE_PAST, "%s", text_copy(number, sizeof number, stmt_text(q, 0)));
        return rc < 0 ? rc : error_raise(err, SB_CASE_UNKNOWN, "%lld", (long long)id);
}

/* --- a block ------------------------------------------------------------------------------------------------------------------------------ */

struct moving {
        const struct run *run;
        instant_t before; /* the first instant of the month before which a case has ended */
        int64_t after, last, total;
        int64_t ids[BLOCK];
        month_t months[BLOCK];
        size_t count;
        bool end;
};

/* Ended, and nothing of it is open: a promise of its applicant may still have to be checked. */
#define FINISHED                                                                                                               \
        "FROM process_instance i WHERE i.home = ?1@int AND i.id > ?2@int AND i.id <= ?3@int AND i.ended_at > 0 AND "           \
        "i.ended_at < ?4@int AND i.state NOT IN ('active', 'incident') AND NOT EXISTS (SELECT 1 FROM task t WHERE t.home = "   \
        "i.home AND t.instance = i.id AND t.state IN ('open', 'held')) AND NOT EXISTS (SELECT 1 FROM effect e WHERE e.home = " \
        "i.home AND e.instance = i.id AND e.state = 'open') AND NOT EXISTS (SELECT 1 FROM timer m WHERE m.home = i.home AND "  \
        "m.instance = i.id AND m.state IN ('armed', 'held')) ORDER BY i.id LIMIT ?5@int"

static int chosen_take(struct moving *m, struct stmt *q, struct error *err)
{
        int rc;

        m->count = 0;
        while ((rc = stmt_step(q, err)) == 1) {
                m->ids[m->count] = stmt_int(q, 0);
                m->months[m->count++] = month_of(instant_day(stmt_int(q, 1)));
        }
        return rc;
}

/* Where the page ends, and which cases of it go. */
static int page_read(struct tx *tx, void *ctx, struct error *err)
{
        struct moving *m = ctx;
        struct stmt *q;
        int rc =
            tx_one(&q, tx, err,
                   "SELECT MAX(p.id) FROM (SELECT id FROM process_instance WHERE home = ?1@int AND id > ?2@int ORDER BY id "
                   "LIMIT ?3@int) p",
                   "iii", (int64_t)m->run->home, m->after, (int64_t)PAGE);

        m->end = rc == 1 && stmt_null(q, 0);
        m->last = rc == 1 ? stmt_int(q, 0) : 0;
        m->total = m->run->total;
        if (rc >= 0 && m->run->cursor.n == 0) {
                rc = tx_one(&q, tx, err,
                            "SELECT COUNT(*) FROM process_instance WHERE home = ?1@int AND ended_at > 0 AND ended_at < ?2@int",
                            "ii", (int64_t)m->run->home, m->before);
                m->total = rc == 1 ? stmt_int(q, 0) : 0;
        }
        if (rc >= 0)
                rc = tx_query(&q, tx, err, "SELECT i.id, i.ended_at " FINISHED, "iiiii", (int64_t)m->run->home, m->after,
                              m->last, m->before, (int64_t)BLOCK);
        rc = rc ? rc : chosen_take(m, q, err);
        if (rc == 0 && m->count == BLOCK)
                m->last = m->ids[BLOCK - 1];
        return rc;
}

/* By itself, before anything moves. */
static int months_make(struct tx *tx, void *ctx, struct error *err)
{
        const struct moving *m = ctx;
        int rc = 0;

        for (size_t i = 0; rc == 0 && i < m->count; i++) {
                if (i > 0 && m->months[i] == m->months[i - 1])
                        continue;
                rc = store_month(tx, "case_past", m->months[i], err);
                rc = rc ? rc : store_month(tx, "task_past", m->months[i], err);
                rc = rc ? rc : store_month(tx, "timer_past", m->months[i], err);
                rc = rc ? rc : store_month(tx, "effect_past", m->months[i], err);
        }
        return rc;
}

/* What a step of a case that ended in a past month was before it is asked for no more: it cannot be taken back. */
static int rows_move(struct tx *tx, int64_t home, struct error *err)
{
        int rc = tx_exec(
            tx, err,
            "INSERT INTO case_past (month, home, id, number, process, pack_hash, model_hash, state, subject_kind, subject, "
            "office, "
            "pool, variables, engine, started_by, started_at, due_day, ended_at, incident, version, parent, parent_token, "
            "parent_sequence, application, paused_at, pause_reason, archive_number, archived_at) SELECT m.month, i.home, i.id, "
            "i.number, i.process, i.pack_hash, i.model_hash, i.state, i.subject_kind, i.subject, i.office, i.pool, "
            "i.variables, "
            "i.engine, i.started_by, i.started_at, i.due_day, i.ended_at, i.incident, i.version, i.parent, i.parent_token, "
            "i.parent_sequence, i.application, i.paused_at, i.pause_reason, i.archive_number, i.archived_at FROM case_moving m "
            "JOIN process_instance i ON i.home = m.home AND i.id = m.id WHERE m.home = ?1@int",
            "i", home);

        rc = rc ? rc
                : tx_exec(
                      tx, err,
                      "INSERT INTO task_past (month, home, id, instance, token, process, node, role, office, assignee, state, "
                      "created_at, due_day, done_by, done_at, outcome, version, on_behalf_of, before_state) SELECT m.month, "
                      "t.home, t.id, t.instance, t.token, t.process, t.node, t.role, t.office, t.assignee, t.state, "
                      "t.created_at, t.due_day, t.done_by, t.done_at, t.outcome, t.version, t.on_behalf_of, NULL FROM "
                      "case_moving m JOIN task t ON t.home = m.home AND t.instance = m.id WHERE m.home = ?1@int",
                      "i", home);
        rc =
            rc ? rc
               : tx_exec(tx, err,
                         "INSERT INTO timer_past (month, home, id, instance, token, due_at, state, lease_owner, lease_until, "
                         "sequence, working_days) SELECT m.month, t.home, t.id, t.instance, t.token, t.due_at, t.state, "
                         "t.lease_owner, t.lease_until, t.sequence, t.working_days FROM case_moving m JOIN timer t ON t.home = "
                         "m.home AND t.instance = m.id WHERE m.home = ?1@int",
                         "i", home);
        return rc ? rc
                  : tx_exec(
                        tx, err,
                        "INSERT INTO effect_past (month, home, id, instance, token, sequence, verb, payload, state, "
                        "lease_owner, lease_until, attempts, result, error, created_at) SELECT m.month, e.home, e.id, "
                        "e.instance, e.token, e.sequence, e.verb, e.payload, e.state, e.lease_owner, e.lease_until, "
                        "e.attempts, e.result, e.error, e.created_at FROM case_moving m JOIN effect e ON e.home = m.home AND "
                        "e.instance = m.id WHERE m.home = ?1@int",
                        "i", home);
}

/* A case that has ended listens for nothing. */
static int rows_delete(struct tx *tx, int64_t home, struct error *err)
{
#define OF_MOVING(table, column)                                                                                               \
        "DELETE FROM " table " WHERE home = ?1@int AND " column " IN (SELECT m.id FROM case_moving m WHERE m.home = ?1@int)"
        static const char *const all[] = {OF_MOVING("task", "instance"),       OF_MOVING("timer", "instance"),
                                          OF_MOVING("effect", "instance"),     OF_MOVING("subscription", "instance"),
                                          OF_MOVING("process_instance", "id"), "DELETE FROM case_moving WHERE home = ?1@int"};
        int rc = 0;

        for (size_t i = 0; rc == 0 && i < sizeof all / sizeof all[0]; i++)
                rc = tx_exec(tx, err, all[i], "i", home);
        return rc;
}

static bool has_room(const struct moving *known, month_t month)
{
        for (size_t i = 0; i < known->count; i++)
                if (known->months[i] == month)
                        return true;
        return false;
}

/* Chosen again, now with their rows held; what somebody else holds is left for another run. */
static int move_apply(struct tx *tx, void *ctx, struct error *err)
{
        const struct moving *m = ctx;
        struct moving now = {.run = m->run};
        int64_t home = m->run->home, moved = 0;
        struct stmt *q;
        char cursor[24];
        int rc = tx_query(&q, tx, err, "SELECT i.id, i.ended_at " FINISHED " @skip", "iiiii", home, m->after, m->last,
                          m->before, (int64_t)BLOCK);

        rc = rc ? rc : chosen_take(&now, q, err);
        for (size_t i = 0; rc == 0 && i < now.count; i++) {
                if (!has_room(m, now.months[i]))
                        continue;
                rc = tx_exec(tx, err, "INSERT INTO case_moving (home, id, month) VALUES (?1@int, ?2@int, ?3@int)", "iii", home,
                             now.ids[i], (int64_t)now.months[i]);
                moved++;
        }
        if (rc == 0 && moved > 0)
                rc = rows_move(tx, home, err);
        if (rc == 0 && moved > 0)
                rc = rows_delete(tx, home, err);
        text_format(cursor, sizeof cursor, "%lld", (long long)m->last);
        return rc ? rc : run_progress(tx, m->run, str_from(cursor), m->total, moved, 0, err);
}

static int result_apply(struct tx *tx, void *ctx, struct error *err)
{
        const struct moving *m = ctx;
        json_t *result = json_pack("{s:I,s:I}", "moved", (json_int_t)m->run->done, "kept",
                                   (json_int_t)(m->total > m->run->done ? m->total - m->run->done : 0));
        int rc = result == NULL ? error_raise(err, SB_MEMORY, "%s", "") : run_result(tx, m->run, result, err);

        json_decref(result);
        return rc;
}

static int before_of(struct house *h, const json_t *inputs, instant_t *before, struct error *err)
{
        const char *text = NULL;
        month_t month = 0;
        int rc = json_get_text(inputs, "before", true, &text, err);

        rc = rc ? rc : month_parse(&month, str_from(text), err);
        if (rc == 0 && month > month_of(clock_today(h->clock)))
                rc = error_raise(err, SB_CASE_PAST_MONTH, "%s", text);
        if (rc == 0)
                *before = day_instant(month_first(month));
        return rc;
}

static int archive_block(struct house *h, const struct run *r, enum run_result *more, struct error *err)
{
        struct moving m = {.run = r};
        int rc = before_of(h, r->inputs, &m.before, err);

        *more = RUN_MORE;
        if (rc == 0 && r->cursor.n > 0 && !text_to_int(r->cursor, &m.after))
                rc = error_raise(err, SB_INTERNAL, "cursor %.*s", (int)r->cursor.n, r->cursor.p);
        rc = rc ? rc : store_read(h->store, page_read, &m, err);
        if (rc == 0 && m.end) {
                *more = RUN_DONE;
                return store_write(h->store, result_apply, &m, err);
        }
        if (rc == 0 && m.count > 0)
                rc = store_write(h->store, months_make, &m, err);
        return rc ? rc : store_write(h->store, move_apply, &m, err);
}

const struct run_kind case_archive_kind = {.kind = "case_archive", .block = archive_block};

/* --- the verb ------------------------------------------------------------------------------------------------------------------------------ */

static int past_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        const json_t *inputs = ctx;
        int64_t run = 0;
        char title[64];
        int rc = ids_next(c->house->ids, &run, err);

        text_format(title, sizeof title, "< %s", json_string_value(json_object_get(inputs, "before")));
        rc = rc ? rc : run_create(tx, c, case_archive_kind.kind, title, inputs, NULL, run, err);
        change->subject_kind = "run";
        change->subject = run;
        change->audit = json_deep_copy(inputs);
        *out = json_pack("{s:I}", "run", (json_int_t)run);
        return rc ? rc : *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

static int do_archive(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        instant_t before;
        int rc = before_of(c->house, in, &before, err);

        return rc ? rc
                  : verb_change(c, registry_find(c->house->verbs, "cases.archive_past"), in, past_apply, (void *)(uintptr_t)in,
                                out, err);
}

const struct verb past_verbs[] = {
    {"cases.archive_past", VERB_WRITE, "cases.archive", "POST", "/api/cases/archive-past",
     "Move the cases that ended before a month to the past, where they are read as before", "将某月之前办结的案件转入历史库",
     "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"before\"],\"properties\":{\"before\":{\"type\":"
     "\"string\",\"pattern\":\"^[0-9]{4}-[0-9]{2}$\"}}}",
     "{\"type\":\"object\",\"required\":[\"run\"],\"properties\":{\"run\":{\"type\":\"integer\"}}}", do_archive, SCOPE_ROOT},
    {0},
};
