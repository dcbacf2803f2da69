/* SPDX-License-Identifier: Apache-2.0
 *
 * Cases on both databases: who may do what, by when, and that each effect happens once whatever dies in between.
 */
#include "case/office.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define STATE "SELECT state FROM process_instance WHERE id = ?1@int"
#define THINGS "SELECT COUNT(*) FROM outbox WHERE target_home = ?1@int"
#define NODE "SELECT node FROM task WHERE instance = ?1@int AND state = 'open' ORDER BY id LIMIT 1"

static void a_case_runs_to_its_end(void **state)
{
        struct desk *d = desk_fresh(state);
        int64_t id = desk_start(d, "X1", "{\"n\":1}");

        assert_string_equal(desk_text(d, NODE, id), "enter");
        assert_int_equal(desk_decide(d, id, 1, ROLE_CLERK, "approve"), SB_OK);
        /* The effect that followed is done when the answer comes. */
        assert_string_equal(desk_text(d, NODE, id), "review");
        assert_int_equal(desk_int(d, THINGS, id), 1);
        assert_int_equal(desk_decide(d, id, 2, ROLE_REVIEWER, "approve"), SB_OK);
        assert_int_equal(desk_decide(d, id, 3, ROLE_APPROVER, "approve"), SB_OK);
        assert_string_equal(desk_text(d, STATE, id), "done");
        assert_int_equal(desk_int(d, THINGS, id), 2);
        /* A verb works for whom the decision was. */
        assert_int_equal(desk_int(d, "SELECT created_at FROM outbox WHERE target_home = ?1@int ORDER BY id LIMIT 1", id), 1);
        assert_int_equal(desk_int(d, "SELECT created_at FROM outbox WHERE target_home = ?1@int ORDER BY id DESC LIMIT 1", id),
                         3);
        assert_string_equal(desk_text(d, "SELECT variables FROM process_instance WHERE id = ?1@int", id),
                            "{\"approve\":\"approve\",\"enter\":\"approve\",\"n\":3,\"review\":\"approve\"}");
        assert_int_equal(
            desk_int(d, "SELECT COUNT(*) FROM process_instance WHERE id = ?1@int AND engine LIKE '%\"tokens\":[]%'", id), 1);
        desk_close(d);
}

static void nobody_decides_on_their_own_work(void **state)
{
        struct desk *d = desk_fresh(state);
        uint32_t all = ROLE_ANY;
        int64_t id = desk_start(d, "X1", "{\"n\":1}");

        assert_int_equal(desk_decide(d, id, 1, all, "approve"), SB_OK);
        assert_int_equal(desk_decide(d, id, 1, all, "approve"), SB_CASE_FOUR_EYES); /* entered it */
        assert_int_equal(desk_decide(d, id, 2, all, "return"), SB_OK);
        assert_string_equal(desk_text(d, NODE, id), "enter");
        assert_int_equal(desk_decide(d, id, 4, all, "approve"), SB_OK); /* another clerk mends it … */
        assert_int_equal(desk_decide(d, id, 4, all, "approve"), SB_CASE_FOUR_EYES);
        assert_int_equal(desk_decide(d, id, 1, all, "approve"), SB_CASE_FOUR_EYES);
        assert_int_equal(desk_decide(d, id, 2, all, "approve"), SB_OK);             /* … and the reviewer looks again */
        assert_int_equal(desk_decide(d, id, 2, all, "approve"), SB_CASE_FOUR_EYES); /* reviewed it */
        assert_int_equal(desk_decide(d, id, 3, all, "approve"), SB_OK);
        assert_string_equal(desk_text(d, STATE, id), "done");
        desk_close(d);
}

static enum error_code complete(struct desk *d, int64_t task, int64_t staff, uint32_t roles, int64_t office,
                                const char *outcome)
{
        json_t *in = json_pack("{s:I}", "task", (json_int_t)task), *o = NULL;

        assert_ok(json_read(&o, str_from(outcome), &d->err), d->err);
        json_object_set_new(in, "outcome", o);
        return desk_call(d, staff, roles, office, "tasks.complete", in, NULL);
}

