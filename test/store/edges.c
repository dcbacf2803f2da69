/* SPDX-License-Identifier: Apache-2.0
 *
 * The edges of what store.h promises, on both engines with the same code: types that a query may give, columns and parameters that are
 * not there, closures that forget something, words of the common subset at their limits, bulks and leases that cannot be.
 */
#include "support/pg.h"
#include "things.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct store *with_things(void **state)
{
        struct store *s = test_store_new(*(enum test_engine *)*state);
        struct error err = {0};

        if (s == NULL)
                skip();
        assert_int_equal(store_write(s, things_make, NULL, &err), 0);
        return s;
}

/* --- values ----------------------------------------------------------------------------------------------------------------------------- */

static int of_all_kinds(struct tx *tx, void *ctx, struct error *err)
{
        struct stmt *q;
        bool pg = *(bool *)ctx;

        assert_int_equal(
            tx_one(&q, tx, err, "SELECT 1 = 1, 1 = 2, 7, CAST(?1@int AS @real), ?2@real, NULL", "ir", (int64_t)5, -2.75), 1);
        assert_int_equal(stmt_int(q, 0), 1);
        assert_int_equal(stmt_int(q, 1), 0);
        assert_true(stmt_real(q, 2) == 7.0); /* a whole number as a real */
        assert_true(stmt_real(q, 3) == 5.0);
        assert_int_equal(stmt_int(q, 3), 5); /* and the other way round: what stands before the point */
        assert_int_equal(stmt_int(q, 4), -2);
        assert_true(stmt_null(q, 5) && stmt_int(q, 5) == 0 && stmt_real(q, 5) == 0.0 && stmt_blob(q, 5).n == 0);
        /* Too large for a whole number: the largest there is. */
        assert_int_equal(tx_one(&q, tx, err, "SELECT CAST(?1@real AS @real), CAST(?2@real AS @real)", "rr", 1e300, -1e300), 1);
        assert_true(stmt_int(q, 0) == INT64_MAX);
        assert_true(stmt_int(q, 1) == INT64_MIN);
        if (pg) {
                assert_int_equal(
                    tx_one(&q, tx, err,
                           "SELECT CAST(-3 AS smallint), CAST(0.5 AS float4), CAST('12' AS varchar), CAST('NaN' AS "
                           "float8), CAST('n' AS name)",
                           ""),
                    1);
                assert_int_equal(stmt_int(q, 0), -3);
                assert_true(stmt_real(q, 1) == 0.5);
                assert_int_equal(stmt_int(q, 2), 12);
                assert_int_equal(stmt_int(q, 3), 0);
                assert_int_equal(stmt_int(q, 4), 0);
        }
        /* What is not there is NULL: a column too far, a row before the first and behind the last. */
        assert_int_equal(tx_query(&q, tx, err, "SELECT 7 AS a", ""), 0);
        assert_true(stmt_null(q, 0) && stmt_int(q, 0) == 0);
        assert_int_equal(stmt_step(q, err), 1);
        assert_true(stmt_null(q, 1) && stmt_null(q, -1) && stmt_int(q, 1) == 0 && stmt_text(q, 9).n == 0 &&
                    stmt_real(q, 1) == 0.0);
        assert_int_equal(stmt_step(q, err), 0);
        assert_true(stmt_null(q, 0));
        return 0;
}

static void test_values_of_all_kinds(void **state)
{
        struct store *s = with_things(state);
        struct error err = {0};
        bool pg = store_is_postgresql(s);

        assert_int_equal(store_write(s, of_all_kinds, &pg, &err), 0);
        store_close(s);
}

struct misuse {
        const char *sql, *types;
        int bind; /* this parameter instead of those of types; −9 none */
};

