/* SPDX-License-Identifier: Apache-2.0
 *
 * What store.h promises, tried on both engines with the same code.
 */
#include "support/pg.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A database with a table of every type, or skip. */
static struct store *fresh(void **state)
{
        struct store *s = test_store_new(*(enum test_engine *)*state);
        if (!s) {
                skip();
        }
        return s;
}

static int make_things(struct tx *tx, void *ctx, struct error *err)
{
        (void)ctx;
        int rc = tx_exec(tx, err,
                         "CREATE TABLE thing (id @int NOT NULL, name @text, bytes @blob, share @real, "
                         "PRIMARY KEY (id)) @table",
                         "");
        if (rc == 0) {
                rc = tx_exec(tx, err,
                             "CREATE TABLE pair (a @int NOT NULL, b @text NOT NULL, PRIMARY KEY "
                             "(a, b)) @clustered",
                             "");
        }
        return rc;
}

static struct store *with_things(void **state)
{
        struct store *s = fresh(state);
        struct error err = {0};
        assert_int_equal(store_write(s, make_things, NULL, &err), 0);
        return s;
}

static int add_thing(struct tx *tx, void *ctx, struct error *err)
{
        return tx_exec(tx, err, "INSERT INTO thing (id, name) VALUES (?1@int, ?2@text)", "it", *(int64_t *)ctx, "x");
}

static int count_things(struct tx *tx, void *ctx, struct error *err)
{
        struct stmt *q = NULL;
        int rc = tx_one(&q, tx, err, "SELECT COUNT(*) FROM thing", "");
        if (rc == 1) {
                *(int64_t *)ctx = stmt_int(q, 0);
        }
        return rc < 0 ? rc : 0;
}

static int64_t things(struct store *s)
{
        struct error err = {0};
        int64_t n = -1;
        assert_int_equal(store_read(s, count_things, &n, &err), 0);
        return n;
}

static void test_migrations_are_applied_once(void **state)
{
        struct store *s = fresh(state);
        struct error err = {0};
        struct clock *clock = clock_virtual(0);
        int number = 0;
        assert_int_equal(store_migrated(s, &number, &err), 0);
        assert_true(number >= 1);
        assert_int_equal(store_migrate(s, clock, &err), 0);
        clock_free(clock);
        store_close(s);
}

static int falsify(struct tx *tx, void *ctx, struct error *err)
{
        return tx_exec(tx, err, ctx, "");
}

static void test_migration_changed_afterwards(void **state)
{
        struct store *s = fresh(state);
        struct error err = {0};
        struct clock *clock = clock_virtual(0);
        assert_int_equal(store_write(s, falsify, "UPDATE migration SET checksum = 'other' WHERE number = 1", &err), 0);
        assert_int_equal(store_migrate(s, clock, &err), ERR);
        assert_int_equal(err.code, SB_STORE_MIGRATION);
        clock_free(clock);
        store_close(s);
}

static void test_database_of_a_newer_program(void **state)
{
        struct store *s = fresh(state);
        struct error err = {0};
        struct clock *clock = clock_virtual(0);
        const char *sql = "INSERT INTO migration (number, name, checksum, applied_at) VALUES (9999, 'x', 'x', 0)";
        assert_int_equal(store_write(s, falsify, (void *)(uintptr_t)sql, &err), 0);
        assert_int_equal(store_migrate(s, clock, &err), ERR);
        assert_int_equal(err.code, SB_STORE_NEWER);
        clock_free(clock);
        store_close(s);
}

