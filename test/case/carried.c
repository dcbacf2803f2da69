/* SPDX-License-Identifier: Apache-2.0
 *
 * What BPMN has beyond the usual, carried by a case with rows and verbs on both databases: escalation, compensation, a transaction that is
 * cancelled, an ad-hoc sub-process, conditional events and several instances. Every step is done by a house opened anew, so that
 * nothing is kept but what stands in the database.
 */
#include "case/office.h"

#include "engine/bpmn/bpmn.h"

#include <string.h>

#define STATE "SELECT state FROM process_instance WHERE id = ?1@int"
#define THINGS "SELECT COUNT(*) FROM outbox WHERE target_home = ?1@int"
#define OPEN "SELECT COUNT(*) FROM task WHERE instance = ?1@int AND state = 'open'"
#define OPEN_AT(node) "SELECT COUNT(*) FROM task WHERE instance = ?1@int AND state = 'open' AND node = '" node "'"

#define HEAD(id)                                                                                                               \
        "<definitions xmlns=\"" BPMN_NS "\" xmlns:shebao=\"" BPMN_NS_SHEBAO "\"><escalation id=\"x1\" escalationCode=\"UP\"/>" \
        "<process id=\"" id "\" name=\"流程\" isExecutable=\"true\"><startEvent id=\"start\"/>"
#define TAIL "<endEvent id=\"end\"/></process></definitions>"
#define FLOW(id, from, to) "<sequenceFlow id=\"" id "\" sourceRef=\"" from "\" targetRef=\"" to "\"/>"
#define WHEN(id, from, to, condition)                                                                                          \
        "<sequenceFlow id=\"" id "\" sourceRef=\"" from "\" targetRef=\"" to "\"><conditionExpression>" condition              \
        "</conditionExpression></sequenceFlow>"
#define USER(id) "<userTask id=\"" id "\" shebao:role=\"clerk\"/>"
#define DECIDE(id)                                                                                                             \
        "<userTask id=\"" id "\" shebao:role=\"clerk\"><extensionElements><shebao:output name=\"" id                           \
        "\" value=\"result.decision\"/></extensionElements></userTask>"
#define THING(id, more)                                                                                                        \
        "<serviceTask id=\"" id "\" shebao:verb=\"thing.do\" " more                                                            \
        "><extensionElements><shebao:input name=\"n\" value=\"1\"/></extensionElements></serviceTask>"
/* A thing that is undone by another. */
#define UNDONE(id, by)                                                                                                         \
        THING(id, "")                                                                                                          \
        "<boundaryEvent id=\"" id "_back\" attachedToRef=\"" id "\"><compensateEventDefinition/></boundaryEvent>" THING(       \
            by, "isForCompensation=\"true\"") "<association id=\"" id "_as\" associationDirection=\"One\" sourceRef=\"" id     \
                                              "_back\" targetRef=\"" by "\"/>"

/* C1: an escalation inside is told outside, and both go on. */
static const char C1[] =
    HEAD("C1") "<subProcess id=\"sub\"><startEvent id=\"ss\"/><intermediateThrowEvent id=\"up\"><escalationEventDefinition "
               "escalationRef=\"x1\"/></intermediateThrowEvent>" USER("inner") "<endEvent id=\"se\"/>" FLOW("s1", "ss", "up")
                   FLOW("s2", "up", "inner")
                       FLOW("s3", "inner", "se") "</subProcess><boundaryEvent id=\"told\" attachedToRef="
                                                 "\"sub\" cancelActivity=\"false\"><escalationEventDefi"
                                                 "nition escalationRef=\"x1\"/></boundaryEvent>" USER("head")
                                                     FLOW("f1", "start", "sub") FLOW("f2", "sub", "end")
                                                         FLOW("f3", "told", "head") FLOW("f4", "head", "end") TAIL;
/* C2: what was done is undone by its verb when the model says so. */
static const char C2[] = HEAD("C2") UNDONE("do", "undo")
    DECIDE("ask") "<exclusiveGateway id=\"ok\"/>"
                  "<intermediateThrowEvent id=\"back\">"
                  "<compensateEventDefinition/></intermediateThrowEvent>" FLOW("f1", "start", "do") FLOW("f2", "do", "ask")
                      FLOW("f3", "ask", "ok") WHEN("f4", "ok", "back", "ask = \"reject\"")
                          WHEN("f5", "ok", "end", "ask = \"approve\"") FLOW("f6", "back", "end") TAIL;