static int misused(struct tx *tx, void *ctx, struct error *err)
{
        const struct misuse *m = ctx;
        struct stmt *q;
        int rc = tx_prepare(&q, tx, m->sql, err);

        if (rc != 0)
                return rc;
        if (m->bind != -9) {
                stmt_bind_int(q, 1, 1);
                stmt_bind_int(q, m->bind, 1);
                stmt_bind_real(q, m->bind, 1);
                stmt_bind_text(q, m->bind, STR("a"));
                stmt_bind_null(q, m->bind);
                assert_true(stmt_step(q, err) < 0);
                return 0; /* forgetting it does not help */
        }
        return tx_exec(tx, err, m->sql, m->types, (int64_t)1);
}

static void test_parameters_that_are_not_there(void **state)
{
        static const char INSERT[] = "INSERT INTO thing (id) VALUES (?1@int)";
        static const struct misuse cases[] = {{INSERT, "", 0}, {INSERT, "", 2}, {INSERT, "", -1}, {INSERT, "x", -9}};
        struct store *s = with_things(state);

        for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
                struct error err = {0};
                assert_int_equal(store_write(s, misused, (void *)(uintptr_t)&cases[k], &err), ERR);
                assert_int_equal(err.code, SB_STORE_SQL);
        }
        assert_int_equal(things(s), 0);
        store_close(s);
}

static int of_another_type(struct tx *tx, void *ctx, struct error *err)
{
        struct stmt *q;
        int rc = tx_prepare(&q, tx, "INSERT INTO thing (id, share) VALUES (?1@int, ?2@real)", err);

        (void)ctx;
        if (rc != 0)
                return rc;
        stmt_bind_text(q, 1, STR("a"));
        stmt_bind_int(q, 2, 1);
        return stmt_step(q, err);
}

static void test_a_value_of_another_type_is_refused(void **state)
{
        struct store *s = with_things(state);
        struct error err = {0};

        assert_int_equal(store_write(s, of_another_type, NULL, &err), ERR);
        assert_true(err.code == SB_STORE_SQL || err.code == SB_STORE_CONSTRAINT); /* SQLite looks at what it stores */
        assert_int_equal(things(s), 0);
        store_close(s);
}

/* --- words ------------------------------------------------------------------------------------------------------------------------------- */

static int run_one(struct tx *tx, void *ctx, struct error *err)
{
        return tx_exec(tx, err, ctx, "");
}

static int one_value(struct tx *tx, void *ctx, struct error *err)
{
        struct stmt *q;
        int rc = tx_one(&q, tx, err, ((const char **)ctx)[0], "");

        if (rc == 1)
                assert_true(str_is(stmt_text(q, 0), ((const char **)ctx)[1]));
        return rc == 1 ? 0 : ERR;
}

static void test_words_of_the_subset(void **state)
{
        static const char *const bad[] = {"SELECT 'abc",
                                          "SELECT \"abc",
                                          "SELECT ?0@int",
                                          "SELECT ?999@int",
                                          "SELECT ?99999999@int",
                                          "SELECT ?1int",
                                          "SELECT ?@int",
                                          "SELECT ?1@",
                                          "SELECT @unknown",
                                          "SELECT 1 -- it's ?",
                                          ""};
        static const char *const good[][2] = {{"SELECT 'a?1@int@x'", "a?1@int@x"},
                                              {"SELECT 'it''s -- ?'", "it's -- ?"},
                                              {"SELECT -- a comment with ? and @\n'b'", "b"},
                                              {"-- first\n  SELECT 'c' -- the last", "c"},
                                              {"SELECT 'd' AS \"odd?@name\"", "d"}};
        struct store *s = with_things(state);

        for (size_t k = 0; k + 2 < sizeof bad / sizeof bad[0]; k++) {
                struct error err = {0};
                assert_int_equal(store_write(s, run_one, (void *)(uintptr_t)bad[k], &err), ERR);
                assert_int_equal(err.code, SB_STORE_SQL);
        }
        for (size_t k = 0; k < sizeof good / sizeof good[0]; k++) {
                struct error err = {0};
                assert_int_equal(store_write(s, one_value, (void *)(uintptr_t)good[k], &err), 0);
        }
        struct error err = {0};
        static const char commented[] = "-- of its own\nCREATE TABLE other (name @text NOT NULL, PRIMARY KEY (name)) @table";
        assert_int_equal(store_write(s, run_one, (void *)(uintptr_t)commented, &err), 0);
        store_close(s);
}

