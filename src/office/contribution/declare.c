/* SPDX-License-Identifier: Apache-2.0 */
#include "office/contribution/contribution.h"
#include "office/json.h"
#include "pack/pack.h"

#include <stdlib.h>
#include <string.h>

/* --- preview: what would be due, and every fault of the lines ------------------------------------------------------------- */

struct preview {
        struct call *call;
        struct declaration_input *input;
        struct employer employer;
        json_t *faults;
};

static int preview_read(struct tx *tx, void *ctx, struct error *err)
{
        struct preview *p = ctx;
        struct house *h = p->call->house;

        json_array_clear(p->faults);
        int rc = employer_read(tx, h, h->home, p->input->employer, &p->employer, err);
        return rc < 0 ? rc : declaration_input_check(tx, p->call, p->input, p->faults, err);
}

static json_t *due_json(const struct scheme_pool *s, const struct due *d)
{
        json_t *o = json_object();

        put_text(o, "scheme", s->pool.scheme);
        put_money(o, "employer", d->employer);
        put_money(o, "person", d->person);
        put_money(o, "account", d->account);
        put_money(o, "base", d->base);
        return o;
}

static int line_json(struct assessor *a, const struct declared *line, json_t *items, struct error *err)
{
        json_t *o = json_object(), *schemes = json_array();
        int rc = 0;

        put_int(o, "person", line->person);
        put_text(o, "name", line->name);
        put_money(o, "wage", line->wage);
        for (size_t s = 0; rc == 0 && s < a->scheme_count; s++) {
                struct due d;
                rc = assessor_line(a, s, line->wage, &d, err);
                if (rc == 0)
                        rc = assessor_sum(a, s, &d, err);
                if (rc == 0 && s == 0) {
                        put_money(o, "base", d.base);
                        put_text(o, "base_reason", d.reason);
                }
                if (rc == 0)
                        json_array_append_new(schemes, due_json(&a->schemes[s], &d));
        }
        put_value(o, "schemes", schemes);
        json_array_append_new(items, o);
        return rc;
}

static int totals_json(const struct assessor *a, enum lang lang, json_t *out, struct error *err)
{
        json_t *totals = json_array();
        fen_t all = 0;

        for (size_t s = 0; s < a->scheme_count; s++) {
                const struct scheme_pool *p = &a->schemes[s];
                fen_t sum = 0;
                if (!money_add(p->total.employer, p->total.person, &sum) || !money_add(all, sum, &all)) {
                        json_decref(totals);
                        return error_raise(err, SB_OVERFLOW, "%s", ERROR_BOTH("the total of a declaration", "申报合计"));
                }
                json_t *o = due_json(p, &p->total);
                put_text(o, "pool", lang == LANG_ZH ? p->pool.name_zh : p->pool.name_en);
                put_int(o, "workers", p->workers);
                put_money(o, "total", sum);
                put_text(o, "article", p->article);
                json_array_append_new(totals, o);
        }
        put_value(out, "totals", totals);
        put_money(out, "total", all);
        return 0;
}

static int preview_compute(struct preview *p, json_t **out, struct error *err)
{
        struct assessor a;
        json_t *lines = NULL, *o = NULL;
        int rc = assessor_open(&a, p->call, p->employer.territory, p->input->month, err);

        if (rc < 0)
                return rc;
        lines = json_array();
        o = json_object();
        for (size_t i = 0; rc == 0 && i < p->input->count; i++)
                rc = line_json(&a, &p->input->lines[i], lines, err);
        put_value(o, "lines", lines);
        if (rc == 0)
                rc = totals_json(&a, p->call->who.lang, o, err);
        day_t due_day;
        if (rc == 0)
                rc = assessor_due_day(&a, &due_day, err);
        if (rc == 0) {
                put_day(o, "due_day", due_day);
                put_value(o, "faults", json_incref(p->faults));
                *out = json_incref(o);
        }
        json_decref(o);
        assessor_close(&a);
        return rc;
}

