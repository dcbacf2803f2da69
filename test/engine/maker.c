/* SPDX-License-Identifier: Apache-2.0
 *
 * The grammar of maker.h.
 */
#include "maker.h"

struct maker {
        struct rng *rng;
        struct buf *text;
};

static const char *pick(struct maker *m, const char *const *of, size_t count)
{
        return of[rng_below(m->rng, (uint32_t)count)];
}
#define PICK(m, ...)                                                                                                           \
        pick(m, (const char *const[]){__VA_ARGS__}, sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

/* Forms of expressions by what they give: n number, s text, b truth, d date, t time, z date and time, y days, m months, l list of
 * numbers, k list of texts, p context, r range, a anything. "%X" stands for an expression of the kind X. */
static const struct {
        char gives;
        const char *form;
} GRAMMAR[] = {{'n', "(%n + %n)"},
               {'n', "(%n - %n)"},
               {'n', "%n * %n"},
               {'n', "%n / %n"},
               {'n', "%n ** 2"},
               {'n', "-%n"},
               {'n', "decimal(%n, 2)"},
               {'n', "round half up(%n, 1)"},
               {'n', "floor(n: %n)"},
               {'n', "ceiling(%n, -1)"},
               {'n', "modulo(%n, 4)"},
               {'n', "abs(%n)"},
               {'n', "sqrt(%n)"},
               {'n', "log(%n)"},
               {'n', "exp(%n)"},
               {'n', "count(%l)"},
               {'n', "sum(%l)"},
               {'n', "min(%l)"},
               {'n', "max(%n, %n, 3)"},
               {'n', "mean(%l)"},
               {'n', "median(%l)"},
               {'n', "stddev(%l)"},
               {'n', "product(%l)"},
               {'n', "string length(%s)"},
               {'n', "number(%s)"},
               {'n', "number(\"1 234,5\", \" \", \",\")"},
               {'n', "%d.year"},
               {'n', "%z.hour"},
               {'n', "%t.minute"},
               {'n', "%y.hours"},
               {'n', "%m.months"},
               {'n', "%p.age"},
               {'n', "%l[1]"},
               {'n', "%l[-2]"},
               {'n', "day of year(%d)"},
               {'n', "week of year(%z)"},
               {'n', "last day of month(%d)"},
               {'n', "%y / %y"},
               {'n', "%m / %m"},
               {'n', "(if %b then %n else %n)"},
               {'n', "(function(x, y) x + y * %n)(%n, y: 2)"},
               {'n', "(function(x) x * 2)(x: %n)"},
               {'n', "{f: function(x) if x <= 0 then 0 else 1 + f(x - 1), r: f(3)}.r"},
               {'n', "{x: %n, y: x * 2}.y"},
               {'n', "get value(%p, \"age\")"},
               {'s', "(%s + %s)"},
               {'s', "substring(%s, 2)"},
               {'s', "substring(%s, -1, 1)"},
               {'s', "upper case(%s)"},
               {'s', "lower case(string: %s)"},
               {'s', "string(%a)"},
               {'s', "substring before(%s, \"b\")"},
               {'s', "substring after(%s, \"b\")"},
               {'s', "string join(%k, \"-\")"},
               {'s', "replace(%s, \"[a-b]\", \"x$0\")"},
               {'s', "%k[1]"},
               {'s', "day of week(%d)"},
               {'s', "month of year(%d)"},
               {'s', "%p.name"},
               {'s', "(if %b then %s else %s)"},
               {'s', "\"\\u0041\\\"\""},
               {'b', "%n < %n"},
               {'b', "%n = %n"},
               {'b', "%s >= %s"},
               {'b', "%d > %d"},
               {'b', "%t <= %t"},
               {'b', "%z != %z"},
               {'b', "%y < %y"},
               {'b', "%m = %m"},
               {'b', "(%b and %b)"},
               {'b', "(%b or %b)"},
               {'b', "not(%b)"},
               {'b', "%n in (%n, > %n)"},
               {'b', "%n in %r"},
               {'b', "%n between %n and %n"},
               {'b', "%d between %d and %d"},
               {'b', "%s in %k"},
               {'b', "list contains(%l, %n)"},
               {'b', "some x in %l satisfies x > %n"},
               {'b', "every x in %l, y in %l satisfies x >= y"},
               {'b', "contains(%s, %s)"},
               {'b', "starts with(%s, \"a\")"},
               {'b', "ends with(%s, \"c\")"},
               {'b', "matches(%s, \"^[a-z]+$\", \"i\")"},
               {'b', "even(%n)"},
               {'b', "odd(%n)"},
               {'b', "is(%a, %a)"},
               {'b', "%a instance of number"},
               {'b', "all([%b, %b])"},
               {'b', "any([%b, %b])"},
               {'b', "%a = null"},
               {'b', "before(%n, %r)"},
               {'b', "includes(%r, %n)"},
               {'b', "during(%r, %r)"},
               {'b', "overlaps(%r, %r)"},
               {'b', "met by(%r, %r)"},
               {'b', "starts(%n, %r)"},
               {'b', "finished by(%r, %n)"},
               {'b', "coincides(%r, %r)"},
               {'b', "%r.start included"},
               {'d', "date(%n, 2, 28)"},
               {'d', "date(%s)"},
               {'d', "date(%z)"},
               {'d', "%d + %m"},
               {'d', "%d - %m"},
               {'d', "%d + %y"},
               {'d', "%p.born"},
               {'d', "today()"},
               {'t', "time(%z)"},
               {'t', "time(%n, 30, 0)"},
               {'t', "%t + %y"},
               {'t', "time(\"10:00:00@Asia/Shanghai\")"},
               {'z', "date and time(%d, %t)"},
               {'z', "%z + %y"},
               {'z', "%z - %m"},
               {'z', "now()"},
               {'z', "date and time(\"2024-01-01T00:00:00Z\")"},
               {'y', "%d - %d"},
               {'y', "%z - %z"},
               {'y', "%t - %t"},
               {'y', "%y + %y"},
               {'y', "-%y"},
               {'y', "%y * %n"},
               {'y', "%n * %y"},
               {'y', "%y / %n"},
               {'y', "duration(\"-P2DT1H\")"},
               {'y', "abs(%y)"},
               {'m', "years and months duration(%d, %d)"},
               {'m', "%m + %m"},
               {'m', "%m - %m"},
               {'m', "%m * 2"},
               {'m', "-%m"},
               {'m', "%m / %n"},
               {'l', "[%n, %n]"},
               {'l', "%l[item > %n]"},
               {'l', "(for x in %l return x * 2)"},
               {'l', "(for x in 1..3, y in x..2 return x * y)"},
               {'l', "(for x in %r return x)"},
               {'l', "append(%l, %n)"},
               {'l', "concatenate(%l, %l)"},
               {'l', "reverse(%l)"},
               {'l', "sort(%l)"},
               {'l', "sort(%l, function(x, y) x > y)"},
               {'l', "distinct values(%l)"},
               {'l', "union(%l, %l)"},
               {'l', "sublist(%l, 1, 1)"},
               {'l', "insert before(%l, 1, %n)"},
               {'l', "remove(%l, 1)"},
               {'l', "list replace(%l, 1, %n)"},
               {'l', "list replace(%l, function(x, y) x = 1, %n)"},
               {'l', "flatten([%l, [%n]])"},
               {'l', "mode(%l)"},
               {'l', "index of(%l, %n)"},
               {'l', "ps.age"},
               {'l', "ps[age > %n].age"},
               {'l', "(for x in 1..4 return if x = 1 then 1 else partial[-1] * x)"},
               {'k', "[%s, %s]"},
               {'k', "split(%s, \"b\")"},
               {'k', "get entries(%p).key"},
               {'k', "ps.name"},
               {'k', "%k[item != %s]"},
               {'p', "{name: %s, age: %n, born: %d}"},
               {'p', "context put(%p, \"age\", %n)"},
               {'p', "context merge([%p, {more: %n}])"},
               {'p', "ps[%n]"},
               {'p', "context([{key: \"age\", value: %n}])"},
               {'p', "(if %b then %p else %p)"},
               {'r', "[%n..%n]"},
               {'r', "(%n..%n)"},
               {'r', "]%n..%n]"},
               {'r', "(< %n)"},
               {'r', "(>= %n)"},
               {'r', "range(\"[1..5)\")"},
               {'a', "%n"},
               {'a', "%s"},
               {'a', "%b"},
               {'a', "%d"},
               {'a', "%z"},
               {'a', "%y"},
               {'a', "%l"},
               {'a', "%p"},
               {'a', "null"},
               {'a', "%r"},
               {'a', "[%a, %a]"},
               {'a', "{a: %a}"}};
#define GRAMMAR_COUNT (sizeof GRAMMAR / sizeof GRAMMAR[0])

static void leaf(struct maker *m, char kind)
{
        const char *text = kind == 'n'   ? PICK(m, "n", "0", "1", "2.50", "-3", "100000000000000000000", "p.age")
                           : kind == 's' ? PICK(m, "s", "\"\"", "\"abcb\"", "\"养老\"", "p.name")
                           : kind == 'b' ? PICK(m, "b", "true", "false")
                           : kind == 'd' ? PICK(m, "d", "@\"2023-12-31\"", "p.born")
                           : kind == 't' ? PICK(m, "t", "@\"23:59:59.25\"", "@\"08:00:00+08:00\"")
                           : kind == 'z' ? PICK(m, "z", "@\"2024-03-31T01:30:00Z\"", "@\"2024-03-31T01:30:00@Asia/Shanghai\"")
                           : kind == 'y' ? PICK(m, "y", "@\"PT36H\"", "@\"-P1D\"")
                           : kind == 'm' ? PICK(m, "m", "@\"P13M\"", "@\"-P2Y\"")
                           : kind == 'l' ? PICK(m, "l", "[]", "[5]", "[1, 2, 2, 3]")
                           : kind == 'k' ? PICK(m, "k", "[\"x\"]")
                           : kind == 'p' ? PICK(m, "p", "ps[1]")
                           : kind == 'r' ? PICK(m, "[1..5]", "(2..7)", "(> 3)")
                                         : PICK(m, "n", "s", "ps", "null", "t", "m");
        buf_add_text(m->text, text);
}

static void make(struct maker *m, char kind, int depth)
{
        size_t k = rng_below(m->rng, GRAMMAR_COUNT);

        if (rng_below(m->rng, 40) == 0) /* now and then what does not belong there */
                kind = 'a';
        if (depth == 0) {
                leaf(m, kind);
                return;
        }
        while (GRAMMAR[k].gives != kind)
                k = (k + 1) % GRAMMAR_COUNT;
        for (const char *f = GRAMMAR[k].form; *f != '\0'; f++)
                if (*f == '%')
                        make(m, *++f, depth - 1 - (int)rng_below(m->rng, 2) * (depth > 1));
                else
                        buf_add_char(m->text, *f);
}

void expression_make(struct rng *r, struct buf *out, char kind, int depth)
{
        struct maker m = {r, out};

        make(&m, kind, depth);
}
