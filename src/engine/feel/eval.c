/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/feel/tree.h"

#include <assert.h>
#include <string.h>

#define STEPS_DEFAULT 10000000
#define DEPTH_DEFAULT 256
#define LIST_ITEMS_MAX 1000000

void feel_machine_init(struct feel_machine *m, struct arena *a, const struct feel_limits *limits, struct error *err)
{
        memset(m, 0, sizeof *m);
        m->arena = a;
        m->err = err;
        m->steps = limits == NULL || limits->steps == 0 ? STEPS_DEFAULT : limits->steps;
        m->depth_max = limits == NULL || limits->depth == 0 ? DEPTH_DEFAULT : limits->depth;
}

struct feel_value feel_null(struct feel_machine *m, const char *why)
{
        if (m->diagnostics++ == 0)
                text_copy(m->diagnostic, sizeof m->diagnostic, str_from(why));
        return (struct feel_value){.kind = FEEL_NULL};
}

const struct feel_value *feel_get(const struct feel_value *context, const char *name)
{
        if (context->kind != FEEL_CONTEXT)
                return NULL;
        for (uint32_t i = context->count; i-- > 0;)
                if (strcmp(context->entries[i].name, name) == 0)
                        return &context->entries[i].value;
        return NULL;
}

static const struct feel_value *env_find(const struct feel_env *env, const char *name)
{
        for (; env != NULL; env = env->up) {
                if (env->name == NULL) {
                        const struct feel_value *v = feel_get(&env->value, name);
                        if (v != NULL)
                                return v;
                } else if (strcmp(env->name, name) == 0) {
                        return &env->value;
                }
        }
        return NULL;
}

static int out_of_memory(struct feel_machine *m)
{
        return error_raise(m->err, SB_LIMIT, "%s|%s", "memory of an evaluation", "the arena");
}

/* --- equality and order ----------------------------------------------------------------------------------- */

static int64_t moment_instant(const struct feel_value *v)
{
        int64_t t = v->moment.us + (v->kind == FEEL_TIME ? 0 : (int64_t)v->moment.day * 86400000000LL);

        return t - (v->moment.zoned ? (int64_t)v->moment.offset_s * 1000000 : 0);
}

bool feel_compare(const struct feel_value *a, const struct feel_value *b, int *order)
{
        int64_t x, y;

        if (a->kind != b->kind)
                return false;
        switch (a->kind) {
        case FEEL_NUMBER:
                *order = decimal_compare(a->number, b->number);
                return true;
        case FEEL_STRING:
                *order = str_compare(a->string, b->string);
                return true;
        case FEEL_DATE:
        case FEEL_TIME:
        case FEEL_DATE_TIME:
                if (a->moment.zoned != b->moment.zoned)
                        return false;
                x = moment_instant(a);
                y = moment_instant(b);
                break;
        case FEEL_DAYS:
                x = a->us;
                y = b->us;
                break;
        case FEEL_MONTHS:
                x = a->months;
                y = b->months;
                break;
        default:
                return false;
        }
        *order = (x > y) - (x < y);
        return true;
}

static bool list_equal(const struct feel_value *a, const struct feel_value *b, bool *equal)
{
        *equal = a->count == b->count;
        for (uint32_t i = 0; *equal && i < a->count; i++)
                if (!feel_equal(&a->items[i], &b->items[i], equal))
                        return false;
        return true;
}

static bool context_equal(const struct feel_value *a, const struct feel_value *b, bool *equal)
{
        *equal = a->count == b->count;
        for (uint32_t i = 0; *equal && i < a->count; i++) {
                const struct feel_value *other = feel_get(b, a->entries[i].name);
                if (other == NULL)
                        *equal = false;
                else if (!feel_equal(&a->entries[i].value, other, equal))
                        return false;
        }
        return true;
}

