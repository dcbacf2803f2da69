/* SPDX-License-Identifier: Apache-2.0
 *
 * DMN XML → model. Elements first, then what they need, then their logic, so that the order in the file does not matter.
 */
#include "engine/dmn/model.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define MODEL_MEMORY ((size_t)64 << 20)
#define IMPORT_DEPTH 8
#define BOX_DEPTH 64
#define TABLE_CELLS 1000000

struct reader {
        struct dmn_model *model;
        const struct dmn_options *options;
        const struct xml_node *root;
        int depth, imports_depth;
        struct error *err;
};

static int model_open(struct dmn_model **out, struct str xml, const struct dmn_options *o, int depth, struct error *err);

static int wrong(struct reader *r, const struct xml_node *n, const char *what)
{
        const char *id = n == NULL ? NULL : xml_attr(n, "id"), *name = n == NULL ? NULL : xml_attr(n, "name");

        error_raise(r->err, SB_DMN_MODEL, "%.200s", what);
        if (n != NULL)
                error_where(r->err, "%s!%s line %d", r->model->name == NULL ? "" : r->model->name,
                            name != NULL ? name : id != NULL ? id : n->name, n->line);
        return ERR;
}

static int memory(struct reader *r)
{
        return error_raise(r->err, SB_LIMIT, "%s|%zu", "DMN model", MODEL_MEMORY);
}

static const char *article_of(const struct xml_node *n)
{
        for (const struct xml_attr *a = n->attrs; a != NULL; a = a->next)
                if (strcmp(a->name, "article") == 0)
                        return a->value;
        return NULL;
}

static const char *trimmed(struct reader *r, const char *text)
{
        struct str s = str_trim(str_from(text));

        return arena_text(r->model->arena, s);
}

static int name_add(struct reader *r, const char *name)
{
        struct dmn_model *m = r->model;

        if (name == NULL || name[0] == '\0')
                return 0;
        for (size_t i = 0; i < m->name_count; i++)
                if (strcmp(m->names[i], name) == 0)
                        return 0;
        if (m->name_count == m->name_room) {
                size_t room = m->name_room == 0 ? 64 : m->name_room * 2;
                const char **more = arena_array(m->arena, room, sizeof *more);
                if (more == NULL)
                        return memory(r);
                if (m->name_count > 0)
                        memcpy(more, m->names, m->name_count * sizeof *more);
                m->names = more;
                m->name_room = room;
        }
        m->names[m->name_count++] = name;
        return 0;
}

/* Every name that stands anywhere in the file, so that names of several words are recognised wherever they are used. */
static int names_collect(struct reader *r, const struct xml_node *n)
{
        const char *name = xml_attr(n, "name"), *label = xml_attr(n, "iteratorVariable");

        if (name_add(r, name == NULL ? NULL : trimmed(r, name)) < 0 || name_add(r, label) < 0)
                return ERR;
        for (const struct xml_node *c = n->first; c != NULL; c = c->next)
                if (names_collect(r, c) < 0)
                        return ERR;
        return 0;
}

static int feel_read(struct reader *r, const struct xml_node *n, enum feel_form form, const struct feel_node **out)
{
        const struct xml_node *text = xml_child(n, "text");
        const char *language = xml_attr(n, "expressionLanguage");

        if (language != NULL && strstr(language, "FEEL") == NULL && strstr(language, "feel") == NULL)
                return wrong(r, n, "an expression is in another language than FEEL");
        const char *source = text == NULL ? "" : trimmed(r, text->text);
        if (source == NULL)
                return memory(r);
        if (source[0] == '\0') {
                *out = NULL;
                return 0;
        }
        if (feel_compile(out, r->model->arena, &r->model->scope, str_from(source), form, r->err) < 0) {
                const char *id = xml_attr(n, "id");
                return error_where(r->err, "%s!%s line %d", r->model->name, id == NULL ? n->name : id, n->line);
        }
        return 0;
}

static size_t children_count(const struct xml_node *n, const char *name)
{
        size_t count = 0;

        for (const struct xml_node *c = xml_child(n, name); c != NULL; c = xml_next(c, name))
                count++;
        return count;
}

