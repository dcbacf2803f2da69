/* SPDX-License-Identifier: Apache-2.0
 *
 * What cases refuse, and what they leave when something is taken back or comes twice: undoing, papers, pauses, powers of attorney,
 * attachments, and processes that the clock may not begin.
 */
#include "case/office.h"

#include "base/identity.h"
#include "engine/bpmn/bpmn.h"

#include <stdlib.h>
#include <string.h>

#define HOUR ((int64_t)3600 * 1000000)
#define DAY (24 * HOUR)
#define STATE "SELECT state FROM process_instance WHERE id = ?1@int"
#define NODE "SELECT node FROM task WHERE instance = ?1@int AND state = 'open' ORDER BY id LIMIT 1"
#define OPEN "SELECT COUNT(*) FROM task WHERE instance = ?1@int AND state = 'open'"
#define LISTENS "SELECT COUNT(*) FROM subscription WHERE instance = ?1@int"
#define THINGS "SELECT COUNT(*) FROM outbox WHERE target_home = ?1@int"

#define HEAD(id)                                                                                                               \
        "<definitions xmlns=\"" BPMN_NS "\" xmlns:shebao=\"" BPMN_NS_SHEBAO "\"><message id=\"m1\" name=\"paid\"/><process "   \
        "id=\"" id "\" name=\"流程\" isExecutable=\"true\"><startEvent id=\"start\"/>"
#define TAIL "<endEvent id=\"end\"/></process></definitions>"
#define FLOW(id, from, to) "<sequenceFlow id=\"" id "\" sourceRef=\"" from "\" targetRef=\"" to "\"/>"
#define USER(id) "<userTask id=\"" id "\" shebao:role=\"clerk\" shebao:decisions=\"approve return\"/>"
#define WAIT(id)                                                                                                               \
        "<intermediateCatchEvent id=\"" id "\" shebao:key=\"person\"><messageEventDefinition messageRef=\"m1\"/>"              \
        "</intermediateCatchEvent>"
#define DO(id)                                                                                                                 \
        "<serviceTask id=\"" id "\" shebao:verb=\"thing.do\"><extensionElements><shebao:input name=\"n\" value=\"n\"/>"        \
        "</extensionElements></serviceTask>"

/* U1: a step, and then a message. U2: a step with a reminder beside it. U3: a step beside a message. */
static const char U1[] = HEAD("U1") USER("enter") WAIT("wait") USER("look") FLOW("f1", "start", "enter")
    FLOW("f2", "enter", "wait") FLOW("f3", "wait", "look") FLOW("f4", "look", "end") TAIL;
static const char U2[] =
    HEAD("U2") USER("work") "<boundaryEvent id=\"late\" attachedToRef=\"work\" cancelActivity=\"false\" "
                            "shebao:workingDays=\"5\"><timerEventDefinition/></boundaryEvent>" USER("next") USER("remind")
                                FLOW("f1", "start", "work") FLOW("f2", "work", "next") FLOW("f3", "next", "end")
                                    FLOW("f4", "late", "remind") FLOW("f5", "remind", "end") TAIL;
static const char U3[] = HEAD("U3") "<parallelGateway id=\"fork\"/><parallelGateway id=\"join\"/>" USER("enter") WAIT("wait")
    USER("look") FLOW("f1", "start", "fork") FLOW("f2", "fork", "enter") FLOW("f3", "fork", "wait") FLOW("f4", "enter", "look")
        FLOW("f5", "look", "join") FLOW("f6", "wait", "join") FLOW("f7", "join", "end") TAIL;
/* U4: more at once than a step carries with it. U5: something that was carried out. */
static const char U4[] = HEAD("U4") USER("enter") "<parallelGateway id=\"fork\"/><parallelGateway id=\"join\"/>" DO("a") DO("b")
    DO("c") DO("d") DO("e") DO("f") DO("g") DO("h") DO("i") DO("j") FLOW("s", "start", "enter") FLOW("t", "enter", "fork")
        FLOW("u", "join", "end")
#define BRANCH(id) FLOW("1" id, "fork", id) FLOW("2" id, id, "join")
            BRANCH("a") BRANCH("b") BRANCH("c") BRANCH("d") BRANCH("e") BRANCH("f") BRANCH("g") BRANCH("h") BRANCH("i")
                BRANCH("j") TAIL;
static const char U5[] = HEAD("U5") DO("execute") USER("look") FLOW("f1", "start", "execute") FLOW("f2", "execute", "look")
    FLOW("f3", "look", "end") TAIL;
/* U6: a step beside a date. */
static const char U6[] = HEAD("U6") "<parallelGateway id=\"fork\"/><parallelGateway id=\"join\"/>" USER("enter")
    USER("look") "<intermediateCatchEvent id=\"wait\"><timerEventDefinition><timeDuration>PT10M</timeDuration>"
                 "</timerEventDefinition></intermediateCatchEvent>" FLOW("f1", "start", "fork") FLOW("f2", "fork", "enter")
                     FLOW("f3", "fork", "wait") FLOW("f4", "enter", "look") FLOW("f5", "look", "join")
                         FLOW("f6", "wait", "join") FLOW("f7", "join", "end") TAIL;
