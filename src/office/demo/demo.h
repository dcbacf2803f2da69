/* SPDX-License-Identifier: Apache-2.0
 *
 * A demonstration city (演示城市): persons, employers, histories, accounts, pensions and a month of the office's own
 * work, all synthetic, drawn from a seed. It goes the way that real data go — import by CSV for what the system before
 * left, verbs for what the office does itself — and needs a demonstration pack, which stamps everything. Same seed,
 * size and day: same city, on either database. Figures of law come from the pack.
 */
#ifndef OFFICE_DEMO_DEMO_H
#define OFFICE_DEMO_DEMO_H

#include "case/run.h"
#include "case/verb.h"
#include "pack/pack.h"

/* stage: what is being made, in English; done of total. */
typedef void demo_progress_fn(void *ctx, const char *stage, int64_t done, int64_t total);

struct demo_options {
        int64_t persons;
        uint64_t seed;
        day_t today;          /* the city is as it is at the beginning of this day */
        const char *work_dir; /* for the files that are imported; an empty folder of the caller */
        bool takeover_only;   /* as the system before left it, without work of the office's own */
        demo_progress_fn *progress;
        void *ctx;
};
#define DEMO_PERSONS_MIN 50
#define DEMO_PERSONS_MAX 20000000
#define DEMO_PASSWORD "demonstration"

/* The house is new, founded with the pack, on a virtual clock; runs: the kinds of runs. SB_DEMO_PACK, SB_DEMO_STEP. */
int demo_make(struct house *h, const struct run_kind *const *runs, struct pack *pack, const struct demo_options *o,
              struct error *err);

#endif
