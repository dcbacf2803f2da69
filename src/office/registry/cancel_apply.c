/* SPDX-License-Identifier: Apache-2.0
 *
 * A cancellation carried out: the registration is closed with its day, employments end, a death is entered, an account and survivors are
 * told of to the processes that see to them. What it changed is kept, so that it can be taken back within its case.
 */
#include "office/registry/cancel.h"

#include "office/json.h"

#include <stdlib.h>
#include <string.h>

enum { SPELLS_MAX = 200 };

struct spell_row {
        int64_t id, employer;
        day_t from;
        char category[32];
};

/* --- employments ------------------------------------------------------------------------------------------------------------------------ */

static int spells_read(struct tx *tx, struct cancelling *k, struct spell_row *rows, int *count, struct error *err)
{
        struct stmt *q = NULL;
        int rc =
            tx_query(&q, tx, err,
                     "SELECT id, employer, valid_from, category FROM employment WHERE home = ?1@int AND person = ?2@int AND "
                     "known_to = ?3@int AND valid_to > ?4@int ORDER BY id",
                     "iiii", (int64_t)k->call->house->home, k->subject, (int64_t)INSTANT_END, (int64_t)k->event_day + 1);

        *count = 0;
        while ((rc = row_next(rc, q, err)) == 1) {
                if (*count == SPELLS_MAX)
                        return error_raise(err, SB_LIMIT, "%s|%d",
                                           ERROR_BOTH("the employments of a person", "人员的用工记录条数"), SPELLS_MAX);
                struct spell_row *r = &rows[(*count)++];
                *r = (struct spell_row){.id = stmt_int(q, 0), .employer = stmt_int(q, 1), .from = (day_t)stmt_int(q, 2)};
                text_copy(r->category, sizeof r->category, stmt_text(q, 3));
        }
        return rc;
}

/* A spell ends with the day of the event; one that would begin after it is believed no more. */
static int spell_shorten(struct tx *tx, struct cancelling *k, int64_t cancellation, const struct spell_row *r,
                         struct error *err)
{
        struct house *h = k->call->house;
        char reason[40];
        int64_t id = 0;
        int rc = tx_exec(tx, err, "UPDATE employment SET known_to = ?3@int WHERE home = ?1@int AND id = ?2@int", "iii",
                         (int64_t)h->home, r->id, (int64_t)clock_now(h->clock));

        if (rc == 0 && r->from <= k->event_day) {
                struct spell s = {.person = k->subject,
                                  .employer = r->employer,
                                  .from = r->from,
                                  .to = k->event_day + 1,
                                  .category = r->category};
                rc = ids_next(h->ids, &s.id, err);
                rc = rc ? rc : spell_write(tx, h, &s, text_format(reason, sizeof reason, "%s", k->cause), err);
                id = s.id;
        }
        return rc ? rc
                  : tx_exec(tx, err,
                            "INSERT INTO cancellation_work (home, cancellation, ended, shortened) VALUES (?1@int, ?2@int, "
                            "?3@int, ?4@int)",
                            "iiii", (int64_t)h->home, cancellation, r->id, id);
}

static int spells_shorten(struct tx *tx, struct cancelling *k, int64_t cancellation, struct error *err)
{
        struct spell_row *rows = calloc(SPELLS_MAX, sizeof *rows);
        int count = 0;
        int rc = rows == NULL ? error_raise(err, SB_MEMORY, "%s", "") : spells_read(tx, k, rows, &count, err);

        for (int i = 0; rc == 0 && i < count; i++)
                rc = spell_shorten(tx, k, cancellation, &rows[i], err);
        free(rows);
        return rc;
}

/* --- registry.cancel -------------------------------------------------------------------------------------------------------------------- */

struct doing {
        struct cancelling k;
        struct case_decision decision;
        json_t *decided_on, *result, *derivation;
        bool payout_requested;
        int64_t id;
};

/* Locked until the transaction ends; whose registration was cancelled already is refused. */
static int subject_hold(struct tx *tx, struct cancelling *k, struct error *err)
{
        struct house *h = k->call->house;
        int rc = k->person ? person_touch(tx, h->home, k->subject, 0, NULL, err) : employer_hold(tx, h, k->subject, err);

        return rc ? rc : registered_need(tx, h->home, cancel_kind(k), k->subject, err);
}