static void roles_offices_and_decisions_are_checked(void **state)
{
        struct desk *d = desk_fresh(state);
        int64_t id = desk_start(d, "X1", "{\"n\":1}"), task;

        assert_int_equal(complete(d, 999999, 1, ROLE_CLERK, 10, "{}"), SB_CASE_TASK_UNKNOWN);
        task = desk_task(d, id);
        assert_int_equal(complete(d, task, 1, ROLE_REVIEWER, 10, "{\"decision\":\"approve\"}"), SB_CASE_ROLE);
        assert_int_equal(complete(d, task, 1, ROLE_CLERK, 11, "{\"decision\":\"approve\"}"), SB_CASE_OFFICE);  /* beside */
        assert_int_equal(complete(d, task, 1, ROLE_CLERK, 100, "{\"decision\":\"approve\"}"), SB_CASE_OFFICE); /* below */
        assert_int_equal(complete(d, task, 1, ROLE_CLERK, 10, "{\"decision\":\"maybe\"}"), SB_CASE_DECISION);
        assert_int_equal(complete(d, task, 1, ROLE_CLERK, 10, "{}"), SB_CASE_DECISION);
        assert_int_equal(complete(d, task, 1, ROLE_CLERK, 10, "{\"decision\":\"return\",\"note\":\" \"}"), SB_CASE_REASON);
        assert_int_equal(desk_int(d, "SELECT COUNT(*) FROM task WHERE instance = ?1@int AND state = 'open'", id), 1);
        assert_int_equal(complete(d, task, 1, ROLE_CLERK, 1, "{\"decision\":\"approve\"}"), SB_OK); /* the office above */
        assert_int_equal(complete(d, task, 2, ROLE_CLERK, 10, "{\"decision\":\"approve\"}"), SB_CASE_TASK_GONE);
        assert_int_equal(desk_call(d, 2, ROLE_CLERK, 11, "cases.get", json_pack("{s:I}", "case", (json_int_t)id), NULL),
                         SB_CASE_OFFICE);
        desk_close(d);
}

static void two_clerks_take_one_task(void **state)
{
        struct desk *d = desk_fresh(state);
        int64_t id = desk_start(d, "X1", "{\"n\":1}"), task = desk_task(d, id);
        json_t *out = NULL;

        assert_int_equal(desk_call(d, 1, ROLE_CLERK, 10, "tasks.take", json_pack("{s:I}", "task", (json_int_t)task), NULL),
                         SB_OK);
        assert_int_equal(desk_call(d, 1, ROLE_CLERK, 10, "tasks.take", json_pack("{s:I}", "task", (json_int_t)task), NULL),
                         SB_OK);
        assert_int_equal(desk_call(d, 2, ROLE_CLERK, 10, "tasks.take", json_pack("{s:I}", "task", (json_int_t)task), NULL),
                         SB_CASE_TASK_GONE);
        assert_int_equal(desk_decide(d, id, 2, ROLE_CLERK, "approve"), SB_CASE_TASK_GONE);
        assert_int_equal(desk_call(d, 2, ROLE_CLERK, 10, "tasks.list", json_pack("{s:b}", "mine", 1), &out), SB_OK);
        assert_int_equal(json_array_size(json_object_get(out, "items")), 0);
        json_decref(out);
        assert_int_equal(desk_decide(d, id, 1, ROLE_CLERK, "approve"), SB_OK);
        desk_close(d);
}

struct race {
        struct desk *desk;
        int64_t task, staff;
        pthread_t thread;
        enum error_code code;
};

static void *race_run(void *ctx)
{
        struct race *r = ctx;
        struct house *h = &r->desk->house;
        struct error err = {0};
        char key[40];
        struct call c = {.house = h,
                         .who = {.staff = r->staff, .office = 10, .roles = ROLE_CLERK},
                         .key = text_format(key, sizeof key, "race-%lld-%lld", (long long)r->task, (long long)r->staff)};
        json_t *in = json_pack("{s:I,s:{s:s}}", "task", (json_int_t)r->task, "outcome", "decision", "approve"), *out = NULL;
        int rc = verb_call(&c, registry_find(h->verbs, "tasks.complete"), in, &out, &err);

        r->code = rc == 0 ? SB_OK : err.code;
        json_decref(in);
        json_decref(out);
        return NULL;
}

