/* SPDX-License-Identifier: Apache-2.0
 *
 * Cases at the edges: more faults than a message holds, a pack that says what cannot be, a step without a limit of its own, a run of a
 * kind that nobody knows.
 */
#include "case/file_sweep.h"
#include "case/office.h"

#include "engine/bpmn/bpmn.h"

#include <string.h>

#define DAY ((instant_t)24 * 3600 * 1000000)

static void faults_are_told_whole_or_not_at_all(void **state)
{
        struct desk *d = desk_fresh(state);
        json_t *form = json_object();
        char name[24], text[1200];

        for (int i = 0; i < 60; i++)
                json_object_set_new(form, text_format(name, sizeof name, "stranger_%02d", i), json_integer(i));
        assert_int_equal(desk_ask(d, "cases.open", json_pack("{s:s,s:o}", "process", "X5", "form", form), NULL), SB_CASE_FORM);
        /* Names of fields stand between blanks, each whole: the page marks them. */
        size_t words = 0;
        char where[256];
        text_copy(where, sizeof where, str_from(d->err.where));
        for (const char *p = where; *p != '\0'; words++) {
                size_t n = strcspn(p, " ");
                struct str word = {p, n};
                assert_true((n == strlen("stranger_00") && memcmp(p, "stranger_", 9) == 0) || str_is(word, "amount") ||
                            str_is(word, "id"));
                p += n + (p[n] == ' ');
        }
        assert_true(words >= 15 && words < 60);
        error_text(&d->err, LANG_EN, text, sizeof text);
        assert_non_null(strstr(text, "stranger_00: no field of this form"));
        assert_null(strstr(text, "stranger_59"));
        assert_int_equal(desk_int(d, "SELECT COUNT(*) FROM process_instance WHERE id <> ?1@int", 0), 0);
        desk_close(d);
}

static void a_form_has_the_fields_that_people_fill_in(void **state)
{
        struct desk *d = desk_fresh(state);
        json_t *out = NULL;

        assert_int_equal(desk_ask(d, "cases.form", json_pack("{s:s}", "process", "X5"), &out), SB_OK);
        assert_int_equal(json_array_size(json_object_get(out, "fields")), 5);
        assert_true(json_is_true(json_object_get(out, "form")));
        json_decref(out);
        /* X6 begins with a thing of the office: nobody fills it in. */
        assert_int_equal(desk_ask(d, "cases.form", json_pack("{s:s}", "process", "X6"), &out), SB_OK);
        assert_int_equal(json_array_size(json_object_get(out, "fields")), 0);
        assert_true(json_is_false(json_object_get(out, "form")));
        assert_true(json_is_null(json_object_get(out, "limit")));
        json_decref(out);
        desk_close(d);
}

#define CHECKED                                                                                                                \
        "<definitions xmlns=\"" BPMN_NS "\" xmlns:shebao=\"" BPMN_NS_SHEBAO "\"><process id=\"V1\" isExecutable=\"true\" "     \
        "shebao:check=\"nobody.knows\"><extensionElements><shebao:variable name=\"what\" type=\"text\"/></extensionElements>"  \
        "<startEvent id=\"start\"/><endEvent id=\"end\"/><sequenceFlow id=\"f1\" sourceRef=\"start\" targetRef=\"end\"/>"      \
        "</process></definitions>"

static void a_check_that_nobody_has_stops_the_application(void **state)
{
        static const struct desk_file files[] = {{"processes/V1.bpmn", CHECKED}, {NULL, NULL}};
        struct desk *d = desk_fresh(state);
        json_t *in = json_pack("{s:s,s:{s:s}}", "process", "V1", "form", "what", "x");

        desk_pack(d, files);
        assert_int_equal(desk_ask(d, "cases.check", json_incref(in), NULL), SB_CASE_VERB_UNKNOWN);
        assert_int_equal(desk_ask(d, "cases.open", in, NULL), SB_CASE_VERB_UNKNOWN);
        assert_int_equal(desk_int(d, "SELECT COUNT(*) FROM process_instance WHERE id <> ?1@int", 0), 0);
        desk_close(d);
}

static void a_step_without_a_limit_of_its_own_is_due_with_the_case(void **state)
{
        struct desk *d = desk_fresh(state);
        int64_t id = desk_start(d, "X5", "{\"amount\":1}");

        assert_int_equal(desk_decide(d, id, 1, ROLE_CLERK, "approve"), SB_OK);
        assert_int_equal(desk_int(d, "SELECT due_day FROM task WHERE instance = ?1@int AND node = 'review'", id),
                         day_from(2026, 12, 1));
        assert_int_equal(desk_case(d, id, "cases.pause", "{\"reason\":\"authority\"}", NULL), SB_OK);
        clock_advance(d->house.clock, 2 * DAY);
        assert_int_equal(desk_case(d, id, "cases.resume", "{}", NULL), SB_OK);
        int64_t due = desk_int(d, "SELECT due_day FROM process_instance WHERE id = ?1@int", id);
        assert_int_equal(due, day_from(2026, 12, 3));
        assert_int_equal(desk_int(d, "SELECT due_day FROM task WHERE instance = ?1@int AND node = 'review'", id), due);
        desk_close(d);
}

