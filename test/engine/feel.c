/* SPDX-License-Identifier: Apache-2.0
 *
 * FEEL by example: an expression, what string() makes of its value; a null that comes from a mistake must leave a
 * diagnostic. Expressions are evaluated as they are and again inside of a function, a filter and a
 * loop, where names stand in other slots: the value must stay the same.
 */
#include "engine/feel/feel.h"
#include "testing.h"

#include <stdlib.h>
#include <string.h>

struct example {
        const char *text, *want; /* want NULL: null with a diagnostic */
};

static const struct example EXAMPLES[] = {
    /* numbers, precedence */
    {"1 + 2 * 3 - 4 / 2", "5"},
    {"-3 ** 2", "9"},
    {"2 ** -1", "0.5"},
    {"2 ** 3 ** 2", "64"},
    {"10 / 4", "2.5"},
    {"1 / 3", "0.3333333333333333333333333333333333"},
    {"1 / 0", NULL},
    {".5 + 1.5e1", "15.5"},
    {"--10", "10"},
    {"1 + null", NULL},
    {"\"a\" + \"b\"", "ab"},
    {"\"a\" + 1", NULL},
    {"9999999999999999999999999999999999 + 1", "10000000000000000000000000000000000"},
    /* logic of three values */
    {"true and null", "null"},
    {"false and null", "false"},
    {"true or null", "true"},
    {"true and 1", NULL},
    {"not(null)", NULL},
    {"if null then 1 else 2", "2"},
    {"if 3 then 1 else 2", NULL},
    /* comparisons */
    {"1 = 1.00", "true"},
    {"1 = \"1\"", NULL},
    {"null = null", "true"},
    {"1 != null", "true"},
    {"1 < null", NULL},
    {"\"b\" > \"abc\"", "true"},
    {"5 between 1 and 5", "true"},
    {"[1, [2, {a: 3}]] = [1, [2, {a: 3.0}]]", "true"},
    {"{a: 1, b: 2} = {b: 2, a: 1}", "true"},
    {"@\"2024-01-01T00:00:00+01:00\" = @\"2023-12-31T23:00:00Z\"", "true"},
    /* in, ranges */
    {"5 in (1..5)", "false"},
    {"5 in (1..5]", "true"},
    {"5 in ]1..5[", "false"},
    {"5 in (< 3, > 4)", "true"},
    {"5 in [1, 5]", "true"},
    {"5 in [[1..3], [4..6]]", "true"},
    {"\"养\" in (\"养\", \"老\")", "true"},
    {"(< 10) = (< 10)", "true"},
    {"[1..10].start included", "true"},
    {"(1..10].start", "1"},
    {"[1..10][1]", "[1..10]"},
    {"range(\"[1..3)\")", "[1..3)"},
    {"range(\"[3..1]\")", NULL},
    {"before(1, [2..3])", "true"},
    {"overlaps([1..5], (5..8])", "false"},
    {"includes([1..10], 10)", "true"},
    {"during([2..3], [1..5])", "true"},
    {"meets([1..5], 5)", NULL},
    /* names with blanks, signs, Chinese */
    {"{monthly base: 10, monthly base rate: 0.5, x: monthly base * monthly base rate}.x", "5"},
    {"{a: 3, b: 1, a-b: 7, x: a-b}.x", "7"},
    {"{a: 3, b: 1, x: a - b}.x", "2"},
    {"{缴费 基数: 4000, x: 缴费 基数 * 0.08}.x", "320"},
    {"{\"any thing (at) all\": 1}", "{any thing (at) all: 1}"},
    {"{for example: 2, x: for example + 1}.x", "3"},
    {"{in: 1}.in", "1"},
    {"{a: 1, a: 2}", NULL},
    {"{a: {b: 2}}.a.b", "2"},
    {"{a: 1}.b", NULL},
    {"null.b", NULL},
    /* lists and filters */
    {"[1, 2, 3][2]", "2"},
    {"[1, 2, 3][-1]", "3"},
    {"[1, 2, 3][4]", NULL},
    {"[1, 2, 3][0]", NULL},
    {"[1, 2, 3][item > 1]", "[2, 3]"},
    {"[{x: 1, y: 2}, {x: 2, y: 3}][x = 2].y", "[3]"},
    {"[{x: 1}, {x: null}, {y: 3}][x > 0]", "[{x: 1}]"},
    {"[{item: 1}, {item: 2}][item >= 2]", "[{item: 2}]"},
    {"[[1, 2], [3]][count(item) > 1]", "[[1, 2]]"},
    {"5[1]", "5"},
    {"5[item > 6]", "[]"},
    {"[1, 2, 3][true]", "[1, 2, 3]"},
    {"[1, 2][\"a\"]", NULL},
    {"[{a: 1}, {a: 2}].a", "[1, 2]"},
    {"{l: [{p: 1, q: 2}, {p: 3, q: 4}], x: 3, r: l[p = x].q}.r", "[4]"},
    {"[[{a: 1}, {a: 2}], [{a: 3}]][item[a > 2][1].a = 3]", "[[{a: 3}]]"},
    /* iteration */
    {"for i in 1..3 return i * i", "[1, 4, 9]"},
    {"for i in 3..1 return i", "[3, 2, 1]"},
    {"for i in 0..4 return if i = 0 then 1 else i * partial[-1]", "[1, 1, 2, 6, 24]"},
    {"for i in 1..2, j in i..2 return 10 * i + j", "[11, 12, 22]"},
    {"for i in [(1..4)] return i", "[(1..4)]"},
    {"for i in (1..4) return i", "[2, 3]"},
    {"for d in @\"2024-02-28\"..@\"2024-03-01\" return d.day", "[28, 29, 1]"},
    {"for i in null return i", NULL},
    {"for one thing in [1, 2] return one thing + 1", "[2, 3]"},
    {"some x in [1, 2] satisfies x > 1", "true"},
    {"every x in [] satisfies false", "true"},
    {"some x in [null, true] satisfies x", "true"},
    {"some x in [1, 2], y in [2, 3] satisfies x = y", "true"},
    {"every x in [1, null] satisfies x > 0", "null"},
    /* functions */
    {"(function(a, b) a + b)(1, 2)", "3"},
    {"(function(a, b) a - b)(b: 1, a: 5)", "4"},
    {"(function(a: number) a)(\"x\")", NULL},
    {"(function(a: number) a)([7])", "7"},
    {"(function(a) a)(1, 2)", NULL},
    {"{f: function(n) if n <= 1 then 1 else n * f(n - 1), x: f(20)}.x", "2432902008176640000"},
    {"{k: 3, f: function(a) function(b) a * b * k, x: f(2)(5)}.x", "30"},
    {"(for i in 1..3 return function(x) x + i)[2](10)", "12"},
    {"{f: abs, x: f(-2)}.x", "2"},
    {"sort([3, 1, 2], function(x, y) x < y)", "[1, 2, 3]"},
    {"sort([{n: \"b\"}, {n: \"a\"}], function(x, y) x.n < y.n).n", "[\"a\", \"b\"]"},
    {"nosuch(1)", NULL},
    {"\"abs\"(1)", NULL},
    /* instance of */
    {"[1, 2] instance of list<number>", "true"},
    {"[1, \"a\"] instance of list<number>", "false"},
    {"{a: 1, b: 2} instance of context<a: number>", "true"},
    {"{b: 2} instance of context<a: number>", "false"},
    {"[1..2] instance of range<number>", "true"},
    {"(function(a: number) a) instance of function<number> -> Any", "true"},
    {"abs instance of function<number> -> number", "true"},
    {"(function(a: string) string length(a)) instance of function<string> -> number", "true"},
    {"(function(a: string) a) instance of function<string> -> number", "false"},
    {"(function(a: string) 1) instance of function<number> -> number", "false"},
    {"null instance of number", "false"},
    {"@\"P1D\" instance of days and time duration", "true"},
    {"@\"P1M\" instance of days and time duration", "false"},
    /* dates, times, durations */
    {"date(2024, 2, 29) + @\"P1Y\"", "2025-02-28"},
    {"date(2023, 2, 29)", NULL},
    {"@\"2024-02-30\"", NULL},
    {"@\"2024-03-31\" - @\"2024-03-01\"", "P30D"},
    {"@\"2024-05-31\".weekday", "5"},
    {"@\"10:30:15.5\".second", "15.5"},
    {"@\"2024-01-01T10:00:00@Asia/Shanghai\".time offset", "PT8H"},
    {"@\"2024-01-01T10:00:00@Asia/Shanghai\".timezone", "Asia/Shanghai"},
    {"@\"-P1Y2M\".months", "-2"},
    {"@\"P1DT2H\".hours", "2"},
    {"@\"P1Y\" = @\"P365D\"", NULL},
    {"years and months duration(@\"2011-12-22\", @\"2013-08-24\")", "P1Y8M"},
    {"date and time(@\"2024-01-01\", @\"10:00:00\")", "2024-01-01T10:00:00"},
    {"day of week(@\"2019-09-17\")", "Tuesday"},
    {"month of year(@\"2019-09-17\")", "September"},
    {"week of year(@\"2005-01-01\")", "53"},
    {"day of year(@\"2019-09-17\")", "260"},
    {"is(@\"10:00:00Z\", @\"10:00:00+00:00\")", "true"},
    {"is(@\"2012-12-25T10:00:00\", @\"2012-12-25\")", "false"},
    {"string(now())", "2026-11-28T12:00:00Z"},
    {"today()", "2026-11-28"},
    {"2 * @\"P1Y6M\"", "P3Y"},
    {"@\"P10D\" / @\"P4D\"", "2.5"},
    /* texts */
    {"string length(\"养老\\U01F40E\")", "3"},
    {"substring(\"foobar\", -2, 1)", "a"},
    {"substring(\"foobar\", 7)", NULL},
    {"substring(string: \"养老保险\", start position: 3)", "保险"},
    {"substring before(\"foobar\", \"bar\")", "foo"},
    {"substring after(\"foobar\", \"x\")", ""},
    {"upper case(\"aβ养1\")", "AΒ养1"},
    {"contains(\"foobar\", \"ob\")", "true"},
    {"replace(\"abcd\", \"(ab)|(a)\", \"[1=$1][2=$2]\")", "[1=ab][2=]cd"},
    {"matches(\"foobar\", \"^fo*b\")", "true"},
    {"matches(\"a\", \"[\")", NULL},
    {"split(\"a;b;;\", \";\")", "[\"a\", \"b\", \"\", \"\"]"},
    {"string join([\"a\", null, \"b\"], \"-\")", "a-b"},
    {"string([1, \"a\", {b: null}])", "[1, \"a\", {b: null}]"},
    {"number(\"1.000,5\", \".\", \",\")", "1000.5"},
    {"number(\"1,000\", \",\", \",\")", NULL},
    /* functions of lists, numbers, contexts */
    {"min(3, 1, 2)", "1"},
    {"max([\"a\", \"c\"])", "c"},
    {"max([1, \"a\"])", NULL},
    {"sum([])", NULL},
    {"mean(1, 2, 4.5)", "2.5"},
    {"median(8, 2, 5, 3)", "4"},
    {"mode([6, 3, 9, 6, 6])", "[6]"},
    {"stddev(2, 4)", "1.414213562373095048801688724209698"},
    {"all([true, null, false])", "false"},
    {"any([null, false])", "null"},
    {"sublist([1, 2, 3], 2)", "[2, 3]"},
    {"sublist([1, 2, 3], -2, 1)", "[2]"},
    {"append([1], 2, [3])", "[1, 2, [3]]"},
    {"concatenate([1], [2, 3], 4)", "[1, 2, 3, 4]"},
    {"insert before([1, 3], 2, 2)", "[1, 2, 3]"},
    {"remove([1, 2, 3], -1)", "[1, 2]"},
    {"list replace([2, 4, 7], 3, 6)", "[2, 4, 6]"},
    {"list replace([2, 4, 7], function(item, newItem) item < newItem, 5)", "[5, 5, 7]"},
    {"index of([1, 2, 3, 2], 2)", "[2, 4]"},
    {"union([1, 2], [2, 3])", "[1, 2, 3]"},
    {"flatten([[1, [2]], 3])", "[1, 2, 3]"},
    {"list contains([1, null], null)", "true"},
    {"decimal(2.5, 0)", "2"},
    {"round half up(-2.5, 0)", "-3"},
    {"floor(-1.5)", "-2"},
    {"ceiling(1.561, 1)", "1.6"},
    {"modulo(-12, 5)", "3"},
    {"sqrt(-1)", NULL},
    {"odd(5.5)", NULL},
    {"abs(@\"-P1D\")", "P1D"},
    {"get value({a: 1}, \"a\")", "1"},
    {"get entries({a: 1})[1].key", "a"},
    {"context put({x: {y: 0}}, [\"x\", \"y\"], 2)", "{x: {y: 2}}"},
    {"context merge([{x: 1}, {x: 2, y: 3}])", "{x: 2, y: 3}"},
    {"context([{key: \"a\", value: 1}, {key: \"a\", value: 2}])", NULL},
    {"abs(1, 2)", NULL},
    {"abs(number: 1)", NULL},
    {"abs([-3])", "3"},
    {"1 /* a comment */ + 1 // and another", "2"},
};

