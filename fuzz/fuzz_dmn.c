/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/dmn/dmn.h"

#include <stdlib.h>

#define DECISIONS_MAX 50

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Whatever a model says, its decisions end: with a value or an error. */
static void decide(const struct dmn_model *m)
{
        json_t *inputs = json_pack("{s:s,s:i,s:[i,i],s:{s:i}}", "day", "2024-02-29", "n", 3, "l", 1, 2, "c", "x", 1);

        for (size_t i = 0; i < DECISIONS_MAX && dmn_decision(m, i) != NULL; i++) {
                struct dmn_call call = {
                    .decision = dmn_decision(m, i)->name, .inputs = inputs, .explain = true, .limits = {.steps = 20000}};
                struct dmn_answer answer;
                struct error err = {0};
                int rc = dmn_eval(m, &call, &answer, &err);
                if ((rc == 0) != (err.code == SB_OK) || (rc == 0 && answer.derivation == NULL))
                        abort();
                dmn_answer_dispose(&answer);
        }
        json_decref(inputs);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        for (int tolerant = 0; tolerant < 2; tolerant++) {
                struct dmn_options o = {.tolerant = tolerant == 1};
                struct dmn_model *m = NULL;
                struct error err = {0};
                int rc = dmn_open(&m, (struct str){(const char *)data, size}, &o, &err);
                if ((rc == 0) != (err.code == SB_OK))
                        abort();
                if (rc == 0)
                        decide(m);
                dmn_free(m);
        }
        return 0;
}
