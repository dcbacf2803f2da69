/* SPDX-License-Identifier: Apache-2.0
 *
 * File layouts: what is written is read back equal, whatever the layout and the values; what is damaged is told with its place.
 */
#include "testing.h"

#include "base/csv.h"
#include "base/rng.h"
#include "engine/layout/layout.h"

#include <stdlib.h>
#include <string.h>

#define COLUMNS "layout,record,order,field,title_zh,title_en,from,length,type,value,pad,fill,required,codes"

/* Rows as the pack gives them, from a text of CSV. */
static json_t *rows(const char *text)
{
        struct error err = {0};
        struct csv_reader *csv = NULL;
        const struct str *fields;
        size_t n;
        json_t *all = json_array();
        int rc;

        assert_ok(csv_open_text(&csv, str_from(text), CSV_UTF8, &err), err);
        assert_ok(csv_header(csv, &err), err);
        while ((rc = csv_next(csv, &fields, &n, &err)) == 1) {
                json_t *row = json_object();
                for (size_t i = 0; i < n; i++)
                        json_object_set_new(row, csv_column_name(csv, i), json_stringn(fields[i].p, fields[i].n));
                json_object_set_new(row, "line", json_integer((json_int_t)csv_line(csv)));
                json_array_append_new(all, row);
        }
        assert_int_equal(rc, 0);
        csv_close(csv);
        return all;
}

#define LAYOUTS(kind, charset, delimiter, quote, decimal)                                                                      \
        "layout,title_zh,title_en,kind,charset,delimiter,quote,line_end,decimal\nx,甲,X," kind "," charset "," delimiter       \
        "," quote ",crlf," decimal "\n"
#define FIXED_FIELDS                                                                                                           \
        COLUMNS                                                                                                                \
        "\nx,header,1,mark,标志,Mark,1,1,constant,H,,,yes,\nx,header,2,lines,笔数,Lines,2,4,count,,,,yes,\n"               \
        "x,header,3,total,合计,Total,6,12,sum,amount,,,yes,\nx,line,1,mark,标志,Mark,1,1,constant,D,,,yes,\n"              \
        "x,line,2,number,序号,Number,2,4,sequence,,,,yes,\nx,line,3,name,姓名,Name,6,10,text,,,,yes,\n"                    \
        "x,line,4,account,账号,Account,16,10,digits,,right,space,yes,\nx,line,5,amount,金额,Amount,26,10,yuan,,,,yes,\n"   \
        "x,line,6,day,日期,Day,36,8,date,yyyyMMdd,,,no,\nx,line,7,state,状态,State,44,2,text,,,,no,states\n"               \
        "x,trailer,1,mark,标志,Mark,1,1,constant,T,,,yes,\nx,trailer,2,hash,校验,Hash,2,6,hash,account,,,yes,\n"
#define CODES "list,code,value,title_zh,title_en\nstates,00,paid,成功,Paid\nstates,41,AC04,销户,Closed\n"

static struct layout *made(const char *layouts, const char *fields)
{
        struct error err = {0};
        struct layout *l = NULL;
        json_t *a = rows(layouts), *b = rows(fields), *c = rows(CODES);

        assert_ok(layout_new(&l, "x", a, b, c, NULL, NULL, &err), err);
        json_decref(a);
        json_decref(b);
        json_decref(c);
        return l;
}

static json_t *two_lines(void)
{
        json_t *v = json_pack("{s:{},s:[{s:s,s:s,s:I,s:s,s:s},{s:s,s:s,s:I}],s:{}}", "header", "lines", "name", "张三",
                              "account", "6200000001", "amount", (json_int_t)123450, "day", "2026-11-29", "state", "AC04",
                              "name", "欧阳娜娜甲", "account", "9", "amount", (json_int_t)5, "trailer");

        assert_non_null(v);
        return v;
}

