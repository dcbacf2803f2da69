/* SPDX-License-Identifier: Apache-2.0
 *
 * Verbs that are done in the transaction of the step that asks for them: they happen with it or not at all, and when one cannot be done
 * the step holds all the same and the case stops at the verb, as with any other.
 */
#include "case/office.h"

#include "engine/bpmn/bpmn.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#define STATE "SELECT state FROM process_instance WHERE id = ?1@int"
#define NODE "SELECT node FROM task WHERE instance = ?1@int AND state = 'open' ORDER BY id LIMIT 1"
#define THINGS "SELECT COUNT(*) FROM outbox WHERE target_home = ?1@int"
#define ENTERED "SELECT COUNT(*) FROM task WHERE instance = ?1@int AND node = 'enter' AND state = 'done'"
#define EFFECTS "SELECT COUNT(*) FROM effect WHERE instance = ?1@int AND state = "
#define AUDITED "SELECT COUNT(*) FROM audit_row WHERE verb = 'thing.within' AND subject_kind = 'thing' AND id <> ?1@int"

/* enter (clerk) → within → within → do → within → review (reviewer) → within → end */
#define SERVICE(id, verb)                                                                                                      \
        "<bpmn:serviceTask id=\"" id "\" name=\"执行\" shebao:titleEn=\"Execute\" shebao:verb=\"" verb                         \
        "\"><bpmn:extensionElements><shebao:input name=\"n\" value=\"n\"/><shebao:output name=\"n\" value=\"result.n\"/>"      \
        "</bpmn:extensionElements></bpmn:serviceTask>"
#define USER(id, role)                                                                                                         \
        "<bpmn:userTask id=\"" id "\" name=\"办理\" shebao:titleEn=\"Do\" shebao:role=\"" role                                 \
        "\" shebao:decisions=\"approve return\"/>"
#define FLOW(id, from, to) "<bpmn:sequenceFlow id=\"" id "\" sourceRef=\"" from "\" targetRef=\"" to "\"/>"
static const char MODEL[] =
    "<bpmn:definitions xmlns:bpmn=\"" BPMN_NS "\" xmlns:shebao=\"" BPMN_NS_SHEBAO
    "\"><bpmn:process id=\"X1\" name=\"流程\" shebao:titleEn=\"Process\" isExecutable=\"true\"><bpmn:startEvent "
    "id=\"start\"/>" USER("enter", "clerk") SERVICE("a", "thing.within") SERVICE("b", "thing.within") SERVICE("c", "thing.do")
        SERVICE("d", "thing.within") USER("review", "reviewer")
            SERVICE("e", "thing.within") "<bpmn:endEvent id=\"end\"/>" FLOW("f1", "start", "enter") FLOW("f2", "enter", "a")
                FLOW("f3", "a", "b") FLOW("f4", "b", "c") FLOW("f5", "c", "d") FLOW("f6", "d", "review")
                    FLOW("f7", "review", "e") FLOW("f8", "e", "end") "</bpmn:process></bpmn:definitions>";
static const struct desk_file FILES[] = {{"processes/X1.bpmn", MODEL}, {NULL, NULL}};

static struct desk *with_case(void **state, int64_t *id)
{
        struct desk *d = desk_open(test_store_new(*(enum test_engine *)*state), true);

        if (d == NULL)
                skip();
        desk_pack(d, FILES);
        *id = desk_start(d, "X1", "{\"n\":1}");
        return d;
}

static void a_case_goes_on_within_its_steps(void **state)
{
        int64_t id;
        struct desk *d = with_case(state, &id);

        assert_int_equal(desk_decide(d, id, 1, ROLE_CLERK, "approve"), SB_OK);
        assert_string_equal(desk_text(d, NODE, id), "review");
        assert_int_equal(desk_int(d, THINGS, id), 4);
        assert_int_equal(desk_decide(d, id, 2, ROLE_REVIEWER, "approve"), SB_OK);
        assert_string_equal(desk_text(d, STATE, id), "done");
        assert_int_equal(desk_int(d, THINGS, id), 5);
        assert_int_equal(desk_int(d, EFFECTS "'done'", id), 5);
        assert_int_equal(desk_int(d, AUDITED, 0), 4);
        assert_int_equal(desk_int(d, "SELECT attempts FROM effect WHERE instance = ?1@int ORDER BY id DESC LIMIT 1", id), 1);
        desk_close(d);
}

