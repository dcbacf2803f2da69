/* SPDX-License-Identifier: Apache-2.0
 *
 * FEEL, the expression language of DMN 1.5: text → typed tree (feel_compile) → value (feel_eval).
 * Pure: no clock, no I/O, no database. A compiled tree is immutable and shared between threads, each
 * with a machine of its own. Null propagation follows the specification and leaves a diagnostic; what
 * must not be swallowed by it (a missing figure of law, a limit) is an error that ends the evaluation.
 * Knows nothing of decisions.
 */
#ifndef ENGINE_FEEL_FEEL_H
#define ENGINE_FEEL_FEEL_H

#include "base/arena.h"
#include "base/calendar.h"
#include "base/json.h"
#include "engine/feel/decimal.h"
#include "engine/feel/temporal.h"

enum feel_kind {
        FEEL_NULL,
        FEEL_BOOLEAN,
        FEEL_NUMBER,
        FEEL_STRING,
        FEEL_DATE,
        FEEL_TIME,
        FEEL_DATE_TIME,
        FEEL_DAYS,   /* days and time duration */
        FEEL_MONTHS, /* years and months duration */
        FEEL_LIST,
        FEEL_CONTEXT,
        FEEL_RANGE,
        FEEL_FUNCTION,
};

struct feel_entry;
struct feel_range;
struct feel_function;
struct feel_node;
struct feel_type;
struct feel_machine;
struct pattern_cache;

struct feel_value {
        enum feel_kind kind;
        uint32_t count; /* items of a list, entries of a context */
        union {
                bool boolean;
                struct decimal number;
                struct str string;
                struct temporal moment; /* DATE, TIME, DATE_TIME */
                int64_t months;         /* MONTHS: −INT64_MAX … INT64_MAX */
                wide_t ns;              /* DAYS */
                const struct feel_value *items;
                const struct feel_entry *entries;
                const struct feel_range *range;
                const struct feel_function *function;
        };
};
struct feel_entry {
        const char *name;
        struct feel_value value;
};
/* An interval, or what a unary test such as (< 10) is as a value: then one end is null and `op` tells
 * the sign. */
enum feel_range_op {
        RANGE_INTERVAL,
        RANGE_LESS,
        RANGE_LESS_EQUAL,
        RANGE_GREATER,
        RANGE_GREATER_EQUAL,
        RANGE_EQUAL,
        RANGE_NOT_EQUAL
};
struct feel_range {
        enum feel_range_op op;
        bool low_closed, high_closed;
        struct feel_value low, high; /* FEEL_NULL: open to that side */
};

/* Names that an expression may use, so that names with blanks and operators are recognised (the
 * longest wins). A name that is in no scope is looked up when the expression runs. */
struct feel_scope {
        const char *const *names;
        size_t count;
        const struct feel_scope *up;
        const struct temporal_zones *zones; /* named time zones of literals; NULL: none is known. Of the innermost scope */
};
/* Bindings of an evaluation: one name, or all entries of a context. */
struct feel_env {
        const char *name; /* NULL: `value` is a context whose entries are bound */
        struct feel_value value;
        const struct feel_env *up;
};

/* A function of the world outside (a figure of the pack). 0 and *out, or ERR with an error that ends the
 * evaluation. */
typedef int feel_external(void *ctx, struct feel_machine *m, const struct feel_value *args, size_t count,
                          struct feel_value *out, struct error *err);
/* One of C inside the engine (decision services). */
typedef int feel_native(struct feel_machine *m, const struct feel_function *f, const struct feel_value *args, size_t count,
                        struct feel_value *out);
struct feel_function {
        const char *name;
        const char *const *parameters;
        const struct feel_type *const *types; /* of the parameters; NULL: any */
        const struct feel_type *result;       /* NULL: any */
        size_t parameter_count;
        const struct feel_node *body;       /* a function of FEEL: the node of its definition, … */
        const struct feel_value *captured;  /* … the values that it took with it … */
        const struct feel_value *globals;   /* … and the decisions that it sees */
        const struct feel_builtin *builtin; /* one of the specification's */
        feel_native *native;
        feel_external *external;
        void *ctx;
};

