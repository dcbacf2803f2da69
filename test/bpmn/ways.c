/* SPDX-License-Identifier: Apache-2.0
 *
 * Ways through a process: how many people a case goes through before it is carried out, who hears a message, what begins by one,
 * links, loops over lists, tasks that gather tokens, and work without an order.
 */
#include "engine/bpmn/bpmn.h"
#include "testing.h"

#include <string.h>

#define MODEL(body)                                                                                                            \
        "<definitions xmlns=\"" BPMN_NS "\" xmlns:shebao=\"" BPMN_NS_SHEBAO "\"><message id=\"ma\" name=\"a\"/><message "      \
        "id=\"mb\" name=\"b\"/><signal id=\"sg\" name=\"s\"/><escalation id=\"es\" escalationCode=\"X\"/><process id=\"p\" "   \
        "name=\"P\" isExecutable=\"true\">" body "</process></definitions>"
#define TO(id, from, to) "<sequenceFlow id=\"" id "\" sourceRef=\"" from "\" targetRef=\"" to "\"/>"
#define TASK(id, role, phase) "<userTask id=\"" id "\" shebao:role=\"" role "\" shebao:phase=\"" phase "\"/>"
#define START "<startEvent id=\"s\"/>"
#define END "<endEvent id=\"e\"/>"
#define THROWN(id, link)                                                                                                       \
        "<intermediateThrowEvent id=\"" id "\"><linkEventDefinition name=\"" link "\"/></intermediateThrowEvent>"
#define CAUGHT(id, link)                                                                                                       \
        "<intermediateCatchEvent id=\"" id "\"><linkEventDefinition name=\"" link "\"/></intermediateCatchEvent>"

