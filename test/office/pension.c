/* SPDX-License-Identifier: Apache-2.0
 *
 * Pensions on both databases: the worked examples of the demonstration's pack, walked through the office instead of the model
 * alone: preview, application, four eyes, award with its decision and letter, stops, and what is refused.
 */
#include "office/town.h"

#include "support/cairo_leak.h"

#include <string.h>

/* A person of the pack's cases/award.json with history, balance and a workplace; answers the person. */
static int64_t person_of(struct town *t, const json_t *example, int64_t employer)
{
        const json_t *in = json_object_get(example, "inputs"), *run;
        const char *category = json_string_value(json_object_get(in, "category"));
        const char *birth = json_string_value(json_object_get(in, "birth"));
        char first[24], id[24];
        struct buf csv;
        size_t i;

        text_format(first, sizeof first, "990101%.4s%.2s%.2s11%d", birth, birth + 5, birth + 8, category[0] == 'm' ? 1 : 2);
        int64_t person = town_person(t, "王小明", first, category);
        town_id(first, id);
        town_employ(t, person, employer, day_from(2010, 1, 1));
        buf_init(&csv, 1 << 16);
        buf_add_text(&csv, "id_number,scheme,from,to,base,kind,uscc\n");
        json_array_foreach(json_object_get(in, "history"), i, run)
        {
                month_t to = 0;
                char last[16], uscc[24];
                assert_int_equal(month_parse(&to, str_from(json_string_value(json_object_get(run, "to"))), NULL), 0);
                bool deemed = json_is_true(json_object_get(run, "deemed"));
                buf_add_format(&csv, "%s,EP,%s,%s,%s,%s,%s\n", id, json_string_value(json_object_get(run, "from")),
                               month_text(to - 1, last), json_string_value(json_object_get(run, "base")),
                               deemed ? "deemed" : "paid", town_uscc("91990101MA0000001", uscc));
        }
        town_import(t, "contributions", buf_text(&csv));
        buf_clear(&csv);
        buf_add_format(&csv, "id_number,scheme,balance\n%s,EP,%s\n", id, json_string_value(json_object_get(in, "balance")));
        town_import(t, "balances", buf_text(&csv));
        buf_dispose(&csv);
        return person;
}

struct office {
        struct town *town;
        json_t *examples;
        int64_t employer;
};

static struct office office_new(void **state)
{
        struct office o = {.town = town_founded(*(enum test_engine *)*state)};

        if (o.town == NULL)
                skip();
        o.examples = json_load_file("packs/demo/cases/award.json", 0, NULL);
        assert_non_null(o.examples);
        o.employer = town_employer(o.town, "云城第一机械厂", "91990101MA0000001", "990100");
        return o;
}

static void office_free(struct office *o)
{
        json_decref(o->examples);
        town_free(o->town);
}

static const json_t *example(const struct office *o, const char *id)
{
        const json_t *one;
        size_t i;

        json_array_foreach(o->examples, i, one)
        {
                if (strcmp(json_string_value(json_object_get(one, "id")), id) == 0)
                        return one;
        }
        fail_msg("no example %s", id);
        return NULL;
}

static json_t *question(int64_t person, const char *month)
{
        return json_pack("{s:I,s:s}", "person", (json_int_t)person, "month", month);
}

static const char *month_of_example(const json_t *example, char out[8])
{
        return text_format(out, 8, "%.7s", json_string_value(json_object_get(json_object_get(example, "inputs"), "day")));
}

/* --- previews: every example that lies in the time that the office knows ---------------------------------------------------------- */

