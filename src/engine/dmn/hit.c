/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs decision tables: which rules apply, and what the hit policy makes of them (DMN 1.5, 8.2.8 and 8.2.11).
 */
#include "engine/dmn/model.h"

#include <string.h>

struct hits {
        uint32_t *rules;
        size_t count;
};

static struct trace *tracing(const struct feel_machine *m)
{
        return m->on_note == trace_note ? m->on_ctx : NULL;
}

/* Unary tests of a cell on a value: true, or not. */
static int passes(struct feel_machine *m, const struct feel_node *tests, const struct feel_value *v, bool *yes)
{
        const struct feel_value *outer = m->question;
        struct feel_value answer;

        m->question = v;
        int rc = feel_run(m, tests, &answer);
        m->question = outer;
        *yes = rc == 0 && answer.kind == FEEL_BOOLEAN && answer.boolean;
        return rc;
}

static int inputs_make(struct feel_machine *m, const struct table *t, struct feel_value *inputs, bool *allowed)
{
        *allowed = true;
        for (size_t i = 0; i < t->input_count; i++) {
                bool yes = true;
                if (feel_run(m, t->inputs[i], &inputs[i]) < 0)
                        return ERR;
                if (t->input_values[i] != NULL && inputs[i].kind != FEEL_NULL &&
                    passes(m, t->input_values[i], &inputs[i], &yes) < 0)
                        return ERR;
                *allowed = *allowed && yes;
        }
        return 0;
}

static int hits_find(struct feel_machine *m, const struct table *t, const struct feel_value *inputs, struct hits *h)
{
        bool one = t->policy == HIT_FIRST;

        for (size_t k = 0; k < t->rule_count && !(one && h->count > 0); k++) {
                bool yes = true;
                for (size_t i = 0; yes && i < t->input_count; i++)
                        if (t->rules[k].tests[i] != NULL && passes(m, t->rules[k].tests[i], &inputs[i], &yes) < 0)
                                return ERR;
                if (yes)
                        h->rules[h->count++] = (uint32_t)k;
        }
        return 0;
}

static int output_make(struct feel_machine *m, const struct table *t, const struct feel_node *const *nodes,
                       struct feel_value *out)
{
        struct feel_entry *entries;

        if (t->output_count == 1) {
                *out = feel_nothing();
                return nodes[0] == NULL ? 0 : feel_run(m, nodes[0], out);
        }
        entries = arena_array(m->arena, t->output_count, sizeof *entries);
        if (entries == NULL)
                return feel_out_of_memory(m);
        for (size_t i = 0; i < t->output_count; i++) {
                entries[i].name = t->output_names[i];
                if (nodes[i] != NULL && feel_run(m, nodes[i], &entries[i].value) < 0)
                        return ERR;
        }
        *out = (struct feel_value){.kind = FEEL_CONTEXT, .count = (uint32_t)t->output_count, .entries = entries};
        return 0;
}

static const struct feel_value *output_part(const struct table *t, const struct feel_value *v, size_t i)
{
        return t->output_count == 1 ? v : &v->entries[i].value;
}

/* Place of a value among the output values; one that is not there comes last. */
static int rank(struct feel_machine *m, const struct feel_node *values, const struct feel_value *v, uint32_t *out)
{
        struct feel_value yes;

        for (*out = 0; *out < values->count; ++*out) {
                if (feel_test(m, values->children[*out], v, &yes) < 0)
                        return ERR;
                if (yes.kind == FEEL_BOOLEAN && yes.boolean)
                        return 0;
        }
        return 0;
}

/* *order: −1 when a comes before b. */
static int better(struct feel_machine *m, const struct table *t, const struct feel_value *a, const struct feel_value *b,
                  int *order)
{
        *order = 0;
        for (size_t i = 0; i < t->output_count && *order == 0; i++) {
                uint32_t x, y;
                if (t->output_values[i] == NULL)
                        continue;
                if (rank(m, t->output_values[i], output_part(t, a, i), &x) < 0 ||
                    rank(m, t->output_values[i], output_part(t, b, i), &y) < 0)
                        return ERR;
                *order = (x > y) - (x < y);
        }
        return 0;
}

/* Stable: of equal ranks the earlier rule comes first. */
static int by_priority(struct feel_machine *m, const struct table *t, struct feel_value *values, size_t count)
{
        for (size_t i = 1; i < count; i++)
                for (size_t k = i; k > 0; k--) {
                        struct feel_value swap;
                        int order;
                        if (--m->steps < 0)
                                return error_raise(m->err, SB_FEEL_STEPS, "%s", "");
                        if (better(m, t, &values[k], &values[k - 1], &order) < 0)
                                return ERR;
                        if (order >= 0)
                                break;
                        swap = values[k];
                        values[k] = values[k - 1];
                        values[k - 1] = swap;
                }
        return 0;
}

