/* SPDX-License-Identifier: Apache-2.0
 *
 * The picture of a model, whether a state fits another model, how many hands a case goes through, when a start by the clock comes
 * next, and conditions as other makers write them: each with its exact answer.
 */
#include "engine/bpmn/diagram.h"
#include "testing.h"

#include <string.h>

/* --- the picture ------------------------------------------------------------------------------------------------------------- */

#define DRAWING(elements, shapes)                                                                                              \
        "<definitions xmlns=\"" BPMN_NS "\" xmlns:shebao=\"" BPMN_NS_SHEBAO "\"><process id=\"p\">" elements                   \
        "</process><BPMNDiagram><BPMNPlane>" shapes "</BPMNPlane></BPMNDiagram></definitions>"
#define SHAPE(of, attributes, x, y, w, h)                                                                                      \
        "<BPMNShape bpmnElement=\"" of "\" " attributes "><Bounds x=\"" x "\" y=\"" y "\" width=\"" w "\" height=\"" h         \
        "\"/></BPMNShape>"
#define BOX(of) SHAPE(of, "", "0", "0", "100", "80")
#define EDGE(of, points) "<BPMNEdge bpmnElement=\"" of "\">" points "</BPMNEdge>"
#define POINT(x, y) "<waypoint x=\"" x "\" y=\"" y "\"/>"
#define TWO POINT("1", "2") POINT("3", "4")

static struct bpmn_diagram *drawn(const char *xml)
{
        struct bpmn_diagram *d = NULL;
        struct error err = {0};

        assert_ok(bpmn_diagram_open(&d, str_from(xml), &err), err);
        return d;
}

static const struct bpmn_figure *figure(const struct bpmn_diagram *d, const char *id)
{
        const struct bpmn_figure *f = NULL;

        for (size_t i = 0; (f = bpmn_diagram_figure(d, i)) != NULL && strcmp(f->id, id) != 0; i++)
                ;
        if (f == NULL)
                fail_msg("%s is not drawn", id);
        return f;
}

static const struct bpmn_line *line(const struct bpmn_diagram *d, const char *id)
{
        const struct bpmn_line *l = NULL;

        for (size_t i = 0; (l = bpmn_diagram_line(d, i)) != NULL && strcmp(l->id, id) != 0; i++)
                ;
        if (l == NULL)
                fail_msg("%s is not drawn", id);
        return l;
}

