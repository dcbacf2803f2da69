/* SPDX-License-Identifier: Apache-2.0
 *
 * The map of a case and of a process on both databases: where a case stands and what it has behind it; what nodes cost in time and
 * money, for one's own offices only.
 */
#include "case/map.h"

#include "case/office.h"

#include <string.h>

#define MINUTE ((instant_t)60 * 1000000)

static json_t *asked(struct desk *d, int64_t office, const char *verb, json_t *in)
{
        json_t *out = NULL;

        assert_int_equal(desk_call(d, 9, ROLE_AUDITOR, office, verb, in, &out), SB_OK);
        return out;
}

static json_t *map_of(struct desk *d, int64_t instance)
{
        return asked(d, 10, "cases.map", json_pack("{s:I}", "case", (json_int_t)instance));
}

static const char *text(const json_t *o, const char *name)
{
        const char *s = json_string_value(json_object_get(o, name));

        assert_non_null(s);
        return s;
}

static int64_t whole(const json_t *o, const char *name)
{
        assert_true(json_is_integer(json_object_get(o, name)));
        return json_integer_value(json_object_get(o, name));
}

/* Taken after `wait` minutes, decided after `work` more. */
static void step(struct desk *d, int64_t instance, int64_t staff, uint32_t role, const char *decision, int wait, int work)
{
        clock_advance(d->house.clock, wait * MINUTE);
        assert_int_equal(
            desk_call(d, staff, role, 10, "tasks.take", json_pack("{s:I}", "task", (json_int_t)desk_task(d, instance)), NULL),
            SB_OK);
        clock_advance(d->house.clock, work * MINUTE);
        assert_int_equal(desk_decide(d, instance, staff, role, decision), SB_OK);
}

static void a_map_tells_where_a_case_stands(void **state)
{
        struct desk *d = desk_fresh(state);
        int64_t id = desk_start(d, "X1", "{\"n\":1}");

        step(d, id, 1, ROLE_CLERK, "approve", 7, 3);
        step(d, id, 2, ROLE_REVIEWER, "return", 0, 1);
        json_t *map = map_of(d, id), *steps = json_object_get(map, "steps"), *tokens = json_object_get(map, "tokens");
        assert_non_null(strstr(text(map, "xml"), "<bpmn:process id=\"X1\""));
        assert_string_equal(text(map, "start"), "start");
        assert_int_equal(json_array_size(tokens), 1);
        assert_string_equal(text(json_array_get(tokens, 0), "node"), "enter");
        assert_string_equal(text(json_array_get(tokens, 0), "title_en"), "Do");
        /* enter and review done, enter again; the verb between them */
        assert_int_equal(json_array_size(steps), 4);
        const json_t *first = json_array_get(steps, 0);
        assert_string_equal(text(first, "node"), "enter");
        assert_string_equal(text(first, "state"), "done");
        assert_int_equal(whole(first, "minutes"), 10);
        assert_string_equal(text(json_array_get(steps, 2), "state"), "waiting");
        assert_string_equal(text(json_array_get(steps, 3), "node"), "first");
        assert_true(json_is_null(json_object_get(map, "incident")));
        json_decref(map);
        /* Another office's is not told. */
        assert_int_equal(desk_call(d, 9, ROLE_AUDITOR, 11, "cases.map", json_pack("{s:I}", "case", (json_int_t)id), NULL),
                         SB_CASE_OFFICE);
        assert_int_equal(desk_call(d, 9, ROLE_AUDITOR, 10, "cases.map", json_pack("{s:I}", "case", (json_int_t)999999), NULL),
                         SB_CASE_UNKNOWN);
        desk_close(d);
}

static const json_t *node(const json_t *statistics, const char *name)
{
        json_t *one;
        size_t i;

        json_array_foreach(json_object_get(statistics, "nodes"), i, one)
        {
                if (strcmp(text(one, "node"), name) == 0)
                        return one;
        }
        fail_msg("no node %s", name);
        return NULL;
}

