/* SPDX-License-Identifier: Apache-2.0
 *
 * Lists of tasks, cases and runs: what a filter finds, that pages lose and repeat nothing, cursors that are none; who may turn a run; and
 * that a key is for one request.
 */
#include "case/office.h"

#include "engine/bpmn/bpmn.h"

#include <string.h>

#define HOUR ((int64_t)3600 * 1000000)

#define MODEL(id)                                                                                                              \
        "<definitions xmlns=\"" BPMN_NS "\" xmlns:shebao=\"" BPMN_NS_SHEBAO "\"><process id=\"" id                             \
        "\" name=\"流程\" isExecutable=\"true\"><startEvent id=\"start\"/><userTask id=\"work\" shebao:role=\"clerk\" "      \
        "shebao:decisions=\"approve return\"/><endEvent id=\"end\"/><sequenceFlow id=\"f1\" sourceRef=\"start\" "              \
        "targetRef=\"work\"/><sequenceFlow id=\"f2\" sourceRef=\"work\" targetRef=\"end\"/></process></definitions>"
static const char U1[] = MODEL("U1"), U2[] = MODEL("U2");

static struct desk *fresh(void **state)
{
        static const struct desk_file files[] = {{"processes/U1.bpmn", U1}, {"processes/U2.bpmn", U2}, {NULL, NULL}};

        return desk_with(state, files);
}

/* --- lists --------------------------------------------------------------------------------------------------------------------------------- */

static size_t how_many(struct desk *d, const char *verb, const char *in)
{
        json_t *out = NULL;

        assert_int_equal(desk_ask(d, verb, desk_json(d, in), &out), SB_OK);
        size_t n = json_array_size(json_object_get(out, "items"));
        json_decref(out);
        return n;
}

static void tasks_are_found_by_what_they_are(void **state)
{
        static const char *const wrong[] = {"x", "1", "-1-2", "1-x", "99999999999-1", "x-1"};
        struct desk *d = fresh(state);
        int64_t x1 = desk_start(d, "X1", "{\"n\":1}"), u1 = desk_start(d, "U1", "{\"person\":1}");
        json_t *out = NULL;
        char in[100];

        assert_int_equal(how_many(d, "tasks.list", "{}"), 2);
        assert_int_equal(how_many(d, "tasks.list", "{\"process\":\"U1\"}"), 1);
        assert_int_equal(how_many(d, "tasks.list", "{\"role\":\"clerk\"}"), 2);
        assert_int_equal(how_many(d, "tasks.list", "{\"role\":\"approver\"}"), 0);
        assert_int_equal(how_many(d, "tasks.list", "{\"state\":\"done\"}"), 0);
        assert_int_equal(how_many(d, "tasks.list", "{\"office\":100}"), 0);
        assert_int_equal(how_many(d, "tasks.list", "{\"overdue\":true}"), 0);
        assert_int_equal(how_many(d, "tasks.list", "{\"warning\":\"none\"}"), 2);
        assert_int_equal(how_many(d, "tasks.list",
                                  text_format(in, sizeof in, "{\"text\":\"%s\"}",
                                              desk_text(d, "SELECT number FROM process_instance WHERE id = ?1@int", x1))),
                         1);
        for (size_t k = 0; k < sizeof wrong / sizeof wrong[0]; k++)
                assert_int_equal(desk_ask(d, "tasks.list", json_pack("{s:s}", "cursor", wrong[k]), NULL), SB_FIELD_TYPE);
        /* Half of its four days, four fifths of them, all of them. */
        static const struct {
                int day;
                const char *word;
        } days[] = {{26, "half"}, {28, "late80"}, {30, "overdue"}};
        for (size_t k = 0; k < 3; k++) {
                clock_set(d->house.clock, day_instant(day_from(2026, 11, days[k].day)) + 9 * HOUR);
                assert_int_equal(how_many(d, "tasks.list", text_format(in, sizeof in, "{\"warning\":\"%s\"}", days[k].word)),
                                 1);
        }
        assert_int_equal(how_many(d, "tasks.list", "{\"overdue\":true}"), 1);
        assert_int_equal(desk_ask(d, "tasks.take", json_pack("{s:I}", "task", (json_int_t)desk_task(d, u1)), NULL), SB_OK);
        assert_int_equal(desk_ask(d, "tasks.list", desk_json(d, "{\"process\":\"U1\"}"), &out), SB_OK);
        assert_string_equal(desk_word(json_array_get(json_object_get(out, "items"), 0), "state"), "taken");
        json_decref(out);
        assert_int_equal(desk_decide(d, u1, 1, ROLE_CLERK, "approve"), SB_OK);
        assert_int_equal(how_many(d, "tasks.list", "{\"state\":\"done\"}"), 1);
        desk_close(d);
}

