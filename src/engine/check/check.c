/* SPDX-License-Identifier: Apache-2.0
 *
 * A model under the check: its elements, what each needs, and its logic, box by box.
 */
#include "engine/check/internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define CHECK_MEMORY ((size_t)64 << 20)
#define IMPORT_DEPTH 8
#define BOX_DEPTH 64

static const struct type *box_type(struct place *p, const struct xml_node *n, struct env *env);
static const struct type *element_type(struct model *m, struct element *e);
static struct model *model_open(struct arena *a, struct str xml, const struct check_options *o, int depth, struct error *err);

void found(const struct place *p, int severity, enum error_code code, const char *fmt, ...)
{
        struct error e = {0};
        char text[480], form[200];
        va_list args;

        if (p->model->report == NULL)
                return;
        text_copy(form, sizeof form, str_from(fmt));
        for (char *c = form; *c != '\0'; c++)
                if (*c == '|') /* as error_raise parts its values */
                        *c = '\x1f';
        va_start(args, fmt);
        vsnprintf(text, sizeof text, form, args);
        va_end(args);
        error_raise(&e, code, "%s", text);
        error_where(&e, "%d!%s%s%s", p->node->line, p->element == NULL ? p->model->name : p->element->name,
                    p->part[0] == '\0' ? "" : " ", p->part);
        p->model->report(p->model->report_ctx, severity, &e);
}

static const char *attr(const struct xml_node *n, const char *name)
{
        const char *v = n == NULL ? NULL : xml_attr(n, name);

        return v == NULL ? "" : v;
}

static const char *trimmed(struct model *m, const char *text)
{
        const char *copy = arena_text(m->arena, str_trim(str_from(text)));

        m->broken = m->broken || copy == NULL;
        return copy == NULL ? "" : copy;
}

const struct feel_node *compiled(struct model *m, const struct xml_node *n, enum feel_form form)
{
        const struct xml_node *text = n == NULL ? NULL : xml_child(n, "text");
        const struct feel_node *node = NULL;
        struct str source = str_trim(str_from(text == NULL ? "" : text->text));
        struct error err = {0};

        if (source.n == 0 || feel_parse(&node, m->arena, &m->scope, source, form, &err) < 0)
                return NULL;
        return node;
}

/* --- the model --------------------------------------------------------------------------------------------------------- */

static size_t names_count(const struct xml_node *n)
{
        size_t count = 2;

        for (const struct xml_node *c = n->first; c != NULL; c = c->next)
                count += names_count(c);
        return count;
}

/* Every name that stands anywhere in the file: names of several words are recognised wherever they are used. */
static void names_collect(struct model *m, const struct xml_node *n)
{
        const char *own[2] = {xml_attr(n, "name"), xml_attr(n, "iteratorVariable")};

        for (int i = 0; i < 2; i++)
                if (own[i] != NULL && own[i][0] != '\0')
                        m->names[m->name_count++] = trimmed(m, own[i]);
        for (const struct xml_node *c = n->first; c != NULL; c = c->next)
                names_collect(m, c);
}

static int names_read(struct model *m, struct error *err)
{
        size_t count = names_count(m->root);

        for (size_t i = 0; i < m->import_count; i++)
                count += m->imports[i].model == NULL ? 0 : m->imports[i].model->name_count;
        m->names = arena_array(m->arena, count, sizeof *m->names);
        if (m->names == NULL)
                return error_raise(err, SB_LIMIT, "%s|%zu", "DMN model", CHECK_MEMORY);
        names_collect(m, m->root);
        for (size_t i = 0; i < m->import_count; i++)
                for (size_t k = 0; m->imports[i].model != NULL && k < m->imports[i].model->name_count; k++)
                        m->names[m->name_count++] = m->imports[i].model->names[k];
        return 0;
}

static bool is_element(const struct xml_node *n)
{
        return strcmp(n->name, "inputData") == 0 || strcmp(n->name, "decision") == 0 ||
               strcmp(n->name, "businessKnowledgeModel") == 0 || strcmp(n->name, "decisionService") == 0;
}