struct bench { /* what one evaluation needs */
        struct arena *arena;
        struct zones *zones;
        struct temporal_zones named;
        struct feel_machine machine;
        struct error err;
};

static void bench_open(struct bench *b)
{
        memset(b, 0, sizeof *b);
        b->arena = arena_new((size_t)64 << 20);
        assert_non_null(b->arena);
        assert_ok(zones_open(&b->zones, NULL, &b->err), b->err);
        b->named = (struct temporal_zones){zones_find, b->zones};
        feel_machine_init(&b->machine, b->arena, NULL, &b->err);
        b->machine.zones = &b->named;
        b->machine.has_now = true;
        assert_ok(instant_parse(&b->machine.now, STR("2026-11-28T12:00:00Z"), &b->err), b->err);
}

static void bench_close(struct bench *b)
{
        feel_machine_dispose(&b->machine);
        zones_close(b->zones);
        arena_free(b->arena);
}

/* The value's text lives until the next evaluation. */
static const char *value_of(struct bench *b, const char *text, const struct feel_env *env, struct buf *out)
{
        struct feel_scope scope = {.zones = &b->named};
        const struct feel_node *node = NULL;
        struct feel_value v;

        buf_clear(out);
        arena_reset(b->arena);
        feel_machine_again(&b->machine, NULL, &b->err);
        if (feel_compile(&node, b->arena, &scope, str_from(text), FEEL_EXPRESSION, &b->err) < 0)
                return "no FEEL";
        if (feel_eval(&b->machine, node, env, &v) < 0)
                return "an error";
        feel_print(out, &v);
        return buf_text(out);
}