/* What is mine lies behind much that is others': it is found all the same, page by page, each once. */
static void what_is_mine_is_found_behind_what_is_not(void **state)
{
        struct desk *d = fresh(state);
        char cursor[48] = "";
        int pages = 0, seen = 0;
        json_t *out = NULL;

        for (int k = 0; k < 30; k++) {
                int64_t id = desk_start(d, "U1", "{\"person\":1}");
                if (k % 10 != 9)
                        desk_put(d, "UPDATE task SET assignee = 2 WHERE instance = ?1@int", id, 0, 0, 0);
        }
        do {
                json_t *in = json_pack("{s:b,s:i}", "mine", 1, "limit", 2);
                if (cursor[0] != '\0')
                        json_object_set_new(in, "cursor", json_string(cursor));
                assert_int_equal(desk_ask(d, "tasks.list", in, &out), SB_OK);
                seen += (int)json_array_size(json_object_get(out, "items"));
                const char *next = json_string_value(json_object_get(out, "next"));
                text_copy(cursor, sizeof cursor, str_from(next == NULL ? "" : next));
                json_decref(out);
        } while (cursor[0] != '\0' && ++pages < 20);
        assert_int_equal(seen, 3);
        desk_close(d);
}

/* Lines of two offices, each longer than a page: together they are read in the order of their days, each once. */
static void lines_of_offices_are_merged_in_order(void **state)
{
        struct desk *d = fresh(state);
        char cursor[48] = "";
        int64_t last = 0;
        int pages = 0, seen = 0;
        json_t *out = NULL, *row;
        size_t i;

        for (int k = 0; k < 24; k++) {
                int64_t id = desk_start(d, "U1", "{\"person\":1}");
                /* First most of one office, then most of the other. */
                desk_put(d, "UPDATE task SET office = ?2@int, due_day = ?3@int WHERE instance = ?1@int", id,
                         k % 2 == 0 ? 10 : 100, day_from(2026, 12, 1) + (k % 2 == 0 ? k : (k * 7) % 24), 0);
        }
        do {
                json_t *in = json_pack("{s:i}", "limit", 3);
                if (cursor[0] != '\0')
                        json_object_set_new(in, "cursor", json_string(cursor));
                assert_int_equal(desk_ask(d, "tasks.list", in, &out), SB_OK);
                json_array_foreach(json_object_get(out, "items"), i, row)
                {
                        int64_t task = json_integer_value(json_object_get(row, "id"));
                        int64_t due = desk_int(d, "SELECT due_day FROM task WHERE id = ?1@int", task);
                        assert_true(due * 100000 + task % 100000 > last);
                        last = due * 100000 + task % 100000;
                        seen++;
                }
                const char *next = json_string_value(json_object_get(out, "next"));
                text_copy(cursor, sizeof cursor, str_from(next == NULL ? "" : next));
                json_decref(out);
        } while (cursor[0] != '\0' && ++pages < 30);
        assert_int_equal(seen, 24);
        desk_close(d);
}

struct sending {
        struct desk *desk;
        int64_t task, office;
};

static int send_up(struct tx *tx, void *ctx, struct error *err)
{
        struct sending *s = ctx;
        struct call c = {.house = &s->desk->house, .who = {.staff = 1, .office = 10, .roles = ROLE_CLERK}};

        return case_task_route(tx, &c, s->task, &s->office, err);
}

