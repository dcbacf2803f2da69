/* SPDX-License-Identifier: Apache-2.0
 *
 * From the nodes of a tree to the values of a plan.
 */
#include "engine/column/plan.h"

#include <string.h>

#define DEPTH_MAX 200

static struct cv *child(struct plan *p, const struct feel_node *n, uint32_t i, struct env *e)
{
        return cv_node(p, n->children[i], e);
}

static struct cv *context_node(struct plan *p, const struct feel_node *n, struct env *e)
{
        uint32_t entries = n->op == OP_LET ? n->count - 1 : n->count;
        struct cv *c = cv_new(p, CV_CONTEXT);

        c->names = n->names;
        c->count = entries;
        c->entries = arena_array(p->arena, entries + 1, sizeof(struct cv *));
        if (c->entries == NULL) {
                p->failed = true;
                return cv_none(p);
        }
        for (uint32_t i = 0; i < entries; i++) {
                c->entries[i] = child(p, n, i, e);
                if (n->slots != NULL && n->slots[i] < e->count)
                        e->slots[n->slots[i]] = c->entries[i];
        }
        return n->op == OP_LET ? child(p, n, n->count - 1, e) : c;
}

static struct cv *path_node(struct plan *p, const struct feel_node *n, struct env *e)
{
        struct cv *of = child(p, n, 0, e);
        struct feel_value v;

        if (of->kind == CV_CONTEXT)
                for (size_t i = 0; i < of->count; i++)
                        if (strcmp(of->names[i], n->name) == 0)
                                return of->entries[i];
        if (of->kind != CV_SAME)
                return cv_none(p);
        feel_property(&p->machine, &of->value, n->name, n->overload, &v);
        return cv_same(p, v);
}

/* A branch that no row takes is not compiled. */
static struct cv *if_node(struct plan *p, const struct feel_node *n, struct env *e)
{
        struct cv *cond = cv_table(p, child(p, n, 0, e));
        int outer;

        if (cond->kind == CV_SAME)
                return child(p, n, cond->value.kind == FEEL_BOOLEAN && cond->value.boolean ? 1 : 2, e);
        if (cond->kind != CV_REG || cond->type != REG_BOOLEAN)
                return cv_none(p);
        mask_enter(p, cond, false, &outer);
        struct cv *a = child(p, n, 1, e);
        if (a->kind == CV_FEW || a->kind == CV_SAME)
                a = cv_ready(p, a);
        p->mask = outer;
        mask_enter(p, cond, true, &outer);
        struct cv *b = child(p, n, 2, e);
        if (b->kind == CV_FEW || b->kind == CV_SAME)
                b = cv_ready(p, b);
        p->mask = outer;
        return cv_choose(p, cond, a, b);
}

/* What "and" and "or" leave when the other side decides nothing: a flag, or no kernel. */
static struct cv *flag(struct plan *p, struct cv *v)
{
        v = cv_table(p, v);
        bool is = v->kind == CV_SAME ? v->value.kind == FEEL_BOOLEAN : v->kind == CV_REG && v->type == REG_BOOLEAN;

        return is ? v : cv_none(p);
}

static struct cv *logic_node(struct plan *p, const struct feel_node *n, struct env *e)
{
        bool ends = n->op == OP_OR;
        struct cv *a = cv_table(p, child(p, n, 0, e));

        if (a->kind == CV_SAME && a->value.kind == FEEL_BOOLEAN)
                return a->value.boolean == ends ? a : flag(p, child(p, n, 1, e));
        struct cv *b = cv_table(p, child(p, n, 1, e));
        if (b->kind == CV_SAME && b->value.kind == FEEL_BOOLEAN)
                return b->value.boolean == ends ? b : flag(p, a);
        return cv_logic(p, n->op, a, b);
}

struct cv *cv_coerce(struct plan *p, struct cv *v, const struct feel_type *type)
{
        static const enum type_kind KINDS[] = {FEEL_T_NUMBER, FEEL_T_BOOLEAN, FEEL_T_DATE, FEEL_T_STRING};