static void examples(void **state)
{
        struct bench b;
        struct buf out;
        int wrong = 0;

        (void)state;
        bench_open(&b);
        buf_init(&out, 1 << 20);
        for (size_t i = 0; i < sizeof EXAMPLES / sizeof EXAMPLES[0]; i++) {
                const struct example *e = &EXAMPLES[i];
                const char *have = value_of(&b, e->text, NULL, &out), *want = e->want == NULL ? "null" : e->want;
                if (strcmp(have, want) == 0 && (e->want != NULL || b.machine.diagnostics > 0))
                        continue;
                print_error("%s: want %s, have %s, %u diagnostics %s\n", e->text, want, have, b.machine.diagnostics,
                            b.machine.diagnostic);
                error_clear(&b.err);
                wrong++;
        }
        assert_int_equal(wrong, 0);
        buf_dispose(&out);
        bench_close(&b);
}

/* Wherever an expression stands, it means the same. */
static void places(void **state)
{
        static const char *const PLACES[] = {"(function(zz) %s)(1)",   "(for zz in [1] return %s)[1]",
                                             "{zz: 1, yy: %s}.yy",     "{zz: 1, ff: function() %s, yy: ff()}.yy",
                                             "if true then %s else 0", "(for zz in [1] return function() %s)[1]()"};
        struct bench b;
        struct buf out;
        char text[1024];
        int wrong = 0;

        (void)state;
        bench_open(&b);
        buf_init(&out, 1 << 20);
        for (size_t i = 0; i < sizeof EXAMPLES / sizeof EXAMPLES[0]; i++) {
                const char *want = EXAMPLES[i].want == NULL ? "null" : EXAMPLES[i].want;
                if (strstr(EXAMPLES[i].text, "//") != NULL)
                        continue;
                for (size_t k = 0; k < sizeof PLACES / sizeof PLACES[0]; k++) {
                        const char *at = strstr(PLACES[k], "%s");
                        text_format(text, sizeof text, "%.*s(%s)%s", (int)(at - PLACES[k]), PLACES[k], EXAMPLES[i].text,
                                    at + 2);
                        const char *have = value_of(&b, text, NULL, &out);
                        if (strcmp(have, want) != 0) {
                                print_error("%s: want %s, have %s\n", text, want, have);
                                error_clear(&b.err);
                                wrong++;
                        }
                }
        }
        assert_int_equal(wrong, 0);
        buf_dispose(&out);
        bench_close(&b);
}

