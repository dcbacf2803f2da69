/* SPDX-License-Identifier: Apache-2.0
 *
 * What goes wrong around a database: lost connections, conflicts, full disks, killed processes,
 * files that are none. Nothing acknowledged is lost, nothing is half done, the store goes on.
 */
#include "base/rng.h"
#include "support/pg.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static int make(struct tx *tx, void *ctx, struct error *err)
{
        (void)ctx;
        int rc = tx_exec(tx, err, "CREATE TABLE thing (id @int NOT NULL, thread @int NOT NULL, PRIMARY KEY (id)) @table", "");
        if (rc == 0) {
                rc = tx_exec(tx, err,
                             "CREATE TABLE twin (id @int NOT NULL, thread @int NOT NULL, PRIMARY "
                             "KEY (id)) @table",
                             "");
        }
        return rc;
}

static struct store *with_things(void **state, char url[256])
{
        struct error err = {0};
        if (!test_store_url(*(enum test_engine *)*state, url)) {
                skip();
        }
        struct store *s = test_store_open(url);
        assert_int_equal(store_write(s, make, NULL, &err), 0);
        return s;
}

struct add {
        int64_t id, thread;
        bool fail;
};

static int add(struct tx *tx, void *ctx, struct error *err)
{
        const struct add *a = ctx;
        int rc = tx_exec(tx, err, "INSERT INTO thing (id, thread) VALUES (?1@int, ?2@int)", "ii", a->id, a->thread);
        if (rc == 0) {
                rc = tx_exec(tx, err, "INSERT INTO twin (id, thread) VALUES (?1@int, ?2@int)", "ii", a->id, a->thread);
        }
        return rc == 0 && a->fail ? error_raise(err, SB_OVERFLOW, "%s", "on purpose") : rc;
}

static int count(struct tx *tx, void *ctx, struct error *err)
{
        struct stmt *q = NULL;
        int rc = tx_one(&q, tx, err,
                        "SELECT COUNT(*), COALESCE(MAX(id), 0) FROM thing WHERE EXISTS (SELECT 1 "
                        "FROM twin WHERE twin.id = thing.id)",
                        "");
        if (rc == 1) {
                ((int64_t *)ctx)[0] = stmt_int(q, 0);
                ((int64_t *)ctx)[1] = stmt_int(q, 1);
                rc = tx_one(&q, tx, err, "SELECT COUNT(*) FROM thing", "");
        }
        if (rc == 1) {
                assert_int_equal(stmt_int(q, 0), ((int64_t *)ctx)[0]);
                rc = tx_one(&q, tx, err, "SELECT COUNT(*) FROM twin", "");
        }
        if (rc == 1) {
                assert_int_equal(stmt_int(q, 0), ((int64_t *)ctx)[0]);
        }
        return rc < 0 ? rc : 0;
}

static int64_t rows(struct store *s)
{
        int64_t n[2] = {-1, -1};
        struct error err = {0};
        assert_int_equal(store_read(s, count, n, &err), 0);
        return n[0];
}

/* Lost connections. */

struct cut {
        struct store *other; /* the connection is cut from there, at the end of the closure */
        int calls, cuts;
        int64_t pid;
};

static int kill_backend(struct tx *tx, void *ctx, struct error *err)
{
        struct stmt *q = NULL;
        int rc =
            tx_one(&q, tx, err, "SELECT pg_terminate_backend(CAST(?1@int AS integer), 5000)", "i", ((struct cut *)ctx)->pid);
        return rc < 0 ? rc : 0;
}

static int cut_inside(struct tx *tx, void *ctx, struct error *err)
{
        struct cut *c = ctx;
        struct add a = {.id = 1};
        struct stmt *q = NULL;
        int rc = add(tx, &a, err);
        if (rc == 0 && c->calls++ < c->cuts) {
                if (!c->other) {
                        rc = tx_exec(tx, err, "SELECT pg_terminate_backend(pg_backend_pid())", "");
                } else {
                        rc = tx_one(&q, tx, err, "SELECT pg_backend_pid()", "");
                        c->pid = rc == 1 ? stmt_int(q, 0) : 0;
                        rc = rc < 0 ? rc : store_read(c->other, kill_backend, c, err);
                }
        }
        return rc;
}

