/* SPDX-License-Identifier: Apache-2.0
 *
 * One proposes that two records are one person, another decides; either may be taken back.
 */
#include "office/merge/merge.h"

#include "office/json.h"

#include <string.h>

int merge_read(struct tx *tx, int32_t home, int64_t id, struct person_merge *out, struct error *err)
{
        struct stmt *q;
        int rc = tx_one(&q, tx, err,
                        "SELECT kept, gone, txn, entered_by, state FROM person_merge WHERE home = ?1@int AND id = ?2@int", "ii",
                        (int64_t)home, id);

        *out = (struct person_merge){.home = home, .id = id};
        if (rc == 0)
                return error_raise(err, SB_MERGE, "%lld", (long long)id);
        if (rc < 0)
                return rc;
        out->kept = stmt_int(q, 0);
        out->gone = stmt_int(q, 1);
        out->txn = stmt_int(q, 2);
        out->entered_by = stmt_int(q, 3);
        text_copy(out->state, sizeof out->state, stmt_text(q, 4));
        return 0;
}

int merge_state_refuse(const struct person_merge *m, struct error *err)
{
        return error_raise(err, SB_MERGE_STATE, "%lld|%s", (long long)m->id, m->state);
}

struct doing {
        struct person_merge m;
        const char *reason, *decision, *state;
};

/* Both records, the lower id first, so that two of these never wait for each other. */
static int both_hold(struct tx *tx, const struct person_merge *m, struct error *err)
{
        int64_t first = m->kept < m->gone ? m->kept : m->gone, second = m->kept < m->gone ? m->gone : m->kept;
        int rc = person_touch(tx, m->home, first, 0, NULL, err);

        return rc ? rc : person_touch(tx, m->home, second, 0, NULL, err);
}

static int said(const struct doing *d, const char *state, struct change *change, json_t **out, struct error *err)
{
        change->subject_kind = "person_merge";
        change->subject = d->m.id;
        change->audit =
            json_pack("{s:s,s:I,s:I}", "state", state, "kept", (json_int_t)d->m.kept, "gone", (json_int_t)d->m.gone);
        *out = json_pack("{s:I,s:s}", "merge", (json_int_t)d->m.id, "state", state);
        return *out == NULL || change->audit == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

static int pair_take(struct call *c, const json_t *in, struct doing *d, struct error *err)
{
        int rc = json_get_int(in, "person", true, &d->m.kept, err);

        d->m.home = c->house->home;
        rc = rc ? rc : json_get_int(in, "other", true, &d->m.gone, err);
        rc = rc ? rc : json_get_text(in, "reason", true, &d->reason, err);
        if (rc == 0 && d->m.kept == d->m.gone)
                rc = error_raise(err, SB_FIELD_TYPE, "%s|%s", "other", ERROR_BOTH("another person", "另一份档案"));
        return rc ? rc : ids_next(c->house->ids, &d->m.id, err);
}

/* Nobody decides about a pair of which somebody has something in hand, or that was looked at. */
static int pair_new(struct tx *tx, const struct person_merge *m, struct error *err)
{
        struct stmt *q;
        struct person_merge before = *m;
        int rc =
            tx_one(&q, tx, err,
                   "SELECT id, state FROM person_merge WHERE home = ?1@int AND ((kept = ?2@int AND gone = ?3@int) OR (kept = "
                   "?3@int AND gone = ?2@int)) AND state IN ('proposed', 'merged', 'distinct') ORDER BY id DESC LIMIT 1",
                   "iii", (int64_t)m->home, m->kept, m->gone);

        if (rc != 1)
                return rc;
        before.id = stmt_int(q, 0);
        text_copy(before.state, sizeof before.state, stmt_text(q, 1));
        return merge_state_refuse(&before, err);
}

static int pair_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct doing *d = ctx;
        int rc = both_hold(tx, &d->m, err);

        rc = rc ? rc : pair_new(tx, &d->m, err);
        if (rc == 0 && strcmp(d->state, "proposed") == 0)
                rc = merge_need(tx, &d->m, err);
        rc = rc ? rc
                : tx_exec(
                      tx, err,
                      "INSERT INTO person_merge (home, id, kept, gone, state, reason, txn, entered_by, entered_at, decided_by, "
                      "decided_at, note, undone_by, undone_at, undo_reason) VALUES (?1@int, ?2@int, ?3@int, ?4@int, ?5@text, "
                      "?6@text, 0, ?7@int, ?8@int, 0, 0, '', 0, 0, '')",
                      "iiiittii", (int64_t)d->m.home, d->m.id, d->m.kept, d->m.gone, d->state, d->reason, c->who.staff,
                      (int64_t)clock_now(c->house->clock));
        return rc ? rc : said(d, d->state, change, out, err);
}

