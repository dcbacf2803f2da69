/* SPDX-License-Identifier: Apache-2.0
 *
 * The window on both databases: slots, tickets in their order, what is recorded for the forecast of staff, and what an applicant may see.
 */
#include "office/window/window.h"

#include "office/town.h"

#include <pthread.h>
#include <string.h>

static struct town *founded(void **state)
{
        struct town *t = town_founded(*(enum test_engine *)*state);

        if (t == NULL)
                skip();
        clock_set(t->house.clock, day_instant(day_from(2026, 11, 24)) + (instant_t)(8 * 60 + 40) * 60 * 1000000);
        return t;
}

static enum error_code call(struct town *t, const char *verb, json_t *in, json_t **out)
{
        return town_call(t, verb, in, out);
}

static const char *text(const json_t *o, const char *name)
{
        const char *s = json_string_value(json_object_get(o, name));

        assert_non_null(s);
        return s;
}

static int64_t free_at(struct town *t, const char *day, const char *time)
{
        json_t *out = NULL, *row;
        int64_t n = -1;
        size_t i;

        assert_int_equal(call(t, "hall.slots", json_pack("{s:s,s:s}", "service", "pension", "day", day), &out), SB_OK);
        json_array_foreach(json_object_get(out, "items"), i, row)
        {
                if (strcmp(text(row, "time"), time) == 0)
                        n = json_integer_value(json_object_get(row, "free"));
        }
        json_decref(out);
        return n;
}

static enum error_code book(struct town *t, const char *day, const char *time, char code[16])
{
        json_t *out = NULL;
        enum error_code rc =
            call(t, "hall.book", json_pack("{s:s,s:s,s:s}", "service", "pension", "day", day, "time", time), &out);

        if (rc == SB_OK)
                text_copy(code, 16, str_from(text(out, "code")));
        json_decref(out);
        return rc;
}

/* Two counters give pensions: two seats at a time, none on a holiday, none in the past. */
static void slots_are_booked_and_given_back(void **state)
{
        struct town *t = founded(state);
        char a[16], b[16], c[16];

        assert_int_equal(free_at(t, "2026-11-25", "09:10"), 2);
        assert_int_equal(free_at(t, "2026-11-24", "08:30"), 0);  /* over */
        assert_int_equal(free_at(t, "2026-11-29", "09:10"), -1); /* Sunday */
        assert_int_equal(book(t, "2026-11-25", "09:10", a), SB_OK);
        assert_int_equal(book(t, "2026-11-25", "09:10", b), SB_OK);
        assert_string_not_equal(a, b);
        assert_int_equal(free_at(t, "2026-11-25", "09:10"), 0);
        assert_int_equal(book(t, "2026-11-25", "09:10", c), SB_WINDOW_FULL);
        assert_int_equal(book(t, "2026-11-25", "09:11", c), SB_WINDOW_CLOSED);
        assert_int_equal(book(t, "2026-11-24", "08:30", c), SB_WINDOW_CLOSED);
        assert_int_equal(book(t, "2027-03-01", "09:10", c), SB_WINDOW_DAY);
        assert_int_equal(call(t, "hall.cancel", json_pack("{s:s}", "code", a), NULL), SB_OK);
        assert_int_equal(call(t, "hall.cancel", json_pack("{s:s}", "code", a), NULL), SB_WINDOW_BOOKING);
        assert_int_equal(free_at(t, "2026-11-25", "09:10"), 1);
        assert_int_equal(book(t, "2026-11-25", "09:10", c), SB_OK);
        /* The code itself is kept nowhere. */
        assert_int_equal(call(t, "hall.arrive", json_pack("{s:s}", "code", b), NULL), SB_WINDOW_BOOKING); /* tomorrow */
        town_free(t);
}

