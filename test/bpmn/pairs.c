/* SPDX-License-Identifier: Apache-2.0
 *
 * The static rules of BPMN in pairs: a model that breaks a rule, which is told at its element, and its like that does not, at which
 * that rule is not told.
 */
#include "engine/bpmn/bpmn.h"
#include "testing.h"

#include <string.h>

#define ROOT                                                                                                                   \
        "<definitions xmlns=\"" BPMN_NS "\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xmlns:o=\"urn:other\" "    \
        "xmlns:t=\"t\" targetNamespace=\"t\">"
#define RUNS "<process id=\"p\" isExecutable=\"true\">"
#define DRAWN "<process id=\"p\">"
#define END "</process></definitions>"
/* s → a → e around the element under test. */
#define LINE                                                                                                                   \
        "<startEvent id=\"s\"><outgoing>f1</outgoing></startEvent><sequenceFlow id=\"f1\" sourceRef=\"s\" targetRef=\"a\"/>"   \
        "<sequenceFlow id=\"f2\" sourceRef=\"a\" targetRef=\"e\"/><endEvent id=\"e\"><incoming>f2</incoming></endEvent>"
#define WAYS "<incoming>f1</incoming><outgoing>f2</outgoing>"
#define TASK "<task id=\"a\">" WAYS "</task>"
#define ITEMS                                                                                                                  \
        "<itemDefinition id=\"i1\" structureRef=\"one\"/><itemDefinition id=\"i2\" structureRef=\"two\"/>"                     \
        "<itemDefinition id=\"i3\" structureRef=\"one\" isCollection=\"true\"/><itemDefinition id=\"i4\"/>"                    \
        "<message id=\"m1\" itemRef=\"i1\"/><message id=\"m2\" itemRef=\"i2\"/><signal id=\"g1\" structureRef=\"i1\"/>"        \
        "<error id=\"r1\" errorCode=\"E\" structureRef=\"i2\"/><escalation id=\"x1\" escalationCode=\"X\" "                    \
        "structureRef=\"i1\"/><escalation id=\"x2\"/>"                                                                         \
        "<interface id=\"fc\" name=\"fc\"><operation id=\"op\" name=\"op\"><inMessageRef>m1</inMessageRef><outMessageRef>m2"   \
        "</outMessageRef></operation><operation id=\"op1\" "                                                                   \
        "name=\"op1\"><inMessageRef>m1</inMessageRef></operation></interface>"
#define IN(id, item) "<dataInput id=\"" id "\" itemSubjectRef=\"" item "\"/>"
#define OUT(id, item) "<dataOutput id=\"" id "\" itemSubjectRef=\"" item "\"/>"
#define INS(refs) "<inputSet>" refs "</inputSet>"
#define OUTS(refs) "<outputSet>" refs "</outputSet>"
#define IREF(id) "<dataInputRefs>" id "</dataInputRefs>"
#define OREF(id) "<dataOutputRefs>" id "</dataOutputRefs>"
#define IO(inside) "<ioSpecification>" inside "</ioSpecification>"
#define FORMAL " xsi:type=\"tFormalExpression\""

struct pair {
        const char *rule, *element, *broken, *sound;
};

struct seen {
        const char *rule, *element;
        bool told;
        char first[400];
};

static void see(void *ctx, const struct error *fault)
{
        struct seen *s = ctx;
        struct error bare = *fault;
        char text[300], place[100], number[20];

        bare.where[0] = '\0';
        error_text(&bare, LANG_EN, text, sizeof text);
        if (s->first[0] == '\0')
                text_format(s->first, sizeof s->first, "%.80s: %s", fault->where, text);
        text_format(place, sizeof place, "%s line ", s->element);
        text_format(number, sizeof number, " %s ", s->rule);
        s->told = s->told || (strncmp(fault->where, place, strlen(place)) == 0 && strstr(text, number) != NULL);
}

static bool told(const struct pair *p, const char *model, char first[400])
{
        struct seen s = {.rule = p->rule, .element = p->element};
        struct error err = {0};
        int rc = bpmn_rules(str_from(model), see, &s, &err);

        assert_true(!s.told || rc < 0);
        if (err.code != SB_OK && err.code != SB_BPMN_MODEL)
                fail_msg("%s: error %d", p->rule, (int)err.code);
        text_copy(first, 400, str_from(s.first));
        return s.told;
}

static void judge(const struct pair *pairs, size_t count)
{
        char first[400];
        int wrong = 0;

        for (size_t i = 0; i < count; i++) {
                const struct pair *p = &pairs[i];
                if (p->broken != NULL && !told(p, p->broken, first)) {
                        print_error("%zu: %s is not told at %s; the first: %s\n", i, p->rule, p->element, first);
                        wrong++;
                }
                if (p->sound != NULL && told(p, p->sound, first)) {
                        print_error("%zu: %s is told at %s of a sound model\n", i, p->rule, p->element);
                        wrong++;
                }
        }
        assert_int_equal(wrong, 0);
}
#define JUDGE(pairs) judge(pairs, sizeof pairs / sizeof pairs[0])

#define START_BY(attributes, definition)                                                                                       \
        ROOT ITEMS DRAWN                                                                                                       \
            "<startEvent id=\"s\" " attributes "><outgoing>f1</outgoing>" definition "</startEvent><sequenceFlow "             \
            "id=\"f1\" sourceRef=\"s\" targetRef=\"e\"/><endEvent id=\"e\"><incoming>f1</incoming></endEvent>" END
#define INNER(attributes, start, definition)                                                                                   \
        ROOT ITEMS RUNS LINE "<subProcess id=\"a\" " attributes ">" WAYS "<startEvent id=\"z\" " start "><outgoing>g"          \
                             "</outgoing>" definition "</startEvent><sequenceFlow id=\"g\" sourceRef=\"z\" targetRef=\"y\"/>"  \
                             "<endEvent id=\"y\"><incoming>g</incoming></endEvent></subProcess>" END
#define TRIGGERED "triggeredByEvent=\"true\""
#define END_BY(definition)                                                                                                     \
        ROOT ITEMS DRAWN LINE TASK                                                                                             \
            "<sequenceFlow id=\"f3\" sourceRef=\"a\" targetRef=\"e3\"/><endEvent id=\"e3\"><incoming>f3"                       \
            "</incoming>" definition "</endEvent>" END
#define AT(host, attributes, inside, after)                                                                                    \
        ROOT ITEMS DRAWN LINE "<" host " id=\"a\">" WAYS "</" host "><boundaryEvent id=\"b\" attachedToRef=\"a\" " attributes  \
                              ">" inside "</boundaryEvent>" after END
#define OUT_B "<sequenceFlow id=\"f3\" sourceRef=\"b\" targetRef=\"h\"/><task id=\"h\"><incoming>f3</incoming></task>"
#define HANDLER(attributes) "<task id=\"h\" " attributes "/><association id=\"as\" sourceRef=\"b\" targetRef=\"h\"/>"
#define D(kind) "<" kind "EventDefinition id=\"d\"/>"

