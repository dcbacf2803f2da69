/* SPDX-License-Identifier: Apache-2.0
 *
 * Values: names of types, properties, sums, text and JSON.
 */
#include "engine/feel/tree.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define DAY_US 86400000000LL

const char *feel_kind_name(enum feel_kind kind)
{
        static const char *const NAMES[] = {"null", "boolean", "number", "string", "date", "time", "date and time",
                                            "days and time duration", "years and months duration", "list", "context", "range",
                                            "function"};
        return NAMES[kind];
}

/* --- dates, times, durations ---------------------------------------------------------------------------------- */

static bool digits_at(struct str s, size_t *i, int count, int *out)
{
        int v = 0;

        for (int k = 0; k < count; k++, (*i)++) {
                if (*i >= s.n || !isdigit((unsigned char)s.p[*i]))
                        return false;
                v = v * 10 + (s.p[*i] - '0');
        }
        *out = v;
        return true;
}

static bool date_parse(struct str s, struct feel_moment *out)
{
        size_t i = 0;
        int year, month, day;

        if (s.n != 10 || !digits_at(s, &i, 4, &year) || s.p[i++] != '-' || !digits_at(s, &i, 2, &month) || s.p[i++] != '-' ||
            !digits_at(s, &i, 2, &day) || !day_valid(year, month, day))
                return false;
        *out = (struct feel_moment){.day = day_from(year, month, day)};
        return true;
}

static bool time_parse(struct str s, struct feel_moment *out)
{
        size_t i = 0;
        int hour, minute, second, oh, om;
        int64_t us = 0, unit = 100000;

        if (!digits_at(s, &i, 2, &hour) || i >= s.n || s.p[i++] != ':' || !digits_at(s, &i, 2, &minute) || i >= s.n ||
            s.p[i++] != ':' || !digits_at(s, &i, 2, &second) || hour > 23 || minute > 59 || second > 59)
                return false;
        if (i < s.n && s.p[i] == '.') {
                if (++i >= s.n || !isdigit((unsigned char)s.p[i]))
                        return false;
                for (; i < s.n && isdigit((unsigned char)s.p[i]); i++, unit /= 10)
                        us += (s.p[i] - '0') * unit;
        }
        *out = (struct feel_moment){.us = ((int64_t)hour * 3600 + minute * 60 + second) * 1000000 + us};
        if (i == s.n)
                return true;
        out->zoned = true;
        if (s.p[i] == 'Z')
                return i + 1 == s.n;
        if (s.p[i] != '+' && s.p[i] != '-')
                return false;
        int sign = s.p[i++] == '-' ? -1 : 1;
        if (!digits_at(s, &i, 2, &oh) || i >= s.n || s.p[i++] != ':' || !digits_at(s, &i, 2, &om) || i != s.n || oh > 14 || om > 59)
                return false;
        out->offset_s = sign * (oh * 3600 + om * 60);
        return true;
}

/* ISO 8601: P1Y2M or P1DT2H3M4.5S, with a sign. */
static bool duration_parse(struct str s, struct feel_value *out)
{
        bool negative = false, time = false, any = false, months = false, days = false;
        int64_t total_months = 0, us = 0;
        size_t i = 0;

        if (i < s.n && s.p[i] == '-') {
                negative = true;
                i++;
        }
        if (i >= s.n || s.p[i++] != 'P')
                return false;
        while (i < s.n) {
                int64_t whole = 0, part = 0, unit = 100000;
                if (s.p[i] == 'T' && !time) {
                        time = true;
                        i++;
                        continue;
                }
                size_t start = i;
                for (; i < s.n && isdigit((unsigned char)s.p[i]) && whole < 1000000000000LL; i++)
                        whole = whole * 10 + (s.p[i] - '0');
                if (i == start)
                        return false;
                bool fraction = i < s.n && s.p[i] == '.';
                if (fraction)
                        for (i++; i < s.n && isdigit((unsigned char)s.p[i]); i++, unit /= 10)
                                part += (s.p[i] - '0') * unit;
                char c = i < s.n ? s.p[i++] : '\0';
                any = true;
                if (fraction && !(time && c == 'S'))
                        return false;
                if (!time && c == 'Y')
                        months = true, total_months += whole * 12;
                else if (!time && c == 'M')
                        months = true, total_months += whole;
                else if (!time && c == 'D')
                        days = true, us += whole * DAY_US;
                else if (time && c == 'H')
                        days = true, us += whole * 3600000000LL;
                else if (time && c == 'M')
                        days = true, us += whole * 60000000LL;
                else if (time && c == 'S')
                        days = true, us += whole * 1000000 + part;
                else
                        return false;
        }
        if (!any || (months && days))
                return false;
        if (months)
                *out = (struct feel_value){.kind = FEEL_MONTHS, .months = negative ? -total_months : total_months};
        else
                *out = (struct feel_value){.kind = FEEL_DAYS, .us = negative ? -us : us};
        return true;
}

