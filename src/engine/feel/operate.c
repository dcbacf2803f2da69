/* SPDX-License-Identifier: Apache-2.0
 *
 * Operators of FEEL on values (DMN 1.5, tables 42 to 56). What is not defined for two kinds is null with a
 * diagnostic.
 */
#include "engine/feel/tree.h"

#include <assert.h>
#include <string.h>

static const char *sign_of(enum feel_op op)
{
        static const char *const SIGNS[] = {"+", "-", "*", "/", "**", "=", "!=", "<", "<=", ">", ">="};

        assert(op >= OP_ADD && op <= OP_GREATER_EQUAL);
        return SIGNS[op - OP_ADD];
}

static void undefined(struct feel_machine *m, enum feel_op op, const struct feel_value *a, const struct feel_value *b,
                      struct feel_value *out)
{
        char why[120];

        text_format(why, sizeof why, "%s %s %s is not defined", feel_kind_name(a->kind), sign_of(op), feel_kind_name(b->kind));
        *out = feel_null(m, why);
}

static bool number_op(enum feel_op op, struct decimal a, struct decimal b, struct decimal *out)
{
        switch (op) {
        case OP_ADD:
                return decimal_add(out, a, b);
        case OP_SUBTRACT:
                return decimal_sub(out, a, b);
        case OP_MULTIPLY:
                return decimal_mul(out, a, b);
        case OP_DIVIDE:
                return decimal_div(out, a, b);
        default:
                return decimal_power(out, a, b);
        }
}

static bool moment(const struct feel_value *v)
{
        return v->kind == FEEL_DATE || v->kind == FEEL_TIME || v->kind == FEEL_DATE_TIME;
}

static bool duration(const struct feel_value *v)
{
        return v->kind == FEEL_DAYS || v->kind == FEEL_MONTHS;
}

/* A date, time or date and time and a duration. */
static bool moment_shift(const struct feel_value *a, const struct feel_value *by, bool minus, struct feel_value *out)
{
        struct temporal t = a->moment, moved;
        wide_t ns = by->kind == FEEL_DAYS ? (minus ? -by->ns : by->ns) : 0;
        int64_t months = by->kind == FEEL_MONTHS ? by->months : 0;
        bool ok;

        months = minus ? -months : months;
        if (by->kind == FEEL_DAYS)
                ok = a->kind == FEEL_DATE   ? temporal_date_add_ns(&moved, &t, ns)
                     : a->kind == FEEL_TIME ? temporal_time_add_ns(&moved, &t, ns)
                                            : temporal_date_time_add_ns(&moved, &t, ns);
        else
                ok = a->kind == FEEL_DATE        ? temporal_date_add_months(&moved, &t, months)
                     : a->kind == FEEL_DATE_TIME ? temporal_date_time_add_months(&moved, &t, months)
                                                 : false;
        if (ok)
                *out = (struct feel_value){.kind = a->kind, .moment = moved};
        return ok;
}

static bool durations_add(const struct feel_value *a, const struct feel_value *b, bool minus, struct feel_value *out)
{
        struct feel_value v = {.kind = a->kind};
        bool ok;

        if (a->kind == FEEL_DAYS)
                ok = temporal_ns_add(&v.ns, a->ns, minus ? -b->ns : b->ns);
        else
                ok = temporal_months_add(&v.months, a->months, minus ? -b->months : b->months);
        if (ok)
                *out = v;
        return ok;
}

static bool moments_subtract(const struct feel_value *a, const struct feel_value *b, struct feel_value *out)
{
        struct feel_value v = {.kind = FEEL_DAYS};
        bool ok;

        if ((a->kind == FEEL_TIME) != (b->kind == FEEL_TIME))
                return false;
        ok = a->kind == FEEL_TIME
                 ? temporal_time_sub(&v.ns, &a->moment, &b->moment)
                 : temporal_date_sub(&v.ns, &a->moment, a->kind == FEEL_DATE, &b->moment, b->kind == FEEL_DATE);
        if (ok)
                *out = v;
        return ok;
}

