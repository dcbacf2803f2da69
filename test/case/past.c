/* SPDX-License-Identifier: Apache-2.0
 *
 * Finished cases move to where they are kept by months, on both databases: they read as before, what is still open stays, nobody waits for
 * the move and it waits for nobody, and a kill leaves each case whole in one of the places.
 */
#include "case/past.h"

#include "case/instance.h"
#include "case/office.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LIVING "SELECT COUNT(*) FROM process_instance WHERE id <> ?1@int"
#define PAST "SELECT COUNT(*) FROM case_past WHERE id <> ?1@int"
#define MANY 1200

static const struct run_kind *const KINDS[] = {&case_archive_kind, NULL};

static int64_t begin(struct desk *d, const char *before)
{
        json_t *out = NULL;

        assert_int_equal(desk_call(d, 9, ROLE_ADMIN, 1, "cases.archive_past", json_pack("{s:s}", "before", before), &out),
                         SB_OK);
        int64_t run = json_integer_value(json_object_get(out, "run"));
        json_decref(out);
        return run;
}

/* Returns how many moved. */
static int64_t archive(struct desk *d, const char *before)
{
        int64_t run = begin(d, before);

        assert_ok(run_work(&d->house, KINDS, run, NULL, NULL, &d->err), d->err);
        return desk_int(d, "SELECT done FROM run WHERE id = ?1@int", run);
}

static int64_t finished(struct desk *d)
{
        int64_t id = desk_start(d, "X1", "{\"n\":1}");

        assert_int_equal(desk_decide(d, id, 1, ROLE_CLERK, "approve"), SB_OK);
        assert_int_equal(desk_decide(d, id, 2, ROLE_REVIEWER, "approve"), SB_OK);
        assert_int_equal(desk_decide(d, id, 3, ROLE_APPROVER, "approve"), SB_OK);
        return id;
}

static json_t *asked(struct desk *d, const char *verb, json_t *in)
{
        json_t *out = NULL;

        assert_int_equal(desk_call(d, 2, ROLE_REVIEWER, 10, verb, in, &out), SB_OK);
        return out;
}

static json_t *shown(struct desk *d, int64_t id)
{
        return asked(d, "cases.get", json_pack("{s:I}", "case", (json_int_t)id));
}

static void same(json_t *before, json_t *after)
{
        char *a = json_dumps(before, JSON_SORT_KEYS), *b = json_dumps(after, JSON_SORT_KEYS);

        assert_string_equal(a, b);
        free(a);
        free(b);
        json_decref(before);
        json_decref(after);
}

#define NEXT_MONTH (day_instant(day_from(2026, 12, 2)) + (instant_t)9 * 3600 * 1000000)
static void next_month(struct desk *d)
{
        clock_set(d->house.clock, NEXT_MONTH);
}

static void a_finished_case_reads_as_before(void **state)
{
        struct desk *d = desk_fresh(state);
        int64_t id = finished(d), timed = desk_start(d, "X2", "{\"n\":1}"), open = desk_start(d, "X1", "{\"n\":1}");

        clock_advance(d->house.clock, (int64_t)3601 * 1000000);
        desk_work(d);
        next_month(d);
        json_t *one = shown(d, id), *other = shown(d, timed), *list = asked(d, "cases.list", json_object());
        assert_int_equal(json_array_size(json_object_get(list, "items")), 3);
        assert_int_equal(archive(d, "2026-12"), 2);
        assert_int_equal(desk_int(d, LIVING, 0), 1);
        assert_int_equal(desk_int(d, PAST, 0), 2);
        assert_int_equal(desk_int(d, "SELECT month FROM case_past WHERE id = ?1@int", id), month_from(2026, 11));
        assert_int_equal(desk_int(d, "SELECT COUNT(*) FROM task WHERE instance = ?1@int", id), 0);
        assert_int_equal(desk_int(d, "SELECT COUNT(*) FROM task_past WHERE instance = ?1@int", id), 3);
        assert_int_equal(desk_int(d, "SELECT COUNT(*) FROM effect_past WHERE instance = ?1@int", timed), 5);
        assert_int_equal(desk_int(d, "SELECT COUNT(*) FROM timer_past WHERE instance = ?1@int", timed), 1);
        assert_int_equal(desk_int(d, "SELECT COUNT(*) FROM case_moving WHERE id <> ?1@int", 0), 0);
        same(one, shown(d, id));
        same(other, shown(d, timed));
        same(list, asked(d, "cases.list", json_object()));
        assert_int_equal(desk_decide(d, open, 1, ROLE_CLERK, "approve"), SB_OK);
        /* Again: nothing is left to move. */
        assert_int_equal(archive(d, "2026-12"), 0);
        if (store_is_postgresql(d->house.store))
                assert_int_equal(desk_int(d, "SELECT COUNT(*) FROM case_past_202611 WHERE id <> ?1@int", 0), 2);
        desk_close(d);
}

