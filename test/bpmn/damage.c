/* SPDX-License-Identifier: Apache-2.0
 *
 * States of processes that were damaged where they were stored: each step from one gives a state that can be read again, or an error
 * that says what is wrong, and never reads beyond what is there. The models hold what keeps most in a state: loops, compensation,
 * transactions, listeners, gateways of events and complex ones, calls and ad-hoc work.
 */
#include "base/rng.h"
#include "engine/bpmn/bpmn.h"
#include "testing.h"

#include <string.h>

#define MODEL(body)                                                                                                            \
        "<definitions xmlns=\"" BPMN_NS "\" xmlns:shebao=\"" BPMN_NS_SHEBAO "\"><signal id=\"sig\" name=\"s\"/><message "      \
        "id=\"ma\" name=\"a\"/><error id=\"er\" errorCode=\"E\"/><escalation id=\"es\" escalationCode=\"X\"/><process "        \
        "id=\"p\" isExecutable=\"true\">" body "</process><process id=\"q\" isExecutable=\"true\"><startEvent id=\"qs\"/>"     \
        "<userTask id=\"qt\" shebao:role=\"clerk\"/><endEvent id=\"qe\"/>" TO("q1", "qs", "qt")                                \
            TO("q2", "qt", "qe") "</process></definitions>"
#define TO(id, from, to) "<sequenceFlow id=\"" id "\" sourceRef=\"" from "\" targetRef=\"" to "\"/>"
#define USER(id) "<userTask id=\"" id "\" shebao:role=\"clerk\"/>"
#define START "<startEvent id=\"s\"/>"
#define END "<endEvent id=\"e\"/>"

static const char *const MODELS[] = {
    /* a transaction that is cancelled, with work to undo */
    MODEL(START "<transaction id=\"tx\"><startEvent id=\"ts\"/>" USER(
        "do") "<boundaryEvent id=\"cb\" attachedToRef=\"do\">"
              "<compensateEventDefinition/></boundaryEvent><userTask id=\"undo\" shebao:role=\"clerk\" "
              "isForCompensation=\"true\"/>"
              "<association id=\"as\" sourceRef=\"cb\" targetRef=\"undo\"/>" USER(
                  "choose") "<exclusiveGateway id=\"g\" default=\"t5\"/><endEvent id=\"te\"/><endEvent "
                            "id=\"tc\"><cancelEventDefinition/></endEvent>" TO("t1", "ts", "do") TO("t2", "do", "choose") TO(
                                "t3", "choose", "g") "<sequenceFlow id=\"t4\" sourceRef=\"g\" "
                                                     "targetRef=\"te\"><conditionExpression>n = "
                                                     "1</conditionExpression></sequenceFlow>" TO(
                                                         "t5", "g", "tc") "</transaction><boundaryEvent id=\"b\" "
                                                                          "attachedToRef=\"tx\"><cancelEventDefinition/></"
                                                                          "boundaryEvent>" USER("after") END TO("f1", "s", "tx")
                                                                              TO("f2", "tx", "e") TO("f3", "b", "after")
                                                                                  TO("f4", "after", "e")),
    /* runs side by side and one by one, a timer and a signal beside them */
    MODEL(START
          "<userTask id=\"a\" shebao:role=\"clerk\"><multiInstanceLoopCharacteristics><loopCardinality>3</loopCardinality>"
          "<completionCondition>ok</completionCondition></multiInstanceLoopCharacteristics></userTask><boundaryEvent id=\"b\" "
          "attachedToRef=\"a\" cancelActivity=\"false\"><timerEventDefinition><timeCycle>R2/PT5S</timeCycle>"
          "</timerEventDefinition></boundaryEvent><boundaryEvent id=\"c\" attachedToRef=\"a\"><signalEventDefinition "
          "signalRef=\"sig\"/></boundaryEvent><userTask id=\"d\" shebao:role=\"clerk\"><standardLoopCharacteristics "
          "loopMaximum=\"2\"><loopCondition>true</loopCondition></standardLoopCharacteristics></userTask>" END TO(
              "f1", "s", "a") TO("f2", "a", "d") TO("f3", "d", "e") TO("f4", "b", "e") TO("f5", "c", "e")),
    /* a gateway of events, an event sub-process that listens, a parallel join */
    MODEL(
        START
        "<parallelGateway id=\"g1\"/><eventBasedGateway id=\"eg\"/><intermediateCatchEvent id=\"m\"><messageEventDefinition "
        "messageRef=\"ma\"/></intermediateCatchEvent><intermediateCatchEvent id=\"tm\"><timerEventDefinition><timeDuration>P1D"
        "</timeDuration></timerEventDefinition></intermediateCatchEvent>" USER(
            "u") "<parallelGateway id=\"g2\"/>" END "<subProcess id=\"ev\" triggeredByEvent=\"true\"><startEvent id=\"es1\" "
                 "isInterrupting=\"false\"><signalEventDefinition "
                 "signalRef=\"sig\"/></startEvent>" USER("eu") "<endEvent id=\"ee\"/>" TO("e1", "es1", "eu")
                     TO("e2", "eu", "ee") "</subProcess><exclusiveGateway id=\"x\"/>" TO("f1", "s", "g1") TO("f2", "g1", "eg")
                         TO("f3", "g1", "u") TO("f4", "eg", "m") TO("f5", "eg", "tm") TO("f6", "m", "x") TO("f7", "tm", "x")
                             TO("f8", "x", "g2") TO("f9", "u", "g2") TO("f10", "g2", "e")),
    /* a call, an escalation out of a sub-process, compensation thrown by the flow */
    MODEL(START
          "<callActivity id=\"ca\" calledElement=\"q\"/><boundaryEvent id=\"cc\" "
          "attachedToRef=\"ca\"><compensateEventDefinition/>"
          "</boundaryEvent><userTask id=\"un\" shebao:role=\"clerk\" isForCompensation=\"true\"/><association id=\"as\" "
          "sourceRef=\"cc\" targetRef=\"un\"/><subProcess id=\"sp\"><startEvent id=\"ss\"/>" USER(
              "su") "<endEvent id=\"se\"><escalationEventDefinition escalationRef=\"es\"/></endEvent>" TO("s1", "ss", "su")
              TO("s2", "su",
                 "se") "</subProcess><boundaryEvent id=\"be\" attachedToRef=\"sp\"><escalationEventDefinition "
                       "escalationRef=\"es\"/></boundaryEvent><intermediateThrowEvent id=\"th\"><compensateEventDefinition/>"
                       "</intermediateThrowEvent>" END TO("f1", "s", "ca") TO("f2", "ca", "sp") TO("f3", "sp", "th")
                           TO("f4", "be", "th") TO("f5", "th", "e")),
    /* ad-hoc work one after the other, a task that gathers two tokens */
    MODEL(START "<adHocSubProcess id=\"ah\" ordering=\"Sequential\">" USER("w1")
              USER("w2") "</adHocSubProcess><parallelGateway "
                         "id=\"g\"/><userTask id=\"two\" shebao:role=\"clerk\" startQuantity=\"2\"/>" END TO("f1", "s", "ah")
                             TO("f2", "ah", "g") TO("f3", "g", "two") TO("f4", "g", "two") TO("f5", "two", "e")),
};
#define MODEL_COUNT (sizeof MODELS / sizeof MODELS[0])

