/* SPDX-License-Identifier: Apache-2.0
 *
 * Of each table of an SQLite database the keyed sum of the hashes of its rows, kept up in every transaction of the writing connection
 * (store_guard). Inside src/store only.
 */
#ifndef STORE_SQLITE_GUARD_H
#define STORE_SQLITE_GUARD_H

#include "store/store.h"

#include <sqlite3.h>

struct guard;
/* Begin to keep the sums; inside a transaction. Reads what is kept, or sums up all tables when nothing is. */
int guard_new(struct guard **out, sqlite3 *db, const struct store_guard *g, struct error *err);
void guard_free(struct guard *g);
/* A closure of the transaction ends: its changes count, or never happened. */
void guard_job(struct guard *g, bool kept);
/* Before COMMIT: write the sums of what changed. */
int guard_flush(struct guard *g, struct error *err);
/* After the transaction. */
void guard_end(struct guard *g, bool committed);
/* Around a migration: which tables are wrong already, and the sums of those whose shape changed. */
int guard_migration(struct guard *g, bool after, struct error *err);
int guard_check(sqlite3 *db, const struct store_guard *g, const char *only, store_guard_tell *tell, void *ctx, bool *kept,
                struct error *err);
int guard_accept(struct guard *g, const char *table, struct error *err);

#endif
