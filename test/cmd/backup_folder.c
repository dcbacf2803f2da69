/* SPDX-License-Identifier: Apache-2.0
 *
 * An SQLite database is written by chance, its log archived and worked in at any moment, copied at any moment; restored to any time it is what
 * it was then. A piece that is missing, changed, exchanged or of another key is found.
 */
#include "cmd/backup_folder.h"
#include "base/rng.h"
#include "support/pg.h"
#include "testing.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ROUNDS = 160 };

struct place {
        char path[256], url[300], dir[256], key[256], out[256];
        struct backup_folder folder;
        struct archiver archiver;
        struct store *store;
        struct clock *clock;
        struct rng rng;
        struct error err;
};
struct moment {
        instant_t time;
        struct hash hash;
};

static int contents(struct tx *tx, void *ctx, struct error *err)
{
        struct hash *out = ctx;
        struct hash_state s = hash_begin();
        struct stmt *q;
        int rc = tx_query(&q, tx, err, "SELECT id, body FROM thing ORDER BY id", "");
        while (rc == 0 && (rc = stmt_step(q, err)) == 1) {
                int64_t id = stmt_int(q, 0);
                hash_add(&s, &id, sizeof id);
                hash_add(&s, stmt_blob(q, 1).p, stmt_blob(q, 1).n);
                rc = 0;
        }
        *out = hash_end(&s);
        return rc;
}

static int table_make(struct tx *tx, void *ctx, struct error *err)
{
        (void)ctx;
        return tx_exec(tx, err, "CREATE TABLE thing (id @int NOT NULL, body @blob NOT NULL, PRIMARY KEY (id)) @table", "");
}

static int write_some(struct tx *tx, void *ctx, struct error *err)
{
        struct place *p = ctx;
        static char body[30000];
        int rc = 0;
        for (int64_t i = rng_between(&p->rng, 1, 6); rc == 0 && i > 0; i--) {
                size_t n = (size_t)rng_between(&p->rng, 1, rng_below(&p->rng, 4) == 0 ? 30000 : 300);
                memset(body, (int)rng_between(&p->rng, 1, 250), n);
                rc = tx_exec(
                    tx, err,
                    "INSERT INTO thing (id, body) VALUES (?1@int, ?2@blob) ON CONFLICT (id) DO UPDATE SET body = ?2@blob", "ib",
                    rng_between(&p->rng, 1, 60), (struct str){body, n});
        }
        if (rc == 0 && rng_below(&p->rng, 5) == 0) {
                rc = tx_exec(tx, err, "DELETE FROM thing WHERE id > ?1@int", "i", rng_between(&p->rng, 1, 60));
        }
        return rc;
}

static void place_make(struct place *p, uint64_t seed, int64_t frames)
{
        struct store_options options = {.create = true};
        bool made = false;
        static int number;
        number++;
        *p = (struct place){.rng = rng_new(seed, 0)};
        text_format(p->path, sizeof p->path, "%s/%d.db", test_scratch(), number);
        text_format(p->url, sizeof p->url, "sqlite:%s", p->path);
        text_format(p->dir, sizeof p->dir, "%s/%d.backups", test_scratch(), number);
        text_format(p->key, sizeof p->key, "%s/%d.key", test_scratch(), number);
        text_format(p->out, sizeof p->out, "%s/%d.restored", test_scratch(), number);
        p->clock = clock_virtual(day_instant(20000));
        assert_ok(backup_open(&p->folder, p->dir, p->key, &made, &p->err), p->err);
        assert_true(made);
        assert_ok(archiver_open(&p->archiver, &p->folder, p->path, &p->err), p->err);
        p->archiver.work_in_frames = frames;
        assert_ok(archive_mark(p->path, true, &p->err), p->err);
        assert_ok(store_open(&p->store, p->url, &options, &p->err), p->err);
        assert_ok(store_write(p->store, table_make, NULL, &p->err), p->err);
}

static void place_free(struct place *p)
{
        store_close(p->store);
        clock_free(p->clock);
}

static void step(struct place *p)
{
        clock_advance(p->clock, 1000000);
        assert_ok(archiver_step(&p->archiver, p->clock, &p->err), p->err);
}

static void copy(struct place *p)
{
        struct backup_copy c;
        clock_advance(p->clock, 1000000);
        assert_ok(backup_copy(&p->folder, p->path, NULL, p->clock, &c, &p->err), p->err);
}

