/* SPDX-License-Identifier: Apache-2.0
 *
 * An employer of a town with three workers, what they cost a month, and what becomes of their contributions. The figures are those of the
 * pack's worked examples (floor 4162, ceiling 20808 in 2025), added up by hand.
 */
#ifndef TEST_OFFICE_FIRM_H
#define TEST_OFFICE_FIRM_H

#include "office/town.h"

enum { FIRM_WORKERS = 3 };

struct firm {
        struct town *town;
        int64_t id, workers[FIRM_WORKERS];
};
/* Below the floor, within, above the ceiling. */
extern const char *const FIRM_WAGES[FIRM_WORKERS];
/* The account's part of each in the pension scheme; what all five schemes cost for all three. */
extern const fen_t FIRM_ACCOUNT[FIRM_WORKERS];
extern const fen_t FIRM_DUE;

struct firm firm_new(void **state);
json_t *firm_declaration(const struct firm *f, const char *month, int from, int count);
/* Declared by the first member of staff; answers the case. */
int64_t firm_declare(const struct firm *f, const char *month, int from, int count);
/* Reviews and approvals of a case, as far as the rules ask for them, by others than who entered it; not its letters. */
void firm_decided(const struct firm *f, int64_t instance);
/* Declared, confirmed, and assessed by the office itself. */
void firm_assess(const struct firm *f, const char *month, int from, int count);
/* Money comes in: a reviewer looks at the match, and what the rule does not pass is decided by another; answers the receipt as it
 * stands then. */
json_t *firm_receive(const struct firm *f, const char *amount, const char *reference);
fen_t firm_book(const struct firm *f, enum ledger_kind kind);
fen_t firm_balance(const struct firm *f, int worker);
/* Take the newest transaction of a kind back, as a member of staff. */
#define FIRM_LAST(kind) "SELECT MAX(id) FROM ledger_transaction WHERE kind = '" kind "'"
enum error_code firm_reverse(const struct firm *f, int64_t staff, const char *last);

#endif
