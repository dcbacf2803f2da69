/* SPDX-License-Identifier: Apache-2.0 */
#include "base/csv.h"
#include "testing.h"

#include <stdlib.h>
#include <string.h>

/* All records as "a|b;c|d;", or the error's name and place. */
static char *flatten_as(const char *text, size_t n, enum csv_encoding enc)
{
        static char out[4096];
        struct csv_reader *r;
        struct error err = {0};
        const struct str *f;
        size_t count, used = 0;
        int rc;
        assert_ok(csv_open_text(&r, (struct str){text, n}, enc, &err), err);
        while ((rc = csv_next(r, &f, &count, &err)) == 1) {
                for (size_t i = 0; i < count; i++)
                        used += (size_t)snprintf(out + used, sizeof out - used, "%s%.*s", i ? "|" : "", (int)f[i].n, f[i].p);
                used += (size_t)snprintf(out + used, sizeof out - used, ";");
        }
        if (rc < 0) {
                char name[8];
                snprintf(out, sizeof out, "%s@%s", error_name(err.code, name), err.where);
                error_clear(&err);
                assert_int_equal(csv_next(r, &f, &count, &err), ERR);
        } else {
                out[used] = '\0';
        }
        csv_close(r);
        return out;
}

static char *flatten(const char *text)
{
        return flatten_as(text, strlen(text), CSV_UTF8);
}

static void reads_rfc_4180(void **state)
{
        (void)state;
        assert_string_equal(flatten("a,b\r\nc,d\r\n"), "a|b;c|d;");
        assert_string_equal(flatten("a,b\nc,d"), "a|b;c|d;");
        assert_string_equal(flatten("\"a\",\"b\"\"c\",\"d,e\"\n"), "a|b\"c|d,e;");
        assert_string_equal(flatten("\"x\r\ny\",2\n"), "x\r\ny|2;");
        assert_string_equal(flatten(",\n,,"), "|;||;");
        assert_string_equal(flatten("\xEF\xBB\xBFname\n养老\n"), "name;养老;");
        assert_string_equal(flatten("\xEF\xBB\xBF"), "");
        assert_string_equal(flatten(""), "");
        assert_string_equal(flatten("\n\r\na\n\n"), "a;");
        assert_string_equal(flatten("\"\"\n"), ";");
        assert_string_equal(flatten(" a , b \n"), " a | b ;");
        assert_string_equal(flatten("a,\""
                                    "\""),
                            "a|;");
}

static void says_what_is_malformed_and_where(void **state)
{
        (void)state;
        assert_string_equal(flatten("a\nb\"c\n"), "SB-0011@2");
        assert_string_equal(flatten("a\n\"b\"c\n"), "SB-0011@2");
        assert_string_equal(flatten("a\n\"b\nc\nd"), "SB-0011@4");
        assert_string_equal(flatten("a\rb\n"), "SB-0011@1");
        assert_string_equal(flatten("a\r"), "SB-0011@1");
        assert_string_equal(flatten("a\n\xFF\n"), "SB-0004@2");
        /* Halves of a character in two fields are not a character. */
        assert_string_equal(flatten("\xE5\x85,\xBB\n"), "SB-0004@1");
        assert_string_equal(flatten_as("a\0b\n", 4, CSV_UTF8), "SB-0004@1");
}

static void reads_gb18030(void **state)
{
        (void)state;
        assert_string_equal(flatten_as("\xD1\xF8,\xFE\x9F\r\n", 7, CSV_GB18030), "养|䶮;");
        assert_string_equal(flatten_as("a\n\xD1", 3, CSV_GB18030), "SB-0004@2");
        assert_string_equal(flatten_as("a\n\xFF\xFF\n", 5, CSV_GB18030), "SB-0004@2");
}

/* Long enough that blocks end at every place of a two-byte, three-byte and four-byte sequence. */
static void reads_streams_of_many_blocks(void **state)
{
        (void)state;
        struct error err = {0};
        for (int enc = CSV_UTF8; enc <= CSV_GB18030; enc++) {
                FILE *f = tmpfile();
                struct buf line, gb;
                buf_init(&line, 200);
                buf_init(&gb, 200);
                for (int i = 0; i < 20000; i++) {
                        buf_clear(&line);
                        buf_clear(&gb);
                        buf_add_format(&line, "%d,\"养\"\"老\n𬭚\",é%s\r\n", i, i % 5 ? "" : "x");
                        assert_ok(text_to_gb18030(&gb, (struct str){line.p, line.n}, &err), err);
                        struct buf *b = enc == CSV_UTF8 ? &line : &gb;
                        assert_int_equal(fwrite(b->p, 1, b->n, f), b->n);
                }
                rewind(f);
                struct csv_reader *r;
                const struct str *field;
                size_t count;
                assert_ok(csv_open_file(&r, f, (enum csv_encoding)enc, &err), err);
                for (int i = 0; i < 20000; i++) {
                        char number[16];
                        assert_int_equal(csv_next(r, &field, &count, &err), 1);
                        assert_int_equal(count, 3);
                        assert_true(str_is(field[0], text_format(number, sizeof number, "%d", i)));
                        assert_true(str_is(field[1], "养\"老\n𬭚"));
                        assert_true(str_is(field[2], i % 5 ? "é" : "éx"));
                        assert_int_equal(csv_line(r), 2 * i + 1);
                }
                assert_int_equal(csv_next(r, &field, &count, &err), 0);
                assert_int_equal(csv_next(r, &field, &count, &err), 0);
                csv_close(r);
                fclose(f);
                buf_dispose(&line);
                buf_dispose(&gb);
        }
        csv_close(NULL);
}

