/* SPDX-License-Identifier: Apache-2.0
 *
 * Between the files of this folder: a model under the check, types, and what a name stands for.
 */
#ifndef ENGINE_CHECK_INTERNAL_H
#define ENGINE_CHECK_INTERNAL_H

#include "base/xml.h"
#include "engine/check/check.h"
#include "engine/feel/tree.h"

enum kind {
        KIND_ANY,
        KIND_NULL,
        KIND_BOOLEAN,
        KIND_NUMBER,
        KIND_STRING,
        KIND_DATE,
        KIND_TIME,
        KIND_DATE_TIME,
        KIND_DAYS,
        KIND_MONTHS,
        KIND_LIST,
        KIND_CONTEXT,
        KIND_RANGE,
        KIND_FUNCTION,
        KIND_IMPORT,
};
struct type;
struct field {
        const char *name;
        const struct type *type;
};
struct type {
        enum kind kind;
        bool open;                  /* CONTEXT: it may have other entries; FUNCTION: any arguments */
        const struct type *item;    /* LIST, RANGE; FUNCTION: of its answer */
        const struct field *fields; /* CONTEXT; FUNCTION: its parameters */
        size_t count, least;        /* fields; FUNCTION: how many arguments at least */
        const struct import *import;
};
extern const struct type TYPE_ANY, TYPE_NULL, TYPE_BOOLEAN, TYPE_NUMBER, TYPE_STRING, TYPE_DATE, TYPE_TIME, TYPE_DATE_TIME,
    TYPE_DAYS, TYPE_MONTHS;

struct model;
struct import {
        const char *name, *ns;
        struct model *model; /* NULL: of the world outside, or not looked into */
        bool external;
};
struct element {
        const struct xml_node *xml;
        const char *id, *name;
        const struct type *type;
        bool busy, needed;
};
struct need {
        const char *import, *name; /* import NULL: of the same model */
        const struct type *type;
        const struct xml_node *xml;
        bool used;
};
struct env {
        const char *name;
        const struct type *type;
        struct need *need;
        bool used;
        struct env *up;
};
struct model {
        struct arena *arena;
        const struct check_options *options;
        check_report *report; /* NULL: an imported model */
        void *report_ctx;
        const char *name, *ns;
        const struct xml_node *root;
        struct element *elements;
        size_t element_count;
        struct import *imports;
        size_t import_count;
        const char **names;
        size_t name_count;
        struct feel_scope scope;
        int depth, import_depth;
        bool broken; /* out of memory, or nested too deep: the check ends */
        struct error *err;
};
/* Where an expression stands. */
struct place {
        struct model *model;
        const struct xml_node *node; /* its line */
        const struct element *element;
        struct need *needs;
        size_t need_count;
        char part[64]; /* "rule 3", "entry basic", … */
};

void found(const struct place *p, int severity, enum error_code code, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* The type of an expression; reports what is wrong with it. */
const struct type *infer(const struct place *p, const struct feel_node *n, struct env *env);
/* Unary tests against a value of that type. */
void infer_tests(const struct place *p, const struct feel_node *n, const struct type *tested, struct env *env);
bool conforms(const struct type *actual, const struct type *wanted);
const struct type *join(struct model *m, const struct type *a, const struct type *b);
const struct type *list_of(struct model *m, const struct type *item);
const char *type_text(const struct type *t, enum lang lang);
void misfit(const struct place *p, const char *what, const struct type *wanted, const struct type *is);
/* By a typeRef; NULL when there is no such type. */
const struct type *type_named(struct model *m, const char *name, int depth);
/* The signature of a built-in function, NULL when its arguments are of many kinds. */
const struct type *builtin_type(const char *name);

/* The text of an expression, compiled; NULL without one, or when it is not FEEL (which dmn_open says). */
const struct feel_node *compiled(struct model *m, const struct xml_node *n, enum feel_form form);
/* Figures in an expression that belong in a parameter. */
void figures(const struct place *p, const struct feel_node *n);
/* Gaps, overlaps and rules that never apply. input_types: of the columns. */
void table_check(struct place *p, const struct xml_node *table, const struct type *const *input_types);

#endif