static void syntax(void **state)
{
        static const char *const BROKEN[] = {
            "",          "1 +",         "[1, 2", "{a 1}",      "if 1 then 2",   "for x return 1",
            "\"open",    "@2024",       "1 2",   "f(a: 1, 2)", "x instance of", "function(1) 2",
            "a..b",      "in 5",        "[1..2", "((1)",       "1 = = 2",       "some x in [1] return x",
            "{\"a\" 1}", "list<number>"};
        struct bench b;
        struct feel_scope scope = {.names = NULL};
        const struct feel_node *node;

        (void)state;
        bench_open(&b);
        for (size_t i = 0; i < sizeof BROKEN / sizeof BROKEN[0]; i++) {
                if (feel_compile(&node, b.arena, &scope, str_from(BROKEN[i]), FEEL_EXPRESSION, &b.err) == 0)
                        fail_msg("%s is taken for FEEL", BROKEN[i]);
                assert_int_equal(b.err.code, SB_FEEL_SYNTAX);
                error_clear(&b.err);
        }
        assert_error(feel_compile(&node, b.arena, &scope, (struct str){"\"\xff\"", 3}, FEEL_EXPRESSION, &b.err), b.err,
                     SB_NOT_UTF8);
        bench_close(&b);
}

static void unary_tests(void **state)
{
        static const struct {
                const char *tests, *value, *want;
        } TESTS[] = {{"-", "1", "true"},
                     {"1, 2", "2", "true"},
                     {"not(1, 2)", "2", "false"},
                     {"< 5", "4", "true"},
                     {"[1..5]", "6", "false"},
                     {"? > 3 and ? < 5", "4", "true"},
                     {"not(\"a\")", "\"b\"", "true"},
                     {"\"a\", \"b\"", "\"b\"", "true"},
                     {"null", "null", "true"},
                     {"> 1", "null", "null"},
                     {"[1, 2, 3]", "2", "true"},
                     {"not(? > 3)", "4", "false"},
                     {"contains(?, \"a\")", "\"cat\"", "true"},
                     {"count(?) > 1", "[1, 2]", "true"},
                     {"-1", "-1", "true"},
                     {"not(true)", "false", "true"},
                     {"some x in ? satisfies x = 2", "[1, 2]", "true"}};
        struct bench b;
        struct feel_scope scope = {.names = NULL};
        const struct feel_node *node, *value;
        struct feel_value v;
        struct buf out;

        (void)state;
        bench_open(&b);
        buf_init(&out, 1000);
        for (size_t i = 0; i < sizeof TESTS / sizeof TESTS[0]; i++) {
                struct feel_env env = {.name = "?"};
                assert_ok(feel_compile(&node, b.arena, &scope, str_from(TESTS[i].tests), FEEL_UNARY_TESTS, &b.err), b.err);
                assert_ok(feel_compile(&value, b.arena, &scope, str_from(TESTS[i].value), FEEL_EXPRESSION, &b.err), b.err);
                assert_ok(feel_eval(&b.machine, value, NULL, &env.value), b.err);
                assert_ok(feel_eval(&b.machine, node, &env, &v), b.err);
                buf_clear(&out);
                feel_print(&out, &v);
                if (strcmp(buf_text(&out), TESTS[i].want) != 0)
                        fail_msg("%s in %s: want %s, have %s", TESTS[i].value, TESTS[i].tests, TESTS[i].want, buf_text(&out));
        }
        buf_dispose(&out);
        bench_close(&b);
}

