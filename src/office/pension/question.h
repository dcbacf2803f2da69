/* SPDX-License-Identifier: Apache-2.0
 *
 * The question of a pension and the pack's answer: inputs from one snapshot, what they depended on, result and derivation. Inside the
 * subject only.
 */
#ifndef OFFICE_PENSION_QUESTION_H
#define OFFICE_PENSION_QUESTION_H

#include "office/pension/pension.h"

struct question {
        struct house *house;
        int64_t person_id, pool;
        month_t month; /* of retirement: its law decides */
        struct person person;
        struct pool pool_row;
        json_t *inputs, *dependencies, *result, *derivation;
        struct case_decision decision;
};
/* Gather and decide; no transaction is held while the model runs. SB_PENSION_HISTORY without any contribution; SB_PARAMETER_MISSING
 * names a figure that the pack lacks. On an error what was gathered stays until question_dispose. */
int question_ask(struct question *q, struct call *c, int64_t person, month_t month, struct error *err);
void question_dispose(struct question *q);

/* Money of a result, in fen. SB_PENSION_RESULT when it is not there. */
int figure_fen(const json_t *result, const char *name, fen_t *out, struct error *err);
/* The result with its parts side by side, money as text with two decimals; a new object. */
json_t *result_flat(const json_t *result);
bool result_eligible(const json_t *result);
/* First month of the pension. */
month_t result_from(const json_t *result, month_t otherwise);

#endif
