/* SPDX-License-Identifier: Apache-2.0
 *
 * Nodes of the tree: their static types, and what is constant is evaluated here and now.
 */
#include "engine/feel/compile.h"

#define FOLD_STEPS 20000
#define FOLD_ITEMS 1000
#define FOLD_TEXT 4096

bool node_list_add(struct compiler *c, struct node_list *l, const struct feel_node *n)
{
        if (n == NULL)
                return false;
        if (l->n == l->room) {
                size_t room = l->room == 0 ? 4 : l->room * 2;
                const struct feel_node **more = arena_array(c->arena, room, sizeof(const struct feel_node *));
                if (more == NULL)
                        return lex_no_memory(c) != NULL;
                if (l->n > 0)
                        memcpy(more, l->p, l->n * sizeof(const struct feel_node *));
                l->p = more;
                l->room = room;
        }
        l->p[l->n++] = n;
        return true;
}

struct feel_node *node_new(struct compiler *c, enum feel_op op, const struct feel_node *const *children, size_t count)
{
        struct feel_node *n = arena_new_of(c->arena, struct feel_node);
        const struct feel_node **copy = NULL;

        for (size_t i = 0; i < count; i++)
                if (children[i] == NULL)
                        return NULL;
        if (count > 0)
                copy = arena_array(c->arena, count, sizeof(const struct feel_node *));
        if (n == NULL || (count > 0 && copy == NULL))
                return lex_no_memory(c);
        if (count > 0)
                memcpy(copy, children, count * sizeof(const struct feel_node *));
        n->op = op;
        n->count = (uint32_t)count;
        n->children = copy;
        n->type = &FEEL_TYPES[FEEL_T_ANY];
        for (size_t i = 0; i < count; i++)
                n->has_question = n->has_question || children[i]->has_question;
        return n;
}

const struct feel_type *type_of_value(struct compiler *c, const struct feel_value *v)
{
        static const enum type_kind KINDS[] = {FEEL_T_NULL,    FEEL_T_BOOLEAN,   FEEL_T_NUMBER,  FEEL_T_STRING, FEEL_T_DATE,
                                               FEEL_T_TIME,    FEEL_T_DATE_TIME, FEEL_T_DAYS,    FEEL_T_MONTHS, FEEL_T_LIST,
                                               FEEL_T_CONTEXT, FEEL_T_RANGE,     FEEL_T_FUNCTION};

        if (v->kind == FEEL_LIST && v->count > 0) {
                const struct feel_type *item = type_of_value(c, &v->items[0]);
                for (uint32_t i = 1; i < v->count && item->kind != FEEL_T_ANY; i++)
                        item = type_common(item, type_of_value(c, &v->items[i]));
                return type_list(c->arena, item);
        }
        if (v->kind == FEEL_CONTEXT) {
                struct feel_type *t = arena_new_of(c->arena, struct feel_type);
                struct feel_field *fields = arena_array(c->arena, v->count + 1, sizeof *fields);
                if (t == NULL || fields == NULL)
                        return &FEEL_TYPES[FEEL_T_CONTEXT];
                for (uint32_t i = 0; i < v->count; i++)
                        fields[i] = (struct feel_field){v->entries[i].name, type_of_value(c, &v->entries[i].value)};
                *t = (struct feel_type){.kind = FEEL_T_CONTEXT, .fields = fields, .field_count = v->count};
                return t;
        }
        if (v->kind == FEEL_FUNCTION && v->function->result != NULL) {
                struct feel_type *t = arena_new_of(c->arena, struct feel_type);
                if (t == NULL)
                        return &FEEL_TYPES[FEEL_T_FUNCTION];
                *t = (struct feel_type){.kind = FEEL_T_FUNCTION, .element = v->function->result};
                return t;
        }
        return &FEEL_TYPES[KINDS[v->kind]];
}

const struct feel_node *node_const(struct compiler *c, struct feel_value v)
{
        struct feel_node *n = node_new(c, OP_CONST, NULL, 0);

        if (n != NULL) {
                n->value = v;
                n->type = type_of_value(c, &n->value);
        }
        return n;
}

const struct feel_node *node_fail(struct compiler *c, const char *why)
{
        struct feel_node *n = node_new(c, OP_FAIL, NULL, 0);

        if (n != NULL) {
                n->name = why;
                n->type = &FEEL_TYPES[FEEL_T_NULL];
        }
        return n;
}