static void what_is_in_the_past_changes_no_more(void **state)
{
        struct desk *d = desk_fresh(state);
        int64_t id = finished(d), task = desk_int(d, "SELECT MAX(id) FROM task WHERE instance = ?1@int", id);

        next_month(d);
        assert_int_equal(archive(d, "2026-12"), 1);
        assert_int_equal(desk_call(d, 1, ROLE_CLERK, 10, "cases.withdraw",
                                   json_pack("{s:I,s:s}", "case", (json_int_t)id, "reason", "why"), NULL),
                         SB_CASE_PAST);
        assert_int_equal(desk_call(d, 1, ROLE_CLERK, 10, "cases.retry", json_pack("{s:I}", "case", (json_int_t)id), NULL),
                         SB_CASE_PAST);
        assert_int_equal(
            desk_call(d, 3, ROLE_APPROVER, 10, "tasks.complete", json_pack("{s:I}", "task", (json_int_t)task), NULL),
            SB_CASE_TASK_UNKNOWN);
        assert_int_equal(desk_call(d, 1, ROLE_CLERK, 10, "cases.get", json_pack("{s:I}", "case", (json_int_t)999), NULL),
                         SB_CASE_UNKNOWN);
        desk_close(d);
}

static int task_open(struct tx *tx, void *ctx, struct error *err)
{
        return tx_exec(tx, err, "UPDATE task SET state = 'open' WHERE id = (SELECT MAX(id) FROM task WHERE instance = ?1@int)",
                       "i", *(const int64_t *)ctx);
}

static void what_is_open_or_young_stays(void **state)
{
        struct desk *d = desk_fresh(state);
        int64_t promised = finished(d), old = finished(d);

        assert_ok(store_write(d->house.store, task_open, &promised, &d->err), d->err);
        next_month(d);
        int64_t young = finished(d);
        assert_int_equal(archive(d, "2026-11"), 0);
        assert_int_equal(archive(d, "2026-12"), 1);
        assert_int_equal(desk_int(d, "SELECT COUNT(*) FROM case_past WHERE id = ?1@int", old), 1);
        assert_int_equal(desk_int(d, "SELECT COUNT(*) FROM process_instance WHERE id = ?1@int", promised), 1);
        assert_int_equal(desk_int(d, "SELECT COUNT(*) FROM process_instance WHERE id = ?1@int", young), 1);
        /* The month is not over. */
        assert_int_equal(desk_call(d, 9, ROLE_ADMIN, 1, "cases.archive_past", json_pack("{s:s}", "before", "2027-01"), NULL),
                         SB_CASE_PAST_MONTH);
        assert_int_equal(desk_call(d, 1, ROLE_CLERK, 10, "cases.archive_past", json_pack("{s:s}", "before", "2026-12"), NULL),
                         SB_CASE_ROLE);
        desk_close(d);
}

/* --- nobody waits -------------------------------------------------------------------------------------------------------------------------- */

struct beside {
        struct desk *d;
        int64_t held, run;
        int rc;
};

static void *run_beside(void *ctx)
{
        struct beside *b = ctx;
        struct error err = {0};

        b->rc = run_work(&b->d->house, KINDS, b->run, NULL, NULL, &err);
        return NULL;
}