static int64_t ticket(struct town *t, const char *service, const char *reason, char label[16])
{
        json_t *out = NULL;

        assert_int_equal(call(t, "hall.ticket", json_pack("{s:s,s:s}", "service", service, "reason", reason), &out), SB_OK);
        text_copy(label, 16, str_from(text(out, "label")));
        int64_t id = town_whole(out, "ticket");
        json_decref(out);
        return id;
}

static int64_t called(struct town *t, const char *counter)
{
        json_t *out = NULL;

        assert_int_equal(call(t, "hall.call", json_pack("{s:s}", "counter", counter), &out), SB_OK);
        int64_t id = json_integer_value(json_object_get(out, "ticket"));
        json_decref(out);
        return id;
}

static enum error_code turn(struct town *t, const char *verb, int64_t id)
{
        return call(t, verb, json_pack("{s:I}", "ticket", (json_int_t)id), NULL);
}

static void minutes(struct town *t, int n)
{
        clock_advance(t->house.clock, (int64_t)n * 60 * 1000000);
}

static void tickets_are_called_in_their_order(void **state)
{
        struct town *t = founded(state);
        char label[16], code[16];
        json_t *out = NULL;

        assert_int_equal(book(t, "2026-11-24", "09:10", code), SB_OK);
        int64_t first = ticket(t, "pension", "none", label);
        assert_string_equal(label, "C001");
        int64_t other = ticket(t, "register", "none", label);
        assert_string_equal(label, "A001");
        int64_t second = ticket(t, "pension", "none", label);
        int64_t old = ticket(t, "pension", "elderly", label);
        assert_string_equal(label, "C003");
        assert_int_equal(call(t, "hall.arrive", json_pack("{s:s}", "code", code), &out), SB_OK);
        int64_t booked = town_whole(out, "ticket");
        json_decref(out);
        assert_int_equal(call(t, "hall.ticket", json_pack("{s:s}", "service", "cooking"), NULL), SB_WINDOW_SERVICE);
        assert_int_equal(call(t, "hall.ticket", json_pack("{s:s,s:s}", "service", "advice", "reason", "rich"), NULL),
                         SB_WINDOW_PRIORITY);
        assert_int_equal(call(t, "hall.call", json_pack("{s:s}", "counter", "9"), NULL), SB_WINDOW_COUNTER);
        /* Counter 2 gives pensions: the elderly, then who booked, then in order of arrival. */
        minutes(t, 5);
        assert_int_equal(called(t, "2"), old);
        assert_int_equal(call(t, "hall.call", json_pack("{s:s}", "counter", "2"), NULL), SB_WINDOW_COUNTER_BUSY);
        assert_int_equal(turn(t, "hall.recall", old), SB_OK);
        assert_int_equal(turn(t, "hall.no_show", old), SB_OK);
        assert_int_equal(turn(t, "hall.serve", old), SB_WINDOW_TICKET_STATE);
        assert_int_equal(called(t, "2"), booked);
        assert_int_equal(turn(t, "hall.finish", booked), SB_WINDOW_TICKET_STATE); /* not begun */
        assert_int_equal(turn(t, "hall.serve", booked), SB_OK);
        minutes(t, 12);
        assert_int_equal(call(t, "hall.finish", json_pack("{s:I,s:i}", "ticket", (json_int_t)booked, "case", 4711), NULL),
                         SB_OK);
        assert_int_equal(called(t, "3"), first); /* serves all: whoever came first */
        assert_int_equal(called(t, "2"), second);
        assert_int_equal(called(t, "1"), other);
        assert_int_equal(call(t, "hall.board", json_object(), &out), SB_OK);
        assert_int_equal(json_array_size(json_object_get(out, "called")), 3);
        assert_int_equal(town_whole(out, "waiting"), 0);
        json_decref(out);
        /* Kept for the forecast: who came when, how long they waited and were served. */
        assert_int_equal(call(t, "hall.statistics", json_object(), &out), SB_OK);
        const json_t *items = json_object_get(out, "items"), *row;
        size_t i;
        bool seen = false;
        json_array_foreach(items, i, row)
        {
                assert_int_equal(town_whole(row, "hour"), 8);
                if (strcmp(text(row, "service"), "pension") == 0 && strcmp(text(row, "counter"), "2") == 0) {
                        seen = true;
                        assert_int_equal(town_whole(row, "arrived"), 3);
                        assert_int_equal(town_whole(row, "served"), 1);
                        assert_int_equal(town_whole(row, "wait_seconds"), 300);
                        assert_int_equal(town_whole(row, "service_seconds"), 720);
                        assert_int_equal(town_whole(row, "no_show"), 1);
                }
        }
        assert_true(seen);
        json_decref(out);
        assert_int_equal(town_ask(t, "SELECT instance FROM ticket WHERE id = ?1@int", booked), 4711);
        town_free(t);
}