static void hands_of_a_case(void **state)
{
        static const struct {
                const char *xml;
                int needed, hands;
                const char *at; /* NULL: enough everywhere */
        } CASES[] = {
            /* the clerk begins, another reviews, a third carries out */
            {MODEL(START TASK("r", "reviewer", "REV") TASK("x", "cashier", "EXE") END TO("f1", "s", "r") TO("f2", "r", "x")
                       TO("f3", "x", "e")),
             2, 2, NULL},
            {MODEL(START TASK("r", "reviewer", "REV") TASK("x", "cashier", "EXE") END TO("f1", "s", "r") TO("f2", "r", "x")
                       TO("f3", "x", "e")),
             3, 2, "x"},
            {MODEL(START TASK("a", "clerk", "ACC") TASK("x", "cashier", "EXE") END TO("f1", "s", "a") TO("f2", "a", "x")
                       TO("f3", "x", "e")),
             2, 1, "x"},
            /* without an execution the approval counts */
            {MODEL(START TASK("r", "reviewer", "REV") TASK("v", "chief", "APR") END TO("f1", "s", "r") TO("f2", "r", "v")
                       TO("f3", "v", "e")),
             4, 3, "v"},
            {MODEL(START TASK("r", "reviewer", "REV") END TO("f1", "s", "r") TO("f3", "r", "e")), 4, 4, NULL},
            /* one officer does the steps of one role before the review, but never two judgements */
            {MODEL(START TASK("a", "desk", "ACC") TASK("b", "desk", "ACC") TASK("x", "cashier", "EXE") END TO("f1", "s", "a")
                       TO("f2", "a", "b") TO("f3", "b", "x") TO("f4", "x", "e")),
             9, 2, "x"},
            {MODEL(START TASK("a", "desk", "REV") TASK("b", "desk", "REV") TASK("x", "cashier", "EXE") END TO("f1", "s", "a")
                       TO("f2", "a", "b") TO("f3", "b", "x") TO("f4", "x", "e")),
             9, 3, "x"},
            {MODEL(START TASK("a", "desk", "ACC") TASK("b", "other", "ACC") TASK("x", "cashier", "EXE") END TO("f1", "s", "a")
                       TO("f2", "a", "b") TO("f3", "b", "x") TO("f4", "x", "e")),
             9, 3, "x"},
            /* the shorter of two ways */
            {MODEL(START "<exclusiveGateway id=\"g\" default=\"f3\"/>" TASK("r", "reviewer", "REV") TASK("x", "cashier", "EXE")
                       END TO("f1", "s", "g") "<sequenceFlow id=\"f2\" sourceRef=\"g\" targetRef=\"r\"><conditionExpression>n "
                                              "= 1</conditionExpression></sequenceFlow>" TO("f3", "g", "x") TO("f4", "r", "x")
                                                  TO("f5", "x", "e")),
             2, 1, "x"},
            /* what goes side by side comes together */
            {MODEL(START "<parallelGateway id=\"g\"/>" TASK("r", "reviewer", "REV")
                       TASK("q", "doctor", "REV") "<parallelGateway id=\"j\"/>" TASK("x", "cashier", "EXE")
                           END TO("f1", "s", "g") TO("f2", "g", "r") TO("f3", "g", "q") TO("f4", "r", "j") TO("f5", "q", "j")
                               TO("f6", "j", "x") TO("f7", "x", "e")),
             9, 3, "x"},
            /* into a sub-process and out of it, and past it by its border */
            {MODEL(START "<subProcess id=\"sp\"><startEvent id=\"is\"/>" TASK("r", "reviewer",
                                                                              "REV") "<endEvent id=\"ie\"/>" TO("i1", "is", "r")
                       TO("i2", "r", "ie") "</subProcess>" TASK("x", "cashier", "EXE") END TO("f1", "s", "sp")
                           TO("f2", "sp", "x") TO("f3", "x", "e")),
             9, 2, "x"},
            {MODEL(START "<transaction id=\"sp\"><startEvent id=\"is\"/>" TASK(
                 "r", "reviewer", "REV") "<endEvent id=\"ie\"/>" TO("i1", "is", "r")
                       TO("i2", "r", "ie") "</transaction><boundaryEvent id=\"b\" "
                                           "attachedToRef=\"sp\"><timerEventDefinition><timeDuration>P1D</timeDuration></"
                                           "timerEventDefinition>"
                                           "</boundaryEvent>" TASK("x", "cashier", "EXE") END TO("f1", "s", "sp")
                                               TO("f2", "sp", "x") TO("f4", "b", "x") TO("f3", "x", "e")),
             9, 1, "x"},
            /* from one link to the other of its name */
            {MODEL(START TASK("r", "reviewer", "REV") THROWN("t1", "one") CAUGHT("c2", "two") CAUGHT("c1", "one")
                       TASK("v", "chief", "APR") TASK("x", "cashier", "EXE") END TO("f1", "s", "r") TO("f2", "r", "t1")
                           TO("f3", "c1", "x") TO("f4", "c2", "v") TO("f6", "v", "x") TO("f5", "x", "e")),
             9, 0, "x"},
            /* what begins by a message has no clerk's hand yet */
            {MODEL("<startEvent id=\"s\"><messageEventDefinition messageRef=\"ma\"/></startEvent>" TASK("r", "reviewer", "REV")
                       TASK("x", "cashier", "EXE") END TO("f1", "s", "r") TO("f2", "r", "x") TO("f3", "x", "e")),
             9, 1, "x"},
        };

        (void)state;
        for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
                struct bpmn_model *m = NULL;
                const struct bpmn_node *at = NULL;
                struct error err = {0};
                char text[300];
                int hands = -1;
                if (bpmn_open(&m, str_from(CASES[i].xml), NULL, NULL, &err) < 0)
                        fail_msg("%zu: %s", i, error_text(&err, LANG_EN, text, sizeof text));
                assert_ok(bpmn_hands(m, 0, CASES[i].needed, &at, &hands, &err), err);
                if (hands != CASES[i].hands || (at == NULL) != (CASES[i].at == NULL) ||
                    (at != NULL && strcmp(at->id, CASES[i].at) != 0))
                        fail_msg("%zu: %d hands at %s", i, hands, at == NULL ? "none" : at->id);
                bpmn_free(m);
        }
        assert_true(bpmn_one_officer("ACC") && bpmn_one_officer("EXE") && !bpmn_one_officer("REV") && !bpmn_one_officer(""));
}