bool feel_equal(const struct feel_value *a, const struct feel_value *b, bool *equal)
{
        int order;
        bool low, high;

        if (a->kind == FEEL_NULL || b->kind == FEEL_NULL) {
                *equal = a->kind == b->kind;
                return true;
        }
        if (a->kind != b->kind)
                return false;
        switch (a->kind) {
        case FEEL_BOOLEAN:
                *equal = a->boolean == b->boolean;
                return true;
        case FEEL_LIST:
                return list_equal(a, b, equal);
        case FEEL_CONTEXT:
                return context_equal(a, b, equal);
        case FEEL_RANGE:
                *equal = a->range->low_closed == b->range->low_closed && a->range->high_closed == b->range->high_closed &&
                         feel_equal(&a->range->low, &b->range->low, &low) && low &&
                         feel_equal(&a->range->high, &b->range->high, &high) && high;
                return true;
        case FEEL_FUNCTION:
                *equal = a->function == b->function;
                return true;
        case FEEL_DATE_TIME:
        case FEEL_TIME:
                if (a->moment.zoned != b->moment.zoned) {
                        *equal = false;
                        return true;
                }
                break;
        default:
                break;
        }
        if (!feel_compare(a, b, &order))
                return false;
        *equal = order == 0;
        return true;
}

/* v in test, where test is a value, a range or a list of them: true, false or null in *out; false when it is neither. */
bool feel_in(struct feel_machine *m, const struct feel_value *v, const struct feel_value *test, struct feel_value *out)
{
        bool equal;
        int order;

        if (test->kind == FEEL_RANGE) {
                const struct feel_range *r = test->range;
                bool yes = true;
                if (v->kind == FEEL_NULL) {
                        *out = (struct feel_value){.kind = FEEL_NULL};
                        return true;
                }
                if (r->low.kind != FEEL_NULL) {
                        if (!feel_compare(v, &r->low, &order)) {
                                *out = feel_null(m, "the value and the range are of different types");
                                return true;
                        }
                        yes = order > 0 || (order == 0 && r->low_closed);
                }
                if (yes && r->high.kind != FEEL_NULL) {
                        if (!feel_compare(v, &r->high, &order)) {
                                *out = feel_null(m, "the value and the range are of different types");
                                return true;
                        }
                        yes = order < 0 || (order == 0 && r->high_closed);
                }
                *out = feel_bool(yes);
                return true;
        }
        if (test->kind == FEEL_LIST && v->kind != FEEL_LIST) {
                for (uint32_t i = 0; i < test->count; i++) {
                        struct feel_value one;
                        if (feel_in(m, v, &test->items[i], &one) && one.kind == FEEL_BOOLEAN && one.boolean) {
                                *out = one;
                                return true;
                        }
                }
                *out = feel_bool(false);
                return true;
        }
        if (test->kind == FEEL_LIST) { /* a list in a list: equal, or one of its items */
                if (feel_equal(v, test, &equal) && equal) {
                        *out = feel_bool(true);
                        return true;
                }
                for (uint32_t i = 0; i < test->count; i++)
                        if (feel_equal(v, &test->items[i], &equal) && equal) {
                                *out = feel_bool(true);
                                return true;
                        }
                *out = feel_bool(false);
                return true;
        }
        if (!feel_equal(v, test, &equal))
                *out = feel_bool(false);
        else
                *out = feel_bool(equal);
        return true;
}

/* --- operators -------------------------------------------------------------------------------------------- */