/* Side by side: one gets it, the others get a clear answer, and what follows happens once. */
static void of_many_at_once_one_completes(void **state)
{
        struct desk *d = desk_fresh(state);

        for (int round = 0; round < 5; round++) {
                int64_t id = desk_start(d, "X1", "{\"n\":1}"), task = desk_task(d, id);
                struct race races[4];
                int won = 0;
                for (int i = 0; i < 4; i++) {
                        races[i] = (struct race){.desk = d, .task = task, .staff = i + 1};
                        assert_int_equal(pthread_create(&races[i].thread, NULL, race_run, &races[i]), 0);
                }
                for (int i = 0; i < 4; i++) {
                        pthread_join(races[i].thread, NULL);
                        won += races[i].code == SB_OK;
                        if (races[i].code != SB_OK)
                                assert_int_equal(races[i].code, SB_CASE_TASK_GONE);
                }
                assert_int_equal(won, 1);
                clock_advance(d->house.clock, (int64_t)3600 * 1000000);
                desk_work(d);
                assert_int_equal(desk_int(d, THINGS, id), 1);
                assert_string_equal(desk_text(d, NODE, id), "review");
        }
        desk_close(d);
}

static void a_hard_failure_is_an_incident(void **state)
{
        struct desk *d = desk_fresh(state);
        int64_t id = desk_start(d, "X1", "{\"n\":1}");
        json_t *out = NULL;

        desk_fail(1, false);
        assert_int_equal(desk_decide(d, id, 1, ROLE_CLERK, "approve"), SB_OK);
        assert_string_equal(desk_text(d, STATE, id), "incident");
        assert_int_equal(desk_int(d, THINGS, id), 0);
        assert_int_equal(desk_call(d, 1, ROLE_CLERK, 10, "cases.get", json_pack("{s:I}", "case", (json_int_t)id), &out), SB_OK);
        const json_t *incident = json_object_get(out, "incident");
        assert_string_equal(json_string_value(json_object_get(incident, "code")), "SB-0204");
        assert_string_equal(json_string_value(json_object_get(incident, "node")), "first");
        assert_non_null(strstr(json_string_value(json_object_get(incident, "detail")), "thing"));
        json_decref(out);
        desk_work(d); /* an incident waits for a person */
        assert_string_equal(desk_text(d, STATE, id), "incident");
        assert_int_equal(desk_call(d, 1, ROLE_CLERK, 11, "cases.retry", json_pack("{s:I}", "case", (json_int_t)id), NULL),
                         SB_CASE_OFFICE);
        assert_int_equal(desk_call(d, 1, ROLE_CLERK, 10, "cases.retry", json_pack("{s:I}", "case", (json_int_t)id), NULL),
                         SB_OK);
        assert_string_equal(desk_text(d, STATE, id), "active");
        assert_string_equal(desk_text(d, NODE, id), "review");
        assert_int_equal(desk_int(d, THINGS, id), 1);
        assert_int_equal(desk_call(d, 1, ROLE_CLERK, 10, "cases.retry", json_pack("{s:I}", "case", (json_int_t)id), NULL),
                         SB_CASE_STATE);
        id = desk_start(d, "X3", "{}");
        assert_string_equal(desk_text(d, STATE, id), "incident"); /* no such verb */
        desk_close(d);
}

/* What happens when the time has come cannot be shown to anybody at once: it is an incident, once, and is tried again. */
static void a_timer_that_fails_is_an_incident(void **state)
{
        static const char FAILED[] = "SELECT COUNT(*) FROM timer WHERE instance = ?1@int AND state = 'failed'";
        struct desk *d = desk_fresh(state);
        int64_t id = desk_start(d, "X4", "{}"), well = desk_start(d, "X4", "{\"given\":true}");

        clock_advance(d->house.clock, (int64_t)3599 * 1000000);
        desk_work(d);
        assert_string_equal(desk_text(d, STATE, id), "active"); /* a second too early */
        clock_advance(d->house.clock, (int64_t)1000000);
        desk_work(d);
        assert_string_equal(desk_text(d, STATE, well), "done");
        assert_string_equal(desk_text(d, STATE, id), "incident");
        assert_non_null(strstr(desk_text(d, "SELECT incident FROM process_instance WHERE id = ?1@int", id), "SB-0404"));
        assert_int_equal(desk_int(d, FAILED, id), 1);
        assert_int_equal(desk_call(d, 1, ROLE_CLERK, 10, "cases.retry", json_pack("{s:I}", "case", (json_int_t)id), NULL),
                         SB_OK);
        assert_int_equal(desk_int(d, FAILED, id), 0);
        desk_work(d);
        assert_string_equal(desk_text(d, STATE, id), "incident"); /* the value is still missing */
        desk_close(d);
}

