/* SPDX-License-Identifier: Apache-2.0
 *
 * What elements require, and what they compile to: a decision becomes a tree, knowledge a function, a service a
 * function that evaluates decisions of its own.
 */
#include "engine/dmn/model.h"

#include <string.h>

#define CHAIN_MAX 200

static bool in_unit(const struct dmn_model *m, const struct unit *u, const char *id, size_t *index)
{
        for (size_t i = u->first; i < u->first + u->count; i++)
                if (strcmp(m->elements[i].face.id, id) == 0) {
                        *index = i;
                        return true;
                }
        return false;
}

/* "#id" of this unit, "namespace#id" of an import. */
static int need_read(struct reader *r, const struct xml_node *n, struct need *out)
{
        const char *href = xml_attr(n, "href"), *hash = href == NULL ? NULL : strrchr(href, '#');
        const struct unit *u = r->unit;

        if (hash == NULL)
                return reader_wrong(r, n, "a requirement has no reference");
        size_t length = (size_t)(hash - href);
        *out = (struct need){0};
        if ((length == 0 || (strlen(u->ns) == length && memcmp(u->ns, href, length) == 0)) &&
            in_unit(r->model, u, hash + 1, &out->index))
                return 0;
        for (size_t i = 0; i < u->import_count; i++) {
                const struct import *im = &u->imports[i];
                if (im->unit != NULL && strlen(im->ns) == length && memcmp(im->ns, href, length) == 0 &&
                    in_unit(r->model, im->unit, hash + 1, &out->index)) {
                        out->import = im->name[0] == '\0' ? NULL : im->name;
                        return 0;
                }
        }
        return reader_wrong(r, n, "a requirement refers to nothing");
}

static int needs_read(struct reader *r, struct element *e)
{
        static const char *const SERVICE[] = {"outputDecision", "encapsulatedDecision", "inputData", "inputDecision"};
        static const char *const REQUIREMENTS[] = {"informationRequirement", "knowledgeRequirement"};
        static const char *const TARGETS[] = {"requiredInput", "requiredDecision", "requiredKnowledge"};
        size_t room = 1;

        for (const struct xml_node *c = e->xml->first; c != NULL; c = c->next)
                room++;
        e->needs = arena_array(r->model->arena, room, sizeof *e->needs);
        if (e->needs == NULL)
                return reader_memory(r);
        for (int k = 0; e->kind == ELEMENT_SERVICE && k < 4; k++)
                for (const struct xml_node *c = xml_child(e->xml, SERVICE[k]); c != NULL; c = xml_next(c, SERVICE[k])) {
                        if (need_read(r, c, &e->needs[e->need_count++]) < 0)
                                return ERR;
                        e->output_count += k == 0;
                        e->input_count += k >= 2;
                }
        for (int k = 0; e->kind != ELEMENT_SERVICE && k < 2; k++)
                for (const struct xml_node *c = xml_child(e->xml, REQUIREMENTS[k]); c != NULL; c = xml_next(c, REQUIREMENTS[k]))
                        for (int t = 0; t < 3; t++)
                                if (xml_child(c, TARGETS[t]) != NULL) {
                                        if (need_read(r, xml_child(c, TARGETS[t]), &e->needs[e->need_count++]) < 0)
                                                return ERR;
                                        break;
                                }
        return 0;
}

/* Decisions may not require each other in a circle; knowledge may (recursion), services are entered from outside. */
static int circles_find(struct reader *r, size_t index, int depth)
{
        struct element *e = &r->model->elements[index];

        if (e->visit == 2 || e->kind == ELEMENT_KNOWLEDGE)
                return 0;
        if (e->visit == 1 || depth > CHAIN_MAX) {
                r->unit = e->unit;
                return reader_wrong(r, e->xml,
                                    depth > CHAIN_MAX ? "decisions require each other in too long a chain"
                                                      : "decisions require each other in a circle");
        }
        e->visit = 1;
        for (size_t i = 0; e->kind == ELEMENT_DECISION && i < e->need_count; i++)
                if (r->model->elements[e->needs[i].index].kind == ELEMENT_DECISION &&
                    circles_find(r, e->needs[i].index, depth + 1) < 0)
                        return ERR;
        e->visit = 2;
        return 0;
}

static void bind_to(const struct dmn_model *m, size_t index, struct binding *b)
{
        const struct element *e = &m->elements[index];

        b->name = e->face.name;
        b->slot = (uint32_t)index;
        b->type = e->type;
        b->kind = BIND_GLOBAL;
        if (e->function != NULL) {
                struct feel_type *t = arena_new_of(m->arena, struct feel_type);
                b->kind = BIND_CONST;
                b->value = (struct feel_value){.kind = FEEL_FUNCTION, .function = e->function};
                b->type = &FEEL_TYPES[FEEL_T_FUNCTION];
                if (t != NULL && e->type != NULL) {
                        *t = (struct feel_type){.kind = FEEL_T_FUNCTION, .element = e->type};
                        b->type = t;
                }
        }
}

/* The members of an import that an element needs, under the import's name. */
static int import_bind(struct reader *r, const struct element *e, const struct import *im)
{
        struct dmn_model *m = r->model;
        struct binding *b = scope_add(r->compiler, BIND_NAMESPACE, im->name, &FEEL_TYPES[FEEL_T_CONTEXT]);
        size_t n = 0;

        if (b == NULL)
                return reader_memory(r);
        if (im->unit == NULL) {
                b->members = m->external_members;
                b->member_count = m->external_count;
                return 0;
        }
        struct binding *members = arena_array(m->arena, e->need_count + 1, sizeof *members);
        if (members == NULL)
                return reader_memory(r);
        for (size_t i = 0; i < e->need_count; i++)
                if (e->needs[i].import != NULL && strcmp(e->needs[i].import, im->name) == 0)
                        bind_to(m, e->needs[i].index, &members[n++]);
        b->members = members;
        b->member_count = n;
        return 0;
}

