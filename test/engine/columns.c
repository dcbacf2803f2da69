/* SPDX-License-Identifier: Apache-2.0
 *
 * Every operation that has a kernel, and many that have none, over columns of each kind and width: each row of each output, asked for
 * as each kind, is what the scalar path gives.
 */
#include "base/rng.h"
#include "engine/column/column.h"
#include "testing.h"

#include <stdlib.h>
#include <string.h>

#define ROWS 88
#define INPUTS 14

/* n: numbers wide, with fractions, few; b flags; t texts; d days wide and few; the rest is one value for all rows: u is of no declared
 * type and a number, y true, o null, c a context, f a function of none, x a date. */
static const char *const NAMES[INPUTS] = {"n1", "n2", "n3", "b1", "b2", "t1", "d1", "d2", "u", "y", "o", "c", "q", "x"};
static const char *const TYPES[INPUTS] = {"number", "number", "number",  "boolean", "boolean", "string", "date",
                                          "date",   "Any",    "boolean", "number",  "Any",     "string", "date"};

static const char *const EXPRESSIONS[] = {
    /* numbers */
    "n1",
    "n1 + n2",
    "n1 - n2",
    "n1 * n2",
    "n1 / n2",
    "n1 ** 2",
    "-n1",
    "n1 + 0",
    "n1 - 0.05",
    "n1 * 1",
    "1 * n2",
    "n1 * 0.013",
    "n1 / 4",
    "n1 / 0.5",
    "n2 / 3",
    "n1 / 8 / 125",
    "n1 / 1000",
    "n1 / n3",
    "n2 * n2 * n2 * n2 * n2",
    "n1 * n1 * n1",
    "decimal(n1 / 3, 2)",
    "decimal(n1 / n2, 2)",
    "round half up(n1 / n3, 2)",
    "round down(n1 / n2, 0)",
    "round up(n1 / 7, 1)",
    "round half down(n1 / 7 + 1, 1)",
    "round half up(1 - n1 / 7, 1)",
    "round half up(n2 - n1 / n3, 1)",
    "round half up(n1 / 7 * 2, 1)",
    "floor(n2)",
    "ceiling(n2)",
    "floor(n1)",
    "floor(n1 / n3)",
    "floor(n2, n3)",
    "round up(n2, 1)",
    "round up(n2, -1)",
    "round up(n1, 200)",
    "round up(n2, 1.5)",
    "decimal(t1, 2)",
    "abs(n1)",
    "abs(n3)",
    "abs(n2 - n1)",
    "abs(t1)",
    "min(n1, n2)",
    "max(n1, n2, 5)",
    "min(n1, t1)",
    "max(d1, d2)",
    "min(d1, d2)",
    "min(b1, b2)",
    "min([n1, n2])",
    "modulo(n1, 7)",
    "sqrt(n1)",
    "n1 + o",
    "o + n1",
    "n1 / o",
    "n1 + u",
    "u + n1",
    "n1 * c.rate",
    "n1 * c.none",
    "c.rate",
    "n1 / 0",
    "n1 / (n3 - n3)",
    "(n1 / n2) / n3",
    "(n1 / n2) = n3",
    "n1 / n2 > 1",
    "decimal(n1 / n2, 10) * n1",
    "n2 / 0.00001 / 0.00001",
    "round half up(n2 / 0.00000000001, 1)",
    "n1 * 9999999999 * 9999999999",
    /* truth */
    "b1",
    "not(b1)",
    "not(n1)",
    "b1 and b2",
    "b1 or b2",
    "y and b1",
    "b1 and y",
    "y or b1",
    "not(y) and b1",
    "y and n1",
    "n1 and y",
    "not(y) or n1",
    "n1 or not(y)",
    "b1 and n1",
    "o and b1",
    "b1 or o",
    "y and t1",
    "n1 < n2",
    "n1 <= n2",
    "n1 > n2",
    "n1 >= n2",
    "n1 = n2",
    "n1 != n2",
    "b1 = b2",
    "b1 < b2",
    "t1 = \"a\"",
    "t1 != \"zz\"",
    "t1 < \"b\"",
    "\"b\" >= t1",
    "t1 = t1",
    "d1 < d2",
    "d1 = d2",
    "d1 >= x",
    "d1 = t1",
    "n1 = t1",
    "n1 = null",
    "null != n1",
    "o = null",
    "b1 = null",
    "n1 / n2 = null",
    "{a: n1} = null",
    "n1 between n2 and 50",
    "n1 between t1 and 50",
    "d1 between d2 and x",
    "n1 in [1..50]",
    "n1 in (n2, n3)",
    "n1 < 0.0000000001",
    "n1 = u",
    "n3 = 3",
    "n3 < n2",
    /* choices */
    "if b1 then n1 else n2",
    "if b1 then n1 else 0.001",
    "if b1 then n3 else n1",
    "if n1 > 50 then n1 * 2 else if n1 > 20 then n1 else 0",
    "if b1 then n1 else t1",
    "if b1 then t1 else n1",
    "if b1 then d1 else d2",
    "if b1 then b2 else n1 > 3",
    "if n1 then 1 else 2",
    "if u then 1 else 2",
    "if o = 1 then n1 else n2",
    "if y then n1 else n1 / 0",
    "if not(y) then n1 else n2",
    "if b1 then n1 ** 2 else n2",
    "if b1 then n2 else n1 ** 2",
    "if b1 then sqrt(n1) else n1 ** 2",
    "if b1 then null else n1",
    "if b1 then n1 else null",
    "(if b1 then {a: n1, b: n2} else {b: n1, a: n2}).a",
    "(if b1 then {a: n1, b: n2} else {a: n1, c: 1}).b",
    "(if b1 then {a: n1} else {a: n1, c: 1}).a",
    "if b1 then {a: n1} else 3",
    "if n1 = null then 0 else n1",
    "if t1 = \"a\" then n1 else n2",
    "if d1 > x then n1 else n2",
    "if b1 and n1 / n3 > 2 then n1 / n3 else 0",
    "if t1 < \"b\" then n1 else n2",
    "if b1 then t1 else \"none\"",
    "if n1 > 40 then \"a\" else t1",
    /* contexts, names, functions */
    "{a: n1 * 2, b: a + 1}.b",
    "{a: n1, r: a + n2}.r",
    "{a: n1}.none",
    "{a: {b: n1}}.a.b",
    "twice(n1)",
    "twice(x: n1)",
    "twice(t1)",
    "twice(n1, 2)",
    "twice(y: n1)",
    "both(n1, n2)",
    "both(b: n1, a: n2)",
    "fixed(t1)",
    "fixed(n1)",
    "(function(z) z + n1)(n2)",
    "deep(3)",
    "twice(o)",
    "narrow(n1)",
    "d1.year",
    "d2.month",
    "c.name",
    "c",
    "string(n1)",
    "t1 + \"x\"",
    "string length(t1)",
    "n1[1]",
    "[n1, n2]",
    "d1 + duration(\"P1D\")",
    "d1 - d2",
    "date(2024, 1, 1)",
    "x",
    "q",
    "t1",
    "d1",
    "d2",
    "u",
    "o",
    "n3",
    "upper case(t1)",
    "q = t1",
    "count([n1])",
    "for i in [n1] return i",
    "some i in [n1] satisfies i > 3",
    "y and n1 > 50",
    "n1 > 50 and y",
    "not(y) or n1 > 50",
    "n1 > 50 or not(y)",
    "not(y) and n1 > 50",
    "y or n1 > 50",
    "n1 > 50 and o",
    "o or n1 > 50",
    "n1 > 50 and u",
    "u or n1 > 50",
    "n1 > 50 and n2 < 10 or n1 < 5",
    "twice(n1 / n2)",
    "twice(decimal(n1 / n3, 1))",
    "narrow(n1 / 2)",
    "first({a: n1, b: n2})",
    "first({a: t1, b: n2})",
    "first({a: n1})",
    "first(n1)",
    "whole({a: n1}).a",
    "down(n3)",
    "down(n1)",
    "{a: n1}.a + {a: n2, b: a}.b",
    "n1.a",
    "c.rate * n1",
    "if n1 > 50 then c else {rate: n1, name: t1}",
    "(if n1 > 50 then c else {rate: n1, name: t1}).rate",
    "-(n1 / n2)",
    "n1 * (n2 / n3)",
    "(n1 + n2) / (n2 + 1000)",
    "round half up((n1 + n2) / (n2 + 1000), 3)",
    "n1 + 0.0000000001",
    "n1 instance of number",
    "y",
    "\"a\"",
};
#define COUNT (sizeof EXPRESSIONS / sizeof EXPRESSIONS[0])