static int pack_lose(struct tx *tx, void *ctx, struct error *err)
{
        (void)ctx;
        return tx_exec(tx, err, "UPDATE process_instance SET pack_hash = ?1@blob", "b",
                       (struct str){"12345678901234567890123456789012", 32});
}

/* A case whose model cannot be had any more stops by itself; others go on. */
static void a_lost_pack_is_an_incident(void **state)
{
        struct desk *d = desk_fresh(state);

        desk_fail(1, true);
        int64_t lost = desk_start(d, "X2", "{\"n\":1}"), other;
        assert_ok(store_write(d->house.store, pack_lose, NULL, &d->err), d->err);
        clock_advance(d->house.clock, (int64_t)60 * 1000000);
        other = desk_start(d, "X1", "{\"n\":1}");
        desk_work(d);
        assert_string_equal(desk_text(d, STATE, lost), "incident");
        assert_non_null(strstr(desk_text(d, "SELECT incident FROM process_instance WHERE id = ?1@int", lost), "SB-0446"));
        assert_int_equal(desk_decide(d, other, 1, ROLE_CLERK, "approve"), SB_OK);
        assert_string_equal(desk_text(d, NODE, other), "review");
        desk_close(d);
}

static void a_soft_failure_is_repeated(void **state)
{
        struct desk *d = desk_fresh(state);
        int64_t id;

        desk_fail(2, true);
        id = desk_start(d, "X2", "{\"n\":1}");
        assert_string_equal(desk_text(d, STATE, id), "active");
        assert_int_equal(desk_int(d, THINGS, id), 1);
        for (int i = 0; i < 3; i++) {
                clock_advance(d->house.clock, (int64_t)10 * 1000000);
                desk_work(d);
        }
        assert_int_equal(desk_int(d, THINGS, id), 4); /* a b c d; e waits for its hour */
        assert_int_equal(desk_int(d, "SELECT COUNT(*) FROM timer WHERE instance = ?1@int AND state = 'armed'", id), 1);
        clock_advance(d->house.clock, (int64_t)3600 * 1000000);
        desk_work(d);
        assert_int_equal(desk_int(d, THINGS, id), 5);
        assert_string_equal(desk_text(d, STATE, id), "done");
        desk_close(d);
}

static int reopen(struct tx *tx, void *ctx, struct error *err)
{
        return tx_exec(tx, err, "UPDATE effect SET state = 'open', lease_until = 0 WHERE instance = ?1@int", "i",
                       *(int64_t *)ctx);
}

/* A worker that was slow, and comes when another has done the effect and the case has gone on: nothing happens, and it is closed. */
static void a_verb_that_happened_is_not_repeated(void **state)
{
        struct desk *d = desk_fresh(state);
        int64_t id = desk_start(d, "X1", "{\"n\":1}");

        assert_int_equal(desk_decide(d, id, 1, ROLE_CLERK, "approve"), SB_OK);
        assert_int_equal(desk_int(d, THINGS, id), 1);
        assert_ok(store_write(d->house.store, reopen, &id, &d->err), d->err);
        desk_work(d);
        assert_int_equal(desk_int(d, THINGS, id), 1);
        assert_int_equal(desk_int(d, "SELECT COUNT(*) FROM effect WHERE instance = ?1@int AND state = 'cancelled'", id), 1);
        assert_string_equal(desk_text(d, NODE, id), "review");
        desk_close(d);
}

