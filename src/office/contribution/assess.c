/* SPDX-License-Identifier: Apache-2.0 */
#include "office/contribution/contribution.h"

#include "office/json.h"
#include "pack/pack.h"

#include <stdlib.h>
#include <string.h>

/* Assessment (核定): called by the process P07 when nothing stands against it. Computed outside, written in one transaction:
 * an assessment a scheme with a line a worker, one ledger transaction for the declaration. */

int declaration_read(struct tx *tx, int32_t home, int64_t id, struct declaration *out, struct error *err)
{
        struct stmt *q;
        int rc = tx_one(
            &q, tx, err,
            "SELECT employer, month, state, channel, workers, entered_by, approved_by, due_day, version, adjustment FROM "
            "declaration WHERE home = ?1@int AND id = ?2@int",
            "ii", (int64_t)home, id);

        if (rc == 0)
                return error_raise(err, SB_CONTRIBUTION_DECLARATION, "%lld", (long long)id);
        if (rc < 0)
                return rc;
        *out = (struct declaration){.id = id,
                                    .employer = stmt_int(q, 0),
                                    .month = (month_t)stmt_int(q, 1),
                                    .workers = stmt_int(q, 4),
                                    .entered_by = stmt_int(q, 5),
                                    .approved_by = stmt_int(q, 6),
                                    .due_day = (day_t)stmt_int(q, 7),
                                    .version = stmt_int(q, 8),
                                    .adjustment = stmt_int(q, 9)};
        text_copy(out->state, sizeof out->state, stmt_text(q, 2));
        text_copy(out->channel, sizeof out->channel, stmt_text(q, 3));
        return 0;
}

