/* SPDX-License-Identifier: Apache-2.0
 *
 * shebao demo: a synthetic city in a new database, on a clock of its own that ends at the beginning of today.
 */
#include "cmd/command.h"
#include "cmd/house.h"

#include "office/demo/demo.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Ids of the city come from one block, in the order in which they are asked for: the same on both databases. */
#define IDS_EACH 64
#define IDS_MORE 2000000

static void show(void *ctx, const char *stage, int64_t done, int64_t total)
{
        struct progress *p = ctx;

        if (p->what == NULL || strcmp(p->what, stage) != 0) {
                progress_end(p);
                p->last = 0;
        }
        p->what = stage;
        progress_show(p, STR(""), done, total, 0);
}

static int city_make(struct opened *o, struct pack *pack, struct demo_options *options, struct error *err)
{
        char dir[256];
        int rc = setup_found(&o->house, pack, &o->facts, err);

        if (rc == 0)
                rc = house_work_dir(dir, err);
        if (rc < 0)
                return rc;
        options->work_dir = dir;
        rc = demo_make(&o->house, house_runs(), pack, options, err);
        rmdir(dir);
        if (rc == 0)
                rc = setup_ids_trim(&o->house, err);
        return rc;
}

/* A city that was cut short was written without care for a crash, and is no city: nothing of it stays. */
static void remains_remove(const char *url)
{
        static const char *const tails[] = {"", "-wal", "-shm"};
        char path[1024];

        if (strncmp(url, "sqlite:", 7) != 0 || url[7] == ':')
                return;
        for (size_t i = 0; i < sizeof tails / sizeof tails[0]; i++)
                unlink(text_format(path, sizeof path, "%s%s", url + 7, tails[i]));
}

static int demo(const struct house_options *house, const char *pack_dir, struct demo_options *options, struct error *err)
{
        struct opened *o = NULL;
        struct pack *pack = NULL;
        struct house_options h = *house;
        bool fresh =
            strncmp(house->url, "sqlite:", 7) == 0 && access(house->url + 7, F_OK) != 0; /* what stands there is not ours */
        int rc = pack_open(&pack, pack_dir, err);

        if (rc == 0 && !pack_is_demonstration(pack))
                rc = error_raise(err, SB_DEMO_PACK, "%s", pack_name(pack));
        h.clock = clock_virtual(day_instant(month_first(month_of(options->today) - 1)) + (instant_t)8 * 3600 * 1000000);
        if (rc == 0 && h.clock == NULL)
                rc = error_raise(err, SB_MEMORY, "%s", "");
        if (rc == 0) {
                rc = house_open(&o, &h, err);
                h.clock = NULL;
        }
        if (rc == 0)
                rc = city_make(o, pack, options, err);
        clock_free(h.clock);
        bool begun = o != NULL;
        house_close(o);
        if (rc < 0 && (begun || fresh))
                remains_remove(house->url);
        pack_free(pack);
        return rc;
}

static int arguments(int *argc, char **argv, struct demo_options *d, struct error *err)
{
        const char *persons = command_option(argc, argv, "--persons"), *seed = command_option(argc, argv, "--seed");
        const char *today = command_option(argc, argv, "--today");
        struct clock *clock = clock_system();
        char range[48];
        int rc = 0;

        if (clock == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        d->today = clock_today(clock);
        clock_free(clock);
        d->persons = 20000;
        d->seed = 1;
        if (persons != NULL &&
            (!text_to_int(str_from(persons), &d->persons) || d->persons < DEMO_PERSONS_MIN || d->persons > DEMO_PERSONS_MAX))
                rc = error_raise(err, SB_COMMAND_OPTION, "%s|%s", "--persons",
                                 text_format(range, sizeof range, "%d–%d", DEMO_PERSONS_MIN, DEMO_PERSONS_MAX));
        if (rc == 0 && seed != NULL && !text_to_uint(str_from(seed), &d->seed))
                rc = error_raise(err, SB_COMMAND_OPTION, "%s|%s", "--seed", ERROR_BOTH("a whole number", "非负整数"));
        if (rc == 0 && today != NULL)
                rc = day_parse(&d->today, str_from(today), err);
        return rc;
}

int cmd_demo(int argc, char **argv)
{
        struct house_options house = {.found = true, .fast_load = true};
        struct progress p = {.what = NULL};
        struct demo_options d = {.progress = show, .ctx = &p};
        struct error err = {0};
        const char *pack = command_option(&argc, argv, "--pack");

        if (arguments(&argc, argv, &d, &err) < 0)
                return command_fail(&err);
        if (!house_arguments(&argc, argv, &house) || argc != 1)
                return command_usage("demo");
        house.facts = (struct installation){.home = 1, .demonstration = true, .seed = d.seed};
        house.id_block = (int)(d.persons * IDS_EACH + IDS_MORE);
        int rc = demo(&house, pack == NULL ? "packs/demo" : pack, &d, &err);
        progress_end(&p);
        if (rc < 0)
                return command_fail(&err);
        printf("a synthetic city of %lld persons, seed %llu, as of ", (long long)d.persons, (unsigned long long)d.seed);
        char day[16];
        printf("%s: clerk clerk2 clerk3 reviewer reviewer2 reviewer3 approver finance auditor admin sign in with the password "
               "%s\n",
               day_text(d.today, day), DEMO_PASSWORD);
        return 0;
}
