/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of this engine share: the compiled model and a state under work. A model is built by read.c, proved by check.c
 * and then only read.
 */
#ifndef ENGINE_BPMN_MODEL_H
#define ENGINE_BPMN_MODEL_H

#include "base/arena.h"
#include "base/xml.h"
#include "engine/bpmn/bpmn.h"
#include "engine/feel/feel.h"

#define BPMN_MEMORY ((size_t)32 << 20)

struct map { /* name := value */
        const char *name;
        const struct feel_node *value;
        const char *text;
};
struct flow {
        const char *id, *source_id, *target_id;
        int source, target, line;          /* indexes of nodes, -1 unknown */
        const struct feel_node *condition; /* NULL without */
        const char *text;
};
struct code { /* of a node: what is run */
        struct map *inputs, *outputs;
        size_t input_count, output_count;
        const struct feel_node *timer; /* a duration, or a point in time */
        const char *timer_text;
        const char *default_id;
        int default_flow; /* index into flows, -1 none */
        int *in, *out;    /* indexes of flows, in order of the file */
        size_t in_count, out_count;
};
struct bpmn_model {
        struct arena *arena;
        struct bpmn_process *processes;
        size_t process_count;
        struct bpmn_node *nodes;
        struct code *codes; /* side by side with nodes */
        size_t node_count;
        struct flow *flows;
        size_t flow_count;
        const char **names; /* variables that some element names */
        size_t name_count;
        struct feel_scope scope;
};

struct faults {
        bpmn_report *report;
        void *ctx;
        struct error *first;
        size_t count;
};
/* Tell a fault of an element; code and printf-formatted values as error_raise. */
__attribute__((format(printf, 5, 6))) void fault_tell(struct faults *f, const char *element, int line, enum error_code code,
                                                      const char *fmt, ...);
void fault_add(struct faults *f, const char *element, int line, struct error *e);

/* check.c: everything that needs the whole model. */
void model_check(const struct bpmn_model *m, struct faults *f);

/* state.c */
enum wait { WAIT_NONE, WAIT_TASK, WAIT_SERVICE, WAIT_TIMER, WAIT_JOIN };
struct token {
        int64_t id, sequence;
        int node, flow; /* flow: by which it came, -1 none */
        enum wait wait;
};
struct state {
        int process;
        int64_t next; /* id of the next token */
        struct token *tokens;
        size_t count, room;
        json_t *variables;
};
int state_read(struct state *s, const struct bpmn_model *m, const json_t *json, struct error *err);
json_t *state_write(const struct state *s, const struct bpmn_model *m); /* NULL when out of memory */
void state_dispose(struct state *s);
/* A new token; NULL when there are too many. Pointers to other tokens are not valid any more. */
struct token *token_new(struct state *s, int node, int flow, struct error *err);
void token_drop(struct state *s, size_t i); /* keeps the order */

/* expression.c: one evaluation, its memory given back at the end. result: bound as "result" when not NULL. */
struct value_scope {
        const json_t *variables, *result;
};
int expression_bool(const struct feel_node *n, const struct value_scope *v, const char *text, bool *out, struct error *err);
int expression_json(const struct feel_node *n, const struct value_scope *v, const char *text, json_t **out, struct error *err);
int expression_instant(const struct feel_node *n, const struct value_scope *v, const char *text, instant_t now, instant_t *out,
                       struct error *err);

#endif
