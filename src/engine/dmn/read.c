/* SPDX-License-Identifier: Apache-2.0
 *
 * DMN XML → units: the file and what it imports, each once; their item definitions and elements. What elements
 * compile to is made afterwards (element.c), so that the order in the file does not matter.
 */
#include "engine/dmn/model.h"

#include <stdlib.h>
#include <string.h>

#define MODEL_MEMORY ((size_t)256 << 20)
#define UNITS_MAX 64
#define ELEMENTS_MAX 20000
#define NAMES_MAX 5000 /* beyond, names of several words are known by their types only */

int reader_wrong(struct reader *r, const struct xml_node *n, const char *what)
{
        const char *id = n == NULL ? NULL : xml_attr(n, "id"), *name = n == NULL ? NULL : xml_attr(n, "name");

        error_raise(r->err, SB_DMN_MODEL, "%.200s", what);
        if (n != NULL)
                error_where(r->err, "%s!%s line %d", r->unit == NULL || r->unit->name == NULL ? "" : r->unit->name,
                            name != NULL ? name
                            : id != NULL ? id
                                         : n->name,
                            n->line);
        return ERR;
}

int reader_memory(struct reader *r)
{
        return error_raise(r->err, SB_LIMIT, "%s|%zu", "DMN model", MODEL_MEMORY);
}

const char *reader_article(const struct xml_node *n)
{
        for (const struct xml_attr *a = n->attrs; a != NULL; a = a->next)
                if (strcmp(a->name, "article") == 0)
                        return a->value;
        return NULL;
}

const char *reader_trimmed(struct reader *r, const char *text)
{
        return arena_text(r->model->arena, str_trim(str_from(text)));
}

size_t reader_count(const struct xml_node *n, const char *name)
{
        size_t count = 0;

        for (const struct xml_node *c = xml_child(n, name); c != NULL; c = xml_next(c, name))
                count++;
        return count;
}

int reader_feel(struct reader *r, const struct xml_node *n, enum feel_form form, const struct feel_node **out)
{
        const struct xml_node *text = xml_child(n, "text");
        const char *language = xml_attr(n, "expressionLanguage");
        struct str source = str_trim(str_from(text == NULL ? "" : text->text));
        struct error broken = {0};
        char why[300];

        *out = NULL;
        if (language != NULL && strstr(language, "FEEL") == NULL && strstr(language, "feel") == NULL &&
            strstr(language, "spec/DMN") == NULL)
                return reader_wrong(r, n, "an expression is in another language than FEEL");
        if (source.n == 0)
                return 0;
        r->compiler->err = r->options->tolerant ? &broken : r->err;
        if (compiler_text(r->compiler, source, form, out) < 0) {
                const char *id = xml_attr(n, "id");
                if (!r->options->tolerant)
                        return error_where(r->err, "%s!%s line %d", r->unit->name, id == NULL ? n->name : id, n->line);
                r->compiler->expected = NULL;
                const char *kept = arena_text(r->model->arena, str_from(error_text(&broken, LANG_EN, why, sizeof why)));
                *out = kept == NULL ? NULL : node_fail(r->compiler, kept);
                if (*out == NULL)
                        return reader_memory(r);
        }
        return 0;
}

static int name_add(struct reader *r, const char *name)
{
        struct unit *u = r->unit;

        if (name == NULL)
                return 0;
        name = reader_trimmed(r, name);
        if (name == NULL)
                return reader_memory(r);
        if (lex_plain_name(str_from(name)) || u->name_count == NAMES_MAX)
                return 0;
        for (size_t i = 0; i < u->name_count; i++)
                if (strcmp(u->names[i], name) == 0)
                        return 0;
        if (u->name_count == u->name_room) {
                size_t room = u->name_room == 0 ? 16 : u->name_room * 2;
                const char **more = arena_array(r->model->arena, room, sizeof(const char *));
                if (more == NULL)
                        return reader_memory(r);
                if (u->name_count > 0)
                        memcpy(more, u->names, u->name_count * sizeof(const char *));
                u->names = more;
                u->name_room = room;
        }
        u->names[u->name_count++] = name;
        return 0;
}