static json_t *pick_token(const json_t *state, struct rng *r)
{
        json_t *tokens = json_object_get(state, "tokens");
        size_t n = json_array_size(tokens);

        return n == 0 ? NULL : json_array_get(tokens, rng_below(r, (uint32_t)n));
}

/* Something that may happen, mostly to a token that is there. */
static struct bpmn_event event_make(const json_t *state, struct rng *r, const json_t *data)
{
        static const enum bpmn_event_kind KINDS[] = {BPMN_COMPLETE, BPMN_COMPLETE, BPMN_COMPLETE,
                                                     BPMN_DUE,      BPMN_FAIL,     BPMN_HEAR};
        const json_t *t = pick_token(state, r);
        struct bpmn_event e = {.kind = KINDS[rng_below(r, 6)], .data = data};

        e.token = json_integer_value(json_object_get(t, "id"));
        e.sequence = json_integer_value(json_object_get(t, "sequence"));
        e.trigger = rng_below(r, 2) == 0 ? BPMN_SIGNAL : BPMN_MESSAGE;
        if (e.kind == BPMN_HEAR) {
                e.name = e.trigger == BPMN_SIGNAL ? "s" : "a";
                e.token = rng_below(r, 3) == 0 ? e.token : 0;
        } else if (e.kind == BPMN_FAIL) {
                e.name = rng_below(r, 2) == 0 ? "E" : NULL;
        }
        return e;
}

static json_t *number_or_word(struct rng *r)
{
        static const char *const WORDS[] = {"task", "join",    "scope", "throw",  "undo", "done", "call", "event", "timer",
                                            "",     "service", "rule",  "script", "do",   "undo", "a",    "b",     "g1",
                                            "g2",   "th",      "tc",    "tx",     "s",    "e",    "ah",   "two",   "eg",
                                            "m",    "ca",      "sp",    "f1",     "f2",   "t4",   "qt",   "ev",    "es1"};

        switch (rng_below(r, 8)) {
        case 0:
                return json_integer((json_int_t)rng_between(r, -3, 12));
        case 1:
                return json_integer(INT64_MAX - (json_int_t)rng_below(r, 2));
        case 2:
                return rng_below(r, 2) == 0 ? json_true() : json_null();
        case 3:
                return rng_below(r, 2) == 0 ? json_array() : json_object();
        case 4:
                return json_integer((json_int_t)rng_below(r, 4));
        default:
                return json_string(WORDS[rng_below(r, sizeof WORDS / sizeof WORDS[0])]);
        }
}