static void who_hears_and_what_begins(void **state)
{
        static const char XML[] =
            MODEL(START "<startEvent id=\"s2\"><signalEventDefinition signalRef=\"sg\"/></startEvent><receiveTask id=\"s3\" "
                        "instantiate=\"true\" messageRef=\"mb\"/>"
                        "<eventBasedGateway id=\"g\"/><receiveTask id=\"ra\" messageRef=\"ma\"/><intermediateCatchEvent "
                        "id=\"cb\"><messageEventDefinition messageRef=\"mb\"/>"
                        "</intermediateCatchEvent>" TASK("u", "clerk", "") END TO("f1", "s", "g") TO("f2", "g", "ra")
                            TO("f3", "g", "cb") TO("f4", "ra", "u") TO("f5", "cb", "u") TO("f6", "u", "e") TO("f7", "s2", "u")
                                TO("f8", "s3", "u"));
        struct bpmn_model *m = NULL;
        struct error err = {0};
        char text[300];

        (void)state;
        if (bpmn_open(&m, str_from(XML), NULL, NULL, &err) < 0)
                fail_msg("%s", error_text(&err, LANG_EN, text, sizeof text));
        assert_string_equal(bpmn_hears(m, "g", "a")->id, "ra"); /* behind the gateway */
        assert_string_equal(bpmn_hears(m, "g", "b")->id, "cb");
        assert_string_equal(bpmn_hears(m, "cb", "b")->id, "cb");
        assert_null(bpmn_hears(m, "cb", "a"));
        assert_null(bpmn_hears(m, "g", "c"));
        assert_null(bpmn_hears(m, "u", "a"));
        assert_null(bpmn_hears(m, "gone", "a"));
        assert_string_equal(bpmn_node(m, bpmn_start_find(m, BPMN_SIGNAL, "s", -1))->id, "s2");
        assert_string_equal(bpmn_node(m, bpmn_start_find(m, BPMN_MESSAGE, "b", -1))->id, "s3");
        assert_int_equal(bpmn_start_find(m, BPMN_MESSAGE, "a", -1), -1); /* heard only when it runs */
        assert_int_equal(bpmn_start_find(m, BPMN_SIGNAL, "s", bpmn_start_find(m, BPMN_SIGNAL, "s", -1)), -1);
        assert_null(bpmn_node(m, -1));
        assert_null(bpmn_node(m, 1000));
        assert_null(bpmn_process(m, -1));
        assert_null(bpmn_process(m, 1));
        bpmn_free(m);
}

/* --- runs ------------------------------------------------------------------------------------------------------------------------ */

struct run {
        struct bpmn_model *m;
        json_t *state;
        struct error err;
        char did[400]; /* tasks that were asked for, in order, each followed by a blank */
        bool ended;
};

static int go(struct run *r, const struct bpmn_event *e)
{
        struct bpmn_step out;
        int rc = bpmn_step(&out, r->m, r->state, e, &r->err);

        for (size_t i = 0; rc == 0 && i < out.count; i++) {
                size_t n = strlen(r->did);
                if (out.effects[i].kind == BPMN_DO_TASK)
                        text_format(r->did + n, sizeof r->did - n, "%s ", out.effects[i].node->id);
                r->ended = r->ended || out.effects[i].kind == BPMN_DO_END;
        }
        if (rc == 0) {
                json_decref(r->state);
                r->state = json_incref(out.state);
                bpmn_step_dispose(&out);
        }
        return rc;
}

static int begin(struct run *r, const char *xml, json_t *data)
{
        char text[300];

        *r = (struct run){.ended = false};
        if (bpmn_open(&r->m, str_from(xml), NULL, NULL, &r->err) < 0)
                fail_msg("%s", error_text(&r->err, LANG_EN, text, sizeof text));
        struct bpmn_event e = {.kind = BPMN_BEGIN, .data = data};
        int rc = go(r, &e);
        json_decref(data);
        return rc;
}

