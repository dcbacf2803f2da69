/* SPDX-License-Identifier: Apache-2.0
 *
 * All of executable BPMN: each kind of element through the pure step, its state read from text before each event.
 */
#include "engine/bpmn/bpmn.h"
#include "testing.h"

#include <string.h>

#define HEAD                                                                                                                   \
        "<definitions xmlns=\"" BPMN_NS "\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" "                          \
        "targetNamespace=\"t\"><signal id=\"sig\" name=\"s\"/><error id=\"err\" errorCode=\"E1\"/>"                            \
        "<process id=\"p\" isExecutable=\"true\"><startEvent id=\"s\"><outgoing>f1</outgoing></startEvent>"                    \
        "<sequenceFlow id=\"f1\" sourceRef=\"s\" targetRef=\"a\"/><sequenceFlow id=\"f2\" sourceRef=\"a\" targetRef=\"e\"/>"   \
        "<endEvent id=\"e\"><incoming>f2</incoming></endEvent>"
#define TAIL "</process></definitions>"
#define WAYS "<incoming>f1</incoming><outgoing>f2</outgoing>"
#define FORMAL " xsi:type=\"tFormalExpression\""

struct run {
        struct bpmn_model *m;
        json_t *state;
        struct bpmn_effect last; /* the last effect that is no cancel; its payload is not kept */
        int works, cancels;
        bool ended;
        struct error err;
};

static int go(struct run *r, struct bpmn_event e)
{
        struct bpmn_step out;
        json_t *before = NULL;

        if (r->state != NULL) { /* through its text */
                struct buf text;
                buf_init(&text, (size_t)1 << 20);
                assert_ok(json_canonical(&text, r->state, &r->err), r->err);
                assert_ok(json_read(&before, (struct str){text.p, text.n}, &r->err), r->err);
                buf_dispose(&text);
        }
        int rc = bpmn_step(&out, r->m, before, &e, &r->err);
        json_decref(before);
        for (size_t i = 0; rc == 0 && i < out.count; i++) {
                r->ended = r->ended || out.effects[i].kind == BPMN_DO_END;
                r->cancels += out.effects[i].kind == BPMN_DO_CANCEL;
                if (out.effects[i].kind != BPMN_DO_CANCEL && out.effects[i].kind != BPMN_DO_END) {
                        r->works++;
                        r->last = out.effects[i];
                }
        }
        if (rc == 0) {
                json_decref(r->state);
                r->state = json_incref(out.state);
                bpmn_step_dispose(&out);
        }
        return rc;
}

static void begin(struct run *r, const char *model, const char *variables)
{
        json_t *data = NULL;

        *r = (struct run){.ended = false};
        assert_ok(bpmn_open_full(&r->m, str_from(model), NULL, NULL, &r->err), r->err);
        assert_ok(json_read(&data, str_from(variables), &r->err), r->err);
        assert_ok(go(r, (struct bpmn_event){.kind = BPMN_BEGIN, .data = data}), r->err);
        json_decref(data);
}

static struct bpmn_event last(const struct run *r, enum bpmn_event_kind kind)
{
        return (struct bpmn_event){.kind = kind, .token = r->last.token, .sequence = r->last.sequence};
}

static void end(struct run *r)
{
        json_decref(r->state);
        bpmn_free(r->m);
}

static void scripts_in_feel_change_variables(void **state)
{
        struct run r;

        (void)state;
        begin(&r, HEAD "<scriptTask id=\"a\" scriptFormat=\"FEEL\">" WAYS "<script>{n: n + 1}</script></scriptTask>" TAIL,
              "{\"n\":41}");
        assert_true(r.ended);
        assert_int_equal(json_integer_value(json_object_get(json_object_get(r.state, "variables"), "n")), 42);
        end(&r);
}

static void instances_run_over_a_collection_until_enough(void **state)
{
        struct run r;

        (void)state;
        begin(&r,
              HEAD "<userTask id=\"a\">" WAYS "<multiInstanceLoopCharacteristics><loopCardinality" FORMAL
                   ">3</loopCardinality><completionCondition" FORMAL
                   ">ok</completionCondition></multiInstanceLoopCharacteristics></userTask>" TAIL,
              "{\"ok\":false}");
        assert_int_equal(r.works, 3);
        json_t *yes = json_pack("{s:b}", "ok", 1);
        struct bpmn_event e = last(&r, BPMN_COMPLETE);
        e.data = yes;
        assert_ok(go(&r, e), r.err);
        assert_true(r.ended);
        assert_int_equal(r.cancels, 2);
        json_decref(yes);
        end(&r);
}

