/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of this folder share.
 */
#ifndef OFFICE_RULES_INTERNAL_H
#define OFFICE_RULES_INTERNAL_H

#include "office/rules/describe.h"
#include "office/rules/rules.h"

#define DRAFT_PREFIX "draft-"
#define RULES_MODEL_MAX ((size_t)8 << 20) /* bytes of a model that is saved */
#define RULES_ARCHIVE_MAX ((size_t)128 << 20)
#define RULES_FILES_MAX 200 /* files that one draft replaces */

/* A draft as it stands. */
struct draft {
        int64_t id, owner, version;
        char title[256], state[16];
        char owner_name[96];
        struct hash origin;
        instant_t created, changed;
        int64_t steps; /* that can be undone */
};
int draft_read(struct tx *tx, int32_t home, int64_t id, struct draft *out, struct error *err); /* SB_RULES_SOURCE */
json_t *draft_json(const struct draft *d);

/* Where rules come from: a stored pack, named by its hash or (the one stored last) by its name, or "draft-NUMBER". */
struct source {
        struct pack *pack;   /* counted */
        struct pack *origin; /* of a draft, borrowed; else NULL */
        struct draft draft;  /* id 0: not a draft */
        struct buf archive;  /* of a draft */
};
/* SB_RULES_SOURCE when there is none. A draft whose files do not make a pack is told by the pack's own error; with `loose` it
 * is opened all the same (pack NULL), for who wants to check or mend it. */
int source_open(struct source *out, struct call *c, const char *name, bool loose, struct error *err);
void source_close(struct source *s);
/* The same with one file replaced by other bytes, as it would be. */
int source_open_with(struct source *out, struct call *c, const char *name, const struct pack_change *change, struct error *err);

/* What each decision asks for, over imports too: [{name, type, description}] by name of the input; `spec` says what can be
 * entered (describe_inputs.c). */
int model_inputs(json_t **out, const struct pack *p, const char *model, const char *decision, struct error *err);
/* What changed from one described model (or logic) to another; see compare.c. */
int models_compare(json_t **out, const json_t *before, const json_t *after, struct error *err);
int table_compare(json_t **out, const json_t *before, const json_t *after, struct error *err);

#endif
