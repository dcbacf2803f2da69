/* SPDX-License-Identifier: Apache-2.0
 *
 * Calls: functions of FEEL with what they captured, functions of the specification, of the engine and of
 * the world outside; arguments by position or by name.
 */
#include "engine/feel/run.h"

#include <string.h>

#define ARGS_MAX 64

int run_function(struct feel_machine *m, const struct feel_node *n, struct feel_value *out)
{
        struct feel_function *f = arena_new_of(m->arena, struct feel_function);
        struct feel_value *captured = n->capture_count == 0 ? NULL : arena_array(m->arena, n->capture_count, sizeof *captured);

        if (f == NULL || (n->capture_count > 0 && captured == NULL))
                return feel_out_of_memory(m);
        *f = (struct feel_function){.name = n->name,
                                    .parameters = n->names,
                                    .types = n->types,
                                    .result = n->of,
                                    .parameter_count = n->parameter_count,
                                    .body = n,
                                    .captured = captured,
                                    .globals = m->globals};
        *out = (struct feel_value){.kind = FEEL_FUNCTION, .function = f};
        for (uint32_t i = 0; i < n->capture_count; i++)
                captured[i] = m->frame[n->captures[i].from];
        return 0;
}

/* A body runs in a frame of its own: parameters first, then what was captured; a function that its own
 * context names sees itself there. */
static int run_body(struct feel_machine *m, const struct feel_function *f, const struct feel_value *args,
                    struct feel_value *out)
{
        const struct feel_node *root = f->body->children[0];
        struct feel_value *outer = m->frame, *frame = feel_frame_push(m, root->slot);
        const struct feel_value *globals = m->globals, *question = m->question;

        if (frame == NULL)
                return ERR;
        for (size_t i = 0; i < f->parameter_count; i++)
                frame[i] = args[i];
        for (uint32_t i = 0; i < f->body->capture_count; i++) {
                frame[f->body->captures[i].to] = f->captured[i];
                if (f->body->captures[i].from == f->body->slot && f->body->low_closed)
                        frame[f->body->captures[i].to] = (struct feel_value){.kind = FEEL_FUNCTION, .function = f};
        }
        m->frame = frame;
        if (f->globals != NULL)
                m->globals = f->globals;
        m->question = NULL;
        int rc = feel_run(m, root->children[0], out);
        m->question = question;
        m->globals = globals;
        m->frame = outer;
        feel_frame_pop(m, frame);
        return rc;
}

static int call_outside(struct feel_machine *m, const struct feel_function *f, const struct feel_value *args, size_t count,
                        struct feel_value *out)
{
        *out = feel_nothing();
        if (f->external(f->ctx, m, args, count, out, m->err) < 0) {
                m->steps = -1;
                return ERR;
        }
        if (m->on_external != NULL)
                m->on_external(m->on_ctx, f, args, count, out);
        return 0;
}

static int call_by_position(struct feel_machine *m, const struct feel_function *f, struct feel_value *args, size_t count,
                            struct feel_value *out)
{
        uint32_t place[ARGS_MAX];
        unsigned overload;
        size_t arity;
        int rc = 0;

        if (f->builtin != NULL) {
                if (!builtin_match(f->builtin, NULL, count, &overload, place, &arity)) {
                        *out = feel_null(m, "a function is called with too few or too many arguments");
                        return 0;
                }
                for (size_t i = count; i < arity; i++)
                        args[i] = feel_nothing();
                return builtin_call(m, f->builtin, overload, args, count, out);
        }
        if (f->external != NULL)
                return call_outside(m, f, args, count, out);
        if (count != f->parameter_count) {
                *out = feel_null(m, "a function is called with too few or too many arguments");
                return 0;
        }
        for (size_t i = 0; i < count; i++) {
                bool given = args[i].kind != FEEL_NULL;
                if (f->types == NULL || f->types[i] == NULL)
                        continue;
                if (type_coerce(m, f->types[i], &args[i]) < 0)
                        return ERR;
                if (given && args[i].kind == FEEL_NULL) { /* an argument of a wrong type: the call has no value */
                        *out = feel_nothing();
                        return 0;
                }
        }
        if (++m->depth > m->depth_max)
                return feel_too_deep(m, m->depth_max);
        rc = f->native != NULL ? f->native(m, f, args, count, out) : run_body(m, f, args, out);
        m->depth--;
        if (rc == 0 && f->result != NULL)
                rc = type_coerce(m, f->result, out);
        return rc;
}

/* Put arguments by name in the order of the parameters; false when they do not fit. */
static bool put_in_order(const struct feel_function *f, const char *const *names, const struct feel_value *args, size_t count,
                         struct feel_value *ordered, unsigned *overload, size_t *arity)
{
        uint32_t place[ARGS_MAX];

        if (f->builtin != NULL) {
                if (!builtin_match(f->builtin, names, count, overload, place, arity))
                        return false;
                for (size_t i = 0; i < *arity; i++)
                        ordered[i] = feel_nothing();
                for (size_t i = 0; i < count; i++)
                        ordered[place[i]] = args[i];
                return true;
        }
        if (count != f->parameter_count)
                return false;
        *arity = count;
        for (size_t p = 0; p < count; p++) {
                size_t i = 0;
                while (i < count && strcmp(names[i], f->parameters[p]) != 0)
                        i++;
                if (i == count)
                        return false;
                ordered[p] = args[i];
        }
        return true;
}