static void a_failure_is_caught_at_the_boundary_or_ends_the_step(void **state)
{
        static const char *const caught =
            HEAD "<userTask id=\"a\">" WAYS "</userTask><boundaryEvent id=\"b\" attachedToRef=\"a\"><outgoing>f3</outgoing>"
                 "<errorEventDefinition id=\"d\" errorRef=\"err\"/></boundaryEvent><sequenceFlow id=\"f3\" sourceRef=\"b\" "
                 "targetRef=\"x\"/><userTask id=\"x\"><incoming>f3</incoming><outgoing>f4</outgoing></userTask>"
                 "<sequenceFlow id=\"f4\" sourceRef=\"x\" targetRef=\"e2\"/><endEvent id=\"e2\"><incoming>f4</incoming>"
                 "</endEvent>" TAIL;
        struct run r;

        (void)state;
        begin(&r, caught, "{}");
        struct bpmn_event other = last(&r, BPMN_FAIL);
        other.name = "E2";
        assert_error(go(&r, other), r.err, SB_BPMN_THROWN);
        r.err = (struct error){0};
        other.name = "E1";
        assert_ok(go(&r, other), r.err);
        assert_string_equal(r.last.node->id, "x");
        assert_false(r.ended);
        assert_ok(go(&r, last(&r, BPMN_COMPLETE)), r.err);
        assert_true(r.ended);
        end(&r);
}

static void a_timer_beside_a_task_fires_as_often_as_it_says(void **state)
{
        struct run r;

        (void)state;
        begin(&r,
              HEAD "<userTask id=\"a\">" WAYS "</userTask><boundaryEvent id=\"b\" attachedToRef=\"a\" cancelActivity=\"false\">"
                   "<outgoing>f3</outgoing><timerEventDefinition id=\"d\"><timeCycle" FORMAL ">R2/PT5S</timeCycle>"
                   "</timerEventDefinition></boundaryEvent><sequenceFlow id=\"f3\" sourceRef=\"b\" targetRef=\"e2\"/>"
                   "<endEvent id=\"e2\"><incoming>f3</incoming></endEvent>" TAIL,
              "{}");
        struct bpmn_event task = {.kind = BPMN_COMPLETE, .token = r.last.token, .sequence = r.last.sequence};
        struct bpmn_event timer = {.kind = BPMN_DUE, .token = 2, .sequence = 1};
        assert_ok(go(&r, timer), r.err);
        assert_int_equal(r.works, 3);
        assert_error(go(&r, timer), r.err, SB_BPMN_WAIT);
        r.err = (struct error){0};
        timer.sequence = 2;
        assert_ok(go(&r, timer), r.err);
        assert_int_equal(r.works, 3);
        assert_false(r.ended);
        assert_ok(go(&r, task), r.err);
        assert_true(r.ended);
        end(&r);
}

static void a_signal_is_heard_by_who_waits_and_by_nobody_else(void **state)
{
        struct run r;

        (void)state;
        begin(&r,
              HEAD "<intermediateCatchEvent id=\"a\">" WAYS
                   "<signalEventDefinition id=\"d\" signalRef=\"sig\"/></intermediateCatchEvent>" TAIL,
              "{}");
        assert_ok(go(&r, (struct bpmn_event){.kind = BPMN_HEAR, .trigger = BPMN_SIGNAL, .name = "other"}), r.err);
        assert_false(r.ended);
        assert_ok(go(&r, (struct bpmn_event){.kind = BPMN_HEAR, .trigger = BPMN_SIGNAL, .name = "sig"}), r.err);
        assert_true(r.ended);
        end(&r);
}

static void a_loop_without_end_is_an_error(void **state)
{
        struct bpmn_model *m = NULL;
        struct bpmn_step out;
        struct error err = {0};

        (void)state;
        assert_ok(bpmn_open_full(&m,
                                 str_from(HEAD "<task id=\"a\">" WAYS "<standardLoopCharacteristics><loopCondition" FORMAL
                                               ">true</loopCondition></standardLoopCharacteristics></task>" TAIL),
                                 NULL, NULL, &err),
                  err);
        struct bpmn_event e = {.kind = BPMN_BEGIN};
        assert_error(bpmn_step(&out, m, NULL, &e, &err), err, SB_LIMIT);
        bpmn_free(m);
}

