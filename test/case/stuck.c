/* SPDX-License-Identifier: Apache-2.0
 *
 * What stops in the middle, and what is told of it: one of many in a bulk, a rule that cannot be asked, a message that begins something or
 * nothing, a signal that two branches wait for, and lists of what is stuck in both languages and longer than a page.
 */
#include "case/office.h"

#include "case/bulk.h"
#include "engine/bpmn/bpmn.h"

#include <string.h>

#define STATE "SELECT state FROM process_instance WHERE id = ?1@int"
#define NODE "SELECT node FROM task WHERE instance = ?1@int AND state = 'open' ORDER BY id LIMIT 1"
#define VARIABLES "SELECT variables FROM process_instance WHERE id = ?1@int"

#define HEAD(id, more)                                                                                                         \
        "<definitions xmlns=\"" BPMN_NS "\" xmlns:shebao=\"" BPMN_NS_SHEBAO "\"><message id=\"m1\" name=\"paid\"/><signal "    \
        "id=\"s1\" name=\"year.end\"/><process id=\"" id "\" name=\"流程\" isExecutable=\"true\" " more ">"
#define START "<startEvent id=\"start\"/>"
#define TAIL "<endEvent id=\"end\"/></process></definitions>"
#define FLOW(id, from, to) "<sequenceFlow id=\"" id "\" sourceRef=\"" from "\" targetRef=\"" to "\"/>"
#define USER(id, role) "<userTask id=\"" id "\" shebao:role=\"" role "\" shebao:decisions=\"approve return\"/>"
#define SIGNAL "<signalEventDefinition signalRef=\"s1\"/>"

/* T1: an approval behind which a choice needs a value that not everybody gave. */
static const char T1[] = HEAD("T1", "shebao:risk=\"L\"") START USER("enter", "clerk")
    USER("approve", "approver") "<exclusiveGateway id=\"which\"/><endEvent id=\"no\"/>" FLOW("f1", "start", "enter")
        FLOW("f2", "enter", "approve")
            FLOW("f3", "approve",
                 "which") "<sequenceFlow id=\"f4\" sourceRef=\"which\" targetRef=\"end\"><conditionExpression>"
                          "given</conditionExpression></sequenceFlow><sequenceFlow id=\"f5\" sourceRef=\"which\" "
                          "targetRef=\"no\"><conditionExpression>not(given)</conditionExpression></sequenceFlow>" TAIL;
/* T2: a rule that answers a context, asked for the law of a day. */
static const char T2[] = HEAD("T2", "") START
    "<businessRuleTask id=\"rule\" shebao:model=\"pair\" shebao:decision=\"Pair\"><extensionElements>"
    "<shebao:input name=\"n\" value=\"n\"/><shebao:input name=\"law_day\" value=\"day\"/><shebao:output "
    "name=\"twice\" value=\"number(result.twice)\"/></extensionElements></businessRuleTask>" USER("look", "clerk")
        FLOW("f1", "start", "rule") FLOW("f2", "rule", "look") FLOW("f3", "look", "end") TAIL;
static const char PAIR[] =
    "<definitions xmlns=\"https://www.omg.org/spec/DMN/20230324/MODEL/\" id=\"g\" name=\"pair\" namespace=\"urn:pair\">"
    "<inputData id=\"i\" name=\"n\"><variable id=\"iv\" name=\"n\" typeRef=\"number\"/></inputData><decision id=\"d\" "
    "name=\"Pair\"><variable id=\"v\" name=\"Pair\"/><informationRequirement id=\"r\"><requiredInput href=\"#i\"/>"
    "</informationRequirement><literalExpression id=\"l\"><text>{once: n, twice: n * 2}</text></literalExpression></decision>"
    "</definitions>";
/* T3 begins by a message. T4 waits for one signal twice, T5 throws it. */
static const char T3[] =
    HEAD("T3", "") "<startEvent id=\"start\"><messageEventDefinition messageRef=\"m1\"/></startEvent>" USER("look", "clerk")
        FLOW("f1", "start", "look") FLOW("f2", "look", "end") TAIL;
static const char T4[] =
    HEAD("T4", "") START "<parallelGateway id=\"fork\"/><parallelGateway id=\"join\"/><intermediateCatchEvent "
                         "id=\"a\">" SIGNAL "</intermediateCatchEvent><intermediateCatchEvent id=\"b\">" SIGNAL
                         "</intermediateCatchEvent>" USER("look", "clerk") FLOW("f1", "start", "fork") FLOW("f2", "fork", "a")
                             FLOW("f3", "fork", "b") FLOW("f4", "a", "join") FLOW("f5", "b", "join") FLOW("f6", "join", "look")
                                 FLOW("f7", "look", "end") TAIL;
