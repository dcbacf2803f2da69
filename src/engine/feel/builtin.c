/* SPDX-License-Identifier: Apache-2.0
 *
 * The functions of FEEL (DMN 1.5, 10.3.4), as one table. A function that cannot answer gives null with a diagnostic.
 */
#include "engine/feel/tree.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define NATIVE(id)                                                                                                          \
        static int fn_##id(struct feel_machine *m, const struct feel_function *f, const struct feel_value *a, size_t n,      \
                           struct feel_value *out)

static int bad(struct feel_machine *m, const struct feel_function *f, struct feel_value *out)
{
        char why[120];

        *out = feel_null(m, text_format(why, sizeof why, "the arguments do not fit %s()", f->name));
        return 0;
}

static int full(struct feel_machine *m)
{
        return error_raise(m->err, SB_LIMIT, "%s|%s", "memory of an evaluation", "the arena");
}

static int give(struct feel_value *out, struct feel_value v)
{
        *out = v;
        return 0;
}

static bool whole(const struct feel_value *v, int64_t *out)
{
        return v->kind == FEEL_NUMBER && decimal_to_int(v->number, out);
}

/* The items that a list function works on: those of one list, or the arguments themselves. */
static void items_of(const struct feel_value *a, size_t n, const struct feel_value **items, size_t *count)
{
        if (n == 1 && a[0].kind == FEEL_LIST) {
                *items = a[0].items;
                *count = a[0].count;
        } else {
                *items = a;
                *count = n;
        }
}

static struct feel_value *list_new(struct feel_machine *m, size_t n)
{
        return arena_array(m->arena, n == 0 ? 1 : n, sizeof(struct feel_value));
}

static struct feel_value list_of(struct feel_value *items, size_t n)
{
        return (struct feel_value){.kind = FEEL_LIST, .count = (uint32_t)n, .items = items};
}

/* --- numbers ---------------------------------------------------------------------------------------------------- */

static int rounding(struct feel_machine *m, const struct feel_function *f, const struct feel_value *a, size_t n,
                    struct feel_value *out, enum rounding mode, bool scale_needed)
{
        struct decimal d;
        int64_t scale = 0;

        if (n < 1 || n > 2 || (scale_needed && n < 2) || a[0].kind != FEEL_NUMBER || (n == 2 && !whole(&a[1], &scale)) ||
            scale < -6111 || scale > 6176 || !decimal_round(&d, a[0].number, (int)scale, mode))
                return bad(m, f, out);
        return give(out, feel_number(d));
}
NATIVE(decimal) { return rounding(m, f, a, n, out, ROUND_HALF_EVEN, true); }
NATIVE(floor) { return rounding(m, f, a, n, out, ROUND_FLOOR, false); }
NATIVE(ceiling) { return rounding(m, f, a, n, out, ROUND_CEILING, false); }
NATIVE(round_up) { return rounding(m, f, a, n, out, ROUND_UP, true); }
NATIVE(round_down) { return rounding(m, f, a, n, out, ROUND_DOWN, true); }
NATIVE(round_half_up) { return rounding(m, f, a, n, out, ROUND_HALF_UP, true); }
NATIVE(round_half_down) { return rounding(m, f, a, n, out, ROUND_HALF_DOWN, true); }

NATIVE(abs)
{
        if (n != 1)
                return bad(m, f, out);
        if (a[0].kind == FEEL_NUMBER)
                return give(out, feel_number(decimal_abs(a[0].number)));
        *out = a[0];
        if (a[0].kind == FEEL_MONTHS)
                out->months = llabs(a[0].months);
        else if (a[0].kind == FEEL_DAYS)
                out->us = llabs(a[0].us);
        else
                return bad(m, f, out);
        return 0;
}

NATIVE(modulo)
{
        struct decimal d;

        if (n != 2 || a[0].kind != FEEL_NUMBER || a[1].kind != FEEL_NUMBER || !decimal_modulo(&d, a[0].number, a[1].number))
                return bad(m, f, out);
        return give(out, feel_number(d));
}

NATIVE(sqrt)
{
        struct decimal d;

        if (n != 1 || a[0].kind != FEEL_NUMBER || !decimal_sqrt(&d, a[0].number))
                return bad(m, f, out);
        return give(out, feel_number(d));
}

