/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

#include <string.h>

#define MAX_DEPTH 100

static int syntax(struct error *err, const char *text, int line, int column)
{
        error_raise(err, SB_JSON_SYNTAX, "%s", text);
        return error_where(err, "%d:%d", line, column);
}

/* jansson's own limit of depth is far deeper than a thread's stack should go; brackets inside of
 * strings do not count. */
static int check_depth(struct str s, struct error *err)
{
        int depth = 0;
        bool quoted = false;
        for (size_t i = 0; i < s.n; i++) {
                char c = s.p[i];
                if (quoted) {
                        if (c == '\\')
                                i++;
                        else if (c == '"')
                                quoted = false;
                } else if (c == '"') {
                        quoted = true;
                } else if (c == '[' || c == '{') {
                        if (++depth > MAX_DEPTH)
                                return error_raise(err, SB_LIMIT, "%s|%d", ERROR_BOTH("the depth of JSON", "JSON的层数"),
                                                   MAX_DEPTH);
                } else if (c == ']' || c == '}') {
                        depth--;
                }
        }
        return 0;
}

int json_read(json_t **out, struct str text, struct error *err)
{
        json_error_t e;
        if (text.n > JSON_MAX_BYTES)
                return error_raise(err, SB_LIMIT, "%s|" ERROR_BOTH("%zu bytes", "%zu字节"), "JSON", JSON_MAX_BYTES,
                                   JSON_MAX_BYTES);
        if (check_depth(text, err) != 0)
                return ERR;
        json_t *v = json_loadb(text.n == 0 ? "" : text.p, text.n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &e);
        if (v == NULL) {
                if (e.text[0] == '\0' || json_error_code(&e) == json_error_out_of_memory)
                        return error_raise(err, SB_MEMORY, "%s", "");
                return syntax(err, e.text, e.line, e.column);
        }
        *out = v;
        return 0;
}

int json_read_file(json_t **out, const char *path, struct error *err)
{
        struct buf b;
        buf_init(&b, JSON_MAX_BYTES);
        int rc = file_read(&b, path, JSON_MAX_BYTES, err);
        if (rc == 0 && (rc = json_read(out, (struct str){buf_text(&b), b.n}, err)) != 0)
                error_in(err, path);
        buf_dispose(&b);
        return rc;
}

static int append(const char *bytes, size_t n, void *buf)
{
        buf_add(buf, bytes, n);
        return ((struct buf *)buf)->failed ? -1 : 0;
}

int json_canonical(struct buf *out, const json_t *value, struct error *err)
{
        const size_t flags = JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY | JSON_REAL_PRECISION(17);
        int rc = json_dump_callback(value, append, out, flags);
        if (buf_check(out, err) != 0)
                return ERR;
        return rc == 0 ? 0 : error_raise(err, SB_INTERNAL, "%s", "json_dump_callback");
}

/* 1 there, 0 absent or null and not required, ERR. */
static int get(const json_t *o, const char *name, bool required, const json_t **out, struct error *err)
{
        const json_t *v = json_object_get(o, name);
        if (v == NULL || json_is_null(v))
                return required ? error_raise(err, SB_FIELD_MISSING, "%s", name) : 0;
        *out = v;
        return 1;
}

static int type_error(struct error *err, const char *name, const char *both)
{
        return error_raise(err, SB_FIELD_TYPE, "%s|%s", name, both);
}

int json_get_text(const json_t *o, const char *name, bool required, const char **out, struct error *err)
{
        const json_t *v = NULL;
        int rc = get(o, name, required, &v, err);
        if (rc != 1)
                return rc;
        if (!json_is_string(v))
                return type_error(err, name, ERROR_BOTH("text", "文本"));
        *out = json_string_value(v);
        return 0;
}

const char *json_text(const json_t *o, const char *name)
{
        return json_text_or(o, name, "");
}

const char *json_text_or(const json_t *o, const char *name, const char *absent)
{
        const char *s = json_string_value(json_object_get(o, name));

        return s == NULL ? absent : s;
}

int64_t json_int_or(const json_t *o, const char *name, int64_t absent)
{
        const json_t *v = json_object_get(o, name);

        return json_is_integer(v) ? json_integer_value(v) : absent;
}

