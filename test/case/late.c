/* SPDX-License-Identifier: Apache-2.0
 *
 * What comes too late or to nobody: the end of a called case whose caller waits no more, a date of a step that is over, a law that begins
 * nothing any more. And steps with more behind them than is done at once.
 */
#include "case/office.h"
#include "case/past.h"

#include "engine/bpmn/bpmn.h"

#include <string.h>

#define HOUR ((int64_t)3600 * 1000000)
#define STATE "SELECT state FROM process_instance WHERE id = ?1@int"
#define NODE "SELECT node FROM task WHERE instance = ?1@int AND state = 'open' ORDER BY id LIMIT 1"
#define OPEN "SELECT COUNT(*) FROM task WHERE instance = ?1@int AND state = 'open'"
#define THINGS "SELECT COUNT(*) FROM outbox WHERE target_home = ?1@int"
#define CHILD "SELECT id FROM process_instance WHERE parent = ?1@int ORDER BY id DESC LIMIT 1"
#define RETURNED "SELECT state FROM message WHERE kind = 'return' AND target = ?1@int"

#define DEFINITIONS "<definitions xmlns=\"" BPMN_NS "\" xmlns:shebao=\"" BPMN_NS_SHEBAO "\"><message id=\"m1\" name=\"paid\"/>"
#define PROCESS(id) "<process id=\"" id "\" name=\"流程\" isExecutable=\"true\">"
#define HEAD(id) DEFINITIONS PROCESS(id) "<startEvent id=\"start\"/>"
#define TAIL "<endEvent id=\"end\"/></process></definitions>"
#define FLOW(id, from, to) "<sequenceFlow id=\"" id "\" sourceRef=\"" from "\" targetRef=\"" to "\"/>"
#define WHEN(id, from, to, condition)                                                                                          \
        "<sequenceFlow id=\"" id "\" sourceRef=\"" from "\" targetRef=\"" to "\"><conditionExpression>" condition              \
        "</conditionExpression></sequenceFlow>"
#define USER(id) "<userTask id=\"" id "\" shebao:role=\"clerk\"/>"
#define MANY(n) "<multiInstanceLoopCharacteristics><loopCardinality>" n "</loopCardinality></multiInstanceLoopCharacteristics>"
#define THING(id)                                                                                                              \
        "<serviceTask id=\"" id "\" shebao:verb=\"thing.do\"><extensionElements><shebao:input name=\"n\" value=\"1\"/>"        \
        "</extensionElements></serviceTask>"
#define THING_MANY(id, n)                                                                                                      \
        "<serviceTask id=\"" id "\" shebao:verb=\"thing.do\"><extensionElements><shebao:input name=\"n\" value=\"1\"/>"        \
        "</extensionElements>" MANY(n) "</serviceTask>"
#define HEARS(id) "<intermediateCatchEvent id=\"" id "\"><messageEventDefinition messageRef=\"m1\"/></intermediateCatchEvent>"
#define WAITS(id, how_long)                                                                                                    \
        "<intermediateCatchEvent id=\"" id "\"><timerEventDefinition><timeDuration>" how_long                                  \
        "</timeDuration></timerEventDefinition></intermediateCatchEvent>"

/* L1 calls L2, L3 calls seventy of it, L4 calls L5, which waits for a message. */
static const char L1[] = HEAD("L1") "<callActivity id=\"call\" calledElement=\"L2\"/>" USER("after") FLOW("f1", "start", "call")
    FLOW("f2", "call", "after") FLOW("f3", "after", "end") TAIL;
static const char L2[] = HEAD("L2") USER("look") FLOW("f1", "start", "look") FLOW("f2", "look", "end") TAIL;
static const char L3[] =
    HEAD("L3") "<callActivity id=\"call\" calledElement=\"L2\">" MANY("70") "</callActivity>" FLOW("f1", "start", "call")
        FLOW("f2", "call", "end") TAIL;
