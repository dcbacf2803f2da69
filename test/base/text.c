/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "testing.h"

#include <stdlib.h>
#include <string.h>

static void compares_slices(void **state)
{
        (void)state;
        assert_true(str_equal(str_from(NULL), str_from("")));
        assert_true(str_equal((struct str){NULL, 0}, STR("")));
        assert_true(str_is(STR("ab"), "ab"));
        assert_false(str_is(STR("ab"), "abc"));
        assert_int_equal(str_compare(STR("a"), STR("b")), -1);
        assert_int_equal(str_compare(STR("ab"), STR("a")), 1);
        assert_int_equal(str_compare(STR("\x7f"), STR("\x80")), -1);
        assert_int_equal(str_compare(STR(""), (struct str){NULL, 0}), 0);
        assert_true(str_is(str_trim(STR(" \t a b\r\n")), "a b"));
        assert_int_equal(str_trim(STR(" \n")).n, 0);
}

static void a_buffer_is_overwritten_before_it_is_given_up(void **state)
{
        (void)state;
        struct buf b;

        buf_init(&b, 1000);
        buf_wipe(&b); /* nothing was ever in it */
        assert_null(b.p);
        buf_add_text(&b, "secret");
        buf_wipe(&b);
        assert_null(b.p);
        assert_int_equal(b.n, 0);
        assert_int_equal(b.cap, 0);
        buf_add_text(&b, "again"); /* as after buf_dispose */
        assert_string_equal(buf_text(&b), "again");
        buf_dispose(&b);
}

static void never_cuts_a_character(void **state)
{
        (void)state;
        static const char text[] = "a养𬭚é";
        static const size_t whole[] = {0, 1, 1, 1, 4, 4, 4, 4, 8, 8, 10, 10};
        char out[16];
        for (size_t size = 1; size <= sizeof whole / sizeof whole[0]; size++) {
                text_copy(out, size, str_from(text));
                assert_int_equal(strlen(out), whole[size - 1]);
                text_format(out, size, "%s", text);
                assert_int_equal(strlen(out), whole[size - 1]);
        }
}

static void decodes_only_valid_utf8(void **state)
{
        (void)state;
        static const char *const bad[] = {"\x80",
                                          "\xC0\x80",
                                          "\xC1\xBF",
                                          "\xE0\x80\x80",
                                          "\xE0\x9F\xBF",
                                          "\xED\xA0\x80",
                                          "\xF0\x80\x80\x80",
                                          "\xF4\x90\x80\x80",
                                          "\xF5\x80\x80\x80",
                                          "\xC3",
                                          "\xE4\xBD",
                                          "\xF0\xA0\x80",
                                          "\xFF",
                                          "\xC3\x28",
                                          "\xE4\x28\xA0"};
        struct error err = {0};
        for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
                size_t at = 0;
                assert_int_equal(utf8_next(str_from(bad[i]), &at), -1);
                assert_int_equal(at, 0);
                assert_error(utf8_check(str_from(bad[i]), &err), err, SB_NOT_UTF8);
        }
        assert_int_equal(utf8_check((struct str){"ab\0c", 4}, &err), ERR);
        assert_string_equal(err.args, "UTF-8\x1f"
                                      "3");
        error_clear(&err);
        assert_ok(utf8_check(STR("养老 𬭚䶮 \xF4\x8F\xBF\xBF"), &err), err);
        assert_int_equal(utf8_length(STR("养老𬭚䶮")), 4);
}

static void every_code_point_goes_round(void **state)
{
        (void)state;
        for (uint32_t c = 1; c <= 0x10FFFF; c++) {
                if (c == 0xD800)
                        c = 0xE000;
                char out[4];
                size_t at = 0, n = utf8_put(out, c);
                if (utf8_next((struct str){out, n}, &at) != (int32_t)c || at != n)
                        fail_msg("U+%04X", c);
        }
}

static void a_buffer_stops_at_its_limit(void **state)
{
        (void)state;
        struct buf b;
        struct error err = {0};
        buf_init(&b, 10);
        assert_string_equal(buf_text(&b), "");
        buf_add_text(&b, "123456789");
        buf_add_char(&b, '0');
        assert_ok(buf_check(&b, &err), err);
        assert_string_equal(buf_text(&b), "1234567890");
        buf_add_char(&b, 'x');
        assert_true(b.failed);
        assert_null(b.p);
        buf_add_text(&b, "y");
        assert_string_equal(buf_text(&b), "");
        assert_error(buf_check(&b, &err), err, SB_LIMIT);
        assert_null(buf_take(&b, NULL));
        buf_clear(&b);
        buf_add_text(&b, "again");
        assert_ok(buf_check(&b, &err), err);
        buf_dispose(&b);
        buf_dispose(&b);
}