static int all_types(struct tx *tx, void *ctx, struct error *err)
{
        (void)ctx;
        struct stmt *q = NULL;
        const char blob[] = {0, 1, (char)0xff, 0};
        static const char *insert = "INSERT INTO thing (id, name, bytes, share) VALUES (?1@int, ?2@text, ?3@blob, ?4@real)";
        assert_int_equal(tx_exec(tx, err, insert, "isbr", INT64_MIN, STR("𬭚 'quoted' 鎵"), ((struct str){blob, 4}), 0.1),
                         0);
        assert_int_equal(tx_exec(tx, err, insert, "inbn", INT64_MAX, STR("")), 0);
        assert_int_equal(tx_exec(tx, err, insert, "itnr", (int64_t)0, NULL, -1e300), 0);
        assert_int_equal(tx_exec(tx, err, insert, "isnn", (int64_t)1, STR("")), 0);
        assert_int_equal(tx_query(&q, tx, err, "SELECT id, name, bytes, share FROM thing ORDER BY id", ""), 0);
        assert_int_equal(stmt_step(q, err), 1);
        assert_true(stmt_int(q, 0) == INT64_MIN);
        assert_true(str_is(stmt_text(q, 1), "𬭚 'quoted' 鎵"));
        assert_true(str_equal(stmt_blob(q, 2), (struct str){blob, 4}));
        assert_true(stmt_real(q, 3) == 0.1);
        assert_false(stmt_null(q, 3));
        assert_int_equal(stmt_step(q, err), 1);
        assert_true(stmt_null(q, 1) && stmt_text(q, 1).n == 0);
        assert_true(stmt_real(q, 3) == -1e300);
        assert_true(stmt_null(q, 2));
        assert_int_equal(stmt_step(q, err), 1);
        assert_false(stmt_null(q, 1));
        assert_int_equal(stmt_text(q, 1).n, 0);
        assert_true(stmt_null(q, 3) && stmt_real(q, 3) == 0.0);
        assert_int_equal(stmt_step(q, err), 1);
        assert_true(stmt_int(q, 0) == INT64_MAX);
        assert_false(stmt_null(q, 2));
        assert_int_equal(stmt_blob(q, 2).n, 0);
        assert_int_equal(stmt_step(q, err), 0);
        assert_int_equal(stmt_step(q, err), 0);
        return 0;
}

static void test_values_come_back_exactly(void **state)
{
        struct store *s = with_things(state);
        struct error err = {0};
        assert_int_equal(store_write(s, all_types, NULL, &err), 0);
        store_close(s);
}

static int sums(struct tx *tx, void *ctx, struct error *err)
{
        (void)ctx;
        struct stmt *q = NULL;
        for (int64_t i = 1; i <= 3; i++) {
                assert_int_equal(add_thing(tx, &i, err), 0);
        }
        assert_int_equal(tx_one(&q, tx, err,
                                "SELECT CAST(SUM(id) AS @int), COUNT(*), COALESCE(MAX(id), 0), 7, 'a', "
                                "CASE WHEN MIN(id) = ?1@int THEN 1 ELSE 0 END FROM thing",
                                "i", (int64_t)1),
                         1);
        assert_int_equal(stmt_int(q, 0), 6);
        assert_int_equal(stmt_int(q, 1), 3);
        assert_int_equal(stmt_int(q, 2), 3);
        assert_int_equal(stmt_int(q, 3), 7);
        assert_true(str_is(stmt_text(q, 4), "a"));
        assert_int_equal(stmt_int(q, 5), 1);
        return 0;
}

static void test_expressions(void **state)
{
        struct store *s = with_things(state);
        struct error err = {0};
        assert_int_equal(store_write(s, sums, NULL, &err), 0);
        store_close(s);
}

static int order_of_text(struct tx *tx, void *ctx, struct error *err)
{
        (void)ctx;
        static const char *const names[] = {"a", "B", "é", "中", "b", "A", "_", "𬭚"};
        static const char *const sorted[] = {"A", "B", "_", "a", "b", "é", "中", "𬭚"};
        struct stmt *q = NULL;
        for (int i = 0; i < 8; i++) {
                assert_int_equal(
                    tx_exec(tx, err, "INSERT INTO thing (id, name) VALUES (?1@int, ?2@text)", "it", (int64_t)i, names[i]), 0);
        }
        assert_int_equal(tx_query(&q, tx, err, "SELECT name FROM thing ORDER BY name", ""), 0);
        for (int i = 0; i < 8; i++) {
                assert_int_equal(stmt_step(q, err), 1);
                assert_true(str_is(stmt_text(q, 0), sorted[i]));
        }
        assert_int_equal(tx_one(&q, tx, err, "SELECT COUNT(*) FROM thing WHERE name < ?1@text", "t", "a"), 1);
        assert_int_equal(stmt_int(q, 0), 3);
        return 0;
}

