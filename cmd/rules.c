/* SPDX-License-Identifier: Apache-2.0 */
#include "command.h"

#include "base/clock.h"
#include "engine/dmn/dmn.h"
#include "pack/model_folder.h"
#include "rules_check.h"
#include "rules_examples.h"
#include "rules_pack.h"
#include "rules_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void print_json(json_t *out)
{
        char *text = json_dumps(out, JSON_INDENT(2) | JSON_SORT_KEYS);

        puts(text == NULL ? "" : text);
        free(text);
}

/* A model of a pack: with its figures, as of the day. */
static int pack_eval(const char *dir, const char *model, const char *decision, const char *day, const char *input, bool explain)
{
        struct clock *clock = clock_system();
        struct error err = {0};
        json_t *inputs = NULL, *out = NULL;
        day_t on = clock == NULL ? 0 : instant_day(clock_now(clock));

        int rc = json_read(&inputs, str_from(input == NULL ? "{}" : input), &err);
        if (rc == 0 && day != NULL)
                rc = day_parse(&on, str_from(day), &err);
        if (rc == 0)
                rc = rules_pack_eval(dir, model, decision, on, inputs, explain, &out, &err);
        if (rc == 0)
                print_json(out);
        json_decref(out);
        json_decref(inputs);
        clock_free(clock);
        return rc < 0 ? command_fail(&err) : 0;
}

/* Imports of a model are looked for in its own folder, by namespace. */
static int rules_eval(int argc, char **argv)
{
        const char *decision = command_option(&argc, argv, "--decision");
        const char *input = command_option(&argc, argv, "--input");
        const char *day = command_option(&argc, argv, "--day");
        bool explain = command_flag(&argc, argv, "--explain");
        char dir[1024], name[256];
        struct error err = {0};
        struct model_folder *folder = NULL;
        struct dmn_model *model = NULL;
        struct clock *clock = clock_system();
        struct zones *zones = NULL;
        struct dmn_answer answer = {NULL, NULL, 0, ""};
        json_t *inputs = NULL;

        if (argc != 2 || decision == NULL)
                return command_usage("rules");
        if (rules_pack_path(argv[1], dir, sizeof dir, name, sizeof name))
                return pack_eval(dir, name, decision, day, input, explain);
        int rc = json_read(&inputs, str_from(input == NULL ? "{}" : input), &err);
        if (rc == 0)
                rc = zones_open(&zones, NULL, &err);
        struct temporal_zones named = {zones_find, zones};
        struct dmn_options options = {.zones = &named};
        if (rc == 0)
                rc = model_folder_open(&folder, argv[1], &options, &model, &err);
        struct dmn_call call = {.decision = decision,
                                .inputs = inputs,
                                .explain = explain,
                                .has_now = clock != NULL,
                                .now = clock == NULL ? 0 : clock_now(clock)};
        if (rc == 0)
                rc = dmn_eval(model, &call, &answer, &err);
        if (rc == 0) {
                json_t *out = json_pack("{s:O}", "result", answer.result);
                if (explain)
                        json_object_set(out, "derivation", answer.derivation);
                if (answer.diagnostics > 0)
                        json_object_set_new(out, "diagnostic", json_string(answer.diagnostic));
                print_json(out);
                json_decref(out);
        }
        dmn_answer_dispose(&answer);
        model_folder_free(folder);
        zones_close(zones);
        clock_free(clock);
        json_decref(inputs);
        return rc < 0 ? command_fail(&err) : 0;
}

static int rules_run_examples(int argc, char **argv)
{
        const char *packs = command_option(&argc, argv, "--packs");

        return argc < 2 ? command_usage("rules") : rules_examples(packs, argc - 1, argv + 1);
}

static int rules_run_check(int argc, char **argv)
{
        bool brief = command_flag(&argc, argv, "--errors");

        return argc < 2 ? command_usage("rules") : rules_check_paths(brief, argc - 1, argv + 1);
}

int cmd_rules(int argc, char **argv)
{
        if (argc >= 2 && strcmp(argv[1], "eval") == 0)
                return rules_eval(argc - 1, argv + 1);
        if (argc == 3 && strcmp(argv[1], "test") == 0)
                return rules_test(argv[2]);
        if (argc >= 3 && strcmp(argv[1], "examples") == 0)
                return rules_run_examples(argc - 1, argv + 1);
        if (argc >= 3 && strcmp(argv[1], "check") == 0)
                return rules_run_check(argc - 1, argv + 1);
        return command_usage("rules");
}