/* C3: a transaction that is cancelled undoes what it did, and the case goes on from there. */
static const char C3[] = HEAD("C3") "<transaction id=\"tx\"><startEvent id=\"ts\"/>" UNDONE("do", "undo")
    DECIDE("ask") "<exclusiveGateway id=\"ok\"/><endEvent id=\"te\"/><endEvent "
                  "id=\"no\"><cancelEventDefinition/></endEvent>" FLOW("t1", "ts", "do") FLOW("t2", "do", "ask")
                      FLOW("t3", "ask", "ok") WHEN("t4", "ok", "no", "ask = \"reject\"")
                          WHEN("t5", "ok", "te",
                               "ask = \"approve\"") "</transaction><boundaryEvent id=\"gone\" attachedToRef=\"tx\">"
                                                    "<cancelEventDefinition/></boundaryEvent>" USER("again")
                                                        FLOW("f1", "start", "tx") FLOW("f2", "tx", "end")
                                                            FLOW("f3", "gone", "again") FLOW("f4", "again", "end") TAIL;
/* C4: two things in any order. */
static const char C4[] = HEAD("C4") "<adHocSubProcess id=\"any\" ordering=\"Parallel\">" USER("one")
    USER("two") "<completionCondition>false</completionCondition></adHocSubProcess>" FLOW("f1", "start", "any")
        FLOW("f2", "any", "end") TAIL;
/* C5: waits until the variables say so, which another branch brings about. */
static const char C5[] = HEAD("C5") "<parallelGateway id=\"fork\"/><parallelGateway id=\"join\"/>" DECIDE(
    "ask") "<intermediateCatchEvent id=\"until\"><conditionalEventDefinition><condition>ask = \"approve\"</condition>"
           "</conditionalEventDefinition></intermediateCatchEvent>" THING("do", "") FLOW("f1", "start", "fork")
               FLOW("f2", "fork", "ask") FLOW("f3", "fork", "until") FLOW("f4", "until", "do") FLOW("f5", "do", "join")
                   FLOW("f6", "ask", "join") FLOW("f7", "join", "end") TAIL;
/* C6: three verbs one after the other, then three people side by side. */
static const char C6[] =
    HEAD("C6") "<serviceTask id=\"do\" shebao:verb=\"thing.do\"><extensionElements><shebao:input name=\"n\" value=\"1\"/>"
               "</extensionElements><multiInstanceLoopCharacteristics isSequential=\"true\"><loopCardinality>3</"
               "loopCardinality></multiInstanceLoopCharacteristics></serviceTask><userTask id=\"look\" shebao:role=\"clerk\">"
               "<multiInstanceLoopCharacteristics><loopCardinality>3</loopCardinality></multiInstanceLoopCharacteristics>"
               "</userTask>" FLOW("f1", "start", "do") FLOW("f2", "do", "look") FLOW("f3", "look", "end") TAIL;

/* C7: a sub-process for each, one after the other. */
static const char C7[] =
    HEAD("C7") "<subProcess id=\"each\"><incoming>f1</incoming><outgoing>f2</outgoing><startEvent id=\"ss\"/>" THING("do", "")
        USER("look") "<endEvent id=\"se\"/>" FLOW("s1", "ss", "do") FLOW("s2", "do", "look") FLOW(
            "s3", "look", "se") "<multiInstanceLoopCharacteristics isSequential=\"true\"><loopCardinality>2</loopCardinality>"
                                "</multiInstanceLoopCharacteristics></subProcess>" FLOW("f1", "start", "each")
                                    FLOW("f2", "each", "end") TAIL;

static const struct desk_file files[] = {
    {"processes/C1.bpmn", C1}, {"processes/C2.bpmn", C2}, {"processes/C3.bpmn", C3}, {"processes/C4.bpmn", C4},
    {"processes/C5.bpmn", C5}, {"processes/C6.bpmn", C6}, {"processes/C7.bpmn", C7}, {NULL, NULL}};

/* The house of the last step is gone. */
static void anew(struct desk **d, const char *url)
{
        int keys = (*d)->keys;

        desk_close(*d);
        *d = desk_open(test_store_open(url), false);
        (*d)->keys = keys;
}

static struct desk *fresh(void **state, char url[256])
{
        if (test_store_url(*(enum test_engine *)*state, url) == NULL)
                skip();
        struct desk *d = desk_open(test_store_open(url), true);
        desk_pack(d, files);
        return d;
}

static void decide(struct desk **d, const char *url, int64_t id, const char *decision)
{
        anew(d, url);
        assert_int_equal(desk_decide(*d, id, 1, ROLE_CLERK, decision), SB_OK);
}

