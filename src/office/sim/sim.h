/* SPDX-License-Identifier: Apache-2.0
 *
 * The simulation (仿真): years of an office in a small city, drawn from a seed. The real verbs are called as the people of the office call
 * them, over a virtual clock and a disk on which things go wrong (store/fault.h), several people and cases by turns. Beside it goes a
 * plain model that keeps its own books. Each month and after each failure of the power the auditor finds nothing and the model agrees;
 * what was acknowledged is there, what failed is not half done. The same seed makes the same run.
 */
#ifndef OFFICE_SIM_SIM_H
#define OFFICE_SIM_SIM_H

#include "case/run.h"
#include "pack/pack.h"

#define SIM_YEARS_MAX 4
#define SIM_PERSONS 50

/* What all seeds begin with: the city as the system before left it. Made once, never changed by a run. */
struct sim_template;
/* work_dir: an empty folder for the files that are imported. verbs, runs: of all floors. url: an empty PostgreSQL database, which one run
 * then uses up: there connections break; NULL: the disk on which things go wrong. */
int sim_template_make(struct sim_template **out, const struct registry *verbs, const struct run_kind *const *runs,
                      struct pack *pack, const char *work_dir, const char *url, struct error *err);
void sim_template_free(struct sim_template *t);

struct sim_options {
        uint64_t seed;
        int months;
        bool no_faults;    /* nothing goes wrong with the disk */
        bool plan_a_fault; /* for tests: the model pays a pension once too often, so that the run has to fail */
        void (*trace)(void *ctx, const char *line); /* NULL: nothing is told on the way */
        void *ctx;
};
struct sim_result {
        bool failed;
        char why[600]; /* when failed */
        day_t day;     /* reached */
        int64_t calls, refused, verbs, faults, power, cases, ended, audits;
        char digest[17]; /* of all that was asked and answered */
};
/* 0, also when the run failed (out->failed); ERR when it could not be run. */
int sim_run(struct sim_result *out, const struct sim_template *t, const struct sim_options *o, struct error *err);

#endif