static void figures_are_what_the_notation_shows(void **state)
{
        static const char XML[] = DRAWING(
            "<startEvent id=\"e1\" isInterrupting=\"false\"><timerEventDefinition/></startEvent>"
            "<boundaryEvent id=\"e2\" cancelActivity=\"false\"><timerEventDefinition/><signalEventDefinition/></boundaryEvent>"
            "<intermediateCatchEvent id=\"e3\" parallelMultiple=\"true\"><timerEventDefinition/><signalEventDefinition/>"
            "</intermediateCatchEvent><intermediateCatchEvent id=\"e4\" parallelMultiple=\"true\"><linkEventDefinition/>"
            "</intermediateCatchEvent><endEvent id=\"e5\"/>"
            "<task id=\"t1\"><multiInstanceLoopCharacteristics isSequential=\"true\"/></task>"
            "<task id=\"t2\"><multiInstanceLoopCharacteristics/></task><task id=\"t3\"><standardLoopCharacteristics/></task>"
            "<task id=\"t4\" isForCompensation=\"true\" name=\"办\" shebao:titleEn=\"Do\"/>"
            "<subProcess id=\"s1\" triggeredByEvent=\"true\"/><subProcess id=\"s2\"/><transaction id=\"s3\"/><adHocSubProcess "
            "id=\"s4\"/>"
            "<dataObject id=\"o1\" isCollection=\"true\"/><dataObjectReference id=\"d1\" dataObjectRef=\"o1\"/>"
            "<dataObjectReference id=\"d2\" dataObjectRef=\"gone\"/><dataInput id=\"d3\" isCollection=\"true\"/>"
            "<textAnnotation id=\"n1\"><text> a note </text></textAnnotation><group id=\"g1\"/><lane id=\"l1\"/>"
            "<participant id=\"po\"/><eventBasedGateway id=\"x1\" instantiate=\"true\"/><exclusiveGateway id=\"x2\"/>"
            "<dataStoreReference id=\"st\"/><unknown id=\"u1\"/>",
            BOX("e1") BOX("e2") BOX("e3") BOX("e4") BOX("e5") BOX("t1") BOX("t2") BOX("t3") BOX("q:t4")
                SHAPE("s1", "isExpanded=\"true\"", "0", "0", "100", "80") SHAPE("s2", "", "0", "0", "141", "80")
                    SHAPE("s3", "isExpanded=\"false\"", "0", "0", "300", "80") SHAPE("s4", "", "0", "0", "140", "80") BOX("d1")
                        BOX("d2") BOX("d3") BOX("n1") SHAPE("g1", "", "0", "0", "500", "500")
                            SHAPE("l1", "isHorizontal=\"false\"", "0", "0", "600", "400")
                                SHAPE("po", "", "-1e7", "nan", "600", "500") BOX("x1")
                                    SHAPE("x2", "isMarkerVisible=\"true\"", "1", "2", "3", "4") BOX("st") BOX("u1")
                                        BOX("nothing") SHAPE("t1", "", "0", "0", "0", "80")
                                            SHAPE("t1", "", "0", "0", "80", "-1") "<BPMNShape bpmnElement=\"t1\"/><Other/>");
        static const char *const HOLDERS[] = {"po", "g1", "l1", "s2", "s1"};
        struct bpmn_diagram *d = drawn(XML);

        (void)state;
        assert_true(figure(d, "e1")->dashed && figure(d, "e1")->trigger == BPMN_TIMER);
        assert_true(figure(d, "e2")->dashed && figure(d, "e2")->trigger == BPMN_MULTIPLE && !figure(d, "e2")->all_triggers);
        assert_true(figure(d, "e3")->all_triggers && !figure(d, "e3")->dashed);
        assert_true(figure(d, "e4")->trigger == BPMN_LINK && !figure(d, "e4")->all_triggers);
        assert_true(figure(d, "e5")->trigger == BPMN_NONE);
        assert_int_equal(figure(d, "t1")->repeat, BPMN_ONE_BY_ONE);
        assert_int_equal(figure(d, "t2")->repeat, BPMN_SIDE_BY_SIDE);
        assert_int_equal(figure(d, "t3")->repeat, BPMN_LOOP);
        assert_true(figure(d, "t4")->compensation && figure(d, "t4")->repeat == BPMN_ONCE);
        assert_string_equal(figure(d, "t4")->title[LANG_ZH], "办");
        assert_string_equal(figure(d, "t4")->title[LANG_EN], "Do");
        assert_true(figure(d, "s1")->dashed && figure(d, "s1")->holder && figure(d, "s1")->expanded);
        assert_true(figure(d, "s2")->expanded && !figure(d, "s2")->dashed); /* by its width */
        assert_true(!figure(d, "s3")->expanded && !figure(d, "s3")->holder);
        assert_true(!figure(d, "s4")->expanded);
        assert_true(figure(d, "d1")->collection && !figure(d, "d2")->collection && figure(d, "d3")->collection);
        assert_string_equal(figure(d, "n1")->title[LANG_EN], "a note");
        assert_true(figure(d, "l1")->vertical && !figure(d, "po")->vertical);
        assert_true(figure(d, "po")->at.x == 0 && figure(d, "po")->at.y == 0); /* no coordinates of that size */
        assert_true(figure(d, "x1")->begins && !figure(d, "x1")->marked && figure(d, "x2")->marked);
        assert_int_equal(figure(d, "st")->shape, BPMN_SHAPE_STORE);
        for (size_t i = 0; i < sizeof HOLDERS / sizeof HOLDERS[0];
             i++) /* the larger before the smaller, then what is no holder */
                assert_string_equal(bpmn_diagram_figure(d, i)->id, HOLDERS[i]);
        assert_false(bpmn_diagram_figure(d, 5)->holder);
        assert_string_equal(bpmn_diagram_figure(d, 5)->id, "d1");
        assert_non_null(bpmn_diagram_figure(d, 22));
        assert_null(bpmn_diagram_figure(d, 23));
        bpmn_diagram_free(d);
        bpmn_diagram_free(NULL);
}