static void a_buffer_formats_and_hands_over(void **state)
{
        (void)state;
        struct buf b;
        buf_init(&b, 100000);
        for (int i = 0; i < 50; i++)
                buf_add_format(&b, "%0*d,", i * 10 + 1, i);
        assert_int_equal(b.n, 50 * 2 + 10 * (49 * 50 / 2));
        size_t n;
        char *p = buf_take(&b, &n);
        assert_int_equal(strlen(p), n);
        assert_int_equal(b.n, 0);
        free(p);
        p = buf_take(&b, &n);
        assert_string_equal(p, "");
        free(p);
        buf_add_format(&b, "%s", "");
        buf_dispose(&b);
}

/* GB18030: one, two and four bytes; 𬭚 U+2CB5A is in four. */
static void decodes_gb18030(void **state)
{
        (void)state;
        const struct {
                struct str gb, utf8;
        } pairs[] = {
            {STR("a"), STR("a")},
            {STR("\xD1\xF8\xC0\xCF"), STR("养老")},
            {STR("\xFE\x9F"), STR("䶮")},
            {STR("\x99\x33\xAA\x34"), STR("𬭚")},
            {STR("\x81\x30\x81\x30"), STR("\xC2\x80")},
            {STR("\xE3\x32\x9A\x35"), STR("\xF4\x8F\xBF\xBF")},
        };
        struct error err = {0};
        for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
                struct buf b;
                buf_init(&b, 100);
                assert_ok(text_to_gb18030(&b, pairs[i].utf8, &err), err);
                assert_int_equal(b.n, pairs[i].gb.n);
                assert_memory_equal(b.p, pairs[i].gb.p, b.n);
                buf_clear(&b);
                assert_ok(text_from_gb18030(&b, pairs[i].gb, &err), err);
                assert_int_equal(b.n, pairs[i].utf8.n);
                assert_memory_equal(b.p, pairs[i].utf8.p, b.n);
                buf_dispose(&b);
        }
}

static void refuses_broken_gb18030(void **state)
{
        (void)state;
        struct error err = {0};
        struct buf b;
        buf_init(&b, 100);
        assert_int_equal(text_from_gb18030(&b, STR("ab\xD1"), &err), ERR);
        assert_string_equal(err.args, "GB18030\x1f"
                                      "3");
        buf_clear(&b);
        assert_error(text_from_gb18030(&b, STR("\xFF\xFF"), &err), err, SB_NOT_UTF8);
        buf_clear(&b);
        assert_error(text_to_gb18030(&b, STR("a\x80"), &err), err, SB_NOT_UTF8);
        buf_dispose(&b);
        buf_init(&b, 3);
        assert_error(text_from_gb18030(&b, STR("abcd"), &err), err, SB_LIMIT);
        buf_dispose(&b);
}

/* More than one block of the converter, with sequences across its edges. */
static void converts_long_text(void **state)
{
        (void)state;
        struct buf utf8, gb, back;
        struct error err = {0};
        buf_init(&utf8, 1 << 20);
        buf_init(&gb, 1 << 20);
        buf_init(&back, 1 << 20);
        for (int i = 0; i < 9999; i++)
                buf_add_text(&utf8, i % 7 == 0 ? "x" : i % 3 == 0 ? "𬭚" : "养");
        assert_ok(text_to_gb18030(&gb, (struct str){utf8.p, utf8.n}, &err), err);
        assert_ok(text_from_gb18030(&back, (struct str){gb.p, gb.n}, &err), err);
        assert_string_equal(utf8.p, back.p);
        buf_dispose(&utf8);
        buf_dispose(&gb);
        buf_dispose(&back);
}

static void parses_whole_numbers(void **state)
{
        (void)state;
        int64_t i = 7;
        uint64_t u = 7;
        assert_true(text_to_int(STR("-9223372036854775808"), &i) && i == INT64_MIN);
        assert_true(text_to_int(STR("9223372036854775807"), &i) && i == INT64_MAX);
        assert_true(text_to_uint(STR("18446744073709551615"), &u) && u == UINT64_MAX);
        i = 7;
        static const char *const bad[] = {
            "", "-", "+1", " 1", "1 ", "1x", "9223372036854775808", "-9223372036854775809", "0x1", "99999999999999999999999"};
        for (size_t k = 0; k < sizeof bad / sizeof bad[0]; k++)
                assert_false(text_to_int(str_from(bad[k]), &i));
        assert_int_equal(i, 7);
        assert_false(text_to_uint(STR("18446744073709551616"), &u));
        assert_false(text_to_uint(STR("-1"), &u));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(compares_slices),
            cmocka_unit_test(a_buffer_is_overwritten_before_it_is_given_up),
            cmocka_unit_test(never_cuts_a_character),
            cmocka_unit_test(decodes_only_valid_utf8),
            cmocka_unit_test(every_code_point_goes_round),
            cmocka_unit_test(a_buffer_stops_at_its_limit),
            cmocka_unit_test(a_buffer_formats_and_hands_over),
            cmocka_unit_test(decodes_gb18030),
            cmocka_unit_test(refuses_broken_gb18030),
            cmocka_unit_test(converts_long_text),
            cmocka_unit_test(parses_whole_numbers),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
