/* SPDX-License-Identifier: Apache-2.0
 *
 * Models: tables under every hit policy, types, services, imports, knowledge, what a derivation tells, and models that are
 * wrong or mean harm.
 */
#include "engine/dmn/dmn.h"
#include "testing.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define HEAD "<definitions xmlns=\"https://www.omg.org/spec/DMN/20230324/MODEL/\" name=\"m\" namespace=\"urn:m\">"
#define TAIL "</definitions>"
#define TEXT(text) "<literalExpression><text>" text "</text></literalExpression>"
#define INPUT(name, type)                                                                                                      \
        "<inputData id=\"i_" name "\" name=\"" name "\"><variable name=\"" name "\" typeRef=\"" type "\"/></inputData>"
#define NEEDS(name) "<informationRequirement><requiredInput href=\"#i_" name "\"/></informationRequirement>"
#define NEEDS_DECISION(name) "<informationRequirement><requiredDecision href=\"#d_" name "\"/></informationRequirement>"
#define KNOWS(name) "<knowledgeRequirement><requiredKnowledge href=\"#k_" name "\"/></knowledgeRequirement>"
#define DECISION(name, type, inside)                                                                                           \
        "<decision id=\"d_" name "\" name=\"" name "\"><variable name=\"" name "\" typeRef=\"" type "\"/>" inside "</"         \
        "decision>"

/* The answer as canonical JSON; "?" and the code of the error when there is none. */
static const char *answer(const struct dmn_model *m, const char *decision, const char *inputs, struct buf *out)
{
        struct dmn_answer a;
        struct error err = {0};
        json_t *given = NULL;

        buf_clear(out);
        assert_ok(json_read(&given, str_from(inputs), &err), err);
        struct dmn_call call = {.decision = decision, .inputs = given};
        if (dmn_eval(m, &call, &a, &err) < 0)
                buf_add_format(out, "? %d", (int)err.code);
        else
                assert_ok(json_canonical(out, a.result, &err), err);
        dmn_answer_dispose(&a);
        json_decref(given);
        return buf_text(out);
}

static struct dmn_model *opened(const char *xml)
{
        struct dmn_model *m = NULL;
        struct error err = {0};

        assert_ok(dmn_open(&m, str_from(xml), NULL, &err), err);
        return m;
}

static void expect(const char *xml, const char *decision, const char *inputs, const char *want)
{
        struct dmn_model *m = opened(xml);
        struct buf out;

        buf_init(&out, 1 << 20);
        assert_string_equal(answer(m, decision, inputs, &out), want);
        buf_dispose(&out);
        dmn_free(m);
}

#define TABLE(policy, values, rules)                                                                                           \
        HEAD INPUT("n", "number") DECISION("d", "Any",                                                                         \
                                           NEEDS("n") "<decisionTable " policy "><input><inputExpression><text>n</text>"       \
                                                      "</inputExpression></input><output name=\"o\">" values "</output>" rules \
                                                      "</decisionTable>") TAIL
#define RULE(test, out)                                                                                                        \
        "<rule><inputEntry><text>" test "</text></inputEntry><outputEntry><text>" out "</text></outputEntry></rule>"
#define RULES RULE("&lt; 10", "1") RULE("&gt; 5", "3") RULE("[7..8]", "2")
#define VALUES "<outputValues><text>2, 3, 1</text></outputValues>"