/* Every name of the file that is no simple one: members of values whose type is not known are recognised by them. */
static int names_collect(struct reader *r, const struct xml_node *n)
{
        if (name_add(r, xml_attr(n, "name")) < 0)
                return ERR;
        for (const struct xml_node *c = n->first; c != NULL; c = c->next)
                if (names_collect(r, c) < 0)
                        return ERR;
        return 0;
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

static int element_add(struct reader *r, const struct xml_node *n, enum element_kind kind)
{
        struct dmn_model *m = r->model;
        const struct xml_node *v = xml_child(n, "variable"), *d = xml_child(n, "description");
        const char *name = v != NULL && xml_attr(v, "name") != NULL ? xml_attr(v, "name") : xml_attr(n, "name");
        const char *type = v == NULL ? NULL : xml_attr(v, "typeRef");

        if (name == NULL)
                return reader_wrong(r, n, "an element has no name");
        if (m->element_count == ELEMENTS_MAX)
                return error_raise(r->err, SB_LIMIT, "%s|%d", "elements of a model", ELEMENTS_MAX);
        if (m->element_count == m->element_room) {
                size_t room = m->element_room == 0 ? 32 : m->element_room * 2;
                struct element *more = arena_array(m->arena, room, sizeof *more);
                if (more == NULL)
                        return reader_memory(r);
                if (m->element_count > 0)
                        memcpy(more, m->elements, m->element_count * sizeof *more);
                m->elements = more;
                m->element_room = room;
        }
        m->elements[m->element_count++] = (struct element){.face = {.id = xml_attr(n, "id") == NULL ? "" : xml_attr(n, "id"),
                                                                    .name = reader_trimmed(r, name),
                                                                    .type = type,
                                                                    .description = d == NULL ? "" : reader_trimmed(r, d->text),
                                                                    .article = reader_article(n)},
                                                           .kind = kind,
                                                           .unit = r->unit,
                                                           .xml = n};
        r->unit->count++;
        return 0;
}

static struct unit *unit_find(const struct dmn_model *m, const char *ns)
{
        for (struct unit *u = m->units; u != NULL; u = u->next)
                if (strcmp(u->ns, ns) == 0)
                        return u;
        return NULL;
}

static int unit_read(struct reader *r, struct str xml, struct unit **out);

static int import_read(struct reader *r, const struct xml_node *n, struct import *im)
{
        const struct dmn_options *o = r->options;
        const char *type = xml_attr(n, "importType");
        struct unit *here = r->unit;
        struct str xml;

        im->name = xml_attr(n, "name") == NULL ? "" : reader_trimmed(r, xml_attr(n, "name"));
        im->ns = xml_attr(n, "namespace") == NULL ? "" : xml_attr(n, "namespace");
        if (im->name == NULL)
                return reader_memory(r);
        if (o->external_ns != NULL && strcmp(im->ns, o->external_ns) == 0)
                return 0;
        if (type != NULL && strstr(type, "DMN") == NULL && strncmp(type, "urn:", 4) != 0)
                return reader_wrong(r, n, "what is imported is no DMN model");
        im->unit = unit_find(r->model, im->ns);
        if (im->unit != NULL)
                return 0;
        if (o->resolve == NULL)
                return reader_wrong(r, n, "an import cannot be found");
        if (o->resolve(o->resolve_ctx, im->ns, xml_attr(n, "locationURI"), &xml, r->err) < 0)
                return ERR;
        int rc = unit_read(r, xml, &im->unit);
        r->unit = here;
        if (rc == 0 && strcmp(im->unit->ns, im->ns) != 0)
                return reader_wrong(r, n, "what is imported has another namespace");
        return rc;
}

static int unit_fill(struct reader *r)
{
        struct unit *u = r->unit;
        enum element_kind kind;
        size_t i = 0;

        u->imports = arena_array(r->model->arena, reader_count(u->root, "import") + 1, sizeof *u->imports);
        if (u->imports == NULL)
                return reader_memory(r);
        if (names_collect(r, u->root) < 0)
                return ERR;
        for (const struct xml_node *n = xml_child(u->root, "import"); n != NULL; n = xml_next(n, "import"), i++)
                if (import_read(r, n, &u->imports[i]) < 0)
                        return ERR;
        u->import_count = i;
        u->first = r->model->element_count;
        for (const struct xml_node *n = u->root->first; n != NULL; n = n->next)
                if (element_kind_of(n, &kind) && element_add(r, n, kind) < 0)
                        return ERR;
        return types_read(r);
}

static int unit_read(struct reader *r, struct str xml, struct unit **out)
{
        struct dmn_model *m = r->model;
        struct unit *u = arena_new_of(m->arena, struct unit);
        size_t count = 0;

        if (u == NULL)
                return reader_memory(r);
        for (const struct unit *k = m->units; k != NULL; k = k->next)
                count++;
        if (count == UNITS_MAX)
                return error_raise(r->err, SB_LIMIT, "%s|%d", "imports", UNITS_MAX);
        if (xml_parse(&u->root, m->arena, xml, NULL, r->err) < 0)
                return ERR;
        r->unit = u;
        if (strcmp(u->root->name, "definitions") != 0 || strstr(u->root->ns, "DMN") == NULL)
                return reader_wrong(r, u->root, "the root element is not DMN's definitions");
        u->name = xml_attr(u->root, "name") == NULL ? "" : xml_attr(u->root, "name");
        u->ns = xml_attr(u->root, "namespace") == NULL ? "" : xml_attr(u->root, "namespace");
        u->next = m->units;
        m->units = u;
        *out = u;
        return unit_fill(r);
}

static int externals_make(struct reader *r)
{
        struct dmn_model *m = r->model;
        const struct dmn_options *o = r->options;

        m->external_ns = o->external_ns;
        m->externals = arena_array(m->arena, o->external_count + 1, sizeof *m->externals);
        m->external_members = arena_array(m->arena, o->external_count + 1, sizeof *m->external_members);
        if (m->externals == NULL || m->external_members == NULL)
                return reader_memory(r);
        m->external_count = o->external_count;
        for (size_t i = 0; i < o->external_count; i++) {
                const struct dmn_external *e = &o->externals[i];
                m->externals[i] = (struct feel_function){.name = e->name,
                                                         .parameters = e->parameters,
                                                         .parameter_count = e->parameter_count,
                                                         .external = e->call,
                                                         .ctx = e->ctx};
                m->external_members[i] = (struct binding){.kind = BIND_CONST,
                                                          .name = e->name,
                                                          .type = &FEEL_TYPES[FEEL_T_FUNCTION],
                                                          .value = {.kind = FEEL_FUNCTION, .function = &m->externals[i]}};
        }
        return 0;
}

int dmn_open(struct dmn_model **out, struct str xml, const struct dmn_options *o, struct error *err)
{
        static const struct dmn_options NONE = {.resolve = NULL};
        struct arena *a = arena_new(MODEL_MEMORY);
        struct reader r = {.options = o == NULL ? &NONE : o, .err = err};

        if (a == NULL || (r.model = arena_new_of(a, struct dmn_model)) == NULL) {
                arena_free(a);
                return error_raise(err, SB_MEMORY, "%s", "");
        }
        r.model->arena = a;
        r.model->zones = r.options->zones;
        r.model->pool = pool_new();
        int rc = r.model->pool == NULL ? error_raise(err, SB_MEMORY, "%s", "") : externals_make(&r);
        if (rc == 0)
                rc = unit_read(&r, xml, &r.model->main);
        if (rc == 0)
                rc = elements_compile(&r);
        if (rc < 0) {
                dmn_free(r.model);
                return rc;
        }
        *out = r.model;
        return 0;
}

void dmn_free(struct dmn_model *m)
{
        if (m == NULL)
                return;
        pool_free(m->pool);
        arena_free(m->arena);
}

static const struct dmn_element *element_at(const struct dmn_model *m, enum element_kind kind, size_t i)
{
        for (size_t k = m->main->first; k < m->main->first + m->main->count; k++)
                if (m->elements[k].kind == kind && i-- == 0)
                        return &m->elements[k].face;
        return NULL;
}

const struct dmn_element *dmn_decision(const struct dmn_model *m, size_t i)
{
        return element_at(m, ELEMENT_DECISION, i);
}