static struct feel_value arithmetic(struct feel_machine *m, enum node_kind kind, const struct feel_value *a,
                                    const struct feel_value *b)
{
        struct decimal d;
        bool ok;
        int64_t n;

        if (kind == NODE_ADD || kind == NODE_SUBTRACT) {
                struct feel_value v;
                return feel_add_values(m, a, b, kind == NODE_SUBTRACT, &v) ? v : feel_null(m, "these types cannot be added");
        }
        if (a->kind == FEEL_NUMBER && b->kind == FEEL_NUMBER) {
                switch (kind) {
                case NODE_MULTIPLY:
                        ok = decimal_mul(&d, a->number, b->number);
                        break;
                case NODE_DIVIDE:
                        ok = decimal_div(&d, a->number, b->number);
                        break;
                default:
                        ok = decimal_power(&d, a->number, b->number);
                        break;
                }
                return ok ? feel_number(d) : feel_null(m, kind == NODE_DIVIDE ? "division by zero" : "the result has no value");
        }
        const struct feel_value *duration = a->kind == FEEL_NUMBER ? b : a, *number = a->kind == FEEL_NUMBER ? a : b;
        bool is_days = duration->kind == FEEL_DAYS, is_months = duration->kind == FEEL_MONTHS;
        if ((is_days || is_months) && number->kind == FEEL_NUMBER && (kind == NODE_MULTIPLY || duration == a)) {
                struct decimal x = decimal_from_int(is_days ? duration->us : duration->months);
                ok = kind == NODE_MULTIPLY ? decimal_mul(&d, x, number->number) : decimal_div(&d, x, number->number);
                if (ok && decimal_round(&d, d, 0, ROUND_DOWN) && decimal_to_int(d, &n))
                        return is_days ? (struct feel_value){.kind = FEEL_DAYS, .us = n}
                                       : (struct feel_value){.kind = FEEL_MONTHS, .months = n};
        }
        if (kind == NODE_DIVIDE && a->kind == b->kind && (is_days || is_months)) {
                if (decimal_div(&d, decimal_from_int(is_days ? a->us : a->months), decimal_from_int(is_days ? b->us : b->months)))
                        return feel_number(d);
        }
        return feel_null(m, "these types cannot be multiplied or divided");
}

static struct feel_value comparison(struct feel_machine *m, enum node_kind kind, const struct feel_value *a,
                                    const struct feel_value *b)
{
        bool equal;
        int order;

        if (kind == NODE_EQUAL || kind == NODE_NOT_EQUAL) {
                if (!feel_equal(a, b, &equal))
                        return feel_null(m, "values of different types are compared");
                return feel_bool(equal == (kind == NODE_EQUAL));
        }
        if (!feel_compare(a, b, &order))
                return feel_null(m, "values of different types are compared");
        return feel_bool(kind == NODE_LESS ? order < 0 : kind == NODE_LESS_EQUAL ? order <= 0 : kind == NODE_GREATER ? order > 0
                                                                                                                    : order >= 0);
}

static int children(struct feel_machine *m, const struct feel_node *n, const struct feel_env *env, struct feel_value *out)
{
        for (uint32_t i = 0; i < n->count; i++)
                if (feel_eval(m, n->children[i], env, &out[i]) < 0)
                        return ERR;
        return 0;
}

/* and / or with three truth values; anything but a boolean counts as null. */
static int logic(struct feel_machine *m, const struct feel_node *n, const struct feel_env *env, struct feel_value *out)
{
        bool stop = n->kind == NODE_OR;
        struct feel_value a, b;

        if (feel_eval(m, n->children[0], env, &a) < 0)
                return ERR;
        if (a.kind == FEEL_BOOLEAN && a.boolean == stop) {
                *out = a;
                return 0;
        }
        if (feel_eval(m, n->children[1], env, &b) < 0)
                return ERR;
        if (b.kind == FEEL_BOOLEAN && b.boolean == stop)
                *out = b;
        else if (a.kind == FEEL_BOOLEAN && b.kind == FEEL_BOOLEAN)
                *out = feel_bool(!stop);
        else
                *out = (struct feel_value){.kind = FEEL_NULL};
        return 0;
}

static int range_make(struct feel_machine *m, const struct feel_node *n, const struct feel_env *env, struct feel_value *out)
{
        struct feel_range *r = arena_new_of(m->arena, struct feel_range);
        int order;

        if (r == NULL)
                return out_of_memory(m);
        if (feel_eval(m, n->children[0], env, &r->low) < 0 || feel_eval(m, n->children[1], env, &r->high) < 0)
                return ERR;
        r->low_closed = n->low_closed;
        r->high_closed = n->high_closed;
        if (r->low.kind == FEEL_NULL || r->high.kind == FEEL_NULL || !feel_compare(&r->low, &r->high, &order))
                *out = feel_null(m, "the ends of a range are of different types");
        else
                *out = (struct feel_value){.kind = FEEL_RANGE, .range = r};
        return 0;
}

