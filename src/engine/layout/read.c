/* SPDX-License-Identifier: Apache-2.0
 *
 * Bytes to values. The file is cut into records first, by bytes; a fixed record into fields before it is decoded (widths are bytes), a
 * delimited one after (a delimiter may be half of a character of GB18030). Every fault is told; nothing is given of a file that has one.
 */
#include "engine/layout/layout_internal.h"

#include <stdlib.h>
#include <string.h>

struct reading {
        const struct layout *l;
        layout_fault *fault;
        void *ctx;
        struct error *err; /* gets the first fault */
        int faults;
        bool hard; /* out of memory or over a limit: no use to go on */
        struct error scratch;
        size_t line; /* from 1 */
        json_t *records[RECORDS];
        struct totals totals;
        int64_t stated[RECORDS][FIELDS_MAX]; /* totals as the file says them */
        size_t stated_line[RECORDS];
        struct str cells[FIELDS_MAX]; /* of a delimited record */
        size_t cell_count;
        struct buf text, unquoted; /* a decoded record or field */
};

static void fault_add(struct reading *x, size_t line, size_t column)
{
        x->faults++;
        x->hard = x->hard || x->scratch.code == SB_MEMORY || x->scratch.code == SB_LIMIT || x->faults == LAYOUT_FAULTS;
        if (line > 0)
                error_where(&x->scratch, "%zu:%zu", line, column);
        if (x->err->code == SB_OK)
                error_hand(x->err, &x->scratch);
        if (x->fault != NULL)
                x->fault(x->ctx, &x->scratch);
}
#define tell_fault(x, line, column, code, ...)                                                                                 \
        ((x)->scratch = (struct error){0}, (void)error_raise(&(x)->scratch, code, __VA_ARGS__), fault_add(x, line, column))

static void value_fault(struct reading *x, enum record r, const struct field *f, struct str s, const char *why)
{
        char shown[SHOWN + 1];

        tell_fault(x, x->line, field_column(x->l, r, f), SB_LAYOUT_VALUE, BOTH "|%s|%s", TITLE(f), value_show(s, shown), why);
}

/* --- fields -------------------------------------------------------------------------------------------------------------- */

/* What remains of a fixed field without its fill. Zeros before a number are part of it; of digits at least one remains. */
static struct str unpadded(const struct field *f, struct str s)
{
        size_t least = f->type == DIGITS && f->fill == '0' ? 1 : 0;

        if (is_number(f->type) && f->type != DIGITS && f->fill == '0')
                return s;
        while (f->pad == PAD_LEFT && s.n > least && s.p[0] == f->fill)
                s = (struct str){s.p + 1, s.n - 1};
        while (f->pad == PAD_RIGHT && s.n > least && s.p[s.n - 1] == f->fill)
                s.n--;
        return s;
}

static const char *code_value(const struct field *f, struct str code)
{
        for (const struct code *c = f->codes; c->code != NULL; c++)
                if (str_is(code, c->code))
                        return c->value;
        return NULL;
}

static void own_check(struct reading *x, enum record r, const struct field *f, const struct value *v)
{
        char stated[64], given[64];
        struct value number = {.number = x->totals.lines};

        if (f->type == SEQUENCE && v->number != x->totals.lines) {
                value_print(x->l, f, v, stated);
                value_print(x->l, f, &number, given);
                tell_fault(x, x->line, field_column(x->l, r, f), SB_LAYOUT_TOTAL, BOTH "|%s|%s", TITLE(f), stated, given);
        }
        if (r != LINE)
                x->stated[r][f - x->l->fields[r]] = v->number;
}

static void field_put(struct reading *x, json_t *o, const struct field *f, const struct value *v)
{
        json_t *one;

        if (f->type == CONSTANT)
                return;
        one = v->is_number ? json_integer(v->number) : json_stringn(v->text.p, v->text.n);
        if (json_object_set_new(o, f->name, one) != 0)
                tell_fault(x, 0, 0, SB_MEMORY, "%s", "");
}