#define LIMIT(value)                                                                                                           \
        "key,dimensions,value,unit,valid_from,valid_to,source,evidence\ncase_limit,process=X1," value                          \
        ",working_days,2020-01-01,,令1号 1,T\n"

static int begin(struct tx *tx, void *ctx, struct error *err)
{
        struct desk *d = ctx;
        struct call c = {.house = &d->house, .who = {.staff = 1, .office = 10, .roles = ROLE_CLERK}};
        struct case_start start = {.process = "X1", .subject_kind = "thing", .subject = 7, .office = 10, .pool = POOL};
        int64_t instance;

        return case_start(tx, &c, &start, &instance, err);
}

static void a_limit_that_is_none_begins_no_case(void **state)
{
        static const char *const limits[] = {LIMIT("-1"), LIMIT("36601")};
        struct desk *d = desk_fresh(state);

        for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
                const struct desk_file files[] = {{"parameters/limits.csv", limits[i]}, {NULL, NULL}};
                struct error err = {0};
                desk_pack(d, files);
                assert_error(store_write(d->house.store, begin, d, &err), err, SB_PARAMETER_VALUE);
                /* The list of processes tells the others, and of this one that nothing is known. */
                json_t *out = NULL;
                assert_int_equal(desk_ask(d, "processes.list", json_object(), &out), SB_OK);
                const json_t *row = NULL;
                for (size_t k = 0; row == NULL || strcmp(desk_word(row, "process"), "X1") != 0; k++)
                        row = json_array_get(json_object_get(out, "items"), k);
                assert_true(json_is_null(json_object_get(row, "limit")));
                json_decref(out);
        }
        assert_int_equal(desk_int(d, "SELECT COUNT(*) FROM process_instance WHERE id <> ?1@int", 0), 0);
        desk_close(d);
}

/* A pack that does not know of limits, and one without reasons to stop a clock: a case goes on without either. */
static void a_pack_may_know_no_limits_and_no_reasons(void **state)
{
        static const struct desk_file files[] = {
            {"keys.csv", "key,unit,dimensions,values,limit,gaps,title_zh,title_en\n"},
            {"parameters/limits.csv", "key,dimensions,value,unit,valid_from,valid_to,source,evidence\n"},
            {NULL, NULL}};
        struct desk *d = desk_fresh(state);
        json_t *out = NULL;

        desk_pack(d, files);
        int64_t id = desk_start(d, "X1", "{\"n\":1}");
        assert_int_equal(desk_int(d, "SELECT due_day FROM process_instance WHERE id = ?1@int", id), DAY_END);
        assert_int_equal(desk_case(d, id, "cases.pause", "{\"reason\":\"nobody\"}", NULL), SB_CASE_PAUSE_REASON);
        assert_int_equal(desk_case(d, id, "cases.get", "{}", &out), SB_OK);
        assert_int_equal(json_array_size(json_object_get(out, "pause_reasons")), 2);
        json_decref(out);
        desk_close(d);
}

static void a_clock_stands_so_often_and_no_more(void **state)
{
        struct desk *d = desk_fresh(state);
        int64_t id = desk_start(d, "X1", "{\"n\":1}");

        for (int k = 0; k < 200; k++)
                desk_put(
                    d,
                    "INSERT INTO case_pause (home, id, instance, reason, note, document, expected_day, paused_at, paused_by, "
                    "resumed_at, resumed_by, resume_note) VALUES (1, ?2@int, ?1@int, 'papers', '', '', ?3@int, 1, 1, 2, 1, "
                    "'')",
                    id, 7000 + k, DAY_END, 0);
        assert_int_equal(desk_case(d, id, "cases.pause", "{\"reason\":\"papers\"}", NULL), SB_OK);
        clock_advance(d->house.clock, DAY);
        assert_int_equal(desk_case(d, id, "cases.resume", "{}", NULL), SB_LIMIT);
        assert_true(desk_int(d, "SELECT paused_at FROM process_instance WHERE id = ?1@int", id) > 0);
        desk_put(d, "DELETE FROM case_pause WHERE id = 7000", 0, 0, 0, 0);
        assert_int_equal(desk_case(d, id, "cases.resume", "{}", NULL), SB_OK);
        desk_close(d);
}

