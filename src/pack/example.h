/* SPDX-License-Identifier: Apache-2.0
 *
 * Worked examples (算例): entries {id, scheme, province, inputs, expected, status} evaluated through the DMN models of packs. How a
 * scheme is evaluated stands in the pack (examples.json), not here: which model and decision, and FEEL for what the model asks for
 * and for what an entry expects. No rule of law is in this code, and it knows neither files nor a database.
 */
#ifndef PACK_EXAMPLE_H
#define PACK_EXAMPLE_H

#include "pack/pack.h"

struct examples; /* examples.json, opened; for one thread at a time */
int examples_open(struct examples **out, const struct pack *p, struct error *err); /* SB_PACK_FILE when the pack has none */
void examples_free(struct examples *e);

enum example_outcome {
        EXAMPLE_PASSED,
        EXAMPLE_FAILED,
        EXAMPLE_UNKNOWN,      /* no mapping for its scheme: failed */
        EXAMPLE_REPRODUCES,   /* its status says that it does not: failed */
        EXAMPLE_DIFFERS,      /* as its status says */
        EXAMPLE_NOT_RUNNABLE, /* what it would take is given only in words */
};
/* figures: [{figure, same, expected, computed}], in place of computed {fault_en, fault_zh} when there is none; a mistake of the
 * whole entry has the figure "scheme" or "expected". unused: names of inputs that no mapping knows. calls: [{pack, model, decision,
 * day, inputs}], what was asked of the models. */
struct example_answer {
        enum example_outcome outcome;
        json_t *figures, *unused, *calls;
};
/* The pack that an entry is evaluated through, borrowed: by name; `otherwise` (may be NULL) stands in when there is none. */
typedef int example_pack(void *ctx, const char *name, const char *otherwise, struct pack **out, struct error *err);
/* 0 also when the example fails: ERR is for want of memory. */
int example_run(struct examples *e, const json_t *entry, example_pack *pick, void *ctx, struct example_answer *out,
                struct error *err);
void example_answer_dispose(struct example_answer *a);

/* One FEEL expression over named values (an object; text that reads as a number is one, except of the names in `texts`). */
struct formula;
int formula_new(struct formula **out, struct error *err);
void formula_free(struct formula *f);
int formula_value(struct formula *f, const json_t *names, const json_t *texts, const char *expression, json_t **out,
                  struct error *err);

#endif
