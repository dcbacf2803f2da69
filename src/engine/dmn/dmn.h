/* SPDX-License-Identifier: Apache-2.0
 *
 * DMN 1.5 models: XML → an immutable model, shared between threads; decisions evaluated in a context of the caller's. Pure.
 * A model cannot query: inputs come from the caller, figures of law through the functions of an import that the caller provides.
 * Articles of law stand in attributes "article" (any namespace) of elements and in rule annotations called "article"; the
 * derivation repeats them.
 */
#ifndef ENGINE_DMN_DMN_H
#define ENGINE_DMN_DMN_H

#include "engine/feel/feel.h"

/* Meaning of the engine: raised when the same model and inputs may give another result. */
#define DMN_SEMANTICS_VERSION 1

struct dmn_model;

/* A function of the world outside, offered as `IMPORT.name(…)`. */
struct dmn_external {
        const char *name;
        const char *const *parameters;
        size_t parameter_count;
        feel_external *call;
        void *ctx;
};
struct dmn_options {
        /* The text of an imported model, by its namespace; borrowed. ERR with SB_DMN_MODEL when there is none. NULL: no imports. */
        int (*resolve)(void *ctx, const char *ns, const char *location, struct str *xml, struct error *err);
        void *resolve_ctx;
        const char *external_ns; /* the namespace whose import is answered by `externals` */
        const struct dmn_external *externals;
        size_t external_count;
        const struct temporal_zones *zones; /* named time zones; kept as long as the model. NULL: none is known */
        bool tolerant; /* an expression that is not FEEL is null with a diagnostic, as the conformance suite wants it */
};

/* SB_XML_SYNTAX, SB_DMN_MODEL, SB_DMN_UNSUPPORTED, SB_FEEL_SYNTAX; `where` names the element. Reads DMN 1.1 to 1.5. */
int dmn_open(struct dmn_model **out, struct str xml, const struct dmn_options *o, struct error *err);
void dmn_free(struct dmn_model *m);

/* Elements of the model itself (not of its imports), for lists and checks; NULL at the end. */
struct dmn_element {
        const char *id, *name, *type, *description, *article;
};
const struct dmn_element *dmn_decision(const struct dmn_model *m, size_t i);

/* What a derivation says of one call of a function of the world outside: an object (owned by the caller), or NULL. */
typedef json_t *dmn_describe(void *ctx, const struct feel_function *f, const struct feel_value *args, size_t count,
                             const struct feel_value *result);

struct dmn_call {
        const char *decision; /* name or id; a decision service gives the context of its outputs */
        const json_t *inputs; /* by name; a missing one is null */
        bool explain;
        dmn_describe *describe; /* with explain */
        void *describe_ctx;
        struct feel_limits limits; /* 0: the defaults */
        bool has_now;              /* what now() and today() answer; without it they are null */
        instant_t now;
};
struct dmn_answer {
        json_t *result;     /* numbers as strings of digits */
        json_t *derivation; /* NULL without explain: {steps:[{decision, id, article, result, entries, rules, parameters}]} */
        unsigned diagnostics;
        char diagnostic[200]; /* the first mistake that gave a null */
};
/* SB_DMN_DECISION, SB_DMN_INPUT, limits, errors of the world outside. The answer's values are the caller's (dmn_answer_dispose). */
int dmn_eval(const struct dmn_model *m, const struct dmn_call *call, struct dmn_answer *out, struct error *err);
void dmn_answer_dispose(struct dmn_answer *a);

/* The same with values instead of JSON, for loops over many rows: one context a thread, memory is used again. */
struct dmn_context;
int dmn_context_new(struct dmn_context **out, const struct dmn_model *m, size_t memory, struct error *err);
void dmn_context_free(struct dmn_context *c);
void dmn_context_now(struct dmn_context *c, instant_t now); /* the clock of the runs to come */
/* From now on each run remembers its derivation, which dmn_context_derivation makes JSON of until the next run. */
void dmn_context_explain(struct dmn_context *c, bool explain, dmn_describe *describe, void *describe_ctx);
json_t *dmn_context_derivation(const struct dmn_context *c); /* the steps; the caller's; NULL when out of memory */
/* A decision, a decision service or a piece of knowledge by name or id. `inputs` by name; knowledge and services take their
 * parameters from them. The result lives in the arena of the context; inputs must not. */
int dmn_run(struct dmn_context *c, const char *decision, const struct feel_entry *inputs, size_t count, struct feel_value *out,
            struct error *err);

#endif
