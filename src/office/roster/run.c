/* SPDX-License-Identifier: Apache-2.0
 *
 * A batch becomes employment, and is taken back: two runs, line by line in blocks. What cannot be done with one line, because the world has
 * moved since it was entered, is told at the line, and the others go on.
 */
#include "office/roster/roster.h"

#include "office/json.h"

#include <stdlib.h>
#include <string.h>

#define BLOCK 100

struct row {
        int64_t line, person, written, before;
        day_t day;
        bool joins;
        char category[16], reason[128];
        struct person_registration *made; /* of somebody who is not registered yet */
};
struct work {
        struct house *house;
        const struct run *run;
        struct call call;
        struct roster_row roster;
        int64_t after;
        struct row rows[BLOCK];
        size_t count;
        bool backwards; /* the last line first */
};

/* --- the lines of a block ---------------------------------------------------------------------------------------------------------------- */

#define LINES                                                                                                                  \
        "SELECT line, act, person, day, category, reason, written, before FROM roster_line WHERE home = ?1@int AND roster = "  \
        "?2@int AND state = ?3@text "

static int rows_read(struct tx *tx, void *ctx, struct error *err)
{
        struct work *w = ctx;
        struct stmt *q = NULL;
        int64_t home = w->run->home;
        int rc = roster_row_read(tx, w->run->home, w->roster.id, &w->roster, err);

        w->count = 0;
        if (rc == 0 && w->backwards)
                rc = tx_query(&q, tx, err, LINES "ORDER BY line DESC LIMIT ?4@int", "iiti", home, w->roster.id, "done",
                              (int64_t)BLOCK);
        else if (rc == 0)
                rc = tx_query(&q, tx, err, LINES "ORDER BY line LIMIT ?4@int", "iiti", home, w->roster.id, "waiting",
                              (int64_t)BLOCK);
        while ((rc = row_next(rc, q, err)) == 1) {
                struct row *r = &w->rows[w->count++];
                *r = (struct row){.line = stmt_int(q, 0),
                                  .joins = str_is(stmt_text(q, 1), "join"),
                                  .person = stmt_int(q, 2),
                                  .day = (day_t)stmt_int(q, 3),
                                  .written = stmt_int(q, 6),
                                  .before = stmt_int(q, 7)};
                text_copy(r->category, sizeof r->category, stmt_text(q, 4));
                text_copy(r->reason, sizeof r->reason, stmt_text(q, 5));
        }
        return rc;
}

static void rows_clear(struct work *w)
{
        for (size_t i = 0; i < w->count; i++) {
                if (w->rows[i].made != NULL)
                        explicit_bzero(w->rows[i].made, sizeof *w->rows[i].made);
                free(w->rows[i].made);
                w->rows[i].made = NULL;
        }
        w->count = 0;
}

struct opening {
        struct house *house;
        int64_t id;
        json_t *out;
};

static int sealed_of(struct tx *tx, void *ctx, struct error *err)
{
        struct opening *o = ctx;

        json_decref(o->out);
        o->out = NULL;
        return roster_sealed(tx, o->house, o->id, &o->out, err);
}

/* Keys and sealed rows of those who are new, outside of the transaction. */
static int strangers_make(struct work *w, struct error *err)
{
        struct opening o = {.house = w->house, .id = w->roster.id};
        int rc = 0;

        for (size_t i = 0; rc == 0 && i < w->count; i++) {
                struct row *r = &w->rows[i];
                const char *field;
                char line[24];
                if (r->person != 0)
                        continue;
                if (o.out == NULL && (rc = store_read(w->house->store, sealed_of, &o, err)) < 0)
                        break;
                const json_t *who = json_object_get(o.out, text_format(line, sizeof line, "%lld", (long long)r->line));
                struct person_text text = {.name = str_from(json_text(who, "name")),
                                           .id_number = str_from(json_text(who, "id_number")),
                                           .telephone = str_from(json_text(who, "telephone")),
                                           .category = str_from(r->category)};
                r->made = calloc(1, sizeof *r->made);
                rc = r->made == NULL ? error_raise(err, SB_MEMORY, "%s", "")
                                     : person_registration_make(r->made, w->house, &text, &field, err);
        }
        json_decref(o.out);
        return rc;
}

/* --- a line is closed --------------------------------------------------------------------------------------------------------------------- */

static int line_close(struct tx *tx, const struct work *w, const struct row *r, const char *state, const struct error *why,
                      struct error *err)
{
        struct buf text;
        json_t *list = NULL;
        int rc = why == NULL ? 0 : roster_finding(&list, "", why, err);

        buf_init(&text, (size_t)1 << 14);
        if (rc == 0 && why != NULL)
                rc = json_canonical(&text, json_array_get(list, 0), err);
        if (rc == 0)
                rc = tx_exec(
                    tx, err,
                    "UPDATE roster_line SET state = ?4@text, fault = ?5@text, person = ?6@int, written = ?7@int, before = "
                    "?8@int WHERE home = ?1@int AND roster = ?2@int AND line = ?3@int",
                    "iiittiii", (int64_t)w->run->home, w->roster.id, r->line, state, why == NULL ? "" : buf_text(&text),
                    r->person, r->written, r->before);
        json_decref(list);
        buf_dispose(&text);
        return rc;
}

