/* SPDX-License-Identifier: Apache-2.0
 *
 * Bulk approval (批量审批): many cases that wait at the same step are decided together, by one person who answers for each of them. A
 * plan lists them in the legal order (due day, then acceptance) and says of each how it may be decided:
 *   exception  not together: overdue, late, incident, paused, papers promised or missing, or something that the one who plans may not
 *              decide (conflict, signing power, four eyes); it is decided on its own page
 *   high       risk class H, or a process that names no class: never blind, the one who decides has to open it
 *   sample     drawn at random from the rest, by the seed that the plan keeps; has to be opened too
 *   blind      decided with the others once those were opened
 * The run then decides each by the same function as a single decision, in blocks; what fails is listed with its error.
 */
#ifndef CASE_BULK_H
#define CASE_BULK_H

#include "case/run.h"

extern const struct verb bulk_verbs[];
extern const struct run_kind bulk_plan_kind, bulk_approve_kind;

/* --- of these files alone ---------------------------------------------------------------------------------------------------------- */

struct bulk_plan {
        int64_t id, staff, office, run;
        uint32_t roles;
        char step[32], state[16], seed[65]; /* state: planning, open, running, done, dropped */
};
int bulk_plan_read(struct tx *tx, struct house *h, int64_t id, struct bulk_plan *out,
                   struct error *err); /* SB_CASE_BULK_UNKNOWN */
/* The one who made it, as they were then. */
struct call bulk_call(struct house *h, const struct bulk_plan *p);

#endif