static bool scale(const struct feel_value *a, struct decimal by, bool divide, struct feel_value *out)
{
        struct feel_value v = {.kind = a->kind};
        bool ok;

        if (a->kind == FEEL_DAYS)
                ok = divide ? temporal_ns_divide(&v.ns, a->ns, by) : temporal_ns_scale(&v.ns, a->ns, by);
        else
                ok =
                    divide ? temporal_months_divide(&v.months, a->months, by) : temporal_months_scale(&v.months, a->months, by);
        if (ok)
                *out = v;
        return ok;
}

static bool text_add(struct feel_machine *m, const struct feel_value *a, const struct feel_value *b, struct feel_value *out)
{
        size_t n = a->string.n + b->string.n;
        char *p = arena_alloc(m->arena, n + 1);

        if (p == NULL) {
                feel_out_of_memory(m);
                return false;
        }
        memcpy(p, a->string.p, a->string.n);
        if (b->string.n > 0)
                memcpy(p + a->string.n, b->string.p, b->string.n);
        *out = feel_string((struct str){p, n});
        return true;
}

static bool ratio(const struct feel_value *a, const struct feel_value *b, struct feel_value *out)
{
        struct feel_value v = {.kind = FEEL_NUMBER};
        bool ok = a->kind == FEEL_DAYS ? temporal_ns_ratio(&v.number, a->ns, b->ns)
                                       : temporal_months_ratio(&v.number, a->months, b->months);

        if (ok)
                *out = v;
        return ok;
}

void feel_arithmetic(struct feel_machine *m, enum feel_op op, const struct feel_value *a, const struct feel_value *b,
                     struct feel_value *out)
{
        struct feel_value v;
        bool ok = false;

        if (a->kind == FEEL_NUMBER && b->kind == FEEL_NUMBER) {
                /* Straight to where it belongs: a copy of what was just written makes the processor wait. */
                if (number_op(op, a->number, b->number, &out->number)) {
                        out->kind = FEEL_NUMBER;
                        out->count = 0;
                } else {
                        *out = feel_null(m, op == OP_DIVIDE && decimal_is_zero(b->number) ? "division by zero"
                                                                                          : "the number is out of range");
                }
                return;
        } else if (op == OP_ADD && a->kind == FEEL_STRING && b->kind == FEEL_STRING) {
                ok = text_add(m, a, b, &v);
        } else if (op == OP_ADD || op == OP_SUBTRACT) {
                if (moment(a) && duration(b))
                        ok = moment_shift(a, b, op == OP_SUBTRACT, &v);
                else if (op == OP_ADD && duration(a) && moment(b))
                        ok = moment_shift(b, a, false, &v);
                else if (duration(a) && a->kind == b->kind)
                        ok = durations_add(a, b, op == OP_SUBTRACT, &v);
                else if (op == OP_SUBTRACT && moment(a) && moment(b))
                        ok = moments_subtract(a, b, &v);
        } else if (op == OP_MULTIPLY && duration(a) && b->kind == FEEL_NUMBER) {
                ok = scale(a, b->number, false, &v);
        } else if (op == OP_MULTIPLY && a->kind == FEEL_NUMBER && duration(b)) {
                ok = scale(b, a->number, false, &v);
        } else if (op == OP_DIVIDE && duration(a) && b->kind == FEEL_NUMBER) {
                ok = scale(a, b->number, true, &v);
        } else if (op == OP_DIVIDE && duration(a) && a->kind == b->kind) {
                ok = ratio(a, b, &v);
        }
        if (ok)
                *out = v;
        else
                undefined(m, op, a, b, out);
}

void feel_negate(struct feel_machine *m, const struct feel_value *a, struct feel_value *out)
{
        struct feel_value v = *a;

        if (a->kind == FEEL_NUMBER)
                v.number = decimal_negate(a->number);
        else if (a->kind == FEEL_DAYS)
                v.ns = -a->ns;
        else if (a->kind == FEEL_MONTHS)
                v.months = -a->months;
        else
                v = feel_null(m, "what is negated is no number and no duration");
        *out = v;
}

