/* SPDX-License-Identifier: Apache-2.0
 *
 * What people do with a one-off payment: another account, entered by one and checked by another; a benefit that came back from the bank made
 * one, to be paid before the next month; that taken back.
 */
#include "office/payment/claim.h"

#include "office/json.h"
#include "office/pension/pension.h"

#include <string.h>

struct asked {
        int64_t claim, run, award;
        const char *decision, *text;
        struct payee payee;
        struct payment_claim row;
};

static int answer(const struct asked *a, const char *state, struct change *change, json_t **out, struct error *err)
{
        *out = json_pack("{s:I,s:s}", "claim", (json_int_t)a->claim, "state", state);
        change->subject_kind = "payment_claim";
        change->subject = a->claim;
        return *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

/* --- another account ------------------------------------------------------------------------------------------------------------ */

/* The account that waits to be checked: 1, 0, ERR. */
static int proposed(struct tx *tx, const struct payment_claim *k, int64_t *id, int64_t *by, struct error *err)
{
        struct stmt *q = NULL;
        int rc =
            tx_one(&q, tx, err,
                   "SELECT id, entered_by FROM payment_payee WHERE home = ?1@int AND claim = ?2@int AND state = 'proposed'",
                   "ii", (int64_t)k->home, k->id);

        *id = rc == 1 ? stmt_int(q, 0) : 0;
        *by = rc == 1 ? stmt_int(q, 1) : 0;
        return rc;
}

static bool correctable(const struct payment_claim *k)
{
        return strcmp(k->state, "open") == 0 || strcmp(k->state, "returned") == 0 || strcmp(k->state, "corrected") == 0;
}

static int payee_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct asked *a = ctx;
        int64_t id, by;
        char number[32];
        int rc = claim_read(tx, c->house->home, a->claim, &a->row, err);

        if (rc == 0 && !correctable(&a->row))
                rc = claim_state_refuse(&a->row, err);
        if (rc == 0)
                rc = proposed(tx, &a->row, &id, &by, err);
        if (rc == 1)
                return error_raise(err, SB_CLAIM_WAITS, "%s", readable_number(CLAIM_PREFIX, a->row.home, a->claim, number));
        rc = rc ? rc : payee_insert(tx, c, &a->row, &a->payee, "proposed", a->text, &id, err);
        rc = rc ? rc : claim_state_set(tx, &a->row, a->row.state, err);
        return rc ? rc : answer(a, a->row.state, change, out, err);
}

int claim_payee_verb(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct asked a = {.claim = 0};
        const char *name = "", *bank = "", *account = "";
        int rc = json_get_int(in, "claim", true, &a.claim, err);

        rc = rc ? rc : json_get_text(in, "name", true, &name, err);
        rc = rc ? rc : json_get_text(in, "bank", true, &bank, err);
        rc = rc ? rc : json_get_text(in, "account", true, &account, err);
        rc = rc ? rc : json_get_text(in, "note", true, &a.text, err);
        text_copy(a.payee.name, sizeof a.payee.name, str_from(name));
        text_copy(a.payee.bank, sizeof a.payee.bank, str_from(bank));
        text_copy(a.payee.account, sizeof a.payee.account, str_from(account));
        rc = rc ? rc : verb_change(c, registry_find(c->house->verbs, "payment.claim_payee"), in, payee_apply, &a, out, err);
        explicit_bzero(&a.payee, sizeof a.payee);
        return rc;
}

static int check_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct asked *a = ctx;
        int64_t id, by;
        bool approve = strcmp(a->decision, "approve") == 0;
        const char *state;
        int rc = claim_read(tx, c->house->home, a->claim, &a->row, err);

        if (rc == 0 && !correctable(&a->row))
                rc = claim_state_refuse(&a->row, err);
        if (rc == 0)
                rc = proposed(tx, &a->row, &id, &by, err);
        if (rc == 0)
                return claim_state_refuse(&a->row, err);
        if (rc == 1)
                rc = by == c->who.staff ? error_raise(err, SB_CLAIM_FOUR_EYES, "%s", "") : 0;
        if (rc == 0)
                rc = tx_exec(tx, err,
                             "UPDATE payment_payee SET state = ?1@text, checked_by = ?2@int, checked_at = ?3@int WHERE home = "
                             "?4@int AND id = ?5@int",
                             "tiiii", approve ? "stands" : "refused", c->who.staff, (int64_t)clock_now(c->house->clock),
                             (int64_t)a->row.home, id);
        if (rc == 0 && approve)
                rc = tx_exec(tx, err, "UPDATE payment_claim SET payee = ?1@int WHERE home = ?2@int AND id = ?3@int", "iii", id,
                             (int64_t)a->row.home, a->claim);
        state = approve && strcmp(a->row.state, "returned") == 0 ? "corrected" : a->row.state;
        rc = rc ? rc : claim_state_set(tx, &a->row, state, err);
        return rc ? rc : answer(a, state, change, out, err);
}

int claim_check_verb(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct asked a = {.claim = 0};
        int rc = json_get_int(in, "claim", true, &a.claim, err);

        rc = rc ? rc : json_get_text(in, "decision", true, &a.decision, err);
        return rc ? rc : verb_change(c, registry_find(c->house->verbs, "payment.claim_check"), in, check_apply, &a, out, err);
}

/* --- a benefit that came back --------------------------------------------------------------------------------------------------- */