/* "feel:number", "{…}number", "ns.tType" → the name without its prefix for the built-in types. */
static const char *type_ref(const struct xml_node *n)
{
        const char *t = xml_attr(n, "typeRef");
        const struct xml_node *child = t == NULL ? xml_child(n, "typeRef") : NULL;

        if (child != NULL)
                t = child->text;
        if (t == NULL)
                return NULL;
        const char *colon = strchr(t, ':');
        return colon == NULL ? t : colon + 1;
}

/* --- tables --------------------------------------------------------------------------------------------------------- */

static int policy_read(struct reader *r, const struct xml_node *n, struct table *t)
{
        static const struct {
                const char *word;
                enum hit_policy policy;
        } POLICIES[] = {{"UNIQUE", HIT_UNIQUE}, {"FIRST", HIT_FIRST}, {"ANY", HIT_ANY}, {"PRIORITY", HIT_PRIORITY},
                        {"COLLECT", HIT_COLLECT}, {"RULE ORDER", HIT_RULE_ORDER}, {"OUTPUT ORDER", HIT_OUTPUT_ORDER}};
        const char *word = xml_attr(n, "hitPolicy"), *aggregation = xml_attr(n, "aggregation");
        size_t k = 0;

        while (word != NULL && k < 7 && strcmp(word, POLICIES[k].word) != 0)
                k++;
        if (k == 7)
                return wrong(r, n, "there is no such hit policy");
        t->policy = POLICIES[k].policy;
        if (aggregation != NULL)
                t->aggregation = strcmp(aggregation, "SUM") == 0   ? '+'
                                 : strcmp(aggregation, "MIN") == 0 ? '<'
                                 : strcmp(aggregation, "MAX") == 0 ? '>'
                                 : strcmp(aggregation, "COUNT") == 0 ? '#'
                                                                     : 0;
        return 0;
}

static int rule_read(struct reader *r, const struct xml_node *n, const struct table *t, long article, struct rule *out)
{
        size_t i = 0;

        out->id = xml_attr(n, "id");
        out->tests = arena_array(r->model->arena, t->input_count + 1, sizeof *out->tests);
        out->outputs = arena_array(r->model->arena, t->output_count + 1, sizeof *out->outputs);
        if (out->tests == NULL || out->outputs == NULL)
                return memory(r);
        for (const struct xml_node *c = xml_child(n, "inputEntry"); c != NULL; c = xml_next(c, "inputEntry")) {
                if (i == t->input_count)
                        return wrong(r, n, "a rule has more input entries than the table has inputs");
                if (feel_read(r, c, FEEL_UNARY_TESTS, &out->tests[i++]) < 0)
                        return ERR;
        }
        if (i != t->input_count)
                return wrong(r, n, "a rule has fewer input entries than the table has inputs");
        i = 0;
        for (const struct xml_node *c = xml_child(n, "outputEntry"); c != NULL; c = xml_next(c, "outputEntry")) {
                if (i == t->output_count)
                        return wrong(r, n, "a rule has more output entries than the table has outputs");
                if (feel_read(r, c, FEEL_EXPRESSION, &out->outputs[i++]) < 0)
                        return ERR;
        }
        if (i != t->output_count)
                return wrong(r, n, "a rule has fewer output entries than the table has outputs");
        long k = 0;
        for (const struct xml_node *c = xml_child(n, "annotationEntry"); c != NULL; c = xml_next(c, "annotationEntry"), k++)
                if (k == article && xml_child(c, "text") != NULL)
                        out->article = trimmed(r, xml_child(c, "text")->text);
        return 0;
}

/* Output values are a list of values; their order is the priority. */
static int order_read(struct reader *r, const struct xml_node *n, const struct feel_node **out)
{
        const struct xml_node *text = xml_child(n, "text");
        const char *list = arena_format(r->model->arena, "[%s]", text == NULL ? "" : text->text);

        if (list == NULL)
                return memory(r);
        if (feel_compile(out, r->model->arena, &r->model->scope, str_from(list), FEEL_EXPRESSION, r->err) < 0)
                return error_where(r->err, "%s!outputValues line %d", r->model->name, n->line);
        return 0;
}

