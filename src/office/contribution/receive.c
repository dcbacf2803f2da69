/* SPDX-License-Identifier: Apache-2.0 */
#include "office/contribution/contribution.h"
#include "office/json.h"

#include <stdlib.h>
#include <string.h>

/* Money and what it pays. Every step is a row in `allocation`; the postings of one receipt are one ledger transaction,
 * balanced in each pool's book. */

struct open_assessment {
        struct paid paid;
        fen_t due, received;
};
struct spending {
        struct call *call;
        int64_t employer, receipt, transaction;
        enum ledger_kind from; /* BANK: money that came in; SUSPENSE: money that lay there */
        int64_t suspense_pool; /* SUSPENSE: the book in which it lies */
        fen_t rest;
        struct posting postings[64];
        size_t posting_count;
        int64_t suspense_home; /* book in which money that pays nothing yet is put */
        int64_t adjustment;    /* 0, or: only what this adjustment assessed is paid */
};

static int posting_add(struct spending *s, int64_t pool, enum ledger_kind kind, fen_t amount, struct error *err)
{
        for (size_t i = 0; i < s->posting_count; i++)
                if (s->postings[i].pool == pool && s->postings[i].kind == kind) {
                        s->postings[i].amount += amount;
                        return 0;
                }
        if (s->posting_count == sizeof s->postings / sizeof s->postings[0])
                return error_raise(err, SB_LIMIT, "%s|%d", ERROR_BOTH("the pools of a receipt", "收款涉及的统筹区数"), 20);
        s->postings[s->posting_count++] = (struct posting){pool, kind, amount};
        return 0;
}

/* Move `amount` from where the money is into the receivable of a pool. Suspense of another pool's book goes over the bank
 * accounts of both, since each book balances. */
static int posting_move(struct spending *s, int64_t pool, fen_t amount, struct error *err)
{
        int rc = posting_add(s, pool, LEDGER_RECEIVABLE, -amount, err);

        if (rc == 0 && s->from == LEDGER_BANK)
                return posting_add(s, pool, LEDGER_BANK, amount, err);
        if (rc == 0)
                rc = posting_add(s, s->suspense_pool, LEDGER_SUSPENSE, amount, err);
        if (rc == 0 && pool != s->suspense_pool) {
                rc = posting_add(s, s->suspense_pool, LEDGER_BANK, -amount, err);
                if (rc == 0)
                        rc = posting_add(s, pool, LEDGER_BANK, amount, err);
        }
        return rc;
}

/* The oldest assessment of the employer that is not paid: 1, 0, ERR. */
static int oldest_open(struct tx *tx, struct spending *s, struct open_assessment *o, struct error *err)
{
        struct stmt *q;
        int rc =
            tx_one(&q, tx, err,
                   "SELECT a.id, a.month, a.scheme, a.pool, a.employer_fen + a.person_fen - a.reduced_fen, "
                   "a.received_fen, d.adjustment FROM assessment a JOIN declaration d ON d.home = a.home AND d.id = "
                   "a.declaration WHERE a.home = ?1@int AND a.employer = ?2@int AND a.state = 'open' AND (?3@int = 0 OR "
                   "d.adjustment = ?3@int AND NOT EXISTS (SELECT 1 FROM assessment o WHERE o.home = a.home AND o.employer = "
                   "a.employer AND o.month = a.month AND o.scheme = a.scheme AND o.state = 'open' AND o.id < a.id)) ORDER BY "
                   "a.month, a.id LIMIT 1",
                   "iii", (int64_t)s->call->house->home, s->employer, s->adjustment);

        if (rc != 1)
                return rc;
        o->paid = (struct paid){.assessment = stmt_int(q, 0),
                                .employer = s->employer,
                                .month = (month_t)stmt_int(q, 1),
                                .pool = stmt_int(q, 3),
                                .supplement = stmt_int(q, 6) != 0};
        text_copy(o->paid.scheme, sizeof o->paid.scheme, stmt_text(q, 2));
        o->due = stmt_int(q, 4);
        o->received = stmt_int(q, 5);
        return 1;
}

int declaration_settle(struct tx *tx, int32_t home, int64_t assessment, struct error *err)
{
        return tx_exec(
            tx, err,
            "UPDATE declaration SET state = 'paid', version = version + 1 WHERE home = ?1@int AND state = 'assessed' AND "
            "id = (SELECT declaration FROM assessment WHERE home = ?1@int AND id = ?2@int) AND NOT EXISTS (SELECT 1 FROM "
            "assessment a WHERE a.home = ?1@int AND a.declaration = declaration.id AND a.state <> 'paid')",
            "ii", (int64_t)home, assessment);
}