static int death_enter(struct tx *tx, struct cancelling *k, bool *set, struct error *err)
{
        struct person p = {.id = 0};
        char day[16], source[48];
        int64_t version;
        int rc = 0;

        *set = false;
        if (!k->person || strcmp(k->cause, "death") != 0)
                return 0;
        rc = person_read(tx, k->call->house, k->call->house->home, k->subject, &p, err);
        *set = rc == 0 && p.death == DAY_END;
        person_dispose(&p);
        struct person_change x = {.person = k->subject,
                                  .field = "death",
                                  .value = str_from(day_text(k->event_day, day)),
                                  .valid_from = k->event_day,
                                  .source = text_format(source, sizeof source, "P05 %lld", (long long)k->call->instance)};
        return rc == 0 && *set ? person_change(tx, k->call->house, &x, 0, &version, err) : rc;
}

static int cancellation_write(struct tx *tx, struct doing *d, int64_t decision, bool death_set, struct error *err)
{
        struct cancelling *k = &d->k;
        struct house *h = k->call->house;
        int rc = tx_exec(tx, err,
                         "INSERT INTO cancellation (home, id, subject_kind, subject, cause, event_day, instance, decision, "
                         "death_set, state, actor, at, ended_by, ended_at, reason) VALUES (?1@int, ?2@int, ?3@text, ?4@int, "
                         "?5@text, ?6@int, ?7@int, ?8@int, ?9@int, 'cancelled', ?10@int, ?11@int, 0, 0, '')",
                         "iititiiiiii", (int64_t)h->home, d->id, cancel_kind(k), k->subject, k->cause, (int64_t)k->event_day,
                         k->call->instance, decision, (int64_t)death_set, k->call->who.staff, (int64_t)clock_now(h->clock));

        return rc ? rc : state_set(tx, h->home, cancel_kind(k), k->subject, DEREGISTERED, err);
}

/* What the case goes on by: from which month awards stop, and whom else to tell. */
static int said(struct doing *d, struct change *change, json_t **out, struct error *err)
{
        struct cancelling *k = &d->k;
        bool emigration = strcmp(k->cause, "emigration") == 0;
        bool payout = k->person && k->balance > 0 && (d->payout_requested || emigration) && !k->case_payout;
        bool survivors = k->person && strcmp(k->cause, "death") == 0 && !k->case_survivors;
        const char *month = json_text(d->result, "award_month");

        change->subject_kind = cancel_kind(k);
        change->subject = k->subject;
        change->audit = json_pack("{s:I,s:s}", "cancellation", (json_int_t)d->id, "cause", k->cause);
        *out = json_pack("{s:b,s:I,s:s,s:s?,s:b,s:b}", "done", 1, "cancellation", (json_int_t)d->id, "number", k->number,
                         "award_month", k->awards > 0 && month[0] != '\0' ? month : NULL, "payout_due", payout, "survivors_due",
                         survivors);
        return *out == NULL || change->audit == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

static int cancel_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct doing *d = ctx;
        struct cancelling *k = &d->k;
        int64_t decision = 0;
        bool death_set = false;
        int rc = subject_hold(tx, k, err);

        rc = rc ? rc : cancel_facts(tx, k, err);
        if (rc == 0 && !json_equal(k->facts, d->decided_on))
                rc = error_raise(err, SB_REGISTRY_CANCEL_MOVED, "%s", k->number);
        d->decision.inputs = d->decided_on;
        rc = rc ? rc : decision_store(tx, c, &d->decision, d->result, d->derivation, &decision, err);
        rc = rc ? rc : death_enter(tx, k, &death_set, err);
        if (rc == 0 && k->person)
                rc = spells_shorten(tx, k, d->id, err);
        rc = rc ? rc : cancellation_write(tx, d, decision, death_set, err);
        return rc ? rc : said(d, change, out, err);
}

int registry_cancel(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct doing d = {.payout_requested = json_bool_or(in, "payout_requested", false)};
        char en[400], zh[400];
        int rc = cancel_read(&d.k, c, in, err);

        rc = rc ? rc : cancel_decide(&d.k, &d.decision, &d.result, &d.derivation, err);
        if (rc == 0 && json_array_size(json_object_get(d.result, "reasons")) > 0)
                rc = error_raise(err, SB_REGISTRY_CANCEL, "%s|%s\x1e%s", d.k.number,
                                 cancel_words(d.result, "en", en, sizeof en), cancel_words(d.result, "zh", zh, sizeof zh));
        d.decided_on = json_incref(d.k.facts);
        rc = rc ? rc : ids_next(c->house->ids, &d.id, err);
        rc = rc ? rc : verb_change(c, registry_find(c->house->verbs, "registry.cancel"), in, cancel_apply, &d, out, err);
        json_decref(d.decided_on);
        json_decref(d.result);
        json_decref(d.derivation);
        cancel_dispose(&d.k);
        return rc;
}

/* --- registry.cancel_undo --------------------------------------------------------------------------------------------------------------- */

struct undoing {
        int64_t id, subject;
        char kind[16], state[16];
        bool death_set;
        const char *reason;
};