static const struct feel_type *arithmetic_type(const struct feel_node *n)
{
        const struct feel_type *a = n->children[0]->type, *b = n->children[1]->type;
        enum type_kind x = a->kind, y = b->kind;

        if (x == FEEL_T_NUMBER && y == FEEL_T_NUMBER)
                return &FEEL_TYPES[FEEL_T_NUMBER];
        if (n->op == OP_POWER)
                return &FEEL_TYPES[FEEL_T_NUMBER];
        if (x == FEEL_T_ANY || y == FEEL_T_ANY || x == FEEL_T_NULL || y == FEEL_T_NULL)
                return &FEEL_TYPES[FEEL_T_ANY];
        if (n->op == OP_ADD && x == FEEL_T_STRING && y == FEEL_T_STRING)
                return &FEEL_TYPES[FEEL_T_STRING];
        bool dx = x == FEEL_T_DAYS || x == FEEL_T_MONTHS, dy = y == FEEL_T_DAYS || y == FEEL_T_MONTHS;
        bool mx = x == FEEL_T_DATE || x == FEEL_T_TIME || x == FEEL_T_DATE_TIME,
             my = y == FEEL_T_DATE || y == FEEL_T_TIME || y == FEEL_T_DATE_TIME;
        if (n->op == OP_ADD || n->op == OP_SUBTRACT) {
                if (mx && dy)
                        return &FEEL_TYPES[x];
                if (dx && my && n->op == OP_ADD)
                        return &FEEL_TYPES[y];
                if (dx && x == y)
                        return &FEEL_TYPES[x];
                if (mx && my && n->op == OP_SUBTRACT)
                        return &FEEL_TYPES[FEEL_T_DAYS];
        } else if (dx && y == FEEL_T_NUMBER) {
                return &FEEL_TYPES[x];
        } else if (x == FEEL_T_NUMBER && dy && n->op == OP_MULTIPLY) {
                return &FEEL_TYPES[y];
        } else if (dx && x == y && n->op == OP_DIVIDE) {
                return &FEEL_TYPES[FEEL_T_NUMBER];
        }
        return &FEEL_TYPES[FEEL_T_ANY];
}

static const struct feel_type *context_type(struct compiler *c, const struct feel_node *n)
{
        struct feel_type *t = arena_new_of(c->arena, struct feel_type);
        struct feel_field *fields = arena_array(c->arena, n->count + 1, sizeof *fields);

        if (t == NULL || fields == NULL)
                return &FEEL_TYPES[FEEL_T_CONTEXT];
        for (uint32_t i = 0; i < n->count; i++)
                fields[i] = (struct feel_field){n->names[i], n->children[i]->type};
        *t = (struct feel_type){.kind = FEEL_T_CONTEXT, .fields = fields, .field_count = n->count};
        return t;
}

static const struct feel_type *path_type(struct compiler *c, const struct feel_node *n)
{
        static const char *const NUMBERS[] = {"year", "month", "day",     "weekday", "hour",  "minute", "second",
                                              "days", "hours", "minutes", "seconds", "years", "months"};
        const struct feel_type *of = n->children[0]->type, *item = type_item(of), *field;

        if (item->kind == FEEL_T_CONTEXT) {
                field = type_field(item, str_from(n->name));
                if (field == NULL)
                        return &FEEL_TYPES[FEEL_T_ANY];
                return of->kind == FEEL_T_LIST ? type_list(c->arena, field) : field;
        }
        if (of->kind >= FEEL_T_DATE && of->kind <= FEEL_T_MONTHS)
                for (size_t i = 0; i < sizeof NUMBERS / sizeof NUMBERS[0]; i++)
                        if (strcmp(n->name, NUMBERS[i]) == 0)
                                return &FEEL_TYPES[FEEL_T_NUMBER];
        return &FEEL_TYPES[FEEL_T_ANY];
}

static const struct feel_type *call_type(const struct feel_node *n)
{
        const struct feel_type *f = n->children[0]->type;

        return f->kind == FEEL_T_FUNCTION && f->element != NULL ? f->element : &FEEL_TYPES[FEEL_T_ANY];
}