static int allocation_add(struct tx *tx, struct spending *s, const struct open_assessment *o, fen_t amount, struct error *err)
{
        struct house *h = s->call->house;
        bool full = o->received + amount == o->due;
        int64_t id;
        int rc = ids_next(h->ids, &id, err);

        if (rc == 0)
                rc = tx_exec(
                    tx, err,
                    "INSERT INTO allocation (home, id, receipt, assessment, amount_fen, txn, at) VALUES (?1@int, ?2@int, "
                    "?3@int, ?4@int, ?5@int, ?6@int, ?7@int)",
                    "iiiiiii", (int64_t)h->home, id, s->receipt, o->paid.assessment, amount, s->transaction,
                    (int64_t)clock_now(h->clock));
        if (rc == 0)
                rc = tx_exec(
                    tx, err,
                    "UPDATE assessment SET received_fen = received_fen + ?3@int, state = ?4@text, version = version + 1 "
                    "WHERE home = ?1@int AND id = ?2@int",
                    "iiit", (int64_t)h->home, o->paid.assessment, amount, full ? "paid" : "open");
        if (rc == 0)
                rc = posting_move(s, o->paid.pool, amount, err);
        if (rc == 0 && full)
                rc = assessment_credit(tx, s->call, &o->paid, err);
        if (rc == 0 && full)
                rc = declaration_settle(tx, h->home, o->paid.assessment, err);
        return rc;
}

static int assessment_spend(struct tx *tx, struct spending *s, const struct open_assessment *o, struct error *err)
{
        fen_t open = o->due - o->received, amount = s->rest < open ? s->rest : open;

        s->rest -= amount;
        return allocation_add(tx, s, o, amount, err);
}

static int late_fee_spend(struct tx *tx, struct spending *s, const struct late_fee_open *fee, struct error *err)
{
        struct late_fee_payment p = {s->receipt, s->transaction, s->rest < fee->open ? s->rest : fee->open};
        int rc = late_fee_pay(tx, s->call->house, fee, &p, err);

        s->rest -= p.amount;
        return rc == 0 ? posting_move(s, fee->pool, p.amount, err) : rc;
}

/* One thing that is owed, the oldest month first; ordered late fees before or behind the months, as the pack said. 1, 0 nothing, ERR. */
static int spend_one(struct tx *tx, struct spending *s, struct error *err)
{
        int32_t home = s->call->house->home;
        struct open_assessment o;
        struct late_fee_open fee;
        bool all = s->adjustment == 0;
        int fees = all ? late_fee_next(tx, home, s->employer, true, &fee, err) : 0, rc = fees;

        if (rc == 0) {
                rc = oldest_open(tx, s, &o, err);
                if (rc == 0 && all)
                        fees = rc = late_fee_next(tx, home, s->employer, false, &fee, err);
        }
        if (rc == 1)
                rc = fees == 1 ? late_fee_spend(tx, s, &fee, err) : assessment_spend(tx, s, &o, err);
        else
                return rc;
        return rc < 0 ? rc : 1;
}

static int spend(struct tx *tx, struct spending *s, struct error *err)
{
        int rc = 1;

        while (s->rest > 0 && rc == 1)
                rc = spend_one(tx, s, err);
        return rc < 0 ? rc : 0;
}

static int spending_post(struct tx *tx, struct spending *s, const char *kind, struct error *err)
{
        struct house *h = s->call->house;
        day_t today = clock_today(h->clock);
        size_t n = 0;

        for (size_t i = 0; i < s->posting_count; i++)
                if (s->postings[i].amount != 0)
                        s->postings[n++] = s->postings[i];
        if (n == 0)
                return 0;
        struct ledger_transaction t = {.home = h->home,
                                       .month = month_of(today),
                                       .id = s->transaction,
                                       .day = today,
                                       .kind = kind,
                                       .ref_kind = "receipt",
                                       .ref_id = s->receipt,
                                       .actor = s->call->who.staff,
                                       .at = clock_now(h->clock),
                                       .postings = s->postings,
                                       .count = n};
        return ledger_post(tx, h->ids, &t, err);
}

/* The book for money that pays nothing yet: of the employer's last assessment, else the employees' pension of the place. */
static int suspense_book(struct tx *tx, struct spending *s, struct error *err)
{
        struct house *h = s->call->house;
        struct employer e;
        struct pool pool;
        struct stmt *q;

        if (s->suspense_home != 0)
                return 0;
        int rc = tx_one(&q, tx, err,
                        "SELECT pool FROM assessment WHERE home = ?1@int AND employer = ?2@int ORDER BY month DESC, id LIMIT 1",
                        "ii", (int64_t)h->home, s->employer);
        if (rc == 1)
                s->suspense_home = stmt_int(q, 0);
        if (rc != 0)
                return rc < 0 ? rc : 0;
        rc = employer_read(tx, h, h->home, s->employer, &e, err);
        if (rc == 0)
                rc = pool_by_scheme(tx, "EP", e.territory, clock_today(h->clock), &pool, err);
        if (rc == 0)
                s->suspense_home = pool.id;
        return rc;
}