/* Tuesday + 5 working days over a make-up Saturday and a free Monday: 25, 26, 27, 28, (29, 30 free), 1 December. */
static void deadlines_count_working_days(void **state)
{
        struct desk *d = desk_fresh(state);
        int64_t id = desk_start(d, "X1", "{\"n\":1}");
        json_t *out = NULL, *task;

        assert_int_equal(desk_int(d, "SELECT due_day FROM process_instance WHERE id = ?1@int", id), day_from(2026, 12, 1));
        assert_int_equal(desk_int(d, "SELECT due_day FROM task WHERE instance = ?1@int", id),
                         day_from(2026, 11, 28)); /* its own limit: 4 */
        assert_int_equal(desk_call(d, 1, ROLE_CLERK, 10, "tasks.list", json_object(), &out), SB_OK);
        task = json_array_get(json_object_get(out, "items"), 0);
        assert_string_equal(json_string_value(json_object_get(task, "due_day")), "2026-11-28");
        assert_int_equal(json_integer_value(json_object_get(task, "days_left")), 4);
        assert_string_equal(json_string_value(json_object_get(task, "title_en")), "Do");
        json_decref(out);
        clock_advance(d->house.clock, (int64_t)9 * 86400 * 1000000); /* 3 December: two days over */
        assert_int_equal(desk_call(d, 1, ROLE_CLERK, 10, "cases.get", json_pack("{s:I}", "case", (json_int_t)id), &out), SB_OK);
        assert_int_equal(json_integer_value(json_object_get(out, "days_left")), -2);
        json_decref(out);
        /* X2 has no limit in the pack. */
        id = desk_start(d, "X2", "{\"n\":1}");
        assert_int_equal(desk_int(d, "SELECT due_day FROM process_instance WHERE id = ?1@int", id), DAY_END);
        desk_close(d);
}

struct starting {
        struct desk *desk;
        int64_t instance;
};

static int start_x1(struct tx *tx, void *ctx, struct error *err)
{
        struct starting *s = ctx;
        struct call c = {.house = &s->desk->house, .who = {.staff = 1, .office = 10}};
        struct case_start start = {.process = "X1", .subject_kind = "thing", .subject = 1, .office = 10, .pool = POOL};

        return case_start(tx, &c, &start, &s->instance, err);
}

/* The table knows 2026 only: a limit that reaches into January is an error that names the table, not a guess. */
static void a_holiday_table_that_ends_is_an_error(void **state)
{
        struct desk *d = desk_fresh(state);
        struct starting s = {.desk = d};

        clock_set(d->house.clock, day_instant(day_from(2026, 12, 30)));
        assert_error(store_write(d->house.store, start_x1, &s, &d->err), d->err, SB_CALENDAR_END);
        assert_int_equal(desk_int(d, "SELECT COUNT(*) FROM process_instance WHERE id <> ?1@int", 0), 0);
        desk_close(d);
}

static void lists_show_what_is_mine(void **state)
{
        struct desk *d = desk_fresh(state);
        json_t *out = NULL;
        int64_t id = 0;

        for (int i = 0; i < 5; i++)
                id = desk_start(d, "X1", "{\"n\":1}");
        assert_int_equal(desk_decide(d, id, 1, ROLE_CLERK, "approve"), SB_OK);
        assert_int_equal(desk_call(d, 1, ROLE_CLERK | ROLE_REVIEWER, 10, "tasks.list", json_pack("{s:b}", "mine", 1), &out),
                         SB_OK);
        assert_int_equal(json_array_size(json_object_get(out, "items")), 4); /* not the review of the own entry */
        json_decref(out);
        assert_int_equal(desk_call(d, 2, ROLE_REVIEWER, 1, "tasks.list", json_pack("{s:b}", "mine", 1), &out), SB_OK);
        assert_int_equal(json_array_size(json_object_get(out, "items")), 1);
        json_decref(out);
        assert_int_equal(desk_call(d, 2, ROLE_REVIEWER, 11, "tasks.list", json_object(), &out), SB_OK);
        assert_int_equal(json_array_size(json_object_get(out, "items")), 0);
        json_decref(out);
        size_t seen = 0;
        char cursor[48] = "";
        for (int page = 0; page < 5; page++) {
                json_t *in = json_pack("{s:i}", "limit", 2);
                if (page > 0)
                        json_object_set_new(in, "cursor", json_string(cursor));
                assert_int_equal(desk_call(d, 1, ROLE_CLERK, 10, "tasks.list", in, &out), SB_OK);
                seen += json_array_size(json_object_get(out, "items"));
                const char *next = json_string_value(json_object_get(out, "next"));
                text_copy(cursor, sizeof cursor, str_from(next == NULL ? "" : next));
                json_decref(out);
                if (cursor[0] == '\0')
                        break;
        }
        assert_int_equal(seen, 5);
        assert_int_equal(
            desk_call(d, 1, ROLE_CLERK, 10, "cases.list", json_pack("{s:s,s:i}", "subject_kind", "thing", "subject", 77), &out),
            SB_OK);
        assert_int_equal(json_array_size(json_object_get(out, "items")), 5);
        json_decref(out);
        assert_int_equal(desk_call(d, 1, ROLE_CLERK, 10, "cases.get", json_pack("{s:I}", "case", (json_int_t)id), &out), SB_OK);
        assert_int_equal(json_array_size(json_object_get(out, "history")), 3); /* start, enter, first */
        assert_string_equal(json_string_value(json_object_get(json_array_get(json_object_get(out, "history"), 2), "title_en")),
                            "Execute");
        json_decref(out);
        desk_close(d);
}

