/* SPDX-License-Identifier: Apache-2.0
 *
 * FEEL at its edges, with the values of the standard (DMN 1.5): letters and blanks, escapes, numbers and their bounds, types of
 * functions; and the relations of ranges against their definitions for every pair.
 */
#include "lab.h"
#include "testing.h"

#include <string.h>

static void letters(void **state)
{
        static const struct lab_example EXAMPLES[] = {
            /* blanks of Unicode part words */
            {"1\xc2\x85+\xc2\xa0"
             "1",
             "2"},
            {"1\xe1\x9a\x80+\xe1\xa0\x8e"
             "1",
             "2"},
            {"1\xe2\x80\x80+\xe2\x80\x8b"
             "1",
             "2"},
            {"1\xe2\x80\xa8+\xe2\x80\xa9"
             "1",
             "2"},
            {"1\xe2\x80\xaf+\xe2\x81\x9f"
             "1",
             "2"},
            {"1\xe3\x80\x80+\xef\xbb\xbf"
             "1",
             "2"},
            {"1 \t\n\v\f\r+ 1", "2"},
            {"1\xe2\x80\x8c+1", "?"},
            {"1 /* two */ + // three\n 1", "2"},
            {"1 + /* open", "?"},
            {"1 / 2", "0.5"},
            {"4 // 2", "4"},
            /* letters of names */
            {"{_a1\xc2\xb7: 1, x: _a1\xc2\xb7 + 1}.x", "2"},
            {"{\xc3\xa9: 1}.\xc3\xa9", "1"},
            {"{a\xcc\x81: 1}.a\xcc\x81", "1"},
            {"{a\xe2\x80\xbf: 2}.a\xe2\x80\xbf", "2"},
            {"{\xf0\x90\x80\x80: 3}.\xf0\x90\x80\x80", "3"},
            {"{a\xe3\x80\x81: 3}", "?"},
            {"{a\xe3\x80\x82: 3}", "?"},
            {"{1a: 3}", "?"},
            {"{a'b: 1}.a'b", "1"},
            {"{a-b.c/d*e+f: 1}", "{a-b.c/d*e+f: 1}"},
            {"{a  b: 2, x: a b}.x", "2"},
            {"{\"\": 1}", "{: 1}"},
            {"{?x: 1}.?x", "1"},
            {"{a\xe2\x80\x99"
             "b: 1}.a\xe2\x80\x99"
             "b",
             "1"},
            /* escapes */
            {"\"\\u4f60\\U01F600\\\\\\\"\\'\\n\\t\\r\" = \"\xe4\xbd\xa0\xf0\x9f\x98\x80\\\\\\\"'\n\t\r\"", "true"},
            {"\"\\uD83D\\uDE00\" = \"\\U01F600\"", "true"},
            {"\"\\uD83D\"", "\xef\xbf\xbd"},
            {"\"\\uDE00\"", "\xef\xbf\xbd"},
            {"\"\\uD83D\\u0041\"", "\xef\xbf\xbd"
                                   "A"},
            {"\"\\u00\"", "\\u00"},
            {"\"\\u004\"", "\\u004"},
            {"\"\\u0000\"", "\xef\xbf\xbd"},
            {"\"\\U110000\"", "\xef\xbf\xbd"},
            {"\"\\x\"", "\\x"},
            {"\"\\", "?"},
            {"\"\\u", "?"},
            {"\"\\uD83D\\n\"", "\xef\xbf\xbd\n"},
            {"\"\\uD83Dxx\"", "\xef\xbf\xbd"
                              "xx"},
            {"string length(\"\\U01F600\")", "1"},
            /* numbers */
            {"1.", "?"},
            {".5", "0.5"},
            {"1.5E+3", "1500"},
            {"1e-2", "0.01"},
            {"1e", "?"},
            {"1.2.3", "?"},
            {"00012", "12"},
            {"1e6144", "1E+6144"},
            {"1e7000", "?"},
            {"-.5", "-0.5"},
            {"- - 1", "1"},
            {"1e-7000", "0"},
            {"[1..2]", "[1..2]"},
            {"1 .. 2", "?"},
            {"x1y", NULL},
            /* words that look like others */
            {"{iffy: 1, x: iffy}.x", "1"},
            {"{order: 1, x: order + 1}.x", "2"},
            {"{not: 1}.not", "1"},
            {"{for x: 2, y: for x}.y", "2"},
            {"{null x: 1, y: null x}.y", "1"},
            {"true1", NULL},
            {"{between: 3}.between", "3"},
            {"if true then 1", "?"},
            {"if true else 1", "?"},
            {"for x in [1] satisfies x", "?"},
            {"some x in [1]", "?"},
            {"some x [1] satisfies x", "?"},
            {"function(a b) 1", "function"},
            {"function(a: nothing) 1", "?"},
            {"function(a,) 1", "?"},
            {"function(a a) 1", "function"},
            {"1 instance of", "?"},
            {"1 instance of list<", "?"},
            {"1 instance of list<number", "?"},
            {"1 instance of list", "false"},
            {"1 instance of context<a>", "?"},
            {"1 instance of context<a: number>", "false"},
            {"1 instance of function<number>", "false"},
            {"1 instance of function<> -> number", "false"},
            {"1 instance of range<number>", "false"},
            {"1 instance of Any", "true"},
            {"null instance of Any", "false"},
            {"null instance of Null", "true"},
            {"{a: 1, b: }", "?"},
            {"{a: 1,}", "?"},
            {"{\"a\": 1, \"b\": 2}.b", "2"},
            {"[1, ]", "?"},
            {"[,]", "?"},
            {"f(,)", "?"},
            {"f(a:)", "?"},
            {"(1", "?"},
            {"(1, 2)", "?"},
            {"@\"x\"", NULL},
            {"@1", "?"},
            {"@\"2024-01-01", "?"},
            {"5 in (1, )", "?"},
            {"5 in ()", "?"},
            {"5 in not(5)", NULL},
            {"5 between 1", "?"},
            {"5 between 1 and", "?"},
            {"?", NULL},
            {"1 = ", "?"},
            {"1 ! 2", "?"},
            {"1 != 2", "true"},
            {"{a.b: 1}", "{a.b: 1}"},
            {"1 + + 2", "?"},
            {"function(x) external {java: {class: \"a\"}}", "?"},
        };

        (void)state;
        LAB_JUDGE(EXAMPLES);
}