/* What an expression compiled alone sees: its scope's names, looked up in the caller's environment. */
static void environment(void **state)
{
        static const char *const NAMES[] = {"first day", "a-b", "n"};
        struct bench b;
        struct feel_scope scope = {.names = NAMES, .count = 3};
        const struct feel_node *node;
        json_t *json = json_pack("{s:s,s:i,s:i}", "first day", "x", "a-b", 4, "n", 2);
        struct feel_value v, variables;

        (void)state;
        bench_open(&b);
        assert_ok(feel_from_json(&b.machine, json, NULL, &variables, &b.err), b.err);
        struct feel_env outer = {.value = variables}, inner = {.name = "n", .value = variables.entries[1].value, .up = &outer};
        assert_ok(feel_compile(&node, b.arena, &scope, STR("[a-b * n, first day, other]"), FEEL_EXPRESSION, &b.err), b.err);
        assert_ok(feel_eval(&b.machine, node, &inner, &v), b.err);
        json_t *have = feel_to_json(&v), *want = json_pack("[s,s,n]", "16", "x");
        assert_true(json_equal(have, want));
        assert_true(b.machine.diagnostics == 1);
        json_decref(json);
        json_decref(have);
        json_decref(want);
        bench_close(&b);
}

/* Each of these would hang, crash or eat all memory; each must end with an error or a null, soon. */
static void hostile(void **state)
{
        static const struct {
                const char *text;
                enum error_code code; /* SB_OK: a null */
        } HOSTILE[] = {
            {"{f: function(n) f(n + 1), x: f(1)}.x", SB_FEEL_DEPTH},
            {"{f: function(n) f(n) + f(n), x: f(1)}.x", SB_FEEL_DEPTH},
            {"for i in 1..1000000000000 return i", SB_LIMIT},
            {"count(for i in 1..100000, j in 1..100000 return 1)", SB_LIMIT},
            {"some i in 1..1000000000000 satisfies false", SB_FEEL_STEPS},
            {"{f: function(s, n) if n = 0 then s else f(s + s, n - 1), x: string length(f(\"abcdefgh\", 40))}.x", SB_LIMIT},
            {"{f: function(l, n) if n = 0 then l else f([l, l], n - 1), x: flatten(f([1], 60))}.x", SB_LIMIT},
            {"{f: function(l, n) if n = 0 then l else f([l, l], n - 1), x: f([1], 60) = f([1], 60)}.x", SB_OK},
            {"{f: function(l, n) if n = 0 then l else f(concatenate(l, l), n - 1), x: count(f([1], 40))}.x", SB_LIMIT},
            {"matches(\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!\", \"^(a+)+$\")", SB_LIMIT},
            {"distinct values(for i in 1..100000 return i)", SB_FEEL_STEPS},
        };
        struct bench b;
        struct buf out;

        (void)state;
        bench_open(&b);
        buf_init(&out, 1 << 20);
        for (size_t i = 0; i < sizeof HOSTILE / sizeof HOSTILE[0]; i++) {
                const char *have = value_of(&b, HOSTILE[i].text, NULL, &out);
                if (b.err.code != HOSTILE[i].code || (HOSTILE[i].code == SB_OK && strcmp(have, "null") != 0))
                        fail_msg("%s: error %d, value %s", HOSTILE[i].text, (int)b.err.code, have);
                error_clear(&b.err);
        }
        /* nesting of the text itself */
        static const char *const DEEP[] = {"(",           "[",         "-",  "{a:", "if ", "not(",  "1+(",
                                           "function() ", "for i in ", "f(", "@",   "]",   "x in ("};
        for (size_t i = 0; i < sizeof DEEP / sizeof DEEP[0]; i++) {
                struct buf text;
                buf_init(&text, 1 << 21);
                for (int k = 0; k < 60000; k++)
                        buf_add_text(&text, DEEP[i]);
                assert_string_equal(value_of(&b, buf_text(&text), NULL, &out), "no FEEL");
                error_clear(&b.err);
                buf_dispose(&text);
        }
        buf_dispose(&out);
        bench_close(&b);
}