#define CLOCK(id, schemes)                                                                                                     \
        "<definitions xmlns=\"" BPMN_NS "\" xmlns:shebao=\"" BPMN_NS_SHEBAO "\"><process id=\"" id                             \
        "\" isExecutable=\"true\"><startEvent id=\"start\" " schemes                                                           \
        "><timerEventDefinition><timeCycle>R/2026-11-25T08:00:00/P1D</timeCycle></timerEventDefinition></startEvent>" USER(    \
            "look") FLOW("f1", "start", "look") FLOW("f2", "look", "end") TAIL
static const char OURS[] = CLOCK("S1", "shebao:schemes=\"UI EP\""), THEIRS[] = CLOCK("S2", "shebao:schemes=\"UI EPX\"");

#define FILES                                                                                                                  \
        {"processes/U1.bpmn", U1}, {"processes/U2.bpmn", U2}, {"processes/U3.bpmn", U3}, {"processes/U4.bpmn", U4},            \
            {"processes/U6.bpmn", U6}, {"processes/U6.bpmn", U6},                                                              \
        {                                                                                                                      \
                "processes/U5.bpmn", U5                                                                                        \
        }

static struct desk *fresh(void **state)
{
        static const struct desk_file files[] = {FILES, {NULL, NULL}};

        return desk_with(state, files);
}

/* --- taking back ------------------------------------------------------------------------------------------------------------------------ */

static enum error_code undo(struct desk *d, int64_t task)
{
        return desk_ask(d, "tasks.undo", json_pack("{s:I}", "task", (json_int_t)task), NULL);
}

static enum error_code paid(struct desk *d, const char *id, const char *state, int64_t instance)
{
        json_t *out = NULL;
        enum error_code code =
            desk_ask(d, "cases.message", json_pack("{s:s,s:s,s:s}", "name", "paid", "key", "7", "id", id), &out);

        assert_string_equal(desk_word(out, "state"), state);
        assert_int_equal(json_integer_value(json_object_get(out, "case")), instance);
        json_decref(out);
        return code;
}

/* A case that stands at a step again waits for nothing that came behind it. */
static void who_takes_a_step_back_hears_no_more(void **state)
{
        struct desk *d = fresh(state);
        int64_t id = desk_start(d, "U1", "{\"person\":7}"), enter = desk_task(d, id);

        clock_advance(d->house.clock, 1000000);
        assert_int_equal(desk_decide(d, id, 1, ROLE_CLERK, "approve"), SB_OK);
        assert_int_equal(desk_int(d, LISTENS, id), 1);
        assert_int_equal(undo(d, enter), SB_OK);
        assert_int_equal(desk_task(d, id), enter);
        assert_int_equal(desk_int(d, LISTENS, id), 0);
        assert_int_equal(desk_case(d, id, "cases.answer", "{\"message\":\"paid\"}", NULL), SB_CASE_NOT_WAITING);
        assert_int_equal(paid(d, "early", "waiting", 0), SB_OK);
        assert_string_equal(desk_text(d, NODE, id), "enter");
        clock_advance(d->house.clock, 1000000);
        assert_int_equal(desk_decide(d, id, 1, ROLE_CLERK, "approve"), SB_OK); /* and what came meanwhile is there */
        assert_string_equal(desk_text(d, NODE, id), "look");
        desk_close(d);
}

static void a_reminder_beside_a_step_comes_back_with_it(void **state)
{
        struct desk *d = fresh(state);
        int64_t id = desk_start(d, "U2", "{}"), work = desk_task(d, id);
        int64_t due = desk_int(d, "SELECT due_at FROM timer WHERE instance = ?1@int AND state = 'armed'", id);

        assert_true(due > 0);
        clock_advance(d->house.clock, 1000000);
        assert_int_equal(desk_decide(d, id, 1, ROLE_CLERK, "approve"), SB_OK);
        assert_int_equal(desk_int(d, "SELECT COUNT(*) FROM timer WHERE instance = ?1@int AND state = 'armed'", id), 0);
        assert_int_equal(undo(d, work), SB_OK);
        assert_int_equal(desk_int(d, "SELECT due_at FROM timer WHERE instance = ?1@int AND state = 'armed'", id), due);
        assert_int_equal(desk_int(d, "SELECT COUNT(*) FROM timer WHERE instance = ?1@int AND state = 'armed'", id), 1);
        clock_set(d->house.clock, due);
        desk_work(d);
        assert_int_equal(desk_int(d, "SELECT COUNT(*) FROM task WHERE instance = ?1@int AND node = 'remind'", id), 1);
        assert_int_equal(desk_int(d, OPEN, id), 2);
        desk_close(d);
}