#define GB_ZHANG "\xd5\xc5\xc8\xfd"
#define GB_OUYANG "\xc5\xb7\xd1\xf4\xc4\xc8\xc4\xc8\xbc\xd7"
#define FIXED_FILE                                                                                                             \
        "H0002000001234.55\r\nD0001" GB_ZHANG "      62000000010001234.502026112941\r\n"                                       \
        "D0002" GB_OUYANG "9         0000000.05          \r\nT000010\r\n"

static void fixed_bytes_are_those(void **state)
{
        struct error err = {0};
        struct layout *l = made(LAYOUTS("fixed", "gb18030", "", "", "point"), FIXED_FIELDS);
        json_t *values = two_lines(), *again = NULL;
        struct buf out;

        (void)state;
        buf_init(&out, 4096);
        assert_ok(layout_write(l, values, &out, &err), err);
        assert_string_equal(buf_text(&out), FIXED_FILE);
        assert_ok(layout_read(l, (struct str){out.p, out.n}, &again, NULL, NULL, &err), err);
        assert_int_equal(json_integer_value(json_object_get(json_object_get(again, "header"), "total")), 123455);
        assert_int_equal(json_integer_value(json_object_get(json_object_get(again, "trailer"), "hash")), 10);
        json_t *one = json_array_get(json_object_get(again, "lines"), 0),
               *two = json_array_get(json_object_get(again, "lines"), 1);
        assert_string_equal(json_text(one, "name"), "张三");
        assert_string_equal(json_text(one, "day"), "2026-11-29");
        assert_string_equal(json_text(one, "state"), "AC04");
        assert_int_equal(json_integer_value(json_object_get(one, "amount")), 123450);
        assert_int_equal(json_integer_value(json_object_get(two, "number")), 2);
        assert_null(json_object_get(two, "day"));
        json_decref(again);
        json_decref(values);
        buf_dispose(&out);
        layout_free(l);
}

static void expect(const struct layout *l, const char *file, enum error_code code, const char *where)
{
        struct error err = {0};
        json_t *out = NULL;

        assert_int_equal(layout_read(l, str_from(file), &out, NULL, NULL, &err), ERR);
        assert_null(out);
        assert_int_equal(err.code, code);
        assert_string_equal(err.where, where);
}

static void damage_is_told_with_its_place(void **state)
{
        struct layout *l = made(LAYOUTS("fixed", "gb18030", "", "", "point"), FIXED_FIELDS);

        (void)state;
#define ONE "D0001" GB_ZHANG "      62000000010001234.502026112941\r\n"
        expect(l, "", SB_LAYOUT_MISSING, "1:1");
        expect(l, "H0001000001234.50\r\n" ONE, SB_LAYOUT_MISSING, "2:1");
        expect(l, ONE "T000001\r\n", SB_LAYOUT_MISSING, "2:1");
        expect(l, "H0001000001234.50\r\nX\r\nT000001\r\n", SB_LAYOUT_RECORD, "2:1");
        expect(l, "H0001000001234.50\r\n" ONE "T000001\r\nT000001\r\n", SB_LAYOUT_RECORD, "3:1");
        expect(l, "H0001000001234.50\r\nD0001" GB_ZHANG "     62000000010001234.502026112941\r\nT000001\r\n", SB_LAYOUT_WIDTH,
               "2:45");
        expect(l, "H0001000001234.50\r\nD0001\xd5\xff        62000000010001234.502026112941\r\nT000001\r\n", SB_LAYOUT_CHARSET,
               "2:6");
        expect(l, "H0001000001234.50\r\nD0001" GB_ZHANG "      620000000100012x4.502026112941\r\nT000001\r\n", SB_LAYOUT_VALUE,
               "2:26");
        expect(l, "H0001000001234.50\r\nD0001" GB_ZHANG "      62000000010001234.502026022941\r\nT000001\r\n", SB_LAYOUT_VALUE,
               "2:36");
        expect(l, "H0001000001234.50\r\nD0001" GB_ZHANG "      62000000010001234.502026112942\r\nT000001\r\n", SB_LAYOUT_VALUE,
               "2:44");
        expect(l, "H0001000001234.50\r\nD0001          62000000010001234.502026112941\r\nT000001\r\n", SB_LAYOUT_EMPTY, "2:6");
        expect(l, "H0001000001234.50\r\nD0002" GB_ZHANG "      62000000010001234.502026112941\r\nT000001\r\n", SB_LAYOUT_TOTAL,
               "2:2");
        expect(l, "H0002000001234.50\r\n" ONE "T000001\r\n", SB_LAYOUT_TOTAL, "1:2");
        expect(l, "H0001000001234.51\r\n" ONE "T000001\r\n", SB_LAYOUT_TOTAL, "1:6");
        expect(l, "H0001000001234.50\r\n" ONE "T000002\r\n", SB_LAYOUT_TOTAL, "3:2");
        layout_free(l);
}

