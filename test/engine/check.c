/* SPDX-License-Identifier: Apache-2.0
 *
 * What the check of rules finds, by example: each kind of box, imports and functions of the world outside, tests that cannot be
 * told, and tables at the bounds. The findings of a model are compared in full.
 */
#include "engine/check/check.h"
#include "engine/dmn/dmn.h"
#include "testing.h"

#include <stdlib.h>
#include <string.h>

#define HEAD "<definitions xmlns=\"https://www.omg.org/spec/DMN/20230324/MODEL/\" name=\"m\" namespace=\"urn:m\">"
#define TAIL "</definitions>"
#define TEXT(text) "<literalExpression><text>" text "</text></literalExpression>"
#define INPUT(name, type)                                                                                                      \
        "<inputData id=\"i_" name "\" name=\"" name "\"><variable name=\"" name "\" typeRef=\"" type "\"/></inputData>"
#define NEEDS(name) "<informationRequirement><requiredInput href=\"#i_" name "\"/></informationRequirement>"
#define DECISION(name, inside)                                                                                                 \
        "<decision id=\"d_" name "\" name=\"" name "\"><variable name=\"" name "\"/>" inside "</decision>"
#define TYPES                                                                                                                  \
        "<itemDefinition name=\"tPerson\"><itemComponent name=\"name\"><typeRef>string</typeRef></itemComponent>"              \
        "<itemComponent name=\"age\"><typeRef>number</typeRef></itemComponent></itemDefinition>"                               \
        "<itemDefinition name=\"tPeople\" isCollection=\"true\"><typeRef>tPerson</typeRef></itemDefinition>"                   \
        "<itemDefinition name=\"tNumbers\" isCollection=\"true\"><typeRef>number</typeRef></itemDefinition>"                   \
        "<itemDefinition name=\"tKind\"><typeRef>string</typeRef><allowedValues><text>\"a\", \"b\"</text></allowedValues>"     \
        "</itemDefinition>"

static void hear(void *ctx, int severity, const struct error *finding)
{
        struct error e = *finding;
        char text[400];

        if (finding->code == SB_RULE_FIGURE)
                return;
        const char *at = strchr(finding->where, '!');
        e.where[0] = '\0';
        buf_add_format(ctx, "%c %s: %s\n", "nwe"[severity], at == NULL ? "?" : at + 1,
                       error_text(&e, LANG_EN, text, sizeof text));
}

static int differences; /* all are shown before a test fails */

static int none_left(void **state)
{
        int n = differences;

        (void)state;
        differences = 0;
        return n;
}

static void expect_with(const char *xml, const struct check_options *o, const char *want)
{
        struct error err = {0};
        struct buf out;

        buf_init(&out, 1 << 20);
        assert_ok(dmn_check(str_from(xml), o, hear, &out, &err), err);
        if (strcmp(buf_text(&out), want) != 0) {
                print_error("want\n%shave\n%s", want, buf_text(&out));
                differences++;
        }
        buf_dispose(&out);
}

static void expect(const char *xml, const char *want)
{
        struct dmn_model *m = NULL;
        struct error err = {0};

        assert_ok(dmn_open(&m, str_from(xml), NULL, &err), err); /* what is checked can be run as well */
        dmn_free(m);
        expect_with(xml, NULL, want);
}

#define ONE(inside)                                                                                                            \
        HEAD TYPES INPUT("n", "number") INPUT("s", "string") INPUT("b", "boolean") INPUT("ps", "tPeople")                      \
            INPUT("l", "tNumbers")                                                                                             \
                DECISION("d", NEEDS("n") NEEDS("s") NEEDS("b") NEEDS("ps")                                                     \
                                  NEEDS("l") "<context><contextEntry><variable name=\"all\"/>" TEXT(                           \
                                      "[n, s, b, ps, l]") "</contextEntry><contextEntry><variable name=\"x\"/>" inside         \
                                                          "</contextEntry></context>") TAIL
#define IN(list) "<in>" TEXT(list) "</in>"