static int imports_open(struct model *m, struct error *err)
{
        size_t count = 0;

        for (const struct xml_node *n = xml_child(m->root, "import"); n != NULL; n = xml_next(n, "import"))
                count++;
        m->imports = arena_array(m->arena, count + 1, sizeof *m->imports);
        if (m->imports == NULL)
                return error_raise(err, SB_LIMIT, "%s|%zu", "DMN model", CHECK_MEMORY);
        for (const struct xml_node *n = xml_child(m->root, "import"); n != NULL; n = xml_next(n, "import")) {
                struct import *im = &m->imports[m->import_count++];
                struct str xml;
                *im = (struct import){.name = attr(n, "name"), .ns = attr(n, "namespace")};
                im->external = m->options->external_ns != NULL && strcmp(im->ns, m->options->external_ns) == 0;
                if (im->external || m->options->resolve == NULL)
                        continue;
                if (m->import_depth == IMPORT_DEPTH)
                        return error_raise(err, SB_DMN_MODEL, "%s", "imports are nested too deep, or in a circle");
                if (m->options->resolve(m->options->resolve_ctx, im->ns, xml_attr(n, "locationURI"), &xml, err) < 0 ||
                    (im->model = model_open(m->arena, xml, m->options, m->import_depth + 1, err)) == NULL)
                        return ERR;
        }
        return 0;
}

static struct model *model_open(struct arena *a, struct str xml, const struct check_options *o, int depth, struct error *err)
{
        struct model *m = arena_new_of(a, struct model);
        size_t count = 0;

        if (m == NULL) {
                error_raise(err, SB_LIMIT, "%s|%zu", "DMN model", CHECK_MEMORY);
                return NULL;
        }
        *m = (struct model){.arena = a, .options = o, .import_depth = depth, .err = err};
        if (xml_parse(&m->root, a, xml, NULL, err) < 0)
                return NULL;
        m->name = attr(m->root, "name");
        m->ns = attr(m->root, "namespace");
        for (const struct xml_node *n = m->root->first; n != NULL; n = n->next)
                count += is_element(n);
        m->elements = arena_array(a, count + 1, sizeof *m->elements);
        if (m->elements == NULL)
                error_raise(err, SB_LIMIT, "%s|%zu", "DMN model", CHECK_MEMORY);
        if (m->elements == NULL || imports_open(m, err) < 0 || names_read(m, err) < 0)
                return NULL;
        m->scope = (struct feel_scope){.names = m->names, .count = m->name_count};
        for (const struct xml_node *n = m->root->first; n != NULL; n = n->next) {
                const char *name = attr(xml_child(n, "variable"), "name");
                if (is_element(n))
                        m->elements[m->element_count++] = (struct element){
                            .xml = n, .id = attr(n, "id"), .name = trimmed(m, name[0] == '\0' ? attr(n, "name") : name)};
        }
        return m;
}

static struct element *element_find(const struct model *m, const char *id)
{
        for (size_t i = 0; i < m->element_count; i++)
                if (strcmp(m->elements[i].id, id) == 0)
                        return &m->elements[i];
        return NULL;
}

/* --- types of elements --------------------------------------------------------------------------------------------------- */

/* The type that an element's variable declares; NULL without. */
static const struct type *declared(struct place *p, const struct xml_node *variable)
{
        const char *ref = attr(variable, "typeRef");
        const struct type *t = ref[0] == '\0' ? NULL : type_named(p->model, ref, 0);

        if (ref[0] != '\0' && t == NULL)
                found(p, CHECK_ERROR, SB_RULE_ENTRY, "%s|" ERROR_BOTH("the item definitions", "数据类型定义"), ref);
        return t;
}

static size_t requirements(const struct xml_node *n)
{
        size_t count = 0;

        for (const struct xml_node *c = n->first; c != NULL; c = c->next)
                count++;
        return count;
}

