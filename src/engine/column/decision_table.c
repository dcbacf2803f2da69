/* SPDX-License-Identifier: Apache-2.0
 *
 * Decision tables whose inputs or outputs are in registers: a flag a rule, and a choice among their outputs.
 */
#include "engine/column/plan.h"

#define RULES_MAX 64

/* A value of a test against a register: equal to it, or within a range. */
static struct cv *test_value(struct plan *p, struct cv *v, const struct feel_value *against)
{
        if (against->kind == FEEL_RANGE) {
                const struct feel_range *r = against->range;
                struct cv *all = NULL;
                if (r->op == RANGE_EQUAL || r->op == RANGE_NOT_EQUAL)
                        return cv_none(p);
                if (r->low.kind != FEEL_NULL)
                        all = cv_compare(p, r->low_closed ? OP_GREATER_EQUAL : OP_GREATER, v, cv_same(p, r->low));
                if (r->high.kind != FEEL_NULL) {
                        struct cv *high = cv_compare(p, r->high_closed ? OP_LESS_EQUAL : OP_LESS, v, cv_same(p, r->high));
                        all = all == NULL ? high : cv_logic(p, OP_AND, all, high);
                }
                return all == NULL ? cv_none(p) : all;
        }
        if (against->kind == FEEL_NUMBER || against->kind == FEEL_STRING || against->kind == FEEL_DATE ||
            against->kind == FEEL_BOOLEAN)
                return cv_compare(p, OP_EQUAL, v, cv_same(p, *against));
        return cv_none(p);
}

static struct cv *test_register(struct plan *p, const struct feel_node *n, struct cv *v, struct env *e)
{
        uint64_t inputs = 0;

        if (n->op == OP_TEST_ANY)
                return cv_same(p, feel_bool(true));
        if (n->op == OP_TESTS || n->op == OP_NOT_TESTS) {
                struct cv *any = NULL;
                for (uint32_t i = 0; i < n->count; i++) {
                        struct cv *one = test_register(p, n->children[i], v, e);
                        any = any == NULL ? one : cv_logic(p, OP_OR, any, one);
                }
                return any == NULL ? cv_none(p) : n->op == OP_TESTS ? any : cv_not(p, any);
        }
        if (n->has_question || !few_inputs(p, n, e, &inputs))
                return cv_none(p);
        struct cv *against = inputs == 0 ? few_make(p, FEW_NODE, n, e, NULL, 0, 0) : cv_none(p);
        return against->kind == CV_SAME ? test_value(p, v, &against->value) : cv_none(p);
}

/* Whether a value passes a test. */
static struct cv *test(struct plan *p, const struct feel_node *n, struct cv *v, struct env *e)
{
        uint64_t inputs = 0;
        struct env asked = *e;

        if (n == NULL || n->op == OP_TEST_ANY)
                return cv_same(p, feel_bool(true));
        asked.question = NULL;
        if (cv_few(v, &inputs) && few_inputs(p, n, &asked, &inputs) && few_fit(p, inputs)) {
                struct cv **of = arena_array(p->arena, 1, sizeof(struct cv *));
                if (of == NULL) {
                        p->failed = true;
                        return cv_none(p);
                }
                of[0] = v;
                return few_make(p, FEW_TEST, n, e, of, 1, inputs);
        }
        v = cv_table(p, v);
        return v->kind == CV_REG ? test_register(p, n, v, e) : cv_none(p);
}

/* All of them; those that depend on few values stay together. */
static struct cv *all_of(struct plan *p, struct cv **parts, size_t count, enum few_form form)
{
        uint64_t inputs = 0;
        bool few = true;

        for (size_t i = 0; i < count; i++)
                few = few && cv_few(parts[i], &inputs);
        if (few && few_fit(p, inputs)) {
                struct cv **of = arena_array(p->arena, count + 1, sizeof(struct cv *));
                if (of == NULL) {
                        p->failed = true;
                        return cv_none(p);
                }
                for (size_t i = 0; i < count; i++)
                        of[i] = parts[i];
                return few_make(p, form, NULL, NULL, of, count, inputs);
        }
        struct cv *all = NULL;
        for (size_t i = 0; i < count; i++) {
                struct cv *one = cv_ready(p, parts[i]);
                if (one->kind != CV_REG || one->type != REG_BOOLEAN)
                        return cv_none(p);
                if (form == FEW_ALL) {
                        all = all == NULL ? one : cv_logic(p, OP_AND, all, one);
                } else {
                        struct cv *number = cv_reg(p, REG_NUMBER, one->reg, 0, 0, 1);
                        all = all == NULL ? number : number_arithmetic(p, OP_ADD, all, number);
                }
        }
        return all == NULL ? cv_same(p, form == FEW_ALL ? feel_bool(true) : feel_int(0)) : all;
}