NATIVE(odd)
{
        int64_t v;

        return n == 1 && whole(&a[0], &v) ? give(out, feel_bool(v % 2 != 0)) : bad(m, f, out);
}

NATIVE(even)
{
        int64_t v;

        return n == 1 && whole(&a[0], &v) ? give(out, feel_bool(v % 2 == 0)) : bad(m, f, out);
}

/* --- conversion -------------------------------------------------------------------------------------------------- */

NATIVE(number)
{
        struct decimal d;
        char text[128];
        size_t at = 0;
        char group = n > 1 && a[1].kind == FEEL_STRING && a[1].string.n == 1 ? a[1].string.p[0] : '\0';
        char point = n > 2 && a[2].kind == FEEL_STRING && a[2].string.n == 1 ? a[2].string.p[0] : '.';

        if (n < 1 || n > 3 || a[0].kind != FEEL_STRING || a[0].string.n >= sizeof text ||
            (n > 1 && a[1].kind != FEEL_NULL && group != ' ' && group != ',' && group != '.') ||
            (n > 2 && a[2].kind != FEEL_NULL && point != '.' && point != ',') || (group != '\0' && group == point))
                return bad(m, f, out);
        for (size_t i = 0; i < a[0].string.n; i++)
                if (a[0].string.p[i] != group || group == '\0')
                        text[at++] = a[0].string.p[i] == point ? '.' : a[0].string.p[i];
        if (!decimal_parse(&d, (struct str){text, at}))
                return bad(m, f, out);
        return give(out, feel_number(d));
}

NATIVE(string)
{
        struct buf b;

        if (n != 1)
                return bad(m, f, out);
        if (a[0].kind == FEEL_NULL)
                return give(out, a[0]);
        buf_init(&b, (size_t)4 << 20);
        feel_print(&b, &a[0]);
        *out = (struct feel_value){.kind = FEEL_STRING, .string = arena_str(m->arena, (struct str){buf_text(&b), b.n})};
        buf_dispose(&b);
        return out->string.p == NULL ? full(m) : 0;
}

static int date_make(struct feel_machine *m, const struct feel_function *f, const struct feel_value *a, size_t n, const char *type,
                     struct feel_value *out)
{
        int64_t year, month, day;

        if (n == 1 && a[0].kind == FEEL_STRING && feel_temporal_parse(type, a[0].string, out))
                return 0;
        if (n == 1 && (a[0].kind == FEEL_DATE || a[0].kind == FEEL_DATE_TIME) && strcmp(type, "date") == 0)
                return give(out, (struct feel_value){.kind = FEEL_DATE, .moment = {.day = a[0].moment.day}});
        if (n == 3 && strcmp(type, "date") == 0 && whole(&a[0], &year) && whole(&a[1], &month) && whole(&a[2], &day) && year > 0 &&
            year < 10000 && month > 0 && month < 13 && day > 0 && day < 32 && day_valid((int)year, (int)month, (int)day))
                return give(out, (struct feel_value){.kind = FEEL_DATE,
                                                     .moment = {.day = day_from((int)year, (int)month, (int)day)}});
        return bad(m, f, out);
}
NATIVE(date) { return date_make(m, f, a, n, "date", out); }
NATIVE(duration) { return n == 1 ? date_make(m, f, a, n, "duration", out) : bad(m, f, out); }

NATIVE(time)
{
        int64_t hour, minute, second;

        if (n == 1 && (a[0].kind == FEEL_TIME || a[0].kind == FEEL_DATE_TIME)) {
                *out = a[0];
                out->kind = FEEL_TIME;
                out->moment.day = 0;
                return 0;
        }
        if (n >= 3 && whole(&a[0], &hour) && whole(&a[1], &minute) && whole(&a[2], &second) && hour >= 0 && hour < 24 &&
            minute >= 0 && minute < 60 && second >= 0 && second < 60) {
                *out = (struct feel_value){.kind = FEEL_TIME, .moment = {.us = (hour * 3600 + minute * 60 + second) * 1000000}};
                if (n == 4 && a[3].kind == FEEL_DAYS) {
                        out->moment.zoned = true;
                        out->moment.offset_s = (int32_t)(a[3].us / 1000000);
                }
                return 0;
        }
        return n == 1 ? date_make(m, f, a, n, "time", out) : bad(m, f, out);
}