/* What a decision or knowledge model says that it needs. */
static void needs_read(struct place *p)
{
        static const char *const TARGETS[] = {"requiredInput", "requiredDecision", "requiredKnowledge"};
        struct model *m = p->model;

        p->needs = arena_array(m->arena, requirements(p->element->xml) + 1, sizeof *p->needs);
        if (p->needs == NULL) {
                m->broken = true;
                return;
        }
        for (const struct xml_node *c = p->element->xml->first; c != NULL; c = c->next)
                for (int k = 0; k < 3; k++) {
                        const struct xml_node *target = xml_child(c, TARGETS[k]);
                        const char *href = attr(target, "href"), *hash = strrchr(href, '#');
                        struct model *of = m;
                        const char *import = NULL;
                        if (target == NULL || hash == NULL)
                                continue;
                        for (size_t i = 0; hash != href && i < m->import_count; i++)
                                if (strlen(m->imports[i].ns) == (size_t)(hash - href) &&
                                    strncmp(m->imports[i].ns, href, (size_t)(hash - href)) == 0) {
                                        of = m->imports[i].model;
                                        import = m->imports[i].name;
                                }
                        struct element *e = of == NULL ? NULL : element_find(of, hash + 1);
                        if (e == NULL)
                                continue;
                        e->needed = true;
                        p->needs[p->need_count++] =
                            (struct need){.import = import, .name = e->name, .type = element_type(of, e), .xml = c};
                }
}

/* The names that the logic of an element sees. */
static struct env *needs_env(const struct place *p)
{
        struct model *m = p->model;
        struct env *envs = arena_array(m->arena, p->need_count + m->import_count + 1, sizeof *envs), *env = NULL;

        if (envs == NULL) {
                m->broken = true;
                return NULL;
        }
        for (size_t i = 0; i < m->import_count; i++) {
                struct type *t = arena_new_of(m->arena, struct type);
                if (t == NULL) {
                        m->broken = true;
                        return NULL;
                }
                bool known = m->imports[i].external || m->imports[i].model != NULL;
                *t = (struct type){.kind = known ? KIND_IMPORT : KIND_ANY, .import = &m->imports[i]};
                *envs = (struct env){.name = m->imports[i].name, .type = t, .up = env};
                env = envs++;
        }
        for (size_t i = 0; i < p->need_count; i++)
                if (p->needs[i].import == NULL) {
                        *envs =
                            (struct env){.name = p->needs[i].name, .type = p->needs[i].type, .need = &p->needs[i], .up = env};
                        env = envs++;
                }
        return env;
}

static const struct xml_node *box_child(const struct xml_node *n)
{
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

        for (const struct xml_node *c = n == NULL ? NULL : n->first; c != NULL; c = c->next)
                for (size_t k = 0; k < sizeof BOXES / sizeof BOXES[0]; k++)
                        if (strcmp(c->name, BOXES[k]) == 0)
                                return c;
        return NULL;
}

/* Knowledge that a place may replace by its own is handed more than it may use here. */
static bool overridable(const struct element *e)
{
        for (const struct xml_attr *a = e->xml->attrs; a != NULL; a = a->next)
                if (strcmp(a->name, "overridable") == 0)
                        return strcmp(a->value, "true") == 0;
        return false;
}

/* A function: its parameters, and its body in a scope with them. declared_type: of its answer, or NULL. */
static const struct type *function_box(struct place *p, const struct xml_node *n, struct env *env, const struct type *answer)
{
        struct model *m = p->model;
        struct type *t = arena_new_of(m->arena, struct type);
        size_t count = 0;

        for (const struct xml_node *c = xml_child(n, "formalParameter"); c != NULL; c = xml_next(c, "formalParameter"))
                count++;
        struct field *fields = arena_array(m->arena, count + 1, sizeof *fields);
        struct env *params = arena_array(m->arena, count + 1, sizeof *params);
        if (t == NULL || fields == NULL || params == NULL) {
                m->broken = true;
                return &TYPE_ANY;
        }
        count = 0;
        for (const struct xml_node *c = xml_child(n, "formalParameter"); c != NULL;
             c = xml_next(c, "formalParameter"), count++) {
                const struct type *of = declared(p, c);
                fields[count] = (struct field){trimmed(m, attr(c, "name")), of == NULL ? &TYPE_ANY : of};
                params[count] = (struct env){.name = fields[count].name, .type = fields[count].type, .up = env};
                env = &params[count];
        }
        const struct xml_node *body = box_child(n);
        const struct type *is = body == NULL ? &TYPE_ANY : box_type(p, body, env);
        if (answer != NULL && !conforms(is, answer))
                misfit(p, ERROR_BOTH("its answer", "结果"), answer, is);
        for (size_t i = 0; body != NULL && !overridable(p->element) && i < count; i++)
                if (!params[i].used)
                        found(p, CHECK_WARNING, SB_RULE_UNUSED, "%s", params[i].name);
        *t = (struct type){
            .kind = KIND_FUNCTION, .item = answer != NULL ? answer : is, .fields = fields, .count = count, .least = count};
        return t;
}

