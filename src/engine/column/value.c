/* SPDX-License-Identifier: Apache-2.0
 *
 * Values of a plan, and those that depend on few different inputs: the scalar path computes them, a combination of inputs at a time.
 */
#include "engine/column/plan.h"

#include <string.h>

#define COMBINATIONS_MAX 65536
#define COMBINATIONS_ALWAYS 1024
#define ROWS_PER_COMBINATION 8
#define STEPS_MAX 10000000

struct cv *cv_new(struct plan *p, enum cv_kind kind)
{
        struct cv *v = arena_new_of(p->arena, struct cv);

        if (v == NULL) {
                static struct cv nothing = {.kind = CV_NONE, .reg = NO_REG};
                p->failed = true;
                return &nothing;
        }
        v->kind = kind;
        v->reg = NO_REG;
        v->table_mask = -2;
        return v;
}

struct cv *cv_same(struct plan *p, struct feel_value value)
{
        struct cv *v = cv_new(p, CV_SAME);

        v->value = value;
        return v;
}

struct cv *cv_none(struct plan *p)
{
        return cv_new(p, CV_NONE);
}

int64_t text_intern(struct plan *p, struct str s)
{
        for (size_t i = 0; i < p->text_count; i++)
                if (p->texts[i].n == s.n && (s.n == 0 || memcmp(p->texts[i].p, s.p, s.n) == 0))
                        return (int64_t)i;
        if (p->text_count == p->text_room) {
                size_t room = p->text_room == 0 ? 32 : p->text_room * 2;
                struct str *more = arena_array(p->arena, room, sizeof *more);
                if (more == NULL) {
                        p->failed = true;
                        return 0;
                }
                if (p->text_count > 0)
                        memcpy(more, p->texts, p->text_count * sizeof *more);
                p->texts = more;
                p->text_room = room;
        }
        s = arena_str(p->arena, s);
        if (s.p == NULL) {
                p->failed = true;
                return 0;
        }
        p->texts[p->text_count] = s;
        return (int64_t)p->text_count++;
}

static size_t combinations(const struct plan *p, uint64_t inputs)
{
        size_t product = 1;

        for (size_t i = 0; i < p->job->input_count; i++)
                if ((inputs >> i & 1) != 0) {
                        if (p->domains[i].count == 0)
                                return SIZE_MAX;
                        product *= p->domains[i].count;
                        if (product > COMBINATIONS_MAX)
                                return SIZE_MAX;
                }
        return product;
}

bool few_fit(const struct plan *p, uint64_t inputs)
{
        size_t n = combinations(p, inputs);

        return n <= COMBINATIONS_ALWAYS || (n != SIZE_MAX && n <= p->job->rows / ROWS_PER_COMBINATION);
}

bool cv_few(const struct cv *v, uint64_t *inputs)
{
        switch (v->kind) {
        case CV_SAME:
                return true;
        case CV_FEW:
                *inputs |= v->inputs;
                return true;
        case CV_CONTEXT:
                for (size_t i = 0; i < v->count; i++)
                        if (!cv_few(v->entries[i], inputs))
                                return false;
                return true;
        default:
                return false;
        }
}

static bool table_inputs(struct plan *p, const struct table *t, struct env *e, uint64_t *inputs)
{
        bool ok = true;

        for (size_t i = 0; ok && i < t->input_count; i++)
                ok = few_inputs(p, t->inputs[i], e, inputs) &&
                     (t->input_values == NULL || t->input_values[i] == NULL || few_inputs(p, t->input_values[i], e, inputs));
        for (size_t r = 0; ok && r < t->rule_count; r++) {
                for (size_t i = 0; ok && i < t->input_count; i++)
                        ok = t->rules[r].tests[i] == NULL || few_inputs(p, t->rules[r].tests[i], e, inputs);
                for (size_t i = 0; ok && i < t->output_count; i++)
                        ok = t->rules[r].outputs[i] == NULL || few_inputs(p, t->rules[r].outputs[i], e, inputs);
        }
        for (size_t i = 0; ok && i < t->output_count; i++)
                ok = (t->output_values == NULL || t->output_values[i] == NULL ||
                      few_inputs(p, t->output_values[i], e, inputs)) &&
                     (t->defaults == NULL || t->defaults[i] == NULL || few_inputs(p, t->defaults[i], e, inputs));
        return ok;
}

/* The entry that a path names, when what it is taken of is known entry by entry. */
static struct cv *path_entry(struct plan *p, const struct feel_node *n, struct env *e)
{
        const struct feel_node *of = n->children[0];
        struct cv *c = NULL;