/* A task that is done, or somebody else's, is not mine to give back; nor does one that is done go anywhere. */
static void a_task_is_given_back_by_who_has_it(void **state)
{
        struct desk *d = fresh(state);
        int64_t id = desk_start(d, "U1", "{\"person\":1}"), task = desk_task(d, id);
        char in[60];

        text_format(in, sizeof in, "{\"task\":%lld}", (long long)task);
        assert_int_equal(desk_ask(d, "tasks.give_back", desk_json(d, in), NULL), SB_CASE_TASK_GONE); /* nobody's */
        assert_int_equal(desk_call(d, 2, ROLE_CLERK, 10, "tasks.take", desk_json(d, in), NULL), SB_OK);
        assert_int_equal(desk_ask(d, "tasks.give_back", desk_json(d, in), NULL), SB_CASE_TASK_GONE);
        assert_int_equal(desk_int(d, "SELECT assignee FROM task WHERE id = ?1@int", task), 2);
        assert_int_equal(desk_call(d, 2, ROLE_CLERK, 10, "tasks.give_back", desk_json(d, in), NULL), SB_OK);
        assert_int_equal(desk_int(d, "SELECT assignee FROM task WHERE id = ?1@int", task), 0);
        assert_int_equal(desk_decide(d, id, 1, ROLE_CLERK, "approve"), SB_OK);
        assert_int_equal(desk_ask(d, "tasks.give_back", desk_json(d, in), NULL), SB_CASE_TASK_GONE);
        struct sending up = {d, task, -1};
        assert_ok(store_write(d->house.store, send_up, &up, &d->err), d->err);
        assert_int_equal(up.office, 0);
        assert_int_equal(desk_int(d, "SELECT COUNT(*) FROM task_move WHERE kind = 'route' AND task = ?1@int", task), 0);
        desk_close(d);
}

static void cases_are_found_and_paged(void **state)
{
        struct desk *d = fresh(state);
        int64_t ids[3];
        json_t *out = NULL, *in = json_pack("{s:i}", "limit", 1);

        for (int k = 0; k < 3; k++)
                ids[k] = desk_start(d, k == 1 ? "U2" : "U1", "{\"person\":1}");
        assert_int_equal(desk_case(d, ids[0], "cases.withdraw", "{\"reason\":\"不办了\"}", NULL), SB_OK);
        assert_int_equal(how_many(d, "cases.list", "{\"process\":\"U2\"}"), 1);
        assert_int_equal(how_many(d, "cases.list", "{\"state\":\"cancelled\"}"), 1);
        assert_int_equal(how_many(d, "cases.list", "{\"subject_kind\":\"thing\",\"subject\":78}"), 0);
        for (int k = 2; k >= 0; k--) {
                assert_int_equal(desk_ask(d, "cases.list", in, &out), SB_OK);
                const json_t *row = json_array_get(json_object_get(out, "items"), 0);
                assert_int_equal(json_integer_value(json_object_get(row, "id")), ids[k]);
                assert_true(json_is_null(json_object_get(row, "ended_at")) == (k > 0));
                assert_true(json_is_null(json_object_get(out, "next")) == (k == 0));
                in = json_pack("{s:i,s:O*}", "limit", 1, "cursor", k == 0 ? NULL : json_object_get(out, "next"));
                json_decref(out);
        }
        json_decref(in);
        assert_int_equal(desk_ask(d, "cases.list", desk_json(d, "{\"cursor\":\"x\"}"), NULL), SB_FIELD_TYPE);
        assert_int_equal(how_many(d, "cases.list", "{\"cursor\":\"\"}"), 3);
        /* A pack that is gone: the list goes on without its titles. */
        desk_put(d, "UPDATE process_instance SET pack_hash = model_hash WHERE id = ?1@int", ids[1], 0, 0, 0);
        assert_int_equal(desk_ask(d, "cases.list", desk_json(d, "{\"process\":\"U2\"}"), &out), SB_OK);
        assert_string_equal(desk_word(json_array_get(json_object_get(out, "items"), 0), "title_en"), "U2");
        json_decref(out);
        assert_int_equal(desk_ask(d, "tasks.list", desk_json(d, "{\"process\":\"U2\"}"), &out), SB_OK);
        const json_t *task = json_array_get(json_object_get(out, "items"), 0);
        assert_string_equal(desk_word(task, "title_en"), "work");
        assert_true(json_is_null(json_object_get(task, "decisions")) && json_object_get(task, "warning") == NULL);
        json_decref(out);
        desk_close(d);
}

/* --- runs ------------------------------------------------------------------------------------------------------------------------------------ */

