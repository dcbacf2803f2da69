/* SPDX-License-Identifier: Apache-2.0
 *
 * Who lets a batch be posted or taken back: somebody else each time, and once.
 */
#include "office/roster/roster.h"

#include "case/sealed.h"
#include "office/json.h"

#include <string.h>

int roster_row_read(struct tx *tx, int32_t home, int64_t id, struct roster_row *out, struct error *err)
{
        struct stmt *q;
        int rc =
            tx_one(&q, tx, err,
                   "SELECT employer, lines, run, entered_by, posted_by, version, state FROM roster WHERE home = ?1@int AND id "
                   "= ?2@int",
                   "ii", (int64_t)home, id);

        if (rc == 0)
                return error_raise(err, SB_ROSTER, "%lld", (long long)id);
        if (rc < 0)
                return rc;
        *out = (struct roster_row){.id = id,
                                   .employer = stmt_int(q, 0),
                                   .lines = stmt_int(q, 1),
                                   .run = stmt_int(q, 2),
                                   .entered_by = stmt_int(q, 3),
                                   .posted_by = stmt_int(q, 4),
                                   .version = stmt_int(q, 5)};
        text_copy(out->state, sizeof out->state, stmt_text(q, 6));
        return 0;
}

int roster_sealed(struct tx *tx, struct house *h, int64_t id, json_t **out, struct error *err)
{
        struct stmt *q;
        int rc = tx_one(&q, tx, err, "SELECT wrapped, sealed FROM roster WHERE home = ?1@int AND id = ?2@int", "ii",
                        (int64_t)h->home, id);

        *out = NULL;
        if (rc == 1 && stmt_blob(q, 1).n > 0)
                return sealed_read(h->keys, ROSTER_CONTEXT, stmt_blob(q, 0), stmt_blob(q, 1), out, err);
        *out = rc < 0 ? NULL : json_object();
        return rc < 0 ? rc : *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

struct turning {
        int64_t id, run;
        const char *reason;
        struct roster_row row;
};

/* The run that was at work was cancelled before its end: whoever may begin it may go on with it. */
static int run_cancelled(struct tx *tx, int32_t home, int64_t run, bool *cancelled, struct error *err)
{
        struct stmt *q;
        int rc = tx_one(&q, tx, err, "SELECT 1 FROM run WHERE home = ?1@int AND id = ?2@int AND state = 'cancelled'", "ii",
                        (int64_t)home, run);

        *cancelled = rc == 1;
        return rc < 0 ? rc : 0;
}

/* from: as it should be; at work: what it is while its run goes. */
static int turn_may(struct tx *tx, struct call *c, struct turning *t, const char *from, const char *at_work, struct error *err)
{
        bool cancelled = false;
        int rc = roster_row_read(tx, c->house->home, t->id, &t->row, err);

        if (rc == 0)
                rc = employer_hold(tx, c->house, t->row.employer, err);
        if (rc == 0)
                rc = roster_row_read(tx, c->house->home, t->id, &t->row, err);
        if (rc == 0 && strcmp(t->row.state, at_work) == 0)
                rc = run_cancelled(tx, c->house->home, t->row.run, &cancelled, err);
        if (rc == 0 && strcmp(t->row.state, from) != 0 && !cancelled)
                rc = error_raise(err, SB_ROSTER_STATE, "%s", t->row.state);
        return rc;
}

static int run_begin(struct tx *tx, struct call *c, struct turning *t, const char *kind, struct error *err)
{
        struct employer e;
        json_t *inputs = json_pack("{s:I,s:I}", "roster", (json_int_t)t->id, "office", (json_int_t)c->who.office);
        int rc = inputs == NULL ? error_raise(err, SB_MEMORY, "%s", "")
                                : employer_read(tx, c->house, c->house->home, t->row.employer, &e, err);

        if (rc == 0)
                rc = ids_next(c->house->ids, &t->run, err);
        if (rc == 0)
                rc = run_create(tx, c, kind, e.name, inputs, NULL, t->run, err);
        json_decref(inputs);
        return rc;
}

static int answer(const struct turning *t, const char *state, struct change *change, json_t **out, struct error *err)
{
        change->subject_kind = "roster";
        change->subject = t->id;
        change->audit = json_pack("{s:I,s:I}", "employer", (json_int_t)t->row.employer, "run", (json_int_t)t->run);
        *out = json_pack("{s:I,s:s,s:I}", "id", (json_int_t)t->id, "state", state, "run", (json_int_t)t->run);
        return *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

/* --- roster.post ------------------------------------------------------------------------------------------------------------------------- */

static int post_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct turning *t = ctx;
        int rc = turn_may(tx, c, t, "entered", "posting", err);

        if (rc == 0 && t->row.entered_by == c->who.staff)
                rc = error_raise(err, SB_ROSTER_OWN, "%s", "");
        if (rc == 0)
                rc = run_begin(tx, c, t, roster_post_kind.kind, err);
        if (rc == 0)
                rc = tx_exec(
                    tx, err,
                    "UPDATE roster SET state = 'posting', posted_by = ?3@int, posted_at = ?4@int, run = ?5@int, version = "
                    "version + 1 WHERE home = ?1@int AND id = ?2@int",
                    "iiiii", (int64_t)c->house->home, t->id, c->who.staff, (int64_t)clock_now(c->house->clock), t->run);
        return rc == 0 ? answer(t, "posting", change, out, err) : rc;
}

int roster_post(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct turning t = {.id = json_int_or(in, "roster", 0)};

        return verb_change(c, registry_find(c->house->verbs, "roster.post"), in, post_apply, &t, out, err);
}

/* --- roster.reverse ---------------------------------------------------------------------------------------------------------------------- */

/* The whole batch or nothing: one joiner who was declared since, one spell that was changed, and it stays. */
static int rests(struct tx *tx, struct call *c, const struct turning *t, struct error *err)
{
        struct stmt *q;
        char number[32];
        int rc = tx_one(
            &q, tx, err,
            "SELECT l.person FROM roster_line l LEFT JOIN employment e ON e.home = l.home AND e.id = l.written WHERE l.home = "
            "?1@int AND l.roster = ?2@int AND l.state = 'done' AND (e.id IS NULL OR e.known_to <> ?3@int OR (l.act = 'join' "
            "AND "
            "EXISTS (SELECT 1 FROM declaration d JOIN declaration_line x ON x.home = d.home AND x.declaration = d.id WHERE "
            "d.home = "
            "l.home AND d.employer = ?4@int AND d.month >= l.month AND d.state <> 'returned' AND x.person_home = l.home AND "
            "x.person "
            "= l.person))) ORDER BY l.line LIMIT 1",
            "iiii", (int64_t)c->house->home, t->id, (int64_t)INSTANT_END, t->row.employer);

        if (rc != 1)
                return rc;
        return error_raise(err, SB_ROSTER_RESTS, "%s", readable_number('P', c->house->home, stmt_int(q, 0), number));
}

static int reverse_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct turning *t = ctx;
        int rc = turn_may(tx, c, t, "posted", "reversing", err);

        if (rc == 0 && t->row.posted_by == c->who.staff)
                rc = error_raise(err, SB_ROSTER_OWN, "%s", "");
        if (rc == 0)
                rc = rests(tx, c, t, err);
        if (rc == 0)
                rc = run_begin(tx, c, t, roster_reverse_kind.kind, err);
        if (rc == 0)
                rc = tx_exec(
                    tx, err,
                    "UPDATE roster SET state = 'reversing', reversed_by = ?3@int, reversed_at = ?4@int, reason = ?5@text, "
                    "run = ?6@int, version = version + 1 WHERE home = ?1@int AND id = ?2@int",
                    "iiiiti", (int64_t)c->house->home, t->id, c->who.staff, (int64_t)clock_now(c->house->clock), t->reason,
                    t->run);
        return rc == 0 ? answer(t, "reversing", change, out, err) : rc;
}

int roster_reverse(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct turning t = {.id = json_int_or(in, "roster", 0), .reason = json_text(in, "reason")};

        return verb_change(c, registry_find(c->house->verbs, "roster.reverse"), in, reverse_apply, &t, out, err);
}
