/* SPDX-License-Identifier: Apache-2.0
 *
 * A month that an employer did not declare (社会保险法 62): the office assesses it from the month before, line by line, by the ratio of
 * the pack. It stands as a declaration of channel `estimate` that the office entered, and is approved by P07.
 */
#include "office/contribution/contribution.h"

#include "office/json.h"
#include "pack/pack.h"

#include <stdlib.h>
#include <string.h>

/* --- what each line comes to ------------------------------------------------------------------------------------------------ */

static int scale(struct assessing *x, size_t s, fen_t before, fen_t *out, struct error *err)
{
        char money[24];
        json_t *result = NULL, *inputs = json_pack("{s:s}", "last_amount", money_text(before, money));
        int rc = inputs == NULL ? error_raise(err, SB_MEMORY, "%s", "")
                                : pack_decide(x->a.schemes[s].pack, "contribution", "undeclared", month_first(x->d.month),
                                              inputs, &result, NULL, err);

        if (rc == 0 && json_is_integer(result))
                *out = json_integer_value(result) * 100;
        else if (rc == 0)
                rc = money_parse(out, str_from(json_string_value(result) == NULL ? "" : json_string_value(result)), err);
        json_decref(inputs);
        json_decref(result);
        return rc;
}

static size_t line_of(const struct assessing *x, int64_t person)
{
        size_t low = 0, high = x->count; /* lines stand in order of person */

        while (low < high) {
                size_t mid = (low + high) / 2;
                if (x->lines[mid].person < person)
                        low = mid + 1;
                else
                        high = mid;
        }
        return low < x->count && x->lines[low].person == person ? low : x->count;
}

/* What was assessed, what was assessed later, less what was taken off. */
static void due_add(struct due *d, struct stmt *q)
{
        d->base += stmt_int(q, 1);
        d->employer += stmt_int(q, 2);
        d->person += stmt_int(q, 3);
        d->account += stmt_int(q, 4);
}

static int before_lines(struct tx *tx, void *ctx, struct error *err)
{
        struct assessing *x = ctx;
        int rc = 0;

        memset(x->before, 0, x->count * SCHEMES_MAX * sizeof *x->before);
        for (size_t s = 0; rc == 0 && s < x->a.scheme_count; s++) {
                struct stmt *q = NULL;
                rc = tx_query(&q, tx, err,
                              "SELECT l.person, l.base_fen, l.employer_fen, l.person_fen, l.account_fen FROM assessment a JOIN "
                              "assessment_line l ON l.home = a.home AND l.assessment = a.id WHERE a.home = ?1@int AND "
                              "a.employer = ?2@int AND a.month = ?3@int AND a.scheme = ?4@text UNION ALL SELECT r.person, "
                              "-r.base_fen, -r.employer_fen, -r.person_fen, -r.account_fen FROM assessment a JOIN "
                              "adjustment_reduction r ON r.home = a.home AND r.assessment = a.id WHERE a.home = ?1@int AND "
                              "a.employer = ?2@int AND a.month = ?3@int AND a.scheme = ?4@text",
                              "iiit", (int64_t)x->call->house->home, x->d.employer, (int64_t)x->d.month - 1,
                              x->a.schemes[s].pool.scheme);
                while ((rc = row_next(rc, q, err)) == 1) {
                        size_t i = line_of(x, stmt_int(q, 0));
                        if (i < x->count)
                                due_add(&x->before[s * x->count + i], q);
                }
        }
        return rc;
}

int estimate_read(struct assessing *x, struct error *err)
{
        free(x->before);
        x->before = calloc(x->count * SCHEMES_MAX + 1, sizeof *x->before);
        int rc =
            x->before == NULL ? error_raise(err, SB_MEMORY, "%s", "") : store_read(x->call->house->store, before_lines, x, err);

        for (size_t k = 0; rc == 0 && k < x->count * x->a.scheme_count; k++) {
                struct due *d = &x->before[k];
                size_t s = k / x->count;
                rc = scale(x, s, d->base, &d->base, err);
                if (rc == 0)
                        rc = scale(x, s, d->employer, &d->employer, err);
                if (rc == 0)
                        rc = scale(x, s, d->person, &d->person, err);
                if (rc == 0)
                        rc = scale(x, s, d->account, &d->account, err);
        }
        return rc;
}

int estimate_line(struct assessing *x, size_t s, size_t i, struct due *out, struct error *err)
{
        (void)err;
        *out = x->before[s * x->count + i];
        return 0;
}

/* --- contribution.estimate ----------------------------------------------------------------------------------------------------- */

struct estimating {
        int64_t employer, id, before, pool;
        month_t month;
        day_t due_day;
        struct hash pack;
        struct employer row;
        struct call *call;
        int64_t instance;
};

static int employer_of(struct tx *tx, void *ctx, struct error *err)
{
        struct estimating *e = ctx;

        return employer_read(tx, e->call->house, e->call->house->home, e->employer, &e->row, err);
}