static void lines_are_what_the_notation_shows(void **state)
{
        static const char XML[] = DRAWING(
            "<task id=\"a\" default=\"f1\"/><exclusiveGateway id=\"g\"/><task id=\"b\"/>"
            "<sequenceFlow id=\"f1\" sourceRef=\"a\" targetRef=\"b\"/><sequenceFlow id=\"f2\" sourceRef=\"a\" targetRef=\"b\">"
            "<conditionExpression>x</conditionExpression></sequenceFlow><sequenceFlow id=\"f3\" name=\"退回\" sourceRef=\"g\" "
            "targetRef=\"b\">"
            "<conditionExpression>review = \"return\"</conditionExpression></sequenceFlow><sequenceFlow id=\"f4\" name=\"é\" "
            "sourceRef=\"gone\" "
            "targetRef=\"b\"><conditionExpression>y</conditionExpression></sequenceFlow><sequenceFlow id=\"f5\" name=\"同意\" "
            "shebao:titleEn=\"agreed\" sourceRef=\"g\" "
            "targetRef=\"b\"><conditionExpression>y</conditionExpression></sequenceFlow>"
            "<sequenceFlow id=\"f6\" name=\"其他\" sourceRef=\"g\" targetRef=\"b\"><conditionExpression>a + "
            "b</conditionExpression></sequenceFlow>"
            "<messageFlow id=\"m\"/><dataInputAssociation id=\"di\"/><dataOutputAssociation id=\"do\"/><association id=\"as\"/>"
            "<association id=\"as1\" associationDirection=\"One\"/><association id=\"as2\" associationDirection=\"Both\"/>",
            EDGE("f1", TWO) EDGE("f2", TWO) EDGE("f3", TWO) EDGE("f4", TWO) EDGE("f5", TWO) EDGE("f6", TWO) EDGE("m", TWO)
                EDGE("di", TWO) EDGE("do", TWO) EDGE("as", TWO) EDGE("as1", TWO) EDGE("as2", TWO) EDGE("a", TWO)
                    EDGE("nothing", TWO) EDGE("f1", POINT("1", "2")) "<BPMNEdge/>");
        struct bpmn_diagram *d = drawn(XML);

        (void)state;
        assert_true(line(d, "f1")->usual && !line(d, "f1")->conditional && line(d, "f1")->arrow);
        assert_true(line(d, "f2")->conditional && !line(d, "f2")->usual);
        assert_true(line(d, "f1")->points[1].x == 3 && line(d, "f1")->points[1].y == 4 && line(d, "f1")->count == 2);
        assert_true(!line(d, "f3")->conditional); /* the gateway shows that */
        assert_string_equal(line(d, "f3")->title[LANG_EN], "return");
        assert_string_equal(line(d, "f4")->title[LANG_EN], "é");
        assert_string_equal(line(d, "f5")->title[LANG_EN], "agreed");
        assert_string_equal(line(d, "f6")->title[LANG_EN], "其他");
        assert_int_equal(line(d, "m")->kind, BPMN_LINE_MESSAGE);
        assert_int_equal(line(d, "di")->kind, BPMN_LINE_DATA);
        assert_int_equal(line(d, "do")->kind, BPMN_LINE_DATA);
        assert_true(line(d, "as")->kind == BPMN_LINE_ASSOCIATION && !line(d, "as")->arrow);
        assert_true(line(d, "as1")->arrow && line(d, "as2")->arrow);
        assert_null(bpmn_diagram_line(d, 12));
        bpmn_diagram_free(d);

        d = drawn("<definitions xmlns=\"" BPMN_NS "\"/>");
        assert_null(bpmn_diagram_figure(d, 0));
        bpmn_diagram_free(d);
        d = drawn(DRAWING("", BOX("a") EDGE("a", TWO)));
        assert_null(bpmn_diagram_line(d, 0));
        bpmn_diagram_free(d);
        struct error err = {0};
        assert_error(bpmn_diagram_open(&d, STR("<a"), &err), err, SB_XML_SYNTAX);
        static const char *const WORDS[][2] = {{"review = \"return\"", "return"},
                                               {"a = \"x\" and b = \"y\"", ""},
                                               {" eligible ", "yes"},
                                               {"not(eligible)", "no"},
                                               {"", ""},
                                               {"a > 1", ""},
                                               {"not", "yes"},
                                               {"a = \"x", ""},
                                               {"ok_1", "yes"}};
        char word[40];
        for (size_t i = 0; i < sizeof WORDS / sizeof WORDS[0]; i++)
                assert_string_equal(bpmn_flow_word(word, sizeof word, WORDS[i][0]), WORDS[i][1]);
}

static void too_many_figures_are_a_limit(void **state)
{
        struct bpmn_diagram *d = NULL;
        struct error err = {0};

        (void)state;
        for (int k = 0; k < 2; k++) {
                struct buf xml;
                buf_init(&xml, 8 << 20);
                buf_add_text(&xml, "<definitions><BPMNDiagram><BPMNPlane>");
                for (int i = 0; i < 10001; i++)
                        buf_add_text(&xml, k == 0 ? "<BPMNShape/>" : "<BPMNEdge/>");
                buf_add_text(&xml, "</BPMNPlane></BPMNDiagram></definitions>");
                assert_error(bpmn_diagram_open(&d, (struct str){xml.p, xml.n}, &err), err, SB_LIMIT);
                buf_dispose(&xml);
        }
}

/* --- a state in another model ------------------------------------------------------------------------------------------------ */

