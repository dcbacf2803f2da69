/* SPDX-License-Identifier: Apache-2.0
 *
 * Values ⇄ text and JSON. A value may hold the same list many times over: what is written is bounded.
 */
#include "engine/feel/tree.h"

#include <stdlib.h>
#include <string.h>

#define NEST_MAX 200
#define JSON_VALUES_MAX 4000000

static void print_nested(struct buf *out, const struct feel_value *v, int depth);

static void print_temporal(struct buf *out, const struct feel_value *v)
{
        char text[TEMPORAL_TEXT + 128];
        size_t n;

        if (v->kind == FEEL_DATE)
                n = temporal_print_date(text, sizeof text, v->moment.day);
        else if (v->kind == FEEL_TIME)
                n = temporal_print_time(text, sizeof text, &v->moment);
        else if (v->kind == FEEL_DATE_TIME)
                n = temporal_print_date_time(text, sizeof text, &v->moment);
        else if (v->kind == FEEL_DAYS)
                n = temporal_print_days(text, sizeof text, v->ns);
        else
                n = temporal_print_months(text, sizeof text, v->months);
        buf_add_str(out, (struct str){text, n < sizeof text ? n : sizeof text - 1});
}

static void print_range(struct buf *out, const struct feel_range *r, int depth)
{
        static const char *const SIGNS[] = {"", "< ", "<= ", "> ", ">= ", "= ", "!= "};

        if (r->op != RANGE_INTERVAL) {
                buf_add_format(out, "(%s", SIGNS[r->op]);
                print_nested(out, r->op == RANGE_LESS || r->op == RANGE_LESS_EQUAL ? &r->high : &r->low, depth);
                buf_add_char(out, ')');
                return;
        }
        buf_add_char(out, r->low_closed ? '[' : '(');
        print_nested(out, &r->low, depth);
        buf_add_text(out, "..");
        print_nested(out, &r->high, depth);
        buf_add_char(out, r->high_closed ? ']' : ')');
}

static void print(struct buf *out, const struct feel_value *v, int depth)
{
        char text[DECIMAL_TEXT];

        if (depth > NEST_MAX) {
                buf_add_text(out, "…");
                return;
        }
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
        case FEEL_LIST:
                buf_add_char(out, '[');
                for (uint32_t i = 0; !out->failed && i < v->count; i++) {
                        buf_add_text(out, i == 0 ? "" : ", ");
                        print_nested(out, &v->items[i], depth + 1);
                }
                buf_add_char(out, ']');
                break;
        case FEEL_CONTEXT:
                buf_add_char(out, '{');
                for (uint32_t i = 0; !out->failed && i < v->count; i++) {
                        buf_add_format(out, "%s%s: ", i == 0 ? "" : ", ", v->entries[i].name);
                        print_nested(out, &v->entries[i].value, depth + 1);
                }
                buf_add_char(out, '}');
                break;
        case FEEL_RANGE:
                print_range(out, v->range, depth + 1);
                break;
        case FEEL_FUNCTION:
                buf_add_text(out, "function");
                break;
        default:
                print_temporal(out, v);
        }
}

static void print_nested(struct buf *out, const struct feel_value *v, int depth)
{
        if (v->kind == FEEL_STRING) {
                buf_add_char(out, '"');
                buf_add_str(out, v->string);
                buf_add_char(out, '"');
        } else {
                print(out, v, depth);
        }
}

void feel_print(struct buf *out, const struct feel_value *v)
{
        print(out, v, 0);
}

static bool temporal_from_text(struct feel_machine *m, const char *type, struct str text, struct feel_value *out)
{
        bool days = strcmp(type, "days and time duration") == 0, months = strcmp(type, "years and months duration") == 0;

        if (days || months || strcmp(type, "duration") == 0) {
                out->kind = FEEL_DAYS;
                if (!months && temporal_parse_days(&out->ns, text))
                        return true;
                out->kind = FEEL_MONTHS;
                return !days && temporal_parse_months(&out->months, text);
        }
        out->kind = strcmp(type, "date") == 0 ? FEEL_DATE : strcmp(type, "time") == 0 ? FEEL_TIME : FEEL_DATE_TIME;
        if (out->kind == FEEL_DATE)
                return temporal_parse_date(&out->moment, text);
        if (out->kind == FEEL_TIME)
                return temporal_parse_time(&out->moment, text, m->zones);
        return temporal_parse_date_time(&out->moment, text, m->zones);
}

