/* SPDX-License-Identifier: Apache-2.0
 *
 * Regular expressions: what XPath and XML Schema say of every construct, what they refuse, and what costs too much.
 */
#include "engine/feel/pattern.h"
#include "testing.h"

#include <stdlib.h>
#include <string.h>

static struct pattern_cache *cache;
static struct arena *arena;

static int start(void **state)
{
        (void)state;
        cache = pattern_cache_new();
        arena = arena_new((size_t)64 << 20);
        return cache == NULL || arena == NULL ? -1 : 0;
}

static int end(void **state)
{
        (void)state;
        pattern_cache_free(cache);
        arena_free(arena);
        return 0;
}

static void matches_as_xpath_says(void **state)
{
        static const struct {
                const char *pattern, *flags, *yes, *no; /* texts separated by '~' */
        } CASES[] = {
            {"bra", "", "abracadabra~bra", "bar"},
            {"^a.*a$", "", "abracadabra~aa", "a~bra~\naa~aa\n"},
            {"^bra", "", "", "abracadabra"},
            {"^b$", "m", "a\nb\nc~b~b\n", "ab~"},
            {"^$", "m", "~a\n\nb", "a\n~a"},
            {"kiki", "", "kiki", "KIKI"},
            {"kiki", "i", "KIKI~kIkI", "kik"},
            {"ä", "i", "Ä", "a"},
            {"a.b", "", "axb~a龙b", "a\nb~a\rb~ab"},
            {"a.b", "s", "a\nb~a\rb", "ab"},
            {"hel lo world", "x", "helloworld", "hello world"},
            {"hello[ ]world", "x", "hello world", "helloworld"},
            {"a \\s b", "x", "a b", "ab"},
            {"a.b*c?", "q", "xa.b*c?x", "axbbc"},
            {"A.B", "qi", "a.b", "axb"},
            {"\\", "q", "\\", "x"},
            {"^(?:a|b)+c$", "", "abac~ac", "c~abd"},
            {"^([ab])x\\1$", "", "axa~bxb", "axb"},
            {"^(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)\\10$", "", "abcdefghijj", "abcdefghija0"},
            {"^(a)\\10$", "", "aa0", "aa"},
            {"^a{2}$", "", "aa", "a~aaa"},
            {"^a{2,}$", "", "aa~aaaa", "a"},
            {"^a{0,2}$", "", "~a~aa", "aaa"},
            {"^a+?b??c*?$", "", "a~abc", "b"},
            {"^\\d+$", "", "0123~٣", "a~"},
            {"^\\D+$", "", "abc", "a1"},
            {"^\\s$", "", " ~\t~\n~\r", "\u00a0~a~\v"},
            {"^\\S$", "", "\u00a0~a", " ~\t"},
            {"^\\w+$", "", "abc1~龙~+~$", "_~-~ ~a.b"},
            {"^\\W+$", "", "_~-~ ", "a~+"},
            {"^\\i\\c*$", "", "a~_x~:~龙1~a-b.c", "1a~-~ ~a b"},
            {"^\\I\\C$", "", "1 ~- ", "a ~11"},
            {"^[\\i-[:]][\\c-[:]]*$", "", "a~_1", ":a~a:b"},
            {"^[a-z-[aeiou]]+$", "", "xyz~b", "a~xay"},
            {"^[^a-z-[0-9]]+$", "", "A~_", "a~1"},
            {"^[a-z-[a-m-[c]]]+$", "", "n~c~z", "a~m"},
            {"^[-a]+$", "", "-a", "b"},
            {"^[a-]+$", "", "-a", "b"},
            {"^[\\-\\]\\[\\\\^]+$", "", "-]~[\\^", "a"},
            {"^[^^]$", "", "a", "^"},
            {"^[\\d\\s]+$", "", "1 2", "a"},
            {"^[\\S]+$", "", "ab", "a b"},
            {"^[.]$", "", ".", "a"},
            {"^[a-z&&b]$", "", "&~b~a", "1"},
            {"^[[:alpha:]]$", "", NULL, NULL},
            {"^\\p{Lu}\\p{L}+$", "", "Abc~Äbc", "abc"},
            {"^\\P{L}+$", "", "123", "a"},
            {"^\\p{IsBasicLatin}+$", "", "abc", "ä"},
            {"^\\p{IsCJKUnifiedIdeographs}+$", "", "社保", "a~𬭚"},
            {"^\\p{IsCJKUnifiedIdeographsExtensionE}$", "", "𬭚", "社"},
            {"^\\P{IsLatin-1Supplement}+$", "", "abc", "ä"},
            {"^[\\p{IsGreek}a]+$", "", "αβa", "b"},
            {"^\\n\\r\\t\\|\\.\\?\\*\\+\\(\\)\\{\\}\\-\\[\\]\\^\\$\\\\$", "", "\n\r\t|.?*+(){}-[]^$\\", "a"},
            {"^#a #$", "", "#a #", "#a"},
            {"a|b|", "", "a~c~", NULL},
            {"", "", "~a", NULL},
            {"^((a)|(b))*$", "", "abab~", "c"},
            {"(^a)|(b$)", "", "ac~cb", "ca~bc"},
            {"^*a", "", "a", "b"},
            {"\\$1", "", "$1", "1"},
            {"[0-9]{4}-[0-9]{2}", "", "on 2024-05", "24-05"},
        };
        char text[128];
        bool yes;

        (void)state;
        for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
                for (int side = 0; side < 2; side++) {
                        const char *list = side == 0 ? CASES[i].yes : CASES[i].no;
                        if (list == NULL || (side == 0 && list[0] == '\0'))
                                continue;
                        snprintf(text, sizeof text, "%s", list);
                        for (char *rest = text, *one; (one = strsep(&rest, "~")) != NULL;) {
                                struct error err = {0};
                                assert_ok(pattern_matches(cache, &yes, str_from(one), str_from(CASES[i].pattern),
                                                          str_from(CASES[i].flags), &err),
                                          err);
                                if (yes != (side == 0))
                                        fail_msg("%s (%s) and “%s”: %d", CASES[i].pattern, CASES[i].flags, one, yes);
                        }
                }
        }
}