static void hit_policies(void **state)
{
        (void)state;
        expect(TABLE("", "", RULES), "d", "{\"n\":3}", "\"1\"");
        expect(TABLE("", "", RULES), "d", "{\"n\":7}", "null"); /* more than one */
        expect(TABLE("", "", RULES), "d", "{}", "null");
        expect(TABLE("hitPolicy=\"FIRST\"", "", RULES), "d", "{\"n\":7}", "\"1\"");
        expect(TABLE("hitPolicy=\"ANY\"", "", RULES), "d", "{\"n\":7}", "null");
        expect(TABLE("hitPolicy=\"ANY\"", "", RULE("1", "5") RULE("&lt; 2", "5.0")), "d", "{\"n\":1}", "\"5\"");
        expect(TABLE("hitPolicy=\"PRIORITY\"", VALUES, RULES), "d", "{\"n\":7}", "\"2\"");
        expect(TABLE("hitPolicy=\"PRIORITY\"", VALUES, RULES), "d", "{\"n\":9}", "\"3\"");
        expect(TABLE("hitPolicy=\"OUTPUT ORDER\"", VALUES, RULES), "d", "{\"n\":7}", "[\"2\",\"3\",\"1\"]");
        expect(TABLE("hitPolicy=\"RULE ORDER\"", "", RULES), "d", "{\"n\":7}", "[\"1\",\"3\",\"2\"]");
        expect(TABLE("hitPolicy=\"COLLECT\"", "", RULES), "d", "{\"n\":7}", "[\"1\",\"3\",\"2\"]");
        expect(TABLE("hitPolicy=\"COLLECT\" aggregation=\"SUM\"", "", RULES), "d", "{\"n\":7}", "\"6\"");
        expect(TABLE("hitPolicy=\"COLLECT\" aggregation=\"MIN\"", "", RULES), "d", "{\"n\":9}", "\"1\"");
        expect(TABLE("hitPolicy=\"COLLECT\" aggregation=\"MAX\"", "", RULES), "d", "{\"n\":9}", "\"3\"");
        expect(TABLE("hitPolicy=\"COLLECT\" aggregation=\"COUNT\"", "", RULES), "d", "{\"n\":9}", "\"2\"");
        expect(TABLE("", "<defaultOutputEntry><text>n + 1</text></defaultOutputEntry>", RULE("1", "5")), "d", "{\"n\":2}",
               "\"3\"");
}

/* What can be added up or put in order is; what cannot is null. */
static void aggregates(void **state)
{
        static const struct {
                const char *first, *second, *sum, *least, *greatest;
        } CASES[] = {{"1", "3", "\"4\"", "\"1\"", "\"3\""},
                     {"@\"P1D\"", "@\"PT12H\"", "\"P1DT12H\"", "\"PT12H\"", "\"P1D\""},
                     {"@\"P1Y\"", "@\"P1M\"", "\"P1Y1M\"", "\"P1M\"", "\"P1Y\""},
                     {"\"b\"", "\"a\"", "null", "\"a\"", "\"b\""},
                     {"@\"2024-01-02\"", "@\"2024-01-01\"", "null", "\"2024-01-01\"", "\"2024-01-02\""},
                     {"1", "\"a\"", "null", "null", "null"},
                     {"1", "null", "null", "null", "null"},
                     {"null", "1", "null", "null", "null"},
                     {"true", "false", "null", "null", "null"},
                     {"[1]", "[2]", "null", "null", "null"},
                     {"@\"P1D\"", "@\"P1M\"", "null", "null", "null"}};
        static const char *const SIGNS[] = {"SUM", "MIN", "MAX"};

        (void)state;
        for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++)
                for (int k = 0; k < 3; k++) {
                        struct buf xml;
                        buf_init(&xml, 1 << 16);
                        buf_add_format(
                            &xml,
                            HEAD
                            "<decision id=\"d_d\" name=\"d\"><decisionTable hitPolicy=\"COLLECT\" aggregation=\"%s\">"
                            "<input><inputExpression><text>1</text></inputExpression></input><output/><rule><inputEntry>"
                            "<text>-</text></inputEntry><outputEntry><text>%s</text></outputEntry></rule><rule><inputEntry>"
                            "<text>-</text></inputEntry><outputEntry><text>%s</text></outputEntry></rule></decisionTable>"
                            "</decision>" TAIL,
                            SIGNS[k], CASES[i].first, CASES[i].second);
                        expect(buf_text(&xml), "d", "{}", k == 0 ? CASES[i].sum : k == 1 ? CASES[i].least : CASES[i].greatest);
                        buf_dispose(&xml);
                }
                /* several outputs, each by itself; none that hits */
