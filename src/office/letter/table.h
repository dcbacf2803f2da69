/* SPDX-License-Identifier: Apache-2.0
 *
 * Tables of the pack that a place may do without.
 */
#ifndef OFFICE_LETTER_TABLE_H
#define OFFICE_LETTER_TABLE_H

#include "pack/pack.h"

/* The rows of a table; none when the pack has no such table. */
int letter_table(const struct pack *pack, const char *file, json_t **rows, struct error *err);
/* A cell of a row; "" when it is empty. */
const char *cell(const json_t *row, const char *name);

#endif
