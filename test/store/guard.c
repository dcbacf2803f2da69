/* SPDX-License-Identifier: Apache-2.0
 *
 * The sums of the tables on SQLite: what the program writes keeps them right, whatever kind of value or statement; what anybody else
 * changes, in a table or in the sums themselves, is told, and stays told over further writes and over a migration until it is accepted.
 */
#include "guarded.h"
#include "store/internal.h"
#include "support/pg.h"
#include "testing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FINDINGS = 8, SCRIPT = 600 };

struct finding {
        char table[100], what[100];
        int64_t expected, found;
};
struct findings {
        struct finding f[FINDINGS];
        int count;
        bool kept;
        const char *only;
};

/* --- helpers ------------------------------------------------------------------------------------------------------------------------- */

static void hear(void *ctx, const char *table, const char *what, int64_t expected, int64_t found)
{
        struct findings *all = ctx;

        assert_true(all->count < FINDINGS);
        struct finding *f = &all->f[all->count++];
        text_copy(f->table, sizeof f->table, str_from(table));
        text_copy(f->what, sizeof f->what, str_from(what));
        f->expected = expected;
        f->found = found;
}

static int look(struct tx *tx, void *ctx, struct error *err)
{
        struct findings *all = ctx;

        return store_guard_check(tx, &GUARD, all->only, hear, all, &all->kept, err);
}

/* As an auditor with the key finds it, on a connection of his own. */
static struct findings found(struct place *p, const char *only)
{
        struct findings all = {.only = only};
        struct error err = {0};

        assert_ok(store_read(p->theirs, look, &all, &err), err);
        return all;
}

static void nothing(struct place *p)
{
        struct findings all = found(p, NULL);

        if (all.count > 0)
                fail_msg("%s: %s, %lld for %lld", all.f[0].table, all.f[0].what, (long long)all.f[0].found,
                         (long long)all.f[0].expected);
        assert_true(all.kept);
}

static bool told(const struct findings *all, const char *table, const char *what)
{
        for (int i = 0; i < all->count; i++)
                if (strcmp(all->f[i].table, table) == 0 && strcmp(all->f[i].what, what) == 0)
                        return true;
        return false;
}

/* This and nothing else. */
static void only_that(struct place *p, const char *table, const char *what)
{
        struct findings all = found(p, NULL);

        if (all.count != 1 || !told(&all, table, what))
                fail_msg("%s: %s expected, %d told, first %s: %s", table, what, all.count, all.f[0].table, all.f[0].what);
}

static void again(struct place *p)
{
        store_close(p->ours);
        opened(&p->ours, p->url, true);
}

static const char DIGEST[] =
    "CREATE TABLE table_digest (name @text NOT NULL, version @int NOT NULL, row_count @int NOT NULL, total @blob NOT "
    "NULL, shape @text NOT NULL, mac @blob NOT NULL, PRIMARY KEY (name)) @table";

static struct place fresh(void)
{
        struct place p;

        assert_non_null(test_store_url(TEST_SQLITE, p.url));
        opened(&p.theirs, p.url, false);
        run(p.theirs, DIGEST);
        run(p.theirs, "CREATE TABLE thing (id @int NOT NULL, name @text, bytes @blob, share @real, PRIMARY KEY (id)) @table;"
                      "CREATE TABLE other (id @int NOT NULL, name @text NOT NULL, PRIMARY KEY (id, name)) @clustered;"
                      "CREATE TABLE noise (id @int NOT NULL, PRIMARY KEY (id)) @table;"
                      "INSERT INTO thing (id, name) VALUES (1, 'a'), (2, 'b')");
        opened(&p.ours, p.url, true);
        nothing(&p);
        return p;
}

/* --- what the program writes --------------------------------------------------------------------------------------------------------- */