#define SEVERAL(sign, test)                                                                                                    \
        HEAD INPUT("n", "number")                                                                                              \
            DECISION("d", "Any",                                                                                               \
                     NEEDS("n") "<decisionTable hitPolicy=\"COLLECT\" aggregation=\"" sign                                     \
                                "\"><input><inputExpression><text>n</text></inputExpression></input><output name=\"a\"/>"      \
                                "<output name=\"b\"/><rule><inputEntry><text>" test "</text></inputEntry><outputEntry>"        \
                                "<text>n</text></outputEntry><outputEntry><text>\"x\"</text></outputEntry></rule><rule>"       \
                                "<inputEntry><text>-</text></inputEntry><outputEntry><text>1</text></outputEntry>"             \
                                "<outputEntry><text>\"y\"</text></outputEntry></rule></decisionTable>") TAIL
        expect(SEVERAL("SUM", "-"), "d", "{\"n\":5}", "{\"a\":\"6\",\"b\":null}");
        expect(SEVERAL("MAX", "-"), "d", "{\"n\":5}", "{\"a\":\"5\",\"b\":\"y\"}");
        expect(SEVERAL("COUNT", "-"), "d", "{\"n\":5}", "\"2\"");
        expect(TABLE("hitPolicy=\"COLLECT\" aggregation=\"SUM\"", "", RULE("1", "5")), "d", "{\"n\":2}", "null");
        expect(TABLE("hitPolicy=\"COLLECT\" aggregation=\"COUNT\"", "", RULE("1", "5")), "d", "{\"n\":2}", "\"0\"");
        expect(TABLE("hitPolicy=\"COLLECT\"", "", RULE("1", "5")), "d", "{\"n\":2}", "[]");
        expect(TABLE("hitPolicy=\"PRIORITY\"", "", RULES), "d", "{\"n\":7}", "\"1\""); /* without output values: the first */
        expect(TABLE("hitPolicy=\"PRIORITY\"", "<outputValues><text>3</text></outputValues>", RULES), "d", "{\"n\":7}",
               "\"3\"");
        expect(TABLE("hitPolicy=\"ANY\"", "", RULE("1", "5") RULE("&lt; 2", "\"5\"")), "d", "{\"n\":1}", "null");
        expect(TABLE("", "", RULE("1", "") RULE("2", "3")), "d", "{\"n\":1}", "null");
}

static void types(void **state)
{
        static const char MODEL[] =
            HEAD "<itemDefinition "
                 "name=\"tAge\"><typeRef>number</typeRef><allowedValues><text>[0..120]</text></allowedValues></itemDefinition>"
                 "<itemDefinition name=\"tOld\"><typeRef>tAge</typeRef><allowedValues><text>? &gt;= "
                 "60</text></allowedValues></itemDefinition>"
                 "<itemDefinition name=\"tAges\" isCollection=\"true\"><typeRef>tAge</typeRef></itemDefinition>"
                 "<itemDefinition name=\"tTwo\" isCollection=\"true\"><typeRef>number</typeRef><typeConstraint><text>count(?) "
                 "= 2</text></typeConstraint></itemDefinition>"
                 "<itemDefinition name=\"tPerson\"><itemComponent name=\"full name\"><typeRef>string</typeRef></itemComponent>"
                 "<itemComponent name=\"born\"><typeRef>date</typeRef></itemComponent><itemComponent name=\"children\" "
                 "isCollection=\"true\">"
                 "<typeRef>tPerson</typeRef></itemComponent></itemDefinition>" INPUT("x", "Any") INPUT("p", "tPerson")
                     DECISION("age", "tAge", NEEDS("x") TEXT("x")) DECISION("old", "tOld", NEEDS("x") TEXT("x"))
                         DECISION("ages", "tAges", NEEDS("x") TEXT("x")) DECISION("two", "tTwo", NEEDS("x") TEXT("x"))
                             DECISION("when", "date and time", TEXT("date(2024, 1, 2)"))
                                 DECISION("year", "number", NEEDS("p") TEXT("p.children[full name = \"b c\"].born.year"))
                                     DECISION("is", "boolean", NEEDS("x") TEXT("x instance of tAge")) TAIL;
        struct dmn_model *m = opened(MODEL);
        struct buf out;

        (void)state;
        buf_init(&out, 1 << 20);
        assert_string_equal(answer(m, "age", "{\"x\":30}", &out), "\"30\"");
        assert_string_equal(answer(m, "age", "{\"x\":130}", &out), "null");
        assert_string_equal(answer(m, "age", "{\"x\":[30]}", &out), "\"30\""); /* the item of a list of one */
        assert_string_equal(answer(m, "age", "{\"x\":\"a\"}", &out), "null");
        assert_string_equal(answer(m, "old", "{\"x\":61}", &out), "\"61\"");
        assert_string_equal(answer(m, "old", "{\"x\":59}", &out), "null");
        assert_string_equal(answer(m, "old", "{\"x\":121}", &out), "null"); /* what tAge forbids */
        assert_string_equal(answer(m, "ages", "{\"x\":30}", &out), "[\"30\"]");
        assert_string_equal(answer(m, "ages", "{\"x\":[30,130]}", &out), "null");
        assert_string_equal(answer(m, "two", "{\"x\":[1,2]}", &out), "[\"1\",\"2\"]");
        assert_string_equal(answer(m, "two", "{\"x\":[1]}", &out), "null");
        assert_string_equal(answer(m, "when", "{}", &out), "\"2024-01-02T00:00:00Z\"");
        assert_string_equal(
            answer(m, "year", "{\"p\":{\"full name\":\"a\",\"children\":[{\"full name\":\"b c\",\"born\":\"1990-05-06\"}]}}",
                   &out),
            "\"1990\"");
        assert_string_equal(answer(m, "year", "{\"p\":{\"full name\":1}}", &out), "null");
        assert_string_equal(answer(m, "is", "{\"x\":121}", &out), "false");
        buf_dispose(&out);
        dmn_free(m);
}

