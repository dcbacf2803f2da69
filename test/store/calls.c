/* SPDX-License-Identifier: Apache-2.0
 *
 * Calls of the store as a caller in a hurry makes them: values without an end, statements bound anew or used after a failure, bulks that
 * nobody closes, closures that end what is not theirs while others stand in the same group. What was asked wrongly is refused; nobody
 * else feels it.
 */
#include "support/pg.h"
#include "testing.h"
#include "things.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static struct store *with_things(void **state)
{
        struct store_options options = {.create = true};
        struct store *s = NULL;
        struct error err = {0};
        char url[256];

        if (!test_store_url(*(enum test_engine *)*state, url))
                skip();
        assert_ok(store_open(&s, url, &options, &err), err);
        assert_ok(store_write(s, things_make, NULL, &err), err);
        return s;
}

static int add_one(struct tx *tx, int64_t id, struct error *err)
{
        return tx_exec(tx, err, "INSERT INTO thing (id) VALUES (?1@int)", "i", id);
}

static int add(struct tx *tx, void *ctx, struct error *err)
{
        return add_one(tx, *(int64_t *)ctx, err);
}

/* --- values and statements ---------------------------------------------------------------------------------------------------------- */

static int too_large(struct tx *tx, void *ctx, struct error *err)
{
        struct str v = {"x", (size_t)INT32_MAX / 2 + 1};
        struct stmt *q;
        int rc = tx_prepare(&q, tx, "INSERT INTO thing (id, name, bytes) VALUES (1, ?1@text, ?2@blob)", err);

        assert_int_equal(rc, 0);
        if (*(bool *)ctx)
                stmt_bind_text(q, 1, v);
        else
                stmt_bind_blob(q, 2, v);
        return stmt_step(q, err);
}

static void test_a_value_of_more_than_a_gigabyte(void **state)
{
        struct store *s = with_things(state);

        for (int text = 0; text < 2; text++) {
                bool which = text == 1;
                struct error err = {0};
                assert_error(store_write(s, too_large, &which, &err), err, SB_STORE_SQL);
        }
        assert_int_equal(things(s), 0);
        store_close(s);
}

static int bulk_too_large(struct tx *tx, void *ctx, struct error *err)
{
        size_t n = (size_t)65 << 20;
        char *large = calloc(1, n);
        struct bulk *b = NULL;

        (void)ctx;
        assert_non_null(large);
        assert_int_equal(bulk_open(&b, tx, "thing", "id@int, name@text", err), 0);
        bulk_int(b, 1);
        bulk_text(b, (struct str){large, n});
        int rc = bulk_row(b, err);
        int closed = bulk_close(b, err);
        free(large);
        assert_int_equal(closed, rc);
        return 0; /* forgetting it does not help */
}

static void test_a_row_of_a_bulk_has_an_end(void **state)
{
        struct store *s = with_things(state);
        struct error err = {0};

        assert_error(store_write(s, bulk_too_large, NULL, &err), err, SB_LIMIT);
        assert_int_equal(things(s), 0);
        store_close(s);
}

static int bound_anew(struct tx *tx, void *ctx, struct error *err)
{
        struct stmt *q;

        (void)ctx;
        assert_int_equal(tx_prepare(&q, tx, "INSERT INTO thing (id) VALUES (?1@int)", err), 0);
        for (int64_t id = 1; id <= 3; id++) { /* without a reset between them */
                stmt_bind_int(q, 1, id);
                assert_int_equal(stmt_step(q, err), 0);
                assert_int_equal(stmt_changed(q), 1);
        }
        assert_int_equal(tx_prepare(&q, tx, "SELECT id FROM thing WHERE id >= ?1@int ORDER BY id", err), 0);
        stmt_bind_int(q, 1, 1);
        assert_int_equal(stmt_step(q, err), 1);
        assert_int_equal(stmt_int(q, 0), 1);
        stmt_bind_int(q, 1, 3); /* in the middle of its rows */
        assert_int_equal(stmt_step(q, err), 1);
        assert_int_equal(stmt_int(q, 0), 3);
        assert_int_equal(stmt_step(q, err), 0);
        return 0;
}

static void test_binding_begins_anew(void **state)
{
        struct store *s = with_things(state);
        struct error err = {0};

        assert_ok(store_write(s, bound_anew, NULL, &err), err);
        assert_int_equal(things(s), 3);
        store_close(s);
}

