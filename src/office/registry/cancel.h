/* SPDX-License-Identifier: Apache-2.0
 *
 * Cancellation of a registration (社会保险注销登记), the process P05: what stands against it (cancel_facts.c) is laid before the pack's model
 * "cancellation", which says what stops it and what is waited for; what it does, and how that is taken back within the case, is
 * cancel_apply.c. Shared by the files of registry only.
 */
#ifndef OFFICE_REGISTRY_CANCEL_H
#define OFFICE_REGISTRY_CANCEL_H

#include "office/registry/registry.h"

#define DEREGISTERED "deregistered" /* the state of whose registration was cancelled */

struct cancelling {
        struct call *call;
        bool person; /* else an employer */
        int64_t subject;
        const char *cause;
        day_t event_day;
        bool nationality_lost;
        fen_t late_fee;                   /* of what is overdue, not ordered yet; computed outside of a transaction */
        json_t *facts;                    /* the inputs of the model */
        char number[32];                  /* of the person or employer */
        fen_t balance;                    /* of the personal accounts */
        int awards;                       /* that are paid */
        bool case_payout, case_survivors; /* P12, P20 run for the person */
};
static inline const char *cancel_kind(const struct cancelling *k)
{
        return k->person ? "person" : "employer";
}
/* Whose registration, why and when, of the variables of the case or of a form. SB_REGISTRY_CANCEL_FORM, its place the field. */
int cancel_read(struct cancelling *k, struct call *c, const json_t *in, struct error *err);
/* Read k->facts anew, in the caller's transaction. */
int cancel_facts(struct tx *tx, struct cancelling *k, struct error *err);
/* Facts and the decision of the pack on them, outside of a transaction: *result {"stopped", "waits", "reasons", "award_month"}. */
int cancel_decide(struct cancelling *k, struct case_decision *d, json_t **result, json_t **derivation, struct error *err);
void cancel_dispose(struct cancelling *k);
/* What the model found, in words: "a; b". */
const char *cancel_words(const json_t *result, const char *lang, char *out, size_t size);

verb_run registry_cancel, registry_cancel_undo; /* cancel_apply.c */

#endif