/* Some builtins give what they are given. */
static const struct feel_type *builtin_type(struct compiler *c, const struct feel_node *n)
{
        static const char *const SAME[] = {"sublist", "append", "concatenate",     "insert before", "remove",
                                           "reverse", "union",  "distinct values", "sort",          "list replace"};
        static const char *const ITEM[] = {"min", "max", "sum", "mean", "median"};
        const struct feel_type *first = n->count > 0 && n->children[0] != NULL ? n->children[0]->type : &FEEL_TYPES[FEEL_T_ANY];

        if (n->builtin->result != FEEL_T_ANY && n->builtin->result != FEEL_T_LIST)
                return &FEEL_TYPES[n->builtin->result];
        for (size_t i = 0; i < sizeof SAME / sizeof SAME[0]; i++)
                if (strcmp(n->builtin->name, SAME[i]) == 0) {
                        const struct feel_type *t = first->kind == FEEL_T_LIST ? first : &FEEL_TYPES[FEEL_T_LIST];
                        for (uint32_t k = 1; k < n->count && t->element != NULL; k++)
                                if (i != 0 && i != 4 && i != 8 && n->children[k] != NULL)
                                        t = type_list(c->arena, type_common(t->element, type_item(n->children[k]->type)));
                        return t;
                }
        for (size_t i = 0; i < sizeof ITEM / sizeof ITEM[0]; i++)
                if (strcmp(n->builtin->name, ITEM[i]) == 0) {
                        const struct feel_type *t = type_item(first);
                        for (uint32_t k = 1; k < n->count; k++)
                                t = n->children[k] == NULL ? &FEEL_TYPES[FEEL_T_ANY] : type_common(t, n->children[k]->type);
                        return t->kind == FEEL_T_NUMBER || i < 2 ? t : &FEEL_TYPES[FEEL_T_ANY];
                }
        if (strcmp(n->builtin->name, "abs") == 0)
                return first;
        return &FEEL_TYPES[n->builtin->result];
}

static const struct feel_type *filter_type(const struct feel_node *n)
{
        const struct feel_type *t = n->children[0]->type, *by = n->children[1]->type;

        if (by->kind == FEEL_T_NUMBER)
                return type_item(t);
        return by->kind == FEEL_T_BOOLEAN && t->kind == FEEL_T_LIST ? t : &FEEL_TYPES[FEEL_T_ANY];
}

static const struct feel_type *type_of(struct compiler *c, const struct feel_node *n)
{
        const struct feel_type *t;

        switch (n->op) {
        case OP_ADD:
        case OP_SUBTRACT:
        case OP_MULTIPLY:
        case OP_DIVIDE:
        case OP_POWER:
                return arithmetic_type(n);
        case OP_NEGATE:
                return n->children[0]->type;
        case OP_EQUAL:
        case OP_NOT_EQUAL:
        case OP_LESS:
        case OP_LESS_EQUAL:
        case OP_GREATER:
        case OP_GREATER_EQUAL:
        case OP_AND:
        case OP_OR:
        case OP_BETWEEN:
        case OP_IN:
        case OP_TESTS:
        case OP_NOT_TESTS:
        case OP_TEST_ANY:
        case OP_INSTANCE:
        case OP_SOME:
        case OP_EVERY:
                return &FEEL_TYPES[FEEL_T_BOOLEAN];
        case OP_IF:
                return type_common(n->children[1]->type, n->children[2]->type);
        case OP_LIST:
                t = n->count == 0 ? &FEEL_TYPES[FEEL_T_NULL] : n->children[0]->type;
                for (uint32_t i = 1; i < n->count; i++)
                        t = type_common(t, n->children[i]->type);
                return type_list(c->arena, t);
        case OP_CONTEXT:
                return context_type(c, n);
        case OP_LET:
        case OP_NOTE:
        case OP_ROOT:
                return n->children[n->count - 1]->type;
        case OP_FOR:
                return type_list(c->arena, n->children[n->count - 1]->type);
        case OP_PATH:
                return path_type(c, n);
        case OP_FILTER:
                return filter_type(n);
        case OP_CALL:
                return call_type(n);
        case OP_BUILTIN:
                return builtin_type(c, n);
        case OP_RANGE:
        case OP_UNARY_RANGE:
                return &FEEL_TYPES[FEEL_T_RANGE];
        default:
                return n->type;
        }
}

