/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs a tree, a row at a time: frames, names, operators, tests. Iterations and filters are in iterate.c,
 * calls in call.c, parts of values in path.c.
 */
#include "engine/feel/run.h"

#include <string.h>

#define FIRST_VALUES 48 /* enough for most evaluations, and soon made */
#define CHUNK_VALUES 512
#define STACK_BYTES ((ptrdiff_t)3 << 20) /* of the C stack that one evaluation may take */

struct feel_stack {
        struct feel_stack *below, *above;
        size_t used, room;
        struct feel_value values[];
};

struct feel_value *feel_frame_push(struct feel_machine *m, uint32_t n)
{
        struct feel_stack *s = m->stack;

        if (s == NULL || s->room - s->used < n) {
                struct feel_stack *next = s == NULL ? NULL : s->above;
                if (next == NULL || next->room < n) {
                        size_t least = s == NULL ? FIRST_VALUES : CHUNK_VALUES, room = n > least ? n : least;
                        next = arena_alloc(m->arena, sizeof *next + room * sizeof(struct feel_value));
                        if (next == NULL) {
                                feel_out_of_memory(m);
                                return NULL;
                        }
                        next->room = room;
                        next->below = s;
                        if (s != NULL)
                                s->above = next;
                }
                next->used = 0;
                m->stack = s = next;
        }
        struct feel_value *frame = s->values + s->used;
        s->used += n;
        for (uint32_t i = 0; i < n; i++)
                frame[i].kind = FEEL_NULL;
        return frame;
}

void feel_frame_pop(struct feel_machine *m, struct feel_value *frame)
{
        struct feel_stack *s = m->stack;

        while (frame < s->values || frame > s->values + s->room)
                s = s->below;
        s->used = (size_t)(frame - s->values);
        m->stack = s;
}

int feel_too_deep(struct feel_machine *m, int levels)
{
        m->steps = -1;
        return error_raise(m->err, SB_FEEL_DEPTH, "%d", levels);
}

/* A child in place of the node that is running: the same as feel_run, for readers. */
#define CHILD(i, to) (feel_run(m, n->children[i], (to)) < 0)

static int run_dynamic(struct feel_machine *m, const struct feel_node *n, struct feel_value *out)
{
        char why[120];

        for (const struct feel_env *e = m->env; e != NULL; e = e->up) {
                if (e->name != NULL && strcmp(e->name, n->name) == 0) {
                        *out = e->value;
                        return 0;
                }
                const struct feel_value *v =
                    e->name == NULL && e->value.kind == FEEL_CONTEXT ? feel_get(&e->value, n->name) : NULL;
                if (v != NULL) {
                        *out = *v;
                        return 0;
                }
        }
        const struct feel_builtin *builtin = builtin_find(str_from(n->name));
        if (builtin != NULL) {
                *out = *builtin_value(builtin);
                return 0;
        }
        text_format(why, sizeof why, "the name %.80s is not known", n->name);
        *out = feel_null(m, why);
        return 0;
}

static int run_question(struct feel_machine *m, struct feel_value *out)
{
        if (m->question != NULL)
                *out = *m->question;
        else
                *out = feel_null(m, "? stands outside of a test");
        return 0;
}

static int run_member(struct feel_machine *m, const struct feel_node *n, struct feel_value *out)
{
        const struct feel_value *item = &m->frame[n->slot];
        const struct feel_value *v = item->kind == FEEL_CONTEXT ? feel_get(item, n->name) : NULL;
        char why[120];

        if (v != NULL) {
                *out = *v;
                return 0;
        }
        if (n->children[0] != NULL)
                return feel_run(m, n->children[0], out);
        if (item->kind > FEEL_BOOLEAN && item->kind != FEEL_CONTEXT && item->kind != FEEL_LIST) {
                feel_property(m, item, n->name, n->overload, out);
                return 0;
        }
        text_format(why, sizeof why, "the name %.80s is not known", n->name);
        *out = feel_null(m, why);
        return 0;
}

int feel_run_root(struct feel_machine *m, const struct feel_node *n, struct feel_value *out)
{
        struct feel_value *outer = m->frame, *frame = feel_frame_push(m, n->slot);

        if (frame == NULL)
                return ERR;
        m->frame = frame;
        int rc = feel_run(m, n->children[0], out);
        m->frame = outer;
        feel_frame_pop(m, frame);
        return rc;
}

static int run_note(struct feel_machine *m, const struct feel_node *n, struct feel_value *out)
{
        if (CHILD(0, out))
                return ERR;
        if (m->on_note != NULL)
                m->on_note(m->on_ctx, n, out);
        return 0;
}

