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
struct trigger { /* of an event, one for each definition */
        enum bpmn_trigger kind;
        const char *name; /* of a message or signal its id, of an error or escalation its code, of a link its name, of a
                             compensation the activity; "" any */
        const struct feel_node *timer, *condition;
        const char *timer_text, *condition_text;
        int64_t cycle;                 /* how often a timer fires; -1 without end */
        const struct feel_node *first; /* of a cycle: its first time; NULL one interval from now */
        const char *first_text;
        int working_days; /* of a timer that the world counts by its calendar; 0 none */
};
enum loop { LOOP_NONE, LOOP_STANDARD, LOOP_MULTI };
struct code {         /* of a node: what is run */
        int parent;   /* the node that holds it, -1 the process */
        int attached; /* of a boundary event: its activity; else -1 */
        int handler;  /* of an activity: what compensates it; else -1 */
        int called;   /* of a call: a process, or with called_node a global task; -1 none */
        bool called_node, event_sub, for_compensation, interrupting, all_triggers, instantiate;
        bool sequential, test_before;                          /* of a loop; sequential also of an ad-hoc sub-process */
        bool implicit;                                         /* nothing leads on from it: its token ends there */
        int64_t start_quantity, completion_quantity, loop_max; /* loop_max 0: none */
        enum loop loop;
        const struct feel_node *condition, *cardinality, *completion; /* condition: of a loop or of a complex gateway */
        const char *condition_text, *cardinality_text, *completion_text;
        const char *collection, *item; /* variables; "" none */
        struct trigger *triggers;
        size_t trigger_count;
        struct trigger *throws; /* of a multi-instance: thrown when a run is done, where its condition (NULL none) holds */
        size_t throw_count;
        bool throws_once;               /* after the first run alone */
        bool parallel_start;            /* of an event-based gateway that begins a process: all of its events are needed */
        const struct feel_node *script; /* NULL: the host runs it */
        const char *script_text;
        const char *attached_id, *called_id;
        struct map *inputs, *outputs;
        size_t input_count, output_count;
        const struct feel_node *key; /* of a message: whom it is for; NULL anybody */
        const char *key_text;
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
        bool office;                      /* names, roles, verbs and conditions are the office's own, and all are needed */
        const struct feel_node **amounts; /* side by side with processes; NULL none */
        const char **names;               /* variables that some element names */
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

/* read_detail.c: triggers, loops, scripts, calls, attachment, compensation. */
struct reader {
        struct bpmn_model *m;
        struct faults *faults;
        struct arena *xml;
        const struct xml_node *root;
        int process, parent;
};
const char *reader_keep(struct reader *r, const char *text);
const struct feel_node *reader_formula(struct reader *r, const struct xml_node *n, const char *text, const char **kept);
/* The same for conditions that other makers wrote in their own words. */
const struct feel_node *reader_expression(struct reader *r, const struct xml_node *n, const char *text, const char **kept);
void detail_read(struct reader *r, const struct xml_node *n, struct bpmn_node *node, struct code *c);
/* Is it an event after an event-based gateway that begins a process? */
bool begins_by_choice(const struct bpmn_model *m, size_t i, int *gateway);
void detail_bind(struct bpmn_model *m, const struct xml_node *root);

/* translate.c: a condition of another maker in the words of FEEL. */
const char *translated(struct reader *r, const char *text);

/* words.c: the office's own words. */
void words_node(struct reader *r, const struct xml_node *n, struct bpmn_node *node);
void words_need(struct reader *r, const struct xml_node *n, const struct bpmn_node *node, const struct code *c);
void words_process(struct reader *r, const struct xml_node *p, struct bpmn_process *out);
int words_working_days(struct reader *r, const struct xml_node *event, const struct xml_node *definition);

/* state.c */
enum wait {
        WAIT_NONE,
        WAIT_TASK,
        WAIT_SERVICE,
        WAIT_JOIN,
        WAIT_SCRIPT,
        WAIT_RULE,
        WAIT_EVENT, /* for one of its triggers */
        WAIT_SCOPE, /* for what runs inside */
        WAIT_THROW, /* until what it threw is delivered */
        WAIT_UNDO,  /* for compensation, one activity after the other */
        WAIT_DONE,  /* an activity that is done and may be compensated; a complex gateway that has fired */
        WAIT_CALL,  /* for a process of another file */
};
enum part { PART_FLOW, PART_LISTENER, PART_BODY /* one run of a loop */ };
struct token {
        int64_t id, sequence;
        int node, flow; /* flow: by which it came, -1 none */
        enum wait wait;
        enum part part;
        int64_t parent;             /* the token inside which it runs; 0 the process */
        int64_t begun, done, total; /* runs of a loop; of a throw, begun: triggers thrown; of a timer, total: firings left */
        int64_t seen;               /* bits of the triggers that came */
        bool held;                  /* a condition was true when last looked at; a loop that is to end */
        json_t *locals;             /* of one run of a loop; NULL none */
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

/* step.c, effect.c, gateway.c, activity.c, throw.c */
struct walk {
        const struct bpmn_model *m;
        struct state s;
        struct bpmn_step *out;
        instant_t now;
        size_t room, moves;
        struct error *err;
};
struct token *token_find(struct walk *w, int64_t id);
size_t token_index(const struct walk *w, const struct token *t);
struct token *token_begin(struct walk *w, int node, int64_t parent, enum part part);
bool token_live(const struct token *t);
bool children_live(const struct walk *w, int64_t parent);
int variables_of(struct walk *w, const struct token *t, json_t **out); /* with the locals of its loops */
struct bpmn_effect *effect_add(struct walk *w, enum bpmn_effect_kind kind, const struct token *t);
int wait_begin(struct walk *w, struct token *t, enum wait wait);
int leave_node(struct walk *w, size_t i);
int join_arrive(struct walk *w, size_t i);
int gateway_wait(struct walk *w, size_t i);
int choice_wait(struct walk *w, int64_t id);
int joins_look(struct walk *w, bool *moved);
int subtree_drop(struct walk *w, int64_t id);
/* Everything inside but what is done and, when asked, listeners and one token. */
int inside_drop(struct walk *w, int64_t parent, bool listeners, int64_t but);
int token_condition(struct walk *w, const struct token *t, const struct feel_node *n, const char *text, bool *holds);
int activity_begin(struct walk *w, int64_t id);
int body_begin(struct walk *w, int64_t id);
int activity_done(struct walk *w, int64_t id);
int scope_open(struct walk *w, int64_t id, int process, int node, int start);
int scope_next(struct walk *w, int64_t id); /* nothing runs inside any more */
int event_arm(struct walk *w, int64_t id);
int event_fire(struct walk *w, int64_t id, size_t trigger);
int throw_next(struct walk *w, int64_t id);
/* From inside a token, without a throwing event of its own. */
int event_throw(struct walk *w, int64_t id, const struct trigger *x);
int undo_next(struct walk *w, int64_t id);
/* data: what the catching event's outputs take; NULL none. */
int error_throw(struct walk *w, int64_t id, const char *code, const json_t *data);
int outputs_take(struct walk *w, const struct token *t, const json_t *result);

/* expression.c: one evaluation, its memory given back at the end. result: bound as "result" when not NULL. */
struct value_scope {
        const json_t *variables, *result;
};
int expression_bool(const struct feel_node *n, const struct value_scope *v, const char *text, bool *out, struct error *err);
int expression_json(const struct feel_node *n, const struct value_scope *v, const char *text, json_t **out, struct error *err);
int expression_instant(const struct feel_node *n, const struct value_scope *v, const char *text, instant_t now, instant_t *out,
                       struct error *err);

/* A duration above zero: of whole months, or of microseconds. */
struct span {
        int64_t months, us;
};
int expression_span(const struct feel_node *n, const struct value_scope *v, const char *text, struct span *out,
                    struct error *err);

#endif