static int64_t run_put(struct desk *d, int64_t id, int64_t by)
{
        desk_put(
            d,
            "INSERT INTO run (home, id, kind, title, pack_hash, inputs, cursor, state, total, done, failed, created_by, "
            "created_at, started_at, ended_at, result, error, lease_until, version) SELECT 1, ?1@int, 'count', 't', hash, "
            "'{}', '', 'queued', 10, 4, 1, ?2@int, 5, 0, 0, NULL, NULL, 0, 1 FROM pack WHERE name = 'land' ORDER BY stored_at "
            "LIMIT 1",
            id, by, 0, 0);
        return id;
}

static enum error_code turn(struct desk *d, int64_t staff, uint32_t roles, const char *verb, int64_t run)
{
        return desk_call(d, staff, roles, 10, verb, json_pack("{s:I}", "run", (json_int_t)run), NULL);
}

static json_t *run_of(struct desk *d, int64_t run)
{
        json_t *out = NULL;

        assert_int_equal(desk_ask(d, "runs.get", json_pack("{s:I}", "run", (json_int_t)run), &out), SB_OK);
        return out;
}

static void runs_are_turned_by_who_may(void **state)
{
        struct desk *d = fresh(state);
        int64_t one = run_put(d, 901, 1), two = run_put(d, 902, 1);
        json_t *o;

        assert_int_equal(desk_ask(d, "runs.get", json_pack("{s:i}", "run", 1), NULL), SB_CASE_RUN_UNKNOWN);
        assert_int_equal(turn(d, 1, ROLE_CLERK, "runs.pause", 1), SB_CASE_RUN_UNKNOWN);
        assert_int_equal(turn(d, 2, ROLE_CLERK, "runs.pause", one), SB_CASE_RUN_OWNER);
        assert_int_equal(turn(d, 1, ROLE_CLERK, "runs.resume", one), SB_CASE_RUN_STATE);
        assert_int_equal(turn(d, 1, ROLE_CLERK, "runs.pause", one), SB_OK);
        assert_int_equal(turn(d, 1, ROLE_CLERK, "runs.pause", one), SB_CASE_RUN_STATE);
        assert_int_equal(turn(d, 2, ROLE_APPROVER, "runs.resume", one), SB_OK);
        assert_int_equal(turn(d, 2, ROLE_ADMIN, "runs.pause", one), SB_OK);
        assert_int_equal(turn(d, 0, ROLE_ANY, "runs.resume", one), SB_OK);              /* the system itself */
        assert_error(run_takeover(&d->house, one, &d->err), d->err, SB_CASE_RUN_STATE); /* nobody works at it */
        assert_int_equal(turn(d, 1, ROLE_CLERK, "runs.cancel", one), SB_OK);
        assert_int_equal(turn(d, 1, ROLE_CLERK, "runs.cancel", one), SB_CASE_RUN_STATE);
        assert_int_equal(how_many(d, "runs.list", "{\"state\":\"cancelled\",\"kind\":\"count\"}"), 1);
        assert_int_equal(how_many(d, "runs.list", "{\"kind\":\"other\"}"), 0);
        assert_int_equal(how_many(d, "runs.list", "{\"limit\":1}"), 1);
        assert_int_equal(how_many(d, "runs.list", "{\"limit\":1,\"cursor\":\"902\"}"), 1);
        assert_int_equal(how_many(d, "runs.list", "{\"limit\":1,\"cursor\":\"901\"}"), 0);
        assert_int_equal(desk_ask(d, "runs.list", desk_json(d, "{\"cursor\":\"x\"}"), NULL), SB_FIELD_TYPE);
        o = run_of(d, one);
        assert_true(json_is_null(json_object_get(o, "started_at")) && json_is_string(json_object_get(o, "ended_at")));
        assert_true(json_is_null(json_object_get(o, "result")) && json_is_null(json_object_get(o, "error")));
        assert_null(json_object_get(o, "phase"));
        json_decref(o);
        desk_put(d, "UPDATE run SET state = 'running', cursor = 'draw:7', started_at = ?2@int WHERE id = ?1@int", two,
                 clock_now(d->house.clock) - 2000000, 0, 0);
        o = run_of(d, two);
        assert_string_equal(desk_word(o, "phase"), "draw");
        assert_int_equal(json_integer_value(json_object_get(o, "rate")), 2); /* 4 in two seconds */
        json_decref(o);
        desk_put(d, "UPDATE run SET started_at = ?2@int WHERE id = ?1@int", two, clock_now(d->house.clock), 0, 0);
        o = run_of(d, two);
        assert_null(json_object_get(o, "rate")); /* it has just begun */
        json_decref(o);
        desk_put(d, "UPDATE run SET state = 'done', result = '{\"sum\":5}', error = 'x' WHERE id = ?1@int", two, 0, 0, 0);
        o = run_of(d, two);
        assert_null(json_object_get(o, "phase"));
        assert_null(json_object_get(o, "rate"));
        assert_int_equal(json_integer_value(json_object_get(json_object_get(o, "result"), "sum")), 5);
        assert_string_equal(desk_word(o, "error"), "x");
        json_decref(o);
        desk_put(d, "UPDATE run SET result = '{' WHERE id = ?1@int", two, 0, 0, 0);
        o = run_of(d, two);
        assert_true(json_is_null(json_object_get(o, "result")));
        json_decref(o);
        desk_close(d);
}