bool feel_from_text(struct feel_machine *m, const char *type, struct str text, struct feel_value *out)
{
        *out = feel_nothing();
        if (type != NULL && strcmp(type, "number") == 0) {
                out->kind = FEEL_NUMBER;
                return decimal_parse(&out->number, text);
        }
        if (type != NULL && strcmp(type, "boolean") == 0) {
                *out = feel_bool(str_is(text, "true"));
                return out->boolean || str_is(text, "false");
        }
        if (type != NULL && strcmp(type, "string") != 0 && strcmp(type, "Any") != 0)
                return temporal_from_text(m, type, text, out);
        *out = feel_string(arena_str(m->arena, text));
        return out->string.p != NULL;
}

static int json_children(struct feel_machine *m, const json_t *json, struct feel_value *out, struct error *err)
{
        size_t n = json_is_array(json) ? json_array_size(json) : json_object_size(json), i = 0;
        struct feel_value *items = NULL;
        struct feel_entry *entries = NULL;
        const char *name;
        json_t *value;

        if (json_is_array(json)) {
                items = arena_array(m->arena, n + 1, sizeof *items);
                if (items == NULL)
                        return error_raise(err, SB_MEMORY, "%s", "");
                json_array_foreach(json, i, value) if (feel_from_json(m, value, NULL, &items[i], err) < 0) return ERR;
                *out = feel_list(items, n);
                return 0;
        }
        entries = arena_array(m->arena, n + 1, sizeof *entries);
        if (entries == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        json_object_foreach((json_t *)(uintptr_t)json, name, value)
        {
                entries[i].name = arena_text(m->arena, str_from(name));
                if (entries[i].name == NULL)
                        return error_raise(err, SB_MEMORY, "%s", "");
                if (feel_from_json(m, value, NULL, &entries[i++].value, err) < 0)
                        return ERR;
        }
        *out = (struct feel_value){.kind = FEEL_CONTEXT, .count = (uint32_t)n, .entries = entries};
        return 0;
}

/* The shortest decimal that is this real: what was written, as far as a real can hold it. */
static void real_text(char *out, size_t size, double real)
{
        for (int digits = 15; digits <= 17; digits++) {
                text_format(out, size, "%.*g", digits, real);
                if (strtod(out, NULL) == real)
                        return;
        }
}

int feel_from_json(struct feel_machine *m, const json_t *json, const char *type, struct feel_value *out, struct error *err)
{
        char text[64];

        *out = feel_nothing();
        if (json == NULL || json_is_null(json))
                return 0;
        if (json_is_boolean(json)) {
                *out = feel_bool(json_is_true(json));
                return 0;
        }
        if (json_is_integer(json)) {
                *out = feel_int(json_integer_value(json));
                return 0;
        }
        if (json_is_real(json)) {
                real_text(text, sizeof text, json_real_value(json));
                out->kind = FEEL_NUMBER;
                return decimal_parse(&out->number, str_from(text)) ? 0
                                                                   : error_raise(err, SB_DMN_INPUT, "%s|%s", text, "number");
        }
        if (json_is_string(json)) {
                struct str s = {json_string_value(json), json_string_length(json)};
                if (feel_from_text(m, type, s, out))
                        return 0;
                return error_raise(err, SB_DMN_INPUT, "%.60s|%s", s.p, type == NULL ? "string" : type);
        }
        return json_children(m, json, out, err);
}

static json_t *to_json(const struct feel_value *v, int64_t *budget, int depth)
{
        char number[DECIMAL_TEXT];
        json_t *json;
        struct buf text;

        if (--*budget < 0 || depth > NEST_MAX)
                return NULL;
        switch (v->kind) {
        case FEEL_NULL:
                return json_null();
        case FEEL_BOOLEAN:
                return json_boolean(v->boolean);
        case FEEL_NUMBER:
                return json_string_nocheck(decimal_text(v->number, number));
        case FEEL_STRING:
                return json_stringn_nocheck(v->string.n == 0 ? "" : v->string.p, v->string.n);
        case FEEL_LIST:
                json = json_array();
                for (uint32_t i = 0; json != NULL && i < v->count; i++)
                        if (json_array_append_new(json, to_json(&v->items[i], budget, depth + 1)) < 0) {
                                json_decref(json);
                                return NULL;
                        }
                return json;
        case FEEL_CONTEXT:
                json = json_object();
                for (uint32_t i = 0; json != NULL && i < v->count; i++)
                        if (json_object_set_new_nocheck(json, v->entries[i].name,
                                                        to_json(&v->entries[i].value, budget, depth + 1)) < 0) {
                                json_decref(json);
                                return NULL;
                        }
                return json;
        default:
                buf_init(&text, (size_t)16 << 20);
                feel_print(&text, v);
                json = text.failed ? NULL : json_stringn(buf_text(&text), text.n);
                buf_dispose(&text);
                return json;
        }
}

json_t *feel_to_json(const struct feel_value *v)
{
        int64_t budget = JSON_VALUES_MAX;

        return to_json(v, &budget, 0);
}