/* Sum, least or greatest of one output over the rules. */
static void aggregate_part(struct feel_machine *m, const struct table *t, const struct feel_value *values, size_t n,
                           size_t part, struct feel_value *out)
{
        int order;

        *out = *output_part(t, &values[0], part);
        if (t->aggregation == '+' ? out->kind != FEEL_NUMBER && out->kind != FEEL_DAYS && out->kind != FEEL_MONTHS
                                  : !feel_compare(out, out, &order)) {
                *out = feel_null(m, "an output cannot be aggregated");
                return;
        }
        for (size_t i = 1; i < n && out->kind != FEEL_NULL; i++) {
                const struct feel_value *v = output_part(t, &values[i], part);
                struct feel_value left = *out;
                if (t->aggregation == '+')
                        feel_arithmetic(m, OP_ADD, &left, v, out);
                else if (!feel_compare(v, out, &order))
                        *out = feel_null(m, "outputs of different types are compared");
                else if (t->aggregation == '<' ? order < 0 : order > 0)
                        *out = *v;
        }
}

static int aggregate(struct feel_machine *m, const struct table *t, const struct feel_value *values, size_t n,
                     struct feel_value *out)
{
        struct feel_entry *entries;

        if (t->aggregation == '#') {
                *out = feel_int((int64_t)n);
                return 0;
        }
        if (n == 0) {
                *out = feel_nothing();
                return 0;
        }
        if (t->output_count == 1) {
                aggregate_part(m, t, values, n, 0, out);
                return 0;
        }
        entries = arena_array(m->arena, t->output_count, sizeof *entries);
        if (entries == NULL)
                return feel_out_of_memory(m);
        for (size_t i = 0; i < t->output_count; i++) {
                entries[i].name = t->output_names[i];
                aggregate_part(m, t, values, n, i, &entries[i].value);
        }
        *out = (struct feel_value){.kind = FEEL_CONTEXT, .count = (uint32_t)t->output_count, .entries = entries};
        return 0;
}

static int no_hit(struct feel_machine *m, const struct table *t, struct feel_value *out)
{
        bool any = false;

        for (size_t i = 0; i < t->output_count; i++)
                any = any || t->defaults[i] != NULL;
        if (any)
                return output_make(m, t, t->defaults, out);
        bool list =
            t->aggregation == 0 && (t->policy == HIT_COLLECT || t->policy == HIT_RULE_ORDER || t->policy == HIT_OUTPUT_ORDER);
        *out = list ? feel_list(NULL, 0) : t->aggregation == '#' ? feel_int(0) : feel_nothing();
        return 0;
}

static int agreed(struct feel_machine *m, const struct feel_value *values, size_t count, struct feel_value *out)
{
        bool equal = true;

        for (size_t i = 1; equal && i < count; i++)
                equal = feel_equal(&values[0], &values[i], &equal) && equal;
        *out = equal ? values[0] : feel_null(m, "rules of a table that must agree differ");
        return 0;
}

static int hits_answer(struct feel_machine *m, const struct table *t, const struct hits *h, struct feel_value *out)
{
        struct trace *trace = tracing(m);
        struct feel_value *values;

        if (h->count == 0)
                return no_hit(m, t, out);
        if (t->policy == HIT_UNIQUE && h->count > 1) {
                *out = feel_null(m, "two rules of a table with unique hits apply");
                return 0;
        }
        values = arena_array(m->arena, h->count, sizeof *values);
        if (values == NULL)
                return feel_out_of_memory(m);
        for (size_t i = 0; i < h->count; i++) {
                if (trace != NULL)
                        trace_rule(trace, t, h->rules[i]);
                if (output_make(m, t, t->rules[h->rules[i]].outputs, &values[i]) < 0)
                        return ERR;
        }
        switch (t->policy) {
        case HIT_UNIQUE:
        case HIT_FIRST:
                *out = values[0];
                return 0;
        case HIT_ANY:
                return agreed(m, values, h->count, out);
        case HIT_PRIORITY:
        case HIT_OUTPUT_ORDER:
                if (by_priority(m, t, values, h->count) < 0)
                        return ERR;
                *out = t->policy == HIT_PRIORITY ? values[0] : feel_list(values, h->count);
                return 0;
        case HIT_RULE_ORDER:
        case HIT_COLLECT:
                break;
        }
        if (t->aggregation != 0)
                return aggregate(m, t, values, h->count, out);
        *out = feel_list(values, h->count);
        return 0;
}

int table_run(struct feel_machine *m, const struct feel_node *n, struct feel_value *out)
{
        const struct table *t = n->data;
        struct feel_value *inputs = arena_array(m->arena, t->input_count + 1, sizeof *inputs);
        struct hits h = {arena_array(m->arena, t->rule_count + 1, sizeof *h.rules), 0};
        bool allowed;

        if (inputs == NULL || h.rules == NULL)
                return feel_out_of_memory(m);
        if (inputs_make(m, t, inputs, &allowed) < 0)
                return ERR;
        if (!allowed) {
                *out = feel_null(m, "an input of a table is none of its allowed values");
                return 0;
        }
        if (hits_find(m, t, inputs, &h) < 0)
                return ERR;
        return hits_answer(m, t, &h, out);
}
