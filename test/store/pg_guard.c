/* SPDX-License-Identifier: Apache-2.0
 *
 * The sums of the tables on PostgreSQL: what the program writes keeps them right, whatever the statement, on however many connections, and
 * while they are brought in; what anybody else changes is told, and stays told over further writes. What is common to both engines is in
 * guard.c, every table of the product in test/audit/nobody.c.
 */
#include "guarded.h"
#include "store/internal.h"
#include "support/pg.h"
#include "testing.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct findings {
        int count;
        bool kept;
        char first[160];
};

static void hear(void *ctx, const char *table, const char *what, int64_t expected, int64_t found)
{
        struct findings *f = ctx;

        if (f->count++ == 0)
                text_format(f->first, sizeof f->first, "%s %s %lld %lld", table, what, (long long)expected, (long long)found);
}

static int look(struct tx *tx, void *ctx, struct error *err)
{
        struct findings *f = ctx;

        return store_guard_check(tx, &GUARD, NULL, hear, f, &f->kept, err);
}

/* As an auditor with the key finds it, on a connection of his own. "": all is right. */
static void says(struct place *p, const char *first)
{
        struct findings f = {.count = 0};
        struct error err = {0};

        assert_ok(store_read(p->theirs, look, &f, &err), err);
        assert_true(f.kept);
        assert_string_equal(f.first, first);
}

static int settle(struct tx *tx, void *ctx, struct error *err)
{
        (void)ctx;
        return store_guard_settle(tx, err);
}

static void settled(struct store *s)
{
        struct error err = {0};

        assert_ok(store_write(s, settle, NULL, &err), err);
}

static int accept_table(struct tx *tx, void *ctx, struct error *err)
{
        return store_guard_accept(tx, ctx, err);
}

static enum error_code accepted(struct store *s, const char *table)
{
        struct error err = {0};

        (void)store_write(s, accept_table, (void *)(uintptr_t)table, &err);
        return err.code;
}

static int count_rows(struct tx *tx, void *ctx, struct error *err)
{
        struct stmt *q;
        int rc = tx_one(&q, tx, err, "SELECT COUNT(*) FROM table_change", "");

        *(int64_t *)ctx = rc == 1 ? stmt_int(q, 0) : -1;
        return rc < 0 ? rc : 0;
}

static int64_t changes(struct place *p)
{
        int64_t n = 0;
        struct error err = {0};

        assert_ok(store_read(p->theirs, count_rows, &n, &err), err);
        return n;
}

static bool fresh(struct place *p)
{
        if (!test_store_url(TEST_POSTGRESQL, p->url))
                return false;
        store_close(test_store_open(p->url)); /* migrated before there was a key */
        opened(&p->theirs, p->url, false);
        run(p->theirs, "CREATE TABLE thing (id @int NOT NULL, name @text, bytes @blob, share @real, PRIMARY KEY (id)) @table;"
                       "CREATE TABLE noise (id @int NOT NULL, PRIMARY KEY (id)) @table;"
                       "CREATE TABLE by_month (id @int NOT NULL, month @int NOT NULL, PRIMARY KEY (id, month)) @monthly;"
                       "INSERT INTO thing (id, name) VALUES (1, 'a'), (2, 'b')");
        opened(&p->ours, p->url, true);
        says(p, "");
        return true;
}

static int thousand(struct tx *tx, void *ctx, struct error *err)
{
        struct bulk *b = NULL;
        int64_t from = *(int64_t *)ctx;
        int rc = bulk_open(&b, tx, "thing", "id@int, name@text", err);

        for (int64_t i = 0; rc == 0 && i < 1000; i++) {
                bulk_int(b, from + i);
                bulk_text(b, STR("中\t;:+"));
                rc = bulk_row(b, err);
        }
        return rc == 0 ? bulk_close(b, err) : rc;
}

static int a_month(struct tx *tx, void *ctx, struct error *err)
{
        return store_month(tx, "by_month", *(month_t *)ctx, err);
}

