/* SPDX-License-Identifier: Apache-2.0
 *
 * What the office knows about a correction, and what the pack's model contribution_adjustment says to it.
 */
#include "office/contribution/adjust.h"

#include "case/application.h"
#include "office/json.h"

#include <stdlib.h>
#include <string.h>

/* --- facts ---------------------------------------------------------------------------------------------------------------------- */

static int number_of(struct tx *tx, struct adjusting *x, const char *sql, const char *types, int64_t subject, int64_t more,
                     int64_t *out, struct error *err)
{
        struct stmt *q;
        int rc = types[2] == '\0' ? tx_one(&q, tx, err, sql, types, (int64_t)x->call->house->home, subject)
                                  : tx_one(&q, tx, err, sql, types, (int64_t)x->call->house->home, subject, more);

        *out = rc == 1 ? stmt_int(q, 0) : 0;
        return rc < 0 ? rc : 0;
}

/* Contributions that fell due before today, and ordered late fees. */
static int overdue_fact(struct tx *tx, struct adjusting *x, struct error *err)
{
        struct house *h = x->call->house;
        int64_t open = 0;
        fen_t fees = 0;
        int rc =
            number_of(tx, x,
                      "SELECT CAST(COALESCE(SUM(a.employer_fen + a.person_fen - a.reduced_fen - a.received_fen), 0) AS @int) "
                      "FROM assessment a JOIN declaration d ON d.home = a.home AND d.id = a.declaration WHERE a.home = "
                      "?1@int AND a.employer = ?2@int AND a.state = 'open' AND d.due_day < ?3@int",
                      "iii", x->employer.id, clock_today(h->clock), &open, err);

        rc = rc ? rc : late_fee_owed(tx, h->home, x->employer.id, &fees, err);
        put_money(x->facts, "overdue", open + fees);
        return rc;
}

/* Of a month that was not assessed there has to be an employment. */
static int employed_fact(struct tx *tx, struct adjusting *x, struct error *err)
{
        bool employed = true;
        month_t seen = -1;
        int rc = 0;

        for (size_t i = 0; rc == 0 && i < x->item_count; i++) {
                const struct adjust_item *m = &x->items[i];
                struct stmt *q;
                if (m->old.employer + m->old.person + m->old.base != 0 || m->now.employer + m->now.person + m->now.base == 0 ||
                    m->month == seen)
                        continue;
                seen = m->month;
                rc = tx_one(&q, tx, err,
                            "SELECT 1 FROM employment WHERE home = ?1@int AND person = ?2@int AND employer_home = ?1@int AND "
                            "employer = ?3@int AND known_to = ?4@int AND valid_from <= ?6@int AND valid_to > ?5@int",
                            "iiiiii", (int64_t)x->call->house->home, m->person, x->employer.id, (int64_t)INSTANT_END,
                            (int64_t)month_first(m->month), (int64_t)month_last(m->month));
                employed = employed && rc == 1;
                rc = rc < 0 ? rc : 0;
        }
        put_bool(x->facts, "employed", employed);
        return rc;
}

/* Is there enough in the personal accounts to take back what was credited? */
static int account_fact(struct tx *tx, struct adjusting *x, struct error *err)
{
        bool missing = false;
        int rc = 0;

        for (size_t k = 0; rc == 0 && k < x->take_count; k++) {
                const struct adjust_item *first = &x->items[x->takes[k].item];
                fen_t sum = 0;
                struct stmt *q;
                if (!x->takes[k].paid || x->takes[k].due.account == 0)
                        continue;
                for (size_t i = 0; i < x->take_count; i++) {
                        const struct adjust_item *other = &x->items[x->takes[i].item];
                        if (x->takes[i].paid && other->pool == first->pool && strcmp(other->scheme, first->scheme) == 0)
                                sum += x->takes[i].due.account;
                }
                rc = tx_one(&q, tx, err,
                            "SELECT balance_fen FROM personal_account WHERE home = ?1@int AND person = ?2@int AND scheme = "
                            "?3@text AND pool = ?4@int",
                            "iiti", (int64_t)x->call->house->home, first->person, first->scheme, first->pool);
                missing = missing || (rc >= 0 && (rc == 0 || stmt_int(q, 0) < sum));
                rc = rc < 0 ? rc : 0;
        }
        put_bool(x->facts, "account_short", missing);
        return rc;
}

