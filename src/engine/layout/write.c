/* SPDX-License-Identifier: Apache-2.0
 *
 * Values to bytes. Whatever would not be read back as it was given is refused: too long, with characters that a file cannot hold, or
 * with the fill at its padded side.
 */
#include "engine/layout/layout_internal.h"

#include <stdlib.h>
#include <string.h>

struct writing {
        const struct layout *l;
        struct totals totals;
        struct buf *out;
        struct buf bytes; /* of one field */
        size_t line;
        struct error *err;
};

static int refuse(struct writing *w, const struct field *f, struct str s, const char *why)
{
        char shown[SHOWN + 1];

        return error_raise(w->err, SB_LAYOUT_VALUE, BOTH "|%s|%s", TITLE(f), value_show(s, shown), why);
}

static int too_long(struct writing *w, const struct field *f)
{
        size_t room = f->length > 0 ? f->length : LAYOUT_LINE_BYTES;

        return error_raise(w->err, SB_LAYOUT_FIT, BOTH "|%zu|%zu", TITLE(f), room, w->bytes.n);
}

static void fill(struct buf *out, char c, size_t n)
{
        while (n-- > 0)
                buf_add_char(out, c);
}

static int fixed_put(struct writing *w, const struct field *f, struct str s)
{
        bool kept =
            is_number(f->type) && f->fill == '0' && (f->type != DIGITS || s.n == 1); /* zeros that are read as they are */
        size_t rest;

        if (w->bytes.n > f->length)
                return too_long(w, f);
        rest = f->length - w->bytes.n;
        if (f->pad == PAD_NONE && rest > 0 && s.n > 0)
                return refuse(w, f, s, ERROR_BOTH("it does not fill the field, and nothing pads it", "未占满字段且未设填充"));
        if (s.n > 0 && !kept && ((f->pad == PAD_LEFT && s.p[0] == f->fill) || (f->pad == PAD_RIGHT && s.p[s.n - 1] == f->fill)))
                return refuse(w, f, s,
                              ERROR_BOTH("it has the fill at its padded side and would be read without it",
                                         "其填充一侧含有填充字符，读取时会丢失"));
        if (f->pad == PAD_LEFT)
                fill(w->out, f->fill, rest);
        buf_add(w->out, w->bytes.p, w->bytes.n);
        if (f->pad != PAD_LEFT)
                fill(w->out, f->pad == PAD_NONE ? ' ' : f->fill, rest);
        return 0;
}

static bool has(struct str s, char c)
{
        return c != 0 && s.n > 0 && memchr(s.p, c, s.n) != NULL;
}

/* The text with its quotes, where it needs them, becomes bytes only then: a sign may be half of a character in GB18030. */
static int delimited_put(struct writing *w, const struct field *f, struct str s)
{
        char quote = w->l->quote;
        struct buf quoted;
        int rc;

        if (f->length > 0 && w->bytes.n > f->length)
                return too_long(w, f);
        if (!has(s, w->l->delimiter) && !has(s, quote)) {
                buf_add(w->out, w->bytes.p, w->bytes.n);
                return 0;
        }
        if (quote == 0)
                return refuse(
                    w, f, s,
                    ERROR_BOTH("it has the delimiter in it, and the layout has no quote", "含有分隔符，而该格式没有引号"));
        buf_init(&quoted, 2 * s.n + 2);
        buf_add_char(&quoted, quote);
        for (size_t i = 0; i < s.n; i++) {
                if (s.p[i] == quote)
                        buf_add_char(&quoted, quote);
                buf_add_char(&quoted, s.p[i]);
        }
        buf_add_char(&quoted, quote);
        rc = buf_check(&quoted, w->err);
        if (rc == 0)
                rc = charset_encode(w->l, (struct str){quoted.p, quoted.n}, w->out, w->err);
        buf_dispose(&quoted);
        return rc;
}

static int text_put(struct writing *w, const struct field *f, struct str s)
{
        struct error e = {0};

        if (!value_clean(s))
                return refuse(w, f, s, ERROR_BOTH("it has control characters", "含有控制字符"));
        buf_clear(&w->bytes);
        if (charset_encode(w->l, s, &w->bytes, &e) != 0)
                return e.code == SB_NOT_UTF8 ? error_raise(w->err, SB_LAYOUT_CHARSET, BOTH "|%s", TITLE(f), "UTF-8")
                                             : error_hand(w->err, &e);
        return w->l->fixed ? fixed_put(w, f, s) : delimited_put(w, f, s);
}

static const char *code_of(const struct field *f, struct str value)
{
        for (const struct code *c = f->codes; c->code != NULL; c++)
                if (str_is(value, c->value))
                        return c->code;
        return NULL;
}

/* A value that the caller gave: a number for an amount, a text for all else. */
static int given_value(struct writing *w, const struct field *f, const json_t *given, struct value *v, char text[64],
                       struct str *s)
{
        static const char *const amount = ERROR_BOTH("a whole number of fen, 0 or more, is needed", "应为不小于0的整数（分）");
        const char *why = NULL;

