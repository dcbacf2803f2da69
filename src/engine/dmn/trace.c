/* SPDX-License-Identifier: Apache-2.0
 *
 * The derivation: while an evaluation runs, rules, intermediate values and figures are only pointed at; JSON is
 * made of them when somebody asks.
 */
#include "engine/dmn/model.h"

#include <string.h>

#define NOTES_MAX 20000

enum note_kind { NOTE_ENTRY, NOTE_RULE, NOTE_PARAMETER };
struct note {
        enum note_kind kind;
        const struct feel_node *node; /* ENTRY */
        const struct table *table;    /* RULE */
        size_t rule;
        const struct feel_function *function; /* PARAMETER */
        const struct feel_value *args;
        size_t arg_count;
        struct feel_value value;    /* ENTRY, PARAMETER */
        struct note *next, *before; /* before: the PARAMETER before it */
};
struct step {
        const struct element *element;
        struct feel_value result;
        bool done;
        struct note *first, **last, *parameter; /* parameter: the last */
        struct step *next, *outer;
};
struct trace {
        struct arena *arena;
        struct step *first, **last, *current;
        size_t notes;
};

struct trace *trace_new(struct arena *a)
{
        struct trace *t = arena_new_of(a, struct trace);

        if (t != NULL) {
                t->arena = a;
                t->last = &t->first;
        }
        return t;
}

/* A step that finds no memory is left out: the evaluation itself will say that memory is used up. */
void trace_begin(struct trace *t, const struct element *e)
{
        struct step *s = arena_new_of(t->arena, struct step);

        if (s == NULL)
                return;
        s->element = e;
        s->last = &s->first;
        s->outer = t->current;
        t->current = s;
}

void trace_end(struct trace *t, const struct feel_value *result)
{
        struct step *s = t->current;

        if (s == NULL)
                return;
        s->done = result != NULL;
        if (result != NULL)
                s->result = *result;
        t->current = s->outer;
        *t->last = s;
        t->last = &s->next;
}

static struct note *note_add(struct trace *t, enum note_kind kind)
{
        struct step *s = t->current;
        struct note *n = s == NULL || t->notes == NOTES_MAX ? NULL : arena_new_of(t->arena, struct note);

        if (n == NULL)
                return NULL;
        t->notes++;
        n->kind = kind;
        *s->last = n;
        s->last = &n->next;
        return n;
}

void trace_rule(struct trace *t, const struct table *table, size_t rule)
{
        struct note *n = note_add(t, NOTE_RULE);

        if (n != NULL) {
                n->table = table;
                n->rule = rule;
        }
}

void trace_note(void *trace, const struct feel_node *node, const struct feel_value *value)
{
        struct note *n = value->kind == FEEL_FUNCTION ? NULL : note_add(trace, NOTE_ENTRY);

        if (n != NULL) {
                n->node = node;
                n->value = *value;
        }
}

static bool same_call(const struct note *n, const struct feel_function *f, const struct feel_value *args, size_t count)
{
        if (n->function != f || n->arg_count != count)
                return false;
        for (size_t i = 0; i < count; i++)
                if (!feel_is(&n->args[i], &args[i]))
                        return false;
        return true;
}

/* A figure is told once a step, however often it is read. */
void trace_external(void *trace, const struct feel_function *f, const struct feel_value *args, size_t count,
                    const struct feel_value *result)
{
        struct trace *t = trace;

        for (const struct note *n = t->current == NULL ? NULL : t->current->parameter; n != NULL; n = n->before)
                if (same_call(n, f, args, count))
                        return;
        struct feel_value *copy = arena_array(t->arena, count + 1, sizeof *copy);
        struct note *n = copy == NULL ? NULL : note_add(t, NOTE_PARAMETER);
        if (n == NULL)
                return;
        memcpy(copy, args, count * sizeof *copy);
        n->before = t->current->parameter;
        t->current->parameter = n;
        n->function = f;
        n->args = copy;
        n->arg_count = count;
        n->value = *result;
}

/* Lists of a step, made when the first of a kind comes; borrowed from the step. */
struct lists {
        json_t *entries, *rules, *parameters;
};

static int list_add(json_t *step, json_t **list, const char *name, json_t *entry)
{
        if (entry == NULL)
                return ERR;
        if (*list == NULL) {
                *list = json_array();
                if (json_object_set_new_nocheck(step, name, *list) < 0) {
                        json_decref(entry);
                        return ERR;
                }
        }
        return json_array_append_new(*list, entry);
}

static int put(json_t *o, const char *name, const char *text)
{
        return text == NULL ? 0 : json_object_set_new_nocheck(o, name, json_string_nocheck(text));
}

static json_t *finished(json_t *o, int rc)
{
        if (rc == 0)
                return o;
        json_decref(o);
        return NULL;
}

static json_t *entry_json(const struct note *n)
{
        json_t *o = json_object();
        int rc = put(o, "name", n->node->name);

        if (rc == 0)
                rc = json_object_set_new_nocheck(o, "value", feel_to_json(&n->value));
        return finished(o, rc < 0 ? rc : put(o, "article", n->node->article));
}

static json_t *rule_json(const struct note *n)
{
        const struct table *t = n->table;
        const struct rule *rule = &t->rules[n->rule];
        json_t *o = json_object();
        int rc = put(o, "table", t->name == NULL ? "" : t->name);

        if (rc == 0)
                rc = put(o, "element", t->element == NULL ? "" : t->element);
        if (rc == 0)
                rc = json_object_set_new_nocheck(o, "at", json_integer((json_int_t)t->at));
        if (rc == 0)
                rc = json_object_set_new_nocheck(o, "rule", json_integer((json_int_t)n->rule + 1));
        if (rc == 0)
                rc = put(o, "id", rule->id);
        return finished(o, rc < 0 ? rc : put(o, "article", rule->article));
}

static int note_json(const struct note *n, json_t *step, struct lists *l, dmn_describe *describe, void *ctx)
{
        json_t *told;

        if (n->kind == NOTE_ENTRY)
                return list_add(step, &l->entries, "entries", entry_json(n));
        if (n->kind == NOTE_RULE)
                return list_add(step, &l->rules, "rules", rule_json(n));
        told = describe == NULL ? NULL : describe(ctx, n->function, n->args, n->arg_count, &n->value);
        return told == NULL ? 0 : list_add(step, &l->parameters, "parameters", told);
}

static json_t *step_json(const struct step *s, dmn_describe *describe, void *ctx)
{
        const struct dmn_element *face = &s->element->face;
        struct lists lists = {NULL, NULL, NULL};
        json_t *o = json_object();
        int rc = put(o, "decision", face->name);

        if (rc == 0)
                rc = put(o, "id", face->id);
        if (rc == 0)
                rc = put(o, "model", s->element->unit->name);
        if (rc == 0)
                rc = put(o, "article", face->article);
        for (const struct note *n = s->first; rc == 0 && n != NULL; n = n->next)
                rc = note_json(n, o, &lists, describe, ctx);
        if (rc == 0 && s->done)
                rc = json_object_set_new_nocheck(o, "result", feel_to_json(&s->result));
        return finished(o, rc);
}

json_t *trace_json(const struct trace *t, dmn_describe *describe, void *ctx)
{
        json_t *steps = json_array();

        for (const struct step *s = t->first; s != NULL; s = s->next)
                if (steps == NULL || json_array_append_new(steps, step_json(s, describe, ctx)) < 0) {
                        json_decref(steps);
                        return NULL;
                }
        return steps;
}
