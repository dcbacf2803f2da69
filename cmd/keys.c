/* SPDX-License-Identifier: Apache-2.0
 *
 * shebao keys: a new master key while people work, and letting the former ones go.
 */
#include "cmd/command.h"
#include "cmd/house.h"

#include "office/privacy/privacy.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define ROUNDS_MAX 20 /* each finds less than the one before; more means that a program does not take notice of the new key */

/* Rounds until one changes nothing. */
static int rounds(struct house *h, int64_t *total, struct error *err)
{
        int64_t changed = 1;
        int rc = 0;

        *total = 0;
        for (int i = 0; rc == 0 && changed > 0; i++) {
                if (i == ROUNDS_MAX)
                        return error_raise(err, SB_COMMAND_KEYS_BUSY, "%lld", (long long)changed);
                rc = keys_rewrap(h, &changed, err);
                *total += changed;
        }
        return rc;
}

struct telling {
        struct house *house;
        const char *what;
        int64_t changed;
};

/* Who keeps the trail sees that it was done. */
static int tell(struct tx *tx, void *ctx, struct error *err)
{
        const struct telling *t = ctx;
        struct call c = {.house = t->house};
        json_t *body = json_pack("{s:s,s:I}", "what", t->what, "changed", (json_int_t)t->changed);
        int rc = body == NULL ? error_raise(err, SB_MEMORY, "%s", "") : audit_add(tx, &c, "keys", "installation", 0, body, err);

        json_decref(body);
        return rc;
}

static int run(const struct house_options *options, const char *what, struct error *err)
{
        struct opened *o = NULL;
        char path[1024];
        int64_t total = 0;
        int rc = house_open(&o, options, err);

        if (rc == 0 && o->facts.demonstration) /* its keys are known to everybody */
                rc = error_raise(err, SB_COMMAND_KEYS, "%s", "");
        if (rc == 0 && house_keys_path(options, path, sizeof path) == NULL)
                rc = error_raise(err, SB_COMMAND_KEYS, "%s", "");
        if (rc == 0 && strcmp(what, "rotate") == 0)
                rc = keyring_rotate(path, err);
        rc = rc ? rc : rounds(&o->house, &total, err);
        if (rc == 0 && strcmp(what, "retire") == 0)
                rc = keyring_retire(path, err);
        struct telling t = {rc == 0 ? &o->house : NULL, what, total};
        rc = rc ? rc : store_write(o->house.store, tell, &t, err);
        if (rc == 0)
                printf("%" PRId64 " keys wrapped anew\n", total);
        house_close(o);
        return rc;
}

int cmd_keys(int argc, char **argv)
{
        struct house_options options = {0};
        struct error err = {0};

        if (!house_arguments(&argc, argv, &options) || argc != 2 ||
            (strcmp(argv[1], "rotate") != 0 && strcmp(argv[1], "retire") != 0))
                return command_usage("keys");
        return run(&options, argv[1], &err) < 0 ? command_fail(&err) : 0;
}
