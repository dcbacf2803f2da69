/* SPDX-License-Identifier: Apache-2.0
 *
 * The administration (经办机构): what its subjects share. Each subject is a folder that owns its tables and offers verbs; subjects
 * do not include each other, they meet here (read models and a few shared questions) and through events. Knows no HTTP.
 */
#ifndef OFFICE_OFFICE_H
#define OFFICE_OFFICE_H

#include "base/identity.h"
#include "case/case.h"
#include "case/run.h"
#include "ledger/ledger.h"

/* Verb tables of the subjects, in the order of the house; ended by NULL. */
extern const struct verb *const office_verbs[];
extern const struct run_kind *const office_runs[];
/* Office scope: the rules of the subjects (case/verb.h); ended by NULL. */
extern const struct scope_rule *const office_scopes[];

/* --- asked by several subjects ------------------------------------------------------------------------------------ */

/* A check by rule (系统核验): decision `name` of the pack's model "checks" on what the office knows, under the law of the pool (0: of the
 * case that asks). Stored with its derivation in one change of the verb; the answer is that of the model (exception, reasons) with
 * `decision`, the id, and what `facts` adds (borrowed; may be NULL). */
struct office_check {
        const char *verb, *name;
        int64_t pool, person;
        const char *subject_kind;
        int64_t subject;
        const json_t *inputs, *facts;
};
int office_check(struct call *c, const json_t *in, const struct office_check *k, json_t **out, struct error *err);
/* The pool under whose law a case runs; SB_CASE_UNKNOWN… when there is none. */
int case_pool(struct call *c, int64_t *pool, struct error *err);

/* registry: a person as known now. Opened with the person's key; end it with person_dispose. */
struct person {
        int32_t home;
        int64_t id;
        char number[32]; /* readable number */
        char name[256];
        char id_number[24];
        char telephone[32];
        char bank_name[96], bank_account[64];
        enum sex sex;
        day_t birth, death; /* death DAY_END while alive */
        char category[16];  /* male, f55, f50: original statutory age class (1.8) */
        int64_t version;
        struct seal_key key;
        char state[16]; /* active */
};
int person_read(struct tx *tx, struct house *h, int32_t home, int64_t id, struct person *out,
                struct error *err);    /* SB_REGISTRY_PERSON */
void person_dispose(struct person *p); /* wipes the key and the payload */
/* Who has this identity number: 1 found, 0 nobody, ERR. */
int person_find(struct tx *tx, struct house *h, struct str id_number, int32_t *home, int64_t *id, struct error *err);
/* "990001********1234": what staff see of a number unless they look at it on purpose. Returns out. */
char *text_mask(char *out, size_t size, const char *number, size_t head, size_t tail);
/* Take the person for a change: the row is locked for the transaction and its version raised. expected 0: any
 * version, else SB_OFFICE_VERSION when another was first. SB_REGISTRY_PERSON. *version the new one (may be NULL). */
int person_touch(struct tx *tx, int32_t home, int64_t id, int64_t expected, int64_t *version, struct error *err);

/* registry: an employer as known now. SB_REGISTRY_EMPLOYER. */
struct employer {
        int32_t home;
        int64_t id;
        char number[32];
        char name[192], uscc[24], kind[32], industry[32], territory[16];
        int64_t office;
        char contact[128], bank_name[96], bank_account[64], state[16];
        int64_t version;
};
/* Lock the employer until the end of the transaction: one after the other. SB_REGISTRY_EMPLOYER. */
int employer_hold(struct tx *tx, struct house *h, int64_t employer, struct error *err);
int employer_read(struct tx *tx, struct house *h, int32_t home, int64_t id, struct employer *out, struct error *err);
int employer_find(struct tx *tx, struct str uscc, int32_t *home, int64_t *id, struct error *err); /* 1, 0, ERR */

/* registry: persons or employers by part of a Chinese name, by pinyin or by initials (王小明, 小明, wangxiaoming,
 * wxm), in order of id after `after`; whole names first on the first page. Answers the number of hits or ERR. */
enum { NAME_PERSON = 1, NAME_EMPLOYER = 2 };
struct name_hit {
        int64_t subject;
        bool pinyin; /* found by its sound */
};
int name_search(struct tx *tx, struct house *h, int kind, struct str query, int64_t after, struct name_hit *out, int limit,
                struct error *err);

/* contribution: the history of a person in a scheme, runs in order of time, as known now. */
struct contribution_run {
        int64_t id;
        month_t from, to; /* [from, to) */
        fen_t base;
        bool deemed;
        int64_t pool;
};
int contribution_history(struct tx *tx, int32_t home, int64_t person, const char *scheme, struct contribution_run **out,
                         size_t *count, struct error *err); /* free with free() */