/* for, some, every and filter as boxes, whose variable has the type of the list's items. */
static void iterators(void **state)
{
        (void)state;
        expect(ONE("<for iteratorVariable=\"p\">" IN("ps") "<return>" TEXT("p.age + 1") "</return></for>"), "");
        expect(ONE("<for iteratorVariable=\"p\">" IN("ps") "<return>" TEXT("p.agee + 1") "</return></for>"),
               "e d entry x: There is no “agee” in a context.\n");
        expect(ONE("<for iteratorVariable=\"i\">" IN("[1..3]") "<return>" TEXT("i + s") "</return></for>"),
               "e d entry x: these cannot be added: a number, a text.\n");
        expect(ONE("<for iteratorVariable=\"i\">" IN("n") "<return>" TEXT("i and true") "</return></for>"),
               "e d entry x: “and” and “or” join conditions, not: a number.\n");
        expect(ONE("<some iteratorVariable=\"p\">" IN("ps") "<satisfies>" TEXT("p.age &gt; n") "</satisfies></some>"), "");
        expect(ONE("<some iteratorVariable=\"p\">" IN("ps") "<satisfies>" TEXT("p.age + n") "</satisfies></some>"),
               "e d entry x: the condition should be a truth value, but is a number.\n");
        expect(ONE("<every iteratorVariable=\"p\">" IN("l") "<satisfies>" TEXT("\"yes\"") "</satisfies></every>"),
               "e d entry x: the condition should be a truth value, but is a text.\n");
        expect(ONE("<filter>" IN("ps") "<match>" TEXT("age &gt; n and item.name = s") "</match></filter>"), "");
        expect(ONE("<filter>" IN("ps") "<match>" TEXT("age") "</match></filter>"),
               "e d entry x: the condition should be a truth value, but is a number.\n");
        expect(ONE("<filter>" IN("l") "<match>" TEXT("age &gt; 3") "</match></filter>"),
               "e d entry x: “age” stands for nothing here; add a requirement or correct the name.\n");
}

static void boxes(void **state)
{
        (void)state;
        expect(ONE("<conditional><if>" TEXT("n") "</if><then>" TEXT("1") "</then><else>" TEXT("2") "</else></conditional>"),
               "e d entry x: the condition should be a truth value, but is a number.\n");
        /* both branches are numbers, so the entry that follows may not be a text */
        expect(ONE("<conditional><if>" TEXT("b") "</if><then>" TEXT("1") "</then><else>" TEXT(
                   "null") "</else></conditional></contextEntry>"
                           "<contextEntry><variable name=\"y\"/>" TEXT("x + s")),
               "e d entry y: these cannot be added: a number, a text.\n");
        expect(ONE("<list>" TEXT("1") TEXT("n") "</list></contextEntry><contextEntry><variable name=\"y\"/>" TEXT("x[1] + s")),
               "e d entry y: these cannot be added: a number, a text.\n");
        expect(ONE("<list></list></contextEntry><contextEntry><variable name=\"y\"/>" TEXT("x[1] + s")), "");
        expect(ONE("<relation><column name=\"a\"/><column name=\"c\"/><row>" TEXT("n + s") TEXT("2") "</row></relation>"),
               "e d entry x: these cannot be added: a number, a text.\n");
        expect(ONE("<context><contextEntry><variable name=\"deep\"/>" TEXT("n + b") "</contextEntry><contextEntry>" TEXT(
                   "deep + 1") "</contextEntry></context></contextEntry><contextEntry><variable name=\"y\"/>" TEXT("x.other")),
               "e d entry x.deep: these cannot be added: a number, a truth value.\n"
               "e d entry y: There is no “other” in a number.\n");
        expect(ONE("<functionDefinition><formalParameter name=\"q\" typeRef=\"number\"/><formalParameter name=\"r\"/>" TEXT(
                   "q + n") "</functionDefinition></contextEntry><contextEntry><variable name=\"y\"/>" TEXT("x(s, 2) + x(1)")),
               "w d entry x: “r” is not used; take it away or use it.\n"
               "e d entry y: x should be a number, but is a text.\n"
               "e d entry y: x takes 2 arguments, not 1.\n");
        expect(
            ONE("<functionDefinition><formalParameter name=\"q\" typeRef=\"number\"/>" TEXT(
                "q + n") "</functionDefinition></"
                         "contextEntry><"
                         "contextEntry><variable "
                         "name=\"y\"/"
                         "><invocation>" TEXT("x") "<binding><parameter name=\"q\"/>" TEXT(
                             "s") "</binding><binding><parameter name=\"zz\"/>" TEXT("1") "</binding></"
                                                                                          "invocation></"
                                                                                          "contextEntry><"
                                                                                          "contextEntry><"
                                                                                          "variable "
                                                                                          "name=\"z\"/"
                                                                                          "><"
                                                                                          "invocation"
                                                                                          ">" TEXT("x") "<b"
                                                                                                        "in"
                                                                                                        "di"
                                                                                                        "ng"
                                                                                                        "><"
                                                                                                        "pa"
                                                                                                        "ra"
                                                                                                        "me"
                                                                                                        "te"
                                                                                                        "r "
                                                                                                        "na"
                                                                                                        "me"
                                                                                                        "="
                                                                                                        "\""
                                                                                                        "q"
                                                                                                        "\""
                                                                                                        "/"
                                                                                                        ">" TEXT(
                                                                                                            "n") "</binding></"
                                                                                                                 "invocation>"),
            "e d entry y: q should be a number, but is a text.\n"
            "e d entry y: There is no “zz” in the parameters of the function.\n");
        expect(ONE("<invocation>" TEXT("abs") "<binding><parameter name=\"n\"/>" TEXT("n") "</binding></invocation>"), "");
        expect(HEAD TYPES INPUT("n", "number") DECISION(
                   "d", NEEDS("n") "<literalExpression typeRef=\"tPerson\"><text>{name: 1, age: n}</text></literalExpression>")
                   TAIL,
               "e d: the value should be a context, but is a context.\n");
}

