/* SPDX-License-Identifier: Apache-2.0
 *
 * The disk on which things go wrong does what it says, and SQLite under the store survives it: a power failure at each single write,
 * cut and sync of a piece of work; errors of reading, writing and syncing; a full disk.
 */
#include "store/fault.h"
#include "store/store.h"
#include "testing.h"

#include <string.h>

enum { ROWS = 12, BIG = 30000 };

static struct store *opened(struct disk *d, bool careless)
{
        struct store_options o = {.create = true, .fast_load = careless, .vfs = disk_vfs(d), .attempts = 1};
        struct error err = {0};
        struct store *s = NULL;

        assert_ok(store_open(&s, disk_url(d), &o, &err), err);
        return s;
}

static int make(struct tx *tx, void *ctx, struct error *err)
{
        (void)ctx;
        int rc = tx_exec(tx, err, "CREATE TABLE thing (id @int NOT NULL, body @text NOT NULL, PRIMARY KEY (id)) @table", "");
        return rc ? rc : tx_exec(tx, err, "CREATE TABLE twin (id @int NOT NULL, PRIMARY KEY (id)) @table", "");
}

static int add(struct tx *tx, void *ctx, struct error *err)
{
        static char body[BIG + 1];
        int64_t id = *(const int64_t *)ctx;

        memset(body, 'a' + (int)(id % 26), BIG);
        int rc = tx_exec(tx, err, "INSERT INTO thing (id, body) VALUES (?1@int, ?2@text)", "it", id, body);
        return rc ? rc : tx_exec(tx, err, "INSERT INTO twin (id) VALUES (?1@int)", "i", id);
}

struct found {
        int64_t rows, last, twins, whole;
        bool sound;
};

static int look(struct tx *tx, void *ctx, struct error *err)
{
        struct found *f = ctx;
        struct stmt *q;
        int rc = tx_one(&q, tx, err,
                        "SELECT (SELECT COUNT(*) FROM thing), (SELECT COALESCE(MAX(id), 0) FROM thing), (SELECT COUNT(*) FROM "
                        "twin), (SELECT COUNT(*) FROM thing WHERE LENGTH(body) = 30000)",
                        "");

        if (rc == 1) {
                *f = (struct found){stmt_int(q, 0), stmt_int(q, 1), stmt_int(q, 2), stmt_int(q, 3), false};
                rc = tx_one(&q, tx, err, "SELECT integrity_check FROM pragma_integrity_check", "");
                f->sound = rc == 1 && str_is(stmt_text(q, 0), "ok");
        }
        return rc < 0 ? rc : 0;
}

static struct found seen(struct store *s)
{
        struct found f = {0};
        struct error err = {0};

        assert_ok(store_read(s, look, &f, &err), err);
        return f;
}

static struct disk *fresh(uint64_t seed)
{
        struct error err = {0};
        struct disk *d = NULL;

        assert_ok(disk_new(&d, NULL, seed, &err), err);
        struct store *s = opened(d, false);
        assert_ok(store_write(s, make, NULL, &err), err);
        store_close(s);
        return d;
}

static void what_is_written_stays_and_is_copied(void **state)
{
        struct disk *d = fresh(1), *copy = NULL;
        struct error err = {0};
        struct store *s = opened(d, false);

        (void)state;
        for (int64_t id = 1; id <= ROWS; id++)
                assert_ok(store_write(s, add, &id, &err), err);
        store_close(s);
        assert_ok(disk_new(&copy, d, 2, &err), err);
        disk_free(d);
        s = opened(copy, false);
        struct found f = seen(s);
        assert_int_equal(f.rows, ROWS);
        assert_int_equal(f.whole, ROWS);
        assert_true(f.sound);
        store_close(s);
        disk_free(copy);
}

/* Rows until the power fails; answers how many were acknowledged. */
static int64_t until_it_fails(struct store *s, int64_t from)
{
        int64_t good = from - 1;

        for (int64_t id = from; id < from + ROWS; id++) {
                struct error err = {0};
                if (store_write(s, add, &id, &err) != 0)
                        break;
                good = id;
        }
        return good;
}

