/* SPDX-License-Identifier: Apache-2.0
 *
 * Boxed expressions → the same nodes that FEEL's text becomes (DMN 1.5, 7.3 and 10.2).
 */
#include "engine/dmn/model.h"

#include <string.h>

#define BOX_DEPTH 64

static const char *const BOXES[] = {"literalExpression",
                                    "context",
                                    "decisionTable",
                                    "invocation",
                                    "functionDefinition",
                                    "list",
                                    "relation",
                                    "conditional",
                                    "filter",
                                    "for",
                                    "some",
                                    "every"};
#define BOX_COUNT (sizeof BOXES / sizeof BOXES[0])

static size_t box_kind(const struct xml_node *n)
{
        size_t k = 0;

        while (k < BOX_COUNT && strcmp(n->name, BOXES[k]) != 0)
                k++;
        return k;
}

const struct xml_node *box_child(const struct xml_node *n)
{
        for (const struct xml_node *c = n == NULL ? NULL : n->first; c != NULL; c = c->next)
                if (box_kind(c) < BOX_COUNT)
                        return c;
        return NULL;
}

/* The expression inside n, null for none. */
static int inner(struct reader *r, const struct xml_node *n, const struct feel_node **out)
{
        const struct xml_node *box = box_child(n);

        if (box != NULL)
                return box_compile(r, box, out);
        *out = node_const(r->compiler, feel_nothing());
        return *out == NULL ? reader_memory(r) : 0;
}

static int made(struct reader *r, const struct feel_node *n, const struct feel_node **out)
{
        *out = n;
        if (n != NULL)
                return 0;
        return r->compiler->broken
                   ? reader_memory(r)
                   : reader_wrong(r, r->element->xml,
                                  r->compiler->expected == NULL ? "an expression cannot be compiled" : r->compiler->expected);
}

static int literal(struct reader *r, const struct xml_node *n, const struct feel_node **out)
{
        if (reader_feel(r, n, FEEL_EXPRESSION, out) < 0)
                return ERR;
        return *out != NULL ? 0 : made(r, node_const(r->compiler, feel_nothing()), out);
}

static const struct feel_node *noted(struct compiler *c, const struct feel_node *value, const char *name, const char *article)
{
        struct feel_node *note = node_new(c, OP_NOTE, &value, 1);

        if (note == NULL)
                return NULL;
        note->name = name;
        note->article = article;
        note->type = value->type;
        return note;
}

/* Entries in order, each seen by those that follow; a last one without a name is the result. */
static int context(struct reader *r, const struct xml_node *n, const struct feel_node **out)
{
        struct compiler *c = r->compiler;
        size_t count = reader_count(n, "contextEntry"), bindings = c->binding_count, i = 0;
        const char **names = arena_array(c->arena, count + 1, sizeof(const char *));
        uint32_t *slots = arena_array(c->arena, count + 1, sizeof *slots);
        struct node_list values = {NULL, 0, 0};
        bool result = false;

        if (names == NULL || slots == NULL)
                return reader_memory(r);
        for (const struct xml_node *e = xml_child(n, "contextEntry"); e != NULL; e = xml_next(e, "contextEntry"), i++) {
                const struct xml_node *variable = xml_child(e, "variable"), *box = box_child(e);
                const struct feel_node *value;
                if (result)
                        return reader_wrong(r, e, "an entry stands behind the result of a context");
                result = variable == NULL || xml_attr(variable, "name") == NULL;
                names[i] = result ? NULL : reader_trimmed(r, xml_attr(variable, "name"));
                size_t before = c->binding_count;
                const struct feel_type *type = type_ref(r, variable);
                struct binding *b = result ? NULL : scope_local(c, names[i], type);
                if (!result && (names[i] == NULL || b == NULL))
                        return reader_memory(r);
                if (box == NULL || strcmp(box->name, "functionDefinition") != 0)
                        c->binding_count = before; /* only a function sees its own name */
                if (inner(r, e, &value) < 0)
                        return ERR;
                if (!result) {
                        value = node_named_function(value, b->slot);
                        value = node_coerce(c, value, type);
                        value =
                            noted(c, value, names[i], reader_article(e) != NULL ? reader_article(e) : reader_article(variable));
                        slots[i] = b->slot;
                        c->bindings[before] = b;
                        c->binding_count = before + 1;
                        if (value != NULL && type->kind == FEEL_T_ANY)
                                b->type = value->type;
                }
                if (!node_list_add(c, &values, value))
                        return reader_memory(r);
        }
        c->binding_count = bindings;
        struct feel_node *node = node_new(c, result ? OP_LET : OP_CONTEXT, values.p, values.n);
        if (node == NULL)
                return reader_memory(r);
        node->names = names;
        node->slots = slots;
        return made(r, node_finish(c, node), out);
}