/* Requirements: what is not required is not known, what is required has to be used. */
static void requirements(void **state)
{
        (void)state;
        expect_with(HEAD INPUT("n", "number") INPUT("u", "number") DECISION("d", NEEDS("n") TEXT("u + 1")) TAIL, NULL,
                    "e d: “u” stands for nothing here; add a requirement or correct the name.\n"
                    "w d: “n” is not used; take it away or use it.\n"
                    "w u: “u” is not used; take it away or use it.\n");
        expect_with(HEAD INPUT("n", "tNothing") DECISION("d", NEEDS("n") TEXT("n")) TAIL, NULL,
                    "e n: There is no “tNothing” in the item definitions.\n");
        /* a service may ask for an input that no decision names */
        expect_with(HEAD INPUT("n", "number") DECISION(
                        "d", TEXT("1")) "<decisionService id=\"sv\" name=\"sv\"><variable name=\"sv\"/>"
                                        "<outputDecision href=\"#d_d\"/><inputData href=\"#i_n\"/></decisionService>" TAIL,
                    NULL, "");
        expect_with(HEAD
                    "<decision id=\"d\" name=\"d\"><variable name=\"d\" typeRef=\"string\"/>" TEXT("1 + 2") "</decision>" TAIL,
                    NULL, "e d: its answer should be a text, but is a number.\n");
        expect_with(
            HEAD
            "<businessKnowledgeModel id=\"k\" name=\"k\"><variable name=\"k\" typeRef=\"number\"/><encapsulatedLogic>"
            "<formalParameter name=\"q\" typeRef=\"string\"/>" TEXT(
                "q") "</encapsulatedLogic></businessKnowledgeModel>" DECISION("d", "<knowledgeRequirement><requiredKnowledge "
                                                                                   "href=\"#k\"/></knowledgeRequirement>" TEXT(
                                                                                       "k(1) + \"a\"")) TAIL,
            NULL,
            "e k: its answer should be a number, but is a text.\n"
            "e d: k should be a text, but is a number.\n"
            "e d: these cannot be added: a number, a text.\n");
}

/* Two models: one whose text is known, one that the world outside answers. */
static const char LAW[] =
    "<definitions xmlns=\"https://www.omg.org/spec/DMN/20230324/MODEL/\" name=\"law\" namespace=\"urn:law\">"
    "<itemDefinition name=\"tAge\"><typeRef>number</typeRef></itemDefinition>" INPUT("born", "date") INPUT("idle", "number")
        DECISION("age", NEEDS("born") TEXT("born.year")) TAIL;