static void test_lost_connection(void **state)
{
        enum test_engine postgresql = TEST_POSTGRESQL;
        void *asked = &postgresql;
        char url[256];
        (void)state;
        for (int when = 0; when < 2; when++) {
                struct error err = {0};
                struct store *s = with_things(&asked, url);
                struct store *other = test_store_open(url);
                struct cut c = {.cuts = 2, .other = when == 1 ? other : NULL};
                assert_int_equal(store_write(s, cut_inside, &c, &err), 0);
                assert_int_equal(c.calls, 3);
                assert_int_equal(rows(s), 1);
                store_close(other);
                store_close(s);
        }
}

static int kill_all_others(struct tx *tx, void *ctx, struct error *err)
{
        struct stmt *q = NULL;
        (void)ctx;
        int rc = tx_query(&q, tx, err,
                          "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE "
                          "datname = current_database() "
                          "AND pid <> pg_backend_pid()",
                          "");
        while (rc == 0 && (rc = stmt_step(q, err)) == 1) {
                rc = 0;
        }
        return rc;
}

static void test_idle_connections_are_made_anew(void **state)
{
        enum test_engine postgresql = TEST_POSTGRESQL;
        void *asked = &postgresql;
        char url[256];
        struct error err = {0};
        struct add a = {.id = 1};
        (void)state;
        struct store *s = with_things(&asked, url);
        struct store *other = test_store_open(url);
        assert_int_equal(rows(s), 0);
        assert_int_equal(store_read(other, kill_all_others, NULL, &err), 0);
        assert_int_equal(store_write(s, add, &a, &err), 0);
        assert_int_equal(rows(s), 1);
        store_close(other);
        store_close(s);
}

/* Conflicts. */

struct rule { /* two threads keep a rule over rows: at most one row in `thing` */
        struct store *s;
        pthread_barrier_t *both;
        int64_t id;
        int calls, rc;
        struct error err;
};

static int only_one(struct tx *tx, void *ctx, struct error *err)
{
        struct rule *r = ctx;
        struct stmt *q = NULL;
        struct add a = {.id = r->id};
        int rc = tx_one(&q, tx, err, "SELECT COUNT(*) FROM thing", "");
        int64_t there = rc == 1 ? stmt_int(q, 0) : 0;
        if (r->calls++ == 0 && store_is_postgresql(r->s)) {
                pthread_barrier_wait(r->both);
        }
        return rc < 0 ? rc : there == 0 ? add(tx, &a, err) : 0;
}

static void *run_rule(void *arg)
{
        struct rule *r = arg;
        r->rc = store_write_serializable(r->s, only_one, r, &r->err);
        return NULL;
}

static void test_serialization_failure_is_repeated(void **state)
{
        char url[256];
        struct store *s = with_things(state, url);
        pthread_barrier_t both;
        pthread_t threads[2];
        struct rule r[2];
        pthread_barrier_init(&both, NULL, 2);
        for (int i = 0; i < 2; i++) {
                r[i] = (struct rule){.s = s, .both = &both, .id = i + 1};
                assert_int_equal(pthread_create(&threads[i], NULL, run_rule, &r[i]), 0);
        }
        for (int i = 0; i < 2; i++)
                pthread_join(threads[i], NULL);
        for (int i = 0; i < 2; i++) {
                assert_int_equal(r[i].rc, 0);
        }
        assert_int_equal(rows(s), 1);
        assert_int_equal(r[0].calls + r[1].calls, store_is_postgresql(s) ? 3 : 2);
        pthread_barrier_destroy(&both);
        store_close(s);
}

enum { THREADS = 6, EACH = 60 };

struct worker {
        struct store *s;
        struct ids *ids;
        int number, good;
        bool failed;
};

/* Every third closure fails; the others of its group must not feel it. */
static void *work(void *arg)
{
        struct worker *w = arg;
        for (int i = 0; i < EACH; i++) {
                struct error err = {0};
                struct add a = {.id = (int64_t)w->number * 1000 + i, .thread = w->number, .fail = i % 3 == 2};
                int rc = store_write(w->s, add, &a, &err);
                w->good += rc == 0;
                w->failed = w->failed || (rc == 0) == a.fail || (rc != 0 && err.code != SB_OVERFLOW);
        }
        return NULL;
}