/* window: eight figures, printed on the receipt: who has them and the number may ask how the case stands. */
void status_code(const struct house *h, int64_t instance, char out[9]);
/* window: what whom a case concerns may see of it: number, titles, state, clock, steps, missing papers, office. Asks for no right. */
int case_status(struct call *c, int64_t instance, json_t **out, struct error *err);

/* pools: found by code or id; SB_OFFICE_POOL. */
struct pool {
        int64_t id;
        int32_t home;
        char code[32], scheme[32], territory[16], name_zh[96], name_en[96];
};
int pool_read(struct tx *tx, int64_t id, struct pool *out, struct error *err);
/* Until this transaction ends nobody else gets past this: what may be begun once only is begun behind it. */
int pool_lock(struct tx *tx, int64_t id, struct error *err);
/* May somebody of this office act for the whole pool (its runs, its books): the office's territory covers the pool's. */
int pool_within(struct tx *tx, int64_t pool, int64_t office, bool *within, struct error *err);
/* May it act on something of one person in the pool: the office's territory covers the pool's or lies within it. */
int pool_serves(struct tx *tx, int64_t pool, int64_t office, bool *within, struct error *err);
extern const struct scope_rule pool_scopes[];
int pool_by_scheme(struct tx *tx, const char *scheme, const char *territory, day_t day, struct pool *out, struct error *err);

/* contribution: money of an employer has arrived (at the counter, or read from a bank statement): a receipt, posted bank → suspense,
 * and the case P08 that matches it and then lets it pay; inside the caller's transaction. bank_ref makes it once: SB_STORE_UNIQUE
 * when it is there. Answers the receipt and the case. */
int receipt_post(struct tx *tx, struct call *c, int64_t employer, fen_t amount, day_t day, const char *bank_ref,
                 int64_t *receipt, int64_t *instance, struct error *err);

/* --- arrears (欠费): late fees, as money pays them in the transaction of a receipt --------------------------------------------- */

struct late_fee_open {
        int64_t id, pool;
        fen_t open;
};
struct late_fee_payment {
        int64_t receipt, transaction;
        fen_t amount;
};
/* The oldest late fee of an employer that was ordered and is not paid; first: only those that are paid before contributions, as the pack
 * said when they were ordered. 1, 0, ERR. */
int late_fee_next(struct tx *tx, int32_t home, int64_t employer, bool first, struct late_fee_open *out, struct error *err);
int late_fee_pay(struct tx *tx, struct house *h, const struct late_fee_open *fee, const struct late_fee_payment *p,
                 struct error *err);
int late_fee_owed(struct tx *tx, int32_t home, int64_t employer, fen_t *out, struct error *err); /* ordered and not paid */
/* What a receipt paid of late fees: {late_fee, scheme, month, amount} added to items. */
int late_fees_of_receipt(struct tx *tx, int32_t home, int64_t receipt, json_t *items, struct error *err);
/* The late fee to this day of what is overdue and not ordered yet, as the pack decides; outside of a transaction. */
int arrears_unordered(struct call *c, int64_t employer, fen_t *late_fee, struct error *err);
/* After money paid: when the employer owes nothing that is overdue, its orders are settled and the cases that wait for that are told. */
int arrears_settled(struct tx *tx, struct call *c, int64_t employer, struct error *err);

/* --- pension (养老待遇) ---------------------------------------------------------------------------------------------- */

/* An award as a payment run sees it: believed at one instant, whatever happens later. */
struct award_seen {
        int64_t id, person, replaces; /* replaces: the award that this one corrects; 0 none */
        month_t from, to;             /* [from, to) */
        fen_t total, account_month;   /* account_month: the part of total that the personal account bears */
        instant_t known_from;
        bool payee;      /* has a bank account to be paid to */
        int64_t elder;   /* an older award of the same person, scheme and pool that holds too; 0 none */
        day_t death;     /* DAY_END while alive */
        int64_t account; /* personal account; 0 none */
        fen_t balance;   /* of that account, now */
};
/* The next awards in force of a pool after `after` in order of id, believed at `known`. Returns the number (< limit: the end) or ERR. */
int award_page(struct tx *tx, int32_t home, int64_t pool, instant_t known, int64_t after, struct award_seen *out, int limit,
               struct error *err);
/* Why an award is not paid for [from, to). */
struct award_stop {
        int64_t award;
        char reason[128];
        month_t from, to;
        bool holds; /* false: lifted between `since` and `known` */
};
/* Stops of the awards in [first, last] believed at `known`, and those that were lifted after `since`, in order of award; free with
 * free(). */
int award_stops(struct tx *tx, int32_t home, int64_t first, int64_t last, instant_t since, instant_t known,
                struct award_stop **out, size_t *count, struct error *err);
/* Hold an award from a month on, as another subject found reason to (the bank returned a payment); nothing when it is held for that
 * reason already. A stop is lifted by pension.lift. */
int award_hold(struct tx *tx, struct ids *ids, int32_t home, int64_t award, const char *reason, month_t from, int64_t actor,
               instant_t at, struct error *err);