static void numbers(void **state)
{
        static const struct lab_example EXAMPLES[] = {
            {"9e6144 * 10", NULL},
            {"9e6144 + 9e6144", NULL},
            {"9.999999999999999999999999999999999e6144 + 1e6144", NULL},
            {"1e-6176 / 10", "0"},
            {"1e-6143 * 1e-6143", "0"},
            {"0 ** 0", "1"},
            {"0 ** -1", NULL},
            {"2 ** 0.5 * 2 ** 0.5 > 1.99", "true"},
            {"(-8) ** (1/3)", NULL},
            {"10 ** 6144 = 1e6144", "true"},
            {"10 ** 6145", NULL},
            {"1.5 ** 1000 > 1e176", "true"},
            {"2 ** 1e9", NULL},
            {"0.5 ** 1e9", "0"},
            {"1 / 3 * 3 = 1", "false"},
            {"1 / 7 / 1e20 = 1428571428571428571428571428571429e-54", "true"},
            {"123456789012345678901234567890 / 98765432109876543210", "1249999988.609375000154882812383064"},
            {"sqrt(2)", "1.414213562373095048801688724209698"},
            {"sqrt(0)", "0"},
            {"sqrt(1e-20)", "0.0000000001"},
            {"sqrt(15241578750190521)", "123456789"},
            {"sqrt(1e6144) = 1e3072", "true"},
            {"sqrt(-1)", NULL},
            {"exp(0)", "1"},
            {"exp(1)", "2.718281828459045235360287471352662"},
            {"exp(1e5)", NULL},
            {"exp(-1e5)", "0"},
            {"exp(1e-40)", "1"},
            {"exp(-20000)", "0"},
            {"log(1)", "0"},
            {"log(0)", NULL},
            {"log(10)", "2.302585092994045684017991454684364"},
            {"log(1e-6176) < -14000", "true"},
            {"modulo(-12, 5)", "3"},
            {"modulo(12, -5)", "-3"},
            {"modulo(10.1, 4.5)", "1.1"},
            {"modulo(1, 0)", NULL},
            {"modulo(1e40, 7)", "4"},
            {"odd(1e40)", "false"},
            {"odd(1.5)", NULL},
            {"even(-2)", "true"},
            {"even(0)", "true"},
            {"odd(5)", "true"},
            {"even(2.0)", "true"},
            {"decimal(2.5, 0)", "2"},
            {"decimal(1/3, 2)", "0.33"},
            {"decimal(1.5, -1)", "0"},
            {"decimal(1, \"a\")", NULL},
            {"decimal(1, 1e10)", NULL},
            {"decimal(1, -7000)", NULL},
            {"decimal(1, 1.9)", "1"},
            {"decimal(1.25, 1.9)", "1.2"},
            {"decimal(1, 6176) = 1", "true"},
            {"decimal(1, 6177)", NULL},
            {"decimal(15, -6111) = 0", "true"},
            {"decimal(15, -6112)", NULL},
            {"round up(5.5, 0)", "6"},
            {"round up(-5.5, 0)", "-6"},
            {"round down(-5.5, 0)", "-5"},
            {"round half up(-5.5, 0)", "-6"},
            {"round half down(5.5, 0)", "5"},
            {"round half down(5.51, 0)", "6"},
            {"round half up(1.125, 2)", "1.13"},
            {"floor(-1.5)", "-2"},
            {"ceiling(-1.5)", "-1"},
            {"floor(1.56, 1)", "1.5"},
            {"ceiling(1.51, 1)", "1.6"},
            {"floor(1.5, null)", NULL},
            {"abs(-3)", "3"},
            {"abs([-3])", "3"},
            {"abs([@\"-P1M\"])", "P1M"},
            {"abs(@\"-P1DT1H\")", "P1DT1H"},
            {"abs(\"a\")", NULL},
            {"abs([1, 2])", NULL},
            {"number(\"1 000\", \" \", null)", "1000"},
            {"number(\"1,5\", null, \",\")", "1.5"},
            {"number(\"1.5\", null, \",\")", NULL},
            {"number(\"1.000,5\", \".\", \",\")", "1000.5"},
            {"number(\"1,000.5\", \",\", \".\")", "1000.5"},
            {"number(\"1\", \".\", \".\")", NULL},
            {"number(\"1\", \"x\", \".\")", NULL},
            {"number(\"1\", \" \", \"x\")", NULL},
            {"number(\"12\")", "12"},
            {"number(\"\")", NULL},
            {"number(\"1e3\")", "1000"},
            {"number(12)", NULL},
            {"number("
             "\"123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901"
             "2345678901234567890\", \",\", \".\") > 1e100",
             "true"},
            {"number(\"--1\")", NULL},
            {"number(\"1\", null, null)", "1"},
            {"number([\"7\"])", "7"},
            {"sum([9e6144, 9e6144])", NULL},
            {"sum([@\"P1D\", @\"PT1H\"])", "P1DT1H"},
            {"sum([@\"P1Y\", @\"P1M\"])", "P1Y1M"},
            {"sum([@\"P1D\", @\"P1M\"])", NULL},
            {"sum([\"a\"])", NULL},
            {"sum([@\"P1M\", 3])", NULL},
            {"sum([1, null])", NULL},
            {"sum([])", NULL},
            {"sum(1, 2)", "3"},
            {"mean([@\"P1D\", @\"P3D\"])", "P2D"},
            {"mean([1, \"a\"])", NULL},
            {"mean([])", NULL},
            {"product([1, \"a\"])", NULL},
            {"product([9e6144, 10])", NULL},
            {"product(2, 3, 4)", "24"},
            {"product([])", NULL},
            {"median([3, 1, 2])", "2"},
            {"median([1, 2])", "1.5"},
            {"median([1, \"a\"])", NULL},
            {"median([])", NULL},
            {"stddev([2, 4, 7, 5])", "2.081665999466132735282297706979931"},
            {"stddev([1])", NULL},
            {"stddev([@\"P1D\", @\"P2D\"])", NULL},
            {"stddev([9e6144, -9e6144])", NULL},
            {"stddev([9e6144, 9e6144])", NULL},
            {"mode([6, 3, 9, 6, 6])", "[6]"},
            {"mode([6, 1, 9, 6, 1])", "[1, 6]"},
            {"mode([])", "[]"},
            {"mode([1, \"a\"])", NULL},
            {"min([])", NULL},
            {"max([1, \"a\"])", NULL},
            {"min(\"b\", \"a\")", "a"},
            {"max(@\"2024-01-01\", @\"2025-01-01\")", "2025-01-01"},
            {"all([true, null])", "null"},
            {"all([false, null])", "false"},
            {"any([false, null])", "null"},
            {"any([true, null])", "true"},
            {"all([])", "true"},
            {"any([])", "false"},
            {"all([1])", NULL},
            {"any(true, 1)", "true"},
        };

        (void)state;
        LAB_JUDGE(EXAMPLES);
}