/* Rows that more than one rule takes, which a unique table does not allow, are for the scalar path. */
static bool unique(struct plan *p, struct cv **hits, size_t count)
{
        struct cv *sum = cv_ready(p, all_of(p, hits, count, FEW_COUNT));

        if (sum->kind != CV_REG || sum->type != REG_NUMBER)
                return false;
        if (sum->high <= 1)
                return true;
        struct cv *many = cv_compare(p, OP_GREATER, sum, cv_same(p, feel_int(1)));
        int outer;
        if (many->kind != CV_REG)
                return false;
        mask_enter(p, many, false, &outer);
        mark_bad(p);
        p->mask = outer;
        return true;
}

static struct cv *outputs(struct plan *p, const struct table *t, const struct rule *r, struct env *e)
{
        if (t->output_count == 1)
                return r->outputs[0] == NULL ? cv_none(p) : cv_node(p, r->outputs[0], e);
        struct cv *c = cv_new(p, CV_CONTEXT);
        c->names = t->output_names;
        c->count = t->output_count;
        c->entries = arena_array(p->arena, t->output_count, sizeof(struct cv *));
        if (c->entries == NULL) {
                p->failed = true;
                return cv_none(p);
        }
        for (size_t i = 0; i < t->output_count; i++)
                c->entries[i] = r->outputs[i] == NULL ? cv_none(p) : cv_node(p, r->outputs[i], e);
        return c;
}

/* The first rule that takes a row; what no rule takes is for the scalar path. */
static struct cv *first_of(struct plan *p, const struct table *t, struct cv **hits, size_t at, struct env *e)
{
        int outer;

        if (at == t->rule_count)
                return cv_none(p);
        struct cv *hit = cv_table(p, hits[at]);
        if (hit->kind == CV_SAME)
                return hit->value.kind == FEEL_BOOLEAN && hit->value.boolean ? outputs(p, t, &t->rules[at], e)
                                                                             : first_of(p, t, hits, at + 1, e);
        if (hit->kind != CV_REG || hit->type != REG_BOOLEAN)
                return cv_none(p);
        mask_enter(p, hit, false, &outer);
        struct cv *a = outputs(p, t, &t->rules[at], e);
        if (a->kind == CV_FEW || a->kind == CV_SAME)
                a = cv_ready(p, a);
        p->mask = outer;
        mask_enter(p, hit, true, &outer);
        struct cv *b = first_of(p, t, hits, at + 1, e);
        if (b->kind == CV_FEW || b->kind == CV_SAME)
                b = cv_ready(p, b);
        p->mask = outer;
        return cv_choose(p, hit, a, b);
}

/* Every row's input is one of the values that the table allows, or the row is for the scalar path. */
static bool inputs_allowed(struct plan *p, const struct table *t, struct cv **inputs, struct env *e)
{
        for (size_t i = 0; t->input_values != NULL && i < t->input_count; i++) {
                if (t->input_values[i] == NULL)
                        continue;
                struct cv *ok = cv_table(p, test(p, t->input_values[i], inputs[i], e));
                if (ok->kind == CV_SAME && ok->value.kind == FEEL_BOOLEAN && ok->value.boolean)
                        continue;
                int outer;
                if (ok->kind != CV_REG || ok->type != REG_BOOLEAN)
                        return false;
                mask_enter(p, ok, true, &outer);
                mark_bad(p);
                p->mask = outer;
        }
        return true;
}

struct cv *cv_table_node(struct plan *p, const struct table *t, struct env *e)
{
        struct cv *inputs[32], *tests[32], *hits[RULES_MAX];

        if ((t->policy != HIT_UNIQUE && t->policy != HIT_FIRST) || t->input_count > 32 || t->rule_count > RULES_MAX ||
            t->rule_count == 0)
                return cv_none(p);
        for (size_t i = 0; i < t->input_count; i++)
                inputs[i] = cv_node(p, t->inputs[i], e);
        if (!inputs_allowed(p, t, inputs, e))
                return cv_none(p);
        for (size_t r = 0; r < t->rule_count; r++) {
                for (size_t i = 0; i < t->input_count; i++) {
                        tests[i] = test(p, t->rules[r].tests[i], inputs[i], e);
                        if (tests[i]->kind == CV_NONE)
                                return tests[i];
                }
                hits[r] = all_of(p, tests, t->input_count, FEW_ALL);
        }
        if (t->policy == HIT_UNIQUE && !unique(p, hits, t->rule_count))
                return cv_none(p);
        return first_of(p, t, hits, 0, e);
}