/* A date that the case waited for is waited for again, unless it has come. */
static void a_date_beside_a_step_stays_or_has_come(void **state)
{
        struct desk *d = fresh(state);
        int64_t id = desk_start(d, "U6", "{}"), enter = desk_task(d, id);
        int64_t due = desk_int(d, "SELECT due_at FROM timer WHERE instance = ?1@int AND state = 'armed'", id);
        char said[600];

        for (int k = 0; k < 2; k++) {
                clock_advance(d->house.clock, 1000000);
                assert_int_equal(desk_decide(d, id, 1, ROLE_CLERK, "approve"), SB_OK);
                assert_string_equal(desk_text(d, NODE, id), "look");
                if (k == 0)
                        assert_int_equal(undo(d, enter), SB_OK);
                assert_int_equal(desk_int(d, "SELECT due_at FROM timer WHERE instance = ?1@int AND state = 'armed'", id), due);
        }
        clock_set(d->house.clock, due);
        desk_work(d);
        assert_int_equal(undo(d, enter), SB_CASE_UNDO);
        assert_non_null(strstr(error_text(&d->err, LANG_EN, said, sizeof said), "a date has come since"));
        assert_string_equal(desk_text(d, NODE, id), "look");
        assert_int_equal(desk_decide(d, id, 1, ROLE_CLERK, "approve"), SB_OK);
        assert_string_equal(desk_text(d, STATE, id), "done");
        desk_close(d);
}

static void a_step_is_not_taken_back_when_it_may_not_be(void **state)
{
        struct desk *d = fresh(state);
        char said[600];
        int64_t id = desk_start(d, "U3", "{\"person\":8}"), enter = desk_task(d, id);

        clock_advance(d->house.clock, 1000000);
        assert_int_equal(desk_decide(d, id, 1, ROLE_CLERK, "approve"), SB_OK);
        assert_int_equal(undo(d, enter), SB_CASE_UNDO);
        assert_non_null(strstr(error_text(&d->err, LANG_EN, said, sizeof said), "waited for messages"));
        assert_int_equal(desk_int(d, LISTENS, id), 1);
        assert_int_equal(undo(d, 1), SB_CASE_TASK_UNKNOWN);
        id = desk_start(d, "U1", "{\"person\":9}");
        enter = desk_task(d, id);
        clock_advance(d->house.clock, 1000000);
        assert_int_equal(desk_decide(d, id, 1, ROLE_CLERK, "approve"), SB_OK);
        assert_int_equal(desk_call(d, 1, ROLE_CLERK, 11, "tasks.undo", json_pack("{s:I}", "task", (json_int_t)enter), NULL),
                         SB_CASE_OFFICE);
        assert_int_equal(desk_case(d, id, "cases.withdraw", "{\"reason\":\"不办了\"}", NULL), SB_OK);
        assert_int_equal(undo(d, enter), SB_CASE_UNDO);
        assert_string_equal(desk_text(d, STATE, id), "cancelled");
        desk_close(d);
}

/* More effects than a step carries along: the rest is for any worker, each once. */
static void many_effects_of_one_step_are_each_done_once(void **state)
{
        struct desk *d = fresh(state);
        int64_t id = desk_start(d, "U4", "{\"n\":1}");

        assert_int_equal(desk_decide(d, id, 1, ROLE_CLERK, "approve"), SB_OK);
        desk_work(d);
        assert_int_equal(desk_int(d, THINGS, id), 10);
        assert_string_equal(desk_text(d, STATE, id), "done");
        desk_close(d);
}

/* --- the file ----------------------------------------------------------------------------------------------------------------------------- */

static int64_t applied(struct desk *d, const char *more, enum error_code expected)
{
        char number[20] = "99000119900101001", form[200];
        json_t *in = desk_json(d, more), *out = NULL;

        number[17] = id_number_digit(number);
        json_object_set_new(in, "process", json_string("X5"));
        json_object_set_new(in, "form",
                            desk_json(d, text_format(form, sizeof form, "{\"amount\":\"5\",\"id\":\"%s\"}", number)));
        assert_int_equal(desk_ask(d, "cases.open", in, &out), expected);
        int64_t id = json_integer_value(json_object_get(out, "case"));
        json_decref(out);
        return id;
}

static json_t *file_of(struct desk *d, int64_t id, const char *part)
{
        json_t *out = NULL, *found;

        assert_int_equal(desk_case(d, id, "cases.get", "{}", &out), SB_OK);
        found = json_incref(json_object_get(out, part));
        json_decref(out);
        return found;
}