static void ranges_and_types(void **state)
{
        static const struct lab_example EXAMPLES[] = {
            {"range(\"]1..2[\")", "(1..2)"},
            {"range(\"(1..2]\")", "(1..2]"},
            {"range(\"[-1..-.5]\")", "[-1..-0.5]"},
            {"range(\" [ 1 .. 2 ] \")", "[1..2]"},
            {"range(\"[\\\"a\\\"..\\\"b\\\"]\")", "[\"a\"..\"b\"]"},
            {"range('x')", "?"},
            {"range(\"[date(\\\"2024-01-01\\\")..date(\\\"2024-02-01\\\")]\")", "[2024-01-01..2024-02-01]"},
            {"range(\"[@\\\"2024-01-01\\\"..@\\\"2024-01-02\\\"]\")", "[2024-01-01..2024-01-02]"},
            {"range(\"[duration(\\\"P1D\\\")..duration(\\\"P2D\\\")]\")", "[P1D..P2D]"},
            {"range(\"[a..b]\")", NULL},
            {"range(\"[1..2] x\")", NULL},
            {"range(\"1..2\")", NULL},
            {"range(\"[1..2}\")", NULL},
            {"range(\"[..2]\")", NULL},
            {"range(\"[1..]\")", NULL},
            {"range(\"[2..1]\")", NULL},
            {"range(\"[1,2]\")", NULL},
            {"range(\"[date(1)..date(2)]\")", NULL},
            {"range(\"[date(\\\"x\\\")..date(\\\"y\\\")]\")", NULL},
            {"range(\"[date(\\\"2024-01-01\\\"..3]\")", NULL},
            {"range(\"[1..\\\"a\\\"]\")", NULL},
            {"range(\"\")", NULL},
            {"range(\"[\")", NULL},
            {"range(\"[1\")", NULL},
            {"range(\"[1.\")", NULL},
            {"range(\"[-..1]\")", NULL},
            {"range(\"[\\\"a..b]\")", NULL},
            {"range(1)", NULL},
            {"range(\"[@\")", NULL},
            {"range(\"[1+1..3]\")", NULL},
            {"[3..1]", "[3..1]"},
            {"[null..1]", NULL},
            {"[1..\"a\"]", NULL},
            {"[\"a\"..\"c\"]", "[\"a\"..\"c\"]"},
            {"(< null)", NULL},
            {"(= null)", "(= null)"},
            {"5 in (= 5)", "true"},
            {"5 in (!= 5)", "false"},
            {"null in (= null)", "true"},
            {"5 in (< \"a\")", NULL},
            {"\"b\" in [\"a\"..\"c\"]", "true"},
            {"5 in [[1..3], 5]", "true"},
            {"5 in [\"a\", \"b\"]", "false"},
            {"[1..5] in [[1..5]]", "true"},
            {"[1..5] in [1..5]", "true"},
            {"[5] in [[5], 6]", "true"},
            {"[5] in [5]", "true"},
            {"[5] in 5", NULL},
            {"5 in null", "false"},
            {"null in null", "true"},
            {"1 in (2, null)", "false"},
            {"{a: 1} in {a: 1}", "true"},
            {"abs in abs", "true"},
            {"5 in 5", "true"},
            {"5 in (> 3 and < 9)", "?"},
            {"1 in [2, 3, [1, 1]]", "false"},
            {"for i in [1..3] return i", "[1, 2, 3]"},
            {"for i in (1..3) return i", "[2]"},
            {"for i in [5..5) return i", "[]"},
            {"for i in (5..5) return i", "[]"},
            {"for i in [3..1] return i", "[]"},
            {"for i in 1.5..3 return i", NULL},
            {"for i in 1..2.5 return i", NULL},
            {"for i in \"a\"..\"b\" return i", NULL},
            {"for i in (< 5) return i", NULL},
            {"for i in [\"a\"..\"b\"] return i", NULL},
            {"for d in @\"2024-01-02\"..@\"2024-01-01\" return d", "[2024-01-02, 2024-01-01]"},
            {"for d in @\"2024-01-01\"..3 return d", NULL},
            {"for d in [@\"2024-01-01\"..@\"2024-01-02\") return d.day", "[1]"},
            {"for i in -9223372036854775807..9223372036854775807 return i", NULL},
            {"for i in 1e30..2e30 return i", NULL},
            {"for x in 5 return x", "[5]"},
            {"for x in {a: 1} return x.a", "[1]"},
            {"for x in [] return x", "[]"},
            {"for x in [1, 2], y in [x, x * 10] return y", "[1, 10, 2, 20]"},
            {"some x in null satisfies true", NULL},
            {"every x in [1, 2] satisfies x", NULL},
            {"some x in [1, \"a\"] satisfies x = 1", "true"},
            {"some x in [\"a\", 1] satisfies x = 1", "true"},
            {"some x in [\"a\"] satisfies x = 1", "null"},
            {"every x in [false, null] satisfies x", "false"},
            {"some x in 1..3 satisfies x = 2", "true"},
            {"every x in 1..3, y in 1..x satisfies y <= x", "true"},
            {"abs instance of function<Any> -> Any", "true"},
            {"floor instance of function<number> -> number", "true"},
            {"floor instance of function<number, number> -> number", "true"},
            {"floor instance of function<number, number, number> -> number", "false"},
            {"floor instance of function<> -> number", "false"},
            {"floor instance of function<string> -> number", "false"},
            {"floor instance of function<number> -> string", "false"},
            {"sum instance of function<list<number>> -> number", "true"},
            {"concatenate instance of function<list<Any>, list<Any>> -> list<Any>", "true"},
            {"string length instance of function<string> -> number", "true"},
            {"get entries instance of function<context<>> -> list<Any>", "true"},
            {"(function(a: number, b) a) instance of function<number> -> Any", "false"},
            {"(function(f: function<number> -> number) f(1)) instance of function<function<number> -> number> -> Any", "true"},
            {"(function(f: function<number> -> number) f(1)) instance of function<function<string> -> number> -> Any", "false"},
            {"(function(f: function<number> -> number) f(1)) instance of function<function<number> -> string> -> Any", "false"},
            {"(function(f: function<number, number> -> number) 1) instance of function<function<number> -> number> -> Any",
             "false"},
            {"(function() \"a\") instance of function<> -> string", "true"},
            {"(function() \"a\") instance of function<> -> number", "false"},
            {"[1..2] instance of range<string>", "false"},
            {"[@\"2024-01-01\"..@\"2024-01-02\"] instance of range<date>", "true"},
            {"(< 5) instance of range<number>", "true"},
            {"[[1], [2]] instance of list<list<number>>", "true"},
            {"[[1], [\"a\"]] instance of list<list<number>>", "false"},
            {"{a: {b: 1}} instance of context<a: context<b: number>>", "true"},
            {"{a: {b: \"x\"}} instance of context<a: context<b: number>>", "false"},
            {"{a: null} instance of context<a: number>", "true"},
            {"[null] instance of list<number>", "true"},
            {"(function(a: list<number>) a)(3)", "[3]"},
            {"(function(a: list<number>) a)(\"x\")", NULL},
            {"(function(a: number) a)([3])", "3"},
            {"(function(a: number) a)([\"x\"])", NULL},
            {"(function(a: number) a)([1, 2])", NULL},
            {"(function(a: date and time) a)(@\"2024-01-01\")", "2024-01-01T00:00:00Z"},
            {"(function(a: number) a)(null)", "null"},
            {"(function(a: context<b: number>) a.b)({b: 1})", "1"},
            {"(function(a: context<b: number>) a.b)({c: 1})", NULL},
            {"(function(a: range<number>) a)([1..2])", "[1..2]"},
            {"(function(a: range<number>) a)([\"a\"..\"b\"])", NULL},
            {"(function(a: function<number> -> number) a(2))(floor)", "2"},
            {"(function(a: function<number> -> number) a(2))(upper case)", NULL},
            {"(function(a, b) a)(b: 1)", NULL},
            {"(function(a) a)(b: 1)", NULL},
            {"(function(a) a)(a: 1, a: 2)", NULL},
            {"floor(1, 2, 3)", NULL},
            {"floor(m: 1)", NULL},
            {"floor(n: 1, n: 2)", NULL},
            {"decimal(scale: 1, n: 1.25)", "1.2"},
            {"(floor)(n: 1.5)", "1"},
            {"{f: floor, x: f(n: 1.5, scale: 0)}.x", "1"},
            {"{f: floor, x: f(m: 1)}.x", NULL},
            {"{f: date, x: f(year: 2024, month: 1, day: 2)}.x", "2024-01-02"},
            {"1(2)", NULL},
            {"null(2)", NULL},
            {"\"f\"(2)", NULL},
            {"{a: 1, f: function() a, a b: 2, g: f() + a b}.g", "3"},
            {"{f: function(x) {y: x, z: function() y + x}.z, g: f(2)()}.g", "4"},
            {"[{item: 5, b: 1}][item = 5].b", "[1]"},
            {"[{b: 1}, 2][b = 1]", "[{b: 1}]"},
            {"[1, 2][item > 1 and item < 3]", "[2]"},
            {"{x: 5, r: [{x: 1}, {y: 2}][x = 5]}.r", "[{y: 2}]"},
        };

        (void)state;
        LAB_JUDGE(EXAMPLES);
}