/* Nothing is estimated before the month could be declared to its last day. */
static int estimating_prepare(struct estimating *e, struct error *err)
{
        struct house *h = e->call->house;
        struct assessor a;
        char month[16], day[16];
        int rc = store_read(h->store, employer_of, e, err);

        if (rc == 0)
                rc = assessor_open(&a, e->call, e->row.territory, e->month, err);
        if (rc < 0)
                return rc;
        rc = assessor_due_day(&a, &e->due_day, err);
        e->pool = a.schemes[0].pool.id;
        e->pack = *pack_hash(a.schemes[0].pack);
        assessor_close(&a);
        if (rc == 0 && e->due_day >= clock_today(h->clock))
                rc =
                    error_raise(err, SB_CONTRIBUTION_NOT_LATE, "%s|%s", month_text(e->month, month), day_text(e->due_day, day));
        return rc == 0 ? ids_next(h->ids, &e->id, err) : rc;
}

static int month_check(struct tx *tx, struct estimating *e, struct error *err)
{
        int64_t home = e->call->house->home, changed = 0;
        struct stmt *q;
        char month[16];
        int rc =
            tx_exec_changed(tx, &changed, err, "UPDATE employer SET version = version + 1 WHERE home = ?1@int AND id = ?2@int",
                            "ii", home, e->employer);

        if (rc == 0)
                rc = tx_one(&q, tx, err,
                            "SELECT id FROM declaration WHERE home = ?1@int AND employer = ?2@int AND month = ?3@int AND state "
                            "<> 'returned' AND adjustment = 0 LIMIT 1",
                            "iii", home, e->employer, (int64_t)e->month);
        if (rc == 1)
                return error_raise(err, SB_CONTRIBUTION_DECLARED, "%s|%lld", month_text(e->month, month),
                                   (long long)stmt_int(q, 0));
        if (rc == 0)
                rc = tx_one(&q, tx, err,
                            "SELECT id FROM declaration WHERE home = ?1@int AND employer = ?2@int AND month = ?3@int AND state "
                            "IN ('assessed', 'paid') AND adjustment = 0 ORDER BY id DESC LIMIT 1",
                            "iii", home, e->employer, (int64_t)e->month - 1);
        if (rc == 0)
                return error_raise(err, SB_CONTRIBUTION_NO_BEFORE, "%s", month_text(e->month - 1, month));
        e->before = rc == 1 ? stmt_int(q, 0) : 0;
        return rc < 0 ? rc : 0;
}

static int rows_insert(struct tx *tx, struct estimating *e, struct error *err)
{
        struct house *h = e->call->house;
        int rc = tx_exec(tx, err,
                         "INSERT INTO declaration_line (home, declaration, person_home, person, wage_fen) SELECT home, ?3@int, "
                         "person_home, person, wage_fen FROM declaration_line WHERE home = ?1@int AND declaration = ?2@int",
                         "iii", (int64_t)h->home, e->before, e->id);

        return rc < 0 ? rc
                      : tx_exec(tx, err,
                                "INSERT INTO declaration (home, id, employer, month, state, channel, workers, entered_by, "
                                "entered_at, approved_by, approved_at, due_day, pack_hash, replaces, version) SELECT home, "
                                "?3@int, employer, ?4@int, 'posted', 'estimate', workers, ?5@int, ?6@int, 0, 0, ?7@int, "
                                "?8@blob, 0, 1 FROM declaration WHERE home = ?1@int AND id = ?2@int",
                                "iiiiiiib", (int64_t)h->home, e->before, e->id, (int64_t)e->month, e->call->who.staff,
                                (int64_t)clock_now(h->clock), (int64_t)e->due_day,
                                (struct str){(const char *)e->pack.b, sizeof e->pack.b});
}

static int estimate_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct estimating *e = ctx;
        struct declaration d;
        char number[32];
        int rc = month_check(tx, e, err);

        if (rc == 0)
                rc = rows_insert(tx, e, err);
        if (rc == 0)
                rc = declaration_read(tx, c->house->home, e->id, &d, err);
        if (rc == 0)
                rc = assessment_case(tx, c, &d, e->pool, c->who.staff, &e->instance, err);
        if (rc < 0)
                return rc;
        change->subject_kind = "declaration";
        change->subject = e->id;
        *out = json_pack("{s:I,s:I,s:s}", "declaration", (json_int_t)e->id, "case", (json_int_t)e->instance, "number",
                         readable_number('C', c->house->home, e->instance, number));
        return *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

int contribution_estimate(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct estimating e = {.call = c};
        int rc = verb_repeated(c, registry_find(c->house->verbs, "contribution.estimate"), in, out, err);

        if (rc != 0)
                return rc < 0 ? rc : 0;
        rc = json_get_int(in, "employer", true, &e.employer, err);
        if (rc == 0)
                rc = json_get_month(in, "month", true, &e.month, err);
        if (rc == 0)
                rc = estimating_prepare(&e, err);
        if (rc == 0)
                rc = case_change(c, registry_find(c->house->verbs, "contribution.estimate"), in, estimate_apply, &e, out, err);
        return rc;
}
