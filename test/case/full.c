/* SPDX-License-Identifier: Apache-2.0
 *
 * All of BPMN in a case, on both databases: decisions by the pack, messages, signals, calls of other processes, errors of verbs that
 * the model catches, timers beside tasks, days that cannot be counted yet.
 */
#include "case/office.h"

#include "engine/bpmn/bpmn.h"

#include <string.h>

#define HOUR ((int64_t)3600 * 1000000)
#define DAY (24 * HOUR)
#define STATE "SELECT state FROM process_instance WHERE id = ?1@int"
#define NODE "SELECT node FROM task WHERE instance = ?1@int AND state = 'open' ORDER BY id LIMIT 1"
#define VARIABLES "SELECT variables FROM process_instance WHERE id = ?1@int"
#define CHILD "SELECT id FROM process_instance WHERE parent = ?1@int ORDER BY id DESC LIMIT 1"
#define OPEN "SELECT COUNT(*) FROM task WHERE instance = ?1@int AND state = 'open'"
#define MESSAGES(state) "SELECT COUNT(*) FROM message WHERE state = '" state "' AND id <> ?1@int"

#define HEAD(id)                                                                                                               \
        "<definitions xmlns=\"" BPMN_NS "\" xmlns:shebao=\"" BPMN_NS_SHEBAO "\"><message id=\"m1\" name=\"paid\"/>"            \
        "<signal id=\"s1\" name=\"year.end\"/><error id=\"e1\" errorCode=\"SB-0204\"/><error id=\"e2\" errorCode=\"NO\"/>"     \
        "<error id=\"e3\" errorCode=\"withdrawn\"/><process id=\"" id "\" name=\"流程\" isExecutable=\"true\">"              \
        "<startEvent id=\"start\"/>"
#define TAIL "<endEvent id=\"end\"/></process></definitions>"
#define FLOW(id, from, to) "<sequenceFlow id=\"" id "\" sourceRef=\"" from "\" targetRef=\"" to "\"/>"
#define USER(id) "<userTask id=\"" id "\" shebao:role=\"clerk\"/>"
#define IN(name, value) "<shebao:input name=\"" name "\" value=\"" value "\"/>"
#define OUT(name, value) "<shebao:output name=\"" name "\" value=\"" value "\"/>"
#define MAPS(maps) "<extensionElements>" maps "</extensionElements>"
#define BOUNDARY(id, at, attributes, body)                                                                                     \
        "<boundaryEvent id=\"" id "\" attachedToRef=\"" at "\" " attributes ">" body "</boundaryEvent>"
#define MESSAGE "<messageEventDefinition messageRef=\"m1\"/>"
#define SIGNAL "<signalEventDefinition signalRef=\"s1\"/>"
#define ERROR_EVENT(ref) "<errorEventDefinition errorRef=\"" ref "\"/>"
#define TIMER "<timerEventDefinition/>"

/* R1: a decision by the pack, then a person. */
static const char R1[] = HEAD("R1") "<businessRuleTask id=\"rule\" shebao:model=\"grade\" shebao:decision=\"Grade\">" MAPS(
    IN("n", "n") OUT("grade", "number(result.value)") OUT("decision", "result.decision_id")) "</businessRuleTask>" USER("look")
    FLOW("f1", "start", "rule") FLOW("f2", "rule", "look") FLOW("f3", "look", "end") TAIL;
static const char GRADE[] =
    "<definitions xmlns=\"https://www.omg.org/spec/DMN/20230324/MODEL/\" id=\"g\" name=\"grade\" namespace=\"urn:grade\">"
    "<inputData id=\"i\" name=\"n\"><variable id=\"iv\" name=\"n\" typeRef=\"number\"/></inputData><decision id=\"d\" "
    "name=\"Grade\"><variable id=\"v\" name=\"Grade\" typeRef=\"number\"/><informationRequirement id=\"r\"><requiredInput "
    "href=\"#i\"/></informationRequirement><literalExpression id=\"l\"><text>n * 2</text></literalExpression></decision>"
    "</definitions>";
/* R2 waits for the message of its person; R3 sends it; R5 begins by it when nobody waits. */
static const char R2[] =
    HEAD("R2") "<intermediateCatchEvent id=\"wait\" shebao:key=\"person\">" MAPS(OUT("amount", "result.amount")) MESSAGE
    "</intermediateCatchEvent>" USER("look") FLOW("f1", "start", "wait") FLOW("f2", "wait", "look") FLOW("f3", "look", "end")
        TAIL;
static const char R3[] = HEAD("R3") "<sendTask id=\"send\" messageRef=\"m1\" shebao:key=\"person\">" MAPS(
    IN("amount", "amount")) "</sendTask>" FLOW("f1", "start", "send") FLOW("f2", "send", "end") TAIL;
static const char R5[] = "<definitions xmlns=\"" BPMN_NS "\" xmlns:shebao=\"" BPMN_NS_SHEBAO
                         "\"><message id=\"m1\" name=\"paid\"/><process id=\"R5\" "
                         "isExecutable=\"true\"><startEvent id=\"start\">" MAPS(OUT("sum", "result.amount")) MESSAGE
    "</startEvent>" USER("look") FLOW("f1", "start", "look") FLOW("f2", "look", "end") TAIL;