static void test_text_is_ordered_bytewise(void **state)
{
        struct store *s = with_things(state);
        struct error err = {0};
        assert_int_equal(store_write(s, order_of_text, NULL, &err), 0);
        store_close(s);
}

static int changes(struct tx *tx, void *ctx, struct error *err)
{
        (void)ctx;
        int64_t n = -1;
        for (int64_t i = 1; i <= 5; i++) {
                assert_int_equal(add_thing(tx, &i, err), 0);
        }
        assert_int_equal(
            tx_exec_changed(tx, &n, err, "UPDATE thing SET name = ?1@text WHERE id >= ?2@int", "ti", "y", (int64_t)3), 0);
        assert_int_equal(n, 3);
        assert_int_equal(tx_exec_changed(tx, &n, err, "DELETE FROM thing WHERE id > ?1@int", "i", (int64_t)100), 0);
        assert_int_equal(n, 0);
        assert_int_equal(
            tx_exec_changed(tx, &n, err, "INSERT INTO thing (id) VALUES (?1@int) ON CONFLICT (id) DO NOTHING", "i", (int64_t)3),
            0);
        assert_int_equal(n, 0);
        assert_int_equal(
            tx_exec_changed(tx, &n, err, "INSERT INTO thing (id) VALUES (?1@int) ON CONFLICT (id) DO NOTHING", "i", (int64_t)6),
            0);
        assert_int_equal(n, 1);
        return 0;
}

static void test_changed_rows_are_counted(void **state)
{
        struct store *s = with_things(state);
        struct error err = {0};
        assert_int_equal(store_write(s, changes, NULL, &err), 0);
        assert_int_equal(things(s), 6);
        store_close(s);
}

static int nested_queries(struct tx *tx, void *ctx, struct error *err)
{
        (void)ctx;
        struct stmt *outer = NULL, *inner = NULL;
        int64_t seen = 0;
        for (int64_t i = 1; i <= 4; i++) {
                assert_int_equal(add_thing(tx, &i, err), 0);
        }
        assert_int_equal(tx_query(&outer, tx, err, "SELECT id FROM thing ORDER BY id", ""), 0);
        while (stmt_step(outer, err) == 1) {
                int64_t id = stmt_int(outer, 0);
                assert_int_equal(tx_one(&inner, tx, err, "SELECT COUNT(*) FROM thing WHERE id <= ?1@int", "i", id), 1);
                assert_int_equal(stmt_int(inner, 0), id);
                seen += stmt_int(outer, 0);
        }
        assert_int_equal(seen, 10);
        return 0;
}

static void test_a_statement_inside_the_loop_of_another(void **state)
{
        struct store *s = with_things(state);
        struct error err = {0};
        assert_int_equal(store_write(s, nested_queries, NULL, &err), 0);
        store_close(s);
}

static int add_then_fail(struct tx *tx, void *ctx, struct error *err)
{
        int rc = add_thing(tx, ctx, err);
        return rc == 0 ? error_raise(err, SB_OVERFLOW, "%s", "on purpose") : rc;
}

static int add_twice(struct tx *tx, void *ctx, struct error *err)
{
        int rc = add_thing(tx, ctx, err);
        return rc == 0 ? add_thing(tx, ctx, err) : rc;
}

static int swallow(struct tx *tx, void *ctx, struct error *err)
{
        (void)err;
        (void)add_twice(tx, ctx, NULL);
        return 0;
}

static void test_failure_leaves_nothing(void **state)
{
        struct store *s = with_things(state);
        int64_t id = 1;
        struct error err = {0};
        assert_int_equal(store_write(s, add_then_fail, &id, &err), ERR);
        assert_int_equal(err.code, SB_OVERFLOW);
        err = (struct error){0};
        assert_int_equal(store_write(s, add_twice, &id, &err), ERR);
        assert_int_equal(err.code, SB_STORE_UNIQUE);
        assert_int_equal(error_http(err.code), 409);
        err = (struct error){0};
        assert_int_equal(store_write(s, swallow, &id, &err), ERR);
        assert_int_equal(err.code, SB_STORE_UNIQUE);
        assert_int_equal(things(s), 0);
        err = (struct error){0};
        assert_int_equal(store_write(s, add_thing, &id, &err), 0);
        assert_int_equal(things(s), 1);
        store_close(s);
}