static const char LIBRARY[] =
    "<definitions xmlns=\"https://www.omg.org/spec/DMN/20230324/MODEL/\" name=\"lib\" namespace=\"urn:lib\">"
    "<itemDefinition "
    "name=\"tRate\"><typeRef>number</typeRef><allowedValues><text>[0..1]</text></allowedValues></itemDefinition>" INPUT(
        "base", "number") "<businessKnowledgeModel id=\"k_part\" name=\"part of\"><variable name=\"part "
                          "of\"/><encapsulatedLogic><formalParameter name=\"of\" typeRef=\"number\"/>"
                          "<formalParameter name=\"rate\" typeRef=\"tRate\"/>" TEXT(
                              "of * rate") "</encapsulatedLogic></businessKnowledgeModel>" DECISION("double base", "number",
                                                                                                    NEEDS("base")
                                                                                                        TEXT("base * 2")) TAIL;

static int library(void *ctx, const char *ns, const char *location, struct str *xml, struct error *err)
{
        (void)ctx;
        (void)location;
        if (strcmp(ns, "urn:lib") != 0)
                return error_raise(err, SB_DMN_MODEL, "%s", ns);
        *xml = str_from(LIBRARY);
        return 0;
}

/* A number of JSON is what was written, as far as a real can hold it; as text it is whole. */
static void numbers_of_json(void **state)
{
        static const char model[] = HEAD INPUT("x", "number") DECISION("d", "number", NEEDS("x") TEXT("x + 0")) TAIL;

        (void)state;
        expect(model, "d", "{\"x\":0.1}", "\"0.1\"");
        expect(model, "d", "{\"x\":1234567.89}", "\"1234567.89\"");
        expect(model, "d", "{\"x\":1.234567890123456}", "\"1.234567890123456\"");
        expect(model, "d", "{\"x\":\"1234567890123456789.012345\"}", "\"1234567890123456789.012345\"");
}