#define MODEL(body)                                                                                                            \
        "<definitions xmlns=\"" BPMN_NS "\" xmlns:shebao=\"" BPMN_NS_SHEBAO "\"><signal id=\"sig\" name=\"s\"/><process "      \
        "id=\"p\" name=\"P\" isExecutable=\"true\">" body "</process></definitions>"
#define TO(id, from, to) "<sequenceFlow id=\"" id "\" sourceRef=\"" from "\" targetRef=\"" to "\"/>"
#define USER(id, inside) "<userTask id=\"" id "\" shebao:role=\"clerk\">" inside "</userTask>"
#define SERVICE(id, verb) "<serviceTask id=\"" id "\" shebao:verb=\"" verb "\"/>"
#define TIMER(id, attributes)                                                                                                  \
        "<boundaryEvent id=\"" id "\" attachedToRef=\"a\" " attributes "><timerEventDefinition><timeDuration>P1D"              \
        "</timeDuration></timerEventDefinition></boundaryEvent>" TO("l" id, id, "e")
#define LISTENER(id)                                                                                                           \
        "<subProcess id=\"" id "\" triggeredByEvent=\"true\"><startEvent id=\"s" id                                            \
        "\"><signalEventDefinition signalRef=\"sig\"/>"                                                                        \
        "</startEvent><endEvent id=\"e" id "\"/>" TO("f" id, "s" id, "e" id) "</subProcess>"
#define AROUND(task, more)                                                                                                     \
        MODEL("<startEvent id=\"s\"/>" task "<endEvent id=\"e\"/>" TO("f1", "s", "a") TO("f2", "a", "e") more)
#define MANY "<multiInstanceLoopCharacteristics><loopCardinality>2</loopCardinality></multiInstanceLoopCharacteristics>"
/* Two branches of which one waits at the join. */
#define JOINED(way)                                                                                                            \
        MODEL("<startEvent id=\"s\"/><parallelGateway id=\"g1\"/>" USER("a", "") "<parallelGateway id=\"j\"/><endEvent "       \
                                                                                 "id=\"e\"/>" TO("f1", "s", "g1")              \
                                                                                     TO("f2", "g1", "a") TO(way, "g1", "j")    \
                                                                                         TO("f4", "a", "j")                    \
                                                                                             TO("f5", "j", "e"))
#define INSIDE(task)                                                                                                           \
        MODEL("<startEvent id=\"s\"/><subProcess id=\"sp\"><startEvent id=\"is\"/>" task "<endEvent id=\"ie\"/>" TO(           \
            "i1", "is", "a") TO("i2", "a", "ie") "</subProcess><endEvent id=\"e\"/>" TO("f1", "s", "sp") TO("f2", "sp", "e"))

static json_t *begun(const char *xml)
{
        struct bpmn_model *m = NULL;
        struct bpmn_step out;
        struct error err = {0};
        struct bpmn_event e = {.kind = BPMN_BEGIN};

        assert_ok(bpmn_open(&m, str_from(xml), NULL, NULL, &err), err);
        assert_ok(bpmn_step(&out, m, NULL, &e, &err), err);
        json_t *state = json_incref(out.state);
        bpmn_step_dispose(&out);
        bpmn_free(m);
        return state;
}