static int invocation(struct reader *r, const struct xml_node *n, const struct feel_node **out)
{
        size_t count = reader_count(n, "binding"), i = 0;
        const char **names = arena_array(r->model->arena, count + 1, sizeof(const char *));
        struct node_list args = {NULL, 0, 0};
        const struct feel_node *f, *arg;

        if (names == NULL)
                return reader_memory(r);
        if (inner(r, n, &f) < 0)
                return ERR;
        for (const struct xml_node *b = xml_child(n, "binding"); b != NULL; b = xml_next(b, "binding"), i++) {
                const struct xml_node *p = xml_child(b, "parameter");
                names[i] = p == NULL || xml_attr(p, "name") == NULL ? "" : reader_trimmed(r, xml_attr(p, "name"));
                if (names[i] == NULL)
                        return reader_memory(r);
                if (inner(r, b, &arg) < 0)
                        return ERR;
                if (!node_list_add(r->compiler, &args, node_coerce(r->compiler, arg, type_ref(r, p))))
                        return reader_memory(r);
        }
        return made(r, node_call(r->compiler, f, count == 0 ? NULL : names, args.p, args.n), out);
}

int function_compile(struct reader *r, const struct xml_node *n, const struct feel_node **out)
{
        struct compiler *c = r->compiler;
        struct function_scope f;
        size_t count = reader_count(n, "formalParameter"), i = 0, bindings = c->binding_count;
        const char **names = arena_array(c->arena, count + 1, sizeof(const char *));
        const struct feel_type **types = arena_array(c->arena, count + 1, sizeof(const struct feel_type *));
        const struct feel_node *body = NULL, *root;
        const char *kind = xml_attr(n, "kind");

        if (names == NULL || types == NULL)
                return reader_memory(r);
        function_begin(c, &f);
        for (const struct xml_node *p = xml_child(n, "formalParameter"); p != NULL; p = xml_next(p, "formalParameter"), i++) {
                names[i] = xml_attr(p, "name") == NULL ? "" : reader_trimmed(r, xml_attr(p, "name"));
                types[i] = type_ref(r, p);
                if (names[i] == NULL || scope_local(c, names[i], types[i]) == NULL)
                        return reader_memory(r);
        }
        int rc = kind != NULL && strcmp(kind, "FEEL") != 0 ? made(r, node_fail(c, "a function is not written in FEEL"), &body)
                                                           : inner(r, n, &body);
        const struct feel_type *result = type_ref(r, n);
        if (result->kind == FEEL_T_FUNCTION)
                result = result->element;
        if (rc == 0)
                body = node_coerce(c, body, result);
        root = rc < 0 ? NULL : compiler_root(c, body);
        function_end(c);
        c->binding_count = bindings;
        if (rc < 0)
                return rc;
        struct feel_node *node = node_new(c, OP_FUNCTION, &root, 1);
        struct feel_type *type = arena_new_of(c->arena, struct feel_type);
        if (node == NULL || type == NULL)
                return reader_memory(r);
        *type = (struct feel_type){.kind = FEEL_T_FUNCTION, .element = body->type};
        node->names = names;
        node->types = types;
        node->parameter_count = (uint32_t)count;
        node->captures = f.captures;
        node->capture_count = (uint32_t)f.capture_count;
        node->type = type;
        *out = node;
        return 0;
}

static int list(struct reader *r, const struct xml_node *n, const struct feel_node **out)
{
        struct node_list items = {NULL, 0, 0};
        const struct feel_node *item;

        for (const struct xml_node *c = n->first; c != NULL; c = c->next) {
                if (box_kind(c) == BOX_COUNT)
                        continue;
                if (box_compile(r, c, &item) < 0)
                        return ERR;
                if (!node_list_add(r->compiler, &items, item))
                        return reader_memory(r);
        }
        return made(r,
                    items.n == 0 ? node_const(r->compiler, feel_list(NULL, 0))
                                 : node_finish(r->compiler, node_new(r->compiler, OP_LIST, items.p, items.n)),
                    out);
}

static int relation(struct reader *r, const struct xml_node *n, const struct feel_node **out)
{
        struct compiler *c = r->compiler;
        size_t columns = reader_count(n, "column"), i = 0;
        const char **names = arena_array(c->arena, columns + 1, sizeof(const char *));
        const struct feel_type **types = arena_array(c->arena, columns + 1, sizeof(const struct feel_type *));
        uint32_t *slots = arena_array(c->arena, columns + 1, sizeof *slots);
        struct node_list rows = {NULL, 0, 0};

        if (names == NULL || types == NULL || slots == NULL)
                return reader_memory(r);
        for (const struct xml_node *k = xml_child(n, "column"); k != NULL; k = xml_next(k, "column"), i++) {
                names[i] = xml_attr(k, "name") == NULL ? "" : reader_trimmed(r, xml_attr(k, "name"));
                types[i] = type_ref(r, k);
                slots[i] = scope_slot(c);
                if (names[i] == NULL)
                        return reader_memory(r);
        }
        for (const struct xml_node *row = xml_child(n, "row"); row != NULL; row = xml_next(row, "row")) {
                struct node_list cells = {NULL, 0, 0};
                const struct feel_node *cell;
                for (const struct xml_node *k = row->first; k != NULL; k = k->next) {
                        if (box_kind(k) == BOX_COUNT)
                                continue;
                        if (cells.n == columns)
                                return reader_wrong(r, k, "a row has more cells than the relation has columns");
                        if (box_compile(r, k, &cell) < 0)
                                return ERR;
                        if (!node_list_add(c, &cells, node_coerce(c, cell, types[cells.n])))
                                return reader_memory(r);
                }
                if (cells.n != columns)
                        return reader_wrong(r, row, "a row has fewer cells than the relation has columns");
                struct feel_node *one = node_new(c, OP_CONTEXT, cells.p, cells.n);
                if (one == NULL)
                        return reader_memory(r);
                one->names = names;
                one->slots = slots;
                if (!node_list_add(c, &rows, node_finish(c, one)))
                        return reader_memory(r);
        }
        return made(r, rows.n == 0 ? node_const(c, feel_list(NULL, 0)) : node_finish(c, node_new(c, OP_LIST, rows.p, rows.n)),
                    out);
}