NATIVE(date_and_time)
{
        if (n == 2 && (a[0].kind == FEEL_DATE || a[0].kind == FEEL_DATE_TIME) && a[1].kind == FEEL_TIME) {
                *out = a[1];
                out->kind = FEEL_DATE_TIME;
                out->moment.day = a[0].moment.day;
                return 0;
        }
        return n == 1 ? date_make(m, f, a, n, "date and time", out) : bad(m, f, out);
}

NATIVE(years_and_months_duration)
{
        if (n != 2 || (a[0].kind != FEEL_DATE && a[0].kind != FEEL_DATE_TIME) || (a[1].kind != FEEL_DATE && a[1].kind != FEEL_DATE_TIME))
                return bad(m, f, out);
        bool back = a[1].moment.day < a[0].moment.day;
        int32_t months = back ? months_between(a[1].moment.day, a[0].moment.day) : months_between(a[0].moment.day, a[1].moment.day);
        return give(out, (struct feel_value){.kind = FEEL_MONTHS, .months = back ? -months : months});
}

static int date_part(struct feel_machine *m, const struct feel_function *f, const struct feel_value *a, size_t n,
                     struct feel_value *out, int part)
{
        static const char *const DAYS[] = {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};
        static const char *const MONTHS[] = {"January", "February", "March",     "April",   "May",      "June",
                                             "July",    "August",   "September", "October", "November", "December"};
        int year, month, day;

        if (n != 1 || (a[0].kind != FEEL_DATE && a[0].kind != FEEL_DATE_TIME))
                return bad(m, f, out);
        day_t d = a[0].moment.day;
        day_split(d, &year, &month, &day);
        if (part == 0)
                return give(out, feel_int(d - day_from(year, 1, 1) + 1));
        if (part == 1)
                return give(out, (struct feel_value){.kind = FEEL_STRING, .string = str_from(DAYS[day_weekday(d) - 1])});
        if (part == 2)
                return give(out, (struct feel_value){.kind = FEEL_STRING, .string = str_from(MONTHS[month - 1])});
        day_t thursday = d - day_weekday(d) + 4; /* ISO 8601: the week of its Thursday */
        day_split(thursday, &year, &month, &day);
        return give(out, feel_int((thursday - day_from(year, 1, 1)) / 7 + 1));
}
NATIVE(day_of_year) { return date_part(m, f, a, n, out, 0); }
NATIVE(day_of_week) { return date_part(m, f, a, n, out, 1); }
NATIVE(month_of_year) { return date_part(m, f, a, n, out, 2); }
NATIVE(week_of_year) { return date_part(m, f, a, n, out, 3); }

NATIVE(last_day_of_month)
{
        if (n != 1 || (a[0].kind != FEEL_DATE && a[0].kind != FEEL_DATE_TIME))
                return bad(m, f, out);
        return give(out, (struct feel_value){.kind = FEEL_DATE, .moment = {.day = month_last(month_of(a[0].moment.day))}});
}

/* --- strings ----------------------------------------------------------------------------------------------------- */

NATIVE(string_length)
{
        return n == 1 && a[0].kind == FEEL_STRING ? give(out, feel_int((int64_t)utf8_length(a[0].string))) : bad(m, f, out);
}

/* Byte offset of the code point with this index. */
static size_t offset_of(struct str s, size_t index)
{
        size_t i = 0;

        while (index-- > 0 && i < s.n)
                utf8_next(s, &i);
        return i;
}

NATIVE(substring)
{
        int64_t start, length = INT64_MAX;

        if (n < 2 || n > 3 || a[0].kind != FEEL_STRING || !whole(&a[1], &start) || start == 0 || (n == 3 && !whole(&a[2], &length)))
                return bad(m, f, out);
        int64_t all = (int64_t)utf8_length(a[0].string), first = start > 0 ? start - 1 : all + start;
        if (first < 0 || first >= all || length < 1)
                return give(out, (struct feel_value){.kind = FEEL_STRING, .string = STR("")});
        int64_t end = length > all - first ? all : first + length;
        size_t from = offset_of(a[0].string, (size_t)first), to = offset_of(a[0].string, (size_t)end);
        return give(out, (struct feel_value){.kind = FEEL_STRING, .string = {a[0].string.p + from, to - from}});
}