/* R4: a verb whose refusal the model catches. */
static const char R4[] = HEAD("R4") "<serviceTask id=\"do\" shebao:verb=\"thing.do\">" MAPS(
    IN("n", "n")) "</serviceTask>" BOUNDARY("oops", "do", "", MAPS(OUT("why", "result.code")) ERROR_EVENT("e1")) USER("mend")
    FLOW("f1", "start", "do") FLOW("f2", "do", "end") FLOW("f3", "oops", "mend") FLOW("f4", "mend", "end") TAIL;
/* R6 calls R7 and catches what goes wrong there; R8 calls it and catches nothing. */
#define CALLER(id, more)                                                                                                       \
        HEAD(id)                                                                                                               \
        "<callActivity id=\"call\" calledElement=\"R7\">" MAPS(                                                                \
            IN("n", "n * 10") OUT("back", "result.n")) "</callActivity>" more USER("after") FLOW("f1", "start", "call")        \
            FLOW("f2", "call", "after") FLOW("f3", "after", "end") TAIL
static const char R6[] =
    CALLER("R6", BOUNDARY("no", "call", "", ERROR_EVENT("e2")) BOUNDARY("gone", "call", "", ERROR_EVENT("e3")) USER("refused")
                     USER("left") FLOW("f4", "no", "refused") FLOW("f5", "refused", "end") FLOW("f6", "gone", "left")
                         FLOW("f7", "left", "end"));
static const char R8[] = CALLER("R8", "");
static const char R7[] =
    HEAD("R7") USER("inner") "<exclusiveGateway id=\"ok\" default=\"f4\"/><endEvent id=\"no\">" ERROR_EVENT(
        "e2") "</endEvent>" FLOW("f1", "start", "inner")
        FLOW("f2", "inner", "ok") "<sequenceFlow id=\"f3\" sourceRef=\"ok\" targetRef=\"no\"><conditionExpression>decision = "
                                  "\"reject\"</conditionExpression></sequenceFlow>" FLOW("f4", "ok", "end") TAIL;
/* R9: a reminder beside a task after five working days, and a sub-process that a signal begins. */
static const char R9[] =
    HEAD("R9") USER("work") BOUNDARY("late", "work", "cancelActivity=\"false\" shebao:workingDays=\"5\"", TIMER)
        USER("remind") "<subProcess id=\"year\" triggeredByEvent=\"true\"><startEvent id=\"ys\">" SIGNAL
                       "</startEvent>" USER("close") "<endEvent id=\"ye\"/>" FLOW("y1", "ys", "close")
                           FLOW("y2", "close", "ye") "</subProcess>" FLOW("f1", "start", "work") FLOW("f2", "work", "end")
                               FLOW("f3", "late", "remind") FLOW("f4", "remind", "end") TAIL;
/* R10 throws the signal. R11: a step with a limit that the holiday table does not reach. */
static const char R10[] = HEAD("R10") "<intermediateThrowEvent id=\"tell\">" SIGNAL "</intermediateThrowEvent>" USER("after")
    FLOW("f1", "start", "tell") FLOW("f2", "tell", "after") FLOW("f3", "after", "end") TAIL;
static const char R11[] =
    HEAD("R11") USER("first") "<userTask id=\"second\" shebao:role=\"clerk\" shebao:limit=\"5\"/>" BOUNDARY(
        "late", "second", "cancelActivity=\"false\" shebao:workingDays=\"6\"", TIMER) FLOW("f1", "start", "first")
        FLOW("f2", "first", "second") FLOW("f3", "second", "end") FLOW("f4", "late", "end") TAIL;

#define FILES                                                                                                                  \
        {"rules/grade.dmn", GRADE}, {"processes/R1.bpmn", R1}, {"processes/R2.bpmn", R2}, {"processes/R3.bpmn", R3},           \
            {"processes/R4.bpmn", R4}, {"processes/R6.bpmn", R6}, {"processes/R7.bpmn", R7}, {"processes/R8.bpmn", R8},        \
            {"processes/R9.bpmn", R9}, {"processes/R10.bpmn", R10},                                                            \
        {                                                                                                                      \
                "processes/R11.bpmn", R11                                                                                      \
        }
static const struct desk_file files[] = {FILES, {NULL, NULL}};
static const struct desk_file beginning[] = {FILES, {"processes/R5.bpmn", R5}, {NULL, NULL}};
static const struct desk_file longer[] = {
    FILES,
    {"holidays.csv", "day,kind,source\n2026-01-01,year,令2号\n2026-11-28,work,令2号\n2026-11-30,holiday,令2号\n"
                     "2027-01-01,year,令3号\n2027-01-01,holiday,令3号\n"},
    {NULL, NULL}};

static struct desk *fresh(void **state)
{
        struct desk *d = desk_fresh(state);

        desk_pack(d, files);
        return d;
}

static json_t *of_case(int64_t id)
{
        return json_pack("{s:I}", "case", (json_int_t)id);
}

static void the_pack_decides_and_the_decision_is_kept(void **state)
{
        struct desk *d = fresh(state);
        int64_t id = desk_start(d, "R1", "{\"n\":21}");

        assert_string_equal(desk_text(d, NODE, id), "look");
        assert_non_null(strstr(desk_text(d, VARIABLES, id), "\"grade\":42"));
        assert_int_equal(desk_int(d, "SELECT COUNT(*) FROM decision WHERE instance = ?1@int AND name = 'Grade'", id), 1);
        assert_int_equal(desk_decide(d, id, 1, ROLE_CLERK, "approve"), SB_OK);
        assert_string_equal(desk_text(d, STATE, id), "done");
        desk_close(d);
}