static void imports(void **state)
{
        static const char MODEL[] =
            HEAD "<import name=\"the lib\" namespace=\"urn:lib\" importType=\"https://www.omg.org/spec/DMN/20230324/MODEL/\"/>"
                 "<decision id=\"d\" name=\"d\"><variable name=\"d\" typeRef=\"number\"/>"
                 "<informationRequirement><requiredDecision href=\"urn:lib#d_double base\"/></informationRequirement>"
                 "<knowledgeRequirement><requiredKnowledge href=\"urn:lib#k_part\"/></knowledgeRequirement>" TEXT(
                     "the lib.part of(the lib.double base, 0.25)") "</decision>"
                                                                   "<decision id=\"e\" name=\"e\"><variable name=\"e\" "
                                                                   "typeRef=\"the lib.tRate\"/>" TEXT("1.5") "</decision>" TAIL;
        struct dmn_options o = {.resolve = library};
        struct dmn_model *m = NULL;
        struct error err = {0};
        struct buf out;

        (void)state;
        buf_init(&out, 1000);
        assert_ok(dmn_open(&m, str_from(MODEL), &o, &err), err);
        assert_string_equal(answer(m, "d", "{\"base\":10}", &out), "\"5\"");
        assert_string_equal(answer(m, "d", "{\"the lib\":{\"base\":20}}", &out), "\"10\"");
        assert_string_equal(answer(m, "d", "{\"the lib.base\":30}", &out), "\"15\"");
        assert_string_equal(answer(m, "d", "{\"other.base\":30,\"x.base\":1}", &out),
                            "\"15\""); /* by its end, whatever it is called */
        assert_string_equal(answer(m, "d", "{\"the lib\":{\"basis\":20}}", &out), "null");
        assert_string_equal(answer(m, "d", "{\"another\":{\"base\":20}}", &out), "null");
        assert_string_equal(answer(m, "d", "{\"libbase\":20}", &out), "null");
        assert_string_equal(answer(m, "e", "{}", &out), "null");
        buf_dispose(&out);
        dmn_free(m);
        assert_error(dmn_open(&m, str_from(MODEL), NULL, &err), err, SB_DMN_MODEL);
}

static void services(void **state)
{
        static const char MODEL[] = HEAD INPUT("a", "number") INPUT("b", "number")
            DECISION("sum", "number", NEEDS("a") NEEDS("b") TEXT("a + b")) DECISION(
                "twice", "number",
                NEEDS_DECISION("sum") TEXT(
                    "sum * 2")) "<decisionService id=\"k_both\" name=\"both\"><variable name=\"both\"/><outputDecision "
                                "href=\"#d_twice\"/><outputDecision href=\"#d_sum\"/>"
                                "<inputData href=\"#i_a\"/><inputData href=\"#i_b\"/></decisionService>"
                                "<decisionService id=\"k_from\" name=\"from sum\"><variable name=\"from sum\"/><outputDecision "
                                "href=\"#d_twice\"/><inputDecision href=\"#d_sum\"/></decisionService>" DECISION(
                                    "use", "Any",
                                    NEEDS("a") KNOWS("both") KNOWS("from")
                                        TEXT("[both(a, 1).twice, both(b: 2, a: a).sum, from sum(sum: 50), for i in 1..3 return "
                                             "from sum(i), both(1)]")) TAIL;
        struct dmn_model *m = opened(MODEL);
        struct buf out;

        (void)state;
        buf_init(&out, 1000);
        assert_string_equal(answer(m, "both", "{\"a\":1,\"b\":2}", &out), "{\"sum\":\"3\",\"twice\":\"6\"}");
        assert_string_equal(answer(m, "from sum", "{\"sum\":7}", &out), "\"14\"");
        assert_string_equal(answer(m, "use", "{\"a\":10}", &out), "[\"22\",\"12\",\"100\",[\"2\",\"4\",\"6\"],null]");
        buf_dispose(&out);
        dmn_free(m);
}

/* A decision sees what it requires and nothing else; knowledge may call itself. */
static void scopes(void **state)
{
        static const char MODEL[] = HEAD INPUT("a", "number") DECISION("hidden", "number", TEXT("5"))
            DECISION("d", "Any", NEEDS("a") TEXT("[a, hidden]")) "<businessKnowledgeModel id=\"k_f\" "
                                                                 "name=\"f\"><variable "
                                                                 "name=\"f\"/><encapsulatedLogic><formalParameter "
                                                                 "name=\"n\"/>" TEXT(
                                                                     "if n = 0 then 1 else n * f(n - "
                                                                     "1)") "</encapsulatedLogic></"
                                                                           "businessKnowledgeModel"
                                                                           ">" DECISION("e", "number", KNOWS("f") TEXT("f(25)"))
                                                                               DECISION("endless", "number",
                                                                                        KNOWS("f") TEXT("f(-1)")) TAIL;

        (void)state;
        expect(MODEL, "d", "{\"a\":1}", "[\"1\",null]");
        expect(MODEL, "e", "{}", "\"15511210043330985984000000\"");
        expect(MODEL, "endless", "{}", "? 302");
        expect(MODEL, "none", "{}", "? 321");
        expect(MODEL, "d", "{\"a\":\"x\"}", "? 322");
}