static int change_case(struct feel_machine *m, const struct feel_function *f, const struct feel_value *a, size_t n,
                       struct feel_value *out, int (*change)(int))
{
        if (n != 1 || a[0].kind != FEEL_STRING)
                return bad(m, f, out);
        struct str s = arena_str(m->arena, a[0].string);
        if (s.p == NULL)
                return full(m);
        char *p = (char *)(uintptr_t)s.p;
        for (size_t i = 0; i < s.n; i++)
                if ((unsigned char)p[i] < 0x80)
                        p[i] = (char)change((unsigned char)p[i]);
        return give(out, (struct feel_value){.kind = FEEL_STRING, .string = s});
}
NATIVE(upper_case) { return change_case(m, f, a, n, out, toupper); }
NATIVE(lower_case) { return change_case(m, f, a, n, out, tolower); }

static bool two_strings(const struct feel_value *a, size_t n, const char **at)
{
        if (n != 2 || a[0].kind != FEEL_STRING || a[1].kind != FEEL_STRING)
                return false;
        *at = a[1].string.n == 0 ? a[0].string.p : memmem(a[0].string.p, a[0].string.n, a[1].string.p, a[1].string.n);
        return true;
}

NATIVE(substring_before)
{
        const char *at;

        if (!two_strings(a, n, &at))
                return bad(m, f, out);
        size_t length = at == NULL ? 0 : (size_t)(at - a[0].string.p);
        return give(out, (struct feel_value){.kind = FEEL_STRING, .string = {a[0].string.p, length}});
}

NATIVE(substring_after)
{
        const char *at;

        if (!two_strings(a, n, &at))
                return bad(m, f, out);
        size_t skip = at == NULL ? a[0].string.n : (size_t)(at - a[0].string.p) + a[1].string.n;
        return give(out, (struct feel_value){.kind = FEEL_STRING, .string = {a[0].string.p + skip, a[0].string.n - skip}});
}

NATIVE(contains)
{
        const char *at;

        return two_strings(a, n, &at) ? give(out, feel_bool(at != NULL)) : bad(m, f, out);
}

NATIVE(starts_with)
{
        const char *at;

        if (!two_strings(a, n, &at))
                return bad(m, f, out);
        return give(out, feel_bool(a[0].string.n >= a[1].string.n && memcmp(a[0].string.p, a[1].string.p, a[1].string.n) == 0));
}

NATIVE(ends_with)
{
        const char *at;

        if (!two_strings(a, n, &at))
                return bad(m, f, out);
        size_t from = a[0].string.n - a[1].string.n;
        return give(out, feel_bool(a[0].string.n >= a[1].string.n && memcmp(a[0].string.p + from, a[1].string.p, a[1].string.n) == 0));
}

NATIVE(string_join)
{
        struct buf b;
        struct str between = {"", 0};

        if (n < 1 || n > 2 || a[0].kind != FEEL_LIST || (n == 2 && a[1].kind != FEEL_STRING && a[1].kind != FEEL_NULL))
                return bad(m, f, out);
        if (n == 2 && a[1].kind == FEEL_STRING)
                between = a[1].string;
        buf_init(&b, (size_t)4 << 20);
        bool first = true;
        for (uint32_t i = 0; i < a[0].count; i++) {
                if (a[0].items[i].kind == FEEL_NULL)
                        continue;
                if (a[0].items[i].kind != FEEL_STRING) {
                        buf_dispose(&b);
                        return bad(m, f, out);
                }
                if (!first)
                        buf_add_str(&b, between);
                buf_add_str(&b, a[0].items[i].string);
                first = false;
        }
        *out = (struct feel_value){.kind = FEEL_STRING, .string = arena_str(m->arena, (struct str){buf_text(&b), b.n})};
        buf_dispose(&b);
        return out->string.p == NULL ? full(m) : 0;
}

/* --- booleans and lists ---------------------------------------------------------------------------------------------- */

NATIVE(not)
{
        return n == 1 && a[0].kind == FEEL_BOOLEAN ? give(out, feel_bool(!a[0].boolean)) : bad(m, f, out);
}