static int receipt_insert(struct tx *tx, struct spending *s, fen_t amount, day_t day, const char *bank_ref, struct error *err)
{
        struct call *c = s->call;

        return tx_exec(
            tx, err,
            "INSERT INTO receipt (home, id, employer, amount_fen, day, bank_ref, allocated_fen, state, txn, actor, at, "
            "version) VALUES (?1@int, ?2@int, ?3@int, ?4@int, ?5@int, ?6@text, 0, 'checking', ?7@int, ?8@int, ?9@int, 1)",
            "iiiiitiii", (int64_t)c->house->home, s->receipt, s->employer, amount, (int64_t)day, bank_ref, s->transaction,
            c->who.staff, (int64_t)clock_now(c->house->clock));
}

/* The case P08 in the office that keeps the employer: what the money pays is decided there. */
static int receipt_case(struct tx *tx, struct spending *s, fen_t amount, int64_t *instance, struct error *err)
{
        struct call *c = s->call, of = *c;
        struct employer e;
        json_t *variables = json_object();
        struct case_start start = {.process = "P08",
                                   .subject_kind = "receipt",
                                   .subject = s->receipt,
                                   .pool = s->suspense_home,
                                   .variables = variables};
        int rc = variables == NULL ? error_raise(err, SB_MEMORY, "%s", "")
                                   : employer_read(tx, c->house, c->house->home, s->employer, &e, err);

        of.instance = 0;
        put_int(variables, "receipt", s->receipt);
        put_int(variables, "employer", s->employer);
        put_money(variables, "amount", amount);
        if (rc == 0) {
                start.office = e.office;
                rc = case_start(tx, &of, &start, instance, err);
        }
        json_decref(variables);
        return rc;
}

int receipt_post(struct tx *tx, struct call *c, int64_t employer, fen_t amount, day_t day, const char *bank_ref,
                 int64_t *receipt, int64_t *instance, struct error *err)
{
        struct spending s = {.call = c, .employer = employer, .from = LEDGER_BANK, .rest = amount};
        char text[24];

        if (amount <= 0)
                return error_raise(err, SB_CONTRIBUTION_AMOUNT, "%s", money_text(amount, text));
        int rc = employer_hold(tx, c->house, employer, err);
        if (rc == 0)
                rc = ids_next(c->house->ids, &s.receipt, err);
        if (rc == 0)
                rc = ids_next(c->house->ids, &s.transaction, err);
        if (rc == 0)
                rc = suspense_book(tx, &s, err);
        if (rc == 0)
                rc = receipt_insert(tx, &s, amount, day, bank_ref, err);
        if (rc == 0)
                rc = posting_add(&s, s.suspense_home, LEDGER_BANK, amount, err);
        if (rc == 0)
                rc = posting_add(&s, s.suspense_home, LEDGER_SUSPENSE, -amount, err);
        if (rc == 0)
                rc = spending_post(tx, &s, "contribution.receive", err);
        if (rc == 0)
                rc = receipt_case(tx, &s, amount, instance, err);
        if (rc == 0)
                *receipt = s.receipt;
        return rc;
}

/* --- suspense ------------------------------------------------------------------------------------------------------------ */

/* The receipt `only`, or (0) the oldest of the employer with money left, and the book in which that lies: 1, 0, ERR. What a case still
 * looks at pays nothing yet. */
static int oldest_suspense(struct tx *tx, struct spending *s, int64_t only, struct error *err)
{
        struct stmt *q;
        int64_t home = s->call->house->home;
        int rc =
            tx_one(&q, tx, err,
                   "SELECT r.id, r.amount_fen - r.allocated_fen - r.refunded_fen, p.pool FROM receipt r JOIN ledger_posting p "
                   "ON p.home = "
                   "r.home AND p.txn = r.txn AND p.kind = ?3@int WHERE r.home = ?1@int AND r.employer = ?2@int AND r.state = "
                   "'suspense' AND (?4@int = 0 OR r.id = ?4@int) AND (?5@int = 0 OR r.adjustment = ?5@int AND r.id > ?6@int) "
                   "ORDER BY r.id LIMIT 1",
                   "iiiiii", home, s->employer, (int64_t)LEDGER_SUSPENSE, only, s->adjustment, s->receipt);

        if (rc == 1) {
                s->receipt = stmt_int(q, 0);
                s->rest = stmt_int(q, 1);
                s->suspense_pool = stmt_int(q, 2);
        }
        return rc;
}

static int receipt_update(struct tx *tx, struct spending *s, fen_t used, struct error *err)
{
        return tx_exec(
            tx, err,
            "UPDATE receipt SET allocated_fen = allocated_fen + ?3@int, state = ?4@text, version = version + 1 WHERE home "
            "= ?1@int AND id = ?2@int",
            "iiit", (int64_t)s->call->house->home, s->receipt, used, s->rest == 0 ? "allocated" : "suspense");
}

