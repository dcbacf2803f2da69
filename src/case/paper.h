/* SPDX-License-Identifier: Apache-2.0
 *
 * The papers of a case (材料): what the pack asks for (materials.csv: process, material, name_zh, name_en, kind, required, promise, gap,
 * source), and how each stands: open (nobody looked), missing, given, shared (fetched from another authority, 数据共享), promised
 * (告知承诺: a promise instead of the proof, checked later), gap (容缺受理: accepted without it, to be handed in by a day), kept and
 * broken (the promise was checked). Missing ones are asked for once, all together (一次性告知).
 */
#ifndef CASE_PAPER_H
#define CASE_PAPER_H

#include "case/instance.h"

/* What the pack asks of a process: [{"material","name_zh","name_en","kind","required","promise","gap","source"}]. */
int materials_of(const struct pack *p, const char *process, json_t **out, struct error *err);
/* Rows for all of them; papers: what the application says of some, NULL nothing. SB_CASE_PAPER. */
int papers_begin(struct tx *tx, struct call *c, const struct pack *p, const char *process, int64_t instance,
                 const json_t *papers, struct error *err);
/* The schema of what is said of papers, for the inputs of verbs. */
#define PAPERS_IN                                                                                                              \
        "{\"type\":\"array\",\"maxItems\":100,\"items\":{\"type\":\"object\",\"additionalProperties\":false,\"required\":["    \
        "\"material\",\"state\"],\"properties\":{\"material\":{\"type\":\"string\",\"maxLength\":40},\"state\":{\"enum\":["    \
        "\"open\",\"missing\",\"given\",\"shared\",\"promised\",\"gap\"]},\"note\":{\"type\":\"string\",\"maxLength\":500},"   \
        "\"due\":{\"type\":\"string\",\"format\":\"date\"},\"attachment\":{\"type\":\"integer\",\"minimum\":1}}}}"

/* Say how some stand: [{"material","state","due"?,"note"?,"attachment"?}]. *missing: asked for and still missing. */
int papers_set(struct tx *tx, struct call *c, const struct instance *i, const json_t *papers, int *missing, struct error *err);
/* All of them as people see it, with their words. */
int papers_view(struct tx *tx, struct house *h, const struct instance *i, json_t **out, struct error *err);
/* May the case be accepted, or approved? SB_CASE_PAPER_MISSING names what is needed or asked for and neither in hand nor promised nor
 * allowed to follow, or was to follow by now. */
int papers_complete(struct tx *tx, struct house *h, const struct instance *i, struct error *err);

/* Side tasks: of the case but of no step of its model, with token 0: "promise_check.MATERIAL" and "promise_broken.MATERIAL". */
struct side_task {
        const char *title[2], *decisions;
};
bool side_task_of(const char *node, struct side_task *out);
/* What follows from its decision, once the task is done. */
int side_task_done(struct tx *tx, struct call *c, const struct instance *i, const char *node, const json_t *outcome,
                   struct error *err);

#endif
