/* SPDX-License-Identifier: Apache-2.0
 *
 * What a bank's statement and its return file have in common: entries that are posted and kept. Shared by statement.c and
 * statement_return.c only.
 */
#ifndef OFFICE_PAYMENT_STATEMENT_H
#define OFFICE_PAYMENT_STATEMENT_H

#include "office/payment/camt.h"
#include "office/payment/payment.h"

#define POOLS_MAX 64

/* Pools that share the statement's bank account; the first takes what nobody claims. */
struct account {
        int64_t pools[POOLS_MAX];
        size_t count;
};
struct posting_work {
        struct call *call;
        const struct camt_statement *statement;
        struct account account;
        struct hash hash;
        int64_t id, line;
        int64_t entries, matched, returned, suspense, pending;
        fen_t opening, closing, moved; /* moved: sum of the booked entries */
        bool has_opening, has_closing;
        struct bank_row *row; /* being written */
};
/* state: matched, returned, suspense, pending, or proved: its money was posted before, by the statement or by the return file. */
struct bank_row {
        fen_t amount;
        day_t day;
        char reference[160], party[160];
        const char *state, *kind;
        int64_t matched, txn;
};

/* What has left for a run, by entries that were posted. */
int statement_settled(struct tx *tx, const struct posting_work *w, int64_t run, fen_t *sum, struct error *err);
/* w->row leaves for a run, of which `before` has left: it is posted, and the run settled when nothing is left of it. */
int statement_settle(struct tx *tx, struct posting_work *w, const struct payment_run *run, fen_t before, struct error *err);
/* w->row is the return of a payment that is due: it is posted and the award held. 1, 0 there is no such payment, ERR. */
int statement_return(struct tx *tx, struct posting_work *w, const struct camt_detail *d, struct error *err);
/* w->row was posted before. */
void statement_proved(struct posting_work *w, const char *kind, int64_t id);
/* Keep w->row, and the statement itself. */
int statement_row_write(struct tx *tx, struct posting_work *w, struct error *err);
int statement_write(struct tx *tx, struct posting_work *w, struct error *err);

#endif