static void starts_and_ends(void **state)
{
        static const struct pair pairs[] = {
            {"EXT096", "s",
             ROOT DRAWN
             "<startEvent id=\"s\"><incoming>f1</incoming><outgoing>f1</outgoing></startEvent><sequenceFlow id=\"f1\" "
             "sourceRef=\"s\" targetRef=\"s\"/>" END,
             START_BY("", "")},
            {"EXT096", "s", ROOT DRAWN "<startEvent id=\"s\"><incoming>f1</incoming></startEvent>" END, NULL},
            {"EXT098", "s", START_BY("", D("error")), START_BY("", D("signal"))},
            {"EXT098", "s", START_BY("", D("message") D("escalation")), START_BY("", D("message") D("timer"))},
            {"EXT100", "z", INNER("", "", D("message")), INNER(TRIGGERED, "", D("message"))},
            {"EXT059", "a", NULL, INNER("", "", D("message"))},
            {"EXT059", "z", INNER(TRIGGERED, "", ""), INNER(TRIGGERED, "", D("error"))},
            {"EXT059", "z", INNER(TRIGGERED, "", D("message") D("cancel")), INNER(TRIGGERED, "", D("message") D("timer"))},
            {"EXT059", "z", INNER(TRIGGERED, "isInterrupting=\"false\"", D("error")),
             INNER(TRIGGERED, "isInterrupting=\"false\"", D("signal"))},
            {"EXT059", "z", INNER(TRIGGERED, "isInterrupting=\"false\"", D("compensate")),
             INNER(TRIGGERED, "", D("compensate"))},
            {"EXT104", "e", ROOT DRAWN LINE TASK "<sequenceFlow id=\"f3\" sourceRef=\"e\" targetRef=\"a\"/>" END, END_BY("")},
            {"EXT104", "e", ROOT DRAWN "<endEvent id=\"e\"><outgoing>f</outgoing></endEvent>" END, NULL},
            {"EXT106", "e3", END_BY(D("cancel")),
             ROOT RUNS
             "<transaction id=\"a\"><endEvent id=\"e3\"><incoming>g</incoming>" D("cancel") "</endEvent></transaction>" END},
            {"EXT107", "e", ROOT DRAWN "<endEvent id=\"e\"><incoming>f2</incoming></endEvent>" END, END_BY("")},
            {"EXT107", "e",
             ROOT DRAWN "<task id=\"a\"/><endEvent id=\"e\"/><sequenceFlow id=\"f\" sourceRef=\"a\" targetRef=\"e\"/>" END,
             NULL},
            {"EXT146", "e3", END_BY(D("timer")), END_BY(D("terminate"))},
            {"EXT011", "e3", END_BY("<escalationEventDefinition id=\"d\" escalationRef=\"x2\"/>"),
             END_BY("<escalationEventDefinition id=\"d\" escalationRef=\"x1\"/>")},
            {"EXT011", "e3", END_BY(D("escalation")), END_BY(D("signal"))},
            {"EXT110", "b", AT("task", "", "", OUT_B), AT("task", "", D("message"), OUT_B)},
            {"EXT110", "b", AT("task", "", D("link"), OUT_B), AT("task", "", D("error"), OUT_B)},
            {"EXT110", "b", AT("task", "cancelActivity=\"false\"", D("error"), OUT_B),
             AT("task", "cancelActivity=\"false\"", D("timer"), OUT_B)},
            {"EXT111", "b", AT("task", "", D("cancel"), OUT_B), AT("transaction", "", D("cancel"), OUT_B)},
            {"EXT112", "b", AT("task", "", "<incoming>f1</incoming>" D("timer"), OUT_B), AT("task", "", D("timer"), OUT_B)},
            {"EXT112", "b", AT("task", "", D("timer"), OUT_B "<sequenceFlow id=\"f9\" sourceRef=\"a\" targetRef=\"b\"/>"),
             NULL},
            {"EXT113", "b", AT("task", "", D("timer"), ""), AT("task", "", D("timer"), OUT_B)},
            {"EXT114", "b", AT("task", "", D("compensate"), OUT_B), AT("task", "", D("compensate"), HANDLER(""))},
            {"EXT143", "b", AT("task", "", D("compensate"), ""), AT("task", "", D("compensate"), HANDLER(""))},
            {"EXT143", "b", NULL, AT("task", "", D("timer"), OUT_B)},
            {"EXT144", "b", AT("task", "", D("compensate"), HANDLER("")),
             AT("task", "", D("compensate"), HANDLER("isForCompensation=\"true\""))},
            {"EXT144", "b", AT("task", "", D("compensate"), "<association id=\"as\" sourceRef=\"b\" targetRef=\"e\"/>"),
             AT("task", "", D("compensate"), "<association id=\"as\" sourceRef=\"a\" targetRef=\"e\"/>")},
        };

        (void)state;
        JUDGE(pairs);
}

#define THROW(link) "<intermediateThrowEvent id=\"a\"><incoming>f1</incoming>" link "</intermediateThrowEvent>"
#define CATCH(id, link) "<intermediateCatchEvent id=\"" id "\"><outgoing>f2</outgoing>" link "</intermediateCatchEvent>"
#define LINK(id, name, inside) "<linkEventDefinition id=\"" id "\" name=\"" name "\">" inside "</linkEventDefinition>"
#define LINKED(thrower, catcher)                                                                                               \
        ROOT DRAWN "<startEvent id=\"s\"><outgoing>f1</outgoing></startEvent><sequenceFlow id=\"f1\" sourceRef=\"s\" "         \
                   "targetRef=\"a\"/><sequenceFlow id=\"f2\" sourceRef=\"c\" targetRef=\"e\"/><endEvent id=\"e\"><incoming>f2" \
                   "</incoming></endEvent>" thrower catcher END
#define BETWEEN(kind, attributes, inside)                                                                                      \
        ROOT ITEMS RUNS LINE "<" kind " id=\"a\" " attributes ">" WAYS inside "</" kind ">" END