/* Tables whose inputs are in registers; the answer of those of two outputs is their entry "a". */
#define TABLE(policy, in1, values1, in2, outputs, rules)                                                                       \
        "<decisionTable hitPolicy=\"" policy "\"><input><inputExpression><text>" in1 "</text></inputExpression>" values1       \
        "</input><input><inputExpression><text>" in2 "</text></inputExpression></input>" outputs rules "</decisionTable>"
#define RULE(x, y, out)                                                                                                        \
        "<rule><inputEntry><text>" x "</text></inputEntry><inputEntry><text>" y "</text></inputEntry>" out "</rule>"
#define OUT(text) "<outputEntry><text>" text "</text></outputEntry>"
#define ALLOWED(text) "<inputValues><text>" text "</text></inputValues>"
#define ONE "<output/>"
#define TWO "<output name=\"a\"/><output name=\"z\"/>"
#define ELSE(text) "<output><defaultOutputEntry><text>" text "</text></defaultOutputEntry></output>"
static const struct {
        const char *xml;
        bool two;
} TABLES[] = {
    {TABLE("UNIQUE", "n1", "", "b1", ONE,
           RULE("&lt; 30", "true", OUT("n1 * 2")) RULE("&gt;= 30", "-", OUT("n2")) RULE("&lt; 30", "false", OUT("0"))),
     false},
    {TABLE("UNIQUE", "n1", "", "t1", ONE,
           RULE("[0..40]", "\"a\"", OUT("1")) RULE("(30..90)", "\"b\", \"c\"", OUT("2")) RULE("&gt; 35", "-", OUT("3"))),
     false},
    {TABLE("FIRST", "n1", "", "d1", ONE,
           RULE("not(&lt; 50)", "&gt; date(2010, 1, 1)", OUT("d1")) RULE("[10..20], [30..40)", "-", OUT("d2"))
               RULE("-", "-", OUT("date(2024, 1, 1)"))),
     false},
    {TABLE("FIRST", "n1", "", "n2", ONE,
           RULE("&lt; n2", "-", OUT("n1")) RULE("-", "&gt; n3 * 2", OUT("n2")) RULE("? &gt; 20 and ? &lt; n2", "-", OUT("5"))),
     false},
    {TABLE("FIRST", "n1", "", "n2", TWO,
           RULE("&gt; 50", "-", OUT("n1") OUT("b1")) RULE("-", "&gt; 10", OUT("n2") OUT("b2"))
               RULE("-", "-", OUT("7") OUT("true"))),
     true},
    {TABLE("UNIQUE", "n1", "", "b1", TWO,
           RULE("&gt; 50", "true", OUT("n1") OUT("t1")) RULE("&lt;= 50", "-", OUT("n2 / n1") OUT("t1"))),
     true},
    {TABLE("FIRST", "n1", ALLOWED("[0..60]"), "b1", ONE, RULE("&gt; 20", "b2", OUT("n1")) RULE("-", "-", OUT("1"))), false},
    {TABLE("FIRST", "n3", ALLOWED("1, 2, 3"), "n1", ONE, RULE("2", "&gt; 20", OUT("n1")) RULE("-", "-", OUT("1"))), false},
    {TABLE("FIRST", "n1", ALLOWED("&lt; n2"), "b1", ONE, RULE("&gt; 20", "-", OUT("n1"))), false},
    {TABLE("UNIQUE", "n1", "", "b1", ELSE("n2"), RULE("&gt; 60", "true", OUT("n1"))), false},
    {TABLE("FIRST", "n1", "", "b1", ELSE("n1 / n2"), RULE("&gt; 60", "true", OUT("n1")) RULE("&lt; 20", "false", OUT("n3"))),
     false},
    {TABLE("FIRST", "b1", "", "t1", ONE, RULE("true", "t1", OUT("\"a\"")) RULE("-", "not(\"c\")", OUT("t1"))), false},
    {TABLE("FIRST", "n1", "", "d1", ONE,
           RULE("null", "-", OUT("1")) RULE("-", "null", OUT("2")) RULE("-", "x", OUT("3")) RULE("-", "d2", OUT("4"))
               RULE("-", "[x..d2]", OUT("5"))),
     false},
    {TABLE("FIRST", "n1", "", "b1", ONE,
           RULE("u", "-", OUT("1")) RULE("o", "-", OUT("2")) RULE("c", "-", OUT("3")) RULE("[u..100]", "y", OUT("4"))),
     false},
    {TABLE("FIRST", "n1 / n2", "", "n1 * n1", ONE, RULE("&gt; 1", "-", OUT("n1")) RULE("-", "&gt; 100", OUT("n2"))), false},
    {TABLE("FIRST", "decimal(n1 / n3, 1)", "", "t1", ONE,
           RULE("&gt; 10.5", "&lt; \"b\"", OUT("n1")) RULE("-", "-", OUT("if b1 then n1 else n2"))),
     false},
    {TABLE("UNIQUE", "n1", "", "n1", ONE, RULE("-", "-", OUT("n1 + 1"))), false},
    {TABLE("UNIQUE", "n1", "", "b1", ONE, ""), false},
    {TABLE("ANY", "n1", "", "b1", ONE, RULE("&gt; 10", "-", OUT("n3")) RULE("-", "true", OUT("n3"))), false},
    {TABLE("PRIORITY", "n1", "", "b1", "<output><outputValues><text>2, 1</text></outputValues></output>",
           RULE("&gt; 10", "-", OUT("1")) RULE("-", "true", OUT("2"))),
     false},
    {TABLE("COLLECT\" aggregation=\"SUM", "n1", "", "b1", ONE, RULE("&gt; 10", "-", OUT("n1")) RULE("-", "true", OUT("n2"))),
     false},
    {TABLE("FIRST", "n1", "", "b1", ONE,
           RULE("(= 20)", "-", OUT("1")) RULE("(!= 21)", "true", OUT("2")) RULE("&lt; 0, (&gt; 90)", "-", OUT("3"))),
     false},
    {TABLE("FIRST", "t1", "", "d2", ONE,
           RULE("\"a\", \"zz\"", "&lt;= x", OUT("n1"))
               RULE("not(\"b\")", "[date(2024, 10, 4)..date(2024, 10, 7)]", OUT("n2 * n3")) RULE("q", "-", OUT("9"))),
     false},
    {"<context><contextEntry><variable name=\"h\"/><literalExpression><text>n1 * "
     "2</text></literalExpression></contextEntry><contextEntry>"
     "<literalExpression><text>h + n2</text></literalExpression></contextEntry></context>",
     false},
    {"<context><contextEntry><variable name=\"a\" typeRef=\"number\"/><literalExpression><text>n1 * "
     "2</text></literalExpression></contextEntry>"
     "<contextEntry><variable name=\"b\" "
     "typeRef=\"string\"/><literalExpression><text>a</text></literalExpression></contextEntry></context>",
     true},
    {"<conditional><if><literalExpression><text>n1 &gt; "
     "50</text></literalExpression></if><then><literalExpression><text>n2</text>"
     "</literalExpression></then><else><literalExpression><text>n1 / n3</text></literalExpression></else></conditional>",
     false},
};
#define TABLE_COUNT (sizeof TABLES / sizeof TABLES[0])