static int all_any(const struct feel_value *a, size_t n, struct feel_value *out, bool stop)
{
        const struct feel_value *items;
        size_t count;
        bool unknown = false;

        items_of(a, n, &items, &count);
        for (size_t i = 0; i < count; i++) {
                if (items[i].kind == FEEL_BOOLEAN && items[i].boolean == stop)
                        return give(out, feel_bool(stop));
                unknown = unknown || items[i].kind != FEEL_BOOLEAN;
        }
        return give(out, unknown ? (struct feel_value){.kind = FEEL_NULL} : feel_bool(!stop));
}
NATIVE(all) { return n == 0 ? bad(m, f, out) : all_any(a, n, out, false); }
NATIVE(any) { return n == 0 ? bad(m, f, out) : all_any(a, n, out, true); }

NATIVE(count)
{
        if (n != 1)
                return bad(m, f, out);
        return give(out, feel_int(a[0].kind == FEEL_LIST ? a[0].count : a[0].kind == FEEL_NULL ? 0 : 1));
}

static int extreme(struct feel_machine *m, const struct feel_function *f, const struct feel_value *a, size_t n,
                   struct feel_value *out, int wanted)
{
        const struct feel_value *items;
        size_t count;
        int order;

        items_of(a, n, &items, &count);
        if (count == 0)
                return give(out, (struct feel_value){.kind = FEEL_NULL});
        struct feel_value best = items[0];
        for (size_t i = 0; i < count; i++) {
                if (!feel_compare(&items[i], &best, &order))
                        return bad(m, f, out);
                if (order == wanted)
                        best = items[i];
        }
        return give(out, best);
}
NATIVE(min) { return extreme(m, f, a, n, out, -1); }
NATIVE(max) { return extreme(m, f, a, n, out, 1); }

static bool total(struct feel_machine *m, const struct feel_value *items, size_t count, bool product, struct feel_value *out)
{
        *out = product ? feel_int(1) : items[0];
        for (size_t i = product ? 0 : 1; i < count; i++) {
                struct decimal d;
                if (!product) {
                        if (!feel_add_values(m, out, &items[i], false, out) || items[i].kind == FEEL_STRING)
                                return false;
                } else if (items[i].kind != FEEL_NUMBER || !decimal_mul(&d, out->number, items[i].number)) {
                        return false;
                } else {
                        *out = feel_number(d);
                }
        }
        return out->kind == FEEL_NUMBER || out->kind == FEEL_DAYS || out->kind == FEEL_MONTHS;
}

static int sum_like(struct feel_machine *m, const struct feel_function *f, const struct feel_value *a, size_t n,
                    struct feel_value *out, bool product, bool mean)
{
        const struct feel_value *items;
        struct decimal d;
        size_t count;

        items_of(a, n, &items, &count);
        if (count == 0)
                return give(out, (struct feel_value){.kind = FEEL_NULL});
        if (!total(m, items, count, product, out))
                return bad(m, f, out);
        if (!mean)
                return 0;
        if (out->kind != FEEL_NUMBER || !decimal_div(&d, out->number, decimal_from_int((int64_t)count)))
                return bad(m, f, out);
        return give(out, feel_number(d));
}
NATIVE(sum) { return sum_like(m, f, a, n, out, false, false); }
NATIVE(product) { return sum_like(m, f, a, n, out, true, false); }
NATIVE(mean) { return sum_like(m, f, a, n, out, false, true); }

static int by_order(const void *x, const void *y)
{
        int order = 0;

        feel_compare(x, y, &order);
        return order;
}

NATIVE(median)
{
        const struct feel_value *items;
        struct decimal d;
        size_t count;

        items_of(a, n, &items, &count);
        if (count == 0)
                return give(out, (struct feel_value){.kind = FEEL_NULL});
        struct feel_value *copy = list_new(m, count);
        if (copy == NULL)
                return full(m);
        for (size_t i = 0; i < count; i++) {
                if (items[i].kind != FEEL_NUMBER)
                        return bad(m, f, out);
                copy[i] = items[i];
        }
        qsort(copy, count, sizeof *copy, by_order);
        if (count % 2 == 1)
                return give(out, copy[count / 2]);
        if (!decimal_add(&d, copy[count / 2 - 1].number, copy[count / 2].number) || !decimal_div(&d, d, decimal_from_int(2)))
                return bad(m, f, out);
        return give(out, feel_number(d));
}