static void run_workers(struct worker w[THREADS], void *(*body)(void *))
{
        pthread_t threads[THREADS];
        for (int i = 0; i < THREADS; i++) {
                assert_int_equal(pthread_create(&threads[i], NULL, body, &w[i]), 0);
        }
        for (int i = 0; i < THREADS; i++)
                pthread_join(threads[i], NULL);
        for (int i = 0; i < THREADS; i++) {
                assert_false(w[i].failed);
        }
}

static void test_writers_of_two_processes(void **state)
{
        char url[256];
        struct store *s = with_things(state, url);
        struct store *other = test_store_open(url);
        struct worker w[THREADS] = {0};
        for (int i = 0; i < THREADS; i++) {
                w[i].s = i % 2 == 0 ? s : other;
                w[i].number = i;
        }
        run_workers(w, work);
        assert_int_equal(rows(s), THREADS * EACH * 2 / 3);
        store_close(other);
        store_close(s);
}

struct hold {
        struct store *s;
        pthread_barrier_t *inside, *leave;
};

static int hold_lock(struct tx *tx, void *ctx, struct error *err)
{
        struct hold *h = ctx;
        (void)tx;
        (void)err;
        pthread_barrier_wait(h->inside);
        pthread_barrier_wait(h->leave);
        return 0;
}

static void *hold(void *arg)
{
        struct error err = {0};
        struct hold *h = arg;
        assert_int_equal(store_write(h->s, hold_lock, h, &err), 0);
        return NULL;
}

static void test_database_locked_by_another_process(void **state)
{
        enum test_engine sqlite = TEST_SQLITE;
        void *asked = &sqlite;
        char url[256];
        (void)state;
        struct store *s = with_things(&asked, url), *other = NULL;
        struct store_options options = {.busy_ms = 30, .attempts = 2};
        struct error err = {0};
        struct add a = {.id = 1};
        pthread_barrier_t inside, leave;
        pthread_t thread;
        pthread_barrier_init(&inside, NULL, 2);
        pthread_barrier_init(&leave, NULL, 2);
        struct hold h = {s, &inside, &leave};
        assert_int_equal(store_open(&other, url, &options, &err), 0);
        assert_int_equal(pthread_create(&thread, NULL, hold, &h), 0);
        pthread_barrier_wait(&inside);
        assert_int_equal(store_write(other, add, &a, &err), ERR_SOFT);
        assert_int_equal(err.code, SB_STORE_BUSY);
        assert_int_equal(rows(other), 0);
        pthread_barrier_wait(&leave);
        pthread_join(thread, NULL);
        err = (struct error){0};
        assert_int_equal(store_write(other, add, &a, &err), 0);
        pthread_barrier_destroy(&inside);
        pthread_barrier_destroy(&leave);
        store_close(other);
        store_close(s);
}

static int write_inside(struct tx *tx, void *ctx, struct error *err)
{
        struct add a = {.id = 1};
        (void)tx;
        return store_write(ctx, add, &a, err);
}

static void test_transaction_inside_a_transaction(void **state)
{
        char url[256];
        struct error err = {0};
        struct store *s = with_things(state, url);
        assert_int_equal(store_write(s, write_inside, s, &err), ERR);
        assert_int_equal(err.code, SB_INTERNAL);
        assert_int_equal(rows(s), 0);
        store_close(s);
}

/* Ids. */

struct take {
        struct ids *ids;
        int64_t thread;
        int i;
};

static int take_and_add(struct tx *tx, void *ctx, struct error *err)
{
        struct take *t = ctx;
        int64_t first = 0;
        int n = t->i % 7 == 0 ? 25 : 1;
        int rc = n == 1 ? ids_next(t->ids, &first, err) : ids_range(t->ids, n, &first, err);
        for (int k = 0; rc == 0 && k < n; k++) {
                struct add a = {.id = first + k, .thread = t->thread};
                rc = add(tx, &a, err);
        }
        return rc == 0 && t->i % 3 == 2 ? error_raise(err, SB_OVERFLOW, "%s", "on purpose") : rc;
}