static int outputs_read(struct reader *r, const struct xml_node *n, struct table *t)
{
        struct arena *a = r->model->arena;
        size_t i = 0;

        t->output_names = arena_array(a, t->output_count + 1, sizeof *t->output_names);
        t->output_order = arena_array(a, t->output_count + 1, sizeof *t->output_order);
        t->defaults = arena_array(a, t->output_count + 1, sizeof *t->defaults);
        if (t->output_names == NULL || t->output_order == NULL || t->defaults == NULL)
                return memory(r);
        for (const struct xml_node *c = xml_child(n, "output"); c != NULL; c = xml_next(c, "output"), i++) {
                const struct xml_node *values = xml_child(c, "outputValues"), *fallback = xml_child(c, "defaultOutputEntry");
                t->output_names[i] = xml_attr(c, "name");
                if (t->output_count > 1 && t->output_names[i] == NULL)
                        return wrong(r, c, "an output of several has no name");
                if (values != NULL && order_read(r, values, &t->output_order[i]) < 0)
                        return ERR;
                if (fallback != NULL && feel_read(r, fallback, FEEL_EXPRESSION, &t->defaults[i]) < 0)
                        return ERR;
        }
        return 0;
}

/* Tables before `stop` inside n, in the order of the file; *found when stop was met. */
static size_t tables_before(const struct xml_node *n, const struct xml_node *stop, bool *found)
{
        size_t count = 0;

        for (const struct xml_node *c = n->first; c != NULL && !*found; c = c->next) {
                *found = c == stop;
                if (!*found) {
                        count += strcmp(c->name, "decisionTable") == 0;
                        count += tables_before(c, stop, found);
                }
        }
        return count;
}

/* A derivation names a table so that a page can find it: by its element and its place in it. */
static void table_place(struct table *t, const struct xml_node *n)
{
        const struct xml_node *element = n;
        bool found = false;

        while (element->parent != NULL && element->parent->parent != NULL)
                element = element->parent;
        t->name = xml_attr(element, "name");
        t->element = xml_attr(element, "id");
        t->at = element == n ? 0 : tables_before(element, n, &found);
}

static int table_read(struct reader *r, const struct xml_node *n, const struct table **out)
{
        struct arena *a = r->model->arena;
        struct table *t = arena_new_of(a, struct table);
        long article = -1, k = 0;
        size_t i = 0;

        if (t == NULL)
                return memory(r);
        table_place(t, n);
        t->input_count = children_count(n, "input");
        t->output_count = children_count(n, "output");
        t->rule_count = children_count(n, "rule");
        if (t->output_count == 0)
                return wrong(r, n, "a table has no output");
        if (t->rule_count * (t->input_count + t->output_count) > TABLE_CELLS)
                return error_raise(r->err, SB_LIMIT, "%s|%d", "cells of a table", TABLE_CELLS);
        t->inputs = arena_array(a, t->input_count + 1, sizeof *t->inputs);
        t->input_values = arena_array(a, t->input_count + 1, sizeof *t->input_values);
        t->rules = arena_array(a, t->rule_count + 1, sizeof *t->rules);
        if (t->inputs == NULL || t->input_values == NULL || t->rules == NULL)
                return memory(r);
        if (policy_read(r, n, t) < 0)
                return ERR;
        for (const struct xml_node *c = xml_child(n, "input"); c != NULL; c = xml_next(c, "input"), i++) {
                const struct xml_node *e = xml_child(c, "inputExpression"), *values = xml_child(c, "inputValues");
                if (e == NULL || feel_read(r, e, FEEL_EXPRESSION, &t->inputs[i]) < 0 || t->inputs[i] == NULL)
                        return e == NULL ? wrong(r, c, "an input has no expression") : wrong(r, c, "an input expression is empty");
                if (values != NULL && feel_read(r, values, FEEL_UNARY_TESTS, &t->input_values[i]) < 0)
                        return ERR;
        }
        if (outputs_read(r, n, t) < 0)
                return ERR;
        for (const struct xml_node *c = xml_child(n, "annotation"); c != NULL; c = xml_next(c, "annotation"), k++)
                if (xml_attr(c, "name") != NULL && strcmp(xml_attr(c, "name"), "article") == 0)
                        article = k;
        i = 0;
        for (const struct xml_node *c = xml_child(n, "rule"); c != NULL; c = xml_next(c, "rule"))
                if (rule_read(r, c, t, article, &t->rules[i++]) < 0)
                        return ERR;
        *out = t;
        return 0;
}

/* --- boxed expressions ------------------------------------------------------------------------------------------------ */

static int box_read(struct reader *r, const struct xml_node *n, const struct box **out);