static const char *const TEXTS[] = {"a", "b", "c", "d"};
static const char *const ASKED[] = {"b", "a", "none"};

struct world {
        int64_t n1[ROWS], d[4][ROWS];
        int16_t n2[ROWS];
        int8_t n3[ROWS], b1[ROWS], b2[ROWS], t1[ROWS];
        int32_t d1[ROWS], d2[ROWS];
        uint8_t missing[ROWS], state[4][ROWS];
        struct column_input inputs[INPUTS];
        struct column_output outputs[4];
};

static void escaped(struct buf *b, const char *text)
{
        for (; *text != '\0'; text++)
                if (*text == '<')
                        buf_add_text(b, "&lt;");
                else
                        buf_add_char(b, *text);
}

/* What each decision sees. */
static void needs_write(struct buf *b)
{
        static const char *const KNOWN_ONES[] = {"twice", "both", "fixed", "narrow", "deep", "first", "whole", "down"};

        for (int k = 0; k < INPUTS; k++)
                buf_add_format(b, "<informationRequirement><requiredInput href=\"#i%d\"/></informationRequirement>", k);
        for (int k = 0; k < 8; k++)
                buf_add_format(b, "<knowledgeRequirement><requiredKnowledge href=\"#%s\"/></knowledgeRequirement>",
                               KNOWN_ONES[k]);
}

