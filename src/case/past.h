/* SPDX-License-Identifier: Apache-2.0
 *
 * Finished cases (办结案件) leave the tables in which the living ones work: what a case that ended before a month left as rows of
 * process_instance, task, timer and effect moves to case_past, task_past, …, which are kept by months (历史库). A run moves them in small
 * transactions and leaves out what anybody holds, so a living case never waits for it. The views case_any, task_any, … read both places;
 * whoever shows or counts what may be finished reads these, whoever moves a case only reads the living ones. A case in the past changes no
 * more (SB_CASE_PAST).
 */
#ifndef CASE_PAST_H
#define CASE_PAST_H

#include "case/run.h"

extern const struct run_kind case_archive_kind;
extern const struct verb past_verbs[]; /* cases.archive_past */

/* Did the case move there? SB_CASE_PAST with its number, else SB_CASE_UNKNOWN. */
int past_raise(struct tx *tx, struct house *h, int64_t id, struct error *err);

#endif