static const char *const BOXES[] = {"literalExpression", "context", "decisionTable", "invocation", "functionDefinition", "list",
                                    "relation", "conditional", "filter", "for", "some", "every"};

static const struct xml_node *box_child(const struct xml_node *n)
{
        for (const struct xml_node *c = n->first; c != NULL; c = c->next)
                for (size_t k = 0; k < sizeof(BOXES) / sizeof(BOXES[0]); k++)
                        if (strcmp(c->name, BOXES[k]) == 0)
                                return c;
        return NULL;
}

static struct box *box_new(struct reader *r, enum box_kind kind, size_t count)
{
        struct arena *a = r->model->arena;
        struct box *b = arena_new_of(a, struct box);

        if (b == NULL)
                return NULL;
        b->kind = kind;
        b->count = count;
        b->parts = arena_array(a, count + 1, sizeof *b->parts);
        b->names = arena_array(a, count + 1, sizeof *b->names);
        b->articles = arena_array(a, count + 1, sizeof *b->articles);
        b->types = arena_array(a, count + 1, sizeof *b->types);
        return b->parts == NULL || b->names == NULL || b->articles == NULL || b->types == NULL ? NULL : b;
}

static int part_read(struct reader *r, const struct xml_node *n, const char *child, const struct box **out)
{
        const struct xml_node *c = child == NULL ? n : xml_child(n, child);
        const struct xml_node *e = c == NULL ? NULL : box_child(c);

        if (e == NULL)
                return wrong(r, n, "an expression is missing");
        return box_read(r, e, out);
}

static int context_read(struct reader *r, const struct xml_node *n, struct box *b)
{
        size_t i = 0;

        for (const struct xml_node *c = xml_child(n, "contextEntry"); c != NULL; c = xml_next(c, "contextEntry"), i++) {
                const struct xml_node *v = xml_child(c, "variable"), *e = box_child(c);
                b->names[i] = v == NULL ? NULL : trimmed(r, xml_attr(v, "name") == NULL ? "" : xml_attr(v, "name"));
                b->types[i] = v == NULL ? NULL : type_ref(v);
                b->articles[i] = article_of(c);
                if (e == NULL)
                        return wrong(r, c, "a context entry has no expression");
                if (box_read(r, e, &b->parts[i]) < 0)
                        return ERR;
        }
        return 0;
}

static int invocation_read(struct reader *r, const struct xml_node *n, struct box *b)
{
        size_t i = 1;
        const struct xml_node *callee = box_child(n);

        if (callee == NULL)
                return wrong(r, n, "an invocation calls nothing");
        if (box_read(r, callee, &b->parts[0]) < 0)
                return ERR;
        for (const struct xml_node *c = xml_child(n, "binding"); c != NULL; c = xml_next(c, "binding"), i++) {
                const struct xml_node *p = xml_child(c, "parameter");
                if (p == NULL || xml_attr(p, "name") == NULL)
                        return wrong(r, c, "a binding has no parameter");
                b->names[i] = trimmed(r, xml_attr(p, "name"));
                b->types[i] = type_ref(p);
                if (box_child(c) != NULL && box_read(r, box_child(c), &b->parts[i]) < 0)
                        return ERR;
        }
        return 0;
}

static int function_read(struct reader *r, const struct xml_node *n, struct box *b)
{
        const char *kind = xml_attr(n, "kind");
        size_t i = 0;

        if (kind != NULL && strcmp(kind, "FEEL") != 0) {
                error_raise(r->err, SB_DMN_UNSUPPORTED, "%s", kind);
                return error_where(r->err, "%s line %d", r->model->name, n->line);
        }
        for (const struct xml_node *c = xml_child(n, "formalParameter"); c != NULL; c = xml_next(c, "formalParameter"), i++) {
                b->names[i] = trimmed(r, xml_attr(c, "name") == NULL ? "" : xml_attr(c, "name"));
                b->types[i] = type_ref(c);
        }
        const struct xml_node *body = box_child(n);
        if (body == NULL)
                return 0; /* a function without logic answers null */
        return box_read(r, body, &b->parts[0]);
}

