/* SPDX-License-Identifier: Apache-2.0
 *
 * What people do with the file of a case that runs: its papers, asking for what is missing, its clock, and the end that an applicant
 * wishes.
 */
#include "case/verbs.h"

#include "case/archive.h"
#include "case/clock.h"
#include "case/paper.h"

#include <string.h>

struct filing {
        int64_t id;
        const json_t *papers, *materials;
        const char *note, *reason, *document;
        day_t expected;
        json_t *asked; /* names of what was asked for, by language */
};

static struct filing filing_read(const json_t *in)
{
        return (struct filing){.id = json_int_or(in, "case", 0),
                               .papers = json_object_get(in, "papers"),
                               .materials = json_object_get(in, "materials"),
                               .note = json_text(in, "note"),
                               .reason = json_text(in, "reason"),
                               .document = json_text(in, "document"),
                               .expected = json_day_or(in, "expected", DAY_END)};
}

/* Lock the case; it must lie within the caller's office and still run. */
static int running(struct tx *tx, struct call *c, int64_t id, struct instance *i, struct error *err)
{
        int rc = instance_lock(tx, c->house, id, i, err);

        if (rc == 0)
                rc = office_allowed(tx, c, i->office, i->number, err);
        if (rc == 0 && !instance_runs(i))
                rc = error_raise(err, SB_CASE_STATE, "%s|%s", i->number, i->state);
        return rc;
}

static int answered(struct change *change, int64_t id, const char *reason, json_t **out, struct error *err)
{
        change->subject_kind = "case";
        change->subject = id;
        if (reason[0] != '\0')
                change->audit = json_pack("{s:s}", "reason", reason);
        if (*out == NULL)
                *out = json_pack("{s:I}", "case", (json_int_t)id);
        return *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

/* --- papers --------------------------------------------------------------------------------------------------------------------------- */

static int papers_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        const struct filing *f = ctx;
        struct instance i = {.id = 0};
        bool resumed = false;
        int missing = 0;
        int rc = running(tx, c, f->id, &i, err);

        rc = rc ? rc : papers_set(tx, c, &i, f->papers, &missing, err);
        rc = rc ? rc : case_resume_papers(tx, c, &i, missing, &resumed, err);
        instance_dispose(&i);
        if (rc == 0)
                *out = json_pack("{s:I,s:i,s:b}", "case", (json_int_t)f->id, "missing", missing, "resumed", resumed);
        return rc ? rc : answered(change, f->id, "", out, err);
}

int cases_papers(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct filing f = filing_read(in);

        return verb_change(c, registry_find(c->house->verbs, "cases.papers"), in, papers_apply, &f, out, err);
}

/* --- asking once ------------------------------------------------------------------------------------------------------------------------ */

/* What the notice lists: what the clerk names, and whatever else is known to be missing, so that nothing is forgotten. */
static int missing_mark(struct tx *tx, struct call *c, const struct instance *i, const struct filing *f, struct error *err)
{
        json_t *name, *papers = json_array();
        int missing;
        size_t k;

        for (k = 0; (name = json_array_get(f->materials, k)) != NULL; k++) {
                json_array_append_new(papers, json_pack("{s:O,s:s}", "material", name, "state", "missing"));
        }
        int rc = papers_set(tx, c, i, papers, &missing, err);
        json_decref(papers);
        return rc;
}

/* A second notice may only repeat what stood in the first. 1 when one was sent. */
static int asked_before(struct tx *tx, const struct instance *i, const struct filing *f, struct error *err)
{
        json_t *asked = json_object(), *name;
        size_t k;
        struct stmt *q = NULL;
        int rc =
            tx_query(&q, tx, err, "SELECT material FROM case_paper WHERE home = ?1@int AND instance = ?2@int AND asked_at > 0",
                     "ii", (int64_t)i->home, i->id);

        while ((rc = row_next(rc, q, err)) == 1)
                json_object_setn_new(asked, stmt_text(q, 0).p, stmt_text(q, 0).n, json_true());
        bool before = json_object_size(asked) > 0;
        for (k = 0; rc == 0 && before && (name = json_array_get(f->materials, k)) != NULL; k++) {
                if (json_object_get(asked, json_string_value(name)) == NULL)
                        rc = error_raise(err, SB_CASE_ASK_ONCE, "%s", json_string_value(name));
        }
        json_decref(asked);
        return rc < 0 ? rc : before;
}