static void test_statements_of_all_kinds_are_summed(void **state)
{
        static const char *const all[] = {
            "INSERT INTO thing (id, name, bytes, share) VALUES (10, '中', CAST('x' AS @blob), 0.1), (11, NULL, NULL, 1e300)",
            "INSERT INTO thing (id, name) VALUES (10, 'c'), (12, 'd') ON CONFLICT (id) DO UPDATE SET name = excluded.name",
            "INSERT INTO thing (id, name) VALUES (10, 'e') ON CONFLICT (id) DO NOTHING",
            "UPDATE thing SET id = id + 100, share = share / 3",
            "UPDATE thing SET name = 'nobody' WHERE id = -1",
            "INSERT INTO thing (id, name) SELECT id + 1000, name FROM thing; DELETE FROM thing WHERE id < 1000",
            "INSERT INTO by_month (id, month) VALUES (1, 24300), (2, 24300), (3, 24301)",
            "UPDATE by_month SET id = id + 10; DELETE FROM by_month WHERE id = 12; UPDATE by_month SET month = 24300",
            "DELETE FROM by_month; DELETE FROM thing",
            "INSERT INTO noise (id) VALUES (1)",
        };
        struct place p = {.ours = NULL};
        struct error err = {0};
        month_t month = 24300;
        int64_t from = 5000;

        (void)state;
        if (!fresh(&p))
                skip();
        for (int i = 0; i < 2; i++, month++)
                assert_ok(store_write(p.ours, a_month, &month, &err), err);
        for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
                run(p.ours, all[i]);
                says(&p, "");
                if (i % 3 == 2) {
                        settled(p.ours);
                        says(&p, "");
                }
        }
        assert_ok(store_write(p.ours, thousand, &from, &err), err);
        says(&p, "");
        run(p.theirs, "INSERT INTO noise (id) VALUES (2)");
        says(&p, "");
        run(p.theirs, "DELETE FROM thing WHERE id = 5007");
        says(&p, "thing rows 1000 999");
        run(p.ours, "DELETE FROM thing WHERE id = 5008"); /* writing goes on, and does not heal it */
        settled(p.ours);
        says(&p, "thing rows 999 998");
        closed(&p);
}

static int fails(struct tx *tx, void *ctx, struct error *err)
{
        int rc = script(tx, ctx, err);

        return rc ? rc : error_raise(err, SB_OVERFLOW, "%s", "on purpose");
}

static void test_what_is_undone_leaves_no_gap(void **state)
{
        struct place p = {.ours = NULL};
        struct error err = {0};

        (void)state;
        if (!fresh(&p))
                skip();
        run(p.ours, "INSERT INTO thing (id) VALUES (3)");
        assert_error(store_write(p.ours, fails, (void *)(uintptr_t) "DELETE FROM thing", &err), err, SB_OVERFLOW);
        run(p.ours, "INSERT INTO thing (id) VALUES (4)");
        store_cut(p.ours); /* the next connection begins a stream of its own */
        run(p.ours, "INSERT INTO thing (id) VALUES (5)");
        says(&p, "");
        settled(p.ours);
        says(&p, "");
        closed(&p);
}

struct writer {
        pthread_t thread;
        struct store *s;
        int64_t from;
};

static int write_one(struct tx *tx, void *ctx, struct error *err)
{
        int64_t id = *(int64_t *)ctx;
        int rc = tx_exec(tx, err, "INSERT INTO thing (id, name) VALUES (?1@int, 'w')", "i", id);

        return rc ? rc : tx_exec(tx, err, "UPDATE thing SET share = 0.5 WHERE id = ?1@int", "i", id);
}

static void *writes(void *arg)
{
        struct writer *w = arg;

        for (int64_t id = w->from; id < w->from + 60; id++) {
                struct error err = {0};
                assert_ok(store_write(w->s, write_one, &id, &err), err);
        }
        return NULL;
}

/* Several connections of two programs write while a third brings their changes in, and the auditor looks. */
static void test_writers_beside_each_other(void **state)
{
        struct writer w[4];
        struct store *second = NULL;
        struct place p = {.ours = NULL};

        (void)state;
        if (!fresh(&p))
                skip();
        opened(&second, p.url, true);
        for (int i = 0; i < 4; i++) {
                w[i] = (struct writer){.s = i % 2 == 0 ? p.ours : second, .from = 1000 * (i + 1)};
                assert_int_equal(pthread_create(&w[i].thread, NULL, writes, &w[i]), 0);
        }
        for (int i = 0; i < 5; i++) {
                settled(i % 2 == 0 ? second : p.ours);
                says(&p, "");
        }
        for (int i = 0; i < 4; i++)
                pthread_join(w[i].thread, NULL);
        says(&p, "");
        settled(p.ours);
        assert_true(changes(&p) <= 12); /* of each connection that lives, the last number */
        store_close(second);
        run(p.ours, "DELETE FROM thing");
        settled(p.ours);
        says(&p, "");
        closed(&p);
}

/* What is missing among the changes is told until it is accepted, and nothing is brought in before. */
static void test_a_gap_stays_until_it_is_accepted(void **state)
{
        struct place p = {.ours = NULL};

        (void)state;
        if (!fresh(&p))
                skip();
        run(p.ours, "INSERT INTO thing (id) VALUES (3)");
        run(p.ours, "INSERT INTO thing (id) VALUES (4)");
        run(p.ours, "INSERT INTO thing (id) VALUES (5)");
        run(p.theirs, "DELETE FROM table_change WHERE number = (SELECT MAX(number) - 1 FROM table_change); DELETE FROM thing "
                      "WHERE id = 4");
        struct findings f = {.count = 0};
        struct error err = {0};
        assert_ok(store_read(p.theirs, look, &f, &err), err);
        assert_true(f.count == 1 && strncmp(f.first, "table_change rows ", 18) == 0);
        int64_t before = changes(&p);
        settled(p.ours);
        assert_int_equal(changes(&p), before);
        assert_int_equal(accepted(p.ours, "thing"), SB_STORE_CHANGES);
        assert_int_equal(accepted(p.ours, "table_change"), SB_OK);
        says(&p, "");
        run(p.ours, "INSERT INTO thing (id) VALUES (6)");
        says(&p, "");
        closed(&p);
}