static void examples_through_the_office(void **state)
{
        static const char *const ids[] = {"demo-award-01", "demo-award-02", "demo-award-03",
                                          "demo-award-04", "demo-award-05", "demo-award-06"};
        static const char *const figures[] = {"basic", "account", "transition", "total"};
        struct office o = office_new(state);

        for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
                const json_t *e = example(&o, ids[i]), *expected = json_object_get(e, "expected");
                bool eligible = json_is_true(json_object_get(expected, "eligible"));
                json_t *out = NULL;
                char month[8];
                int64_t person = person_of(o.town, e, o.employer);
                assert_int_equal(town_call(o.town, "pension.preview", question(person, month_of_example(e, month)), &out),
                                 SB_OK);
                assert_int_equal(json_is_true(json_object_get(out, "eligible")), eligible);
                assert_int_equal(json_array_size(json_object_get(out, "missing")), 0);
                for (size_t k = 0; eligible && k < 4; k++)
                        assert_int_equal(town_money(json_object_get(out, "result"), figures[k]),
                                         town_money(expected, figures[k]));
                if (!eligible) {
                        assert_true(json_array_size(json_object_get(out, "reasons")) > 0);
                        assert_int_equal(town_call(o.town, "pension.apply", question(person, month), NULL), SB_PENSION_NOT_DUE);
                }
                json_decref(out);
        }
        assert_int_equal(town_count(o.town, "SELECT COUNT(*) FROM award"), 0);
        assert_int_equal(town_count(o.town, "SELECT COUNT(*) FROM process_instance"), 0);
        office_free(&o);
}

/* --- to the award --------------------------------------------------------------------------------------------------------------- */

static int64_t apply(struct office *o, int64_t person, const char *month)
{
        json_t *out = NULL;

        assert_int_equal(town_call(o->town, "pension.apply", question(person, month), &out), SB_OK);
        int64_t instance = town_whole(out, "case");
        json_decref(out);
        town_work(o->town);
        return instance;
}

static int64_t awarded(struct office *o, int64_t person, const char *month)
{
        int64_t instance = apply(o, person, month);

        assert_int_equal(town_decide(o->town, instance, 2, "approve"), SB_OK);
        assert_int_equal(town_decide(o->town, instance, 4, "approve"), SB_OK);
        assert_int_equal(town_decide(o->town, instance, 3, "approve"), SB_OK);
        return town_ask(o->town, "SELECT id FROM award WHERE instance = ?1@int", instance);
}

static void nobody_decides_alone(void **state)
{
        struct office o = office_new(state);
        int64_t person = person_of(o.town, example(&o, "demo-award-02"), o.employer), instance = apply(&o, person, "2026-03");

        assert_int_equal(town_decide(o.town, instance, 1, "approve"), SB_CASE_FOUR_EYES);
        assert_int_equal(town_decide(o.town, instance, 2, "approve"), SB_OK);
        assert_int_equal(town_decide(o.town, instance, 1, "approve"), SB_CASE_FOUR_EYES);
        assert_int_equal(town_decide(o.town, instance, 2, "approve"), SB_CASE_FOUR_EYES);
        assert_int_equal(town_decide(o.town, instance, 4, "approve"), SB_OK);
        assert_int_equal(town_decide(o.town, instance, 4, "approve"), SB_CASE_FOUR_EYES);
        assert_int_equal(town_count(o.town, "SELECT COUNT(*) FROM award"), 0);
        assert_int_equal(town_decide(o.town, instance, 3, "approve"), SB_OK);
        int64_t award = town_ask(o.town, "SELECT id FROM award WHERE instance = ?1@int", instance);
        assert_int_equal(town_ask(o.town, "SELECT total_fen FROM award WHERE id = ?1@int", award), 655400);
        assert_int_equal(town_ask(o.town, "SELECT entered_by FROM award WHERE id = ?1@int", award), 1);
        assert_int_equal(town_ask(o.town, "SELECT approved_by FROM award WHERE id = ?1@int", award), 3);
        /* The decision says what it rested on; the letter can be read. */
        json_t *out = NULL;
        assert_int_equal(town_call(o.town, "pension.award_get", json_pack("{s:I}", "award", (json_int_t)award), &out), SB_OK);
        assert_int_equal(town_money(out, "total"), 655400);
        json_decref(out);
        assert_int_equal(town_count(o.town, "SELECT COUNT(*) FROM decision WHERE dependencies LIKE '%contribution%' AND "
                                            "dependencies LIKE '%personal_account%'"),
                         1);
        int64_t letter = town_ask(o.town, "SELECT MIN(id) FROM letter WHERE instance = ?1@int", instance);
        assert_int_equal(town_call(o.town, "documents.get", json_pack("{s:I}", "document", (json_int_t)letter), &out), SB_OK);
        assert_true(town_whole(out, "size") > 1000);
        json_decref(out);
        assert_int_equal(town_call(o.town, "pension.apply", question(person, "2026-03"), NULL), SB_PENSION_EXISTS);
        town_audit(o.town);
        office_free(&o);
}