int merge_propose(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct doing d = {.state = "proposed"};
        int rc = pair_take(c, in, &d, err);

        return rc ? rc : verb_change(c, registry_find(c->house->verbs, "merge.propose"), in, pair_apply, &d, out, err);
}

int merge_distinct(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct doing d = {.state = "distinct"};
        int rc = pair_take(c, in, &d, err);

        return rc ? rc : verb_change(c, registry_find(c->house->verbs, "merge.distinct"), in, pair_apply, &d, out, err);
}

/* --- decided by another ------------------------------------------------------------------------------------------------------------------- */

static int decide_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct doing *d = ctx;
        bool approve = strcmp(d->decision, "approve") == 0;
        const char *state = approve ? "merged" : "refused";
        int64_t id = d->m.id;
        int rc = merge_read(tx, c->house->home, id, &d->m, err);

        rc = rc ? rc : both_hold(tx, &d->m, err);
        rc = rc ? rc : merge_read(tx, c->house->home, id, &d->m, err); /* as it stands behind the lock */
        if (rc == 0 && strcmp(d->m.state, "proposed") != 0)
                rc = merge_state_refuse(&d->m, err);
        if (rc == 0 && d->m.entered_by == c->who.staff)
                rc = error_raise(err, SB_MERGE_FOUR_EYES, "%s", "");
        if (rc == 0 && approve)
                rc = merge_need(tx, &d->m, err);
        if (rc == 0 && approve)
                rc = merge_move(tx, c, &d->m, err);
        rc = rc ? rc
                : tx_exec(
                      tx, err,
                      "UPDATE person_merge SET state = ?3@text, txn = ?4@int, decided_by = ?5@int, decided_at = ?6@int, note = "
                      "?7@text WHERE home = ?1@int AND id = ?2@int",
                      "iitiiit", (int64_t)d->m.home, id, state, d->m.txn, c->who.staff, (int64_t)clock_now(c->house->clock),
                      d->reason);
        return rc ? rc : said(d, state, change, out, err);
}

int merge_decide(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct doing d = {.reason = ""};
        int rc = json_get_int(in, "merge", true, &d.m.id, err);

        rc = rc ? rc : json_get_text(in, "decision", true, &d.decision, err);
        rc = rc ? rc : json_get_text(in, "note", false, &d.reason, err);
        return rc ? rc : verb_change(c, registry_find(c->house->verbs, "merge.decide"), in, decide_apply, &d, out, err);
}

/* --- taken back: a merge is un-merged, a proposal withdrawn, two that were called different are looked at again --------------------------- */

static int undo_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct doing *d = ctx;
        int64_t id = d->m.id;
        int rc = merge_read(tx, c->house->home, id, &d->m, err);

        rc = rc ? rc : both_hold(tx, &d->m, err);
        rc = rc ? rc : merge_read(tx, c->house->home, id, &d->m, err);
        if (rc == 0 && strcmp(d->m.state, "merged") == 0)
                rc = merge_back(tx, c, &d->m, err);
        else if (rc == 0 && strcmp(d->m.state, "proposed") != 0 && strcmp(d->m.state, "distinct") != 0)
                rc = merge_state_refuse(&d->m, err);
        rc = rc ? rc
                : tx_exec(
                      tx, err,
                      "UPDATE person_merge SET state = 'undone', undone_by = ?3@int, undone_at = ?4@int, undo_reason = ?5@text "
                      "WHERE home = ?1@int AND id = ?2@int",
                      "iiiit", (int64_t)d->m.home, id, c->who.staff, (int64_t)clock_now(c->house->clock), d->reason);
        return rc ? rc : said(d, "undone", change, out, err);
}

int merge_undo(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct doing d = {.reason = ""};
        int rc = json_get_int(in, "merge", true, &d.m.id, err);

        rc = rc ? rc : json_get_text(in, "reason", true, &d.reason, err);
        return rc ? rc : verb_change(c, registry_find(c->house->verbs, "merge.undo"), in, undo_apply, &d, out, err);
}