static int list_make(struct feel_machine *m, const struct feel_node *n, const struct feel_env *env, struct feel_value *out)
{
        struct feel_value *items = arena_array(m->arena, n->count == 0 ? 1 : n->count, sizeof *items);

        if (items == NULL)
                return out_of_memory(m);
        if (children(m, n, env, items) < 0)
                return ERR;
        *out = (struct feel_value){.kind = FEEL_LIST, .count = n->count, .items = items};
        return 0;
}

static int context_make(struct feel_machine *m, const struct feel_node *n, const struct feel_env *env, struct feel_value *out)
{
        struct feel_entry *entries = arena_array(m->arena, n->count == 0 ? 1 : n->count, sizeof *entries);
        struct feel_env *frame = arena_new_of(m->arena, struct feel_env);

        if (entries == NULL || frame == NULL)
                return out_of_memory(m);
        frame->up = env;
        for (uint32_t i = 0; i < n->count; i++) {
                frame->value = (struct feel_value){.kind = FEEL_CONTEXT, .count = i, .entries = entries};
                for (uint32_t k = 0; k < i; k++)
                        if (strcmp(entries[k].name, n->names[i]) == 0) {
                                *out = feel_null(m, "a context has the same key twice");
                                return 0;
                        }
                if (feel_eval(m, n->children[i], frame, &entries[i].value) < 0)
                        return ERR;
                entries[i].name = n->names[i];
        }
        /* Functions that were made inside see the whole context. */
        frame->value.count = n->count;
        *out = (struct feel_value){.kind = FEEL_CONTEXT, .count = n->count, .entries = entries};
        return 0;
}

static int function_make(struct feel_machine *m, const struct feel_node *n, const struct feel_env *env, struct feel_value *out)
{
        struct feel_function *f = arena_new_of(m->arena, struct feel_function);

        if (f == NULL)
                return out_of_memory(m);
        f->name = "function";
        f->parameters = n->names;
        f->parameter_count = n->value.count;
        f->body = n->children[0];
        f->env = env;
        *out = (struct feel_value){.kind = FEEL_FUNCTION, .function = f};
        return 0;
}

/* --- paths, filters, iteration ------------------------------------------------------------------------------ */

static int path(struct feel_machine *m, const struct feel_node *n, const struct feel_env *env, struct feel_value *out)
{
        struct feel_value v;

        if (feel_eval(m, n->children[0], env, &v) < 0)
                return ERR;
        if (v.kind != FEEL_LIST) {
                *out = feel_property(m, &v, n->name);
                return 0;
        }
        struct feel_value *items = arena_array(m->arena, v.count == 0 ? 1 : v.count, sizeof *items);
        if (items == NULL)
                return out_of_memory(m);
        for (uint32_t i = 0; i < v.count; i++)
                items[i] = feel_property(m, &v.items[i], n->name);
        *out = (struct feel_value){.kind = FEEL_LIST, .count = v.count, .items = items};
        return 0;
}

static int filter(struct feel_machine *m, const struct feel_node *n, const struct feel_env *env, struct feel_value *out)
{
        struct feel_value list, one, test;
        int64_t index;
        uint32_t kept = 0;

        if (feel_eval(m, n->children[0], env, &list) < 0)
                return ERR;
        if (list.kind != FEEL_LIST) {
                if (list.kind == FEEL_NULL) {
                        list.count = 0;
                } else {
                        struct feel_value *copy = arena_new_of(m->arena, struct feel_value);
                        if (copy == NULL)
                                return out_of_memory(m);
                        *copy = list;
                        list = (struct feel_value){.kind = FEEL_LIST, .count = 1, .items = copy};
                }
        }
        struct feel_value *items = arena_array(m->arena, list.count == 0 ? 1 : list.count, sizeof *items);
        if (items == NULL)
                return out_of_memory(m);
        for (uint32_t i = 0; i < list.count || i == 0; i++) {
                one = i < list.count ? list.items[i] : (struct feel_value){.kind = FEEL_NULL};
                struct feel_env fields = {.name = NULL, .value = one, .up = env};
                struct feel_env item = {.name = "item", .value = one, .up = one.kind == FEEL_CONTEXT ? &fields : env};
                if (one.kind == FEEL_CONTEXT && feel_get(&one, "item") != NULL)
                        item.value = *feel_get(&one, "item");
                if (feel_eval(m, n->children[1], &item, &test) < 0)
                        return ERR;
                if (test.kind == FEEL_NUMBER) { /* an index: 1 the first, −1 the last */
                        if (!decimal_to_int(test.number, &index) || index == 0 || index > list.count || -index > (int64_t)list.count)
                                *out = feel_null(m, "there is no item with this index");
                        else
                                *out = list.items[index > 0 ? index - 1 : (int64_t)list.count + index];
                        return 0;
                }
                if (i < list.count && test.kind == FEEL_BOOLEAN && test.boolean)
                        items[kept++] = one;
        }
        *out = (struct feel_value){.kind = FEEL_LIST, .count = kept, .items = items};
        return 0;
}

