/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/process_migrate.h"

#include "cmd/command.h"
#include "cmd/house.h"

#include "case/case.h"

#include <stdio.h>

static void tell(void *ctx, const char *number, const struct error *why)
{
        char text[1200], code[8];

        (void)ctx;
        if (why == NULL)
                printf("%s\n", number);
        else
                printf("%s %s %s\n", number, error_name(why->code, code), error_text(why, terminal_lang(), text, sizeof text));
}

int process_migrate(int argc, char **argv)
{
        struct house_options options = {.url = NULL};
        const char *process = command_option(&argc, argv, "--process"), *to = command_option(&argc, argv, "--to");
        bool dry_run = command_flag(&argc, argv, "--dry-run");
        struct opened *o = NULL;
        struct error err = {0};
        struct hash hash;
        int migrated = 0, cannot = 0;

        if (!house_arguments(&argc, argv, &options) || process == NULL || argc != 1)
                return command_usage("process");
        int rc = to == NULL ? 0 : hash_parse(&hash, str_from(to), &err);
        if (rc == 0)
                rc = house_open(&o, &options, &err);
        if (rc == 0) {
                struct case_migration m = {
                    .process = process, .to = to == NULL ? NULL : &hash, .dry_run = dry_run, .report = tell};
                rc = case_migrate(&o->house, &m, &migrated, &cannot, &err);
        }
        house_close(o);
        if (rc < 0)
                return command_fail(&err);
        printf("%d migrated, %d cannot\n", migrated, cannot);
        return 0;
}