/* The whole run goes by while this transaction holds one of the cases. */
static int hold_apply(struct tx *tx, void *ctx, struct error *err)
{
        struct beside *b = ctx;
        struct instance i = {.id = 0};
        pthread_t thread;
        int rc = instance_lock(tx, &b->d->house, b->held, &i, err);

        instance_dispose(&i);
        if (rc == 0 && pthread_create(&thread, NULL, run_beside, b) == 0)
                pthread_join(thread, NULL);
        return rc;
}

static void nobody_waits_for_the_move(void **state)
{
        struct desk *d = desk_fresh(state);

        if (!store_is_postgresql(d->house.store)) { /* its one writer takes turns */
                desk_close(d);
                skip();
        }
        struct beside b = {.d = d, .held = finished(d), .rc = ERR};
        finished(d);
        next_month(d);
        b.run = begin(d, "2026-12");
        assert_ok(store_write(d->house.store, hold_apply, &b, &d->err), d->err);
        assert_int_equal(b.rc, 0);
        assert_string_equal(desk_text(d, "SELECT result FROM run WHERE id = ?1@int", b.run), "{\"kept\":1,\"moved\":1}");
        assert_int_equal(archive(d, "2026-12"), 1);
        desk_close(d);
}

/* --- killed ------------------------------------------------------------------------------------------------------------------------------ */

static int rows_copy(struct tx *tx, void *ctx, struct error *err)
{
        int64_t from = *(const int64_t *)ctx;
        int rc = 0;

        for (int64_t k = 1; rc == 0 && k < MANY; k++) {
                rc = tx_exec(
                    tx, err,
                    "INSERT INTO process_instance (home, id, number, process, pack_hash, model_hash, state, subject_kind, "
                    "subject, office, pool, variables, engine, started_by, started_at, due_day, ended_at, incident, "
                    "version) SELECT home, id + ?2@int, number, process, pack_hash, model_hash, state, subject_kind, "
                    "subject, office, pool, variables, engine, started_by, started_at, due_day, ended_at, incident, "
                    "version FROM process_instance WHERE id = ?1@int",
                    "ii", from, k * 1000);
                rc = rc ? rc
                        : tx_exec(
                              tx, err,
                              "INSERT INTO task (home, id, instance, token, process, node, role, office, assignee, state, "
                              "created_at, due_day, done_by, done_at, outcome, version) SELECT home, id + ?2@int, instance + "
                              "?2@int, token, process, node, role, office, assignee, state, created_at, due_day, done_by, "
                              "done_at, outcome, version FROM task WHERE instance = ?1@int",
                              "ii", from, k * 1000);
        }
        return rc;
}

static void a_kill_loses_and_repeats_nothing(void **state)
{
        char url[256];
        int pipes[2], status;
        int64_t run;

        if (test_store_url(*(enum test_engine *)*state, url) == NULL)
                skip();
        assert_int_equal(pipe(pipes), 0);
        pid_t maker = fork(); /* the parent opens nothing before its last fork: threads do not survive one */
        assert_true(maker >= 0);
        if (maker == 0) {
                struct desk *d = desk_open(test_store_open(url), true);
                int64_t id = finished(d);
                assert_ok(store_write(d->house.store, rows_copy, &id, &d->err), d->err);
                next_month(d);
                run = begin(d, "2026-12");
                desk_close(d);
                _exit(write(pipes[1], &run, sizeof run) == sizeof run ? 0 : 1);
        }
        assert_int_equal(waitpid(maker, &status, 0), maker);
        assert_int_equal(status, 0);
        assert_int_equal(read(pipes[0], &run, sizeof run), sizeof run);
        close(pipes[0]);
        close(pipes[1]);
        for (int i = 0; i < 5; i++) {
                desk_run_killed(url, KINDS, run, NEXT_MONTH, 40 + i * 60);
                pid_t finder = fork();
                assert_true(finder >= 0);
                if (finder == 0) {
                        struct desk *d = desk_open(test_store_open(url), false);
                        /* Whole in one of the places, whenever it was killed. */
                        int64_t cases = desk_int(d, LIVING, 0) + desk_int(d, PAST, 0);
                        int64_t torn =
                            desk_int(d,
                                     "SELECT COUNT(*) FROM task t WHERE t.id <> ?1@int AND NOT EXISTS (SELECT 1 FROM "
                                     "process_instance i WHERE i.id = t.instance)",
                                     0);
                        desk_close(d);
                        _exit(cases == MANY && torn == 0 ? 0 : 1);
                }
                assert_int_equal(waitpid(finder, &status, 0), finder);
                assert_int_equal(status, 0);
        }
        struct desk *d = desk_open(test_store_open(url), false);
        next_month(d);
        desk_run_end(d, KINDS, run);
        assert_int_equal(desk_int(d, "SELECT done FROM run WHERE id = ?1@int", run), MANY);
        assert_int_equal(desk_int(d, LIVING, 0), 0);
        assert_int_equal(desk_int(d, PAST, 0), MANY);
        assert_int_equal(desk_int(d, "SELECT COUNT(*) FROM task_past WHERE id <> ?1@int", 0), 3 * MANY);
        assert_int_equal(desk_int(d, "SELECT COUNT(*) FROM task WHERE id <> ?1@int", 0), 0);
        desk_close(d);
}