static void between(void **state)
{
        static const struct pair pairs[] = {
            {"EXT115", "a", ROOT DRAWN "<intermediateCatchEvent id=\"a\">" D("signal") "</intermediateCatchEvent>" END,
             BETWEEN("intermediateCatchEvent", "", D("signal"))},
            {"EXT115", "a", NULL,
             ROOT DRAWN "<adHocSubProcess id=\"h\"><intermediateCatchEvent id=\"a\">" D(
                 "signal") "</intermediateCatchEvent></adHocSubProcess>" END},
            {"EXT115", "c", NULL, LINKED(THROW(LINK("l1", "x", "")), CATCH("c", LINK("l2", "x", "")))},
            {"EXT115", "a", ROOT DRAWN "<intermediateThrowEvent id=\"a\">" LINK("l1", "x", "") "</intermediateThrowEvent>" END,
             LINKED(THROW(LINK("l1", "x", "")), CATCH("c", LINK("l2", "x", "")))},
            {"EXT116", "a", ROOT DRAWN "<intermediateThrowEvent id=\"a\">" D("signal") "</intermediateThrowEvent>" END,
             LINKED(THROW(LINK("l1", "x", "")), CATCH("c", LINK("l2", "x", "")))},
            {"EXT116", "a", ROOT DRAWN "<intermediateCatchEvent id=\"a\">" LINK("l1", "x", "") "</intermediateCatchEvent>" END,
             NULL},
            {"EXT122", "a", BETWEEN("intermediateCatchEvent", "", D("compensate")),
             BETWEEN("intermediateThrowEvent", "", D("compensate"))},
            {"EXT148", "a", BETWEEN("intermediateCatchEvent", "", D("error")),
             BETWEEN("intermediateCatchEvent", "", D("timer"))},
            {"EXT149", "a", BETWEEN("intermediateThrowEvent", "", D("timer")), BETWEEN("intermediateThrowEvent", "", "")},
            {"EXT117", "a",
             LINKED("<intermediateThrowEvent id=\"a\"><incoming>f1</incoming><outgoing>f3</outgoing>" LINK(
                        "l1", "x", "") "</intermediateThrowEvent><sequenceFlow id=\"f3\" sourceRef=\"a\" targetRef=\"e\"/>",
                    CATCH("c", LINK("l2", "x", ""))),
             LINKED(THROW(LINK("l1", "x", "")), CATCH("c", LINK("l2", "x", "")))},
            {"EXT117", "c",
             LINKED(THROW(LINK("l1", "x", "")),
                    CATCH("c", LINK("l2", "x", "")) "<sequenceFlow id=\"f3\" sourceRef=\"s\" targetRef=\"c\"/>"),
             NULL},
            {"EXT118", "a", LINKED(THROW(LINK("l1", "x", "")), CATCH("c", LINK("l2", "y", ""))),
             LINKED(THROW(LINK("l1", "x", "")), CATCH("c", LINK("l2", "x", "")))},
            {"EXT118", "a", LINKED(THROW(LINK("l1", "x", "<target>l3</target>")), THROW(LINK("l3", "y", "")) CATCH("c", "")),
             LINKED(THROW(LINK("l1", "x", "<target>l2</target>")), CATCH("c", LINK("l2", "x", "<source>l1</source>")))},
            {"EXT118", "a",
             LINKED(THROW(LINK("l1", "x", "<target>l2</target>")), CATCH("c", LINK("l2", "x", "<source>l9</source>"))),
             LINKED(THROW(LINK("l1", "x", "<target>l2</target>")), CATCH("c", LINK("l2", "x", "")))},
            {"EXT118", "a", LINKED(THROW(LINK("l1", "x", "<target>gone</target>")), CATCH("c", LINK("l2", "x", ""))), NULL},
            {"EXT118", "c",
             LINKED(THROW(LINK("l1", "x", "<target>l9</target>")), CATCH("c", LINK("l2", "x", "<source>l1</source>"))),
             LINKED(THROW(LINK("l1", "x", "<target>l2</target><other/>")), CATCH("c", LINK("l2", "x", "<source>l1</source>")))},
            {"EXT124", "c", LINKED("", CATCH("c", LINK("l2", "x", ""))),
             LINKED(THROW(LINK("l1", "x", "")), CATCH("c", LINK("l2", "x", "")))},
            {"EXT125", "a",
             LINKED(THROW(LINK("l1", "x", "<target>l2</target><target>l3</target>")),
                    CATCH("c", LINK("l2", "x", "")) CATCH("c2", LINK("l3", "y", ""))),
             LINKED(THROW(LINK("l1", "x", "<target>l2</target>")),
                    CATCH("c", LINK("l2", "x", "")) CATCH("c2", LINK("l3", "x", "")))},
            {"EXT125", "a",
             LINKED(THROW(LINK("l1", "x", "")), CATCH("c", LINK("l2", "x", "")) CATCH("c2", LINK("l3", "x", ""))), NULL},
            {"EXT126", "a",
             LINKED(THROW(LINK("l1", "x", "")), "<subProcess id=\"in\">" CATCH("c", LINK("l2", "x", "")) "</subProcess>"),
             LINKED(THROW(LINK("l1", "x", "")), CATCH("c", LINK("l2", "x", "")))},
            {"EXT126", "a",
             LINKED(THROW(LINK("l1", "y", "<target>l2</target>")),
                    "<subProcess id=\"in\">" CATCH("c", LINK("l2", "x", "")) "</subProcess>"),
             LINKED(THROW(LINK("l1", "y", "<target>l2</target>")), CATCH("c", LINK("l2", "x", "")))},
            {"EXT127", "a", BETWEEN("intermediateCatchEvent", "", D("message")),
             BETWEEN("intermediateCatchEvent", "", "<messageEventDefinition id=\"d\" messageRef=\"m1\"/>")},
            {"EXT128", "a", BETWEEN("intermediateCatchEvent", "", "<messageEventDefinition id=\"d\" messageRef=\"m1\"/>"),
             BETWEEN("intermediateCatchEvent", "",
                     "<messageEventDefinition id=\"d\" "
                     "messageRef=\"m1\"><operationRef>op</operationRef></messageEventDefinition>")},
            {"EXT127", "s", NULL, START_BY("", D("message"))}, /* a process that is only drawn */
            {"EXT095", "a",
             ROOT "<signalEventDefinition id=\"d\"/>" RUNS LINE "<intermediateThrowEvent id=\"a\">" WAYS
                  "<eventDefinitionRef>d</eventDefinitionRef></intermediateThrowEvent><intermediateThrowEvent id=\"a2\">"
                  "<eventDefinitionRef>d</eventDefinitionRef></intermediateThrowEvent>" END,
             ROOT "<signalEventDefinition id=\"d\"/><signalEventDefinition id=\"d2\"/>" RUNS LINE
                  "<intermediateThrowEvent id=\"a\">" WAYS
                  "<eventDefinitionRef>d</eventDefinitionRef></intermediateThrowEvent><intermediateThrowEvent id=\"a2\">"
                  "<eventDefinitionRef>d2</eventDefinitionRef></intermediateThrowEvent>" END},
        };

        (void)state;
        JUDGE(pairs);
}

#define FLOW(id, from, to) "<sequenceFlow id=\"" id "\" sourceRef=\"" from "\" targetRef=\"" to "\"/>"
#define NOTE "<textAnnotation id=\"n\"/>"
#define GATE(kind, attributes) "<" kind "Gateway id=\"a\" " attributes "/>"
#define GATED(gate, flows)                                                                                                     \
        ROOT ITEMS DRAWN "<startEvent id=\"s\"/><startEvent id=\"s2\"/>" gate "<task id=\"x\"/><task id=\"y\"/>" flows END
#define CHOICE(attributes, targets)                                                                                            \
        ROOT ITEMS DRAWN "<startEvent id=\"s\"/><eventBasedGateway id=\"a\" " attributes "/>" FLOW("f0", "s", "a") targets END
#define WAIT_TASK(id) "<receiveTask id=\"" id "\"/>" FLOW("f_" id, "a", id)
#define WAIT_FOR(id, inside) "<intermediateCatchEvent id=\"" id "\">" inside "</intermediateCatchEvent>" FLOW("f_" id, "a", id)

