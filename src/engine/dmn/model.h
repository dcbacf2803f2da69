/* SPDX-License-Identifier: Apache-2.0
 *
 * What read.c builds and eval.c runs; nobody else includes it.
 */
#ifndef ENGINE_DMN_MODEL_H
#define ENGINE_DMN_MODEL_H

#include "base/xml.h"
#include "engine/dmn/dmn.h"

enum box_kind {
        BOX_LITERAL, BOX_CONTEXT, BOX_TABLE, BOX_INVOCATION, BOX_FUNCTION, BOX_LIST, BOX_RELATION, BOX_IF, BOX_FILTER, BOX_FOR,
        BOX_SOME, BOX_EVERY,
};
enum hit_policy { HIT_UNIQUE, HIT_FIRST, HIT_ANY, HIT_PRIORITY, HIT_COLLECT, HIT_RULE_ORDER, HIT_OUTPUT_ORDER };

struct box;
struct rule {
        const char *id, *article;
        const struct feel_node **tests;   /* per input; NULL: any */
        const struct feel_node **outputs; /* per output */
};
struct table {
        const char *name;    /* of the decision or knowledge model that it belongs to */
        const char *element; /* its id */
        size_t at;           /* which table of that element, in the order of the file, from 0 */
        enum hit_policy policy;
        char aggregation; /* 0, '+', '<', '>', '#' */
        size_t input_count, output_count, rule_count;
        const struct feel_node **inputs;
        const struct feel_node **input_values;  /* unary tests of the allowed values, NULL without */
        const char **output_names;              /* NULL for a single output */
        const struct feel_node **output_order;  /* list of output values, for priorities; NULL without */
        const struct feel_node **defaults;      /* NULL without */
        struct rule *rules;
};
struct box {
        enum box_kind kind;
        const char *article, *type;
        const struct feel_node *expression; /* LITERAL */
        const struct box **parts;           /* CONTEXT entries, LIST items, arguments, cells row by row … */
        const char **names;                 /* names of entries, parameters, columns; NULL: the result entry */
        const char **articles;              /* of the entries */
        const char **types;
        size_t count, columns;
        const struct table *table;
};

struct type { /* itemDefinition */
        const char *name, *base;       /* base: typeRef, NULL for components */
        bool collection;
        struct type *components;
        size_t component_count;
        const struct feel_node *allowed;
};

enum element_kind { ELEMENT_INPUT, ELEMENT_DECISION, ELEMENT_KNOWLEDGE, ELEMENT_SERVICE };
struct need {
        const struct dmn_model *model; /* of the element: this one or an import */
        size_t index;
        const char *import;            /* NULL: of this model */
};
struct element {
        struct dmn_element face;
        enum element_kind kind;
        const struct box *box;
        struct need *needs;   /* required inputs, decisions, knowledge; a service: output decisions first */
        size_t need_count, output_count, input_count;
        const struct xml_node *xml;
};
struct import {
        const char *name, *ns;
        struct dmn_model *model; /* NULL: the functions of the world outside */
};
struct dmn_model {
        struct arena *arena;
        const char *name, *ns;
        struct element *elements;
        size_t element_count;
        struct type *types;
        size_t type_count;
        struct import *imports;
        size_t import_count;
        struct feel_function *externals;
        struct feel_entry *external_entries;
        size_t external_count;
        const char **names; /* every name of the model, for the longest match */
        size_t name_count, name_room;
        struct feel_scope scope;
};

const struct type *model_type(const struct dmn_model *m, const char *name);

#endif