struct growing {
        struct feel_value *items;
        uint32_t count, room;
};

static int grow(struct feel_machine *m, struct growing *g, const struct feel_value *v)
{
        if (g->count == LIST_ITEMS_MAX)
                return error_raise(m->err, SB_LIMIT, "%s|%d", "items of a list", LIST_ITEMS_MAX);
        if (g->count == g->room) {
                uint32_t room = g->room == 0 ? 16 : g->room * 2;
                struct feel_value *more = arena_array(m->arena, room, sizeof *more);
                if (more == NULL)
                        return out_of_memory(m);
                if (g->count > 0)
                        memcpy(more, g->items, g->count * sizeof *more);
                g->items = more;
                g->room = room;
        }
        g->items[g->count++] = *v;
        return 0;
}

/* The items that a source gives: those of a list; the numbers or days of a range, up or down; nothing for null. */
static int source_items(struct feel_machine *m, const struct feel_node *n, const struct feel_env *env, struct feel_value *out,
                        bool *usable)
{
        struct feel_value v, ends[2];
        struct growing g = {NULL, 0, 0};
        int64_t lo, hi;

        *usable = true;
        if (n->kind == NODE_RANGE) {
                if (feel_eval(m, n->children[0], env, &ends[0]) < 0 || feel_eval(m, n->children[1], env, &ends[1]) < 0)
                        return ERR;
                bool days = ends[0].kind == FEEL_DATE && ends[1].kind == FEEL_DATE;
                bool whole = ends[0].kind == FEEL_NUMBER && ends[1].kind == FEEL_NUMBER && decimal_to_int(ends[0].number, &lo) &&
                             decimal_to_int(ends[1].number, &hi);
                if (!days && !whole) {
                        *usable = false;
                        return 0;
                }
                if (days) {
                        lo = ends[0].moment.day;
                        hi = ends[1].moment.day;
                }
                int64_t step = lo <= hi ? 1 : -1;
                if (hi - lo > LIST_ITEMS_MAX || lo - hi > LIST_ITEMS_MAX)
                        return error_raise(m->err, SB_LIMIT, "%s|%d", "items of a list", LIST_ITEMS_MAX);
                for (int64_t i = lo;; i += step) {
                        bool end = (i == lo && !n->low_closed) || (i == hi && !n->high_closed);
                        v = days ? (struct feel_value){.kind = FEEL_DATE, .moment = {.day = (day_t)i}} : feel_int(i);
                        if (!end && grow(m, &g, &v) < 0)
                                return ERR;
                        if (i == hi)
                                break;
                }
                *out = (struct feel_value){.kind = FEEL_LIST, .count = g.count, .items = g.items};
                return 0;
        }
        if (feel_eval(m, n, env, &v) < 0)
                return ERR;
        if (v.kind == FEEL_LIST) {
                *out = v;
        } else if (v.kind == FEEL_NULL) {
                *usable = false;
        } else if (grow(m, &g, &v) < 0) {
                return ERR;
        } else {
                *out = (struct feel_value){.kind = FEEL_LIST, .count = g.count, .items = g.items};
        }
        return 0;
}

