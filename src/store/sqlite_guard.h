/* SPDX-License-Identifier: Apache-2.0
 *
 * How an SQLite database learns which rows came and went (store/sums.h): the preupdate hook of the writing connection tells each. The sums
 * are written in every transaction. Inside src/store only.
 */
#ifndef STORE_SQLITE_GUARD_H
#define STORE_SQLITE_GUARD_H

#include "store/internal.h"

#include <sqlite3.h>

struct guard;
/* Begin to keep the sums; inside a transaction of the connection db. Reads what is kept, or sums up all tables when nothing is. */
int guard_new(struct guard **out, sqlite3 *db, struct tx *tx, const struct store_guard *g, struct error *err);
void guard_free(struct guard *g);
/* A closure of the transaction ends: its changes count, or never happened. */
void guard_job(struct guard *g, bool kept);
/* Before COMMIT: write the sums of what changed. */
int guard_flush(struct guard *g, struct tx *tx, struct error *err);
/* After the transaction. */
void guard_end(struct guard *g, bool committed);
int guard_migration(struct guard *g, struct tx *tx, bool after, struct error *err);
int guard_check(sqlite3 *db, struct tx *tx, const struct store_guard *g, const char *only, store_guard_tell *tell, void *ctx,
                bool *kept, struct error *err);
int guard_accept(struct guard *g, struct tx *tx, const char *table, struct error *err);

#endif