static void papers_stand_as_somebody_says(void **state)
{
        static const struct {
                const char *papers;
                enum error_code code;
        } cases[] = {
            {"{\"papers\":[{\"material\":\"form\",\"state\":\"promised\",\"due\":\"2026-12-30\"}]}", SB_CASE_PAPER},
            {"{\"papers\":[{\"material\":\"proof\",\"state\":\"gap\",\"due\":\"2026-12-30\"}]}", SB_CASE_PAPER},
            {"{\"papers\":[{\"material\":\"photo\",\"state\":\"gap\",\"due\":\"2026-11-24\"}]}", SB_CASE_PAPER}, /* today */
            {"{\"papers\":[{\"material\":\"photo\",\"state\":\"gap\"}]}", SB_CASE_PAPER},
            {"{\"papers\":[{\"material\":\"seal\",\"state\":\"given\"}]}", SB_CASE_PAPER},
            {"{\"papers\":[{\"material\":\"form\",\"state\":\"lost\"}]}", SB_FIELD_TYPE},
            {"{\"papers\":[]}", SB_OK},
            {"{\"papers\":[{\"material\":\"photo\",\"state\":\"gap\",\"due\":\"2026-11-25\"},{\"material\":\"proof\",\"state\":"
             "\"promised\",\"due\":\"2026-12-30\"},{\"material\":\"form\",\"state\":\"given\",\"due\":\"2026-11-26\"}]}",
             SB_OK},
        };
        struct desk *d = fresh(state);
        int64_t id = applied(d, "{}", SB_OK);

        for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++)
                assert_int_equal(desk_case(d, id, "cases.papers", cases[k].papers, NULL), cases[k].code);
        assert_int_equal(desk_int(d, "SELECT due_day FROM case_paper WHERE instance = ?1@int AND material = 'form'", id),
                         DAY_END); /* what is there is due no more */
        desk_put(d,
                 "INSERT INTO case_paper (home, instance, material, state, due_day, attachment, asked_at, received_at, note, "
                 "actor) VALUES (1, ?1@int, 'former', 'missing', ?2@int, 7, 0, 5, 'x', 1)",
                 id, DAY_END, 0, 0);
        clock_set(d->house.clock, day_instant(day_from(2026, 11, 26)) + 9 * HOUR);
        json_t *papers = file_of(d, id, "papers"), *one;
        size_t k;
        assert_int_equal(json_array_size(papers), 4);
        json_array_foreach(papers, k, one)
        {
                bool photo = strcmp(desk_word(one, "material"), "photo") == 0,
                     former = strcmp(desk_word(one, "material"), "former") == 0;
                assert_int_equal(json_is_true(json_object_get(one, "overdue")), photo); /* the promise has time */
                assert_string_equal(desk_word(one, "name_en"), former  ? "former"
                                                               : photo ? "Photograph"
                                                               : strcmp(desk_word(one, "material"), "form") == 0
                                                                   ? "Application form"
                                                                   : "Proof");
                assert_true(json_is_null(json_object_get(one, "attachment")) == !former);
                assert_true(json_is_null(json_object_get(one, "due_day")) ==
                            (strcmp(desk_word(one, "state"), "gap") != 0 && strcmp(desk_word(one, "state"), "promised") != 0));
        }
        json_decref(papers);
        /* A proof that comes makes its check needless; a promise that is kept is nobody's matter any more. */
        int64_t check = desk_int(d, "SELECT id FROM task WHERE instance = ?1@int AND token = 0 AND state = 'open'", id);
        assert_int_equal(desk_case(d, id, "cases.papers", "{\"papers\":[{\"material\":\"proof\",\"state\":\"shared\"}]}", NULL),
                         SB_OK);
        assert_string_equal(desk_text(d, "SELECT state FROM task WHERE id = ?1@int", check), "cancelled");
        assert_int_equal(desk_case(d, id, "cases.papers",
                                   "{\"papers\":[{\"material\":\"proof\",\"state\":\"promised\",\"due\":\"2026-12-30\"}]}",
                                   NULL),
                         SB_OK);
        check = desk_int(d, "SELECT id FROM task WHERE instance = ?1@int AND token = 0 AND state = 'open'", id);
        assert_int_equal(desk_ask(d, "tasks.complete",
                                  json_pack("{s:I,s:{s:s}}", "task", (json_int_t)check, "outcome", "decision", "kept"), NULL),
                         SB_OK);
        assert_string_equal(desk_text(d, "SELECT state FROM case_paper WHERE instance = ?1@int AND material = 'proof'", id),
                            "kept");
        assert_int_equal(desk_int(d, "SELECT COUNT(*) FROM task WHERE instance = ?1@int AND token = 0 AND state = 'open'", id),
                         0);
        desk_close(d);
}

