/* SPDX-License-Identifier: Apache-2.0
 *
 * What the world tells a case beside a decision (办理填写项): the fields that the model declares for a step or for a message that the case
 * waits for, checked by type like those of a form. Knows no subject.
 */
#ifndef CASE_OUTCOME_H
#define CASE_OUTCOME_H

#include "case/instance.h"

/* What a step asks: [{"name","type","title_zh","title_en","required","values":[{"value","title_zh","title_en"}]}]. What the model reads
 * and does not declare is a text by its bare name. */
json_t *outcome_fields(const struct pack *pack, const struct bpmn_model *m, const char *node);
/* A copy of the outcome (NULL: an empty one) with the declared fields as the model expects them; n may be NULL. SB_CASE_FORM. */
int outcome_take(const struct bpmn_node *n, const json_t *outcome, json_t **out, struct error *err);
/* The messages for which a case waits: [{"message","key","node","title_zh","title_en","fields"}]. */
int waits_view(struct tx *tx, struct house *h, const struct instance *i, json_t **out, struct error *err);

/* The variables of a case that have a name in words, with it: {"amount": {"title_zh", "title_en", "value"}}. */
json_t *variables_said(const struct instance *i);

#endif