static int used_after_a_failure(struct tx *tx, void *ctx, struct error *err)
{
        struct stmt *q;
        struct error mine = {0}, later = {0};
        int64_t changed = -1;

        (void)ctx;
        assert_int_equal(tx_query(&q, tx, err, "SELECT id FROM thing", ""), 0);
        assert_int_equal(add_one(tx, 1, err), 0);
        assert_int_equal(tx_exec_changed(tx, &changed, &mine, "INSERT INTO thing (id) VALUES (1)", ""), ERR);
        assert_int_equal(mine.code, SB_STORE_UNIQUE);
        assert_int_equal(stmt_step(q, &later), ERR); /* and says why */
        assert_int_equal(later.code, SB_STORE_UNIQUE);
        assert_int_equal(stmt_step(q, NULL), ERR);
        assert_int_equal(store_month(tx, "thing", 24300, NULL), store_is_postgresql(ctx) ? ERR : 0);
        return 0;
}

static void test_nothing_goes_on_after_a_failure(void **state)
{
        struct store *s = with_things(state);
        struct error err = {0};

        assert_error(store_write(s, used_after_a_failure, s, &err), err, SB_STORE_UNIQUE);
        assert_int_equal(things(s), 0);
        store_close(s);
}

static int returning(struct tx *tx, void *ctx, struct error *err)
{
        int64_t changed = -1;

        (void)ctx;
        assert_int_equal(tx_exec(tx, err, "INSERT INTO thing (id) VALUES (1), (2) RETURNING id", ""), 0);
        assert_int_equal(tx_exec_changed(tx, &changed, err, "UPDATE thing SET name = 'x' RETURNING id", ""), 0);
        assert_int_equal(changed, 2);
        assert_int_equal(tx_exec_changed(tx, &changed, err, "SELECT id FROM thing", ""), 0);
        assert_int_equal(changed, 0);
        return 0;
}

static void test_rows_that_nobody_wants_are_passed_over(void **state)
{
        struct store *s = with_things(state);
        struct error err = {0};

        assert_ok(store_write(s, returning, NULL, &err), err);
        assert_int_equal(things(s), 2);
        store_close(s);
}

static int run_one(struct tx *tx, void *ctx, struct error *err)
{
        return tx_exec(tx, err, ctx, "");
}

static void test_what_is_no_statement(void **state)
{
        static const char *const bad[] = {"- 1", "-", "CREATE", "SELECT point(1, 2)"};
        struct store *s = with_things(state);

        for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
                struct error err = {0};
                if (k == 3 && !store_is_postgresql(s)) /* a type that the subset does not have */
                        continue;
                assert_error(store_write(s, run_one, (void *)(uintptr_t)bad[k], &err), err, SB_STORE_SQL);
        }
        store_close(s);
}

static void test_a_statement_of_nothing(void **state)
{
        static const char *const bad[] = {"", "  ", "-- nothing but a word"};
        struct store *s = with_things(state);

        for (size_t k = 0; k < sizeof bad / sizeof *bad; k++) {
                struct error err = {0};
                assert_error(store_write(s, run_one, (void *)(uintptr_t)bad[k], &err), err, SB_STORE_SQL);
        }
        store_close(s);
}

static void test_rules_of_a_table(void **state)
{
        static const struct {
                const char *sql;
                enum error_code code;
        } cases[] = {
            {"INSERT INTO ruled (id, name, n) VALUES (1, 'b', 1)", SB_STORE_UNIQUE},      /* the key */
            {"INSERT INTO ruled (id, name, n) VALUES (2, 'a', 1)", SB_STORE_UNIQUE},      /* an index */
            {"INSERT INTO ruled (id, name, n) VALUES (2, NULL, 1)", SB_STORE_CONSTRAINT}, /* a value must be there */
            {"INSERT INTO ruled (id, name, n) VALUES (2, 'b', -1)", SB_STORE_CONSTRAINT}, /* and be so */
        };
        struct store *s = with_things(state);
        struct error err = {0};

        assert_ok(
            store_write(s, run_one,
                        (void *)(uintptr_t) "CREATE TABLE ruled (id @int NOT NULL, name @text NOT NULL, n @int NOT NULL CHECK "
                                            "(n > 0), PRIMARY KEY (id)) @table",
                        &err),
            err);
        assert_ok(store_write(s, run_one, (void *)(uintptr_t) "CREATE UNIQUE INDEX ruled_name ON ruled (name)", &err), err);
        assert_ok(store_write(s, run_one, (void *)(uintptr_t) "INSERT INTO ruled (id, name, n) VALUES (1, 'a', 1)", &err), err);
        for (size_t k = 0; k < sizeof cases / sizeof *cases; k++)
                assert_error(store_write(s, run_one, (void *)(uintptr_t)cases[k].sql, &err), err, cases[k].code);
        /* What went wrong before is not written over. */
        error_raise(&err, SB_OVERFLOW, "%s", "before");
        assert_int_equal(store_write(s, run_one, (void *)(uintptr_t)cases[0].sql, &err), ERR);
        assert_int_equal(err.code, SB_OVERFLOW);
        store_close(s);
}