static int resolve(void *ctx, const char *ns, const char *location, struct str *xml, struct error *err)
{
        (void)location;
        if (strcmp(ns, "urn:law") == 0)
                *xml = str_from(LAW);
        else if (strcmp(ns, "urn:circle") == 0)
                *xml = str_from(ctx);
        else
                return error_raise(err, SB_DMN_MODEL, "%s", "no such model");
        return 0;
}

static bool external(void *ctx, const char *name, size_t *count, const char **type)
{
        (void)ctx;
        *count = strcmp(name, "rate") == 0 ? 1 : 2;
        *type = strcmp(name, "rate") == 0 ? "number" : NULL;
        return strcmp(name, "rate") == 0 || strcmp(name, "table") == 0;
}

#define IMPORTS                                                                                                                \
        "<import name=\"law\" namespace=\"urn:law\" importType=\"https://www.omg.org/spec/DMN/20230324/MODEL/\"/>"             \
        "<import name=\"pm\" namespace=\"urn:pm\" importType=\"https://www.omg.org/spec/DMN/20230324/MODEL/\"/>"
#define NEEDS_AGE "<informationRequirement><requiredDecision href=\"urn:law#d_age\"/></informationRequirement>"

static void imports(void **state)
{
        struct check_options o = {.resolve = resolve, .external_ns = "urn:pm", .external = external};
        static const char CIRCLE[] =
            "<definitions xmlns=\"https://www.omg.org/spec/DMN/20230324/MODEL/\" name=\"c\" "
            "namespace=\"urn:circle\"><import name=\"c\" namespace=\"urn:circle\" importType=\"x\"/>" TAIL;
        struct error err = {0};
        struct buf out;

        (void)state;
        expect_with(HEAD IMPORTS INPUT("d0", "date") DECISION("d", NEEDS("d0") NEEDS_AGE TEXT("law.age + pm.rate(d0)")) TAIL,
                    &o, "");
        expect_with(HEAD IMPORTS INPUT("d0", "date") DECISION(
                        "d", NEEDS("d0") TEXT("law.age + pm.rate(d0, 1) + pm.none(d0) + pm.table(d0, 1) + pm.rate(\"x\")"))
                        TAIL,
                    &o,
                    "e d: “law.age” stands for nothing here; add a requirement or correct the name.\n"
                    "e d: rate takes 1 arguments, not 2.\n"
                    "e d: “pm.none” stands for nothing here; add a requirement or correct the name.\n"
                    "e d: rate should be a date and time, but is a text.\n");
        /* a type of the imported model; its own inputs are not this model's */
        expect_with(HEAD IMPORTS INPUT("a", "law.tAge") INPUT("w", "law.tNone")
                        DECISION("d", NEEDS("a") NEEDS("w") TEXT("a + w + \"x\"")) TAIL,
                    &o,
                    "e w: There is no “law.tNone” in the item definitions.\n"
                    "e d: these cannot be added: a number, a text.\n");
        /* an input that only the imported decision needs is given by this one's of the same name */
        expect_with(HEAD IMPORTS INPUT("born", "date") INPUT("idle", "number") DECISION("d", NEEDS_AGE TEXT("law.age + 1"))
                        TAIL,
                    &o, "w idle: “idle” is not used; take it away or use it.\n");
        o.external = NULL;
        expect_with(HEAD IMPORTS DECISION("d", TEXT("pm.whatever(1) + 1")) TAIL, &o, "");
        o.resolve = NULL;
        expect_with(HEAD IMPORTS DECISION("d", TEXT("law.whatever + 1")) TAIL, &o, "");

        o.resolve = resolve;
        o.resolve_ctx = (void *)(uintptr_t)CIRCLE;
        buf_init(&out, 1000);
        assert_error(dmn_check(str_from(CIRCLE), &o, hear, &out, &err), err, SB_DMN_MODEL);
        assert_error(dmn_check(STR(HEAD "<import name=\"q\" namespace=\"urn:q\"/>" TAIL), &o, hear, &out, &err), err,
                     SB_DMN_MODEL);
        assert_error(dmn_check(STR("<definitions"), &o, hear, &out, &err), err, SB_XML_SYNTAX);
        buf_dispose(&out);
}