static void field_value(struct reading *x, enum record r, json_t *o, const struct field *f, struct str s)
{
        struct value v = {.text = s};
        const char *why = value_clean(s) ? NULL : ERROR_BOTH("it has control characters", "含有控制字符");

        if (why == NULL && f->codes != NULL) {
                const char *ours = code_value(f, s);
                if (ours != NULL)
                        v.text = str_from(ours);
                else
                        why = ERROR_BOTH("it is not in the list of codes", "不在代码表中");
        } else if (why == NULL) {
                why = value_parse(x->l, f, s, &v);
        }
        if (why != NULL) {
                value_fault(x, r, f, s, why);
                return;
        }
        if (is_own(f->type))
                own_check(x, r, f, &v);
        if (r == LINE && !totals_add(x->l, &x->totals, f, &v))
                tell_fault(x, x->line, field_column(x->l, r, f), SB_OVERFLOW, BOTH, TITLE(f));
        field_put(x, o, f, &v);
}

static void field_take(struct reading *x, enum record r, json_t *o, const struct field *f, struct str s)
{
        if (x->l->fixed)
                s = unpadded(f, s);
        if (s.n > 0)
                field_value(x, r, o, f, s);
        else if (f->required)
                tell_fault(x, x->line, field_column(x->l, r, f), SB_LAYOUT_EMPTY, BOTH, TITLE(f));
}

static void fixed_fields(struct reading *x, enum record r, json_t *o, struct str line)
{
        const struct layout *l = x->l;

        if (line.n != l->width[r]) {
                tell_fault(x, x->line, (line.n < l->width[r] ? line.n : l->width[r]) + 1, SB_LAYOUT_WIDTH, "%s|%zu|%zu",
                           record_titles[r], line.n, l->width[r]);
                return;
        }
        for (size_t i = 0; i < l->count[r] && !x->hard; i++) {
                const struct field *f = &l->fields[r][i];
                struct str bytes = {line.p + f->from - 1, f->length};
                struct error e = {0};

                buf_clear(&x->text);
                if (charset_decode(l, bytes, &x->text, &e) == 0)
                        field_take(x, r, o, f, (struct str){buf_text(&x->text), x->text.n});
                else if (e.code == SB_NOT_UTF8)
                        tell_fault(x, x->line, f->from, SB_LAYOUT_CHARSET, BOTH "|%s", TITLE(f),
                                   l->gb18030 ? "GB18030" : "UTF-8");
                else
                        tell_fault(x, 0, 0, SB_MEMORY, "%s", "");
        }
}

static void delimited_fields(struct reading *x, enum record r, json_t *o)
{
        const struct layout *l = x->l;

        if (x->cell_count != l->count[r]) {
                tell_fault(x, x->line, (x->cell_count < l->count[r] ? x->cell_count : l->count[r]) + 1, SB_LAYOUT_COLUMNS,
                           "%s|%zu|%zu", record_titles[r], x->cell_count, l->count[r]);
                return;
        }
        for (size_t i = 0; i < l->count[r] && !x->hard; i++) {
                const struct field *f = &l->fields[r][i];
                struct error e = {0};

                buf_clear(&x->text);
                if (f->length > 0 && charset_encode(l, x->cells[i], &x->text, &e) == 0 && x->text.n > f->length)
                        tell_fault(x, x->line, i + 1, SB_LAYOUT_FIT, BOTH "|%zu|%zu", TITLE(f), f->length, x->text.n);
                else
                        field_take(x, r, o, f, x->cells[i]);
        }
}

/* --- records --------------------------------------------------------------------------------------------------------------- */

/* One cell from p on, its quotes taken off, into x->unquoted; the rest of the line behind it in *rest. False: a quote that does not end. */
static bool cell_cut(struct reading *x, struct str line, struct str *rest)
{
        const struct layout *l = x->l;
        bool quoted = l->quote != 0 && line.n > 0 && line.p[0] == l->quote;
        size_t i = quoted ? 1 : 0, start = x->unquoted.n;

        for (; i < line.n; i++) {
                if (!quoted && line.p[i] == l->delimiter)
                        break;
                if (quoted && line.p[i] == l->quote) {
                        if (i + 1 == line.n || line.p[i + 1] != l->quote)
                                break;
                        i++;
                }
                buf_add_char(&x->unquoted, line.p[i]);
        }
        if (quoted && i++ == line.n)
                return false;
        if (i < line.n && line.p[i] != l->delimiter)
                return false;
        /* Borrowed by place: the buffer may still move. */
        x->cells[x->cell_count++] = (struct str){NULL, x->unquoted.n - start};
        *rest = i < line.n ? (struct str){line.p + i + 1, line.n - i - 1} : (struct str){NULL, 0};
        return true;
}

