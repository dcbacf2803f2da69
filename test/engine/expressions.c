/* SPDX-License-Identifier: Apache-2.0
 *
 * What the check of rules says of an expression against what the expression gives: every operator on every two kinds, every function
 * on every kind, and random expressions. What the check takes a value for, the value is, or null; what it calls a mistake is one; a
 * value means the same alone, inside of a model and, printed, when it is read again.
 */
#include "base/rng.h"
#include "lab.h"
#include "maker.h"
#include "testing.h"

#include <string.h>

#define BATCH 120

/* Texts of a batch and what became of them. */
struct batch {
        struct lab lab;
        struct buf store;
        size_t starts[BATCH];
        const char *texts[BATCH];
        struct lab_verdict verdicts[BATCH];
        char shown[BATCH][300];
        enum feel_kind kinds[BATCH];
        unsigned diagnostics[BATCH];
        char diagnostic[BATCH][120];
        size_t count;
        int wrong, seen, values;
        bool flat; /* what the check calls a mistake is evaluated in any case */
};

static const char *kind_claimed(enum feel_kind kind)
{
        static const char *const CLAIMS[] = {
            "",           "a truth value",        "a number", "a text",    "a date",  "a time",    "a date and time",
            "a duration", "a duration in months", "a list",   "a context", "a range", "a function"};

        return CLAIMS[kind];
}

static void wrong(struct batch *b, size_t i, const char *what, const char *more)
{
        if (b->wrong++ < 40)
                print_error("%s: %s %s; value %s, %u diagnostics %s, check %d %s, claims %s\n", b->texts[i], what, more,
                            b->shown[i], b->diagnostics[i], b->diagnostic[i], b->verdicts[i].errors, b->verdicts[i].text,
                            b->verdicts[i].claim);
}

/* Printed and read again it is the same value. */
static void reads_again(struct batch *b, size_t i, const struct feel_value *v)
{
        struct feel_value again;
        struct buf out;

        if (v->kind >= FEEL_LIST || v->kind == FEEL_NULL)
                return;
        buf_init(&out, 1 << 16);
        feel_print(&out, v);
        if (!feel_from_text(&b->lab.machine, v->kind == FEEL_STRING ? "string" : feel_kind_name(v->kind),
                            (struct str){buf_text(&out), out.n}, &again) ||
            !feel_is(&again, v))
                wrong(b, i, "is not read as it was printed:", buf_text(&out));
        json_t *json = feel_to_json(v);
        struct error err = {0};
        assert_non_null(json);
        if (feel_from_json(&b->lab.machine, json, feel_kind_name(v->kind), &again, &err) < 0 || !feel_is(&again, v))
                wrong(b, i, "is another value as JSON:", buf_text(&out));
        json_decref(json);
        buf_dispose(&out);
}

/* Inside of a loop, a context and a function, whose names stand in other slots, it is the same. */
static void same_inside(struct batch *b, size_t i)
{
        struct feel_value v;
        struct buf text;

        buf_init(&text, 1 << 16);
        buf_add_format(&text, "(for zz in [1] return {ww: function(vv) (%s), uu: ww(zz)}.uu)[1]", b->texts[i]);
        enum lab_end end = lab_eval(&b->lab, buf_text(&text), &v);
        buf_clear(&text);
        if (end == LAB_VALUE)
                feel_print(&text, &v);
        if (end != LAB_VALUE || strncmp(buf_text(&text), b->shown[i], sizeof b->shown[i] - 4) != 0)
                wrong(b, i, "is inside of a function", buf_text(&text));
        buf_dispose(&text);
}

/* Evaluated alone; false when it is not worth a place in the batch. */
static bool evaluate(struct batch *b, size_t i)
{
        struct feel_value v;
        struct buf out;

        if (lab_eval(&b->lab, b->texts[i], &v) != LAB_VALUE)
                return false;
        b->kinds[i] = v.kind;
        b->diagnostics[i] = b->lab.machine.diagnostics;
        text_copy(b->diagnostic[i], sizeof b->diagnostic[i], str_from(b->lab.machine.diagnostic));
        buf_init(&out, 1 << 20);
        feel_print(&out, &v);
        text_copy(b->shown[i], sizeof b->shown[i], (struct str){buf_text(&out), out.n});
        buf_dispose(&out);
        reads_again(b, i, &v);
        if (!b->flat)
                same_inside(b, i);
        return true;
}