static const char T5[] =
    HEAD("T5", "") START "<intermediateThrowEvent id=\"tell\">" SIGNAL "</intermediateThrowEvent>" FLOW("f1", "start", "tell")
        FLOW("f2", "tell", "end") TAIL;

#define FILES                                                                                                                  \
        {"rules/pair.dmn", PAIR}, {"processes/T1.bpmn", T1}, {"processes/T2.bpmn", T2}, {"processes/T3.bpmn", T3},             \
            {"processes/T4.bpmn", T4},                                                                                         \
        {                                                                                                                      \
                "processes/T5.bpmn", T5                                                                                        \
        }

static struct desk *fresh(void **state)
{
        static const struct desk_file files[] = {FILES, {NULL, NULL}};

        return desk_with(state, files);
}

/* --- in the middle ------------------------------------------------------------------------------------------------------------------------ */

static int64_t whole(const json_t *o, const char *name)
{
        return json_integer_value(json_object_get(o, name));
}

/* Of five that are approved together one cannot go on: it stands where it stood, with the reason; the others are approved. */
static void one_that_fails_in_the_middle_fails_alone(void **state)
{
        static const struct run_kind *const kinds[] = {&bulk_plan_kind, &bulk_approve_kind, NULL};
        static const struct desk_file files[] = {FILES, {"bulk.csv", "risk,sample_percent,sample_min\nL,0,0\n"}, {NULL, NULL}};
        struct desk *d = fresh(state);
        json_t *out = NULL;
        char said[2][300];
        int64_t ids[5];

        desk_pack(d, files);
        for (int k = 0; k < 5; k++) {
                ids[k] = desk_start(d, "T1", k == 2 ? "{\"n\":1}" : "{\"n\":1,\"given\":true}");
                assert_int_equal(desk_decide(d, ids[k], 1, ROLE_CLERK, "approve"), SB_OK);
        }
        assert_int_equal(desk_call(d, 3, ROLE_APPROVER, 10, "bulk.plan", json_pack("{s:s}", "step", "approve"), &out), SB_OK);
        int64_t plan = whole(out, "plan"), run = whole(out, "run");
        json_decref(out);
        assert_ok(run_work(&d->house, kinds, run, NULL, NULL, &d->err), d->err);
        assert_int_equal(desk_call(d, 3, ROLE_APPROVER, 10, "bulk.start",
                                   json_pack("{s:I,s:s}", "plan", (json_int_t)plan, "note", "同意"), &out),
                         SB_OK);
        run = whole(out, "run");
        json_decref(out);
        assert_ok(run_work(&d->house, kinds, run, NULL, NULL, &d->err), d->err);
        assert_int_equal(desk_int(d, "SELECT done FROM run WHERE id = ?1@int", run), 4);
        assert_int_equal(desk_int(d, "SELECT failed FROM run WHERE id = ?1@int", run), 1);
        for (int k = 0; k < 5; k++) {
                assert_string_equal(desk_text(d, STATE, ids[k]), k == 2 ? "active" : "done");
                assert_string_equal(desk_text(d, "SELECT state FROM bulk_item WHERE instance = ?1@int", ids[k]),
                                    k == 2 ? "failed" : "done");
        }
        assert_string_equal(desk_text(d, NODE, ids[2]), "approve");
        assert_int_equal(
            desk_int(d, "SELECT COUNT(*) FROM audit_row WHERE verb = 'tasks.complete' AND actor = 3 AND id <> ?1@int", 0), 4);
        static const enum lang langs[] = {LANG_ZH, LANG_EN};
        for (int k = 0; k < 2; k++) {
                struct call c = {.house = &d->house,
                                 .who = {.staff = 3, .office = 10, .roles = ROLE_APPROVER, .lang = langs[k]}};
                json_t *in = json_pack("{s:I,s:s}", "plan", (json_int_t)plan, "state", "failed");
                assert_ok(verb_call(&c, registry_find(d->verbs, "bulk.items"), in, &out, &d->err), d->err);
                const json_t *fault = json_object_get(json_array_get(json_object_get(out, "items"), 0), "fault");
                text_copy(said[k], sizeof said[0], str_from(desk_word(fault, "detail")));
                json_decref(in);
                json_decref(out);
        }
        assert_string_not_equal(said[0], said[1]);
        desk_close(d);
}