struct loop {
        const struct feel_node *node;
        struct growing results;
        bool any_null, decided, answer, usable;
};

static int loop_level(struct feel_machine *m, struct loop *l, uint32_t level, const struct feel_env *env)
{
        const struct feel_node *n = l->node;
        struct feel_value source = {.kind = FEEL_NULL}, v;
        bool usable;

        if (level == n->count - 1) {
                struct feel_env partial = {.name = "partial",
                                           .value = {.kind = FEEL_LIST, .count = l->results.count, .items = l->results.items},
                                           .up = env};
                if (feel_eval(m, n->children[level], n->kind == NODE_FOR ? &partial : env, &v) < 0)
                        return ERR;
                if (n->kind == NODE_FOR)
                        return grow(m, &l->results, &v);
                l->any_null = l->any_null || v.kind != FEEL_BOOLEAN;
                if (v.kind == FEEL_BOOLEAN && v.boolean == (n->kind == NODE_SOME)) {
                        l->decided = true;
                        l->answer = v.boolean;
                }
                return 0;
        }
        if (source_items(m, n->children[level], env, &source, &usable) < 0)
                return ERR;
        l->usable = l->usable && usable;
        for (uint32_t i = 0; l->usable && i < source.count && !l->decided; i++) {
                /* Kept in the arena: a function made by the body may outlive the loop. */
                struct feel_env *frame = arena_new_of(m->arena, struct feel_env);
                if (frame == NULL)
                        return out_of_memory(m);
                *frame = (struct feel_env){.name = n->names[level], .value = source.items[i], .up = env};
                if (loop_level(m, l, level + 1, frame) < 0)
                        return ERR;
        }
        return 0;
}

static int loop(struct feel_machine *m, const struct feel_node *n, const struct feel_env *env, struct feel_value *out)
{
        struct loop l = {.node = n, .usable = true};

        if (loop_level(m, &l, 0, env) < 0)
                return ERR;
        if (!l.usable)
                *out = feel_null(m, "the source of an iteration is no list");
        else if (n->kind == NODE_FOR)
                *out = (struct feel_value){.kind = FEEL_LIST, .count = l.results.count, .items = l.results.items};
        else if (l.decided)
                *out = feel_bool(l.answer);
        else if (l.any_null)
                *out = (struct feel_value){.kind = FEEL_NULL};
        else
                *out = feel_bool(n->kind == NODE_EVERY);
        return 0;
}

/* --- calls ------------------------------------------------------------------------------------------------ */

int feel_call(struct feel_machine *m, const struct feel_function *f, const struct feel_value *args, size_t count,
              struct feel_value *out)
{
        if (f->native != NULL)
                return f->native(m, f, args, count, out);
        if (f->parameter_count != count) {
                *out = feel_null(m, "a function is called with a wrong number of arguments");
                return 0;
        }
        if (f->external != NULL) {
                int rc = f->external(f->ctx, m, args, count, out, m->err);
                if (rc == 0 && m->on_external != NULL)
                        m->on_external(m->on_ctx, f, args, count, out);
                return rc;
        }
        const struct feel_env *env = f->env;
        for (size_t i = 0; i < count; i++) {
                struct feel_env *frame = arena_new_of(m->arena, struct feel_env);
                if (frame == NULL)
                        return out_of_memory(m);
                *frame = (struct feel_env){.name = f->parameters[i], .value = args[i], .up = env};
                env = frame;
        }
        return feel_eval(m, f->body, env, out);
}

/* Named arguments → the order of the parameters; false when a name is unknown. Missing ones are null. */
static bool named_order(const struct feel_node *n, const struct feel_function *f, struct feel_value *args, size_t *count)
{
        struct feel_value ordered[64];
        size_t given = *count;

        if (f->parameter_count > 64)
                return false;
        for (size_t i = 0; i < f->parameter_count; i++)
                ordered[i] = (struct feel_value){.kind = FEEL_NULL};
        size_t last = 0;
        for (size_t k = 0; k < given; k++) {
                size_t i = 0;
                while (i < f->parameter_count && (n->names[k] == NULL || strcmp(f->parameters[i], n->names[k]) != 0))
                        i++;
                if (i == f->parameter_count)
                        return false;
                ordered[i] = args[k];
                last = i + 1 > last ? i + 1 : last;
        }
        *count = f->native != NULL ? last : f->parameter_count;
        memcpy(args, ordered, *count * sizeof *args);
        return true;
}