NATIVE(list_contains)
{
        bool equal;

        if (n != 2 || a[0].kind != FEEL_LIST)
                return bad(m, f, out);
        for (uint32_t i = 0; i < a[0].count; i++)
                if (feel_equal(&a[0].items[i], &a[1], &equal) && equal)
                        return give(out, feel_bool(true));
        return give(out, feel_bool(false));
}

NATIVE(sublist)
{
        int64_t start, length;

        if (n < 2 || n > 3 || a[0].kind != FEEL_LIST || !whole(&a[1], &start) || start == 0)
                return bad(m, f, out);
        int64_t all = a[0].count, first = start > 0 ? start - 1 : all + start;
        length = all - first;
        if (first < 0 || first >= all || (n == 3 && (!whole(&a[2], &length) || length < 0 || length > all - first)))
                return bad(m, f, out);
        struct feel_value *items = list_new(m, (size_t)length);
        if (items == NULL)
                return full(m);
        memcpy(items, a[0].items + first, (size_t)length * sizeof *items);
        return give(out, list_of(items, (size_t)length));
}

NATIVE(append)
{
        if (n < 1)
                return bad(m, f, out);
        size_t have = a[0].kind == FEEL_LIST ? a[0].count : 1;
        struct feel_value *items = list_new(m, have + n);
        if (items == NULL)
                return full(m);
        memcpy(items, a[0].kind == FEEL_LIST ? a[0].items : a, have * sizeof *items);
        memcpy(items + have, a + 1, (n - 1) * sizeof *items);
        return give(out, list_of(items, have + n - 1));
}

NATIVE(concatenate)
{
        size_t count = 0, at = 0;

        for (size_t i = 0; i < n; i++) {
                if (a[i].kind != FEEL_LIST)
                        return bad(m, f, out);
                count += a[i].count;
        }
        struct feel_value *items = list_new(m, count);
        if (items == NULL)
                return full(m);
        for (size_t i = 0; i < n; i++) {
                memcpy(items + at, a[i].items, a[i].count * sizeof *items);
                at += a[i].count;
        }
        return give(out, list_of(items, count));
}

static bool known(const struct feel_value *items, size_t n, const struct feel_value *v)
{
        bool equal;

        for (size_t i = 0; i < n; i++)
                if (feel_equal(&items[i], v, &equal) && equal)
                        return true;
        return false;
}

static int distinct(struct feel_machine *m, const struct feel_value *a, size_t n, struct feel_value *out)
{
        size_t count = 0, kept = 0;

        for (size_t i = 0; i < n; i++)
                count += a[i].kind == FEEL_LIST ? a[i].count : 1;
        struct feel_value *items = list_new(m, count);
        if (items == NULL)
                return full(m);
        for (size_t i = 0; i < n; i++)
                for (uint32_t k = 0; k < (a[i].kind == FEEL_LIST ? a[i].count : 1); k++) {
                        const struct feel_value *v = a[i].kind == FEEL_LIST ? &a[i].items[k] : &a[i];
                        if (!known(items, kept, v))
                                items[kept++] = *v;
                }
        return give(out, list_of(items, kept));
}
NATIVE(distinct_values) { return n == 1 ? distinct(m, a, 1, out) : bad(m, f, out); }
NATIVE(union) { return n > 0 ? distinct(m, a, n, out) : bad(m, f, out); }

static size_t leaves(const struct feel_value *v, struct feel_value *out, size_t at)
{
        if (v->kind != FEEL_LIST) {
                if (out != NULL)
                        out[at] = *v;
                return at + 1;
        }
        for (uint32_t i = 0; i < v->count; i++)
                at = leaves(&v->items[i], out, at);
        return at;
}

NATIVE(flatten)
{
        if (n != 1)
                return bad(m, f, out);
        size_t count = leaves(&a[0], NULL, 0);
        struct feel_value *items = list_new(m, count);
        if (items == NULL)
                return full(m);
        leaves(&a[0], items, 0);
        return give(out, list_of(items, count));
}

NATIVE(reverse)
{
        if (n != 1 || a[0].kind != FEEL_LIST)
                return bad(m, f, out);
        struct feel_value *items = list_new(m, a[0].count);
        if (items == NULL)
                return full(m);
        for (uint32_t i = 0; i < a[0].count; i++)
                items[i] = a[0].items[a[0].count - 1 - i];
        return give(out, list_of(items, a[0].count));
}