struct counter {
        struct town *town;
        const char *name;
        int64_t got;
        pthread_t thread;
};

static void *counter_call(void *ctx)
{
        struct counter *k = ctx;
        struct error err = {0};
        char key[32];
        struct call c = {.house = &k->town->house,
                         .who = {.staff = 1, .office = k->town->office, .roles = ROLE_CLERK},
                         .key = text_format(key, sizeof key, "counter-%s", k->name)};
        json_t *in = json_pack("{s:s}", "counter", k->name), *out = NULL;

        if (verb_call(&c, registry_find(k->town->verbs, "hall.call"), in, &out, &err) == 0)
                k->got = json_integer_value(json_object_get(out, "ticket"));
        json_decref(in);
        json_decref(out);
        return NULL;
}

static void counters_that_call_at_once_get_different_tickets(void **state)
{
        struct town *t = founded(state);
        struct counter k[2] = {{.town = t, .name = "2"}, {.town = t, .name = "3"}};
        char label[16];

        ticket(t, "pension", "none", label);
        ticket(t, "pension", "none", label);
        for (int i = 0; i < 2; i++)
                assert_int_equal(pthread_create(&k[i].thread, NULL, counter_call, &k[i]), 0);
        for (int i = 0; i < 2; i++)
                pthread_join(k[i].thread, NULL);
        assert_true(k[0].got > 0 && k[1].got > 0);
        assert_int_not_equal(k[0].got, k[1].got);
        town_free(t);
}

/* --- where is my case -------------------------------------------------------------------------------------------------------------------- */

/* A case that waits for its acceptance. */
static int64_t accepted(struct town *t)
{
        json_t *out = NULL;
        int64_t person = town_person(t, "测试人", "99010119500101001", "male");
        json_t *in = json_pack("{s:s,s:{s:I,s:s,s:s}}", "process", "P05", "form", "person", (json_int_t)person, "cause",
                               "emigration", "event_day", "2026-11-20");

        assert_int_equal(call(t, "cases.open", in, &out), SB_OK);
        int64_t id = town_whole(out, "case");
        json_decref(out);
        return id;
}

static enum error_code ask(struct town *t, const char *number, const char *code, json_t **out)
{
        struct call c = {.house = &t->house, .who = {.lang = LANG_EN}};
        json_t *in = json_pack("{s:s,s:s}", "number", number, "code", code), *answer = NULL;
        struct error err = {0};
        int rc = verb_call(&c, registry_find(t->verbs, "status.case"), in, &answer, &err);

        json_decref(in);
        if (out != NULL)
                *out = answer;
        else
                json_decref(answer);
        return rc == 0 ? SB_OK : err.code;
}