/* One or two things of a state are other than they were. */
static json_t *damaged(const json_t *state, struct rng *r)
{
        static const char *const OF_TOKEN[] = {"id",     "sequence", "node",  "wait",   "flow", "parent",
                                               "begun",  "done",     "total", "seen",   "part", "held",
                                               "locals", "wait",     "node",  "parent", "part", "begun"};
        static const char *const OF_STATE[] = {"v", "process", "next", "tokens", "variables"};
        json_t *out = json_deep_copy(state);

        for (uint32_t n = 1 + rng_below(r, 2); n > 0; n--) {
                json_t *tokens = json_object_get(out, "tokens"), *t = pick_token(out, r);
                uint32_t way = rng_below(r, 10);
                if (way == 0 || !json_is_object(t)) {
                        assert_int_equal(json_object_set_new(out, OF_STATE[rng_below(r, 5)], number_or_word(r)), 0);
                } else if (way == 1) {
                        json_array_remove(tokens, rng_below(r, (uint32_t)json_array_size(tokens)));
                } else if (way == 2) {
                        json_array_append_new(tokens, json_deep_copy(t));
                } else if (way == 3) {
                        json_object_del(t, OF_TOKEN[rng_below(r, sizeof OF_TOKEN / sizeof OF_TOKEN[0])]);
                } else {
                        const char *name = OF_TOKEN[rng_below(r, sizeof OF_TOKEN / sizeof OF_TOKEN[0])];
                        json_object_set_new(t, name, number_or_word(r));
                }
        }
        return out;
}

/* What one step makes of a state can be read, and is refused, when at all, by an error that is meant for it. */
static json_t *stepped(const struct bpmn_model *m, const json_t *state, const struct bpmn_event *e, int *refused)
{
        static const enum error_code EXPECTED[] = {SB_BPMN_STATE,   SB_BPMN_WAIT,      SB_BPMN_THROWN,
                                                   SB_BPMN_NO_FLOW, SB_BPMN_CONDITION, SB_BPMN_EXPRESSION,
                                                   SB_LIMIT,        SB_FIELD_MISSING,  SB_FIELD_TYPE};
        struct bpmn_step out;
        struct error err = {0};

        if (bpmn_step(&out, m, state, e, &err) == 0) {
                json_t *next = json_incref(out.state);
                bpmn_step_dispose(&out);
                return next;
        }
        bool known = false;
        for (size_t i = 0; i < sizeof EXPECTED / sizeof EXPECTED[0]; i++)
                known = known || err.code == EXPECTED[i];
        if (!known) {
                char *text = json_dumps(state, JSON_COMPACT);
                fail_msg("error %d of %s", (int)err.code, text);
        }
        ++*refused;
        return NULL;
}

static void damaged_states_are_refused_or_carried_on(void **state)
{
        struct rng r = rng_new(4, 6);
        int refused = 0, carried = 0, ended = 0;

        (void)state;
        for (size_t k = 0; k < MODEL_COUNT * 6; k++) {
                struct bpmn_model *m = NULL;
                struct error err = {0};
                assert_ok(bpmn_open(&m, str_from(MODELS[k % MODEL_COUNT]), NULL, NULL, &err), err);
                json_t *data = json_pack("{s:i,s:b}", "n", (int)rng_below(&r, 2), "ok", 0);
                struct bpmn_event begin = {.kind = BPMN_BEGIN, .data = data};
                json_t *now = stepped(m, NULL, &begin, &refused);
                assert_non_null(now);
                for (int step = 0; step < 30 && json_array_size(json_object_get(now, "tokens")) > 0; step++) {
                        for (int i = 0; i < 40; i++) {
                                json_t *bad = damaged(now, &r);
                                struct bpmn_event e = event_make(bad, &r, data);
                                json_t *next = stepped(m, bad, &e, &refused);
                                (void)bpmn_catches(m, bad, e.token, "E");
                                if (next != NULL) { /* it can be read again */
                                        struct bpmn_event nobody = {.kind = BPMN_HEAR, .trigger = BPMN_SIGNAL, .name = "none"};
                                        json_t *again = stepped(m, next, &nobody, &refused);
                                        json_decref(again);
                                        carried++;
                                }
                                json_decref(next);
                                json_decref(bad);
                        }
                        struct bpmn_event e = event_make(now, &r, data);
                        json_t *next = stepped(m, now, &e, &refused);
                        if (next != NULL) {
                                json_decref(now);
                                now = next;
                        }
                }
                ended += json_array_size(json_object_get(now, "tokens")) == 0;
                json_decref(now);
                json_decref(data);
                bpmn_free(m);
        }
        assert_true(refused > 1000 && carried > 200 && ended > 5);
}

int main(void)
{
        const struct CMUnitTest tests[] = {cmocka_unit_test(damaged_states_are_refused_or_carried_on)};

        return cmocka_run_group_tests(tests, NULL, NULL);
}