static int conditional(struct reader *r, const struct xml_node *n, const struct feel_node **out)
{
        static const char *const PARTS[] = {"if", "then", "else"};
        const struct feel_node *parts[3];

        for (int i = 0; i < 3; i++)
                if (inner(r, xml_child(n, PARTS[i]), &parts[i]) < 0)
                        return ERR;
        return made(r, node_finish(r->compiler, node_new(r->compiler, OP_IF, parts, 3)), out);
}

static int filter(struct reader *r, const struct xml_node *n, const struct feel_node **out)
{
        struct compiler *c = r->compiler;
        size_t bindings = c->binding_count;
        const struct feel_node *parts[2];

        if (inner(r, xml_child(n, "in"), &parts[0]) < 0)
                return ERR;
        const struct feel_type *item = type_item(parts[0]->type);
        struct binding *by_name = scope_local(c, "item", item), *entries = scope_add(c, BIND_ITEM, "item", item);
        if (by_name == NULL || entries == NULL)
                return reader_memory(r);
        entries->slot = by_name->slot;
        int rc = inner(r, xml_child(n, "match"), &parts[1]);
        c->binding_count = bindings;
        if (rc < 0)
                return rc;
        struct feel_node *node = node_new(c, OP_FILTER, parts, 2);
        if (node == NULL)
                return reader_memory(r);
        node->slot = by_name->slot;
        return made(r, node_finish(c, node), out);
}

static int iterator(struct reader *r, const struct xml_node *n, enum feel_op op, const struct feel_node **out)
{
        struct compiler *c = r->compiler;
        size_t bindings = c->binding_count;
        const char *name = xml_attr(n, "iteratorVariable");
        const char **names = arena_array(c->arena, 1, sizeof(const char *));
        uint32_t *slots = arena_array(c->arena, 1, sizeof *slots);
        const struct feel_node *parts[2];
        struct binding *partial = NULL;

        if (names == NULL || slots == NULL || (names[0] = reader_trimmed(r, name == NULL ? "" : name)) == NULL)
                return reader_memory(r);
        if (inner(r, xml_child(n, "in"), &parts[0]) < 0)
                return ERR;
        struct binding *b = scope_local(c, names[0], parts[0]->type->kind == FEEL_T_RANGE ? NULL : type_item(parts[0]->type));
        if (b == NULL || (op == OP_FOR && (partial = scope_local(c, "partial", &FEEL_TYPES[FEEL_T_LIST])) == NULL))
                return reader_memory(r);
        slots[0] = b->slot;
        int rc = inner(r, xml_child(n, op == OP_FOR ? "return" : "satisfies"), &parts[1]);
        c->binding_count = bindings;
        if (rc < 0)
                return rc;
        struct feel_node *node = node_new(c, op, parts, 2);
        if (node == NULL)
                return reader_memory(r);
        node->names = names;
        node->slots = slots;
        node->slot = partial == NULL ? 0 : partial->slot;
        return made(r, node_finish(c, node), out);
}

int box_compile(struct reader *r, const struct xml_node *n, const struct feel_node **out)
{
        size_t kind = box_kind(n);
        int rc;

        if (++r->depth > BOX_DEPTH)
                return reader_wrong(r, n, "the expressions are nested too deep");
        switch (kind) {
        case 0:
                rc = literal(r, n, out);
                break;
        case 1:
                rc = context(r, n, out);
                break;
        case 2:
                rc = table_compile(r, n, out);
                break;
        case 3:
                rc = invocation(r, n, out);
                break;
        case 4:
                rc = function_compile(r, n, out);
                break;
        case 5:
                rc = list(r, n, out);
                break;
        case 6:
                rc = relation(r, n, out);
                break;
        case 7:
                rc = conditional(r, n, out);
                break;
        case 8:
                rc = filter(r, n, out);
                break;
        default:
                rc = iterator(r, n, kind == 9 ? OP_FOR : kind == 10 ? OP_SOME : OP_EVERY, out);
        }
        r->depth--;
        if (rc == 0 && kind != 4 && (*out = node_coerce(r->compiler, *out, type_ref(r, n))) == NULL)
                return reader_memory(r);
        return rc;
}