static int relation_read(struct reader *r, const struct xml_node *n, struct box *b)
{
        size_t i = 0, k = 0;

        for (const struct xml_node *c = xml_child(n, "column"); c != NULL; c = xml_next(c, "column"))
                b->names[k++] = trimmed(r, xml_attr(c, "name") == NULL ? "" : xml_attr(c, "name"));
        for (const struct xml_node *row = xml_child(n, "row"); row != NULL; row = xml_next(row, "row"))
                for (const struct xml_node *c = row->first; c != NULL; c = c->next)
                        for (size_t x = 0; x < sizeof(BOXES) / sizeof(BOXES[0]); x++)
                                if (strcmp(c->name, BOXES[x]) == 0) {
                                        if (i == b->count)
                                                return wrong(r, row, "a row has more cells than there are columns");
                                        if (box_read(r, c, &b->parts[i++]) < 0)
                                                return ERR;
                                }
        return i == b->count ? 0 : wrong(r, n, "a row has fewer cells than there are columns");
}

static int list_read(struct reader *r, const struct xml_node *n, struct box *b)
{
        size_t i = 0;

        for (const struct xml_node *c = n->first; c != NULL; c = c->next)
                for (size_t k = 0; k < sizeof(BOXES) / sizeof(BOXES[0]); k++)
                        if (strcmp(c->name, BOXES[k]) == 0 && box_read(r, c, &b->parts[i++]) < 0)
                                return ERR;
        b->count = i;
        return 0;
}

static size_t all_children(const struct xml_node *n)
{
        size_t count = 0;

        for (const struct xml_node *c = n->first; c != NULL; c = c->next)
                count++;
        return count;
}

static int iterator_read(struct reader *r, const struct xml_node *n, struct box *b, const char *body)
{
        b->names[0] = xml_attr(n, "iteratorVariable");
        if (b->names[0] == NULL)
                return wrong(r, n, "an iterator has no variable");
        return part_read(r, n, "in", &b->parts[0]) < 0 ? ERR : part_read(r, n, body, &b->parts[1]);
}

static int box_fill(struct reader *r, const struct xml_node *n, struct box *b)
{
        switch (b->kind) {
        case BOX_LITERAL:
                return feel_read(r, n, FEEL_EXPRESSION, &b->expression);
        case BOX_CONTEXT:
                return context_read(r, n, b);
        case BOX_TABLE:
                return table_read(r, n, &b->table);
        case BOX_INVOCATION:
                return invocation_read(r, n, b);
        case BOX_FUNCTION:
                return function_read(r, n, b);
        case BOX_LIST:
                return list_read(r, n, b);
        case BOX_RELATION:
                return relation_read(r, n, b);
        case BOX_IF:
                return part_read(r, n, "if", &b->parts[0]) < 0 || part_read(r, n, "then", &b->parts[1]) < 0
                               ? ERR
                               : part_read(r, n, "else", &b->parts[2]);
        case BOX_FILTER:
                return part_read(r, n, "in", &b->parts[0]) < 0 ? ERR : part_read(r, n, "match", &b->parts[1]);
        case BOX_FOR:
                return iterator_read(r, n, b, "return");
        case BOX_SOME:
        case BOX_EVERY:
                return iterator_read(r, n, b, "satisfies");
        }
        return 0;
}

static int box_read(struct reader *r, const struct xml_node *n, const struct box **out)
{
        size_t k = 0, count;

        while (strcmp(n->name, BOXES[k]) != 0)
                k++;
        if (++r->depth > BOX_DEPTH)
                return wrong(r, n, "the expressions are nested too deep");
        enum box_kind kind = (enum box_kind)k;
        count = kind == BOX_CONTEXT      ? children_count(n, "contextEntry")
                : kind == BOX_INVOCATION ? children_count(n, "binding") + 1
                : kind == BOX_FUNCTION   ? children_count(n, "formalParameter")
                : kind == BOX_RELATION   ? children_count(n, "column") * children_count(n, "row")
                : kind == BOX_LIST       ? all_children(n)
                                         : 3;
        struct box *b = box_new(r, kind, kind == BOX_RELATION && count < children_count(n, "column") ? children_count(n, "column")
                                                                                                     : count);
        if (b == NULL)
                return memory(r);
        b->count = count;
        b->columns = kind == BOX_RELATION ? children_count(n, "column") : 0;
        b->article = article_of(n);
        b->type = type_ref(n);
        int rc = box_fill(r, n, b);
        r->depth--;
        *out = b;
        return rc;
}

