/* SPDX-License-Identifier: Apache-2.0
 *
 * One field of a layout from its row: everything that can be said of it alone.
 */
#include "engine/layout/layout_internal.h"

#include <stdlib.h>
#include <string.h>

#define TABLE "layout_fields.csv"

static const char *const type_names[TYPES] = {"text",     "digits", "fen", "yuan", "date",    "month",
                                              "constant", "count",  "sum", "hash", "sequence"};

/* A field being read, and where its faults are told. */
struct reading {
        struct layout *l;
        struct telling *t;
        const json_t *row, *codes;
        enum record record;
        struct field *f;
        const char *label; /* name of the field as written, bounded */
        bool no_memory;
};

static void wrong(struct reading *x, const char *both)
{
        tell(x->t, TABLE, x->f->row, SB_LAYOUT_FIELD, "%s|%s|%s", x->label, x->l->name, both);
}

static const char *keep(struct reading *x, const char *text)
{
        const char *kept = arena_text(x->l->arena, str_from(text));

        x->no_memory = x->no_memory || kept == NULL;
        return kept == NULL ? "" : kept;
}

static bool name_valid(const char *name)
{
        size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_");

        return n > 0 && n <= NAME_MAX_BYTES && name[n] == '\0';
}

static void names_read(struct reading *x)
{
        const char *zh = json_text(x->row, "title_zh"), *en = json_text(x->row, "title_en");

        x->f->name = keep(x, json_text(x->row, "field"));
        if (!name_valid(x->f->name))
                wrong(x, ERROR_BOTH("a name has 1 to 40 of a–z, 0–9 and _", "字段名应为1至40个小写字母、数字或下划线"));
        if (zh[0] == '\0' || en[0] == '\0' || strlen(zh) > TITLE_MAX_BYTES || strlen(en) > TITLE_MAX_BYTES)
                wrong(x,
                      ERROR_BOTH("it needs a title of at most 60 bytes in both languages", "须有中英文名称，各不超过60字节"));
        x->f->title[LANG_ZH] = keep(x, zh);
        x->f->title[LANG_EN] = keep(x, en);
}

/* A whole number of a cell, 0 for an empty one. */
static int64_t whole(struct reading *x, const char *column, int64_t lowest, int64_t highest, const char *both)
{
        const char *text = json_text(x->row, column);
        int64_t n = 0;

        if (text[0] == '\0' && lowest == 0)
                return 0;
        if (!text_to_int(str_from(text), &n) || n < lowest || n > highest) {
                wrong(x, both);
                return 0;
        }
        return n;
}

static void place_read(struct reading *x)
{
        struct field *f = x->f;
        bool fixed = x->l->fixed;

        f->order = whole(x, "order", 1, 100000, ERROR_BOTH("order is a number from 1", "order 应为从1起的整数"));
        f->from = (size_t)whole(x, "from", fixed ? 1 : 0, LAYOUT_LINE_BYTES,
                                ERROR_BOTH("from is the number of its first byte, from 1", "from 应为首字节序号，从1起"));
        f->length = (size_t)whole(x, "length", fixed ? 1 : 0, LAYOUT_LINE_BYTES,
                                  ERROR_BOTH("length is a number of bytes up to 8192", "length 应为字节数，最大8192"));
        if (!fixed && f->from > 0)
                wrong(x, ERROR_BOTH("only a file of fixed width has from", "仅定长文件填写 from"));
        if (f->from > 0 && f->from + f->length - 1 > LAYOUT_LINE_BYTES)
                wrong(x, ERROR_BOTH("a record has at most 8192 bytes", "一条记录最多8192字节"));
}

