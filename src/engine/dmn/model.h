/* SPDX-License-Identifier: Apache-2.0
 *
 * A model as it is compiled: units (the file and its imports), elements, the tree of each decision, tables.
 * Nobody outside of engine/dmn includes it but engine/column, which runs the same trees over columns.
 *
 * Element i of the model owns slot i of an evaluation's globals: inputs and decisions are read there (OP_GLOBAL);
 * knowledge and services are constants of the trees that use them. A tree sees what its element requires and
 * nothing else.
 */
#ifndef ENGINE_DMN_MODEL_H
#define ENGINE_DMN_MODEL_H

#include "base/xml.h"
#include "engine/dmn/dmn.h"
#include "engine/feel/compile.h"

enum hit_policy { HIT_UNIQUE, HIT_FIRST, HIT_ANY, HIT_PRIORITY, HIT_COLLECT, HIT_RULE_ORDER, HIT_OUTPUT_ORDER };

struct rule {
        const char *id, *article;
        const struct feel_node **tests;   /* per input; NULL: any */
        const struct feel_node **outputs; /* per output; NULL: null */
};
/* Data of the OP_HOST node of a decision table. */
struct table {
        const char *name;    /* of the decision or knowledge model that it belongs to */
        const char *element; /* its id */
        size_t at;           /* which table of that element, in the order of the file, from 0 */
        enum hit_policy policy;
        char aggregation; /* 0, '+', '<', '>', '#' */
        size_t input_count, output_count, rule_count;
        const struct feel_node **inputs;
        const struct feel_node **input_values; /* unary tests of the allowed values, NULL without */
        const char **output_names;
        const struct feel_node **output_values; /* OP_TESTS: one of them, the first has priority; NULL without */
        const struct feel_node **defaults;      /* NULL without */
        const struct feel_type **output_types;
        struct rule *rules;
};

struct unit;
struct item { /* itemDefinition */
        const char *name;
        const struct xml_node *xml;
        struct feel_type type;
        enum { ITEM_NEW, ITEM_BUSY, ITEM_READY } state;
};
struct import {
        const char *name, *ns;
        struct unit *unit; /* NULL: the functions of the world outside */
};
struct unit {
        const char *name, *ns;
        const struct xml_node *root;
        struct import *imports;
        size_t import_count;
        struct item *items;
        size_t item_count;
        const char **names; /* names of several words, for members of unknown types */
        size_t name_count, name_room;
        size_t first, count; /* its elements */
        struct unit *next;
};

enum element_kind { ELEMENT_INPUT, ELEMENT_DECISION, ELEMENT_KNOWLEDGE, ELEMENT_SERVICE };
struct need {
        size_t index;
        const char *import; /* NULL: of this unit */
};
struct element {
        struct dmn_element face;
        enum element_kind kind;
        struct unit *unit;
        const struct xml_node *xml;
        const struct feel_type *type; /* of its variable; a service or knowledge: of its result */
        struct need *needs;           /* a service: outputs first, then what it encapsulates, then inputs */
        size_t need_count, output_count, input_count;
        const struct feel_node *program; /* a decision's ROOT; NULL: it has no logic */
        struct feel_function *function;  /* of knowledge and services */
        unsigned char visit;             /* of the search for circles */
};
struct dmn_model {
        struct arena *arena;
        struct unit *main, *units;
        struct element *elements;
        size_t element_count, element_room;
        const struct temporal_zones *zones;
        struct feel_function *externals;
        struct binding *external_members;
        size_t external_count;
        const char *external_ns;
        struct context_pool *pool; /* contexts of dmn_eval that wait for the next call (run.c) */
};

/* What reading and compiling share. */
struct reader {
        struct dmn_model *model;
        const struct dmn_options *options;
        struct unit *unit; /* being compiled */
        const struct element *element;
        struct compiler *compiler;
        int depth;
        struct error *err;
};
int reader_wrong(struct reader *r, const struct xml_node *n, const char *what);
int reader_memory(struct reader *r);
const char *reader_trimmed(struct reader *r, const char *text); /* NULL: memory is used up */
const char *reader_article(const struct xml_node *n);
size_t reader_count(const struct xml_node *n, const char *name);
/* The text of an expression in the scopes that are open; *out NULL without one. */
int reader_feel(struct reader *r, const struct xml_node *n, enum feel_form form, const struct feel_node **out);

/* types.c */
int types_read(struct reader *r);
const struct feel_type *unit_type(void *unit_of_reader, struct str name); /* for compilers: ctx is a struct reader */
/* The type that an attribute or child typeRef names; any for none, or one that is not known. */
const struct feel_type *type_ref(struct reader *r, const struct xml_node *n);

/* box.c, table.c: boxed expressions → nodes. */
const struct xml_node *box_child(const struct xml_node *n);
int box_compile(struct reader *r, const struct xml_node *n, const struct feel_node **out);
/* A function's parameters and body as an OP_FUNCTION; `inner` is its scope. */
int function_compile(struct reader *r, const struct xml_node *n, const struct feel_node **out);
int table_compile(struct reader *r, const struct xml_node *n, const struct feel_node **out);
int table_run(struct feel_machine *m, const struct feel_node *n, struct feel_value *out);

/* element.c */
int elements_compile(struct reader *r);

/* run.c */
struct context_pool *pool_new(void); /* NULL when out of memory */
void pool_free(struct context_pool *p);
int service_call(struct feel_machine *m, const struct feel_function *f, const struct feel_value *args, size_t count,
                 struct feel_value *out);

/* json.c */
int json_typed(struct feel_machine *m, const json_t *json, const struct feel_type *t, struct feel_value *out);

/* trace.c: what a derivation remembers of an evaluation; it lives in the arena. */
struct trace;
struct trace *trace_new(struct arena *a);
void trace_begin(struct trace *t, const struct element *e);
void trace_end(struct trace *t, const struct feel_value *result);
void trace_rule(struct trace *t, const struct table *table, size_t rule);
void trace_note(void *trace, const struct feel_node *note, const struct feel_value *value);
void trace_external(void *trace, const struct feel_function *f, const struct feel_value *args, size_t count,
                    const struct feel_value *result);
json_t *trace_json(const struct trace *t, dmn_describe *describe, void *ctx); /* the steps; NULL when out of memory */

#endif