static bool small(const struct feel_value *v)
{
        return v->kind != FEEL_NULL && v->kind != FEEL_FUNCTION && (v->kind != FEEL_STRING || v->string.n <= FOLD_TEXT) &&
               ((v->kind != FEEL_LIST && v->kind != FEEL_CONTEXT) || v->count <= FOLD_ITEMS);
}

static bool foldable(const struct feel_node *n)
{
        switch (n->op) {
        case OP_ADD:
        case OP_SUBTRACT:
        case OP_MULTIPLY:
        case OP_DIVIDE:
        case OP_POWER:
        case OP_NEGATE:
        case OP_EQUAL:
        case OP_NOT_EQUAL:
        case OP_LESS:
        case OP_LESS_EQUAL:
        case OP_GREATER:
        case OP_GREATER_EQUAL:
        case OP_LIST:
        case OP_RANGE:
        case OP_UNARY_RANGE:
                break;
        case OP_BUILTIN:
                if (n->builtin->impure)
                        return false;
                break;
        default:
                return false;
        }
        for (uint32_t i = 0; i < n->count; i++)
                if (n->children[i] != NULL && (n->children[i]->op != OP_CONST || n->children[i]->value.kind == FEEL_FUNCTION))
                        return false;
        return n->count > 0;
}

static const struct feel_node *folded(struct compiler *c, const struct feel_node *n)
{
        struct error ignored = {0};
        struct feel_limits limits = {.steps = FOLD_STEPS, .depth = 0};
        struct feel_value v;

        if (!c->fold_ready) {
                feel_machine_init(&c->fold, c->arena, &limits, &ignored);
                c->fold_ready = true;
        }
        feel_machine_again(&c->fold, &limits, &ignored);
        c->fold.zones = c->zones;
        c->fold.stack_base = __builtin_frame_address(0);
        if (feel_run(&c->fold, n, &v) < 0 || c->fold.diagnostics > 0 || !small(&v))
                return n;
        return node_const(c, v);
}

static bool named_twice(const struct feel_node *n)
{
        for (uint32_t i = 1; i < n->count; i++)
                for (uint32_t k = 0; k < i; k++)
                        if (strcmp(n->names[k], n->names[i]) == 0)
                                return true;
        return false;
}

const struct feel_node *node_finish(struct compiler *c, struct feel_node *n)
{
        if (n == NULL)
                return NULL;
        if (n->op == OP_CONTEXT && !c->plain && named_twice(n))
                return node_fail(c, "a context has the same name twice");
        n->type = type_of(c, n);
        return !c->plain && foldable(n) ? folded(c, n) : n;
}

const struct feel_node *node_binary(struct compiler *c, enum feel_op op, const struct feel_node *a, const struct feel_node *b)
{
        return node_finish(c, node_new(c, op, (const struct feel_node *const[]){a, b}, 2));
}

/* Where an entry stands in a context of a type; its name becomes the type's own, so that equal names are one. */
static uint32_t place_in(const struct feel_type *t, const char **name)
{
        for (size_t i = 0; t->kind == FEEL_T_CONTEXT && i < t->field_count; i++)
                if (strcmp(t->fields[i].name, *name) == 0) {
                        *name = t->fields[i].name;
                        return (uint32_t)i;
                }
        return UINT32_MAX;
}

const struct feel_node *node_path(struct compiler *c, const struct feel_node *of, const char *name)
{
        struct feel_node *n;
        const struct feel_value *entry;

        if (of == NULL || name == NULL)
                return NULL;
        if (of->op == OP_CONST && of->value.kind == FEEL_CONTEXT && (entry = feel_get(&of->value, name)) != NULL)
                return node_const(c, *entry);
        n = node_new(c, OP_PATH, &of, 1);
        if (n != NULL) {
                n->name = name;
                n->slot = place_in(type_item(of->type), &n->name);
                n->overload = feel_part_code(n->name);
        }
        return node_finish(c, n);
}

const struct feel_node *node_coerce(struct compiler *c, const struct feel_node *n, const struct feel_type *type)
{
        struct feel_node *to;

        if (n == NULL || type == NULL || type->kind == FEEL_T_ANY)
                return n;
        if (n->type->kind == type->kind && type->kind >= FEEL_T_BOOLEAN && type->kind <= FEEL_T_MONTHS &&
            type->allowed == NULL && type->allowed_whole == NULL && type->base == NULL)
                return n; /* it cannot be anything else */
        to = node_new(c, OP_COERCE, &n, 1);
        if (to != NULL) {
                to->type = type;
                to->has_question = n->has_question;
        }
        return to;
}