static struct dmn_model *model_open(struct buf *b)
{
        struct dmn_model *m = NULL;
        struct error err = {0};
        char text[300];

        buf_add_text(
            b,
            "<definitions xmlns=\"https://www.omg.org/spec/DMN/20230324/MODEL/\" name=\"m\" namespace=\"urn:m\">"
            "<itemDefinition name=\"tPair\"><itemComponent name=\"a\"><typeRef>number</typeRef></itemComponent><itemComponent "
            "name=\"b\"><typeRef>number</typeRef></itemComponent></itemDefinition>"
            "<itemDefinition name=\"tSmall\"><typeRef>number</typeRef><allowedValues><text>&lt; 50</text></allowedValues>"
            "</itemDefinition>");
        for (int i = 0; i < INPUTS; i++)
                buf_add_format(b, "<inputData id=\"i%d\" name=\"%s\"><variable name=\"%s\" typeRef=\"%s\"/></inputData>", i,
                               NAMES[i], NAMES[i], TYPES[i]);
#define KNOWN(name, parameters, type, body)                                                                                    \
        "<businessKnowledgeModel id=\"" name "\" name=\"" name "\"><variable name=\"" name "\" " type                          \
        "/><encapsulatedLogic>" parameters "<literalExpression><text>" body                                                    \
        "</text></literalExpression></encapsulatedLogic></businessKnowledgeModel>"
#define PARAMETER(name, type) "<formalParameter name=\"" name "\" " type "/>"
        buf_add_text(b, KNOWN("twice", PARAMETER("x", "typeRef=\"number\""), "", "if x > 10 then x * 2 else x")
                            KNOWN("both", PARAMETER("a", "") PARAMETER("b", ""), "", "a - b * 2")
                                KNOWN("fixed", PARAMETER("a", "typeRef=\"string\""), "typeRef=\"string\"", "a")
                                    KNOWN("narrow", PARAMETER("a", "typeRef=\"tSmall\""), "typeRef=\"tSmall\"", "a + 1")
                                        KNOWN("deep", PARAMETER("a", ""), "", "a + 1")
                                            KNOWN("first", PARAMETER("a", "typeRef=\"tPair\""), "", "a.a + a.b")
                                                KNOWN("whole", PARAMETER("a", "typeRef=\"context\""), "", "a")
                                                    KNOWN("down", PARAMETER("a", "typeRef=\"number\""), "",
                                                          "if a &lt;= 0 then 0 else a + down(a - 40)"));
        for (size_t i = 0; i < COUNT; i++) {
                buf_add_format(b, "<decision id=\"e%zu\" name=\"e%zu\"><variable name=\"e%zu\"/>", i, i, i);
                needs_write(b);
                buf_add_text(b, "<literalExpression><text>");
                escaped(b, EXPRESSIONS[i]);
                buf_add_text(b, "</text></literalExpression></decision>");
        }
        for (size_t i = 0; i < TABLE_COUNT; i++) {
                buf_add_format(b, "<decision id=\"e%zu\" name=\"e%zu\"><variable name=\"e%zu\"/>", COUNT + i, COUNT + i,
                               COUNT + i);
                needs_write(b);
                buf_add_text(b, TABLES[i].xml);
                buf_add_text(b, "</decision>");
        }
        buf_add_text(b, "</definitions>");
        if (dmn_open(&m, (struct str){b->p, b->n}, NULL, &err) < 0)
                fail_msg("%s", error_text(&err, LANG_EN, text, sizeof text));
        return m;
}