static void a_state_goes_where_its_elements_are_the_same(void **state)
{
        static const char PLAIN[] = AROUND(USER("a", ""), "");
        static const struct {
                const char *from, *to, *why; /* NULL: it fits */
        } CASES[] = {
            {PLAIN, PLAIN, NULL},
            {PLAIN,
             AROUND(USER("a", ""), USER("b", "") TO("f3", "e0", "b") "<endEvent id=\"e9\"/>" TO(
                                       "f4", "b", "e9") "<startEvent id=\"e0\">"
                                                        "<signalEventDefinition signalRef=\"sig\"/></startEvent>"),
             NULL},
            {PLAIN, MODEL("<startEvent id=\"s\"/>" USER("b", "") "<endEvent id=\"e\"/>" TO("f1", "s", "b") TO("f2", "b", "e")),
             "not there"},
            {PLAIN, AROUND(SERVICE("a", "x.y"), ""), "another kind"},
            {PLAIN, AROUND(USER("a", MANY), ""), "another kind"},
            {AROUND(SERVICE("a", "x.y"), ""), AROUND(SERVICE("a", "x.z"), ""), "another verb"},
            {AROUND(SERVICE("a", "x.y"), ""), AROUND(SERVICE("a", "x.y"), ""), NULL},
            {PLAIN, AROUND(USER("a", ""), TIMER("b1", "")), "other events"},
            {AROUND(USER("a", ""), TIMER("b1", "")), PLAIN, "other events"},
            {AROUND(USER("a", ""), TIMER("b1", "")), AROUND(USER("a", ""), TIMER("b2", "")), "other events"},
            {AROUND(USER("a", ""), TIMER("b1", "")), AROUND(USER("a", ""), TIMER("b1", "")), NULL},
            {AROUND(USER("a", ""), TIMER("b1", "")), AROUND(USER("a", ""), TIMER("b1", "") TIMER("b2", "")), "other events"},
            {PLAIN, AROUND(USER("a", ""), LISTENER("x")), "other events"},
            {AROUND(USER("a", ""), LISTENER("x")), AROUND(USER("a", ""), LISTENER("y")), "other events"},
            {AROUND(USER("a", ""), LISTENER("x")), AROUND(USER("a", ""), LISTENER("x")), NULL},
            {INSIDE(USER("a", "")), INSIDE(USER("a", "")), NULL},
            {INSIDE(USER("a", "")), INSIDE(USER("a", "") LISTENER("x")), "other events"},
            {INSIDE(USER("a", "") LISTENER("x")), INSIDE(USER("a", "") LISTENER("x")), NULL},
            {INSIDE(USER("a", "")),
             AROUND(USER("a", ""), "<subProcess id=\"sp\"><startEvent id=\"is\"/><endEvent id=\"ie\"/>" TO(
                                       "i1", "is", "ie") "</subProcess>" TO("f3", "a", "sp") TO("f4", "sp", "e")),
             "another place"},
            {PLAIN, INSIDE(USER("a", "")), "another place"},
            {JOINED("f3"), JOINED("f3"), NULL},
            {JOINED("f3"), JOINED("f9"), "the flow"},
        };

        (void)state;
        for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
                struct bpmn_model *from = NULL, *to = NULL;
                struct error err = {0};
                char text[400];
                json_t *at = begun(CASES[i].from);
                assert_ok(bpmn_open(&from, str_from(CASES[i].from), NULL, NULL, &err), err);
                if (bpmn_open(&to, str_from(CASES[i].to), NULL, NULL, &err) < 0)
                        fail_msg("%zu: %s", i, error_text(&err, LANG_EN, text, sizeof text));
                int rc = bpmn_state_fits(from, to, at, &err);
                error_text(&err, LANG_EN, text, sizeof text);
                if (CASES[i].why == NULL ? rc != 0 : rc == 0 || err.code != SB_BPMN_FIT || strstr(text, CASES[i].why) == NULL)
                        fail_msg("%zu: %s", i, rc == 0 ? "it fits" : text);
                json_decref(at);
                bpmn_free(from);
                bpmn_free(to);
        }
}

static void a_state_of_no_model_fits_none(void **state)
{
        static const char PLAIN[] = AROUND(USER("a", ""), "");
        struct bpmn_model *m = NULL;
        struct error err = {0};
        json_t *at = begun(PLAIN), *other;

        (void)state;
        assert_ok(bpmn_open(&m, str_from(PLAIN), NULL, NULL, &err), err);
        other = json_pack("{s:s}", "process", "q");
        assert_error(bpmn_state_fits(m, m, other, &err), err, SB_BPMN_PROCESS);
        json_decref(other);
        other = json_object();
        assert_error(bpmn_state_fits(m, m, other, &err), err, SB_BPMN_PROCESS);
        json_decref(other);
        other = json_deep_copy(at);
        json_object_set_new(json_array_get(json_object_get(other, "tokens"), 0), "node", json_string("gone"));
        assert_error(bpmn_state_fits(m, m, other, &err), err, SB_BPMN_STATE);
        json_object_del(json_array_get(json_object_get(other, "tokens"), 0), "node");
        assert_error(bpmn_state_fits(m, m, other, &err), err, SB_BPMN_STATE);
        json_decref(other);
        other = json_deep_copy(at);
        json_object_del(other, "next");
        assert_error(bpmn_state_fits(m, m, other, &err), err, SB_FIELD_MISSING);
        json_decref(other);
        json_decref(at);
        bpmn_free(m);
}

