/* SPDX-License-Identifier: Apache-2.0
 *
 * shebao retention: what may be kept no longer, and erasing it.
 */
#include "cmd/command.h"
#include "cmd/house.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static int ask(struct opened *o, const struct actor *who, const char *verb, json_t *in, json_t **out, struct error *err)
{
        const struct verb *v = registry_find(o->verbs, verb);
        struct call c = {.house = &o->house, .who = *who};
        char key[48];
        int rc = v == NULL || in == NULL ? error_raise(err, SB_CASE_VERB_UNKNOWN, "%s", verb) : 0;

        if (rc == 0 && v->kind == VERB_WRITE)
                c.key = house_key(key);
        rc = rc ? rc : verb_call(&c, v, in, out, err);
        json_decref(in);
        return rc;
}

static int list(struct opened *o, const struct actor *who, struct error *err)
{
        bool zh = terminal_lang() == LANG_ZH;
        json_t *out = NULL, *row;
        size_t i;
        int rc = ask(o, who, "privacy.retention", json_object(), &out, err);

        json_array_foreach(json_object_get(out, "items"), i, row)
        {
                printf("%-12s %3" JSON_INTEGER_FORMAT " %8" JSON_INTEGER_FORMAT "  %s\n", json_text(row, "class"),
                       json_integer_value(json_object_get(row, "years")), json_integer_value(json_object_get(row, "due")),
                       json_text(row, zh ? "title_zh" : "title_en"));
        }
        json_decref(out);
        return rc;
}

static int erase(struct opened *o, const struct actor *who, const char *class, struct error *err)
{
        json_int_t total = 0, step = 1;
        int rc = 0;

        while (rc == 0 && step > 0) {
                json_t *out = NULL;
                rc = ask(o, who, "privacy.erase", json_pack("{s:s}", "class", class), &out, err);
                step = json_integer_value(json_object_get(out, "erased"));
                total += rc == 0 ? step : 0;
                json_decref(out);
        }
        if (rc == 0)
                printf("%s: %" JSON_INTEGER_FORMAT "\n", class, total);
        return rc;
}

int cmd_retention(int argc, char **argv)
{
        const char *class = command_option(&argc, argv, "--erase"), *login = command_option(&argc, argv, "--as");
        struct house_options options = {0};
        struct opened *o = NULL;
        struct error err = {0};
        struct actor who = {0};

        if (!house_arguments(&argc, argv, &options) || argc != 1 || login == NULL)
                return command_usage("retention");
        int rc = house_open(&o, &options, &err);
        rc = rc ? rc : house_staff(&o->house, login, &who, &err);
        rc = rc ? rc : class == NULL ? list(o, &who, &err) : erase(o, &who, class, &err);
        house_close(o);
        return rc < 0 ? command_fail(&err) : 0;
}