static void padding_read(struct reading *x)
{
        struct field *f = x->f;
        const char *pad = json_text(x->row, "pad"), *fill = json_text(x->row, "fill");

        if (!x->l->fixed) {
                if (pad[0] != '\0' || fill[0] != '\0')
                        wrong(x, ERROR_BOTH("only a file of fixed width pads its fields", "仅定长文件填写 pad 和 fill"));
                return;
        }
        f->pad = is_number(f->type) ? PAD_LEFT : PAD_RIGHT;
        f->fill = is_number(f->type) ? '0' : ' ';
        if (strcmp(pad, "left") == 0)
                f->pad = PAD_LEFT;
        else if (strcmp(pad, "right") == 0)
                f->pad = PAD_RIGHT;
        else if (strcmp(pad, "none") == 0)
                f->pad = PAD_NONE;
        else if (pad[0] != '\0')
                wrong(x, ERROR_BOTH("pad is left, right, or none", "pad 应为 left、right 或 none"));
        if (strcmp(fill, "space") == 0)
                f->fill = ' ';
        else if (fill[0] > ' ' && fill[0] < 0x7f && fill[1] == '\0')
                f->fill = fill[0];
        else if (fill[0] != '\0')
                wrong(x,
                      ERROR_BOTH("fill is one character of ASCII, or the word space", "fill 应为一个 ASCII 字符，或写 space"));
        if (is_number(f->type) && ((f->fill >= '1' && f->fill <= '9') || f->fill == '.'))
                wrong(x, ERROR_BOTH("what fills a number may not change it", "数字的填充字符不得改变数值"));
        if (is_number(f->type) && f->fill == '0' && f->pad == PAD_RIGHT)
                wrong(x, ERROR_BOTH("a number filled with 0 on its right is another number", "数字右侧补0会改变数值"));
        if (is_number(f->type) && f->fill == '0' && !f->required)
                wrong(x, ERROR_BOTH("filled with 0 it must be required: an empty one could not be told from 0",
                                    "以0填充的字段必须必填：否则无法区分空值与0"));
}

/* How long a date of that pattern is, or 0. */
static void pattern_check(struct reading *x)
{
        struct field *f = x->f;

        if (!pattern_valid(f->value, f->type == DATE))
                wrong(x, f->type == DATE ? ERROR_BOTH("value is a pattern with yyyy, MM and dd once each, as yyyyMMdd",
                                                      "value 应为含 yyyy、MM、dd 各一次的格式，如 yyyyMMdd")
                                         : ERROR_BOTH("value is a pattern with yyyy and MM once each, as yyyyMM",
                                                      "value 应为含 yyyy、MM 各一次的格式，如 yyyyMM"));
        else if (f->length > 0 && strlen(f->value) != f->length)
                wrong(x, ERROR_BOTH("the pattern is not as long as the field", "格式长度与字段长度不符"));
}

static void constant_check(struct reading *x)
{
        struct field *f = x->f;
        struct str value = str_from(f->value);
        struct error local = {0};
        struct buf b;

        if (value.n == 0 || !value_clean(value)) {
                wrong(x, ERROR_BOTH("a constant has a value", "常量须填写 value"));
                return;
        }
        buf_init(&b, LAYOUT_LINE_BYTES);
        if (charset_encode(x->l, value, &b, &local) != 0 || (f->length > 0 && b.n > f->length))
                wrong(x, ERROR_BOTH("the constant does not fit its field", "常量超出字段长度"));
        else if (x->l->fixed && f->pad == PAD_NONE && b.n != f->length)
                wrong(x, ERROR_BOTH("the constant does not fill its field, and nothing pads it", "常量未占满字段且未设填充"));
        else if ((f->pad == PAD_LEFT && value.p[0] == f->fill) || (f->pad == PAD_RIGHT && value.p[value.n - 1] == f->fill))
                wrong(x, ERROR_BOTH("the constant has the fill at its padded side", "常量在填充一侧含有填充字符"));
        x->no_memory = x->no_memory || b.no_memory;
        buf_dispose(&b);
}

static bool code_wrong(struct reading *x, const json_t *row, const struct code *codes, size_t n)
{
        const char *code = json_text(row, "code"), *value = json_text(row, "value");
        bool bad = code[0] == '\0' || value[0] == '\0' || !value_clean(str_from(code)) || !value_clean(str_from(value)) ||
                   (x->f->length > 0 && strlen(code) > x->f->length);

        for (size_t i = 0; !bad && i < n; i++)
                bad = strcmp(codes[i].code, code) == 0 || strcmp(codes[i].value, value) == 0;
        return bad;
}

static void codes_read(struct reading *x)
{
        const char *list = json_text(x->row, "codes");
        size_t n = 0, rows = json_array_size(x->codes), i;
        struct code *codes;
        json_t *row;

        if (list[0] == '\0')
                return;
        if (x->f->type != TEXT && x->f->type != DIGITS) {
                wrong(x, ERROR_BOTH("only text and digits have a list of codes", "仅 text 和 digits 类型可用代码表"));
                return;
        }
        codes = arena_array(x->l->arena, rows + 1, sizeof(*codes));
        if (codes == NULL) {
                x->no_memory = true;
                return;
        }
        json_array_foreach(x->codes, i, row)
        {
                if (strcmp(json_text(row, "list"), list) != 0)
                        continue;
                if (code_wrong(x, row, codes, n))
                        tell(x->t, "layout_codes.csv", (size_t)json_int_or(row, "line", 0), SB_LAYOUT_CODE, "%.40s|%.60s|%.60s",
                             list, json_text(row, "code"), json_text(row, "value"));
                codes[n++] = (struct code){keep(x, json_text(row, "code")), keep(x, json_text(row, "value"))};
        }
        if (n == 0)
                wrong(x, ERROR_BOTH("its list of codes has no rows in layout_codes.csv",
                                    "其代码表在 layout_codes.csv 中没有内容"));
        x->f->codes = codes;
}