/* Each mark of a state that cannot be is told, and nothing else of it is looked at. */
static void each_damage_is_told(void **state)
{
        static const char *const DAMAGES[] = {
            "{\"v\":2}",
            "{\"process\":\"q\"}",
            "{\"tokens\":{}}",
            "{\"variables\":[]}",
            "{\"next\":1}",
            "{\"next\":0}",
            "{\"tokens\":[{\"id\":0,\"node\":\"a\",\"sequence\":1,\"wait\":\"task\"}]}",
            "{\"tokens\":[{\"id\":1,\"node\":\"zz\",\"sequence\":1,\"wait\":\"task\"}]}",
            "{\"tokens\":[{\"id\":1,\"node\":\"a\",\"sequence\":1,\"wait\":\"sleep\"}]}",
            "{\"tokens\":[{\"id\":1,\"node\":\"a\",\"sequence\":1,\"wait\":\"join\"}]}",
            "{\"tokens\":[{\"id\":1,\"node\":\"a\",\"sequence\":1,\"wait\":\"join\",\"flow\":\"zz\"}]}",
            "{\"tokens\":[{\"id\":1,\"node\":\"a\",\"sequence\":-1,\"wait\":\"task\"}]}",
            "{\"tokens\":[{\"id\":1,\"node\":\"a\",\"sequence\":1,\"wait\":\"task\",\"parent\":1}]}",
            "{\"tokens\":[{\"id\":1,\"node\":\"a\",\"sequence\":1,\"wait\":\"task\",\"parent\":-1}]}",
            "{\"tokens\":[{\"id\":1,\"node\":\"a\",\"sequence\":1,\"wait\":\"task\",\"parent\":7}]}",
            "{\"tokens\":[{\"id\":1,\"node\":\"a\",\"sequence\":1,\"wait\":\"task\",\"begun\":-1}]}",
            "{\"tokens\":[{\"id\":1,\"node\":\"a\",\"sequence\":1,\"wait\":\"task\",\"done\":-1}]}",
            "{\"tokens\":[{\"id\":1,\"node\":\"a\",\"sequence\":1,\"wait\":\"task\",\"part\":-1}]}",
            "{\"tokens\":[{\"id\":1,\"node\":\"a\",\"sequence\":1,\"wait\":\"task\",\"part\":3}]}",
            "{\"tokens\":[{\"id\":1,\"node\":\"a\",\"sequence\":1,\"wait\":\"task\",\"part\":2}]}",
            "{\"tokens\":[{\"id\":1,\"node\":\"a\",\"sequence\":1,\"wait\":\"task\",\"part\":1}]}",
            "{\"tokens\":[{\"id\":1,\"node\":\"a\",\"sequence\":1,\"wait\":\"event\"}]}",
            "{\"tokens\":[{\"id\":1,\"node\":\"a\",\"sequence\":1,\"wait\":\"undo\",\"begun\":1}]}",
            "{\"tokens\":[{\"id\":1,\"node\":\"a\",\"sequence\":1,\"wait\":\"throw\"}]}",
            "{\"tokens\":[{\"id\":1,\"node\":\"a\",\"sequence\":1,\"wait\":\"task\",\"locals\":3}]}",
            "{\"tokens\":[{\"id\":1,\"node\":\"a\",\"sequence\":1,\"wait\":\"task\"},{\"id\":1,\"node\":\"a\",\"sequence\":1,"
            "\"wait\":\"task\"}]}",
            "{\"next\":9,\"tokens\":[{\"id\":1,\"node\":\"a\",\"sequence\":1,\"wait\":\"task\",\"parent\":2},"
            "{\"id\":2,\"node\":\"a\",\"sequence\":1,\"wait\":\"task\",\"parent\":1}]}",
        };
        static const char PLAIN[] = AROUND(USER("a", ""), "");
        struct bpmn_model *m = NULL;
        struct error err = {0};
        json_t *at = begun(PLAIN), *change = NULL;
        struct bpmn_event e = {.kind = BPMN_HEAR, .trigger = BPMN_SIGNAL, .name = "s"};
        struct bpmn_step out;

        (void)state;
        assert_ok(bpmn_open(&m, str_from(PLAIN), NULL, NULL, &err), err);
        assert_ok(bpmn_step(&out, m, at, &e, &err), err);
        bpmn_step_dispose(&out);
        for (size_t i = 0; i < sizeof DAMAGES / sizeof DAMAGES[0]; i++) {
                json_t *bad = json_deep_copy(at);
                assert_ok(json_read(&change, str_from(DAMAGES[i]), &err), err);
                json_object_update(bad, change);
                if (bpmn_step(&out, m, bad, &e, &err) == 0)
                        fail_msg("%s is carried on", DAMAGES[i]);
                if (err.code != SB_BPMN_STATE)
                        fail_msg("%s: error %d", DAMAGES[i], (int)err.code);
                error_clear(&err);
                json_decref(bad);
                json_decref(change);
        }
        json_decref(at);
        bpmn_free(m);
}

/* --- the clock --------------------------------------------------------------------------------------------------------------- */