static int asked_names(struct tx *tx, struct call *c, const struct instance *i, json_t **out, struct error *err)
{
        json_t *view = NULL, *one;
        size_t k;
        int rc = papers_view(tx, c->house, i, &view, err);

        *out = json_array();
        for (k = 0; (one = json_array_get(view, k)) != NULL; k++) {
                if (json_is_true(json_object_get(one, "asked")) &&
                    strcmp(json_string_value(json_object_get(one, "state")), "missing") == 0)
                        json_array_append_new(*out, json_pack("{s:O,s:O,s:O}", "material", json_object_get(one, "material"),
                                                              "name_zh", json_object_get(one, "name_zh"), "name_en",
                                                              json_object_get(one, "name_en")));
        }
        json_decref(view);
        return rc;
}

static int ask_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct filing *f = ctx;
        struct instance i = {.id = 0};
        struct pause p = {.reason = "papers", .note = f->note, .document = "", .expected = f->expected};
        json_t *names = NULL;
        int rc = running(tx, c, f->id, &i, err), before = 0;

        if (rc == 0)
                rc = before = asked_before(tx, &i, f, err);
        if (rc >= 0)
                rc = missing_mark(tx, c, &i, f, err);
        if (rc == 0 && before == 0)
                rc = tx_exec(
                    tx, err,
                    "UPDATE case_paper SET asked_at = ?3@int WHERE home = ?1@int AND instance = ?2@int AND state = 'missing'",
                    "iii", (int64_t)i.home, i.id, clock_now(c->house->clock));
        rc = rc ? rc : asked_names(tx, c, &i, &names, err);
        if (rc == 0 && json_array_size(names) == 0)
                rc = error_raise(err, SB_CASE_PAPER, "%s|%s", i.number, ERROR_BOTH("nothing is missing", "没有缺少的材料"));
        if (rc == 0 && i.paused_at == 0)
                rc = case_pause(tx, c, &i, &p, err);
        if (rc == 0)
                *out = json_pack("{s:I,s:s,s:O,s:b}", "case", (json_int_t)f->id, "number", i.number, "asked", names, "again",
                                 before);
        json_decref(names);
        instance_dispose(&i);
        return rc ? rc : answered(change, f->id, "papers", out, err);
}

/* The notice itself is a letter of the office; without that verb the page tells what to write. */
static int notice_issue(struct call *c, int64_t instance, const struct filing *f, json_t *answer, struct error *err)
{
        const struct verb *v = registry_find(c->house->verbs, "letter.issue");
        struct call as_case = *c;
        json_t *in, *letter = NULL, *names = json_array(), *one;
        char key[100], until[16];
        size_t i;

        if (v == NULL) {
                json_decref(names);
                return 0;
        }
        for (i = 0; (one = json_array_get(json_object_get(answer, "asked"), i)) != NULL; i++) {
                json_array_append_new(names, json_pack("{s:O,s:O}", "zh", json_object_get(one, "name_zh"), "en",
                                                       json_object_get(one, "name_en")));
        }
        as_case.instance = instance;
        as_case.key = text_format(key, sizeof key, "%.80s-letter", c->key);
        in = json_pack("{s:s,s:{s:O,s:s,s:s}}", "template", "one-time-notice", "fields", "papers", names, "note", f->note,
                       "until", f->expected >= DAY_END ? "" : day_text(f->expected, until));
        int rc = in == NULL ? error_raise(err, SB_MEMORY, "%s", "") : verb_call(&as_case, v, in, &letter, err);
        if (rc == 0)
                put_value(answer, "letter", json_incref(letter));
        else if (rc == ERR && !err->soft) {
                /* The papers are asked for and the clock stands: that is told, and that the notice has to be written by hand. */
                char text[600];
                log_error(c->house->log, "case.ask.letter", err);
                put_text(answer, "letter_problem", error_text(err, c->who.lang, text, sizeof text));
                error_clear(err);
                rc = 0;
        }
        json_decref(letter);
        json_decref(in);
        json_decref(names);
        return rc;
}

int cases_ask(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct filing f = filing_read(in);
        int rc = verb_change(c, registry_find(c->house->verbs, "cases.ask"), in, ask_apply, &f, out, err);
        return rc ? rc : notice_issue(c, f.id, &f, *out, err);
}