        *v = (struct value){.number = json_integer_value(given), .text = {json_string_value(given), json_string_length(given)}};
        *s = v->text;
        if (f->type == FEN || f->type == YUAN) {
                v->is_number = true;
                if (!json_is_integer(given) || v->number < 0)
                        return refuse(w, f, str_from(""), amount);
                if (!value_print(w->l, f, v, text))
                        why = ERROR_BOTH("the layout takes whole yuan only", "该格式只能写整元");
        } else if (!json_is_string(given)) {
                return refuse(w, f, str_from(""), ERROR_BOTH("a text is needed", "应为文本"));
        } else if (f->type == DATE || f->type == MONTH) {
                if (!value_print(w->l, f, v, text))
                        return refuse(w, f, v->text, ERROR_BOTH("it is no date that exists", "不是存在的日期"));
        } else if (f->codes != NULL) {
                const char *code = code_of(f, v->text);
                if (code == NULL)
                        return refuse(w, f, v->text, ERROR_BOTH("it is not in the list of codes", "不在代码表中"));
                *s = str_from(code);
        }
        if (text[0] != '\0')
                *s = str_from(text);
        return why != NULL ? refuse(w, f, *s, why) : 0;
}

static int field_write(struct writing *w, enum record r, const struct field *f, const json_t *values)
{
        const json_t *given = json_object_get(values, f->name);
        struct value v = {.is_number = true};
        char text[64] = "";
        struct str s = {text, 0};
        const char *why;
        int rc = 0;

        if (is_own(f->type)) {
                v.number =
                    f->type == SEQUENCE ? w->totals.lines : totals_of(w->l, &w->totals, r, (size_t)(f - w->l->fields[r]));
                if (f->type == CONSTANT)
                        s = str_from(f->value);
                else if (!value_print(w->l, f, &v, text))
                        return refuse(w, f, s, ERROR_BOTH("the layout takes whole yuan only", "该格式只能写整元"));
                else
                        s = str_from(text);
                return text_put(w, f, s);
        }
        if (given != NULL && !json_is_null(given) && !(json_is_string(given) && json_string_length(given) == 0))
                rc = given_value(w, f, given, &v, text, &s);
        else if (f->required)
                rc = error_raise(w->err, SB_LAYOUT_EMPTY, BOTH, TITLE(f));
        if (rc != 0)
                return rc;
        /* What is written is what is read: the text has to be one of its type. */
        if (s.n > 0 && f->codes == NULL && (why = value_parse(w->l, f, s, &v)) != NULL)
                return refuse(w, f, s, why);
        return text_put(w, f, s);
}

static int record_write(struct writing *w, enum record r, const json_t *values)
{
        const struct layout *l = w->l;
        size_t begin = w->out->n;
        int rc = 0;

        if (l->count[r] == 0)
                return 0;
        if (++w->line > LAYOUT_LINES)
                return error_raise(w->err, SB_LIMIT, "%s|%d", ERROR_BOTH("the number of records", "记录数"), LAYOUT_LINES);
        w->totals.lines += r == LINE;
        for (size_t i = 0; rc == 0 && i < l->count[r]; i++) {
                if (i > 0 && !l->fixed)
                        buf_add_char(w->out, l->delimiter);
                rc = field_write(w, r, &l->fields[r][i], values);
                if (rc != 0)
                        error_where(w->err, "%zu:%zu", w->line, field_column(w->l, r, &l->fields[r][i]));
        }
        if (rc == 0 && w->out->n - begin > LAYOUT_LINE_BYTES)
                rc = error_raise(w->err, SB_LIMIT, "%s|%d", ERROR_BOTH("a record", "一条记录"), LAYOUT_LINE_BYTES);
        buf_add_text(w->out, l->crlf ? "\r\n" : "\n");
        return rc != 0 ? rc : buf_check(w->out, w->err);
}

/* The totals that a header has to say before the lines are written. */
static int totals_make(struct writing *w, const json_t *lines)
{
        const struct layout *l = w->l;
        const json_t *one;
        size_t k;

        json_array_foreach(lines, k, one)
        {
                for (size_t i = 0; i < l->count[LINE]; i++) {
                        const struct field *f = &l->fields[LINE][i];
                        const json_t *given = json_object_get(one, f->name);
                        struct value v = {.number = json_integer_value(given),
                                          .text = {json_string_value(given), json_string_length(given)}};
                        bool digits = true;

                        for (size_t c = 0; f->type == DIGITS && c < v.text.n; c++)
                                digits = digits && v.text.p[c] >= '0' && v.text.p[c] <= '9';
                        /* What is no value of the field is refused where it would be written. */
                        if (digits && v.number >= 0 && !totals_add(l, &w->totals, f, &v))
                                return error_raise(w->err, SB_OVERFLOW, BOTH, TITLE(f));
                }
        }
        return 0;
}

int layout_write(const struct layout *l, const json_t *values, struct buf *out, struct error *err)
{
        const json_t *lines = json_object_get(values, "lines"), *one;
        struct writing *w = calloc(1, sizeof(*w));
        size_t i;
        int rc;

        if (w == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        *w = (struct writing){.l = l, .out = out, .err = err};
        buf_init(&w->bytes, (size_t)8 * LAYOUT_LINE_BYTES);
        rc = totals_make(w, lines);
        w->totals.lines = (int64_t)json_array_size(lines);
        if (rc == 0)
                rc = record_write(w, HEADER, json_object_get(values, "header"));
        w->totals.lines = 0;
        json_array_foreach(lines, i, one)
        {
                if (rc == 0)
                        rc = record_write(w, LINE, one);
        }
        if (rc == 0)
                rc = record_write(w, TRAILER, json_object_get(values, "trailer"));
        if (rc == 0 && out->n > LAYOUT_FILE_BYTES)
                rc = error_raise(err, SB_LIMIT, "%s|%zu", ERROR_BOTH("the file", "文件"), LAYOUT_FILE_BYTES);
        buf_wipe(&w->bytes);
        free(w);
        return rc;
}