static void test_values_of_all_kinds_are_summed(void **state)
{
        static const char *const reals[] = {"0.0",    "-0.0", "1.0",   "-7.0",  "0.5",    "-2.75",  "9e15",  "-9e15",
                                            "9.1e15", "1e16", "-1e16", "1e300", "-1e300", "1e-300", "9e999", "NULL"};
        struct place p = fresh();
        char sql[SCRIPT];

        (void)state;
        for (size_t k = 0; k < sizeof reals / sizeof *reals; k++)
                run(p.ours,
                    text_format(
                        sql, sizeof sql,
                        "INSERT INTO thing (id, name, bytes, share) VALUES (%zu, '', x'', %s), (%zu, '中', x'00ff', %s)",
                        100 + k, reals[k], 200 + k, reals[k]));
        nothing(&p);
        again(&p); /* as another program reads them */
        run(p.ours, "UPDATE thing SET share = share + 1 WHERE id < 200");
        run(p.ours, "UPDATE thing SET id = id + 1000 WHERE id = 205;DELETE FROM thing WHERE id = 207");
        nothing(&p);
        /* The same value is no change, however it was written; another is one. */
        run(p.theirs, "UPDATE thing SET share = 1 WHERE id = 202");
        nothing(&p);
        run(p.theirs, "UPDATE thing SET share = 1e16 + 2 WHERE id = 209");
        only_that(&p, "thing", "values");
        run(p.theirs, "UPDATE thing SET share = 1e16 WHERE id = 209");
        nothing(&p);
        run(p.theirs, "UPDATE thing SET share = 0.25 WHERE id = 204");
        only_that(&p, "thing", "values");
        run(p.theirs, "UPDATE thing SET share = 0.5, name = NULL WHERE id = 204");
        only_that(&p, "thing", "values");
        closed(&p);
}

static void test_statements_of_all_kinds_are_summed(void **state)
{
        static const char *const all[] = {
            "INSERT INTO other (id, name) VALUES (1, 'x'), (2, 'y'), (3, 'z')",
            "INSERT INTO thing (id, name) VALUES (1, 'c') ON CONFLICT (id) DO UPDATE SET name = excluded.name",
            "INSERT INTO thing (id, name) VALUES (1, 'd') ON CONFLICT (id) DO NOTHING",
            "INSERT OR REPLACE INTO thing (id, name) VALUES (2, 'e'), (3, 'f')",
            "UPDATE other SET id = 9 WHERE name = 'x'",
            "INSERT INTO other (id, name) SELECT id + 20, name FROM thing",
            "DELETE FROM other",
            "DELETE FROM thing WHERE id > 1",
        };
        struct place p = fresh();

        (void)state;
        for (size_t k = 0; k < sizeof all / sizeof *all; k++) {
                run(p.ours, all[k]);
                nothing(&p);
        }
        closed(&p);
}

static int fails(struct tx *tx, void *ctx, struct error *err)
{
        int rc = script(tx, ctx, err);

        return rc ? rc : error_raise(err, SB_OVERFLOW, "%s", "on purpose");
}

static void test_what_is_undone_is_not_summed(void **state)
{
        struct place p = fresh();
        struct error err = {0};

        (void)state;
        assert_int_equal(store_write(p.ours, fails, (void *)(uintptr_t) "DELETE FROM thing", &err), ERR);
        nothing(&p);
        run(p.ours, "INSERT INTO thing (id) VALUES (3)");
        nothing(&p);
        closed(&p);
}

static void test_two_programs_with_the_key(void **state)
{
        struct place p = fresh();
        struct store *second = NULL;
        struct error err = {0};

        (void)state;
        opened(&second, p.url, true);
        assert_ok(store_guard(second, &GUARD, &err), err); /* it is guarded already */
        for (int i = 0; i < 6; i++) {
                char sql[SCRIPT];
                run(i % 2 == 0 ? second : p.ours,
                    text_format(sql, sizeof sql, "INSERT INTO thing (id) VALUES (%d);UPDATE thing SET name = 'n%d'", 10 + i,
                                i));
                nothing(&p);
        }
        store_close(second);
        closed(&p);
}

static void test_tables_that_are_not_kept(void **state)
{
        struct place p = fresh();

        (void)state;
        run(p.ours, "CREATE INDEX by_name ON other (name)");
        nothing(&p);
        run(p.ours, "ANALYZE"); /* SQLite's own tables */
        run(p.ours, "INSERT INTO noise (id) VALUES (1)");
        run(p.theirs, "INSERT INTO noise (id) VALUES (2)");
        run(p.ours, "CREATE TEMP TABLE thing (id INTEGER);INSERT INTO temp.thing (id) VALUES (7);DROP TABLE temp.thing");
        nothing(&p);
        closed(&p);
}

