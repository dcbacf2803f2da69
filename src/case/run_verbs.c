/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs as people see them: progress, pause, resume, cancel. The worker looks at its row after each block (run.c).
 */
#include "case/run.h"
#include "case/verbs.h"

#include <string.h>

#define COLUMNS                                                                                                                \
        "id, kind, title, state, total, done, failed, created_at, started_at, ended_at, result, error, created_by, cursor"

static void instant_or_null(json_t *o, const char *name, instant_t t)
{
        if (t == 0)
                put_value(o, name, json_null());
        else
                put_instant(o, name, t);
}

static json_t *run_json(const struct stmt *q, instant_t now)
{
        json_t *o = json_object(), *result = NULL;
        int64_t done = stmt_int(q, 5), started = stmt_int(q, 8);

        put_int(o, "id", stmt_int(q, 0));
        put_str(o, "kind", stmt_text(q, 1));
        put_str(o, "title", stmt_text(q, 2));
        put_str(o, "state", stmt_text(q, 3));
        put_int(o, "total", stmt_int(q, 4));
        put_int(o, "done", done);
        put_int(o, "failed", stmt_int(q, 6));
        put_instant(o, "created_at", stmt_int(q, 7));
        instant_or_null(o, "started_at", started);
        instant_or_null(o, "ended_at", stmt_int(q, 9));
        if (str_is(stmt_text(q, 3), "running") && started != 0 && now > started)
                put_int(o, "rate", done * 1000000 / (now - started));
        struct str phase = run_phase(stmt_text(q, 13));
        if (phase.n > 0 && !str_is(stmt_text(q, 3), "done"))
                put_str(o, "phase", phase);
        if (!stmt_null(q, 10) && json_read(&result, stmt_text(q, 10), NULL) == 0)
                put_value(o, "result", result);
        else
                put_value(o, "result", json_null());
        if (stmt_null(q, 11))
                put_value(o, "error", json_null());
        else
                put_str(o, "error", stmt_text(q, 11));
        return o;
}

struct listing {
        struct call *call;
        const char *kind, *state;
        int64_t id, before;
        int limit;
        json_t *items;
        int64_t last;
        bool more;
};

static int list_apply(struct tx *tx, void *ctx, struct error *err)
{
        struct listing *l = ctx;
        struct stmt *q = NULL;
        int n = 0;
        int rc =
            tx_query(&q, tx, err,
                     "SELECT " COLUMNS
                     " FROM run WHERE home = ?1@int AND (?2@int = 0 OR id < ?2@int) AND (?3@text = '' OR kind = ?3@text) AND "
                     "(?4@text = '' OR state = ?4@text) ORDER BY id DESC LIMIT ?5@int",
                     "iitti", (int64_t)l->call->house->home, l->before, l->kind, l->state, (int64_t)l->limit + 1);

        json_array_clear(l->items);
        l->more = false;
        while ((rc = row_next(rc, q, err)) == 1) {
                if (n++ == l->limit) {
                        l->more = true;
                        rc = 0;
                        break;
                }
                l->last = stmt_int(q, 0);
                json_array_append_new(l->items, run_json(q, clock_now(l->call->house->clock)));
        }
        return rc;
}

int runs_list(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct listing l = {.call = c, .kind = json_text(in, "kind"), .state = json_text(in, "state"), .items = json_array()};
        char next[24];
        int rc = list_page(in, &l.limit, &l.before, err);

        rc = rc ? rc : store_read(c->house->store, list_apply, &l, err);
        if (rc < 0) {
                json_decref(l.items);
                return rc;
        }
        return list_answer(out, l.items, l.more ? text_format(next, sizeof next, "%lld", (long long)l.last) : NULL, err);
}

static int get_apply(struct tx *tx, void *ctx, struct error *err)
{
        struct listing *l = ctx;
        struct stmt *q;
        int rc = tx_one(&q, tx, err, "SELECT " COLUMNS " FROM run WHERE home = ?1@int AND id = ?2@int", "ii",
                        (int64_t)l->call->house->home, l->id);

        if (rc == 0)
                return error_raise(err, SB_CASE_RUN_UNKNOWN, "%lld", (long long)l->id);
        if (rc == 1) {
                json_decref(l->items);
                l->items = run_json(q, clock_now(l->call->house->clock));
        }
        return rc < 0 ? rc : 0;
}

int runs_get(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct listing l = {.call = c, .id = json_int_or(in, "run", 0)};
        int rc = store_read(c->house->store, get_apply, &l, err);

        if (rc == 0)
                *out = l.items;
        else
                json_decref(l.items);
        return rc;
}

/* --- pause, resume, cancel ------------------------------------------------------------------------------------------------------- */

struct turn {
        int64_t run;
        const char *to, *from; /* from: the states in which it is possible, separated by blanks */
};

static int turn_allowed(struct tx *tx, struct call *c, const struct turn *t, struct error *err)
{
        struct stmt *q;
        char state[16];
        int rc = tx_one(&q, tx, err, "SELECT state, created_by FROM run WHERE home = ?1@int AND id = ?2@int @lock", "ii",
                        (int64_t)c->house->home, t->run);

        if (rc == 0)
                return error_raise(err, SB_CASE_RUN_UNKNOWN, "%lld", (long long)t->run);
        if (rc < 0)
                return rc;
        text_copy(state, sizeof state, stmt_text(q, 0));
        if (c->who.staff != 0 && stmt_int(q, 1) != c->who.staff && (c->who.roles & (ROLE_APPROVER | ROLE_ADMIN)) == 0)
                return error_raise(err, SB_CASE_RUN_OWNER, "%lld", (long long)t->run);
        if (!text_has_word(t->from, state))
                return error_raise(err, SB_CASE_RUN_STATE, "%lld|%s", (long long)t->run, state);
        return 0;
}

static int turn_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        const struct turn *t = ctx;
        instant_t ended = strcmp(t->to, "cancelled") == 0 ? clock_now(c->house->clock) : 0;
        int rc = turn_allowed(tx, c, t, err);

        if (rc == 0)
                rc = tx_exec(tx, err,
                             "UPDATE run SET state = ?3@text, error = NULL, lease_owner = NULL, lease_until = 0, ended_at = "
                             "?4@int, version = "
                             "version + 1 WHERE home = ?1@int AND id = ?2@int",
                             "iiti", (int64_t)c->house->home, t->run, t->to, ended);
        if (rc < 0)
                return rc;
        change->subject_kind = "run";
        change->subject = t->run;
        *out = json_pack("{s:I,s:s}", "run", (json_int_t)t->run, "state", t->to);
        return *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

static int turn(struct call *c, const char *verb, const json_t *in, struct turn t, json_t **out, struct error *err)
{
        t.run = json_int_or(in, "run", 0);
        return verb_change(c, registry_find(c->house->verbs, verb), in, turn_apply, &t, out, err);
}

int runs_pause(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        return turn(c, "runs.pause", in, (struct turn){.to = "paused", .from = "queued running"}, out, err);
}

int runs_resume(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        return turn(c, "runs.resume", in, (struct turn){.to = "queued", .from = "paused failed"}, out, err);
}

int runs_cancel(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        return turn(c, "runs.cancel", in, (struct turn){.to = "cancelled", .from = "queued running paused failed"}, out, err);
}