static void flows(void **state)
{
        static const struct pair pairs[] = {
            {"EXT006", "f", ROOT DRAWN TASK NOTE FLOW("f", "a", "n") END,
             ROOT DRAWN TASK "<task id=\"n\"/>" FLOW("f", "a", "n") END},
            {"EXT007", "f", ROOT DRAWN TASK NOTE FLOW("f", "n", "a") END, NULL},
            {"EXT021", "f", ROOT DRAWN TASK "<dataObject id=\"n\"/>" FLOW("f", "n", "a") END,
             ROOT DRAWN TASK NOTE FLOW("f", "n", "a") END},
            {"EXT021", "f", ROOT DRAWN TASK "<subProcess id=\"n\" " TRIGGERED "/>" FLOW("f", "n", "a") END,
             ROOT DRAWN TASK "<subProcess id=\"n\"/>" FLOW("f", "n", "a") END},
            {"EXT022", "f", ROOT DRAWN TASK "<dataObject id=\"n\"/>" FLOW("f", "a", "n") END,
             ROOT DRAWN TASK NOTE FLOW("f", "a", "n") END},
            {"EXT022", "f", ROOT DRAWN TASK "<subProcess id=\"n\" " TRIGGERED "/>" FLOW("f", "a", "n") END,
             ROOT DRAWN TASK "<subProcess id=\"n\"/>" FLOW("f", "a", "n") END},
            {"REF", "f", ROOT DRAWN TASK "<dataObject id=\"n\"/>" FLOW("f", "n", "a") END,
             ROOT DRAWN TASK "<choreographyTask id=\"n\"/>" FLOW("f", "n", "a") END},
            {"REF", "f", ROOT DRAWN TASK "<dataObject id=\"n\"/>" FLOW("f", "a", "n") END,
             ROOT DRAWN TASK NOTE FLOW("f", "a", "n") END},
            {"EXT023", "f1", ROOT DRAWN LINE "<task id=\"a\"><outgoing>f2</outgoing></task>" END, ROOT DRAWN LINE TASK END},
            {"EXT023", "f2", ROOT DRAWN LINE "<task id=\"a\"><incoming>f1</incoming></task>" END,
             ROOT DRAWN LINE "<task id=\"a\"><incoming>t:f1</incoming><outgoing> f2 </outgoing></task>" END},
            {"EXT024", "f", ROOT RUNS TASK "<sequenceFlow id=\"f\" sourceRef=\"a\" targetRef=\"a\" isImmediate=\"false\"/>" END,
             ROOT RUNS TASK "<sequenceFlow id=\"f\" sourceRef=\"a\" targetRef=\"a\" isImmediate=\"true\"/>" END},
            {"EXT024", "f", NULL,
             ROOT DRAWN TASK "<sequenceFlow id=\"f\" sourceRef=\"a\" targetRef=\"a\" isImmediate=\"false\"/>" END},
            {"EXT025", "f",
             ROOT DRAWN TASK "<sequenceFlow id=\"f\" sourceRef=\"a\" "
                             "targetRef=\"a\"><conditionExpression>x</conditionExpression></sequenceFlow>" END,
             ROOT DRAWN TASK "<sequenceFlow id=\"f\" sourceRef=\"a\" "
                             "targetRef=\"a\"><conditionExpression>x</conditionExpression></sequenceFlow>" FLOW("g", "a", "a")
                                 END},
            {"EXT152", "f", ROOT DRAWN TASK FLOW("f", "a", "o") "</process><process id=\"q\"><task id=\"o\"/>" END,
             ROOT DRAWN TASK "<task id=\"o\"/>" FLOW("f", "a", "o") END},
            {"EXT152", "f", ROOT DRAWN TASK "<subProcess id=\"h\"><task id=\"o\"/></subProcess>" FLOW("f", "a", "o") END, NULL},
            {"EXT137", "f",
             ROOT DRAWN "<eventBasedGateway id=\"a\"/><task id=\"x\"/><sequenceFlow id=\"f\" sourceRef=\"a\" targetRef=\"x\">"
                        "<conditionExpression>x</conditionExpression></sequenceFlow>" END,
             ROOT DRAWN "<eventBasedGateway id=\"a\"/><task id=\"x\"/>" FLOW("f", "a", "x") END},
            {"EXT026", "a", GATED(GATE("exclusive", "default=\"f1\""), FLOW("f1", "s", "a")),
             GATED(GATE("exclusive", "default=\"f1\""), FLOW("f1", "a", "x"))},
            {"EXT017", "a",
             GATED(GATE("exclusive", "gatewayDirection=\"Converging\""), FLOW("f1", "a", "x") FLOW("f2", "a", "y")),
             GATED(GATE("exclusive", "gatewayDirection=\"Converging\""), FLOW("f1", "a", "x") FLOW("f2", "s", "a"))},
            {"EXT018", "a",
             GATED(GATE("exclusive", "gatewayDirection=\"Diverging\""), FLOW("f1", "s", "a") FLOW("f2", "s2", "a")),
             GATED(GATE("exclusive", "gatewayDirection=\"Diverging\""), FLOW("f1", "s", "a") FLOW("f2", "a", "x"))},
            {"EXT019", "a",
             GATED(GATE("parallel", "gatewayDirection=\"Mixed\""),
                   FLOW("f1", "s", "a") FLOW("f2", "s2", "a") FLOW("f3", "a", "x")),
             GATED(GATE("parallel", "gatewayDirection=\"Mixed\""),
                   FLOW("f1", "s", "a") FLOW("f2", "s2", "a") FLOW("f3", "a", "x") FLOW("f4", "a", "y"))},
            {"EXT019", "a",
             GATED(GATE("parallel", "gatewayDirection=\"Mixed\""),
                   FLOW("f1", "s", "a") FLOW("f3", "a", "x") FLOW("f4", "a", "y")),
             NULL},
            {"EXT135", "a", GATED(GATE("parallel", ""), FLOW("f1", "s", "a") FLOW("f2", "a", "x")),
             GATED(GATE("parallel", ""), FLOW("f1", "s", "a") FLOW("f2", "s2", "a"))},
            {"EXT138", "x", CHOICE("", "<task id=\"x\"/>" FLOW("f1", "a", "x") WAIT_TASK("w")),
             CHOICE("", WAIT_TASK("x") WAIT_TASK("w"))},
            {"EXT138", "x", CHOICE("", WAIT_FOR("x", "") WAIT_TASK("w")),
             CHOICE("", WAIT_FOR("x", D("signal")) WAIT_TASK("w"))},
            {"EXT138", "x", CHOICE("", WAIT_FOR("x", D("link"))), CHOICE("", WAIT_FOR("x", D("conditional")))},
            {"EXT138", "x", CHOICE("", WAIT_FOR("x", D("timer") D("error"))),
             CHOICE("", WAIT_FOR("x", D("timer") D("message")))},
            {"EXT139", "a", CHOICE("", WAIT_TASK("x") WAIT_FOR("w", D("message"))),
             CHOICE("", WAIT_TASK("x") WAIT_FOR("w", D("timer")))},
            {"EXT140", "x",
             CHOICE("",
                    WAIT_TASK("x") WAIT_TASK("w") "<boundaryEvent id=\"b\" attachedToRef=\"x\">" D("timer") "</boundaryEvent>"),
             CHOICE("", WAIT_TASK("x")
                            WAIT_TASK("w") "<boundaryEvent id=\"b\" attachedToRef=\"other\">" D("timer") "</boundaryEvent>")},
            {"EXT141", "x", CHOICE("", WAIT_TASK("x") WAIT_TASK("w") FLOW("f9", "w", "x")),
             CHOICE("", WAIT_TASK("x") WAIT_TASK("w"))},
            {"EXT142", "a", CHOICE("instantiate=\"true\"", WAIT_TASK("x") WAIT_TASK("w")),
             ROOT DRAWN "<eventBasedGateway id=\"a\" instantiate=\"true\"/>" WAIT_TASK("x") WAIT_TASK("w") END},
        };

        (void)state;
        JUDGE(pairs);
}

#define CYCLE(type, text)                                                                                                      \
        BETWEEN("intermediateCatchEvent", "",                                                                                  \
                "<timerEventDefinition id=\"d\"><timeDuration" type ">" text "</timeDuration></timerEventDefinition>")
#define CONDITION(inside)                                                                                                      \
        BETWEEN("intermediateCatchEvent", "", "<conditionalEventDefinition id=\"d\">" inside "</conditionalEventDefinition>")

