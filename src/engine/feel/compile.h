/* SPDX-License-Identifier: Apache-2.0
 *
 * What makes a tree: text, scopes and the builders of nodes that parse*.c and engine/dmn share. A compiler
 * serves one expression, or all expressions of one decision (they share its frame and names).
 */
#ifndef ENGINE_FEEL_COMPILE_H
#define ENGINE_FEEL_COMPILE_H

#include "engine/feel/tree.h"

#include <string.h>

enum binding_kind {
        BIND_LOCAL,     /* slot of the frame of `owner` */
        BIND_GLOBAL,    /* slot of m->globals */
        BIND_CONST,     /* a known value: functions of a model */
        BIND_NAMESPACE, /* an import: members by name */
        BIND_ITEM,      /* the item of a filter, whose entries are names of their own */
        BIND_DYNAMIC,   /* found when it runs */
};
struct function_scope;
struct binding {
        enum binding_kind kind;
        const char *name;
        uint32_t slot;
        const struct feel_type *type;
        struct feel_value value;
        const struct binding *members;
        size_t member_count;
        struct function_scope *owner;
};
struct function_scope { /* a function being compiled: its frame, and what it takes from outside */
        struct function_scope *up;
        uint32_t slots;
        const struct binding **captured;
        struct feel_capture *captures;
        size_t capture_count, capture_room;
};

/* A type by name, for `instance of` and parameters; NULL when there is none. */
typedef const struct feel_type *compile_find_type(void *ctx, struct str name);

struct compiler {
        struct arena *arena;
        struct error *err;
        struct str text;
        size_t at;
        int depth, again;
        const struct binding **bindings;
        size_t binding_count, binding_room;
        struct function_scope root, *function;
        const struct feel_scope *outer; /* names that are looked up when the expression runs */
        const char *const *hints;       /* names with blanks that members of unknown types may have */
        size_t hint_count;
        compile_find_type *find_type;
        void *find_ctx;
        bool closed; /* a name that is not known is null, not looked up */
        bool plain;  /* as it is written: every name DYNAMIC, nothing folded */
        const struct feel_type *question;
        const struct temporal_zones *zones;
        struct feel_machine fold; /* evaluates what is constant */
        bool fold_ready;
        const char *expected; /* the first thing that was missing, NULL while all is well */
        size_t expected_at;
        bool broken; /* memory is used up */
};

void compiler_init(struct compiler *c, struct arena *a, struct error *err);
/* One text in the scopes that are open; 0 and *out, or ERR. */
int compiler_text(struct compiler *c, struct str text, enum feel_form form, const struct feel_node **out);
/* A ROOT around a body with the frame as it is now. */
const struct feel_node *compiler_root(struct compiler *c, const struct feel_node *body);
void compiler_dispose(struct compiler *c);
/* A type written in FEEL: "list<number>", or a name; NULL when it is neither. */
const struct feel_type *compiler_type(struct compiler *c, struct str text);

/* Scopes (names.c). NULL when memory is used up. */
struct binding *scope_add(struct compiler *c, enum binding_kind kind, const char *name, const struct feel_type *type);
struct binding *scope_local(struct compiler *c, const char *name, const struct feel_type *type); /* with a slot of its own */
uint32_t scope_slot(struct compiler *c);
void function_begin(struct compiler *c, struct function_scope *f);
void function_end(struct compiler *c);
/* The longest name at the cursor that is known or well formed, moved over; NULL without one. */
const struct feel_node *name_parse(struct compiler *c);
const struct feel_node *name_node(struct compiler *c, const struct binding *b);
const char *member_name_parse(struct compiler *c, const struct feel_type *of);

/* Lexing (lex.c). */
void lex_skip(struct compiler *c);
size_t lex_simple_name(const struct compiler *c, size_t at);
bool lex_name_part(int32_t code);
bool lex_plain_name(struct str s); /* the whole of it is one simple name */
size_t lex_spells(const struct compiler *c, size_t at, const char *name);
bool lex_peek(struct compiler *c, const char *symbol);
bool lex_take(struct compiler *c, const char *symbol);
bool lex_peek_word(struct compiler *c, const char *word);
bool lex_take_word(struct compiler *c, const char *word);
bool lex_string(struct compiler *c, struct str *out);
bool lex_number(struct compiler *c, struct decimal *out);
/* "name:" at the cursor: an argument by name or a key of a context. Moved over the colon. */
const char *lex_label(struct compiler *c, bool context);
void *lex_fail(struct compiler *c, const char *expected);
void *lex_no_memory(struct compiler *c);
const char *lex_keep(struct compiler *c, struct str s); /* a copy with single blanks */

/* Grammar (parse.c, parse_primary.c). */
const struct feel_node *parse_expression(struct compiler *c);
const struct feel_node *parse_arithmetic(struct compiler *c);
const struct feel_node *parse_primary(struct compiler *c);
const struct feel_node *parse_test(struct compiler *c);
/* The other end of a range, the first and ".." read. */
const struct feel_node *parse_range_rest(struct compiler *c, const struct feel_node *low, bool low_closed);
const struct feel_type *parse_type(struct compiler *c);

/* Nodes (build.c): children are copied; a NULL child (but where the tree allows one) gives NULL. */
struct node_list {
        const struct feel_node **p;
        size_t n, room;
};
bool node_list_add(struct compiler *c, struct node_list *l, const struct feel_node *n);
struct feel_node *node_new(struct compiler *c, enum feel_op op, const struct feel_node *const *children, size_t count);
const struct feel_node *node_const(struct compiler *c, struct feel_value v);
const struct feel_node *node_fail(struct compiler *c, const char *why);
/* Type and fold a node whose children are there. */
const struct feel_node *node_finish(struct compiler *c, struct feel_node *n);
const struct feel_node *node_binary(struct compiler *c, enum feel_op op, const struct feel_node *a, const struct feel_node *b);
const struct feel_node *node_path(struct compiler *c, const struct feel_node *of, const char *name);
const struct feel_node *node_call(struct compiler *c, const struct feel_node *f, const char *const *names,
                                  const struct feel_node *const *args, size_t count);
const struct feel_node *node_named_function(const struct feel_node *n, uint32_t slot);
const struct feel_node *node_coerce(struct compiler *c, const struct feel_node *n, const struct feel_type *type);
const struct feel_type *type_of_value(struct compiler *c, const struct feel_value *v);

#endif
