/* SPDX-License-Identifier: Apache-2.0
 *
 * Decision tables: their XML → a table and the HOST node that runs it.
 */
#include "engine/dmn/model.h"

#include <string.h>

#define CELLS_MAX 1000000

static int policy_read(struct reader *r, const struct xml_node *n, struct table *t)
{
        static const struct {
                const char *word;
                enum hit_policy policy;
        } POLICIES[] = {{"UNIQUE", HIT_UNIQUE},
                        {"FIRST", HIT_FIRST},
                        {"ANY", HIT_ANY},
                        {"PRIORITY", HIT_PRIORITY},
                        {"COLLECT", HIT_COLLECT},
                        {"RULE ORDER", HIT_RULE_ORDER},
                        {"OUTPUT ORDER", HIT_OUTPUT_ORDER}};
        static const struct {
                const char *word;
                char sign;
        } SIGNS[] = {{"SUM", '+'}, {"MIN", '<'}, {"MAX", '>'}, {"COUNT", '#'}};
        const char *word = xml_attr(n, "hitPolicy"), *aggregation = xml_attr(n, "aggregation");
        size_t k = 0, i = 0;

        while (word != NULL && k < 7 && strcmp(word, POLICIES[k].word) != 0)
                k++;
        if (k == 7)
                return reader_wrong(r, n, "there is no such hit policy");
        t->policy = POLICIES[k].policy;
        while (aggregation != NULL && i < 4 && strcmp(aggregation, SIGNS[i].word) != 0)
                i++;
        if (i == 4)
                return reader_wrong(r, n, "there is no such aggregation");
        t->aggregation = aggregation == NULL ? '\0' : SIGNS[i].sign;
        return 0;
}

static const struct feel_node **nodes_new(struct reader *r, size_t count)
{
        return arena_array(r->model->arena, count + 1, sizeof(const struct feel_node *));
}

/* Unary tests that ask a value of this type. */
static int tests_read(struct reader *r, const struct xml_node *n, const struct feel_type *asked, const struct feel_node **out)
{
        const struct feel_type *outer = r->compiler->question;

        r->compiler->question = asked;
        int rc = reader_feel(r, n, FEEL_UNARY_TESTS, out);
        r->compiler->question = outer;
        if (rc == 0 && *out != NULL && (*out)->op == OP_TEST_ANY)
                *out = NULL;
        return rc;
}

static int inputs_read(struct reader *r, const struct xml_node *n, struct table *t)
{
        size_t i = 0;

        t->inputs = nodes_new(r, t->input_count);
        t->input_values = nodes_new(r, t->input_count);
        if (t->inputs == NULL || t->input_values == NULL)
                return reader_memory(r);
        for (const struct xml_node *c = xml_child(n, "input"); c != NULL; c = xml_next(c, "input"), i++) {
                const struct xml_node *e = xml_child(c, "inputExpression"), *values = xml_child(c, "inputValues");
                if (e == NULL)
                        return reader_wrong(r, c, "an input has no expression");
                if (reader_feel(r, e, FEEL_EXPRESSION, &t->inputs[i]) < 0)
                        return ERR;
                if (t->inputs[i] == NULL)
                        return reader_wrong(r, c, "an input has no expression");
                t->inputs[i] = node_coerce(r->compiler, t->inputs[i], type_ref(r, e));
                if (t->inputs[i] == NULL)
                        return reader_memory(r);
                if (values != NULL && tests_read(r, values, t->inputs[i]->type, &t->input_values[i]) < 0)
                        return ERR;
        }
        return 0;
}

/* The allowed values of an output give its priorities; without them those of its type do. */
static int outputs_read(struct reader *r, const struct xml_node *n, struct table *t)
{
        size_t i = 0;

        t->output_names = arena_array(r->model->arena, t->output_count + 1, sizeof(const char *));
        t->output_types = arena_array(r->model->arena, t->output_count + 1, sizeof(const struct feel_type *));
        t->output_values = nodes_new(r, t->output_count);
        t->defaults = nodes_new(r, t->output_count);
        if (t->output_names == NULL || t->output_types == NULL || t->output_values == NULL || t->defaults == NULL)
                return reader_memory(r);
        for (const struct xml_node *c = xml_child(n, "output"); c != NULL; c = xml_next(c, "output"), i++) {
                const struct xml_node *values = xml_child(c, "outputValues"), *fallback = xml_child(c, "defaultOutputEntry");
                const struct feel_type *type = type_ref(r, c);
                t->output_names[i] = xml_attr(c, "name") == NULL ? NULL : reader_trimmed(r, xml_attr(c, "name"));
                if (t->output_count > 1 && t->output_names[i] == NULL)
                        return reader_wrong(r, c, "an output of several has no name");
                t->output_types[i] = type;
                if (values != NULL && tests_read(r, values, type, &t->output_values[i]) < 0)
                        return ERR;
                if (t->output_values[i] == NULL && type->allowed != NULL && type->allowed->children[0]->op == OP_TESTS)
                        t->output_values[i] = type->allowed->children[0];
                if (fallback != NULL && reader_feel(r, fallback, FEEL_EXPRESSION, &t->defaults[i]) < 0)
                        return ERR;
                if (t->defaults[i] != NULL)
                        t->defaults[i] = node_coerce(r->compiler, t->defaults[i], type);
        }
        return 0;
}