/* The hold of that reason is for nothing from now on, and its months are paid again; nothing when there is none. */
int award_unhold(struct tx *tx, int32_t home, int64_t award, const char *reason, instant_t at, struct error *err);
/* The award that stands in its place today, itself when none replaced it. */
int award_current(struct tx *tx, int32_t home, int64_t award, int64_t *current, struct error *err);
/* To whom an award is paid; opened with the person's key. SB_PENSION_AWARD, SB_PENSION_PAYEE when there is no account. */
struct payee {
        char name[128], bank[96], account[64];
};
int award_payee(struct tx *tx, struct house *h, int32_t home, int64_t award, struct payee *out, struct error *err);

/* Awards that another system granted before the takeover (import, demonstration): active at once, without a decision of our own.
 * id from ids_next or ids_range, in rising order; key: the person's, which seals the payee (bank_account "" : none). */
struct award_import {
        int64_t id, person;
        month_t from;
        fen_t basic, account, transition, extra;
        const struct seal_key *key;
        const char *payee_name, *bank_name, *bank_account;
};
int award_import_bulk(struct tx *tx, const struct pool *pool, const struct award_import *rows, size_t count, int64_t actor,
                      instant_t at, struct error *err);

/* --- payment (发放) --------------------------------------------------------------------------------------------------- */

/* A one-off amount (一次性支付) that has become payable to a person or an employer, beside the monthly benefits: a lump sum, a refund. The
 * subject that decided it adds it in its own transaction; a run of one-off payments lists, reviews, releases and pays it, and what the bank
 * returns is corrected and paid again, without the subject.
 *
 * Books. payment_claim_add posts `payment.claim` (ref payment_claim) on today: debit LEDGER_PERSONAL by account_part, with the entry `entry`
 * of that personal account; debit `debit` by the rest; credit LEDGER_PAYABLE by amount. So the amount is owed from now on. Its run posts nothing
 * when it is released; the bank's statement or return file takes it from LEDGER_PAYABLE to LEDGER_BANK, and back when it returns.
 * Who has posted that debt already (a transaction of its own that credits LEDGER_PAYABLE with the amount) names it in `txn`: nothing is posted. */
struct payment_claim_new {
        int64_t pool;
        const char *
            kind; /* a word with texts in the pack, payment.KIND in texts/common.csv: account.lump_sum, contribution.refund, … */
        const char *beneficiary_kind; /* whose money it is: person, employer */
        int64_t beneficiary;
        const char *ref_kind; /* what it rests on: declaration, assessment, personal_account, … */
        int64_t ref;
        int64_t decision; /* 0 none; the case is that of the call */
        const struct payee
            *payee;   /* NULL: the account that the register has of the beneficiary. Where there is none, or its account is "",
                                      the claim is open and waits until somebody enters one and somebody else checks it */
        fen_t amount; /* over 0 */
        fen_t account_part;     /* 0 … amount, from the personal account */
        int64_t account;        /* that account; 0 with account_part 0 */
        const char *entry;      /* kind of its entry: refund, lump_sum */
        enum ledger_kind debit; /* for the rest: LEDGER_FUND, LEDGER_SUSPENSE, … */
        day_t from;             /* the first day on which it may be paid; 0 today */
        int64_t txn;            /* posted by the caller; 0: posted here */
        int64_t source_run;     /* the run of a benefit that came back (payment's own); 0 */
};
/* *claim: its id, readable as Z…. SB_CLAIM_AMOUNT (parts that do not make the amount), SB_LEDGER_OVERDRAWN, SB_REGISTRY_PERSON … */
int payment_claim_add(struct tx *tx, struct call *c, const struct payment_claim_new *n, int64_t *claim, struct error *err);
/* It is not owed any more: its posting is reversed (one that the caller posted is the caller's to reverse). SB_CLAIM_STATE when it is in a
 * run, paid or cancelled; what the bank returned may still be cancelled. */
int payment_claim_cancel(struct tx *tx, struct call *c, int64_t claim, const char *reason, struct error *err);
/* What became of the claims on something: by state, [open, in a run, paid, returned or corrected, cancelled] in fen. */
struct payment_claim_sums {
        fen_t open, listed, paid, returned, cancelled;
};
int payment_claim_sums(struct tx *tx, int32_t home, const char *ref_kind, int64_t ref, struct payment_claim_sums *out,
                       struct error *err);
/* A payee of a claim (payment_payee), opened. SB_CLAIM. */
int payment_payee_open(struct tx *tx, struct house *h, int32_t home, int64_t payee, struct payee *out, struct error *err);

/* Takeover: everything up to and with `month` was paid by the system before, for all awards of the pool known at `at`. Without it a
 * first run pays each award from its first month on. Once a pool, before its first run. */
int payment_takeover(struct tx *tx, struct ids *ids, const struct pool *pool, month_t month, int64_t actor, instant_t at,
                     struct error *err);

#endif