static void a_message_finds_who_waits_for_its_key(void **state)
{
        struct desk *d = fresh(state);
        int64_t seven = desk_start(d, "R2", "{\"person\":7}"), eight = desk_start(d, "R2", "{\"person\":8}");
        int64_t again = desk_start(d, "R2", "{\"person\":8}"), sent;

        sent = desk_start(d, "R3", "{\"person\":8,\"amount\":500}");
        assert_string_equal(desk_text(d, STATE, sent), "done");
        assert_string_equal(desk_text(d, NODE, eight), "look"); /* who waited longest, once */
        assert_non_null(strstr(desk_text(d, VARIABLES, eight), "\"amount\":500"));
        assert_string_equal(desk_text(d, NODE, again), "");
        assert_string_equal(desk_text(d, NODE, seven), "");
        /* One that comes too early waits for who will ask for it. */
        desk_start(d, "R3", "{\"person\":9,\"amount\":90}");
        assert_int_equal(desk_int(d, MESSAGES("waiting"), 0), 1);
        int64_t nine = desk_start(d, "R2", "{\"person\":9}");
        assert_string_equal(desk_text(d, NODE, nine), "look");
        assert_int_equal(desk_int(d, MESSAGES("waiting"), 0), 0);
        assert_int_equal(desk_int(d, "SELECT COUNT(*) FROM subscription WHERE instance = ?1@int", nine), 0);
        desk_work(d);
        assert_string_equal(desk_text(d, NODE, seven), "");
        desk_close(d);
}

static void a_message_begins_a_process_when_nobody_waits(void **state)
{
        struct desk *d = fresh(state);
        int64_t waits = desk_start(d, "R2", "{\"person\":\"\"}"), begun;

        desk_pack(d, beginning);
        desk_start(d, "R3", "{\"person\":\"\",\"amount\":3}");
        assert_string_equal(desk_text(d, NODE, waits), "look");
        desk_start(d, "R3", "{\"person\":\"\",\"amount\":4}");
        begun = desk_int(d, "SELECT id FROM process_instance WHERE process = 'R5' AND id <> ?1@int", 0);
        assert_true(begun > 0);
        assert_string_equal(desk_text(d, NODE, begun), "look");
        assert_string_equal(desk_text(d, VARIABLES, begun), "{\"sum\":4}");
        assert_int_equal(desk_int(d, "SELECT office FROM process_instance WHERE id = ?1@int", begun), 10);
        desk_close(d);
}

static enum error_code message(struct desk *d, int64_t office, int64_t person, const char *id, json_t **out)
{
        char key[24];

        return desk_call(d, 1, ROLE_CLERK, office, "cases.message",
                         json_pack("{s:s,s:s,s:s,s:{s:i}}", "name", "paid", "key",
                                   text_format(key, sizeof key, "%lld", (long long)person), "id", id, "body", "amount", 12),
                         out);
}

/* From outside: to a case of the own offices, once, however often it comes. */
static void a_message_from_outside_counts_once(void **state)
{
        struct desk *d = fresh(state);
        int64_t id = desk_start(d, "R2", "{\"person\":7}"), other = desk_start(d, "R2", "{\"person\":7}");
        json_t *out = NULL;

        assert_int_equal(message(d, 11, 7, "beside", &out), SB_OK); /* an office that may not touch the case */
        assert_string_equal(json_string_value(json_object_get(out, "state")), "waiting");
        json_decref(out);
        assert_string_equal(desk_text(d, NODE, id), "");
        assert_int_equal(message(d, 10, 7, "a", &out), SB_OK);
        assert_string_equal(json_string_value(json_object_get(out, "state")), "done");
        assert_int_equal(json_integer_value(json_object_get(out, "case")), id);
        json_decref(out);
        assert_string_equal(desk_text(d, NODE, id), "look");
        assert_int_equal(message(d, 10, 7, "a", &out), SB_OK);
        assert_true(json_is_true(json_object_get(out, "repeated")));
        json_decref(out);
        assert_string_equal(desk_text(d, NODE, other), "");
        desk_close(d);
}

static void what_a_verb_refuses_is_caught_by_its_code(void **state)
{
        struct desk *d = fresh(state);
        int64_t id;

        desk_fail(1, false);
        id = desk_start(d, "R4", "{\"n\":1}");
        assert_string_equal(desk_text(d, STATE, id), "active");
        assert_string_equal(desk_text(d, NODE, id), "mend");
        assert_non_null(strstr(desk_text(d, VARIABLES, id), "\"why\":\"SB-0204\""));
        assert_string_equal(desk_text(d, "SELECT state FROM effect WHERE instance = ?1@int", id), "caught");
        assert_int_equal(desk_decide(d, id, 1, ROLE_CLERK, "approve"), SB_OK);
        assert_string_equal(desk_text(d, STATE, id), "done");
        assert_string_equal(desk_text(d, STATE, desk_start(d, "R4", "{\"n\":1}")), "done");
        desk_close(d);
}