static struct hash now(struct place *p)
{
        struct hash h;
        assert_ok(store_read(p->store, contents, &h, &p->err), p->err);
        return h;
}

/* The restored contents; the file is taken away. */
static struct hash restored(struct place *p, instant_t time)
{
        struct hash h = {{0}};
        struct store *s = NULL;
        instant_t reached = 0;
        char url[300];
        assert_ok(backup_restore(&p->folder, time, p->out, NULL, &reached, &p->err), p->err);
        assert_true(reached <= time);
        assert_ok(store_open(&s, text_format(url, sizeof url, "sqlite:%s", p->out), NULL, &p->err), p->err);
        assert_ok(store_read(s, contents, &h, &p->err), p->err);
        store_close(s);
        unlink(p->out);
        return h;
}

/* Written, archived, worked in, copied in any order, and the database closed and opened in between. */
static void rounds(struct place *p, struct moment *m)
{
        copy(p);
        for (int i = 0; i < ROUNDS; i++) {
                for (int64_t k = rng_between(&p->rng, 0, 3); k > 0; k--) {
                        assert_ok(store_write(p->store, write_some, p, &p->err), p->err);
                }
                if (rng_below(&p->rng, 9) == 0) {
                        copy(p);
                }
                if (rng_below(&p->rng, 12) == 0) {
                        store_close(p->store);
                        assert_ok(store_open(&p->store, p->url, NULL, &p->err), p->err);
                        assert_ok(archiver_open(&p->archiver, &p->folder, p->path, &p->err), p->err);
                        p->archiver.work_in_frames = 60;
                }
                step(p);
                m[i] = (struct moment){clock_now(p->clock), now(p)};
                assert_false(p->archiver.gap);
        }
}

static void test_any_time_comes_back(void **state)
{
        static struct moment m[ROUNDS];
        (void)state;
        for (uint64_t seed = 1; seed <= 2; seed++) {
                struct place p;
                struct stat st;
                place_make(&p, seed, 60);
                rounds(&p, m);
                for (int i = 0; i < ROUNDS; i += 7) {
                        struct hash h = restored(&p, m[i].time);
                        assert_memory_equal(&h, &m[i].hash, sizeof h);
                }
                struct hash last = restored(&p, INSTANT_END);
                assert_memory_equal(&last, &m[ROUNDS - 1].hash, sizeof last);
                char wal[300];
                assert_int_equal(stat(text_format(wal, sizeof wal, "%s-wal", p.path), &st), 0);
                assert_true(st.st_size < 400 * 8192); /* it is worked in */
                assert_true(p.archiver.last.at.checkpoint > 5);
                place_free(&p);
        }
}

static void test_what_is_missing_is_told(void **state)
{
        struct place p;
        instant_t reached = 0;
        char name[300], other[300];
        (void)state;
        place_make(&p, 5, 1000000);
        assert_error(backup_restore(&p.folder, INSTANT_END, p.out, NULL, &reached, &p.err), p.err, SB_BACKUP_NONE);
        copy(&p);
        instant_t first = clock_now(p.clock);
        for (int i = 0; i < 6; i++) {
                assert_ok(store_write(p.store, write_some, &p, &p.err), p.err);
                step(&p);
        }
        restored(&p, INSTANT_END);
        assert_error(backup_restore(&p.folder, first - 1, p.out, NULL, &reached, &p.err), p.err, SB_BACKUP_NONE);
        assert_error(backup_restore(&p.folder, INSTANT_END, p.path, NULL, &reached, &p.err), p.err, SB_RESTORE_EXISTS);
        /* Another key opens nothing. */
        struct backup_folder strange = p.folder;
        strange.key[0] ^= 1;
        assert_error(backup_restore(&strange, INSTANT_END, p.out, NULL, &reached, &p.err), p.err, SB_SEAL_BROKEN);
        /* One byte of a piece. */
        struct buf bytes;
        buf_init(&bytes, 1 << 26);
        text_format(name, sizeof name, "%s/log/%012d.log", p.dir, 4);
        assert_ok(file_read(&bytes, name, 1 << 26, &p.err), p.err);
        bytes.p[bytes.n / 2] ^= 1;
        assert_ok(file_write(name, bytes.p, bytes.n, &p.err), p.err);
        assert_error(backup_restore(&p.folder, INSTANT_END, p.out, NULL, &reached, &p.err), p.err, SB_SEAL_BROKEN);
        assert_int_not_equal(access(p.out, F_OK), 0);
        bytes.p[bytes.n / 2] ^= 1;
        /* Cut off; exchanged with another piece; missing. */
        assert_ok(file_write(name, bytes.p, bytes.n - 40, &p.err), p.err);
        assert_error(backup_restore(&p.folder, INSTANT_END, p.out, NULL, &reached, &p.err), p.err, SB_SEAL_BROKEN);
        text_format(other, sizeof other, "%s/log/%012d.log", p.dir, 3);
        assert_ok(file_write(other, bytes.p, bytes.n, &p.err), p.err);
        assert_error(backup_restore(&p.folder, INSTANT_END, p.out, NULL, &reached, &p.err), p.err, SB_SEAL_BROKEN);
        assert_ok(file_write(name, bytes.p, bytes.n, &p.err), p.err);
        assert_int_equal(unlink(other), 0);
        assert_error(backup_restore(&p.folder, INSTANT_END, p.out, NULL, &reached, &p.err), p.err, SB_BACKUP_GAP);
        buf_dispose(&bytes);
        place_free(&p);
}