/* --- relations of ranges -------------------------------------------------------------------------------------------------------- */

struct range {
        int start, end;
        bool from, to; /* the ends are included */
};

/* The definitions of DMN 1.5, table 78, of two ranges. */
static int relations(struct range a, struct range b)
{
        bool before = a.end < b.start || ((!a.to || !b.from) && a.end == b.start);
        bool after = a.start > b.end || ((!a.from || !b.to) && a.start == b.end);
        bool meets = a.to && b.from && a.end == b.start, met_by = a.from && b.to && a.start == b.end;
        bool reaches = a.end > b.start || meets, reached = a.start < b.end || met_by;
        bool overlaps = reaches && reached;
        bool overlaps_before = (a.start < b.start || (a.start == b.start && a.from && !b.from)) && reaches &&
                               (a.end < b.end || (a.end == b.end && (!a.to || b.to)));
        bool overlaps_after = (b.start < a.start || (b.start == a.start && b.from && !a.from)) && reached &&
                              (b.end < a.end || (b.end == a.end && (!b.to || a.to)));
        bool finishes = a.to == b.to && a.end == b.end && (a.start > b.start || (a.start == b.start && (!a.from || b.from)));
        bool finished_by = a.to == b.to && a.end == b.end && (a.start < b.start || (a.start == b.start && (a.from || !b.from)));
        bool includes = (a.start < b.start || (a.start == b.start && (a.from || !b.from))) &&
                        (a.end > b.end || (a.end == b.end && (a.to || !b.to)));
        bool during = (b.start < a.start || (b.start == a.start && (b.from || !a.from))) &&
                      (b.end > a.end || (b.end == a.end && (b.to || !a.to)));
        bool starts = a.start == b.start && a.from == b.from && (a.end < b.end || (a.end == b.end && (!a.to || b.to)));
        bool started_by = a.start == b.start && a.from == b.from && (b.end < a.end || (b.end == a.end && (!b.to || a.to)));
        bool coincides = a.start == b.start && a.end == b.end && a.from == b.from && a.to == b.to;
        bool all[] = {before,   after,       meets,    met_by, overlaps, overlaps_before, overlaps_after,
                      finishes, finished_by, includes, during, starts,   started_by,      coincides};
        int bits = 0;

        for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
                bits |= all[i] << i;
        return bits;
}

