/* SPDX-License-Identifier: Apache-2.0
 *
 * Item definitions → types. An item may name itself inside its components, and others in any order.
 */
#include "engine/dmn/model.h"

#include <string.h>

#define NEST_MAX 32
#define ITEMS_MAX 5000

static int item_make(struct reader *r, struct item *item);
static int type_make(struct reader *r, const struct xml_node *n, struct feel_type *out, int depth);

static struct item *item_find(const struct unit *u, struct str name)
{
        for (size_t i = 0; i < u->item_count; i++)
                if (str_is(name, u->items[i].name))
                        return &u->items[i];
        return NULL;
}

/* "tX" of this unit, "import.tX" of another. */
static struct item *item_named(const struct unit *u, struct str name, const struct unit **owner)
{
        struct item *item = item_find(u, name);

        *owner = u;
        for (size_t i = 0; item == NULL && i < u->import_count; i++) {
                const struct import *im = &u->imports[i];
                size_t n = strlen(im->name);
                if (im->unit == NULL)
                        continue;
                if (n == 0 || (name.n > n + 1 && memcmp(name.p, im->name, n) == 0 && name.p[n] == '.')) {
                        struct str rest = n == 0 ? name : (struct str){name.p + n + 1, name.n - n - 1};
                        item = n == 0 ? item_find(im->unit, rest) : item_named(im->unit, rest, owner);
                        if (item != NULL && n == 0)
                                *owner = im->unit;
                }
        }
        return item;
}

const struct feel_type *unit_type(void *ctx, struct str name)
{
        struct reader *r = ctx;
        const struct unit *owner;
        struct item *item = item_named(r->unit, str_trim(name), &owner);
        struct unit *here = r->unit;

        if (item == NULL)
                return NULL;
        r->unit = (struct unit *)(uintptr_t)owner;
        int rc = item->state == ITEM_NEW ? item_make(r, item) : 0;
        r->unit = here;
        return rc < 0 ? NULL : &item->type;
}

/* A type by the text of a typeRef: an item, a plain type, or FEEL's notation. A prefix of XML is cut off. */
static const struct feel_type *named(struct reader *r, const char *text)
{
        struct str name = str_trim(str_from(text));
        const struct feel_type *t;
        struct compiler c;

        if (name.n == 0)
                return NULL;
        t = unit_type(r, name);
        if (t == NULL)
                t = type_plain(name);
        const char *colon = memchr(name.p, ':', name.n);
        if (t == NULL && colon != NULL) {
                name = (struct str){colon + 1, name.n - (size_t)(colon + 1 - name.p)};
                t = unit_type(r, name);
                if (t == NULL)
                        t = type_plain(name);
        }
        if (t != NULL || memchr(name.p, '<', name.n) == NULL)
                return t;
        compiler_init(&c, r->model->arena, NULL);
        c.find_type = unit_type;
        c.find_ctx = r;
        t = compiler_type(&c, name);
        compiler_dispose(&c);
        return t;
}

const struct feel_type *type_ref(struct reader *r, const struct xml_node *n)
{
        const char *t = n == NULL ? NULL : xml_attr(n, "typeRef");
        const struct xml_node *child = t == NULL && n != NULL ? xml_child(n, "typeRef") : NULL;
        const struct feel_type *type;

        if (child != NULL)
                t = child->text;
        type = t == NULL ? NULL : named(r, t);
        return type == NULL ? &FEEL_TYPES[FEEL_T_ANY] : type;
}

/* Unary tests of allowed values, asked of a value of the type. */
static int tests_make(struct reader *r, const struct xml_node *n, const struct feel_type *asked, const struct feel_node **out)
{
        struct compiler c, *outer = r->compiler;
        const struct feel_node *tests = NULL;

        compiler_init(&c, r->model->arena, r->err);
        c.find_type = unit_type;
        c.find_ctx = r;
        c.closed = true;
        c.zones = r->model->zones;
        c.hints = r->unit->names;
        c.hint_count = r->unit->name_count;
        c.question = asked;
        r->compiler = &c;
        int rc = reader_feel(r, n, FEEL_UNARY_TESTS, &tests);
        r->compiler = outer;
        if (rc == 0 && tests != NULL && (*out = compiler_root(&c, tests)) == NULL)
                rc = reader_memory(r);
        compiler_dispose(&c);
        return rc;
}

static int components_make(struct reader *r, const struct xml_node *n, struct feel_type *t, int depth)
{
        size_t count = reader_count(n, "itemComponent"), i = 0;
        struct feel_field *fields = arena_array(r->model->arena, count + 1, sizeof *fields);
        struct feel_type *types = arena_array(r->model->arena, count + 1, sizeof *types);

        if (fields == NULL || types == NULL)
                return reader_memory(r);
        t->kind = FEEL_T_CONTEXT;
        t->fields = fields;
        t->field_count = count;
        for (const struct xml_node *c = xml_child(n, "itemComponent"); c != NULL; c = xml_next(c, "itemComponent"), i++) {
                fields[i].name = xml_attr(c, "name") == NULL ? "" : reader_trimmed(r, xml_attr(c, "name"));
                fields[i].type = &types[i];
                if (fields[i].name == NULL)
                        return reader_memory(r);
                if (type_make(r, c, &types[i], depth + 1) < 0)
                        return ERR;
        }
        return 0;
}

