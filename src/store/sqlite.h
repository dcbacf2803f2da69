/* SPDX-License-Identifier: Apache-2.0
 *
 * What sqlite.c and sqlite_write.c share: the connections of a database, and the closures that wait for its writer thread.
 */
#ifndef STORE_SQLITE_H
#define STORE_SQLITE_H

#include "store/internal.h"
#include "store/sqlite_guard.h"

#include <sqlite3.h>

enum { READERS_MAX = 64 };

struct sqlite_stmt;
struct job;

struct connection {
        struct tx tx;
        sqlite3 *db;
        struct stmt_cache cache;
        struct sqlite_stmt *open;
        struct guard *guard; /* of the writer; NULL: no sums are kept */
        bool busy;
};

struct backend {
        struct store *store;
        char *path;
        char *scratch; /* folder of a database in memory, removed at the end */
        struct store_options options;
        struct connection writer;
        struct connection readers[READERS_MAX];
        int reader_count;     /* opened */
        pthread_mutex_t lock; /* of everything below, and of `busy` of the readers */
        pthread_cond_t wake, finished, returned;
        struct job *first, *last;
        bool stopping, started;
        pthread_t thread;
};

/* What SQLite last said to this connection; of: the statement or the file. */
int sqlite_raise(sqlite3 *db, const char *of, struct error *err);
int sqlite_command(struct connection *c, const char *sql, struct error *err);
/* No statement may stay on a row when its transaction ends. */
void sqlite_close_statements(struct connection *c);

/* sqlite_write.c */
void *sqlite_writer(void *backend); /* its thread */
int sqlite_write(struct backend *b, int flags, store_apply *apply, void *ctx, struct error *err);
struct tx *sqlite_inside(struct backend *b);

#endif
