/* SPDX-License-Identifier: Apache-2.0
 *
 * Packs in the database: stored whole by hash, immutable; activation (pool, pack, from, known) is bitemporal.
 * Keeps opened packs (and their compiled models) for the life of the program.
 */
#ifndef CASE_PACK_STORE_H
#define CASE_PACK_STORE_H

#include "case/verb.h"
#include "pack/pack.h"

int pack_store_new(struct pack_store **out, struct store *store, struct error *err);
void pack_store_free(struct pack_store *s);
/* The store was opened anew; what is open stays so: a pack is known by its hash. Nobody uses it meanwhile. */
void pack_store_rebind(struct pack_store *s, struct store *store);
/* Store a pack and its parents (nothing when the hash is there). */
int pack_store_put(struct pack_store *s, struct pack *p, instant_t at, struct error *err);
int pack_store_get(struct pack_store *s, const struct hash *hash, struct pack **borrowed, struct error *err);
/* Make `pack` the law of a pool from a day on. */
int pack_store_activate(struct tx *tx, struct ids *ids, int64_t pool, const struct hash *pack, day_t from, int64_t actor,
                        instant_t at, struct error *err);
/* The pack in force for a pool on a day, as known at an instant. SB_CASE_NO_PACK. */
int pack_store_for(struct pack_store *s, int64_t pool, day_t day, instant_t known, struct pack **borrowed, struct error *err);
/* The same, asked in a transaction that is open anyway. */
int pack_store_for_in(struct pack_store *s, struct tx *tx, int64_t pool, day_t day, instant_t known, struct pack **borrowed,
                      struct error *err);

/* The pack whose law this installation goes by today, which says who may do what: of its first pool, or, before that is in force, the
 * one that comes first. Remembered for two seconds. Without any activation the one of pack_store_stand_in; SB_CASE_NO_PACK. */
int pack_store_home(struct pack_store *s, struct clock *clock, struct pack **borrowed, struct error *err);
/* Goes by this pack as long as nothing was ever put in force; takes a reference. */
void pack_store_stand_in(struct pack_store *s, struct pack *pack);

#endif