/* --- killed ------------------------------------------------------------------------------------------------------------------------ */

/* Start cases and decide tasks until the end of time. */
static void live(const char *url)
{
        struct desk *d = desk_open(test_store_open(url), false);
        int done;

        for (;;) {
                int64_t id = desk_start(d, "X2", "{\"n\":1}");
                id = desk_start(d, "X1", "{\"n\":1}");
                (void)desk_decide(d, id, 1, ROLE_CLERK, "approve");
                if (desk_task(d, id) != 0)
                        (void)desk_decide(d, id, 2, ROLE_REVIEWER, "approve");
                if (desk_task(d, id) != 0)
                        (void)desk_decide(d, id, 3, ROLE_APPROVER, "approve");
                (void)case_work(&d->house, 10, &done, &d->err);
        }
}

static void live_and_die(const char *url, int milliseconds)
{
        struct timespec wait = {.tv_sec = milliseconds / 1000, .tv_nsec = (long)(milliseconds % 1000) * 1000000};
        int status;
        pid_t child = fork();

        assert_true(child >= 0);
        if (child == 0) {
                live(url);
                _exit(1);
        }
        nanosleep(&wait, NULL);
        kill(child, SIGKILL);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status));
}

/* Lead every case to its end by people of the right roles. */
static void finish_all(struct desk *d)
{
        for (int round = 0; round < 10; round++) {
                int64_t id;
                clock_advance(d->house.clock, (int64_t)7200 * 1000000);
                desk_work(d);
                while ((id = desk_int(d, "SELECT instance FROM task WHERE state = 'open' AND id <> ?1@int ORDER BY id LIMIT 1",
                                      0)) != 0) {
                        const char *role = desk_text(d, "SELECT role FROM task WHERE instance = ?1@int AND state = 'open'", id);
                        int64_t staff = strcmp(role, "clerk") == 0 ? 1 : strcmp(role, "reviewer") == 0 ? 2 : 3;
                        assert_int_equal(desk_decide(d, id, staff, ROLE_ANY, "approve"), SB_OK);
                }
        }
}

static void a_kill_loses_and_repeats_nothing(void **state)
{
        char url[256];

        if (test_store_url(*(enum test_engine *)*state, url) == NULL)
                skip();
        pid_t maker = fork(); /* the parent opens nothing before its last fork: threads do not survive one */
        assert_true(maker >= 0);
        if (maker == 0) {
                desk_close(desk_open(test_store_open(url), true));
                _exit(0);
        }
        int status;
        assert_int_equal(waitpid(maker, &status, 0), maker);
        assert_int_equal(status, 0);
        for (int i = 0; i < 8; i++)
                live_and_die(url, 150 + i * 37);
        struct desk *d = desk_open(test_store_open(url), false);
        finish_all(d);
        int64_t cases = desk_int(d, "SELECT COUNT(*) FROM process_instance WHERE id <> ?1@int", 0);
        assert_true(cases > 8);
        assert_int_equal(desk_int(d, "SELECT COUNT(*) FROM process_instance WHERE state = 'done' AND id <> ?1@int", 0), cases);
        /* Five things of each X2, two of each X1: none missing, none twice. */
        assert_int_equal(desk_int(d,
                                  "SELECT COUNT(*) FROM process_instance i WHERE i.id <> ?1@int AND (SELECT COUNT(*) FROM "
                                  "outbox o WHERE o.target_home "
                                  "= i.id) <> CASE i.process WHEN 'X2' THEN 5 ELSE 2 END",
                                  0),
                         0);
        assert_int_equal(desk_int(d, "SELECT COUNT(*) FROM effect WHERE state <> 'done' AND id <> ?1@int", 0), 0);
        assert_int_equal(
            desk_int(d, "SELECT COUNT(*) FROM process_instance WHERE engine NOT LIKE '%\"tokens\":[]%' AND id <> ?1@int", 0),
            0);
        desk_close(d);
}