static void activities(void **state)
{
        static const struct pair pairs[] = {
            {"EXT012", "d", CYCLE("", "PT1S"), CYCLE(FORMAL, "PT1S")},
            {"EXT012", "d", CYCLE(" o:type=\"tFormalExpression\"", "PT1S"), CYCLE(" xsi:type=\"b:tFormalExpression\"", "PT1S")},
            {"EXT012", "d", CYCLE(" xsi:type=\"short\"", "PT1S"), NULL},
            {"EXT013", "d", CYCLE(FORMAL, " "), CYCLE(FORMAL, "x")},
            {"EXT013", "as",
             ROOT DRAWN "<dataInputAssociation id=\"as\"><transformation> </transformation></dataInputAssociation>" END,
             ROOT DRAWN "<dataInputAssociation id=\"as\"><transformation>x</transformation></dataInputAssociation>" END},
            {"EXT123", "d", NULL, CONDITION("<condition" FORMAL ">x</condition>")},
            {"EXT123", "a", CONDITION(""), CONDITION("<condition" FORMAL ">x</condition>")},
            {"EXT123", "a", CONDITION("<condition>x</condition>"), NULL},
            {"EXT123", "a", CONDITION("<condition" FORMAL "> </condition>"), NULL},
            {"EXT097", "p", ROOT DRAWN "<endEvent id=\"e\"/>" END,
             ROOT DRAWN "<endEvent id=\"e\"/><receiveTask id=\"r\" instantiate=\"true\"/>" END},
            {"EXT105", "p", ROOT DRAWN "<startEvent id=\"s\"/>" END,
             ROOT DRAWN "<startEvent id=\"s\"/><endEvent id=\"e\"/>" END},
            {"EXT150", "x", ROOT DRAWN LINE TASK "<task id=\"x\"/>" END,
             ROOT DRAWN LINE TASK "<task id=\"x\" isForCompensation=\"true\"/>" END},
            {"EXT150", "x", NULL, ROOT DRAWN LINE TASK "<receiveTask id=\"x\" instantiate=\"true\"/>" END},
            {"EXT150", "c", NULL, LINKED(THROW(LINK("l1", "x", "")), CATCH("c", LINK("l2", "x", "")))},
            {"EXT150", "c", LINKED(THROW(LINK("l1", "x", "")), CATCH("c", D("signal"))), NULL},
            {"EXT151", "x", ROOT DRAWN LINE TASK "<task id=\"x\"/>" END,
             ROOT DRAWN LINE TASK "<subProcess id=\"x\" " TRIGGERED "/>" END},
            {"EXT151", "a", LINKED(THROW(D("signal")), CATCH("c", LINK("l2", "x", ""))),
             LINKED(THROW(LINK("l1", "x", "")), CATCH("c", LINK("l2", "x", "")))},
            {"EXT151", "b", AT("task", "", D("timer"), ""), AT("task", "", D("compensate"), "")},
            {"EXT037", "a", ROOT DRAWN "<task id=\"a\" startQuantity=\"0\"/>" END,
             ROOT DRAWN "<task id=\"a\" startQuantity=\"2\"/>" END},
            {"EXT037", "a", ROOT DRAWN "<scriptTask id=\"a\" startQuantity=\"0\"><script>a + b</script></scriptTask>" END,
             ROOT DRAWN "<scriptTask id=\"a\" startQuantity=\"0\"><script> aZ_09 </script></scriptTask>" END},
            {"EXT038", "a", ROOT DRAWN "<task id=\"a\" completionQuantity=\"0\"/>" END,
             ROOT DRAWN "<scriptTask id=\"a\" completionQuantity=\"0\"><script>word</script></scriptTask>" END},
            {"EXT049", "a", ROOT DRAWN LINE "<receiveTask id=\"a\" instantiate=\"true\">" WAYS "</receiveTask>" END,
             ROOT DRAWN "<receiveTask id=\"a\" instantiate=\"true\"/>" END},
            {"EXT053", "a", ROOT DRAWN "<scriptTask id=\"a\"><script>a+b</script></scriptTask>" END,
             ROOT DRAWN "<scriptTask id=\"a\" scriptFormat=\"x\"><script>a+b</script></scriptTask>" END},
            {"EXT053", "a", ROOT DRAWN "<scriptTask id=\"a\"><script/></scriptTask>" END,
             ROOT DRAWN "<scriptTask id=\"a\"/>" END},
            {"EXT057", "a", INNER(TRIGGERED, "", D("message")),
             ROOT DRAWN "<subProcess id=\"a\" " TRIGGERED "><startEvent id=\"z\"/></subProcess>" END},
            {"EXT058", "a",
             ROOT DRAWN "<subProcess id=\"a\" " TRIGGERED "><startEvent id=\"z\"/><startEvent id=\"z2\"/></subProcess>" END,
             ROOT DRAWN "<subProcess id=\"a\" " TRIGGERED "><startEvent id=\"z\"/></subProcess>" END},
            {"EXT061", "a", ROOT DRAWN "<adHocSubProcess id=\"a\"/>" END,
             ROOT DRAWN "<adHocSubProcess id=\"a\"><task id=\"x\"/></adHocSubProcess>" END},
#define AD_HOC(inside) ROOT DRAWN "<adHocSubProcess id=\"a\"><task id=\"w\"/>" inside "</adHocSubProcess>" END
            {"EXT062", "x", AD_HOC("<startEvent id=\"x\"/>"), AD_HOC("<intermediateThrowEvent id=\"x\"/>")},
            {"EXT062", "x", AD_HOC("<endEvent id=\"x\"/>"), AD_HOC("<dataObject id=\"x\"/>")},
            {"EXT062", "x", AD_HOC("<subConversation id=\"x\"/>"), NULL},
            {"EXT062", "x", AD_HOC("<conversationLink id=\"x\"/>"), NULL},
            {"EXT062", "x", AD_HOC("<choreographyTask id=\"x\"/>"), NULL},
            {"EXT062", "x", AD_HOC("<subChoreography id=\"x\"/>"), NULL},
            {"EXT062", "x", AD_HOC("<callChoreography id=\"x\"/>"), NULL},
            {"EXT079", "a", ROOT DRAWN "<subProcess id=\"a\">" IO("") "</subProcess>" END,
             ROOT DRAWN "<task id=\"a\">" IO("") "</task>" END},
        };

        (void)state;
        JUDGE(pairs);
}

/* A service offered, and a process called, with what they take and give. */
#define OFFERED(inside)                                                                                                        \
        ROOT ITEMS "<process id=\"p\"><supportedInterfaceRef>fc</supportedInterfaceRef>" IO(IN("in1", "i1") OUT(               \
            "out1", "i2") "<inputSet id=\"is\">" IREF("in1") "</inputSet><outputSet id=\"os\">" OREF("out1") "</outputSet>")   \
            inside END
#define BINDING(op, in, out) "<ioBinding operationRef=\"" op "\" inputDataRef=\"" in "\" outputDataRef=\"" out "\"/>"
#define CALLS(caller, called, start)                                                                                           \
        ROOT ITEMS DRAWN "<callActivity id=\"a\" calledElement=\"q\">" caller                                                  \
                         "</callActivity></process><process id=\"q\">" called start END