/* The value of a child where it stands already, or evaluated into `room`; NULL for an error. */
static inline const struct feel_value *operand(struct feel_machine *m, const struct feel_node *n, struct feel_value *room)
{
        switch (n->op) {
        case OP_CONST:
                return &n->value;
        case OP_LOCAL:
                return &m->frame[n->slot];
        case OP_GLOBAL:
                return &m->globals[n->slot];
        default:
                return feel_run(m, n, room) < 0 ? NULL : room;
        }
}

static int run_arithmetic(struct feel_machine *m, const struct feel_node *n, struct feel_value *out)
{
        struct feel_value room;
        const struct feel_value *a = operand(m, n->children[0], out), *b = a == NULL ? NULL : operand(m, n->children[1], &room);

        if (b == NULL)
                return ERR;
        feel_arithmetic(m, n->op, a, b, out);
        return 0;
}

static int run_order(struct feel_machine *m, const struct feel_node *n, struct feel_value *out)
{
        struct feel_value room;
        const struct feel_value *a = operand(m, n->children[0], out), *b = a == NULL ? NULL : operand(m, n->children[1], &room);

        if (b == NULL)
                return ERR;
        feel_order(m, n->op, a, b, out);
        return 0;
}

/* An entry that a context of the static type has at a known place is looked for there first. */
static int run_path(struct feel_machine *m, const struct feel_node *n, struct feel_value *out)
{
        const struct feel_value *of = operand(m, n->children[0], out);

        if (of == NULL)
                return ERR;
        if (of->kind == FEEL_CONTEXT && n->slot < of->count) {
                const struct feel_entry *e = &of->entries[n->slot];
                if (e->name == n->name || (e->name[0] == n->name[0] && strcmp(e->name, n->name) == 0)) {
                        *out = e->value;
                        return 0;
                }
        }
        feel_property(m, of, n->name, n->overload, out);
        return 0;
}

/* and, or with three values; what is no boolean counts as null. */
static int run_logic(struct feel_machine *m, const struct feel_node *n, struct feel_value *out)
{
        bool ends = n->op == OP_OR;
        struct feel_value b;

        if (CHILD(0, out))
                return ERR;
        if (out->kind == FEEL_BOOLEAN && out->boolean == ends)
                return 0;
        if (CHILD(1, &b))
                return ERR;
        if (b.kind == FEEL_BOOLEAN && b.boolean == ends)
                *out = b;
        else if (out->kind != FEEL_BOOLEAN || b.kind != FEEL_BOOLEAN)
                *out = (out->kind != FEEL_NULL && out->kind != FEEL_BOOLEAN) || (b.kind != FEEL_NULL && b.kind != FEEL_BOOLEAN)
                           ? feel_null(m, "what and, or join is no boolean")
                           : feel_nothing();
        return 0;
}

/* Both ends joined by "and": what fails one of them fails, whatever the other says. */
static int run_between(struct feel_machine *m, const struct feel_node *n, struct feel_value *out)
{
        struct feel_value low, high, a, b;

        if (CHILD(0, out) || CHILD(1, &low) || CHILD(2, &high))
                return ERR;
        feel_order(m, OP_GREATER_EQUAL, out, &low, &a);
        feel_order(m, OP_LESS_EQUAL, out, &high, &b);
        bool fails = (a.kind == FEEL_BOOLEAN && !a.boolean) || (b.kind == FEEL_BOOLEAN && !b.boolean);
        *out = fails ? feel_bool(false) : a.kind == FEEL_NULL ? a : b;
        return 0;
}

/* One positive unary test on a value (10.3.2.8): an expression that asks "?" answers itself, and so does a condition where
 * the value is no boolean; a value is equal,
 * or holds the tested one. */
int feel_test(struct feel_machine *m, const struct feel_node *test, const struct feel_value *v, struct feel_value *out)
{
        struct feel_value value;
        const struct feel_value *against = &value;

        if (test->op == OP_CONST)
                against = &test->value;
        else if (feel_run(m, test, &value) < 0)
                return ERR;
        bool computed =
            test->op != OP_CONST && against->kind == FEEL_BOOLEAN && v->kind != FEEL_BOOLEAN; /* a condition of its own */
        if (computed || (test->has_question && (against->kind == FEEL_BOOLEAN || against->kind == FEEL_NULL))) {
                *out = *against;
                return 0;
        }
        if (against->kind == FEEL_NULL && test->op != OP_CONST && v->kind != FEEL_NULL) {
                *out = feel_nothing();
                return 0;
        }
        feel_in_value(m, v, against, out);
        return 0;
}