struct starting {
        pthread_barrier_t *all;
        const char *url;
        struct clock *clock;
        int rc, number;
        struct error err;
};

static void *start(void *ctx)
{
        struct starting *x = ctx;
        struct store_options options = {.create = true, .busy_ms = 60000};
        struct store *s = NULL;

        pthread_barrier_wait(x->all);
        x->rc = store_open(&s, x->url, &options, &x->err);
        if (x->rc == 0)
                x->rc = store_migrate(s, x->clock, &x->err);
        if (x->rc == 0)
                x->rc = store_migrated(s, &x->number, &x->err);
        store_close(s);
        return NULL;
}

static void test_programs_that_migrate_at_once(void **state)
{
        enum { PROGRAMS = 3 };
        struct starting x[PROGRAMS];
        pthread_t threads[PROGRAMS];
        pthread_barrier_t all;
        char url[256];

        if (!test_store_url(*(enum test_engine *)*state, url))
                skip();
        pthread_barrier_init(&all, NULL, PROGRAMS);
        for (int i = 0; i < PROGRAMS; i++) {
                x[i] = (struct starting){.all = &all, .url = url, .clock = clock_system()};
                assert_int_equal(pthread_create(&threads[i], NULL, start, &x[i]), 0);
        }
        for (int i = 0; i < PROGRAMS; i++)
                pthread_join(threads[i], NULL);
        for (int i = 0; i < PROGRAMS; i++) {
                clock_free(x[i].clock);
                assert_ok(x[i].rc, x[i].err);
                assert_int_equal(x[i].number, store_known());
        }
        pthread_barrier_destroy(&all);
}

static int one_month(struct tx *tx, void *ctx, struct error *err)
{
        (void)store_month(tx, ctx, 24300, err);
        return 0;
}

static void test_a_month_for_a_table_that_has_none(void **state)
{
        struct store *s = with_things(state);
        struct error err = {0};

        if (store_is_postgresql(s)) /* the failure counts, whatever the closure says */
                assert_error(store_write(s, one_month, (void *)(uintptr_t) "thing", &err), err, SB_STORE_SQL);
        else
                assert_ok(store_write(s, one_month, (void *)(uintptr_t) "thing", &err), err);
        store_close(s);
}

/* --- bulks and leases ---------------------------------------------------------------------------------------------------------------- */

struct left {
        struct bulk *b;
        bool fails;
};

static int leaves_it_open(struct tx *tx, void *ctx, struct error *err)
{
        struct left *l = ctx;

        assert_int_equal(bulk_open(&l->b, tx, "thing", "id@int", err), 0);
        bulk_int(l->b, 1);
        int rc = bulk_row(l->b, err);
        return l->fails ? error_raise(err, SB_OVERFLOW, "%s", "on purpose") : rc;
}

static void test_a_bulk_that_nobody_closes(void **state)
{
        struct store *s = with_things(state);
        struct error err = {0};
        int64_t id = 2;

        for (int fails = 0; fails < 2; fails++) {
                struct left l = {.fails = fails == 1};
                assert_error(store_write(s, leaves_it_open, &l, &err), err, l.fails ? SB_OVERFLOW : SB_INTERNAL);
                (void)bulk_close(l.b, NULL); /* too late */
                assert_int_equal(things(s), 0);
        }
        assert_ok(store_write(s, add, &id, &err), err); /* the store goes on */
        assert_int_equal(things(s), 1);
        store_close(s);
}

struct words {
        const char *table, *columns;
};

