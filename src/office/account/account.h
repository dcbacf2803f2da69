/* SPDX-License-Identifier: Apache-2.0
 *
 * Personal accounts (个人账户): whether they agree with the ledger, and the interest (计息) that they earn once a year. Owns interest_run and
 * interest_line. Entries and balances are the ledger's; rates and the way of counting are the pack's (rules/account.dmn).
 *
 * A year of a pool is posted once: running → posted; taken back as a whole by somebody else: reversing → reversed, and then it can be posted
 * again. Only the last posted year can be taken back, so that no later year rests on it. Long work goes in blocks (case/run.h): kinds
 * account.interest and account.interest_reverse; each block is one ledger transaction with its entries, lines and cursor.
 *
 * An amount counts from the accounting month of its transaction; interest, and its reversal, from the last month of the year that it is of.
 */
#ifndef OFFICE_ACCOUNT_ACCOUNT_H
#define OFFICE_ACCOUNT_ACCOUNT_H

#include "case/pack_store.h"
#include "office/office.h"

extern const struct verb account_verbs[];
extern const struct run_kind account_interest_kind, account_reverse_kind;

/* The month from which an entry counts, of e (personal_entry), t (its transaction) and o (what t reverses). */
#define ENTRY_MONTH "CASE WHEN COALESCE(o.kind, t.kind) IN ('account.interest', 'account.merge') THEN e.month ELSE t.month END"
#define ENTRY_JOIN                                                                                                             \
        "JOIN ledger_transaction t ON t.home = e.home AND t.id = e.txn LEFT JOIN ledger_transaction o ON o.home = t.home AND " \
        "o.id = t.reverses AND t.reverses <> 0 "

struct interest_run {
        int32_t home;
        int64_t id, pool, year, accounts, entered_by;
        fen_t total;
        char state[16];
};
/* By id; or, of a pool and year, the one that is not reversed. 1, 0, ERR. */
int interest_run_read(struct tx *tx, int32_t home, int64_t id, struct interest_run *out, struct error *err);
int interest_run_find(struct tx *tx, int32_t home, int64_t pool, int64_t year, struct interest_run *out, struct error *err);

/* What an account earns in a year. */
struct interest_basis {
        fen_t opening, deposits[12]; /* at the end of the year before; what came less what went, by month */
};
struct interest_earned {
        fen_t interest, closing;
        char rate[40];
};
/* By the pack's decision `interest`; deposits (may be NULL): the array that was asked with, to be kept.
 * SB_PARAMETER_MISSING when the pack does not know the rate. */
int interest_decide(struct pack *pack, const char *scheme, int64_t year, const struct interest_basis *b,
                    struct interest_earned *out, json_t **deposits, struct error *err);

/* The trial balance (试算平衡) of a pool. */
struct trial {
        int64_t accounts, differences;
        fen_t sum, ledger; /* ledger: the control account, credit positive */
        json_t *items;     /* the first that differ: {kind, id, expected, found} */
};
int trial_read(struct tx *tx, int32_t home, int64_t pool, struct trial *out, struct error *err);

int account_statement(struct call *c, const json_t *in, json_t **out, struct error *err); /* verb of statement.c */

#endif