/* Type of an element, worked out once; what is wrong in its logic is reported on the way. */
static const struct type *element_type(struct model *m, struct element *e)
{
        struct place p = {.model = m, .node = e->xml, .element = e};
        const struct xml_node *variable = xml_child(e->xml, "variable"), *logic = e->xml;

        if (e->type != NULL || e->busy)
                return e->busy ? &TYPE_ANY : e->type;
        e->busy = true;
        const struct type *answer = declared(&p, variable), *is = &TYPE_ANY;
        needs_read(&p);
        if (strcmp(e->xml->name, "businessKnowledgeModel") == 0) {
                logic = xml_child(e->xml, "encapsulatedLogic");
                if (logic != NULL)
                        is = function_box(&p, logic, needs_env(&p), answer);
                answer = NULL;
        } else if (strcmp(e->xml->name, "decision") == 0 && box_child(logic) != NULL) {
                is = box_type(&p, box_child(logic), needs_env(&p));
                p.node = e->xml;
                p.part[0] = '\0';
                if (answer != NULL && !conforms(is, answer))
                        misfit(&p, ERROR_BOTH("its answer", "结果"), answer, is);
        }
        for (size_t i = 0; box_child(logic) != NULL && i < p.need_count; i++)
                if (!p.needs[i].used) {
                        p.node = p.needs[i].xml;
                        found(&p, CHECK_WARNING, SB_RULE_UNUSED, "%s", p.needs[i].name);
                }
        e->type = answer != NULL ? answer : is;
        e->busy = false;
        return e->type;
}

/* --- boxes ------------------------------------------------------------------------------------------------------------- */

static const struct type *literal_box(struct place *p, const struct xml_node *n, struct env *env)
{
        const struct feel_node *node = compiled(p->model, n, FEEL_EXPRESSION);
        const struct type *want = declared(p, n), *is;

        p->node = n;
        if (node == NULL)
                return &TYPE_ANY;
        figures(p, node);
        is = infer(p, node, env);
        if (want != NULL && !conforms(is, want))
                misfit(p, ERROR_BOTH("the value", "取值"), want, is);
        return want != NULL ? want : is;
}

static const struct type *context_box(struct place *p, const struct xml_node *n, struct env *env)
{
        struct model *m = p->model;
        size_t count = requirements(n), filled = 0;
        struct field *fields = arena_array(m->arena, count + 1, sizeof *fields);
        struct env *entries = arena_array(m->arena, count + 1, sizeof *entries);
        struct type *t = arena_new_of(m->arena, struct type);
        char outer[sizeof p->part];

        if (fields == NULL || entries == NULL || t == NULL) {
                m->broken = true;
                return &TYPE_ANY;
        }
        text_copy(outer, sizeof outer, str_from(p->part));
        for (const struct xml_node *c = xml_child(n, "contextEntry"); c != NULL; c = xml_next(c, "contextEntry")) {
                const struct xml_node *v = xml_child(c, "variable"), *body = box_child(c);
                const char *name = v == NULL ? NULL : trimmed(m, attr(v, "name"));
                const struct type *want = declared(p, v), *is;
                text_format(p->part, sizeof p->part, "%s%s%s", outer, outer[0] == '\0' ? "entry " : ".",
                            name == NULL ? "result" : name);
                p->node = c;
                is = body == NULL ? &TYPE_ANY : box_type(p, body, env);
                if (want != NULL && !conforms(is, want))
                        misfit(p, ERROR_BOTH("the value", "取值"), want, is);
                if (name == NULL) { /* the last, without a name: the answer of the whole */
                        text_copy(p->part, sizeof p->part, str_from(outer));
                        return want != NULL ? want : is;
                }
                fields[filled] = (struct field){name, want != NULL ? want : is};
                entries[filled] = (struct env){.name = name, .type = fields[filled].type, .up = env};
                env = &entries[filled++];
        }
        text_copy(p->part, sizeof p->part, str_from(outer));
        *t = (struct type){.kind = KIND_CONTEXT, .fields = fields, .count = filled};
        return t;
}