/* The trail tells of each person what it tells of one that is entered alone, and of which batch it is. */
static int told(struct tx *tx, struct work *w, const struct row *r, const char *verb, struct error *err)
{
        json_t *body = json_pack("{s:I,s:I,s:I}", "employment", (json_int_t)r->written, "employer",
                                 (json_int_t)w->roster.employer, "roster", (json_int_t)w->roster.id);
        int rc = body == NULL ? error_raise(err, SB_MEMORY, "%s", "")
                              : audit_add(tx, &w->call, verb, "person", r->person, body, err);

        json_decref(body);
        return rc;
}

/* --- posted --------------------------------------------------------------------------------------------------------------------------------- */

static int stranger_register(struct tx *tx, struct work *w, struct row *r, struct error *why)
{
        int32_t home;
        int64_t id;
        char number[32];
        int rc = person_registration_write(tx, w->house, r->made, &home, &id, why);

        if (rc == 1)
                return error_raise(why, SB_REGISTRY_DUPLICATE, "%s", readable_number('P', home, id, number));
        if (rc == 0)
                r->person = id;
        return rc;
}

static int join_do(struct tx *tx, struct work *w, struct row *r, struct error *why)
{
        bool stranger = r->person == 0;
        int rc = stranger ? stranger_register(tx, w, r, why) : 0;
        struct spell s = {
            .person = r->person, .employer = w->roster.employer, .from = r->day, .to = DAY_END, .category = "worker"};

        if (rc == 0)
                rc = ids_next(w->house->ids, &s.id, why);
        if (rc == 0)
                rc = spell_open(tx, w->house, &s, why);
        r->written = rc == 0 ? s.id : 0;
        if (rc == 0 && stranger)
                rc = told(tx, w, r, "registry.person_register", why);
        return rc == 0 ? told(tx, w, r, "registry.employment_open", why) : rc;
}

static int leave_do(struct tx *tx, struct work *w, struct row *r, struct error *why)
{
        struct stmt *q;
        struct spell_ending e = {.to = r->day + 1, .reason = r->reason};
        int64_t person;
        char day[16];
        int rc =
            tx_one(&q, tx, why,
                   "SELECT id FROM employment WHERE home = ?1@int AND person = ?2@int AND employer_home = ?1@int AND employer "
                   "= ?3@int AND known_to = ?4@int AND valid_from <= ?5@int AND valid_to > ?5@int + 1",
                   "iiiii", (int64_t)w->run->home, r->person, w->roster.employer, (int64_t)INSTANT_END, (int64_t)r->day);

        if (rc == 0)
                return error_raise(why, SB_ROSTER_NOT_HERE, "%s", day_text(r->day, day));
        r->before = e.employment = rc == 1 ? stmt_int(q, 0) : 0;
        rc = rc < 0 ? rc : ids_next(w->house->ids, &e.new_id, why);
        if (rc == 0)
                rc = spell_end(tx, w->house, &e, &person, why);
        r->written = rc == 0 ? e.new_id : 0;
        return rc == 0 ? told(tx, w, r, "registry.employment_end", why) : rc;
}

/* A fault of the line is found before anything is written; anything else ends the block. */
static bool line_fault(int rc, const struct error *why)
{
        return rc == ERR && error_http(why->code) < 500;
}

static int row_post(struct tx *tx, struct work *w, struct row *r, const struct error *employer, int *done, int *failed,
                    struct error *err)
{
        int64_t person = r->person;
        struct error why = {0};
        int rc;

        if (employer->code != SB_OK) {
                why = *employer;
                rc = ERR;
        } else {
                rc = r->joins ? join_do(tx, w, r, &why) : leave_do(tx, w, r, &why);
        }
        if (line_fault(rc, &why)) {
                *failed += 1;
                r->written = r->before = 0;
                r->person = person;
                return line_close(tx, w, r, "failed", &why, err);
        }
        if (rc < 0)
                return error_hand(err, &why);
        *done += 1;
        return line_close(tx, w, r, "done", NULL, err);
}

static int posted(struct tx *tx, const struct work *w, struct error *err)
{
        int rc =
            tx_exec(tx, err, "UPDATE roster SET state = 'posted', version = version + 1 WHERE home = ?1@int AND id = ?2@int",
                    "ii", (int64_t)w->run->home, w->roster.id);

        /* Who is registered is known by the registry: what was written down of them is forgotten. */
        return rc < 0 ? rc
                      : tx_exec(
                            tx, err,
                            "UPDATE roster SET wrapped = ?3@blob, sealed = ?3@blob WHERE home = ?1@int AND id = ?2@int AND NOT "
                            "EXISTS (SELECT 1 FROM roster_line l WHERE l.home = roster.home AND l.roster = roster.id AND "
                            "l.person = 0)",
                            "iib", (int64_t)w->run->home, w->roster.id, STR(""));
}