static int bad_statement(struct tx *tx, void *ctx, struct error *err)
{
        struct stmt *q = NULL;
        return tx_prepare(&q, tx, ctx, err) == 0 ? stmt_step(q, err) : ERR;
}

static void test_bad_statements(void **state)
{
        static const char *const bad[] = {
            "SELEC 1",
            "SELECT nothing FROM nowhere",
            "SELECT id FROM thing WHERE id = ?1",
            "SELECT id FROM thing WHERE id = ?2@int",
            "SELECT id FROM thing WHERE id = ?1@int AND name = ?1@text",
            "SELECT id FROM thing WHERE id = ?1@table",
            "CREATE TABLE x (id @integer) @table",
            "INSERT INTO pair (a, b) VALUES (1, NULL)",
        };
        struct store *s = with_things(state);
        for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
                struct error err = {0};
                assert_int_equal(store_write(s, bad_statement, (void *)(uintptr_t)bad[i], &err), ERR);
                assert_int_equal(err.code, i == 7 ? SB_STORE_CONSTRAINT : SB_STORE_SQL);
        }
        assert_int_equal(things(s), 0);
        store_close(s);
}

/* Many statements that nobody waits for, large ones among them; the one named by ctx comes twice. */
static int many_unread(struct tx *tx, void *ctx, struct error *err)
{
        static const char insert[] = "INSERT INTO thing (id, bytes) VALUES (?1@int, ?2@blob)";
        int64_t twice = *(int64_t *)ctx;
        char *large = calloc(1, 300000);
        int rc = 0;
        for (int64_t i = 0; i < 300; i++) {
                struct str bytes = {large, i % 3 == 0 ? 300000 : 10};
                int more = tx_exec(tx, err, insert, "ib", i, bytes);
                rc = rc == 0 ? more : rc;
                more = i == twice ? tx_exec(tx, err, insert, "ib", i, bytes) : 0;
                rc = rc == 0 ? more : rc;
        }
        free(large);
        return rc;
}

static int forgetful(struct tx *tx, void *ctx, struct error *err)
{
        (void)many_unread(tx, ctx, err);
        return 0;
}

static void test_a_failure_that_nobody_waited_for(void **state)
{
        struct store *s = with_things(state);
        struct error err = {0};
        int64_t twice[] = {0, 150, 299}, never = -1;
        for (size_t i = 0; i < 3; i++) {
                err = (struct error){0};
                assert_int_equal(store_write(s, i == 1 ? forgetful : many_unread, &twice[i], &err), ERR);
                assert_int_equal(err.code, SB_STORE_UNIQUE);
                assert_int_equal(things(s), 0);
        }
        assert_int_equal(store_write(s, many_unread, &never, &err), 0);
        assert_int_equal(things(s), 300);
        store_close(s);
}

static int bad_text(struct tx *tx, void *ctx, struct error *err)
{
        return tx_exec(tx, err, "INSERT INTO thing (id, name) VALUES (1, ?1@text)", "s", *(struct str *)ctx);
}

static void test_text_that_is_not_utf8(void **state)
{
        struct str bad[] = {STR("a\xff"), {"a\0b", 3}, STR("\xc0\x80"), STR("\xed\xa0\x80")};
        struct store *s = with_things(state);
        for (size_t i = 0; i < 4; i++) {
                struct error err = {0};
                assert_int_equal(store_write(s, bad_text, &bad[i], &err), ERR);
                assert_int_equal(err.code, SB_STORE_SQL);
        }
        assert_int_equal(things(s), 0);
        store_close(s);
}

static int write_in_reading(struct tx *tx, void *ctx, struct error *err)
{
        return add_thing(tx, ctx, err);
}

static void test_reading_may_not_write(void **state)
{
        struct store *s = with_things(state);
        struct error err = {0};
        int64_t id = 1;
        assert_int_equal(store_read(s, write_in_reading, &id, &err), ERR);
        assert_int_equal(err.code, SB_STORE_READONLY);
        assert_int_equal(things(s), 0);
        store_close(s);
}

struct snapshot {
        struct store *s;
        int64_t before, after;
};