/* --- the clock -------------------------------------------------------------------------------------------------------------------------- */

static int pause_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        const struct filing *f = ctx;
        struct pause p = {.reason = f->reason, .note = f->note, .document = f->document, .expected = f->expected};
        struct instance i = {.id = 0};
        int rc = running(tx, c, f->id, &i, err);

        rc = rc ? rc : case_pause(tx, c, &i, &p, err);
        instance_dispose(&i);
        return rc ? rc : answered(change, f->id, f->reason, out, err);
}

int cases_pause(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct filing f = filing_read(in);

        return verb_change(c, registry_find(c->house->verbs, "cases.pause"), in, pause_apply, &f, out, err);
}

static int resume_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        const struct filing *f = ctx;
        struct instance i = {.id = 0};
        int rc = running(tx, c, f->id, &i, err);

        rc = rc ? rc : case_resume(tx, c, &i, f->note, err);
        if (rc == 0) {
                *out = json_pack("{s:I}", "case", (json_int_t)f->id);
                put_day(*out, "due_day", i.due_day);
        }
        instance_dispose(&i);
        return rc ? rc : answered(change, f->id, "", out, err);
}

int cases_resume(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct filing f = filing_read(in);

        return verb_change(c, registry_find(c->house->verbs, "cases.resume"), in, resume_apply, &f, out, err);
}

/* --- withdrawing ------------------------------------------------------------------------------------------------------------------------ */

/* What was carried out stays: a case whose execution began ends by its model alone. */
static int executed(struct tx *tx, const struct instance *i, struct error *err)
{
        const struct bpmn_node *n;
        char node[64];
        json_t *payload;
        bool any = false;
        struct stmt *q = NULL;
        int rc = tx_query(&q, tx, err,
                          "SELECT payload FROM effect WHERE home = ?1@int AND instance = ?2@int AND state IN ('open', 'done', "
                          "'failed')",
                          "ii", (int64_t)i->home, i->id);

        while ((rc = row_next(rc, q, err)) == 1) {
                payload = NULL;
                rc = json_read(&payload, stmt_text(q, 0), err);
                text_copy(node, sizeof node, str_from(json_string_value(json_object_get(payload, "node"))));
                json_decref(payload);
                n = bpmn_node_find(i->model, node);
                any = any || (n != NULL && (strcmp(n->phase, "EXE") == 0 || strncmp(node, "execute", 7) == 0));
        }
        return rc < 0 ? rc : any;
}

/* The applicant is told, in the same change, where the house has letters. */
static int withdrawal_tell(struct tx *tx, struct call *c, const struct filing *f, struct error *err)
{
        const struct verb *v = registry_find(c->house->verbs, "letter.withdrawal");
        char key[60];
        struct call told = {.house = c->house, .who = c->who, .instance = f->id, .within = tx};
        json_t *in = json_pack("{s:s}", "reason", f->reason), *out = NULL;
        int rc = in == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;

        told.key = text_format(key, sizeof key, "withdrawal-%d-%lld", c->house->home, (long long)f->id);
        if (rc == 0 && v != NULL)
                rc = verb_call(&told, v, in, &out, err);
        json_decref(in);
        json_decref(out);
        return rc;
}

static int withdraw_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        const struct filing *f = ctx;
        struct instance i = {.id = 0};
        char number[32];
        int rc = running(tx, c, f->id, &i, err);

        if (rc == 0)
                rc = executed(tx, &i, err);
        if (rc == 1)
                rc = error_raise(err, SB_CASE_WITHDRAW, "%s", i.number);
        if (rc == 0 && i.paused_at != 0)
                rc = case_resume(tx, c, &i, "", err);
        rc = rc ? rc : instance_cancel(tx, c->house, f->id, err);
        rc = rc ? rc : withdrawal_tell(tx, c, f, err);
        rc = rc ? rc : archive_make(tx, c, f->id, number, err);
        instance_dispose(&i);
        return rc ? rc : answered(change, f->id, f->reason, out, err);
}

int cases_withdraw(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct filing f = filing_read(in);

        return verb_change(c, registry_find(c->house->verbs, "cases.withdraw"), in, withdraw_apply, &f, out, err);
}
