/* SPDX-License-Identifier: Apache-2.0
 *
 * Of each table the keyed sum of the hashes of its rows (store_guard), as both engines keep it in table_digest. How the engine learns which
 * rows came and went is its own matter: sqlite_guard.c, pg_guard.c. Inside src/store only.
 */
#ifndef STORE_SUMS_H
#define STORE_SUMS_H

#include "store/internal.h"

#include "base/hash.h"

enum { SUMS_TABLES_MAX = 512, SUMS_SLOTS = 2048, SUMS_NAME_BYTES = 64 };

/* A number of 256 bits, the lowest word first. Added and taken modulo 2^256, so that rows may come and go in any order. */
struct sum {
        uint64_t w[4];
};
void sum_add(struct sum *s, const struct sum *x);
void sum_take(struct sum *s, const struct sum *x);
struct sum sum_of(const unsigned char b[HASH_BYTES]);

struct sums_table {
        char name[SUMS_NAME_BYTES];
        bool out;   /* not kept, on purpose */
        bool group; /* changed by what sums_write is to write */
        bool known; /* a row of table_digest was read */
        bool wrong; /* that row is not genuine, or the table was found wrong before a migration */
        struct sum delta, total;
        int64_t delta_rows, rows;
        struct hash mac;
        char shape[65];
};

struct sums;
struct sums_engine {
        /* SQL: a row when there is a place for sums; the names of all tables; a row when the table ?1@text is there; texts that together say
         * what makes the table ?1@text what it is. */
        const char *exists, *names, *there, *shape;
        int (*scan)(struct sums *s, struct tx *tx, struct sums_table *t, struct sum *total, int64_t *rows, struct error *err);
        int (*install)(struct tx *tx, const char *table, struct error *err); /* from now on changes are heard; NULL: they are */
        void (*forget)(struct sums *s, struct sums_table *t);                /* changes heard before are in the sum; NULL */
        /* What was committed and is not in the sums yet is added to them; NULL: the sums are written with every transaction. */
        int (*pending)(struct sums *s, struct tx *tx, store_guard_tell *tell, void *ctx, struct error *err);
};

struct sums {
        const struct sums_engine *engine;
        struct store_guard how;
        bool failed;     /* there was no memory, where no error could be told */
        bool full;       /* nor that a table cannot be kept */
        int64_t version; /* of what is read; -1: to be read */
        bool any;        /* sums are kept */
        bool sound;      /* the row that stands for all is there and genuine */
        struct sum head;
        struct hash head_mac;
        struct sums_table tables[SUMS_TABLES_MAX];
        int count;
        int16_t slots[SUMS_SLOTS]; /* index + 1 */
};

void sums_init(struct sums *s, const struct sums_engine *engine, const struct store_guard *how);
/* BLAKE2b under the key of the sums. */
struct hash sums_keyed(const struct sums *s, const void *bytes, size_t n);
/* The table of that name, a new one when it was not heard of; NULL: there are too many, or its name is too long (sums_too_many). */
struct sums_table *sums_table(struct sums *s, const char *name);
int sums_too_many(struct error *err);
/* An error when something could not be heard. */
int sums_whole(const struct sums *s, struct error *err);

/* Read what is kept, and again when another program has written since; sum up all tables when nothing is. *kept false: there is no place
 * for it (yet, or somebody took it away). */
int sums_refresh(struct sums *s, struct tx *tx, bool *kept, struct error *err);
/* What was heard of all tables is written, or did not happen. */
void sums_end(struct sums *s);
/* Write the sums of the tables whose group is set, and the row that stands for all, one version on. */
int sums_write(struct sums *s, struct tx *tx, struct error *err);
/* Around a migration. Before: say of each table whether it is right. After: a table that the migration made otherwise is summed anew, and
 * one that was wrong before stays wrong; one that is gone is taken out. */
int sums_migration(struct sums *s, struct tx *tx, bool after, struct error *err);
/* Take the table as it stands. */
int sums_accept(struct sums *s, struct tx *tx, const char *table, struct error *err);
/* Tell each table (only: this one) that is not as its sum says; *kept false: no sums are kept. */
int sums_check(struct sums *s, struct tx *tx, const char *only, store_guard_tell *tell, void *ctx, bool *kept,
               struct error *err);

#endif