static void a_rule_is_asked_for_a_day_that_there_is(void **state)
{
        struct desk *d = fresh(state);
        clock_advance(d->house.clock, (int64_t)86400 * 1000000);
        int64_t id = desk_start(d, "T2", "{\"n\":21,\"day\":\"2026-11-24\"}");

        assert_string_equal(desk_text(d, NODE, id), "look");
        assert_non_null(strstr(desk_text(d, VARIABLES, id), "\"twice\":42"));
        assert_int_equal(desk_int(d, "SELECT law_day FROM decision WHERE instance = ?1@int", id), day_from(2026, 11, 24));
        id = desk_start(d, "T2", "{\"n\":21,\"day\":\"2026-02-29\"}");
        assert_string_equal(desk_text(d, STATE, id), "incident");
        assert_int_equal(desk_int(d, "SELECT COUNT(*) FROM decision WHERE instance = ?1@int", id), 0);
        desk_close(d);
}

/* What passes is put off, longer each time and never for more than five minutes, and done once in the end. */
static void what_passes_is_put_off_and_done(void **state)
{
        struct desk *d = fresh(state);
        int64_t id = desk_start(d, "X1", "{\"n\":1}"), last = 0;

        desk_fail(12, true);
        assert_int_equal(desk_decide(d, id, 1, ROLE_CLERK, "approve"), SB_OK);
        for (int k = 0; k < 15 && strcmp(desk_text(d, NODE, id), "review") != 0; k++) {
                int64_t wait =
                    desk_int(d, "SELECT lease_until FROM effect WHERE instance = ?1@int", id) - clock_now(d->house.clock);
                assert_true(wait >= last && wait <= (int64_t)300 * 1000000);
                last = wait;
                clock_advance(d->house.clock, wait);
                desk_work(d);
        }
        assert_int_equal(last, (int64_t)300 * 1000000);
        assert_string_equal(desk_text(d, NODE, id), "review");
        assert_int_equal(desk_int(d, "SELECT COUNT(*) FROM outbox WHERE target_home = ?1@int", id), 1);
        desk_close(d);
}

/* --- messages and signals --------------------------------------------------------------------------------------------------------------- */

static int64_t told(struct desk *d, const char *in, const char *state)
{
        json_t *out = NULL;

        assert_int_equal(desk_ask(d, "cases.message", desk_json(d, in), &out), SB_OK);
        assert_string_equal(desk_word(out, "state"), state);
        int64_t id = whole(out, "case");
        json_decref(out);
        return id;
}

static void a_message_begins_what_the_pool_has(void **state)
{
        struct desk *d = fresh(state);
        json_t *out = NULL;
        int64_t id;

        id =
            told(d, "{\"name\":\"paid\",\"pool\":5,\"id\":\"a\",\"body\":{\"subject_kind\":\"person\",\"subject\":8}}", "done");
        assert_string_equal(desk_text(d, NODE, id), "look");
        assert_string_equal(desk_text(d, "SELECT subject_kind FROM process_instance WHERE id = ?1@int", id), "person");
        assert_int_equal(desk_int(d, "SELECT subject FROM process_instance WHERE id = ?1@int", id), 8);
        id = told(d, "{\"name\":\"paid\",\"pool\":5,\"id\":\"b\"}", "done"); /* without a body: about the message itself */
        assert_string_equal(desk_text(d, "SELECT subject_kind FROM process_instance WHERE id = ?1@int", id), "message");
        assert_int_equal(told(d, "{\"name\":\"other\",\"pool\":5,\"id\":\"c\"}", "waiting"), 0);
        assert_int_equal(told(d, "{\"name\":\"paid\",\"id\":\"d\"}", "waiting"), 0);            /* of no pool */
        assert_int_equal(told(d, "{\"name\":\"paid\",\"pool\":99,\"id\":\"e\"}", "failed"), 0); /* whose law? */
        assert_int_equal(desk_call(d, 9, ROLE_ADMIN, 1, "incidents.list", json_object(), &out), SB_OK);
        const json_t *item = json_array_get(json_object_get(out, "items"), 0);
        assert_string_equal(desk_word(item, "kind"), "message");
        assert_string_equal(desk_word(item, "code"), "SB-0447");
        json_decref(out);
        desk_close(d);
}