/* Any of the tests: true; else null when one of them could not tell. */
static int run_tests(struct feel_machine *m, const struct feel_node *const *tests, uint32_t count, const struct feel_value *v,
                     struct feel_value *out)
{
        bool unknown = false;
        struct feel_value one;

        for (uint32_t i = 0; i < count; i++) {
                if (feel_test(m, tests[i], v, &one) < 0)
                        return ERR;
                if (one.kind == FEEL_BOOLEAN && one.boolean) {
                        *out = one;
                        return 0;
                }
                unknown = unknown || one.kind == FEEL_NULL;
        }
        *out = unknown ? feel_nothing() : feel_bool(false);
        return 0;
}

static int run_in(struct feel_machine *m, const struct feel_node *n, struct feel_value *out)
{
        struct feel_value tested;

        if (CHILD(0, &tested))
                return ERR;
        return run_tests(m, n->children + 1, n->count - 1, &tested, out);
}

static int run_unary(struct feel_machine *m, const struct feel_node *n, struct feel_value *out)
{
        static const struct feel_value NOTHING = {.kind = FEEL_NULL};

        if (run_tests(m, n->children, n->count, m->question == NULL ? &NOTHING : m->question, out) < 0)
                return ERR;
        if (n->op == OP_NOT_TESTS && out->kind == FEEL_BOOLEAN)
                out->boolean = !out->boolean;
        return 0;
}

static int run_list(struct feel_machine *m, const struct feel_node *n, struct feel_value *out)
{
        struct feel_value *items = arena_array(m->arena, n->count + 1, sizeof *items);

        if (items == NULL)
                return feel_out_of_memory(m);
        for (uint32_t i = 0; i < n->count; i++)
                if (CHILD(i, &items[i]))
                        return ERR;
        *out = feel_list(items, n->count);
        return 0;
}

static int run_context(struct feel_machine *m, const struct feel_node *n, struct feel_value *out)
{
        struct feel_entry *entries = arena_array(m->arena, n->count + 1, sizeof *entries);

        if (entries == NULL)
                return feel_out_of_memory(m);
        for (uint32_t i = 0; i < n->count; i++) {
                entries[i].name = n->names[i];
                if (CHILD(i, &entries[i].value))
                        return ERR;
                m->frame[n->slots[i]] = entries[i].value;
        }
        *out = (struct feel_value){.kind = FEEL_CONTEXT, .count = n->count, .entries = entries};
        return 0;
}

static int run_let(struct feel_machine *m, const struct feel_node *n, struct feel_value *out)
{
        for (uint32_t i = 0; i + 1 < n->count; i++)
                if (CHILD(i, &m->frame[n->slots[i]]))
                        return ERR;
        return feel_run(m, n->children[n->count - 1], out);
}

static int run_range(struct feel_machine *m, const struct feel_node *n, struct feel_value *out)
{
        struct feel_range r = {.op = RANGE_INTERVAL, .low_closed = n->low_closed, .high_closed = n->high_closed};

        if (CHILD(0, &r.low) || CHILD(1, &r.high))
                return ERR;
        feel_range_make(m, r, out);
        return 0;
}

static int run_unary_range(struct feel_machine *m, const struct feel_node *n, struct feel_value *out)
{
        struct feel_range r = {.op = n->range_op};
        struct feel_value end;

        if (CHILD(0, &end))
                return ERR;
        r.low_closed = r.op == RANGE_GREATER_EQUAL || r.op == RANGE_EQUAL;
        r.high_closed = r.op == RANGE_LESS_EQUAL || r.op == RANGE_EQUAL;
        if (end.kind == FEEL_NULL && r.op != RANGE_EQUAL && r.op != RANGE_NOT_EQUAL) {
                *out = feel_null(m, "a value is compared with null");
                return 0;
        }
        if (r.op == RANGE_LESS || r.op == RANGE_LESS_EQUAL)
                r.high = end;
        else
                r.low = end;
        feel_range_make(m, r, out);
        return 0;
}

static int run_instance(struct feel_machine *m, const struct feel_node *n, struct feel_value *out)
{
        bool yes;

        if (CHILD(0, out))
                return ERR;
        if (out->kind == FEEL_NULL) {
                *out = feel_bool(n->of->kind == FEEL_T_NULL);
                return 0;
        }
        if (type_has(m, n->of, out, &yes) < 0)
                return ERR;
        *out = feel_bool(yes);
        return 0;
}