static const char L4[] = HEAD("L4") "<callActivity id=\"call\" calledElement=\"L5\"/>" USER("after") FLOW("f1", "start", "call")
    FLOW("f2", "call", "after") FLOW("f3", "after", "end") TAIL;
static const char L5[] = HEAD("L5") HEARS("wait") FLOW("f1", "start", "wait") FLOW("f2", "wait", "end") TAIL;
/* L6: what is paid leads to a choice that needs a value that not everybody gave. */
static const char L6[] =
    HEAD("L6") HEARS("wait") "<exclusiveGateway id=\"which\"/><endEvent id=\"no\"/>" FLOW("f1", "start", "wait")
        FLOW("f2", "wait", "which") WHEN("f3", "which", "end", "given") WHEN("f4", "which", "no", "not(given)") TAIL;
/* L7: whichever of two dates comes first; L8 waits for one. */
static const char L7[] = HEAD("L7") "<eventBasedGateway id=\"first\"/>" WAITS("a", "PT1H") WAITS("b", "PT1H") USER("one")
    USER("two") FLOW("f1", "start", "first") FLOW("f2", "first", "a") FLOW("f3", "first", "b") FLOW("f4", "a", "one")
        FLOW("f5", "b", "two") FLOW("f6", "one", "end") FLOW("f7", "two", "end") TAIL;
static const char L8[] = HEAD("L8") WAITS("wait", "PT1H") USER("look") FLOW("f1", "start", "wait") FLOW("f2", "wait", "look")
    FLOW("f3", "look", "end") TAIL;
/* L9: a step behind which twelve people work at once; L10: one behind which two verbs are done, and six behind each. */
static const char L9[] = HEAD("L9")
    USER("enter") "<userTask id=\"look\" shebao:role=\"clerk\">" MANY("12") "</userTask>" FLOW("f1", "start", "enter")
        FLOW("f2", "enter", "look") FLOW("f3", "look", "end") TAIL;
static const char L10[] = HEAD("L10") USER("enter") "<parallelGateway id=\"fork\"/><parallelGateway id=\"join\"/>" THING("a")
    THING("b") THING_MANY("c", "6") THING_MANY("d", "6") FLOW("f1", "start", "enter") FLOW("f2", "enter", "fork")
        FLOW("f3", "fork", "a") FLOW("f4", "fork", "b") FLOW("f5", "a", "c") FLOW("f6", "b", "d") FLOW("f7", "c", "join")
            FLOW("f8", "d", "join") FLOW("f9", "join", "end") TAIL;

#define FILES                                                                                                                  \
        {"processes/L1.bpmn", L1}, {"processes/L2.bpmn", L2}, {"processes/L3.bpmn", L3}, {"processes/L4.bpmn", L4},            \
            {"processes/L5.bpmn", L5}, {"processes/L6.bpmn", L6}, {"processes/L7.bpmn", L7}, {"processes/L8.bpmn", L8},        \
            {"processes/L9.bpmn", L9},                                                                                         \
        {                                                                                                                      \
                "processes/L10.bpmn", L10                                                                                      \
        }

static struct desk *fresh(void **state)
{
        static const struct desk_file files[] = {FILES, {NULL, NULL}};

        return desk_with(state, files);
}

static enum error_code withdrawn(struct desk *d, int64_t id)
{
        return desk_case(d, id, "cases.withdraw", "{\"reason\":\"不办了\"}", NULL);
}

/* --- a caller that waits no more -------------------------------------------------------------------------------------------------------- */

struct ending {
        struct desk *desk;
        int64_t task;
};

static int end_apply(struct tx *tx, void *ctx, struct error *err)
{
        struct ending *e = ctx;
        struct call c = {.house = &e->desk->house, .who = {.staff = 1, .office = 10, .roles = ROLE_CLERK}};
        json_t *outcome = json_pack("{s:s}", "decision", "approve");
        int rc = case_task_complete(tx, &c, e->task, outcome, err);

        json_decref(outcome);
        return rc;
}

