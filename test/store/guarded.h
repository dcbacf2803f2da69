/* SPDX-License-Identifier: Apache-2.0
 *
 * What the tests of the sums on both engines share: a database of which one store has the key, and another is anybody's with SQL.
 */
#ifndef TEST_STORE_GUARDED_H
#define TEST_STORE_GUARDED_H

#include "store/store.h"

extern const struct store_guard GUARD; /* a table "noise" is not kept */

struct place {
        char url[256];
        struct store *ours, *theirs; /* with the key; anybody's with SQL */
};

/* Statements between semicolons; ctx: a text. As a store_apply, and in a transaction that must succeed. */
int script(struct tx *tx, void *ctx, struct error *err);
void run(struct store *s, const char *sql);
void opened(struct store **s, const char *url, bool guarded);
/* Both stores, and the texts of script. */
void closed(struct place *p);

#endif