static void a_map_shows_what_failed(void **state)
{
        struct desk *d = desk_fresh(state);
        int64_t id = desk_start(d, "X3", "{}");
        json_t *map = map_of(d, id);

        assert_string_equal(text(map, "state"), "incident");
        assert_string_equal(text(json_object_get(map, "incident"), "node"), "do");
        assert_true(strlen(text(json_object_get(map, "incident"), "detail")) > 0);
        assert_string_equal(text(json_array_get(json_object_get(map, "steps"), 0), "state"), "failed");
        json_decref(map);
        /* Among the figures of the process it stands where it is held; an incident that names no step counts for the whole only. */
        json_t *s = asked(d, 10, "processes.statistics", json_pack("{s:s}", "process", "X3"));
        assert_int_equal(whole(s, "incidents"), 1);
        assert_int_equal(whole(node(s, "do"), "held"), 1);
        json_decref(s);
        desk_put(d, "UPDATE process_instance SET incident = '{' WHERE id = ?1@int", id, 0, 0, 0);
        s = asked(d, 10, "processes.statistics", json_pack("{s:s}", "process", "X3"));
        assert_int_equal(whole(s, "incidents"), 1);
        assert_int_equal(json_array_size(json_object_get(s, "nodes")), 0);
        json_decref(s);
        desk_put(d, "UPDATE process_instance SET incident = '{\"node\":5}' WHERE id = ?1@int", id, 0, 0, 0);
        s = asked(d, 10, "processes.statistics", json_pack("{s:s}", "process", "X3"));
        assert_int_equal(whole(s, "incidents"), 1);
        assert_int_equal(json_array_size(json_object_get(s, "nodes")), 0);
        json_decref(s);
        /* While the clock stands, so does the step. */
        id = desk_start(d, "X1", "{\"n\":1}");
        assert_int_equal(desk_case(d, id, "cases.pause", "{\"reason\":\"authority\"}", NULL), SB_OK);
        map = map_of(d, id);
        assert_string_equal(text(json_array_get(json_object_get(map, "steps"), 0), "state"), "paused");
        json_decref(map);
        /* A timer says when it wakes. */
        id = desk_start(d, "X4", "{}");
        map = map_of(d, id);
        assert_string_equal(text(json_array_get(json_object_get(map, "tokens"), 0), "waits_for"), "event");
        assert_string_equal(text(json_array_get(json_object_get(map, "tokens"), 0), "wakes_at"), "2026-11-24T02:00:00.000000Z");
        json_decref(map);
        desk_close(d);
}

static json_t *statistics(struct desk *d, int64_t office)
{
        return asked(d, office, "processes.statistics", json_pack("{s:s}", "process", "X1"));
}