static int call(struct feel_machine *m, const struct feel_node *n, const struct feel_env *env, struct feel_value *out)
{
        const struct feel_node *callee = n->children[0];
        struct feel_value f = {.kind = FEEL_NULL}, args[64];
        size_t count = n->count - 1;

        const struct feel_value *bound = callee->kind == NODE_NAME ? env_find(env, callee->name) : NULL;
        if (bound != NULL)
                f = *bound;
        else if (callee->kind == NODE_NAME && feel_builtin(callee->name) != NULL)
                f = (struct feel_value){.kind = FEEL_FUNCTION, .function = feel_builtin(callee->name)};
        else if (callee->kind != NODE_NAME && feel_eval(m, callee, env, &f) < 0)
                return ERR;
        for (size_t i = 0; i < count; i++)
                if (feel_eval(m, n->children[i + 1], env, &args[i]) < 0)
                        return ERR;
        if (f.kind != FEEL_FUNCTION) {
                *out = feel_null(m, "there is no such function");
                return 0;
        }
        if (n->names != NULL && !named_order(n, f.function, args, &count)) {
                *out = feel_null(m, "there is no parameter of this name");
                return 0;
        }
        return feel_call(m, f.function, args, count, out);
}

/* --- tests ------------------------------------------------------------------------------------------------ */

/* One test of a cell: a comparison with "?" answers by itself, any other value is looked for with `in`. */
static int test_one(struct feel_machine *m, const struct feel_node *n, const struct feel_value *v, const struct feel_env *env,
                    struct feel_value *out)
{
        struct feel_value t;

        if (feel_eval(m, n, env, &t) < 0)
                return ERR;
        if (n->has_question && (t.kind == FEEL_BOOLEAN || t.kind == FEEL_NULL))
                *out = t;
        else
                feel_in(m, v, &t, out);
        return 0;
}

static int tests(struct feel_machine *m, const struct feel_node *n, uint32_t first, const struct feel_value *v,
                 const struct feel_env *env, struct feel_value *out)
{
        struct feel_env question = {.name = "?", .value = *v, .up = env};
        bool any_null = false;

        for (uint32_t i = first; i < n->count; i++) {
                if (test_one(m, n->children[i], v, &question, out) < 0)
                        return ERR;
                if (out->kind == FEEL_BOOLEAN && out->boolean)
                        return 0;
                any_null = any_null || out->kind == FEEL_NULL;
        }
        *out = any_null && n->count == first + 1 ? (struct feel_value){.kind = FEEL_NULL} : feel_bool(false);
        return 0;
}

static bool is_instance(const struct feel_value *v, const char *type)
{
        if (strcmp(type, "Any") == 0)
                return v->kind != FEEL_NULL;
        if (strncmp(type, "list", 4) == 0)
                return v->kind == FEEL_LIST;
        if (strncmp(type, "context", 7) == 0)
                return v->kind == FEEL_CONTEXT;
        if (strncmp(type, "range", 5) == 0)
                return v->kind == FEEL_RANGE;
        if (strncmp(type, "function", 8) == 0)
                return v->kind == FEEL_FUNCTION;
        return strcmp(feel_kind_name(v->kind), type) == 0;
}

static int name_value(struct feel_machine *m, const struct feel_node *n, const struct feel_env *env, struct feel_value *out)
{
        const struct feel_value *v = env_find(env, n->name);
        char why[160];

        if (v != NULL)
                *out = *v;
        else if (feel_builtin(n->name) != NULL)
                *out = (struct feel_value){.kind = FEEL_FUNCTION, .function = feel_builtin(n->name)};
        else
                *out = feel_null(m, text_format(why, sizeof why, "nothing is called “%s” here", n->name));
        return 0;
}