static void a_call_is_a_case_of_its_own(void **state)
{
        struct desk *d = fresh(state);
        int64_t id = desk_start(d, "R6", "{\"n\":4,\"secret\":1}"), child = desk_int(d, CHILD, id);
        json_t *out = NULL;

        assert_true(child > id);
        assert_string_equal(desk_text(d, VARIABLES, child), "{\"n\":40}"); /* only what is handed over */
        assert_string_equal(desk_text(d, NODE, id), "");
        assert_int_equal(desk_call(d, 1, ROLE_CLERK, 10, "cases.get", of_case(child), &out), SB_OK);
        assert_int_equal(json_integer_value(json_object_get(json_object_get(out, "parent"), "id")), id);
        json_decref(out);
        assert_int_equal(desk_call(d, 1, ROLE_CLERK, 10, "cases.get", of_case(id), &out), SB_OK);
        assert_int_equal(json_integer_value(json_object_get(json_array_get(json_object_get(out, "children"), 0), "id")), child);
        json_decref(out);
        assert_int_equal(desk_decide(d, child, 1, ROLE_CLERK, "approve"), SB_OK);
        assert_string_equal(desk_text(d, STATE, child), "done");
        assert_string_equal(desk_text(d, NODE, id), "after"); /* the page shows it at once */
        assert_non_null(strstr(desk_text(d, VARIABLES, id), "\"back\":40"));
        assert_null(strstr(desk_text(d, VARIABLES, id), "decision"));
        desk_close(d);
}

struct withdrawing {
        struct desk *desk;
        const char *process;
};

static int withdraw_apply(struct tx *tx, void *ctx, struct error *err)
{
        struct withdrawing *w = ctx;
        struct call c = {.house = &w->desk->house, .who = {.staff = 1, .office = 10}};
        struct case_ref ref = {w->process, "thing", 77};

        return case_withdraw(tx, &c, &ref, err);
}

static void what_goes_wrong_in_a_called_case_is_its_callers(void **state)
{
        struct desk *d = fresh(state);
        struct withdrawing below = {d, "R7"}, above = {d, "R6"};
        int64_t id = desk_start(d, "R6", "{\"n\":4}"), child = desk_int(d, CHILD, id);

        assert_int_equal(desk_decide(d, child, 1, ROLE_CLERK, "reject"), SB_OK);
        assert_string_equal(desk_text(d, STATE, child), "failed");
        assert_string_equal(desk_text(d, NODE, id), "refused");
        /* A caller that does not catch it: the step is refused, nothing ends. */
        id = desk_start(d, "R8", "{\"n\":4}");
        child = desk_int(d, CHILD, id);
        assert_int_equal(desk_decide(d, child, 1, ROLE_CLERK, "reject"), SB_BPMN_THROWN);
        assert_string_equal(desk_text(d, STATE, child), "active");
        assert_string_equal(desk_text(d, STATE, id), "active");
        /* Withdrawn below: caught above. Withdrawn above: nothing is left below. */
        id = desk_start(d, "R6", "{\"n\":4}");
        child = desk_int(d, CHILD, id);
        assert_ok(store_write(d->house.store, withdraw_apply, &below, &d->err), d->err);
        desk_work(d);
        assert_string_equal(desk_text(d, STATE, child), "cancelled");
        assert_string_equal(desk_text(d, NODE, id), "left");
        id = desk_start(d, "R6", "{\"n\":4}");
        child = desk_int(d, CHILD, id);
        assert_ok(store_write(d->house.store, withdraw_apply, &above, &d->err), d->err);
        desk_work(d);
        assert_string_equal(desk_text(d, STATE, id), "cancelled");
        assert_string_equal(desk_text(d, STATE, child), "cancelled");
        assert_int_equal(desk_task(d, child), 0);
        desk_close(d);
}

/* Tuesday 24 November + 5 working days over a make-up Saturday (28) and a free Monday (30) is 1 December: it wakes on the 2nd. */
static void a_timer_beside_a_task_counts_working_days(void **state)
{
        struct desk *d = fresh(state);
        int64_t id = desk_start(d, "R9", "{}");
        instant_t due = day_instant(day_from(2026, 12, 2));

        assert_int_equal(desk_int(d, "SELECT due_at FROM timer WHERE instance = ?1@int", id), due);
        clock_set(d->house.clock, due - 1);
        desk_work(d);
        assert_int_equal(desk_int(d, OPEN, id), 1);
        clock_set(d->house.clock, due - 3 * DAY); /* a clock that jumps back fires nothing */
        desk_work(d);
        assert_int_equal(desk_int(d, OPEN, id), 1);
        clock_set(d->house.clock, due + 18 * DAY); /* and one that jumps ahead fires once */
        desk_work(d);
        desk_work(d);
        assert_int_equal(desk_int(d, "SELECT COUNT(*) FROM task WHERE instance = ?1@int AND node = 'remind'", id), 1);
        assert_int_equal(desk_decide(d, id, 1, ROLE_CLERK, "approve"), SB_OK);
        assert_int_equal(desk_decide(d, id, 1, ROLE_CLERK, "approve"), SB_OK);
        assert_string_equal(desk_text(d, STATE, id), "done");
        desk_close(d);
}