static void a_start_by_the_clock_comes_when_it_says(void **state)
{
#define BY_CLOCK(kind, text)                                                                                                   \
        MODEL("<startEvent id=\"s\"><timerEventDefinition><" kind ">" text "</" kind "></timerEventDefinition></startEvent>"   \
              "<endEvent id=\"e\"/>" TO("f1", "s", "e"))
        static const struct {
                const char *xml, *base, *after, *want; /* want "": never again; "?": an error */
        } CASES[] = {
            {BY_CLOCK("timeCycle", "R/P1M"), "2026-01-31T08:00:00Z", "2026-01-31T08:00:00Z", "2026-02-28T08:00:00Z"},
            {BY_CLOCK("timeCycle", "R/P1M"), "2026-01-31T08:00:00Z", "2026-02-28T08:00:00Z", "2026-03-28T08:00:00Z"},
            {BY_CLOCK("timeCycle", "R/2026-01-05/P1M"), "2020-01-01T00:00:00Z", "2026-03-31T00:00:00Z",
             "2026-04-05T00:00:00+08:00"},
            {BY_CLOCK("timeCycle", "R2/2026-01-05/P1M"), "2020-01-01T00:00:00Z", "2026-01-20T00:00:00Z",
             "2026-02-05T00:00:00+08:00"},
            {BY_CLOCK("timeCycle", "R2/2026-01-05/P1M"), "2020-01-01T00:00:00Z", "2026-02-20T00:00:00Z", ""},
            {BY_CLOCK("timeCycle", "R3/PT1H"), "2026-01-01T00:00:00Z", "2026-01-01T02:30:00Z", "2026-01-01T03:00:00Z"},
            {BY_CLOCK("timeCycle", "R3/PT1H"), "2026-01-01T00:00:00Z", "2026-01-01T03:00:00Z", ""},
            {BY_CLOCK("timeCycle", "R0/PT1H"), "2026-01-01T00:00:00Z", "2025-01-01T03:00:00Z", ""},
            {BY_CLOCK("timeCycle", "Rx/PT1H"), "2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z", "2026-01-01T01:00:00Z"},
            {BY_CLOCK("timeDuration", "PT5S"), "2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z", "2026-01-01T00:00:05Z"},
            {BY_CLOCK("timeDuration", "PT5S"), "2026-01-01T00:00:00Z", "2026-01-01T00:00:05Z", ""},
            {BY_CLOCK("timeDate", "2026-05-01"), "2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z", "2026-05-01T00:00:00+08:00"},
            {BY_CLOCK("timeDate", "2026-05-01"), "2026-01-01T00:00:00Z", "2026-06-01T00:00:00Z", ""},
            {BY_CLOCK("timeDate", "2026-05-01T08:00:00Z"), "2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z",
             "2026-05-01T08:00:00Z"},
            {BY_CLOCK("timeDate", "date(\"2026-05-01\")"), "2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z",
             "2026-05-01T00:00:00+08:00"},
            {BY_CLOCK("timeCycle", "R/9999-11-30/P1M"), "2020-01-01T00:00:00Z", "9999-12-30T20:00:00Z", ""},
            {BY_CLOCK("timeCycle", "R/P900000Y"), "2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z", "?"},
            {BY_CLOCK("timeCycle", "R/P900000000D"), "2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z", "?"},
            {BY_CLOCK("timeCycle", "R/P7973Y"), "2026-12-31T00:00:00Z", "2026-12-31T00:00:00Z", ""},
            {BY_CLOCK("timeDate", "date(\"-0001-01-01\")"), "2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z", "?"},
            {BY_CLOCK("timeDate", "date(\"0000-12-31\")"), "2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z", "?"},
            {BY_CLOCK("timeDate", "date(\"0001-01-01\")"), "2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z", ""},
            {BY_CLOCK("timeDate", "3 + 4"), "2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z", "?"},
            {BY_CLOCK("timeDate", "duration(\"-P1D\")"), "2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z", "?"},
            {BY_CLOCK("timeDate", "duration(\"P900000Y\")"), "2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z", "?"},
            {BY_CLOCK("timeDate", "date(\"99999-01-01\")"), "2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z", "?"},
        };

        (void)state;
        for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
                struct bpmn_model *m = NULL;
                struct error err = {0};
                instant_t base, after, at = 0, want = 0;
                assert_ok(bpmn_open(&m, str_from(CASES[i].xml), NULL, NULL, &err), err);
                assert_ok(instant_parse(&base, str_from(CASES[i].base), &err), err);
                assert_ok(instant_parse(&after, str_from(CASES[i].after), &err), err);
                int rc = bpmn_start_next(m, 0, base, after, &at, &err);
                if (CASES[i].want[0] == '?') {
                        if (rc >= 0 || err.code != SB_BPMN_EXPRESSION)
                                fail_msg("%zu: %d at %lld", i, rc, (long long)at);
                } else {
                        char text[200];
                        if (rc < 0)
                                fail_msg("%zu: %s", i, error_text(&err, LANG_EN, text, sizeof text));
                        if (CASES[i].want[0] != '\0')
                                assert_ok(instant_parse(&want, str_from(CASES[i].want), &err), err);
                        if (rc != (CASES[i].want[0] != '\0') || (rc == 1 && at != want))
                                fail_msg("%zu: %d at %lld, not %lld", i, rc, (long long)at, (long long)want);
                }
                bpmn_free(m);
        }
}