void feel_order(struct feel_machine *m, enum feel_op op, const struct feel_value *a, const struct feel_value *b,
                struct feel_value *out)
{
        bool equal;
        int order;

        if (a->kind == FEEL_NUMBER && b->kind == FEEL_NUMBER) {
                order = decimal_compare(a->number, b->number);
                *out = feel_bool(op == OP_EQUAL        ? order == 0
                                 : op == OP_NOT_EQUAL  ? order != 0
                                 : op == OP_LESS       ? order < 0
                                 : op == OP_LESS_EQUAL ? order <= 0
                                 : op == OP_GREATER    ? order > 0
                                                       : order >= 0);
                return;
        }
        if (op == OP_EQUAL || op == OP_NOT_EQUAL) {
                if (feel_equal(a, b, &equal))
                        *out = feel_bool(equal == (op == OP_EQUAL));
                else
                        undefined(m, op, a, b, out);
                return;
        }
        if (!feel_compare(a, b, &order)) {
                undefined(m, op, a, b, out);
                return;
        }
        *out = feel_bool(op == OP_LESS         ? order < 0
                         : op == OP_LESS_EQUAL ? order <= 0
                         : op == OP_GREATER    ? order > 0
                                               : order >= 0);
}

bool range_has(const struct feel_range *r, const struct feel_value *v, bool *yes)
{
        int order;

        *yes = false;
        if (r->op == RANGE_EQUAL || r->op == RANGE_NOT_EQUAL) {
                if (!feel_equal(v, &r->low, yes))
                        return false;
                *yes = *yes == (r->op == RANGE_EQUAL);
                return true;
        }
        if (r->low.kind != FEEL_NULL) {
                if (!feel_compare(v, &r->low, &order))
                        return false;
                if (order < 0 || (order == 0 && !r->low_closed))
                        return true;
        }
        if (r->high.kind != FEEL_NULL) {
                if (!feel_compare(v, &r->high, &order))
                        return false;
                if (order > 0 || (order == 0 && !r->high_closed))
                        return true;
        }
        *yes = true;
        return true;
}

void feel_range_make(struct feel_machine *m, struct feel_range shape, struct feel_value *out)
{
        int order;

        if (shape.op == RANGE_INTERVAL) {
                if (shape.low.kind == FEEL_NULL || shape.high.kind == FEEL_NULL ||
                    !feel_compare(&shape.low, &shape.high, &order)) {
                        *out = feel_null(m, "the ends of a range are null or cannot be compared");
                        return;
                }
        }
        struct feel_range *r = arena_new_of(m->arena, struct feel_range);
        if (r == NULL) {
                feel_out_of_memory(m);
                *out = feel_nothing();
                return;
        }
        *r = shape;
        *out = (struct feel_value){.kind = FEEL_RANGE, .range = r};
}

static bool listed(const struct feel_value *v, const struct feel_value *list)
{
        for (uint32_t i = 0; i < list->count; i++) {
                const struct feel_value *item = &list->items[i];
                bool one = false;
                bool known = item->kind == FEEL_RANGE && v->kind != FEEL_RANGE ? range_has(item->range, v, &one)
                                                                               : feel_equal(v, item, &one);
                if (known && one)
                        return true;
        }
        return false;
}

/* Whether a value passes a test that is a value: equal, in the range, in the list. */
bool feel_in_value(struct feel_machine *m, const struct feel_value *v, const struct feel_value *test, struct feel_value *out)
{
        bool yes = false, known;

        if (test->kind == FEEL_RANGE && v->kind != FEEL_RANGE) {
                known = range_has(test->range, v, &yes);
        } else if (test->kind == FEEL_LIST) {
                known = true;
                if (v->kind != FEEL_LIST || !feel_equal(v, test, &yes) || !yes)
                        yes = listed(v, test);
        } else {
                known = feel_equal(v, test, &yes);
        }
        *out = known ? feel_bool(yes) : feel_null(m, "a value cannot be compared with what it is tested against");
        return known;
}