/* Benefits that rest on the pension months, and months that another employer paid for, too. */
static int person_facts(struct tx *tx, struct adjusting *x, struct error *err)
{
        int64_t awards = 0, elsewhere = 0;
        struct stmt *q;
        int rc =
            number_of(tx, x,
                      "SELECT COUNT(*) FROM award WHERE home = ?1@int AND person = ?2@int AND state = 'active' AND known_to > "
                      "?3@int",
                      "iii", x->person, clock_now(x->call->house->clock), &awards, err);

        put_int(x->facts, "awards", awards);
        if (rc == 0 && x->person != 0)
                rc = tx_one(&q, tx, err,
                            "SELECT COUNT(*) FROM contribution WHERE home = ?1@int AND person = ?2@int AND scheme = 'EP' AND "
                            "employer <> ?3@int AND known_to = ?4@int AND month_from <= ?6@int AND month_to > ?5@int",
                            "iiiiii", (int64_t)x->call->house->home, x->person, x->employer.id, (int64_t)INSTANT_END,
                            (int64_t)adjust_first(x), (int64_t)adjust_last(x));
        elsewhere = rc == 1 ? stmt_int(q, 0) : 0;
        put_bool(x->facts, "elsewhere", elsewhere > 0);
        return rc < 0 ? rc : 0;
}

static int suspense_fact(struct tx *tx, struct adjusting *x, struct error *err)
{
        int64_t rest = 0;
        int rc =
            number_of(tx, x,
                      "SELECT CAST(COALESCE(SUM(amount_fen - allocated_fen - refunded_fen), 0) AS @int) FROM receipt WHERE "
                      "home = ?1@int AND employer = ?2@int AND state = 'suspense'",
                      "ii", x->employer.id, 0, &rest, err);

        x->suspense = rest;
        return rc;
}

int adjust_facts(struct tx *tx, struct adjusting *x, struct error *err)
{
        int rc = suspense_fact(tx, x, err);

        json_decref(x->facts);
        x->facts = json_object();
        if (x->facts == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        put_text(x->facts, "kind", x->kind_word);
        put_int(x->facts, "months", x->kind == ADJUST_SUSPENSE ? 0 : x->to - x->from + 1);
        put_text(x->facts, "fault", x->fault);
        put_text(x->facts, "settle", x->settle_word);
        put_bool(x->facts, "document", x->document);
        put_money(x->facts, "supplement", x->supplement);
        put_money(x->facts, "reduced", x->reduced);
        put_money(x->facts, "excess", x->kind == ADJUST_SUSPENSE ? x->suspense : x->excess);
        rc = rc ? rc : overdue_fact(tx, x, err);
        rc = rc ? rc : employed_fact(tx, x, err);
        rc = rc ? rc : account_fact(tx, x, err);
        return rc ? rc : person_facts(tx, x, err);
}

/* --- together ------------------------------------------------------------------------------------------------------------------- */

static int stand_read(struct tx *tx, void *ctx, struct error *err)
{
        return adjust_stand(tx, ctx, err);
}

static int facts_read(struct tx *tx, void *ctx, struct error *err)
{
        return adjust_facts(tx, ctx, err);
}

int adjust_compute(struct adjusting *x, struct call *c, const json_t *in, struct error *err)
{
        struct store *s = c->house->store;
        int rc = adjust_read(x, c, in, err);

        rc = rc ? rc : store_read(s, stand_read, x, err);
        rc = rc ? rc : adjust_targets(x, err);
        rc = rc ? rc : store_read(s, facts_read, x, err);
        if (rc == 0 && x->supplement == 0 && x->reduced == 0 && (x->kind != ADJUST_SUSPENSE || x->suspense == 0))
                rc = error_raise(err, SB_ADJUST_NOTHING, "%s", x->employer.name);
        return rc;
}

static int pool_read_any(struct tx *tx, void *ctx, struct error *err)
{
        return application_pool(tx, ctx, err);
}

int adjust_decide(struct adjusting *x, struct case_decision *d, json_t **result, json_t **derivation, struct error *err)
{
        struct call *c = x->call;
        int64_t pool = x->item_count > 0 ? x->items[0].pool : 0;
        int rc = 0;

        if (pool == 0 && c->instance != 0)
                rc = case_pool(c, &pool, err);
        else if (pool == 0)
                rc = store_read(c->house->store, pool_read_any, &pool, err);
        *d = (struct case_decision){.model = "contribution_adjustment",
                                    .name = "check",
                                    .pool = pool,
                                    .day = clock_today(c->house->clock),
                                    .person = x->person,
                                    .subject_kind = "employer",
                                    .subject = x->employer.id,
                                    .inputs = x->facts};
        return rc ? rc : decision_compute(c, d, result, derivation, err);
}