int contribution_preview(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct declaration_input input;
        struct preview p = {.call = c, .input = &input};
        int rc = declaration_input_read(c, in, &input, err);

        if (rc < 0)
                return rc;
        p.faults = json_array();
        rc = p.faults == NULL ? error_raise(err, SB_MEMORY, "%s", "") : store_read(c->house->store, preview_read, &p, err);
        if (rc == 0)
                rc = preview_compute(&p, out, err);
        json_decref(p.faults);
        declaration_input_dispose(&input);
        return rc;
}

/* --- declare --------------------------------------------------------------------------------------------------------------- */

struct declaring {
        struct declaration_input input;
        int64_t id;
        day_t due_day;
        struct hash pack;
        int64_t pool; /* of the first scheme: whose pack holds the process */
};

static int lines_insert(struct tx *tx, struct house *h, const struct declaring *d, struct error *err)
{
        struct bulk *b = NULL;
        int rc =
            bulk_open(&b, tx, "declaration_line", "home@int, declaration@int, person_home@int, person@int, wage_fen@int", err);

        for (size_t i = 0; rc == 0 && i < d->input.count; i++) {
                bulk_int(b, h->home);
                bulk_int(b, d->id);
                bulk_int(b, h->home);
                bulk_int(b, d->input.lines[i].person);
                bulk_int(b, d->input.lines[i].wage);
                rc = bulk_row(b, err);
        }
        if (b != NULL) {
                int closed = bulk_close(b, rc == 0 ? err : NULL);
                rc = rc == 0 ? closed : rc;
        }
        return rc;
}

/* The employer's row is held until the transaction ends, so that a month is not declared twice at once. */
static int month_free(struct tx *tx, struct house *h, const struct declaring *d, struct error *err)
{
        struct stmt *q;
        char month[16];
        int64_t changed;
        int rc =
            tx_exec_changed(tx, &changed, err, "UPDATE employer SET version = version + 1 WHERE home = ?1@int AND id = ?2@int",
                            "ii", (int64_t)h->home, d->input.employer);

        if (rc == 0 && changed == 0)
                rc = error_raise(err, SB_REGISTRY_EMPLOYER, "%lld", (long long)d->input.employer);
        if (rc == 0)
                rc = tx_one(&q, tx, err,
                            "SELECT id FROM declaration WHERE home = ?1@int AND employer = ?2@int AND month = ?3@int AND state "
                            "<> 'returned' AND adjustment = 0 LIMIT 1",
                            "iii", (int64_t)h->home, d->input.employer, (int64_t)d->input.month);
        if (rc == 1)
                rc = error_raise(err, SB_CONTRIBUTION_DECLARED, "%s|%lld", month_text(d->input.month, month),
                                 (long long)stmt_int(q, 0));
        return rc;
}

static int declaration_insert(struct tx *tx, struct call *c, const struct declaring *d, struct error *err)
{
        return tx_exec(
            tx, err,
            "INSERT INTO declaration (home, id, employer, month, state, channel, workers, entered_by, entered_at, "
            "approved_by, approved_at, due_day, pack_hash, replaces, version) VALUES (?1@int, ?2@int, ?3@int, ?4@int, "
            "'draft', ?5@text, ?6@int, ?7@int, ?8@int, 0, 0, ?9@int, ?10@blob, 0, 1)",
            "iiiitiiiib", (int64_t)c->house->home, d->id, d->input.employer, (int64_t)d->input.month, d->input.channel,
            (int64_t)d->input.count, c->who.staff, (int64_t)clock_now(c->house->clock), (int64_t)d->due_day,
            (struct str){(const char *)d->pack.b, sizeof d->pack.b});
}

static int process_start(struct tx *tx, struct call *c, const struct declaring *d, int64_t *instance, struct error *err)
{
        char month[16];
        json_t *variables =
            json_pack("{s:I,s:I,s:s,s:I}", "declaration", (json_int_t)d->id, "employer", (json_int_t)d->input.employer, "month",
                      month_text(d->input.month, month), "workers", (json_int_t)d->input.count);
        struct case_start start = {.process = "P06",
                                   .subject_kind = "declaration",
                                   .subject = d->id,
                                   .office = c->who.office,
                                   .pool = d->pool,
                                   .variables = variables};
        int rc = variables == NULL ? error_raise(err, SB_MEMORY, "%s", "") : case_start(tx, c, &start, instance, err);

        json_decref(variables);
        return rc;
}