static void judge(struct batch *b, size_t i)
{
        const struct lab_verdict *v = &b->verdicts[i];

        b->seen++;
        b->values += b->kinds[i] != FEEL_NULL;
        if (v->claim[0] != '\0' && b->kinds[i] != FEEL_NULL && strcmp(v->claim, kind_claimed(b->kinds[i])) != 0)
                wrong(b, i, "is not what the check takes it for,", v->claim);
        /* an argument that is left out by name is null, which the conformance suite wants and a check should mention */
        bool left_out = v->first == SB_RULE_ARGUMENTS && strstr(b->texts[i], ": ") != NULL;
        if (!b->flat || v->errors == 0 || b->diagnostics[i] > 0 || left_out)
                return;
        if (strstr(v->text, "never be met") != NULL) {
                if (strcmp(b->shown[i], "true") == 0 && strstr(b->texts[i], ", 3)") == NULL)
                        wrong(b, i, "is met,", "");
        } else if (strstr(b->texts[i], " or ") == NULL &&
                   strstr(b->texts[i], " and ") == NULL) { /* which may not look further */
                wrong(b, i, "is right, and the check says", v->text);
        }
}

static void flush(struct batch *b)
{
        struct lab_run run;
        struct buf out;

        for (size_t i = 0; i < b->count; i++)
                b->texts[i] = b->store.p + b->starts[i];
        size_t kept = 0;
        for (size_t i = 0; i < b->count; i++) {
                b->texts[kept] = b->texts[i];
                kept += evaluate(b, kept);
        }
        b->count = kept;
        lab_check(b->texts, b->count, b->verdicts);
        lab_decide(&b->lab, b->texts, b->count, &run);
        buf_init(&out, 1 << 20);
        for (size_t i = 0; i < b->count; i++) {
                judge(b, i);
                buf_clear(&out);
                feel_print(&out, &run.values.entries[i].value);
                char shown[sizeof b->shown[0]];
                text_copy(shown, sizeof shown, (struct str){buf_text(&out), out.n});
                if (strcmp(shown, b->shown[i]) != 0 && (b->diagnostics[i] == 0 || strcmp(shown, "null") != 0))
                        wrong(b, i, "is within a model", shown);
        }
        buf_dispose(&out);
        lab_run_dispose(&run);
        b->count = 0;
        buf_clear(&b->store);
}

static void add(struct batch *b, const char *text)
{
        b->starts[b->count++] = b->store.n;
        buf_add(&b->store, text, strlen(text) + 1);
        if (b->count == BATCH)
                flush(b);
}

static void batch_open(struct batch *b, bool flat)
{
        memset(b, 0, sizeof *b);
        buf_init(&b->store, 1 << 22);
        lab_open(&b->lab);
        b->flat = flat;
}

static void batch_close(struct batch *b)
{
        if (b->count > 0)
                flush(b);
        assert_int_equal(b->wrong, 0);
        lab_close(&b->lab);
        buf_dispose(&b->store);
}

static const char *const OPERANDS[] = {"n",   "s",    "b",     "d",       "t",     "z",      "y",
                                       "m",   "l",    "k",     "p",       "ps",    "[1..9]", "(function(x) x)",
                                       "[n]", "null", "(< 5)", "[p.age]", "{a: 1}"};
#define OPERAND_COUNT (sizeof OPERANDS / sizeof OPERANDS[0])

