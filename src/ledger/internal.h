/* SPDX-License-Identifier: Apache-2.0
 *
 * Shared by the files of the ledger only.
 */
#ifndef LEDGER_INTERNAL_H
#define LEDGER_INTERNAL_H

#include "ledger/ledger.h"

/* SB_LEDGER_SEALED when the day is sealed. It stays unsealed until the transaction ends. */
int ledger_day_open(struct tx *tx, int32_t home, day_t day, struct error *err);

/* Opposite entries of all personal entries of a transaction. */
int personal_entries_reverse(struct tx *tx, struct ids *ids, int32_t home, int64_t transaction, int64_t reversal, instant_t at,
                             struct error *err);

#endif