static void callables(void **state)
{
        static const struct pair pairs[] = {
            {"EXT064", "p", OFFERED(""), OFFERED(BINDING("op", "in1", "out1"))},
            {"EXT065", "p", OFFERED(BINDING("op", "in1", "")), OFFERED(BINDING("op", "in1", "out1"))},
            {"EXT065", "p", OFFERED(BINDING("gone", "in1", "out1")), OFFERED(BINDING("op", "is", "os"))},
            {"EXT065", "p", OFFERED(BINDING("op", "gone", "out1")), OFFERED(BINDING("op1", "in1", ""))},
            {"EXT065", "p", OFFERED(BINDING("op", "in1", "in1")), NULL},
            {"EXT065", "p", OFFERED(BINDING("op", "out1", "out1")), NULL},
            {"EXT065", "p", OFFERED(BINDING("op", "i1", "out1")), NULL},
            {"EXT065", "g",
             ROOT ITEMS "<globalUserTask id=\"g\"><ioBinding operationRef=\"op\" inputDataRef=\"x\" "
                        "outputDataRef=\"y\"/></globalUserTask></definitions>",
             ROOT ITEMS "<globalUserTask id=\"g\"/></definitions>"},
            {"EXT063", "a", CALLS(IO(IN("n1", "i1")), "", "<startEvent id=\"s\"/>"),
             CALLS(IO(IN("n1", "i1")), IO(IN("n2", "i1")), "<startEvent id=\"s\"/>")},
            {"EXT063", "a", CALLS(IO(IN("n1", "i1")), IO(IN("n2", "i2")), ""), CALLS("", "", "")},
            {"EXT063", "a",
             CALLS(IO(IN("n1", "i1")), IO("<dataInput id=\"n2\" itemSubjectRef=\"i1\" isCollection=\"true\"/>"), ""),
             CALLS(IO(OUT("n1", "i1") IN("n3", "i2")), IO(OUT("n2", "i1") IN("n4", "i2")), "")},
            {"EXT063", "a", CALLS(IO(OUT("n1", "i1")), IO(OUT("n2", "i2")), ""),
             CALLS(IO("<dataInput id=\"n1\"/>"), IO("<dataInput id=\"n2\"/>"), "")},
            {"EXT063", "a", CALLS(IO(OUT("n1", "i1")), "", ""), NULL},
            {"EXT099", "a", CALLS("", "", "<startEvent id=\"s\">" D("message") "</startEvent>"),
             CALLS("", "", "<startEvent id=\"s\">" D("message") "</startEvent><startEvent id=\"s2\"/>")},
            {"EXT099", "a", NULL, CALLS("", "", "<task id=\"s\"/>")},
            {"EXT099", "a", NULL,
             ROOT DRAWN "<callActivity id=\"a\" calledElement=\"g\"/></process><globalTask id=\"g\"/></definitions>"},
        };

        (void)state;
        JUDGE(pairs);
}

#define SERVICE(inside) ROOT ITEMS DRAWN "<serviceTask id=\"a\" operationRef=\"op\">" inside "</serviceTask>" END
#define SENDS(inside) ROOT ITEMS DRAWN "<sendTask id=\"a\" messageRef=\"m1\">" inside "</sendTask>" END
#define RECEIVES(inside) ROOT ITEMS DRAWN "<receiveTask id=\"a\" messageRef=\"m1\">" inside "</receiveTask>" END
#define SETS(inside)                                                                                                           \
        ROOT ITEMS DRAWN                                                                                                       \
            "<task id=\"a\">" IO(IN("n1", "i1") IN("n2", "i1") OUT("o1", "i1") OUT("o2", "i1") inside) "</task>" END
#define JOINS(from, to, more)                                                                                                  \
        ROOT ITEMS DRAWN "<dataObject id=\"b1\" itemSubjectRef=\"i1\"/><dataObject id=\"b2\" itemSubjectRef=\"i2\"/>"          \
                         "<dataObject id=\"b0\"/><dataObjectReference id=\"rb2\" dataObjectRef=\"b2\"/><dataStoreReference "   \
                         "id=\"rs2\" dataStoreRef=\"st\"/><dataStoreReference id=\"rs1\" itemSubjectRef=\"i1\"/>"              \
                         "<property id=\"pr1\" itemSubjectRef=\"i1\"/><dataObjectReference id=\"rb1\" itemSubjectRef=\"i1\" "  \
                         "dataObjectRef=\"b2\"/><task id=\"a\"><dataInputAssociation id=\"as\"><sourceRef>" from               \
                         "</sourceRef>"                                                                                        \
                         "<targetRef>" to "</targetRef>" more "</dataInputAssociation></task></process><dataStore id=\"st\" "  \
                         "itemSubjectRef=\"i2\"/></definitions>"
#define GIVES(kind, inside) ROOT ITEMS DRAWN LINE "<" kind " id=\"a\">" WAYS inside "</" kind ">" END
#define MANY(process, host, io, inside)                                                                                        \
        ROOT ITEMS process "<" host " id=\"a\">" io "<multiInstanceLoopCharacteristics>" inside "</multiInstanceLoop"          \
                           "Characteristics></" host                                                                           \
                           "><dataObject id=\"far\" itemSubjectRef=\"i1\" isCollection=\"true\"/>" END
#define LIST_IO IO("<dataInput id=\"n1\" itemSubjectRef=\"i3\"/>" INS(IREF("n1")) OUTS(""))