static void a_step_holds_when_its_verb_is_refused(void **state)
{
        int64_t id;
        struct desk *d = with_case(state, &id);

        desk_fail(2, false); /* within the step, and by itself */
        assert_int_equal(desk_decide(d, id, 1, ROLE_CLERK, "approve"), SB_OK);
        assert_string_equal(desk_text(d, STATE, id), "incident");
        assert_int_equal(desk_int(d, ENTERED, id), 1);
        assert_int_equal(desk_int(d, THINGS, id), 0);
        assert_int_equal(desk_int(d, EFFECTS "'failed'", id), 1);
        assert_int_equal(desk_call(d, 1, ROLE_CLERK, 10, "cases.retry", json_pack("{s:I}", "case", (json_int_t)id), NULL),
                         SB_OK);
        assert_string_equal(desk_text(d, NODE, id), "review");
        assert_int_equal(desk_int(d, THINGS, id), 4);
        desk_close(d);
}

static void what_fails_once_is_done_by_itself(void **state)
{
        int64_t id;
        struct desk *d = with_case(state, &id);

        desk_fail(1, false);
        assert_int_equal(desk_decide(d, id, 1, ROLE_CLERK, "approve"), SB_OK);
        assert_string_equal(desk_text(d, NODE, id), "review");
        assert_int_equal(desk_int(d, THINGS, id), 4);
        assert_int_equal(desk_int(d, "SELECT COUNT(*) FROM task WHERE instance = ?1@int", id), 2);
        assert_int_equal(desk_int(d, EFFECTS "'done'", id), 4);
        desk_close(d);
}

static void what_passes_is_put_off(void **state)
{
        int64_t id;
        struct desk *d = with_case(state, &id);

        desk_fail(2, true);
        assert_int_equal(desk_decide(d, id, 1, ROLE_CLERK, "approve"), SB_OK);
        assert_string_equal(desk_text(d, STATE, id), "active");
        assert_int_equal(desk_int(d, ENTERED, id), 1);
        assert_int_equal(desk_int(d, THINGS, id), 0);
        assert_int_equal(desk_int(d, EFFECTS "'open'", id), 1);
        clock_advance(d->house.clock, (int64_t)10 * 1000000);
        desk_work(d);
        assert_string_equal(desk_text(d, NODE, id), "review");
        assert_int_equal(desk_int(d, THINGS, id), 4);
        desk_close(d);
}

/* Killed in the verb: the step that asked for it has not happened either, and is done again. */
static void a_kill_in_the_verb_takes_the_step_back(void **state)
{
        char url[256];
        int64_t id = 0;
        int status, answer[2];

        if (test_store_url(*(enum test_engine *)*state, url) == NULL)
                skip();
        assert_int_equal(pipe(answer), 0);
        pid_t child = fork(); /* the parent opens nothing before its last fork */
        assert_true(child >= 0);
        if (child == 0) {
                struct desk *d = desk_open(test_store_open(url), true);
                desk_pack(d, FILES);
                id = desk_start(d, "X1", "{\"n\":1}");
                if (write(answer[1], &id, sizeof id) != sizeof id)
                        _exit(1);
                desk_kill(true);
                desk_decide(d, id, 1, ROLE_CLERK, "approve");
                _exit(1);
        }
        close(answer[1]); /* a child that ends before it says anything ends the reading too */
        assert_int_equal(read(answer[0], &id, sizeof id), sizeof id);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
        close(answer[0]);
        struct desk *d = desk_open(test_store_open(url), false);
        assert_string_equal(desk_text(d, NODE, id), "enter");
        assert_int_equal(desk_int(d, THINGS, id), 0);
        assert_int_equal(desk_int(d, "SELECT COUNT(*) FROM effect WHERE instance = ?1@int", id), 0);
        d->keys = 1000; /* of requests that were never answered */
        assert_int_equal(desk_decide(d, id, 1, ROLE_CLERK, "approve"), SB_OK);
        assert_string_equal(desk_text(d, NODE, id), "review");
        assert_int_equal(desk_int(d, THINGS, id), 4);
        desk_close(d);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(a_case_goes_on_within_its_steps),        TEST_ON_BOTH(a_step_holds_when_its_verb_is_refused),
            TEST_ON_BOTH(what_fails_once_is_done_by_itself),      TEST_ON_BOTH(what_passes_is_put_off),
            TEST_ON_BOTH(a_kill_in_the_verb_takes_the_step_back),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