static void what_is_sent_back_is_computed_anew(void **state)
{
        struct office o = office_new(state);
        int64_t person = person_of(o.town, example(&o, "demo-award-02"), o.employer), instance = apply(&o, person, "2026-03");

        assert_int_equal(town_decide(o.town, instance, 2, "return"), SB_OK);
        assert_int_equal(town_decide(o.town, instance, 1, "approve"), SB_OK);
        assert_int_equal(town_ask(o.town, "SELECT COUNT(*) FROM decision WHERE instance = ?1@int", instance), 2);
        assert_int_equal(town_decide(o.town, instance, 2, "return"), SB_OK);
        assert_int_equal(town_decide(o.town, instance, 1, "return"), SB_OK);
        assert_int_equal(town_decide(o.town, instance, 1, "approve"), SB_OK); /* the refusal is served */
        assert_int_equal(
            town_ask(o.town, "SELECT COUNT(*) FROM process_instance WHERE state = 'done' AND id = ?1@int", instance), 1);
        assert_int_equal(town_count(o.town, "SELECT COUNT(*) FROM award"), 0);
        office_free(&o);
}

static int history_mend(struct tx *tx, void *ctx, struct error *err)
{
        (void)ctx;
        return tx_exec(tx, err, "UPDATE contribution SET base_fen = base_fen - 100000 WHERE month_from = 2020 * 12", "");
}

/* What was approved is what was computed: when the history changes in between, nothing is awarded; it is computed and reviewed anew. */
static void a_stale_decision_awards_nothing(void **state)
{
        struct office o = office_new(state);
        int64_t person = person_of(o.town, example(&o, "demo-award-02"), o.employer), instance = apply(&o, person, "2026-03");

        assert_int_equal(town_decide(o.town, instance, 2, "approve"), SB_OK);
        assert_int_equal(town_decide(o.town, instance, 4, "approve"), SB_OK);
        assert_ok(store_write(o.town->house.store, history_mend, NULL, &o.town->err), o.town->err);
        assert_int_equal(town_decide(o.town, instance, 3, "approve"), SB_OK);
        assert_int_equal(town_count(o.town, "SELECT COUNT(*) FROM award"), 0);
        assert_int_equal(town_ask(o.town,
                                  "SELECT COUNT(*) FROM task WHERE node = 'correct' AND state = 'open' AND instance = ?1@int",
                                  instance),
                         1);
        assert_int_equal(town_decide(o.town, instance, 1, "approve"), SB_OK);
        assert_int_equal(town_ask(o.town, "SELECT COUNT(*) FROM decision WHERE instance = ?1@int", instance), 2);
        assert_int_equal(town_decide(o.town, instance, 2, "approve"), SB_OK);
        assert_int_equal(town_decide(o.town, instance, 4, "approve"), SB_OK);
        assert_int_equal(town_decide(o.town, instance, 3, "approve"), SB_OK);
        assert_int_equal(town_ask(o.town, "SELECT COUNT(*) FROM award WHERE instance = ?1@int", instance), 1);
        office_free(&o);
}

/* --- missing figures, stops --------------------------------------------------------------------------------------------------------- */