static int migrated(struct tx *tx, void *ctx, struct error *err)
{
        int rc = tx->engine->guard_migration(tx, false, err);

        rc = rc ? rc : script(tx, ctx, err);
        return rc ? rc : tx->engine->guard_migration(tx, true, err);
}

static void test_a_migration_carries_the_sums_over(void **state)
{
        struct place p = {.ours = NULL};
        struct error err = {0};

        (void)state;
        if (!fresh(&p))
                skip();
        run(p.ours, "INSERT INTO thing (id) VALUES (3)");
        assert_ok(
            store_write(p.ours, migrated,
                        (void *)(uintptr_t) "ALTER TABLE thing ADD COLUMN more @int NOT NULL DEFAULT 7; UPDATE thing SET more "
                                            "= id; CREATE TABLE late (id @int NOT NULL, PRIMARY KEY (id)) @table; INSERT "
                                            "INTO late (id) VALUES (1); DROP TABLE by_month",
                        &err),
            err);
        says(&p, "");
        run(p.ours, "INSERT INTO late (id) VALUES (2); UPDATE thing SET more = 8");
        says(&p, "");
        /* What was wrong before stays wrong. */
        run(p.theirs, "UPDATE late SET id = 9 WHERE id = 2");
        assert_ok(store_write(p.ours, migrated, (void *)(uintptr_t) "ALTER TABLE late ADD COLUMN name @text", &err), err);
        says(&p, "late values 2 2");
        assert_int_equal(accepted(p.ours, "late"), SB_OK);
        says(&p, "");
        run(p.ours, "INSERT INTO late (id, name) VALUES (3, 'x')");
        says(&p, "");
        /* A table that is gone can be taken so. */
        run(p.theirs, "DROP TABLE late");
        says(&p, "late table 3 0");
        assert_int_equal(accepted(p.ours, "late"), SB_OK);
        says(&p, "");
        closed(&p);
}

/* Triggers that are gone hear nothing: told, over a start of the program too; who accepts the table gives it its triggers again. */
static void test_triggers_that_are_gone(void **state)
{
        struct place p = {.ours = NULL};

        (void)state;
        if (!fresh(&p))
                skip();
        run(p.theirs, "DROP TRIGGER shebao_changed ON thing");
        says(&p, "thing definition 2 2");
        store_close(p.ours);
        opened(&p.ours, p.url, true);
        run(p.ours, "INSERT INTO thing (id) VALUES (3)");
        says(&p, "thing rows 2 3");
        assert_int_equal(accepted(p.ours, "thing"), SB_OK);
        says(&p, "");
        run(p.ours, "INSERT INTO thing (id) VALUES (4)");
        says(&p, "");
        closed(&p);
}

/* Functions of the same names, put before PostgreSQL's own by a setting of the database, are not asked. */
static void test_functions_of_the_same_name(void **state)
{
        static char evil[] =
            "CREATE FUNCTION sha256(b bytea) RETURNS bytea LANGUAGE sql IMMUTABLE AS 'SELECT pg_catalog.sha256(CAST(''x'' AS "
            "bytea))';"
            "CREATE FUNCTION current_setting(n text, m boolean) RETURNS text LANGUAGE sql AS 'SELECT CAST(NULL AS text)'";
        struct place p = {.ours = NULL};
        char sql[200];

        (void)state;
        if (!fresh(&p))
                skip();
        run(p.theirs, evil);
        const char *name = strchr(p.url + strlen("postgresql://"), '/') + 1;
        run(p.theirs, text_format(sql, sizeof sql, "ALTER DATABASE %.*s SET search_path = public, pg_catalog",
                                  (int)strcspn(name, "?"), name));
        store_close(p.ours);
        store_close(p.theirs);
        opened(&p.ours, p.url, true);
        opened(&p.theirs, p.url, false);
        run(p.ours, "INSERT INTO thing (id) VALUES (3)");
        says(&p, "");
        run(p.theirs, "UPDATE thing SET name = 'forged' WHERE id = 3");
        says(&p, "thing values 3 3");
        closed(&p);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_statements_of_all_kinds_are_summed), cmocka_unit_test(test_what_is_undone_leaves_no_gap),
            cmocka_unit_test(test_writers_beside_each_other),          cmocka_unit_test(test_a_gap_stays_until_it_is_accepted),
            cmocka_unit_test(test_a_migration_carries_the_sums_over),  cmocka_unit_test(test_triggers_that_are_gone),
            cmocka_unit_test(test_functions_of_the_same_name),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