        if (type == NULL ||
            (type->kind == FEEL_T_ANY && type->allowed == NULL && type->allowed_whole == NULL && type->base == NULL))
                return v;
        if (v->kind == CV_SAME) {
                struct feel_value value = v->value;
                p->machine.steps = 1000000;
                return type_coerce(&p->machine, type, &value) < 0 ? cv_none(p) : cv_same(p, value);
        }
        for (const struct feel_type *t = type; t != NULL; t = t->base)
                if (t->allowed != NULL || t->allowed_whole != NULL)
                        return cv_none(p);
        if (v->kind == CV_CONTEXT)
                return type->kind == FEEL_T_CONTEXT && type->field_count == 0 ? v : cv_none(p);
        if (v->kind == CV_RATIO)
                return type->kind == FEEL_T_NUMBER ? v : cv_none(p);
        if (v->kind == CV_FEW) {
                struct cv *t = cv_table(p, v);
                if (t->kind == CV_SAME)
                        return cv_coerce(p, t, type);
                return t->kind == CV_REG && KINDS[t->type] == type->kind ? v : cv_none(p);
        }
        return v->kind == CV_REG && KINDS[v->type] == type->kind ? v : cv_none(p);
}

/* A function of the model that captured nothing: its body in a frame of its own. */
static struct cv *call_body(struct plan *p, const struct feel_function *f, struct cv **args)
{
        const struct feel_node *root = f->body->children[0];
        struct env *inner = env_new(p, root->slot);

        if (inner == NULL)
                return cv_none(p);
        for (size_t i = 0; i < f->parameter_count; i++) {
                bool was_null = args[i]->kind == CV_SAME && args[i]->value.kind == FEEL_NULL;
                struct cv *v = cv_coerce(p, args[i], f->types == NULL ? NULL : f->types[i]);
                if (v->kind == CV_NONE && args[i]->kind != CV_NONE)
                        return v;
                if (v->kind == CV_SAME && v->value.kind == FEEL_NULL && !was_null)
                        return v;
                inner->slots[i] = v;
        }
        for (uint32_t i = 0; i < f->body->capture_count; i++) {
                uint32_t to = f->body->captures[i].to;
                inner->slots[to] = cv_same(p, f->captured[i]);
                if (f->body->captures[i].from == f->body->slot && f->body->low_closed)
                        inner->slots[to] = cv_same(p, (struct feel_value){.kind = FEEL_FUNCTION, .function = f});
        }
        return cv_coerce(p, cv_node(p, root->children[0], inner), f->result);
}

static struct cv *call_node(struct plan *p, const struct feel_node *n, struct env *e)
{
        struct cv *f = child(p, n, 0, e), *args[32];
        uint32_t count = n->count - 1;

        if (f->kind != CV_SAME || f->value.kind != FEEL_FUNCTION || f->value.function->body == NULL || count > 32 ||
            count != f->value.function->parameter_count)
                return cv_none(p);
        const struct feel_function *function = f->value.function;
        for (uint32_t i = 0; i < count; i++) {
                uint32_t place = i;
                if (n->names != NULL)
                        for (place = 0; place < count && strcmp(function->parameters[place], n->names[i]) != 0;)
                                place++;
                if (place == count)
                        return cv_none(p);
                args[place] = child(p, n, i + 1, e);
        }
        return call_body(p, function, args);
}

static bool whole_scale(struct plan *p, const struct feel_node *n, struct env *e, int *scale)
{
        int64_t v = 0;

        if (n != NULL) {
                struct cv *c = cv_table(p, cv_node(p, n, e));
                if (c->kind != CV_SAME || c->value.kind != FEEL_NUMBER || !decimal_to_int(c->value.number, &v) || v < 0 ||
                    v > 100)
                        return false;
        }
        *scale = (int)v;
        return true;
}

static struct cv *builtin_node(struct plan *p, const struct feel_node *n, struct env *e)
{
        static const struct {
                const char *name;
                enum rounding mode;
        } ROUNDINGS[] = {{"round half up", ROUND_HALF_UP}, {"round half down", ROUND_HALF_DOWN}, {"round up", ROUND_UP},
                         {"round down", ROUND_DOWN},       {"decimal", ROUND_HALF_EVEN},         {"floor", ROUND_FLOOR},
                         {"ceiling", ROUND_CEILING}};
        const char *name = n->builtin->name;
        int scale;