/* A caller whose called case has come to its end; nobody has told it yet. */
static int64_t untold(struct desk *d)
{
        int64_t id = desk_start(d, "L1", "{}"), child = desk_int(d, CHILD, id);
        struct ending e = {d, desk_task(d, child)};

        assert_ok(store_write(d->house.store, end_apply, &e, &d->err), d->err);
        assert_string_equal(desk_text(d, STATE, child), "done");
        assert_string_equal(desk_text(d, RETURNED, id), "open");
        return id;
}

static void a_caller_that_waits_no_more_is_not_told(void **state)
{
        static const struct run_kind *const kinds[] = {&case_archive_kind, NULL};
        struct desk *d = fresh(state);
        int64_t told = untold(d), gone = untold(d), interrupted = untold(d), past = untold(d), lost = untold(d);
        json_t *out = NULL;

        desk_put(d, "UPDATE message SET sequence = sequence + 7 WHERE kind = 'return' AND target = ?1@int", interrupted, 0, 0,
                 0);
        assert_int_equal(withdrawn(d, past), SB_OK);
        desk_put(d, "UPDATE message SET target = ?2@int WHERE kind = 'return' AND target = ?1@int", lost, 99, 0, 0);
        clock_set(d->house.clock, day_instant(day_from(2026, 12, 2)) + 9 * HOUR);
        assert_int_equal(withdrawn(d, gone), SB_OK); /* in another month than `past` */
        assert_int_equal(desk_call(d, 9, ROLE_ADMIN, 1, "cases.archive_past", json_pack("{s:s}", "before", "2026-12"), &out),
                         SB_OK);
        assert_ok(run_work(&d->house, kinds, json_integer_value(json_object_get(out, "run")), NULL, NULL, &d->err), d->err);
        json_decref(out);
        assert_int_equal(desk_int(d, "SELECT COUNT(*) FROM case_past WHERE id = ?1@int", past), 1);
        desk_work(d);
        assert_string_equal(desk_text(d, RETURNED, told), "done");
        assert_string_equal(desk_text(d, NODE, told), "after");
        assert_string_equal(desk_text(d, RETURNED, gone), "late");
        assert_string_equal(desk_text(d, STATE, gone), "cancelled");
        assert_string_equal(desk_text(d, RETURNED, past), "late");
        assert_string_equal(desk_text(d, RETURNED, interrupted), "late");
        assert_string_equal(desk_text(d, NODE, interrupted), "");
        assert_string_equal(desk_text(d, STATE, interrupted), "active");
        /* Told to a case that never was: that is a fault, and said; nobody else's case stops for it. */
        assert_string_equal(desk_text(d, RETURNED, 99), "failed");
        assert_non_null(strstr(desk_text(d, "SELECT error FROM message WHERE target = ?1@int", 99), "SB-0455"));
        assert_string_equal(desk_text(d, STATE, lost), "active");
        desk_close(d);
}

static void whoever_begins_a_case_brings_what_waited_for_it(void **state)
{
        struct desk *d = fresh(state);
        json_t *out = NULL;

        assert_int_equal(desk_ask(d, "cases.message", desk_json(d, "{\"name\":\"paid\",\"id\":\"a\"}"), &out), SB_OK);
        assert_string_equal(desk_word(out, "state"), "waiting");
        json_decref(out);
        /* The called case hears at once what came before it; its caller goes on with that. */
        int64_t id = desk_start(d, "L4", "{}");
        assert_string_equal(desk_text(d, STATE, desk_int(d, CHILD, id)), "done");
        assert_string_equal(desk_text(d, NODE, id), "after");
        /* One message is for one case. */
        id = desk_start(d, "L4", "{}");
        assert_string_equal(desk_text(d, STATE, desk_int(d, CHILD, id)), "active");
        desk_close(d);
}