static void what_does_not_fit_is_refused(void **state)
{
        static const struct {
                const char *name, *account;
                json_int_t amount;
                enum error_code code;
        } cases[] = {
            {"张三张三张三", "1", 1, SB_LAYOUT_FIT}, {"甲 ", "1", 1, SB_LAYOUT_VALUE},        {"甲\n", "1", 1, SB_LAYOUT_VALUE},
            {"甲", "1x", 1, SB_LAYOUT_VALUE},        {"", "1", 1, SB_LAYOUT_EMPTY},           {"甲", "1", -1, SB_LAYOUT_VALUE},
            {"甲", "1", 1000000000, SB_LAYOUT_FIT},  {"甲", "12345678901", 1, SB_LAYOUT_FIT},
        };
        struct layout *l = made(LAYOUTS("fixed", "gb18030", "", "", "point"), FIXED_FIELDS);

        (void)state;
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
                struct error err = {0};
                struct buf out;
                json_t *v = json_pack("{s:[{s:s,s:s,s:I}]}", "lines", "name", cases[i].name, "account", cases[i].account,
                                      "amount", cases[i].amount);
                buf_init(&out, 4096);
                assert_error(layout_write(l, v, &out, &err), err, cases[i].code);
                buf_dispose(&out);
                json_decref(v);
        }
        layout_free(l);
}

/* --- any layout, any values --------------------------------------------------------------------------------------------------- */

static const char *const words[] = {"甲", "张三", "x", "|", "\"", "a b", "0", "𠮷", "é", "-", ",", "丗", "李·阿"};

static json_t *random_text(struct rng *r, bool digits)
{
        struct buf b;
        json_t *s;

        buf_init(&b, 256);
        for (uint32_t i = 1 + rng_below(r, 4); i > 0; i--)
                buf_add_text(&b, digits ? (const char *[]){"1", "70", "93", "5"}[rng_below(r, 4)]
                                        : words[rng_below(r, sizeof words / sizeof words[0])]);
        s = json_string(buf_text(&b));
        buf_dispose(&b);
        return s;
}

struct plan {
        struct buf fields;
        const char *types[8];
        bool required[8];
        uint32_t n;
        bool fixed;
};