static void a_missing_figure_is_named(void **state)
{
        struct office o = office_new(state);
        int64_t person = person_of(o.town, example(&o, "demo-award-02"), o.employer);
        json_t *out = NULL;

        assert_int_equal(town_call(o.town, "pension.preview", question(person, "2045-03"), &out), SB_OK);
        const json_t *missing = json_array_get(json_object_get(out, "missing"), 0);
        assert_non_null(json_string_value(json_object_get(missing, "key")));
        assert_true(json_is_null(json_object_get(out, "result")));
        json_decref(out);
        assert_int_equal(town_call(o.town, "pension.apply", question(person, "2045-03"), NULL), SB_PARAMETER_MISSING);
        int64_t stranger = town_person(o.town, "赵新", "99010119650101111", "male");
        assert_int_equal(town_call(o.town, "pension.preview", question(stranger, "2026-03"), NULL), SB_PENSION_HISTORY);
        assert_int_equal(town_call(o.town, "pension.preview", question(999999999, "2026-03"), NULL), SB_REGISTRY_PERSON);
        office_free(&o);
}

/* What pension.check, which only processes ask, tells of a form: the one fault, with its values; SB_OK none. */
static void check_tells(struct office *o, int64_t person, enum error_code code, const char *value)
{
        struct error expected = {0};
        struct call call = {.house = &o->town->house};
        char zh[600], en[600], number[32];
        json_t *in = json_pack("{s:{s:I,s:s}}", "form", "person", (json_int_t)person, "month", "2026-03"), *out = NULL;

        assert_ok(registry_find(call.house->verbs, "pension.check")->run(&call, in, &out, &o->town->err), o->town->err);
        json_decref(in);
        const json_t *faults = json_object_get(out, "faults"), *fault = json_array_get(faults, 0);
        assert_int_equal(json_array_size(faults), code == SB_OK ? 0 : 1);
        if (code != SB_OK) {
                error_raise(&expected, code, "%s|%s", readable_number('P', 1, person, number), value);
                assert_string_equal(json_string_value(json_object_get(fault, "field")), "person");
                assert_string_equal(json_string_value(json_object_get(fault, "zh")),
                                    error_text(&expected, LANG_ZH, zh, sizeof zh));
                assert_string_equal(json_string_value(json_object_get(fault, "en")),
                                    error_text(&expected, LANG_EN, en, sizeof en));
        }
        json_decref(out);
}

static void the_counter_is_told_of_a_death_and_of_an_award(void **state)
{
        struct office o = office_new(state);
        int64_t person = person_of(o.town, example(&o, "demo-award-02"), o.employer);
        char number[32];

        check_tells(&o, person, SB_OK, "");
        int64_t award = awarded(&o, person, "2026-03");
        check_tells(&o, person, SB_PENSION_EXISTS, readable_number('A', 1, award, number));
        int64_t version = town_ask(o.town, "SELECT version FROM person WHERE id = ?1@int", person);
        assert_int_equal(town_call(o.town, "registry.person_correct",
                                   json_pack("{s:I,s:s,s:s,s:s,s:I}", "person", (json_int_t)person, "field", "death", "value",
                                             "2026-02-11", "source", "notice", "version", (json_int_t)version),
                                   NULL),
                         SB_OK);
        check_tells(&o, person, SB_PENSION_DEAD, "2026-02-11");
        office_free(&o);
}

static enum error_code stop(struct office *o, int64_t award, const char *from, const char *to)
{
        json_t *in = json_pack("{s:I,s:s,s:s}", "award", (json_int_t)award, "reason", "verification", "month_from", from);

        if (to[0] != '\0')
                json_object_set_new(in, "month_to", json_string(to));
        return town_call(o->town, "pension.stop", in, NULL);
}

struct holding {
        struct office *office;
        int64_t award;
};

/* As another subject holds it, from 2026-06 on. */
static int hold(struct tx *tx, void *ctx, struct error *err)
{
        const struct holding *h = ctx;
        struct house *house = &h->office->town->house;

        return award_hold(tx, house->ids, house->home, h->award, "verification", month_from(2026, 6), 1,
                          clock_now(house->clock), err);
}