static void a_message_with_which_a_case_cannot_go_on_is_its_incident(void **state)
{
        struct desk *d = fresh(state);
        int64_t id = desk_start(d, "L6", "{}");
        json_t *out = NULL;

        assert_int_equal(desk_ask(d, "cases.message", desk_json(d, "{\"name\":\"paid\",\"id\":\"a\"}"), &out), SB_OK);
        assert_string_equal(desk_word(out, "state"), "failed");
        json_decref(out);
        assert_string_equal(desk_text(d, STATE, id), "incident");
        assert_non_null(strstr(desk_text(d, "SELECT incident FROM process_instance WHERE id = ?1@int", id), "SB-0404"));
        assert_int_equal(desk_int(d, "SELECT COUNT(*) FROM message WHERE state = 'failed' AND target = ?1@int", id), 1);
        desk_close(d);
}

/* --- dates ------------------------------------------------------------------------------------------------------------------------------- */

static void the_first_of_two_dates_counts(void **state)
{
        struct desk *d = fresh(state);
        int64_t id = desk_start(d, "L7", "{}");

        clock_advance(d->house.clock, HOUR + 1); /* both have come */
        desk_work(d);
        assert_int_equal(desk_int(d, OPEN, id), 1);
        assert_int_equal(desk_int(d, "SELECT COUNT(*) FROM timer WHERE instance = ?1@int AND state = 'done'", id), 1);
        assert_int_equal(desk_int(d, "SELECT COUNT(*) FROM timer WHERE instance = ?1@int AND state = 'cancelled'", id), 1);
        desk_close(d);
}

static void a_date_wakes_the_step_that_it_was_set_for(void **state)
{
        struct desk *d = fresh(state);
        int64_t old = desk_start(d, "L8", "{}"), over = desk_start(d, "L8", "{}"), lost = desk_start(d, "L8", "{}"),
                gone = desk_start(d, "L8", "{}"), well = desk_start(d, "L8", "{}");

        desk_put(d, "UPDATE timer SET sequence = 0 WHERE instance = ?1@int", old, 0, 0,
                 0); /* from before they knew their step */
        desk_put(d, "UPDATE timer SET sequence = 99 WHERE instance = ?1@int", over, 0, 0, 0);
        desk_put(d, "UPDATE timer SET instance = 99 WHERE instance = ?1@int", lost, 0, 0, 0);
        desk_put(d, "UPDATE timer SET token = 99 WHERE instance = ?1@int", gone, 0, 0, 0);
        clock_advance(d->house.clock, HOUR + 1);
        desk_work(d);
        assert_string_equal(desk_text(d, NODE, old), "look");
        assert_string_equal(desk_text(d, NODE, over), "");
        assert_string_equal(desk_text(d, STATE, over), "active");
        assert_string_equal(desk_text(d, NODE, gone), "");
        assert_string_equal(desk_text(d, "SELECT state FROM timer WHERE instance = ?1@int", over), "done");
        assert_string_equal(desk_text(d, "SELECT state FROM timer WHERE instance = ?1@int", 99), "failed");
        assert_string_equal(desk_text(d, NODE, well), "look"); /* the last of them */
        desk_close(d);
}

/* --- the law of another day ------------------------------------------------------------------------------------------------------------- */

#define DAILY(id, start)                                                                                                       \
        DEFINITIONS PROCESS(id) "<startEvent id=\"" start "\"><timerEventDefinition><timeCycle>R/2026-11-25T08:00:00/P1D</"    \
                                "timeCycle></timerEventDefinition></startEvent>" USER("look") FLOW("f1", start, "look")        \
                                    FLOW("f2", "look", "end") TAIL
#define BEGUN(process) "SELECT COUNT(*) FROM process_instance WHERE process = '" process "' AND id <> ?1@int"
#define ARMED "SELECT COUNT(*) FROM schedule WHERE process <> '' AND state = 'armed' AND id <> ?1@int"