static void a_signal_reaches_every_case_that_waits(void **state)
{
        struct desk *d = fresh(state);
        int64_t one = desk_start(d, "R9", "{}"), two = desk_start(d, "R9", "{}");
        int64_t told = desk_start(d, "R10", "{}");

        assert_string_equal(desk_text(d, NODE, told), "after");
        assert_string_equal(desk_text(d, NODE, one), "close");
        assert_string_equal(desk_text(d, NODE, two), "close");
        assert_int_equal(
            desk_int(d, "SELECT COUNT(*) FROM task WHERE node = 'work' AND state = 'cancelled' AND id <> ?1@int", 0), 2);
        assert_int_equal(desk_int(d, "SELECT COUNT(*) FROM timer WHERE state = 'armed' AND id <> ?1@int", 0), 0);
        desk_start(d, "R10", "{}"); /* who does not wait any more hears nothing */
        assert_int_equal(desk_int(d, "SELECT COUNT(*) FROM task WHERE node = 'close' AND id <> ?1@int", 0), 2);
        desk_close(d);
}

/* The table knows 2026. On 28 December five working days are not known: what was decided stays decided, the case waits as an incident,
 * and goes on when the table has grown. */
static void a_holiday_table_that_ends_holds_the_step(void **state)
{
        struct desk *d = fresh(state);

        clock_set(d->house.clock, day_instant(day_from(2026, 12, 28)) + 10 * HOUR);
        int64_t id = desk_start(d, "R11", "{}");
        assert_int_equal(desk_decide(d, id, 1, ROLE_CLERK, "approve"), SB_OK);
        assert_string_equal(desk_text(d, STATE, id), "incident");
        assert_non_null(strstr(desk_text(d, "SELECT incident FROM process_instance WHERE id = ?1@int", id), "SB-0013"));
        assert_int_equal(desk_int(d, "SELECT COUNT(*) FROM task WHERE instance = ?1@int AND state = 'done'", id), 1);
        assert_int_equal(desk_task(d, id), 0);
        assert_int_equal(desk_call(d, 1, ROLE_CLERK, 10, "cases.retry", of_case(id), NULL), SB_CALENDAR_END);
        desk_pack(d, longer);
        assert_int_equal(desk_call(d, 1, ROLE_CLERK, 10, "cases.retry", of_case(id), NULL), SB_OK);
        assert_string_equal(desk_text(d, STATE, id), "active");
        /* 29, 30, 31 December, (1 January free, 2 and 3 a weekend), 4, 5 January; the timer a day more, over in the night to the 7th. */
        assert_int_equal(desk_int(d, "SELECT due_day FROM task WHERE instance = ?1@int AND state = 'open'", id),
                         day_from(2027, 1, 5));
        assert_int_equal(desk_int(d, "SELECT due_at FROM timer WHERE instance = ?1@int AND state = 'armed'", id),
                         day_instant(day_from(2027, 1, 7)));
        assert_int_equal(desk_decide(d, id, 1, ROLE_CLERK, "approve"), SB_OK);
        assert_string_equal(desk_text(d, STATE, id), "done");
        desk_close(d);
}

/* --- another model ------------------------------------------------------------------------------------------------------------- */

/* M1 as it began; then with another word and a step more; then with a reminder beside the step; then without the step. */
static const char M1[] = HEAD("M1") USER("ask") FLOW("f1", "start", "ask") FLOW("f2", "ask", "end") TAIL;
static const char M1_MORE[] = HEAD("M1") "<userTask id=\"ask\" shebao:role=\"reviewer\"/>" USER("more")
    FLOW("f1", "start", "ask") FLOW("f2", "ask", "more") FLOW("f3", "more", "end") TAIL;
static const char M1_BESIDE[] =
    HEAD("M1") USER("ask") BOUNDARY("late", "ask", "cancelActivity=\"false\" shebao:workingDays=\"5\"", TIMER)
        FLOW("f1", "start", "ask") FLOW("f2", "ask", "end") FLOW("f3", "late", "end") TAIL;
static const char M1_GONE[] = HEAD("M1") USER("other") FLOW("f1", "start", "other") FLOW("f2", "other", "end") TAIL;

struct told {
        int moved, stayed;
        enum error_code why;
};

static void tell(void *ctx, const char *number, const struct error *why)
{
        struct told *t = ctx;

        assert_true(number[0] == 'C');
        t->moved += why == NULL;
        t->stayed += why != NULL;
        t->why = why == NULL ? t->why : why->code;
}

static struct told migrate(struct desk *d, bool dry_run)
{
        struct told told = {.why = SB_OK};
        struct case_migration m = {.process = "M1", .dry_run = dry_run, .report = tell, .ctx = &told};
        int migrated, cannot;

        assert_ok(case_migrate(&d->house, &m, &migrated, &cannot, &d->err), d->err);
        assert_int_equal(migrated, told.moved);
        assert_int_equal(cannot, told.stayed);
        return told;
}

