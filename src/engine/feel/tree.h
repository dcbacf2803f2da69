/* SPDX-License-Identifier: Apache-2.0
 *
 * The compiled form of expressions and of whole decisions: a typed tree, made once by parse*.c (and by
 * engine/dmn for boxed expressions), immutable, run by run*.c a row at a time and by engine/column a
 * million rows at a time.
 *
 * How it is laid out:
 *  - Every name was resolved when the tree was made. LOCAL reads a slot of the frame of the function that
 *    is running (parameters first, then what a closure captured, loop variables, entries of contexts);
 *    GLOBAL reads a slot of the decisions and inputs of a model (m->globals); DYNAMIC, for expressions
 *    compiled alone, looks into the caller's environment; QUESTION is the value that a unary test tests.
 *  - ROOT opens a frame of `slot` values and evaluates its child. A FUNCTION node's child is its body; the
 *    closure copies captures[i].from of the outer frame to captures[i].to of the inner.
 *  - Every node has a static type (never NULL; FEEL_T_ANY when nothing is known), so that a kernel may be
 *    chosen without running it. What is constant was folded into CONST.
 *  - NOTE names an intermediate value for the derivation; HOST is a node that another part of the engine
 *    runs (decision tables), through run(m, node, out).
 * Children are in the order of the text unless a line below says otherwise.
 */
#ifndef ENGINE_FEEL_TREE_H
#define ENGINE_FEEL_TREE_H

#include "engine/feel/type.h"

enum feel_op {
        OP_CONST,   /* value */
        OP_LOCAL,   /* slot */
        OP_GLOBAL,  /* slot, name */
        OP_DYNAMIC, /* name */
        OP_QUESTION,
        OP_MEMBER, /* slot: the item of a filter; name: its entry; child 0 (may be NULL): what the name means outside */
        OP_FAIL,   /* null; name: why */
        OP_ROOT,   /* slot: size of the frame; child 0 */
        OP_NOTE,   /* name, article; child 0 */
        OP_HOST,   /* run, data; children as run wants them */
        OP_COERCE, /* child 0 made of `type` */
        OP_PATH,   /* child 0 . name; slot: where a context of the static type has it, UINT32_MAX when that is not known */
        OP_FILTER, /* child 0 [ child 1 ]; slot: the item; constant_index when child 1 is a number by its type */
        OP_NEGATE,
        OP_ADD,
        OP_SUBTRACT,
        OP_MULTIPLY,
        OP_DIVIDE,
        OP_POWER,
        OP_EQUAL,
        OP_NOT_EQUAL,
        OP_LESS,
        OP_LESS_EQUAL,
        OP_GREATER,
        OP_GREATER_EQUAL,
        OP_AND,
        OP_OR,
        OP_IF,        /* condition, then, else */
        OP_BETWEEN,   /* value, low, high */
        OP_IN,        /* child 0 in any of the tests that follow */
        OP_TESTS,     /* "?" passes one of the tests */
        OP_NOT_TESTS, /* "?" passes none of them */
        OP_TEST_ANY,  /* "-" */
        OP_LIST,
        OP_CONTEXT,     /* names, slots: where entry i is for those that follow */
        OP_LET,         /* as CONTEXT, but the last child is the value */
        OP_RANGE,       /* low, high; low_closed, high_closed */
        OP_UNARY_RANGE, /* range_op; child 0 */
        OP_FOR, /* per iterator: slots[i], domain child i (RANGE of whole numbers or dates counts); last child: the result; slot: partial */
        OP_SOME, /* as FOR; last child: what is satisfied */
        OP_EVERY,
        OP_FUNCTION, /* function: names, types; child 0: body, a ROOT */
        OP_CALL,     /* child 0: the function; arguments; names[i] of argument i + 1, or names NULL */
        OP_BUILTIN, /* builtin, overload; arguments by position, NULL for one that was left out; low_closed: they fit by their types */
        OP_INSTANCE, /* child 0 instance of `of` */
};

struct feel_capture {
        uint32_t from, to;
};
struct feel_builtin;
struct feel_node {
        enum feel_op op;
        uint32_t slot, count; /* count: children */
        const struct feel_node *const *children;
        const struct feel_type *type;
        const char *name, *article;
        bool low_closed, high_closed, has_question;
        enum feel_range_op range_op;
        uint32_t overload;
        const char *const *names;             /* CONTEXT, LET, CALL, FOR, SOME, EVERY; FUNCTION: parameters */
        const uint32_t *slots;                /* CONTEXT, LET, FOR, SOME, EVERY */
        const struct feel_type *const *types; /* FUNCTION: of the parameters */
        const struct feel_type *of;           /* INSTANCE, FUNCTION: the result */
        const struct feel_capture *captures;  /* FUNCTION */
        uint32_t capture_count, parameter_count;
        const struct feel_builtin *builtin;
        int (*run)(struct feel_machine *m, const struct feel_node *node, struct feel_value *out); /* HOST */
        const void *data;
        struct feel_value value; /* CONST */
};