/* What is not so frequent, apart, so that the frame of feel_run stays small. */
static __attribute__((noinline)) int run_rest(struct feel_machine *m, const struct feel_node *n, struct feel_value *out)
{
        switch (n->op) {
        case OP_DYNAMIC:
                return run_dynamic(m, n, out);
        case OP_FAIL:
                *out = feel_null(m, n->name);
                return 0;
        case OP_NOTE:
                return run_note(m, n, out);
        case OP_HOST:
                return n->run(m, n, out);
        case OP_COERCE:
                return CHILD(0, out) ? ERR : type_coerce(m, n->type, out);
        case OP_NEGATE:
                if (CHILD(0, out))
                        return ERR;
                feel_negate(m, out, out);
                return 0;
        case OP_BETWEEN:
                return run_between(m, n, out);
        case OP_IN:
                return run_in(m, n, out);
        case OP_TESTS:
        case OP_NOT_TESTS:
                return run_unary(m, n, out);
        case OP_TEST_ANY:
                *out = feel_bool(true);
                return 0;
        case OP_LIST:
                return run_list(m, n, out);
        case OP_CONTEXT:
                return run_context(m, n, out);
        case OP_LET:
                return run_let(m, n, out);
        case OP_RANGE:
                return run_range(m, n, out);
        case OP_UNARY_RANGE:
                return run_unary_range(m, n, out);
        case OP_INSTANCE:
                return run_instance(m, n, out);
        case OP_FILTER:
                return run_filter(m, n, out);
        case OP_FOR:
        case OP_SOME:
        case OP_EVERY:
                return run_iteration(m, n, out);
        case OP_FUNCTION:
                return run_function(m, n, out);
        case OP_CALL:
                return run_call(m, n, out);
        case OP_BUILTIN:
                return run_builtin(m, n, out);
        default:
                *out = feel_null(m, "a node of an unknown kind");
                return 0;
        }
}

int feel_run(struct feel_machine *m, const struct feel_node *n, struct feel_value *out)
{
        if (--m->steps < 0)
                return error_raise(m->err, SB_FEEL_STEPS, "%s", "");
        switch (n->op) {
        case OP_CONST:
                *out = n->value;
                return 0;
        case OP_LOCAL:
                *out = m->frame[n->slot];
                return 0;
        case OP_GLOBAL:
                *out = m->globals[n->slot];
                return 0;
        case OP_QUESTION:
                return run_question(m, out);
        case OP_MEMBER:
                return run_member(m, n, out);
        default:
                break;
        }
        if (m->stack_base - (const char *)__builtin_frame_address(0) > STACK_BYTES)
                return feel_too_deep(m, m->depth_max);
        switch (n->op) {
        case OP_ADD:
        case OP_SUBTRACT:
        case OP_MULTIPLY:
        case OP_DIVIDE:
        case OP_POWER:
                return run_arithmetic(m, n, out);
        case OP_EQUAL:
        case OP_NOT_EQUAL:
        case OP_LESS:
        case OP_LESS_EQUAL:
        case OP_GREATER:
        case OP_GREATER_EQUAL:
                return run_order(m, n, out);
        case OP_AND:
        case OP_OR:
                return run_logic(m, n, out);
        case OP_PATH:
                return run_path(m, n, out);
        case OP_IF:
                if (CHILD(0, out))
                        return ERR;
                if (out->kind != FEEL_BOOLEAN && out->kind != FEEL_NULL) {
                        *out = feel_null(m, "a condition is no boolean");
                        return 0;
                }
                return feel_run(m, n->children[out->kind == FEEL_BOOLEAN && out->boolean ? 1 : 2], out);
        case OP_ROOT:
                return feel_run_root(m, n, out);
        default:
                return run_rest(m, n, out);
        }
}

int feel_eval(struct feel_machine *m, const struct feel_node *node, const struct feel_env *env, struct feel_value *out)
{
        const struct feel_env *outer = m->env;
        const struct feel_value *question = m->question;
        const char *base = m->stack_base;
        int rc;

        m->env = env;
        for (const struct feel_env *e = env; e != NULL && m->question == question; e = e->up)
                if (e->name != NULL && strcmp(e->name, "?") == 0)
                        m->question = &e->value;
        if (base == NULL)
                m->stack_base = __builtin_frame_address(0);
        rc = feel_run(m, node, out);
        if (rc == 0 && m->steps < 0)
                rc = error_raise(m->err, SB_FEEL_STEPS, "%s", "");
        m->env = outer;
        m->question = question;
        m->stack_base = base;
        return rc;
}