static void what_the_law_begins_no_more_is_begun_no_more(void **state)
{
        static const char S1[] = DAILY("S1", "daily"), S2[] = DAILY("S2", "daily"), S3[] = DAILY("S3", "daily"),
                          S4[] = DAILY("S4", "daily");
        /* Another event has the name, or another kind of start, or a step. */
        static const char RENAMED[] = DAILY("S1", "weekly");
        static const char BY_HAND[] = DEFINITIONS PROCESS("S2") "<startEvent id=\"daily\"/>" USER("look")
            FLOW("f1", "daily", "look") FLOW("f2", "look", "end") TAIL;
        static const char A_STEP[] = HEAD("S3") USER("daily") FLOW("f1", "start", "daily") FLOW("f2", "daily", "end") TAIL;
        static const struct desk_file before[] = {{"processes/S1.bpmn", S1},
                                                  {"processes/S2.bpmn", S2},
                                                  {"processes/S3.bpmn", S3},
                                                  {"processes/S4.bpmn", S4},
                                                  {NULL, NULL}};
        static const struct desk_file after[] = {{"processes/S1.bpmn", RENAMED},
                                                 {"processes/S2.bpmn", BY_HAND},
                                                 {"processes/S3.bpmn", A_STEP},
                                                 {"processes/S4.bpmn", S4},
                                                 {NULL, NULL}};
        struct desk *d = fresh(state);

        desk_pack(d, before);
        desk_work(d);
        assert_int_equal(desk_int(d, ARMED, 0), 4);
        desk_pack(d, after);
        clock_set(d->house.clock, day_instant(day_from(2026, 11, 25)) + 9 * HOUR);
        desk_work(d);
        desk_work(d);
        assert_int_equal(desk_int(d, BEGUN("S2"), 0) + desk_int(d, BEGUN("S3"), 0), 0);
        assert_int_equal(desk_int(d, BEGUN("S4"), 0), 1);
        static const char *const gone[] = {"S1", "S2", "S3"};
        for (size_t k = 0; k < 3; k++) {
                char sql[160];
                text_format(sql, sizeof sql,
                            "SELECT state FROM schedule WHERE process = '%s' AND node = 'daily' AND id <> ?1@int", gone[k]);
                assert_string_equal(desk_text(d, sql, 0), "done");
        }
        desk_close(d);
}

/* Every pool has its own dates, however many there are; one whose law is not in force yet has none. */
static void every_pool_has_its_dates(void **state)
{
        static const char S1[] = DAILY("S1", "daily");
        static const struct desk_file files[] = {{"processes/S1.bpmn", S1}, {NULL, NULL}};
        struct desk *d = fresh(state);

        desk_pack(d, files);
        for (int k = 0; k < 70; k++) {
                desk_put(d,
                         "INSERT INTO pool (id, code, scheme, territory, home, name_zh, name_en, valid_from, valid_to) SELECT "
                         "?1@int, 'P' || CAST(?1@int AS @text), scheme, territory, home, '', '', 0, valid_to FROM pool WHERE "
                         "id = 5",
                         200 + k, 0, 0, 0);
                desk_put(d,
                         "INSERT INTO pack_activation (id, pool, pack_hash, valid_from, valid_to, known_from, known_to, actor) "
                         "SELECT ?1@int, ?1@int, pack_hash, CASE WHEN ?1@int = 269 THEN valid_from + 30 ELSE valid_from END, "
                         "valid_to, known_from, known_to, actor FROM pack_activation WHERE pool = 5 ORDER BY id DESC LIMIT 1",
                         200 + k, 0, 0, 0);
        }
        desk_work(d);
        assert_int_equal(desk_int(d, "SELECT COUNT(DISTINCT pool) FROM schedule WHERE process = 'S1' AND id <> ?1@int", 0), 70);
        assert_int_equal(desk_int(d, "SELECT COUNT(*) FROM schedule WHERE pool = ?1@int", 269), 0);
        desk_close(d);
}