/* --- closures ------------------------------------------------------------------------------------------------------------------------------ */

static int add_one(struct tx *tx, int64_t id, struct error *err)
{
        return tx_exec(tx, err, "INSERT INTO thing (id) VALUES (?1@int)", "i", id);
}

static int answers_a_number(struct tx *tx, void *ctx, struct error *err)
{
        (void)ctx;
        return add_one(tx, 1, err) == 0 ? 1 : ERR;
}

/* What it says of its failure is its own word; that it failed is not. */
static int fails_its_own_way(struct tx *tx, void *ctx, struct error *err)
{
        struct error mine = {0};

        (void)ctx;
        assert_int_equal(add_one(tx, 1, &mine), 0);
        (void)add_one(tx, 1, &mine);
        struct stmt *q;
        assert_int_equal(tx_one(&q, tx, NULL, "SELECT 1", ""), ERR); /* nothing goes on after a failure */
        return error_raise(err, SB_OVERFLOW, "%s", "on purpose");
}

static int fails_without_a_word(struct tx *tx, void *ctx, struct error *err)
{
        (void)tx, (void)ctx, (void)err;
        return ERR;
}

static void test_closures_that_forget(void **state)
{
        struct store *s = with_things(state);
        struct error err = {0};

        assert_int_equal(store_write(s, answers_a_number, NULL, &err), ERR);
        assert_int_equal(err.code, SB_INTERNAL);
        err = (struct error){0};
        assert_int_equal(store_write(s, fails_its_own_way, NULL, &err), ERR);
        assert_int_equal(err.code, SB_OVERFLOW);
        assert_int_equal(store_write(s, fails_its_own_way, NULL, NULL), ERR); /* nobody has to listen */
        err = (struct error){0};
        assert_int_equal(store_write(s, fails_without_a_word, NULL, &err), ERR);
        assert_int_equal(store_read(s, fails_without_a_word, NULL, NULL), ERR);
        assert_int_equal(things(s), 0);
        store_close(s);
}

/* --- bulks --------------------------------------------------------------------------------------------------------------------------------- */

struct bulking {
        const char *table, *columns;
        enum error_code code;
};

static int bulk_opened(struct tx *tx, void *ctx, struct error *err)
{
        const struct bulking *k = ctx;
        struct bulk *b = NULL;
        int rc = bulk_open(&b, tx, k->table, k->columns, err);

        if (rc == 0)
                rc = bulk_close(b, err);
        return rc;
}

static void test_bulks_that_cannot_be(void **state)
{
        static char many[1024];
        static const struct bulking cases[] = {{"thing", "", SB_STORE_SQL},
                                               {"thing", "id@", SB_STORE_SQL},
                                               {"thing", "id@x", SB_STORE_SQL},
                                               {"thing", "id", SB_STORE_SQL},
                                               {"thing", "id@int, nothing@text", SB_STORE_SQL},
                                               {"nowhere", "id@int", SB_STORE_SQL},
                                               {"thing", many, SB_STORE_SQL}};
        struct store *s = with_things(state);
        char column[16];

        for (int i = 0; i < 65; i++)
                text_copy(many + strlen(many), sizeof many - strlen(many),
                          str_from(text_format(column, sizeof column, "%sc%d@int", i > 0 ? ", " : "", i)));
        for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
                struct error err = {0};
                assert_int_equal(store_write(s, bulk_opened, (void *)(uintptr_t)&cases[k], &err), ERR);
                assert_int_equal(err.code, cases[k].code);
                assert_int_equal(store_write(s, bulk_opened, (void *)(uintptr_t)&cases[k], NULL), ERR);
        }
        assert_int_equal(things(s), 0);
        many[0] = '\0';
        store_close(s);
}

