/* SPDX-License-Identifier: Apache-2.0
 *
 * A table for tests of the store: "thing" with an id, a name, bytes and a share.
 */
#ifndef TEST_STORE_THINGS_H
#define TEST_STORE_THINGS_H

#include "store/store.h"

int things_make(struct tx *tx, void *ctx, struct error *err);  /* a store_apply; ctx: nothing */
int things_count(struct tx *tx, void *ctx, struct error *err); /* a store_apply; ctx: int64_t */
int64_t things(struct store *s);                               /* how many there are */

#endif