static void refuses_what_is_not_valid(void **state)
{
        static const char *const PATTERNS[] = {
            "*",          "+a",       "?",     "a**",     "a++",    "a{2}{3}",   "a{,2}",   "a{2",        "a{2,1}",
            "a{x}",       "a{70000}", "{",     "}",       "]",      "[",         "[]",      "[^]",        "[a",
            "(",          ")",        "(a",    "a)",      "(?",     "(?=a)",     "(?<n>a)", "(?i)a",      "(*ACCEPT)",
            "\\",         "\\b",      "\\A",   "\\z",     "\\x41",  "\\u0041",   "\\0",     "\\1",        "(a\\1)",
            "(a)\\2",     "\\k<a>",   "\\Qa",  "\\p",     "\\pL",   "\\p{",      "\\p{Xx}", "\\p{Cs}",    "\\p{IsNowhere}",
            "\\p{Greek}", "\\p{^L}",  "[z-a]", "[a-\\d]", "[a--b]", "[a-c-e]",   "[[a]]",   "[a-z-[b]c]", "[a-z-[b]",
            "[a\\1]",     "[\\b]",    "\\h",   "\\R",     "\\X",    "\\N{U+41}", "\\e",     "\\G",        "\xff",
        };
        struct error err = {0};
        bool yes;

        (void)state;
        for (size_t i = 0; i < sizeof PATTERNS / sizeof *PATTERNS; i++) {
                error_clear(&err);
                if (pattern_matches(cache, &yes, STR("a"), str_from(PATTERNS[i]), STR(""), &err) == 0)
                        fail_msg("taken: %s", PATTERNS[i]);
                assert_int_equal(err.code, SB_FEEL_PATTERN);
                assert_error(pattern_check(str_from(PATTERNS[i]), STR(""), &err), err, SB_FEEL_PATTERN);
        }
        assert_error(pattern_matches(cache, &yes, STR("a"), STR("a"), STR("g"), &err), err, SB_FEEL_PATTERN);
        assert_error(pattern_matches(cache, &yes, STR("a"), STR("a"), STR("i "), &err), err, SB_FEEL_PATTERN);
        assert_error(pattern_matches(cache, &yes, STR("\xff\xfe"), STR("a"), STR(""), &err), err, SB_FEEL_PATTERN);
        assert_ok(pattern_check(STR("[a-z-[b]]"), STR("smix"), &err), err);
}