static void plan_make(struct plan *p, struct rng *r)
{
        static const char *const types[] = {"text", "digits", "fen", "yuan", "date", "month"};
        size_t from = 1;

        buf_init(&p->fields, 8192);
        buf_add_text(&p->fields, COLUMNS "\n");
        p->n = 1 + rng_below(r, 8);
        for (uint32_t i = 0; i < p->n; i++) {
                const char *type = p->types[i] = types[rng_below(r, 6)];
                const char *value = strcmp(type, "date") == 0 ? "yyyy/MM/dd" : strcmp(type, "month") == 0 ? "yyyyMM" : "";
                bool number = strcmp(type, "digits") == 0 || strcmp(type, "fen") == 0 || strcmp(type, "yuan") == 0;
                bool space = rng_below(r, 2) == 0;
                size_t length = *value ? strlen(value) : 4 + rng_below(r, 20);
                char place[48] = ",";
                p->required[i] = (number && !space && p->fixed) || rng_below(r, 2) == 0;
                if (p->fixed)
                        snprintf(place, sizeof place, "%zu,%zu", from, length);
                from += length;
                buf_add_format(&p->fields, "x,line,%u,f%u,字段,Field,%s,%s,%s,%s,%s,%s,\n", i + 1, i, place, type, value,
                               p->fixed && rng_below(r, 2) ? "left" : "", p->fixed && number && space ? "space" : "",
                               p->required[i] ? "yes" : "no");
        }
        buf_add_text(&p->fields, p->fixed ? "x,trailer,1,lines,笔数,Lines,1,6,count,,,,yes,\n"
                                          : "x,trailer,1,lines,笔数,Lines,,,count,,,,yes,\n");
}

static json_t *random_value(const struct plan *p, uint32_t i, struct rng *r)
{
        if (strcmp(p->types[i], "text") == 0 || strcmp(p->types[i], "digits") == 0)
                return random_text(r, p->types[i][0] == 'd');
        if (strcmp(p->types[i], "date") == 0)
                return json_sprintf("20%02u-%02u-%02u", rng_below(r, 90) + 10, 1 + rng_below(r, 12), 1 + rng_below(r, 28));
        if (strcmp(p->types[i], "month") == 0)
                return json_sprintf("20%02u-%02u", rng_below(r, 90) + 10, 1 + rng_below(r, 12));
        return json_integer(rng_between(r, 0, rng_below(r, 3) ? 99999 : 5));
}

static void written_is_read_equal(void **state)
{
        struct rng r = rng_new(7, 3);
        int written = 0, refused = 0;

        (void)state;
        for (int round = 0; round < 3000; round++) {
                struct plan p = {.fixed = rng_below(&r, 2) == 0};
                struct error err = {0};
                bool gb = rng_below(&r, 2) == 0;
                struct buf out;
                json_t *lines = json_array(), *values, *again = NULL;
                plan_make(&p, &r);
                struct layout *l = made(
                    p.fixed ? (gb ? LAYOUTS("fixed", "gb18030", "", "", "point") : LAYOUTS("fixed", "utf-8", "", "", "point"))
                    : gb    ? LAYOUTS("delimited", "gb18030", "|", "", "point")
                            : LAYOUTS("delimited", "utf-8", "\",\"", "\"\"\"\"", "point"),
                    buf_text(&p.fields));
                for (uint32_t k = rng_below(&r, 4); k > 0; k--) {
                        json_t *line = json_object();
                        for (uint32_t i = 0; i < p.n; i++) {
                                char name[16];
                                snprintf(name, sizeof name, "f%u", i);
                                if (p.required[i] || rng_below(&r, 2))
                                        json_object_set_new(line, name, random_value(&p, i, &r));
                        }
                        json_array_append_new(lines, line);
                }
                values = json_pack("{s:{},s:o,s:{}}", "header", "lines", lines, "trailer");
                buf_init(&out, 65536);
                if (layout_write(l, values, &out, &err) == 0) {
                        assert_ok(layout_read(l, (struct str){out.p, out.n}, &again, NULL, NULL, &err), err);
                        assert_int_equal(json_integer_value(json_object_get(json_object_get(again, "trailer"), "lines")),
                                         json_array_size(lines));
                        json_object_clear(json_object_get(again, "trailer"));
                        if (!json_equal(values, again))
                                fail_msg("round %d: %s became %s", round, json_dumps(values, 0), json_dumps(again, 0));
                        json_decref(again);
                        written++;
                } else {
                        assert_true(err.code == SB_LAYOUT_FIT || err.code == SB_LAYOUT_VALUE);
                        refused++;
                }
                json_decref(values);
                buf_dispose(&out);
                buf_dispose(&p.fields);
                layout_free(l);
        }
        assert_true(written > 500);
        assert_true(refused > 100);
}

