/* SPDX-License-Identifier: Apache-2.0
 *
 * Worked examples: entries {id, scheme, province, inputs, expected, status} evaluated through the
 * DMN models of the packs. How a scheme is evaluated stands in the national pack (examples.json),
 * not here: which model and decision, and FEEL for what the model asks for and for what an entry
 * expects. No rule of law is in this code.
 */
#ifndef CMD_RULES_EXAMPLES_H
#define CMD_RULES_EXAMPLES_H

#include "base/json.h"

/* Run all entries of the files; a line for each that fails, is expected not to reproduce or cannot
 * run, with the reason; last "N passed, N failed". packs: the folder of the packs, NULL to look for
 * it. Returns the exit code. */
int rules_examples(const char *packs, int count, char *const *files);

/* One FEEL expression over named values (an object; text that reads as a number is one, except of
 * the names in `texts`). */
struct formula;
int formula_new(struct formula **out, struct error *err);
void formula_free(struct formula *f);
int formula_value(struct formula *f, const json_t *names, const json_t *texts,
                  const char *expression, json_t **out, struct error *err);

#endif