/* The tree of a text as it is written, for those who judge it: every name is DYNAMIC, nothing is resolved or folded. As
 * feel_compile otherwise; only what is constant in it can be run. */
int feel_parse(const struct feel_node **out, struct arena *a, const struct feel_scope *scope, struct str text,
               enum feel_form form, struct error *err);
/* One node in the frame that is running. */
int feel_run(struct feel_machine *m, const struct feel_node *n, struct feel_value *out);
/* `v` passes a test: a boolean or null in *out. */
int feel_test(struct feel_machine *m, const struct feel_node *test, const struct feel_value *v, struct feel_value *out);
bool feel_in_value(struct feel_machine *m, const struct feel_value *v, const struct feel_value *test, struct feel_value *out);
bool range_has(const struct feel_range *r, const struct feel_value *v, bool *yes); /* false: not comparable */
/* A frame of n nulls on the machine's stack; NULL with m->err when memory is used up. */
struct feel_value *feel_frame_push(struct feel_machine *m, uint32_t n);
void feel_frame_pop(struct feel_machine *m, struct feel_value *frame);
int feel_out_of_memory(struct feel_machine *m);

static inline struct feel_value feel_nothing(void)
{
        return (struct feel_value){.kind = FEEL_NULL};
}
static inline struct feel_value feel_bool(bool b)
{
        return (struct feel_value){.kind = FEEL_BOOLEAN, .boolean = b};
}
static inline struct feel_value feel_number(struct decimal d)
{
        return (struct feel_value){.kind = FEEL_NUMBER, .number = d};
}
static inline struct feel_value feel_int(int64_t v)
{
        return feel_number(decimal_from_int(v));
}
static inline struct feel_value feel_string(struct str s)
{
        return (struct feel_value){.kind = FEEL_STRING, .string = s};
}
static inline struct feel_value feel_list(const struct feel_value *items, size_t count)
{
        return (struct feel_value){.kind = FEEL_LIST, .count = (uint32_t)count, .items = items};
}

/* Operators of values; what cannot be is null with a diagnostic (operate.c). */
void feel_arithmetic(struct feel_machine *m, enum feel_op op, const struct feel_value *a, const struct feel_value *b,
                     struct feel_value *out);
void feel_order(struct feel_machine *m, enum feel_op op, const struct feel_value *a, const struct feel_value *b,
                struct feel_value *out);
void feel_negate(struct feel_machine *m, const struct feel_value *a, struct feel_value *out);
/* An entry of a context, a part of a date, time, duration or range; of a list: of every item (path.c). */
void feel_property(struct feel_machine *m, const struct feel_value *v, const char *name, uint32_t code, struct feel_value *out);
uint32_t feel_part_code(const char *name); /* of a part that is no entry, 0 for none: PATH and MEMBER keep it in `overload` */
/* A range of two ends, null with a diagnostic when they do not make one. */
void feel_range_make(struct feel_machine *m, struct feel_range shape, struct feel_value *out);

/* Functions of the specification (builtin*.c). Kinds of parameters, a letter each; what does not fit is made to
 * fit as 10.3.2.9.4 says (the item of a list of one, a list of the one), else the result is null:
 * a anything, v anything but null, s n b string number boolean, S N those or null, d date (or date and time), t time (or
 * date and time), l list, c context, r range, f function, p anything a range may hold, or a range. */
enum builtin_rest { REST_NONE, REST_VALUES, REST_REPEAT }; /* one list or any number of values; the last kind again and again */
struct builtin_overload {
        const char *const *names;
        const char *kinds;
        unsigned char least; /* arguments that must be there */
        unsigned char rest;
};
struct feel_builtin {
        const char *name;
        struct builtin_overload overloads[3];
        /* 0, or ERR for what ends an evaluation; a mistake is builtin_bad. args has every parameter of the overload, null for
         * one that was not given; count is how many were. */
        int (*run)(struct feel_machine *m, const struct feel_builtin *f, unsigned overload, struct feel_value *args,
                   size_t count, struct feel_value *out);
        enum type_kind result; /* FEEL_T_ANY: it depends */
        bool impure;           /* not the same every time */
        unsigned char mode;    /* enum rounding, of the functions that round */
};
const struct feel_builtin *builtin_find(struct str name);
/* Builtins of several words, for the longest match. */
size_t builtin_long_name(struct str text);
const struct feel_value *builtin_value(const struct feel_builtin *f); /* as a function value */
/* Which overload takes arguments of these names (NULL: by position); place[i]: the parameter of argument i.
 * Returns false when none does. */
bool builtin_match(const struct feel_builtin *f, const char *const *names, size_t count, unsigned *overload, uint32_t *place,
                   size_t *arity);
int builtin_call(struct feel_machine *m, const struct feel_builtin *f, unsigned overload, struct feel_value *args, size_t count,
                 struct feel_value *out);
/* A call with arguments by name (or by position, names NULL) of any function value (call.c). */
int feel_invoke(struct feel_machine *m, const struct feel_value *f, const char *const *names, struct feel_value *args,
                size_t count, struct feel_value *out);

#endif