static void test_a_table_comes_while_the_program_runs(void **state)
{
        struct place p = fresh();

        (void)state;
        run(p.ours, "CREATE TABLE late (id @int NOT NULL, PRIMARY KEY (id)) @table;INSERT INTO late (id) VALUES (1), (2)");
        nothing(&p);
        run(p.ours, "INSERT INTO late (id) VALUES (3)");
        nothing(&p);
        run(p.theirs, "DELETE FROM late WHERE id = 2");
        struct findings all = found(&p, NULL);
        assert_true(all.count == 1 && told(&all, "late", "rows") && all.f[0].expected == 3 && all.f[0].found == 2);
        run(p.ours, "INSERT INTO late (id) VALUES (4)"); /* writing goes on, and does not heal it */
        all = found(&p, NULL);
        assert_true(all.count == 1 && told(&all, "late", "rows") && all.f[0].expected == 4 && all.f[0].found == 3);
        closed(&p);
}

/* --- names ---------------------------------------------------------------------------------------------------------------------------- */

static void test_names_at_their_ends(void **state)
{
        struct place p = fresh();
        struct error err = {0};
        char name[65], sql[SCRIPT];

        (void)state;
        memset(name, 'n', 64);
        name[64] = '\0';
        run(p.ours, text_format(sql, sizeof sql, "CREATE TABLE %s (id INTEGER);INSERT INTO %s VALUES (1)", name + 1, name + 1));
        nothing(&p);
        run(p.theirs, text_format(sql, sizeof sql, "UPDATE %s SET id = 2", name + 1));
        only_that(&p, name + 1, "values");
        run(p.ours, "CREATE TABLE \"a\"\"b\" (id INTEGER);INSERT INTO \"a\"\"b\" VALUES (1)");
        only_that(&p, name + 1, "values");
        run(p.theirs, "DELETE FROM \"a\"\"b\"");
        struct findings all = found(&p, "a\"b");
        assert_true(all.count == 1 && told(&all, "a\"b", "rows"));
        /* One that is too long cannot be kept: nothing is written to it, and the auditor says so. */
        run(p.ours, text_format(sql, sizeof sql, "CREATE TABLE %s (id INTEGER)", name));
        text_format(sql, sizeof sql, "INSERT INTO %s VALUES (1)", name);
        assert_int_equal(store_write(p.ours, script, sql, &err), ERR);
        assert_int_equal(err.code, SB_LIMIT);
        err = (struct error){0};
        assert_int_equal(store_read(p.theirs, look, &(struct findings){.count = 0}, &err), ERR);
        assert_int_equal(err.code, SB_LIMIT);
        run(p.ours, "INSERT INTO thing (id) VALUES (3)"); /* other writing goes on */
        closed(&p);
}

static void test_more_tables_than_can_be_kept(void **state)
{
        struct place p = fresh();
        struct error err = {0};
        char sql[SCRIPT];
        int i = 0;

        (void)state;
        for (; i < 600 && err.code == SB_OK; i++) {
                text_format(sql, sizeof sql, "CREATE TABLE t%d (id INTEGER);INSERT INTO t%d VALUES (1)", i, i);
                (void)store_write(p.ours, script, sql, &err);
        }
        assert_int_equal(err.code, SB_LIMIT);
        assert_true(i > 500);
        nothing(&p); /* the last was not made */
        run(p.theirs, "CREATE TABLE one (id INTEGER);CREATE TABLE two (id INTEGER);CREATE TABLE three (id INTEGER)");
        err = (struct error){0};
        assert_int_equal(store_read(p.theirs, look, &(struct findings){.count = 0}, &err), ERR);
        assert_int_equal(err.code, SB_LIMIT);
        closed(&p);
}

/* --- who changes the sums ------------------------------------------------------------------------------------------------------------- */

static void test_rows_of_the_sums_that_are_damaged(void **state)
{
        static const char *const damages[] = {
            "total = zeroblob(31)",  "total = zeroblob(32)",      "mac = x''",
            "mac = zeroblob(33)",    "row_count = row_count + 1", "shape = 'another'",
            "version = version - 1", "version = 99999999",        "mac = zeroblob(32)",
        };
        static const char *const names[] = {"thing", ""};

        (void)state;
        for (size_t k = 0; k < sizeof damages / sizeof *damages; k++)
                for (size_t n = 0; n < 2; n++) {
                        struct place p = fresh();
                        char sql[SCRIPT];
                        run(p.theirs,
                            text_format(sql, sizeof sql, "UPDATE table_digest SET %s WHERE name = '%s'", damages[k], names[n]));
                        struct findings all = found(&p, NULL), alone = found(&p, "thing");
                        assert_true(all.kept && told(&all, "table_digest", names[n]));
                        assert_int_equal(told(&alone, "table_digest", "thing"), n == 0);
                        assert_int_equal(alone.count, n == 0);
                        /* Writing goes on and does not heal it. */
                        again(&p);
                        run(p.ours, "INSERT INTO thing (id) VALUES (8);INSERT INTO other (id, name) VALUES (2, 'x')");
                        all = found(&p, NULL);
                        assert_true(told(&all, "table_digest", names[n]));
                        closed(&p);
                }
}