static int look_twice(struct tx *tx, void *ctx, struct error *err)
{
        struct snapshot *x = ctx;
        int64_t id = 2;
        assert_int_equal(count_things(tx, &x->before, err), 0);
        assert_int_equal(store_write(x->s, add_thing, &id, err), 0);
        assert_int_equal(count_things(tx, &x->after, err), 0);
        return 0;
}

static void test_reading_sees_a_snapshot(void **state)
{
        struct store *s = with_things(state);
        struct snapshot x = {.s = s};
        struct error err = {0};
        int64_t id = 1;
        assert_int_equal(store_write(s, add_thing, &id, &err), 0);
        assert_int_equal(store_read(s, look_twice, &x, &err), 0);
        assert_int_equal(x.before, 1);
        assert_int_equal(x.after, 1);
        assert_int_equal(things(s), 2);
        store_close(s);
}

struct flaky {
        int calls, failures;
        int64_t id;
};

static int fail_softly(struct tx *tx, void *ctx, struct error *err)
{
        struct flaky *f = ctx;
        int rc = add_thing(tx, &f->id, err);
        if (rc == 0 && ++f->calls <= f->failures) {
                return error_raise_soft(err, SB_STORE_CONFLICT, "%s", "");
        }
        return rc;
}

static void test_soft_failures_are_repeated(void **state)
{
        struct store *s = with_things(state);
        struct flaky f = {.failures = 3, .id = 1};
        struct error err = {0};
        assert_int_equal(store_write(s, fail_softly, &f, &err), 0);
        assert_int_equal(f.calls, 4);
        assert_int_equal(err.code, SB_OK);
        assert_int_equal(things(s), 1);
        f = (struct flaky){.failures = 1000, .id = 2};
        assert_int_equal(store_write(s, fail_softly, &f, &err), ERR_SOFT);
        assert_int_equal(f.calls, 8);
        assert_int_equal(err.code, SB_STORE_CONFLICT);
        assert_true(err.soft);
        assert_int_equal(things(s), 1);
        store_close(s);
}

static int bulk_things(struct tx *tx, void *ctx, struct error *err)
{
        struct bulk *b = NULL;
        int rc = bulk_open(&b, tx, "thing", "id@int, name@text, bytes@blob, share@real", err);
        for (int64_t i = 0; rc == 0 && i < *(int64_t *)ctx; i++) {
                char name[32];
                text_format(name, sizeof name, "名字%d", (int)i);
                bulk_int(b, i);
                if (i % 3 == 0) {
                        bulk_null(b);
                } else {
                        bulk_text(b, str_from(name));
                }
                text_format(name, sizeof name, "%d", (int)i);
                bulk_blob(b, str_from(name));
                bulk_real(b, (double)i / 4);
                rc = bulk_row(b, err);
        }
        int closed = b ? bulk_close(b, err) : 0;
        return rc != 0 ? rc : closed;
}

static int check_bulk(struct tx *tx, void *ctx, struct error *err)
{
        struct stmt *q = NULL;
        (void)ctx;
        assert_int_equal(tx_one(&q, tx, err, "SELECT name, bytes, share FROM thing WHERE id = ?1@int", "i", (int64_t)4), 1);
        assert_true(str_is(stmt_text(q, 0), "名字4"));
        assert_true(str_is(stmt_blob(q, 1), "4"));
        assert_true(stmt_real(q, 2) == 1.0);
        assert_int_equal(tx_one(&q, tx, err, "SELECT COUNT(*) FROM thing WHERE name IS NULL", ""), 1);
        assert_int_equal(stmt_int(q, 0), 6667);
        return 0;
}

static void test_bulk(void **state)
{
        struct store *s = with_things(state);
        struct error err = {0};
        int64_t n = 20000;
        assert_int_equal(store_write(s, bulk_things, &n, &err), 0);
        assert_int_equal(things(s), n);
        assert_int_equal(store_read(s, check_bulk, NULL, &err), 0);
        n = 0;
        assert_int_equal(store_write(s, bulk_things, &n, &err), 0);
        n = 1;
        assert_int_equal(store_write(s, bulk_things, &n, &err), ERR);
        assert_int_equal(err.code, SB_STORE_UNIQUE);
        assert_int_equal(things(s), 20000);
        store_close(s);
}

