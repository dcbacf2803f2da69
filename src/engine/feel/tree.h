/* SPDX-License-Identifier: Apache-2.0
 *
 * The tree between parse.c and eval.c; nobody else includes it.
 */
#ifndef ENGINE_FEEL_TREE_H
#define ENGINE_FEEL_TREE_H

#include "engine/feel/feel.h"

enum node_kind {
        NODE_LITERAL, NODE_NAME, NODE_PATH, NODE_FILTER, NODE_CALL, NODE_NEGATE, NODE_ADD, NODE_SUBTRACT, NODE_MULTIPLY,
        NODE_DIVIDE, NODE_POWER, NODE_EQUAL, NODE_NOT_EQUAL, NODE_LESS, NODE_LESS_EQUAL, NODE_GREATER, NODE_GREATER_EQUAL,
        NODE_AND, NODE_OR, NODE_IF, NODE_FOR, NODE_SOME, NODE_EVERY, NODE_BETWEEN, NODE_IN, NODE_LIST, NODE_CONTEXT,
        NODE_RANGE, NODE_FUNCTION, NODE_INSTANCE, NODE_TESTS, NODE_NOT_TESTS, NODE_ANY,
};

struct feel_node {
        enum node_kind kind;
        bool low_closed, high_closed, has_question;
        uint32_t count;
        const char *name;                  /* NAME, PATH, INSTANCE */
        struct feel_value value;           /* LITERAL */
        const struct feel_node *const *children;
        const char *const *names;          /* CALL (named arguments), FOR, SOME, EVERY, CONTEXT, FUNCTION */
};

/* A builtin by name, NULL when there is none (builtin.c). */
const struct feel_function *feel_builtin(const char *name);
/* Whether a name (with blanks) is a builtin's: for the longest match. */
extern const struct feel_scope feel_builtin_scope;

bool feel_in(struct feel_machine *m, const struct feel_value *v, const struct feel_value *test, struct feel_value *out);
bool feel_temporal_parse(const char *type, struct str text, struct feel_value *out);
bool feel_add_values(struct feel_machine *m, const struct feel_value *a, const struct feel_value *b, bool minus,
                     struct feel_value *out);
struct feel_value feel_property(struct feel_machine *m, const struct feel_value *v, const char *name);

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

#endif
