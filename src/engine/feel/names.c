/* SPDX-License-Identifier: Apache-2.0
 *
 * Scopes: which name means which slot. A function that uses a name from outside captures its value; a
 * filter brings the entries of its item as names.
 */
#include "engine/feel/compile.h"

#define UNKNOWN_MAX 16
#define BINDINGS_MAX 10000

struct binding *scope_add(struct compiler *c, enum binding_kind kind, const char *name, const struct feel_type *type)
{
        if (c->binding_count == BINDINGS_MAX)
                return lex_fail(c, "fewer names");
        if (c->binding_count == c->binding_room) {
                size_t room = c->binding_room == 0 ? 16 : c->binding_room * 2;
                const struct binding **more = arena_array(c->arena, room, sizeof(const struct binding *));
                if (more == NULL)
                        return lex_no_memory(c);
                if (c->binding_count > 0)
                        memcpy(more, c->bindings, c->binding_count * sizeof(const struct binding *));
                c->bindings = more;
                c->binding_room = room;
        }
        struct binding *b = arena_new_of(c->arena, struct binding);
        if (b == NULL)
                return lex_no_memory(c);
        *b = (struct binding){
            .kind = kind, .name = name, .type = type == NULL ? &FEEL_TYPES[FEEL_T_ANY] : type, .owner = c->function};
        c->bindings[c->binding_count++] = b;
        return b;
}

uint32_t scope_slot(struct compiler *c)
{
        return c->function->slots++;
}

struct binding *scope_local(struct compiler *c, const char *name, const struct feel_type *type)
{
        struct binding *b = scope_add(c, BIND_LOCAL, name, type);

        if (b != NULL)
                b->slot = scope_slot(c);
        return b;
}

void function_begin(struct compiler *c, struct function_scope *f)
{
        *f = (struct function_scope){.up = c->function};
        c->function = f;
}

void function_end(struct compiler *c)
{
        c->function = c->function->up;
}

/* Where the value of an outer local stands in a function's own frame; false when memory is used up. */
static bool slot_in(struct compiler *c, struct function_scope *f, const struct binding *b, uint32_t *slot)
{
        uint32_t from;

        if (f == b->owner) {
                *slot = b->slot;
                return true;
        }
        for (size_t i = 0; i < f->capture_count; i++)
                if (f->captured[i] == b) {
                        *slot = f->captures[i].to;
                        return true;
                }
        if (f->up == NULL || !slot_in(c, f->up, b, &from))
                return false;
        if (f->capture_count == f->capture_room) {
                size_t room = f->capture_room == 0 ? 8 : f->capture_room * 2;
                const struct binding **captured = arena_array(c->arena, room, sizeof(const struct binding *));
                struct feel_capture *captures = arena_array(c->arena, room, sizeof *captures);
                if (captured == NULL || captures == NULL)
                        return lex_no_memory(c) != NULL;
                if (f->capture_count > 0) {
                        memcpy(captured, f->captured, f->capture_count * sizeof(const struct binding *));
                        memcpy(captures, f->captures, f->capture_count * sizeof *captures);
                }
                f->captured = captured;
                f->captures = captures;
                f->capture_room = room;
        }
        f->captured[f->capture_count] = b;
        f->captures[f->capture_count++] = (struct feel_capture){.from = from, .to = f->slots};
        *slot = f->slots++;
        return true;
}

const struct feel_node *name_node(struct compiler *c, const struct binding *b)
{
        static const enum feel_op OPS[] = {OP_LOCAL, OP_GLOBAL, OP_CONST, OP_CONTEXT, OP_LOCAL, OP_DYNAMIC};
        struct feel_node *n;

        if (c->plain) {
                n = node_new(c, OP_DYNAMIC, NULL, 0);
                if (n != NULL)
                        n->name = b->name;
                return n;
        }
        if (b->kind == BIND_CONST)
                return node_const(c, b->value);
        if (b->kind == BIND_NAMESPACE) { /* the import as a whole: a context of what it offers */
                const char **names = arena_array(c->arena, b->member_count + 1, sizeof(const char *));
                uint32_t *slots = arena_array(c->arena, b->member_count + 1, sizeof *slots);
                struct node_list members = {NULL, 0, 0};
                if (names == NULL || slots == NULL)
                        return lex_no_memory(c);
                for (size_t i = 0; i < b->member_count; i++) {
                        names[i] = b->members[i].name;
                        slots[i] = scope_slot(c);
                        if (!node_list_add(c, &members, name_node(c, &b->members[i])))
                                return NULL;
                }
                n = node_new(c, OP_CONTEXT, members.p, members.n);
                if (n == NULL)
                        return NULL;
                n->names = names;
                n->slots = slots;
                return n;
        }
        n = node_new(c, OPS[b->kind], NULL, 0);
        if (n == NULL)
                return NULL;
        n->name = b->name;
        n->type = b->type;
        n->slot = b->slot;
        if ((b->kind == BIND_LOCAL || b->kind == BIND_ITEM) && !slot_in(c, c->function, b, &n->slot))
                return NULL;
        return n;
}