static void relations_of_ranges(void **state)
{
        static const char *const NAMES[] = {"before",          "after",          "meets",      "met by",      "overlaps",
                                            "overlaps before", "overlaps after", "finishes",   "finished by", "includes",
                                            "during",          "starts",         "started by", "coincides"};
        struct range ranges[60];
        int count = 0;
        struct lab l;
        struct buf text;

        (void)state;
        for (int start = 1; start <= 4; start++)
                for (int end = start; end <= 4; end++)
                        for (int closed = 0; closed < 4; closed++)
                                if (start < end || closed == 3)
                                        ranges[count++] = (struct range){start, end, closed & 1, closed >> 1};
        lab_open(&l);
        buf_init(&text, 1 << 16);
        for (int i = 0; i < count; i++)
                for (int k = 0; k < count; k++) {
                        struct range a = ranges[i], b = ranges[k];
                        int want = relations(a, b);
                        struct feel_value v;
                        buf_clear(&text);
                        buf_add_format(&text, "{a: %s%d..%d%s, b: %s%d..%d%s, r: [", a.from ? "[" : "(", a.start, a.end,
                                       a.to ? "]" : ")", b.from ? "[" : "(", b.start, b.end, b.to ? "]" : ")");
                        for (size_t f = 0; f < 14; f++)
                                buf_add_format(&text, "%s%s(a, b)", f == 0 ? "" : ", ", NAMES[f]);
                        buf_add_text(&text, "]}.r");
                        assert_int_equal(lab_eval(&l, buf_text(&text), &v), LAB_VALUE);
                        assert_true(v.kind == FEEL_LIST && v.count == 14);
                        for (size_t f = 0; f < 14; f++)
                                if (v.items[f].kind != FEEL_BOOLEAN || v.items[f].boolean != (want >> f & 1))
                                        fail_msg("%s of %s", NAMES[f], buf_text(&text));
                }
        buf_dispose(&text);
        lab_close(&l);
}

