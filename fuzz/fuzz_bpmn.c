/* SPDX-License-Identifier: Apache-2.0
 *
 * Any bytes as a process model: judged by the static rules; refused, or walked for a while with answers that the bytes choose.
 */
#include "engine/bpmn/bpmn.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define STEPS 40

/* Something that waits, or nothing, is answered. False when the step refuses. */
static bool answer(const struct bpmn_model *m, json_t **state, uint8_t choice)
{
        json_t *tokens = json_object_get(*state, "tokens"),
               *token = json_array_get(tokens, choice % (json_array_size(tokens) + 1));
        json_t *data = json_pack("{s:i,s:s}", "n", choice, "decision", choice & 1 ? "approve" : "return");
        const char *wait = json_string_value(json_object_get(token, "wait"));
        struct bpmn_event e = {.kind = wait != NULL && (strcmp(wait, "timer") == 0 || strcmp(wait, "event") == 0) ? BPMN_DUE
                                       : (choice & 12) == 12                                                      ? BPMN_FAIL
                                                             : BPMN_COMPLETE,
                               .data = data,
                               .token = json_integer_value(json_object_get(token, "id")),
                               .sequence = json_integer_value(json_object_get(token, "sequence"))};
        struct bpmn_step step;
        struct error err = {0};
        bool moved = bpmn_step(&step, m, *state, &e, &err) == 0;

        json_decref(data);
        if (moved) {
                json_decref(*state);
                *state = json_incref(step.state);
                bpmn_step_dispose(&step);
        }
        return moved;
}

static void walk(const struct bpmn_model *m, const uint8_t *data, size_t size)
{
        struct bpmn_step step;
        struct error err = {0};
        int process = bpmn_process_find(m, NULL);

        if (process < 0)
                return;
        struct bpmn_event begin = {.kind = BPMN_BEGIN, .process = process};
        if (bpmn_step(&step, m, NULL, &begin, &err) == 0) {
                json_t *state = json_incref(step.state);
                bpmn_step_dispose(&step);
                for (size_t i = 0; i < STEPS && i < size; i++)
                        (void)answer(m, &state, data[size - 1 - i]);
                json_decref(state);
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct bpmn_model *m = NULL;
        struct error err = {0};

        (void)bpmn_rules((struct str){(const char *)data, size}, NULL, NULL, &err);
        err = (struct error){0};
        if (bpmn_open_full(&m, (struct str){(const char *)data, size}, NULL, NULL, &err) == 0)
                walk(m, data, size);
        bpmn_free(m);
        m = NULL;
        err = (struct error){0};
        if (bpmn_open(&m, (struct str){(const char *)data, size}, NULL, NULL, &err) == 0)
                walk(m, data, size);
        bpmn_free(m);
        return 0;
}