enum bulk_fault { ANOTHER, AFTER_A_FAILURE, REAL, BLOB, NULLS, UNFINISHED, CLOSED_UNFINISHED, NOT_UTF8, UNHEARD, FAULTS };

static int bulk_wrong(struct tx *tx, void *ctx, struct error *err)
{
        enum bulk_fault how = *(enum bulk_fault *)ctx;
        struct bulk *b = NULL, *another = NULL;
        int rc = 0;

        if (how == AFTER_A_FAILURE) {
                assert_int_equal(add_one(tx, 1, err), 0);
                (void)tx_exec_changed(tx, &(int64_t){0}, NULL, "INSERT INTO thing (id) VALUES (1)", "");
                rc = bulk_open(&b, tx, "thing", "id@int", err);
                assert_null(b);
                return rc;
        }
        rc = bulk_open(&b, tx, "thing", "id@int, name@text", err);
        assert_int_equal(rc, 0);
        bulk_int(b, 1);
        if (how == ANOTHER)
                assert_int_equal(bulk_open(&another, tx, "thing", "id@int", NULL), ERR);
        if (how == REAL)
                bulk_real(b, 1);
        else if (how == BLOB)
                bulk_blob(b, STR("a"));
        else if (how == NULLS)
                for (int i = 0; i < 3; i++)
                        bulk_null(b);
        else if (how == NOT_UTF8)
                bulk_text(b, STR("a\xff"));
        else if (how != UNFINISHED && how != CLOSED_UNFINISHED)
                bulk_text(b, STR("a"));
        if (how != CLOSED_UNFINISHED)
                rc = bulk_row(b, how == UNHEARD ? NULL : err);
        if (how == UNHEARD) {
                bulk_int(b, 1); /* the same again */
                bulk_null(b);
                rc = bulk_row(b, NULL);
        }
        int closed = bulk_close(b, how == UNHEARD ? NULL : err);
        return rc ? rc : closed;
}

static void test_bulks_that_go_wrong(void **state)
{
        struct store *s = with_things(state);

        for (enum bulk_fault how = 0; how < FAULTS; how++) {
                struct error err = {0};
                assert_int_equal(store_write(s, bulk_wrong, &how, &err), ERR);
                assert_int_equal(err.code, how == AFTER_A_FAILURE || how == UNHEARD ? SB_STORE_UNIQUE
                                           : how == NOT_UTF8                        ? SB_STORE_SQL
                                                                                    : SB_INTERNAL);
                assert_int_equal(things(s), 0);
        }
        store_close(s);
}

static int bulk_fine(struct tx *tx, void *ctx, struct error *err)
{
        static const char none[] = "";
        struct bulk *b = NULL;
        struct stmt *q;
        int rc = bulk_open(&b, tx, "thing", "id@int, name@text, bytes@blob, share@real", err);

        (void)ctx;
        assert_int_equal(rc, 0);
        bulk_int(b, INT64_MIN);
        bulk_text(b, (struct str){none, 0});
        bulk_blob(b, (struct str){"\0\xff", 2});
        bulk_real(b, -0.125);
        assert_int_equal(bulk_row(b, err), 0);
        bulk_int(b, INT64_MAX);
        for (int i = 0; i < 3; i++)
                bulk_null(b);
        assert_int_equal(bulk_row(b, err), 0);
        assert_int_equal(bulk_close(b, err), 0);
        assert_int_equal(tx_query(&q, tx, err, "SELECT id, name, bytes, share FROM thing ORDER BY id", ""), 0);
        assert_int_equal(stmt_step(q, err), 1);
        assert_true(stmt_int(q, 0) == INT64_MIN && !stmt_null(q, 1) && stmt_text(q, 1).n == 0);
        assert_true(stmt_blob(q, 2).n == 2 && memcmp(stmt_blob(q, 2).p, "\0\xff", 2) == 0 && stmt_real(q, 3) == -0.125);
        assert_int_equal(stmt_step(q, err), 1);
        assert_true(stmt_int(q, 0) == INT64_MAX && stmt_null(q, 1) && stmt_null(q, 2) && stmt_null(q, 3));
        return 0;
}