static void an_applicant_sees_where_the_case_stands(void **state)
{
        struct town *t = founded(state);
        int64_t id = accepted(t);
        char number[40], code[16];
        json_t *out = NULL;

        assert_int_equal(call(t, "status.code", json_pack("{s:I}", "case", (json_int_t)id), &out), SB_OK);
        text_copy(number, sizeof number, str_from(text(out, "number")));
        text_copy(code, sizeof code, str_from(text(out, "code")));
        json_decref(out);
        assert_int_equal(ask(t, number, code, &out), SB_OK);
        assert_string_equal(text(out, "number"), number);
        assert_string_equal(text(out, "state"), "active");
        assert_true(json_array_size(json_object_get(out, "steps")) > 0);
        assert_non_null(json_object_get(out, "office_en"));
        /* Nothing beyond that: no subject, no names, no variables, no staff. */
        static const char *const HIDDEN[] = {"subject", "subject_title", "variables", "history", "application", "tasks",
                                             "id",      "decisions",     "documents"};
        for (size_t i = 0; i < sizeof HIDDEN / sizeof HIDDEN[0]; i++)
                assert_null(json_object_get(out, HIDDEN[i]));
        json_decref(out);
        assert_int_equal(ask(t, "C01-99-9", code, NULL), SB_WINDOW_STATUS_CODE);
        for (int i = 0; i < 10; i++)
                assert_int_equal(ask(t, number, "00000001", NULL), SB_WINDOW_STATUS_CODE);
        assert_int_equal(ask(t, number, code, NULL), SB_WINDOW_STATUS_LOCKED); /* even with the right one */
        minutes(t, 31);
        assert_int_equal(ask(t, number, code, NULL), SB_OK);
        /* A right code forgets the wrong ones before it. */
        for (int i = 0; i < 9; i++)
                assert_int_equal(ask(t, number, "00000001", NULL), SB_WINDOW_STATUS_CODE);
        assert_int_equal(ask(t, number, code, NULL), SB_OK);
        assert_int_equal(ask(t, number, "00000001", NULL), SB_WINDOW_STATUS_CODE);
        assert_int_equal(ask(t, number, code, NULL), SB_OK);
        town_free(t);
}

/* Guessing at numbers is slow from anywhere. */
static void wrong_questions_are_few_a_minute(void **state)
{
        struct town *t = founded(state);
        enum error_code code = SB_OK;
        int n = 0;

        for (; n < 200 && code != SB_WINDOW_STATUS_BUSY; n++)
                code = ask(t, "C01-99-9", "12345678", NULL);
        assert_int_equal(n, 121);
        minutes(t, 1);
        assert_int_equal(ask(t, "C01-99-9", "12345678", NULL), SB_WINDOW_STATUS_CODE);
        town_free(t);
}

/* --- one form, several cases ---------------------------------------------------------------------------------------------------------------- */

static json_t *death(struct town *t, const char *processes, const char *last)
{
        char account[] = "6222020000000000005", number[24];
        int64_t person = town_person(t, "测试人", "99010119500101001", "male");
        json_t *in =
                   json_pack("{s:s,s:{s:I,s:s,s:s,s:s,s:s,s:s,s:s}}", "service", "death", "form", "person", (json_int_t)person,
                             "death_day", "2026-11-20", "heir_name", "测试继承人", "heir_identity",
                             town_id("99010119800101001", number), "account", account, "phone", "13800000000", last, "spouse"),
               *list = NULL;

        assert_ok(json_read(&list, str_from(processes), &t->err), t->err);
        json_object_set_new(in, "processes", list);
        return in;
}

