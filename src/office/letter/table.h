/* SPDX-License-Identifier: Apache-2.0
 *
 * Cells of tables of the pack.
 */
#ifndef OFFICE_LETTER_TABLE_H
#define OFFICE_LETTER_TABLE_H

#include "pack/pack.h"

/* A cell of a row; "" when it is empty. */
const char *cell(const json_t *row, const char *name);

#endif
