/* SPDX-License-Identifier: Apache-2.0
 *
 * A town whose people have pensions, and the steps of paying them: by staff 1, reviewed by 11 and 12, released by 2.
 */
#ifndef TEST_OFFICE_PAYMENTS_H
#define TEST_OFFICE_PAYMENTS_H

#include "office/town.h"

#include "office/payment/payment.h"

/* Each pension is 1000.00 from the fund and 300.00 from the account, which holds a lot. */
enum { BASIC = 100000, ACCOUNT = 30000, TOTAL = BASIC + ACCOUNT };
#define BALANCE "100000.00"
#define BEFORE (2026 * 12 + 9) /* 2026-10: the system before has paid it */
#define NOW_MONTH "2026-11"
#define FUNDS ((fen_t)9000000000)

/* Pensions of so many people; one of them (by place, or -1) has no bank account. funds: the bank holds FUNDS. */
void pensions(struct town *t, int count, int without_account, bool funds);
/* A founded town with pensions and funds; the test is skipped where the engine is not. */
struct town *town_of(void **state, int count);
/* The award that stands now, by place. */
int64_t award(struct town *t, int place);
enum error_code create(struct town *t, const char *month, const char *key, int64_t *run);
/* The two reviews, as far as they are open: by others than who made it and who will release it. */
void reviewed(struct town *t, int64_t run);
int64_t computed(struct town *t, const char *month);
enum error_code release(struct town *t, int64_t staff, const char *key, int64_t run);
/* Released, filed; answers the run. */
int64_t paid(struct town *t, const char *month);
/* A statement of the paying account with one entry; one by which the file of a run was paid. */
json_t *statement(struct town *t, const char *id, bool in, fen_t amount, const char *details);
json_t *statement_of_file(struct town *t, int64_t run, const char *id);
/* What all postings of a kind come to. */
fen_t book(struct town *t, enum ledger_kind kind);

#endif