#define TABLE(policy, values, rules)                                                                                           \
        HEAD TYPES INPUT("n", "number") INPUT("m", "number") INPUT("k", "tKind")                                               \
            DECISION("d", NEEDS("n") NEEDS("m")                                                                                \
                              NEEDS("k") "<decisionTable hitPolicy=\"" policy "\"><input label=\"Years\"><inputExpression>"    \
                                         "<text>n</text></inputExpression>" values                                             \
                                         "</input><input><inputExpression typeRef=\"tKind\"><text>k</text>"                    \
                                         "</inputExpression></input><output name=\"o\" typeRef=\"number\"/>" rules             \
                                         "</decisionTable>") TAIL
#define RULE(a, b, out)                                                                                                        \
        "<rule><inputEntry><text>" a "</text></inputEntry><inputEntry><text>" b "</text></inputEntry><outputEntry><text>" out  \
        "</text></outputEntry></rule>"
#define M_UNUSED "w d: “m” is not used; take it away or use it.\n"
#define A_GAP "w d: No rule applies: "
#define UNTOLD_GAP "n d: It cannot be told whether some rule always applies: a test is computed.\n"
#define UNTOLD_MEET "n d: It cannot be told whether two rules apply at once: a test is computed.\n"

static void witnesses(void **state)
{
        (void)state;
        /* the values that are allowed are those of the type of the input */
        expect(TABLE("UNIQUE", "", RULE("&lt; 10", "-", "1") RULE("&gt;= 10", "\"a\"", "2")),
               A_GAP "Years: 10; k: b.\n" M_UNUSED);
        expect(TABLE("FIRST", "", RULE("&lt; 10", "\"a\"", "1") RULE("-", "\"b\"", "2")), A_GAP "Years: 10; k: a.\n" M_UNUSED);
        expect(TABLE("UNIQUE", "<inputValues><text>[0..20]</text></inputValues>",
                     RULE("(0..20)", "\"a\"", "1") RULE("20", "\"a\", \"b\"", "2")),
               A_GAP "Years: 0; k: a.\n" M_UNUSED);
        expect(TABLE("UNIQUE", "",
                     RULE("&lt;= 10", "-", "1") RULE("[10..20]", "-", "2") RULE("(20..30)", "not(\"a\")", "2")
                         RULE("&gt; 20", "\"a\"", "2")),
               "e d: Rules 1 and 2 both apply: Years: 10; k: a.\n" A_GAP "Years: 30; k: b.\n" M_UNUSED);
        expect(TABLE("ANY", "", RULE("&lt; 10", "-", "1") RULE("&gt; 5", "-", " 1 ")),
               "w d: “input 2 of the table” is not used; take it away or use it.\n" M_UNUSED);
        expect(TABLE("ANY", "", RULE("&lt; 10", "\"a\", \"b\"", "1") RULE("&gt; 5", "not(\"c\")", "2")),
               "e d: Rules 1 and 2 both apply: Years: > 5 and < 10; k: a.\n" M_UNUSED);
        expect(TABLE("FIRST", "", RULE("-", "-", "1") RULE("&gt; 5", "\"a\"", "2") RULE("[5..3]", "-", "2")),
               "w d: Rule 2 can never apply.\nw d: Rule 3 can never apply.\n" M_UNUSED);
        expect(TABLE("COLLECT", "", RULE("not(&lt; 5, &gt;= 5)", "\"z\"", "1")), "w d: Rule 1 can never apply.\n" M_UNUSED);
}