static void a_case_ends_on_its_model_unless_it_is_carried_over(void **state)
{
        const struct desk_file first[] = {FILES, {"processes/M1.bpmn", M1}, {NULL, NULL}};
        const struct desk_file more[] = {FILES, {"processes/M1.bpmn", M1_MORE}, {NULL, NULL}};
        const struct desk_file beside[] = {FILES, {"processes/M1.bpmn", M1_BESIDE}, {NULL, NULL}};
        const struct desk_file gone[] = {FILES, {"processes/M1.bpmn", M1_GONE}, {NULL, NULL}};
        struct desk *d = fresh(state);

        desk_pack(d, first);
        int64_t stays = desk_start(d, "M1", "{}"), moves = desk_start(d, "M1", "{}");
        desk_pack(d, more);
        assert_int_equal(desk_decide(d, stays, 1, ROLE_CLERK, "approve"), SB_OK);
        assert_string_equal(desk_text(d, STATE, stays), "done"); /* as it began */
        struct told told = migrate(d, true);
        assert_int_equal(told.moved, 1);
        assert_string_equal(desk_text(d, "SELECT role FROM task WHERE instance = ?1@int", moves), "clerk");
        told = migrate(d, false);
        assert_int_equal(told.moved, 1);
        assert_int_equal(told.stayed, 0);
        assert_int_equal(
            desk_int(d, "SELECT COUNT(*) FROM audit_row WHERE verb = 'process.migrate' AND subject = ?1@int", moves), 1);
        told = migrate(d, false); /* it is there already */
        assert_int_equal(told.moved + told.stayed, 0);
        struct case_migration slip = {.process = "M11"};
        int migrated, cannot;
        assert_error(case_migrate(&d->house, &slip, &migrated, &cannot, &d->err), d->err, SB_PACK_PROCESS);
        assert_int_equal(desk_decide(d, moves, 2, ROLE_REVIEWER, "approve"), SB_OK);
        assert_string_equal(desk_text(d, NODE, moves), "more");
        assert_int_equal(desk_decide(d, moves, 1, ROLE_CLERK, "approve"), SB_OK);
        assert_string_equal(desk_text(d, STATE, moves), "done");

        desk_pack(d, first);
        moves = desk_start(d, "M1", "{}");
        desk_pack(d, beside);
        told = migrate(d, false);
        assert_int_equal(told.stayed, 1);
        assert_int_equal(told.why, SB_BPMN_FIT);
        desk_pack(d, gone);
        told = migrate(d, false);
        assert_int_equal(told.stayed, 1);
        assert_int_equal(desk_decide(d, moves, 1, ROLE_CLERK, "approve"), SB_OK);
        assert_string_equal(desk_text(d, STATE, moves), "done");
        desk_close(d);
}

/* --- the clock ------------------------------------------------------------------------------------------------------------------ */

#define CLOCK(id, when)                                                                                                        \
        "<definitions xmlns=\"" BPMN_NS "\" xmlns:shebao=\"" BPMN_NS_SHEBAO "\"><process id=\"" id                             \
        "\" isExecutable=\"true\"><startEvent id=\"start\"><timerEventDefinition>" when                                        \
        "</timerEventDefinition></startEvent>" USER("look") FLOW("f1", "start", "look") FLOW("f2", "look", "end") TAIL
static const char MONTHLY[] = CLOCK("S1", "<timeCycle>R/2024-01-31T08:00:00/P1M</timeCycle>");
static const char TWICE[] = CLOCK("S2", "<timeCycle>R2/P1D</timeCycle>");
static const char ONCE[] = CLOCK("S3", "<timeDate>2026-12-24</timeDate>");

#define BEGUN(process) "SELECT COUNT(*) FROM process_instance WHERE process = '" process "' AND id <> ?1@int"

/* Each period once, whatever the clock does; late when nobody worked; the 31st in months that have none is their last day. */
static void the_clock_begins_each_period_once(void **state)
{
        static const struct desk_file clocks[] = {
            FILES, {"processes/S1.bpmn", MONTHLY}, {"processes/S2.bpmn", TWICE}, {"processes/S3.bpmn", ONCE}, {NULL, NULL}};
        struct desk *d = fresh(state);

        desk_pool(d);
        desk_pack(d, clocks);
        desk_work(d);                                     /* Tuesday 24 November, 9:00 */
        assert_int_equal(desk_int(d, BEGUN("S1"), 0), 0); /* what passed before the installation is not owed */
        clock_set(d->house.clock, day_instant(day_from(2026, 11, 30)) + 8 * HOUR - 1);
        desk_work(d);
        assert_int_equal(desk_int(d, BEGUN("S1"), 0), 0);
        assert_int_equal(desk_int(d, BEGUN("S2"), 0), 2); /* twice, and never again */
        clock_set(d->house.clock, day_instant(day_from(2026, 11, 30)) + 8 * HOUR);
        desk_work(d);
        desk_work(d);
        assert_int_equal(desk_int(d, BEGUN("S1"), 0), 1);
        clock_set(d->house.clock, day_instant(day_from(2026, 11, 29))); /* back, and forth again */
        desk_work(d);
        clock_set(d->house.clock, day_instant(day_from(2026, 12, 1)));
        desk_work(d);
        assert_int_equal(desk_int(d, BEGUN("S1"), 0), 1);
        clock_set(d->house.clock, day_instant(day_from(2028, 2, 29)) + 8 * HOUR); /* nobody worked for over a year */
        desk_work(d);
        assert_int_equal(desk_int(d, BEGUN("S1"), 0), 16);
        assert_int_equal(desk_int(d, BEGUN("S3"), 0), 1);
        assert_int_equal(desk_int(d, BEGUN("S2"), 0), 2);
        assert_int_equal(desk_int(d,
                                  "SELECT COUNT(*) FROM process_instance WHERE process = 'S1' AND id <> ?1@int AND variables = "
                                  "'{\"due\":\"2028-02-29\"}'",
                                  0),
                         1);
        assert_int_equal(desk_int(d,
                                  "SELECT COUNT(*) FROM process_instance WHERE process = 'S1' AND id <> ?1@int AND variables = "
                                  "'{\"due\":\"2027-02-28\"}'",
                                  0),
                         1);
        assert_int_equal(desk_int(d, "SELECT office FROM process_instance WHERE process = 'S3' AND id <> ?1@int", 0), 1);
        desk_close(d);
}