/* The entries of one rule against the columns; the types of the outputs are joined. */
static void rule_box(struct place *p, const struct xml_node *rule, const struct type *const *inputs,
                     const struct type **outputs, struct env *env)
{
        size_t i = 0;

        for (const struct xml_node *c = xml_child(rule, "inputEntry"); c != NULL && inputs[i] != NULL;
             c = xml_next(c, "inputEntry"), i++) {
                const struct feel_node *node = compiled(p->model, c, FEEL_UNARY_TESTS);
                p->node = c;
                if (node == NULL)
                        continue;
                figures(p, node);
                infer_tests(p, node, inputs[i], env);
        }
        i = 0;
        for (const struct xml_node *c = xml_child(rule, "outputEntry"); c != NULL && outputs[i] != NULL;
             c = xml_next(c, "outputEntry"), i++) {
                const struct feel_node *node = compiled(p->model, c, FEEL_EXPRESSION);
                p->node = c;
                if (node == NULL)
                        continue;
                figures(p, node);
                const struct type *is = infer(p, node, env);
                if (!conforms(is, outputs[i]))
                        misfit(p, ERROR_BOTH("an output", "输出"), outputs[i], is);
        }
}

static const struct type *outputs_type(struct place *p, const struct xml_node *n, const struct type *const *outputs,
                                       size_t count)
{
        const char *policy = attr(n, "hitPolicy"), *aggregation = attr(n, "aggregation");
        const struct type *t = outputs[0];

        if (count > 1) {
                struct field *fields = arena_array(p->model->arena, count, sizeof *fields);
                struct type *made = arena_new_of(p->model->arena, struct type);
                size_t i = 0;
                if (fields == NULL || made == NULL) {
                        p->model->broken = true;
                        return &TYPE_ANY;
                }
                for (const struct xml_node *c = xml_child(n, "output"); c != NULL; c = xml_next(c, "output"), i++)
                        fields[i] = (struct field){trimmed(p->model, attr(c, "name")), outputs[i]};
                *made = (struct type){.kind = KIND_CONTEXT, .fields = fields, .count = count};
                t = made;
        }
        if (strcmp(policy, "COLLECT") == 0 && aggregation[0] != '\0')
                return strcmp(aggregation, "COUNT") == 0 ? &TYPE_NUMBER : t;
        return strcmp(policy, "COLLECT") == 0 || strstr(policy, "ORDER") != NULL ? list_of(p->model, t) : t;
}

