/* SPDX-License-Identifier: Apache-2.0
 *
 * A bench for expressions: values of every type by short names, an expression's value by the interpreter alone and as an entry of a
 * DMN model, and what the check of rules says of it. Knows nothing of packs.
 */
#ifndef TEST_ENGINE_LAB_H
#define TEST_ENGINE_LAB_H

#include "base/zone.h"
#include "engine/dmn/dmn.h"

#define LAB_NAMES 12
struct lab {
        struct arena *arena;
        struct zones *zones;
        struct temporal_zones named;
        struct feel_machine machine;
        struct error err;
        struct feel_entry inputs[LAB_NAMES];
};
/* n s b d t z y m: a number, text, truth, date, time, date and time, duration, duration in months; l k: lists of numbers and texts;
 * p ps: a person {name, age, born} and a list of two. */
extern const char *const LAB_NAME[LAB_NAMES];

void lab_open(struct lab *l);
void lab_close(struct lab *l);

enum lab_end { LAB_VALUE, LAB_SYNTAX, LAB_ERROR };
/* The value lives until the next evaluation; l->machine.diagnostics tells of mistakes. */
enum lab_end lab_eval(struct lab *l, const char *text, struct feel_value *out);

/* The same with so many steps at most. */
enum lab_end lab_eval_within(struct lab *l, const char *text, int64_t steps, struct feel_value *out);
/* Its value as it is printed; a text that is no FEEL is shown as "?", an evaluation that ended in an error as "!". */
const char *lab_shown(struct lab *l, const char *text, struct buf *out);

struct lab_example {
        const char *text, *want; /* want NULL: null, with a diagnostic */
};
/* The test fails when one is not as it should be; all that are not are shown. */
void lab_judge(const struct lab_example *examples, size_t count);
#define LAB_JUDGE(examples) lab_judge(examples, sizeof examples / sizeof examples[0])

/* What the check says of one of several expressions. */
struct lab_verdict {
        int errors;
        enum error_code first;
        char text[200];
        char claim[40]; /* the type that it takes the value for, as it calls it; "" when it claims none */
};
void lab_check(const char *const *texts, size_t count, struct lab_verdict *out);
/* The values of all of them as entries of one decision, which live until the model and context are freed. */
struct lab_run {
        struct dmn_model *model;
        struct dmn_context *context;
        struct feel_value values;
};
void lab_decide(struct lab *l, const char *const *texts, size_t count, struct lab_run *out);
void lab_run_dispose(struct lab_run *r);

#endif
