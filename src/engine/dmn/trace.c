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
        struct feel_value value; /* ENTRY, PARAMETER */
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

static int list_add(json_t *step, const char *name, json_t *entry)
{
        json_t *list = json_object_get(step, name);

        if (entry == NULL)
                return ERR;
        if (list == NULL) {
                list = json_array();
                if (json_object_set_new(step, name, list) < 0) {
                        json_decref(entry);
                        return ERR;
                }
        }
        return json_array_append_new(list, entry);
}

static json_t *entry_json(const struct note *n)
{
        json_t *o = json_pack("{s:s,s:o}", "name", n->node->name, "value", feel_to_json(&n->value));

        if (o != NULL && n->node->article != NULL)
                json_object_set_new(o, "article", json_string(n->node->article));
        return o;
}

static json_t *rule_json(const struct note *n)
{
        const struct table *t = n->table;
        const struct rule *rule = &t->rules[n->rule];
        json_t *o = json_pack("{s:s,s:s,s:I,s:I}", "table", t->name == NULL ? "" : t->name, "element",
                              t->element == NULL ? "" : t->element, "at", (json_int_t)t->at, "rule", (json_int_t)n->rule + 1);

        if (o != NULL && rule->id != NULL)
                json_object_set_new(o, "id", json_string(rule->id));
        if (o != NULL && rule->article != NULL)
                json_object_set_new(o, "article", json_string(rule->article));
        return o;
}

static int note_json(const struct note *n, json_t *step, dmn_describe *describe, void *ctx)
{
        if (n->kind == NOTE_ENTRY)
                return list_add(step, "entries", entry_json(n));
        if (n->kind == NOTE_RULE)
                return list_add(step, "rules", rule_json(n));
        json_t *told = describe == NULL ? NULL : describe(ctx, n->function, n->args, n->arg_count, &n->value);
        return told == NULL ? 0 : list_add(step, "parameters", told);
}

static json_t *step_json(const struct step *s, dmn_describe *describe, void *ctx)
{
        const struct dmn_element *face = &s->element->face;
        json_t *o = json_pack("{s:s,s:s,s:s}", "decision", face->name, "id", face->id, "model", s->element->unit->name);
        int rc = o == NULL ? ERR : 0;

        if (rc == 0 && face->article != NULL)
                rc = json_object_set_new(o, "article", json_string(face->article));
        for (const struct note *n = s->first; rc == 0 && n != NULL; n = n->next)
                rc = note_json(n, o, describe, ctx);
        if (rc == 0 && s->done)
                rc = json_object_set_new(o, "result", feel_to_json(&s->result));
        if (rc < 0) {
                json_decref(o);
                return NULL;
        }
        return o;
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
