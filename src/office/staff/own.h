/* SPDX-License-Identifier: Apache-2.0
 *
 * Shared by the files of this subject.
 */
#ifndef OFFICE_STAFF_OWN_H
#define OFFICE_STAFF_OWN_H

#include "case/answer.h"
#include "case/authority.h"
#include "office/staff/staff.h"

/* The office lies in the tree of who calls, else SB_CASE_OFFICE. */
int own_office(struct tx *tx, struct call *c, int64_t office, struct error *err);
/* Of a member of staff; SB_STAFF_UNKNOWN, as of an account of somebody outside (office/portal), which no administrator touches. */
int staff_office(struct tx *tx, int64_t staff, int64_t *office, struct error *err);
/* "last_day" of the input as the first day after; otherwise `otherwise`. */
int end_of(const json_t *in, bool required, day_t otherwise, day_t *to, struct error *err);
/* What an apply answers: {"id"} and the row that was changed. */
int changed(struct change *change, const char *kind, int64_t id, json_t *audit, json_t **out, struct error *err);
/* One question whose rows are told by `tell`. */
typedef json_t *row_tell(const struct stmt *q);
int rows_into(struct tx *tx, json_t *into, row_tell *tell, const char *sql, int64_t a, int64_t b, struct error *err);

#endif
