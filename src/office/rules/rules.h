/* SPDX-License-Identifier: Apache-2.0
 *
 * The rules of the packs as officials work with them (规则): which models a pack has, what a decision asks for, trying values and
 * seeing why, running a pack's worked examples, comparing two versions row by row, and drafts (草稿): a pack in the making, kept in
 * the database step by step. Owns the tables `pack_draft` and `pack_draft_step`. It decides no case and makes no pack the law of
 * a pool: what is tried here is stored nowhere, and a draft becomes law elsewhere, by four eyes.
 */
#ifndef OFFICE_RULES_RULES_H
#define OFFICE_RULES_RULES_H

#include "case/pack_store.h"
#include "office/office.h"

extern const struct verb rules_verbs[];

/* Verbs of read.c. */
int rules_sources(struct call *c, const json_t *in, json_t **out, struct error *err);
int rules_models(struct call *c, const json_t *in, json_t **out, struct error *err);
int rules_model(struct call *c, const json_t *in, json_t **out, struct error *err);
int rules_evaluate(struct call *c, const json_t *in, json_t **out, struct error *err);
int rules_check(struct call *c, const json_t *in, json_t **out, struct error *err);
/* cases.c */
int rules_cases(struct call *c, const json_t *in, json_t **out, struct error *err);
/* compare.c */
int rules_compare(struct call *c, const json_t *in, json_t **out, struct error *err);
int rules_model_compare(struct call *c, const json_t *in, json_t **out, struct error *err);
/* draft.c */
int rules_draft_create(struct call *c, const json_t *in, json_t **out, struct error *err);
int rules_draft_save(struct call *c, const json_t *in, json_t **out, struct error *err);
int rules_draft_undo(struct call *c, const json_t *in, json_t **out, struct error *err);
int rules_draft_discard(struct call *c, const json_t *in, json_t **out, struct error *err);

#endif