static struct column_input column(enum column_kind kind, unsigned bytes, int scale, const void *data)
{
        return (struct column_input){
            .kind = kind, .bytes = bytes, .scale = scale, .data = data, .texts = TEXTS, .text_count = 4};
}

/* round 0: small and few; 1: wide, with gaps; 2: at the bounds of 64 bits; 3: as 1, with other values for all rows. */
static void world_make(struct world *w, struct rng *r, int round, struct arena *a)
{
        static struct feel_value same[INPUTS];
        int64_t span = round == 0 ? 100 : round == 2 ? INT64_MAX / 8 : 1000000;

        memset(w, 0, sizeof *w);
        for (int i = 0; i < ROWS; i++) {
                w->n1[i] = round == 0 ? (int64_t)rng_below(r, 100) : rng_between(r, -span, span);
                w->n2[i] = (int16_t)rng_between(r, round == 0 ? 1 : -3000, 3000);
                w->n3[i] = (int8_t)rng_between(r, round == 0 ? 1 : 0, 4);
                w->b1[i] = (int8_t)rng_below(r, 2);
                w->b2[i] = (int8_t)rng_below(r, 2);
                w->t1[i] = (int8_t)rng_below(r, round == 0 ? 4 : 6); /* 4 and 5 are no texts: null */
                w->d1[i] = (int32_t)rng_between(r, 10000, 30000);
                w->d2[i] = (int32_t)(20000 + rng_below(r, 5));
                w->missing[i] = rng_below(r, 12) == 0;
        }
        w->inputs[0] = column(COLUMN_NUMBER, 8, 0, w->n1);
        w->inputs[1] = column(COLUMN_NUMBER, 2, 2, w->n2);
        w->inputs[2] = column(COLUMN_NUMBER, 1, 0, w->n3);
        w->inputs[3] = column(COLUMN_BOOLEAN, 1, 0, w->b1);
        w->inputs[4] = column(COLUMN_BOOLEAN, 1, 0, w->b2);
        w->inputs[5] = column(COLUMN_TEXT, 1, 0, w->t1);
        w->inputs[6] = column(COLUMN_DATE, 4, 0, w->d1);
        w->inputs[7] = column(COLUMN_DATE, 4, 0, w->d2);
        if (round == 1 || round == 3)
                for (int i = 0; i < 8; i += round)
                        w->inputs[i].missing = w->missing;
        memset(same, 0, sizeof same);
        struct feel_entry *entries = arena_array(a, 2, sizeof *entries);
        assert_non_null(entries);
        entries[0] = (struct feel_entry){"rate", {.kind = FEEL_NUMBER, .number = decimal_from_scaled(8, 2)}};
        entries[1] = (struct feel_entry){"name", {.kind = FEEL_STRING, .string = STR("b")}};
        same[8] = (struct feel_value){.kind = FEEL_NUMBER, .number = decimal_from_int(3)};
        same[9] = (struct feel_value){.kind = FEEL_BOOLEAN, .boolean = round != 3};
        same[11] = (struct feel_value){.kind = FEEL_CONTEXT, .count = 2, .entries = entries};
        same[12] = (struct feel_value){.kind = FEEL_STRING, .string = STR("zz")};
        same[13] = (struct feel_value){.kind = FEEL_DATE, .moment = {.day = 20002}};
        for (int i = 8; i < INPUTS; i++)
                w->inputs[i].same = &same[i];
        for (int i = 0; i < INPUTS; i++)
                w->inputs[i].name = NAMES[i];
        for (int i = 0; i < 4; i++)
                w->outputs[i] = (struct column_output){.kind = (enum column_kind)i,
                                                       .scale = round == 0   ? 2
                                                                : round == 1 ? 0
                                                                             : 6,
                                                       .data = w->d[i],
                                                       .state = w->state[i],
                                                       .texts = ASKED,
                                                       .text_count = 3};
}