static int lines_read(struct tx *tx, struct assessing *x, struct error *err)
{
        struct stmt *q = NULL;
        size_t cap = (size_t)x->d.workers + 1;
        int rc;

        free(x->lines); /* of an attempt that failed softly */
        x->count = 0;
        x->lines = calloc(cap, sizeof *x->lines);
        if (x->lines == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        rc = tx_query(
            &q, tx, err,
            "SELECT person, wage_fen FROM declaration_line WHERE home = ?1@int AND declaration = ?2@int ORDER BY person", "ii",
            (int64_t)x->call->house->home, x->d.id);
        while ((rc = row_next(rc, q, err)) == 1) {
                if (x->count == cap)
                        return error_raise(err, SB_INTERNAL, "%s", "declaration_line");
                x->lines[x->count++] = (struct declared_line){stmt_int(q, 0), stmt_int(q, 1)};
        }
        return rc;
}

static int assessing_read(struct tx *tx, void *ctx, struct error *err)
{
        struct assessing *x = ctx;
        struct house *h = x->call->house;
        int rc = declaration_read(tx, h->home, x->d.id, &x->d, err);

        if (rc == 0)
                rc = employer_read(tx, h, h->home, x->d.employer, &x->employer, err);
        x->estimated = strcmp(x->d.channel, "estimate") == 0;
        return rc < 0 ? rc : lines_read(tx, x, err);
}

/* A line as declared; of a month that was not declared, 110 % of the line of the month before (社会保险法 62). */
static int line_due(struct assessing *x, size_t s, size_t i, struct due *d, struct error *err)
{
        return x->estimated ? estimate_line(x, s, i, d, err) : assessor_line(&x->a, s, x->lines[i].wage, d, err);
}

static int totals(struct assessing *x, struct error *err)
{
        int rc = 0;

        for (size_t s = 0; rc == 0 && s < x->a.scheme_count; s++)
                for (size_t i = 0; rc == 0 && i < x->count; i++) {
                        struct due d;
                        rc = line_due(x, s, i, &d, err);
                        if (rc == 0)
                                rc = assessor_sum(&x->a, s, &d, err);
                }
        return rc;
}

int assessment_add(struct tx *tx, int32_t home, const struct assessment_new *n, struct error *err)
{
        bool nothing = n->total.employer + n->total.person == 0;

        return tx_exec(tx, err,
                       "INSERT INTO assessment (home, id, declaration, employer, month, scheme, pool, workers, base_fen, "
                       "employer_fen, person_fen, account_fen, received_fen, state, txn, decision, version) VALUES (?1@int, "
                       "?2@int, ?3@int, ?4@int, ?5@int, ?6@text, ?7@int, ?8@int, ?9@int, ?10@int, ?11@int, ?12@int, 0, "
                       "?13@text, ?14@int, 0, 1)",
                       "iiiiitiiiiiiti", (int64_t)home, n->id, n->declaration, n->employer, (int64_t)n->month, n->scheme,
                       n->pool, n->workers, n->total.base, n->total.employer, n->total.person, n->total.account,
                       nothing ? "paid" : "open", nothing ? (int64_t)0 : n->transaction);
}

int assessment_lines_open(struct bulk **b, struct tx *tx, struct error *err)
{
        return bulk_open(b, tx, "assessment_line",
                         "home@int, assessment@int, person_home@int, person@int, base_fen@int, employer_fen@int, "
                         "person_fen@int, account_fen@int",
                         err);
}

int assessment_line_add(struct bulk *b, int32_t home, int64_t assessment, int64_t person, const struct due *d,
                        struct error *err)
{
        bulk_int(b, home);
        bulk_int(b, assessment);
        bulk_int(b, home);
        bulk_int(b, person);
        bulk_int(b, d->base);
        bulk_int(b, d->employer);
        bulk_int(b, d->person);
        bulk_int(b, d->account);
        return bulk_row(b, err);
}

static int assessment_lines(struct tx *tx, struct assessing *x, size_t s, struct error *err)
{
        struct bulk *b = NULL;
        int rc = assessment_lines_open(&b, tx, err);

        for (size_t i = 0; rc == 0 && i < x->count; i++) {
                struct due d;
                rc = line_due(x, s, i, &d, err);
                if (rc == 0)
                        rc = assessment_line_add(b, x->call->house->home, x->ids[s], x->lines[i].person, &d, err);
        }
        if (b != NULL) {
                int closed = bulk_close(b, rc == 0 ? err : NULL);
                rc = rc == 0 ? closed : rc;
        }
        return rc;
}

static int post(struct tx *tx, struct assessing *x, struct error *err)
{
        struct house *h = x->call->house;
        struct posting postings[2 * SCHEMES_MAX];
        size_t n = 0;

        for (size_t s = 0; s < x->a.scheme_count; s++) {
                const struct scheme_pool *p = &x->a.schemes[s];
                fen_t due = p->total.employer + p->total.person;
                if (due == 0)
                        continue;
                postings[n++] = (struct posting){p->pool.id, LEDGER_RECEIVABLE, due};
                postings[n++] = (struct posting){p->pool.id, LEDGER_FUND, -due};
        }
        if (n == 0)
                return 0;
        day_t today = clock_today(h->clock);
        struct ledger_transaction t = {.home = h->home,
                                       .month = month_of(today),
                                       .id = x->transaction,
                                       .day = today,
                                       .kind = "contribution.assess",
                                       .ref_kind = "declaration",
                                       .ref_id = x->d.id,
                                       .actor = x->call->who.staff != 0 ? x->call->who.staff : x->d.approved_by,
                                       .at = clock_now(h->clock),
                                       .postings = postings,
                                       .count = n};
        return ledger_post(tx, h->ids, &t, err);
}

static int declaration_assessed(struct tx *tx, struct assessing *x, struct error *err)
{
        struct house *h = x->call->house;
        const struct hash *pack = pack_hash(x->a.schemes[0].pack);
        int64_t changed;
        int rc = tx_exec_changed(
            tx, &changed, err,
            "UPDATE declaration SET state = 'assessed', pack_hash = ?3@blob, version = version + 1 WHERE home = "
            "?1@int AND id = ?2@int AND version = ?4@int",
            "iibi", (int64_t)h->home, x->d.id, (struct str){(const char *)pack->b, sizeof pack->b}, x->d.version);

        return rc == 0 && changed == 0 ? error_raise(err, SB_OFFICE_VERSION, "%s", "") : rc;
}

static int assess_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct assessing *x = ctx;
        int rc = strcmp(x->d.state, "posted") != 0 ? error_raise(err, SB_CONTRIBUTION_STATE, "%s", x->d.state)
                                                   : declaration_assessed(tx, x, err);

        for (size_t s = 0; rc == 0 && s < x->a.scheme_count; s++) {
                const struct scheme_pool *p = &x->a.schemes[s];
                rc = assessment_add(tx, c->house->home,
                                    &(struct assessment_new){.id = x->ids[s],
                                                             .declaration = x->d.id,
                                                             .employer = x->d.employer,
                                                             .month = x->d.month,
                                                             .scheme = p->pool.scheme,
                                                             .pool = p->pool.id,
                                                             .workers = p->workers,
                                                             .total = p->total,
                                                             .transaction = x->transaction},
                                    err);
                if (rc == 0)
                        rc = assessment_lines(tx, x, s, err);
        }
        if (rc == 0)
                rc = post(tx, x, err);
        if (rc == 0)
                rc = suspense_use(tx, c, x->d.employer, 0, err);
        if (rc < 0)
                return rc;
        change->subject_kind = "declaration";
        change->subject = x->d.id;
        json_t *o = json_object();
        put_int(o, "declaration", x->d.id);
        put_text(o, "state", "assessed");
        put_money(o, "due", assessing_due(x));
        change->audit = json_deep_copy(o);
        *out = o;
        return o == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

int assessing_open(struct assessing *x, struct call *c, int64_t declaration, struct error *err)
{
        *x = (struct assessing){.call = c, .d = {.id = declaration}};
        int rc = store_read(c->house->store, assessing_read, x, err);

        if (rc == 0)
                rc = assessor_open(&x->a, c, x->employer.territory, x->d.month, err);
        if (rc == 0 && x->estimated)
                rc = estimate_read(x, err);
        return rc == 0 ? totals(x, err) : rc;
}

void assessing_close(struct assessing *x)
{
        assessor_close(&x->a);
        free(x->lines);
        free(x->before);
        x->lines = NULL;
        x->before = NULL;
}

fen_t assessing_due(const struct assessing *x)
{
        fen_t due = 0;

        for (size_t s = 0; s < x->a.scheme_count; s++)
                due += x->a.schemes[s].total.employer + x->a.schemes[s].total.person;
        return due;
}

int contribution_assess(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct assessing x;
        int64_t first, id;
        int rc = json_get_int(in, "declaration", true, &id, err);

        if (rc < 0)
                return rc;
        rc = assessing_open(&x, c, id, err);
        if (rc == 0)
                rc = ids_range(c->house->ids, SCHEMES_MAX + 1, &first, err);
        if (rc == 0) {
                for (int s = 0; s < SCHEMES_MAX; s++)
                        x.ids[s] = first + s;
                x.transaction = first + SCHEMES_MAX;
                rc = verb_change(c, registry_find(c->house->verbs, "contribution.assess"), in, assess_apply, &x, out, err);
        }
        assessing_close(&x);
        return rc;
}