enum stop { STOP_AFTER, STOP_BEFORE_EFFECT, STOP_IN_EFFECT };

/* One decision, and then the end of the program: after its effect, before it, or in the middle of it. */
static void decide_and_die(const char *url, int64_t id, int step, enum stop stop)
{
        static const uint32_t roles[] = {ROLE_CLERK, ROLE_REVIEWER, ROLE_APPROVER};
        pid_t child = fork();
        int status;

        assert_true(child >= 0);
        if (child == 0) {
                struct desk *d = desk_open(test_store_open(url), false);
                desk_fail(stop == STOP_BEFORE_EFFECT ? 1 : 0, true);
                desk_kill(stop == STOP_IN_EFFECT);
                if (desk_decide(d, id, step + 1, roles[step], "approve") == SB_OK)
                        kill(getpid(), SIGKILL);
                _exit(1);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status));
}

/* Between any two of the steps of a case, and within its effects: enter, do, review, approve, do. */
static void a_kill_between_any_two_steps_loses_nothing(void **state)
{
        char url[256];
        int64_t id = 0;
        int status;

        for (enum stop stop = STOP_AFTER; stop <= STOP_IN_EFFECT; stop++) {
                if (test_store_url(*(enum test_engine *)*state, url) == NULL)
                        skip();
                int answer[2];
                assert_int_equal(pipe(answer), 0);
                pid_t maker = fork(); /* the parent opens nothing before its last fork */
                assert_true(maker >= 0);
                if (maker == 0) {
                        struct desk *d = desk_open(test_store_open(url), true);
                        id = desk_start(d, "X1", "{\"n\":1}");
                        _exit(write(answer[1], &id, sizeof id) == sizeof id ? 0 : 1);
                }
                close(answer[1]); /* a maker that ends without an answer is not waited for */
                assert_int_equal(read(answer[0], &id, sizeof id), sizeof id);
                assert_int_equal(waitpid(maker, &status, 0), maker);
                assert_int_equal(status, 0);
                close(answer[0]);
                for (int step = 0; step < 3; step++) {
                        decide_and_die(url, id, step, step == 1 ? STOP_AFTER : stop); /* the review has no effect */
                        pid_t worker = fork();
                        assert_true(worker >= 0);
                        if (worker == 0) { /* another program goes on, when the lease of the dead one has ended */
                                struct desk *d = desk_open(test_store_open(url), false);
                                clock_advance(d->house.clock, (int64_t)(step + 1) * 3600 * 1000000);
                                desk_work(d);
                                desk_close(d);
                                _exit(0);
                        }
                        assert_int_equal(waitpid(worker, &status, 0), worker);
                        assert_int_equal(status, 0);
                }
                struct desk *d = desk_open(test_store_open(url), false);
                assert_string_equal(desk_text(d, STATE, id), "done");
                assert_int_equal(desk_int(d, THINGS, id), 2);
                assert_int_equal(desk_int(d, "SELECT COUNT(*) FROM task WHERE instance = ?1@int AND state = 'done'", id), 3);
                assert_int_equal(desk_int(d, "SELECT COUNT(*) FROM task WHERE instance = ?1@int", id), 3);
                assert_int_equal(desk_int(d, "SELECT COUNT(*) FROM effect WHERE instance = ?1@int AND state = 'done'", id), 2);
                desk_close(d);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(a_case_runs_to_its_end),
            TEST_ON_BOTH(nobody_decides_on_their_own_work),
            TEST_ON_BOTH(roles_offices_and_decisions_are_checked),
            TEST_ON_BOTH(two_clerks_take_one_task),
            TEST_ON_BOTH(of_many_at_once_one_completes),
            TEST_ON_BOTH(a_hard_failure_is_an_incident),
            TEST_ON_BOTH(a_timer_that_fails_is_an_incident),
            TEST_ON_BOTH(a_lost_pack_is_an_incident),
            TEST_ON_BOTH(a_soft_failure_is_repeated),
            TEST_ON_BOTH(a_verb_that_happened_is_not_repeated),
            TEST_ON_BOTH(deadlines_count_working_days),
            TEST_ON_BOTH(a_holiday_table_that_ends_is_an_error),
            TEST_ON_BOTH(lists_show_what_is_mine),
            TEST_ON_BOTH(a_kill_loses_and_repeats_nothing),
            TEST_ON_BOTH(a_kill_between_any_two_steps_loses_nothing),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
