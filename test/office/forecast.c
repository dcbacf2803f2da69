/* SPDX-License-Identifier: Apache-2.0
 *
 * The forecast of staff on both databases: weeks of tickets with known arrivals and service times give the mean by weekday and hour, the
 * staff that Erlang's formula asks, and what is planned; too few days are told.
 */
#include "engine/queue/queue.h"
#include "office/window/window.h"

#include "office/town.h"

#include <math.h>
#include <string.h>

#define MINUTE ((instant_t)60 * 1000000)

struct past {
        struct town *town;
        int weeks, each;
};

/* On each Wednesday of the last weeks `each` pension tickets came at nine o'clock, served in twenty minutes, and one more in every
 * second week; on Thursdays nobody. */
static int past_add(struct tx *tx, void *ctx, struct error *err)
{
        const struct past *p = ctx;
        struct house *h = &p->town->house;
        int rc = 0;

        for (int w = 1; rc == 0 && w <= p->weeks; w++)
                for (int k = 0; rc == 0 && k < p->each + w % 2; k++) {
                        day_t day = day_from(2026, 11, 25) - 7 * w;
                        instant_t at = day_instant(day) + (9 * 60 + k % 60) * MINUTE;
                        int64_t id;
                        rc = ids_next(h->ids, &id, err);
                        rc =
                            rc ? rc
                               : tx_exec(tx, err,
                                         "INSERT INTO ticket (home, id, office, day, number, service, priority, reason, state, "
                                         "booking, counter, staff, calls, instance, arrived_at, called_at, started_at, "
                                         "finished_at, version) VALUES (?1@int, ?2@int, ?3@int, ?4@int, ?5@int, 'pension', 5, "
                                         "'none', 'done', 0, '2', 1, 1, 0, ?6@int, ?7@int, ?7@int, ?8@int, 1)",
                                         "iiiiiiii", (int64_t)h->home, id, p->town->office, (int64_t)day, (int64_t)k + 1, at,
                                         at + MINUTE, at + 21 * MINUTE);
                }
        return rc;
}

static struct town *founded(void **state, int weeks, int each)
{
        struct town *t = town_founded(*(enum test_engine *)*state);
        struct past p = {t, weeks, each};

        if (t == NULL)
                skip();
        assert_ok(store_write(t->house.store, past_add, &p, &t->err), t->err);
        return t;
}

static json_t *asked(struct town *t, json_t *in)
{
        json_t *out = NULL;

        assert_int_equal(town_call(t, "hall.forecast", in, &out), SB_OK);
        return out;
}

static const json_t *hour(const json_t *o, const char *name)
{
        json_t *row;
        size_t i;

        json_array_foreach(json_object_get(json_array_get(json_object_get(o, "groups"), 0), "hours"), i, row)
        {
                if (strcmp(json_string_value(json_object_get(row, "hour")), name) == 0)
                        return row;
        }
        fail_msg("no hour %s", name);
        return NULL;
}

static double real(const json_t *o, const char *name)
{
        assert_true(json_is_number(json_object_get(o, name)));
        return json_number_value(json_object_get(o, name));
}

static void near(double a, double b)
{
        if (fabs(a - b) > 1e-9)
                fail_msg("%.9g is not %.9g", a, b);
}

static void weeks_give_the_staff_of_an_hour(void **state)
{
        struct town *t = founded(state, 6, 8);
        json_t *o = asked(t, json_object());

        /* Tuesday the 24th: the next working day is a Wednesday. */
        assert_string_equal(json_string_value(json_object_get(o, "day")), "2026-11-25");
        assert_int_equal(json_array_size(json_object_get(o, "days")), 6);
        assert_true(json_is_false(json_object_get(o, "few")));
        assert_int_equal(json_array_size(json_object_get(o, "groups")), 1); /* counter 3 serves all: one line */
        const json_t *nine = hour(o, "09:00"), *ten = hour(o, "10:00");
        near(real(nine, "arrivals"), 8.5);
        near(real(nine, "service_minutes"), 20);
        near(real(nine, "load"), 2.83);
        assert_int_equal(town_whole(nine, "needed"), queue_servers(8.5 / 3, 1200, 600, 0.9));
        assert_true(town_whole(nine, "needed_high") > town_whole(nine, "needed"));
        assert_true(real(nine, "low") < 8.5 && real(nine, "high") > 8.5);
        near(real(ten, "arrivals"), 0);
        assert_int_equal(town_whole(ten, "needed"), 0);
        /* Half past eight to nine is half an hour, lunch is closed. */
        assert_int_equal(town_whole(hour(o, "08:00"), "open_minutes"), 30);
        assert_int_equal(json_array_size(json_object_get(json_array_get(json_object_get(o, "groups"), 0), "hours")), 8);
        json_decref(o);
        /* A longer wait asks for fewer; another weekday knows nothing of Wednesdays. */
        o = asked(t, json_pack("{s:i,s:i}", "target_minutes", 60, "share", 60));
        assert_true(town_whole(hour(o, "09:00"), "needed") < queue_servers(8.5 / 3, 1200, 600, 0.9));
        json_decref(o);
        o = asked(t, json_pack("{s:s}", "day", "2026-11-26"));
        near(real(hour(o, "09:00"), "arrivals"), 0);
        json_decref(o);
        town_free(t);
}