static void *take_ids(void *arg)
{
        struct worker *w = arg;
        for (int i = 0; i < EACH; i++) {
                struct error err = {0};
                struct take t = {.ids = w->ids, .thread = w->number, .i = i};
                int rc = 0;
                if (i % 2 == 0) { /* taken outside, used inside */
                        struct add a = {.thread = w->number};
                        rc = ids_next(w->ids, &a.id, &err);
                        rc = rc == 0 ? store_write(w->s, add, &a, &err) : rc;
                        w->failed = w->failed || rc != 0;
                        w->good += rc == 0;
                        err = (struct error){0};
                }
                rc = store_write(w->s, take_and_add, &t, &err);
                w->good += rc == 0 ? (i % 7 == 0 ? 25 : 1) : 0;
                w->failed = w->failed || (rc != 0 && err.code != SB_OVERFLOW);
        }
        return NULL;
}

static void test_ids_are_given_once(void **state)
{
        char url[256];
        struct store *s = with_things(state, url);
        struct store *other = test_store_open(url);
        struct worker w[THREADS] = {0};
        struct ids *a = NULL, *b = NULL;
        struct error err = {0};
        int64_t good = 0;
        assert_int_equal(ids_open(&a, s, 3, 10, &err), 0);
        assert_int_equal(ids_open(&b, other, 3, 10, &err), 0);
        for (int i = 0; i < THREADS; i++) {
                w[i] = (struct worker){.s = i % 2 ? other : s, .ids = i % 2 ? b : a, .number = i};
        }
        run_workers(w, take_ids);
        for (int i = 0; i < THREADS; i++) {
                good += w[i].good;
        }
        assert_int_equal(rows(s), good); /* a repeated id would have failed on the key */
        assert_true(good > THREADS * EACH);
        ids_close(a);
        ids_close(b);
        store_close(other);
        store_close(s);
}

/* Full disk. */

static int limit_pages(struct tx *tx, void *ctx, struct error *err)
{
        struct stmt *q = NULL;
        int rc = tx_one(&q, tx, err, *(bool *)ctx ? "PRAGMA max_page_count = 1" : "PRAGMA max_page_count = 1000000", "");
        return rc < 0 ? rc : 0;
}

static int fill(struct tx *tx, void *ctx, struct error *err)
{
        int rc = 0;
        for (int64_t i = 0; rc == 0 && i < 100000; i++) {
                struct add a = {.id = 1000 + i, .thread = *(int64_t *)ctx};
                rc = add(tx, &a, err);
        }
        return rc;
}

static void test_full_disk(void **state)
{
        enum test_engine sqlite = TEST_SQLITE;
        void *asked = &sqlite;
        char url[256];
        (void)state;
        struct store *s = with_things(&asked, url);
        struct error err = {0};
        struct add a = {.id = 1};
        bool limited = true;
        int64_t thread = 1;
        assert_int_equal(store_write(s, limit_pages, &limited, &err), 0);
        assert_int_equal(store_write(s, fill, &thread, &err), ERR);
        assert_int_equal(err.code, SB_STORE_FULL);
        assert_int_equal(error_http(err.code), 507);
        assert_int_equal(rows(s), 0);
        limited = false;
        err = (struct error){0};
        assert_int_equal(store_write(s, limit_pages, &limited, &err), 0);
        assert_int_equal(store_write(s, add, &a, &err), 0);
        assert_int_equal(rows(s), 1);
        store_close(s);
}

/* Killed. */

static void write_until_killed(const char *url, int out)
{
        struct store *s = NULL;
        struct error err = {0};
        if (store_open(&s, url, NULL, &err) != 0) {
                _exit(1);
        }
        for (int64_t i = 1;; i++) {
                struct add a = {.id = i};
                if (store_write(s, add, &a, &err) != 0 || write(out, &i, sizeof i) != sizeof i) {
                        _exit(1);
                }
        }
}

