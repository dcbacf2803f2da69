/* SPDX-License-Identifier: Apache-2.0
 *
 * Funds and personal accounts: double entry, immutable postings. A transaction sums to zero within
 * its home; a correction is a reversal and a replacement; nothing is overwritten. Balances are
 * sealed daily totals plus the tail, there is no running balance row of a fund. Personal accounts
 * (个人账户) carry a version. Knows no law: the verbs of the office say what to post, the chart of
 * accounts is in the pack.
 */
#ifndef LEDGER_LEDGER_H
#define LEDGER_LEDGER_H

#include "base/calendar.h"
#include "base/money.h"
#include "store/store.h"

/* Accounts of a pool's book; the pack's chart.csv gives each its code and names.
 * Sign: a debit is positive, a credit negative, everywhere. */
enum ledger_kind {
        LEDGER_BANK = 1,       /* 银行存款: money held */
        LEDGER_RECEIVABLE = 2, /* 应收: assessed, not yet received */
        LEDGER_FUND = 3,       /* 统筹基金: income and use of the pooled fund (credit balance) */
        LEDGER_PERSONAL = 4,   /* 个人账户: control account over all personal accounts (credit balance) */
        LEDGER_SUSPENSE = 5,   /* 暂收: received, not yet allocated (credit balance) */
        LEDGER_PAYABLE = 6,    /* 应付待遇: released, not yet confirmed by the bank (credit balance) */
        LEDGER_INTEREST = 7,   /* 利息 */
        LEDGER_TRANSFER = 8,   /* 转移 between pools and homes */
        LEDGER_OPENING = 9,    /* 期初: counter-account of imported balances */
};

struct posting {
        int64_t pool; /* pool.id */
        enum ledger_kind kind;
        fen_t amount; /* debit positive, credit negative; not 0 */
};
struct ledger_transaction {
        int32_t home;
        month_t month;        /* accounting month */
        int64_t id;           /* from ids_next */
        day_t day;            /* accounting day */
        const char *kind;     /* contribution.assess, contribution.receive, payment.release, … */
        const char *ref_kind; /* what it came from: declaration, receipt, payment_run, run, … */
        int64_t ref_id;
        int64_t reverses; /* 0, or the transaction that it reverses */
        int64_t actor;    /* staff id; 0 the system */
        instant_t at;
        const struct posting *postings;
        size_t count;
};
/* Post inside the caller's transaction. SB_LEDGER_UNBALANCED (also when empty or overflowing),
 * SB_LEDGER_ZERO, SB_LEDGER_SEALED (day is sealed or month closed). ids: where posting ids come
 * from. */
int ledger_post(struct tx *tx, struct ids *ids, const struct ledger_transaction *t, struct error *err);
/* Post the exact opposite of a transaction and of its personal entries (kind "reversal");
 * SB_LEDGER_REVERSED when that was done already, SB_LEDGER_REVERSAL when it is a reversal itself,
 * SB_LEDGER_UNKNOWN, SB_LEDGER_OVERDRAWN. */
int ledger_reverse(struct tx *tx, struct ids *ids, int32_t home, int64_t transaction, day_t day, int64_t actor, instant_t at,
                   int64_t *reversal, struct error *err);
/* Balance of an account of a pool at the end of a day (DAY_END: now): sealed total plus tail. */
int ledger_balance(struct tx *tx, int32_t home, int64_t pool, enum ledger_kind kind, day_t day, fen_t *out, struct error *err);
/* Seal the daily totals of all days before `before` that are not sealed yet; nothing is posted to
 * them any more. */
int ledger_seal(struct tx *tx, struct ids *ids, int32_t home, day_t before, instant_t at, struct error *err);

/* Personal account of (person, scheme, pool): found or opened. */
int personal_account_open(struct tx *tx, struct ids *ids, int32_t home, int64_t person, const char *scheme, int64_t pool,
                          int64_t *account, struct error *err);
struct personal_entry {
        int32_t home;
        month_t month; /* month it is for */
        int64_t account;
        int64_t transaction; /* the ledger transaction whose LEDGER_PERSONAL posting it is part of */
        const char *kind;    /* opening, contribution, interest, pension, reversal, transfer, refund */
        fen_t amount;        /* credit to the person positive */
        instant_t at;
};
/* Add an entry and its amount to the balance, checking the version inside the transaction.
 * SB_LEDGER_OVERDRAWN when the balance would be negative. Sum of the entries of a ledger
 * transaction + its LEDGER_PERSONAL posting = 0. */
int personal_account_add(struct tx *tx, struct ids *ids, const struct personal_entry *e, struct error *err);
/* The same for many entries of one home, in any order, fast: bulk entries, one change of balance an
 * account. */
int personal_account_add_many(struct tx *tx, struct ids *ids, const struct personal_entry *entries, size_t count,
                              struct error *err);
/* Open new accounts with a first entry each (none when amount is 0), in bulk: for imports. The
 * accounts are given ids. SB_STORE_UNIQUE when a person has such an account already. */
struct personal_opening {
        int64_t person;
        const char *scheme;
        int64_t pool;
        month_t month;
        fen_t amount;    /* ≥ 0 */
        int64_t account; /* set */
};
int personal_account_open_many(struct tx *tx, struct ids *ids, int32_t home, int64_t transaction, const char *kind,
                               struct personal_opening *openings, size_t count, instant_t at, struct error *err);
int personal_account_balance(struct tx *tx, int32_t home, int64_t account, fen_t *balance, int64_t *version, struct error *err);

#endif
