/* SPDX-License-Identifier: Apache-2.0
 *
 * Long work as one mechanism (import, payment, recalculation, rehearsal, bulk approval): a row with inputs, pack, total, done,
 * rate and cursor; blocks of at most about 50 ms of writer time, leased by any number of workers, idempotent by (run, subject);
 * paused, resumed, killed at will. The page and the command line show the same run.
 */
#ifndef CASE_RUN_H
#define CASE_RUN_H

#include "case/verb.h"

enum run_result { RUN_MORE, RUN_DONE };

struct run {
        int32_t home;
        int64_t id;
        const char *kind;
        const json_t *inputs;
        int64_t total, done, failed;
        struct str cursor; /* where the next block begins; the handler's own form. A word and ':' before it name a phase */
        int64_t created_by;
        const struct hash *pack; /* the pack that it was created with */
        struct house *house;
        const char *owner; /* of the lease under which the block works */
};
/* One block: read from the cursor, compute outside, write in ONE store_write that also calls run_progress with the new
 * cursor, so that a kill at any moment loses or repeats nothing. *more says whether another block follows. */
struct run_kind {
        const char *kind;
        int (*block)(struct house *h, const struct run *r, enum run_result *more, struct error *err);
        /* May be NULL. One piece of what a run that was cancelled left to do, when no run waits. *worked: there was some. */
        int (*settle)(struct house *h, bool *worked, struct error *err);
};
/* Inside the block's transaction; SB_CASE_RUN_LOST when the lease went to another worker or the run was paused. */
int run_progress(struct tx *tx, const struct run *r, struct str cursor, int64_t total, int64_t done_add, int64_t failed_add,
                 struct error *err);
int run_result(struct tx *tx, const struct run *r, const json_t *result, struct error *err);

/* The word of a cursor that names a phase; empty when it is the usual one. */
struct str run_phase(struct str cursor);
int run_create(struct tx *tx, struct call *c, const char *kind, const char *title, const json_t *inputs,
               const struct hash *pack, int64_t id, struct error *err);
/* Work on one run until it ends, is paused or fails; progress (may be NULL) is called after each block. */
typedef void run_progress_fn(void *ctx, struct str phase, int64_t done, int64_t total, double rows_per_s);
int run_work(struct house *h, const struct run_kind *const *kinds, int64_t id, run_progress_fn *progress, void *ctx,
             struct error *err);
/* Take any queued run or one whose lease ended, and work on it; *worked false when there is none. When the house stops, the
 * run is put back and goes on where it was. */
int run_work_any(struct house *h, const struct run_kind *const *kinds, bool *worked, struct error *err);
/* The worker of a running run is known to be dead: the next one need not wait until its lease ends. SB_CASE_RUN_STATE. */
int run_takeover(struct house *h, int64_t id, struct error *err);

#endif
