/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows of a query, one after the other.
 */
#ifndef CASE_ROWS_H
#define CASE_ROWS_H

#include "store/store.h"

/* For the head of a loop, while ((rc = row_next(rc, q, err)) == 1): the next row, unless what came before, the query or the body, failed;
 * it ends with 0 after the last row. */
static inline int row_next(int rc, struct stmt *q, struct error *err)
{
        return rc < 0 ? rc : stmt_step(q, err);
}

#endif