static int post_apply(struct tx *tx, void *ctx, struct error *err)
{
        struct work *w = ctx;
        struct error employer = {0};
        int done = 0, failed = 0;
        char cursor[32];
        struct row rows[BLOCK];
        int rc = registered_need(tx, w->run->home, "employer", w->roster.employer, &employer);

        if (rc < 0 && !line_fault(rc, &employer))
                return error_hand(err, &employer);
        memcpy(rows, w->rows, sizeof rows); /* as they were read: this may run again */
        rc = 0;
        for (size_t i = 0; rc == 0 && i < w->count; i++)
                rc = row_post(tx, w, &rows[i], &employer, &done, &failed, err);
        if (rc == 0 && w->count < BLOCK)
                rc = posted(tx, w, err);
        text_format(cursor, sizeof cursor, "%lld", w->count == 0 ? 0LL : (long long)w->rows[w->count - 1].line);
        return rc == 0 ? run_progress(tx, w->run, str_from(cursor), w->roster.lines, done, failed, err) : rc;
}

static struct work work_of(struct house *h, const struct run *run)
{
        return (struct work){
            .house = h,
            .run = run,
            .call = {.house = h, .who = {.staff = run->created_by, .office = json_int_or(run->inputs, "office", 0)}},
            .roster = {.id = json_int_or(run->inputs, "roster", 0)}};
}

static int block(struct work *w, store_apply *apply, enum run_result *more, struct error *err)
{
        int rc = store_read(w->house->store, rows_read, w, err);

        if (rc == 0 && !w->backwards)
                rc = strangers_make(w, err);
        if (rc == 0)
                rc = store_write(w->house->store, apply, w, err);
        *more = w->count < BLOCK ? RUN_DONE : RUN_MORE;
        rows_clear(w);
        return rc;
}

static int post_block(struct house *h, const struct run *run, enum run_result *more, struct error *err)
{
        struct work *w = malloc(sizeof *w);

        if (w == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        *w = work_of(h, run);
        int rc = block(w, post_apply, more, err);
        free(w);
        return rc;
}

const struct run_kind roster_post_kind = {"roster.post", post_block, NULL};

/* --- taken back --------------------------------------------------------------------------------------------------------------------------- */

/* A month in which the joiner was declared rests on the employment. */
static int declared(struct tx *tx, const struct work *w, const struct row *r, struct error *err)
{
        struct stmt *q;

        return tx_one(
            &q, tx, err,
            "SELECT 1 FROM declaration d JOIN declaration_line l ON l.home = d.home AND l.declaration = d.id WHERE d.home = "
            "?1@int AND d.employer = ?2@int AND d.month >= ?3@int AND d.state <> 'returned' AND l.person_home = ?1@int AND "
            "l.person = ?4@int LIMIT 1",
            "iiii", (int64_t)w->run->home, w->roster.employer, (int64_t)month_of(r->day), r->person);
}

static int row_back(struct tx *tx, struct work *w, struct row *r, int *done, int *kept, struct error *err)
{
        struct error why = {0};
        char number[32];
        int64_t new_id = 0;
        int rc = r->joins ? declared(tx, w, r, &why) : 0;

        if (rc == 0)
                rc = ids_next(w->house->ids, &new_id, &why);
        if (rc == 0)
                rc = spell_retract(tx, w->house, r->written, r->before, new_id, "reversal", &why);
        if (rc == 1)
                rc = error_raise(&why, SB_ROSTER_RESTS, "%s", readable_number('P', w->run->home, r->person, number));
        if (rc == 0)
                rc = told(tx, w, r, "roster.reverse", &why);
        if (rc < 0 && why.code != SB_ROSTER_RESTS && why.code != SB_REGISTRY_OVERLAP)
                return error_hand(err, &why);
        *done += rc == 0;
        *kept += rc != 0;
        return line_close(tx, w, r, rc == 0 ? "reversed" : "kept", rc == 0 ? NULL : &why, err);
}

static int back_apply(struct tx *tx, void *ctx, struct error *err)
{
        struct work *w = ctx;
        int done = 0, kept = 0, rc = 0;
        char cursor[32];

        for (size_t i = 0; rc == 0 && i < w->count; i++)
                rc = row_back(tx, w, &w->rows[i], &done, &kept, err);
        if (rc == 0 && w->count < BLOCK)
                rc = tx_exec(tx, err,
                             "UPDATE roster SET state = 'reversed', version = version + 1 WHERE home = ?1@int AND id = ?2@int",
                             "ii", (int64_t)w->run->home, w->roster.id);
        text_format(cursor, sizeof cursor, "%lld", w->count == 0 ? 0LL : (long long)w->rows[w->count - 1].line);
        return rc == 0 ? run_progress(tx, w->run, str_from(cursor), w->roster.lines, done, kept, err) : rc;
}

static int back_block(struct house *h, const struct run *run, enum run_result *more, struct error *err)
{
        struct work *w = malloc(sizeof *w);

        if (w == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        *w = work_of(h, run);
        w->backwards = true;
        int rc = block(w, back_apply, more, err);
        free(w);
        return rc;
}

const struct run_kind roster_reverse_kind = {"roster.reverse", back_block, NULL};