static int eval_node(struct feel_machine *m, const struct feel_node *n, const struct feel_env *env, struct feel_value *out)
{
        struct feel_value v[3];

        switch (n->kind) {
        case NODE_LITERAL:
                *out = n->value;
                return 0;
        case NODE_NAME:
                return name_value(m, n, env, out);
        case NODE_PATH:
                return path(m, n, env, out);
        case NODE_FILTER:
                return filter(m, n, env, out);
        case NODE_CALL:
                return call(m, n, env, out);
        case NODE_AND:
        case NODE_OR:
                return logic(m, n, env, out);
        case NODE_IF:
                if (feel_eval(m, n->children[0], env, &v[0]) < 0)
                        return ERR;
                return feel_eval(m, n->children[v[0].kind == FEEL_BOOLEAN && v[0].boolean ? 1 : 2], env, out);
        case NODE_FOR:
        case NODE_SOME:
        case NODE_EVERY:
                return loop(m, n, env, out);
        case NODE_LIST:
                return list_make(m, n, env, out);
        case NODE_CONTEXT:
                return context_make(m, n, env, out);
        case NODE_RANGE:
                return range_make(m, n, env, out);
        case NODE_FUNCTION:
                return function_make(m, n, env, out);
        case NODE_ANY:
                *out = feel_bool(true);
                return 0;
        case NODE_IN:
                return feel_eval(m, n->children[0], env, &v[0]) < 0 ? ERR : tests(m, n, 1, &v[0], env, out);
        case NODE_TESTS:
        case NODE_NOT_TESTS: {
                const struct feel_value *q = env_find(env, "?");
                struct feel_value none = {.kind = FEEL_NULL};
                if (tests(m, n, 0, q == NULL ? &none : q, env, out) < 0)
                        return ERR;
                if (n->kind == NODE_NOT_TESTS && out->kind == FEEL_BOOLEAN)
                        out->boolean = !out->boolean;
                return 0;
        }
        default:
                break;
        }
        assert(n->count <= 3);
        if (children(m, n, env, v) < 0)
                return ERR;
        if (n->kind == NODE_NEGATE) {
                struct feel_value zero = v[0];
                if (zero.kind == FEEL_NUMBER)
                        *out = feel_number(decimal_negate(zero.number));
                else if (zero.kind == FEEL_DAYS)
                        *out = (struct feel_value){.kind = FEEL_DAYS, .us = -zero.us};
                else if (zero.kind == FEEL_MONTHS)
                        *out = (struct feel_value){.kind = FEEL_MONTHS, .months = -zero.months};
                else
                        *out = feel_null(m, "only numbers and durations can be negated");
        } else if (n->kind == NODE_BETWEEN) {
                struct feel_value low = comparison(m, NODE_GREATER_EQUAL, &v[0], &v[1]);
                struct feel_value high = comparison(m, NODE_LESS_EQUAL, &v[0], &v[2]);
                bool known = low.kind == FEEL_BOOLEAN && high.kind == FEEL_BOOLEAN;
                *out = known ? feel_bool(low.boolean && high.boolean) : (struct feel_value){.kind = FEEL_NULL};
        } else if (n->kind == NODE_INSTANCE) {
                *out = feel_bool(is_instance(&v[0], n->name));
        } else if (n->kind >= NODE_EQUAL && n->kind <= NODE_GREATER_EQUAL) {
                *out = comparison(m, n->kind, &v[0], &v[1]);
        } else {
                *out = arithmetic(m, n->kind, &v[0], &v[1]);
        }
        return 0;
}

int feel_eval(struct feel_machine *m, const struct feel_node *n, const struct feel_env *env, struct feel_value *out)
{
        if (--m->steps < 0)
                return error_raise(m->err, SB_FEEL_STEPS, "%s", "");
        if (++m->depth > m->depth_max) {
                m->depth--;
                return error_raise(m->err, SB_FEEL_DEPTH, "%d", m->depth_max);
        }
        int rc = eval_node(m, n, env, out);
        m->depth--;
        return rc;
}
