/* SPDX-License-Identifier: Apache-2.0
 *
 * Import of persons with twenty years of history: the runs of the office (checked, sealed, indexed by name, audited, one
 * transaction a block) against the plain program of plain.h, which only writes the same rows.
 */
#include "base/clock.h"
#include "bench/bench.h"
#include "bench/city.h"
#include "bench/plain.h"

#include <stdlib.h>
#include <string.h>

struct paths {
        char folder[200], run[256], plain[256], record[256];
        int64_t persons;
};

static double import_all(void *ctx)
{
        static const char *const kinds[] = {"persons", "employers", "employments", "contributions", "balances"};
        const struct paths *p = ctx;
        double began = clock_monotonic();
        struct place c;

        city_open(&c, p->run, false);
        for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
                double from = clock_monotonic();
                city_import(&c, p->folder, kinds[i],
                            strcmp(kinds[i], "contributions") == 0 ? p->persons * CITY_YEARS
                            : i == 0 || i == 4                     ? p->persons
                                                                   : 0);
                fprintf(stderr, "  %s %.2f s\n", kinds[i], clock_monotonic() - from);
        }
        city_close(&c);
        return clock_monotonic() - began;
}

static double replay(void *ctx)
{
        const struct paths *p = ctx;

        return plain_replay(p->plain, p->record);
}

/* Rows that one block of the run writes: as many as its 256 KiB of CSV hold. Names are merged for 50 blocks at once, eight keys
 * a person; the plain program commits each such merge as one. */
static const struct plain_group GROUPS[] = {
    {{"person", "person_fact", "directory"}, {"id", "person", "person"}, 3000},
    {{"name_key"}, {"subject"}, 50 * 3000 * 8},
    {{"employer", "employer_fact"}, {"id", "employer"}, 4000},
    {{"employment"}, {"id"}, 4300},
    {{"contribution"}, {"id"}, 4000},
    {{"personal_account", "personal_entry"}, {"id", "account"}, 7500},
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

        city_folder_new(p.folder, persons * 22000 + 100000000);
        text_format(p.run, sizeof p.run, "%s/run.db", p.folder);
        text_format(p.plain, sizeof p.plain, "%s/plain.db", p.folder);
        text_format(p.record, sizeof p.record, "%s/rows", p.folder);
        city_files(p.folder, persons, CITY_WHOLE);
        city_found(p.run);
        plain_copy(p.run, p.plain);
        struct plain_cost run = plain_measure(import_all, &p);
        int64_t rows = plain_record(p.record, p.run, p.plain, GROUPS);
        struct plain_cost plain = plain_measure(replay, &p);
        bool same = plain_same(p.run, p.plain);
        city_folder_remove(p.folder);
#define NAMED(what) text_format(name, sizeof name, "import.%lld." what, (long long)persons)
        bench_figure(NAMED("rows"), (double)rows, "rows", 0);
        bench_figure(NAMED("seconds"), run.seconds, "s", 0);
        bench_figure(NAMED("plain.seconds"), plain.seconds, "s", 0);
        bench_figure(NAMED("cpu"), run.cpu_s, "s", 0);
        bench_figure(NAMED("plain.cpu"), plain.cpu_s, "s", 0);
        bench_figure(NAMED("written"), run.written_mib, "MiB", 0);
        bench_figure(NAMED("plain.written"), plain.written_mib, "MiB", 0);
        missed += bench_figure(NAMED("against_plain"), run.seconds / plain.seconds, "x", 3);
        missed += bench_figure(NAMED("memory"), run.peak_mib, "MiB", 300);
        bench_figure(NAMED("per_row"), run.seconds / (double)rows * 1e6, "us", 0);
        missed += bench_figure(NAMED("tables_that_differ"), same ? 0 : 1, "tables", 0.5);
        *each = (struct per_row){run.seconds / (double)rows, run.cpu_s / (double)rows};
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
                missed += bench_figure("import.per_row.cpu.largest_over_middle", each[n - 1].cpu / each[n - 2].cpu, "x", 1.5);
                bench_figure("import.per_row.wall.largest_over_middle", each[n - 1].wall / each[n - 2].wall, "x", 0);
        }
        return missed > 0;
}