/* --- types, elements, imports ------------------------------------------------------------------------------------------- */

static int type_read(struct reader *r, const struct xml_node *n, struct type *out)
{
        const char *collection = xml_attr(n, "isCollection");
        const struct xml_node *allowed = xml_child(n, "allowedValues");
        size_t i = 0;

        if (++r->depth > BOX_DEPTH)
                return wrong(r, n, "the item definitions are nested too deep");
        out->name = xml_attr(n, "name") == NULL ? "" : trimmed(r, xml_attr(n, "name"));
        out->collection = collection != NULL && strcmp(collection, "true") == 0;
        out->base = xml_child(n, "typeRef") == NULL ? NULL : type_ref(n);
        out->component_count = children_count(n, "itemComponent");
        out->components = arena_array(r->model->arena, out->component_count + 1, sizeof *out->components);
        if (out->components == NULL)
                return memory(r);
        if (allowed != NULL && feel_read(r, allowed, FEEL_UNARY_TESTS, &out->allowed) < 0)
                return ERR;
        for (const struct xml_node *c = xml_child(n, "itemComponent"); c != NULL; c = xml_next(c, "itemComponent"))
                if (type_read(r, c, &out->components[i++]) < 0)
                        return ERR;
        r->depth--;
        return 0;
}

const struct type *model_type(const struct dmn_model *m, const char *name)
{
        const char *dot;

        for (size_t i = 0; i < m->type_count; i++)
                if (strcmp(m->types[i].name, name) == 0)
                        return &m->types[i];
        dot = strchr(name, '.');
        for (size_t i = 0; dot != NULL && i < m->import_count; i++)
                if (m->imports[i].model != NULL && strlen(m->imports[i].name) == (size_t)(dot - name) &&
                    strncmp(m->imports[i].name, name, (size_t)(dot - name)) == 0)
                        return model_type(m->imports[i].model, dot + 1);
        return NULL;
}

static bool element_kind_of(const struct xml_node *n, enum element_kind *kind)
{
        static const char *const KINDS[] = {"inputData", "decision", "businessKnowledgeModel", "decisionService"};

        for (int k = 0; k < 4; k++)
                if (strcmp(n->name, KINDS[k]) == 0) {
                        *kind = (enum element_kind)k;
                        return true;
                }
        return false;
}

static int elements_list(struct reader *r)
{
        struct dmn_model *m = r->model;
        enum element_kind kind;
        size_t count = 0;

        for (const struct xml_node *n = r->root->first; n != NULL; n = n->next)
                count += element_kind_of(n, &kind);
        m->elements = arena_array(m->arena, count + 1, sizeof *m->elements);
        if (m->elements == NULL)
                return memory(r);
        for (const struct xml_node *n = r->root->first; n != NULL; n = n->next) {
                const struct xml_node *v, *d;
                if (!element_kind_of(n, &kind))
                        continue;
                v = xml_child(n, "variable");
                d = xml_child(n, "description");
                const char *name = v != NULL && xml_attr(v, "name") != NULL ? xml_attr(v, "name") : xml_attr(n, "name");
                if (name == NULL)
                        return wrong(r, n, "an element has no name");
                m->elements[m->element_count++] =
                        (struct element){.face = {.id = xml_attr(n, "id") == NULL ? "" : xml_attr(n, "id"),
                                                  .name = trimmed(r, name),
                                                  .type = v == NULL ? NULL : type_ref(v),
                                                  .description = d == NULL ? "" : trimmed(r, d->text),
                                                  .article = article_of(n)},
                                         .kind = kind,
                                         .xml = n};
        }
        return 0;
}

static bool element_find(const struct dmn_model *m, const char *id, size_t *index)
{
        for (size_t i = 0; i < m->element_count; i++)
                if (strcmp(m->elements[i].face.id, id) == 0) {
                        *index = i;
                        return true;
                }
        return false;
}