static void type_read(struct reading *x)
{
        const char *type = json_text(x->row, "type");
        struct field *f = x->f;

        while (f->type < TYPES && strcmp(type_names[f->type], type) != 0)
                f->type++;
        if (f->type == TYPES) {
                wrong(x,
                      ERROR_BOTH("type is one of text, digits, fen, yuan, date, month, constant, count, sum, hash, sequence",
                                 "type 应为 text、digits、fen、yuan、date、month、constant、count、sum、hash、sequence 之一"));
                f->type = TEXT;
                return;
        }
        f->value = keep(x, json_text(x->row, "value"));
        if ((f->type == COUNT || f->type == SUM || f->type == HASH) && x->record == LINE)
                wrong(x, ERROR_BOTH("totals stand in the header or the trailer", "合计类字段只能位于首记录或尾记录"));
        if (f->type == SEQUENCE && x->record != LINE)
                wrong(x, ERROR_BOTH("only lines are numbered", "仅明细可编序号"));
        if (f->type == HASH && (f->length < 1 || f->length > HASH_DIGITS))
                wrong(x, ERROR_BOTH("a hash total has a length of 1 to 18 digits", "校验合计的长度应为1至18位"));
}

static void required_read(struct reading *x)
{
        const char *word = json_text(x->row, "required");

        x->f->required = is_own(x->f->type) || strcmp(word, "yes") == 0;
        if (strcmp(word, "yes") != 0 && strcmp(word, "no") != 0)
                wrong(x, ERROR_BOTH("required is yes or no", "required 应为 yes 或 no"));
}

static void field_read(struct reading *x)
{
        names_read(x);
        place_read(x);
        type_read(x);
        required_read(x);
        padding_read(x);
        if (x->f->type == DATE || x->f->type == MONTH)
                pattern_check(x);
        if (x->f->type == CONSTANT)
                constant_check(x);
        codes_read(x);
}

static int by_order(const void *a, const void *b)
{
        const struct field *x = a, *y = b;

        return x->order != y->order ? (x->order < y->order ? -1 : 1) : (x->row > y->row) - (x->row < y->row);
}

int fields_read(struct layout *l, const json_t *fields, const json_t *codes, struct telling *t, struct error *err)
{
        json_t *row;
        size_t i;

        for (enum record r = HEADER; r < RECORDS; r++)
                if ((l->fields[r] = arena_array(l->arena, FIELDS_MAX, sizeof(struct field))) == NULL)
                        return error_raise(err, SB_MEMORY, "%s", "");
        json_array_foreach(fields, i, row)
        {
                struct reading x = {
                    .l = l, .t = t, .row = row, .codes = codes, .record = record_named(json_text(row, "record"))};
                size_t line = (size_t)json_int_or(row, "line", 0);
                char label[NAME_MAX_BYTES + 1];

                if (strcmp(json_text(row, "layout"), l->name) != 0)
                        continue;
                x.label = text_copy(label, sizeof(label), str_from(json_text(row, "field")));
                if (x.record == RECORDS) {
                        tell(t, TABLE, line, SB_LAYOUT_FIELD, "%s|%s|%s", x.label, l->name,
                             ERROR_BOTH("record is header, line, or trailer", "record 应为 header、line 或 trailer"));
                        continue;
                }
                if (l->count[x.record] == FIELDS_MAX)
                        return error_raise(err, SB_LIMIT, "%s|%d", l->name, FIELDS_MAX);
                x.f = &l->fields[x.record][l->count[x.record]++];
                *x.f = (struct field){.name = "", .value = "", .title = {"", ""}, .row = line};
                field_read(&x);
                if (x.no_memory)
                        return error_raise(err, SB_MEMORY, "%s", "");
        }
        for (enum record r = HEADER; r < RECORDS; r++)
                qsort(l->fields[r], l->count[r], sizeof(struct field), by_order);
        return 0;
}
