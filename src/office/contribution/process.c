/* SPDX-License-Identifier: Apache-2.0
 *
 * What the processes P06 (缴费申报) and P07 (核定) ask of declarations: check one against the month before, post it, open its assessment,
 * check the assessment. All are called by a case alone.
 */
#include "office/contribution/contribution.h"
#include "office/json.h"

#include <string.h>

/* --- contribution.check: against the month before --------------------------------------------------------------------------- */

struct checked {
        struct call *call;
        struct declaration d;
        int64_t pool;
        json_t *inputs;
};

/* The declaration of the month before that counts; 0 none. */
static int before_of(struct tx *tx, int64_t home, const struct declaration *d, int64_t *before, struct error *err)
{
        struct stmt *q;
        int rc = tx_one(&q, tx, err,
                        "SELECT id FROM declaration WHERE home = ?1@int AND employer = ?2@int AND month = ?3@int AND state IN "
                        "('posted', 'assessed', 'paid') AND adjustment = 0 ORDER BY id DESC LIMIT 1",
                        "iii", home, d->employer, (int64_t)d->month - 1);

        *before = rc == 1 ? stmt_int(q, 0) : 0;
        return rc < 0 ? rc : 0;
}

#define LINES_SUM                                                                                                              \
        "SELECT CAST(COALESCE(SUM(wage_fen), 0) AS @int), COUNT(*), CAST(COALESCE(SUM(CASE WHEN wage_fen = 0 THEN 1 ELSE 0 "   \
        "END), 0) AS @int) FROM declaration_line WHERE home = ?1@int AND declaration = ?2@int"
#define LINES_ONLY                                                                                                             \
        "SELECT COUNT(*) FROM declaration_line l WHERE l.home = ?1@int AND l.declaration = ?2@int AND NOT EXISTS (SELECT 1 "   \
        "FROM declaration_line o WHERE o.home = l.home AND o.declaration = ?3@int AND o.person_home = l.person_home AND "      \
        "o.person = l.person)"

static int lines_only(struct tx *tx, int64_t home, int64_t in, int64_t not_in, int64_t *count, struct error *err)
{
        struct stmt *q;
        int rc = tx_one(&q, tx, err, LINES_ONLY, "iii", home, in, not_in);

        *count = rc == 1 ? stmt_int(q, 0) : 0;
        return rc < 0 ? rc : 0;
}

static int compare(struct tx *tx, struct checked *k, int64_t before, struct error *err)
{
        int64_t home = k->call->house->home, joined = 0, left = 0, workers_before = 0;
        fen_t wages_before = 0;
        struct stmt *q;
        int rc = tx_one(&q, tx, err, LINES_SUM, "ii", home, k->d.id);

        if (rc == 1) {
                put_money(k->inputs, "wages", stmt_int(q, 0));
                put_int(k->inputs, "unpaid", stmt_int(q, 2));
                rc = before == 0 ? 0 : tx_one(&q, tx, err, LINES_SUM, "ii", home, before);
        }
        if (rc == 1) {
                wages_before = stmt_int(q, 0);
                workers_before = stmt_int(q, 1);
                rc = lines_only(tx, home, k->d.id, before, &joined, err);
        }
        if (rc == 0 && before != 0)
                rc = lines_only(tx, home, before, k->d.id, &left, err);
        put_bool(k->inputs, "before_known", before != 0);
        put_money(k->inputs, "wages_before", wages_before);
        put_int(k->inputs, "workers_before", workers_before);
        put_int(k->inputs, "joined", joined);
        put_int(k->inputs, "left", left);
        return rc;
}

static int check_read(struct tx *tx, void *ctx, struct error *err)
{
        struct checked *k = ctx;
        int64_t before = 0;
        int rc = declaration_read(tx, k->call->house->home, k->d.id, &k->d, err);

        json_object_clear(k->inputs);
        if (rc == 0)
                rc = before_of(tx, k->call->house->home, &k->d, &before, err);
        return rc == 0 ? compare(tx, k, before, err) : rc;
}

int contribution_check(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct checked k = {.call = c, .inputs = json_object()};
        struct office_check check = {
            .verb = "contribution.check", .name = "declaration", .subject_kind = "declaration", .inputs = k.inputs};
        int rc = k.inputs == NULL ? error_raise(err, SB_MEMORY, "%s", "") : json_get_int(in, "declaration", true, &k.d.id, err);

        if (rc == 0)
                rc = store_read(c->house->store, check_read, &k, err);
        check.subject = k.d.id;
        if (rc == 0)
                rc = office_check(c, in, &check, out, err);
        json_decref(k.inputs);
        return rc;
}

/* --- contribution.post: it counts -------------------------------------------------------------------------------------------- */

static int post_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        const int64_t *id = ctx;
        struct declaration d;
        int64_t changed = 0;
        int rc = declaration_read(tx, c->house->home, *id, &d, err);

        if (rc == 0 && strcmp(d.state, "draft") != 0)
                rc = error_raise(err, SB_CONTRIBUTION_STATE, "%s", d.state);
        if (rc == 0)
                rc = tx_exec_changed(tx, &changed, err,
                                     "UPDATE declaration SET state = 'posted', approved_by = ?3@int, approved_at = ?4@int, "
                                     "version = version + 1 WHERE home = ?1@int AND id = ?2@int AND version = ?5@int",
                                     "iiiii", (int64_t)c->house->home, *id, c->who.staff, (int64_t)clock_now(c->house->clock),
                                     d.version);
        if (rc == 0 && changed != 1)
                rc = error_raise(err, SB_OFFICE_VERSION, "%s", "");
        if (rc < 0)
                return rc;
        change->subject_kind = "declaration";
        change->subject = *id;
        *out = json_pack("{s:I,s:s}", "declaration", (json_int_t)*id, "state", "posted");
        return *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