static void the_power_fails_at_each_operation(void **state)
{
        struct disk *image = fresh(3);
        int64_t ends = 0, kept = 0;

        (void)state;
        for (int64_t nth = 1; ends < 8; nth++) {
                struct error err = {0};
                struct disk *d = NULL;
                assert_ok(disk_new(&d, image, (uint64_t)nth, &err), err);
                struct store *s = opened(d, false);
                disk_fail(d, DISK_POWER, nth, 1);
                int64_t good = until_it_fails(s, 1);
                bool down = disk_down(d);
                ends += !down;
                store_close(s);
                disk_restart(d);
                s = opened(d, false);
                struct found f = seen(s);
                /* What was acknowledged is there; of what was under way all or nothing. */
                assert_true(f.rows == good || (down && f.rows == good + 1));
                assert_int_equal(f.last, f.rows);
                assert_int_equal(f.twins, f.rows);
                assert_int_equal(f.whole, f.rows);
                assert_true(f.sound);
                kept += f.rows == good + 1;
                int64_t id = f.rows + 1;
                assert_ok(store_write(s, add, &id, &err), err);
                store_close(s);
                disk_free(d);
        }
        assert_true(kept > 0); /* both happen */
        disk_free(image);
}

/* Who does not sync loses: else the disk would be no test of those who do. */
static void who_does_not_sync_loses(void **state)
{
        int lost = 0;

        (void)state;
        for (uint64_t seed = 1; seed <= 20; seed++) {
                struct disk *d = fresh(seed);
                struct error err = {0};
                struct store_options o = {.vfs = disk_vfs(d), .attempts = 1};
                struct store *s = opened(d, true);
                struct found f = {0};
                assert_int_equal(until_it_fails(s, 1), ROWS);
                disk_power_off(d);
                store_close(s);
                disk_restart(d);
                s = NULL;
                if (store_open(&s, disk_url(d), &o, &err) == 0 && store_read(s, look, &f, &err) == 0)
                        lost += f.rows < ROWS;
                else
                        lost++;
                store_close(s);
                disk_free(d);
        }
        assert_true(lost > 5);
}

static void errors_pass(void **state)
{
        static const enum disk_fault kinds[] = {DISK_WRITE, DISK_SHORT, DISK_FULL, DISK_SYNC};
        struct disk *image = fresh(4);

        (void)state;
        for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++) {
                int hits = 0;
                for (int64_t nth = 1; nth <= 24; nth++) {
                        struct error err = {0};
                        struct disk *d = NULL;
                        assert_ok(disk_new(&d, image, (uint64_t)nth, &err), err);
                        struct store *s = opened(d, false);
                        disk_fail(d, kinds[k], nth, 2);
                        int64_t good = until_it_fails(s, 1);
                        hits += disk_failed(d) > 0;
                        disk_heal(d);
                        /* The same store goes on: nothing was half done. */
                        struct found f = seen(s);
                        assert_int_equal(f.rows, good);
                        assert_int_equal(f.twins, good);
                        assert_int_equal(until_it_fails(s, good + 1), good + ROWS);
                        f = seen(s);
                        assert_int_equal(f.rows, good + ROWS);
                        assert_true(f.sound);
                        store_close(s);
                        disk_free(d);
                }
                assert_true(hits > 10);
        }
        disk_free(image);
}

static void a_full_disk_says_so(void **state)
{
        struct disk *d = fresh(5);
        struct store *s = opened(d, false);
        struct error err = {0};
        int64_t id = 1;

        (void)state;
        disk_fail(d, DISK_FULL, 1, 1000);
        assert_int_equal(store_write(s, add, &id, &err), ERR);
        assert_int_equal(err.code, SB_STORE_FULL);
        err = (struct error){0};
        disk_fail(d, DISK_SYNC, 1, 1);
        assert_int_equal(store_write(s, add, &id, &err), ERR);
        assert_int_equal(err.code, SB_STORE_IO);
        assert_int_equal(seen(s).rows, 0);
        store_close(s);
        disk_free(d);
}

static void reading_fails_and_goes_on(void **state)
{
        struct disk *d = fresh(6);
        struct store *s = opened(d, false);
        struct found f;
        struct error err = {0};

        (void)state;
        assert_int_equal(until_it_fails(s, 1), ROWS);
        store_close(s);
        s = opened(d, false);
        disk_fail(d, DISK_READ, 2, 1);
        assert_true(store_read(s, look, &f, &err) < 0);
        assert_int_equal(err.code, SB_STORE_IO);
        assert_int_equal(seen(s).rows, ROWS);
        store_close(s);
        disk_free(d);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(what_is_written_stays_and_is_copied),
            cmocka_unit_test(the_power_fails_at_each_operation),
            cmocka_unit_test(who_does_not_sync_loses),
            cmocka_unit_test(errors_pass),
            cmocka_unit_test(a_full_disk_says_so),
            cmocka_unit_test(reading_fails_and_goes_on),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