static struct feel_value value_at(const struct column_input *in, size_t row)
{
        struct feel_value out = {.kind = FEEL_NULL};
        int64_t v;

        if (in->same != NULL)
                return *in->same;
        if (in->missing != NULL && in->missing[row])
                return out;
        v = in->bytes == 1   ? ((const int8_t *)in->data)[row]
            : in->bytes == 2 ? ((const int16_t *)in->data)[row]
            : in->bytes == 4 ? ((const int32_t *)in->data)[row]
                             : ((const int64_t *)in->data)[row];
        if (in->kind == COLUMN_NUMBER)
                out = (struct feel_value){.kind = FEEL_NUMBER, .number = decimal_from_scaled(v, in->scale)};
        else if (in->kind == COLUMN_BOOLEAN)
                out = (struct feel_value){.kind = FEEL_BOOLEAN, .boolean = v != 0};
        else if (in->kind == COLUMN_DATE)
                out = (struct feel_value){.kind = FEEL_DATE, .moment = {.day = v}};
        else if (v < 4)
                out = (struct feel_value){.kind = FEEL_STRING, .string = str_from(TEXTS[v])};
        return out;
}

/* What an output of this kind says of a value. */
static enum column_state said(const struct column_output *o, const struct feel_value *v, int64_t *out)
{
        enum column_state state = COLUMN_MISFIT;