/* --- keys ------------------------------------------------------------------------------------------------------------------------------------ */

static enum error_code noted(struct desk *d, int64_t staff, const char *verb, const char *key, const char *in)
{
        struct call c = {.house = &d->house, .who = {.staff = staff, .office = 10, .roles = ROLE_CLERK}, .key = key};
        json_t *o = desk_json(d, in), *out = NULL;

        error_clear(&d->err);
        int rc = verb_call(&c, registry_find(d->verbs, verb), o, &out, &d->err);
        json_decref(o);
        json_decref(out);
        return rc == 0 ? SB_OK : d->err.code;
}

static void a_key_is_for_one_request(void **state)
{
        static const struct verb stranger = {"nobody.knows", VERB_READ, DUTY_ALL, "GET", "/x", "", "", "{}", "{}", NULL, NULL};
        struct desk *d = fresh(state);
        int64_t id = desk_start(d, "U1", "{\"person\":1}");
        char in[100], other[100], pause[100];
        json_t *out = NULL;

        text_format(in, sizeof in, "{\"case\":%lld,\"text\":\"one\"}", (long long)id);
        text_format(other, sizeof other, "{\"case\":%lld,\"text\":\"two\"}", (long long)id);
        text_format(pause, sizeof pause, "{\"case\":%lld,\"reason\":\"papers\"}", (long long)id);
        assert_int_equal(noted(d, 1, "cases.note", NULL, in), SB_CASE_KEY_MISSING);
        assert_int_equal(noted(d, 1, "cases.note", "k", in), SB_OK);
        assert_int_equal(noted(d, 1, "cases.note", "k", in), SB_OK);
        assert_int_equal(desk_int(d, "SELECT COUNT(*) FROM case_note WHERE instance = ?1@int", id), 1);
        assert_int_equal(noted(d, 1, "cases.note", "k", other), SB_CASE_KEY_REUSED);
        assert_int_equal(noted(d, 2, "cases.note", "k", in), SB_CASE_KEY_REUSED);
        assert_int_equal(noted(d, 1, "cases.pause", "k", pause), SB_CASE_KEY_REUSED);
        assert_int_equal(desk_int(d, "SELECT paused_at FROM process_instance WHERE id = ?1@int", id), 0);
        struct call c = {.house = &d->house, .who = {.staff = 1, .office = 10, .roles = ROLE_CLERK}};
        assert_null(registry_find(d->verbs, "nobody.knows"));
        assert_error(verb_call(&c, &stranger, NULL, &out, &d->err), d->err, SB_CASE_VERB_UNKNOWN);
        desk_close(d);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(tasks_are_found_by_what_they_are),     TEST_ON_SQLITE(what_is_mine_is_found_behind_what_is_not),
            TEST_ON_BOTH(lines_of_offices_are_merged_in_order), TEST_ON_SQLITE(a_task_is_given_back_by_who_has_it),
            TEST_ON_SQLITE(cases_are_found_and_paged),          TEST_ON_SQLITE(runs_are_turned_by_who_may),
            TEST_ON_SQLITE(a_key_is_for_one_request),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
