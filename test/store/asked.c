/* SPDX-License-Identifier: Apache-2.0
 *
 * Questions that are set out together and read later: in whatever order they are read, each gets its own rows as of when it was asked; a
 * failure among what is on its way is the transaction's, whoever reads first, and leaves nothing.
 */
#include "support/pg.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ADD "INSERT INTO thing (id, name) VALUES (?1@int, ?2@text)"
#define COUNT "SELECT COUNT(*) FROM thing"
#define UP_TO "SELECT id, name FROM thing WHERE id <= ?1@int ORDER BY id"

static int make(struct tx *tx, void *ctx, struct error *err)
{
        int rc = tx_exec(tx, err, "CREATE TABLE thing (id @int NOT NULL, name @text NOT NULL, PRIMARY KEY (id)) @table", "");

        (void)ctx;
        for (int64_t i = 1; rc == 0 && i <= 5; i++)
                rc = tx_exec(tx, err, ADD, "it", i, i == 3 ? "three" : "some");
        return rc;
}

static struct store *with_things(void **state)
{
        struct error err = {0};
        char url[256];

        if (!test_store_url(*(enum test_engine *)*state, url))
                skip();
        struct store *s = test_store_open(url);
        assert_int_equal(store_write(s, make, NULL, &err), 0);
        return s;
}

static int count(struct tx *tx, void *ctx, struct error *err)
{
        struct stmt *q;
        int rc = tx_one(&q, tx, err, COUNT, "");

        *(int64_t *)ctx = rc == 1 ? stmt_int(q, 0) : -1;
        return rc < 0 ? rc : 0;
}

static int64_t things(struct store *s)
{
        struct error err = {0};
        int64_t n = -1;

        assert_int_equal(store_read(s, count, &n, &err), 0);
        return n;
}

static int in_any_order(struct tx *tx, void *ctx, struct error *err)
{
        struct stmt *rows, *number, *none;
        int64_t sum = 0;

        (void)ctx;
        assert_int_equal(tx_exec(tx, err, ADD, "it", (int64_t)6, "six"), 0);
        assert_int_equal(tx_ask(&rows, tx, err, UP_TO, "i", (int64_t)3), 0);
        assert_int_equal(tx_ask(&none, tx, err, "SELECT 1 FROM thing WHERE id = ?1@int", "i", (int64_t)99), 0);
        assert_int_equal(tx_ask(&number, tx, err, COUNT, ""), 0);
        assert_int_equal(tx_exec(tx, err, ADD, "it", (int64_t)7, "seven"), 0);
        assert_int_equal(stmt_step(number, err), 1);
        assert_int_equal(stmt_int(number, 0), 6); /* what came before it, not what came after */
        assert_int_equal(stmt_step(number, err), 0);
        assert_int_equal(stmt_step(none, err), 0);
        for (int k = 1; k <= 3; k++) {
                assert_int_equal(stmt_step(rows, err), 1);
                sum += stmt_int(rows, 0);
                assert_int_equal(str_is(stmt_text(rows, 1), "three"), k == 3);
        }
        assert_int_equal(stmt_step(rows, err), 0);
        assert_int_equal(sum, 6);
        return 0;
}

static void test_each_gets_its_own_rows(void **state)
{
        struct store *s = with_things(state);
        struct error err = {0};

        assert_int_equal(store_write(s, in_any_order, NULL, &err), 0);
        assert_int_equal(things(s), 7);
        store_close(s);
}

static int asked_anew(struct tx *tx, void *ctx, struct error *err)
{
        struct stmt *q, *again;

        (void)ctx;
        /* The same statement: the later question counts, whether the first was read, half read or not at all. */
        for (int read = 0; read < 3; read++) {
                assert_int_equal(tx_ask(&q, tx, err, UP_TO, "i", (int64_t)4), 0);
                for (int k = 0; k < read; k++)
                        assert_int_equal(stmt_step(q, err), 1);
                assert_int_equal(tx_ask(&again, tx, err, UP_TO, "i", (int64_t)1), 0);
                assert_int_equal(stmt_step(again, err), 1);
                assert_int_equal(stmt_int(again, 0), 1);
                assert_int_equal(stmt_step(again, err), 0);
        }
        /* Given up by a reset, and by the end of the transaction. */
        assert_int_equal(tx_ask(&q, tx, err, UP_TO, "i", (int64_t)5), 0);
        stmt_reset(q);
        stmt_bind_int(q, 1, 2);
        assert_int_equal(stmt_step(q, err), 1);
        assert_int_equal(stmt_step(q, err), 1);
        assert_int_equal(stmt_step(q, err), 0);
        for (int k = 0; k < 200; k++) /* more than are kept on their way */
                assert_int_equal(tx_ask(&q, tx, err, COUNT, ""), 0);
        return 0;
}