/* The payment that came back, and whose it is; the state changes with it, so that no month takes it up. */
static int payment_take(struct tx *tx, const struct asked *a, int32_t home, struct payment_claim_new *n, struct error *err)
{
        struct stmt *q = NULL;
        char reference[48];
        int rc =
            tx_one(&q, tx, err,
                   "SELECT r.pool, y.amount_fen, y.account_fen, y.person, r.txn, p.id FROM payment_run r JOIN payment y ON "
                   "y.home = r.home AND y.month = r.month AND y.run = r.id JOIN award a ON a.home = y.home AND a.id = y.award "
                   "LEFT JOIN personal_account p ON p.home = a.home AND p.person = a.person AND p.scheme = a.scheme AND "
                   "p.pool = a.pool WHERE r.home = ?1@int AND r.id = ?2@int AND y.award = ?3@int AND y.state = 'returned'",
                   "iii", (int64_t)home, a->run, a->award);

        if (rc == 0)
                return error_raise(err, SB_CLAIM_RETURNED, "%s", payment_reference(a->run, a->award, reference));
        if (rc < 0)
                return rc;
        n->pool = stmt_int(q, 0);
        n->amount = stmt_int(q, 1);
        n->account_part = stmt_int(q, 2);
        n->beneficiary = stmt_int(q, 3);
        n->txn = stmt_int(q, 4);
        n->account = n->account_part ? stmt_int(q, 5) : 0;
        return 0;
}

static int payment_mark(struct tx *tx, int32_t home, int64_t run, int64_t award, const char *from, const char *to,
                        struct error *err)
{
        int64_t changed = 0;
        int rc =
            tx_exec_changed(tx, &changed, err,
                            "UPDATE payment SET state = ?1@text WHERE home = ?2@int AND run = ?3@int AND award = ?4@int AND "
                            "state = ?5@text AND month = (SELECT month FROM payment_run WHERE home = ?2@int AND id = ?3@int)",
                            "tiiit", to, (int64_t)home, run, award, from);

        return rc == 0 && changed != 1 ? error_raise(err, SB_STORE_CONFLICT, "%s", "") : rc;
}

/* The books owe it since it came back: nothing is posted. The award is paid from now on, where only the return held it. */
static int repay_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct asked *a = ctx;
        int32_t home = c->house->home;
        struct payment_claim_new n = {.kind = "payment.repay",
                                      .beneficiary_kind = "person",
                                      .ref_kind = "award",
                                      .ref = a->award,
                                      .source_run = a->run,
                                      .payee = &a->payee,
                                      .debit = LEDGER_FUND};
        int64_t current = 0;
        int rc = payment_take(tx, a, home, &n, err);

        rc = rc ? rc : pool_lock(tx, n.pool, err);
        rc = rc ? rc : payment_open_refuse(tx, home, n.pool, "month", err);
        rc = rc ? rc : award_current(tx, home, a->award, &current, err);
        rc = rc ? rc : award_payee(tx, c->house, home, current, &a->payee, err);
        rc = rc ? rc : payment_mark(tx, home, a->run, a->award, "returned", "claimed", err);
        rc = rc ? rc : award_unhold(tx, home, current, "returned", clock_now(c->house->clock), err);
        rc = rc ? rc : payment_claim_add(tx, c, &n, &a->claim, err);
        explicit_bzero(&a->payee, sizeof a->payee);
        rc = rc ? rc : answer(a, "open", change, out, err);
        if (rc == 0) {
                change->audit =
                    json_pack("{s:I,s:I,s:s}", "run", (json_int_t)a->run, "award", (json_int_t)a->award, "reason", a->text);
                put_money(change->audit, "amount", n.amount);
        }
        return rc;
}

int claim_repay_verb(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct asked a = {.claim = 0};
        int rc = json_get_int(in, "run", true, &a.run, err);

        rc = rc ? rc : json_get_int(in, "award", true, &a.award, err);
        rc = rc ? rc : json_get_text(in, "reason", true, &a.text, err);
        return rc ? rc : verb_change(c, registry_find(c->house->verbs, "payment.repay"), in, repay_apply, &a, out, err);
}

/* --- taken back ------------------------------------------------------------------------------------------------------------------ */

static int cancel_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct asked *a = ctx;
        int rc = claim_read(tx, c->house->home, a->claim, &a->row, err);

        if (rc == 0 && a->row.source_run == 0)
                rc = error_raise(err, SB_CLAIM_SUBJECT, "%s", a->row.kind);
        rc = rc ? rc : pool_lock(tx, a->row.pool, err);
        rc = rc ? rc : payment_open_refuse(tx, a->row.home, a->row.pool, "month", err);
        rc = rc ? rc : payment_claim_cancel(tx, c, a->claim, a->text, err);
        rc = rc ? rc : payment_mark(tx, a->row.home, a->row.source_run, a->row.ref, "claimed", "returned", err);
        return rc ? rc : answer(a, "cancelled", change, out, err);
}

int claim_cancel_verb(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct asked a = {.claim = 0};
        int rc = json_get_int(in, "claim", true, &a.claim, err);

        rc = rc ? rc : json_get_text(in, "reason", true, &a.text, err);
        return rc ? rc : verb_change(c, registry_find(c->house->verbs, "payment.claim_cancel"), in, cancel_apply, &a, out, err);
}