static void operators(void **state)
{
        static const char *const FORMS[] = {"%s + %s",
                                            "%s - %s",
                                            "%s * %s",
                                            "%s / %s",
                                            "%s ** %s",
                                            "%s = %s",
                                            "%s != %s",
                                            "%s < %s",
                                            "%s <= %s",
                                            "%s > %s",
                                            "%s >= %s",
                                            "%s and %s",
                                            "%s or %s",
                                            "%s in %s",
                                            "%s in (%s, 3)",
                                            "[%s, %s]",
                                            "[%s..%s]",
                                            "if b then %s else %s",
                                            "%s between %s and 9",
                                            "(for x in %s return x) = %s",
                                            "(some x in %s satisfies x = %s)",
                                            "%s[item = %s]",
                                            "count(%s) = %s",
                                            "{x: %s, y: x = %s}.y"};
        static const char *const SINGLES[] = {"-%s",
                                              "%s.year",
                                              "%s.weekday",
                                              "%s.hour",
                                              "%s.time offset",
                                              "%s.timezone",
                                              "%s.days",
                                              "%s.seconds",
                                              "%s.years",
                                              "%s.months",
                                              "%s.start",
                                              "%s.end included",
                                              "%s.start included",
                                              "%s.end",
                                              "%s.age",
                                              "%s.age.year",
                                              "%s.nothing",
                                              "%s[1]",
                                              "%s[-1]",
                                              "%s[true]",
                                              "%s[b]",
                                              "%s[s]",
                                              "%s[item > 1]",
                                              "%s[age > 18].name",
                                              "not(%s)",
                                              "%s()",
                                              "%s(1)",
                                              "if %s then 1 else 2",
                                              "for x in %s return [x]",
                                              "every x in %s satisfies x",
                                              "some x in %s satisfies x != null",
                                              "%s instance of number",
                                              "%s instance of list<number>",
                                              "%s instance of context<age: number>",
                                              "%s instance of range<number>",
                                              "%s instance of function<number> -> number",
                                              "%s instance of date and time",
                                              "%s in (< 5)",
                                              "%s in ([1..5], > \"a\")",
                                              "%s in (not(3))",
                                              "{f: function(x) x, r: f(%s)}.r",
                                              "(function(x: number) x)(%s)",
                                              "(function(x: date and time) x)(%s)",
                                              "(function(x: list<number>) x)(%s)"};
        static struct batch b;
        char text[200];

        (void)state;
        batch_open(&b, true);
        for (size_t f = 0; f < sizeof FORMS / sizeof FORMS[0]; f++)
                for (size_t i = 0; i < OPERAND_COUNT; i++)
                        for (size_t k = (f + i) % 2; k < OPERAND_COUNT; k += 2) {
                                text_format(text, sizeof text, FORMS[f], OPERANDS[i], OPERANDS[k]);
                                add(&b, text);
                        }
        for (size_t f = 0; f < sizeof SINGLES / sizeof SINGLES[0]; f++)
                for (size_t i = 0; i < OPERAND_COUNT; i++) {
                        text_format(text, sizeof text, SINGLES[f], OPERANDS[i]);
                        add(&b, text);
                }
        batch_close(&b);
        assert_true(b.seen > 4000);
}

/* Functions, and the names of their parameters. */
static const struct {
        const char *name, *parameters[4];
} FUNCTIONS[] = {{"abs", {"n"}},
                 {"after", {"point1", "point2"}},
                 {"all", {"list"}},
                 {"any", {"list"}},
                 {"append", {"list", "item"}},
                 {"before", {"range1", "range2"}},
                 {"ceiling", {"n", "scale"}},
                 {"coincides", {"range1", "range2"}},
                 {"concatenate", {"list", "list"}},
                 {"contains", {"string", "match"}},
                 {"context", {"entries"}},
                 {"context merge", {"contexts"}},
                 {"context put", {"context", "key", "value"}},
                 {"count", {"list"}},
                 {"date", {"year", "month", "day"}},
                 {"date", {"from"}},
                 {"date and time", {"date", "time"}},
                 {"day of week", {"date"}},
                 {"day of year", {"date"}},
                 {"decimal", {"n", "scale"}},
                 {"distinct values", {"list"}},
                 {"duration", {"from"}},
                 {"during", {"point", "range"}},
                 {"ends with", {"string", "match"}},
                 {"even", {"number"}},
                 {"exp", {"number"}},
                 {"finished by", {"range", "point"}},
                 {"finishes", {"point", "range"}},
                 {"flatten", {"list"}},
                 {"floor", {"n", "scale"}},
                 {"get entries", {"m"}},
                 {"get value", {"m", "key"}},
                 {"includes", {"range", "point"}},
                 {"index of", {"list", "match"}},
                 {"insert before", {"list", "position", "newItem"}},
                 {"is", {"value1", "value2"}},
                 {"last day of month", {"date"}},
                 {"list contains", {"list", "element"}},
                 {"list replace", {"list", "position", "newItem"}},
                 {"log", {"number"}},
                 {"lower case", {"string"}},
                 {"matches", {"input", "pattern", "flags"}},
                 {"max", {"list"}},
                 {"mean", {"list"}},
                 {"median", {"list"}},
                 {"meets", {"range1", "range2"}},
                 {"met by", {"range1", "range2"}},
                 {"min", {"list"}},
                 {"mode", {"list"}},
                 {"modulo", {"dividend", "divisor"}},
                 {"month of year", {"date"}},
                 {"not", {"negand"}},
                 {"now", {NULL}},
                 {"number", {"from", "grouping separator", "decimal separator"}},
                 {"odd", {"number"}},
                 {"overlaps", {"range1", "range2"}},
                 {"overlaps after", {"range1", "range2"}},
                 {"overlaps before", {"range1", "range2"}},
                 {"product", {"list"}},
                 {"range", {"from"}},
                 {"remove", {"list", "position"}},
                 {"replace", {"input", "pattern", "replacement", "flags"}},
                 {"reverse", {"list"}},
                 {"round down", {"n", "scale"}},
                 {"round half down", {"n", "scale"}},
                 {"round half up", {"n", "scale"}},
                 {"round up", {"n", "scale"}},
                 {"sort", {"list", "precedes"}},
                 {"split", {"string", "delimiter"}},
                 {"sqrt", {"number"}},
                 {"started by", {"range", "point"}},
                 {"starts", {"point", "range"}},
                 {"starts with", {"string", "match"}},
                 {"stddev", {"list"}},
                 {"string", {"from"}},
                 {"string join", {"list", "delimiter"}},
                 {"string length", {"string"}},
                 {"sublist", {"list", "start position", "length"}},
                 {"substring", {"string", "start position", "length"}},
                 {"substring after", {"string", "match"}},
                 {"substring before", {"string", "match"}},
                 {"sum", {"list"}},
                 {"time", {"hour", "minute", "second", "offset"}},
                 {"time", {"from"}},
                 {"today", {NULL}},
                 {"union", {"list"}},
                 {"upper case", {"string"}},
                 {"week of year", {"date"}},
                 {"years and months duration", {"from", "to"}}};