static void stops_are_closed_never_changed(void **state)
{
        struct office o = office_new(state);
        int64_t award = awarded(&o, person_of(o.town, example(&o, "demo-award-02"), o.employer), "2026-03");

        assert_int_equal(stop(&o, award, "2026-05", "2026-05"), SB_PENSION_MONTHS);
        assert_int_equal(stop(&o, award + 1000, "2026-05", ""), SB_PENSION_AWARD);
        assert_int_equal(stop(&o, award, "2026-05", ""), SB_OK);
        int64_t id = town_ask(o.town, "SELECT id FROM award_stop WHERE award = ?1@int", award);
        clock_advance(o.town->house.clock, 1000000);
        json_t *lift = json_pack("{s:I,s:I,s:s}", "award", (json_int_t)award, "stop", (json_int_t)id, "month_to", "2026-08");
        assert_int_equal(town_call(o.town, "pension.lift", json_incref(lift), NULL), SB_OK);
        assert_int_equal(town_call(o.town, "pension.lift", lift, NULL), SB_PENSION_STOP); /* it is closed */
        /* The first row is as it was believed, the second says what holds now. */
        assert_int_equal(town_ask(o.town, "SELECT COUNT(*) FROM award_stop WHERE award = ?1@int", award), 2);
        assert_int_equal(
            town_ask(o.town, "SELECT month_to FROM award_stop WHERE known_to > 9000000000000000 AND award = ?1@int", award),
            2026 * 12 + 7);
        assert_int_equal(town_ask(o.town, "SELECT month_to FROM award_stop WHERE id = ?1@int", id), MONTH_END);
        /* A reason stops a month once, and a stop that is lifted does not grow by it. */
        assert_int_equal(stop(&o, award, "2026-07", ""), SB_PENSION_STOPPED);
        assert_int_equal(stop(&o, award, "2026-08", "2026-09"), SB_OK);
        id = town_ask(o.town, "SELECT MAX(id) FROM award_stop WHERE award = ?1@int", award);
        lift = json_pack("{s:I,s:I,s:s}", "award", (json_int_t)award, "stop", (json_int_t)id, "month_to", "2026-12");
        assert_int_equal(town_call(o.town, "pension.lift", lift, NULL), SB_OK);
        assert_int_equal(town_ask(o.town,
                                  "SELECT MAX(month_to) FROM award_stop WHERE known_to > 9000000000000000 AND award = ?1@int",
                                  award),
                         2026 * 12 + 8);
        struct holding h = {&o, award};
        assert_ok(store_write(o.town->house.store, hold, &h, &o.town->err), o.town->err);
        assert_int_equal(
            town_ask(o.town,
                     "SELECT MIN(month_from) FROM award_stop WHERE known_to > 9000000000000000 AND month_to > 99999 AND "
                     "award = ?1@int",
                     award),
            2026 * 12 + 4); /* what stopped it for some of these months is part of it */
        town_audit(o.town);
        office_free(&o);
}

static enum error_code bank_account(struct office *o, int64_t staff, int64_t person, const char *account)
{
        int64_t version = town_ask(o->town, "SELECT version FROM person WHERE id = ?1@int", person);

        return town_call_as(o->town, staff, ROLE_CLERK, "", "registry.person_correct",
                            json_pack("{s:I,s:s,s:s,s:s,s:I}", "person", (json_int_t)person, "field", "bank_account", "value",
                                      account, "source", "passbook", "version", (json_int_t)version),
                            NULL);
}

static enum error_code payee(struct office *o, int64_t staff, uint32_t roles, int64_t award, json_t **out)
{
        return town_call_as(o->town, staff, roles, "", "pension.payee", json_pack("{s:I}", "award", (json_int_t)award), out);
}