static void a_pack_need_not_ask_for_papers(void **state)
{
        static const struct desk_file plain[] = {FILES,
                                                 {"materials.csv",
                                                  "process,material,name_zh,name_en,kind,required,promise,gap,source\n"
                                                  "X5,form,表,Form,form,true,1,yes,x\nX5,more,件,More,form,no,TRUE,0,x\n"},
                                                 {NULL, NULL}};
        struct desk *d = fresh(state);
        json_t *papers;

        desk_pack(d, plain);
        int64_t id = applied(d, "{}", SB_OK);
        papers = file_of(d, id, "papers");
        const json_t *form = json_array_get(papers, 0), *more = json_array_get(papers, 1);
        assert_true(json_is_true(json_object_get(form, "required")) && json_is_true(json_object_get(form, "promise")) &&
                    json_is_true(json_object_get(form, "gap")));
        assert_true(json_is_false(json_object_get(more, "required")) && json_is_false(json_object_get(more, "promise")) &&
                    json_is_false(json_object_get(more, "gap")));
        json_decref(papers);
        id = desk_start(d, "U1", "{\"person\":1}"); /* no application: no papers */
        papers = file_of(d, id, "papers");
        assert_int_equal(json_array_size(papers), 0);
        json_decref(papers);
        desk_close(d);
}

/* A case that nobody applied for has no list of papers; who brings one all the same finds it kept. */
static void papers_come_to_a_case_without_an_application(void **state)
{
        struct desk *d = fresh(state);
        int64_t id = desk_start(d, "X5", "{}");

        assert_int_equal(desk_int(d, "SELECT COUNT(*) FROM case_paper WHERE instance = ?1@int", id), 0);
        assert_int_equal(desk_case(d, id, "cases.papers",
                                   "{\"papers\":[{\"material\":\"form\",\"state\":\"given\"},{\"material\":\"proof\",\"state\":"
                                   "\"missing\"}]}",
                                   NULL),
                         SB_OK);
        assert_int_equal(desk_int(d, "SELECT COUNT(*) FROM case_paper WHERE instance = ?1@int", id), 2);
        assert_true(desk_int(d, "SELECT received_at FROM case_paper WHERE instance = ?1@int AND material = 'form'", id) > 0);
        assert_int_equal(desk_int(d, "SELECT received_at FROM case_paper WHERE instance = ?1@int AND material = 'proof'", id),
                         0);
        desk_close(d);
}

static void a_clock_stands_and_goes_on(void **state)
{
        struct desk *d = fresh(state);
        int64_t id = applied(d, "{}", SB_OK), done;
        json_t *pauses, *out = NULL;

        assert_int_equal(desk_case(d, id, "cases.resume", "{}", NULL), SB_CASE_NOT_PAUSED);
        assert_int_equal(desk_case(d, id, "cases.pause",
                                   "{\"reason\":\"authority\",\"note\":\"n\",\"document\":\"d\",\"expected\":"
                                   "\"2026-12-30\"}",
                                   NULL),
                         SB_OK);
        assert_int_equal(desk_case(d, id, "cases.pause", "{\"reason\":\"papers\"}", NULL), SB_CASE_PAUSED);
        pauses = file_of(d, id, "pauses");
        assert_true(json_is_null(json_object_get(json_array_get(pauses, 0), "resumed_at")));
        assert_string_equal(desk_word(json_array_get(pauses, 0), "expected_day"), "2026-12-30");
        json_decref(pauses);
        assert_int_equal(desk_case(d, id, "cases.papers", "{\"papers\":[{\"material\":\"form\",\"state\":\"given\"}]}", &out),
                         SB_OK);
        assert_true(json_is_false(json_object_get(out, "resumed"))); /* it does not stand for papers */
        json_decref(out);
        clock_advance(d->house.clock, 2 * DAY);
        assert_int_equal(desk_case(d, id, "cases.resume", "{\"note\":\"came\"}", &out), SB_OK);
        assert_string_equal(desk_word(out, "due_day"), "2026-12-03"); /* of five days two stood still */
        json_decref(out);
        desk_put(d, "UPDATE case_pause SET reason = 'weather' WHERE instance = ?1@int", id, 0, 0, 0);
        pauses = file_of(d, id, "pauses");
        assert_true(json_is_string(json_object_get(json_array_get(pauses, 0), "resumed_at")));
        assert_string_equal(desk_word(json_array_get(pauses, 0), "reason_en"), "weather"); /* a word that the pack forgot */
        assert_string_equal(desk_word(json_array_get(pauses, 0), "resume_note"), "came");
        json_decref(pauses);
        desk_put(d, "UPDATE process_instance SET state = 'incident' WHERE id = ?1@int", id, 0, 0, 0);
        assert_int_equal(desk_case(d, id, "cases.pause", "{\"reason\":\"papers\"}", NULL), SB_CASE_STATE);
        assert_int_equal(desk_case(d, id, "cases.ask", "{\"materials\":[\"proof\"],\"expected\":\"2026-12-30\"}", NULL),
                         SB_CASE_STATE);
        done = desk_start(d, "U5", "{\"n\":1}");
        assert_int_equal(desk_case(d, done, "cases.withdraw", "{\"reason\":\"不办了\"}", NULL), SB_CASE_WITHDRAW);
        assert_string_equal(desk_text(d, STATE, done), "active");
        static const char *const verbs[] = {"cases.papers", "cases.note",     "cases.pause",
                                            "cases.resume", "cases.withdraw", "cases.ask"};
        static const char *const more[] = {"{\"papers\":[]}",         "{\"text\":\"x\"}",  "{\"reason\":\"papers\"}", "{}",
                                           "{\"reason\":\"不办了\"}", "{\"materials\":[]}"};
        for (size_t k = 0; k < sizeof verbs / sizeof verbs[0]; k++) {
                json_t *in = desk_json(d, more[k]);
                json_object_set_new(in, "case", json_integer(id));
                assert_int_equal(desk_call(d, 1, ROLE_CLERK, 11, verbs[k], in, NULL), SB_CASE_OFFICE);
                assert_int_equal(desk_case(d, 999, verbs[k], more[k], NULL), SB_CASE_UNKNOWN);
        }
        desk_close(d);
}

