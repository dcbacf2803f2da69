/* SPDX-License-Identifier: Apache-2.0
 *
 * shebao case archive: finished cases go where they are kept by months; the run is the one that the page shows.
 */
#include "cmd/command.h"
#include "cmd/house.h"

#include "case/case.h"

#include <string.h>

static int archive(struct opened *o, const char *before, int64_t *run, struct error *err)
{
        struct call c = {.house = &o->house, .who = {.roles = ROLE_ANY, .lang = terminal_lang()}};
        char key[48];
        json_t *in = json_pack("{s:s}", "before", before), *out = NULL;

        c.key = house_key(key);
        int rc = in == NULL ? error_raise(err, SB_MEMORY, "%s", "")
                            : verb_call(&c, registry_find(o->verbs, "cases.archive_past"), in, &out, err);
        *run = json_integer_value(json_object_get(out, "run"));
        json_decref(in);
        json_decref(out);
        return rc;
}

int cmd_case(int argc, char **argv)
{
        struct house_options options = {.id_block = 100};
        struct progress p = {.what = "run"};
        const char *before = command_option(&argc, argv, "--before");
        struct opened *o = NULL;
        struct error err = {0};
        int64_t run = 0;

        if (!house_arguments(&argc, argv, &options) || argc != 2 || strcmp(argv[1], "archive") != 0 || before == NULL)
                return command_usage("case");
        int rc = house_open(&o, &options, &err);
        rc = rc ? rc : archive(o, before, &run, &err);
        rc = rc ? rc : run_follow(&o->house, run, &p, &err);
        progress_end(&p);
        rc = rc ? rc : run_print(&o->house, run, &err);
        house_close(o);
        return rc < 0 ? command_fail(&err) : 0;
}