static void what_a_process_costs_is_added_up(void **state)
{
        struct desk *d = desk_fresh(state);
        const struct desk_file costs[] = {
            {"units.csv", "unit,kind,scale\nworking_days,whole,\nyuan,number,\n"},
            {"keys.csv",
             "key,unit,dimensions,values,limit,gaps,title_zh,title_en\ncase_limit,working_days,process,,max,no,时限,Limit\n"
             "staff_hour_cost,yuan,role,,,yes,成本,Cost\n"},
            {"parameters/limits.csv", "key,dimensions,value,unit,valid_from,valid_to,source,evidence\n"
                                      "case_limit,process=X1,5,working_days,2020-01-01,,令1号 1,T\n"
                                      "staff_hour_cost,role=clerk,60.00,yuan,2020-01-01,,令1号 1,T\n"},
            {NULL, NULL},
        };
        const struct desk_file broken[] = {
            costs[0],
            costs[1],
            {"parameters/limits.csv", "key,dimensions,value,unit,valid_from,valid_to,source,evidence\n"
                                      "case_limit,process=X1,5,working_days,2020-01-01,,令1号 1,T\n"
                                      "staff_hour_cost,role=clerk,60.001,yuan,2020-01-01,,令1号 1,T\n"},
            {NULL, NULL},
        };

        for (int k = 1; k <= 10; k++) {
                int64_t id = desk_start(d, "X1", "{\"n\":1}");
                step(d, id, 1, ROLE_CLERK, "approve", k, 2 * k);
                if (k > 4)
                        continue;
                step(d, id, 2, ROLE_REVIEWER, "return", 0, 5);
                step(d, id, 1, ROLE_CLERK, "approve", 0, 30);
        }
        json_t *s = statistics(d, 10);
        const json_t *enter = node(s, "enter"), *review = node(s, "review");
        assert_int_equal(whole(enter, "visits"), 14);
        assert_int_equal(whole(enter, "cases"), 10);
        assert_int_equal(whole(enter, "rework"), 4);
        assert_int_equal(whole(enter, "waiting"), 0);
        assert_int_equal(whole(review, "waiting"), 10);
        assert_int_equal(whole(review, "rework"), 0);
        /* Waited 1 … 10 and four times 0: the 7th of 14 is 3, the 13th is 9. */
        assert_int_equal(whole(json_object_get(enter, "wait_minutes"), "median"), 3);
        assert_int_equal(whole(json_object_get(enter, "wait_minutes"), "ninth_decile"), 9);
        /* Worked 2, 4 … 20 and four times 30: the 7th of 14 is 14, the 13th is 30. */
        assert_int_equal(whole(json_object_get(enter, "work_minutes"), "median"), 14);
        assert_int_equal(whole(json_object_get(enter, "work_minutes"), "ninth_decile"), 30);
        assert_true(json_is_null(json_object_get(enter, "cost"))); /* the pack does not say */
        assert_int_equal(whole(s, "open"), 10);
        assert_int_equal(whole(s, "cases"), 10);
        json_decref(s);
        desk_pack(d, broken);
        s = statistics(d, 10);
        assert_true(json_is_null(json_object_get(node(s, "enter"), "cost"))); /* what it says is no money */
        json_decref(s);
        desk_pack(d, costs);
        s = statistics(d, 10);
        assert_string_equal(text(node(s, "enter"), "cost"), "23.00"); /* 230 minutes of 10 cases at one yuan a minute */
        assert_true(json_is_null(json_object_get(node(s, "review"), "cost")));
        assert_true(json_is_null(json_object_get(s, "cost")));
        json_decref(s);
        desk_close(d);
}

static void figures_keep_to_the_office_and_the_period(void **state)
{
        struct desk *d = desk_fresh(state);
        int64_t id = desk_start(d, "X1", "{\"n\":1}");

        step(d, id, 1, ROLE_CLERK, "approve", 1, 1);
        json_t *s = statistics(d, 1);
        assert_int_equal(whole(node(s, "enter"), "visits"), 1);
        assert_int_equal(json_array_size(json_object_get(s, "offices")), 4);
        json_decref(s);
        s = statistics(d, 11);
        assert_int_equal(json_array_size(json_object_get(s, "nodes")), 0);
        json_decref(s);
        assert_int_equal(desk_call(d, 9, ROLE_AUDITOR, 11, "processes.statistics",
                                   json_pack("{s:s,s:i}", "process", "X1", "office", 10), NULL),
                         SB_CASE_OFFICE);
        assert_int_equal(desk_call(d, 1, ROLE_CLERK, 10, "processes.statistics", json_pack("{s:s}", "process", "X1"), NULL),
                         SB_CASE_ROLE);
        assert_int_equal(desk_call(d, 9, ROLE_AUDITOR, 10, "processes.statistics", json_pack("{s:s}", "process", "X77"), NULL),
                         SB_PACK_PROCESS);
        s = asked(d, 10, "processes.statistics",
                  json_pack("{s:s,s:s,s:s}", "process", "X1", "from", "2026-10-01", "to", "2026-11-23"));
        assert_int_equal(whole(s, "cases"), 0);
        assert_int_equal(whole(node(s, "review"), "waiting"), 1); /* what waits, waits now */
        json_decref(s);
        json_t *all = asked(d, 10, "processes.overview", json_object()), *row;
        size_t i;
        json_array_foreach(json_object_get(all, "items"), i, row)
        {
                assert_int_equal(whole(row, "open"), strcmp(text(row, "process"), "X1") == 0);
                assert_int_equal(whole(row, "steps"), strcmp(text(row, "process"), "X1") == 0);
        }
        assert_true(i > 5); /* those of which nothing happened, too */
        json_decref(all);
        desk_close(d);
}

