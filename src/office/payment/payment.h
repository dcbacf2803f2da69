/* SPDX-License-Identifier: Apache-2.0
 *
 * Paying benefits (待遇发放, P21): a run a pool and month. It freezes the list (awards as believed at one instant), computes who is
 * due and who stops and why, is reviewed twice and released by others than who made it, posts, becomes pain.001 files, and is settled by the bank's
 * camt.053 or its return file.
 * A run of kind claims pays one-off amounts the same way (claim.h).
 * Owns payment_run, payment, payment_file, bank_statement, bank_entry, bank_return; the view payment_row is what a run of either kind pays. Knows no rule of a benefit: what an award is worth is pension's.
 *
 * States of a run: freezing → computed → releasing → released → filed → settled; cancelled from freezing or computed. `takeover`
 * marks the month up to which the system before has paid. Long work goes in blocks (case/run.h): kinds payment, payment.release,
 * payment.file; each block is one transaction, so that a kill at any moment loses and repeats nothing.
 */
#ifndef OFFICE_PAYMENT_PAYMENT_H
#define OFFICE_PAYMENT_PAYMENT_H

#include "case/pack_store.h"
#include "office/office.h"

#define PAYMENT_PROCESS "P21"   /* opened when a run is computed */
#define PAYMENT_RUN_PREFIX 'R'  /* of readable numbers of runs */
#define PAYMENT_FILE_ROWS 50000 /* transfers in one file */

extern const struct verb payment_verbs[], claim_verbs[];
extern const struct scope_rule payment_scopes[], claim_scopes[];
extern const struct run_kind payment_compute_kind, payment_claims_kind, payment_release_kind, payment_file_kind;

/* A row of payment_run. */
struct payment_run {
        int32_t home;
        int64_t id, pool;
        month_t month;
        int sequence;
        char kind[8]; /* month, claims */
        char state[16];
        struct hash list_hash, file_hash;
        int64_t due_count, stopped_count;
        fen_t due, account, fund;
        int64_t entered_by, released_by;
        instant_t released_at;
        day_t pay_day;
        int64_t txn, version;
};
int payment_run_read(struct tx *tx, int32_t home, int64_t id, struct payment_run *out, struct error *err); /* SB_PAYMENT_RUN */

/* The instant at which the list of a run was frozen: what is known later is another run's. */
int payment_run_known(struct tx *tx, int32_t home, int64_t run, instant_t *out, struct error *err);
/* Did a payment that came back come back only after that? 1, 0, ERR. */
int payment_returned_after(struct tx *tx, int32_t home, int64_t run, int64_t award, instant_t known, struct error *err);

bool payment_run_claims(const struct payment_run *run); /* of kind claims */
/* SB_PAYMENT_RUN_OPEN while a run of that kind is made. */
int payment_open_refuse(struct tx *tx, int32_t home, int64_t pool, const char *kind, struct error *err);
/* The list is complete: totals, state computed, and the case of its reviewers. */
int payment_closing(struct house *h, const struct run *run, const struct hash *list, struct error *err);

/* What the rows of a run say, counted anew. */
struct payment_sums {
        int64_t due_count, stopped_count;
        fen_t due, account, fund;
};
int payment_sums(struct tx *tx, const struct payment_run *run, struct payment_sums *out, struct error *err);

/* Who pays: the account of a pool by pools.csv of the pack (columns account_name, bank_name, bank_account), and the layouts of the files
 * that its bank takes (payment_layout; "" pain.001) and of its answers to them (return_layout; "" it gives none).
 * SB_PAYMENT_POOL_ACCOUNT when the pack does not say. */
struct payer {
        char name[192], bank[192], account[64], layout[64], return_layout[64];
};
int payer_of(const struct pack *pack, const struct pool *pool, struct payer *out, struct error *err);

/* The law that a run was made with, and by it who pays. pack is borrowed. SB_PAYMENT_RUN. */
struct payment_law {
        int32_t home;
        int64_t run;
        struct pool pool;
        struct hash hash;
        struct pack *pack;
        struct payer payer;
};
int payment_law_of(struct house *h, int64_t run, struct payment_law *out, struct error *err);

/* Derive a file again from the rows and compare it with the hash it is stored by: SB_PAYMENT_FILE, SB_PAYMENT_FILE_CHANGED. */
int payment_file_derive(struct house *h, const struct hash *hash, struct buf *out, char name[128], char media[64],
                        struct error *err);

/* Post a bank statement. *answer: {id, account, entries, matched, returned, suspense, opening, closing, ledger, difference, new}. */
int statement_post(struct call *c, const struct verb *v, struct str xml, json_t **answer, struct error *err);

/* Verbs of create.c. */
int payment_create_verb(struct call *c, const json_t *in, json_t **out, struct error *err);
int payment_claims_run_verb(struct call *c, const json_t *in, json_t **out, struct error *err);

/* Verb of statement_return.c. */
int payment_return_verb(struct call *c, const json_t *in, json_t **out, struct error *err);

/* Verbs of check.c, called by the process. */
int payment_check_verb(struct call *c, const json_t *in, json_t **out, struct error *err);
int payment_state_verb(struct call *c, const json_t *in, json_t **out, struct error *err);

/* Verbs of view.c. */
int payment_get_verb(struct call *c, const json_t *in, json_t **out, struct error *err);
int payment_list_verb(struct call *c, const json_t *in, json_t **out, struct error *err);
int payment_payments_verb(struct call *c, const json_t *in, json_t **out, struct error *err);

/* "R12A345" and back: the end-to-end reference of a payment, of an award or of a claim (their ids come from one row of numbers). */
char *payment_reference(int64_t run, int64_t item, char out[48]);
bool payment_reference_parse(const char *text, int64_t *run, int64_t *item);

/* claim_run.c: what a run does to the claims that it lists. */
int claims_need(struct tx *tx, int32_t home, int64_t pool, day_t day,
                struct error *err);                                                 /* SB_CLAIM_NONE: none can be listed */
int claims_unlist(struct tx *tx, const struct payment_run *run, struct error *err); /* it is cancelled */
int claims_paid(struct tx *tx, const struct payment_run *run, struct error *err);   /* it is settled */
int claim_returned(struct tx *tx, const struct payment_run *run, int64_t claim, const char *code, struct error *err);
/* What the pool owes by claims that no released run pays. */
int claims_owed(struct tx *tx, int32_t home, int64_t pool, fen_t *out, struct error *err);

#endif