static void replaces_every_match(void **state)
{
        static const struct {
                const char *input, *pattern, *replacement, *flags, *expected;
        } CASES[] = {
            {"abracadabra", "bra", "*", "", "a*cada*"},
            {"abracadabra", "a.*a", "*", "", "*"},
            {"abracadabra", "a.*?a", "*", "", "*c*bra"},
            {"abracadabra", "a", "", "", "brcdbr"},
            {"abracadabra", "a(.)", "a$1$1", "", "abbraccaddabbra"},
            {"AAAA", "A+", "b", "", "b"},
            {"AAAA", "A+?", "b", "", "bbbb"},
            {"darted", "^(.*?)d(.*)$", "$1c$2", "", "carted"},
            {"banana", "(an)+", "**", "", "b**a"},
            {"banana", "[aeiouy]", "[$0]", "", "b[a]n[a]n[a]"},
            {"banana", "a", "o", "", "bonono"},
            {"0123456789", "(\\d{3})(\\d{3})(\\d{4})", "($1) $2-$3", "", "(012) 345-6789"},
            {"ab", "(a)|(b)", "[$1$2]", "", "[a][b]"},
            {"ab", "(a)", "$12", "", "a2b"},
            {"ab", "(a)", "$2x", "", "xb"},
            {"a", "a", "\\$1\\\\", "", "$1\\"},
            {"a.b", ".", "$0\\", "q", "a$0\\b"},
            {"社会保险", "会", "$0$0", "", "社会会保险"},
            {"a\nb", "^b", "c", "m", "a\nc"},
            {"a\nb", "^b", "c", "", "a\nb"},
            {"", "a", "b", "", ""},
        };
        struct error err = {0};
        struct str out;

        (void)state;
        for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
                assert_ok(pattern_replace(cache, arena, &out, str_from(CASES[i].input), str_from(CASES[i].pattern),
                                          str_from(CASES[i].replacement), str_from(CASES[i].flags), 1000, &err),
                          err);
                if (out.n != strlen(CASES[i].expected) || memcmp(out.p, CASES[i].expected, out.n) != 0)
                        fail_msg("%s: %.*s, not %s", CASES[i].pattern, (int)out.n, out.p, CASES[i].expected);
        }
        assert_error(pattern_replace(cache, arena, &out, STR("a"), STR("a*"), STR("b"), STR(""), 99, &err), err,
                     SB_FEEL_PATTERN_EMPTY);
        assert_error(pattern_replace(cache, arena, &out, STR("a"), STR("^"), STR("b"), STR("m"), 99, &err), err,
                     SB_FEEL_PATTERN_EMPTY);
        static const char *const BAD[] = {"$", "$x", "\\", "\\n", "a\\1", "$1$"};
        for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
                assert_error(pattern_replace(cache, arena, &out, STR("a"), STR("a"), str_from(BAD[i]), STR(""), 99, &err), err,
                             SB_FEEL_PATTERN);
                assert_error(pattern_replace(cache, arena, &out, STR("b"), STR("a"), str_from(BAD[i]), STR(""), 99, &err), err,
                             SB_FEEL_PATTERN);
        }
        assert_error(pattern_replace(cache, arena, &out, STR("aaaa"), STR("a"), STR("0123456789"), STR(""), 39, &err), err,
                     SB_LIMIT);
        assert_ok(pattern_replace(cache, arena, &out, STR("aaaa"), STR("a"), STR("0123456789"), STR(""), 40, &err), err);
}