/* The first token that stands at a task is done with this outcome. */
static void done(struct run *r, const char *node, json_t *data)
{
        json_t *t;
        size_t k;

        json_array_foreach(json_object_get(r->state, "tokens"), k, t)
        {
                if (strcmp(json_string_value(json_object_get(t, "node")), node) != 0 ||
                    strcmp(json_string_value(json_object_get(t, "wait")), "task") != 0)
                        continue;
                struct bpmn_event e = {.kind = BPMN_COMPLETE,
                                       .token = json_integer_value(json_object_get(t, "id")),
                                       .sequence = json_integer_value(json_object_get(t, "sequence")),
                                       .data = data};
                assert_ok(go(r, &e), r->err);
                json_decref(data);
                return;
        }
        fail_msg("nothing waits at %s after %s", node, r->did);
}

static void end(struct run *r)
{
        json_decref(r->state);
        bpmn_free(r->m);
}

static void links_lead_on(void **state)
{
        static const char XML[] = MODEL(START THROWN("t1", "one") CAUGHT("c0", "two") CAUGHT("c1", "one") TASK("u", "clerk", "")
                                            TASK("v", "clerk", "") END TO("f1", "s", "t1") TO("f2", "c1", "u")
                                                TO("f3", "c0", "v") TO("f4", "u", "e") TO("f5", "v", "e"));
        static const char LOST[] = MODEL(START THROWN("t1", "one") CAUGHT("c0", "two") TASK("v", "clerk", "")
                                             END TO("f1", "s", "t1") TO("f3", "c0", "v") TO("f5", "v", "e"));
        struct run r;

        (void)state;
        assert_ok(begin(&r, XML, NULL), r.err);
        assert_string_equal(r.did, "u ");
        done(&r, "u", NULL);
        assert_true(r.ended);
        end(&r);
        assert_true(begin(&r, LOST, NULL) < 0);
        assert_int_equal(r.err.code, SB_BPMN_NO_FLOW);
        end(&r);
}

#define OVER(attributes, inside)                                                                                               \
        "<userTask id=\"u\" shebao:role=\"clerk\"><multiInstanceLoopCharacteristics " attributes ">" inside                    \
        "</multiInstanceLoopCharacteristics></userTask>"
#define LINE(task) MODEL(START task END TO("f1", "s", "u") TO("f2", "u", "e"))

static void loops_over_lists(void **state)
{
        static const char SIDE[] = LINE(OVER("", "<loopDataInputRef>people</loopDataInputRef><inputDataItem id=\"one\"/>"));
        static const char ROW[] = LINE(OVER(
            "isSequential=\"true\"", "<loopDataInputRef>people</loopDataInputRef><inputDataItem id=\"x\" name=\"person\"/>"));
        static const char COUNTED[] = LINE(OVER("", "<loopCardinality>n</loopCardinality>"));
        static const struct {
                const char *xml;
                const char *data;
                enum error_code code;
                const char *did; /* at once */
                bool ended;
        } CASES[] = {{SIDE, "{\"people\":[1,2,3]}", SB_OK, "u u u ", false},
                     {SIDE, "{\"people\":[]}", SB_OK, "", true},
                     {ROW, "{\"people\":[1,2]}", SB_OK, "u ", false},
                     {SIDE, "{\"people\":5}", SB_BPMN_EXPRESSION, "", false},
                     {SIDE, "{}", SB_BPMN_EXPRESSION, "", false},
                     {COUNTED, "{\"n\":2}", SB_OK, "u u ", false},
                     {COUNTED, "{\"n\":0}", SB_OK, "", true},
                     {COUNTED, "{\"n\":-1}", SB_BPMN_MODEL, "", false},
                     {COUNTED, "{\"n\":\"x\"}", SB_BPMN_EXPRESSION, "", false},
                     {COUNTED, "{\"n\":1.5}", SB_BPMN_EXPRESSION, "", false},
                     {COUNTED, "{\"n\":100000}", SB_LIMIT, "", false}};

        (void)state;
        for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
                struct run r;
                json_t *data = NULL;
                struct error err = {0};
                assert_ok(json_read(&data, str_from(CASES[i].data), &err), err);
                int rc = begin(&r, CASES[i].xml, data);
                if ((rc == 0) != (CASES[i].code == SB_OK) || r.err.code != CASES[i].code || strcmp(r.did, CASES[i].did) != 0 ||
                    r.ended != CASES[i].ended)
                        fail_msg("%zu: error %d, did %s, ended %d", i, (int)r.err.code, r.did, r.ended);
                end(&r);
        }
        /* each run has its item */
        struct run r;
        assert_ok(begin(&r, ROW, json_pack("{s:[s,s]}", "people", "Li", "Wu")), r.err);
        for (int k = 0; k < 2; k++) {
                json_t *t, *locals = NULL;
                size_t j;
                json_array_foreach(json_object_get(r.state, "tokens"), j, t)
                {
                        locals = json_object_get(t, "locals") == NULL ? locals : json_object_get(t, "locals");
                }
                assert_string_equal(json_string_value(json_object_get(locals, "person")), k == 0 ? "Li" : "Wu");
                assert_int_equal(json_integer_value(json_object_get(locals, "loopCounter")), k + 1);
                assert_false(r.ended);
                done(&r, "u", NULL);
        }
        assert_true(r.ended);
        end(&r);
}