static int scope_open(struct reader *r, size_t index)
{
        const struct element *e = &r->model->elements[index];
        struct compiler *c = r->compiler;

        for (size_t i = 0; i < e->unit->import_count; i++) {
                const struct import *im = &e->unit->imports[i];
                if (im->name[0] != '\0' && import_bind(r, e, im) < 0)
                        return ERR;
        }
        if (e->kind == ELEMENT_KNOWLEDGE) {
                struct binding *self = scope_add(c, BIND_CONST, e->face.name, NULL);
                if (self == NULL)
                        return reader_memory(r);
                bind_to(r->model, index, self);
        }
        for (size_t i = 0; i < e->need_count; i++) {
                if (e->needs[i].import != NULL)
                        continue;
                struct binding *b = scope_add(c, BIND_GLOBAL, "", NULL);
                if (b == NULL)
                        return reader_memory(r);
                bind_to(r->model, e->needs[i].index, b);
        }
        return 0;
}

static int decision_compile(struct reader *r, struct element *e)
{
        const struct xml_node *box = box_child(e->xml);
        const struct feel_node *body;

        if (box == NULL)
                return 0;
        if (box_compile(r, box, &body) < 0)
                return ERR;
        body = node_coerce(r->compiler, body, e->type);
        e->program = body == NULL ? NULL : compiler_root(r->compiler, body);
        return e->program == NULL ? reader_memory(r) : 0;
}

static int knowledge_compile(struct reader *r, struct element *e)
{
        const struct xml_node *logic = xml_child(e->xml, "encapsulatedLogic");
        const struct feel_node *node;

        if (logic == NULL) {
                logic = e->xml; /* no logic: whatever it is called with, null */
        }
        if (function_compile(r, logic, &node) < 0)
                return ERR;
        e->function->parameters = node->names;
        e->function->types = node->types;
        e->function->parameter_count = node->parameter_count;
        e->function->body = node;
        return 0;
}

static int element_compile(struct reader *r, size_t index)
{
        struct element *e = &r->model->elements[index];
        struct compiler c;

        compiler_init(&c, r->model->arena, r->err);
        c.find_type = unit_type;
        c.find_ctx = r;
        c.closed = true;
        c.zones = r->model->zones;
        c.hints = e->unit->names;
        c.hint_count = e->unit->name_count;
        r->compiler = &c;
        r->unit = e->unit;
        r->element = e;
        r->depth = 0;
        int rc = scope_open(r, index);
        if (rc == 0)
                rc = e->kind == ELEMENT_DECISION ? decision_compile(r, e) : knowledge_compile(r, e);
        compiler_dispose(&c);
        r->compiler = NULL;
        return rc;
}

/* A service's parameters: its inputs, data first, then decisions, as they stand. */
static int service_face(struct reader *r, struct element *e)
{
        struct feel_function *f = e->function;
        const char **names = arena_array(r->model->arena, e->input_count + 1, sizeof(const char *));
        const struct feel_type **types = arena_array(r->model->arena, e->input_count + 1, sizeof(const struct feel_type *));

        if (names == NULL || types == NULL)
                return reader_memory(r);
        for (size_t i = 0; i < e->input_count; i++) {
                const struct element *in = &r->model->elements[e->needs[e->need_count - e->input_count + i].index];
                names[i] = in->face.name;
                types[i] = in->type;
        }
        *f = (struct feel_function){.name = e->face.name,
                                    .parameters = names,
                                    .types = types,
                                    .parameter_count = e->input_count,
                                    .native = service_call,
                                    .ctx = e,
                                    .result = e->type};
        return 0;
}

static int faces_make(struct reader *r)
{
        struct dmn_model *m = r->model;

        for (size_t i = 0; i < m->element_count; i++) {
                struct element *e = &m->elements[i];
                const struct xml_node *v = xml_child(e->xml, "variable");
                r->unit = e->unit;
                e->type = type_ref(r, v);
                if (needs_read(r, e) < 0)
                        return ERR;
                if (e->kind != ELEMENT_KNOWLEDGE && e->kind != ELEMENT_SERVICE)
                        continue;
                if (e->type->kind == FEEL_T_FUNCTION) /* the variable is the function; what counts is its result */
                        e->type = e->type->element == NULL ? &FEEL_TYPES[FEEL_T_ANY] : e->type->element;
                e->function = arena_new_of(m->arena, struct feel_function);
                if (e->function == NULL)
                        return reader_memory(r);
                *e->function = (struct feel_function){.name = e->face.name, .result = e->type};
        }
        return 0;
}

int elements_compile(struct reader *r)
{
        struct dmn_model *m = r->model;

        if (faces_make(r) < 0)
                return ERR;
        for (size_t i = 0; i < m->element_count; i++) {
                r->unit = m->elements[i].unit;
                if (m->elements[i].kind == ELEMENT_SERVICE && service_face(r, &m->elements[i]) < 0)
                        return ERR;
                if (circles_find(r, i, 0) < 0)
                        return ERR;
        }
        for (int kind = ELEMENT_KNOWLEDGE; kind >= ELEMENT_DECISION; kind--) /* functions first: their types help */
                for (size_t i = 0; i < m->element_count; i++)
                        if ((int)m->elements[i].kind == kind && element_compile(r, i) < 0)
                                return ERR;
        return 0;
}