/* Who runs knows the sums and writes over what was done to them; what was done to the table is told as before. */
static void test_who_runs_knows_the_sums(void **state)
{
        static const char *const damages[] = {
            "DELETE FROM table_digest WHERE name = 'thing'",
            "UPDATE table_digest SET total = zeroblob(31), mac = x'' WHERE name = 'thing'",
        };

        (void)state;
        for (size_t k = 0; k < sizeof damages / sizeof *damages; k++) {
                struct place p = fresh();
                run(p.theirs, damages[k]);
                run(p.theirs, "UPDATE thing SET name = 'forged' WHERE id = 1");
                run(p.ours, "INSERT INTO thing (id) VALUES (9)");
                only_that(&p, "thing", "values");
                closed(&p);
        }
}

/* What stands for all is read each time: when it is another, so may be the rest. */
static void test_who_runs_looks_at_what_stands_for_all(void **state)
{
        static const char *const damages[] = {"version = version - 1", "mac = zeroblob(32)", "mac = zeroblob(31)"};

        (void)state;
        for (size_t k = 0; k < sizeof damages / sizeof *damages; k++) {
                struct place p = fresh();
                char sql[SCRIPT];
                run(p.theirs, text_format(sql, sizeof sql, "UPDATE table_digest SET %s WHERE name = ''", damages[k]));
                run(p.ours, "INSERT INTO thing (id) VALUES (9)");
                struct findings all = found(&p, NULL);
                assert_true(told(&all, "table_digest", "") && told(&all, "thing", "rows"));
                closed(&p);
        }
}

static void test_rows_of_the_sums_that_go_or_come(void **state)
{
        static const struct {
                const char *sql, *table, *what;
        } cases[] = {
            {"DELETE FROM table_digest WHERE name = 'thing'", "thing", "rows"},
            {"DELETE FROM table_digest WHERE name = 'other'", "table_digest", ""},
            {"DELETE FROM table_digest WHERE name = ''", "table_digest", ""},
            {"UPDATE table_digest SET name = 'nowhere' WHERE name = 'other'", "table_digest", "nowhere"},
            {"INSERT INTO table_digest SELECT "
             "'a_name_of_more_than_sixty_three_bytes_which_nobody_with_the_key_can_have_written', version, "
             "row_count, total, shape, mac FROM table_digest WHERE name = 'thing'",
             "table_digest", "a_name_of_more_than_sixty_three_bytes_which_nobody_with_the_key_can_have_written"},
        };

        (void)state;
        for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
                struct place p = fresh();
                run(p.theirs, cases[k].sql);
                for (int i = 0; i < 3; i++) {
                        struct findings all = found(&p, NULL);
                        assert_true(all.kept && told(&all, cases[k].table, cases[k].what));
                        again(&p);
                        run(p.ours, "UPDATE thing SET name = name || 'x'");
                }
                closed(&p);
        }
}

/* An older row is genuine; that it is old is seen by what stands for all. */
static void test_an_older_row_of_the_sums_is_put_back(void **state)
{
        struct place p = fresh();

        (void)state;
        run(p.theirs, "CREATE TABLE noise2 AS SELECT * FROM table_digest WHERE name = 'thing';CREATE TABLE noise3 AS SELECT * "
                      "FROM thing");
        run(p.ours, "DELETE FROM thing WHERE id = 2");
        run(p.theirs, "DELETE FROM table_digest WHERE name = 'thing';INSERT INTO table_digest SELECT * FROM noise2;"
                      "DELETE FROM thing;INSERT INTO thing SELECT * FROM noise3;DROP TABLE noise2;DROP TABLE noise3");
        only_that(&p, "table_digest", "");
        again(&p);
        run(p.ours, "INSERT INTO thing (id) VALUES (9)");
        only_that(&p, "table_digest", "");
        closed(&p);
}