static void keeps_to_its_limits(void **state)
{
        (void)state;
        const size_t most = (size_t)1 << 20;
        char *text = malloc(most + 2);
        memset(text, 'x', most + 2);
        text[most] = '\n';
        struct csv_reader *r;
        struct error err = {0};
        const struct str *f;
        size_t count;
        assert_ok(csv_open_text(&r, (struct str){text, most + 1}, CSV_UTF8, &err), err);
        assert_int_equal(csv_next(r, &f, &count, &err), 1);
        assert_int_equal(f[0].n, most);
        csv_close(r);
        text[most] = 'x';
        text[most + 1] = '\n';
        assert_ok(csv_open_text(&r, (struct str){text, most + 2}, CSV_UTF8, &err), err);
        assert_error(csv_next(r, &f, &count, &err), err, SB_LIMIT);
        csv_close(r);
        memset(text, ',', 5000);
        text[4095] = '\n';
        assert_ok(csv_open_text(&r, (struct str){text, 5000}, CSV_UTF8, &err), err);
        assert_int_equal(csv_next(r, &f, &count, &err), 1);
        assert_int_equal(count, 4096);
        csv_close(r);
        text[4095] = ',';
        assert_ok(csv_open_text(&r, (struct str){text, 5000}, CSV_UTF8, &err), err);
        assert_error(csv_next(r, &f, &count, &err), err, SB_LIMIT);
        csv_close(r);
        free(text);
}

static void knows_its_header(void **state)
{
        (void)state;
        struct csv_reader *r;
        struct error err = {0};
        const struct str *f;
        size_t count;
        assert_ok(csv_open_text(&r, STR("\xEF\xBB\xBFkey, value ,source\na,1,x\nb,2\nc,3,z,\nd,4,y\n"), CSV_UTF8, &err), err);
        assert_int_equal(csv_column(r, "key"), -1);
        assert_ok(csv_header(r, &err), err);
        assert_int_equal(csv_column(r, "key"), 0);
        assert_int_equal(csv_column(r, "value"), 1);
        assert_int_equal(csv_column(r, "none"), -1);
        assert_int_equal(csv_columns(r), 3);
        assert_string_equal(csv_column_name(r, 2), "source");
        assert_int_equal(csv_next(r, &f, &count, &err), 1);
        assert_int_equal(csv_next(r, &f, &count, &err), ERR);
        assert_int_equal(err.code, SB_CSV_SYNTAX);
        assert_string_equal(err.where, "3");
        assert_int_equal(count, 2);
        assert_true(str_is(f[0], "b"));
        assert_error(csv_next(r, &f, &count, &err), err, SB_CSV_SYNTAX);
        assert_int_equal(csv_next(r, &f, &count, &err), 1);
        assert_true(str_is(f[2], "y"));
        csv_close(r);
        assert_ok(csv_open_text(&r, STR("a,b,a\n"), CSV_UTF8, &err), err);
        assert_error(csv_header(r, &err), err, SB_CSV_SYNTAX);
        csv_close(r);
        assert_ok(csv_open_text(&r, STR(""), CSV_UTF8, &err), err);
        assert_error(csv_header(r, &err), err, SB_CSV_SYNTAX);
        csv_close(r);
}

static void writes_what_it_reads(void **state)
{
        (void)state;
        static const char *const fields[] = {"plain", "", "a,b", "say \"hi\"", "\"", "two\r\nlines", "养老", " x "};
        struct buf b;
        buf_init(&b, 1000);
        for (size_t i = 0; i < 8; i++)
                csv_put(&b, i == 0, str_from(fields[i]));
        csv_end(&b);
        csv_put(&b, true, STR(""));
        csv_end(&b);
        csv_put(&b, true, STR("z"));
        csv_end(&b);
        assert_string_equal(buf_text(&b), "plain,,\"a,b\",\"say \"\"hi\"\"\",\"\"\"\",\"two\r\nlines\",养老, x \r\n"
                                          "\"\"\r\nz\r\n");
        assert_string_equal(flatten(buf_text(&b)), "plain||a,b|say \"hi\"|\"|two\r\nlines|养老| x ;;z;");
        buf_clear(&b);
        csv_put(&b, true, STR("\xEF\xBB\xBF"));
        csv_end(&b);
        assert_string_equal(flatten(buf_text(&b)), "\xEF\xBB\xBF;");
        buf_dispose(&b);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(reads_rfc_4180),       cmocka_unit_test(says_what_is_malformed_and_where),
            cmocka_unit_test(reads_gb18030),        cmocka_unit_test(reads_streams_of_many_blocks),
            cmocka_unit_test(keeps_to_its_limits),  cmocka_unit_test(knows_its_header),
            cmocka_unit_test(writes_what_it_reads),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