/* --- stuck ---------------------------------------------------------------------------------------------------------------------- */

static int fail_all(struct tx *tx, void *ctx, struct error *err)
{
        const char *fault = "{\"code\":\"SB-0013\",\"en\":\"why\",\"node\":\"\",\"zh\":\"原因\"}";
        int rc = tx_exec(tx, err, "UPDATE message SET state = 'failed', target = 0, error = ?1@text WHERE kind = 'message'",
                         "t", fault);

        (void)ctx;
        return rc ? rc
                  : tx_exec(tx, err, "UPDATE schedule SET state = 'failed', error = ?1@text WHERE process = 'S3'", "t", fault);
}

static json_t *stuck(struct desk *d, int64_t office)
{
        json_t *out = NULL;

        assert_int_equal(desk_call(d, 9, ROLE_ADMIN, office, "incidents.list", json_object(), &out), SB_OK);
        return out;
}

/* Nobody waits for it: told when the days of the pack are over, and still there for who comes late. */
static void a_message_that_nobody_took_is_told(void **state)
{
        static const struct desk_file term[] = {
            FILES,
            {"units.csv", "unit,kind,scale\nworking_days,whole,\ndays,whole,\n"},
            {"keys.csv",
             "key,unit,dimensions,values,limit,gaps,title_zh,title_en\ncase_limit,working_days,process,,max,no,时限,Limit\n"
             "message_days,days,,,,no,日数,Days\n"},
            {"parameters/limits.csv", "key,dimensions,value,unit,valid_from,valid_to,source,evidence\n"
                                      "message_days,,10,days,2020-01-01,,令1号 1,T\n"},
            {NULL, NULL}};
        struct desk *d = fresh(state);
        json_t *out = NULL;

        desk_pool(d);
        desk_pack(d, term);
        instant_t sent = clock_now(d->house.clock);
        assert_int_equal(message(d, 11, 7, "late", NULL), SB_OK);
        clock_set(d->house.clock, sent + 10 * 24 * HOUR - 1000000);
        out = stuck(d, 1);
        assert_int_equal(json_array_size(json_object_get(out, "items")), 0);
        json_decref(out);
        clock_set(d->house.clock, sent + 10 * 24 * HOUR);
        out = stuck(d, 10); /* it is the other office's, and the roots' */
        assert_int_equal(json_array_size(json_object_get(out, "items")), 0);
        json_decref(out);
        for (int office = 11; office >= 1; office -= 10) {
                out = stuck(d, office);
                const json_t *item = json_array_get(json_object_get(out, "items"), 0);
                assert_int_equal(json_array_size(json_object_get(out, "items")), 1);
                assert_string_equal(json_string_value(json_object_get(item, "kind")), "message");
                assert_string_equal(json_string_value(json_object_get(item, "code")), "SB-0438");
                assert_string_equal(json_string_value(json_object_get(item, "name")), "paid");
                assert_non_null(strstr(json_string_value(json_object_get(item, "detail")), "10"));
                assert_int_equal(desk_call(d, 9, ROLE_ADMIN, office, "incidents.retry",
                                           json_pack("{s:s,s:O}", "kind", "message", "id", json_object_get(item, "id")), NULL),
                                 SB_OK);
                json_decref(out);
                desk_work(d); /* nobody takes it this time either */
        }
        assert_int_equal(desk_int(d, MESSAGES("waiting"), 0), 1);
        desk_close(d);
}