static void refused(void **state)
{
        static const struct {
                const char *xml;
                enum error_code code;
        } MODELS[] = {
            {"<a/>", SB_DMN_MODEL},
            {HEAD, SB_XML_SYNTAX},
            {HEAD DECISION("d", "Any", TEXT("1 +")) TAIL, SB_FEEL_SYNTAX},
            {HEAD DECISION("d", "Any", NEEDS("x") TEXT("1")) TAIL, SB_DMN_MODEL},
            {HEAD DECISION("a", "Any", NEEDS_DECISION("b") TEXT("b")) DECISION("b", "Any", NEEDS_DECISION("a") TEXT("a")) TAIL,
             SB_DMN_MODEL},
            {TABLE("hitPolicy=\"GUESS\"", "", ""), SB_DMN_MODEL},
            {TABLE("hitPolicy=\"COLLECT\" aggregation=\"MEAN\"", "", ""), SB_DMN_MODEL},
            {TABLE("", "", "<rule><outputEntry><text>1</text></outputEntry></rule>"), SB_DMN_MODEL},
            {TABLE("", "", "<rule><inputEntry><text>1</text></inputEntry></rule>"), SB_DMN_MODEL},
            {TABLE("", "",
                   "<rule><inputEntry><text>1</text></inputEntry><inputEntry><text>1</text></inputEntry><outputEntry>"
                   "<text>1</text></outputEntry></rule>"),
             SB_DMN_MODEL},
            {TABLE("", "",
                   "<rule><inputEntry><text>1</text></inputEntry><outputEntry><text>1</text></outputEntry><outputEntry>"
                   "<text>1</text></outputEntry></rule>"),
             SB_DMN_MODEL},
            {TABLE("", "", RULE("&lt;&lt; 1", "1")), SB_FEEL_SYNTAX},
            {HEAD DECISION("d", "Any",
                           "<decisionTable><input><inputExpression><text>1</text></inputExpression></input></decisionTable>")
                 TAIL,
             SB_DMN_MODEL},
            {HEAD DECISION("d", "Any", "<decisionTable><input/><output/></decisionTable>") TAIL, SB_DMN_MODEL},
            {HEAD DECISION("d", "Any", "<relation><column name=\"a\"/><row>" TEXT("1") TEXT("2") "</row></relation>") TAIL,
             SB_DMN_MODEL},
            {HEAD DECISION("d", "Any", "<relation><column name=\"a\"/><column name=\"b\"/><row>" TEXT("1") "</row></relation>")
                 TAIL,
             SB_DMN_MODEL},
            {HEAD "<import name=\"x\" namespace=\"urn:x\" importType=\"https://www.omg.org/spec/DMN/20230324/MODEL/\"/>" TAIL,
             SB_DMN_MODEL},
        };
        struct dmn_model *m = NULL;
        struct error err = {0};
        struct buf deep;

        (void)state;
        for (size_t i = 0; i < sizeof MODELS / sizeof MODELS[0]; i++) {
                if (dmn_open(&m, str_from(MODELS[i].xml), NULL, &err) == 0 || err.code != MODELS[i].code)
                        fail_msg("model %zu: error %d", i, (int)err.code);
                error_clear(&err);
        }
        /* where it is tolerated, what is no FEEL is a null that says why */
        struct dmn_options o = {.tolerant = true};
        struct buf out;
        buf_init(&out, 1000);
        assert_ok(dmn_open(&m, str_from(MODELS[2].xml), &o, &err), err);
        assert_string_equal(answer(m, "d", "{}", &out), "null");
        buf_dispose(&out);
        dmn_free(m);
        buf_init(&deep, 1 << 20);
        buf_add_text(&deep, HEAD "<decision id=\"d\" name=\"d\">");
        for (int i = 0; i < 90; i++)
                buf_add_text(&deep, "<list>");
        for (int i = 0; i < 90; i++)
                buf_add_text(&deep, "</list>");
        buf_add_text(&deep, "</decision>" TAIL);
        assert_error(dmn_open(&m, str_from(buf_text(&deep)), NULL, &err), err, SB_DMN_MODEL);
        /* a chain of decisions, each of the next: long, but not endless */
        buf_clear(&deep);
        buf_add_text(&deep, HEAD);
        for (int i = 0; i < 2000; i++)
                buf_add_format(&deep,
                               "<decision id=\"c%d\" name=\"c%d\"><informationRequirement><requiredDecision href=\"#c%d\"/>"
                               "</informationRequirement>" TEXT("c%d") "</decision>",
                               i, i, i + 1, i + 1);
        buf_add_text(&deep, "<decision id=\"c2000\" name=\"c2000\">" TEXT("1") "</decision>" TAIL);
        assert_error(dmn_open(&m, str_from(buf_text(&deep)), NULL, &err), err, SB_DMN_MODEL);
        buf_dispose(&deep);
}