static const struct type *table_box(struct place *p, const struct xml_node *n, struct env *env)
{
        size_t room = requirements(n) + 1, inputs_count = 0, outputs_count = 0, number = 0;
        const struct type **inputs = arena_array(p->model->arena, room, sizeof *inputs);
        const struct type **outputs = arena_array(p->model->arena, room, sizeof *outputs);
        char outer[sizeof p->part];

        if (inputs == NULL || outputs == NULL) {
                p->model->broken = true;
                return &TYPE_ANY;
        }
        text_copy(outer, sizeof outer, str_from(p->part));
        for (const struct xml_node *c = xml_child(n, "input"); c != NULL; c = xml_next(c, "input")) {
                const struct xml_node *e = xml_child(c, "inputExpression");
                text_format(p->part, sizeof p->part, "%sinput %zu", outer[0] == '\0' ? "" : outer, inputs_count + 1);
                inputs[inputs_count++] = e == NULL ? &TYPE_ANY : literal_box(p, e, env);
        }
        for (const struct xml_node *c = xml_child(n, "output"); c != NULL; c = xml_next(c, "output")) {
                const struct type *t = declared(p, c);
                outputs[outputs_count++] = t == NULL ? &TYPE_ANY : t;
        }
        for (const struct xml_node *c = xml_child(n, "rule"); c != NULL; c = xml_next(c, "rule")) {
                text_format(p->part, sizeof p->part, "%s%srule %zu", outer, outer[0] == '\0' ? "" : " ", ++number);
                rule_box(p, c, inputs, outputs, env);
        }
        text_copy(p->part, sizeof p->part, str_from(outer));
        p->node = n;
        table_check(p, n, inputs);
        return outputs_count == 0 ? &TYPE_ANY : outputs_type(p, n, outputs, outputs_count);
}

static const struct type *invocation_box(struct place *p, const struct xml_node *n, struct env *env)
{
        const struct xml_node *callee = box_child(n);
        const struct type *f = callee == NULL ? &TYPE_ANY : box_type(p, callee, env);

        for (const struct xml_node *c = xml_child(n, "binding"); c != NULL; c = xml_next(c, "binding")) {
                const char *name = attr(xml_child(c, "parameter"), "name");
                const struct type *is = box_child(c) == NULL ? &TYPE_ANY : box_type(p, box_child(c), env), *want = NULL;
                for (size_t i = 0; f->kind == KIND_FUNCTION && i < f->count; i++)
                        if (strcmp(f->fields[i].name, name) == 0)
                                want = f->fields[i].type;
                if (f->kind == KIND_FUNCTION && !f->open && want == NULL)
                        found(p, CHECK_ERROR, SB_RULE_ENTRY, "%s|" ERROR_BOTH("the parameters of the function", "函数参数"),
                              name);
                else if (want != NULL && !conforms(is, want))
                        misfit(p, name, want, is);
        }
        return f->kind == KIND_FUNCTION ? f->item : &TYPE_ANY;
}

static const struct type *part(struct place *p, const struct xml_node *n, const char *name, struct env *env)
{
        const struct xml_node *box = box_child(xml_child(n, name));

        return box == NULL ? &TYPE_ANY : box_type(p, box, env);
}

/* for, some, every, filter: a list, and what is done with each item. */
static const struct type *iterator_box(struct place *p, const struct xml_node *n, struct env *env)
{
        bool filter = strcmp(n->name, "filter") == 0, all = strcmp(n->name, "for") == 0;
        const struct type *list = part(p, n, "in", env);
        const struct type *item = list->kind == KIND_LIST || list->kind == KIND_RANGE ? list->item : list;
        struct env var = {.name = filter ? "item" : attr(n, "iteratorVariable"), .type = item, .up = env}, *inner = &var;
        struct env fields[64];

        for (size_t i = 0; filter && item->kind == KIND_CONTEXT && i < item->count && i < 64; i++) {
                fields[i] = (struct env){.name = item->fields[i].name, .type = item->fields[i].type, .up = inner};
                inner = &fields[i];
        }
        const struct type *body = part(p, n, filter ? "match" : all ? "return" : "satisfies", inner);
        if (!all && !conforms(body, &TYPE_BOOLEAN))
                misfit(p, ERROR_BOTH("the condition", "条件"), &TYPE_BOOLEAN, body);
        return filter ? list : all ? list_of(p->model, body) : &TYPE_BOOLEAN;
}

static const struct type *list_box(struct place *p, const struct xml_node *n, struct env *env)
{
        const struct type *item = &TYPE_NULL;

        for (const struct xml_node *c = n->first; c != NULL; c = c->next) {
                const struct xml_node holder = {.first = (struct xml_node *)(uintptr_t)c};
                if (box_child(&holder) == c)
                        item = join(p->model, item, box_type(p, c, env));
        }
        return list_of(p->model, item->kind == KIND_NULL ? &TYPE_ANY : item);
}