/* A draft is told until when it is kept, is kept as long as somebody goes on with it, and is forgotten then. */
static void a_draft_is_forgotten_after_the_days_of_the_pack(void **state)
{
        static const struct desk_file term[] = {
            FILES,
            {"units.csv", "unit,kind,scale\nworking_days,whole,\ndays,whole,\n"},
            {"keys.csv",
             "key,unit,dimensions,values,limit,gaps,title_zh,title_en\ncase_limit,working_days,process,,max,no,时限,Limit\n"
             "draft_days,days,,,,no,日数,Days\n"},
            {"parameters/limits.csv", "key,dimensions,value,unit,valid_from,valid_to,source,evidence\n"
                                      "draft_days,,10,days,2020-01-01,,令1号 1,T\n"},
            {NULL, NULL}};
        struct desk *d = fresh(state);
        json_t *out = NULL;

        desk_pool(d);
        desk_pack(d, term);
        instant_t begun = clock_now(d->house.clock);
        for (int k = 0; k < 2; k++)
                assert_int_equal(
                    desk_call(d, 1, ROLE_CLERK, 10, "cases.draft",
                              json_pack("{s:s,s:{s:s}}", "process", "S1", "content", "label", k == 0 ? "甲" : "乙"),
                              k == 0 ? &out : NULL),
                    SB_OK);
        int64_t first = json_integer_value(json_object_get(out, "draft"));
        json_decref(out);
        out = NULL;
        assert_int_equal(desk_call(d, 1, ROLE_CLERK, 10, "cases.drafts", json_object(), &out), SB_OK);
        char day[16];
        assert_string_equal(json_string_value(json_object_get(json_array_get(json_object_get(out, "items"), 0), "kept_until")),
                            day_text(instant_day(begun) + 10, day));
        json_decref(out);
        clock_set(d->house.clock, begun + 9 * 24 * HOUR);
        desk_work(d);
        assert_int_equal(desk_int(d, "SELECT COUNT(*) FROM case_draft WHERE id > ?1@int", 0), 2);
        assert_int_equal(
            desk_call(d, 1, ROLE_CLERK, 10, "cases.draft",
                      json_pack("{s:s,s:I,s:{s:s}}", "process", "S1", "draft", (json_int_t)first, "content", "label", "丙"),
                      NULL),
            SB_OK);
        clock_set(d->house.clock, begun + 11 * 24 * HOUR);
        desk_work(d);
        assert_int_equal(desk_int(d, "SELECT COUNT(*) FROM case_draft WHERE id > ?1@int", 0), 1);
        assert_int_equal(desk_int(d, "SELECT COUNT(*) FROM case_draft WHERE id = ?1@int", first), 1);
        desk_close(d);
}

static void what_is_stuck_is_listed_and_tried_again(void **state)
{
        static const struct desk_file clocks[] = {FILES, {"processes/S3.bpmn", ONCE}, {NULL, NULL}};
        struct desk *d = fresh(state);
        json_t *out, *item;
        size_t i;
        int kinds = 0;

        desk_pool(d);
        desk_pack(d, clocks);
        desk_work(d);
        desk_start(d, "R3", "{\"person\":7,\"amount\":1}");
        desk_fail(1, false);
        desk_start(d, "X2", "{\"n\":1}");
        assert_ok(store_write(d->house.store, fail_all, NULL, &d->err), d->err);
        out = stuck(d, 1);
        assert_int_equal(json_array_size(json_object_get(out, "items")), 3);
        json_array_foreach(json_object_get(out, "items"), i, item)
        {
                const char *kind = json_string_value(json_object_get(item, "kind"));
                bool is_case = strcmp(kind, "case") == 0;
                kinds += is_case ? 1 : strcmp(kind, "message") == 0 ? 10 : 100;
                assert_true(json_is_string(json_object_get(item, "detail")));
                if (is_case)
                        continue;
                assert_string_equal(json_string_value(json_object_get(item, "detail")), "why");
                json_int_t id = json_integer_value(json_object_get(item, "id"));
                assert_int_equal(
                    desk_call(d, 9, ROLE_ADMIN, 10, "incidents.retry", json_pack("{s:s,s:I}", "kind", kind, "id", id), NULL),
                    SB_CASE_OFFICE);
                assert_int_equal(
                    desk_call(d, 9, ROLE_ADMIN, 1, "incidents.retry", json_pack("{s:s,s:I}", "kind", kind, "id", id), NULL),
                    SB_OK);
                assert_int_equal(
                    desk_call(d, 9, ROLE_ADMIN, 1, "incidents.retry", json_pack("{s:s,s:I}", "kind", kind, "id", id), NULL),
                    SB_CASE_INCIDENT_NONE);
        }
        assert_int_equal(kinds, 111);
        json_decref(out);
        out = stuck(d, 10);
        assert_int_equal(json_array_size(json_object_get(out, "items")), 1); /* the case is its own; the rest is the roots' */
        json_decref(out);
        clock_set(d->house.clock, day_instant(day_from(2026, 12, 24)) + 9 * HOUR);
        desk_work(d);
        assert_int_equal(desk_int(d, BEGUN("S3"), 0), 1);
        desk_close(d);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(the_pack_decides_and_the_decision_is_kept),
            TEST_ON_BOTH(a_message_finds_who_waits_for_its_key),
            TEST_ON_BOTH(a_message_begins_a_process_when_nobody_waits),
            TEST_ON_BOTH(a_message_from_outside_counts_once),
            TEST_ON_BOTH(what_a_verb_refuses_is_caught_by_its_code),
            TEST_ON_BOTH(a_call_is_a_case_of_its_own),
            TEST_ON_BOTH(what_goes_wrong_in_a_called_case_is_its_callers),
            TEST_ON_BOTH(a_timer_beside_a_task_counts_working_days),
            TEST_ON_BOTH(a_signal_reaches_every_case_that_waits),
            TEST_ON_BOTH(a_holiday_table_that_ends_holds_the_step),
            TEST_ON_BOTH(a_case_ends_on_its_model_unless_it_is_carried_over),
            TEST_ON_BOTH(the_clock_begins_each_period_once),
            TEST_ON_BOTH(a_message_that_nobody_took_is_told),
            TEST_ON_BOTH(a_draft_is_forgotten_after_the_days_of_the_pack),
            TEST_ON_BOTH(what_is_stuck_is_listed_and_tried_again),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