        while (of->op == OP_NOTE || of->op == OP_COERCE)
                of = of->children[0];
        if (of->op == OP_LOCAL && of->slot < e->count)
                c = e->slots[of->slot];
        else if (of->op == OP_GLOBAL)
                c = p->globals[of->slot];
        else if (of->op == OP_PATH)
                c = path_entry(p, of, e);
        for (size_t i = 0; c != NULL && c->kind == CV_CONTEXT && i < c->count; i++)
                if (strcmp(c->names[i], n->name) == 0)
                        return c->entries[i];
        return NULL;
}

bool few_inputs(struct plan *p, const struct feel_node *n, struct env *e, uint64_t *inputs)
{
        struct cv *v = NULL;

        switch (n->op) {
        case OP_LOCAL:
                v = n->slot < e->count ? e->slots[n->slot] : NULL;
                return v == NULL || cv_few(v, inputs); /* not bound yet: within the node itself */
        case OP_GLOBAL:
                return p->globals[n->slot] != NULL && cv_few(p->globals[n->slot], inputs);
        case OP_QUESTION:
                return e->question == NULL || cv_few(e->question, inputs);
        case OP_DYNAMIC:
        case OP_FAIL:
                return false;
        case OP_PATH:
                v = path_entry(p, n, e);
                if (v != NULL)
                        return cv_few(v, inputs);
                break;
        case OP_HOST:
                return n->run == table_run && table_inputs(p, n->data, e, inputs);
        default:
                break;
        }
        if (n->op == OP_FUNCTION && n->capture_count == 0)
                return true;
        for (uint32_t i = 0; i < n->count; i++)
                if (n->children[i] != NULL && !few_inputs(p, n->children[i], e, inputs))
                        return false;
        return true;
}

struct env *env_new(struct plan *p, uint32_t count)
{
        struct env *e = arena_new_of(p->arena, struct env);

        if (e != NULL) {
                e->slots = arena_array(p->arena, count + 1, sizeof(struct cv *));
                e->frame = arena_array(p->arena, count + 1, sizeof *e->frame);
                e->count = count;
        }
        if (e == NULL || e->slots == NULL || e->frame == NULL) {
                p->failed = true;
                return NULL;
        }
        return e;
}

bool combination_scalar(struct plan *p, struct cv *v, struct feel_value *out)
{
        bool ok;

        p->combination++;
        p->machine.steps = p->steps < STEPS_MAX ? p->steps : STEPS_MAX;
        int64_t steps = p->machine.steps;
        ok = steps > 0 && cv_scalar(p, v, out);
        p->steps -= p->machine.steps < 0 ? steps : steps - p->machine.steps;
        if (!ok) {
                feel_machine_again(&p->machine, NULL, &p->machine_error);
                p->machine.stack_base = __builtin_frame_address(0);
                error_clear(&p->machine_error);
        }
        return ok;
}

struct cv *few_make(struct plan *p, enum few_form form, const struct feel_node *n, struct env *e, struct cv *const *of,
                    size_t count, uint64_t inputs)
{
        struct cv *v = cv_new(p, CV_FEW);
        struct feel_value value;

        v->form = form;
        v->inputs = inputs;
        v->node = n;
        v->env = e;
        v->of = of;
        v->count = count;
        if (inputs != 0)
                return v;
        return combination_scalar(p, v, &value) ? cv_same(p, value) : cv_none(p);
}

/* Which slots and globals a node reads, so that only these are computed. */
static bool node_reads(struct plan *p, const struct feel_node *n, struct env *e, struct feel_value *frame);

static bool nodes_read(struct plan *p, const struct feel_node **nodes, size_t count, struct env *e, struct feel_value *frame)
{
        for (size_t i = 0; nodes != NULL && i < count; i++)
                if (nodes[i] != NULL && !node_reads(p, nodes[i], e, frame))
                        return false;
        return true;
}

static bool node_reads(struct plan *p, const struct feel_node *n, struct env *e, struct feel_value *frame)
{
        if (n->op == OP_LOCAL)
                return n->slot >= e->count || e->slots[n->slot] == NULL || cv_scalar(p, e->slots[n->slot], &frame[n->slot]);
        if (n->op == OP_GLOBAL)
                return p->globals[n->slot] == NULL || cv_scalar(p, p->globals[n->slot], &p->global_values[n->slot]);
        if (n->op == OP_HOST && n->run == table_run) {
                const struct table *t = n->data;
                bool ok = nodes_read(p, t->inputs, t->input_count, e, frame) &&
                          nodes_read(p, t->input_values, t->input_count, e, frame) &&
                          nodes_read(p, t->output_values, t->output_count, e, frame) &&
                          nodes_read(p, t->defaults, t->output_count, e, frame);
                for (size_t r = 0; ok && r < t->rule_count; r++)
                        ok = nodes_read(p, t->rules[r].tests, t->input_count, e, frame) &&
                             nodes_read(p, t->rules[r].outputs, t->output_count, e, frame);
                return ok;
        }
        if (n->op == OP_FUNCTION) { /* its body has a frame of its own */
                for (uint32_t i = 0; i < n->capture_count; i++) {
                        uint32_t from = n->captures[i].from;
                        if (from < e->count && e->slots[from] != NULL && !cv_scalar(p, e->slots[from], &frame[from]))
                                return false;
                }
                return true;
        }
        return nodes_read(p, (const struct feel_node **)(uintptr_t)n->children, n->count, e, frame);
}