/* Rules that matched, intermediate values with their article, in the order of the steps. */
static void derivation(void **state)
{
        static const char MODEL[] = HEAD INPUT("n", "number") DECISION(
            "band", "string",
            NEEDS("n") "<decisionTable id=\"t\"><input><inputExpression><text>n</text></inputExpression></input><output/>"
                       "<annotation name=\"article\"/><rule id=\"r1\"><inputEntry><text>&lt; "
                       "5</text></inputEntry><outputEntry><text>\"low\"</text></outputEntry>"
                       "<annotationEntry><text>Art. 1</text></annotationEntry></rule><rule id=\"r2\"><inputEntry><text>&gt;= "
                       "5</text></inputEntry>"
                       "<outputEntry><text>\"high\"</text></outputEntry></rule></decisionTable>")
            DECISION("d", "number",
                     NEEDS("n") NEEDS_DECISION("band") "<context><contextEntry article=\"Art. 2\"><variable "
                                                       "name=\"half\"/>" TEXT("n / 2") "</contextEntry><contextEntry>" TEXT(
                                                           "if band = \"low\" then half else n") "</contextEntry></context>")
                TAIL;
        struct dmn_model *m = opened(MODEL);
        struct dmn_answer a;
        struct error err = {0};
        json_t *inputs = json_pack("{s:i}", "n", 3);
        struct dmn_call call = {.decision = "d", .inputs = inputs, .explain = true};
        json_error_t at;
        json_t *want = json_loads(
            "[{\"decision\":\"band\",\"id\":\"d_band\",\"model\":\"m\",\"rules\":[{\"table\":\"band\",\"element\":\"d_band\","
            "\"at\":0,\"rule\":1,\"id\":\"r1\",\"article\":\"Art. 1\"}],\"result\":\"low\"},"
            "{\"decision\":\"d\",\"id\":\"d_d\",\"model\":\"m\",\"entries\":[{\"name\":\"half\",\"value\":\"1.5\","
            "\"article\":\"Art. 2\"}],\"result\":\"1.5\"}]",
            0, &at);

        (void)state;
        assert_ok(dmn_eval(m, &call, &a, &err), err);
        assert_int_equal(a.diagnostics, 0);
        assert_true(json_equal(json_object_get(a.derivation, "steps"), want));
        dmn_answer_dispose(&a);
        json_decref(want);
        json_decref(inputs);
        dmn_free(m);
}

