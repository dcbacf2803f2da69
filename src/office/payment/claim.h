/* SPDX-License-Identifier: Apache-2.0
 *
 * One-off payments (一次性支付) as payment keeps them: office.h says what others ask. Owns payment_claim and payment_payee.
 *
 * open → listed (in a run) → paid → returned → corrected → listed → paid …; cancelled from open, returned or corrected. Nothing is listed
 * without a payee that stands, nor while a new one waits to be checked by somebody else.
 */
#ifndef OFFICE_PAYMENT_CLAIM_H
#define OFFICE_PAYMENT_CLAIM_H

#include "office/payment/payment.h"

#define CLAIM_PREFIX 'Z' /* of readable numbers of claims */

struct payment_claim {
        int32_t home;
        int64_t id, pool, beneficiary, ref, source_run, instance, decision, account, run, payee, txn, actor, version;
        char kind[40], beneficiary_kind[16], ref_kind[32], state[16], return_code[8], reason[400];
        fen_t amount, account_part, fund_part;
        int debit;
        day_t from;
        bool posted;
        instant_t at;
};
int claim_read(struct tx *tx, int32_t home, int64_t id, struct payment_claim *out, struct error *err); /* SB_CLAIM */
/* The state changes once: the version that was read is the one that changes. SB_STORE_CONFLICT. */
int claim_state_set(struct tx *tx, const struct payment_claim *k, const char *state, struct error *err);
int claim_state_refuse(const struct payment_claim *k, struct error *err); /* raises SB_CLAIM_STATE */

/* Where it is paid to, sealed as a row of payment_payee of that state. */
int payee_insert(struct tx *tx, struct call *c, const struct payment_claim *k, const struct payee *p, const char *state,
                 const char *note, int64_t *id, struct error *err);

/* What a run of claims pays, as items of a list after a claim; next "": there is no more. */
struct claim_page {
        int64_t run, after;
        const char *state;
        int limit;
        json_t *items;
        char next[32];
};
int claim_page_read(struct tx *tx, struct call *c, struct claim_page *page, struct error *err);

verb_run claims_due_verb;                                                         /* claim_run.c */
verb_run claim_list_verb, claim_get_verb;                                         /* claim_view.c */
verb_run claim_payee_verb, claim_check_verb, claim_repay_verb, claim_cancel_verb; /* claim_correct.c */

#endif