#define ASKING                                                                                                                 \
        "<definitions xmlns=\"" BPMN_NS "\" xmlns:shebao=\"" BPMN_NS_SHEBAO "\"><process id=\"V2\" isExecutable=\"true\">"     \
        "<startEvent id=\"start\"/><userTask id=\"look\" shebao:role=\"clerk\"><extensionElements><shebao:variable "           \
        "name=\"day\" "                                                                                                        \
        "type=\"date\" titleZh=\"日期\" titleEn=\"Day\"/><shebao:output name=\"a\" value=\"result.why + result.day\"/>"      \
        "<shebao:output name=\"b\" value=\"result.why + result.decision\"/></extensionElements></userTask><endEvent "          \
        "id=\"end\"/>"                                                                                                         \
        "<sequenceFlow id=\"f1\" sourceRef=\"start\" targetRef=\"look\"/><sequenceFlow id=\"f2\" sourceRef=\"look\" "          \
        "targetRef=\"end\"/></process></definitions>"

/* What a step takes from its outcome is asked for, once, also where the model declares no field for it. */
static void a_step_asks_for_what_it_takes(void **state)
{
        static const struct desk_file files[] = {{"processes/V2.bpmn", ASKING}, {NULL, NULL}};
        struct desk *d = desk_fresh(state);
        json_t *out = NULL;

        desk_pack(d, files);
        int64_t id = desk_start(d, "V2", "{}");
        assert_int_equal(desk_ask(d, "tasks.list", desk_json(d, "{\"process\":\"V2\"}"), &out), SB_OK);
        assert_int_equal(json_integer_value(json_object_get(json_array_get(json_object_get(out, "items"), 0), "case")), id);
        const json_t *asks = json_object_get(json_array_get(json_object_get(out, "items"), 0), "asks");
        assert_int_equal(json_array_size(asks), 2);
        assert_string_equal(desk_word(json_array_get(asks, 0), "name"), "day");
        assert_string_equal(desk_word(json_array_get(asks, 0), "type"), "date");
        assert_string_equal(desk_word(json_array_get(asks, 1), "name"), "why");
        assert_string_equal(desk_word(json_array_get(asks, 1), "type"), "text");
        json_decref(out);
        desk_close(d);
}

static void a_run_of_an_unknown_kind_fails(void **state)
{
        static const struct run_kind *const none[] = {NULL};
        struct desk *d = desk_fresh(state);
        json_t *out = NULL;

        assert_int_equal(desk_call(d, 3, ROLE_APPROVER, 10, "bulk.plan", json_pack("{s:s}", "step", "approve"), &out), SB_OK);
        int64_t run = json_integer_value(json_object_get(out, "run"));
        json_decref(out);
        error_clear(&d->err);
        /* Whoever takes what waits leaves it to who knows the kind; asked for by its number it fails, and says why. */
        bool worked = true;
        assert_ok(run_work_any(&d->house, none, &worked, &d->err), d->err);
        assert_false(worked);
        assert_string_equal(desk_text(d, "SELECT state FROM run WHERE id = ?1@int", run), "queued");
        assert_error(run_work(&d->house, none, run, NULL, NULL, &d->err), d->err, SB_CASE_RUN_KIND);
        assert_string_equal(desk_text(d, "SELECT state FROM run WHERE id = ?1@int", run), "failed");
        assert_non_null(strstr(desk_text(d, "SELECT error FROM run WHERE id = ?1@int", run), "bulk_plan"));
        desk_close(d);
}

static void without_a_folder_nothing_is_swept(void **state)
{
        struct desk *d = desk_fresh(state);
        struct file_sweep found;

        d->house.files = NULL;
        assert_error(file_sweep(&d->house, true, &found, &d->err), d->err, SB_CASE_FILES);
        desk_close(d);
}

static void a_phase_is_a_word_before_a_colon(void **state)
{
        static const struct {
                const char *cursor, *phase;
        } all[] = {{"draw:5", "draw"}, {"5", ""}, {"", ""}, {":5", ""}, {"Draw:5", ""}, {"dra{:5", ""}, {"a1:5", ""}};

        (void)state;
        for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
                assert_true(str_is(run_phase(str_from(all[i].cursor)), all[i].phase));
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            TEST_ON_SQLITE(faults_are_told_whole_or_not_at_all),
            TEST_ON_SQLITE(a_form_has_the_fields_that_people_fill_in),
            TEST_ON_SQLITE(a_check_that_nobody_has_stops_the_application),
            TEST_ON_BOTH(a_step_without_a_limit_of_its_own_is_due_with_the_case),
            TEST_ON_SQLITE(a_limit_that_is_none_begins_no_case),
            TEST_ON_SQLITE(a_pack_may_know_no_limits_and_no_reasons),
            TEST_ON_SQLITE(a_clock_stands_so_often_and_no_more),
            TEST_ON_SQLITE(a_step_asks_for_what_it_takes),
            TEST_ON_BOTH(a_run_of_an_unknown_kind_fails),
            TEST_ON_SQLITE(without_a_folder_nothing_is_swept),
            cmocka_unit_test(a_phase_is_a_word_before_a_colon),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