static void test_killed_process_loses_nothing_acknowledged(void **state)
{
        struct rng r = rng_new(7, 0);
        for (int round = 0; round < 6; round++) {
                char url[256];
                int64_t acknowledged = 0, id = 0;
                int ends[2];
                store_close(with_things(state, url));
                assert_int_equal(pipe(ends), 0);
                pid_t child = fork();
                if (child == 0) {
                        close(ends[0]);
                        write_until_killed(url, ends[1]);
                }
                close(ends[1]);
                uint32_t until = 1 + rng_below(&r, 40);
                while (acknowledged < until && read(ends[0], &id, sizeof id) == sizeof id) {
                        acknowledged = id;
                }
                usleep(rng_below(&r, 3000));
                kill(child, SIGKILL);
                while (read(ends[0], &id, sizeof id) == sizeof id) {
                        acknowledged = id;
                }
                waitpid(child, NULL, 0);
                close(ends[0]);
                struct store *s = test_store_open(url);
                int64_t there = rows(s);
                if (store_is_postgresql(s) && there < acknowledged) {
                        usleep(100000);
                        there = rows(s);
                }
                assert_true(acknowledged >= until);
                assert_true(there >= acknowledged);
                struct add a = {.id = 1000000};
                struct error err = {0};
                assert_int_equal(store_write(s, add, &a, &err), 0);
                store_close(s);
        }
}

/* Addresses and files. */

static void test_malformed_addresses(void **state)
{
        static const char *const bad[] = {"",
                                          "x.db",
                                          "sqlite:",
                                          "mysql://a",
                                          "postgresql:/x",
                                          "http://u:secret@h/x",
                                          "u:secret@h/x",
                                          "http://nobody@h:1/x",
                                          "nobody@h",
                                          "postgresql://[::1/x",
                                          "postgresql://u:secret@h:port:port/x?y"};
        (void)state;
        for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
                struct store *s = NULL;
                struct error err = {0};
                char text[1024];
                assert_int_equal(store_open(&s, bad[i], NULL, &err), ERR);
                assert_int_equal(err.code, SB_STORE_URL);
                assert_null(strstr(error_text(&err, LANG_EN, text, sizeof text), "secret"));
                assert_null(s);
        }
}

static enum error_code open_file(const char *url, const struct store_options *options)
{
        struct store *s = NULL;
        struct error err = {0};
        int rc = store_open(&s, url, options, &err);
        store_close(s);
        return rc == 0 ? SB_OK : err.code;
}

static void test_files_that_are_no_database(void **state)
{
        struct store_options create = {.create = true};
        struct error err = {0};
        char path[200], url[256], junk[4096];
        (void)state;
        text_format(url, sizeof url, "sqlite:%s/absent.db", test_scratch());
        assert_int_equal(open_file(url, NULL), SB_STORE_OPEN);
        text_format(url, sizeof url, "sqlite:%s/no/folder.db", test_scratch());
        assert_int_equal(open_file(url, &create), SB_STORE_OPEN);
        text_format(path, sizeof path, "%s/junk.db", test_scratch());
        text_format(url, sizeof url, "sqlite:%s", path);
        memset(junk, 'x', sizeof junk);
        assert_int_equal(file_write(path, junk, sizeof junk, &err), 0);
        assert_int_equal(open_file(url, NULL), SB_STORE_CORRUPT);
        assert_int_equal(open_file("postgresql://nobody@/x?host=/nowhere", NULL), SB_STORE_OPEN);
        assert_int_equal(open_file("sqlite::memory:", NULL), SB_OK);
}

static void test_database_in_memory(void **state)
{
        struct store *s = test_store_open("sqlite::memory:"), *other = test_store_open("sqlite::memory:");
        struct error err = {0};
        struct add a = {.id = 1};
        (void)state;
        assert_int_equal(store_write(s, make, NULL, &err), 0);
        assert_int_equal(store_write(s, add, &a, &err), 0);
        assert_int_equal(rows(s), 1);
        assert_int_equal(store_write(other, make, NULL, &err), 0);
        assert_int_equal(rows(other), 0);
        store_close(other);
        store_close(s);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_malformed_addresses),
            cmocka_unit_test(test_files_that_are_no_database),
            cmocka_unit_test(test_database_in_memory),
            cmocka_unit_test(test_lost_connection),
            cmocka_unit_test(test_idle_connections_are_made_anew),
            TEST_ON_BOTH(test_serialization_failure_is_repeated),
            TEST_ON_BOTH(test_writers_of_two_processes),
            cmocka_unit_test(test_database_locked_by_another_process),
            TEST_ON_BOTH(test_transaction_inside_a_transaction),
            TEST_ON_BOTH(test_ids_are_given_once),
            cmocka_unit_test(test_full_disk),
            TEST_ON_BOTH(test_killed_process_loses_nothing_acknowledged),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
