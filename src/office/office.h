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

/* --- asked by several subjects ------------------------------------------------------------------------------------ */

/* registry: a person as known now. Opened with the person's key; end it with person_dispose. */
struct person {
        int32_t home;
        int64_t id;
        char number[32];     /* readable number */
        char name[128];
        char id_number[24];
        char telephone[32];
        char bank_name[96], bank_account[64];
        enum sex sex;
        day_t birth, death;  /* death DAY_END while alive */
        char category[16];   /* male, f55, f50: original statutory age class (1.8) */
        int64_t version;
        struct seal_key key;
};
int person_read(struct tx *tx, struct house *h, int32_t home, int64_t id, struct person *out, struct error *err); /* SB_REGISTRY_PERSON */
void person_dispose(struct person *p); /* wipes the key and the payload */

/* contribution: the history of a person in a scheme, runs in order of time, as known now. */
struct contribution_run {
        int64_t id;
        month_t from, to;  /* [from, to) */
        fen_t base;
        bool deemed;
        int64_t pool;
};
int contribution_history(struct tx *tx, int32_t home, int64_t person, const char *scheme, struct contribution_run **out,
                         size_t *count, struct error *err); /* free with free() */

/* pools: found by code or id; SB_OFFICE_POOL. */
struct pool {
        int64_t id;
        int32_t home;
        char code[32], scheme[32], territory[16], name_zh[96], name_en[96];
};
int pool_read(struct tx *tx, int64_t id, struct pool *out, struct error *err);
int pool_by_scheme(struct tx *tx, const char *scheme, const char *territory, day_t day, struct pool *out, struct error *err);

#endif
