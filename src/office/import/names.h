/* SPDX-License-Identifier: Apache-2.0
 *
 * The phase of an import of persons that puts their names into the index. A run is not done before.
 */
#ifndef OFFICE_IMPORT_NAMES_H
#define OFFICE_IMPORT_NAMES_H

#include "office/import/block.h"

/* Blocks whose keys wait together: some 150,000 persons, a few megabytes a hundred steps. */
#define NAMES_BLOCKS 50

/* Inside the block's transaction: the keys of its good rows wait. */
int names_wait(struct tx *tx, struct block *b, struct error *err);
/* One step, in one transaction with the run's progress; the last one (*more false) sets the cursor to `after`. */
int names_merge(struct house *h, const struct run *r, const char *after, bool *more, struct error *err);
/* One step for a run that was cancelled: the persons that it wrote are found by name too. *worked: there was something. */
int names_settle(struct house *h, bool *worked, struct error *err);

#endif