/* A task that gathers two tokens does its work once for both; one that gives two leads on twice. */
static void tasks_gather_and_give(void **state)
{
        static const char GATHERS[] = MODEL(
            START
            "<parallelGateway id=\"g\"/><userTask id=\"u\" shebao:role=\"clerk\" startQuantity=\"2\"/>" TASK("v", "clerk", "")
                END TO("f1", "s", "g") TO("f2", "g", "u") TO("f3", "g", "v") TO("f4", "v", "u") TO("f5", "u", "e"));
        static const char GIVES[] = MODEL(START "<userTask id=\"u\" shebao:role=\"clerk\" completionQuantity=\"2\"/>" TASK(
            "v", "clerk", "") END TO("f1", "s", "u") TO("f2", "u", "v") TO("f3", "v", "e"));
        struct run r;

        (void)state;
        assert_ok(begin(&r, GATHERS, NULL), r.err);
        assert_string_equal(r.did, "v ");
        done(&r, "v", NULL);
        assert_string_equal(r.did, "v u ");
        done(&r, "u", NULL);
        assert_true(r.ended);
        end(&r);
        assert_ok(begin(&r, GIVES, NULL), r.err);
        done(&r, "u", NULL);
        assert_string_equal(r.did, "u v v ");
        done(&r, "v", NULL);
        assert_false(r.ended);
        done(&r, "v", NULL);
        assert_true(r.ended);
        end(&r);
}

static void work_without_an_order(void **state)
{
#define AD_HOC(attributes, more)                                                                                               \
        MODEL(START "<adHocSubProcess id=\"ah\" " attributes ">" TASK("a", "clerk", "") TASK("b", "clerk", "") TASK(           \
            "c", "clerk", "") more TO("i1", "b", "c") "</adHocSubProcess>" END TO("f1", "s", "ah") TO("f2", "ah", "e"))
        static const char ALL[] = AD_HOC("", ""), ROW[] = AD_HOC("ordering=\"Sequential\"", "");
        static const char ENOUGH[] = AD_HOC("ordering=\"Sequential\"", "<completionCondition>enough</completionCondition>");
        struct run r;

        (void)state;
        assert_ok(begin(&r, ALL, NULL), r.err);
        assert_string_equal(r.did, "a b "); /* c comes after b */
        done(&r, "b", NULL);
        done(&r, "a", NULL);
        assert_string_equal(r.did, "a b c ");
        assert_false(r.ended);
        done(&r, "c", NULL);
        assert_true(r.ended);
        end(&r);
        assert_ok(begin(&r, ROW, NULL), r.err);
        assert_string_equal(r.did, "a ");
        done(&r, "a", NULL);
        assert_string_equal(r.did, "a b ");
        done(&r, "b", NULL);
        done(&r, "c", NULL);
        assert_true(r.ended);
        end(&r);
        assert_ok(begin(&r, ENOUGH, json_pack("{s:b}", "enough", 0)), r.err);
        done(&r, "a", json_pack("{s:b}", "enough", 1));
        assert_string_equal(r.did, "a ");
        assert_true(r.ended);
        end(&r);
}

