/* SPDX-License-Identifier: Apache-2.0
 *
 * Arrears (欠费): what employers did not pay in time, the late fee on it, the order to pay, and what became of it. Owns arrears_order,
 * late_fee and late_fee_allocation. The late fee is decided by the pack (arrears.dmn) for each pool, over the days in which each sum
 * was open: from the day after the due day (kept with the declaration) to the day of the order, the day on which money came counted.
 * Books: an order debits the receivable and credits the fund with its late fees; money pays them beside the assessments, in
 * contribution's own transaction, in the order that the pack gave to the order.
 */
#ifndef OFFICE_ARREARS_ARREARS_H
#define OFFICE_ARREARS_ARREARS_H

#include "office/office.h"

extern const struct verb arrears_verbs[];

#define ARREARS_POOLS 32

/* One assessment that is overdue, or was paid late with days that no order has charged. */
struct owed {
        int64_t assessment, pool;
        month_t month;
        day_t due_day, from; /* from: the first day that no order has charged yet */
        fen_t total, open, obligation, ordered, fee;
        char scheme[32];
        json_t *parts; /* what was open when */
        fen_t running; /* while the parts are made */
        day_t cursor;
};
/* What is overdue in one pool, and what the pack decided on it. */
struct charge {
        int64_t pool, decision_id;
        size_t first, count;
        fen_t principal, fee;
        bool fee_first;
        struct case_decision decision;
        json_t *inputs, *result, *derivation;
};
struct arrears {
        struct call *call;
        struct employer employer;
        day_t day;
        struct owed *rows;
        size_t count;
        struct charge charges[ARREARS_POOLS];
        size_t charge_count;
        fen_t principal, fee;
};
/* What the employer owes on a day, and the late fee on it. End it with arrears_close, also when it fails. */
int arrears_open_read(struct arrears *a, struct call *c, int64_t employer, day_t day,
                      struct error *err);                 /* without the late fee */
int arrears_charge(struct arrears *a, struct error *err); /* the late fee of what was read so */
int arrears_open(struct arrears *a, struct call *c, int64_t employer, day_t day, struct error *err); /* both */
void arrears_close(struct arrears *a);
/* Keep the decisions; fills decision_id. */
int arrears_decisions(struct tx *tx, struct arrears *a, struct error *err);
void arrears_totals(const struct arrears *a, json_t *o); /* principal, late_fee, total, from, to, owes */

verb_run arrears_list, arrears_employers, arrears_preview, arrears_case_open, arrears_compute, arrears_order, arrears_enforce;

#endif