static void test_a_bulk_keeps_values_as_they_are(void **state)
{
        struct store *s = with_things(state);
        struct error err = {0};

        assert_int_equal(store_write(s, bulk_fine, NULL, &err), 0);
        store_close(s);
}

/* --- leases and ids ------------------------------------------------------------------------------------------------------------------------ */

static int claim_homes(struct tx *tx, void *ctx, struct error *err)
{
        struct store_key keys[8];
        int rc = 0;

        (void)ctx;
        for (int64_t home = 3; rc == 0 && home >= 1; home--)
                for (int64_t id = 2; rc == 0 && id >= 1; id--)
                        rc = tx_exec(tx, err,
                                     "INSERT INTO outbox (home, id, target_home, topic, message_key, body, created_at, state, "
                                     "lease_until, attempts) VALUES (?1@int, ?2@int, 1, 't', 'k', '', 0, 'open', 0, 0)",
                                     "ii", home, id);
        assert_int_equal(rc, 0);
        assert_int_equal(store_claim(tx, keys, 8, "outbox", "open", "me", 5, 10, err), 6);
        for (int i = 0; i < 6; i++) {
                assert_int_equal(keys[i].home, 1 + i / 2);
                assert_int_equal(keys[i].id, 1 + i % 2);
        }
        assert_int_equal(store_claim(tx, keys, 8, "outbox", "open", "me", 9, 20, err), 0);
        return store_claim(tx, keys, 8, "nowhere", "open", "me", 5, 10, err);
}

static void test_leases_over_homes(void **state)
{
        struct store *s = with_things(state);
        struct error err = {0};

        assert_int_equal(store_write(s, claim_homes, NULL, &err), ERR);
        assert_int_equal(err.code, SB_STORE_SQL);
        store_close(s);
}

static int next_inside(struct tx *tx, void *ctx, struct error *err)
{
        int64_t id;

        (void)tx;
        return ids_next(ctx, &id, err);
}

static void test_ids_need_a_home_and_a_table(void **state)
{
        struct store_options options = {.create = true};
        struct ids *ids = NULL;
        struct store *s = NULL;
        struct error err = {0};
        char url[256];
        int64_t id;

        if (!test_store_url(*(enum test_engine *)*state, url))
                skip();
        assert_int_equal(store_open(&s, url, &options, &err), 0);
        assert_int_equal(ids_open(&ids, s, 0, 10, &err), ERR);
        assert_int_equal(err.code, SB_INTERNAL);
        assert_int_equal(ids_open(&ids, s, 1, 0, NULL), ERR);
        err = (struct error){0};
        assert_int_equal(ids_open(&ids, s, 1, 10, &err), 0); /* nothing was migrated */
        assert_int_equal(ids_next(ids, &id, &err), ERR);
        assert_int_equal(err.code, SB_STORE_SQL);
        err = (struct error){0};
        assert_int_equal(store_write(s, next_inside, ids, &err), ERR);
        assert_int_equal(err.code, SB_STORE_SQL);
        ids_close(ids);
        ids_close(NULL);
        store_close(s);
}

/* Sums against changes beside the programs: none before they are asked for. */
static void sum_told(void *ctx, const char *table, const char *what, int64_t expected, int64_t found)
{
        (void)table, (void)what, (void)expected, (void)found;
        (*(int *)ctx)++;
}

static const struct store_guard GUARD = {.key = "a key of thirty-two bytes, or so", .left_out = (const char *const[]){NULL}};

static int sums_checked(struct tx *tx, void *ctx, struct error *err)
{
        int told = 0;
        int rc = store_guard_check(tx, &GUARD, NULL, sum_told, &told, ctx, err);

        assert_int_equal(told, 0);
        return rc;
}

static int table_accepted(struct tx *tx, void *ctx, struct error *err)
{
        (void)ctx;
        return store_guard_accept(tx, "thing", err);
}

