/* SPDX-License-Identifier: Apache-2.0
 *
 * Types of FEEL (DMN 1.5, 10.3.2.9): what a typed tree knows of a node before it runs, what `instance of`
 * asks, what item definitions declare. Immutable; a type lives as long as the arena that it was made in.
 */
#ifndef ENGINE_FEEL_TYPE_H
#define ENGINE_FEEL_TYPE_H

#include "engine/feel/feel.h"

enum type_kind {
        FEEL_T_ANY,
        FEEL_T_NULL,
        FEEL_T_BOOLEAN,
        FEEL_T_NUMBER,
        FEEL_T_STRING,
        FEEL_T_DATE,
        FEEL_T_TIME,
        FEEL_T_DATE_TIME,
        FEEL_T_DAYS,
        FEEL_T_MONTHS,
        FEEL_T_LIST,
        FEEL_T_CONTEXT,
        FEEL_T_RANGE,
        FEEL_T_FUNCTION,
};

struct feel_field {
        const char *name;
        const struct feel_type *type;
};
struct feel_type {
        enum type_kind kind;
        const char *name;                /* of an item definition; NULL for a type that has none */
        const struct feel_type *element; /* LIST, RANGE: of the items; FUNCTION: of the result; NULL: any */
        const struct feel_field *fields; /* CONTEXT: what it must have; FUNCTION: parameters */
        size_t field_count;
        bool fields_known;                     /* FUNCTION: the parameters are known (`function` alone is any function) */
        const struct feel_node *allowed;       /* unary tests that every value (of a list: every item) passes */
        const struct feel_node *allowed_whole; /* the same for the value as a whole (typeConstraint) */
        const struct feel_type *base;          /* of an item definition: the type that it narrows, whose tests hold too */
};

extern const struct feel_type FEEL_TYPES[FEEL_T_FUNCTION + 1]; /* the plain ones, by kind */

/* A plain type by its name ("number", "date and time", "dateTime", "Any" …); NULL for an unknown one. */
const struct feel_type *type_plain(struct str name);
const char *type_kind_name(enum type_kind kind);
/* Whether every value of `t` is one of `of` (10.3.2.9.2), without the tests of either. */
bool type_conforms(const struct feel_type *t, const struct feel_type *of);
/* The type of the items, when t is a list; t itself otherwise. */
const struct feel_type *type_item(const struct feel_type *t);
const struct feel_type *type_field(const struct feel_type *t, struct str name); /* NULL: not known */
const struct feel_type *type_list(struct arena *a,
                                  const struct feel_type *element); /* FEEL_T_LIST's plain one when out of memory */
const struct feel_type *type_common(const struct feel_type *a, const struct feel_type *b);

/* Whether a value is of a type; with the tests of item definitions. ERR only for limits. */
int type_has(struct feel_machine *m, const struct feel_type *t, const struct feel_value *v, bool *yes);
/* Make a value one of the type: itself, the item of a list of one, a list of the one, midnight of a date;
 * else null with a diagnostic (10.3.2.9.4). */
int type_coerce(struct feel_machine *m, const struct feel_type *t, struct feel_value *v);

#endif