static int rule_read(struct reader *r, const struct xml_node *n, const struct table *t, size_t article, struct rule *out)
{
        size_t i = 0;

        out->id = xml_attr(n, "id");
        out->tests = nodes_new(r, t->input_count);
        out->outputs = nodes_new(r, t->output_count);
        if (out->tests == NULL || out->outputs == NULL)
                return reader_memory(r);
        for (const struct xml_node *c = xml_child(n, "inputEntry"); c != NULL; c = xml_next(c, "inputEntry"), i++) {
                if (i == t->input_count)
                        return reader_wrong(r, n, "a rule has more input entries than the table has inputs");
                if (tests_read(r, c, t->inputs[i]->type, &out->tests[i]) < 0)
                        return ERR;
        }
        if (i != t->input_count)
                return reader_wrong(r, n, "a rule has fewer input entries than the table has inputs");
        i = 0;
        for (const struct xml_node *c = xml_child(n, "outputEntry"); c != NULL; c = xml_next(c, "outputEntry"), i++) {
                if (i == t->output_count)
                        return reader_wrong(r, n, "a rule has more output entries than the table has outputs");
                if (reader_feel(r, c, FEEL_EXPRESSION, &out->outputs[i]) < 0)
                        return ERR;
                if (out->outputs[i] != NULL &&
                    (out->outputs[i] = node_coerce(r->compiler, out->outputs[i], t->output_types[i])) == NULL)
                        return reader_memory(r);
        }
        if (i != t->output_count)
                return reader_wrong(r, n, "a rule has fewer output entries than the table has outputs");
        i = 0;
        for (const struct xml_node *c = xml_child(n, "annotationEntry"); c != NULL; c = xml_next(c, "annotationEntry"), i++)
                if (i == article && xml_child(c, "text") != NULL)
                        out->article = reader_trimmed(r, xml_child(c, "text")->text);
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

/* The column of the annotations that is called "article"; SIZE_MAX for none. */
static size_t article_column(const struct xml_node *n)
{
        size_t i = 0;

        for (const struct xml_node *c = xml_child(n, "annotation"); c != NULL; c = xml_next(c, "annotation"), i++)
                if (xml_attr(c, "name") != NULL && strcmp(xml_attr(c, "name"), "article") == 0)
                        return i;
        return SIZE_MAX;
}

static int table_read(struct reader *r, const struct xml_node *n, struct table *t)
{
        size_t i = 0;

        table_place(t, n);
        t->input_count = reader_count(n, "input");
        t->output_count = reader_count(n, "output");
        t->rule_count = reader_count(n, "rule");
        if (t->output_count == 0)
                return reader_wrong(r, n, "a table has no output");
        if (t->rule_count > CELLS_MAX / (t->input_count + t->output_count))
                return error_raise(r->err, SB_LIMIT, "%s|%d", "cells of a decision table", CELLS_MAX);
        t->rules = arena_array(r->model->arena, t->rule_count + 1, sizeof *t->rules);
        if (t->rules == NULL)
                return reader_memory(r);
        if (policy_read(r, n, t) < 0 || inputs_read(r, n, t) < 0 || outputs_read(r, n, t) < 0)
                return ERR;
        for (const struct xml_node *c = xml_child(n, "rule"); c != NULL; c = xml_next(c, "rule"))
                if (rule_read(r, c, t, article_column(n), &t->rules[i++]) < 0)
                        return ERR;
        return 0;
}

/* What the table answers: one output's type, or a context of them; a list where all hits are answered. */
static const struct feel_type *table_type(struct reader *r, const struct table *t)
{
        const struct feel_type *one = t->output_types[0];

        if (t->aggregation == '#')
                return &FEEL_TYPES[FEEL_T_NUMBER];
        if (t->output_count > 1) {
                struct feel_type *context = arena_new_of(r->model->arena, struct feel_type);
                struct feel_field *fields = arena_array(r->model->arena, t->output_count, sizeof *fields);
                if (context == NULL || fields == NULL)
                        return &FEEL_TYPES[FEEL_T_ANY];
                for (size_t i = 0; i < t->output_count; i++)
                        fields[i] = (struct feel_field){t->output_names[i], t->output_types[i]};
                *context = (struct feel_type){.kind = FEEL_T_CONTEXT, .fields = fields, .field_count = t->output_count};
                one = context;
        }
        bool list =
            t->aggregation == 0 && (t->policy == HIT_COLLECT || t->policy == HIT_RULE_ORDER || t->policy == HIT_OUTPUT_ORDER);
        return list ? &FEEL_TYPES[FEEL_T_ANY] : one;
}

int table_compile(struct reader *r, const struct xml_node *n, const struct feel_node **out)
{
        struct table *t = arena_new_of(r->model->arena, struct table);
        struct feel_node *node = t == NULL ? NULL : node_new(r->compiler, OP_HOST, NULL, 0);

        if (node == NULL)
                return reader_memory(r);
        if (table_read(r, n, t) < 0)
                return ERR;
        node->run = table_run;
        node->data = t;
        node->type = table_type(r, t);
        *out = node;
        return 0;
}