struct feel_limits {
        int64_t steps; /* 0: 10,000,000 nodes evaluated */
        int depth;     /* 0: 1000 calls inside each other; the stack is bounded besides */
};
struct feel_stack;
/* One evaluation at a time; memory comes from the arena, which its owner resets between evaluations. */
struct feel_machine {
        struct arena *arena;
        int64_t steps;
        int depth, depth_max;
        const char *stack_base;             /* of the C stack when the evaluation began */
        struct error *err;                  /* the engine error, when one ended the evaluation */
        unsigned diagnostics;               /* how many nulls came from a mistake */
        char diagnostic[200];               /* the first of them */
        const struct temporal_zones *zones; /* named time zones; NULL: none is known */
        struct pattern_cache *patterns;     /* NULL: made on demand, freed by feel_machine_dispose */
        bool own_patterns;
        bool has_now; /* what now() and today() answer, in UTC; without it they are null */
        instant_t now;
        const struct zone *now_zone; /* its zone, NULL: UTC */
        /* Set by feel_eval and its like. */
        const struct feel_env *env;
        const struct feel_value *globals;
        const struct feel_value *question; /* what "?" is */
        struct feel_value *frame;
        struct feel_stack *stack;
        /* What a derivation wants to know; may be NULL. A function of the world outside answered … */
        void (*on_external)(void *ctx, const struct feel_function *f, const struct feel_value *args, size_t count,
                            const struct feel_value *result);
        /* … or a named part of an expression has its value. */
        void (*on_note)(void *ctx, const struct feel_node *note, const struct feel_value *value);
        void *on_ctx;
        void *host; /* of native functions: the evaluation of decisions that called */
};
void feel_machine_init(struct feel_machine *m, struct arena *a, const struct feel_limits *limits, struct error *err);
/* The same machine for the next evaluation; the arena was reset. */
void feel_machine_again(struct feel_machine *m, const struct feel_limits *limits, struct error *err);
void feel_machine_dispose(struct feel_machine *m);

enum feel_form { FEEL_EXPRESSION, FEEL_UNARY_TESTS };
/* SB_FEEL_SYNTAX with the byte; SB_LIMIT for too deep or too long a text. Everything lives in the
 * arena. */
int feel_compile(const struct feel_node **out, struct arena *a, const struct feel_scope *scope, struct str text,
                 enum feel_form form, struct error *err);

/* 0, or ERR with m->err set (limits, errors of the world outside). Unary tests read the tested value from
 * the name "?". */
int feel_eval(struct feel_machine *m, const struct feel_node *node, const struct feel_env *env, struct feel_value *out);
/* Arguments by position. */
int feel_call(struct feel_machine *m, const struct feel_function *f, const struct feel_value *args, size_t count,
              struct feel_value *out);

/* Make a null and remember why. */
struct feel_value feel_null(struct feel_machine *m, const char *why);
/* "=": false when the kinds cannot be compared (null). `is` besides tells zones apart. */
bool feel_equal(const struct feel_value *a, const struct feel_value *b, bool *equal);
bool feel_is(const struct feel_value *a, const struct feel_value *b);
bool feel_compare(const struct feel_value *a, const struct feel_value *b, int *order);
const struct feel_value *feel_get(const struct feel_value *context, const char *name); /* NULL when absent */

/* Values ⇄ text and JSON. A number in JSON may be an integer or a string of digits where a type says
 * number; results write numbers as strings of digits. type: "number", "string", "date", "boolean", "time",
 * "date and time", "days and time duration", "years and months duration", "duration" or NULL (strings stay
 * strings). */
bool feel_from_text(struct feel_machine *m, const char *type, struct str text, struct feel_value *out);
int feel_from_json(struct feel_machine *m, const json_t *json, const char *type, struct feel_value *out, struct error *err);
json_t *feel_to_json(const struct feel_value *v);             /* NULL when out of memory */
void feel_print(struct buf *out, const struct feel_value *v); /* as string() prints it */
const char *feel_kind_name(enum feel_kind kind);

#endif