static void a_joint_service_opens_all_or_nothing(void **state)
{
        struct town *t = founded(state);
        json_t *out = NULL, *row;
        int shared = 0;
        size_t i;

        assert_int_equal(call(t, "joint.list", json_object(), &out), SB_OK);
        assert_int_equal(json_array_size(json_object_get(out, "items")), 2);
        json_decref(out);
        assert_int_equal(call(t, "joint.form", json_pack("{s:s}", "service", "death"), &out), SB_OK);
        assert_int_equal(json_array_size(json_object_get(out, "processes")), 3);
        json_array_foreach(json_object_get(out, "fields"), i, row)
        {
                const char *name = text(row, "name");
                /* The cause is death: not asked. The day is asked once, for all three. */
                assert_string_not_equal(name, "cause");
                assert_string_not_equal(name, "event_day");
                if (strcmp(name, "death_day") == 0 || strcmp(name, "person") == 0) {
                        shared++;
                        assert_int_equal(json_array_size(json_object_get(row, "processes")), 3);
                        assert_true(json_is_true(json_object_get(row, "required")));
                }
        }
        assert_int_equal(shared, 2);
        json_decref(out);
        assert_int_equal(call(t, "joint.form", json_pack("{s:s}", "service", "wedding"), NULL), SB_WINDOW_JOINT);
        assert_int_equal(call(t, "joint.open", death(t, "[\"P05\"]", "relation"), NULL), SB_WINDOW_JOINT_PROCESS); /* P20 too */
        /* P05 could begin, P20 lacks the relation: none begins. */
        error_clear(&t->err);
        int64_t before = town_count(t, "SELECT COUNT(*) FROM process_instance");
        json_t *in = json_pack("{s:s,s:[s,s],s:{s:I,s:s}}", "service", "death", "processes", "P05", "P20", "form", "person",
                               (json_int_t)town_count(t, "SELECT MAX(id) FROM person"), "death_day", "2026-11-20");
        assert_int_equal(call(t, "joint.open", in, NULL), SB_CASE_FORM);
        error_clear(&t->err);
        /* Who applies, and what is said of papers, is judged as for a single case. */
        static const char *const unsound[] = {"{\"applicant\":{\"kind\":\"neighbour\"}}",
                                              "{\"applicant\":{\"kind\":\"agent\",\"person\":\"7\"}}",
                                              "{\"applicant\":{\"kind\":\"agent\",\"valid_to\":\"2026-02-30\"}}",
                                              "{\"applicant\":{\"name\":\"测试人\"}}",
                                              "{\"papers\":[{\"material\":\"id_card\",\"state\":\"lost\"}]}",
                                              "{\"papers\":[{\"state\":\"given\"}]}",
                                              "{\"papers\":[{\"material\":\"id_card\",\"state\":\"gap\",\"due\":\"soon\"}]}"};
        json_t *whole = json_pack("{s:s,s:[s],s:{s:I,s:s}}", "service", "death", "processes", "P05", "form", "person",
                                  (json_int_t)town_count(t, "SELECT MAX(id) FROM person"), "death_day", "2026-11-20");
        for (i = 0; i < sizeof unsound / sizeof unsound[0]; i++) {
                json_t *more = json_loads(unsound[i], 0, NULL);
                in = json_deep_copy(whole);
                json_object_update(in, more);
                json_decref(more);
                bool absent = i == 3 || i == 5;
                assert_int_equal(call(t, "joint.open", in, NULL), absent ? SB_FIELD_MISSING : SB_FIELD_TYPE);
                error_clear(&t->err);
        }
        json_decref(whole);
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM process_instance"), before);
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM joint_application"), 0);
        town_free(t);
}

static void a_joint_service_has_one_number_and_its_cases_theirs(void **state)
{
        struct town *t = founded(state);
        json_t *out = NULL;

        assert_int_equal(call(t, "joint.open", death(t, "[\"P05\",\"P20\",\"P12\"]", "relation"), &out), SB_OK);
        assert_int_equal(json_array_size(json_object_get(out, "cases")), 3);
        assert_int_equal(text(out, "number")[0], 'J');
        int64_t joint = town_whole(out, "joint");
        json_decref(out);
        assert_int_equal(call(t, "joint.get", json_pack("{s:I}", "joint", (json_int_t)joint), &out), SB_OK);
        assert_int_equal(town_whole(out, "running"), 3);
        assert_string_equal(text(out, "state"), "active");
        json_decref(out);
        assert_int_equal(call(t, "joint.get", json_pack("{s:i}", "joint", 1), NULL), SB_WINDOW_JOINT_UNKNOWN);
        assert_int_equal(call(t, "joint.recent", json_object(), &out), SB_OK);
        const json_t *one = json_array_get(json_object_get(out, "items"), 0);
        assert_int_equal(town_whole(one, "joint"), joint);
        assert_int_equal(town_whole(one, "cases"), 3);
        assert_int_equal(town_whole(one, "done"), 0);
        json_decref(out);
        town_free(t);
}

