/* SPDX-License-Identifier: Apache-2.0
 *
 * Tasks in order of their deadline, over many offices and roles: each office and role is a line of its own in the index, and a page is
 * the merge of their heads, so that its cost does not grow with what waits.
 */
#ifndef CASE_TASK_LINE_H
#define CASE_TASK_LINE_H

#include "case/case.h"

enum { TASK_PAGE_MAX = 200 };
struct task_key {
        int64_t due, id;
};
struct task_line {
        const char *state, *process, *role; /* "" any */
        const char *text;                   /* part of the number of the case; "" any */
        int64_t office;                     /* it and those below it; 0 all */
        bool mine, overdue;                 /* mine: what c->who may do, by posts and as a substitute */
        int limit;
        struct task_key after; /* where the page begins, and then where the next one does */
        struct task_key page[TASK_PAGE_MAX];
        int count;
        bool more; /* a page may be short, even empty, and more come: much was passed over */
};
/* Fill the page. */
int task_line_read(struct tx *tx, struct call *c, struct task_line *l, struct error *err);

#endif