/* --- what others' suites ask beside that --------------------------------------------------------------------------------------- */

#define SCRIPT(id, value)                                                                                                      \
        "<scriptTask id=\"" id "\" scriptFormat=\"FEEL\"><script>{trace: concatenate(trace, [\"" value "\"])}</script></"      \
        "scriptTask>"
#define OWN(body)                                                                                                              \
        "<definitions xmlns=\"" BPMN_NS "\" xmlns:shebao=\"" BPMN_NS_SHEBAO "\"><signal id=\"sig\" name=\"s\"/><signal "       \
        "id=\"sig2\" name=\"s2\"/><signalEventDefinition id=\"thrown\" signalRef=\"sig\"/><message id=\"ma\" name=\"a\"/>"     \
        "<message id=\"mb\" name=\"b\"/><process id=\"p\" isExecutable=\"true\">" body "</process></definitions>"
#define TO(id, from, to) "<sequenceFlow id=\"" id "\" sourceRef=\"" from "\" targetRef=\"" to "\"/>"
#define LOG "{\"trace\":[]}"

static void own(struct run *r, const char *model, const char *variables)
{
        json_t *data = NULL;

        *r = (struct run){.ended = false};
        assert_ok(bpmn_open(&r->m, str_from(model), NULL, NULL, &r->err), r->err);
        assert_ok(json_read(&data, str_from(variables), &r->err), r->err);
        assert_ok(go(r, (struct bpmn_event){.kind = BPMN_BEGIN, .data = data}), r->err);
        json_decref(data);
}

/* The words that were logged, in order, each followed by a blank. */
static void log_is(const struct run *r, const char *words)
{
        char text[400] = "";
        size_t n = 0, k;
        json_t *x;

        json_array_foreach(json_object_get(json_object_get(r->state, "variables"), "trace"), k, x) n +=
            strlen(text_format(text + n, sizeof text - n, "%s ", json_string_value(x)));
        assert_string_equal(text, words);
}

#define RUNS(attributes, body)                                                                                                 \
        OWN("<startEvent id=\"s\"/><scriptTask id=\"t\" scriptFormat=\"FEEL\"><multiInstanceLoopCharacteristics "              \
            "isSequential=\"true\" " attributes "><loopCardinality>3</loopCardinality>" body                                   \
            "</multiInstanceLoopCharacteristics><script>{trace: concatenate(trace, [\"run\"])}</script></scriptTask>"          \
            "<boundaryEvent id=\"b\" attachedToRef=\"t\" cancelActivity=\"false\"><signalEventDefinition signalRef=\"sig\"/>"  \
            "</boundaryEvent>" SCRIPT("x", "event") SCRIPT("y", "after") "<endEvent id=\"e\"/>" TO("f1", "s", "t")             \
                TO("f2", "t", "y") TO("f3", "y", "e") TO("f4", "b", "x") TO("f5", "x", "e"))

static int count(const struct run *r, const char *word)
{
        int n = 0;
        size_t k;
        json_t *x;

        json_array_foreach(json_object_get(json_object_get(r->state, "variables"), "trace"), k, x)
        {
                n += strcmp(json_string_value(x), word) == 0;
        }
        return n;
}

static void runs_throw_by_their_behaviour(void **state)
{
        static const struct {
                const char *model;
                int events;
        } cases[] = {
            {RUNS("", ""), 0},
            {RUNS("behavior=\"All\"", ""), 0},
            {RUNS("behavior=\"None\" noneBehaviorEventRef=\"thrown\"", ""), 3},
            {RUNS("behavior=\"One\" oneBehaviorEventRef=\"thrown\"", ""), 1},
            {RUNS("behavior=\"Complex\"", "<complexBehaviorDefinition><condition>count(trace) &gt;= 3</condition><event>"
                                          "<signalEventDefinition signalRef=\"sig\"/></event></complexBehaviorDefinition>"),
             1},
        };

        (void)state;
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
                struct run r;
                own(&r, cases[i].model, LOG);
                assert_true(r.ended);
                assert_int_equal(count(&r, "run"), 3);
                assert_int_equal(count(&r, "event"), cases[i].events);
                assert_int_equal(count(&r, "after"), 1);
                end(&r);
        }
}