/* "#id" of this model, "namespace#id" of an import. */
static int need_read(struct reader *r, const struct xml_node *n, struct need *out)
{
        const char *href = xml_attr(n, "href"), *hash = href == NULL ? NULL : strrchr(href, '#');

        if (hash == NULL)
                return wrong(r, n, "a requirement has no reference");
        if (element_find(r->model, hash + 1, &out->index) && (hash == href || strncmp(href, r->model->ns, (size_t)(hash - href)) == 0)) {
                out->model = r->model;
                return 0;
        }
        for (size_t i = 0; i < r->model->import_count; i++) {
                const struct import *im = &r->model->imports[i];
                if (im->model != NULL && strlen(im->ns) == (size_t)(hash - href) && strncmp(im->ns, href, strlen(im->ns)) == 0 &&
                    element_find(im->model, hash + 1, &out->index)) {
                        out->model = im->model;
                        out->import = im->name;
                        return 0;
                }
        }
        return wrong(r, n, "a requirement refers to nothing");
}

static int needs_read(struct reader *r, struct element *e)
{
        static const char *const SERVICE[] = {"outputDecision", "encapsulatedDecision", "inputDecision", "inputData"};
        static const char *const REQUIREMENTS[] = {"informationRequirement", "knowledgeRequirement"};
        static const char *const TARGETS[] = {"requiredInput", "requiredDecision", "requiredKnowledge"};

        e->needs = arena_array(r->model->arena, all_children(e->xml) + 1, sizeof *e->needs);
        if (e->needs == NULL)
                return memory(r);
        for (int k = 0; e->kind == ELEMENT_SERVICE && k < 4; k++) {
                for (const struct xml_node *c = xml_child(e->xml, SERVICE[k]); c != NULL; c = xml_next(c, SERVICE[k])) {
                        if (need_read(r, c, &e->needs[e->need_count++]) < 0)
                                return ERR;
                        e->output_count += k == 0;
                        e->input_count += k >= 2;
                }
        }
        for (int k = 0; k < 2; k++)
                for (const struct xml_node *c = xml_child(e->xml, REQUIREMENTS[k]); c != NULL; c = xml_next(c, REQUIREMENTS[k]))
                        for (int t = 0; t < 3; t++)
                                if (xml_child(c, TARGETS[t]) != NULL &&
                                    need_read(r, xml_child(c, TARGETS[t]), &e->needs[e->need_count++]) < 0)
                                        return ERR;
        return 0;
}

static int logic_read(struct reader *r, struct element *e)
{
        const struct xml_node *logic = e->xml;

        if (e->kind == ELEMENT_KNOWLEDGE) {
                logic = xml_child(e->xml, "encapsulatedLogic");
                if (logic == NULL)
                        return 0;
                struct box *b = box_new(r, BOX_FUNCTION, children_count(logic, "formalParameter"));
                if (b == NULL)
                        return memory(r);
                b->article = e->face.article;
                e->box = b;
                return function_read(r, logic, b);
        }
        if (e->kind != ELEMENT_DECISION || box_child(logic) == NULL)
                return 0;
        return box_read(r, box_child(logic), &e->box);
}

static int imports_read(struct reader *r)
{
        struct dmn_model *m = r->model;
        const struct dmn_options *o = r->options;

        m->imports = arena_array(m->arena, children_count(r->root, "import") + 1, sizeof *m->imports);
        if (m->imports == NULL)
                return memory(r);
        for (const struct xml_node *n = xml_child(r->root, "import"); n != NULL; n = xml_next(n, "import")) {
                struct import *im = &m->imports[m->import_count];
                struct str xml;
                im->name = xml_attr(n, "name") == NULL ? "" : trimmed(r, xml_attr(n, "name"));
                im->ns = xml_attr(n, "namespace") == NULL ? "" : xml_attr(n, "namespace");
                m->import_count++;
                if (o->external_ns != NULL && strcmp(im->ns, o->external_ns) == 0)
                        continue;
                if (r->imports_depth == IMPORT_DEPTH)
                        return wrong(r, n, "imports are nested too deep, or in a circle");
                if (o->resolve == NULL)
                        return wrong(r, n, "an import cannot be found");
                if (o->resolve(o->resolve_ctx, im->ns, xml_attr(n, "locationURI"), &xml, r->err) < 0 ||
                    model_open(&im->model, xml, o, r->imports_depth + 1, r->err) < 0)
                        return ERR;
                for (size_t i = 0; i < im->model->name_count; i++)
                        if (name_add(r, arena_text(m->arena, str_from(im->model->names[i]))) < 0)
                                return ERR;
        }
        return 0;
}