static void data(void **state)
{
        static const struct pair pairs[] = {
            {"EXT042", "a", SERVICE(""), SERVICE(IO(INS("")))},
            {"EXT042", "a", SERVICE(IO(INS("") INS(""))), ROOT DRAWN "<serviceTask id=\"a\"/>" END},
            {"EXT043", "a", SERVICE(IO(INS("") OUTS("") OUTS(""))), SERVICE(IO(INS("") OUTS("")))},
            {"EXT044", "a", SERVICE(IO(IN("n1", "i2") INS(IREF("n1")))), SERVICE(IO(IN("n1", "i1") INS(IREF("n1"))))},
            {"EXT044", "a", SERVICE(IO(IN("n1", "i4") INS(IREF("n1")))), SERVICE(IO(IN("n1", "i3") INS(IREF("n1"))))},
            {"EXT044", "a", SERVICE(IO("<dataInput id=\"n1\"/>" INS(IREF("n1")))), SERVICE(IO(INS("")))},
            {"EXT045", "a", SERVICE(IO(OUT("n1", "i1") INS(""))), SERVICE(IO(OUT("n1", "i2") INS("")))},
            {"EXT046", "a", SENDS(IO(INS("") INS(""))), SENDS(IO(INS("")))},
            {"EXT047", "a", SENDS(IO(IN("n1", "i1") IN("n2", "i1"))), SENDS(IO(IN("n1", "i1")))},
            {"EXT048", "a", SENDS(IO(IN("n1", "i2"))), SENDS(IO(IN("n1", "i1")))},
            {"EXT050", "a", RECEIVES(IO(OUTS("") OUTS(""))), RECEIVES(IO(OUTS("")))},
            {"EXT051", "a", RECEIVES(IO(OUT("n1", "i1") OUT("n2", "i1"))), RECEIVES(IO(OUT("n1", "i1")))},
            {"EXT052", "a", RECEIVES(IO(OUT("n1", "i2"))), RECEIVES(IO(OUT("n1", "i1")))},
            {"EXT052", "a", NULL, RECEIVES("")},
            {"EXT085", "is", SETS("<inputSet id=\"is\">" IREF("n1") "<optionalInputRefs>n2</optionalInputRefs></inputSet>"),
             SETS("<inputSet id=\"is\">" IREF("n1") "<optionalInputRefs>n1</optionalInputRefs></inputSet>")},
            {"EXT086", "is",
             SETS("<inputSet id=\"is\">" IREF("n1") "<whileExecutingInputRefs>n2</whileExecutingInputRefs></inputSet>"),
             SETS("<inputSet id=\"is\">" IREF("n1")
                      IREF("n2") "<whileExecutingInputRefs>n2</whileExecutingInputRefs></inputSet>")},
            {"EXT089", "os", SETS("<outputSet id=\"os\">" OREF("o1") "<optionalOutputRefs>o2</optionalOutputRefs></outputSet>"),
             SETS("<outputSet id=\"os\">" OREF("o1") "<optionalOutputRefs>o1</optionalOutputRefs></outputSet>")},
            {"EXT090", "os", SETS("<outputSet id=\"os\"><whileExecutingOutputRefs>o2</whileExecutingOutputRefs></outputSet>"),
             SETS("<outputSet id=\"os\">" OREF("o2") "<whileExecutingOutputRefs>o2</whileExecutingOutputRefs></outputSet>")},
            {"EXT084", "n2", SETS(INS(IREF("n1"))), SETS(INS(IREF("n1")) INS(IREF("n2")))},
            {"EXT088", "o2", SETS(OUTS(OREF("o1"))), SETS(OUTS(OREF("o1") OREF("o2")))},
            {"EXT091", "as", JOINS("b1", "b2", ""), JOINS("b1", "b1", "")},
            {"EXT091", "as", JOINS("b1", "rb2", ""), JOINS("b1", "rb1", "")},
            {"EXT091", "as", JOINS("rs2", "b1", ""), JOINS("rs1", "pr1", "")},
            {"EXT091", "as", NULL, JOINS("b1", "b0", "")},
            {"EXT091", "as", NULL, JOINS("b1", "b2", "<transformation>x</transformation>")},
            {"EXT092", "as", JOINS("b1", "b1", "<sourceRef>b1</sourceRef>"), JOINS("b1", "b1", "")},
            {"REF", "as", JOINS("a", "b1", ""), JOINS("b1", "pr1", "")},
            {"REF", "as", JOINS("b1", "a", ""), JOINS("rs1", "st", "")},
            {"EXT093", "a", GIVES("intermediateThrowEvent", D("signal") D("message") IN("n1", "i1") INS(IREF("n1"))),
             GIVES("intermediateThrowEvent", D("signal") IN("n1", "i1") INS(IREF("n1")))},
            {"EXT093", "a", GIVES("intermediateCatchEvent", D("signal") OUTS("")),
             GIVES("intermediateCatchEvent", D("signal"))},
            {"EXT093", "a", GIVES("intermediateCatchEvent", D("signal") "<dataOutputAssociation/>"), NULL},
            {"EXT094", "a",
             GIVES("intermediateThrowEvent", "<signalEventDefinition id=\"d\" signalRef=\"g1\"/>" IN("n1", "i2")),
             GIVES("intermediateThrowEvent", "<signalEventDefinition id=\"d\" signalRef=\"g1\"/>" IN("n1", "i1"))},
            {"EXT094", "a",
             GIVES("intermediateThrowEvent", "<escalationEventDefinition id=\"d\" escalationRef=\"x1\"/><errorEventDefinition "
                                             "id=\"d2\" errorRef=\"r1\"/>" IN("n1", "i1") OUT("o", "i1") IN("n2", "i1")),
             GIVES("intermediateThrowEvent", "<escalationEventDefinition id=\"d\" escalationRef=\"x1\"/><errorEventDefinition "
                                             "id=\"d2\" errorRef=\"r1\"/>" IN("n1", "i1") OUT("o", "i1") IN("n2", "i2"))},
            {"EXT094", "a",
             GIVES("intermediateCatchEvent", "<messageEventDefinition id=\"d\" messageRef=\"m1\"/>" OUT("n1", "i2")),
             GIVES("intermediateCatchEvent", D("timer") OUT("n1", "i2"))},
            {"EXT067", "a", MANY(RUNS, "task", "", ""), MANY(DRAWN, "task", "", "")},
            {"EXT067", "a", NULL, MANY(RUNS, "task", "", "<loopCardinality>3</loopCardinality>")},
            {"EXT068", "a", MANY(RUNS, "task", LIST_IO, "<loopDataInputRef>far</loopDataInputRef>"),
             MANY(RUNS, "task", LIST_IO, "<loopDataInputRef>n1</loopDataInputRef>")},
            {"EXT068", "a", NULL, MANY(RUNS, "subProcess", "", "<loopDataInputRef>far</loopDataInputRef>")},
            {"EXT068", "a", NULL, MANY(RUNS, "transaction", "", "<loopDataInputRef>far</loopDataInputRef>")},
            {"EXT068", "a", NULL, MANY(RUNS, "adHocSubProcess", "", "<loopDataInputRef>far</loopDataInputRef>")},
#define OVER(one) MANY(RUNS, "task", LIST_IO, "<loopDataInputRef>n1</loopDataInputRef>" one)
#define INTO(one) MANY(DRAWN, "task", "", "<loopDataOutputRef>far</loopDataOutputRef>" one)
            {"EXT070", "a", OVER("<inputDataItem id=\"x\" itemSubjectRef=\"i2\"/>"),
             OVER("<inputDataItem id=\"x\" itemSubjectRef=\"i1\"/>")},
            {"EXT070", "a", OVER("<inputDataItem id=\"x\" isCollection=\"true\"/>"), OVER("<inputDataItem id=\"x\"/>")},
            {"EXT070", "a", OVER("<inputDataItem id=\"x\" itemSubjectRef=\"i3\"/>"),
             OVER("<inputDataItem id=\"x\" itemSubjectRef=\"i4\"/>")},
            {"EXT069", "a", INTO("<outputDataItem id=\"x\" itemSubjectRef=\"i2\"/>"),
             INTO("<outputDataItem id=\"x\" itemSubjectRef=\"i1\"/>")},
            {"EXT069", "a", INTO("<outputDataItem id=\"x\" isCollection=\"1\"/>"), INTO("<outputDataItem id=\"x\"/>")},
            {"EXT020", "b", ROOT ITEMS DRAWN "<dataObject id=\"b\" itemSubjectRef=\"i1\" isCollection=\"true\"/>" END,
             ROOT ITEMS DRAWN "<dataObject id=\"b\" itemSubjectRef=\"i3\" isCollection=\"true\"/>" END},
            {"EXT020", "b", NULL, ROOT ITEMS DRAWN "<dataObject id=\"b\" itemSubjectRef=\"i3\"/>" END},
#define NAMED(name, inside)                                                                                                    \
        ROOT DRAWN "<dataObject id=\"b\" name=\"Form\"/><dataObjectReference id=\"rb\" dataObjectRef=\"b\" " name ">" inside   \
                   "</dataObjectReference>" END
            {"EXT076", "rb", NAMED("name=\"Paper\"", ""), NAMED("name=\"Form\"", "")},
            {"EXT076", "rb", NAMED("name=\"Form\"", "<dataState name=\"new\"/>"),
             NAMED("name=\"Form [new]\"", "<dataState name=\"new\"/>")},
            {"EXT076", "rb", NAMED("name=\"Form [new]\"", "<dataState/>"), NAMED("", "")},
        };

        (void)state;
        JUDGE(pairs);
}