/* Retirement begins with its form as the others do; what it rests on is computed by the model. */
static void retirement_is_part_of_a_joint_application(void **state)
{
        struct town *t = founded(state);
        int64_t person = town_person(t, "测试人", "99010119661101001", "male");
        char csv[200], id[24];
        json_t *out = NULL, *row;
        size_t i;

        town_import(t, "contributions",
                    text_format(csv, sizeof csv, "id_number,scheme,from,to,base,kind\n%s,EP,2020-01,2020-12,6000.00,paid\n",
                                town_id("99010119661101001", id)));
        assert_int_equal(call(t, "joint.form", json_pack("{s:s}", "service", "retire"), &out), SB_OK);
        json_array_foreach(json_object_get(out, "processes"), i, row)
            assert_true(json_is_true(json_object_get(row, "available")));
        json_decref(out);
        json_t *in =
            json_pack("{s:s,s:[s],s:{s:I}}", "service", "retire", "processes", "P17", "form", "person", (json_int_t)person);
        assert_int_equal(call(t, "joint.open", in, NULL), SB_CASE_FORM); /* from which month? */
        in = json_pack("{s:s,s:[s],s:{s:I,s:s}}", "service", "retire", "processes", "P17", "form", "person", (json_int_t)person,
                       "month", "2026-12");
        assert_int_equal(call(t, "joint.open", in, &out), SB_OK);
        int64_t instance = town_whole(json_array_get(json_object_get(out, "cases"), 0), "case");
        json_decref(out);
        town_work(t);
        /* Nothing was ever paid for the other: told by the field, and neither part begins. */
        int64_t other = town_person(t, "测试人二", "99010119661101003", "male"),
                before = town_count(t, "SELECT COUNT(*) FROM process_instance");
        in = json_pack("{s:s,s:[s,s],s:{s:I,s:s,s:s,s:s,s:s}}", "service", "retire", "processes", "P04", "P17", "form",
                       "person", (json_int_t)other, "month", "2026-12", "item", "phone", "new_value", "13900000001",
                       "valid_from", "2026-11-01");
        assert_int_equal(call(t, "joint.open", in, NULL), SB_CASE_FORM);
        assert_string_equal(t->err.where, "person");
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM process_instance"), before);
        /* Who has paid for a year is not entitled: the computation says so, and the clerk corrects or refuses. */
        assert_int_equal(
            town_ask(t, "SELECT COUNT(*) FROM task WHERE instance = ?1@int AND node = 'correct' AND state = 'open'", instance),
            1);
        assert_int_equal(town_ask(t, "SELECT COUNT(*) FROM decision WHERE instance = ?1@int", instance), 1);
        town_free(t);
}

/* --- accepted here for another office --------------------------------------------------------------------------------------------------------- */