int contribution_post(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        int64_t id;
        int rc = json_get_int(in, "declaration", true, &id, err);

        return rc < 0 ? rc : verb_change(c, registry_find(c->house->verbs, "contribution.post"), in, post_apply, &id, out, err);
}

/* --- contribution.assessment_open: the office itself goes on, P07 --------------------------------------------------------------- */

int assessment_case(struct tx *tx, struct call *c, const struct declaration *d, int64_t pool, int64_t staff, int64_t *instance,
                    struct error *err)
{
        struct call of = *c;
        struct employer e;
        char month[16];
        json_t *variables = json_object();
        struct case_start start = {
            .process = "P07", .subject_kind = "declaration", .subject = d->id, .pool = pool, .variables = variables};
        int rc = variables == NULL ? error_raise(err, SB_MEMORY, "%s", "")
                                   : employer_read(tx, c->house, c->house->home, d->employer, &e, err);

        of.who.staff = staff;
        of.instance = 0;
        put_int(variables, "declaration", d->id);
        put_int(variables, "employer", d->employer);
        put_text(variables, "month", month_text(d->month, month));
        put_bool(variables, "estimated", strcmp(d->channel, "estimate") == 0);
        if (rc == 0) {
                start.office = e.office;
                rc = case_start(tx, &of, &start, instance, err);
        }
        json_decref(variables);
        return rc;
}

struct opening {
        int64_t declaration, pool;
};

static int open_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        const struct opening *o = ctx;
        struct declaration d;
        int64_t instance = 0;
        char number[32];
        int rc = declaration_read(tx, c->house->home, o->declaration, &d, err);

        /* By nobody: it is the office's own duty, and who confirmed the declaration may look at its assessment too. */
        if (rc == 0)
                rc = assessment_case(tx, c, &d, o->pool, 0, &instance, err);
        if (rc < 0)
                return rc;
        change->subject_kind = "declaration";
        change->subject = d.id;
        *out = json_pack("{s:I,s:s}", "case", (json_int_t)instance, "number",
                         readable_number('C', c->house->home, instance, number));
        return *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

int contribution_assessment_open(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct opening o = {.pool = 0};
        int rc = json_get_int(in, "declaration", true, &o.declaration, err);

        if (rc == 0)
                rc = case_pool(c, &o.pool, err);
        return rc < 0 ? rc
                      : verb_change(c, registry_find(c->house->verbs, "contribution.assessment_open"), in, open_apply, &o, out,
                                    err);
}

/* --- contribution.compute: what would be assessed, and is it what was to be expected -------------------------------------------- */

struct computed {
        struct call *call;
        const struct assessing *x;
        fen_t before;
        bool known;
};

static int before_read(struct tx *tx, void *ctx, struct error *err)
{
        struct computed *k = ctx;
        struct stmt *q;
        int rc = tx_one(&q, tx, err,
                        "SELECT COUNT(*), CAST(COALESCE(SUM(employer_fen + person_fen - reduced_fen), 0) AS @int) FROM "
                        "assessment WHERE home "
                        "= ?1@int AND employer = ?2@int AND month = ?3@int",
                        "iii", (int64_t)k->call->house->home, k->x->d.employer, (int64_t)k->x->d.month - 1);

        k->known = rc == 1 && stmt_int(q, 0) > 0;
        k->before = k->known ? stmt_int(q, 1) : 0;
        return rc < 0 ? rc : 0;
}

static int compute_check(struct call *c, const json_t *in, const struct computed *k, json_t **out, struct error *err)
{
        json_t *inputs = json_object(), *facts = json_object();
        bool estimated = strcmp(k->x->d.channel, "estimate") == 0;
        struct office_check check = {.verb = "contribution.compute",
                                     .name = "assessment",
                                     .subject_kind = "declaration",
                                     .subject = k->x->d.id,
                                     .inputs = inputs,
                                     .facts = facts};
        fen_t amount = assessing_due(k->x);

        put_bool(inputs, "estimated", estimated);
        put_bool(inputs, "before_known", k->known);
        put_money(inputs, "amount", amount);
        put_money(inputs, "amount_before", k->before);
        put_money(facts, "amount", amount);
        put_bool(facts, "estimated", estimated);
        int rc =
            inputs == NULL || facts == NULL ? error_raise(err, SB_MEMORY, "%s", "") : office_check(c, in, &check, out, err);
        json_decref(inputs);
        json_decref(facts);
        return rc;
}

int contribution_compute(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct assessing x;
        struct computed k = {.call = c, .x = &x};
        int64_t id;
        int rc = json_get_int(in, "declaration", true, &id, err);

        if (rc < 0)
                return rc;
        rc = assessing_open(&x, c, id, err);
        if (rc == 0)
                rc = store_read(c->house->store, before_read, &k, err);
        if (rc == 0)
                rc = compute_check(c, in, &k, out, err);
        assessing_close(&x);
        return rc;
}
