/* SPDX-License-Identifier: Apache-2.0
 *
 * A small consistent database for the auditor's tests: two insured persons with accounts, an
 * employer, one declaration assessed, received and allocated, an award paid in one released run, an
 * order to pay with its late fee, a reversal, sealed days, and a sealed audit trail.
 */
#ifndef TEST_AUDIT_WORLD_H
#define TEST_AUDIT_WORLD_H

#include "base/hash.h"
#include "store/store.h"

/* What the decision of the order to pay says that it used: a rate in percent a day. */
#define WORLD_FIGURES(rate)                                                                                                    \
        "{\"steps\":[{\"parameters\":[{\"key\":\"late_fee_rate\",\"day\":\"1970-04-17\",\"value\":\"" rate "\"},{\"key\":"     \
        "\"late_fee_cap\",\"value\":\"100\"},{\"key\":\"late_fee_rounding\",\"value\":\"fen_half_up\"}]}]}"

int world_build(struct tx *tx, const struct keyring *keys, struct error *err);
/* Change the second seal as one would who can compute but not sign: previous is another, head
 * follows from it. */
int world_forge_chain(struct tx *tx, const struct keyring *keys, struct error *err);
/* Run SQL statements separated by ';'. Their texts are keys of the store's caches: world_forget
 * after store_close. */
int world_script(struct tx *tx, const char *script, struct error *err);
void world_forget(void);

#endif