/* Without a clock there is no today; before 1970 there is one. */
static void clocks(void **state)
{
        struct lab l;
        struct buf out;

        (void)state;
        lab_open(&l);
        buf_init(&out, 1000);
        l.machine.now = -1;
        assert_string_equal(lab_shown(&l, "[today(), now()]", &out), "[1969-12-31, 1969-12-31T23:59:59.999999Z]");
        l.machine.now = -86400000000;
        assert_string_equal(lab_shown(&l, "[today(), now()]", &out), "[1969-12-31, 1969-12-31T00:00:00Z]");
        l.machine.has_now = false;
        assert_string_equal(lab_shown(&l, "[today(), now()]", &out), "[null, null]");
        assert_int_equal(l.machine.diagnostics, 2);
        buf_dispose(&out);
        lab_close(&l);
}

/* What is too long or has too many parts ends with an error that says so, or is no FEEL; at the bound itself it is taken. */
static void bounds(void **state)
{
        static const struct {
                const char *head, *one, *between, *tail;
                int fits, over; /* parts */
        } LONG[] = {
            {"count([", "1", ", ", "])", 5000, -1},
            {"sum(", "1", ", ", ")", 33, 200},
            {"(function(", "a%d", ", ", ") 1) instance of Any", 32, 200},
            {"1 in (", "1", ", ", ")", 200, -1},
            {"{", "a%d: 1", ", ", "}", 2000, -1},
            {"for ", "a%d in [1]", ", ", " return 1", 8, 200},
            {"1 instance of context<", "a%d: number", ", ", ">", 30, 200},
            {"1 instance of function<", "number", ", ", "> -> Any", 30, 200},
        };
        struct lab l;
        struct buf text;

        (void)state;
        lab_open(&l);
        buf_init(&text, 4 << 20);
        for (size_t i = 0; i < sizeof LONG / sizeof LONG[0]; i++)
                for (int k = 0; k < 2; k++) {
                        int n = k == 0 ? LONG[i].fits : LONG[i].over;
                        struct feel_value v;
                        if (n < 0)
                                continue;
                        buf_clear(&text);
                        buf_add_text(&text, LONG[i].head);
                        for (int j = 0; j < n; j++) {
                                char part[40], *number;
                                text_format(part, sizeof part, "%s", LONG[i].one);
                                if ((number = strchr(part, '%')) != NULL)
                                        text_format(number, 20, "%d%s", j, strchr(LONG[i].one, '%') + 2);
                                buf_add_format(&text, "%s%s", j == 0 ? "" : LONG[i].between, part);
                        }
                        buf_add_text(&text, LONG[i].tail);
                        enum lab_end end = lab_eval(&l, buf_text(&text), &v);
                        if (k == 0 ? end != LAB_VALUE || l.machine.diagnostics > 0
                                   : end == LAB_VALUE && l.machine.diagnostics == 0)
                                fail_msg("%s…: %d parts end as %d %s", LONG[i].head, n, (int)end, l.machine.diagnostic);
                }
        buf_clear(&text);
        buf_add_text(&text, "\"");
        for (int i = 0; i < 200000; i++)
                buf_add_text(&text, "aaaaaaaaaa");
        buf_add_text(&text, "\"");
        struct feel_value v;
        assert_int_equal(lab_eval(&l, buf_text(&text), &v), LAB_SYNTAX);
        assert_int_equal(l.err.code, SB_LIMIT);
        buf_dispose(&text);
        lab_close(&l);
}

int main(void)
{
        const struct CMUnitTest tests[] = {cmocka_unit_test(letters),          cmocka_unit_test(numbers),
                                           cmocka_unit_test(ranges_and_types), cmocka_unit_test(relations_of_ranges),
                                           cmocka_unit_test(clocks),           cmocka_unit_test(bounds)};

        return cmocka_run_group_tests(tests, NULL, NULL);
}