#define FUNCTION_COUNT (sizeof FUNCTIONS / sizeof FUNCTIONS[0])

static void functions(void **state)
{
        static struct batch b;
        struct rng r = rng_new(3, 1);
        char text[300];

        (void)state;
        batch_open(&b, true);
        for (size_t f = 0; f < FUNCTION_COUNT; f++) {
                const char *name = FUNCTIONS[f].name, *const *p = FUNCTIONS[f].parameters;
                add(&b, text_format(text, sizeof text, "%s()", name));
                for (size_t i = 0; i < OPERAND_COUNT; i++) {
                        add(&b, text_format(text, sizeof text, "%s(%s)", name, OPERANDS[i]));
                        if (p[0] != NULL)
                                add(&b, text_format(text, sizeof text, "%s(%s: %s)", name, p[0], OPERANDS[i]));
                        for (size_t k = (i + f) % 12; k < OPERAND_COUNT; k += 12)
                                add(&b, text_format(text, sizeof text, "%s(%s, %s)", name, OPERANDS[i], OPERANDS[k]));
                }
                for (int k = 0; k < 60; k++) {
                        const char *o[4];
                        for (int i = 0; i < 4; i++)
                                o[i] = OPERANDS[rng_below(&r, OPERAND_COUNT)];
                        if (k < 20)
                                add(&b, text_format(text, sizeof text, "%s(%s, %s, %s)", name, o[0], o[1], o[2]));
                        else if (k < 30)
                                add(&b, text_format(text, sizeof text, "%s(%s, %s, %s, %s)", name, o[0], o[1], o[2], o[3]));
                        else if (p[1] != NULL && k < 45)
                                add(&b, text_format(text, sizeof text, "%s(%s: %s, %s: %s)", name, p[1], o[0], p[0], o[1]));
                        else if (p[1] != NULL && p[2] != NULL)
                                add(&b, text_format(text, sizeof text, "%s(%s: %s, %s: %s, %s: %s)", name, p[2], o[0], p[0],
                                                    o[1], p[1], o[2]));
                        else if (k == 59)
                                add(&b, text_format(text, sizeof text, "%s(nothing: %s)", name, o[0]));
                }
        }
        batch_close(&b);
        assert_true(b.seen > 7000);
}

static void random_ones(void **state)
{
        static struct batch b;
        struct rng r = rng_new(2026, 11);
        struct buf text;

        (void)state;
        batch_open(&b, false);
        buf_init(&text, 1 << 20);
        for (int i = 0; i < 2500; i++) {
                buf_clear(&text);
                expression_make(&r, &text, "nsbdtzymlkpra"[i % 13], 1 + i % 4);
                if (text.n < 1500)
                        add(&b, buf_text(&text));
        }
        buf_dispose(&text);
        batch_close(&b);
        assert_true(b.seen > 2200 && b.values > 1600);
}

int main(void)
{
        const struct CMUnitTest tests[] = {cmocka_unit_test(operators), cmocka_unit_test(functions),
                                           cmocka_unit_test(random_ones)};

        return cmocka_run_group_tests(tests, NULL, NULL);
}