/* False when it was told as a fault. */
static bool delimited_cut(struct reading *x, struct str line)
{
        struct error e = {0};
        struct str rest;
        size_t at = 0;

        x->cell_count = 0;
        buf_clear(&x->text);
        buf_clear(&x->unquoted);
        if (charset_decode(x->l, line, &x->text, &e) != 0) {
                if (e.code == SB_NOT_UTF8)
                        tell_fault(x, x->line, 1, SB_LAYOUT_CHARSET, "%s|%s", ERROR_BOTH("the record", "该记录"),
                                   x->l->gb18030 ? "GB18030" : "UTF-8");
                else
                        tell_fault(x, 0, 0, SB_MEMORY, "%s", "");
                return false;
        }
        rest = (struct str){buf_text(&x->text), x->text.n};
        do {
                if (x->cell_count == FIELDS_MAX || !cell_cut(x, rest, &rest)) {
                        tell_fault(x, x->line, x->cell_count + 1, SB_LAYOUT_RECORD, "%s", "");
                        return false;
                }
        } while (rest.p != NULL);
        for (size_t i = 0; i < x->cell_count; i++) {
                x->cells[i].p = buf_text(&x->unquoted) + at;
                at += x->cells[i].n;
        }
        if (x->unquoted.failed)
                tell_fault(x, 0, 0, SB_MEMORY, "%s", "");
        return !x->unquoted.failed;
}

/* Has the record the constant that marks its kind? */
static bool has_mark(struct reading *x, enum record r, struct str line)
{
        const struct field *f = x->l->marks[r];
        size_t column;
        struct error e = {0};

        if (f == NULL || x->l->count[r] == 0)
                return false;
        column = field_column(x->l, r, f);
        if (!x->l->fixed)
                return column <= x->cell_count && str_is(x->cells[column - 1], f->value);
        if (column - 1 + f->length > line.n)
                return false;
        buf_clear(&x->text);
        return charset_decode(x->l, (struct str){line.p + column - 1, f->length}, &x->text, &e) == 0 &&
               str_is(unpadded(f, (struct str){buf_text(&x->text), x->text.n}), f->value);
}

/* Which record it is: by its mark, or by its place. RECORDS when none. */
static enum record record_kind(struct reading *x, struct str line, bool first, bool last)
{
        const struct layout *l = x->l;

        for (enum record r = HEADER; l->marked && r < RECORDS; r++)
                if (has_mark(x, r, line))
                        return r;
        if (l->marked)
                return RECORDS;
        if (first && l->count[HEADER] > 0)
                return HEADER;
        return last && l->count[TRAILER] > 0 ? TRAILER : LINE;
}

static void record_read(struct reading *x, struct str line, bool first, bool last)
{
        enum record r;
        json_t *o;

        if (line.n > LAYOUT_LINE_BYTES) {
                tell_fault(x, x->line, LAYOUT_LINE_BYTES + 1, SB_LIMIT, "%s|%d", ERROR_BOTH("a record", "一条记录"),
                           LAYOUT_LINE_BYTES);
                return;
        }
        if (!x->l->fixed && !delimited_cut(x, line))
                return;
        r = record_kind(x, line, first, last);
        if (r == RECORDS || (r == HEADER && !first) || (r == TRAILER && !last)) {
                tell_fault(x, x->line, 1, SB_LAYOUT_RECORD, "%s", "");
                return;
        }
        o = r == LINE ? json_object() : json_incref(x->records[r]);
        if (o == NULL || (r == LINE && json_array_append(x->records[LINE], o) != 0)) {
                tell_fault(x, 0, 0, SB_MEMORY, "%s", "");
        } else {
                x->totals.lines += r == LINE;
                x->stated_line[r] = x->line;
                if (x->l->fixed)
                        fixed_fields(x, r, o, line);
                else
                        delimited_fields(x, r, o);
        }
        json_decref(o);
}