static void who_acts_for_somebody_needs_a_power(void **state)
{
        static const char *const wrong[] = {"{\"kind\":\"agent\",\"principal_kind\":\"person\",\"principal\":5,\"person\":6,"
                                            "\"document\":\"d\"}", /* no last day */
                                            "{\"kind\":\"heir\",\"principal_kind\":\"person\",\"principal\":5,\"person\":6,"
                                            "\"document\":\"d\",\"valid_from\":"
                                            "\"2026-12-01\",\"last_day\":\"2026-11-30\"}"};
        static const char POWER[] =
            "{\"kind\":\"agent\",\"principal_kind\":\"person\",\"principal\":5,\"person\":6,\"document\":"
            "\"公证书\",\"processes\":\"X1 X55\",\"last_day\":\"2026-11-24\"}";
        static const char FOR[] =
            "{\"applicant\":{\"kind\":\"agent\",\"person\":6},\"subject\":{\"kind\":\"person\",\"id\":5}}";
        struct desk *d = fresh(state);
        json_t *out = NULL;

        for (size_t k = 0; k < sizeof wrong / sizeof wrong[0]; k++)
                assert_int_equal(desk_ask(d, "applicants.add", desk_json(d, wrong[k]), NULL), SB_CASE_APPLICANT);
        applied(d, FOR, SB_CASE_POWER_NONE);
        applied(d,
                "{\"applicant\":{\"kind\":\"agent\",\"person\":6,\"document\":\"委托书\"},\"subject\":{\"kind\":\"person\","
                "\"id\":5}}",
                SB_OK); /* with a paper in the hand */
        applied(d, "{\"applicant\":{\"kind\":\"agent\",\"name\":\"甲\"}}", SB_CASE_APPLICANT);
        applied(d, "{\"applicant\":{\"kind\":\"heir\",\"name\":\"\",\"document\":\"d\"}}", SB_CASE_APPLICANT);
        applied(d, "{\"applicant\":{\"kind\":\"guardian\",\"name\":\"甲\",\"document\":\"\"}}", SB_CASE_APPLICANT);
        applied(d, "{\"applicant\":{\"kind\":\"employer\",\"employer\":3}}", SB_OK);
        applied(d, "{\"handling_office\":999}", SB_CASE_HANDLING);
        assert_int_equal(desk_ask(d, "applicants.add", desk_json(d, POWER), &out), SB_OK);
        int64_t power = json_integer_value(json_object_get(out, "id"));
        json_decref(out);
        applied(d, FOR, SB_CASE_POWER_PROCESS);
        desk_put(d, "UPDATE applicant_power SET processes = 'X1 X5' WHERE id = ?1@int", power, 0, 0, 0);
        applied(d, FOR, SB_OK);
        desk_put(d, "UPDATE applicant_power SET processes = '', valid_from = ?2@int, valid_to = ?3@int WHERE id = ?1@int",
                 power, day_from(2026, 12, 1), DAY_END, 0);
        applied(d, FOR, SB_CASE_POWER_ENDED); /* not yet */
        desk_put(d, "UPDATE applicant_power SET valid_from = ?2@int WHERE id = ?1@int", power, day_from(2026, 11, 24), 0, 0);
        applied(d, FOR, SB_OK);
        assert_int_equal(desk_ask(d, "applicants.end", json_pack("{s:I}", "power", (json_int_t)power), NULL), SB_OK);
        assert_int_equal(desk_ask(d, "applicants.end", json_pack("{s:I}", "power", (json_int_t)power), NULL),
                         SB_CASE_POWER_ENDED);
        applied(d, FOR, SB_CASE_POWER_ENDED);
        assert_int_equal(
            desk_ask(d, "applicants.list", json_pack("{s:s,s:i}", "principal_kind", "person", "principal", 5), &out), SB_OK);
        const json_t *row = json_array_get(json_object_get(out, "items"), 0);
        assert_string_equal(desk_word(row, "last_day"), "2026-11-23");
        assert_string_equal(desk_word(row, "document"), "公证书");
        json_decref(out);
        desk_close(d);
}