/* An evaluation whose memory ends anywhere says so, and the context can be used again. */
static void short_of_memory(void **state)
{
        static const char MODEL[] = HEAD INPUT(
            "n",
            "number") "<businessKnowledgeModel id=\"k_f\" name=\"f\"><variable "
                      "name=\"f\"/><encapsulatedLogic><formalParameter name=\"n\"/>" TEXT(
                          "if n = 0 "
                          "then [] "
                          "else "
                          "append(f(n "
                          "- 1), n)") "</encapsulatedLogic></businessKnowledgeModel>" DECISION("band", "string",
                                                                                               NEEDS(
                                                                                                   "n") "<decisionTable "
                                                                                                        "hitPolicy=\"COLLECT\">"
                                                                                                        "<input><"
                                                                                                        "inputExpression><text>"
                                                                                                        "n</text></"
                                                                                                        "inputExpression>"
                                                                                                        "</input><output/"
                                                                                                        ">" RULE("-", "\"low\"")
                                                                                                            RULE(
                                                                                                                "&gt; 1",
                                                                                                                "string(n) + "
                                                                                                                "\"x\"") "</"
                                                                                                                         "decis"
                                                                                                                         "ionTa"
                                                                                                                         "ble>")
                          DECISION("d", "Any",
                                   NEEDS("n") KNOWS("f") "<context><contextEntry><variable name=\"all\"/>" TEXT(
                                       "f(n)") "</contextEntry><contextEntry>" TEXT("sum(all[item &gt; "
                                                                                    "2])") "</"
                                                                                           "contextEntry"
                                                                                           "></context>") TAIL;
        struct dmn_model *m = opened(MODEL);
        struct feel_entry input = {"n", {.kind = FEEL_NUMBER, .number = decimal_from_int(5)}};
        int failures = 0;

        (void)state;
        for (size_t cap = 1, enough = 0; !enough; cap += 176) {
                struct dmn_context *c = NULL;
                struct error err = {0};
                struct feel_value v;
                assert_ok(dmn_context_new(&c, m, cap, &err), err);
                dmn_context_explain(c, true, NULL, NULL);
                enough = dmn_run(c, "d", &input, 1, &v, &err) == 0;
                if (enough) {
                        int64_t sum;
                        assert_true(v.kind == FEEL_NUMBER && decimal_to_int(v.number, &sum) && sum == 12);
                        assert_ok(dmn_run(c, "d", &input, 1, &v, &err), err);
                } else {
                        assert_int_equal(err.code, SB_LIMIT);
                        failures++;
                }
                dmn_context_free(c);
        }
        assert_true(failures > 10);
        dmn_free(m);
}

struct worker {
        const struct dmn_model *model;
        int64_t from;
        bool wrong;
};

static void *work(void *ctx)
{
        struct worker *w = ctx;
        char inputs[40], want[40];
        struct buf out;

        buf_init(&out, 1000);
        for (int64_t i = w->from; i < w->from + 300 && !w->wrong; i++) {
                text_format(inputs, sizeof inputs, "{\"a\":%lld,\"b\":1}", (long long)i);
                text_format(want, sizeof want, "\"%lld\"", (long long)(2 * (i + 1)));
                w->wrong = strcmp(answer(w->model, "twice", inputs, &out), want) != 0;
        }
        buf_dispose(&out);
        return NULL;
}

/* One model, many threads. */
static void threads(void **state)
{
        static const char MODEL[] =
            HEAD INPUT("a", "number") INPUT("b", "number") DECISION("sum", "number", NEEDS("a") NEEDS("b") TEXT("a + b"))
                DECISION("twice", "number", NEEDS_DECISION("sum") TEXT("sum * 2")) TAIL;
        struct dmn_model *m = opened(MODEL);
        struct worker workers[12];
        pthread_t ids[12];

        (void)state;
        for (int i = 0; i < 12; i++) {
                workers[i] = (struct worker){.model = m, .from = 1000 * i};
                assert_int_equal(pthread_create(&ids[i], NULL, work, &workers[i]), 0);
        }
        for (int i = 0; i < 12; i++)
                pthread_join(ids[i], NULL);
        for (int i = 0; i < 12; i++)
                assert_false(workers[i].wrong);
        dmn_free(m);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(hit_policies),    cmocka_unit_test(aggregates), cmocka_unit_test(types),
            cmocka_unit_test(numbers_of_json), cmocka_unit_test(imports),    cmocka_unit_test(services),
            cmocka_unit_test(scopes),          cmocka_unit_test(refused),    cmocka_unit_test(derivation),
            cmocka_unit_test(short_of_memory), cmocka_unit_test(threads),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