static void test_the_sums_are_taken_away(void **state)
{
        struct place p = fresh();

        (void)state;
        run(p.theirs, "DROP TABLE table_digest");
        assert_false(found(&p, NULL).kept);
        run(p.ours, "INSERT INTO thing (id) VALUES (3)"); /* who works is not stopped by it */
        again(&p);
        run(p.ours, "INSERT INTO thing (id) VALUES (4)");
        assert_false(found(&p, NULL).kept);
        run(p.theirs, DIGEST);
        struct findings all = found(&p, NULL);
        assert_false(all.kept || all.count > 0);
        run(p.ours, "INSERT INTO thing (id) VALUES (5)"); /* summed up from here on */
        nothing(&p);
        closed(&p);
}

/* --- migrations ----------------------------------------------------------------------------------------------------------------------- */

static int migration(struct tx *tx, void *ctx, struct error *err)
{
        int rc = tx->engine->guard_migration(tx, false, err);

        rc = rc ? rc : script(tx, ctx, err);
        return rc ? rc : tx->engine->guard_migration(tx, true, err);
}

static void migrated(struct place *p, const char *sql)
{
        struct error err = {0};

        assert_ok(store_write(p->ours, migration, (void *)(uintptr_t)sql, &err), err);
}

static const char CHANGES[] =
    "ALTER TABLE thing ADD COLUMN more INTEGER;UPDATE thing SET more = id;DROP TABLE other;"
    "CREATE TABLE extra (id @int NOT NULL, PRIMARY KEY (id)) @table;INSERT INTO extra (id) VALUES (1)";

static void test_a_migration_takes_the_sums_along(void **state)
{
        struct place p = fresh();

        (void)state;
        run(p.ours, "INSERT INTO other (id, name) VALUES (1, 'x')");
        migrated(&p, CHANGES);
        nothing(&p);
        run(p.ours, "UPDATE thing SET more = 0;DELETE FROM extra");
        nothing(&p);
        again(&p);
        migrated(&p, "CREATE TABLE other (id @int NOT NULL, PRIMARY KEY (id)) @table");
        nothing(&p);
        struct findings all = found(&p, "extra");
        assert_int_equal(all.count, 0);
        closed(&p);
}

static void test_what_was_wrong_before_a_migration_is_told_after_it(void **state)
{
        static const struct {
                const char *sql, *table, *what;
        } cases[] = {
            {"UPDATE thing SET name = 'forged' WHERE id = 1", "thing", "values"},
            {"INSERT INTO thing (id) VALUES (77)", "thing", "rows"},
            {"CREATE TABLE shadow (id INTEGER);INSERT INTO shadow VALUES (1)", "shadow", "rows"},
            {"INSERT INTO other (id, name) VALUES (5, 'forged')", "other", "table"}, /* which the migration drops */
            {"UPDATE table_digest SET mac = zeroblob(32) WHERE name = 'thing'", "table_digest", "thing"},
            {"UPDATE table_digest SET mac = zeroblob(32) WHERE name = ''", "table_digest", ""},
        };

        (void)state;
        for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
                struct place p = fresh();
                run(p.theirs, cases[k].sql);
                again(&p);
                migrated(&p, CHANGES);
                struct findings all = found(&p, NULL);
                assert_true(told(&all, cases[k].table, cases[k].what));
                closed(&p);
        }
}

static void test_a_table_that_is_gone_does_not_stop_a_migration(void **state)
{
        struct place p = fresh();

        (void)state;
        run(p.theirs, "DROP TABLE other;CREATE TABLE empty (id INTEGER)");
        only_that(&p, "other", "table");
        migrated(&p, "ALTER TABLE thing ADD COLUMN more INTEGER");
        only_that(&p, "other", "table");
        closed(&p);
}

/* The store that migrates may have no key, and the database no sums yet. */
static void test_a_migration_where_there_are_no_sums(void **state)
{
        struct place p = fresh();
        struct error err = {0};

        (void)state;
        assert_ok(store_write(p.theirs, migration, (void *)(uintptr_t) "CREATE TABLE by_them (id INTEGER)", &err), err);
        nothing(&p);
        run(p.theirs, "DROP TABLE table_digest");
        again(&p);
        migrated(&p, DIGEST); /* it comes with the migration */
        nothing(&p);
        run(p.ours, "INSERT INTO thing (id) VALUES (3)");
        nothing(&p);
        closed(&p);
}

/* --- acceptance ----------------------------------------------------------------------------------------------------------------------- */

