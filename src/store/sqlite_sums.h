/* SPDX-License-Identifier: Apache-2.0
 *
 * What sqlite_guard.c and sqlite_sums.c share: of each table what is kept and what the running transaction changes of it.
 */
#ifndef STORE_SQLITE_SUMS_H
#define STORE_SQLITE_SUMS_H

#include "store/sqlite_guard.h"

#include "base/hash.h"

enum { TABLES_MAX = 512, SLOTS = 2048, NAME_MAX_BYTES = 64, ROW_MAX = 1 << 28 };

struct sum {
        uint64_t w[4]; /* a number of 256 bits, the lowest word first */
};

struct table {
        char name[NAME_MAX_BYTES];
        bool out;            /* not kept, on purpose */
        bool touched, group; /* by the closure that runs, by the transaction */
        bool known;          /* a row of table_digest was read */
        bool wrong;          /* found so before a migration */
        struct sum job, delta, total;
        int64_t job_rows, delta_rows, rows;
        struct hash mac;
        char shape[65];
};

struct guard {
        sqlite3 *db;
        struct store_guard how;
        struct buf row;  /* the bytes of a row */
        bool failed;     /* there was no memory for a row */
        bool full;       /* a table could not be kept */
        int64_t version; /* of what is read; -1: to be read */
        bool any;        /* sums are kept */
        bool sound;      /* the row that stands for all is there and genuine */
        struct sum head;
        struct hash head_mac;
        struct table tables[TABLES_MAX];
        int count;
        int16_t slots[SLOTS]; /* index + 1 */
};
void sum_add(struct sum *s, const struct sum *x);
void sum_take(struct sum *s, const struct sum *x);
struct sum sum_of(const unsigned char b[HASH_BYTES]);

/* The table of that name, a new one when it was not heard of; NULL: there are too many, or its name is too long. */
struct table *guard_table(struct guard *g, const char *name);
/* The hook of every change of a row. */
void guard_changed(void *ctx, sqlite3 *db, int op, char const *schema, char const *name, sqlite3_int64 key,
                   sqlite3_int64 new_key);

int guard_ask(sqlite3_stmt **q, sqlite3 *db, const char *sql, struct error *err);
/* 1 a row, 0 none. */
int guard_next(sqlite3_stmt *q, struct error *err);
/* The sum of a table as it stands. */
int guard_scan(struct guard *g, const struct table *t, struct sum *total, int64_t *rows, struct error *err);
/* What makes the table what it is: its own definition and its triggers. */
int guard_shape(sqlite3 *db, const char *table, char out[65], struct error *err);
struct hash guard_mac(const struct guard *g, const char *name, int64_t version, int64_t rows, const struct sum *total,
                      const char *shape);

#endif
