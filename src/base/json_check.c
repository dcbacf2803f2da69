/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

#include <string.h>
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#define MATCH_LIMIT 100000

/* Where the check is: the path so far, as /persons/0/name. */
struct walk {
        struct buf path;
        struct error *err;
};

static int check(struct walk *w, const json_t *schema, const json_t *value);

static const char *place(struct walk *w)
{
        return w->path.n == 0 ? "/" : buf_text(&w->path);
}

static int refuse(struct walk *w, const char *both)
{
        error_raise(w->err, SB_FIELD_TYPE, "%s|%s", place(w), both);
        return error_where(w->err, "%s", place(w));
}

/* Step down to a field or an item, check there, and step back. */
static int check_below(struct walk *w, const char *name, const json_t *schema, const json_t *value)
{
        size_t n = w->path.n;
        buf_add_char(&w->path, '/');
        buf_add_text(&w->path, name);
        int rc = buf_check(&w->path, w->err);
        if (rc == 0) {
                rc = check(w, schema, value);
                if (!w->path.failed) {
                        w->path.n = n;
                        w->path.p[n] = '\0';
                }
        }
        return rc;
}

static bool has_type(const json_t *value, const char *type)
{
        return (strcmp(type, "object") == 0 && json_is_object(value)) || (strcmp(type, "array") == 0 && json_is_array(value)) ||
               (strcmp(type, "string") == 0 && json_is_string(value)) ||
               (strcmp(type, "integer") == 0 && json_is_integer(value)) ||
               (strcmp(type, "number") == 0 && json_is_number(value)) ||
               (strcmp(type, "boolean") == 0 && json_is_boolean(value)) || (strcmp(type, "null") == 0 && json_is_null(value));
}

/* "type": one name or a list of them. */
static int check_type(struct walk *w, const json_t *type, const json_t *value)
{
        char names[160] = "";
        size_t i;
        json_t *t;
        if (type == NULL)
                return 0;
        if (json_is_string(type))
                return has_type(value, json_string_value(type)) ? 0 : refuse(w, json_string_value(type));
        json_array_foreach(type, i, t)
        {
                char before[sizeof names];
                if (has_type(value, json_string_value(t)))
                        return 0;
                text_copy(before, sizeof before, str_from(names));
                text_format(names, sizeof names, "%s%s%s", before, i == 0 ? "" : ", ", json_string_value(t));
        }
        return refuse(w, names);
}

static int check_object(struct walk *w, const json_t *schema, json_t *value)
{
        const json_t *properties = json_object_get(schema, "properties");
        const json_t *additional = json_object_get(schema, "additionalProperties");
        const json_t *required = json_object_get(schema, "required");
        const char *name;
        json_t *field, *item;
        size_t i;
        json_array_foreach(required, i, item)
        {
                if (json_object_get(value, json_string_value(item)) == NULL) {
                        error_raise(w->err, SB_FIELD_MISSING, "%s", json_string_value(item));
                        return error_where(w->err, "%s", place(w));
                }
        }
        json_object_foreach(value, name, field)
        {
                const json_t *s = json_object_get(properties, name);
                if (s == NULL && json_is_false(additional)) {
                        error_raise(w->err, SB_FIELD_UNKNOWN, "%s", name);
                        return error_where(w->err, "%s", place(w));
                }
                if (s == NULL)
                        s = additional;
                if (json_is_object(s) && check_below(w, name, s, field) != 0)
                        return ERR;
        }
        return 0;
}

static int check_array(struct walk *w, const json_t *schema, const json_t *value)
{
        const json_t *items = json_object_get(schema, "items"), *max = json_object_get(schema, "maxItems");
        const json_t *min = json_object_get(schema, "minItems");
        size_t i, n = json_array_size(value);
        json_t *item;
        char text[96];
        if (json_is_integer(max) && n > (size_t)json_integer_value(max))
                return refuse(w, text_format(text, sizeof text, ERROR_BOTH("a list of at most %lld", "最多%lld项的列表"),
                                             json_integer_value(max), json_integer_value(max)));
        if (json_is_integer(min) && n < (size_t)json_integer_value(min))
                return refuse(w, text_format(text, sizeof text, ERROR_BOTH("a list of at least %lld", "至少%lld项的列表"),
                                             json_integer_value(min), json_integer_value(min)));
        json_array_foreach(value, i, item)
        {
                char index[24];
                text_format(index, sizeof index, "%zu", i);
                if (json_is_object(items) && check_below(w, index, items, item) != 0)
                        return ERR;
        }
        return 0;
}

/* A pattern that cannot be compiled, or that takes too long, refuses the value: nothing passes
 * unchecked. */
static bool matches(const char *pattern, struct str s)
{
        int number;
        PCRE2_SIZE at;
        bool found = false;
        pcre2_code *code =
            pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED, PCRE2_UTF | PCRE2_DOLLAR_ENDONLY, &number, &at, NULL);
        pcre2_match_data *data = code == NULL ? NULL : pcre2_match_data_create_from_pattern(code, NULL);
        pcre2_match_context *limits = pcre2_match_context_create(NULL);
        if (data != NULL && limits != NULL) {
                pcre2_set_match_limit(limits, MATCH_LIMIT);
                found = pcre2_match(code, (PCRE2_SPTR)s.p, s.n, 0, 0, data, limits) >= 0;
        }
        pcre2_match_context_free(limits);
        pcre2_match_data_free(data);
        pcre2_code_free(code);
        return found;
}