static int accept_one(struct tx *tx, void *ctx, struct error *err)
{
        return store_guard_accept(tx, ctx, err);
}

static void accepted(struct place *p, const char *table)
{
        struct error err = {0};

        assert_ok(store_write(p->ours, accept_one, (void *)(uintptr_t)table, &err), err);
}

static void test_what_is_accepted_is_told_no_more(void **state)
{
        static const struct {
                const char *sql, *table;
        } cases[] = {
            {"UPDATE thing SET name = 'mended' WHERE id = 1", "thing"},
            {"DROP TABLE other", "other"},
            {"CREATE TABLE shadow (id INTEGER);INSERT INTO shadow VALUES (1)", "shadow"},
            {"UPDATE table_digest SET mac = x'00' WHERE name = 'thing'", "thing"},
            {"INSERT INTO table_digest SELECT 'nowhere', version, row_count, total, shape, mac FROM table_digest WHERE name = "
             "'thing'",
             "nowhere"},
            {"DELETE FROM table_digest WHERE name = 'thing'", "thing"},
            {"UPDATE table_digest SET mac = zeroblob(32) WHERE name = ''", "thing"},
            {"ALTER TABLE thing ADD COLUMN more INTEGER", "thing"},
            {"CREATE INDEX by_name ON thing (name);DROP TABLE other", "other"},
        };

        (void)state;
        for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
                struct place p = fresh();
                struct error err = {0};
                run(p.theirs, cases[k].sql);
                assert_true(found(&p, NULL).count > 0);
                accepted(&p, cases[k].table);
                nothing(&p);
                run(p.ours, "INSERT INTO thing (id) VALUES (11)");
                nothing(&p);
                assert_int_equal(store_write(p.theirs, accept_one, (void *)(uintptr_t)cases[k].table, &err),
                                 0); /* without a key: nothing */
                closed(&p);
        }
}

static void test_what_one_table_is_accepted_for_another_is_not(void **state)
{
        struct place p = fresh();
        struct error err = {0};
        char name[65];

        (void)state;
        run(p.theirs, "UPDATE thing SET name = 'forged';UPDATE table_digest SET mac = x'01' WHERE name = 'other'");
        accepted(&p, "other");
        only_that(&p, "thing", "values");
        accepted(&p, "noise"); /* is not kept */
        assert_int_equal(store_write(p.ours, accept_one, "nowhere", &err), ERR);
        assert_int_equal(err.code, SB_STORE_NO_TABLE);
        err = (struct error){0};
        only_that(&p, "thing", "values");
        memset(name, 'n', 64);
        name[64] = '\0';
        assert_int_equal(store_write(p.ours, accept_one, name, &err), ERR);
        assert_int_equal(err.code, SB_LIMIT);
        run(p.theirs, "DROP TABLE table_digest");
        accepted(&p, "thing"); /* nothing is kept any more */
        assert_false(found(&p, NULL).kept);
        closed(&p);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_values_of_all_kinds_are_summed),
            cmocka_unit_test(test_statements_of_all_kinds_are_summed),
            cmocka_unit_test(test_what_is_undone_is_not_summed),
            cmocka_unit_test(test_two_programs_with_the_key),
            cmocka_unit_test(test_tables_that_are_not_kept),
            cmocka_unit_test(test_a_table_comes_while_the_program_runs),
            cmocka_unit_test(test_names_at_their_ends),
            cmocka_unit_test(test_more_tables_than_can_be_kept),
            cmocka_unit_test(test_rows_of_the_sums_that_are_damaged),
            cmocka_unit_test(test_who_runs_knows_the_sums),
            cmocka_unit_test(test_who_runs_looks_at_what_stands_for_all),
            cmocka_unit_test(test_rows_of_the_sums_that_go_or_come),
            cmocka_unit_test(test_an_older_row_of_the_sums_is_put_back),
            cmocka_unit_test(test_the_sums_are_taken_away),
            cmocka_unit_test(test_a_migration_takes_the_sums_along),
            cmocka_unit_test(test_what_was_wrong_before_a_migration_is_told_after_it),
            cmocka_unit_test(test_a_table_that_is_gone_does_not_stop_a_migration),
            cmocka_unit_test(test_a_migration_where_there_are_no_sums),
            cmocka_unit_test(test_what_is_accepted_is_told_no_more),
            cmocka_unit_test(test_what_one_table_is_accepted_for_another_is_not),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