/* Until there is no money, or nothing that it can pay. */
static int suspense_spend(struct tx *tx, struct call *c, int64_t employer, int64_t only, struct error *err)
{
        int rc = 0;

        while (rc == 0) {
                struct spending s = {.call = c, .employer = employer, .from = LEDGER_SUSPENSE};
                rc = oldest_suspense(tx, &s, only, err);
                if (rc <= 0)
                        return rc;
                fen_t before = s.rest;
                rc = ids_next(c->house->ids, &s.transaction, err);
                if (rc == 0)
                        rc = spend(tx, &s, err);
                if (rc == 0 && s.rest == before)
                        return 0;
                if (rc == 0)
                        rc = receipt_update(tx, &s, before - s.rest, err);
                if (rc == 0)
                        rc = spending_post(tx, &s, "contribution.suspense", err);
        }
        return rc;
}

int credit_use(struct tx *tx, struct call *c, int64_t employer, int64_t adjustment, struct error *err)
{
        int64_t last = 0;
        int rc = 0;

        while (rc == 0) {
                struct spending s = {
                    .call = c, .employer = employer, .from = LEDGER_SUSPENSE, .adjustment = adjustment, .receipt = last};
                rc = oldest_suspense(tx, &s, 0, err);
                if (rc <= 0)
                        return rc;
                fen_t before = s.rest;
                last = s.receipt;
                rc = ids_next(c->house->ids, &s.transaction, err);
                rc = rc ? rc : spend(tx, &s, err);
                if (rc == 0 && s.rest < before)
                        rc = receipt_update(tx, &s, before - s.rest, err);
                rc = rc ? rc : spending_post(tx, &s, "contribution.suspense", err);
        }
        return rc;
}

int suspense_use(struct tx *tx, struct call *c, int64_t employer, int64_t only, struct error *err)
{
        int rc = employer_hold(tx, c->house, employer, err);

        if (rc == 0)
                rc = suspense_spend(tx, c, employer, only, err);
        return rc == 0 ? arrears_settled(tx, c, employer, err) : rc;
}

/* --- contribution.receive ---------------------------------------------------------------------------------------------------- */

struct receiving {
        int64_t employer, instance;
        fen_t amount;
        day_t day;
        const char *bank_ref;
};

static int receive_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct receiving *r = ctx;
        struct stmt *q;
        int64_t receipt = 0;
        int rc = tx_one(&q, tx, err, "SELECT id FROM receipt WHERE home = ?1@int AND bank_ref = ?2@text", "it",
                        (int64_t)c->house->home, r->bank_ref);

        if (rc == 1) {
                error_raise(err, SB_CONTRIBUTION_BANK_REF, "%s|%lld", r->bank_ref, (long long)stmt_int(q, 0));
                return error_where(err, "bank_ref");
        }
        if (rc == 0)
                rc = receipt_post(tx, c, r->employer, r->amount, r->day, r->bank_ref, &receipt, &r->instance, err);
        if (rc < 0)
                return rc;
        change->subject_kind = "receipt";
        change->subject = receipt;
        json_t *o = json_object();
        put_int(o, "id", receipt);
        put_int(o, "case", r->instance);
        put_money(o, "amount", r->amount);
        change->audit = json_deep_copy(o);
        *out = o;
        return o == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

static int receiving_read(struct receiving *r, const json_t *in, struct error *err)
{
        char text[24];
        int rc = json_get_int(in, "employer", true, &r->employer, err);

        if (rc == 0)
                rc = json_get_money(in, "amount", true, &r->amount, err);
        if (rc == 0)
                rc = json_get_day(in, "day", false, &r->day, err);
        if (rc == 0)
                rc = json_get_text(in, "bank_ref", true, &r->bank_ref, err);
        if (rc == 0 && r->amount <= 0) {
                error_raise(err, SB_CONTRIBUTION_AMOUNT, "%s", money_text(r->amount, text));
                rc = error_where(err, "amount");
        }
        return rc;
}

/* Booked at once; where the rule finds nothing, the case has posted it before this answers. The answer says how it stands now, also
 * when it is asked for again. */
int contribution_receive(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct receiving r = {.day = clock_today(c->house->clock)};
        json_t *first = NULL, *now = NULL;
        int rc = receiving_read(&r, in, err);

        if (rc == 0)
                rc = case_change(c, registry_find(c->house->verbs, "contribution.receive"), in, receive_apply, &r, &first, err);
        if (rc == 0)
                rc = receipt_read(c, json_integer_value(json_object_get(first, "id")), &now, err);
        if (rc == 0)
                *out = now;
        json_decref(first);
        return rc;
}