/* type NULL: whatever it is. */
bool feel_temporal_parse(const char *type, struct str s, struct feel_value *out)
{
        struct feel_moment day, time;
        const char *t = memchr(s.p, 'T', s.n);
        struct feel_value v = {.kind = FEEL_NULL};

        if (date_parse(s, &day)) {
                v = (struct feel_value){.kind = FEEL_DATE, .moment = day};
                if (type != NULL && strcmp(type, "date and time") == 0)
                        v.kind = FEEL_DATE_TIME;
        } else if (s.n > 11 && s.p[0] != 'P' && s.p[0] != '-' && t == s.p + 10 && date_parse((struct str){s.p, 10}, &day) &&
                   time_parse((struct str){s.p + 11, s.n - 11}, &time)) {
                time.day = day.day;
                v = (struct feel_value){.kind = FEEL_DATE_TIME, .moment = time};
        } else if (time_parse(s, &time)) {
                v = (struct feel_value){.kind = FEEL_TIME, .moment = time};
        } else if (!duration_parse(s, &v)) {
                return false;
        }
        if (type != NULL && strcmp(type, "duration") == 0 && (v.kind == FEEL_DAYS || v.kind == FEEL_MONTHS))
                type = NULL;
        if (type != NULL && strcmp(type, feel_kind_name(v.kind)) != 0)
                return false;
        *out = v;
        return true;
}

static day_t day_add_months(day_t d, int64_t months)
{
        int year, month, day;

        day_split(d, &year, &month, &day);
        int64_t m = (int64_t)year * 12 + month - 1 + months;
        if (m < 12 || m > MONTH_END)
                return DAY_END;
        int last = days_in_month((int)(m / 12), (int)(m % 12) + 1);
        return day_from((int)(m / 12), (int)(m % 12) + 1, day < last ? day : last);
}

static bool moment_shift(const struct feel_value *a, const struct feel_value *d, int sign, struct feel_value *out)
{
        *out = *a;
        if (d->kind == FEEL_MONTHS) {
                if (a->kind == FEEL_TIME)
                        return false;
                out->moment.day = day_add_months(a->moment.day, sign * d->months);
                return true;
        }
        int64_t us = a->moment.us + sign * (d->us % DAY_US), days = sign * (d->us / DAY_US);
        if (us < 0 || us >= DAY_US) {
                days += us < 0 ? -1 : 1;
                us += us < 0 ? DAY_US : -DAY_US;
        }
        if (a->kind != FEEL_TIME)
                out->moment.day = (day_t)(a->moment.day + days);
        out->moment.us = a->kind == FEEL_DATE ? 0 : us;
        return true;
}

bool feel_add_values(struct feel_machine *m, const struct feel_value *a, const struct feel_value *b, bool minus,
                     struct feel_value *out)
{
        struct decimal d;
        int sign = minus ? -1 : 1;
        bool a_moment = a->kind == FEEL_DATE || a->kind == FEEL_TIME || a->kind == FEEL_DATE_TIME;
        bool b_moment = b->kind == FEEL_DATE || b->kind == FEEL_TIME || b->kind == FEEL_DATE_TIME;
        bool b_duration = b->kind == FEEL_DAYS || b->kind == FEEL_MONTHS;