static void test_sums_are_kept_from_when_they_are_asked_for(void **state)
{
        struct store *s = with_things(state);
        struct error err = {0};
        bool kept = true;

        assert_int_equal(store_read(s, sums_checked, &kept, &err), 0);
        assert_false(kept);
        assert_int_equal(store_guard(s, &GUARD, &err), 0);
        assert_int_equal(store_write(s, table_accepted, NULL, &err), 0);
        assert_int_equal(store_read(s, sums_checked, &kept, &err), 0);
        assert_true(kept);
        store_close(s);
}

static void test_no_more_connections_than_there_may_be(void **state)
{
        struct store_options options = {.readers = 1000, .writers = 1000};
        struct store *s = NULL;
        struct error err = {0};
        char url[256];

        if (!test_store_url(*(enum test_engine *)*state, url))
                skip();
        store_close(test_store_open(url));
        assert_int_equal(store_open(&s, url, &options, &err), 0);
        assert_int_equal(store_write(s, things_make, NULL, &err), 0);
        assert_int_equal(things(s), 0);
        store_close(s);
}

static int ends_it(struct tx *tx, void *ctx, struct error *err)
{
        int rc = add_one(tx, 1, err);

        return rc ? rc : tx_exec(tx, err, ctx, "");
}

static void test_a_closure_may_not_end_its_transaction(void **state)
{
        struct store *s = with_things(state);
        struct error err = {0};

        assert_int_equal(store_write(s, ends_it, (void *)(uintptr_t) "ROLLBACK", &err), ERR);
        assert_int_equal(err.code, SB_INTERNAL);
        assert_int_equal(things(s), 0);
        store_close(s);
}

/* --- SQLite alone -------------------------------------------------------------------------------------------------------------------------- */

struct reader {
        struct store *s;
        int rc;
};

static void *read_many(void *ctx)
{
        struct reader *r = ctx;
        struct error err = {0};
        int64_t n;

        for (int i = 0; i < 50 && r->rc == 0; i++)
                r->rc = store_read(r->s, things_count, &n, &err);
        return NULL;
}

static void test_one_reader_serves_many(void **state)
{
        struct store_options options = {.readers = 1};
        struct reader r[4];
        pthread_t threads[4];
        struct store *s = NULL;
        struct error err = {0};
        char url[256];

        (void)state;
        assert_non_null(test_store_url(TEST_SQLITE, url));
        store_close(test_store_open(url));
        assert_int_equal(store_open(&s, url, &options, &err), 0);
        assert_int_equal(store_write(s, things_make, NULL, &err), 0);
        for (int i = 0; i < 4; i++) {
                r[i] = (struct reader){.s = s};
                assert_int_equal(pthread_create(&threads[i], NULL, read_many, &r[i]), 0);
        }
        for (int i = 0; i < 4; i++)
                pthread_join(threads[i], NULL);
        for (int i = 0; i < 4; i++) {
                assert_int_equal(r[i].rc, 0);
        }
        store_cut(s); /* there is nothing to cut */
        assert_int_equal(things(s), 0);
        store_close(s);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(test_values_of_all_kinds),
            TEST_ON_BOTH(test_parameters_that_are_not_there),
            TEST_ON_BOTH(test_a_value_of_another_type_is_refused),
            TEST_ON_BOTH(test_words_of_the_subset),
            TEST_ON_BOTH(test_closures_that_forget),
            TEST_ON_BOTH(test_bulks_that_cannot_be),
            TEST_ON_BOTH(test_bulks_that_go_wrong),
            TEST_ON_BOTH(test_a_bulk_keeps_values_as_they_are),
            TEST_ON_BOTH(test_sums_are_kept_from_when_they_are_asked_for),
            TEST_ON_BOTH(test_no_more_connections_than_there_may_be),
            TEST_ON_BOTH(test_leases_over_homes),
            TEST_ON_BOTH(test_ids_need_a_home_and_a_table),
            TEST_ON_BOTH(test_a_closure_may_not_end_its_transaction),
            TEST_ON_SQLITE(test_one_reader_serves_many),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
