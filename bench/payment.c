/* SPDX-License-Identifier: Apache-2.0
 *
 * A month's payment of N pensions: freeze, compute, release with postings and personal accounts, and the bank files,
 * against the plain program of plain.h, which only writes the same rows (files are no rows: it has that part for nothing).
 * The system before has paid until the month before; one award in fifty is held.
 */
#include "office/payment/payment.h"
#include "base/clock.h"
#include "bench/bench.h"
#include "bench/city.h"
#include "bench/plain.h"

#include <stdlib.h>
#include <string.h>

enum { HELD = 50, BEFORE = 2026 * 12 + 9 };

struct paths {
        char folder[200], run[256], plain[256], record[256];
        int64_t persons;
};

/* --- what is there before the run ----------------------------------------------------------------------------------------- */

static void city_make(const struct paths *p)
{
        struct place c;

        city_found(p->run);
        city_files(p->folder, p->persons, CITY_WHOLE);
        city_open(&c, p->run, true);
        city_import(&c, p->folder, "persons", p->persons);
        city_import(&c, p->folder, "balances", p->persons);
        city_awards(&c, &(struct city_awards){.every = 1, .held = HELD, .paid_until = BEFORE});
        city_close(&c);
}

/* --- what is measured ------------------------------------------------------------------------------------------------------- */

static int64_t answer_run(json_t *out)
{
        int64_t run = json_integer_value(json_object_get(out, "run"));

        json_decref(out);
        return run;
}

static double phase(struct place *c, const char *what, int64_t run)
{
        static const struct run_kind *const kinds[] = {&payment_compute_kind, &payment_release_kind, &payment_file_kind, NULL};
        struct error err = {0};
        double began = clock_monotonic();

        city_must(run_work(&c->house, kinds, run, NULL, NULL, &err), &err);
        fprintf(stderr, "  %s %.2f s\n", what, clock_monotonic() - began);
        return clock_monotonic() - began;
}

static double pay(void *ctx)
{
        const struct paths *p = ctx;
        double began = clock_monotonic();
        struct place c;
        json_t *in = json_object();

        city_open(&c, p->run, false);
        json_object_set_new(in, "pool", json_integer(c.pool.id));
        json_object_set_new(in, "month", json_string("2026-11"));
        int64_t run = answer_run(city_call(&c, 1, "payment.run_create", in));
        phase(&c, "computed", run);
        in = json_object();
        json_object_set_new(in, "run", json_integer(run));
        json_object_set_new(in, "pay_day", json_string("2026-11-25"));
        phase(&c, "released", answer_run(city_call(&c, 2, "payment.release", in)));
        in = json_object();
        json_object_set_new(in, "run", json_integer(run));
        phase(&c, "filed", answer_run(city_call(&c, 1, "payment.file", in)));
        city_close(&c);
        return clock_monotonic() - began;
}

static double replay(void *ctx)
{
        const struct paths *p = ctx;

        return plain_replay(p->plain, p->record);
}

/* Blocks as the run makes them. */
static const struct plain_group GROUPS[] = {
    {{"payment"}, {NULL}, 4000},
    {{"personal_account", "personal_entry"}, {"id", "account"}, 2500},
    {{NULL}, {NULL}, 0},
};

/* What one row costs. */
struct per_row {
        double wall, cpu;
};

static int measure(int64_t persons, struct per_row *each)
{
        struct paths p = {.persons = persons};
        char name[64];
        int missed = 0;

        city_folder_new(p.folder, persons * 12000 + 100000000);
        text_format(p.run, sizeof p.run, "%s/run.db", p.folder);
        text_format(p.plain, sizeof p.plain, "%s/plain.db", p.folder);
        text_format(p.record, sizeof p.record, "%s/rows", p.folder);
        city_make(&p);
        plain_copy(p.run, p.plain);
        struct plain_cost run = plain_measure(pay, &p);
        int64_t rows = plain_record(p.record, p.run, p.plain, GROUPS);
        struct plain_cost plain = plain_measure(replay, &p);
        bool same = plain_same(p.run, p.plain);
        city_folder_remove(p.folder);
#define NAMED(what) text_format(name, sizeof name, "payment.%lld." what, (long long)persons)
        bench_figure(NAMED("rows"), (double)rows, "rows", 0);
        bench_figure(NAMED("seconds"), run.seconds, "s", 0);
        bench_figure(NAMED("plain.seconds"), plain.seconds, "s", 0);
        bench_figure(NAMED("cpu"), run.cpu_s, "s", 0);
        bench_figure(NAMED("plain.cpu"), plain.cpu_s, "s", 0);
        bench_figure(NAMED("written"), run.written_mib, "MiB", 0);
        bench_figure(NAMED("plain.written"), plain.written_mib, "MiB", 0);
        missed += bench_figure(NAMED("against_plain"), run.seconds / plain.seconds, "x", 3);
        missed += bench_figure(NAMED("memory"), run.peak_mib, "MiB", 300);
        bench_figure(NAMED("per_award"), run.seconds / (double)persons * 1e6, "us", 0);
        missed += bench_figure(NAMED("tables_that_differ"), same ? 0 : 1, "tables", 0.5);
        *each = (struct per_row){run.seconds / (double)persons, run.cpu_s / (double)persons};
        return missed;
}

int main(int argc, char **argv)
{
        int64_t sizes[CITY_SIZES_MAX];
        struct per_row each[CITY_SIZES_MAX];
        int missed = 0, n = city_sizes(argc, argv, sizes);

        for (int i = 0; i < n; i++)
                missed += measure(sizes[i], &each[i]);
        /* Linear: each costs the same, however many there are. On the wall clock a disk and its other users have their say. */
        if (n > 1) {
                missed +=
                    bench_figure("payment.per_award.cpu.largest_over_middle", each[n - 1].cpu / each[n - 2].cpu, "x", 1.5);
                bench_figure("payment.per_award.wall.largest_over_middle", each[n - 1].wall / each[n - 2].wall, "x", 0);
        }
        return missed > 0;
}