/* What depends on another value is said not to be known, and nothing else is said of it. */
static void untold(void **state)
{
        (void)state;
        expect(TABLE("UNIQUE", "", RULE("&lt; m", "-", "1") RULE("&gt;= m", "\"a\"", "2")), UNTOLD_MEET UNTOLD_GAP);
        expect(TABLE("FIRST", "", RULE("[m..10]", "-", "1") RULE("&lt; 3", "\"b\"", "2") RULE("-", "-", "3")), "");
        expect(TABLE("UNIQUE", "", RULE("? &gt; m and ? &lt; 3", "\"a\"", "1") RULE("&gt; 3", "\"a\"", "2")),
               UNTOLD_MEET A_GAP "Years: < 3; k: b.\n");
        expect(TABLE("UNIQUE", "", RULE("? &gt; 3 or ? &lt; 2", "-", "1") RULE("? &gt;= 2 and 3 &gt;= ?", "\"a\"", "2")),
               UNTOLD_MEET A_GAP "Years: 2; k: b.\n" M_UNUSED);
        expect(TABLE("UNIQUE", "", RULE("? &gt; 3 or ? &lt; 2", "-", "1") RULE("? &gt;= 2 and ? &lt;= 3", "\"a\", \"b\"", "2")),
               M_UNUSED);
        expect(TABLE("UNIQUE", "", RULE("not(m)", "-", "1") RULE("(= 2)", "-", "2")),
               "w d: “input 2 of the table” is not used; take it away or use it.\n" UNTOLD_MEET UNTOLD_GAP);
        expect(TABLE("COLLECT", "", RULE("for x in [1] return x", "-", "1") RULE("if m &gt; 1 then 2 else 3", "\"a\"", "2")),
               "");
        expect(TABLE("COLLECT", "",
                     RULE("[1, 2][1]", "\"a\"", "1") RULE("{a: 1}.a", "\"b\"", "2")
                         RULE("some x in [1] satisfies x = ?", "-", "3") RULE("every x in [1] satisfies x &lt; ?", "-", "4")
                             RULE("(function() 1)()", "-", "5") RULE("abs(-3)", "-", "6") RULE("(!= 4)", "-", "7")
                                 RULE("[1..if true then 3 else 4]", "-", "8")),
               M_UNUSED);
        /* values of two kinds in a column: of it nothing can be told */
        expect(TABLE("UNIQUE", "", RULE("1", "\"a\"", "1") RULE("\"x\"", "\"b\"", "2")),
               "e d rule 2: the test can never be met: a number, a text.\n" UNTOLD_GAP M_UNUSED);
        /* of flags there are two */
        expect(HEAD INPUT("f", "boolean") DECISION(
                   "d", NEEDS("f") "<decisionTable><input><inputExpression><text>f</text></inputExpression></input><output/>"
                                   "<rule><inputEntry><text>true</text></inputEntry><outputEntry><text>1</text></outputEntry></"
                                   "rule></decisionTable>") TAIL,
               A_GAP "f: false.\n");
        expect(HEAD INPUT("f", "boolean") DECISION(
                   "d", NEEDS("f") "<decisionTable><input><inputExpression><text>f</text></inputExpression></input><output/>"
                                   "<rule><inputEntry><text>3</text></inputEntry><outputEntry><text>1</text></outputEntry></"
                                   "rule></decisionTable>") TAIL,
               "e d rule 1: the test can never be met: a truth value, a number.\n" UNTOLD_GAP);
}

/* Beyond its bounds the check says so, or says nothing; it does not hang. */
static void bounds(void **state)
{
        struct buf xml, out;
        struct error err = {0};
        static const int RULES[] = {4001, 2100};

        (void)state;
        for (int k = 0; k < 2; k++) {
                buf_init(&xml, 4 << 20);
                buf_init(&out, 1 << 20);
                buf_add_text(
                    &xml,
                    HEAD INPUT("n", "number") "<decision id=\"d\" name=\"d\"><variable name=\"d\"/>" NEEDS(
                        "n") "<decisionTable "
                             "hitPolicy=\"COLLECT\"><input><inputExpression><text>n</text></inputExpression></input><output/>");
                for (int i = 0; i < RULES[k]; i++)
                        buf_add_format(
                            &xml,
                            "<rule><inputEntry><text>%d</text></inputEntry><outputEntry><text>1</text></outputEntry></rule>",
                            i);
                buf_add_text(&xml, "</decisionTable></decision>" TAIL);
                assert_ok(dmn_check((struct str){xml.p, xml.n}, NULL, hear, &out, &err), err);
                assert_string_equal(
                    buf_text(&out),
                    k == 0 ? "n d: It cannot be told of so many rules what they leave out: a test is computed.\n" : "");
                buf_dispose(&xml);
                buf_dispose(&out);
        }
        /* boxes in boxes */
        buf_init(&xml, 4 << 20);
        buf_init(&out, 1 << 20);
        buf_add_text(&xml, HEAD "<decision id=\"d\" name=\"d\">");
        for (int i = 0; i < 500; i++)
                buf_add_text(&xml, "<list>");
        for (int i = 0; i < 500; i++)
                buf_add_text(&xml, "</list>");
        buf_add_text(&xml, "</decision>" TAIL);
        assert_error(dmn_check((struct str){xml.p, xml.n}, NULL, hear, &out, &err), err, SB_LIMIT);
        buf_dispose(&xml);
        buf_dispose(&out);
}