static int function_item(struct reader *r, const struct xml_node *n, struct feel_type *t)
{
        size_t count = reader_count(n, "parameters"), i = 0;
        struct feel_field *fields = arena_array(r->model->arena, count + 1, sizeof *fields);
        const char *out = xml_attr(n, "outputTypeRef");

        if (fields == NULL)
                return reader_memory(r);
        for (const struct xml_node *c = xml_child(n, "parameters"); c != NULL; c = xml_next(c, "parameters"))
                fields[i++] = (struct feel_field){xml_attr(c, "name"), type_ref(r, c)};
        *t = (struct feel_type){
            .kind = FEEL_T_FUNCTION, .name = t->name, .fields = fields, .field_count = count, .fields_known = true};
        t->element = out == NULL ? NULL : named(r, out);
        return 0;
}

/* What an item is without being a collection; `direct` when another type is exactly it. */
static int single_make(struct reader *r, const struct xml_node *n, struct feel_type *t, const struct feel_type **direct,
                       int depth)
{
        const struct xml_node *function = xml_child(n, "functionItem"), *allowed = xml_child(n, "allowedValues"),
                              *base = xml_child(n, "typeRef");

        *direct = NULL;
        if (xml_child(n, "itemComponent") != NULL) {
                if (components_make(r, n, t, depth) < 0)
                        return ERR;
        } else if (function != NULL) {
                return function_item(r, function, t);
        } else if (base != NULL) {
                const struct feel_type *of = named(r, base->text);
                if (of == NULL)
                        of = &FEEL_TYPES[FEEL_T_ANY];
                const char *name = t->name;
                *t = *of;
                t->name = name;
                t->base = of->allowed != NULL || of->allowed_whole != NULL || of->base != NULL ? of : NULL;
                t->allowed = t->allowed_whole = NULL;
                *direct = of;
        }
        if (allowed != NULL) {
                const struct feel_type *asked = t->kind == FEEL_T_LIST && t->element != NULL ? t->element : t;
                *direct = NULL;
                return tests_make(r, allowed, asked, &t->allowed);
        }
        return 0;
}

static int type_make(struct reader *r, const struct xml_node *n, struct feel_type *out, int depth)
{
        const char *collection = xml_attr(n, "isCollection");
        const struct xml_node *whole = xml_child(n, "typeConstraint");
        const struct feel_type *direct;

        if (depth > NEST_MAX)
                return reader_wrong(r, n, "the item definitions are nested too deep");
        if (collection == NULL || strcmp(collection, "true") != 0) {
                if (single_make(r, n, out, &direct, depth) < 0)
                        return ERR;
        } else {
                struct feel_type *item = arena_new_of(r->model->arena, struct feel_type);
                if (item == NULL)
                        return reader_memory(r);
                *out = (struct feel_type){.kind = FEEL_T_LIST, .name = out->name, .element = item};
                if (single_make(r, n, item, &direct, depth) < 0)
                        return ERR;
                if (direct != NULL)
                        out->element = direct;
        }
        return whole == NULL ? 0 : tests_make(r, whole, out, &out->allowed_whole);
}

static int item_make(struct reader *r, struct item *item)
{
        item->state = ITEM_BUSY;
        if (type_make(r, item->xml, &item->type, 0) < 0)
                return ERR;
        item->state = ITEM_READY;
        return 0;
}

int types_read(struct reader *r)
{
        struct unit *u = r->unit;
        size_t i = 0;

        if (reader_count(u->root, "itemDefinition") > ITEMS_MAX)
                return error_raise(r->err, SB_LIMIT, "%s|%d", "item definitions of a model", ITEMS_MAX);
        u->items = arena_array(r->model->arena, reader_count(u->root, "itemDefinition") + 1, sizeof *u->items);
        if (u->items == NULL)
                return reader_memory(r);
        for (const struct xml_node *n = xml_child(u->root, "itemDefinition"); n != NULL;
             n = xml_next(n, "itemDefinition"), i++) {
                u->items[i].xml = n;
                u->items[i].name = xml_attr(n, "name") == NULL ? "" : reader_trimmed(r, xml_attr(n, "name"));
                if (u->items[i].name == NULL)
                        return reader_memory(r);
                u->items[i].type.name = u->items[i].name;
        }
        u->item_count = i;
        for (i = 0; i < u->item_count; i++)
                if (u->items[i].state == ITEM_NEW && item_make(r, &u->items[i]) < 0)
                        return ERR;
        return 0;
}