static int bulk_of(struct tx *tx, void *ctx, struct error *err)
{
        const struct words *w = ctx;
        struct bulk *b = NULL;

        return bulk_open(&b, tx, w->table, w->columns, err);
}

static void test_names_without_an_end(void **state)
{
        enum { LONG = 70000 };
        struct store *s = with_things(state);
        struct error err = {0};
        char *name = malloc(LONG + 5);

        assert_non_null(name);
        memset(name, 'n', LONG);
        memcpy(name + LONG, "@int", 5);
        struct words columns = {"thing", name}, table = {name, "id@int"};
        assert_error(store_write(s, bulk_of, &columns, &err), err, SB_LIMIT);
        assert_error(store_write(s, bulk_of, &table, &err), err, SB_LIMIT);
        free(name);
        store_close(s);
}

static int claims(struct tx *tx, void *ctx, struct error *err)
{
        struct store_key key;
        char word[16];

        (void)ctx;
        int rc = tx_exec(tx, err,
                         "CREATE TABLE job (home @int NOT NULL, id @int NOT NULL, state @text NOT NULL, lease_owner @text, "
                         "lease_until @int NOT NULL, PRIMARY KEY (home, id)) @table",
                         "");
        for (int64_t i = 0; rc == 0 && i < 100; i++)
                rc = tx_exec(tx, err, "INSERT INTO job (home, id, state, lease_until) VALUES (1, ?1@int, ?2@text, 0)", "it", i,
                             text_format(word, sizeof word, "s_%c%c", (char)('a' + i / 10), (char)('a' + i % 10)));
        assert_int_equal(rc, 0);
        for (int round = 0; round < 2; round++)
                for (int i = 0; i < 100; i++) { /* as many statements as states */
                        text_format(word, sizeof word, "s_%c%c", (char)('a' + i / 10), (char)('a' + i % 10));
                        assert_int_equal(store_claim(tx, &key, 1, "job", word, "me", 5 + round * 10, 10 + round * 10, err), 1);
                        assert_int_equal(key.id, i);
                }
        return 0;
}

static void test_leases_of_many_states(void **state)
{
        struct store *s = with_things(state);
        struct error err = {0};

        assert_ok(store_write(s, claims, NULL, &err), err);
        store_close(s);
}

static void test_a_reader_that_ends_its_transaction(void **state)
{
        struct store *s = with_things(state);
        struct error err = {0};
        int64_t id = 1;

        for (int i = 0; i < 10; i++) /* each connection */
                assert_ok(store_read(s, run_one, (void *)(uintptr_t) "COMMIT", &err), err);
        assert_error(store_read(s, add, &id, &err), err, SB_STORE_READONLY);
        assert_int_equal(things(s), 0);
        store_close(s);
}

static int sync_is(struct tx *tx, void *ctx, struct error *err)
{
        struct stmt *q;
        const char *ask = store_is_postgresql(ctx) ? "SELECT current_setting('synchronous_commit')" : "PRAGMA synchronous";

        assert_int_equal(tx_one(&q, tx, err, ask, ""), 1);
        assert_true(str_is(stmt_text(q, 0), store_is_postgresql(ctx) ? "off" : "0"));
        return add_one(tx, 1, err);
}

/* A database that is thrown away when loading fails need not be safe. */
static void test_loading_fast(void **state)
{
        struct store_options options = {.create = true, .fast_load = true};
        struct store *s = NULL;
        struct error err = {0};
        char url[256];

        if (!test_store_url(*(enum test_engine *)*state, url))
                skip();
        assert_ok(store_open(&s, url, &options, &err), err);
        assert_ok(store_write(s, things_make, NULL, &err), err);
        assert_ok(store_write(s, sync_is, s, &err), err);
        assert_int_equal(things(s), 1);
        store_close(s);
}

/* --- closures of a group ------------------------------------------------------------------------------------------------------------- */

enum { MEMBERS = 8, ROUNDS = 6 };

struct member {
        struct store *s;
        pthread_barrier_t *all;
        const char *ends; /* what it has no business to say; NULL nothing */
        int64_t id;
        int calls, rc;
        bool slow;
        struct error err;
};

static int as_member(struct tx *tx, void *ctx, struct error *err)
{
        struct member *m = ctx;
        int rc = add_one(tx, m->id, err);

        m->calls++;
        if (m->slow) /* the others come meanwhile */
                nanosleep(&(struct timespec){.tv_nsec = 4000000}, NULL);
        return rc == 0 && m->ends != NULL ? tx_exec(tx, err, m->ends, "") : rc;
}