/* Whether every argument is by its static type what the function takes: then only nulls are left to look for. */
static bool fits_always(const char *kinds, const struct feel_node *const *args)
{
        for (size_t i = 0; kinds[i] != '\0'; i++) {
                enum type_kind t = args[i]->type->kind;
                if (!(kinds[i] == 'n' && t == FEEL_T_NUMBER) && !(kinds[i] == 's' && t == FEEL_T_STRING) &&
                    !(kinds[i] == 'd' && (t == FEEL_T_DATE || t == FEEL_T_DATE_TIME)))
                        return false;
        }
        return true;
}

static const struct feel_node *builtin_node(struct compiler *c, const struct feel_builtin *f, const char *const *names,
                                            const struct feel_node *const *args, size_t count)
{
        uint32_t place[32];
        unsigned overload;
        size_t arity;

        if (count > 32 || !builtin_match(f, names, count, &overload, place, &arity))
                return NULL;
        struct feel_node *n = node_new(c, OP_BUILTIN, NULL, 0);
        const struct feel_node **ordered = arena_array(c->arena, arity + 1, sizeof(const struct feel_node *));
        if (n == NULL || ordered == NULL)
                return lex_no_memory(c);
        for (size_t i = 0; i < count; i++) {
                ordered[place[i]] = args[i];
                n->has_question = n->has_question || args[i]->has_question;
        }
        n->children = ordered;
        n->count = (uint32_t)arity;
        n->builtin = f;
        n->overload = overload;
        n->low_closed = count == strlen(f->overloads[overload].kinds) && fits_always(f->overloads[overload].kinds, ordered);
        return node_finish(c, n);
}

/* Arguments by name of a function that is known: put them in order. */
static bool in_order(const struct feel_function *f, const char *const *names, const struct feel_node *const *args, size_t count,
                     const struct feel_node **out)
{
        for (size_t p = 0; p < f->parameter_count; p++) {
                size_t i = 0;
                while (i < count && strcmp(names[i], f->parameters[p]) != 0)
                        i++;
                if (i == count)
                        return false;
                out[p] = args[i];
        }
        return count == f->parameter_count;
}

const struct feel_node *node_call(struct compiler *c, const struct feel_node *f, const char *const *names,
                                  const struct feel_node *const *args, size_t count)
{
        const struct feel_node *children[65];
        const struct feel_value *v;
        const struct feel_node *known;

        if (f == NULL)
                return NULL;
        for (size_t i = 0; i < count; i++)
                if (args[i] == NULL)
                        return NULL;
        if (count > 64)
                return lex_fail(c, "at most 64 arguments");
        v = f->op == OP_CONST && f->value.kind == FEEL_FUNCTION ? &f->value : NULL;
        if (v != NULL && v->function->builtin != NULL) {
                known = builtin_node(c, v->function->builtin, names, args, count);
                if (known != NULL || c->expected != NULL)
                        return known;
        }
        children[0] = f;
        if (v != NULL && v->function->builtin == NULL && names != NULL &&
            in_order(v->function, names, args, count, children + 1))
                names = NULL;
        else
                for (size_t i = 0; i < count; i++)
                        children[i + 1] = args[i];
        struct feel_node *n = node_new(c, OP_CALL, children, count + 1);
        if (n == NULL)
                return NULL;
        if (names != NULL) {
                const char **copy = arena_array(c->arena, count + 1, sizeof(const char *));
                if (copy == NULL)
                        return lex_no_memory(c);
                memcpy(copy, names, count * sizeof(const char *));
                n->names = copy;
        }
        return node_finish(c, n);
}

void compiler_init(struct compiler *c, struct arena *a, struct error *err)
{
        *c = (struct compiler){.arena = a, .err = err, .question = &FEEL_TYPES[FEEL_T_ANY]};
        c->function = &c->root;
}

void compiler_dispose(struct compiler *c)
{
        if (c->fold_ready)
                feel_machine_dispose(&c->fold);
        c->fold_ready = false;
}

const struct feel_node *compiler_root(struct compiler *c, const struct feel_node *body)
{
        struct feel_node *n = node_new(c, OP_ROOT, &body, 1);

        if (n == NULL)
                return NULL;
        n->slot = c->function->slots;
        n->type = body->type;
        return n;
}
