/* SPDX-License-Identifier: Apache-2.0
 *
 * Functions of numbers (DMN 1.5, 10.3.4.5), and the conversions to numbers.
 */
#include "engine/feel/builtin.h"

#include <string.h>

static int number_out(struct feel_machine *m, const struct feel_builtin *f, bool ok, struct decimal d, struct feel_value *out)
{
        return ok ? give(out, feel_number(d)) : builtin_bad(m, f, out);
}

static bool scale_of(const struct feel_value *a, size_t n, int *scale)
{
        int64_t whole = 0;
        struct decimal cut;

        if (n > 1 && a[1].kind == FEEL_NUMBER && a[1].number.exponent == 0 && a[1].number.coefficient < 100) {
                *scale = a[1].number.negative ? -(int)a[1].number.coefficient : (int)a[1].number.coefficient;
                return true;
        }
        if (n > 1 &&
            (a[1].kind != FEEL_NUMBER || !decimal_round(&cut, a[1].number, 0, ROUND_DOWN) || !decimal_to_int(cut, &whole)))
                return false;
        *scale = (int)whole;
        return whole >= -DECIMAL_EXP_MAX && whole <= -DECIMAL_EXP_MIN;
}

BUILTIN(decimal)
{
        struct decimal d = {0};
        int scale;
        bool ok = scale_of(a, n, &scale) && decimal_round(&d, a[0].number, scale, ROUND_HALF_EVEN);

        (void)overload;
        return number_out(m, f, ok, d, out);
}

/* floor, ceiling, round up, round down, round half up, round half down: each by its mode. */
BUILTIN(rounding)
{
        struct decimal d = {0};
        int scale;

        (void)overload;
        bool ok = scale_of(a, n, &scale) && decimal_round(&d, a[0].number, scale, (enum rounding)f->mode);
        return number_out(m, f, ok, d, out);
}

BUILTIN(abs)
{
        struct feel_value v = a[0];

        (void)overload;
        (void)n;
        if (v.kind == FEEL_LIST && v.count == 1)
                v = v.items[0];
        if (v.kind == FEEL_NUMBER)
                v.number = decimal_abs(v.number);
        else if (v.kind == FEEL_DAYS)
                v.ns = v.ns < 0 ? -v.ns : v.ns;
        else if (v.kind == FEEL_MONTHS)
                v.months = v.months < 0 ? -v.months : v.months;
        else
                return builtin_bad(m, f, out);
        return give(out, v);
}

BUILTIN(modulo)
{
        struct decimal d = {0};
        bool ok = decimal_modulo(&d, a[0].number, a[1].number);

        (void)overload;
        (void)n;
        return number_out(m, f, ok, d, out);
}

BUILTIN(sqrt)
{
        struct decimal d = {0};
        bool ok = decimal_sqrt(&d, a[0].number);

        (void)overload;
        (void)n;
        return number_out(m, f, ok, d, out);
}

BUILTIN(log)
{
        struct decimal d = {0};
        bool ok = decimal_log(&d, a[0].number);

        (void)overload;
        (void)n;
        return number_out(m, f, ok, d, out);
}

BUILTIN(exp)
{
        struct decimal d = {0};
        bool ok = decimal_exp(&d, a[0].number);

        (void)overload;
        (void)n;
        return number_out(m, f, ok, d, out);
}

static int parity(struct feel_machine *m, const struct feel_builtin *f, struct decimal v, bool odd, struct feel_value *out)
{
        struct decimal rest;

        if (!decimal_modulo(&rest, v, decimal_from_int(2)))
                return builtin_bad(m, f, out);
        bool is_odd = decimal_compare(rest, decimal_from_int(1)) == 0;
        if (!is_odd && !decimal_is_zero(rest))
                return builtin_bad(m, f, out);
        return give(out, feel_bool(is_odd == odd));
}

BUILTIN(odd)
{
        (void)overload;
        (void)n;
        return parity(m, f, a[0].number, true, out);
}

BUILTIN(even)
{
        (void)overload;
        (void)n;
        return parity(m, f, a[0].number, false, out);
}

static bool one_of(const struct feel_value *v, const char *signs, char *sign)
{
        *sign = '\0';
        if (v->kind == FEEL_NULL)
                return true;
        if (v->string.n != 1 || strchr(signs, v->string.p[0]) == NULL || v->string.p[0] == '\0')
                return false;
        *sign = v->string.p[0];
        return true;
}

/* number(from, grouping separator, decimal separator): "1.000.000,01". */
BUILTIN(number)
{
        char grouping = '\0', point = '\0', text[256];
        struct decimal d = {0};
        size_t k = 0;
        struct str s;

        if (n == 0 || a[0].kind != FEEL_STRING)
                return builtin_bad(m, f, out);
        s = a[0].string;
        if (overload == 1 &&
            (!one_of(&a[1], " ,.", &grouping) || !one_of(&a[2], ",.", &point) || (grouping != '\0' && grouping == point)))
                return builtin_bad(m, f, out);
        for (size_t i = 0; i < s.n; i++) {
                char c = s.p[i];
                if (grouping != '\0' && c == grouping)
                        continue;
                if (point == ',' && (c == '.' || c == ','))
                        c = c == ',' ? '.' : '?';
                if (k == sizeof text - 1)
                        return builtin_bad(m, f, out);
                text[k++] = c;
        }
        bool ok = decimal_parse(&d, (struct str){text, k});
        return number_out(m, f, ok, d, out);
}