static int cancellation_of(struct tx *tx, int32_t home, struct undoing *u, struct error *err)
{
        struct stmt *q;
        int rc = tx_one(&q, tx, err,
                        "SELECT subject_kind, subject, death_set, state FROM cancellation WHERE home = ?1@int AND id = ?2@int",
                        "ii", (int64_t)home, u->id);

        if (rc == 1) {
                text_copy(u->kind, sizeof u->kind, stmt_text(q, 0));
                u->subject = stmt_int(q, 1);
                u->death_set = stmt_int(q, 2) != 0;
                text_copy(u->state, sizeof u->state, stmt_text(q, 3));
        }
        return rc < 0 ? rc : 0;
}

/* What stood before is believed again, in new rows; what stood in its place is believed no more. */
static int spells_restore(struct tx *tx, struct house *h, const struct undoing *u, struct error *err)
{
        struct pair {
                int64_t ended, shortened;
        } *pairs = calloc(SPELLS_MAX, sizeof *pairs);
        struct stmt *q = NULL;
        int64_t first = 0, now = clock_now(h->clock);
        int n = 0;
        int rc = pairs == NULL
                     ? error_raise(err, SB_MEMORY, "%s", "")
                     : tx_query(&q, tx, err,
                                "SELECT ended, shortened FROM cancellation_work WHERE home = ?1@int AND cancellation = "
                                "?2@int ORDER BY ended",
                                "ii", (int64_t)h->home, u->id);

        while (pairs != NULL && (rc = row_next(rc, q, err)) == 1)
                pairs[n++] = (struct pair){stmt_int(q, 0), stmt_int(q, 1)};
        if (rc == 0 && n > 0)
                rc = ids_range(h->ids, n, &first, err);
        for (int i = 0; rc == 0 && i < n; i++) {
                rc = tx_exec(tx, err, "UPDATE employment SET known_to = ?3@int WHERE home = ?1@int AND id = ?2@int", "iii",
                             (int64_t)h->home, pairs[i].shortened, now);
                rc = rc ? rc
                        : tx_exec(
                              tx, err,
                              "INSERT INTO employment (home, id, person, employer_home, employer, category, valid_from, "
                              "valid_to, known_from, known_to, source) SELECT home, ?3@int, person, employer_home, employer, "
                              "category, valid_from, valid_to, ?4@int, ?5@int, source FROM employment WHERE home = ?1@int AND "
                              "id = ?2@int",
                              "iiiii", (int64_t)h->home, pairs[i].ended, first + i, now, (int64_t)INSTANT_END);
        }
        free(pairs);
        return rc;
}

static int undo_rows(struct tx *tx, struct call *c, struct undoing *u, struct error *err)
{
        struct house *h = c->house;
        bool person = strcmp(u->kind, "person") == 0;
        char source[48];
        int64_t version;
        int rc = person ? person_touch(tx, h->home, u->subject, 0, NULL, err) : employer_hold(tx, h, u->subject, err);

        rc = rc ? rc : spells_restore(tx, h, u, err);
        if (rc == 0 && u->death_set) {
                struct person_change x = {.person = u->subject,
                                          .field = "death",
                                          .value = STR(""),
                                          .valid_from = clock_today(h->clock),
                                          .source = text_format(source, sizeof source, "P05 %lld", (long long)c->instance)};
                rc = person_change(tx, h, &x, 0, &version, err);
        }
        rc = rc ? rc : state_set(tx, h->home, u->kind, u->subject, "active", err);
        return rc ? rc : cancellation_end(tx, c, u->id, "undone", u->reason, err);
}

/* Nothing was cancelled (a refusal comes back): nothing is done. */
static int undo_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct undoing *u = ctx;
        int rc = u->id == 0 ? 0 : cancellation_of(tx, c->house->home, u, err);
        bool undo = rc == 0 && strcmp(u->state, "cancelled") == 0;

        if (undo)
                rc = undo_rows(tx, c, u, err);
        change->subject_kind = undo ? u->kind : "cancellation";
        change->subject = undo ? u->subject : u->id;
        change->audit = json_pack("{s:b,s:I}", "undone", undo, "cancellation", (json_int_t)u->id);
        *out = json_pack("{s:b}", "undone", undo);
        return rc == 0 && (*out == NULL || change->audit == NULL) ? error_raise(err, SB_MEMORY, "%s", "") : rc;
}

int registry_cancel_undo(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct undoing u = {.id = json_int_or(in, "cancellation", 0), .reason = json_text_or(in, "reason", "")};

        return verb_change(c, registry_find(c->house->verbs, "registry.cancel_undo"), in, undo_apply, &u, out, err);
}