static int externals_make(struct reader *r)
{
        struct dmn_model *m = r->model;
        const struct dmn_options *o = r->options;

        m->externals = arena_array(m->arena, o->external_count + 1, sizeof *m->externals);
        m->external_entries = arena_array(m->arena, o->external_count + 1, sizeof *m->external_entries);
        if (m->externals == NULL || m->external_entries == NULL)
                return memory(r);
        m->external_count = o->external_count;
        for (size_t i = 0; i < o->external_count; i++) {
                const struct dmn_external *e = &o->externals[i];
                m->externals[i] = (struct feel_function){.name = e->name, .parameters = e->parameters, .parameter_count = e->parameter_count,
                                                         .external = e->call, .ctx = e->ctx};
                m->external_entries[i] =
                        (struct feel_entry){e->name, {.kind = FEEL_FUNCTION, .function = &m->externals[i]}};
                if (name_add(r, e->name) < 0)
                        return ERR;
        }
        return 0;
}

static int types_read(struct reader *r)
{
        struct dmn_model *m = r->model;

        m->types = arena_array(m->arena, children_count(r->root, "itemDefinition") + 1, sizeof *m->types);
        if (m->types == NULL)
                return memory(r);
        for (const struct xml_node *n = xml_child(r->root, "itemDefinition"); n != NULL; n = xml_next(n, "itemDefinition"))
                if (type_read(r, n, &m->types[m->type_count++]) < 0)
                        return ERR;
        return 0;
}

static int definitions_read(struct reader *r)
{
        struct dmn_model *m = r->model;

        if (strcmp(r->root->name, "definitions") != 0 || strstr(r->root->ns, "DMN") == NULL)
                return wrong(r, r->root, "the root element is not DMN's definitions");
        m->name = xml_attr(r->root, "name") == NULL ? "" : xml_attr(r->root, "name");
        m->ns = xml_attr(r->root, "namespace") == NULL ? "" : xml_attr(r->root, "namespace");
        if (names_collect(r, r->root) < 0 || imports_read(r) < 0 || externals_make(r) < 0)
                return ERR;
        m->scope = (struct feel_scope){m->names, m->name_count, NULL};
        if (types_read(r) < 0 || elements_list(r) < 0)
                return ERR;
        for (size_t i = 0; i < m->element_count; i++)
                if (needs_read(r, &m->elements[i]) < 0 || logic_read(r, &m->elements[i]) < 0)
                        return ERR;
        return 0;
}

static int model_open(struct dmn_model **out, struct str xml, const struct dmn_options *o, int depth, struct error *err)
{
        struct arena *a = arena_new(MODEL_MEMORY);
        struct reader r = {.options = o, .imports_depth = depth, .err = err};
        const struct xml_node *root;

        if (a == NULL || (r.model = arena_new_of(a, struct dmn_model)) == NULL) {
                arena_free(a);
                return error_raise(err, SB_MEMORY, "%s", "");
        }
        r.model->arena = a;
        int rc = xml_parse(&root, a, xml, NULL, err);
        if (rc == 0) {
                r.root = root;
                rc = definitions_read(&r);
        }
        if (rc < 0) {
                dmn_free(r.model);
                return rc;
        }
        *out = r.model;
        return 0;
}

int dmn_open(struct dmn_model **out, struct str xml, const struct dmn_options *o, struct error *err)
{
        static const struct dmn_options NONE = {.resolve = NULL};

        return model_open(out, xml, o == NULL ? &NONE : o, 0, err);
}

void dmn_free(struct dmn_model *m)
{
        if (m == NULL)
                return;
        for (size_t i = 0; i < m->import_count; i++)
                dmn_free(m->imports[i].model);
        arena_free(m->arena);
}

const char *dmn_name(const struct dmn_model *m)
{
        return m->name;
}

static const struct dmn_element *element_at(const struct dmn_model *m, enum element_kind kind, size_t i)
{
        for (size_t k = 0; k < m->element_count; k++)
                if (m->elements[k].kind == kind && i-- == 0)
                        return &m->elements[k].face;
        return NULL;
}

const struct dmn_element *dmn_decision(const struct dmn_model *m, size_t i)
{
        return element_at(m, ELEMENT_DECISION, i);
}

const struct dmn_element *dmn_input(const struct dmn_model *m, size_t i)
{
        return element_at(m, ELEMENT_INPUT, i);
}
