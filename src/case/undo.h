/* SPDX-License-Identifier: Apache-2.0
 *
 * Taking back an own step that has had no effect yet (撤销): the case returns to the task, in the state in which it was before.
 */
#ifndef CASE_UNDO_H
#define CASE_UNDO_H

#include "case/instance.h"

#define UNDO_MINUTES 15

/* The task that the caller may take back now, 0 none. */
int undo_offer(struct tx *tx, struct call *c, const struct instance *i, int64_t *task, struct error *err);
/* SB_CASE_UNDO says why not: done by somebody else or long ago, the next step was taken, its effects began. */
int case_task_undo(struct tx *tx, struct call *c, int64_t task, int64_t *instance, struct error *err);

#endif
