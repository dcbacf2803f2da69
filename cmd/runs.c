/* SPDX-License-Identifier: Apache-2.0
 *
 * shebao runs: long work as the page shows it; shebao work: do what waits, until nothing does.
 */
#include "cmd/command.h"
#include "cmd/house.h"

#include "case/case.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define POLL_MS 200
#define EFFECTS_A_ROUND 100

static void sleep_ms(int ms)
{
        struct timespec t = {ms / 1000, (long)(ms % 1000) * 1000000};

        nanosleep(&t, NULL);
}

/* A verb of this floor as the system asks it: for the one who holds the database. */
static int ask(struct house *h, const char *verb, json_t *in, json_t **out, struct error *err)
{
        struct call c = {.house = h, .who = {.roles = ROLE_ANY, .lang = terminal_lang()}};
        int rc =
            in == NULL ? error_raise(err, SB_MEMORY, "%s", "") : verb_call(&c, registry_find(h->verbs, verb), in, out, err);

        json_decref(in);
        return rc;
}

static const char *text_of(const json_t *o, const char *name)
{
        const char *s = json_string_value(json_object_get(o, name));

        return s == NULL ? "" : s;
}

static void line_print(const json_t *run)
{
        printf("%lld\t%s\t%s\t%lld/%lld\t%s\n", (long long)json_integer_value(json_object_get(run, "id")), text_of(run, "kind"),
               text_of(run, "state"), (long long)json_integer_value(json_object_get(run, "done")),
               (long long)json_integer_value(json_object_get(run, "total")), text_of(run, "title"));
        if (text_of(run, "error")[0] != '\0')
                printf("\t%s\n", text_of(run, "error"));
}

int run_print(struct house *h, int64_t id, struct error *err)
{
        json_t *run = NULL;
        char *result;
        int rc = ask(h, "runs.get", json_pack("{s:I}", "run", (json_int_t)id), &run, err);

        if (rc == 0)
                line_print(run);
        result =
            json_is_object(json_object_get(run, "result")) ? json_dumps(json_object_get(run, "result"), JSON_SORT_KEYS) : NULL;
        if (result != NULL)
                printf("\t%s\n", result);
        free(result);
        json_decref(run);
        return rc;
}

/* A server may have taken it first: then its progress is watched. */
static int run_watch(struct house *h, int64_t id, struct progress *p, bool *again, struct error *err)
{
        for (;;) {
                json_t *run = NULL;
                int rc = ask(h, "runs.get", json_pack("{s:I}", "run", (json_int_t)id), &run, err);
                if (rc < 0)
                        return rc;
                char state[16];
                text_copy(state, sizeof state, str_from(text_of(run, "state")));
                progress_show(p, str_from(text_of(run, "phase")), json_integer_value(json_object_get(run, "done")),
                              json_integer_value(json_object_get(run, "total")), 0);
                if (strcmp(state, "failed") == 0)
                        rc = error_raise(err, SB_COMMAND_RUN_FAILED, "%lld|%.300s", (long long)id, text_of(run, "error"));
                json_decref(run);
                *again = strcmp(state, "queued") == 0;
                if (rc < 0 || strcmp(state, "running") != 0)
                        return rc;
                sleep_ms(POLL_MS);
        }
}

int run_follow(struct house *h, int64_t id, struct progress *p, struct error *err)
{
        bool again = true;
        int rc = 0;

        while (rc == 0 && again) {
                struct error fault = {0};
                rc = run_work(h, house_runs(), id, progress_show, p, &fault);
                if (rc == 0)
                        return 0;
                if (fault.code != SB_CASE_RUN_STATE) {
                        *err = fault;
                        return rc;
                }
                rc = run_watch(h, id, p, &again, err);
        }
        return rc;
}

static int list(struct opened *o, struct error *err)
{
        json_t *answer = NULL, *run;
        size_t i;
        int rc = ask(&o->house, "runs.list", json_pack("{s:i}", "limit", 50), &answer, err);

        json_array_foreach(json_object_get(answer, "items"), i, run)
        {
                line_print(run);
        }
        json_decref(answer);
        return rc;
}

static int one(struct opened *o, const char *what, int64_t id, const char *login, struct error *err)
{
        struct progress p = {.what = "run"};
        struct call c = {.house = &o->house};
        char key[48], verb[32];
        json_t *in = NULL, *out = NULL;
        int rc = 0;

        if (strcmp(what, "work") == 0)
                rc = run_follow(&o->house, id, &p, err);
        else if (strcmp(what, "takeover") == 0)
                rc = run_takeover(&o->house, id, err);
        else if (strcmp(what, "show") != 0) {
                c.key = house_key(key);
                in = json_pack("{s:I}", "run", (json_int_t)id);
                rc = house_staff(&o->house, login, &c.who, err);
                text_format(verb, sizeof verb, "runs.%s", what);
                if (rc == 0)
                        rc = verb_call(&c, registry_find(o->verbs, verb), in, &out, err);
        }
        progress_end(&p);
        json_decref(in);
        json_decref(out);
        return rc == 0 ? run_print(&o->house, id, err) : rc;
}

int cmd_runs(int argc, char **argv)
{
        static const char *const words[] = {"show", "work", "takeover", "pause", "resume", "cancel"};
        struct house_options options = {.id_block = 1000};
        struct opened *o = NULL;
        struct error err = {0};
        const char *login = command_option(&argc, argv, "--as");
        int64_t id = 0;
        bool listing, fits = false;

        if (!house_arguments(&argc, argv, &options) || argc < 2)
                return command_usage("runs");
        listing = argc == 2 && strcmp(argv[1], "list") == 0;
        for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
                fits |= argc == 3 && strcmp(argv[1], words[i]) == 0 && (i < 3 || login != NULL) &&
                        text_to_int(str_from(argv[2]), &id) && id > 0;
        if (!listing && !fits)
                return command_usage("runs");
        int rc = house_open(&o, &options, &err);
        if (rc == 0)
                rc = listing ? list(o, &err) : one(o, argv[1], id, login, &err);
        house_close(o);
        return rc < 0 ? command_fail(&err) : 0;
}

/* --- work --------------------------------------------------------------------------------------------------------------------- */

static int work(struct opened *o, struct error *err)
{
        bool worked = true;
        int done = 1, rc = 0;
        long long runs = 0, effects = 0;

        while (rc == 0 && (worked || done > 0)) {
                done = 0;
                rc = run_work_any(&o->house, house_runs(), &worked, err);
                if (rc == 0)
                        rc = case_work(&o->house, EFFECTS_A_ROUND, &done, err);
                runs += worked;
                effects += done;
        }
        if (rc == 0)
                printf("%lld runs, %lld effects\n", runs, effects);
        return rc;
}

int cmd_work(int argc, char **argv)
{
        struct house_options options = {.id_block = 1000};
        struct opened *o = NULL;
        struct error err = {0};

        if (!house_arguments(&argc, argv, &options) || argc != 1)
                return command_usage("work");
        int rc = house_open(&o, &options, &err);
        if (rc == 0)
                rc = work(o, &err);
        house_close(o);
        return rc < 0 ? command_fail(&err) : 0;
}
