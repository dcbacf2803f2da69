/* SPDX-License-Identifier: Apache-2.0
 *
 * Refunds of a correction: one-off payments of what rests of its credits, to the employer, or the worker's own part to the worker.
 */
#include "office/contribution/adjust.h"

#include <string.h>

struct resting {
        int64_t receipt, pool;
        fen_t rest;
};

/* The next receipt with money left, of the adjustment, or (0) of the employer: 1, 0, ERR. */
static int resting_next(struct tx *tx, struct adjusting *x, int64_t adjustment, struct resting *r, struct error *err)
{
        struct stmt *q;
        int rc =
            tx_one(&q, tx, err,
                   "SELECT r.id, p.pool, r.amount_fen - r.allocated_fen - r.refunded_fen FROM receipt r JOIN ledger_posting p "
                   "ON p.home = "
                   "r.home AND p.txn = r.txn AND p.kind = ?3@int WHERE r.home = ?1@int AND r.employer = ?2@int AND r.state = "
                   "'suspense' "
                   "AND (?4@int = 0 OR r.adjustment = ?4@int) AND r.id > ?5@int ORDER BY r.id LIMIT 1",
                   "iiiii", (int64_t)x->call->house->home, x->employer.id, (int64_t)LEDGER_SUSPENSE, adjustment, r->receipt);

        if (rc == 1)
                *r = (struct resting){stmt_int(q, 0), stmt_int(q, 1), stmt_int(q, 2)};
        return rc;
}

static int refund_add(struct tx *tx, struct adjusting *x, const struct adjust_done *d, const struct resting *r,
                      const char *beneficiary, fen_t amount, struct error *err)
{
        struct payment_claim_new n = {.pool = r->pool,
                                      .kind = "contribution.refund",
                                      .beneficiary_kind = beneficiary,
                                      .beneficiary = strcmp(beneficiary, "person") == 0 ? x->person : x->employer.id,
                                      .ref_kind = "adjustment",
                                      .ref = d->id,
                                      .decision = d->decision,
                                      .amount = amount,
                                      .debit = LEDGER_SUSPENSE};
        int64_t claim = 0;
        int rc = amount == 0 ? 1 : payment_claim_add(tx, x->call, &n, &claim, err);

        if (rc != 0)
                return rc < 0 ? rc : 0;
        return tx_exec(
            tx, err, "INSERT INTO adjustment_refund (home, claim, adjustment, receipt) VALUES (?1@int, ?2@int, ?3@int, ?4@int)",
            "iiii", (int64_t)x->call->house->home, claim, d->id, r->receipt);
}

/* Of what had been paid in a pool, the worker's own part. */
static fen_t own_part(const struct adjusting *x, int64_t pool, fen_t most)
{
        fen_t own = 0;

        for (size_t i = 0; i < x->touched_count && x->settle == SETTLE_REFUND_EACH; i++)
                own += x->touched[i].pool == pool ? x->touched[i].own_excess : 0;
        return own < most ? own : most;
}

int adjust_refund(struct tx *tx, struct adjusting *x, struct adjust_done *d, struct error *err)
{
        struct resting r = {0};
        int64_t adjustment = x->kind == ADJUST_SUSPENSE ? 0 : d->id;
        int rc;

        while ((rc = resting_next(tx, x, adjustment, &r, err)) == 1) {
                fen_t own = own_part(x, r.pool, r.rest);
                rc = refund_add(tx, x, d, &r, "person", own, err);
                rc = rc ? rc : refund_add(tx, x, d, &r, "employer", r.rest - own, err);
                rc = rc ? rc
                        : tx_exec(tx, err,
                                  "UPDATE receipt SET refunded_fen = refunded_fen + ?3@int, state = 'allocated', version = "
                                  "version + 1 "
                                  "WHERE home = ?1@int AND id = ?2@int",
                                  "iii", (int64_t)x->call->house->home, r.receipt, r.rest);
                if (rc < 0)
                        return rc;
                d->refunded += r.rest;
        }
        return rc;
}

struct undone {
        int64_t claim, receipt;
        fen_t amount;
};

static int undone_next(struct tx *tx, struct adjusting *x, int64_t adjustment, struct undone *u, struct error *err)
{
        struct stmt *q;
        int rc =
            tx_one(&q, tx, err,
                   "SELECT f.claim, f.receipt, k.amount_fen FROM adjustment_refund f JOIN payment_claim k ON k.home = f.home "
                   "AND k.id = f.claim WHERE f.home = ?1@int AND f.adjustment = ?2@int AND k.state IN ('open', 'returned', "
                   "'corrected') AND f.claim > ?3@int ORDER BY f.claim LIMIT 1",
                   "iii", (int64_t)x->call->house->home, adjustment, u->claim);

        if (rc == 1)
                *u = (struct undone){stmt_int(q, 0), stmt_int(q, 1), stmt_int(q, 2)};
        return rc;
}

int adjust_refund_undo(struct tx *tx, struct adjusting *x, int64_t adjustment, struct error *err)
{
        struct undone u = {0};
        char reason[64];
        int rc;

        text_format(reason, sizeof reason, "P10 %lld", (long long)x->call->instance);
        while ((rc = undone_next(tx, x, adjustment, &u, err)) == 1) {
                rc = payment_claim_cancel(tx, x->call, u.claim, reason, err);
                rc = rc ? rc
                        : tx_exec(tx, err,
                                  "UPDATE receipt SET refunded_fen = refunded_fen - ?3@int, state = 'suspense', version = "
                                  "version + 1 "
                                  "WHERE home = ?1@int AND id = ?2@int",
                                  "iii", (int64_t)x->call->house->home, u.receipt, u.amount);
                if (rc < 0)
                        return rc;
        }
        return rc;
}