/* --- the tables ---------------------------------------------------------------------------------------------------------------------------- */

struct columns {
        const char *sql[2];
        char text[2][1000];
};

static int columns_read(struct tx *tx, void *ctx, struct error *err)
{
        struct columns *c = ctx;
        int rc = 0;

        for (int i = 0; rc == 0 && i < 2; i++) {
                struct stmt *q;
                char name[64];
                c->text[i][0] = '\0';
                rc = tx_query(&q, tx, err, c->sql[i], "");
                while (rc == 0 && (rc = stmt_step(q, err)) == 1) {
                        text_copy(name, sizeof name, stmt_text(q, 0));
                        size_t n = strlen(c->text[i]);
                        if (strcmp(name, "month") != 0)
                                text_format(c->text[i] + n, sizeof c->text[i] - n, "%s ", name);
                        rc = 0;
                }
        }
        return rc;
}

#define OF_PG(t) "SELECT column_name FROM information_schema.columns WHERE table_name = '" t "' ORDER BY column_name"
#define OF_LITE(t) "SELECT name FROM pragma_table_info('" t "') ORDER BY name"
#define EACH(of)                                                                                                               \
        {{of("process_instance"), of("case_past")}, {{0}}}, {{of("process_instance"), of("case_any")}, {{0}}},                 \
            {{of("task"), of("task_past")}, {{0}}}, {{of("task"), of("task_any")}, {{0}}},                                     \
            {{of("timer"), of("timer_past")}, {{0}}}, {{of("timer"), of("timer_any")}, {{0}}},                                 \
            {{of("effect"), of("effect_past")}, {{0}}},                                                                        \
        {                                                                                                                      \
                {of("effect"), of("effect_any")},                                                                              \
                {                                                                                                              \
                        {                                                                                                      \
                                0                                                                                              \
                        }                                                                                                      \
                }                                                                                                              \
        }

static void the_past_has_the_columns_of_the_living(void **state)
{
        struct desk *d = desk_fresh(state);
        struct columns pg[] = {EACH(OF_PG)}, lite[] = {EACH(OF_LITE)};

        for (size_t i = 0; i < sizeof pg / sizeof pg[0]; i++) {
                struct columns *c = store_is_postgresql(d->house.store) ? &pg[i] : &lite[i];
                assert_ok(store_read(d->house.store, columns_read, c, &d->err), d->err);
                assert_true(strlen(c->text[0]) > 20);
                assert_string_equal(c->text[0], c->text[1]);
        }
        desk_close(d);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(a_finished_case_reads_as_before),  TEST_ON_BOTH(what_is_in_the_past_changes_no_more),
            TEST_ON_BOTH(what_is_open_or_young_stays),      TEST_ON_BOTH(nobody_waits_for_the_move),
            TEST_ON_BOTH(a_kill_loses_and_repeats_nothing), TEST_ON_BOTH(the_past_has_the_columns_of_the_living),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