/* --- attachments ------------------------------------------------------------------------------------------------------------------------- */

static enum error_code attach(struct desk *d, int64_t staff, int64_t office, int64_t id, struct str bytes, const char *material,
                              const char *key, int64_t *attachment)
{
        struct call c = {.house = &d->house,
                         .who = {.staff = staff, .office = office, .roles = ROLE_CLERK, .lang = LANG_EN},
                         .key = key,
                         .body = bytes,
                         .body_type = "image/jpeg"};
        json_t *in = json_pack("{s:I,s:s,s:s*}", "case", (json_int_t)id, "title", "scan", "material", material), *out = NULL;

        error_clear(&d->err);
        int rc = verb_call(&c, registry_find(d->verbs, "attachments.add"), in, &out, &d->err);
        *attachment = json_integer_value(json_object_get(out, "attachment"));
        json_decref(out);
        json_decref(in);
        return rc == 0 ? SB_OK : d->err.code;
}

static void a_scan_is_refused_or_kept_whole(void **state)
{
        static const char jpeg[] = "\xff\xd8\xff\xe0\0\4ab\xff\xda\0\2data\xff\xd9";
        struct str scan = {jpeg, sizeof jpeg - 1};
        struct desk *d = fresh(state);
        int64_t id = applied(d, "{}", SB_OK), one, again, none;
        size_t large = ((size_t)20 << 20) + 1;
        char *bytes = calloc(1, large);
        json_t *list;

        memcpy(bytes, jpeg, sizeof jpeg - 1);
        memcpy(bytes + large - 2, "\xff\xd9", 2);
        assert_int_equal(attach(d, 1, 10, id, (struct str){bytes, large}, NULL, "k1", &none), SB_CASE_ATTACHMENT);
        free(bytes);
        assert_int_equal(attach(d, 1, 10, id, scan, "seal", "k2", &none), SB_CASE_PAPER);
        assert_int_equal(attach(d, 1, 11, id, scan, NULL, "k3", &none), SB_CASE_OFFICE);
        assert_int_equal(desk_int(d, "SELECT COUNT(*) FROM attachment WHERE instance = ?1@int", id), 0);
        assert_int_equal(attach(d, 1, 10, id, scan, "proof", "k4", &one), SB_OK);
        assert_int_equal(attach(d, 1, 10, id, scan, "proof", "k4", &again), SB_OK); /* the same request: the same answer */
        assert_int_equal(again, one);
        assert_int_equal(attach(d, 2, 10, id, scan, NULL, "k5", &again), SB_OK);
        list = file_of(d, id, "attachments");
        assert_int_equal(json_array_size(list), 2);
        assert_true(json_is_true(json_object_get(json_array_get(list, 0), "mine")));
        assert_true(json_is_false(json_object_get(json_array_get(list, 1), "mine")));
        assert_string_equal(desk_word(json_array_get(list, 0), "media_type"), "image/jpeg");
        assert_int_equal(json_integer_value(json_object_get(json_array_get(list, 0), "size")), (json_int_t)scan.n);
        json_decref(list);
        clock_advance(d->house.clock, 1000000);
        desk_put(d, "UPDATE task SET state = 'done', done_at = ?2@int WHERE instance = ?1@int", id, clock_now(d->house.clock),
                 0, 0);
        list = file_of(d, id, "attachments");
        assert_true(json_is_false(json_object_get(json_array_get(list, 0), "mine"))); /* the case went on with it */
        json_decref(list);
        json_t *in = json_pack("{s:I}", "attachment", (json_int_t)one);
        assert_int_equal(desk_ask(d, "attachments.get", json_incref(in), NULL), SB_OK);
        assert_int_equal(desk_call(d, 1, ROLE_CLERK, 11, "attachments.get", json_incref(in), NULL), SB_CASE_OFFICE);
        assert_int_equal(desk_call(d, 1, ROLE_CLERK, 11, "attachments.remove", json_incref(in), NULL), SB_CASE_OFFICE);
        d->house.files = NULL;
        assert_int_equal(desk_ask(d, "attachments.get", json_incref(in), NULL), SB_CASE_FILES);
        assert_int_equal(attach(d, 1, 10, id, scan, NULL, "k6", &none), SB_CASE_FILES);
        d->house.files = d->files;
        /* Another file in its place, another key, another hash: told, and not handed out. */
        desk_put(d, "UPDATE attachment SET hash = file_hash WHERE id = ?1@int", one, 0, 0, 0);
        assert_int_equal(desk_ask(d, "attachments.get", json_incref(in), NULL), SB_CASE_FILE_DAMAGED);
        desk_put(
            d, "UPDATE attachment SET file_hash = (SELECT a.file_hash FROM attachment a WHERE a.id = ?2@int) WHERE id = ?1@int",
            one, again, 0, 0);
        assert_true(desk_ask(d, "attachments.get", json_incref(in), NULL) != SB_OK);
        static const char *const damages[] = {"UPDATE attachment SET wrapped = hash WHERE id = ?1@int",
                                              "UPDATE attachment SET file_hash = sealed_hash WHERE id = ?1@int"};
        desk_put(d, damages[0], one, 0, 0, 0);
        assert_int_equal(desk_ask(d, "attachments.get", in, NULL), SB_CASE_FILE_DAMAGED);
        assert_int_equal(desk_ask(d, "attachments.get", json_pack("{s:i}", "attachment", 1), NULL), SB_CASE_ATTACHMENT_UNKNOWN);
        assert_int_equal(desk_case(d, id, "cases.withdraw", "{\"reason\":\"不办了\"}", NULL), SB_OK);
        assert_int_equal(attach(d, 1, 10, id, scan, NULL, "k7", &none), SB_CASE_STATE);
        desk_close(d);
}

