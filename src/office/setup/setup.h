/* SPDX-License-Identifier: Apache-2.0
 *
 * Founding an installation (建账): a pack becomes the law of its pools, its tables of offices and pools become
 * rows, and the installation remembers which home it stores new people in and whether it is a demonstration.
 * Owns the tables office, pool and setting. Knows no staff's password and no file of keys.
 */
#ifndef OFFICE_SETUP_SETUP_H
#define OFFICE_SETUP_SETUP_H

#include "case/pack_store.h"
#include "case/verb.h"

/* What a database says of itself; installed false: migrated or empty, but nobody founded anything in it. */
struct installation {
        bool installed;
        int32_t home;
        bool demonstration;
        uint64_t seed; /* of the keys of a demonstration */
        int64_t pool;  /* the first pool, whose pack names the installation; 0 none */
        char pack[32]; /* name of the pack it was founded with */
};
int installation_read(struct store *s, struct installation *out, struct error *err);

/* Store the pack, make it the law of all its pools from the beginning, and write pools, offices and settings.
 * at is when it becomes known. SB_SETUP_INSTALLED when the database holds an installation. */
int setup_found(struct house *h, struct pack *pack, const struct installation *facts, struct error *err);
/* The pack of the same name was changed since (a developer's folder): store it, and make it the law of the pools
 * of the installation from the beginning, known from now on. *changed false when it is in force already. */
int setup_renew(struct house *h, struct pack *pack, bool *changed, struct error *err);

/* Give back what is left of the block of ids that a founding took: the next one begins after the last id that was used. */
int setup_ids_trim(struct house *h, struct error *err);

/* An office by its code; the highest one for "". SB_SETUP_OFFICE. */
int office_by_code(struct tx *tx, const char *code, int64_t *id, struct error *err);

#endif