static void two_branches_hear_one_signal(void **state)
{
        struct desk *d = fresh(state);
        int64_t id = desk_start(d, "T4", "{}"), other = desk_start(d, "T4", "{}");

        desk_start(d, "T5", "{}");
        desk_work(d);
        assert_string_equal(desk_text(d, NODE, id), "look");
        assert_string_equal(desk_text(d, NODE, other), "look");
        assert_int_equal(desk_int(d, "SELECT COUNT(*) FROM message WHERE kind = 'signal' AND target = ?1@int", id), 1);
        desk_close(d);
}

/* Twenty that wait, and twenty messages at once: each gets one. */
static void many_messages_reach_as_many(void **state)
{
        struct desk *d = fresh(state);
        char in[100];

        for (int k = 0; k < 40; k++)
                told(d, text_format(in, sizeof in, "{\"name\":\"wanted\",\"key\":\"%d\",\"id\":\"m%d\"}", k % 20, k),
                     "waiting");
        desk_put(d, "UPDATE message SET state = 'open' WHERE name = 'wanted'", 0, 0, 0, 0);
        desk_work(d);
        assert_int_equal(desk_int(d, "SELECT COUNT(*) FROM message WHERE state = 'waiting' AND id <> ?1@int", 0), 40);
        desk_close(d);
}

/* --- lists --------------------------------------------------------------------------------------------------------------------------------- */

static void what_is_stuck_is_told_as_far_as_a_page_goes(void **state)
{
        struct desk *d = fresh(state);
        json_t *out = NULL, *in = json_object();
        char detail[2][300];
        int64_t id = desk_start(d, "X3", "{}"); /* a verb that nobody has */

        static const enum lang langs[] = {LANG_ZH, LANG_EN};
        for (int k = 0; k < 2; k++) {
                struct call c = {.house = &d->house, .who = {.staff = 9, .office = 1, .roles = ROLE_ADMIN, .lang = langs[k]}};
                assert_ok(verb_call(&c, registry_find(d->verbs, "incidents.list"), in, &out, &d->err), d->err);
                const json_t *item = json_array_get(json_object_get(out, "items"), 0);
                text_copy(detail[k], sizeof detail[0], str_from(desk_word(item, "detail")));
                assert_string_equal(desk_word(item, "node"), "do");
                json_decref(out);
                c.who.roles = ROLE_CLERK;
                json_t *which = json_pack("{s:I}", "case", (json_int_t)id);
                assert_ok(verb_call(&c, registry_find(d->verbs, "cases.get"), which, &out, &d->err), d->err);
                assert_string_equal(desk_word(json_object_get(out, "incident"), "detail"), detail[k]);
                json_decref(out);
                json_decref(which);
        }
        assert_string_not_equal(detail[0], detail[1]);
        json_decref(in);
        for (int k = 0; k < 201; k++)
                desk_put(
                    d,
                    "INSERT INTO message (home, id, kind, name, message_key, body, state, source, target, token, sequence, "
                    "office, pool, once, error, created_at, done_at) VALUES (1, ?1@int, 'message', 'lost', '', 'null', "
                    "'failed', "
                    "0, 0, 0, 0, 0, 0, CAST(?1@int AS @text), '{\"code\":\"SB-0001\"', 5, 0)",
                    5000 + k, 0, 0, 0);
        assert_int_equal(desk_call(d, 9, ROLE_ADMIN, 1, "incidents.list", json_object(), &out), SB_OK);
        assert_int_equal(json_array_size(json_object_get(out, "items")), 201); /* the case, and a page of messages */
        assert_true(json_is_true(json_object_get(out, "more")));
        assert_null(
            json_object_get(json_array_get(json_object_get(out, "items"), 1), "code")); /* an error that cannot be read */
        json_decref(out);
        desk_put(d, "UPDATE message SET state = 'waiting', error = NULL WHERE name = 'lost'", 0, 0, 0, 0);
        assert_int_equal(desk_call(d, 9, ROLE_ADMIN, 1, "incidents.list", json_object(), &out), SB_OK);
        assert_int_equal(json_array_size(json_object_get(out, "items")), 1); /* the pack sets no days: they wait for ever */
        assert_true(json_is_true(json_object_get(out, "more")));
        json_decref(out);
        desk_close(d);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(one_that_fails_in_the_middle_fails_alone),
            TEST_ON_SQLITE(a_rule_is_asked_for_a_day_that_there_is),
            TEST_ON_SQLITE(what_passes_is_put_off_and_done),
            TEST_ON_BOTH(a_message_begins_what_the_pool_has),
            TEST_ON_SQLITE(two_branches_hear_one_signal),
            TEST_ON_SQLITE(many_messages_reach_as_many),
            TEST_ON_BOTH(what_is_stuck_is_told_as_far_as_a_page_goes),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