struct found {
        const struct binding *binding; /* NULL: nothing */
        const char *member;            /* an entry of the item that `binding` stands for */
        const struct feel_type *type;
        size_t length;
        const struct binding *unknown[UNKNOWN_MAX]; /* items further in, whose entries are not known */
        size_t unknown_count;
};

/* The longest name that some scope knows; of equal ones, the innermost. */
static void find(const struct compiler *c, struct found *f)
{
        size_t unknown = 0, n;
        const struct binding *items[UNKNOWN_MAX];

        for (size_t i = c->binding_count; i-- > 0;) {
                const struct binding *b = c->bindings[i];
                if (b->kind != BIND_ITEM) {
                        n = lex_spells(c, c->at, b->name);
                        if (n > f->length) {
                                *f = (struct found){.binding = b, .length = n, .unknown_count = unknown};
                                memcpy(f->unknown, items, unknown * sizeof items[0]);
                        }
                        continue;
                }
                for (size_t k = 0; b->type->kind == FEEL_T_CONTEXT && k < b->type->field_count; k++) {
                        n = lex_spells(c, c->at, b->type->fields[k].name);
                        if (n > f->length) {
                                *f = (struct found){.binding = b,
                                                    .member = b->type->fields[k].name,
                                                    .type = b->type->fields[k].type,
                                                    .length = n,
                                                    .unknown_count = unknown};
                                memcpy(f->unknown, items, unknown * sizeof items[0]);
                        }
                }
                if ((b->type->kind == FEEL_T_ANY || b->type->kind == FEEL_T_CONTEXT) && unknown < UNKNOWN_MAX)
                        items[unknown++] = b;
        }
        for (const struct feel_scope *s = c->outer; s != NULL; s = s->up)
                for (size_t i = 0; i < s->count; i++)
                        if ((n = lex_spells(c, c->at, s->names[i])) > f->length)
                                *f = (struct found){.member = s->names[i], .length = n};
        if (f->binding == NULL) {
                f->unknown_count = unknown;
                memcpy(f->unknown, items, unknown * sizeof items[0]);
        }
}

static const struct feel_node *member_node(struct compiler *c, const struct binding *item, const char *name,
                                           const struct feel_type *type, const struct feel_node *outside)
{
        struct feel_node *n = node_new(c, OP_MEMBER, NULL, 0);
        const struct feel_node **children = arena_array(c->arena, 1, sizeof(const struct feel_node *));

        if (n == NULL || children == NULL || !slot_in(c, c->function, item, &n->slot))
                return lex_no_memory(c);
        children[0] = outside;
        n->children = children;
        n->count = 1;
        n->name = name;
        n->overload = feel_part_code(name);
        n->type = type;
        n->has_question = outside != NULL && outside->has_question;
        return n;
}

/* `import.name`, the cursor behind the import's name: straight to the member. */
static const struct feel_node *namespace_node(struct compiler *c, const struct binding *b)
{
        const struct binding *best = NULL;
        size_t length = 0, n, before = c->at;

        if (!lex_take(c, "."))
                return name_node(c, b);
        lex_skip(c);
        for (size_t i = 0; i < b->member_count; i++)
                if ((n = lex_spells(c, c->at, b->members[i].name)) > length) {
                        length = n;
                        best = &b->members[i];
                }
        if (best == NULL) {
                c->at = before;
                return name_node(c, b);
        }
        c->at += length;
        return best->kind == BIND_NAMESPACE ? namespace_node(c, best) : name_node(c, best);
}