NATIVE(index_of)
{
        size_t kept = 0;

        if (n != 2 || a[0].kind != FEEL_LIST)
                return bad(m, f, out);
        struct feel_value *items = list_new(m, a[0].count);
        if (items == NULL)
                return full(m);
        for (uint32_t i = 0; i < a[0].count; i++)
                if (known(&a[0].items[i], 1, &a[1]))
                        items[kept++] = feel_int(i + 1);
        return give(out, list_of(items, kept));
}

/* Insertion by merging halves: stable, and the order may be a function of the model. */
static int sort_range(struct feel_machine *m, const struct feel_function *before, struct feel_value *items, struct feel_value *room,
                      size_t n)
{
        size_t half = n / 2, i = 0, k = half, at = 0;

        if (n < 2)
                return 0;
        if (sort_range(m, before, items, room, half) < 0 || sort_range(m, before, items + half, room, n - half) < 0)
                return ERR;
        while (i < half && k < n) {
                struct feel_value pair[2] = {items[k], items[i]}, yes = {.kind = FEEL_NULL};
                int order = 0;
                if (before != NULL && feel_call(m, before, pair, 2, &yes) < 0)
                        return ERR;
                bool later_first = before != NULL ? yes.kind == FEEL_BOOLEAN && yes.boolean
                                                  : feel_compare(&pair[0], &pair[1], &order) && order < 0;
                room[at++] = later_first ? items[k++] : items[i++];
        }
        while (i < half)
                room[at++] = items[i++];
        while (k < n)
                room[at++] = items[k++];
        memcpy(items, room, n * sizeof *items);
        return 0;
}

NATIVE(sort)
{
        if (n < 1 || n > 2 || a[0].kind != FEEL_LIST || (n == 2 && a[1].kind != FEEL_FUNCTION))
                return bad(m, f, out);
        struct feel_value *items = list_new(m, a[0].count), *room = list_new(m, a[0].count);
        if (items == NULL || room == NULL)
                return full(m);
        memcpy(items, a[0].items, a[0].count * sizeof *items);
        if (sort_range(m, n == 2 ? a[1].function : NULL, items, room, a[0].count) < 0)
                return ERR;
        return give(out, list_of(items, a[0].count));
}

/* --- contexts ----------------------------------------------------------------------------------------------------- */

NATIVE(get_value)
{
        char name[256];

        if (n != 2 || a[0].kind != FEEL_CONTEXT || a[1].kind != FEEL_STRING)
                return bad(m, f, out);
        const struct feel_value *v = feel_get(&a[0], text_copy(name, sizeof name, a[1].string));
        return v != NULL ? give(out, *v) : bad(m, f, out);
}

NATIVE(get_entries)
{
        if (n != 1 || a[0].kind != FEEL_CONTEXT)
                return bad(m, f, out);
        struct feel_value *items = list_new(m, a[0].count);
        if (items == NULL)
                return full(m);
        for (uint32_t i = 0; i < a[0].count; i++) {
                struct feel_entry *pair = arena_array(m->arena, 2, sizeof *pair);
                if (pair == NULL)
                        return full(m);
                pair[0] = (struct feel_entry){"key", {.kind = FEEL_STRING, .string = str_from(a[0].entries[i].name)}};
                pair[1] = (struct feel_entry){"value", a[0].entries[i].value};
                items[i] = (struct feel_value){.kind = FEEL_CONTEXT, .count = 2, .entries = pair};
        }
        return give(out, list_of(items, a[0].count));
}

NATIVE(is)
{
        bool equal = false;

        if (n != 2)
                return bad(m, f, out);
        return give(out, feel_bool(a[0].kind == a[1].kind && feel_equal(&a[0], &a[1], &equal) && equal));
}

/* --- the table ----------------------------------------------------------------------------------------------------- */