bool json_bool_or(const json_t *o, const char *name, bool absent)
{
        const json_t *v = json_object_get(o, name);

        return json_is_boolean(v) ? json_is_true(v) : absent;
}

day_t json_day_or(const json_t *o, const char *name, day_t absent)
{
        day_t day;

        return day_parse(&day, str_from(json_text(o, name)), NULL) == 0 ? day : absent;
}

int json_get_int(const json_t *o, const char *name, bool required, int64_t *out, struct error *err)
{
        const json_t *v = NULL;
        int rc = get(o, name, required, &v, err);
        if (rc != 1)
                return rc;
        if (!json_is_integer(v))
                return type_error(err, name, ERROR_BOTH("a whole number", "整数"));
        *out = json_integer_value(v);
        return 0;
}

int json_get_bool(const json_t *o, const char *name, bool required, bool *out, struct error *err)
{
        const json_t *v = NULL;
        int rc = get(o, name, required, &v, err);
        if (rc != 1)
                return rc;
        if (!json_is_boolean(v))
                return type_error(err, name, ERROR_BOTH("true or false", "true或false"));
        *out = json_boolean_value(v);
        return 0;
}

/* The text of a field for one of the parsers below; *s.p is NULL when there is none and none is
 * needed. */
static int get_slice(const json_t *o, const char *name, bool required, struct str *s, struct error *err)
{
        const char *text = NULL;
        int rc = json_get_text(o, name, required, &text, err);
        *s = text == NULL ? (struct str){NULL, 0} : str_from(text);
        return rc;
}

int json_get_money(const json_t *o, const char *name, bool required, fen_t *out, struct error *err)
{
        struct str s;
        int rc = get_slice(o, name, required, &s, err);
        if (rc == 0 && s.p != NULL && (rc = money_parse(out, s, err)) != 0)
                error_where(err, "%s", name);
        return rc;
}

int json_get_day(const json_t *o, const char *name, bool required, day_t *out, struct error *err)
{
        struct str s;
        int rc = get_slice(o, name, required, &s, err);
        if (rc == 0 && s.p != NULL && (rc = day_parse(out, s, err)) != 0)
                error_where(err, "%s", name);
        return rc;
}

int json_get_month(const json_t *o, const char *name, bool required, month_t *out, struct error *err)
{
        struct str s;
        int rc = get_slice(o, name, required, &s, err);
        if (rc == 0 && s.p != NULL && (rc = month_parse(out, s, err)) != 0)
                error_where(err, "%s", name);
        return rc;
}

int json_get_array(const json_t *o, const char *name, bool required, const json_t **out, struct error *err)
{
        const json_t *v = NULL;
        int rc = get(o, name, required, &v, err);
        if (rc != 1)
                return rc;
        if (!json_is_array(v))
                return type_error(err, name, ERROR_BOTH("a list", "列表"));
        *out = v;
        return 0;
}

int json_get_object(const json_t *o, const char *name, bool required, const json_t **out, struct error *err)
{
        const json_t *v = NULL;
        int rc = get(o, name, required, &v, err);
        if (rc != 1)
                return rc;
        if (!json_is_object(v))
                return type_error(err, name, ERROR_BOTH("an object", "对象"));
        *out = v;
        return 0;
}

int json_put(json_t *o, const char *name, json_t *owned, struct error *err)
{
        if (owned == NULL || json_object_set_new(o, name, owned) != 0)
                return error_raise(err, SB_MEMORY, "%s", "");
        return 0;
}

int json_put_text(json_t *o, const char *name, const char *value, struct error *err)
{
        return json_put(o, name, json_string(value), err);
}

int json_put_int(json_t *o, const char *name, int64_t value, struct error *err)
{
        return json_put(o, name, json_integer(value), err);
}

int json_put_bool(json_t *o, const char *name, bool value, struct error *err)
{
        return json_put(o, name, json_boolean(value), err);
}

int json_put_money(json_t *o, const char *name, fen_t value, struct error *err)
{
        char text[24];
        return json_put(o, name, json_string(money_text(value, text)), err);
}

int json_put_day(json_t *o, const char *name, day_t value, struct error *err)
{
        char text[16];
        return json_put(o, name, json_string(day_text(value, text)), err);
}

int json_put_month(json_t *o, const char *name, month_t value, struct error *err)
{
        char text[16];
        return json_put(o, name, json_string(month_text(value, text)), err);
}