static void what_was_taken_back_does_not_count(void **state)
{
        struct desk *d = desk_fresh(state);
        int64_t id = desk_start(d, "X5", "{\"n\":1}"), task = desk_task(d, id);

        step(d, id, 1, ROLE_CLERK, "approve", 1, 1);
        assert_int_equal(desk_int(d, "SELECT COUNT(*) FROM step_time WHERE instance = ?1@int", id), 1);
        assert_int_equal(desk_call(d, 1, ROLE_CLERK, 10, "tasks.undo", json_pack("{s:I}", "task", (json_int_t)task), NULL),
                         SB_OK);
        assert_int_equal(desk_int(d, "SELECT COUNT(*) FROM step_time WHERE instance = ?1@int", id), 0);
        desk_close(d);
}

/* The calendar of the test: Saturday the 28th works, Sunday and Monday the 30th are free. */
static void work_is_counted_in_opening_hours(void **state)
{
        struct desk *d = desk_fresh(state);
        const struct desk_file hours[] = {
            {"hall_hours.csv", "office,days,from,to\n*,working,08:30,12:00\n*,working,13:30,17:00\nX,working,00:00,24:00\n"
                               /* what is no time, or ends before it begins, opens nothing */
                               "*,working,7:00,7:30\n*,working,07.00,07:30\n*,working,xx:00,07:30\n*,working,07:xx,07:30\n"
                               "*,working,25:00,26:00\n*,working,07:60,07:70\n*,working,-1:00,07:30\n*,working,07:-1,07:30\n"
                               "*,working,08:00,07:00\n*,working,07:00,7\n"},
            {NULL, NULL},
        };
        struct pack *pack = NULL;
        instant_t friday = day_instant(day_from(2026, 11, 27)), tuesday = day_instant(day_from(2026, 12, 1));

        assert_ok(pack_store_for(d->house.packs, POOL, day_from(2026, 11, 24), clock_now(d->house.clock), &pack, &d->err),
                  d->err);
        assert_int_equal(work_minutes(pack, friday, friday + 90 * MINUTE), 90);
        assert_int_equal(work_minutes(pack, friday, tuesday), -1); /* a pack without hours */
        desk_pack(d, hours);
        assert_ok(pack_store_for(d->house.packs, POOL, day_from(2026, 11, 24), clock_now(d->house.clock), &pack, &d->err),
                  d->err);
        assert_int_equal(work_minutes(pack, friday + 16 * 60 * MINUTE, tuesday + 9 * 60 * MINUTE), 60 + 420 + 30);
        assert_int_equal(work_minutes(pack, tuesday, friday), -1);
        assert_int_equal(work_minutes(pack, friday, day_instant(day_from(2036, 12, 2))), -1); /* longer than is counted */
        assert_int_equal(work_minutes(pack, friday, day_instant(day_from(2030, 1, 1))), -1);  /* beyond the holidays' table */
        desk_close(d);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(a_map_tells_where_a_case_stands),    TEST_ON_BOTH(a_map_shows_what_failed),
            TEST_ON_BOTH(what_a_process_costs_is_added_up),   TEST_ON_BOTH(figures_keep_to_the_office_and_the_period),
            TEST_ON_BOTH(what_was_taken_back_does_not_count), TEST_ON_BOTH(work_is_counted_in_opening_hours),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