static void a_case_is_accepted_here_and_decided_there(void **state)
{
        struct town *t = founded(state);
        int64_t here = town_count(t, "SELECT id FROM office WHERE code = 'YS-0101'");
        int64_t there = town_count(t, "SELECT id FROM office WHERE code = 'YS-0102'"), top = t->office;
        json_t *out = NULL, *in = death(t, "[]", "relation");
        int64_t person = town_whole(json_object_get(in, "form"), "person");

        json_decref(in);
        t->office = here;
        in = json_pack("{s:s,s:I,s:{s:I,s:s,s:s}}", "process", "P05", "handling_office", (json_int_t)99999, "form", "person",
                       (json_int_t)person, "cause", "death", "event_day", "2026-11-20");
        assert_int_equal(call(t, "cases.open", json_incref(in), NULL), SB_CASE_HANDLING); /* it would come to nobody */
        json_object_set_new(in, "handling_office", json_integer(there));
        assert_int_equal(call(t, "cases.open", in, &out), SB_OK);
        int64_t id = town_whole(out, "case");
        json_decref(out);
        json_t *which = json_pack("{s:I}", "case", (json_int_t)id);
        /* Not its case: it may neither read the file nor decide. */
        assert_int_equal(call(t, "cases.get", json_incref(which), NULL), SB_CASE_OFFICE);
        int64_t task = town_ask(t, "SELECT id FROM task WHERE instance = ?1@int AND state = 'open'", id);
        assert_int_equal(call(t, "tasks.complete",
                              json_pack("{s:I,s:{s:s}}", "task", (json_int_t)task, "outcome", "decision", "accept"), NULL),
                         SB_CASE_OFFICE);
        /* But it follows the case. */
        assert_int_equal(call(t, "elsewhere.list", json_object(), &out), SB_OK);
        assert_int_equal(json_array_size(json_object_get(out, "items")), 1);
        json_decref(out);
        assert_int_equal(call(t, "elsewhere.get", json_incref(which), &out), SB_OK);
        assert_true(json_array_size(json_object_get(out, "tasks")) > 0);
        assert_null(json_object_get(out, "history"));
        json_decref(out);
        assert_int_equal(
            call(t, "elsewhere.hand", json_pack("{s:I,s:s}", "case", (json_int_t)id, "receiver", "applicant"), NULL),
            SB_WINDOW_HANDED);
        t->office = there; /* the handling office did not accept it for another */
        assert_int_equal(call(t, "elsewhere.get", json_incref(which), NULL), SB_WINDOW_ELSEWHERE);
        assert_int_equal(call(t, "cases.get", json_incref(which), NULL), SB_OK);
        json_decref(which);
        t->office = top;
        town_free(t);
}

/* Processes are found by their code and by what they are called, in both languages, and a case says what it is. */
static void a_process_is_found_by_its_words(void **state)
{
        static const struct {
                const char *q, *code;
        } rows[] = {{"p17", "P17"}, {"正常退休", "P17"}, {"normal RETIREMENT", "P17"}, {"注销", "P05"}, {"不存在的事项", NULL}};
        struct town *t = founded(state);

        for (size_t k = 0; k < sizeof rows / sizeof rows[0]; k++) {
                json_t *out = NULL, *first;
                assert_int_equal(call(t, "desk.search", json_pack("{s:s}", "q", rows[k].q), &out), SB_OK);
                first = json_array_get(json_object_get(out, "items"), 0);
                if (rows[k].code == NULL) {
                        assert_null(first);
                } else {
                        assert_string_equal(json_text(first, "kind"), "process");
                        assert_string_equal(json_text(first, "number"), rows[k].code);
                        assert_true(json_text(first, "title_zh")[0] != 'P' && json_text(first, "title_en")[0] != '\0');
                }
                json_decref(out);
        }
        town_free(t);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(slots_are_booked_and_given_back),
            TEST_ON_BOTH(tickets_are_called_in_their_order),
            TEST_ON_BOTH(counters_that_call_at_once_get_different_tickets),
            TEST_ON_BOTH(an_applicant_sees_where_the_case_stands),
            TEST_ON_BOTH(wrong_questions_are_few_a_minute),
            TEST_ON_BOTH(a_joint_service_opens_all_or_nothing),
            TEST_ON_BOTH(a_joint_service_has_one_number_and_its_cases_theirs),
            TEST_ON_BOTH(retirement_is_part_of_a_joint_application),
            TEST_ON_BOTH(a_case_is_accepted_here_and_decided_there),
            TEST_ON_BOTH(a_process_is_found_by_its_words),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