static __attribute__((noinline)) int call_by_name(struct feel_machine *m, const struct feel_function *f,
                                                  const char *const *names, const struct feel_value *args, size_t count,
                                                  struct feel_value *out)
{
        struct feel_value ordered[ARGS_MAX];
        unsigned overload = 0;
        size_t arity = 0;

        if (!put_in_order(f, names, args, count, ordered, &overload, &arity)) {
                *out = feel_null(m, "a function is called with arguments of other names than its parameters");
                return 0;
        }
        if (f->builtin != NULL)
                return builtin_call(m, f->builtin, overload, ordered, arity, out);
        return call_by_position(m, f, ordered, arity, out);
}

int feel_invoke(struct feel_machine *m, const struct feel_value *f, const char *const *names, struct feel_value *args,
                size_t count, struct feel_value *out)
{
        char why[100];

        if (f->kind != FEEL_FUNCTION) {
                text_format(why, sizeof why, "a %s is called, which is no function", feel_kind_name(f->kind));
                *out = feel_null(m, why);
                return 0;
        }
        if (names == NULL)
                return call_by_position(m, f->function, args, count, out);
        return call_by_name(m, f->function, names, args, count, out);
}

int feel_call(struct feel_machine *m, const struct feel_function *f, const struct feel_value *args, size_t count,
              struct feel_value *out)
{
        struct feel_value copy[ARGS_MAX];
        const char *base = m->stack_base;

        if (count > ARGS_MAX) {
                *out = feel_null(m, "a function is called with too many arguments");
                return 0;
        }
        if (count > 0)
                memcpy(copy, args, count * sizeof *copy);
        if (base == NULL)
                m->stack_base = __builtin_frame_address(0);
        int rc = call_by_position(m, f, copy, count, out);
        m->stack_base = base;
        return rc;
}

/* Small calls, which are nearly all, have their arguments on the C stack. */
static int run_arguments(struct feel_machine *m, const struct feel_node *n, const struct feel_value *f, struct feel_value *args,
                         struct feel_value *out)
{
        for (uint32_t i = 1; i < n->count; i++)
                if (feel_run(m, n->children[i], &args[i - 1]) < 0)
                        return ERR;
        return feel_invoke(m, f, n->names, args, n->count - 1, out);
}

static __attribute__((noinline)) int run_small_call(struct feel_machine *m, const struct feel_node *n,
                                                    const struct feel_value *f, struct feel_value *out)
{
        struct feel_value args[8];

        return run_arguments(m, n, f, args, out);
}

static __attribute__((noinline)) int run_large_call(struct feel_machine *m, const struct feel_node *n,
                                                    const struct feel_value *f, struct feel_value *out)
{
        struct feel_value args[ARGS_MAX];

        return run_arguments(m, n, f, args, out);
}

int run_call(struct feel_machine *m, const struct feel_node *n, struct feel_value *out)
{
        struct feel_value f;

        if (n->children[0]->op == OP_CONST)
                f = n->children[0]->value;
        else if (feel_run(m, n->children[0], &f) < 0)
                return ERR;
        return n->count <= 6 ? run_small_call(m, n, &f, out) : run_large_call(m, n, &f, out);
}

static int run_builtin_arguments(struct feel_machine *m, const struct feel_node *n, struct feel_value *args,
                                 struct feel_value *out)
{
        size_t given = 0;

        if (n->low_closed) { /* nothing has to be made to fit */
                bool whole = true;
                for (uint32_t i = 0; i < n->count; i++) {
                        if (feel_run(m, n->children[i], &args[i]) < 0)
                                return ERR;
                        whole = whole && args[i].kind != FEEL_NULL;
                }
                if (whole)
                        return n->builtin->run(m, n->builtin, n->overload, args, n->count, out);
                return builtin_call(m, n->builtin, n->overload, args, n->count, out);
        }
        for (uint32_t i = 0; i < n->count; i++) {
                args[i].kind = FEEL_NULL;
                if (n->children[i] == NULL)
                        continue;
                if (feel_run(m, n->children[i], &args[i]) < 0)
                        return ERR;
                given = i + 1;
        }
        return builtin_call(m, n->builtin, n->overload, args, given, out);
}

static __attribute__((noinline)) int run_large_builtin(struct feel_machine *m, const struct feel_node *n,
                                                       struct feel_value *out)
{
        struct feel_value args[ARGS_MAX];

        return run_builtin_arguments(m, n, args, out);
}

static __attribute__((noinline)) int run_small_builtin(struct feel_machine *m, const struct feel_node *n,
                                                       struct feel_value *out)
{
        struct feel_value args[8];

        return run_builtin_arguments(m, n, args, out);
}

int run_builtin(struct feel_machine *m, const struct feel_node *n, struct feel_value *out)
{
        return n->count <= 4 ? run_small_builtin(m, n, out) : run_large_builtin(m, n, out);
}
