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

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(scripts_in_feel_change_variables),
            cmocka_unit_test(instances_run_over_a_collection_until_enough),
            cmocka_unit_test(a_failure_is_caught_at_the_boundary_or_ends_the_step),
            cmocka_unit_test(a_timer_beside_a_task_fires_as_often_as_it_says),
            cmocka_unit_test(a_signal_is_heard_by_who_waits_and_by_nobody_else),
            cmocka_unit_test(a_loop_without_end_is_an_error),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