/* After a warm-up the same work takes no more memory: nothing is left over from one evaluation to the next. */
static void used_again(void **state)
{
        struct bench b;
        struct arena *trees = arena_new(1 << 20);
        struct feel_scope scope = {.names = NULL};
        const struct feel_node *node;
        struct feel_value v;
        size_t used = 0;

        (void)state;
        bench_open(&b);
        assert_ok(feel_compile(&node, trees, &scope, STR("sum(for i in 1..100 return (function(x) x * x)(i))"), FEEL_EXPRESSION,
                               &b.err),
                  b.err);
        for (int i = 0; i < 100; i++) {
                arena_reset(b.arena);
                feel_machine_again(&b.machine, NULL, &b.err);
                assert_ok(feel_eval(&b.machine, node, NULL, &v), b.err);
                assert_true(i == 0 || arena_used(b.arena) == used);
                used = arena_used(b.arena);
        }
        arena_free(trees);
        bench_close(&b);
}

/* Memory ends at every place in turn: an error each time, until there is enough. */
static void short_of_memory(void **state)
{
        static const char TEXT[] =
            "{a b: [1, 2, {c: 3}], f: function(x: number, y) if x > 1 then {r: x + y}.r else a b[item instance of number][1], "
            "g: for i in 1..3, j in [i] return f(i, j) + count(partial), s: sort(g, function(p, q) p > q), t: upper "
            "case(\"a\") + "
            "string(@\"2024-01-01\") + substring(\"foobar\", 2), m: matches(t, \"^A.*\"), r: range(\"[1..2]\"), "
            "u: context put({k: 1}, \"l\", split(t, \"-\")), v: some z in s satisfies z in (1, [2..3], > 5), w: a b.c, "
            "q: date(\"2024-02-29\") + duration(\"P1Y\"), n: get entries(u)[key = \"k\"].value, e: {x: 1, x: 2}}";
        static const char TESTS[] = "not(< 3, [4..5), {a: ?}.a > 5, some x in [?] satisfies x = 1)";
        struct feel_scope scope = {.names = NULL};
        int failures = 0;

        (void)state;
        for (int form = FEEL_EXPRESSION; form <= FEEL_UNARY_TESTS; form++) {
                bool enough = false;
                for (size_t cap = 0; !enough; cap += form == FEEL_EXPRESSION ? 208 : 16) {
                        struct arena *a = arena_new(cap);
                        struct error err = {0};
                        struct feel_machine m;
                        const struct feel_node *node = NULL;
                        struct feel_value v;
                        struct feel_env question = {.name = "?"};
                        assert_non_null(a);
                        feel_machine_init(&m, a, NULL, &err);
                        int rc = feel_compile(&node, a, &scope, str_from(form == FEEL_EXPRESSION ? TEXT : TESTS),
                                              (enum feel_form)form, &err);
                        if (rc == 0)
                                rc = feel_eval(&m, node, &question, &v);
                        enough = rc == 0;
                        if (!enough && err.code != SB_LIMIT && err.code != SB_MEMORY)
                                fail_msg("%zu bytes: error %d", cap, (int)err.code);
                        failures += !enough;
                        feel_machine_dispose(&m);
                        arena_free(a);
                        assert_true(cap < ((size_t)4 << 20));
                }
        }
        assert_true(failures > 50);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(examples),    cmocka_unit_test(places),          cmocka_unit_test(syntax),
            cmocka_unit_test(unary_tests), cmocka_unit_test(environment),     cmocka_unit_test(hostile),
            cmocka_unit_test(used_again),  cmocka_unit_test(short_of_memory),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