/* --- the clock begins ---------------------------------------------------------------------------------------------------------------------- */

#define BEGUN(process) "SELECT COUNT(*) FROM process_instance WHERE process = '" process "' AND id <> ?1@int"
#define SCHEDULED(process) "SELECT state FROM schedule WHERE process = '" process "' AND id <> ?1@int"

static void the_clock_begins_what_is_of_the_scheme(void **state)
{
        static const struct desk_file clocks[] = {
            FILES, {"processes/S1.bpmn", OURS}, {"processes/S2.bpmn", THEIRS}, {NULL, NULL}};
        static const struct desk_file limited[] = {FILES,
                                                   {"processes/S1.bpmn", OURS},
                                                   {"parameters/limits.csv",
                                                    "key,dimensions,value,unit,valid_from,valid_to,source,evidence\n"
                                                    "case_limit,process=S1,200,working_days,2020-01-01,,令1号 1,T\n"},
                                                   {NULL, NULL}};
        static const struct desk_file without[] = {FILES, {NULL, NULL}};
        struct desk *d = fresh(state);
        json_t *out = NULL;

        desk_pack(d, clocks);
        desk_work(d);
        clock_set(d->house.clock, day_instant(day_from(2026, 11, 25)) + 9 * HOUR);
        desk_work(d);
        assert_int_equal(desk_int(d, BEGUN("S1"), 0), 1);
        assert_int_equal(desk_int(d, BEGUN("S2"), 0), 0); /* of another scheme, though its name begins alike */
        /* One that cannot begin, because its limit lies beyond the holiday table, is told, and tried again by and by. */
        desk_pack(d, limited);
        clock_set(d->house.clock, day_instant(day_from(2026, 11, 26)) + 9 * HOUR);
        desk_work(d);
        assert_string_equal(desk_text(d, SCHEDULED("S1"), 0), "failed");
        assert_int_equal(desk_int(d, BEGUN("S1"), 0), 1);
        assert_int_equal(desk_call(d, 9, ROLE_ADMIN, 1, "incidents.list", json_object(), &out), SB_OK);
        const json_t *item = json_array_get(json_object_get(out, "items"), 0);
        assert_string_equal(desk_word(item, "kind"), "schedule");
        assert_string_equal(desk_word(item, "code"), "SB-0013");
        json_decref(out);
        /* The law of another day begins it no more. */
        desk_pack(d, without);
        clock_set(d->house.clock, day_instant(day_from(2026, 11, 27)) + 9 * HOUR);
        desk_work(d);
        desk_work(d);
        assert_int_equal(desk_int(d, BEGUN("S1"), 0), 1);
        desk_close(d);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(who_takes_a_step_back_hears_no_more),
            TEST_ON_SQLITE(a_reminder_beside_a_step_comes_back_with_it),
            TEST_ON_SQLITE(a_date_beside_a_step_stays_or_has_come),
            TEST_ON_SQLITE(a_step_is_not_taken_back_when_it_may_not_be),
            TEST_ON_SQLITE(many_effects_of_one_step_are_each_done_once),
            TEST_ON_SQLITE(papers_stand_as_somebody_says),
            TEST_ON_SQLITE(a_pack_need_not_ask_for_papers),
            TEST_ON_SQLITE(papers_come_to_a_case_without_an_application),
            TEST_ON_SQLITE(a_clock_stands_and_goes_on),
            TEST_ON_BOTH(who_acts_for_somebody_needs_a_power),
            TEST_ON_SQLITE(a_scan_is_refused_or_kept_whole),
            TEST_ON_SQLITE(the_clock_begins_what_is_of_the_scheme),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