/* One enters the account, another has the pension paid to it; stops follow the award, and what was believed stays readable. */
static void a_payee_takes_two(void **state)
{
        struct office o = office_new(state);
        int64_t person = person_of(o.town, example(&o, "demo-award-02"), o.employer), award = awarded(&o, person, "2026-03");
        json_t *out = NULL;

        assert_int_equal(payee(&o, 4, ROLE_REVIEWER, award, NULL), SB_PENSION_PAYEE);
        assert_int_equal(bank_account(&o, 4, person, "6222000000000000001"), SB_OK);
        assert_int_equal(payee(&o, 4, ROLE_CLERK, award, NULL), SB_CASE_ROLE);
        assert_int_equal(payee(&o, 4, ROLE_CLERK | ROLE_REVIEWER, award, NULL), SB_PENSION_OWN_ACCOUNT);
        assert_int_equal(payee(&o, 1, ROLE_REVIEWER, award, NULL), SB_PENSION_OWN_ACCOUNT); /* who registered the person */
        assert_int_equal(payee(&o, 5, ROLE_REVIEWER, award, NULL), SB_OK);
        assert_int_equal(stop(&o, award, "2026-05", ""), SB_OK);
        clock_advance(o.town->house.clock, 1000000);
        assert_int_equal(bank_account(&o, 5, person, "6222000000000000002"), SB_OK);
        assert_int_equal(payee(&o, 5, ROLE_REVIEWER, award, NULL), SB_PENSION_OWN_ACCOUNT);
        assert_int_equal(payee(&o, 6, ROLE_APPROVER, award, &out), SB_OK);
        int64_t later = town_whole(out, "award");
        json_decref(out);
        assert_int_not_equal(later, award);
        assert_int_equal(town_ask(o.town, "SELECT replaces FROM award WHERE id = ?1@int", later), award);
        assert_int_equal(
            town_ask(o.town, "SELECT COUNT(*) FROM award_stop WHERE award = ?1@int AND known_to < 9000000000000000", award), 1);
        assert_int_equal(
            town_ask(o.town, "SELECT month_from FROM award_stop WHERE known_to > 9000000000000000 AND award = ?1@int", later),
            2026 * 12 + 4);
        town_audit(o.town);
        office_free(&o);
}

/* The answer was lost on the way, the client asks again: the first answer, whatever became known in between. */
static void a_repeated_application_is_the_first(void **state)
{
        struct office o = office_new(state);
        int64_t person = person_of(o.town, example(&o, "demo-award-02"), o.employer);
        json_t *first = NULL, *again = NULL;

        assert_int_equal(
            town_call_as(o.town, 1, ROLE_CLERK, "apply-once-1", "pension.apply", question(person, "2026-03"), &first), SB_OK);
        int64_t version = town_ask(o.town, "SELECT version FROM person WHERE id = ?1@int", person);
        assert_int_equal(town_call(o.town, "registry.person_correct",
                                   json_pack("{s:I,s:s,s:s,s:s,s:I}", "person", (json_int_t)person, "field", "death", "value",
                                             "2026-11-20", "source", "certificate", "version", (json_int_t)version),
                                   NULL),
                         SB_OK);
        assert_int_equal(
            town_call_as(o.town, 1, ROLE_CLERK, "apply-once-1", "pension.apply", question(person, "2026-03"), &again), SB_OK);
        assert_true(json_equal(first, again));
        assert_int_equal(town_call(o.town, "pension.apply", question(person, "2026-03"), NULL), SB_PENSION_DEAD);
        assert_int_equal(
            town_call_as(o.town, 1, ROLE_CLERK, "apply-once-1", "pension.apply", question(person, "2026-04"), NULL),
            SB_CASE_KEY_REUSED);
        json_decref(first);
        json_decref(again);
        office_free(&o);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(examples_through_the_office),         TEST_ON_BOTH(nobody_decides_alone),
            TEST_ON_BOTH(what_is_sent_back_is_computed_anew),  TEST_ON_BOTH(a_stale_decision_awards_nothing),
            TEST_ON_BOTH(a_missing_figure_is_named),           TEST_ON_BOTH(the_counter_is_told_of_a_death_and_of_an_award),
            TEST_ON_BOTH(stops_are_closed_never_changed),      TEST_ON_BOTH(a_payee_takes_two),
            TEST_ON_BOTH(a_repeated_application_is_the_first),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