static void an_event_sub_process_undoes_what_holds_it(void **state)
{
        static const char model[] = OWN(
            "<startEvent id=\"s\"/><subProcess id=\"sub\"><startEvent id=\"is\"/>" SCRIPT(
                "done", "done") "<endEvent id=\"ie\"/>" TO("i1", "is", "done")
                TO("i2", "done", "ie") "<subProcess id=\"undo\" triggeredByEvent=\"true\"><startEvent "
                                       "id=\"us\"><compensateEventDefinition/></startEvent>" SCRIPT(
                                           "back", "undone") "<endEvent id=\"ue\"/>" TO("u1", "us", "back")
                                           TO("u2", "back", "ue") "</subProcess></subProcess><intermediateThrowEvent "
                                                                  "id=\"throw\"><compensateEventDefinition/>"
                                                                  "</intermediateThrowEvent>" SCRIPT(
                                                                      "x", "after") "<endEvent id=\"e\"/>" TO("f1", "s", "sub")
                                                                      TO("f2", "sub", "throw") TO("f3", "throw", "x")
                                                                          TO("f4", "x", "e"));
        struct run r;

        (void)state;
        own(&r, model, LOG);
        assert_true(r.ended);
        log_is(&r, "done undone after ");
        end(&r);
}

static struct bpmn_event heard(const char *name)
{
        return (struct bpmn_event){.kind = BPMN_HEAR, .trigger = BPMN_MESSAGE, .name = name};
}

static void a_gateway_of_events_begins_a_process(void **state)
{
#define CHOICE(type)                                                                                                           \
        OWN("<eventBasedGateway id=\"g\" instantiate=\"true\" eventGatewayType=\"" type "\"/><intermediateCatchEvent "         \
            "id=\"ca\"><messageEventDefinition messageRef=\"ma\"/></intermediateCatchEvent><intermediateCatchEvent id=\"cb\">" \
            "<messageEventDefinition messageRef=\"mb\"/></intermediateCatchEvent><userTask id=\"t\" shebao:role=\"clerk\"/>"   \
            "<endEvent id=\"e\"/>" TO("f1", "g", "ca") TO("f2", "g", "cb") TO("f3", "ca", "t") TO("f4", "cb", "t")             \
                TO("f5", "t", "e"))
        struct run r = {.ended = false};

        (void)state;
        for (int parallel = 0; parallel < 2; parallel++) {
                r = (struct run){.ended = false};
                assert_ok(bpmn_open(&r.m, str_from(parallel ? CHOICE("Parallel") : CHOICE("Exclusive")), NULL, NULL, &r.err),
                          r.err);
                int start = bpmn_start_find(r.m, BPMN_MESSAGE, "b", -1);
                assert_string_equal(bpmn_node(r.m, start)->id, "cb");
                assert_ok(go(&r, (struct bpmn_event){.kind = BPMN_BEGIN, .start = start + 1}), r.err);
                struct bpmn_event task = last(&r, BPMN_COMPLETE);
                if (parallel) /* the task came first, then the event that is still needed */
                        task.token =
                            json_integer_value(json_object_get(json_array_get(json_object_get(r.state, "tokens"), 1), "id"));
                task.sequence = 1;
                assert_ok(go(&r, task), r.err);
                assert_int_equal(r.ended, !parallel);
                if (parallel) {
                        assert_ok(go(&r, heard("a")), r.err);
                        assert_ok(go(&r, last(&r, BPMN_COMPLETE)), r.err);
                        assert_true(r.ended);
                }
                end(&r);
        }
}

