/* SPDX-License-Identifier: Apache-2.0
 *
 * What an award gets in a payment run, and why not: pure arithmetic on what was read. All that is due up to and with the run's month,
 * less all that was paid, so that a month left out is made good and no month is paid twice, whatever was stopped, lifted, returned or
 * corrected in between. An overpayment of earlier months is never set off here: recovery is a decision of its own.
 */
#ifndef OFFICE_PAYMENT_PLAN_H
#define OFFICE_PAYMENT_PLAN_H

#include "office/office.h"

struct plan_input {
        const struct award_seen *award;
        const struct award_stop *stops; /* of this award */
        size_t stop_count;
        month_t month;               /* of the run */
        month_t count_from;          /* months before it are settled: neither due nor among `paid` */
        fen_t paid_before, paid_now; /* stands from earlier months' runs; from other runs of this month */
        bool returned;               /* an earlier payment came back from the bank and is due again */
};
struct plan {
        bool listed; /* false: the award has nothing to do with this month */
        bool due;
        const char
            *reason; /* why not: death, duplicate, ended, no_account, paid, or the stop's own word; of what is due: "" one
                               month as usual, arrears, repaid */
        fen_t amount, account, fund; /* account + fund = amount */
        int months;
};
/* 0, or SB_OVERFLOW. reason points into constants or into the stops. */
int plan_make(struct plan *out, const struct plan_input *in, struct error *err);

#endif
