/* SPDX-License-Identifier: Apache-2.0
 *
 * Corrections of what was assessed (补缴与退费), the process P10: what a worker's months stand at (adjust_read.c), what they should come to
 * under the law of each month (adjust_target.c), what the pack says of it (adjust_decide.c), and how it becomes so (adjust_apply.c). Nothing
 * that was assessed, received or recorded is changed in place: what is more is an assessment of its own; what is less is a reduction beside
 * the assessment, newest first; what had been paid of that becomes a credit, a receipt of no new money, which pays what is open or is
 * refunded. A correction is taken back by another one. Owns adjustment, adjustment_line, adjustment_reduction and adjustment_refund.
 *
 * Books: a supplement as any assessment; a reduction debits the fund and credits the receivable; of what had been paid the receivable
 * goes over into suspense, and the account part comes back from the personal account into the fund, with an entry of its own.
 *
 * Shared by the files of contribution only.
 */
#ifndef OFFICE_CONTRIBUTION_ADJUST_H
#define OFFICE_CONTRIBUTION_ADJUST_H

#include "office/contribution/contribution.h"

#define ADJUST_MONTHS 240     /* in one application */
#define ADJUSTMENT_PREFIX 'J' /* of readable numbers */

/* missing: months that were not assessed; base: another wage; removed: months that should not be; moved: months that are others;
 * suspense: money that pays nothing; reverse: an adjustment is taken back. */
enum adjust_kind { ADJUST_MISSING, ADJUST_BASE, ADJUST_REMOVED, ADJUST_MOVED, ADJUST_SUSPENSE, ADJUST_REVERSE };
enum adjust_settle { SETTLE_SET_OFF, SETTLE_REFUND, SETTLE_REFUND_EACH };

/* What an assessment stands at for a worker: its line less what was taken off. */
struct adjust_share {
        int64_t assessment, person, pool;
        month_t month;
        char scheme[32];
        bool paid, supplement;
        fen_t received, owed; /* of the whole assessment */
        struct due due;
};
/* A worker's month in a scheme. more and less are not both set, but where the parts of a difference go both ways: then all is taken off
 * and assessed anew. */
struct adjust_item {
        int64_t person, pool;
        month_t month;
        char scheme[32];
        fen_t old_wage, wage;
        struct due old, now, more, less;
};
/* What is taken off a worker's line. */
struct adjust_take {
        int64_t assessment, person;
        size_t item;
        struct due due;
        bool paid;
};
/* An assessment from which something is taken: excess is what had been received beyond what it comes to then. */
struct adjust_touched {
        int64_t assessment, pool;
        month_t month;
        char scheme[32];
        bool paid, supplement;
        fen_t received, owed, reduced, excess;
        fen_t own, own_excess; /* of the worker, not the employer */
};
struct adjust_wage {
        int64_t person;
        month_t month;
        fen_t wage;
};
struct adjusting {
        struct call *call;
        enum adjust_kind kind;
        enum adjust_settle settle;
        const char *fault, *scheme; /* employer, office; "": all schemes */
        int64_t person, reverses;
        month_t from, to, right; /* both counted; right: the first month that it should have been */
        fen_t wage;
        bool document;
        struct employer employer;
        char kind_word[16], settle_word[16];

        struct adjust_share *shares;
        size_t share_count;
        struct adjust_wage *wages; /* in order of person and month */
        size_t wage_count;
        struct adjust_item *items;
        size_t item_count;
        struct adjust_take *takes;
        size_t take_count;
        struct adjust_touched *touched;
        size_t touched_count;
        fen_t supplement, reduced, excess, account, suspense;
        struct hash pack;                                   /* in force today */
        day_t due_original[ADJUST_MONTHS * 2 + 1], due_now; /* by item month; of the month of the decision */
        json_t *facts;
};

/* The application, of the variables of a case or of a form; faults are told at the field. End it with adjust_dispose, also when it fails. */
int adjust_read(struct adjusting *x, struct call *c, const json_t *in, struct error *err);
void adjust_dispose(struct adjusting *x);
/* Read employer, shares and wages; in the caller's transaction, also again. */
int adjust_stand(struct tx *tx, struct adjusting *x, struct error *err);
month_t adjust_first(const struct adjusting *x);
month_t adjust_last(const struct adjusting *x);
/* Fill items, takes, touched and the totals from what stands. Outside of a transaction. */
int adjust_targets(struct adjusting *x, struct error *err);
/* The takes and what they touch, from items and shares: needs no law. */
int adjust_plan(struct adjusting *x, struct error *err);
/* Read what stands again, in the transaction of the change, and plan anew; SB_ADJUST_CHANGED when the months do not stand as they did. */
int adjust_again(struct tx *tx, struct adjusting *x, struct error *err);
/* Everything above, and x->facts: what the pack is asked about. Outside of a transaction. */
int adjust_compute(struct adjusting *x, struct call *c, const json_t *in, struct error *err);
int adjust_facts(struct tx *tx, struct adjusting *x, struct error *err);
/* The pack's word: *result {"stopped", "document_needed", "due", "reasons"}. */
int adjust_decide(struct adjusting *x, struct case_decision *d, json_t **result, json_t **derivation, struct error *err);
/* Carry out what was planned and decided; *id the adjustment. */
struct adjust_done {
        int64_t id, decision;
        const json_t *result;
        fen_t refunded;
};
int adjust_carry_out(struct tx *tx, struct adjusting *x, struct adjust_done *d, struct error *err);
/* One-off payments of what rests of its credits, or (suspense) of the employer's money; answers how much. */
int adjust_refund(struct tx *tx, struct adjusting *x, struct adjust_done *d, struct error *err);
/* What was not paid yet of the refunds of an adjustment is not owed any more, and waits in suspense again. */
int adjust_refund_undo(struct tx *tx, struct adjusting *x, int64_t adjustment, struct error *err);
/* When what is assessed anew for a month falls due. */
day_t adjust_due(const struct adjusting *x, const json_t *result, month_t month);

verb_run contribution_adjust, contribution_adjust_form, contribution_adjust_check, contribution_adjust_preview,
    contribution_employer_adjustments, contribution_person_adjustments;

#endif
