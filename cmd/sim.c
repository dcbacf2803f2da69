/* SPDX-License-Identifier: Apache-2.0
 *
 * shebao sim: years of an office, drawn from a seed, on a disk on which things go wrong.
 */
#include "cmd/command.h"
#include "cmd/house.h"

#include "office/sim/sim.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct job {
        struct sim_options o;
        int64_t first, seeds;
        int jobs, part;
};

static void tell(void *ctx, const char *line)
{
        (void)ctx;
        printf("  %s\n", line);
}

/* One line a seed. 0 clean, 1 it failed. */
static int seed_run(const struct sim_template *t, const struct sim_options *o, struct error *err)
{
        struct sim_result r;
        double began = clock_monotonic();
        char day[16];
        int rc = sim_run(&r, t, o, err);

        if (rc < 0)
                return rc;
        if (r.failed)
                printf("seed %llu FAILED on %s (commit %s): %s\n  again: shebao sim --seed %llu --months %d --trace\n",
                       (unsigned long long)o->seed, day_text(r.day, day), command_commit(), r.why, (unsigned long long)o->seed,
                       o->months);
        else
                printf("seed %llu clean: %d months, %lld calls of %lld verbs (%lld refused), %lld cases, %lld faults, power "
                       "failed "
                       "%lld times, %lld audits, digest %s, %.1f s\n",
                       (unsigned long long)o->seed, o->months, (long long)r.calls, (long long)r.verbs, (long long)r.refused,
                       (long long)r.cases, (long long)r.faults, (long long)r.power, (long long)r.audits, r.digest,
                       clock_monotonic() - began);
        fflush(stdout);
        return r.failed;
}

static int part_run(const struct sim_template *t, const struct job *j, struct error *err)
{
        int failed = 0;

        for (int64_t i = j->part; i < j->seeds; i += j->jobs) {
                struct sim_options o = j->o;
                o.seed = (uint64_t)(j->first + i);
                int rc = seed_run(t, &o, err);
                if (rc < 0)
                        return rc;
                failed += rc;
        }
        return failed > 0;
}

/* The template is made before anything is split off: what it holds is in memory and no thread runs. */
static int parts_run(const struct sim_template *t, struct job *j, struct error *err)
{
        int failed = 0;

        if (j->jobs == 1)
                return part_run(t, j, err);
        for (j->part = 0; j->part < j->jobs; j->part++) {
                pid_t child = fork();
                if (child < 0)
                        return error_raise(err, SB_IO, "%s|%s", "fork", strerror(errno));
                if (child == 0) {
                        int rc = part_run(t, j, err);
                        exit(rc < 0 ? command_fail(err) : rc);
                }
        }
        for (int i = 0, status; i < j->jobs; i++)
                failed += wait(&status) < 0 || status != 0;
        return failed > 0;
}

static int sim(struct job *j, const char *pack_dir, const char *url, struct error *err)
{
        struct registry *verbs = NULL;
        struct sim_template *t = NULL;
        struct pack *pack = NULL;
        char dir[256];

        int rc = house_work_dir(dir, err);
        rc = rc ? rc : pack_open(&pack, pack_dir, err);
        rc = rc ? rc : house_verbs(&verbs, err);
        rc = rc ? rc : sim_template_make(&t, verbs, house_runs(), pack, dir, url, err);
        rmdir(dir);
        rc = rc ? rc : parts_run(t, j, err);
        sim_template_free(t);
        registry_free(verbs);
        pack_free(pack);
        return rc;
}

static int number(int *argc, char **argv, const char *name, int64_t low, int64_t high, int64_t usual, int64_t *out,
                  struct error *err)
{
        const char *text = command_option(argc, argv, name);
        char range[48];

        *out = usual;
        if (text != NULL && (!text_to_int(str_from(text), out) || *out < low || *out > high))
                return error_raise(err, SB_COMMAND_OPTION, "%s|%s", name,
                                   text_format(range, sizeof range, "%lld–%lld", (long long)low, (long long)high));
        return 0;
}

int cmd_sim(int argc, char **argv)
{
        struct job j = {.o = {.trace = NULL}};
        struct error err = {0};
        const char *pack = command_option(&argc, argv, "--pack"), *url = command_option(&argc, argv, "--db");
        int64_t years, months, jobs;
        int rc = number(&argc, argv, "--seed", 0, INT64_MAX / 2, 1, &j.first, &err);

        rc = rc ? rc : number(&argc, argv, "--seeds", 1, 1000000, 1, &j.seeds, &err);
        rc = rc ? rc : number(&argc, argv, "--years", 1, SIM_YEARS_MAX, 3, &years, &err);
        rc = rc ? rc : number(&argc, argv, "--months", 1, SIM_YEARS_MAX * 12, years * 12, &months, &err);
        rc = rc ? rc : number(&argc, argv, "--jobs", 1, 64, 1, &jobs, &err);
        j.o.no_faults = command_flag(&argc, argv, "--no-faults");
        if (command_flag(&argc, argv, "--trace"))
                j.o.trace = tell;
        if (rc < 0)
                return command_fail(&err);
        if (url != NULL && (strncmp(url, "postgres", 8) != 0 || j.seeds != 1)) /* a run uses its database up */
                return command_usage("sim");
        if (argc != 1)
                return command_usage("sim");
        j.o.months = (int)months;
        j.jobs = (int)jobs;
        rc = sim(&j, pack == NULL ? "packs/demo" : pack, url, &err);
        return rc < 0 ? command_fail(&err) : rc;
}