/* --- what begins a case ------------------------------------------------------------------------------------------------------------------ */

#define SIGNAL "<signalEventDefinition signalRef=\"s1\"/>"
#define SIGNALS "<definitions xmlns=\"" BPMN_NS "\" xmlns:shebao=\"" BPMN_NS_SHEBAO "\"><signal id=\"s1\" name=\"year.end\"/>"

/* A file that is no model, and a second process in the file of a first: the others begin, by date, message and signal, and only they. */
static void what_is_sound_begins_beside_what_is_not(void **state)
{
        static const char DAY[] = DAILY("N1", "daily"), BROKEN[] = "<definitions";
        static const char PAID[] =
            DEFINITIONS PROCESS("N3") "<startEvent id=\"start\"><messageEventDefinition messageRef=\"m1\"/>"
                                      "</startEvent>" USER("look") FLOW("f1", "start", "look") FLOW("f2", "look", "end") TAIL;
        /* N2, and beside it what is named like no file. */
        static const char TWO[] =
            DEFINITIONS PROCESS("N2") "<startEvent id=\"s\"/>" USER("t") "<endEvent id=\"e\"/>" FLOW("g1", "s", "t")
                FLOW("g2", "t", "e") "</process>" PROCESS("beside") "<startEvent id=\"start\">"
                                                                    "<messageEventDefinition messageRef=\"m1\"/>"
                                                                    "</startEvent><startEvent id=\"daily\">"
                                                                    "<timerEventDefinition><timeCycle>R/2026-11-25T08:00"
                                                                    ":00/P1D</timeCycle></timerEventDefinition>"
                                                                    "</startEvent>" USER("look") FLOW("f1", "start", "look")
                                                                        FLOW("f2", "look", "end") FLOW("f3", "daily", "look")
                                                                            TAIL;
        static const char HEARD[] = SIGNALS PROCESS("N4") "<startEvent id=\"start\">" SIGNAL "</startEvent>" USER("look")
            FLOW("f1", "start", "look") FLOW("f2", "look", "end") TAIL;
        static const char TELLS[] =
            SIGNALS PROCESS("N5") "<startEvent id=\"start\"/><intermediateThrowEvent id=\"tell\">" SIGNAL
                                  "</intermediateThrowEvent>" FLOW("f1", "start", "tell") FLOW("f2", "tell", "end") TAIL;
        static const struct desk_file files[] = {{"processes/N0.bpmn", BROKEN},
                                                 {"processes/N1.bpmn", DAY},
                                                 {"processes/N2.bpmn", TWO},
                                                 {"processes/N3.bpmn", PAID},
                                                 {"processes/N4.bpmn", HEARD},
                                                 {"processes/N5.bpmn", TELLS},
                                                 {NULL, NULL}};
        struct desk *d = fresh(state);
        json_t *out = NULL;

        desk_pack(d, files);
        desk_work(d);
        clock_set(d->house.clock, day_instant(day_from(2026, 11, 25)) + 9 * HOUR);
        desk_work(d);
        assert_int_equal(desk_int(d, BEGUN("N1"), 0), 1);
        assert_int_equal(desk_ask(d, "cases.message", desk_json(d, "{\"name\":\"paid\",\"pool\":5,\"id\":\"a\"}"), &out),
                         SB_OK);
        assert_string_equal(desk_word(out, "state"), "done");
        json_decref(out);
        assert_int_equal(desk_int(d, BEGUN("N3"), 0), 1);
        assert_int_equal(desk_int(d, BEGUN("N2"), 0), 0);
        int64_t teller = desk_start(d, "N5", "{}");
        desk_work(d);
        assert_string_equal(desk_text(d, STATE, teller), "done");
        assert_int_equal(desk_int(d, BEGUN("N4"), 0), 1);
        desk_close(d);
}