static bool is_decimal(struct str s)
{
        size_t i = s.n > 0 && s.p[0] == '-', whole = 0, decimals = 0;
        for (; i < s.n && s.p[i] >= '0' && s.p[i] <= '9'; i++)
                whole++;
        bool point = i < s.n && s.p[i] == '.';
        for (i += point; i < s.n && s.p[i] >= '0' && s.p[i] <= '9'; i++)
                decimals++;
        return i == s.n && whole > 0 && (!point || decimals > 0) && whole + decimals <= 34;
}

static int check_format(struct walk *w, const char *format, struct str s)
{
        day_t d;
        month_t m;
        fen_t f;
        if (strcmp(format, "date") == 0 && day_parse(&d, s, NULL) != 0)
                return refuse(w, ERROR_BOTH("a date that exists (2026-11-24)", "存在的日期（2026-11-24）"));
        if (strcmp(format, "month") == 0 && month_parse(&m, s, NULL) != 0)
                return refuse(w, ERROR_BOTH("a month (2026-11)", "月份（2026-11）"));
        if (strcmp(format, "money") == 0 && money_parse(&f, s, NULL) != 0)
                return refuse(w, ERROR_BOTH("an amount as text (\"1234.50\")", "以文本表示的金额（\"1234.50\"）"));
        if (strcmp(format, "decimal") == 0 && !is_decimal(s))
                return refuse(w, ERROR_BOTH("a decimal as text (\"0.16\")", "以文本表示的小数（\"0.16\"）"));
        return 0;
}

static int check_text(struct walk *w, const json_t *schema, struct str s)
{
        const json_t *min = json_object_get(schema, "minLength"), *max = json_object_get(schema, "maxLength");
        const char *pattern = json_string_value(json_object_get(schema, "pattern"));
        const char *format = json_string_value(json_object_get(schema, "format"));
        char text[200];
        size_t n = utf8_length(s);
        if (json_is_integer(min) && n < (size_t)json_integer_value(min))
                return refuse(w, text_format(text, sizeof text, ERROR_BOTH("at least %lld characters", "至少%lld个字符"),
                                             json_integer_value(min), json_integer_value(min)));
        if (json_is_integer(max) && n > (size_t)json_integer_value(max))
                return refuse(w, text_format(text, sizeof text, ERROR_BOTH("at most %lld characters", "最多%lld个字符"),
                                             json_integer_value(max), json_integer_value(max)));
        if (pattern != NULL && !matches(pattern, s))
                return refuse(w,
                              text_format(text, sizeof text, ERROR_BOTH("of the form %.60s", "形如%.60s"), pattern, pattern));
        return format == NULL ? 0 : check_format(w, format, s);
}

static int check_number(struct walk *w, const json_t *schema, const json_t *value)
{
        const json_t *min = json_object_get(schema, "minimum"), *max = json_object_get(schema, "maximum");
        char text[96];
        /* Whole numbers are compared exactly; a double would round those beyond 2^53. */
        bool exact = json_is_integer(value);
        if (json_is_number(min) && (exact && json_is_integer(min) ? json_integer_value(value) < json_integer_value(min)
                                                                  : json_number_value(value) < json_number_value(min)))
                return refuse(w, text_format(text, sizeof text, ERROR_BOTH("%g or more", "不小于%g"), json_number_value(min),
                                             json_number_value(min)));
        if (json_is_number(max) && (exact && json_is_integer(max) ? json_integer_value(value) > json_integer_value(max)
                                                                  : json_number_value(value) > json_number_value(max)))
                return refuse(w, text_format(text, sizeof text, ERROR_BOTH("%g or less", "不大于%g"), json_number_value(max),
                                             json_number_value(max)));
        return 0;
}

static int check_enum(struct walk *w, const json_t *list, const json_t *value)
{
        struct buf names;
        size_t i;
        json_t *item;
        buf_init(&names, 256);
        json_array_foreach(list, i, item)
        {
                if (json_equal(item, value)) {
                        buf_dispose(&names);
                        return 0;
                }
                if (json_is_string(item))
                        buf_add_format(&names, "%s%s", names.n == 0 ? "" : ", ", json_string_value(item));
        }
        int rc = refuse(w, names.failed || names.n == 0 ? ERROR_BOTH("one of the values that are listed", "所列值之一")
                                                        : buf_text(&names));
        buf_dispose(&names);
        return rc;
}

static int check(struct walk *w, const json_t *schema, const json_t *value)
{
        const json_t *list = json_object_get(schema, "enum");
        if (check_type(w, json_object_get(schema, "type"), value) != 0)
                return ERR;
        if (list != NULL && check_enum(w, list, value) != 0)
                return ERR;
        if (json_is_object(value))
                return check_object(w, schema, (json_t *)(uintptr_t)value);
        if (json_is_array(value))
                return check_array(w, schema, value);
        if (json_is_string(value))
                return check_text(w, schema, (struct str){json_string_value(value), json_string_length(value)});
        if (json_is_number(value))
                return check_number(w, schema, value);
        return 0;
}

int json_check(const json_t *schema, const json_t *value, struct error *err)
{
        struct walk w = {.err = err};
        buf_init(&w.path, 4096);
        int rc = check(&w, schema, value);
        buf_dispose(&w.path);
        return rc;
}