/* The longest hint at the cursor, or the simple name. */
static const char *free_name(struct compiler *c, size_t simple)
{
        const char *best = NULL;
        size_t length = simple, n;

        for (size_t i = 0; i < c->hint_count; i++)
                if ((n = lex_spells(c, c->at, c->hints[i])) > length) {
                        length = n;
                        best = c->hints[i];
                }
        if (best == NULL)
                best = arena_text(c->arena, (struct str){c->text.p + c->at, simple});
        if (best == NULL)
                return lex_no_memory(c);
        c->at += length;
        return best;
}

/* A name that no scope knows: looked up in the caller's environment, or in the items of filters. */
static const struct feel_node *free_node(struct compiler *c, const char *name, const struct found *f)
{
        struct binding dynamic = {.kind = BIND_DYNAMIC, .name = name, .type = &FEEL_TYPES[FEEL_T_ANY]};
        const struct feel_builtin *builtin = c->plain ? NULL : builtin_find(str_from(name));

        if (builtin != NULL)
                return node_const(c, *builtin_value(builtin));
        if (c->closed && f->unknown_count > 0)
                return NULL;
        if (!c->closed)
                return name_node(c, &dynamic);
        const char *why = arena_format(c->arena, "the name %.100s is not known", name);
        return why == NULL ? lex_no_memory(c) : node_fail(c, why);
}

const struct feel_node *name_parse(struct compiler *c)
{
        struct found f = {.length = 0};
        const struct feel_node *n = NULL;
        const char *name;

        lex_skip(c);
        size_t simple = lex_simple_name(c, c->at);
        find(c, &f);
        size_t builtin = builtin_long_name((struct str){c->text.p + c->at, c->text.n - c->at});
        if (builtin > f.length && builtin > simple) {
                name = lex_keep(c, (struct str){c->text.p + c->at, builtin});
                c->at += builtin;
                return name == NULL ? NULL : free_node(c, name, &(struct found){.length = 0});
        }
        if (f.length == 0 && simple == 0)
                return lex_fail(c, "expression");
        if (f.length >= simple && f.length > 0) {
                c->at += f.length;
                if (f.binding == NULL) {
                        name = f.member;
                        n = name_node(c,
                                      &(struct binding){.kind = BIND_DYNAMIC, .name = name, .type = &FEEL_TYPES[FEEL_T_ANY]});
                } else if (f.binding->kind == BIND_ITEM && !c->plain) {
                        name = f.member;
                        n = member_node(c, f.binding, name, f.type, NULL);
                } else {
                        name = f.binding->name;
                        n = f.binding->kind == BIND_NAMESPACE ? namespace_node(c, f.binding) : name_node(c, f.binding);
                }
                if (n == NULL)
                        return NULL;
        } else {
                name = free_name(c, simple);
                if (name == NULL)
                        return NULL;
                n = free_node(c, name, &f);
                if (c->expected != NULL)
                        return NULL;
                if (n != NULL && n->op == OP_CONST) /* a function of the specification */
                        return n;
        }
        for (size_t i = f.unknown_count; i-- > 0 && !c->plain;)
                if ((n = member_node(c, f.unknown[i], name, &FEEL_TYPES[FEEL_T_ANY], n)) == NULL)
                        return NULL;
        return n;
}

/* A name behind a dot: the longest that the type has, else that anything has. */
const char *member_name_parse(struct compiler *c, const struct feel_type *of)
{
        static const char *const PROPERTIES[] = {"time offset", "start included", "end included"};
        const char *best = NULL;
        size_t length = 0, n;

        lex_skip(c);
        size_t simple = lex_simple_name(c, c->at);
        of = type_item(of);
        for (size_t i = 0; of->kind == FEEL_T_CONTEXT && i < of->field_count; i++)
                if ((n = lex_spells(c, c->at, of->fields[i].name)) > length) {
                        length = n;
                        best = of->fields[i].name;
                }
        for (size_t i = 0; i < 3; i++)
                if ((n = lex_spells(c, c->at, PROPERTIES[i])) > length && of->kind != FEEL_T_CONTEXT) {
                        length = n;
                        best = PROPERTIES[i];
                }
        if (length >= simple && best != NULL) {
                c->at += length;
                return best;
        }
        if (simple == 0)
                return lex_fail(c, "name");
        return free_name(c, simple);
}