#define TALK(more, from, to)                                                                                                   \
        ROOT "<collaboration id=\"co\"><participant id=\"pa\" processRef=\"p\"/><participant id=\"pb\" processRef=\"q\"/>"     \
             "<participant id=\"pc\"/><textAnnotation id=\"n\"/><messageFlow id=\"mf\" sourceRef=\"" from "\" targetRef=\"" to \
             "\"/></collaboration><process id=\"p\"><startEvent id=\"s\"/><task id=\"a\"/><endEvent id=\"e\">" more            \
             "</endEvent>"                                                                                                     \
             "</process><process id=\"q\"><startEvent id=\"s2\">" more "</startEvent><task id=\"x\"/><endEvent id=\"e2\"/>"    \
             "<intermediateThrowEvent id=\"th\"/><intermediateCatchEvent id=\"ca\"/><dataObject "                              \
             "id=\"do\"/></process></definitions>"
#define LARGE(inside)                                                                                                          \
        ROOT "<collaboration id=\"co\"><participant id=\"pa\"><participantMultiplicity " inside                                \
             "/></participant></collaboration></definitions>"

static void collaborations(void **state)
{
        static const struct pair pairs[] = {
            {"EXT008", "mf", TALK("", "a", "n"), TALK("", "a", "x")},
            {"EXT009", "mf", TALK("", "n", "x"), TALK("", "pa", "pb")},
            {"EXT031", "mf", TALK("", "a", "e"), TALK("", "pa", "pc")},
            {"EXT031", "mf", TALK("", "pb", "x"), TALK("", "pc", "x")},
            {"EXT102", "mf", TALK("", "s", "x"), TALK("", "e", "x")},
            {"EXT108", "mf", TALK("", "a", "e2"), TALK("", "a", "s2")},
            {"EXT119", "mf", TALK("", "a", "th"), TALK("", "a", "ca")},
            {"EXT119", "mf", TALK("", "ca", "a"), TALK("", "th", "a")},
            {"EXT103", "s2", TALK("", "a", "s2"), TALK(D("message"), "a", "s2")},
            {"EXT103", "s2", TALK(D("signal"), "a", "s2"), TALK(D("message") D("signal"), "a", "s2")},
            {"EXT109", "e", TALK("", "e", "x"), TALK(D("message"), "e", "x")},
            {"EXT109", "e", NULL, TALK("", "e", "s2")}, /* the start that it leads to is told */
            {"REF", "mf", TALK("", "do", "a"), TALK("", "a", "x")},
            {"REF", "mf", TALK("", "a", "do"), TALK("", "n", "x")},
            {"EXT035", "p", ROOT "<process id=\"p\" processType=\"Public\" isExecutable=\"1\">" END,
             ROOT "<process id=\"p\" processType=\"Public\">" END},
            {"EXT035", "p", NULL, ROOT "<process id=\"p\" processType=\"Private\" isExecutable=\"1\">" END},
            {"EXT036", "x", ROOT DRAWN "<choreographyTask id=\"x\"/>" END,
             ROOT "<choreography id=\"c\"><choreographyTask id=\"x\"/></choreography></definitions>"},
            {"EXT056", "x", ROOT DRAWN "<subProcess id=\"a\"><subChoreography id=\"x\"/></subProcess>" END, NULL},
            {"EXT056", "x", ROOT DRAWN "<transaction id=\"a\"><callChoreography id=\"x\"/></transaction>" END, NULL},
#define CLOSED(closed, holder)                                                                                                 \
        ROOT "<choreography id=\"ch\" isClosed=\"true\"/><" holder " id=\"co\" isClosed=\"" closed                             \
             "\"><choreographyRef>ch</choreographyRef></" holder "></definitions>"
            {"EXT033", "co", CLOSED("false", "collaboration"), CLOSED("true", "collaboration")},
            {"EXT027", "co", CLOSED("true", "choreography"), CLOSED("true", "collaboration")},
            {"EXT027", "co", CLOSED("true", "globalConversation"), NULL},
#define WORLD(inside) ROOT "<globalConversation id=\"g\">" inside "</globalConversation></definitions>"
            {"EXT032", "x", WORLD("<conversation id=\"x\"/>"), WORLD("<participant id=\"x\"/>")},
            {"EXT032", "x", WORLD("<subConversation id=\"x\"/>"), NULL},
            {"EXT032", "x", WORLD("<callConversation id=\"x\"/>"), NULL},
            {"EXT032", "x", WORLD("<participantAssociation id=\"x\"/>"), NULL},
            {"EXT032", "x", WORLD("<messageFlowAssociation id=\"x\"/>"), NULL},
            {"EXT032", "x", WORLD("<conversationAssociation id=\"x\"/>"), NULL},
            {"EXT032", "x", WORLD("<textAnnotation id=\"x\"/>"), NULL},
            {"EXT029", "pa", LARGE("minimum=\"-1\""), LARGE("minimum=\"0\"")},
            {"EXT030", "pa", LARGE("minimum=\"3\" maximum=\"2\""), LARGE("minimum=\"3\" maximum=\"3\"")},
            {"EXT030", "pa", LARGE("maximum=\"0\""), LARGE("minimum=\"3\"")},
            /* references */
            {"REF", "b", ROOT DRAWN "<startEvent id=\"a\"/><boundaryEvent id=\"b\" attachedToRef=\"a\"/>" END,
             AT("task", "", D("timer"), OUT_B)},
            {"REF", "a", ROOT DRAWN "<task id=\"a\" default=\"x\"/><task id=\"x\"/>" END,
             ROOT DRAWN "<task id=\"a\" default=\"t:x\"/><sequenceFlow id=\"x\" sourceRef=\"a\" targetRef=\"a\"/>" END},
            {"REF", "a", ROOT DRAWN "<callActivity id=\"a\" calledElement=\"o:far\"/>" END,
             ROOT "<import namespace=\"urn:other\"/>" DRAWN "<callActivity id=\"a\" calledElement=\"o:far\"/>" END},
            {"REF", "a", ROOT "<import namespace=\"urn:other\"/>" DRAWN "<callActivity id=\"a\" calledElement=\"t:far\"/>" END,
             NULL},
            {"REF", "a",
             ROOT "<import namespace=\"urn:other\"/>" DRAWN "<callActivity id=\"a\" calledElement=\"none:far\"/>" END, NULL},
            {"REF", "a", ROOT DRAWN "<startEvent id=\"a\"><eventDefinitionRef>p</eventDefinitionRef></startEvent>" END,
             ROOT "<signalEventDefinition id=\"d\"/>" DRAWN
                  "<startEvent id=\"a\"><eventDefinitionRef>d</eventDefinitionRef></startEvent>" END},
            {"REF", "l1", LINKED(THROW(LINK("l1", "x", "<target>gone</target>")), CATCH("c", LINK("l2", "x", ""))),
             LINKED(THROW(LINK("l1", "x", "<target>l2</target>")), CATCH("c", LINK("l2", "x", "")))},
            {"REF", "a", ROOT DRAWN "<task id=\"a\"/><task id=\"a\"/>" END, ROOT DRAWN "<task id=\"a\"/><task id=\"ab\"/>" END},
        };

        (void)state;
        JUDGE(pairs);
}

int main(void)
{
        const struct CMUnitTest tests[] = {cmocka_unit_test(starts_and_ends), cmocka_unit_test(between),
                                           cmocka_unit_test(flows),           cmocka_unit_test(activities),
                                           cmocka_unit_test(callables),       cmocka_unit_test(data),
                                           cmocka_unit_test(collaborations)};

        return cmocka_run_group_tests(tests, NULL, NULL);
}