/* The frame of an environment is used again: what a node reads of it was written for this combination just before, by it or by what it reads. */
static bool node_scalar(struct plan *p, struct cv *v, struct feel_value *out)
{
        struct feel_machine *m = &p->machine;
        struct feel_value question = {.kind = FEEL_NULL}, *outer = m->frame;
        const struct feel_value *asked = m->question;
        bool ok = node_reads(p, v->node, v->env, v->env->frame);

        if (ok && v->form == FEW_TEST)
                ok = cv_scalar(p, v->of[0], &question);
        if (!ok)
                return false;
        m->frame = v->env->frame;
        m->globals = p->global_values;
        if (v->form == FEW_TEST) {
                m->question = &question;
                ok = feel_run(m, v->node, out) == 0;
                if (ok && out->kind != FEEL_BOOLEAN)
                        *out = feel_bool(false);
        } else {
                ok = feel_run(m, v->node, out) == 0;
        }
        m->question = asked;
        m->frame = outer;
        return ok;
}

static bool parts_scalar(struct plan *p, struct cv *v, struct feel_value *out)
{
        int64_t yes = 0;

        for (size_t i = 0; i < v->count; i++) {
                struct feel_value one;
                if (!cv_scalar(p, v->of[i], &one))
                        return false;
                yes += one.kind == FEEL_BOOLEAN && one.boolean;
        }
        *out = v->form == FEW_ALL ? feel_bool(yes == (int64_t)v->count) : feel_int(yes);
        return true;
}

static bool context_scalar(struct plan *p, struct cv *v, struct feel_value *out)
{
        struct feel_entry *entries = arena_array(p->machine.arena, v->count + 1, sizeof *entries);

        if (entries == NULL)
                return false;
        for (size_t i = 0; i < v->count; i++) {
                uint64_t inputs = 0;
                entries[i].name = v->names[i];
                entries[i].value = feel_nothing();
                if (cv_few(v->entries[i], &inputs) && !cv_scalar(p, v->entries[i], &entries[i].value))
                        return false;
        }
        *out = (struct feel_value){.kind = FEEL_CONTEXT, .count = (uint32_t)v->count, .entries = entries};
        return true;
}

static bool input_scalar(struct plan *p, size_t i, struct feel_value *out)
{
        const struct column_input *in = &p->job->inputs[i];
        int64_t v = p->chosen[i];

        switch (in->kind) {
        case COLUMN_NUMBER:
                *out = feel_number(decimal_from_scaled(v, in->scale));
                break;
        case COLUMN_BOOLEAN:
                *out = feel_bool(v != 0);
                break;
        case COLUMN_DATE:
                *out = (struct feel_value){.kind = FEEL_DATE, .moment = {.day = v}};
                break;
        case COLUMN_TEXT:
                *out = v >= 0 && (size_t)v < in->text_count ? feel_string(str_from(in->texts[v])) : feel_nothing();
                break;
        }
        return type_coerce(&p->machine, p->input_types[i], out) == 0;
}

bool cv_scalar(struct plan *p, struct cv *v, struct feel_value *out)
{
        if (v->kind == CV_SAME) {
                *out = v->value;
                return true;
        }
        if (v->kind != CV_FEW && v->kind != CV_CONTEXT) {
                *out = feel_nothing(); /* read by no one: a path beside it is */
                return true;
        }
        if (v->stamp == p->combination + 1) {
                *out = v->memo;
                return !v->failed;
        }
        bool ok = true;
        if (v->kind == CV_CONTEXT)
                ok = context_scalar(p, v, out);
        else if (v->form == FEW_INPUT)
                ok = input_scalar(p, v->count, out);
        else if (v->form == FEW_ALL || v->form == FEW_COUNT)
                ok = parts_scalar(p, v, out);
        else
                ok = node_scalar(p, v, out);
        v->stamp = p->combination + 1;
        v->memo = *out;
        v->failed = !ok;
        return ok;
}