static void *member_run(void *ctx)
{
        struct member *m = ctx;

        pthread_barrier_wait(m->all);
        if (m->id % 100 != 0)
                nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
        m->rc = store_write(m->s, as_member, m, &m->err);
        return NULL;
}

static void test_who_ends_the_transaction_of_a_group(void **state)
{
        static const char *const ends[ROUNDS] = {NULL, "ROLLBACK", "RELEASE job", "ROLLBACK", "RELEASE job", NULL};
        struct store *s = with_things(state);
        int64_t good = 0;

        for (int round = 0; round < ROUNDS; round++) {
                struct member m[MEMBERS];
                pthread_t threads[MEMBERS];
                pthread_barrier_t all;
                pthread_barrier_init(&all, NULL, MEMBERS);
                for (int i = 0; i < MEMBERS; i++) {
                        m[i] = (struct member){.s = s, .all = &all, .id = round * 100 + i};
                        m[i].slow = i == 0 || round == ROUNDS - 1; /* the last do not all fit in one group */
                        m[i].ends = i == MEMBERS / 2 ? ends[round] : NULL;
                        assert_int_equal(pthread_create(&threads[i], NULL, member_run, &m[i]), 0);
                }
                for (int i = 0; i < MEMBERS; i++)
                        pthread_join(threads[i], NULL);
                for (int i = 0; i < MEMBERS; i++) {
                        if (m[i].ends == NULL) {
                                assert_ok(m[i].rc, m[i].err); /* it may have come twice */
                                good++;
                        } else {
                                assert_int_equal(m[i].rc, ERR);
                                assert_int_equal(m[i].err.code, ends[round][1] == 'O' ? SB_INTERNAL : SB_STORE_SQL);
                        }
                }
                assert_int_equal(things(s), good);
                pthread_barrier_destroy(&all);
        }
        store_close(s);
}

static int cuts(struct tx *tx, void *ctx, struct error *err)
{
        int rc = add_one(tx, 1, err);

        store_cut(ctx); /* those that are idle, not this one */
        return rc ? rc : add_one(tx, 2, err);
}

static void test_who_works_is_not_cut(void **state)
{
        struct store *s = with_things(state);
        struct error err = {0};

        assert_int_equal(things(s), 0); /* now there are connections of both kinds */
        assert_ok(store_write(s, cuts, s, &err), err);
        assert_int_equal(things(s), 2);
        store_close(s);
}

/* --- addresses ------------------------------------------------------------------------------------------------------------------------ */

static void test_the_other_name_of_postgresql(void **state)
{
        struct store *s = NULL;
        struct error err = {0};

        (void)state;
        assert_error(store_open(&s, "postgres://nobody@/x?host=/nowhere", NULL, &err), err, SB_STORE_OPEN);
        assert_error(store_open(&s, "postgresql://nobody@/x?nonsense=1", NULL, &err), err, SB_STORE_URL);
        assert_null(s);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(test_a_value_of_more_than_a_gigabyte),
            TEST_ON_BOTH(test_a_row_of_a_bulk_has_an_end),
            TEST_ON_BOTH(test_binding_begins_anew),
            TEST_ON_BOTH(test_nothing_goes_on_after_a_failure),
            TEST_ON_BOTH(test_rows_that_nobody_wants_are_passed_over),
            TEST_ON_BOTH(test_what_is_no_statement),
            TEST_ON_SQLITE(test_a_statement_of_nothing),
            TEST_ON_BOTH(test_rules_of_a_table),
            TEST_ON_BOTH(test_programs_that_migrate_at_once),
            TEST_ON_BOTH(test_a_month_for_a_table_that_has_none),
            TEST_ON_BOTH(test_a_bulk_that_nobody_closes),
            TEST_ON_BOTH(test_names_without_an_end),
            TEST_ON_BOTH(test_leases_of_many_states),
            TEST_ON_SQLITE(test_a_reader_that_ends_its_transaction),
            TEST_ON_BOTH(test_loading_fast),
            TEST_ON_SQLITE(test_who_ends_the_transaction_of_a_group),
            TEST_ON_BOTH(test_who_works_is_not_cut),
            cmocka_unit_test(test_the_other_name_of_postgresql),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