static void test_asked_again(void **state)
{
        struct store *s = with_things(state);
        struct error err = {0};

        assert_int_equal(store_write(s, asked_anew, NULL, &err), 0);
        assert_int_equal(store_read(s, asked_anew, NULL, &err), 0);
        assert_int_equal(things(s), 5);
        store_close(s);
}

struct failing {
        int place; /* of the row that is there already: before the first question, between two, behind both */
        bool look;
};

static int fails_between(struct tx *tx, void *ctx, struct error *err)
{
        const struct failing *f = ctx;
        struct stmt *first = NULL, *second = NULL;
        int rc = tx_exec(tx, err, ADD, "it", (int64_t)10, "ten");

        if (rc == 0 && f->place == 0)
                rc = tx_exec(tx, err, ADD, "it", (int64_t)1, "twice");
        if (rc == 0)
                rc = tx_ask(&first, tx, err, COUNT, "");
        if (rc == 0 && f->place == 1)
                rc = tx_exec(tx, err, ADD, "it", (int64_t)1, "twice");
        if (rc == 0)
                rc = tx_ask(&second, tx, err, UP_TO, "i", (int64_t)2);
        if (rc == 0 && f->place == 2)
                rc = tx_exec(tx, err, ADD, "it", (int64_t)1, "twice");
        if (rc == 0 && f->look)
                rc = stmt_step(second, err);
        if (rc == 1) /* SQLite has failed before */
                fail();
        return rc < 0 ? rc : tx_exec(tx, err, ADD, "it", (int64_t)11, "eleven");
}

static void test_a_failure_in_the_middle(void **state)
{
        struct store *s = with_things(state);

        for (int k = 0; k < 6; k++) {
                struct failing f = {.place = k / 2, .look = k % 2 == 0};
                struct error err = {0};
                assert_int_equal(store_write(s, fails_between, &f, &err), ERR);
                assert_int_equal(err.code, SB_STORE_UNIQUE);
                assert_non_null(strstr(err.args, "thing"));
                assert_int_equal(things(s), 5);
        }
        store_close(s);
}

struct cut {
        int calls, cuts;
};

static int cut_between(struct tx *tx, void *ctx, struct error *err)
{
        struct cut *c = ctx;
        struct stmt *number, *rows;
        int rc = tx_exec(tx, err, ADD, "it", (int64_t)20, "twenty");

        rc = rc ? rc : tx_ask(&number, tx, err, COUNT, "");
        if (rc == 0 && c->calls++ < c->cuts)
                rc = tx_exec(tx, err, "SELECT pg_terminate_backend(pg_backend_pid())", "");
        rc = rc ? rc : tx_ask(&rows, tx, err, UP_TO, "i", (int64_t)2);
        rc = rc ? rc : stmt_step(number, err);
        if (rc == 1) {
                assert_int_equal(stmt_int(number, 0), 6);
                rc = stmt_step(rows, err);
        }
        return rc < 0 ? rc : 0;
}

static void test_a_connection_lost_in_the_middle(void **state)
{
        enum test_engine postgresql = TEST_POSTGRESQL;
        void *engine = &postgresql;
        struct store *s = with_things(&engine);
        struct cut c = {.cuts = 2};
        struct error err = {0};

        (void)state;
        assert_int_equal(store_write(s, cut_between, &c, &err), 0);
        assert_int_equal(c.calls, 3);
        assert_int_equal(things(s), 6);
        store_close(s);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(test_each_gets_its_own_rows),
            TEST_ON_BOTH(test_asked_again),
            TEST_ON_BOTH(test_a_failure_in_the_middle),
            cmocka_unit_test(test_a_connection_lost_in_the_middle),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