/* An escalation is caught where it says, without ending what threw it, or by nobody. */
static void escalations(void **state)
{
#define ESCALATES(border)                                                                                                      \
        MODEL(START                                                                                                            \
              "<subProcess id=\"sp\"><startEvent id=\"is\"/><intermediateThrowEvent id=\"th\"><escalationEventDefinition "     \
              "escalationRef=\"es\"/></intermediateThrowEvent>" TASK("in", "clerk", "") "<endEvent id=\"ie\"/>" TO(            \
                  "i1", "is", "th") TO("i2", "th", "in") TO("i3", "in", "ie") "</subProcess>" border END TO("f1", "s", "sp")   \
                  TO("f2", "sp", "e"))
#define BORDER(attributes)                                                                                                     \
        "<boundaryEvent id=\"b\" attachedToRef=\"sp\" " attributes                                                             \
        "><escalationEventDefinition escalationRef=\"es\"/></boundaryEvent>" TASK("out", "clerk", "") TO("f3", "b", "out")     \
            TO("f4", "out", "e")
        static const char NOBODY[] = ESCALATES(""), STOPS[] = ESCALATES(BORDER("")),
                          BESIDE[] = ESCALATES(BORDER("cancelActivity=\"false\""));
        struct run r;

        (void)state;
        assert_ok(begin(&r, NOBODY, NULL), r.err);
        assert_string_equal(r.did, "in ");
        end(&r);
        assert_ok(begin(&r, STOPS, NULL), r.err);
        assert_string_equal(r.did, "out ");
        done(&r, "out", NULL);
        assert_true(r.ended);
        end(&r);
        assert_ok(begin(&r, BESIDE, NULL), r.err);
        assert_string_equal(r.did, "in out ");
        done(&r, "out", NULL);
        assert_false(r.ended);
        done(&r, "in", NULL);
        assert_true(r.ended);
        end(&r);
}

/* Compensation reaches into a sub-process that is done, the last first, or undoes only what it names. */
static void compensation_reaches_inside(void **state)
{
#define DOES(id)                                                                                                               \
        TASK(id, "clerk", "")                                                                                                  \
        "<boundaryEvent id=\"b" id "\" attachedToRef=\"" id "\"><compensateEventDefinition/></boundaryEvent>"                  \
        "<userTask id=\"un" id "\" shebao:role=\"clerk\" isForCompensation=\"true\"/><association id=\"as" id                  \
        "\" sourceRef=\"b" id "\" targetRef=\"un" id "\"/>"
#define UNDOES(only)                                                                                                           \
        MODEL(START DOES("x") "<subProcess id=\"sp\"><startEvent id=\"is\"/>" DOES("y")                                        \
                  DOES("z") "<endEvent id=\"ie\"/>" TO("i1", "is", "y") TO("i2", "y", "z")                                     \
                      TO("i3", "z", "ie") "</subProcess>"                                                                      \
                                          "<intermediateThrowEvent id=\"th\"><compensateEventDefinition " only                 \
                                          "/></intermediateThrowEvent>" END TO("f1", "s", "x") TO("f2", "x", "sp")             \
                                              TO("f3", "sp", "th") TO("f4", "th", "e"))
        static const char ALL[] = UNDOES(""), ONE[] = UNDOES("activityRef=\"x\""), INSIDE[] = UNDOES("activityRef=\"sp\"");
        static const struct {
                const char *xml, *did;
        } CASES[] = {{ALL, "x y z unz uny unx "}, {ONE, "x y z unx "}, {INSIDE, "x y z unz uny "}};

        (void)state;
        for (size_t i = 0; i < 3; i++) {
                struct run r;
                assert_ok(begin(&r, CASES[i].xml, NULL), r.err);
                for (size_t k = 0; !r.ended && k < 6; k++) { /* whatever was asked for last is done */
                        char last[20];
                        size_t n = strlen(r.did) - 1, from = n;
                        while (from > 0 && r.did[from - 1] != ' ')
                                from--;
                        text_format(last, sizeof last, "%.*s", (int)(n - from), r.did + from);
                        done(&r, last, NULL);
                }
                assert_true(r.ended);
                assert_string_equal(r.did, CASES[i].did);
                end(&r);
        }
}