#define P(...) (const char *const[]){__VA_ARGS__}
#define FUNCTION(text, id, count, ...) {.name = text, .native = fn_##id, .parameter_count = count, .parameters = P(__VA_ARGS__)}
static const struct feel_function BUILTINS[] = {
        FUNCTION("decimal", decimal, 2, "n", "scale"), FUNCTION("floor", floor, 2, "n", "scale"),
        FUNCTION("ceiling", ceiling, 2, "n", "scale"), FUNCTION("round up", round_up, 2, "n", "scale"),
        FUNCTION("round down", round_down, 2, "n", "scale"), FUNCTION("round half up", round_half_up, 2, "n", "scale"),
        FUNCTION("round half down", round_half_down, 2, "n", "scale"), FUNCTION("abs", abs, 1, "n"),
        FUNCTION("modulo", modulo, 2, "dividend", "divisor"), FUNCTION("sqrt", sqrt, 1, "number"),
        FUNCTION("odd", odd, 1, "number"), FUNCTION("even", even, 1, "number"),
        FUNCTION("number", number, 3, "from", "grouping separator", "decimal separator"), FUNCTION("string", string, 1, "from"),
        FUNCTION("date", date, 3, "year", "month", "day"), FUNCTION("time", time, 4, "hour", "minute", "second", "offset"),
        FUNCTION("date and time", date_and_time, 2, "date", "time"), FUNCTION("duration", duration, 1, "from"),
        FUNCTION("years and months duration", years_and_months_duration, 2, "from", "to"),
        FUNCTION("day of year", day_of_year, 1, "date"), FUNCTION("day of week", day_of_week, 1, "date"),
        FUNCTION("month of year", month_of_year, 1, "date"), FUNCTION("week of year", week_of_year, 1, "date"),
        FUNCTION("last day of month", last_day_of_month, 1, "date"), FUNCTION("string length", string_length, 1, "string"),
        FUNCTION("substring", substring, 3, "string", "start position", "length"), FUNCTION("upper case", upper_case, 1, "string"),
        FUNCTION("lower case", lower_case, 1, "string"), FUNCTION("substring before", substring_before, 2, "string", "match"),
        FUNCTION("substring after", substring_after, 2, "string", "match"), FUNCTION("contains", contains, 2, "string", "match"),
        FUNCTION("starts with", starts_with, 2, "string", "match"), FUNCTION("ends with", ends_with, 2, "string", "match"),
        FUNCTION("string join", string_join, 2, "list", "delimiter"), FUNCTION("not", not, 1, "negand"),
        FUNCTION("all", all, 1, "list"), FUNCTION("any", any, 1, "list"), FUNCTION("count", count, 1, "list"),
        FUNCTION("min", min, 1, "list"), FUNCTION("max", max, 1, "list"), FUNCTION("sum", sum, 1, "list"),
        FUNCTION("product", product, 1, "list"), FUNCTION("mean", mean, 1, "list"), FUNCTION("median", median, 1, "list"),
        FUNCTION("list contains", list_contains, 2, "list", "element"),
        FUNCTION("sublist", sublist, 3, "list", "start position", "length"), FUNCTION("append", append, 2, "list", "item"),
        FUNCTION("concatenate", concatenate, 1, "list"), FUNCTION("distinct values", distinct_values, 1, "list"),
        FUNCTION("union", union, 1, "list"), FUNCTION("flatten", flatten, 1, "list"), FUNCTION("reverse", reverse, 1, "list"),
        FUNCTION("index of", index_of, 2, "list", "match"), FUNCTION("sort", sort, 2, "list", "precedes"),
        FUNCTION("get value", get_value, 2, "m", "key"), FUNCTION("get entries", get_entries, 1, "m"),
        FUNCTION("is", is, 2, "value1", "value2"),
};
#define BUILTIN_COUNT (sizeof(BUILTINS) / sizeof(BUILTINS[0]))

/* Names of several words, for the longest match; "time offset" and its like are properties. */
static const char *const LONG_NAMES[] = {
        "round up", "round down", "round half up", "round half down", "date and time", "years and months duration", "day of year",
        "day of week", "month of year", "week of year", "last day of month", "string length", "upper case", "lower case",
        "substring before", "substring after", "starts with", "ends with", "string join", "list contains", "distinct values",
        "index of", "get value", "get entries", "time offset", "start included", "end included",
};
const struct feel_scope feel_builtin_scope = {LONG_NAMES, sizeof(LONG_NAMES) / sizeof(LONG_NAMES[0]), NULL};

const struct feel_function *feel_builtin(const char *name)
{
        for (size_t i = 0; i < BUILTIN_COUNT; i++)
                if (strcmp(BUILTINS[i].name, name) == 0)
                        return &BUILTINS[i];
        return NULL;
}