        if (a->kind == FEEL_NUMBER && b->kind == FEEL_NUMBER) {
                if (!(minus ? decimal_sub(&d, a->number, b->number) : decimal_add(&d, a->number, b->number)))
                        return false;
                *out = feel_number(d);
                return true;
        }
        if (a->kind == FEEL_STRING && b->kind == FEEL_STRING && !minus) {
                char *text = arena_alloc(m->arena, a->string.n + b->string.n + 1);
                if (text == NULL)
                        return false;
                memcpy(text, a->string.p, a->string.n);
                memcpy(text + a->string.n, b->string.p, b->string.n);
                *out = (struct feel_value){.kind = FEEL_STRING, .string = {text, a->string.n + b->string.n}};
                return true;
        }
        if (a->kind == b->kind && a->kind == FEEL_DAYS) {
                *out = (struct feel_value){.kind = FEEL_DAYS, .us = a->us + sign * b->us};
                return true;
        }
        if (a->kind == b->kind && a->kind == FEEL_MONTHS) {
                *out = (struct feel_value){.kind = FEEL_MONTHS, .months = a->months + sign * b->months};
                return true;
        }
        if (a_moment && b_duration)
                return moment_shift(a, b, sign, out);
        if (!minus && b_moment && (a->kind == FEEL_DAYS || a->kind == FEEL_MONTHS))
                return moment_shift(b, a, 1, out);
        if (minus && a_moment && b_moment && (a->kind == FEEL_TIME) == (b->kind == FEEL_TIME) &&
            a->moment.zoned == b->moment.zoned) {
                int64_t us = ((int64_t)a->moment.day - b->moment.day) * DAY_US + a->moment.us - b->moment.us;
                if (a->kind == FEEL_TIME)
                        us = a->moment.us - b->moment.us;
                us -= ((int64_t)a->moment.offset_s - b->moment.offset_s) * 1000000;
                *out = (struct feel_value){.kind = FEEL_DAYS, .us = us};
                return true;
        }
        return false;
}

struct feel_value feel_property(struct feel_machine *m, const struct feel_value *v, const char *name)
{
        const struct feel_value *entry;
        int year, month, day;
        int64_t us;

        switch (v->kind) {
        case FEEL_CONTEXT:
                entry = feel_get(v, name);
                return entry != NULL ? *entry : feel_null(m, "a context has no entry of this name");
        case FEEL_DATE:
        case FEEL_DATE_TIME:
                day_split(v->moment.day, &year, &month, &day);
                if (strcmp(name, "year") == 0)
                        return feel_int(year);
                if (strcmp(name, "month") == 0)
                        return feel_int(month);
                if (strcmp(name, "day") == 0)
                        return feel_int(day);
                if (strcmp(name, "weekday") == 0)
                        return feel_int(day_weekday(v->moment.day));
                if (v->kind == FEEL_DATE)
                        break;
                __attribute__((fallthrough));
        case FEEL_TIME:
                us = v->moment.us;
                if (strcmp(name, "hour") == 0)
                        return feel_int(us / 3600000000LL);
                if (strcmp(name, "minute") == 0)
                        return feel_int(us / 60000000 % 60);
                if (strcmp(name, "second") == 0)
                        return feel_int(us / 1000000 % 60);
                if (strcmp(name, "time offset") == 0)
                        return v->moment.zoned ? (struct feel_value){.kind = FEEL_DAYS, .us = (int64_t)v->moment.offset_s * 1000000}
                                               : (struct feel_value){.kind = FEEL_NULL};
                break;
        case FEEL_MONTHS:
                if (strcmp(name, "years") == 0)
                        return feel_int(v->months / 12);
                if (strcmp(name, "months") == 0)
                        return feel_int(v->months % 12);
                break;
        case FEEL_DAYS:
                if (strcmp(name, "days") == 0)
                        return feel_int(v->us / DAY_US);
                if (strcmp(name, "hours") == 0)
                        return feel_int(v->us / 3600000000LL % 24);
                if (strcmp(name, "minutes") == 0)
                        return feel_int(v->us / 60000000 % 60);
                if (strcmp(name, "seconds") == 0)
                        return feel_int(v->us / 1000000 % 60);
                break;
        case FEEL_RANGE:
                if (strcmp(name, "start") == 0)
                        return v->range->low;
                if (strcmp(name, "end") == 0)
                        return v->range->high;
                if (strcmp(name, "start included") == 0)
                        return feel_bool(v->range->low_closed);
                if (strcmp(name, "end included") == 0)
                        return feel_bool(v->range->high_closed);
                break;
        default:
                break;
        }
        return feel_null(m, "a value has no property of this name");
}

/* --- text ------------------------------------------------------------------------------------------------------- */