static void conditions_of_other_makers_are_translated(void **state)
{
        static const struct {
                const char *condition;
                bool holds;
        } cases[] = {
            {"${test.contains('a') &amp;&amp; n == 3}", true},
            {"!test.contains(\"x\") &amp;&amp; !(n &gt; 5)", true},
            {"${!ok}", false},
            {"${ok || n &lt; 0}", true},
            {"test.startsWith('ab') and not(test.endsWith(\"z\"))", true},
            {"${test.equals('abc')}", true},
            {"test.length() == 3 &amp;&amp; n != 4", true},
            {"test == 'say \"no\"'", false},
            {"n &lt; 3", false},
            {"${test.isEmpty()}", false},
        };

        (void)state;
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
                struct run r;
                char model[3000];
                text_format(model, sizeof model,
                            HEAD
                            "<exclusiveGateway id=\"a\" default=\"f2\">" WAYS "<outgoing>f3</outgoing></exclusiveGateway>"
                            "<sequenceFlow id=\"f3\" sourceRef=\"a\" targetRef=\"x\"><conditionExpression" FORMAL
                            ">%s</conditionExpression></sequenceFlow><userTask id=\"x\"><incoming>f3</incoming><outgoing>f4"
                            "</outgoing></userTask><sequenceFlow id=\"f4\" sourceRef=\"x\" targetRef=\"e2\"/><endEvent "
                            "id=\"e2\"><incoming>f4</incoming></endEvent>" TAIL,
                            cases[i].condition);
                begin(&r, model, "{\"test\":\"abc\",\"n\":3,\"ok\":true}");
                if (r.ended == cases[i].holds)
                        fail_msg("%s", cases[i].condition);
                end(&r);
        }
}

static void a_process_of_a_date_waits_for_it(void **state)
{
        static const char model[] =
            "<definitions xmlns=\"" BPMN_NS "\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" targetNamespace=\"t\">"
            "<process id=\"p\" isExecutable=\"true\"><startEvent id=\"s\"><outgoing>f1</outgoing><timerEventDefinition "
            "id=\"d\">"
            "<timeDuration" FORMAL ">PT5S</timeDuration></timerEventDefinition></startEvent><sequenceFlow id=\"f1\" "
            "sourceRef=\"s\" targetRef=\"e\"/><endEvent id=\"e\"><incoming>f1</incoming></endEvent></process></definitions>";
        struct run r;

        (void)state;
        begin(&r, model, "{}");
        assert_false(r.ended);
        assert_int_equal(r.last.kind, BPMN_DO_TIMER);
        assert_int_equal(r.last.at, 5000000);
        assert_ok(go(&r, last(&r, BPMN_DUE)), r.err);
        assert_true(r.ended);
        end(&r);
}

static void a_message_brings_what_the_outputs_take(void **state)
{
        static const char model[] =
            OWN("<startEvent id=\"s\"/><receiveTask id=\"t\" messageRef=\"ma\" shebao:key=\"who\">"
                "<extensionElements><shebao:output name=\"got\" value=\"result.sum + 1\"/>"
                "</extensionElements></receiveTask><endEvent id=\"e\"/>" TO("f1", "s", "t") TO("f2", "t", "e"));
        json_t *body = json_pack("{s:i,s:i}", "sum", 41, "other", 1);
        struct run r;

        (void)state;
        own(&r, model, "{\"who\":7}");
        assert_int_equal(r.last.kind, BPMN_DO_LISTEN);
        assert_string_equal(r.last.key, "7");
        struct bpmn_event e = heard("a");
        e.token = r.last.token + 1; /* somebody else */
        assert_ok(go(&r, e), r.err);
        assert_false(r.ended);
        e.token = r.last.token;
        e.data = body;
        assert_ok(go(&r, e), r.err);
        assert_true(r.ended);
        assert_int_equal(json_integer_value(json_object_get(json_object_get(r.state, "variables"), "got")), 42);
        assert_null(json_object_get(json_object_get(r.state, "variables"), "other"));
        json_decref(body);
        end(&r);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(runs_throw_by_their_behaviour),
            cmocka_unit_test(an_event_sub_process_undoes_what_holds_it),
            cmocka_unit_test(a_gateway_of_events_begins_a_process),
            cmocka_unit_test(conditions_of_other_makers_are_translated),
            cmocka_unit_test(a_process_of_a_date_waits_for_it),
            cmocka_unit_test(a_message_brings_what_the_outputs_take),
            cmocka_unit_test(scripts_in_feel_change_variables),
            cmocka_unit_test(instances_run_over_a_collection_until_enough),
            cmocka_unit_test(a_failure_is_caught_at_the_boundary_or_ends_the_step),
            cmocka_unit_test(a_timer_beside_a_task_fires_as_often_as_it_says),
            cmocka_unit_test(a_signal_is_heard_by_who_waits_and_by_nobody_else),
            cmocka_unit_test(a_loop_without_end_is_an_error),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