/* --- declarations --------------------------------------------------------------------------------------------------------------- */

static void declared_wrongly(const char *layouts, const char *fields, enum error_code code, const char *where)
{
        struct error err = {0};
        struct layout *l = NULL;
        json_t *a = rows(layouts), *b = rows(fields), *c = rows(CODES);

        assert_int_equal(layout_new(&l, "x", a, b, c, NULL, NULL, &err), ERR);
        assert_null(l);
        if (err.code != code || strcmp(err.where, where) != 0) {
                char text[600];
                fail_msg("%s, not %d at %s", error_text(&err, LANG_EN, text, sizeof text), (int)code, where);
        }
        json_decref(a);
        json_decref(b);
        json_decref(c);
}

static void declarations_are_judged(void **state)
{
        const char *fixed = LAYOUTS("fixed", "gb18030", "", "", "point"),
                   *cut = LAYOUTS("delimited", "utf-8", "|", "", "point");

        (void)state;
#define F(row) COLUMNS "\nx,line,1,a,甲,A,1,4,text,,,,yes,\n" row "\n"
        declared_wrongly(fixed, F("x,line,2,b,乙,B,4,4,text,,,,yes,"), SB_LAYOUT_OVERLAP, "layout_fields.csv:3");
        declared_wrongly(fixed, F("x,line,2,b,乙,B,6,4,text,,,,yes,"), SB_LAYOUT_GAP, "layout_fields.csv:3");
        declared_wrongly(fixed, F("x,line,2,b,乙,B,5,4,number,,,,yes,"), SB_LAYOUT_FIELD, "layout_fields.csv:3");
        declared_wrongly(fixed, F("x,line,2,a,乙,B,5,4,text,,,,yes,"), SB_LAYOUT_FIELD, "layout_fields.csv:3");
        declared_wrongly(fixed, F("x,line,2,b,乙,B,5,4,constant,ABCDE,,,yes,"), SB_LAYOUT_FIELD, "layout_fields.csv:3");
        declared_wrongly(fixed, F("x,trailer,1,b,乙,B,1,4,sum,c,,,yes,"), SB_LAYOUT_FIELD, "layout_fields.csv:3");
        declared_wrongly(fixed, F("x,trailer,1,b,乙,B,1,4,sum,a,,,yes,"), SB_LAYOUT_FIELD, "layout_fields.csv:3");
        declared_wrongly(fixed, F("x,line,2,b,乙,B,5,4,fen,,,,no,"), SB_LAYOUT_FIELD, "layout_fields.csv:3");
        declared_wrongly(fixed, F("x,line,2,b,乙,B,5,4,text,,,,yes,nolist"), SB_LAYOUT_FIELD, "layout_fields.csv:3");
        declared_wrongly(fixed, F("x,line,2,b,乙,B,5,1,text,,,,yes,states"), SB_LAYOUT_CODE, "layout_codes.csv:2");
        declared_wrongly(cut, F(""), SB_LAYOUT_FIELD, "layout_fields.csv:2");
        declared_wrongly(LAYOUTS("delimited", "utf-8", "", "", "point"), F(""), SB_LAYOUT_DECLARED, "layouts.csv:2");
        declared_wrongly(LAYOUTS("fixed", "big5", "", "", "point"), F(""), SB_LAYOUT_DECLARED, "layouts.csv:2");
        declared_wrongly(fixed, COLUMNS "\n", SB_LAYOUT_DECLARED, "layouts.csv");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(fixed_bytes_are_those),        cmocka_unit_test(damage_is_told_with_its_place),
            cmocka_unit_test(what_does_not_fit_is_refused), cmocka_unit_test(written_is_read_equal),
            cmocka_unit_test(declarations_are_judged),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
