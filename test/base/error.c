/* SPDX-License-Identifier: Apache-2.0 */
#include "base/error.h"
#include "base/text.h"
#include "testing.h"

#include <string.h>

static void fills_placeholders_in_both_languages(void **state)
{
        (void)state;
        struct error err = {0};
        char text[256];
        assert_int_equal(error_raise(&err, SB_LIMIT, "%s|%d", "a|b", 7), ERR);
        assert_string_equal(error_text(&err, LANG_EN, text, sizeof text), "Too large: a|b is limited to 7.");
        assert_string_equal(error_text(&err, LANG_ZH, text, sizeof text), "超出限制：a|b最多为7。");
        error_clear(&err);
        error_raise(&err, SB_LIMIT, "%s|%s", ERROR_BOTH("a text", "文本"), ERROR_BOTH("9 bytes", "9字节"));
        assert_string_equal(error_text(&err, LANG_EN, text, sizeof text), "Too large: a text is limited to 9 bytes.");
        assert_string_equal(error_text(&err, LANG_ZH, text, sizeof text), "超出限制：文本最多为9字节。");
}

static void a_value_that_is_cut_stays_text(void **state)
{
        (void)state;
        struct error err = {0};
        char text[256];
        error_raise(&err, SB_LIMIT, "%.4s|%.5s", "养老保险", "a\xff养老");
        assert_string_equal(error_text(&err, LANG_EN, text, sizeof text), "Too large: 养 is limited to a养.");
        error_clear(&err);
        error_raise(&err, SB_MEMORY, "%s", "");
        error_where(&err, "%.4s", "养老保险");
        error_in(&err, "养老");
        assert_string_equal(err.where, "养老:养");
}

static void is_set_once(void **state)
{
        (void)state;
        struct error err = {0};
        error_raise(&err, SB_MEMORY, "%s", "");
        assert_int_equal(error_raise_soft(&err, SB_IO, "%s|%s", "x", "y"), ERR_SOFT);
        assert_int_equal(err.code, SB_MEMORY);
        assert_false(err.soft);
        assert_int_equal(error_where(&err, "%s", "first"), ERR);
        error_where(&err, "%s", "second");
        assert_string_equal(err.where, "first");
        error_clear(&err);
        assert_int_equal(error_raise_soft(&err, SB_IO, "%s|%s", "x", "y"), ERR_SOFT);
        assert_int_equal(error_where(&err, "%s", "z"), ERR_SOFT);
        assert_int_equal(error_raise(NULL, SB_IO, "%s|%s", "x", "y"), ERR);
        assert_int_equal(error_where(NULL, "%s", "x"), ERR);
        assert_int_equal(error_in(NULL, "x"), ERR);
        error_article(NULL, "x");
        error_clear(NULL);
}

static void tells_where_and_by_which_article(void **state)
{
        (void)state;
        struct error err = {0};
        char text[256];
        error_raise(&err, SB_MEMORY, "%s", "");
        error_where(&err, "%d:%d", 3, 9);
        assert_string_equal(error_text(&err, LANG_EN, text, sizeof text), "Out of memory. (line 3:9)");
        assert_string_equal(error_text(&err, LANG_ZH, text, sizeof text), "内存不足。（第3:9行）");
        error_in(&err, "a.csv");
        error_article(&err, "第十六条");
        assert_string_equal(error_text(&err, LANG_EN, text, sizeof text), "Out of memory. (a.csv:3:9) [第十六条]");
        error_clear(&err);
        error_raise(&err, SB_MEMORY, "%s", "");
        error_in(&err, "b.csv");
        assert_string_equal(err.where, "b.csv");
        assert_string_equal(error_text(NULL, LANG_EN, text, sizeof text), "");
}

static void hands_on_what_a_part_found(void **state)
{
        (void)state;
        struct error part = {0}, err = {0};
        error_raise(&part, SB_FIELD_MISSING, "%s", "name");
        error_where(&part, "%d:%d", 3, 9);
        assert_int_equal(error_hand(&err, &part), ERR);
        assert_memory_equal(&err, &part, sizeof err);
        assert_int_equal(error_hand(NULL, &part), ERR);
        error_clear(&part);
        error_raise_soft(&part, SB_STORE_CONFLICT, "%s", "");
        assert_int_equal(error_hand(&err, &part), ERR_SOFT);
        assert_true(error_is(&err, SB_STORE_CONFLICT) && err.soft);
        assert_false(error_is(&err, SB_FIELD_MISSING));
        assert_false(error_is(NULL, SB_OK));
}

static void never_cuts_a_character(void **state)
{
        (void)state;
        struct error err = {0};
        char value[2000] = "", text[64];
        for (int i = 0; i < 400; i++)
                memcpy(value + 4 * i, "𬭚", 5);
        error_raise(&err, SB_MONEY_SYNTAX, "%s", value);
        size_t n = strlen(err.args);
        assert_true(n < sizeof err.args && n % 4 == 0 && n > 500);
        for (size_t size = 1; size < sizeof text; size++) {
                error_text(&err, LANG_ZH, text, size);
                assert_true(strlen(text) < size);
                struct error e = {0};
                assert_ok(utf8_check(str_from(text), &e), e);
        }
}

/* The placeholders of a text as a set of bits. */
static unsigned placeholders(const char *text)
{
        unsigned set = 0;
        for (const char *p = text; (p = strchr(p, '{')) != NULL; p++)
                if (p[1] >= '0' && p[1] <= '9' && p[2] == '}')
                        set |= 1u << (p[1] - '0');
        return set;
}

static bool has_chinese(const char *text)
{
        struct str s = str_from(text);
        for (size_t i = 0; i < s.n;) {
                int32_t c = utf8_next(s, &i);
                assert_true(c > 0);
                if (c >= 0x4E00 && c <= 0x9FFF)
                        return true;
        }
        return false;
}

static void the_registry_is_sound(void **state)
{
        (void)state;
        static bool seen[10000];
        enum error_code code;
        const char *symbol, *en, *zh;
        int http;
        size_t i = 0;
        int before = 0;
        for (; error_registry(i, &code, &symbol, &http, &en, &zh); i++) {
                char name[8];
                int n = (int)code;
                if (n < 1 || n > 999 || seen[n] || n / 100 < before / 100)
                        fail_msg("%s: its number %d is used twice or out of its floor's range", symbol, n);
                seen[n] = true;
                before = n;
                unsigned set = placeholders(en);
                if (set != placeholders(zh))
                        fail_msg("%s: the two languages have different placeholders", symbol);
                if ((set & (set + 1)) != 0)
                        fail_msg("%s: its placeholders are not {0} {1} …", symbol);
                if (strlen(en) < 8 || !has_chinese(zh) || has_chinese(en))
                        fail_msg("%s: a text is missing or in the wrong language", symbol);
                if (http < 400 || http > 599)
                        fail_msg("%s: HTTP %d is not the status of an error", symbol, http);
                assert_int_equal(strncmp(symbol, "SB_", 3), 0);
                assert_int_equal(error_http(code), http);
                assert_int_equal(strlen(error_name(code, name)), 7);
        }
        assert_true(i >= 20);
        assert_int_equal(error_http((enum error_code)9999), 500);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(fills_placeholders_in_both_languages),
            cmocka_unit_test(a_value_that_is_cut_stays_text),
            cmocka_unit_test(is_set_once),
            cmocka_unit_test(tells_where_and_by_which_article),
            cmocka_unit_test(hands_on_what_a_part_found),
            cmocka_unit_test(never_cuts_a_character),
            cmocka_unit_test(the_registry_is_sound),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