static int declare_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct declaring *d = ctx;
        int64_t instance = 0;
        int rc = month_free(tx, c->house, d, err);

        if (rc == 0)
                rc = declaration_input_check(tx, c, &d->input, NULL, err);
        if (rc == 0)
                rc = declaration_insert(tx, c, d, err);
        if (rc == 0)
                rc = lines_insert(tx, c->house, d, err);
        if (rc == 0)
                rc = process_start(tx, c, d, &instance, err);
        if (rc < 0)
                return rc;
        change->subject_kind = "declaration";
        change->subject = d->id;
        change->audit = json_pack("{s:I,s:i,s:I}", "employer", (json_int_t)d->input.employer, "month", (int)d->input.month,
                                  "workers", (json_int_t)d->input.count);
        json_t *o = json_object();
        put_int(o, "id", d->id);
        put_text(o, "state", "draft");
        put_int(o, "case", instance);
        put_int(o, "workers", (int64_t)d->input.count);
        put_day(o, "due_day", d->due_day);
        *out = o;
        return o == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

static int employer_of(struct tx *tx, void *ctx, struct error *err)
{
        struct preview *p = ctx;

        return employer_read(tx, p->call->house, p->call->house->home, p->input->employer, &p->employer, err);
}

/* What the pack must be able to say before a clerk is let go: who is insured in what, and until when it is due. */
static int declaring_prepare(struct call *c, struct declaring *d, struct error *err)
{
        struct preview p = {.call = c, .input = &d->input};
        struct assessor a;
        int rc = store_read(c->house->store, employer_of, &p, err);

        if (rc < 0)
                return rc;
        rc = assessor_open(&a, c, p.employer.territory, d->input.month, err);
        if (rc < 0)
                return rc;
        rc = assessor_due_day(&a, &d->due_day, err);
        d->pool = a.schemes[0].pool.id;
        d->pack = *pack_hash(a.schemes[0].pack);
        for (size_t i = 0; rc == 0 && i < d->input.count; i++)
                for (size_t s = 0; rc == 0 && s < a.scheme_count; s++) {
                        struct due due;
                        rc = assessor_line(&a, s, d->input.lines[i].wage, &due, err);
                }
        assessor_close(&a);
        return rc < 0 ? rc : ids_next(c->house->ids, &d->id, err);
}

int contribution_declare(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct declaring d = {0};
        int rc = declaration_input_read(c, in, &d.input, err);

        if (rc < 0)
                return rc;
        rc = declaring_prepare(c, &d, err);
        if (rc == 0)
                rc = verb_change(c, registry_find(c->house->verbs, "contribution.declare"), in, declare_apply, &d, out, err);
        declaration_input_dispose(&d.input);
        return rc;
}

/* --- return: the reviewer sends it back --------------------------------------------------------------------------------------- */

static int return_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        const int64_t *id = ctx;
        struct declaration d;
        int rc = declaration_read(tx, c->house->home, *id, &d, err);

        if (rc == 0 && strcmp(d.state, "draft") != 0)
                rc = error_raise(err, SB_CONTRIBUTION_STATE, "%s", d.state);
        if (rc == 0)
                rc = tx_exec(
                    tx, err,
                    "UPDATE declaration SET state = 'returned', version = version + 1 WHERE home = ?1@int AND id = ?2@int",
                    "ii", (int64_t)c->house->home, *id);
        if (rc < 0)
                return rc;
        change->subject_kind = "declaration";
        change->subject = *id;
        *out = json_pack("{s:I,s:s}", "declaration", (json_int_t)*id, "state", "returned");
        return *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

int contribution_return(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        int64_t id;
        int rc = json_get_int(in, "declaration", true, &id, err);

        if (rc < 0)
                return rc;
        return verb_change(c, registry_find(c->house->verbs, "contribution.return"), in, return_apply, &id, out, err);
}