/* Somebody else works the log in and begins a new one: the archiver notices, a copy closes the gap. */
static void test_a_gap_is_noticed_and_closed(void **state)
{
        struct place p;
        instant_t reached = 0;
        (void)state;
        place_make(&p, 6, 1000000);
        copy(&p);
        assert_ok(store_write(p.store, write_some, &p, &p.err), p.err);
        step(&p);
        instant_t before = clock_now(p.clock);
        struct hash then = now(&p);
        for (int i = 0; i < 3; i++) { /* two logs that the archive never saw */
                store_close(p.store);
                assert_ok(archive_mark(p.path, false, &p.err), p.err);
                assert_ok(store_open(&p.store, p.url, NULL, &p.err), p.err);
                assert_ok(store_write(p.store, write_some, &p, &p.err), p.err);
                store_close(p.store);
                assert_ok(archive_mark(p.path, true, &p.err), p.err);
                assert_ok(store_open(&p.store, p.url, NULL, &p.err), p.err);
                assert_ok(store_write(p.store, write_some, &p, &p.err), p.err);
        }
        step(&p);
        assert_true(p.archiver.gap);
        assert_error(backup_restore(&p.folder, INSTANT_END, p.out, NULL, &reached, &p.err), p.err, SB_BACKUP_GAP);
        struct hash h = restored(&p, before);
        assert_memory_equal(&h, &then, sizeof h);
        copy(&p);
        p.archiver.gap = false;
        assert_ok(store_write(p.store, write_some, &p, &p.err), p.err);
        step(&p);
        then = now(&p);
        h = restored(&p, INSTANT_END);
        assert_memory_equal(&h, &then, sizeof h);
        place_free(&p);
}

static void test_old_ones_are_taken_away(void **state)
{
        struct place p;
        struct moment m[12];
        instant_t reached = 0;
        int removed = 0;
        (void)state;
        place_make(&p, 7, 30);
        for (int i = 0; i < 12; i++) {
                copy(&p);
                assert_ok(store_write(p.store, write_some, &p, &p.err), p.err);
                step(&p);
                m[i] = (struct moment){clock_now(p.clock), now(&p)};
                clock_advance(p.clock, (int64_t)86400 * 1000000);
        }
        assert_ok(backup_prune(&p.folder, clock_now(p.clock), 5, &removed, &p.err), p.err);
        assert_true(removed >= 8);
        for (int i = 7; i < 12; i++) {
                struct hash h = restored(&p, m[i].time);
                assert_memory_equal(&h, &m[i].hash, sizeof h);
        }
        assert_error(backup_restore(&p.folder, m[2].time, p.out, NULL, &reached, &p.err), p.err, SB_BACKUP_NONE);
        assert_ok(backup_prune(&p.folder, clock_now(p.clock), 5, &removed, &p.err), p.err);
        assert_int_equal(removed, 0);
        place_free(&p);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_any_time_comes_back),
            cmocka_unit_test(test_what_is_missing_is_told),
            cmocka_unit_test(test_a_gap_is_noticed_and_closed),
            cmocka_unit_test(test_old_ones_are_taken_away),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