static void bookings_and_few_days_are_told(void **state)
{
        struct town *t = founded(state, 2, 1);
        json_t *in = json_pack("{s:s,s:s,s:s}", "service", "pension", "day", "2026-11-25", "time", "09:10");

        assert_int_equal(town_call(t, "hall.book", in, NULL), SB_OK);
        json_t *o = asked(t, json_object());
        assert_true(json_is_true(json_object_get(o, "few")));
        assert_int_equal(town_whole(hour(o, "09:00"), "booked"), 1);
        near(real(hour(o, "09:00"), "arrivals"), 2.5); /* who walk in, and who has booked */
        json_decref(o);
        /* On a Sunday the hall is closed. */
        o = asked(t, json_pack("{s:s}", "day", "2026-11-29"));
        assert_true(json_is_false(json_object_get(o, "open")));
        json_decref(o);
        assert_int_equal(town_call(t, "hall.forecast", json_pack("{s:i}", "office", 999999), NULL), SB_CASE_OFFICE);
        assert_int_equal(town_call(t, "hall.forecast", json_pack("{s:i}", "share", 100), NULL), SB_FIELD_TYPE);
        town_free(t);
}

/* Planned is who is there: a clerk on leave is not. */
static int clerk_add(struct tx *tx, void *ctx, struct error *err)
{
        struct town *t = ctx;
        int rc = tx_exec(tx, err,
                         "INSERT INTO staff (id, login, display, office, roles, password, failures, person, valid_from, "
                         "valid_to, version) VALUES (777, 'one', 'One', ?1@int, 'clerk', '', 0, 0, 0, ?2@int, 1)",
                         "ii", t->office, (int64_t)DAY_END);

        rc = rc ? rc
                : tx_exec(
                      tx, err,
                      "INSERT INTO post (staff, office, role, valid_from, valid_to, appointed_by, appointed_at) VALUES (777, "
                      "?1@int, 'clerk', 0, ?2@int, 0, 0)",
                      "ii", t->office, (int64_t)DAY_END);
        return rc ? rc
                  : tx_exec(tx, err,
                            "INSERT INTO leave_spell (id, staff, valid_from, valid_to, reason, state, entered_by, entered_at, "
                            "decided_by, decided_at) VALUES (778, 777, ?1@int, ?2@int, '', 'confirmed', 1, 0, 1, 0)",
                            "ii", (int64_t)day_from(2026, 11, 26), (int64_t)day_from(2026, 11, 27));
}

static void who_is_on_leave_is_not_planned(void **state)
{
        struct town *t = founded(state, 5, 4);
        json_t *o = asked(t, json_object());
        int64_t before = town_whole(o, "clerks");

        json_decref(o);
        assert_ok(store_write(t->house.store, clerk_add, t, &t->err), t->err);
        o = asked(t, json_object());
        assert_int_equal(town_whole(o, "clerks"), before + 1);
        assert_true(town_whole(hour(o, "09:00"), "planned") >= 1);
        json_decref(o);
        o = asked(t, json_pack("{s:s}", "day", "2026-11-26"));
        assert_int_equal(town_whole(o, "clerks"), before);
        json_decref(o);
        town_free(t);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(weeks_give_the_staff_of_an_hour),
            TEST_ON_BOTH(bookings_and_few_days_are_told),
            TEST_ON_BOTH(who_is_on_leave_is_not_planned),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