static void print_time(struct buf *out, const struct feel_moment *t)
{
        int64_t s = t->us / 1000000;

        buf_add_format(out, "%02d:%02d:%02d", (int)(s / 3600), (int)(s / 60 % 60), (int)(s % 60));
        if (t->us % 1000000 != 0) {
                char part[16];
                text_format(part, sizeof part, ".%06d", (int)(t->us % 1000000));
                for (size_t n = strlen(part); part[n - 1] == '0'; n--)
                        part[n - 1] = '\0';
                buf_add_text(out, part);
        }
        if (t->zoned && t->offset_s == 0)
                buf_add_char(out, 'Z');
        else if (t->zoned)
                buf_add_format(out, "%c%02d:%02d", t->offset_s < 0 ? '-' : '+', abs(t->offset_s) / 3600, abs(t->offset_s) / 60 % 60);
}

static void print_days(struct buf *out, int64_t us)
{
        uint64_t u = us < 0 ? (uint64_t)-us : (uint64_t)us;

        buf_add_text(out, us < 0 ? "-P" : "P");
        if (u >= DAY_US)
                buf_add_format(out, "%lluD", (unsigned long long)(u / DAY_US));
        uint64_t rest = u % DAY_US;
        if (rest == 0 && u > 0)
                return;
        buf_add_char(out, 'T');
        if (rest / 3600000000ULL > 0)
                buf_add_format(out, "%lluH", (unsigned long long)(rest / 3600000000ULL));
        if (rest / 60000000 % 60 > 0)
                buf_add_format(out, "%lluM", (unsigned long long)(rest / 60000000 % 60));
        if (rest % 60000000 > 0 || u == 0) {
                struct decimal d = decimal_from_int((int64_t)(rest % 60000000));
                char text[DECIMAL_TEXT];
                d.exponent = d.coefficient == 0 ? 0 : -6;
                buf_add_format(out, "%sS", decimal_text(d, text));
        }
}

static void print_months(struct buf *out, int64_t months)
{
        int64_t n = months < 0 ? -months : months;

        buf_add_text(out, months < 0 ? "-P" : "P");
        if (n / 12 > 0)
                buf_add_format(out, "%lldY", (long long)(n / 12));
        if (n % 12 > 0 || n == 0)
                buf_add_format(out, "%lldM", (long long)(n % 12));
}

static void print_nested(struct buf *out, const struct feel_value *v)
{
        if (v->kind == FEEL_STRING) {
                buf_add_char(out, '"');
                buf_add_str(out, v->string);
                buf_add_char(out, '"');
        } else {
                feel_print(out, v);
        }
}

void feel_print(struct buf *out, const struct feel_value *v)
{
        char text[DECIMAL_TEXT], day[16];

        switch (v->kind) {
        case FEEL_NULL:
                buf_add_text(out, "null");
                break;
        case FEEL_BOOLEAN:
                buf_add_text(out, v->boolean ? "true" : "false");
                break;
        case FEEL_NUMBER:
                buf_add_text(out, decimal_text(v->number, text));
                break;
        case FEEL_STRING:
                buf_add_str(out, v->string);
                break;
        case FEEL_DATE:
                buf_add_text(out, day_text(v->moment.day, day));
                break;
        case FEEL_DATE_TIME:
                buf_add_text(out, day_text(v->moment.day, day));
                buf_add_char(out, 'T');
                print_time(out, &v->moment);
                break;
        case FEEL_TIME:
                print_time(out, &v->moment);
                break;
        case FEEL_DAYS:
                print_days(out, v->us);
                break;
        case FEEL_MONTHS:
                print_months(out, v->months);
                break;
        case FEEL_LIST:
                buf_add_char(out, '[');
                for (uint32_t i = 0; i < v->count; i++) {
                        buf_add_text(out, i == 0 ? "" : ", ");
                        print_nested(out, &v->items[i]);
                }
                buf_add_char(out, ']');
                break;
        case FEEL_CONTEXT:
                buf_add_char(out, '{');
                for (uint32_t i = 0; i < v->count; i++) {
                        buf_add_format(out, "%s%s: ", i == 0 ? "" : ", ", v->entries[i].name);
                        print_nested(out, &v->entries[i].value);
                }
                buf_add_char(out, '}');
                break;
        case FEEL_RANGE:
                buf_add_char(out, v->range->low_closed ? '[' : '(');
                print_nested(out, &v->range->low);
                buf_add_text(out, "..");
                print_nested(out, &v->range->high);
                buf_add_char(out, v->range->high_closed ? ']' : ')');
                break;
        case FEEL_FUNCTION:
                buf_add_text(out, "function");
                break;
        }
}