/* The next record and what is left behind it. */
static struct str line_cut(struct str *bytes)
{
        const char *end = memchr(bytes->p, '\n', bytes->n);
        struct str line = {bytes->p, end == NULL ? bytes->n : (size_t)(end - bytes->p)};
        size_t taken = line.n + (end != NULL);

        *bytes = (struct str){bytes->p + taken, bytes->n - taken};
        if (end != NULL && line.n > 0 && line.p[line.n - 1] == '\r')
                line.n--;
        return line;
}

static void totals_check(struct reading *x)
{
        const struct layout *l = x->l;

        for (enum record r = HEADER; r < RECORDS; r++) {
                for (size_t i = 0; i < l->count[r]; i++) {
                        const struct field *f = &l->fields[r][i];
                        struct value stated = {.number = x->stated[r][i]}, given = {.number = totals_of(l, &x->totals, r, i)};
                        char a[64], b[64];
                        if (r == LINE || f->type == CONSTANT || !is_own(f->type) || stated.number == given.number)
                                continue;
                        value_print(l, f, &stated, a);
                        value_print(l, f, &given, b);
                        tell_fault(x, x->stated_line[r], field_column(l, r, f), SB_LAYOUT_TOTAL, BOTH "|%s|%s", TITLE(f), a, b);
                }
        }
}

static void records_read(struct reading *x, struct str bytes)
{
        const struct layout *l = x->l;

        if (!l->gb18030 && bytes.n >= 3 && memcmp(bytes.p, "\xef\xbb\xbf", 3) == 0)
                bytes = (struct str){bytes.p + 3, bytes.n - 3};
        while (bytes.n > 0 && !x->hard) {
                struct str line = line_cut(&bytes);
                if (++x->line > LAYOUT_LINES) {
                        tell_fault(x, x->line, 1, SB_LIMIT, "%s|%d", ERROR_BOTH("the number of records", "记录数"),
                                   LAYOUT_LINES);
                        return;
                }
                record_read(x, line, x->line == 1, bytes.n == 0);
        }
        for (enum record r = HEADER; r < RECORDS; r++)
                if (r != LINE && l->count[r] > 0 && x->stated_line[r] == 0 && !x->hard)
                        tell_fault(x, x->line == 0 ? 1 : x->line, 1, SB_LAYOUT_MISSING, "%s", record_titles[r]);
        /* Totals of lines that could not be read say nothing. */
        if (x->faults == 0)
                totals_check(x);
}

int layout_read(const struct layout *l, struct str bytes, json_t **out, layout_fault *fault, void *ctx, struct error *err)
{
        struct reading *x = calloc(1, sizeof(*x));
        json_t *all = NULL;
        struct error first = {0};
        int rc = 0;

        if (x == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        *x = (struct reading){.l = l, .fault = fault, .ctx = ctx, .err = &first};
        buf_init(&x->text, (size_t)8 * LAYOUT_LINE_BYTES);
        buf_init(&x->unquoted, (size_t)8 * LAYOUT_LINE_BYTES);
        for (enum record r = HEADER; r < RECORDS; r++)
                x->records[r] = r == LINE ? json_array() : json_object();
        if (x->records[HEADER] == NULL || x->records[LINE] == NULL || x->records[TRAILER] == NULL)
                error_raise(&first, SB_MEMORY, "%s", "");
        else if (bytes.n > LAYOUT_FILE_BYTES)
                tell_fault(x, 0, 0, SB_LIMIT, "%s|%zu", ERROR_BOTH("the file", "文件"), LAYOUT_FILE_BYTES);
        else
                records_read(x, bytes);
        if (first.code == SB_OK)
                all = json_pack("{s:O,s:O,s:O}", "header", x->records[HEADER], "lines", x->records[LINE], "trailer",
                                x->records[TRAILER]);
        if (first.code != SB_OK)
                rc = error_hand(err, &first);
        else if (all == NULL)
                rc = error_raise(err, SB_MEMORY, "%s", "");
        else
                *out = all;
        for (enum record r = HEADER; r < RECORDS; r++)
                json_decref(x->records[r]);
        buf_wipe(&x->text);
        buf_wipe(&x->unquoted);
        free(x);
        return rc;
}
