/* SPDX-License-Identifier: Apache-2.0
 *
 * Rules as data and in words, for who shows them: pages of rules, the manual.
 */
#ifndef OFFICE_RULES_DESCRIBE_H
#define OFFICE_RULES_DESCRIBE_H

#include "office/json.h"
#include "pack/pack.h"

#define RULES_PATH_MAX 200

/* A model as data: {name, namespace, description, elements: [{id, kind, name, description, article, type, needs, logic}], types}.
 * kind: decision, input, knowledge, service, source. logic: a boxed expression, see describe.c. SB_XML_SYNTAX, SB_DMN_MODEL. */
int model_describe(json_t **out, struct str xml, struct error *err);
/* Bytes of rules/MODEL.dmn of the pack or its nearest ancestor. */
int model_file(const struct pack *p, const char *model, struct str *xml, char path[RULES_PATH_MAX], struct error *err);
/* "labels": {NAME, "model:NAME", "key:KEY" or "value:WORD": {zh, en}} for every name in `of`, as the model ("" : several) means them (labels.c). */
void put_labels(json_t *o, const struct pack *p, const char *model, const json_t *of);

/* The word of the labels for a name; else the name with blanks for its underscores. Borrowed from labels or `spare`. */
const char *name_said(const json_t *labels, const char *name, enum lang lang, char *spare, size_t size);
/* An expression of FEEL in words: names as the pack says them, figures of law by their titles, operators as people read them.
 * What has no word stays as it is written. words.c */
void expression_said(struct buf *out, const char *feel, const json_t *labels, enum lang lang);
/* A cell under an input column (unary tests): "at least 60", "12 to 59", "any". */
void test_said(struct buf *out, const char *feel, const json_t *labels, enum lang lang);

#endif
