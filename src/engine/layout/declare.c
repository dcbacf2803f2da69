/* SPDX-License-Identifier: Apache-2.0
 *
 * A layout from its rows: what it is as a whole, then its fields (field.c), then how they go together (judge.c).
 */
#include "engine/layout/layout_internal.h"

#include <stdlib.h>
#include <string.h>

#define ARENA_BYTES ((size_t)1 << 20)
#define TABLE "layouts.csv"

const char *const record_names[RECORDS] = {"header", "line", "trailer"};
const char *const record_titles[RECORDS] = {ERROR_BOTH("header", "首记录"), ERROR_BOTH("line", "明细"),
                                            ERROR_BOTH("trailer", "尾记录")};

void telling_add(struct telling *t, const char *table, size_t line)
{
        struct error e = t->scratch;

        t->faults++;
        if (t->told != NULL)
                t->told(t->ctx, table, line, &e);
        if (line > 0)
                error_where(&e, "%zu", line);
        error_in(&e, table);
        if (t->err->code == SB_OK)
                error_hand(t->err, &e);
}

/* One of two words. */
static bool one_of(const char *word, const char *yes, const char *no, bool *out)
{
        *out = strcmp(word, yes) == 0;
        return *out || strcmp(word, no) == 0;
}

/* A sign that stands between or around fields: one character of ASCII that no value needs; "tab" for the tabulator. */
static bool sign_read(const char *word, char *out)
{
        *out = strcmp(word, "tab") == 0 ? '\t' : word[0];
        return *out == '\t' || (word[0] > ' ' && word[0] < 0x7f && word[1] == '\0' && strchr("0123456789.-", word[0]) == NULL &&
                                !((word[0] | 32) >= 'a' && (word[0] | 32) <= 'z'));
}

static void signs_read(struct layout *l, const json_t *row, struct telling *t, size_t line)
{
        const char *delimiter = json_text(row, "delimiter"), *quote = json_text(row, "quote");

        if (l->fixed) {
                if (delimiter[0] != '\0' || quote[0] != '\0')
                        tell(t, TABLE, line, SB_LAYOUT_DECLARED, "%s|%s", l->name,
                             ERROR_BOTH("a file of fixed width has neither delimiter nor quote",
                                        "定长文件不得填写分隔符或引号"));
                return;
        }
        if (!sign_read(delimiter, &l->delimiter))
                tell(t, TABLE, line, SB_LAYOUT_DECLARED, "%s|%s", l->name,
                     ERROR_BOTH("delimiter needs one sign that is no letter, digit, point, or minus, or the word tab",
                                "delimiter 应为一个符号（不得为字母、数字、点或减号），或写 tab"));
        if (quote[0] != '\0' && (!sign_read(quote, &l->quote) || l->quote == '\t' || l->quote == l->delimiter))
                tell(t, TABLE, line, SB_LAYOUT_DECLARED, "%s|%s", l->name,
                     ERROR_BOTH("quote needs one sign that is not the delimiter", "quote 应为一个不同于分隔符的符号"));
}

static void whole_read(struct layout *l, const json_t *row, struct telling *t)
{
        size_t line = (size_t)json_int_or(row, "line", 0);
        bool lf = false;

        if (!one_of(json_text(row, "kind"), "fixed", "delimited", &l->fixed))
                tell(t, TABLE, line, SB_LAYOUT_DECLARED, "%s|%s", l->name,
                     ERROR_BOTH("kind is fixed or delimited", "kind 应为 fixed 或 delimited"));
        else
                signs_read(l, row, t, line);
        if (!one_of(json_text(row, "charset"), "gb18030", "utf-8", &l->gb18030))
                tell(t, TABLE, line, SB_LAYOUT_DECLARED, "%s|%s", l->name,
                     ERROR_BOTH("charset is utf-8 or gb18030", "charset 应为 utf-8 或 gb18030"));
        if (!one_of(json_text(row, "line_end"), "lf", "crlf", &lf))
                tell(t, TABLE, line, SB_LAYOUT_DECLARED, "%s|%s", l->name,
                     ERROR_BOTH("line_end is lf or crlf", "line_end 应为 lf 或 crlf"));
        if (!one_of(json_text(row, "decimal"), "point", "none", &l->point))
                tell(t, TABLE, line, SB_LAYOUT_DECLARED, "%s|%s", l->name,
                     ERROR_BOTH("decimal is point (12.50) or none (whole yuan)", "decimal 应为 point（12.50）或 none（整元）"));
        l->crlf = !lf;
}

static const json_t *row_named(const json_t *rows, const char *name)
{
        json_t *row;
        size_t i;

        json_array_foreach(rows, i, row)
        {
                if (strcmp(json_text(row, "layout"), name) == 0)
                        return row;
        }
        return NULL;
}

int layout_new(struct layout **out, const char *name, const json_t *layouts, const json_t *fields, const json_t *codes,
               layout_told *told, void *ctx, struct error *err)
{
        struct error first = {0};
        struct telling t = {.told = told, .ctx = ctx, .err = &first};
        const json_t *row = row_named(layouts, name);
        struct layout *l = NULL;
        int rc = 0;

        if (row == NULL)
                return error_raise(err, SB_LAYOUT_UNKNOWN, "%.80s", name);
        l = calloc(1, sizeof(*l));
        if (l == NULL || (l->arena = arena_new(ARENA_BYTES)) == NULL ||
            (l->name = arena_text(l->arena, str_from(name))) == NULL)
                rc = error_raise(err, SB_MEMORY, "%s", "");
        if (rc == 0) {
                whole_read(l, row, &t);
                rc = fields_read(l, fields, codes, &t, err);
        }
        if (rc == 0)
                fields_judge(l, &t);
        if (rc == 0 && t.faults > 0)
                rc = error_hand(err, &first);
        if (rc == 0) {
                *out = l;
                l = NULL;
        }
        layout_free(l);
        return rc;
}

void layout_free(struct layout *l)
{
        if (l == NULL)
                return;
        arena_free(l->arena);
        free(l);
}

const char *layout_name(const struct layout *l)
{
        return l->name;
}

bool layout_is_gb18030(const struct layout *l)
{
        return l->gb18030;
}

bool layout_field_at(const struct layout *l, const char *record, size_t i, struct layout_field *out)
{
        enum record r = record_named(record);
        const struct field *f = r == RECORDS || i >= l->count[r] ? NULL : &l->fields[r][i];

        if (f == NULL)
                return false;
        *out = (struct layout_field){.name = f->name,
                                     .own = is_own(f->type),
                                     .amount = f->type == FEN || f->type == YUAN,
                                     .required = f->required,
                                     .coded = f->codes != NULL,
                                     .column = field_column(l, r, f)};
        return true;
}

const char *layout_code_at(const struct layout *l, const char *record, size_t i, size_t k)
{
        const struct code *c = l->fields[record_named(record)][i].codes;

        while (c->code != NULL && k-- > 0)
                c++;
        return c->code == NULL ? "" : c->value;
}

enum record record_named(const char *name)
{
        enum record r = HEADER;

        while (r < RECORDS && strcmp(record_names[r], name) != 0)
                r++;
        return r;
}