static const struct type *relation_box(struct place *p, const struct xml_node *n, struct env *env)
{
        for (const struct xml_node *row = xml_child(n, "row"); row != NULL; row = xml_next(row, "row"))
                list_box(p, row, env);
        return list_of(p->model, &TYPE_ANY);
}

static const struct type *box_type(struct place *p, const struct xml_node *n, struct env *env)
{
        const struct type *t = &TYPE_ANY;

        if (++p->model->depth > BOX_DEPTH)
                p->model->broken = true;
        else if (strcmp(n->name, "literalExpression") == 0)
                t = literal_box(p, n, env);
        else if (strcmp(n->name, "context") == 0)
                t = context_box(p, n, env);
        else if (strcmp(n->name, "decisionTable") == 0)
                t = table_box(p, n, env);
        else if (strcmp(n->name, "invocation") == 0)
                t = invocation_box(p, n, env);
        else if (strcmp(n->name, "functionDefinition") == 0)
                t = function_box(p, n, env, NULL);
        else if (strcmp(n->name, "list") == 0)
                t = list_box(p, n, env);
        else if (strcmp(n->name, "relation") == 0)
                t = relation_box(p, n, env);
        else if (strcmp(n->name, "conditional") == 0) {
                const struct type *condition = part(p, n, "if", env);
                if (!conforms(condition, &TYPE_BOOLEAN))
                        misfit(p, ERROR_BOTH("the condition", "条件"), &TYPE_BOOLEAN, condition);
                t = part(p, n, "then", env);
                t = join(p->model, t, part(p, n, "else", env));
        } else {
                t = iterator_box(p, n, env);
        }
        p->model->depth--;
        return t;
}

/* --- the check ----------------------------------------------------------------------------------------------------------- */

/* An input of the same name that an imported model needs is given by this one. */
static bool imported_input(const struct model *m, const char *name)
{
        for (size_t i = 0; i < m->import_count; i++)
                for (size_t k = 0; m->imports[i].model != NULL && k < m->imports[i].model->element_count; k++) {
                        const struct element *e = &m->imports[i].model->elements[k];
                        if (e->needed && strcmp(e->xml->name, "inputData") == 0 && strcmp(e->name, name) == 0)
                                return true;
                }
        return false;
}

static void unused_inputs(struct model *m)
{
        for (size_t i = 0; i < m->element_count; i++) {
                struct element *e = &m->elements[i];
                struct place p = {.model = m, .node = e->xml, .element = e};
                bool listed = e->needed;
                for (size_t k = 0; !listed && k < m->element_count; k++) /* a decision service may ask for it */
                        for (const struct xml_node *c = m->elements[k].xml->first; c != NULL && !listed; c = c->next)
                                listed = attr(c, "href")[0] == '#' && strcmp(attr(c, "href") + 1, e->id) == 0;
                if (!listed && strcmp(e->xml->name, "inputData") == 0 && !imported_input(m, e->name))
                        found(&p, CHECK_WARNING, SB_RULE_UNUSED, "%s", e->name);
        }
}

int dmn_check(struct str xml, const struct check_options *o, check_report *report, void *ctx, struct error *err)
{
        static const struct check_options NONE = {.resolve = NULL};
        struct arena *a = arena_new(CHECK_MEMORY);
        struct model *m = NULL;
        int rc = 0;

        if (a == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        if ((m = model_open(a, xml, o == NULL ? &NONE : o, 0, err)) == NULL) {
                rc = ERR;
                goto done;
        }
        m->report = report;
        m->report_ctx = ctx;
        for (size_t i = 0; i < m->element_count && !m->broken; i++)
                element_type(m, &m->elements[i]);
        if (m->broken)
                rc = error_raise(err, SB_LIMIT, "%s|%zu", "DMN model", CHECK_MEMORY);
        else
                unused_inputs(m);
done:
        arena_free(a);
        return rc;
}