/* What a step throws may end the step. */
static void a_signal_may_end_who_throws_it(void **state)
{
        static const char ENDS[] =
            SIGNALS PROCESS("N6") "<startEvent id=\"start\"/><subProcess id=\"sub\"><startEvent id=\"ss\"/>"
                                  "<intermediateThrowEvent id=\"tell\">" SIGNAL
                                  "</intermediateThrowEvent>" USER("inner") "<endEvent id=\"se\"/>" FLOW("s1", "ss", "tell")
                                      FLOW("s2", "tell", "inner")
                                          FLOW("s3", "inner", "se") "</subProcess><boundaryEvent id=\"heard\" "
                                                                    "attachedToRef=\"sub\">" SIGNAL
                                                                    "</boundaryEvent>" USER("outer") FLOW("f1", "start", "sub")
                                                                        FLOW("f2", "sub", "end") FLOW("f3", "heard", "outer")
                                                                            FLOW("f4", "outer", "end") TAIL;
        static const struct desk_file files[] = {{"processes/N6.bpmn", ENDS}, {NULL, NULL}};
        struct desk *d = fresh(state);

        desk_pack(d, files);
        int64_t id = desk_start(d, "N6", "{}");
        assert_string_equal(desk_text(d, NODE, id), "outer");
        assert_int_equal(desk_int(d, OPEN, id), 1);
        desk_close(d);
}

/* --- much at once ------------------------------------------------------------------------------------------------------------------------ */

static void who_withdraws_leaves_no_called_case_behind(void **state)
{
        struct desk *d = fresh(state);
        int64_t id = desk_start(d, "L3", "{}");

        desk_work(d);
        assert_int_equal(desk_int(d, "SELECT COUNT(*) FROM process_instance WHERE parent = ?1@int AND state = 'active'", id),
                         70);
        assert_int_equal(withdrawn(d, id), SB_OK);
        assert_int_equal(desk_int(d, "SELECT COUNT(*) FROM process_instance WHERE parent = ?1@int AND state = 'cancelled'", id),
                         70);
        assert_int_equal(desk_int(d, "SELECT COUNT(*) FROM task WHERE state = 'open' AND id <> ?1@int", 0), 0);
        desk_close(d);
}

static void a_step_may_have_much_behind_it(void **state)
{
        struct desk *d = fresh(state);
        int64_t people = desk_start(d, "L9", "{}"), verbs = desk_start(d, "L10", "{}");

        assert_int_equal(desk_decide(d, people, 1, ROLE_CLERK, "approve"), SB_OK);
        assert_int_equal(desk_int(d, OPEN, people), 12);
        assert_int_equal(desk_decide(d, verbs, 1, ROLE_CLERK, "approve"), SB_OK);
        clock_advance(d->house.clock, 24 * HOUR);
        desk_work(d); /* what was too much for the answer */
        assert_int_equal(desk_int(d, THINGS, verbs), 14);
        assert_string_equal(desk_text(d, STATE, verbs), "done");
        desk_close(d);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            TEST_ON_SQLITE(a_caller_that_waits_no_more_is_not_told),
            TEST_ON_BOTH(whoever_begins_a_case_brings_what_waited_for_it),
            TEST_ON_SQLITE(a_message_with_which_a_case_cannot_go_on_is_its_incident),
            TEST_ON_BOTH(the_first_of_two_dates_counts),
            TEST_ON_SQLITE(a_date_wakes_the_step_that_it_was_set_for),
            TEST_ON_SQLITE(what_the_law_begins_no_more_is_begun_no_more),
            TEST_ON_BOTH(every_pool_has_its_dates),
            TEST_ON_SQLITE(what_is_sound_begins_beside_what_is_not),
            TEST_ON_SQLITE(a_signal_may_end_who_throws_it),
            TEST_ON_SQLITE(who_withdraws_leaves_no_called_case_behind),
            TEST_ON_SQLITE(a_step_may_have_much_behind_it),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