        for (size_t i = 0; i < sizeof ROUNDINGS / sizeof ROUNDINGS[0]; i++)
                if (strcmp(name, ROUNDINGS[i].name) == 0) {
                        if (!whole_scale(p, n->count > 1 ? n->children[1] : NULL, e, &scale))
                                return cv_none(p);
                        return number_round(p, child(p, n, 0, e), scale, ROUNDINGS[i].mode);
                }
        if (strcmp(name, "abs") == 0)
                return number_abs(p, child(p, n, 0, e));
        if (strcmp(name, "not") == 0)
                return cv_not(p, child(p, n, 0, e));
        bool max = strcmp(name, "max") == 0;
        if ((max || strcmp(name, "min") == 0) && n->count > 1) {
                struct cv *best = child(p, n, 0, e);
                for (uint32_t i = 1; i < n->count; i++) {
                        if (n->children[i] == NULL)
                                return cv_none(p);
                        best = number_extreme(p, best, child(p, n, i, e), max);
                }
                return best;
        }
        return cv_none(p);
}

static struct cv *between_node(struct plan *p, const struct feel_node *n, struct env *e)
{
        struct cv *v = child(p, n, 0, e);
        struct cv *low = cv_compare(p, OP_GREATER_EQUAL, v, child(p, n, 1, e)),
                  *high = cv_compare(p, OP_LESS_EQUAL, v, child(p, n, 2, e));

        return cv_logic(p, OP_AND, low, high);
}

static struct cv *operator_node(struct plan *p, const struct feel_node *n, struct env *e)
{
        switch (n->op) {
        case OP_ADD:
        case OP_SUBTRACT:
        case OP_MULTIPLY:
        case OP_DIVIDE: {
                struct cv *a = child(p, n, 0, e);
                return number_arithmetic(p, n->op, a, child(p, n, 1, e));
        }
        case OP_NEGATE:
                return number_arithmetic(p, OP_SUBTRACT, cv_same(p, feel_int(0)), child(p, n, 0, e));
        case OP_EQUAL:
        case OP_NOT_EQUAL:
        case OP_LESS:
        case OP_LESS_EQUAL:
        case OP_GREATER:
        case OP_GREATER_EQUAL: {
                struct cv *a = child(p, n, 0, e);
                return cv_compare(p, n->op, a, child(p, n, 1, e));
        }
        case OP_AND:
        case OP_OR:
                return logic_node(p, n, e);
        case OP_BETWEEN:
                return between_node(p, n, e);
        case OP_IF:
                return if_node(p, n, e);
        case OP_CALL:
                return call_node(p, n, e);
        case OP_BUILTIN:
                return builtin_node(p, n, e);
        case OP_PATH:
                return path_node(p, n, e);
        case OP_COERCE:
                return cv_coerce(p, child(p, n, 0, e), n->type);
        case OP_HOST:
                return n->run == table_run ? cv_table_node(p, n->data, e) : cv_none(p);
        default:
                return cv_none(p);
        }
}

/* What depends on few values is left to the scalar path as a whole; a call outside with one answer is that answer at once, because branches
 * hang on it. */
static struct cv *few_node(struct plan *p, const struct feel_node *n, struct env *e, uint64_t inputs)
{
        struct cv *v = few_make(p, FEW_NODE, n, e, NULL, 0, inputs);

        if (v->kind == CV_FEW && n->op == OP_CALL && (inputs & (inputs - 1)) == 0) {
                struct cv *t = cv_table(p, v);
                if (t->kind == CV_SAME)
                        return t;
        }
        return v;
}

struct cv *cv_node(struct plan *p, const struct feel_node *n, struct env *e)
{
        uint64_t inputs = 0;

        switch (n->op) {
        case OP_CONST:
                return cv_same(p, n->value);
        case OP_LOCAL:
                return n->slot < e->count && e->slots[n->slot] != NULL ? e->slots[n->slot] : cv_none(p);
        case OP_GLOBAL:
                return p->globals[n->slot] != NULL ? p->globals[n->slot] : cv_none(p);
        case OP_NOTE:
                return child(p, n, 0, e);
        case OP_QUESTION:
                return e->question != NULL ? e->question : cv_none(p);
        default:
                break;
        }
        if (p->depth >= DEPTH_MAX || p->failed)
                return cv_none(p);
        p->depth++;
        struct cv *v;
        if (n->op == OP_CONTEXT || n->op == OP_LET)
                v = context_node(p, n, e);
        else if (few_inputs(p, n, e, &inputs) && few_fit(p, inputs))
                v = few_node(p, n, e, inputs);
        else
                v = operator_node(p, n, e);
        p->depth--;
        return v;
}