        *out = 0;
        if (v->kind == FEEL_NULL)
                return COLUMN_NULL;
        if (o->kind == COLUMN_NUMBER && v->kind == FEEL_NUMBER && decimal_to_scaled(v->number, o->scale, out))
                return COLUMN_OK;
        if (o->kind == COLUMN_BOOLEAN && v->kind == FEEL_BOOLEAN)
                state = COLUMN_OK, *out = v->boolean;
        if (o->kind == COLUMN_DATE && v->kind == FEEL_DATE)
                state = COLUMN_OK, *out = v->moment.day;
        for (size_t i = 0; o->kind == COLUMN_TEXT && v->kind == FEEL_STRING && i < o->text_count; i++)
                if (str_is(v->string, o->texts[i]))
                        state = COLUMN_OK, *out = (int64_t)i;
        return state;
}

static int compare(const struct world *w, struct dmn_context *c, const char *decision, const char *text, int round)
{
        struct feel_entry entries[INPUTS];
        struct error err = {0};

        for (size_t row = 0; row < ROWS; row++) {
                struct feel_value v;
                for (int i = 0; i < INPUTS; i++)
                        entries[i] = (struct feel_entry){NAMES[i], value_at(&w->inputs[i], row)};
                error_clear(&err);
                int rc = dmn_run(c, decision, entries, INPUTS, &v, &err);
                const struct feel_value *is =
                    rc == 0 && w->outputs[0].field != NULL && v.kind == FEEL_CONTEXT ? feel_get(&v, "a") : &v;
                for (int k = 0; k < 4; k++) {
                        int64_t want = 0;
                        enum column_state state = rc < 0 ? COLUMN_ERROR : said(&w->outputs[k], is, &want);
                        if (state == (enum column_state)w->state[k][row] && want == w->d[k][row])
                                continue;
                        print_error("%s, round %d, kind %d, row %zu (n1 %lld, n2 %d, n3 %d, b1 %d): %lld (%d), not %lld (%d)\n",
                                    text, round, k, row, (long long)w->n1[row], w->n2[row], w->n3[row], w->b1[row],
                                    (long long)w->d[k][row], w->state[k][row], (long long)want, (int)state);
                        return 1;
                }
        }
        return 0;
}

static void each_expression_gives_what_the_scalar_path_gives(void **state)
{
        struct world *w = malloc(sizeof *w);
        struct arena *a = arena_new(1 << 20);
        struct dmn_context *c = NULL;
        struct rng r = rng_new(8, 8);
        struct error err = {0};
        struct buf xml;
        int wrong = 0;
        unsigned kernels = 0;

        (void)state;
        assert_non_null(w);
        buf_init(&xml, 4 << 20);
        struct dmn_model *model = model_open(&xml);
        assert_ok(dmn_context_new(&c, model, (size_t)32 << 20, &err), err);
        for (int round = 0; round < 4; round++) {
                world_make(w, &r, round, a);
                for (size_t i = 0; i < COUNT + TABLE_COUNT; i++) {
                        struct column_program *p = NULL;
                        struct column_report report;
                        char decision[20];
                        text_format(decision, sizeof decision, "e%zu", i);
                        for (int k = 0; k < 4; k++)
                                w->outputs[k].decision = decision,
                                w->outputs[k].field = i >= COUNT && TABLES[i - COUNT].two ? "a" : NULL;
                        struct column_job job = {
                            .inputs = w->inputs, .input_count = INPUTS, .outputs = w->outputs, .output_count = 4, .rows = ROWS};
                        assert_ok(column_open(&p, model, &err), err);
                        assert_ok(column_run(p, &job, &report, &err), err);
                        kernels += report.kernels;
                        column_close(p);
                        wrong += compare(w, c, decision, i < COUNT ? EXPRESSIONS[i] : TABLES[i - COUNT].xml, round);
                }
        }
        assert_int_equal(wrong, 0);
        assert_true(kernels > 300);
        dmn_context_free(c);
        dmn_free(model);
        buf_dispose(&xml);
        arena_free(a);
        free(w);
}

int main(void)
{
        const struct CMUnitTest tests[] = {cmocka_unit_test(each_expression_gives_what_the_scalar_path_gives)};

        return cmocka_run_group_tests(tests, NULL, NULL);
}