static void an_escalation_is_told_outside(void **state)
{
        char url[256];
        struct desk *d = fresh(state, url);
        int64_t id = desk_start(d, "C1", "{}");

        assert_int_equal(desk_int(d, OPEN_AT("inner"), id), 1);
        assert_int_equal(desk_int(d, OPEN_AT("head"), id), 1);
        decide(&d, url, id, "approve");
        assert_string_equal(desk_text(d, STATE, id), "active");
        decide(&d, url, id, "approve");
        assert_string_equal(desk_text(d, STATE, id), "done");
        desk_close(d);
}

static void what_was_done_is_undone_by_its_verb(void **state)
{
        char url[256];
        struct desk *d = fresh(state, url);
        int64_t kept = desk_start(d, "C2", "{}"), undone = desk_start(d, "C2", "{}");

        assert_int_equal(desk_int(d, THINGS, undone), 1);
        decide(&d, url, kept, "approve");
        assert_string_equal(desk_text(d, STATE, kept), "done");
        assert_int_equal(desk_int(d, THINGS, kept), 1);
        decide(&d, url, undone, "reject");
        assert_string_equal(desk_text(d, STATE, undone), "done");
        assert_int_equal(desk_int(d, THINGS, undone), 2);
        desk_close(d);
}

static void a_cancelled_transaction_undoes_what_it_did(void **state)
{
        char url[256];
        struct desk *d = fresh(state, url);
        int64_t kept = desk_start(d, "C3", "{}"), gone = desk_start(d, "C3", "{}");

        decide(&d, url, kept, "approve");
        assert_string_equal(desk_text(d, STATE, kept), "done");
        assert_int_equal(desk_int(d, THINGS, kept), 1);
        decide(&d, url, gone, "reject");
        assert_int_equal(desk_int(d, THINGS, gone), 2);
        assert_int_equal(desk_int(d, OPEN_AT("again"), gone), 1);
        assert_int_equal(desk_int(d, OPEN, gone), 1);
        decide(&d, url, gone, "approve");
        assert_string_equal(desk_text(d, STATE, gone), "done");
        desk_close(d);
}

static void an_ad_hoc_sub_process_takes_any_order(void **state)
{
        char url[256];
        struct desk *d = fresh(state, url);
        int64_t id = desk_start(d, "C4", "{}");

        assert_int_equal(desk_int(d, OPEN, id), 2);
        decide(&d, url, id, "approve");
        assert_int_equal(desk_int(d, OPEN, id), 1);
        assert_string_equal(desk_text(d, STATE, id), "active");
        decide(&d, url, id, "approve");
        assert_string_equal(desk_text(d, STATE, id), "done");
        desk_close(d);
}

static void a_condition_is_met_by_another_branch(void **state)
{
        char url[256];
        struct desk *d = fresh(state, url);
        int64_t id = desk_start(d, "C5", "{\"ask\":null}");

        assert_int_equal(desk_int(d, THINGS, id), 0);
        decide(&d, url, id, "approve");
        assert_int_equal(desk_int(d, THINGS, id), 1);
        assert_string_equal(desk_text(d, STATE, id), "done");
        desk_close(d);
}

static void several_instances_are_as_many(void **state)
{
        char url[256];
        struct desk *d = fresh(state, url);
        int64_t id = desk_start(d, "C6", "{}");

        desk_work(d);
        assert_int_equal(desk_int(d, THINGS, id), 3);
        for (int i = 3; i > 0; i--) {
                assert_int_equal(desk_int(d, OPEN_AT("look"), id), i);
                decide(&d, url, id, "approve");
        }
        assert_string_equal(desk_text(d, STATE, id), "done");
        assert_int_equal(desk_int(d, "SELECT COUNT(*) FROM effect WHERE instance = ?1@int AND state = 'done'", id), 3);
        desk_close(d);
}

static void a_sub_process_is_done_for_each(void **state)
{
        char url[256];
        struct desk *d = fresh(state, url);
        int64_t id = desk_start(d, "C7", "{}");

        for (int i = 1; i <= 2; i++) {
                assert_int_equal(desk_int(d, THINGS, id), i);
                assert_int_equal(desk_int(d, OPEN, id), 1);
                decide(&d, url, id, "approve");
        }
        assert_string_equal(desk_text(d, STATE, id), "done");
        desk_close(d);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(an_escalation_is_told_outside),
            TEST_ON_BOTH(what_was_done_is_undone_by_its_verb),
            TEST_ON_BOTH(a_cancelled_transaction_undoes_what_it_did),
            TEST_ON_BOTH(an_ad_hoc_sub_process_takes_any_order),
            TEST_ON_BOTH(a_condition_is_met_by_another_branch),
            TEST_ON_BOTH(several_instances_are_as_many),
            TEST_ON_BOTH(a_sub_process_is_done_for_each),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
