/* SPDX-License-Identifier: Apache-2.0 */
#include "command.h"

#include "base/clock.h"
#include "engine/dmn/dmn.h"
#include "rules_check.h"
#include "rules_examples.h"
#include "rules_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Imports of a model are looked for in its own folder, by namespace. */
static int rules_eval(int argc, char **argv)
{
        const char *decision = command_option(&argc, argv, "--decision");
        const char *input = command_option(&argc, argv, "--input");
        bool explain = command_flag(&argc, argv, "--explain");
        struct error err = {0};
        struct model_folder *folder = NULL;
        struct dmn_model *model = NULL;
        struct clock *clock = clock_system();
        struct zones *zones = NULL;
        struct dmn_answer answer = {NULL, NULL, 0, ""};
        json_t *inputs = NULL;

        if (argc != 2 || decision == NULL)
                return command_usage("rules");
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
                char *text = json_dumps(out, JSON_INDENT(2) | JSON_SORT_KEYS);
                puts(text == NULL ? "" : text);
                free(text);
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