/* Figures that belong in a parameter, and those that are part of how one computes. */
static void hear_figure(void *ctx, int severity, const struct error *finding)
{
        char text[400];

        assert_int_equal(severity, CHECK_WARNING);
        if (finding->code == SB_RULE_FIGURE) {
                error_text(finding, LANG_EN, text, sizeof text);
                const char *end = strstr(text, " is written");
                assert_non_null(end);
                buf_add_format(ctx, "%.*s;", (int)(end - text) - (int)strlen("The figure "), text + strlen("The figure "));
        }
}

static void figures_found(void **state)
{
        static const struct {
                const char *text, *want;
        } FIGURES[] = {{"n * 0.08", "0.08;"},
                       {"n * 12 / 100 + 1 - 2", ""},
                       {"round half up(n / 2, 4)", ""},
                       {"round half up(n * 3, 4)", "3;"},
                       {"l[3] + l[n]", ""},
                       {"l[item > 3]", "3;"},
                       {"substring(\"abc\", 3)", ""},
                       {"d < date(\"2025-01-01\")", "2025-01-01;"},
                       {"d < @\"2025-01-01\"", "2025-01-01;"},
                       {"d + duration(\"P50Y\")", "P50Y;"},
                       {"d + duration(\"P1M\") + @\"P1D\" - @\"P1M\" - @\"P1Y\"", ""},
                       {"d + @\"P2D\" - @\"P13M\"", "P2D;P1Y1M;"},
                       {"date(d.year + 3, d.month, 1)", "3;"},
                       {"string(\"2025\")", ""},
                       {"time(\"08:30:00\") = @\"09:30:00\"", "08:30:00;09:30:00;"}};
        struct buf xml, out;
        struct error err = {0};

        (void)state;
        buf_init(&xml, 1 << 16);
        buf_init(&out, 1 << 16);
        for (size_t i = 0; i < sizeof FIGURES / sizeof FIGURES[0]; i++) {
                buf_clear(&xml);
                buf_clear(&out);
                buf_add_text(&xml, HEAD TYPES INPUT("n", "number") INPUT("l", "tNumbers")
                                       INPUT("d", "date") "<decision id=\"x\" name=\"x\">" NEEDS("n") NEEDS("l")
                                           NEEDS("d") "<literalExpression><text><![CDATA[");
                buf_add_format(&xml, "%s]]></text></literalExpression></decision>" TAIL, FIGURES[i].text);
                assert_ok(dmn_check((struct str){xml.p, xml.n}, NULL, hear_figure, &out, &err), err);
                if (strcmp(buf_text(&out), FIGURES[i].want) != 0)
                        fail_msg("%s: want %s, have %s", FIGURES[i].text, FIGURES[i].want, buf_text(&out));
        }
        buf_dispose(&xml);
        buf_dispose(&out);
}

int main(void)
{
        const struct CMUnitTest tests[] = {cmocka_unit_test_teardown(iterators, none_left),
                                           cmocka_unit_test_teardown(boxes, none_left),
                                           cmocka_unit_test_teardown(requirements, none_left),
                                           cmocka_unit_test_teardown(imports, none_left),
                                           cmocka_unit_test_teardown(witnesses, none_left),
                                           cmocka_unit_test_teardown(untold, none_left),
                                           cmocka_unit_test(bounds),
                                           cmocka_unit_test(figures_found)};

        return cmocka_run_group_tests(tests, NULL, NULL);
}