static int bulk_misused(struct tx *tx, void *ctx, struct error *err)
{
        struct bulk *b = NULL;
        struct stmt *q = NULL;
        int how = *(int *)ctx;
        int rc = bulk_open(&b, tx, "thing", how == 4 ? "id" : "id@int, name@text", err);
        if (rc != 0) {
                return rc;
        }
        bulk_int(b, 1);
        if (how == 0) {
                bulk_int(b, 2);
        } else if (how == 1) {
                bulk_text(b, STR("a"));
                bulk_text(b, STR("a"));
        } else if (how == 3) {
                bulk_text(b, STR("a"));
                (void)tx_prepare(&q, tx, "SELECT 1", NULL);
        }
        rc = bulk_row(b, err);
        int closed = bulk_close(b, err);
        return rc != 0 ? rc : closed;
}

static void test_bulk_misused(void **state)
{
        struct store *s = with_things(state);
        for (int how = 0; how < 5; how++) {
                struct error err = {0};
                assert_int_equal(store_write(s, bulk_misused, &how, &err), ERR);
                assert_int_equal(err.code, how == 4 ? SB_STORE_SQL : SB_INTERNAL);
        }
        assert_int_equal(things(s), 0);
        store_close(s);
}

static int add_outbox(struct tx *tx, void *ctx, struct error *err)
{
        for (int64_t i = 1; i <= *(int *)ctx; i++) {
                int rc = tx_exec(tx, err,
                                 "INSERT INTO outbox (home, id, target_home, topic, message_key, body, "
                                 "created_at, state, "
                                 "lease_until, attempts) VALUES (1, ?1@int, 1, 't', 'k', '', 0, 'open', 0, 0)",
                                 "i", i);
                if (rc != 0) {
                        return rc;
                }
        }
        return 0;
}

struct claim {
        struct store_key keys[8];
        int count, limit;
        instant_t now;
};

static int claim(struct tx *tx, void *ctx, struct error *err)
{
        struct claim *c = ctx;
        c->count = store_claim(tx, c->keys, c->limit, "outbox", "open", "me", c->now, c->now + 100, err);
        return c->count < 0 ? c->count : 0;
}

static void test_leases(void **state)
{
        struct store *s = fresh(state);
        struct error err = {0};
        int rows = 10;
        struct claim c = {.limit = 4, .now = 1000};
        assert_int_equal(store_write(s, add_outbox, &rows, &err), 0);
        assert_int_equal(store_write(s, claim, &c, &err), 0);
        assert_int_equal(c.count, 4);
        assert_int_equal(c.keys[0].id, 1);
        assert_int_equal(c.keys[3].id, 4);
        c.limit = 8;
        assert_int_equal(store_write(s, claim, &c, &err), 0);
        assert_int_equal(c.count, 6);
        assert_int_equal(c.keys[0].id, 5);
        assert_int_equal(store_write(s, claim, &c, &err), 0);
        assert_int_equal(c.count, 0);
        c.now = 1100;
        assert_int_equal(store_write(s, claim, &c, &err), 0);
        assert_int_equal(c.count, 8);
        store_close(s);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(test_migrations_are_applied_once),
            TEST_ON_BOTH(test_migration_changed_afterwards),
            TEST_ON_BOTH(test_database_of_a_newer_program),
            TEST_ON_BOTH(test_values_come_back_exactly),
            TEST_ON_BOTH(test_expressions),
            TEST_ON_BOTH(test_text_is_ordered_bytewise),
            TEST_ON_BOTH(test_changed_rows_are_counted),
            TEST_ON_BOTH(test_a_statement_inside_the_loop_of_another),
            TEST_ON_BOTH(test_failure_leaves_nothing),
            TEST_ON_BOTH(test_bad_statements),
            TEST_ON_BOTH(test_a_failure_that_nobody_waited_for),
            TEST_ON_BOTH(test_text_that_is_not_utf8),
            TEST_ON_BOTH(test_reading_may_not_write),
            TEST_ON_BOTH(test_reading_sees_a_snapshot),
            TEST_ON_BOTH(test_soft_failures_are_repeated),
            TEST_ON_BOTH(test_bulk),
            TEST_ON_BOTH(test_bulk_misused),
            TEST_ON_BOTH(test_leases),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