/* --- conditions of other makers ---------------------------------------------------------------------------------------------- */

static void conditions_are_translated(void **state)
{
#define CHOOSE(condition)                                                                                                      \
        "<definitions xmlns=\"" BPMN_NS "\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" targetNamespace=\"t\">"    \
        "<process id=\"p\" isExecutable=\"true\"><startEvent id=\"s\"><outgoing>f1</outgoing></startEvent><exclusiveGateway "  \
        "id=\"g\" default=\"f2\"><incoming>f1</incoming><outgoing>f2</outgoing><outgoing>f3</outgoing></exclusiveGateway>"     \
        "<endEvent id=\"e\"><incoming>f2</incoming></endEvent><userTask "                                                      \
        "id=\"x\"><incoming>f3</incoming><outgoing>f4</outgoing>"                                                              \
        "</userTask><endEvent id=\"e2\"><incoming>f4</incoming></endEvent>" TO("f1", "s", "g")                                 \
            TO("f2", "g", "e") "<sequenceFlow id=\"f3\" sourceRef=\"g\" targetRef=\"x\"><conditionExpression "                 \
                               "xsi:type=\"tFormalExpression\"><![CDATA["                                                      \
                               "%s]]></conditionExpression></sequenceFlow>" TO("f4", "x", "e2") "</process></definitions>"
        static const struct {
                const char *condition;
                bool holds;
        } CASES[] = {
            {"#{ok}", true},
            {"${ok} && ${n === 3}", true},
            {"n !== 3 || !ok", false},
            {"!(n == 3)", false},
            {"! ok", false},
            {"!'abc'.isEmpty()", true},
            {"!('abc' == test)", false},
            {"'a\\'c' != test", true},
            {"test.contains('b').toString", false},
            {"p.name.length() == 2", true},
            {"p.name.startsWith('L') and p.name.endsWith(\"i\")", true},
            {"list.size() == 2", true},
            {"(test).equals('abc')", true},
            {"\"abc\".contains(test)", true},
            {"test == 'abc", true},
            {"n > 2", true},
            {"_x9 == null", true},
            {"$ok", false},
            {"${n + (1) == 4}", true},
            {"containsAll == null", true},
            {"test.contain == null", true},
        };
        json_t *data =
            json_pack("{s:s,s:i,s:b,s:{s:s},s:[i,i]}", "test", "abc", "n", 3, "ok", 1, "p", "name", "Li", "list", 1, 2);

        (void)state;
        for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
                char xml[3000];
                struct bpmn_model *m = NULL;
                struct bpmn_step out = {.count = 0};
                struct error err = {0};
                struct bpmn_event e = {.kind = BPMN_BEGIN, .data = data};
                text_format(xml, sizeof xml, CHOOSE("%s"), CASES[i].condition);
                bool holds = bpmn_open_full(&m, str_from(xml), NULL, NULL, &err) == 0 &&
                             bpmn_step(&out, m, NULL, &e, &err) == 0 && out.count > 0 && out.effects[0].kind == BPMN_DO_TASK;
                if (holds != CASES[i].holds) {
                        char text[300];
                        fail_msg("%s: %d, %s", CASES[i].condition, holds, error_text(&err, LANG_EN, text, sizeof text));
                }
                bpmn_step_dispose(&out);
                bpmn_free(m);
        }
        json_decref(data);
}

int main(void)
{
        const struct CMUnitTest tests[] = {cmocka_unit_test(figures_are_what_the_notation_shows),
                                           cmocka_unit_test(lines_are_what_the_notation_shows),
                                           cmocka_unit_test(too_many_figures_are_a_limit),
                                           cmocka_unit_test(a_state_goes_where_its_elements_are_the_same),
                                           cmocka_unit_test(a_state_of_no_model_fits_none),
                                           cmocka_unit_test(each_damage_is_told),
                                           cmocka_unit_test(a_start_by_the_clock_comes_when_it_says),
                                           cmocka_unit_test(conditions_are_translated)};

        return cmocka_run_group_tests(tests, NULL, NULL);
}