static void split_is(const char *input, const char *pattern, const char *expected)
{
        struct error err = {0};
        struct str *pieces;
        size_t n, at = 0;
        char joined[256];

        assert_ok(pattern_split(cache, arena, &pieces, &n, str_from(input), str_from(pattern), STR(""), &err), err);
        for (size_t i = 0; i < n; i++)
                at += (size_t)snprintf(joined + at, sizeof joined - at, "<%.*s>", (int)pieces[i].n, pieces[i].p);
        assert_string_equal(joined, expected);
}

static void splits_between_matches(void **state)
{
        struct error err = {0};
        struct str *pieces;
        size_t n;

        (void)state;
        split_is("John Doe", "\\s", "<John><Doe>");
        split_is("a;b;c;;", ";", "<a><b><c><><>");
        split_is("The cat sat", "\\s+", "<The><cat><sat>");
        split_is("1, 15, 24, 50", ",\\s*", "<1><15><24><50>");
        split_is("", ",", "<>");
        split_is(",", ",", "<><>");
        split_is("abc", "x", "<abc>");
        split_is("社、会", "、", "<社><会>");
        assert_error(pattern_split(cache, arena, &pieces, &n, STR("abba"), STR(".?"), STR(""), &err), err,
                     SB_FEEL_PATTERN_EMPTY);
}

static void ends_what_costs_too_much(void **state)
{
        size_t n = 200000;
        char *text = malloc(n);
        struct error err = {0};
        struct str out;
        bool yes;

        (void)state;
        memset(text, 'a', n);
        assert_error(pattern_matches(cache, &yes, (struct str){text, 60}, STR("^(a+)+[bd]"), STR(""), &err), err, SB_LIMIT);
        assert_error(pattern_matches(cache, &yes, (struct str){text, 3000}, STR("(.*)(.*)(.*)(.*)(.*)[xy]"), STR(""), &err),
                     err, SB_LIMIT);
        assert_error(pattern_replace(cache, arena, &out, (struct str){text, 60}, STR("(a+)+[bd]"), STR(""), STR(""), 99, &err),
                     err, SB_LIMIT);
        assert_ok(pattern_matches(cache, &yes, (struct str){text, 100000}, STR("^(a|b)*$"), STR(""), &err), err);
        assert_true(yes);
        assert_error(pattern_check(STR("((((a{1000}){1000}){1000}){1000})"), STR(""), &err), err, SB_FEEL_PATTERN);
        memset(text, '(', n);
        assert_error(pattern_check((struct str){text, n}, STR(""), &err), err, SB_LIMIT);
        assert_error(pattern_check((struct str){text, 10000}, STR(""), &err), err, SB_FEEL_PATTERN);
        memset(text, '[', n);
        assert_error(pattern_check((struct str){text, 10000}, STR(""), &err), err, SB_FEEL_PATTERN);
        free(text);
}

static void keeps_more_patterns_than_fit(void **state)
{
        struct error err = {0};
        char pattern[16];
        bool yes;

        (void)state;
        for (int round = 0; round < 3; round++) {
                for (int i = 0; i < 100; i++) {
                        snprintf(pattern, sizeof pattern, "^%d$", i);
                        assert_ok(pattern_matches(cache, &yes, STR("42"), str_from(pattern), STR(""), &err), err);
                        assert_int_equal(yes, i == 42);
                }
        }
        /* The same text with other flags is another pattern. */
        assert_ok(pattern_matches(cache, &yes, STR("A"), STR("a"), STR(""), &err), err);
        assert_false(yes);
        assert_ok(pattern_matches(cache, &yes, STR("A"), STR("a"), STR("i"), &err), err);
        assert_true(yes);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(matches_as_xpath_says),    cmocka_unit_test(refuses_what_is_not_valid),
            cmocka_unit_test(replaces_every_match),     cmocka_unit_test(splits_between_matches),
            cmocka_unit_test(ends_what_costs_too_much), cmocka_unit_test(keeps_more_patterns_than_fit),
        };
        return cmocka_run_group_tests_name("pattern", tests, start, end);
}