/* What the office's models may not be: each is refused with its code. */
static void refused(void **state)
{
        static const struct {
                const char *xml;
                enum error_code code;
        } CASES[] = {
            {MODEL(START TASK("u", "clerk", "") END TO("f1", "s", "u") TO("f2", "u", "e") TO("f3", "e", "u")), SB_BPMN_MODEL},
            {MODEL(START TASK("u", "clerk", "") END TO("f1", "s", "u") TO("f2", "u", "e") TO("f3", "u", "s")), SB_BPMN_MODEL},
            {MODEL(START TASK("u", "clerk", "") END TO("f1", "s", "u")), SB_BPMN_MODEL},
            {MODEL(START TASK("u", "clerk", "") END TO("f1", "s", "u") TO("f2", "u", "gone")), SB_BPMN_MODEL},
            {MODEL(START TASK("u", "clerk", "") TASK("u", "clerk", "") END TO("f1", "s", "u") TO("f2", "u", "e")),
             SB_BPMN_MODEL},
            {MODEL(START TASK("u", "clerk", "") END TO("f1", "s", "u") TO(
                 "f2", "u", "e") "<boundaryEvent id=\"b\" attachedToRef=\"s\"><timerEventDefinition>"
                                 "<timeDuration>P1D</timeDuration></timerEventDefinition></boundaryEvent>" TO("f3", "b", "e")),
             SB_BPMN_MODEL},
            {MODEL(START TASK("u", "clerk", "") END TO("f1", "s", "u") TO(
                 "f2", "u", "e") "<boundaryEvent id=\"b\"><timerEventDefinition>"
                                 "<timeDuration>P1D</timeDuration></timerEventDefinition></boundaryEvent>" TO("f3", "b", "e")),
             SB_BPMN_MODEL},
            {MODEL(START "<subProcess id=\"sp\">" TASK("v", "clerk", "") "</subProcess>" END TO("f1", "s", "v")
                       TO("f2", "v", "e") TO("f3", "sp", "e")),
             SB_BPMN_MODEL},
            {MODEL(START TASK("u", "clerk", "") END TO("f1", "s", "u")
                       TO("f2", "u", "e") "<subProcess id=\"ev\" triggeredByEvent=\"true\"><startEvent id=\"es1\"/>"
                                          "<endEvent id=\"ee\"/>" TO("e1", "es1", "ee") "</subProcess>"),
             SB_BPMN_MODEL},
            {MODEL(START "<userTask id=\"u\"/>" END TO("f1", "s", "u") TO("f2", "u", "e")), SB_BPMN_MODEL},
            {MODEL(START "<serviceTask id=\"u\"/>" END TO("f1", "s", "u") TO("f2", "u", "e")), SB_BPMN_MODEL},
            {MODEL(START "<intermediateCatchEvent id=\"u\"><timerEventDefinition/></intermediateCatchEvent>" END TO(
                 "f1", "s", "u") TO("f2", "u", "e")),
             SB_BPMN_MODEL},
            {MODEL(START "<unknownThing id=\"u\"/>" END TO("f1", "s", "e")), SB_BPMN_UNSUPPORTED},
            {MODEL(START "<scriptTask id=\"u\" scriptFormat=\"python\"><script>1</script></scriptTask>" END TO("f1", "s", "u")
                       TO("f2", "u", "e")),
             SB_BPMN_UNSUPPORTED},
            {MODEL(START "<serviceTask id=\"u\" shebao:verb=\"x.y\"><extensionElements><shebao:input name=\"1a\" "
                         "value=\"1\"/></extensionElements></serviceTask>" END TO("f1", "s", "u") TO("f2", "u", "e")),
             SB_BPMN_MODEL},
            {MODEL(START "<serviceTask id=\"u\" shebao:verb=\"x.y\"><extensionElements><shebao:input name=\"a-b\" "
                         "value=\"1\"/></extensionElements></serviceTask>" END TO("f1", "s", "u") TO("f2", "u", "e")),
             SB_BPMN_MODEL},
            {MODEL(START "<serviceTask id=\"u\" shebao:verb=\"x.y\"><extensionElements><shebao:input name=\"\" "
                         "value=\"1\"/></extensionElements></serviceTask>" END TO("f1", "s", "u") TO("f2", "u", "e")),
             SB_BPMN_MODEL},
            {MODEL(START "<serviceTask id=\"u\" shebao:verb=\"x.y\"><extensionElements><shebao:input name=\"a\" value=\"1 "
                         "+\"/></extensionElements></serviceTask>" END TO("f1", "s", "u") TO("f2", "u", "e")),
             SB_FEEL_SYNTAX},
            {"<definitions xmlns=\"" BPMN_NS "\"><process isExecutable=\"true\"><startEvent id=\"s\"/><endEvent id=\"e\"/>" TO(
                 "f1", "s", "e") "</process></definitions>",
             SB_BPMN_MODEL},
            {"<definitions xmlns=\"" BPMN_NS
             "\"><process id=\"p\" isExecutable=\"true\"><startEvent id=\"s\"/><endEvent id=\"e\"/>" TO(
                 "f1", "s",
                 "e") "</process><process id=\"p\"><startEvent id=\"s9\"/><endEvent id=\"e9\"/>" TO("f9", "s9",
                                                                                                    "e9") "</process></"
                                                                                                          "definitions>",
             SB_BPMN_MODEL},
            {"<definitions xmlns=\"urn:x\"/>", SB_BPMN_MODEL},
            {"<process xmlns=\"" BPMN_NS "\"/>", SB_BPMN_MODEL},
        };

        (void)state;
        for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
                struct bpmn_model *m = NULL;
                struct error err = {0};
                if (bpmn_open(&m, str_from(CASES[i].xml), NULL, NULL, &err) == 0 || err.code != CASES[i].code)
                        fail_msg("%zu: error %d", i, (int)err.code);
                assert_null(m);
        }
        /* names of inputs may have any letter of the alphabet, digits and _ */
        struct run r;
        assert_ok(begin(&r,
                        MODEL(START "<serviceTask id=\"u\" shebao:verb=\"x.y\"><extensionElements><shebao:input "
                                    "name=\"_aZ09z\" value=\"1\"/><shebao:input name=\"A\" value=\"2\"/>"
                                    "<shebao:output name=\"z_9\" value=\"result\"/></extensionElements></serviceTask>" END TO(
                                        "f1", "s", "u") TO("f2", "u", "e")),
                        NULL),
                  r.err);
        end(&r);
}

int main(void)
{
        const struct CMUnitTest tests[] = {cmocka_unit_test(hands_of_a_case),
                                           cmocka_unit_test(who_hears_and_what_begins),
                                           cmocka_unit_test(links_lead_on),
                                           cmocka_unit_test(loops_over_lists),
                                           cmocka_unit_test(tasks_gather_and_give),
                                           cmocka_unit_test(work_without_an_order),
                                           cmocka_unit_test(escalations),
                                           cmocka_unit_test(compensation_reaches_inside),
                                           cmocka_unit_test(refused)};

        return cmocka_run_group_tests(tests, NULL, NULL);
}
