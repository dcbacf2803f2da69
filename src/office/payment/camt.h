/* SPDX-License-Identifier: Apache-2.0
 *
 * ISO 20022 bank statements (camt.053, versions 02 to 13) and notifications (camt.054), as a bank writes them: read into plain
 * structures, amounts exact with their currency and scale. Knows no ledger and no run: what an entry means for the house is
 * statement.c. Reads what banks of any country write; posting is where currency and scale are looked at.
 */
#ifndef OFFICE_PAYMENT_CAMT_H
#define OFFICE_PAYMENT_CAMT_H

#include "base/arena.h"
#include "base/calendar.h"
#include "base/money.h"

/* units / 10^scale of currency; credit: in favour of the account's owner. */
struct camt_amount {
        int64_t units; /* 0 or more */
        int scale;     /* 0 to 5, as written: 18.150 has 3 */
        char currency[4];
        bool credit;
};
struct camt_balance {
        char type[36]; /* OPBD, CLBD, PRCD, OPAV, …, or the bank's own word */
        struct camt_amount amount;
        day_t day; /* INT32_MIN unknown */
        const struct camt_balance *next;
};
/* One transaction of an entry, or the entry itself where the bank gives no details. Texts "" when absent. */
struct camt_detail {
        struct camt_amount amount;
        bool has_amount;
        const char *message_id, *payment_id, *instruction_id, *end_to_end, *transaction_id, *servicer_ref;
        const char *party, *party_account;     /* the other side: debtor of a credit, creditor of a debit */
        const char *remittance;                /* unstructured lines joined by a blank, then structured references */
        const char *return_code, *return_text; /* AC04 …: the return of an earlier payment */
        const struct camt_detail *next;
};
extern const struct camt_detail camt_nothing; /* all texts "" */
struct camt_entry {
        int line; /* from 1, in order of the statement */
        struct camt_amount amount;
        bool reversal;
        char status[8];      /* BOOK, PDNG, INFO */
        day_t booked, value; /* INT32_MIN unknown */
        const char *reference, *servicer_ref, *text;
        const char *batch_message, *batch_payment; /* Btch: MsgId and PmtInfId of a bulk */
        const struct camt_detail *details;
        int detail_count;
        int xml_line;
        const struct camt_entry *next;
};
struct camt_statement {
        const char *id, *account, *currency, *created;
        const struct camt_balance *balances;
        const struct camt_entry *entries;
        int entry_count;
        const struct camt_statement *next;
};
struct camt {
        const char *message_id, *version; /* version: camt.053.001.08 */
        const struct camt_statement *statements;
};

/* Everything lives in the arena. SB_XML_SYNTAX, SB_PAYMENT_CAMT (not such a message, no statement in it, an amount or date that
 * cannot be read: names element and line). */
int camt_read(struct camt *out, struct arena *a, struct str xml, struct error *err);
/* The balance of a type ("OPBD"), the first when it occurs several times; NULL when absent. */
const struct camt_balance *camt_balance(const struct camt_statement *s, const char *type);
/* Signed fen. SB_PAYMENT_CURRENCY unless CNY with at most two decimals that count (8.850 counts, 8.855 does not). */
int camt_fen(const struct camt_amount *amount, fen_t *out, struct error *err);

#endif