bool feel_from_text(struct feel_machine *m, const char *type, struct str text, struct feel_value *out)
{
        if (type != NULL && strcmp(type, "number") == 0) {
                *out = (struct feel_value){.kind = FEEL_NUMBER};
                return decimal_parse(&out->number, text);
        }
        if (type != NULL && strcmp(type, "boolean") == 0) {
                *out = feel_bool(str_is(text, "true"));
                return out->boolean || str_is(text, "false");
        }
        if (type != NULL && strcmp(type, "string") != 0 && strcmp(type, "Any") != 0)
                return feel_temporal_parse(type, text, out);
        *out = (struct feel_value){.kind = FEEL_STRING, .string = arena_str(m->arena, text)};
        return out->string.p != NULL;
}

/* --- JSON ------------------------------------------------------------------------------------------------------- */

static int json_children(struct feel_machine *m, const json_t *json, struct feel_value *out, struct error *err)
{
        size_t n = json_is_array(json) ? json_array_size(json) : json_object_size(json), i = 0;
        struct feel_value *items = NULL;
        struct feel_entry *entries = NULL;
        const char *name;
        json_t *value;

        if (json_is_array(json)) {
                items = arena_array(m->arena, n == 0 ? 1 : n, sizeof *items);
                if (items == NULL)
                        return out == NULL ? ERR : error_raise(err, SB_MEMORY, "%s", "");
                json_array_foreach(json, i, value)
                        if (feel_from_json(m, value, NULL, &items[i], err) < 0)
                                return ERR;
                *out = (struct feel_value){.kind = FEEL_LIST, .count = (uint32_t)n, .items = items};
                return 0;
        }
        entries = arena_array(m->arena, n == 0 ? 1 : n, sizeof *entries);
        if (entries == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        json_object_foreach((json_t *)(uintptr_t)json, name, value) {
                entries[i].name = arena_text(m->arena, str_from(name));
                if (entries[i].name == NULL)
                        return error_raise(err, SB_MEMORY, "%s", "");
                if (feel_from_json(m, value, NULL, &entries[i++].value, err) < 0)
                        return ERR;
        }
        *out = (struct feel_value){.kind = FEEL_CONTEXT, .count = (uint32_t)n, .entries = entries};
        return 0;
}

int feel_from_json(struct feel_machine *m, const json_t *json, const char *type, struct feel_value *out, struct error *err)
{
        char text[64];

        if (json == NULL || json_is_null(json)) {
                *out = (struct feel_value){.kind = FEEL_NULL};
                return 0;
        }
        if (json_is_boolean(json)) {
                *out = feel_bool(json_is_true(json));
                return 0;
        }
        if (json_is_integer(json)) {
                *out = feel_int(json_integer_value(json));
                return 0;
        }
        if (json_is_real(json)) {
                text_format(text, sizeof text, "%.15g", json_real_value(json));
                *out = (struct feel_value){.kind = FEEL_NUMBER};
                return decimal_parse(&out->number, str_from(text)) ? 0 : error_raise(err, SB_DMN_INPUT, "%s|%s", text, "number");
        }
        if (json_is_string(json)) {
                struct str s = {json_string_value(json), json_string_length(json)};
                if (feel_from_text(m, type, s, out))
                        return 0;
                return error_raise(err, SB_DMN_INPUT, "%.60s|%s", s.p, type == NULL ? "string" : type);
        }
        return json_children(m, json, out, err);
}

json_t *feel_to_json(const struct feel_value *v)
{
        json_t *json;
        struct buf text;

        switch (v->kind) {
        case FEEL_NULL:
                return json_null();
        case FEEL_BOOLEAN:
                return json_boolean(v->boolean);
        case FEEL_LIST:
                json = json_array();
                for (uint32_t i = 0; json != NULL && i < v->count; i++)
                        json_array_append_new(json, feel_to_json(&v->items[i]));
                return json;
        case FEEL_CONTEXT:
                json = json_object();
                for (uint32_t i = 0; json != NULL && i < v->count; i++)
                        json_object_set_new(json, v->entries[i].name, feel_to_json(&v->entries[i].value));
                return json;
        default:
                buf_init(&text, (size_t)16 << 20);
                feel_print(&text, v);
                json = json_stringn(buf_text(&text), text.n);
                buf_dispose(&text);
                return json;
        }
}
